// rebind: a model follows what has its relations' names now.
#include "pg/acting.hpp"
#include "pg/arguments.hpp"
#include "pg/baseline.hpp"
#include "pg/faults.hpp"
#include "pg/guard.hpp"
#include "pg/live.hpp"
#include "pg/may_read.hpp"
#include "pg/model_views.hpp"
#include "pg/ownership.hpp"
#include "pg/partitions.hpp"
#include "pg/reading.hpp"
#include "pg/records.hpp"
#include "pg/shared_keys.hpp"
#include "pg/trigger_names.hpp"

namespace leadscore {
namespace {

/// What a name stands for now.
struct Found {
  int binding;  ///< 0: the lead relation of the model
  Oid before, now;
  const char* name;
};

bool has_triggers(Oid relation) {
  const char kind = get_rel_relkind(relation);
  return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE;
}

/// The relation that has a name, or, where none has it, the one that had it.
List* find_relations(const char* model) {
  const Parameter parameters[] = {text_parameter(model)};
  const Acting before = act_as(extension_owner(), false);
  const uint64 count = read_command(
      "SELECT r.id, r.relation, coalesce(to_regclass(r.name)::oid, c.oid, '0'), r.name FROM ("
      "SELECT 0 AS id, m.lead::oid AS relation, m.lead_name AS name FROM leadscore.model m WHERE m.name = $1 "
      "UNION ALL SELECT b.id, b.source::oid, b.source_name FROM leadscore.binding b WHERE b.model = $1) r "
      "LEFT JOIN pg_catalog.pg_class c ON c.oid = r.relation ORDER BY r.id",
      parameters);
  stop_acting(before);
  List* relations = NIL;
  for (uint64 i = 0; i < count; ++i) {
    bool is_null;
    auto* const found = static_cast<Found*>(palloc(sizeof(Found)));
    *found = {DatumGetInt32(tuple_value(i, 1, &is_null)), DatumGetObjectId(tuple_value(i, 2, &is_null)),
              DatumGetObjectId(tuple_value(i, 3, &is_null)), tuple_text(i, 4)};
    relations = lappend(relations, found);
  }
  return relations;
}

[[noreturn]] void raise_missing(const Model* model, const Found* found) {
  const char* const name = quote_literal_cstr(model->name);
  ereport(ERROR,
          (errcode(ERRCODE_UNDEFINED_TABLE),
           errmsg("relation %s, which model \"%s\" follows, does not exist", found->name, model->name),
           found->binding == 0 ? errhint("Make it again, or SELECT leadscore.drop_model(%s).", name)
                               : errhint("Make it again, or SELECT leadscore.remove_activity(%s, '%u').",
                                         name, found->before)));
}

/// As add_activity does it: first the tables, then the model.
void lock_relations(const Model* model, Oid owner, const List* relations) {
  for (int i = 0; i < list_length(relations); ++i) {
    const auto* const found = static_cast<const Found*>(list_nth(relations, i));
    if (!OidIsValid(found->now)) raise_missing(model, found);
    if (!has_triggers(found->now)) {
      if (found->binding != 0 && find_binding(model, found->binding)->role != Role::lead) {
        ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is not a table", found->name),
                        errdetail("Only tables tell when their rows change.")));
      }
      LockRelationOid(found->now, AccessShareLock);
      continue;
    }
    if (found->binding == 0 || find_binding(model, found->binding)->role != Role::watch)
      check_sees_rows(found->now, owner);
    check_may_follow(owner, found->now);
    check_is_root(found->now);
    LockRelationOid(found->now, ShareRowExclusiveLock);
  }
}

/// Binds the model to them. A view has no triggers, and so no binding.
void record_relations(const Model* model, const List* relations) {
  const Acting before = act_as(extension_owner(), false);
  bool lead_is_bound = false;
  const Found* lead = nullptr;
  for (int i = 0; i < list_length(relations); ++i) {
    const auto* const found = static_cast<const Found*>(list_nth(relations, i));
    const Parameter row[] = {
        text_parameter(model->name), {OIDOID, ObjectIdGetDatum(found->now)}, int_parameter(found->binding)};
    if (found->binding == 0) {
      lead = found;
      run_command(
          "UPDATE leadscore.model SET lead = $2::regclass, lead_name = $2::regclass::text "
          "WHERE name = $1",
          row);
      continue;
    }
    const Binding* const binding = find_binding(model, found->binding);
    if (!has_triggers(found->now)) {
      forget_binding(model, binding);
      continue;
    }
    lead_is_bound = lead_is_bound || binding->role == Role::lead;
    run_command(
        "UPDATE leadscore.binding SET source = $2::regclass, source_name = $2::regclass::text "
        "WHERE model = $1 AND id = $3",
        row);
  }
  if (!lead_is_bound && lead != nullptr && has_triggers(lead->now)) {
    const Parameter row[] = {text_parameter(model->name),
                             {OIDOID, ObjectIdGetDatum(lead->now)},
                             text_parameter(model->lead_alias)};
    run_command(
        "INSERT INTO leadscore.binding (model, role, source, source_name, alias) "
        "VALUES ($1, 'lead', $2::regclass, $2::regclass::text, $3)",
        row);
  }
  stop_acting(before);
}

