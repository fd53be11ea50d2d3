#include "pg/ownership.hpp"

#include "pg/acting.hpp"
#include "pg/model_views.hpp"
#include "pg/statement.hpp"

namespace leadscore {
namespace {

/// Gives a relation of the model's schema to a role, where it is there and another's.
void give(const Model* model, const char* relation, Oid role) {
  const Oid found = get_relname_relid(relation, get_namespace_oid(model->name, false));
  if (!OidIsValid(found)) return;
  const Parameter of[] = {{OIDOID, ObjectIdGetDatum(found)}, {OIDOID, ObjectIdGetDatum(role)}};
  if (read_command("SELECT FROM pg_catalog.pg_class c WHERE c.oid = $1 AND c.relowner <> $2", of) == 0)
    return;
  // Of a view, ALTER TABLE changes the owner as well.
  run_command(psprintf("ALTER TABLE %s.%s OWNER TO %s", model->schema, relation, role_name(role)));
}

bool may_delete(const char* table, Oid role) {
  const Oid found = get_relname_relid(table, get_namespace_oid("leadscore", false));
  return pg_class_aclcheck(found, role, ACL_DELETE) == ACLCHECK_OK;
}

/// Rights are a part of the table's row of the catalog, which two can't change at once.
void lock_rights() {
  LockRelationOid(get_relname_relid("model", get_namespace_oid("leadscore", false)),
                  ShareUpdateExclusiveLock);
}

}  // namespace

Oid schema_owner(const char* model) {
  const Oid schema = get_namespace_oid(model, true);
  if (!OidIsValid(schema)) return InvalidOid;
  const HeapTuple tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
  if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for schema %u", schema);
  const Oid owner = reinterpret_cast<const FormData_pg_namespace*>(GETSTRUCT(tuple))->nspowner;
  ReleaseSysCache(tuple);
  return owner;
}

const char* role_name(Oid role) {
  const char* const name = GetUserNameFromId(role, true);
  return name == nullptr ? nullptr : quote_identifier(name);
}

void allow_tidying(Oid role) {
  if (may_delete("transition", role) && may_delete("problem", role)) return;
  lock_rights();
  run_command(psprintf("GRANT DELETE ON leadscore.transition, leadscore.problem TO %s", role_name(role)));
}

void forbid_tidying(Oid role) {
  constexpr const char* kGranted =
      "SELECT FROM pg_catalog.pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a "
      "WHERE c.oid IN ('leadscore.transition'::regclass, 'leadscore.problem'::regclass) AND c.relowner <> $1 "
      "AND a.grantee = $1 AND a.privilege_type = 'DELETE' "
      "AND NOT EXISTS (SELECT FROM leadscore.model m WHERE m.owner::oid = $1)";
  const Parameter of[] = {{OIDOID, ObjectIdGetDatum(role)}};
  if (read_command(kGranted, of) == 0) return;
  lock_rights();
  run_command(psprintf("REVOKE DELETE ON leadscore.transition, leadscore.problem FROM %s", role_name(role)));
}

void follow_schema_owner(const Model* model) {
  const Oid owner = schema_owner(model->name);
  const Acting before = act_as(extension_owner(), false);
  const Parameter row[] = {text_parameter(model->name), {OIDOID, ObjectIdGetDatum(owner)}};
  run_command("UPDATE leadscore.model SET owner = $2::regrole WHERE name = $1 AND owner <> $2", row);
  give(model, "state", owner);
  for (const char* const view : kViews) give(model, view, owner);
  if (owner != model->owner) forbid_tidying(model->owner);
  allow_tidying(owner);
  stop_acting(before);
}

}  // namespace leadscore
