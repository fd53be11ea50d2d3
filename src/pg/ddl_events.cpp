// on_ddl: what commands that change tables mean for the models that follow them.
#include "pg/acting.hpp"
#include "pg/ddl_change.hpp"
#include "pg/dropped.hpp"
#include "pg/faults.hpp"
#include "pg/guard.hpp"
#include "pg/partitions.hpp"
#include "pg/records.hpp"
#include "pg/state_guard.hpp"

namespace leadscore {
namespace {

/// Is there any model? The one look that a command costs in a database without models. None, too, while the
/// extension's own script runs: its tables are being made or changed.
bool any_model() {
  if (IsBinaryUpgrade) return false;
  if (creating_extension && CurrentExtensionObject == get_extension_oid("leadscore", true)) return false;
  const Oid schema = get_namespace_oid("leadscore", true);
  const Oid table = OidIsValid(schema) ? get_relname_relid("model", schema) : InvalidOid;
  if (!OidIsValid(table)) return false;
  const Relation models = table_open(table, AccessShareLock);
  bool any = RelationGetNumberOfBlocks(models) > 0;
  if (any) {
    const Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
    const TableScanDesc scan = table_beginscan(models, snapshot, 0, nullptr);
    any = heap_getnext(scan, ForwardScanDirection) != nullptr;
    table_endscan(scan);
    UnregisterSnapshot(snapshot);
  }
  table_close(models, AccessShareLock);
  return any;
}

// Before

[[noreturn]] void refuse_name(const char* object, const char* model) {
  ereport(ERROR,
          (errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
           errmsg("cannot rename or move %s, which belongs to model \"%s\"", object, model),
           errdetail("A model's schema has the model's name, and its states are in the table state.")));
}

/// Raises where a model's schema or state table would get another name.
void check_names_stay(const RangeVar* relation) {
  if (relation == nullptr || std::strcmp(relation->relname, "state") != 0) return;
  const Oid table = RangeVarGetRelid(relation, NoLock, true);
  if (!OidIsValid(table)) return;
  const char* const schema = get_namespace_name(get_rel_namespace(table));
  if (find_model(schema, NoLock) != nullptr)
    refuse_name(psprintf("table %s", quote_qualified_identifier(schema, "state")), schema);
}

bool may_drop(Oid table) {
#if PG_VERSION_NUM >= 160000
  return object_ownercheck(RelationRelationId, table, GetUserId()) ||
         object_ownercheck(NamespaceRelationId, get_rel_namespace(table), GetUserId());
#else
  return pg_class_ownercheck(table, GetUserId()) ||
         pg_namespace_ownercheck(get_rel_namespace(table), GetUserId());
#endif
}

/// The tables that DROP TABLE is about to drop, as it will find them.
List* tables_to_drop(const DropStmt* drop) {
  List* tables = NIL;
  for (int i = 0; i < list_length(drop->objects); ++i) {
    const RangeVar* const name = makeRangeVarFromNameList(static_cast<List*>(list_nth(drop->objects, i)));
    const Oid table = RangeVarGetRelid(name, NoLock, true);
    // A temporary table is dropped often and bound never; if it is, all leads are recomputed.
    if (!OidIsValid(table) || get_rel_persistence(table) == RELPERSISTENCE_TEMP || !may_drop(table)) continue;
    tables = list_append_unique_oid(tables, table);
  }
  return tables;
}

void before_command(const Node* command) {
  check_state_stays(command);
  if (IsA(command, DropStmt)) {
    const auto* const drop = reinterpret_cast<const DropStmt*>(command);
    List* const tables = drop->removeType == OBJECT_TABLE ? tables_to_drop(drop) : NIL;
    if (tables == NIL) return;
    const Acting before = act_as(extension_owner(), false);
    SPI_connect();
    note_leads_of(command, tables);
    SPI_finish();
    stop_acting(before);
  } else if (IsA(command, AlterObjectSchemaStmt)) {
    check_names_stay(reinterpret_cast<const AlterObjectSchemaStmt*>(command)->relation);
  } else if (IsA(command, RenameStmt)) {
    const auto* const rename = reinterpret_cast<const RenameStmt*>(command);
    // ALTER INDEX renames tables, too.
    if (rename->renameType == OBJECT_TABLE || rename->renameType == OBJECT_INDEX) {
      check_names_stay(rename->relation);
    } else if (rename->renameType == OBJECT_SCHEMA && find_model(rename->subname, NoLock) != nullptr) {
      refuse_name(psprintf("schema %s", quote_identifier(rename->subname)), rename->subname);
    }
  }
}

// After

/// Models that have a relation that the command has changed, one below it, or one with a column of its row
/// type, or whose expressions may speak of what had this name ($1). Arrays, domains and columns depend on
/// their type.
constexpr const char* kModelsConcerned =
    "WITH RECURSIVE concerned (class, object) AS ("
    "SELECT c.classid, c.objid FROM pg_catalog.pg_event_trigger_ddl_commands() c "
    "WHERE c.classid = 'pg_catalog.pg_class'::regclass "
    "UNION SELECT n.class, n.object FROM concerned o CROSS JOIN LATERAL ("
    "SELECT 'pg_catalog.pg_class'::regclass::oid AS class, i.inhrelid AS object FROM pg_catalog.pg_inherits "
    "i "
    "WHERE o.class = 'pg_catalog.pg_class'::regclass AND i.inhparent = o.object "
    "UNION ALL SELECT 'pg_catalog.pg_type'::regclass, c.reltype FROM pg_catalog.pg_class c "
    "WHERE o.class = 'pg_catalog.pg_class'::regclass AND c.oid = o.object AND c.reltype <> 0 "
    "UNION ALL SELECT d.classid, d.objid FROM pg_catalog.pg_depend d "
    "WHERE o.class = 'pg_catalog.pg_type'::regclass AND d.refclassid = o.class AND d.refobjid = o.object "
    "AND d.classid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_type'::regclass)) n), "
    "below (relation) AS (SELECT object FROM concerned WHERE class = 'pg_catalog.pg_class'::regclass) "
    "SELECT b.model, bool_or(b.source::oid IN (SELECT relation FROM below)) FROM leadscore.binding b "
    "WHERE b.source::oid IN (SELECT relation FROM below) OR strpos(concat_ws(' ', b.lead_key, b.kind, b.at, "
    "b.filter, b.fields, b.leads), $1) > 0 GROUP BY b.model "
    "UNION SELECT m.name, bool_or(m.lead::oid IN (SELECT relation FROM below)) FROM leadscore.model m "
    "CROSS JOIN LATERAL (SELECT concat_ws(' ', to_jsonb(m) ->> 'outcome', to_jsonb(m) ->> 'decided_at') AS "
    "text) o WHERE m.lead::oid IN (SELECT relation FROM below) OR strpos(o.text, $1) > 0 OR EXISTS (SELECT "
    "FROM below w JOIN pg_catalog.pg_class c ON c.oid = w.relation WHERE strpos(o.text, c.relname) > 0) "
    "GROUP BY m.name "
    "ORDER BY 1";

/// As add_activity refuses it: rows that are written through a parent fire the parent's triggers alone.
void check_are_roots() {
  if (read_command("SELECT b.source::text, b.model FROM leadscore.binding b JOIN pg_catalog.pg_inherits i "
                   "ON i.inhrelid = b.source::oid ORDER BY b.id LIMIT 1") == 0)
    return;
  ereport(ERROR, (errcode(ERRCODE_OBJECT_IN_USE),
                  errmsg("%s, which model \"%s\" follows, can't be below another table", tuple_text(0, 1),
                         tuple_text(0, 2)),
                  errdetail("Rows that are written through the parent fire the parent's triggers alone."),
                  errhint("Let the model forget the table, and bind the parent instead.")));
}

void adopt_new_tables() {
  check_are_roots();
  const uint64 count = read_command(
      "SELECT c.objid FROM pg_catalog.pg_event_trigger_ddl_commands() c "
      "WHERE c.classid = 'pg_catalog.pg_class'::regclass");
  const SPITupleTable* const found = SPI_tuptable;
  for (uint64 i = 0; i < count; ++i) {
    bool is_null;
    List* const names =
        bindings_above(DatumGetObjectId(SPI_getbinval(found->vals[i], found->tupdesc, 1, &is_null)));
    for (int j = 0; j < list_length(names); ++j) {
      const auto* const name = static_cast<const BindingName*>(list_nth(names, j));
      const Model* const model = find_model(name->model, RowExclusiveLock);
      const Binding* const binding = model == nullptr ? nullptr : find_binding(model, name->id);
      if (binding != nullptr && OidIsValid(binding->source)) adopt_tables(model, binding);
    }
  }
}

[[noreturn]] void refuse_shape(const Model* model, const char* fault, const char* hint) {
  ereport(ERROR, (errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
                  errmsg("this would break model \"%s\"", model->name), errdetail("%s.", fault),
                  errhint("%s", hint)));
}

/// Raises where a model can't read its tables any more.
void check_reads(const Model* model) {
  if (has_lead(model)) {
    const char* fault = lead_key_fault(model);
    if (fault != nullptr) refuse_shape(model, fault, "Drop the model and make it anew.");
    fault = lead_rules_fault(model);
    if (fault != nullptr) refuse_shape(model, fault, "Publish a rule set that does without it first.");
    fault = outcome_fault(model);
    if (fault != nullptr) {
      refuse_shape(model, fault,
                   psprintf("Take the outcome back with leadscore.set_outcome(%s, NULL), and set it anew "
                            "afterwards.",
                            quote_literal_cstr(model->name)));
    }
  }
  for (int i = 0; i < model->binding_count; ++i) {
    const Binding* const binding = &model->bindings[i];
    if (!OidIsValid(binding->source)) continue;
    const char* const fault = binding_fault(model, binding);
    if (fault == nullptr) continue;
    refuse_shape(
        model, fault,
        psprintf("Take the table out with leadscore.remove_activity(%s, ...) and put it in again with "
                 "leadscore.add_activity afterwards, or publish a rule set that does without the column.",
                 quote_literal_cstr(model->name)));
  }
}

/// The types of keys are recorded: a column may have another now.
const Model* with_key_types(const Model* model) {
  for (int i = 0; i < model->binding_count; ++i) {
    const Binding* const binding = &model->bindings[i];
    if (binding->role == Role::activity && OidIsValid(binding->source)) record_key_type(model, binding);
  }
  return read_anew(model);
}

void check_shapes(const Change& change) {
  const Parameter parameters[] = {text_parameter(change.name)};
  const uint64 count = read_command(kModelsConcerned, parameters);
  const SPITupleTable* const found = SPI_tuptable;
  for (uint64 i = 0; i < count; ++i) {
    const Model* model = find_model(SPI_getvalue(found->vals[i], found->tupdesc, 1), RowExclusiveLock);
    if (model == nullptr) continue;
    // Names and types of its relations are part of its statements.
    const bool own = SPI_getvalue(found->vals[i], found->tupdesc, 2)[0] == 't';
    if (own) model = read_anew(model);
    check_reads(model);
    if (own && change.values) recompute_leads(with_key_types(model), nullptr, nullptr);
  }
}

/// Names as the command has found them: with its search_path.
List* find_relations(const List* names) {
  List* relations = NIL;
  for (int i = 0; i < list_length(names); ++i)
    relations = lappend_oid(relations,
                            RangeVarGetRelid(static_cast<const RangeVar*>(list_nth(names, i)), NoLock, true));
  return relations;
}

void after_command(const Node* command) {
  const Change change = change_of(command);
  List* const leave = find_relations(change.tables_leave);
  List* const left = find_relations(change.tables_left);
  const Acting before = act_as(extension_owner(), false);
  SPI_connect();
  if (change.tables_come) adopt_new_tables();
  for (int i = 0; i < list_length(leave); ++i) {
    const Oid table = list_nth_oid(leave, i), parent = list_nth_oid(left, i);
    if (OidIsValid(table) && OidIsValid(parent)) release_table(table, parent);
  }
  if (change.shape) check_shapes(change);
  SPI_finish();
  stop_acting(before);
}

void after_drop(const Node* command) {
  const Acting before = act_as(extension_owner(), false);
  SPI_connect();
  follow_drop(command);
  SPI_finish();
  stop_acting(before);
}

/// Looks at the command alone.
bool may_concern_models(const EventTriggerData* data) {
  if (std::strcmp(data->event, "ddl_command_end") == 0) {
    const Change change = change_of(data->parsetree);
    return change.tables_come || change.tables_leave != NIL || change.shape;
  }
  return data->tag != CMDTAG_DROP_TRIGGER;
}

}  // namespace

LEADSCORE_FUNCTION(on_ddl) {
  if (!CALLED_AS_EVENT_TRIGGER(fcinfo)) {
    ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                    errmsg("leadscore.on_ddl() must be called as an event trigger")));
  }
  const auto* const data = reinterpret_cast<const EventTriggerData*>(fcinfo->context);
  if (!may_concern_models(data) || !any_model()) PG_RETURN_NULL();
  if (std::strcmp(data->event, "ddl_command_start") == 0) {
    before_command(data->parsetree);
  } else if (std::strcmp(data->event, "sql_drop") == 0) {
    after_drop(data->parsetree);
  } else {
    after_command(data->parsetree);
  }
  PG_RETURN_NULL();
}

}  // namespace leadscore
