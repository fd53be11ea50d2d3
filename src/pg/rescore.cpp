// rescore: every lead of a model anew from its activities, in batches that are committed one by one.
//
// Each batch is a statement by the protocol of live.hpp: beside it leads and activities change as ever. What
// stands in leadscore.rescore_run is committed with the batch, so a run that was stopped goes on where it
// was.
//
// A batch takes the rows that it can lock at once; those that others are writing come after it, one by one,
// each in a transaction of its own. So a run never waits for a row while it holds another, and a transaction
// that touches leads in any order can't get into a deadlock with it.
#include "pg/acting.hpp"
#include "pg/arguments.hpp"
#include "pg/baseline.hpp"
#include "pg/careful.hpp"
#include "pg/guard.hpp"
#include "pg/live.hpp"

namespace leadscore {
namespace {

/// What lasts from one transaction to the next.
struct Run {
  MemoryContext memory;  ///< of the texts
  const char* name;
  Oid state;
  int batch;
  int version;     ///< that the leads are brought to
  char* position;  ///< the last key that was done, as text; nullptr: none
};

enum class Outcome : char {
  more,
  done,
  overtaken,  ///< another version is in force by now: all over again
};

/// A transaction of the run: the model can't change, SPI is connected for it, the owner acts.
struct Step {
  const Model* model;
  Acting before;
};

Step begin_step(const Run& run, LOCKMODE lock) {
  SPI_connect();
  const Model* const model = open_model(run.name, lock);
  check_owns(model);
  check_has_leads(model);
  if (model->state != run.state) {
    ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                    errmsg("model \"%s\" was made anew while it was rescored", run.name)));
  }
  return {model, act_as(model->owner, true)};
}

void commit() {
  SPI_commit();
  // To wait for others' locks and go on with what they have committed is all of the protocol.
  XactIsoLevel = XACT_READ_COMMITTED;
}

/// Rights and settings go back before the commit: a transaction ends with those that it began with.
Outcome end_step(const Step& step, Outcome outcome) {
  stop_acting(step.before);
  SPI_finish();
  commit();
  return outcome;
}

void set_position(Run& run, const char* key) {
  if (run.position != nullptr) pfree(run.position);
  run.position = key == nullptr ? nullptr : MemoryContextStrdup(run.memory, key);
}

/// Writes to leadscore.rescore_run as the extension's owner.
void record(const char* text, std::span<const Parameter> parameters) {
  const Acting before = act_as(extension_owner(), false);
  run_command(text, parameters);
  stop_acting(before);
}

/// Where an earlier run for the same version was stopped: its position, or nullptr.
const char* stopped_at(const Model* model) {
  const Parameter parameters[] = {text_parameter(model->name), int_parameter(model->version)};
  const Acting before = act_as(extension_owner(), false);
  const uint64 found = run_command(
      "SELECT position FROM leadscore.rescore_run "
      "WHERE model = $1 AND version = $2 AND finished_at IS NULL AND position IS NOT NULL",
      parameters);
  stop_acting(before);
  return found == 0 ? nullptr : tuple_text(0, 1);
}

/// Leads and keys of activities that have no row of state.
Rows missing_leads(const Model* model) {
  Rows missing = new_rows(kTouched);
  if (try_select(model, &missing, touched_missing(model), {}, Load::many) == nullptr) return missing;
  Rows all = new_rows(kTouched);
  touch_everything_with_care(model, &all);
  publish_rows(all);
  missing = select_rows(model, kTouched, touched_without_state(model), {}, Load::many);
  withdraw_rows(kTouched);
  tuplestore_end(all.store);
  return missing;
}

/// Sees to leads that have no row of state. Few of them are settled at once: one that has gone meanwhile gets
/// none then. Many, of which there are only where triggers were disabled, are left to the run, by rows that
/// it will come to. Returns whether there were any.
bool add_missing_leads(const Run& run, const Model* model) {
  const Rows missing = missing_leads(model);
  if (missing.count <= static_cast<uint64>(run.batch)) {
    refresh_touched(model, missing, Refresh::fold, "rescore");
  } else {
    publish_rows(missing);
    const Parameter version[] = {int_parameter(model->version)};
    run_statement(model, add_missing(model), version, Load::many);
    withdraw_rows(kTouched);
  }
  tuplestore_end(missing.store);
  return missing.count > 0;
}

