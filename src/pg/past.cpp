// why, why_changed, score_at: a lead's score now and at other times, and what it comes from.
#include "pg/guard.hpp"
#include "pg/lead_question.hpp"

namespace leadscore {
namespace {

enum Argument { kModel, kLeadKey };

Tuplestorestate* result_store(FunctionCallInfo fcinfo) {
  return reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo)->setResult;
}

Parameter time_parameter(TimestampTz at) { return {TIMESTAMPTZOID, TimestampTzGetDatum(at)}; }

}  // namespace

/// why(model, lead_key, as_of) -> table: as explain's
LEADSCORE_FUNCTION(why) {
  constexpr int kAsOf = 2;
  InitMaterializedSRF(fcinfo, 0);
  if (PG_ARGISNULL(kModel) || PG_ARGISNULL(kLeadKey)) PG_RETURN_NULL();
  LeadQuestion* const question = open_question(fcinfo, Tells::lead);
  if (PG_ARGISNULL(kAsOf)) {
    read_live_state(question);
  } else {
    read_rules(question, nullptr);
    question->as_of = finite_time(fcinfo, kAsOf, "as_of");
    question->state = state_at(question, question->as_of);
  }
  const Parameter parameters[] = {question->rules, question->lead, question->state,
                                  time_parameter(question->as_of)};
  read_tuples("SELECT e.* FROM leadscore.explain($1, $2, $3, $4) e", parameters, result_store(fcinfo));
  close_question(question);
  PG_RETURN_NULL();
}

/// why_changed(model, lead_key, since, until) -> table(dimension, rule, label, before, after, delta)
LEADSCORE_FUNCTION(why_changed) {
  constexpr int kSince = 2, kUntil = 3;
  InitMaterializedSRF(fcinfo, 0);
  const TimestampTz since = finite_time(fcinfo, kSince, "since");
  const TimestampTz until = finite_time(fcinfo, kUntil, "until");
  LeadQuestion* const question = open_question(fcinfo, Tells::lead);
  read_rules(question, nullptr);
  const Parameter parameters[] = {question->rules,           question->lead,
                                  state_at(question, since), time_parameter(since),
                                  state_at(question, until), time_parameter(until)};
  // Points that differ in the last bits of sums have not changed: core/attribution.hpp draws the same line.
  read_tuples(
      "SELECT c.dimension, c.rule, c.label, c.before, c.after, c.after - c.before "
      "FROM (SELECT coalesce(u.dimension, s.dimension) AS dimension, coalesce(u.rule, s.rule) AS rule, "
      "coalesce(u.label, s.label) AS label, coalesce(s.points, 0) AS before, coalesce(u.points, 0) AS after, "
      "u.place AS place_after, s.place AS place_before "
      "FROM leadscore.explain($1, $2, $3, $4) WITH ORDINALITY s(dimension, rule, label, points, reason, "
      "place) "
      "FULL JOIN leadscore.explain($1, $2, $5, $6) WITH ORDINALITY u(dimension, rule, label, points, reason, "
      "place) "
      "ON coalesce(s.dimension, '') = coalesce(u.dimension, '') AND coalesce(s.rule, '') = coalesce(u.rule, "
      "'') "
      "AND s.label = u.label) c "
      "WHERE abs(c.after - c.before) > greatest(1e-9, 1e-12 * greatest(abs(c.before), abs(c.after))) "
      "ORDER BY abs(c.after - c.before) DESC, c.place_after, c.place_before",
      parameters, result_store(fcinfo));
  close_question(question);
  PG_RETURN_NULL();
}

/// score_at(model, lead_key, as_of, version) -> scored
LEADSCORE_FUNCTION(score_at) {
  constexpr int kAsOf = 2, kVersion = 3;
  if (PG_ARGISNULL(kModel) || PG_ARGISNULL(kLeadKey) || PG_ARGISNULL(kAsOf)) PG_RETURN_NULL();
  const TimestampTz as_of = finite_time(fcinfo, kAsOf, "as_of");
  LeadQuestion* const question = open_question(fcinfo, Tells::score);
  const int version = PG_ARGISNULL(kVersion) ? 0 : PG_GETARG_INT32(kVersion);
  read_rules(question, PG_ARGISNULL(kVersion) ? nullptr : &version);
  const Parameter parameters[] = {question->rules, question->lead, state_at(question, as_of),
                                  time_parameter(as_of)};
  read_tuples("SELECT leadscore.score($1, $2, $3, $4)", parameters, nullptr);
  bool is_null;
  const Datum scored = SPI_datumTransfer(tuple_value(0, 1, &is_null), false, -1);
  close_question(question);
  PG_RETURN_DATUM(scored);
}

}  // namespace leadscore
