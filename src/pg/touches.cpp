// touches: a lead's activities, each with the rules that count it and what it gives.
#include "core/attribution.hpp"
#include "pg/encoding.hpp"
#include "pg/engagement_object.hpp"
#include "pg/guard.hpp"
#include "pg/lead_question.hpp"

namespace leadscore {
namespace {

enum Argument { kModel, kLeadKey, kAsOf };
/// Columns of the query, and of the result.
enum Column { kAt, kKind, kSource, kTrace };
enum Result { kRules = kTrace, kPoints, kResultColumns };

constexpr long kBatch = 1000;  ///< rows fetched at once, of those that are not shown

struct TouchCall {
  RulesetPin rules;
  LeadSide lead;
  ScratchArena arena;
  std::vector<Engagement> states;
  std::vector<const Engagement*> asked;  ///< of each activity its state; nullptr: it counts nowhere
  EngagementWriter writer;
  Engagement rest;  ///< what the activities that are not shown amount to
  bool has_rest = false;
  std::vector<Touch> touches;
};

NullableDatum value_of(const SPITupleTable* rows, uint64 row, Column column) {
  NullableDatum made;
  made.value = SPI_getbinval(rows->vals[row], rows->tupdesc, column + 1, &made.isnull);
  return made;
}

/// Activities are newest first: the first ones are asked about.
void read_newest(TouchCall& call, const SPITupleTable* rows, uint64 count) {
  guarded([&] {
    call.states.clear();
    call.states.reserve(count);
    call.asked.clear();
    call.asked.reserve(count);
  });
  for (uint64 i = 0; i < count; ++i) {
    const EngagementArgument trace = engagement_value(value_of(rows, i, kTrace));
    guarded_change([&] {
      Engagement room;
      const Engagement* const state = read_engagement(trace, call.arena, room);
      if (state != nullptr) call.states.push_back(*state);
      call.asked.push_back(state == nullptr ? nullptr : &call.states.back());
    });
  }
}

void read_rest(TouchCall& call, Portal portal, TimestampTz as_of) {
  call.has_rest = false;
  call.rest = Engagement();
  call.rest.fingerprint = call.rules->compiled.plan.fingerprint();
  for (;;) {
    SPI_cursor_fetch(portal, true, kBatch);
    if (SPI_processed == 0) return;
    for (uint64 i = 0; i < SPI_processed; ++i) {
      const NullableDatum at = value_of(SPI_tuptable, i, kAt);
      const EngagementArgument trace = engagement_value(value_of(SPI_tuptable, i, kTrace));
      if (trace.bytes == nullptr || DatumGetTimestampTz(at.value) > as_of) continue;
      guarded_change([&] {
        ScratchArena scratch;
        Engagement room;
        call.writer.merge(call.rest, call.arena, *read_engagement(trace, scratch, room));
        call.has_rest = true;
      });
    }
    SPI_freetuptable(SPI_tuptable);
  }
}

Datum rule_names(const Touch& touch) {
  const std::size_t count = touch.rules.size();
  auto* const names = static_cast<Datum*>(palloc(sizeof(Datum) * (count + 1)));
  for (std::size_t i = 0; i < count; ++i) names[i] = PointerGetDatum(to_server_text(touch.rules[i]->id));
  return PointerGetDatum(construct_array(names, static_cast<int>(count), TEXTOID, -1, false, TYPALIGN_INT));
}

}  // namespace

/// touches(model, lead_key, as_of) -> table(at, kind, source, rules, points)
LEADSCORE_FUNCTION(touches) {
  InitMaterializedSRF(fcinfo, 0);
  if (PG_ARGISNULL(kModel) || PG_ARGISNULL(kLeadKey)) PG_RETURN_NULL();
  TouchCall& call = call_state<TouchCall>(fcinfo);
  LeadQuestion* const question = open_question(fcinfo, Tells::lead);
  const bool now = PG_ARGISNULL(kAsOf);
  if (now) {
    read_live_state(question);
  } else {
    read_rules(question, nullptr);
    question->as_of = finite_time(fcinfo, kAsOf, "as_of");
  }
  bind_lead(question, Purpose::score, call.rules, call.lead);
  call.arena.clear();
  publish_traces(question);
  const Parameter parameters[] = {{TIMESTAMPTZOID, TimestampTzGetDatum(question->as_of)},
                                  {BOOLOID, BoolGetDatum(now)}};
  const Portal portal = open_cursor(
      psprintf("SELECT t.at, t.kind, t.source, t.trace FROM %s t WHERE $2 OR t.at <= $1 OR t.at IS NULL "
               "ORDER BY t.at DESC NULLS LAST, t.kind NULLS LAST, t.source::text, t.trace",
               kTraces),
      parameters);
  SPI_cursor_fetch(portal, true, kMostTouches);
  const SPITupleTable* const rows = SPI_tuptable;
  const uint64 count = SPI_processed;
  read_newest(call, rows, count);
  read_rest(call, portal, question->as_of);
  SPI_cursor_close(portal);
  guarded([&] {
    call.touches = touches(call.lead.bound->program, call.lead.row, call.asked, question->as_of,
                           call.has_rest ? &call.rest : nullptr);
  });
  const auto* const results = reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo);
  for (uint64 i = 0; i < count; ++i) {
    Datum values[kResultColumns];
    bool nulls[kResultColumns] = {};
    for (const Column column : {kAt, kKind, kSource}) {
      const NullableDatum value = value_of(rows, i, column);
      values[column] = value.value;
      nulls[column] = value.isnull;
    }
    values[kRules] = rule_names(call.touches[i]);
    values[kPoints] = Float8GetDatum(call.touches[i].points);
    tuplestore_putvalues(results->setResult, results->setDesc, values, nulls);
  }
  close_question(question);
  PG_RETURN_NULL();
}

}  // namespace leadscore
