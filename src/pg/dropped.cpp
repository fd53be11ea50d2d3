#include "pg/dropped.hpp"

#include "pg/acting.hpp"
#include "pg/faults.hpp"
#include "pg/local_transaction.hpp"
#include "pg/model_views.hpp"
#include "pg/outcome.hpp"
#include "pg/partitions.hpp"
#include "pg/records.hpp"
#include "pg/trigger_names.hpp"

namespace leadscore {
namespace {

/// Leads of the rows of a table that is about to be dropped.
struct Noted {
  const char* model;
  int binding;
  List* tables;  ///< of Oids: it, and those below it
  Rows leads;
};

/// What DROP TABLE has noted for sql_drop of the same command. In the transaction's memory; where the command
/// failed, they are of no use any more, and not to be touched.
struct Notes {
  LocalTransactionId transaction;
  const Node* command;
  List* noted;  ///< of Noted*
} notes;

/// Each DROP TABLE begins its own, so an address that comes again does no harm.
bool has_notes(const Node* command) {
  return notes.transaction == local_transaction() && notes.command == command && IsA(command, DropStmt) &&
         reinterpret_cast<const DropStmt*>(command)->removeType == OBJECT_TABLE;
}

bool is_restricted(const Node* command) {
  if (command == nullptr) return false;
  if (IsA(command, DropStmt)) return reinterpret_cast<const DropStmt*>(command)->behavior == DROP_RESTRICT;
  if (IsA(command, DropOwnedStmt))
    return reinterpret_cast<const DropOwnedStmt*>(command)->behavior == DROP_RESTRICT;
  return false;
}

/// Parent first, as DROP TABLE does.
void lock_as_drop(Oid table) {
  if (get_rel_relispartition(table)) LockRelationOid(get_partition_parent(table, true), AccessExclusiveLock);
  LockRelationOid(table, AccessExclusiveLock);
}

void note(const BindingName* name, Oid table, bool restricted) {
  const Model* const model = find_model(name->model, RowExclusiveLock);
  const Binding* const binding = model == nullptr ? nullptr : find_binding(model, name->id);
  if (binding == nullptr || !has_lead(model)) return;
  if (restricted && binding->source == table) return;  // which goes with CASCADE only
  const MemoryContext before = MemoryContextSwitchTo(TopTransactionContext);
  auto* const noted = static_cast<Noted*>(palloc0(sizeof(Noted)));
  noted->model = pstrdup(name->model);
  noted->binding = name->id;
  noted->tables = find_all_inheritors(table, AccessExclusiveLock, nullptr);
  noted->leads = leads_of_rows(model, binding, table, false);
  notes.noted = lappend(notes.noted, noted);
  MemoryContextSwitchTo(before);
}

}  // namespace

void note_leads_of(const Node* command, const List* tables) {
  notes = {local_transaction(), command, NIL};
  for (int i = 0; i < list_length(tables); ++i) {
    const Oid table = list_nth_oid(tables, i);
    if (bindings_above(table) == NIL) continue;
    lock_as_drop(table);
    List* const names = bindings_above(table);
    for (int j = 0; j < list_length(names); ++j)
      note(static_cast<const BindingName*>(list_nth(names, j)), table, is_restricted(command));
  }
}

namespace {

/// Drops the schema of a model that has lost its state table; where somebody has put something of their own
/// there, it stays.
void drop_remains(const char* model) {
  const Oid schema = get_namespace_oid(model, true);
  if (!OidIsValid(schema)) return;
  List* views = NIL;
  for (const char* const view : kViews) views = lappend(views, const_cast<char*>(view));
  const Parameter parameters[] = {{OIDOID, ObjectIdGetDatum(schema)}, text_list_parameter(views)};
  if (read_command(
          "SELECT FROM pg_catalog.pg_depend d WHERE d.refclassid = 'pg_catalog.pg_namespace'::regclass "
          "AND d.refobjid = $1 AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE d.classid = "
          "'pg_catalog.pg_class'::regclass AND c.oid = d.objid AND c.relname = ANY ($2)) LIMIT 1",
          parameters) == 0)
    drop_relations(model);
}

/// Models whose schema or state table is gone.
void drop_homeless_models() {
  const uint64 count = read_command(
      "SELECT m.name FROM leadscore.model m WHERE EXISTS (SELECT FROM "
      "pg_catalog.pg_event_trigger_dropped_objects() d "
      "WHERE (d.object_type = 'schema' AND d.object_name = m.name) OR "
      "(d.object_type = 'table' AND d.schema_name = m.name AND d.object_name = 'state')) ORDER BY m.name");
  const SPITupleTable* const found = SPI_tuptable;
  for (uint64 i = 0; i < count; ++i) {
    const char* const name = SPI_getvalue(found->vals[i], found->tupdesc, 1);
    forget_model(name);
    drop_remains(name);
    ereport(NOTICE, (errmsg("model \"%s\" is dropped, too", name)));
  }
}

/// What a model has lost.
struct Loss {
  const char* model;
  int binding;         ///< 0: the lead relation, or something that expressions speak of
  Oid relation;        ///< where it is a binding's
  const char* object;  ///< "table crm.activity"
  bool replaced;       ///< another relation has its name now
};

List* losses_found(const char* query) {
  const uint64 count = read_command(query);
  const SPITupleTable* const found = SPI_tuptable;
  List* losses = NIL;
  for (uint64 i = 0; i < count; ++i) {
    auto* const loss = static_cast<Loss*>(palloc0(sizeof(Loss)));
    loss->model = SPI_getvalue(found->vals[i], found->tupdesc, 1);
    loss->binding = pg_strtoint32(SPI_getvalue(found->vals[i], found->tupdesc, 2));
    loss->object = SPI_getvalue(found->vals[i], found->tupdesc, 3);
    loss->replaced = SPI_getvalue(found->vals[i], found->tupdesc, 4)[0] == 't';
    bool is_null;
    loss->relation = DatumGetObjectId(SPI_getbinval(found->vals[i], found->tupdesc, 5, &is_null));
    losses = lappend(losses, loss);
  }
  return losses;
}

/// Relations that are bound. (to_regclass finds none under a name that is no name any more.)
List* lost_relations() {
  return losses_found(
      "SELECT b.model, b.id, b.type || ' ' || b.identity, coalesce(to_regclass(b.name)::oid <> b.relation, "
      "false), b.relation FROM (SELECT b.model, CASE b.role WHEN 'lead' THEN 0 ELSE b.id END AS id, "
      "b.source_name AS name, "
      "b.source::oid AS relation, d.object_type AS type, d.object_identity AS identity FROM "
      "leadscore.binding "
      "b "
      "JOIN pg_catalog.pg_event_trigger_dropped_objects() d ON d.objid = b.source::oid "
      "WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0 "
      "UNION SELECT m.name, 0, m.lead_name, m.lead::oid, d.object_type, d.object_identity FROM "
      "leadscore.model m "
      "JOIN pg_catalog.pg_event_trigger_dropped_objects() d ON d.objid = m.lead::oid "
      "WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0) b ORDER BY 1, 2");
}

/// Things by whose name an expression may go.
List* lost_names() {
  return losses_found(
      "SELECT DISTINCT ON (b.model) b.model, 0, d.object_type || ' ' || d.object_identity, false, '0'::oid "
      "FROM pg_catalog.pg_event_trigger_dropped_objects() d JOIN leadscore.binding b ON strpos(concat_ws(' "
      "', "
      "b.lead_key, b.kind, b.at, b.filter, b.fields, b.leads), "
      "coalesce(d.object_name, d.address_names[cardinality(d.address_names)])) > 0 "
      "WHERE NOT d.is_temporary AND d.object_type IN ('table', 'view', 'materialized view', 'foreign table', "
      "'function', 'aggregate', 'type', 'domain', 'operator', 'collation') ORDER BY b.model, NOT d.original");
}

/// The same, by whose name an outcome may go.
List* lost_outcomes() {
  return losses_found(
      "SELECT DISTINCT ON (m.name) m.name, 0, d.object_type || ' ' || d.object_identity, false, '0'::oid "
      "FROM pg_catalog.pg_event_trigger_dropped_objects() d JOIN leadscore.model m ON strpos(concat_ws(' ', "
      "to_jsonb(m) ->> 'outcome', to_jsonb(m) ->> 'decided_at'), "
      "coalesce(d.object_name, d.address_names[cardinality(d.address_names)])) > 0 "
      "WHERE NOT d.is_temporary AND d.object_type IN ('table', 'view', 'materialized view', 'foreign table', "
      "'function', 'aggregate', 'type', 'domain', 'operator', 'collation') ORDER BY m.name, NOT d.original");
}

[[noreturn]] void refuse(const Loss* loss, const char* fault) {
  const char* const model = quote_literal_cstr(loss->model);
  ereport(
      ERROR,
      (errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
       fault == nullptr ? errmsg("cannot drop %s because model \"%s\" follows it", loss->object, loss->model)
                        : errmsg("cannot drop %s because model \"%s\" needs it", loss->object, loss->model),
       fault == nullptr ? 0 : errdetail("Without it: %s.", fault),
       loss->replaced
           ? errhint("SELECT leadscore.rebind(%s) lets the model follow the relation that has its name now.",
                     model)
           : errhint("SELECT leadscore.remove_activity(%s, ...) lets the model forget a table, "
                     "leadscore.drop_model(%s) drops the model; DROP ... CASCADE takes along what the "
                     "model has of it.",
                     model, model)));
}

/// Bindings whose expressions can't be read any more without what was dropped.
bool drop_faulty_bindings(const Model* model, const Loss* loss, bool restricted) {
  bool changed = false;
  for (int i = 0; i < model->binding_count; ++i) {
    const Binding* const binding = &model->bindings[i];
    if (binding->role == Role::lead || !SearchSysCacheExists1(RELOID, ObjectIdGetDatum(binding->source)))
      continue;
    const char* const fault = binding_fault(model, binding);
    if (fault == nullptr) continue;
    if (restricted) refuse(loss, fault);
    forget_binding(model, binding);
    ereport(NOTICE, (errmsg("model \"%s\" no longer follows table %s, which it can't read without %s",
                            loss->model, relation_name(binding->source), loss->object),
                     errdetail("%s.", fault)));
    changed = true;
  }
  return changed;
}

/// An outcome that can't be read any more without what was dropped. While the leads are gone it waits with
/// the model for rebind.
void drop_faulty_outcome(const Loss* loss, bool restricted) {
  const Model* model = find_model(loss->model, NoLock);
  if (model == nullptr || !has_lead(model)) return;
  const char* const fault = outcome_fault(model);
  if (fault == nullptr) return;
  if (restricted) refuse(loss, fault);
  model = find_model(loss->model, ShareUpdateExclusiveLock);
  if (model == nullptr) return;
  forget_outcome(model);
  ereport(NOTICE, (errmsg("model \"%s\" no longer has an outcome, which it can't read without %s",
                          loss->model, loss->object),
                   errdetail("%s.", fault)));
}

/// The leads that DROP TABLE has noted; nullptr where it was another command.
Noted* find_noted(const char* model, int binding, Oid table) {
  for (int i = 0; i < list_length(notes.noted); ++i) {
    auto* const noted = static_cast<Noted*>(list_nth(notes.noted, i));
    if (noted->binding == binding && std::strcmp(noted->model, model) == 0 &&
        list_member_oid(noted->tables, table))
      return noted;
  }
  return nullptr;
}

/// Lets the model forget the binding, or wait for rebind.
void lose_relation(const Loss* loss) {
  const Model* model = find_model(loss->model, ShareRowExclusiveLock);
  if (model == nullptr) return;
  const Binding* const binding = find_binding(model, loss->binding);
  const char* const name = quote_literal_cstr(loss->model);
  if (binding == nullptr || loss->replaced) {
    model_changed(model);
    ereport(NOTICE,
            (errmsg("model \"%s\" has lost %s", loss->model, loss->object),
             errhint("SELECT leadscore.rebind(%s) lets it follow the relation that has its name then, "
                     "leadscore.drop_model(%s) drops it.",
                     name, name)));
    return;
  }
  const int id = binding->id;
  forget_binding(model, binding);
  ereport(NOTICE, (errmsg("model \"%s\" no longer follows %s", loss->model, loss->object)));
  model = read_anew(model);
  if (!has_lead(model)) return;
  const Noted* const noted = find_noted(loss->model, id, loss->relation);
  if (drop_faulty_bindings(model, loss, false)) {
    recompute_leads(read_anew(model), nullptr, nullptr);
  } else {
    recompute_leads(model, nullptr, noted == nullptr ? nullptr : &noted->leads);
  }
}

/// Tables below bound ones that are gone: their triggers say to which binding they belonged, and the catalog
/// whether that is so. Anybody can make triggers of such names on a table of his own.
void follow_dropped_partitions() {
  const uint64 count = read_before_command(
      "SELECT m.name, b.id, r.objid FROM pg_catalog.pg_event_trigger_dropped_objects() t "
      "JOIN pg_catalog.pg_event_trigger_dropped_objects() r ON r.classid = 'pg_catalog.pg_class'::regclass "
      "AND r.objsubid = 0 AND r.address_names = t.address_names[1:2] "
      "JOIN leadscore.model m ON m.id = substr(t.address_names[3], 11, 10)::integer "
      "JOIN leadscore.binding b ON b.model = m.name AND b.id = substr(t.address_names[3], 22, 10)::integer "
      "AND b.source::oid <> r.objid "
      "WHERE t.object_type = 'trigger' AND t.address_names[3] ~ '^leadscore_[0-9]{10}_[0-9]{10}_insert$' "
      "AND EXISTS (WITH RECURSIVE above (relation) AS (SELECT r.objid UNION SELECT i.inhparent FROM "
      "pg_catalog.pg_inherits i JOIN above a ON i.inhrelid = a.relation) "
      "SELECT FROM above a WHERE a.relation = b.source::oid) "
      "ORDER BY m.name, b.id, r.objid");
  const SPITupleTable* const found = SPI_tuptable;
  const Model* model = nullptr;
  const Binding* binding = nullptr;
  List* noted = NIL;
  for (uint64 i = 0; i <= count; ++i) {
    const bool end = i == count;
    const char* const name = end ? nullptr : SPI_getvalue(found->vals[i], found->tupdesc, 1);
    const int id = end ? 0 : pg_strtoint32(SPI_getvalue(found->vals[i], found->tupdesc, 2));
    if (end || binding == nullptr || binding->id != id) {
      for (int j = 0; j < list_length(noted); ++j) {
        const auto* const leads = static_cast<const Noted*>(list_nth(noted, j));
        recompute_leads(model, binding, leads == nullptr ? nullptr : &leads->leads);
      }
      if (end) return;
      noted = NIL;
      model = find_model(name, RowExclusiveLock);
      binding = model == nullptr ? nullptr : find_binding(model, id);
    }
    if (binding == nullptr || !SearchSysCacheExists1(RELOID, ObjectIdGetDatum(binding->source))) continue;
    bool is_null;
    const Oid table = DatumGetObjectId(SPI_getbinval(found->vals[i], found->tupdesc, 3, &is_null));
    noted = list_append_unique_ptr(noted, find_noted(name, id, table));
  }
}

}  // namespace

namespace {

/// Nothing of what was dropped is bound, and all of it was temporary: so are most tables that are dropped.
bool is_of_no_concern() {
  read_command(
      "SELECT bool_and(d.is_temporary AND NOT EXISTS (SELECT FROM leadscore.binding b WHERE "
      "b.source::oid = d.objid) AND NOT EXISTS (SELECT FROM leadscore.model m WHERE m.lead::oid = d.objid)) "
      "FROM pg_catalog.pg_event_trigger_dropped_objects() d");
  return tuple_text(0, 1) != nullptr && tuple_text(0, 1)[0] == 't';
}

}  // namespace

void follow_drop(const Node* command) {
  if (is_of_no_concern()) return;
  if (!has_notes(command)) notes.noted = NIL;
  // Nobody can look up any more which rows these were.
  run_command(
      "DELETE FROM leadscore.problem p USING pg_catalog.pg_event_trigger_dropped_objects() d "
      "WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0 AND p.source::oid = d.objid");
  drop_homeless_models();
  const bool restricted = is_restricted(command);
  List* const lost = lost_relations();
  for (int i = 0; i < list_length(lost); ++i) {
    const auto* const loss = static_cast<const Loss*>(list_nth(lost, i));
    if (restricted) refuse(loss, nullptr);
    lose_relation(loss);
  }
  follow_dropped_partitions();
  List* const named = lost_names();
  for (int i = 0; i < list_length(named); ++i) {
    const auto* const loss = static_cast<const Loss*>(list_nth(named, i));
    const Model* const model = find_model(loss->model, NoLock);
    if (model == nullptr || !drop_faulty_bindings(model, loss, restricted)) continue;
    recompute_leads(read_anew(find_model(loss->model, ShareRowExclusiveLock)), nullptr, nullptr);
  }
  List* const outcomes = lost_outcomes();
  for (int i = 0; i < list_length(outcomes); ++i)
    drop_faulty_outcome(static_cast<const Loss*>(list_nth(outcomes, i)), restricted);
  for (int i = 0; i < list_length(notes.noted); ++i)
    tuplestore_end(static_cast<Noted*>(list_nth(notes.noted, i))->leads.store);
  notes.noted = NIL;
}

}  // namespace leadscore
