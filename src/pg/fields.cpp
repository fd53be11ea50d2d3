// fields: named values as a row, for the argument of engage and score that rules read. A whole row of a
// foreign or distributed table is sent to no other server, nor is ROW(…); the call of an immutable function
// is.
#include "pg/guard.hpp"
#include "pg/postgres.hpp"

namespace leadscore {
namespace {

/// Argument 0 and the row type that was made of it, both in the call's memory. A POD.
struct FieldsCall {
  ArrayType* names = nullptr;
  TupleDesc desc = nullptr;
};

/// Of an argument; a literal that nobody has given a type is text.
Oid field_type(FunctionCallInfo fcinfo, int number) {
  const Oid type = get_fn_expr_argtype(fcinfo->flinfo, number);
  return type == UNKNOWNOID ? TEXTOID : type;
}

TupleDesc describe(FunctionCallInfo fcinfo, ArrayType* names) {
  Datum* name;
  bool* is_null;
  int count;
  deconstruct_array(names, TEXTOID, -1, false, TYPALIGN_INT, &name, &is_null, &count);
  if (ARR_NDIM(names) > 1)
    ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR), errmsg("names of fields must be a list")));
  if (count != PG_NARGS() - 1) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("fields has %d names for %d values", count, PG_NARGS() - 1)));
  }
  const TupleDesc desc = CreateTemplateTupleDesc(count);
  for (int i = 0; i < count; ++i) {
    if (is_null[i])
      ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a name of a field is NULL")));
    const char* const field = TextDatumGetCString(name[i]);
    if (std::strlen(field) >= NAMEDATALEN) {
      ereport(ERROR,
              (errcode(ERRCODE_NAME_TOO_LONG), errmsg("field name \"%s\" is too long", field),
               errdetail("Names of fields have at most %d bytes, as those of columns.", NAMEDATALEN - 1)));
    }
    for (int before = 0; before < i; ++before) {
      if (std::strcmp(NameStr(TupleDescAttr(desc, before)->attname), field) == 0)
        ereport(ERROR, (errcode(ERRCODE_DUPLICATE_COLUMN), errmsg("field \"%s\" is named twice", field)));
    }
    TupleDescInitEntry(desc, static_cast<AttrNumber>(i + 1), field, field_type(fcinfo, i + 1), -1, 0);
  }
  return BlessTupleDesc(desc);
}

bool same_bytes(const ArrayType* a, const ArrayType* b) noexcept {
  return VARSIZE(a) == VARSIZE(b) && std::memcmp(a, b, VARSIZE(a)) == 0;
}

}  // namespace

/// fields(names text[], VARIADIC "any") -> record
LEADSCORE_FUNCTION(fields) {
  if (PG_ARGISNULL(0))
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("names of fields are NULL")));
  if (get_fn_expr_variadic(fcinfo->flinfo)) {
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("fields takes no VARIADIC array"),
                    errhint("Pass each value as an argument of its own.")));
  }
  FieldsCall& call = call_state<FieldsCall>(fcinfo);
  ArrayType* const names = PG_GETARG_ARRAYTYPE_P(0);
  if (call.names == nullptr || !same_bytes(call.names, names)) {
    const TupleDesc desc = describe(fcinfo, names);
    const MemoryContext before = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
    if (call.names != nullptr) {
      FreeTupleDesc(call.desc);
      pfree(call.names);
    }
    call.desc = CreateTupleDescCopy(desc);
    call.names = DatumGetArrayTypePCopy(PointerGetDatum(names));
    MemoryContextSwitchTo(before);
  }
  Datum values[FUNC_MAX_ARGS];
  bool nulls[FUNC_MAX_ARGS];
  for (int i = 1; i < PG_NARGS(); ++i) {
    nulls[i - 1] = PG_ARGISNULL(i);
    values[i - 1] = PG_GETARG_DATUM(i);
    if (!nulls[i - 1] && get_fn_expr_argtype(fcinfo->flinfo, i) == UNKNOWNOID)
      values[i - 1] = CStringGetTextDatum(DatumGetCString(values[i - 1]));
  }
  PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(call.desc, values, nulls)));
}

}  // namespace leadscore