/// Decides where the run begins: where an earlier one was stopped, unless it is to begin `anew` or states
/// have come to be missing.
void start(Run& run, bool anew) {
  const Step step = begin_step(run, RowExclusiveLock);
  const Model* const model = step.model;
  run.version = model->version;
  const bool complete = !add_missing_leads(run, model);
  const char* const position = anew || !complete ? nullptr : stopped_at(model);
  set_position(run, position);

  const Parameter after[] = {int_parameter(0), text_parameter(position)};
  select_tuples(model, count_keys(model, position != nullptr), after, Load::few);
  const Parameter row[] = {text_parameter(run.name),
                           int_parameter(run.version),
                           int_parameter(run.batch),
                           {INT8OID, Int64GetDatum(tuple_int8(0, 1))}};
  record(position != nullptr
             ? "UPDATE leadscore.rescore_run SET batch = $3, total = done + $4, resumed_done = done, "
               "resumed_at = clock_timestamp(), updated_at = clock_timestamp() "
               "WHERE model = $1 AND version = $2"
             : "INSERT INTO leadscore.rescore_run (model, version, batch, total) VALUES ($1, $2, $3, $4) "
               "ON CONFLICT (model) DO UPDATE SET version = excluded.version, batch = excluded.batch, "
               "done = 0, total = excluded.total, position = NULL, started_at = excluded.started_at, "
               "resumed_at = excluded.resumed_at, resumed_done = 0, updated_at = excluded.updated_at, "
               "finished_at = NULL",
         row);
  end_step(step, Outcome::more);
}

void advance(Run& run, uint64 leads, const char* position) {
  const Parameter row[] = {text_parameter(run.name),
                           {INT8OID, Int64GetDatum(static_cast<int64>(leads))},
                           text_parameter(position)};
  record(
      "UPDATE leadscore.rescore_run SET done = done + $2, position = $3, updated_at = clock_timestamp() "
      "WHERE model = $1",
      row);
  set_position(run, position);
}

/// The keys in a batch that others have locked, to outlive the transaction: char*.
List* passed_over(const Run& run, const Model* model, const Rows& touched, std::span<const Parameter> range) {
  publish_rows(touched);
  const uint64 count =
      select_tuples(model, keys_passed_over(model, run.position != nullptr), range, load_of(touched.count));
  const MemoryContext before = MemoryContextSwitchTo(run.memory);
  List* keys = NIL;
  for (uint64 i = 0; i < count; ++i) keys = lappend(keys, tuple_text(i, 1));
  MemoryContextSwitchTo(before);
  withdraw_rows(kTouched);
  return keys;
}

/// One lead, waited for.
Outcome rescore_one(const Run& run, const char* key) {
  const Step step = begin_step(run, RowExclusiveLock);
  if (step.model->version != run.version) return end_step(step, Outcome::overtaken);
  const Parameter parameters[] = {text_parameter(key)};
  const Rows touched = select_rows(step.model, kTouched, touched_by_key(step.model), parameters, Load::few);
  refresh_touched(step.model, touched, Refresh::fold, "rescore");
  tuplestore_end(touched.store);
  return end_step(step, Outcome::more);
}

Outcome rescore_batch(Run& run) {
  const Step step = begin_step(run, RowExclusiveLock);
  const Model* const model = step.model;
  if (model->version != run.version) return end_step(step, Outcome::overtaken);
  const bool after = run.position != nullptr;
  const Parameter next[] = {int_parameter(run.batch), text_parameter(run.position)};
  const uint64 count = select_tuples(model, next_keys(model, after), next, Load::few);
  if (count == 0) return end_step(step, Outcome::done);
  char* const last = MemoryContextStrdup(run.memory, tuple_text(count - 1, 1));
  const Parameter range[] = {text_parameter(last), text_parameter(run.position)};
  const Rows touched = lock_rows(model, kTouched, touched_by_range(model, after), range, load_of(count));
  List* const left = passed_over(run, model, touched, range);
  refresh_touched(model, touched, Refresh::fold, "rescore");
  tuplestore_end(touched.store);
  Outcome outcome = Outcome::more;
  if (left == NIL) {
    advance(run, count, last);
    end_step(step, outcome);
  } else {
    end_step(step, outcome);
    for (int i = 0; i < list_length(left) && outcome == Outcome::more; ++i)
      outcome = rescore_one(run, static_cast<const char*>(list_nth(left, i)));
    if (outcome == Outcome::more) {
      const Step passed = begin_step(run, RowExclusiveLock);
      if (passed.model->version != run.version) {
        outcome = Outcome::overtaken;
      } else {
        advance(run, count, last);
      }
      end_step(passed, outcome);
    }
    list_free_deep(left);
  }
  pfree(last);
  return outcome;
}

