#include "pg/baseline.hpp"

#include "pg/acting.hpp"
#include "pg/arguments.hpp"
#include "pg/guard.hpp"
#include "pg/model_sql.hpp"
#include "pg/reading.hpp"
#include "pg/statement.hpp"

namespace leadscore {
namespace {

/// Columns of the statement that reads it.
enum Column { kLeads = 1, kRules, kFired, kBounds, kCounts };

/// `SELECT leads, rules, fired, bounds, counts`, in one pass over the leads; no row where there is none.
const char* read_baseline(const Model* model) {
  return psprintf(
      "SELECT (a.census).* FROM (SELECT leadscore.census(%s, l.lead, s.version, s.engagement, "
      "pg_catalog.now()) AS census FROM (%s) l LEFT JOIN %s.state s ON s.%s %s l.key OFFSET 0) a "
      "WHERE a.census IS NOT NULL",
      quote_literal_cstr(model->name), lead_rows(model, lead_relation(model)), model->schema,
      model->key_column, model->key_equals);
}

void forget_baseline(const Model* model) {
  const Parameter of[] = {text_parameter(model->name), int_parameter(model->version)};
  run_command("DELETE FROM leadscore.baseline WHERE model = $1 AND version = $2", of);
}

}  // namespace

void record_baseline(const Model* model) {
  if (!has_baselines()) return;
  const char* const text = read_baseline(model);
  uint64 found = 0;
  const bool known =
      try_reading([&] { found = select_tuples(model, text, {}, Load::many); }) == nullptr && found == 1;
  Parameter row[] = {
      text_parameter(model->name), int_parameter(model->version), {INT8OID, 0},     {TEXTARRAYOID, 0},
      {INT8ARRAYOID, 0},           {FLOAT8ARRAYOID, 0},           {INT8ARRAYOID, 0}};
  if (known) {
    for (int column = kLeads; column <= kCounts; ++column)
      row[column + 1].value = tuple_value(0, column, &row[column + 1].is_null);
  }
  const Acting before = act_as(extension_owner(), false);
  if (known) {
    run_command(
        "INSERT INTO leadscore.baseline (model, version, leads, rules, fired, bounds, counts) VALUES ($1, "
        "$2, $3, $4, $5, $6, $7) ON CONFLICT (model, version) DO UPDATE SET leads = $3, rules = $4, fired "
        "= $5, bounds = $6, counts = $7, taken_at = excluded.taken_at",
        row);
  } else {
    forget_baseline(model);
  }
  stop_acting(before);
}

bool has_baselines() {
  return OidIsValid(get_relname_relid("baseline", get_namespace_oid("leadscore", false)));
}

bool has_baseline(const Model* model) {
  if (!has_baselines()) return false;
  const Parameter of[] = {text_parameter(model->name), int_parameter(model->version)};
  const Acting before = act_as(extension_owner(), false);
  const uint64 count = read_command("SELECT FROM leadscore.baseline WHERE model = $1 AND version = $2", of);
  stop_acting(before);
  return count > 0;
}

/// take_baseline(model)
LEADSCORE_FUNCTION(take_baseline) {
  const Model* model = open_model(required_text(fcinfo, 0, "model"), NoLock);
  check_owns(model);
  model = open_model(model->name, ShareUpdateExclusiveLock);
  check_has_leads(model);
  if (model->rebuilding) {
    ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                    errmsg("states of model \"%s\" wait to be rebuilt", model->name),
                    errhint("CALL leadscore.rescore(%s) rebuilds them, and takes a baseline at its end.",
                            quote_literal_cstr(model->name))));
  }
  SPI_connect();
  const Acting before = act_as(model->owner, true);
  record_baseline(model);
  stop_acting(before);
  SPI_finish();
  PG_RETURN_VOID();
}

}  // namespace leadscore
