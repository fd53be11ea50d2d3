// simulate and compare: what a rule set would change, before anyone publishes it.
#include "pg/acting.hpp"
#include "pg/arguments.hpp"
#include "pg/careful_sql.hpp"
#include "pg/fit.hpp"
#include "pg/guard.hpp"
#include "pg/live.hpp"
#include "pg/readable.hpp"

namespace leadscore {
namespace {

/// Do the states that the query sees fit rules of this activity hash?
bool states_fit(const Model* model, int64 hash) {
  Oid types[] = {TEXTOID, INT8OID};
  Datum values[] = {CStringGetTextDatum(model->name), Int64GetDatum(hash)};
  const int code = SPI_execute_with_args(misfit(model), 2, types, values, nullptr, true, 1);
  if (code != SPI_OK_SELECT)
    elog(ERROR, "reading leadscore's tables failed: %s", SPI_result_code_string(code));
  return SPI_processed == 0;
}

/// `SELECT lead_key, old_total, new_total, old_tier, new_tier`, a row a lead, in the order of keys. Both as
/// of now, or of what a state has seen since the query began. $1: the candidate, $2: the model's name.
/// Where states can't be used, what activities amount to by the candidate is published as kGathered.
const char* comparison(const Model* model, bool reuse) {
  const char* const state = reuse ? "s.engagement" : "f.added";
  return psprintf(
      "SELECT l.key::text AS lead_key, (x.old).total AS old_total, (x.new).total AS new_total, "
      "(x.old).tier AS old_tier, (x.new).tier AS new_tier FROM (%s) l LEFT JOIN %s.state s ON s.%s %s "
      "l.key%s "
      "CROSS JOIN LATERAL (SELECT greatest(now(), leadscore.last_activity_at(s.engagement, '-infinity'), "
      "leadscore.last_activity_at(%s, '-infinity')) AS at) w "
      "CROSS JOIN LATERAL (SELECT leadscore.live_score($2, l.lead, s.version, s.engagement, w.at) AS old, "
      "leadscore.score($1, l.lead, %s, w.at) AS new OFFSET 0) x ORDER BY l.key",
      lead_rows(model, lead_relation(model)), model->schema, model->key_column, model->key_equals,
      reuse ? "" : psprintf(" LEFT JOIN %s f ON f.key %s l.key", kGathered, model->key_equals), state, state);
}

/// `comparison` aggregated. $3, $4: the tiers of both rule sets, in order.
const char* matrix(const char* comparison) {
  return psprintf(
      "SELECT c.old_tier, c.new_tier, count(*) FROM (%s) c GROUP BY c.old_tier, c.new_tier "
      "ORDER BY array_position($3, c.old_tier), c.old_tier, array_position($4, c.new_tier), c.new_tier",
      comparison);
}

/// compare(model, rules) and simulate(model, rules).
Datum answer(FunctionCallInfo fcinfo, bool sum) {
  const char* const name = required_text(fcinfo, 0, "model");
  if (PG_ARGISNULL(1))
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("rules must not be NULL")));
  const text* const rules = PG_GETARG_TEXT_PP(1);
  InitMaterializedSRF(fcinfo, 0);
  const Model* const model = open_model(name, NoLock);
  check_owns(model);
  check_has_leads(model);
  SPI_connect();
  const Acting before = act_as(model->owner, true);
  check_model_fits(model, rules);
  const bool reuse = states_fit(model, activity_hash(rules));
  Rows history{};
  if (!reuse) {
    history = readable_history(model, kGathered, false, rules_parameter(rules), nullptr);
    publish_rows(history);
  }
  const char* const each = comparison(model, reuse);
  const Parameter parameters[] = {rules_parameter(rules), text_parameter(name),
                                  text_list_parameter(tier_names(model->rules)),
                                  text_list_parameter(tier_names(rules))};
  select_into(reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo), sum ? matrix(each) : each,
              parameters);
  if (!reuse) tuplestore_end(history.store);
  stop_acting(before);
  SPI_finish();
  PG_RETURN_NULL();
}

}  // namespace

LEADSCORE_FUNCTION(compare) { return answer(fcinfo, false); }
LEADSCORE_FUNCTION(simulate) { return answer(fcinfo, true); }

}  // namespace leadscore
