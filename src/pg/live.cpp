#include "pg/live.hpp"

#include "pg/careful.hpp"
#include "pg/key_index.hpp"
#include "pg/local_transaction.hpp"
#include "pg/settle.hpp"
#include "pg/shared_keys.hpp"

namespace leadscore {
namespace {

/// Models of which leads were recomputed from their activities within the client's statement.
struct Recomputed {
  TimestampTz statement;
  LocalTransactionId transaction;
  List* models;  ///< of int: ids; in TopMemoryContext
} recomputed;

bool same_statement() {
  return recomputed.statement == GetCurrentStatementStartTimestamp() &&
         recomputed.transaction == local_transaction();
}

void note_recomputed(const Model* model) {
  if (!same_statement()) {
    list_free(recomputed.models);
    recomputed.models = NIL;
    recomputed.statement = GetCurrentStatementStartTimestamp();
    recomputed.transaction = local_transaction();
  }
  const MemoryContext before = MemoryContextSwitchTo(TopMemoryContext);
  recomputed.models = list_append_unique_int(recomputed.models, model->id);
  MemoryContextSwitchTo(before);
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
  notify_transitions(model, first, last);
}

namespace {

/// Writes it to the rows that are there.
void write_rows(const Model* model, SettleCounts counts, Load load) {
  const Parameter version[] = {int_parameter(model->version)};
  run_statement(model, write_settled(model), version, load);
  if (counts.gone > 0) run_statement(model, delete_gone(model), {}, load);
}

/// Settles what is published as touched. false: something can't be read.
bool try_settle(const Model* model, Refresh refresh, Load load, Rows* settled) {
  settle_counts = {};
  const Parameter rules[] = {rules_parameter(model->rules), int_parameter(model->version)};
  return try_select(model, settled, settle_touched(model, refresh), rules, load) == nullptr;
}

}  // namespace

void fail_unseen() {
  ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                  errmsg("could not serialize access due to concurrent update"),
                  errdetail("Another transaction has changed the lead's score since this one began."),
                  errhint("The transaction might succeed if retried.")));
}

namespace {

/// Does the transaction see the rows of state that it is about to change? They are locked.
void check_seen(const Model* model, Load load) {
  if (!IsolationUsesXactSnapshot()) return;
  const Rows places = select_rows(model, kPlaces, places_of_touched(model), {}, load);
  publish_rows(places);
  const uint64 count = select_tuples(model, misplaced(model), {}, load, Seen::transaction);
  if (count > 0) fail_unseen();
  withdraw_rows(kPlaces);
  tuplestore_end(places.store);
}

}  // namespace

uint64 refresh_touched(const Model* model, const Rows& touched, Refresh refresh, const char* cause) {
  if (touched.count == 0) return 0;
  if (refresh == Refresh::fold) note_recomputed(model);
  const Load load = load_of(touched.count);
  publish_rows(touched);
  const Parameter version[] = {int_parameter(model->version)};
  run_statement(model, lock_touched(model), version, load);
  check_seen(model, load);
  // Who held the rows may have attached a partition: the statements below are planned with it.
  model = up_to_date(model);
  Rows settled = new_rows(kSettledRows);
  while (!try_settle(model, refresh, load, &settled)) {
    // It may have waited for who has renamed a table: then it is to be said in other words.
    const Model* const now = up_to_date(model);
    if (now == model) {
      settle_with_care(model, touched, refresh, &settled);
      break;
    }
    model = now;
  }
  if (settled.count > touched.count) keep_one_lead(model, &settled);
  const SettleCounts counts = settle_counts;
  publish_rows(settled);
  write_rows(model, counts, load);
  withdraw_rows(kSettledRows);
  if (counts.moved > 0 && cause != nullptr) write_moves(model, settled, cause);
  withdraw_rows(kTouched);
  tuplestore_end(settled.store);
  return settled.count;
}

namespace {

/// Where something can't be read: lead by lead as far as need be.
uint64 refresh_all_with_care(const Model* model, Refresh refresh) {
  const Rows all = select_rows(model, kTouched, touched_all(model), {}, Load::many);
  refresh_touched(model, all, refresh, nullptr);
  tuplestore_end(all.store);
  return settle_counts.moved;
}

/// Writes all that has been settled, with the rows that are missing.
void write_all(const Model* model, Rows* settled, bool missing) {
  if (!key_is_unique(model)) keep_one_lead(model, settled);
  const SettleCounts counts = settle_counts;
  publish_rows(*settled);
  write_rows(model, counts, Load::many);
  if (missing) {
    const Parameter version[] = {int_parameter(model->version)};
    run_statement(model, insert_settled(model), version, Load::many);
  }
  withdraw_rows(kSettledRows);
  tuplestore_end(settled->store);
}

}  // namespace

uint64 refresh_all(const Model* model, Refresh refresh) {
  // That way looks whether the transaction sees the rows that it is about to change.
  if (IsolationUsesXactSnapshot()) return refresh_all_with_care(model, refresh);
  if (refresh == Refresh::fold) note_recomputed(model);
  settle_counts = {};
  const Parameter rules[] = {rules_parameter(model->rules), int_parameter(model->version)};
  Rows settled = new_rows(kSettledRows);
  if (try_select(model, &settled, settle_all(model, refresh), rules, Load::many) != nullptr)
    return refresh_all_with_care(model, refresh);
  const uint64 moved = settle_counts.moved;
  write_all(model, &settled, refresh == Refresh::fold);
  return moved;
}

bool add_new_source(const Model* model, const Binding* binding) {
  const char* const added = bulk_history_of(model, binding, model->rules);
  if (added == nullptr || model->rebuilding || IsolationUsesXactSnapshot()) return false;
  settle_counts = {};
  const Parameter rules[] = {rules_parameter(model->rules)};
  Rows settled = new_rows(kSettledRows);
  if (try_select(model, &settled, settle_new_source(model, added), rules, Load::many) != nullptr)
    return false;
  write_all(model, &settled, true);
  return true;
}

bool was_recomputed(const Model* model) {
  return same_statement() && list_member_int(recomputed.models, model->id);
}

void notify_transitions(const Model* model, int64 first, int64 last) {
  if (!model->notify) return;
  StringInfoData payload;
  initStringInfo(&payload);
  appendStringInfoString(&payload, "{\"model\": ");
  escape_json(&payload, model->name);
  appendStringInfo(&payload, ", \"from\": " INT64_FORMAT ", \"to\": " INT64_FORMAT "}", first, last);
  Async_Notify("leadscore", payload.data);
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
