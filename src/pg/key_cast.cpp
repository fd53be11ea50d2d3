#include "pg/key_cast.hpp"

#include "pg/guard.hpp"
#include "pg/unusable.hpp"

namespace leadscore {

bool may_be_too_long(Oid type, int32 typmod) {
  const Oid base = getBaseTypeAndTypmod(type, &typmod);
  if (get_typlen(base) != -1 || base == INETOID || base == CIDROID) return false;
  const bool is_text = base == VARCHAROID || base == BPCHAROID;
  return !(is_text && typmod >= VARHDRSZ &&
           static_cast<Size>(typmod - VARHDRSZ) * pg_database_encoding_max_length() <= kLongestKey);
}

const char* qualified_operator(Oid oid) {
  const HeapTuple tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(oid));
  if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for operator %u", oid);
  const auto* const row = reinterpret_cast<const FormData_pg_operator*>(GETSTRUCT(tuple));
  const char* const name = psprintf(
      "OPERATOR(%s.%s)", quote_identifier(get_namespace_name(row->oprnamespace)), NameStr(row->oprname));
  ReleaseSysCache(tuple);
  return name;
}

namespace {

bool is_integer(Oid type) { return type == INT2OID || type == INT4OID || type == INT8OID; }

bool is_string(Oid type) {
  char category;
  bool preferred;
  get_type_category_preferred(type, &category, &preferred);
  return category == TYPCATEGORY_STRING;
}

/// May the cast make equal values of different ones? Where a text is read as something else it either is one
/// of the values or an error.
bool cast_loses(Oid from, Oid to) {
  if (from == to) return false;
  if (to == NAMEOID || to == CHAROID) return true;
  if (is_string(from) || is_string(to)) return false;
  if (is_integer(from) && (is_integer(to) || to == NUMERICOID)) return false;
  if ((from == INT2OID || from == INT4OID) && to == FLOAT8OID) return false;
  Oid function;
  return find_coercion_pathway(to, from, COERCION_EXPLICIT, &function) != COERCION_PATH_RELABELTYPE;
}

const char* qualified_type(Oid type, int32 typmod) {
  return format_type_extended(type, typmod, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY);
}

/// Casts the key back to `type` and compares. Where that can't be done, the texts are compared.
const char* survives(const char* expression, const char* key, Oid from, Oid type) {
  Oid function;
  const bool back =
      from == type || find_coercion_pathway(type, from, COERCION_EXPLICIT, &function) != COERCION_PATH_NONE;
  const Oid equals = back ? lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr : InvalidOid;
  const char* const name = OidIsValid(equals) ? qualified_type(type, -1) : "pg_catalog.text";
  return psprintf("((%s)::%s %s (%s)::%s)", key, name,
                  OidIsValid(equals) ? qualified_operator(equals) : "OPERATOR(pg_catalog.=)", expression,
                  name);
}

}  // namespace

const char* same_as_key(const Model* model, const char* expression, Oid type, int32 typmod) {
  int32 key_typmod = model->key_typmod, own_typmod = typmod;
  const Oid to = getBaseTypeAndTypmod(model->key_type, &key_typmod);
  const Oid from = getBaseTypeAndTypmod(type, &own_typmod);
  const char* const key =
      psprintf("(%s)::%s", expression, qualified_type(model->key_type, model->key_typmod));
  const char* const fits = key_typmod < 0 || (from == to && own_typmod == key_typmod)
                               ? nullptr
                               : survives(expression, key, to, to);
  const char* const returns = cast_loses(from, to) ? survives(expression, key, to, from) : nullptr;
  if (fits == nullptr || returns == nullptr) return fits == nullptr ? returns : fits;
  return psprintf("(%s AND %s)", fits, returns);
}

/// usable_key(key, same) -> boolean: true, or NULL where it can be the key of no row of state. That is
/// counted, unless there is no key.
LEADSCORE_FUNCTION(usable_key) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const bool same = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1);
  if (same && (get_typlen(get_fn_expr_argtype(fcinfo->flinfo, 0)) != -1 || !is_too_long(PG_GETARG_DATUM(0))))
    PG_RETURN_BOOL(true);
  ++unusable_activities;
  PG_RETURN_NULL();
}

}  // namespace leadscore
