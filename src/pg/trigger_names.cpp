#include "pg/trigger_names.hpp"

#include "pg/acting.hpp"
#include "pg/model_sql.hpp"
#include "pg/statement.hpp"

namespace leadscore {

const char* trigger_name(int model, int binding, const char* event) {
  return psprintf("leadscore_%010d_%010d_%s", model, binding, event);
}

bool is_trigger_name(const Binding* binding, const char* name) {
  const std::size_t length = std::strlen(binding->trigger_prefix);
  if (std::strncmp(name, binding->trigger_prefix, length) != 0) return false;
  for (const char* const event : kTriggerEvents) {
    if (std::strcmp(name + length, event) == 0) return true;
  }
  return false;
}

bool belongs_to(Oid relation, Oid source) {
  if (relation == source) return true;
  // Upwards: a table has few parents, but may have thousands of partitions.
  return has_superclass(relation) && typeInheritsFrom(get_rel_type_id(relation), get_rel_type_id(source));
}

namespace {

const char* transition_tables(const char* event) {
  switch (event[0]) {
    case 'i':
      return psprintf("REFERENCING NEW TABLE AS %s", kNewRows);
    case 'u':
      return psprintf("REFERENCING OLD TABLE AS %s NEW TABLE AS %s", kOldRows, kNewRows);
    case 'd':
      return psprintf("REFERENCING OLD TABLE AS %s", kOldRows);
    default:
      return "";
  }
}

/// Is there such a trigger, and does it belong to this binding of this model?
bool is_in_place(const Model* model, const Binding* binding, Oid table, const char* name) {
  if (!OidIsValid(get_trigger_oid(table, name, true))) return false;
  const Relation relation = table_open(table, AccessShareLock);
  bool found = false;
  for (int i = 0; relation->trigdesc != nullptr && i < relation->trigdesc->numtriggers && !found; ++i) {
    const Trigger& trigger = relation->trigdesc->triggers[i];
    found = std::strcmp(trigger.tgname, name) == 0 && trigger.tgnargs == 2 &&
            std::strcmp(trigger.tgargs[0], model->name) == 0 &&
            std::strcmp(trigger.tgargs[1], psprintf("%d", binding->id)) == 0;
  }
  table_close(relation, AccessShareLock);
  return found;
}

}  // namespace

int create_triggers_on(const Model* model, const Binding* binding, Oid table) {
  const char kind = get_rel_relkind(table);
  if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE) {
    ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is not a table", get_rel_name(table)),
                    errdetail("Only tables tell when their rows change."),
                    errhint("For a view, declare the tables that it reads with leadscore.watch.")));
  }
  int made = 0;
  const Acting before = act_as(extension_owner(), false);
  for (const char* const event : kTriggerEvents) {
    const char* const name = trigger_name(model->id, binding->id, event);
    if (is_in_place(model, binding, table, name)) continue;
    run_command(
        psprintf("CREATE OR REPLACE TRIGGER %s AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION "
                 "leadscore.on_change(%s, '%d')",
                 name, event, relation_name(table), transition_tables(event), quote_literal_cstr(model->name),
                 binding->id));
    ++made;
  }
  stop_acting(before);
  return made;
}

void check_may_follow(Oid role, Oid table) {
  if (pg_class_aclcheck(table, role, ACL_TRIGGER) == ACLCHECK_OK) return;
  const char* const owner = GetUserNameFromId(role, false);
  ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                  errmsg("role \"%s\" may not create triggers on table \"%s\"", owner, get_rel_name(table)),
                  errhint("GRANT TRIGGER ON %s TO %s.", relation_name(table), quote_identifier(owner))));
}

void create_triggers(const Model* model, const Binding* binding) {
  check_may_follow(model->owner, binding->source);
  List* const tables = find_all_inheritors(binding->source, ShareRowExclusiveLock, nullptr);
  for (int i = 0; i < list_length(tables); ++i) create_triggers_on(model, binding, list_nth_oid(tables, i));
}

namespace {

/// Drops what a query over pg_trigger t finds by its condition.
void drop_found(const char* condition, std::span<const Parameter> parameters) {
  const Acting before = act_as(extension_owner(), false);
  const uint64 count = run_command(
      psprintf("SELECT t.tgname::text, t.tgrelid FROM pg_catalog.pg_trigger t WHERE t.tgname LIKE $1 AND NOT "
               "t.tgisinternal AND t.tgfoid = 'leadscore.on_change()'::regprocedure%s ORDER BY t.tgrelid, "
               "t.tgname",
               condition),
      parameters);
  const SPITupleTable* const found = SPI_tuptable;
  for (uint64 i = 0; i < count; ++i) {
    bool is_null;
    const char* const name = SPI_getvalue(found->vals[i], found->tupdesc, 1);
    const Oid table = DatumGetObjectId(SPI_getbinval(found->vals[i], found->tupdesc, 2, &is_null));
    run_command(psprintf("DROP TRIGGER %s ON %s", quote_identifier(name), relation_name(table)));
  }
  stop_acting(before);
}

Parameter any_event(int model, int binding) {
  return text_parameter(psprintf("leadscore\\_%010d\\_%010d\\_%%", model, binding));
}

}  // namespace

void drop_triggers(int model, int binding) {
  const Parameter parameters[] = {any_event(model, binding)};
  drop_found("", parameters);
}

void drop_triggers_on(int model, int binding, Oid table) {
  const Parameter parameters[] = {any_event(model, binding), {OIDOID, ObjectIdGetDatum(table)}};
  drop_found(" AND t.tgrelid = $2", parameters);
}

}  // namespace leadscore
