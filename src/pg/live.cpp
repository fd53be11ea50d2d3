#include "pg/live.hpp"

#include "pg/settle.hpp"

namespace leadscore {
namespace {

void notify(const Model* model, int64 first, int64 last) {
  if (!model->notify) return;
  StringInfoData payload;
  initStringInfo(&payload);
  appendStringInfoString(&payload, "{\"model\": ");
  escape_json(&payload, model->name);
  appendStringInfo(&payload, ", \"from\": " INT64_FORMAT ", \"to\": " INT64_FORMAT "}", first, last);
  Async_Notify("leadscore", payload.data);
}

}  // namespace

void write_moves(const Model* model, const Rows& moved, const char* cause) {
  // What a view showed before a table that it reads has changed, nobody knows any more.
  const char kind = get_rel_relkind(model->lead);
  const bool rules_known =
      std::strcmp(cause, "lead") != 0 || kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE;
  const Parameter parameters[] = {text_parameter(model->name),
                                  int_parameter(model->version),
                                  text_parameter(cause),
                                  {BOOLOID, BoolGetDatum(rules_known)}};
  publish_rows(moved);
  const uint64 count = run_statement(model, write_transitions(moved.name), parameters, load_of(moved.count));
  withdraw_rows(moved.name);
  if (count == 0) return;
  bool is_null;
  const int64 first = DatumGetInt64(tuple_value(0, 1, &is_null));
  const int64 last = DatumGetInt64(tuple_value(count - 1, 1, &is_null));
  SPI_freetuptable(SPI_tuptable);
  notify(model, first, last);
}

uint64 refresh_touched(const Model* model, const Rows& touched, Refresh refresh, const char* cause) {
  if (touched.count == 0) return 0;
  const Load load = load_of(touched.count);
  publish_rows(touched);
  const Parameter version[] = {int_parameter(model->version)};
  run_statement(model, lock_touched(model), version, load);

  settle_counts = {};
  const Parameter rules[] = {rules_parameter(model->rules), int_parameter(model->version)};
  const Rows settled = select_rows(model, kSettledRows, settle_touched(model, refresh), rules, load);
  const SettleCounts counts = settle_counts;
  publish_rows(settled);
  run_statement(model, write_settled(model), version, load);
  if (counts.gone > 0) run_statement(model, delete_gone(model), {}, load);
  withdraw_rows(kSettledRows);
  if (counts.moved > 0 && cause != nullptr) write_moves(model, settled, cause);
  withdraw_rows(kTouched);
  tuplestore_end(settled.store);
  return settled.count;
}

bool has_watches(const Model* model) {
  for (int i = 0; i < model->binding_count; ++i) {
    if (model->bindings[i].role == Role::watch) return true;
  }
  return false;
}

void lock_watched(const Model* model, bool exclusive) {
  // An object lock on the state table, below the table's own: sub-object 1 stands for what is watched.
  LockDatabaseObject(RelationRelationId, model->state, 1, exclusive ? ExclusiveLock : ShareLock);
}

}  // namespace leadscore