/// All leads are done. Where states were waiting to be rebuilt, none does any more.
Outcome finish(const Run& run) {
  const bool rebuilding = open_model(run.name, NoLock)->rebuilding;
  const Step step = begin_step(run, rebuilding ? ShareRowExclusiveLock : RowExclusiveLock);
  const Model* const model = step.model;
  if (model->version != run.version) return end_step(step, Outcome::overtaken);
  if (rebuilding) {
    const Parameter fitting[] = {text_parameter(model->name), {INT8OID, Int64GetDatum(model->activity_hash)}};
    if (select_tuples(model, misfit(model), fitting, Load::few) > 0)
      return end_step(step, Outcome::overtaken);
    const Parameter name[] = {text_parameter(model->name)};
    record("UPDATE leadscore.model SET rebuilding = false WHERE name = $1", name);
    model_changed(model);
  }
  const Parameter name[] = {text_parameter(model->name)};
  record(
      "UPDATE leadscore.rescore_run SET total = done, updated_at = clock_timestamp(), "
      "finished_at = clock_timestamp() WHERE model = $1",
      name);
  return end_step(step, Outcome::done);
}

/// Nobody is held up by it: who writes meanwhile is counted as he was, or as he is. A version that was
/// published with rebuild => 'later' has no baseline yet.
void take_missing_baseline(const Run& run) {
  const Step step = begin_step(run, RowExclusiveLock);
  if (step.model->version == run.version && !step.model->rebuilding && !has_baseline(step.model))
    record_baseline(step.model);
  end_step(step, Outcome::done);
}

/// One run of a model at a time. The lock lasts beyond transactions, to the end of the run; an error gives it
/// back.
LOCKTAG lock_run(const Model* model) {
  // An object lock like lock_watched()'s: sub-object 2 of the state table stands for the run.
  LOCKTAG tag;
  SET_LOCKTAG_OBJECT(tag, MyDatabaseId, RelationRelationId, model->state, 2);
  if (LockAcquire(&tag, ExclusiveLock, true, true) == LOCKACQUIRE_NOT_AVAIL) {
    ereport(ERROR,
            (errcode(ERRCODE_OBJECT_IN_USE), errmsg("model \"%s\" is being rescored already", model->name),
             errhint("SELECT * FROM leadscore.progress shows how far it is.")));
  }
  return tag;
}

void check_can_commit(FunctionCallInfo fcinfo) {
  const auto* const context = reinterpret_cast<const CallContext*>(fcinfo->context);
  if (context != nullptr && IsA(context, CallContext) && !context->atomic && !IsSubTransaction()) return;
  ereport(ERROR, (errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
                  errmsg("leadscore.rescore cannot run inside of a transaction block or function"),
                  errdetail("It commits each batch."), errhint("CALL it as a statement of its own.")));
}

}  // namespace

/// rescore(model, batch)
LEADSCORE_FUNCTION(rescore) {
  enum Argument { kModel, kBatch };
  check_can_commit(fcinfo);
  SPI_connect_ext(SPI_OPT_NONATOMIC);
  Run run{};
  run.memory = CurrentMemoryContext;
  run.name = required_text(fcinfo, kModel, "model");
  if (PG_ARGISNULL(kBatch))
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("batch must not be NULL")));
  run.batch = PG_GETARG_INT32(kBatch);
  if (run.batch < 1)
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("batch must be at least 1")));
  const Model* const model = open_model(run.name, NoLock);
  check_owns(model);
  run.state = model->state;
  const LOCKTAG tag = lock_run(model);
  commit();
  Outcome outcome = Outcome::more;
  for (bool anew = false; outcome != Outcome::done; anew = true) {
    start(run, anew);
    do outcome = rescore_batch(run);
    while (outcome == Outcome::more);
    if (outcome == Outcome::done) outcome = finish(run);
  }
  take_missing_baseline(run);
  LockRelease(&tag, ExclusiveLock, true);
  SPI_finish();
  PG_RETURN_VOID();
}

}  // namespace leadscore
