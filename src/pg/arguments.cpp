#include "pg/arguments.hpp"

#include "pg/key_index.hpp"
#include "pg/model.hpp"
#include "pg/model_views.hpp"

namespace leadscore {
namespace {

/// Does Citus keep the table's rows in shards? Its catalogue names such tables, the local ones that it knows
/// among them, and their shards nowhere.
bool is_in_shards(Oid relation) {
  constexpr AttrNumber kRelation = 1;
  const Oid catalogue = get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE);
  if (!OidIsValid(catalogue)) return false;
  const Relation tables = table_open(catalogue, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, kRelation, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relation));
  const SysScanDesc scan = systable_beginscan(tables, InvalidOid, false, nullptr, 1, &key);
  const bool found = HeapTupleIsValid(systable_getnext(scan));
  systable_endscan(scan);
  table_close(tables, AccessShareLock);
  return found;
}

}  // namespace

const char* optional_text(FunctionCallInfo fcinfo, int number) {
  return PG_ARGISNULL(number) ? nullptr : text_to_cstring(PG_GETARG_TEXT_PP(number));
}

const char* required_text(FunctionCallInfo fcinfo, int number, const char* name) {
  if (PG_ARGISNULL(number)) {
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be NULL", name)));
  }
  return text_to_cstring(PG_GETARG_TEXT_PP(number));
}

void check_is_root(Oid table) {
  if (!has_superclass(table)) return;
  ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                  errmsg("\"%s\" is a partition, or inherits from another table", get_rel_name(table)),
                  errdetail("Rows that are written through the parent fire the parent's triggers alone."),
                  errhint("Bind the parent; filter => '…' chooses rows of it.")));
}

void check_may_be_bound(Oid relation) {
  const char* const name = get_rel_name(relation);
  if (name == nullptr) return;
  const char* const schema = get_namespace_name(get_rel_namespace(relation));
  if (get_rel_persistence(relation) == RELPERSISTENCE_TEMP) {
    ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is temporary", name),
                    errdetail("A model is for all sessions, and stays.")));
  }
  if (is_in_shards(relation)) {
    ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("rows of \"%s\" are in shards of Citus", name),
                    errdetail("Triggers fire on the shards, where the model is not known: no row could be "
                              "written any more."),
                    errhint("Make a model of each shard on its worker, or keep states in a distributed "
                            "table: see docs/distributed.md.")));
  }
  bool own = std::strcmp(schema, "leadscore") == 0;
  bool models = std::strcmp(name, "state") == 0;
  for (const char* const view : kViews) models = models || std::strcmp(name, view) == 0;
  own = own || (models && find_model(schema, NoLock) != nullptr);
  if (!own) return;
  ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                  errmsg("%s is leadscore's own", quote_qualified_identifier(schema, name)),
                  errdetail("It changes with the scores that would follow it.")));
}

const char* primary_key(Oid relation, const char* instead) {
  const Oid index = [&] {
    const Relation table = table_open(relation, AccessShareLock);
    const Oid key = primary_key_index(table);
    table_close(table, AccessShareLock);
    return key;
  }();
  const char* const name = get_rel_name(relation);
  if (!OidIsValid(index)) {
    Oid deferrable;
    (void)get_primary_key_attnos(relation, true, &deferrable);
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
             OidIsValid(deferrable) ? errmsg("\"%s\" has no primary key but one that can be deferred", name)
                                    : errmsg("\"%s\" has no primary key", name),
             errhint("Say what is unique to a lead: %s.", instead)));
  }
  const HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
  if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for index %u", index);
  const auto* const row = reinterpret_cast<const FormData_pg_index*>(GETSTRUCT(tuple));
  const int columns = row->indnkeyatts;
  const AttrNumber column = row->indkey.values[0];
  ReleaseSysCache(tuple);
  if (columns != 1) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("the primary key of \"%s\" has %d columns", name, columns),
                    errhint("Say what is unique to a lead in one expression: %s.", instead)));
  }
  return quote_identifier(get_attname(relation, column, false));
}

void check_relation(Oid relation) {
  const char kind = get_rel_relkind(relation);
  if (kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE || kind == RELKIND_VIEW ||
      kind == RELKIND_MATVIEW || kind == RELKIND_FOREIGN_TABLE)
    return;
  ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                  errmsg("\"%s\" is not a table or view",
                         get_rel_name(relation) == nullptr ? "-" : get_rel_name(relation))));
}

Expression parse_filter(Oid relation, const char* source, List* watched, Scope scope) {
  if (source == nullptr) return Expression{};
  const Expression filter = parse_expression(relation, source, "filter", watched, scope);
  if (getBaseType(filter.type) != BOOLOID) {
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("filter is of type %s, not boolean", format_type_be(filter.type))));
  }
  return filter;
}

const char* as_instant(const Expression& at, const char* argument) {
  switch (getBaseType(at.type)) {
    case TIMESTAMPTZOID:
      return at.text;
    case TIMESTAMPOID:
      return psprintf("((%s) AT TIME ZONE 'UTC')", at.text);
    case DATEOID:
      return psprintf("((%s)::timestamp AT TIME ZONE 'UTC')", at.text);
    default:
      ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                      errmsg("%s is of type %s, not a time", argument, format_type_be(at.type)),
                      errhint("Cast it to timestamptz, timestamp or date.")));
  }
}

}  // namespace leadscore