[[noreturn]] void refuse(const Model* model, const char* fault) {
  ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                  errmsg("model \"%s\" can't follow its relations as they are", model->name),
                  errdetail("%s.", fault),
                  errhint("Give the relation what it lacks, take a table out with leadscore.remove_activity, "
                          "take an outcome back with leadscore.set_outcome, or publish a rule set that does "
                          "without.")));
}

void check_reads(const Model* model) {
  const char* fault = lead_fault(model);
  for (int i = 0; i < model->binding_count && fault == nullptr; ++i)
    fault = binding_fault(model, &model->bindings[i]);
  if (fault == nullptr) fault = outcome_fault(model);
  if (fault != nullptr) refuse(model, fault);
}

/// Every table below the binding's has its triggers, enabled, and no other table has.
void make_triggers(const Model* model, const Binding* binding) {
  const Acting before = act_as(extension_owner(), false);
  const Parameter pattern[] = {
      text_parameter(psprintf("leadscore\\_%010d\\_%010d\\_%%", model->id, binding->id))};
  const uint64 count = read_command(
      "SELECT t.tgrelid, bool_or(t.tgenabled IN ('D', 'R')), min(t.tgname::text) FROM pg_catalog.pg_trigger "
      "t "
      "WHERE t.tgname LIKE $1 AND NOT t.tgisinternal AND t.tgfoid = 'leadscore.on_change()'::regprocedure "
      "GROUP BY t.tgrelid ORDER BY t.tgrelid",
      pattern);
  const SPITupleTable* const found = SPI_tuptable;
  for (uint64 i = 0; i < count; ++i) {
    bool is_null;
    const Oid table = DatumGetObjectId(SPI_getbinval(found->vals[i], found->tupdesc, 1, &is_null));
    const bool disabled = DatumGetBool(SPI_getbinval(found->vals[i], found->tupdesc, 2, &is_null));
    // Made anew, a disabled trigger is enabled.
    if (disabled || !belongs_to(table, binding->source)) drop_triggers_on(model->id, binding->id, table);
  }
  stop_acting(before);
  create_triggers(model, binding);
}

void check_unique(const Model* model) {
  uint64 found = 0;
  // Where a lead can't be read, that is recorded when it is recomputed.
  if (try_reading([&] { found = select_tuples(model, duplicate_key(model), {}, Load::many); }) != nullptr ||
      found == 0)
    return;
  ereport(ERROR,
          (errcode(ERRCODE_UNIQUE_VIOLATION),
           errmsg("lead_key is not unique: %s is the key of %s leads", tuple_text(0, 1), tuple_text(0, 2)),
           errhint("A lead is one row.")));
}

}  // namespace

/// rebind(model)
LEADSCORE_FUNCTION(rebind) {
  const Model* model = open_model(required_text(fcinfo, 0, "model"), NoLock);
  const Oid owner = schema_owner(model->name);
  check_owner(owner, model->name);
  SPI_connect();
  lock_relations(model, owner, find_relations(model->name));
  model = open_model(model->name, ShareRowExclusiveLock);
  check_owner(schema_owner(model->name), model->name);
  follow_schema_owner(model);
  model = read_anew(model);
  // Once more: the first look was without the lock on the model.
  List* const relations = find_relations(model->name);
  lock_relations(model, model->owner, relations);
  record_relations(model, relations);
  model = read_anew(model);
  check_reads(model);
  for (int i = 0; i < model->binding_count; ++i) {
    if (model->bindings[i].role == Role::activity) record_key_type(model, &model->bindings[i]);
  }
  model = read_anew(model);
  for (int i = 0; i < model->binding_count; ++i) {
    const Binding* const binding = &model->bindings[i];
    if (binding->role == Role::activity) check_may_read(model, binding);
    make_triggers(model, binding);
  }

  const Acting before = act_as(model->owner, true);
  create_views(model);
  if (!model->by_owner) protect_state(model);
  // The policy is part of the state table: without this, whatever fails below would pass for a change that
  // another session has made.
  model = open_model(model->name, NoLock);
  check_unique(model);
  if (has_watches(model)) lock_watched(model, false);
  const Rows touched = all_leads(model);
  refresh_touched(model, touched, Refresh::fold, "rescore");
  tuplestore_end(touched.store);
  if (!model->rebuilding && !has_baseline(model)) record_baseline(model);
  stop_acting(before);
  SPI_finish();
  PG_RETURN_VOID();
}

}  // namespace leadscore
