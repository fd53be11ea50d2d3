// publish: a new version of a model's rule set comes into force.
#include "pg/acting.hpp"
#include "pg/arguments.hpp"
#include "pg/baseline.hpp"
#include "pg/fit.hpp"
#include "pg/guard.hpp"
#include "pg/live.hpp"
#include "pg/model_views.hpp"

namespace leadscore {
namespace {

/// Dimensions that have no column in the view score yet.
List* without_column(const Model* model, const List* dimensions) {
  List* missing = NIL;
  for (int i = 0; i < list_length(dimensions); ++i) {
    char* const name = static_cast<char*>(list_nth(dimensions, i));
    bool found = false;
    for (int j = 0; j < list_length(model->dimensions); ++j)
      found = found || std::strcmp(name, static_cast<const char*>(list_nth(model->dimensions, j))) == 0;
    if (!found) missing = lappend(missing, name);
  }
  return missing;
}

/// Locks the model against who writes scores and, where the view score is to get a column, the view against
/// its readers. Never waits for one while it holds the other: a transaction that reads scores and then writes
/// activities, or the other way round, would be caught between the two.
const Model* lock_to_publish(const char* name, const List* dimensions) {
  for (;;) {
    const Model* const model = open_model(name, ShareRowExclusiveLock);
    if (without_column(model, dimensions) == NIL) return model;
    const Oid view = get_relname_relid("score", get_namespace_oid(name, false));
    if (!OidIsValid(view) || ConditionalLockRelationOid(view, AccessExclusiveLock)) return model;
    const Oid state = model->state;
    UnlockRelationOid(state, ShareRowExclusiveLock);
    LockRelationOid(view, AccessExclusiveLock);
    if (ConditionalLockRelationOid(state, ShareRowExclusiveLock)) {
      const Model* const now = open_model(name, NoLock);
      if (now->state == state) return now;
      UnlockRelationOid(state, ShareRowExclusiveLock);
    }
    UnlockRelationOid(view, AccessExclusiveLock);
  }
}

/// Puts the version into force; returns the model as it is then.
const Model* flip(const Model* model, const text* rules, const char* note, bool rebuilding,
                  const List* dimensions) {
  const int number = model->versions[model->version_count - 1].number + 1;
  const Acting before = act_as(extension_owner(), false);
  const Parameter version_row[] = {text_parameter(model->name),
                                   int_parameter(number),
                                   {TEXTOID, PointerGetDatum(rules)},
                                   {INT8OID, Int64GetDatum(activity_hash(rules))},
                                   text_parameter(note)};
  run_command(
      "INSERT INTO leadscore.model_version (model, version, rules, activity_hash, note) "
      "VALUES ($1, $2, $3, $4, $5)",
      version_row);
  const Parameter model_row[] = {text_parameter(model->name),
                                 int_parameter(number),
                                 {BOOLOID, BoolGetDatum(rebuilding)},
                                 text_list_parameter(dimensions)};
  run_command(
      "UPDATE leadscore.model SET version = $2, rebuilding = $3, dimensions = dimensions || $4 "
      "WHERE name = $1",
      model_row);
  stop_acting(before);
  return read_anew(model);
}

void write_summary(const Model* model, uint64 leads) {
  const Parameter row[] = {text_parameter(model->name),
                           int_parameter(model->version),
                           {INT8OID, Int64GetDatum(static_cast<int64>(leads))},
                           {TIMESTAMPTZOID, TimestampTzGetDatum(GetCurrentTimestamp())}};
  run_statement(model,
                "INSERT INTO leadscore.transition (model, version, cause, leads, at) "
                "VALUES ($1, $2, 'publish', $3, $4) RETURNING id",
                row, Load::few);
  bool is_null;
  const int64 id = DatumGetInt64(tuple_value(0, 1, &is_null));
  notify_transitions(model, id, id);
}

}  // namespace

/// publish(model, rules, note, rebuild) -> integer
LEADSCORE_FUNCTION(publish) {
  enum Argument { kModel, kRules, kNote, kRebuild };
  const char* const name = required_text(fcinfo, kModel, "model");
  if (PG_ARGISNULL(kRules))
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("rules must not be NULL")));
  const text* const rules = PG_GETARG_TEXT_PP(kRules);
  const char* const note = optional_text(fcinfo, kNote);
  const char* const rebuild = required_text(fcinfo, kRebuild, "rebuild");
  const bool later = std::strcmp(rebuild, "later") == 0;
  if (!later && std::strcmp(rebuild, "now") != 0) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("rebuild must be 'now' or 'later', not '%s'", rebuild)));
  }
  check_owns(open_model(name, NoLock));
  List* const dimensions = dimension_names(rules);
  const Model* model = lock_to_publish(name, dimensions);
  check_has_leads(model);
  check_dimension_names(get_attname(model->state, 1, false), dimensions);

  SPI_connect();
  const Acting before = act_as(model->owner, true);
  check_model_fits(model, rules);
  // States that wait to be rebuilt are of several versions: some fit at most.
  const bool fits = !model->rebuilding && activity_hash(rules) == model->activity_hash;
  List* const added = without_column(model, dimensions);
  model = flip(model, rules, note, later && !fits, added);
  if (added != NIL) add_dimension_columns(model);
  write_summary(model, later ? 0 : refresh_all(model, fits ? Refresh::keep : Refresh::fold));
  if (!later) record_baseline(model);
  const int version = model->version;
  stop_acting(before);
  SPI_finish();
  PG_RETURN_INT32(version);
}

}  // namespace leadscore
