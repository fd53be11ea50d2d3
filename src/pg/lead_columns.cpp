// Planner support: a whole row as the lead becomes just the columns that a constant rule set reads.
//
// A whole-row reference makes the executor take apart and form anew every row, and fetch columns from TOAST
// that no rule looks at. Of a rule set that is known at planning time the columns are known too. score, total
// and tier, which queries call for each of many leads, then take the columns as arguments (score_columns, …);
// the others take a row of them.
#include "pg/field_columns.hpp"
#include "pg/guard.hpp"
#include "pg/ruleset_cache.hpp"

namespace leadscore {
namespace {

/// A function takes at most FUNC_MAX_ARGS arguments, four of which are not columns.
constexpr int kMostColumns = FUNC_MAX_ARGS - 4;

/// The column as an expression: of a whole-row reference its own variable, of a row constructor its argument.
Expr* column_of(Node* lead, const FormData_pg_attribute* column) {
  if (IsA(lead, RowExpr))
    return static_cast<Expr*>(list_nth(reinterpret_cast<RowExpr*>(lead)->args, column->attnum - 1));
  const Var* const row = reinterpret_cast<Var*>(lead);
  Var* const made =
      makeVar(row->varno, column->attnum, column->atttypid, column->atttypmod, column->attcollation, 0);
#if PG_VERSION_NUM >= 160000
  made->varnullingrels = bms_copy(row->varnullingrels);
#endif
#if PG_VERSION_NUM >= 180000
  made->varreturningtype = row->varreturningtype;
#endif
  return reinterpret_cast<Expr*>(made);
}

/// Is the row of this variable one of a relation? Its type is then what the relation has now. The type of a
/// function's rows may have been given attributes since the query was parsed, which its rows then lack.
bool is_of_relation(PlannerInfo* root, const Var* row) {
  if (root == nullptr) return false;
  return planner_rt_fetch(row->varno, root)->rtekind == RTE_RELATION;
}

/// The row type of a lead that can be narrowed, InvalidOid for any other: a whole-row reference to a
/// relation, or what the planner makes of one to a view. (Anonymous rows are what their query selected, and
/// they name no type. A plan is made anew where a relation that it names changes its columns, but not where a
/// type does that ROW(…) is cast to, so that stays whole.)
Oid narrowable_type(PlannerInfo* root, Node* lead) {
  Oid type = InvalidOid;
  if (IsA(lead, Var)) {
    const Var* const row = reinterpret_cast<Var*>(lead);
    if (row->varattno == InvalidAttrNumber && row->varlevelsup == 0 && is_of_relation(root, row))
      type = row->vartype;
  } else if (IsA(lead, RowExpr) && root != nullptr) {
    const RowExpr* const row = reinterpret_cast<RowExpr*>(lead);
    if (row->row_format == COERCE_IMPLICIT_CAST) type = row->row_typeid;
  }
  return type == RECORDOID || !type_is_rowtype(type) ? InvalidOid : type;
}

RowExpr* row_of_columns(Node* lead, TupleDesc desc, const bool* read) {
  RowExpr* const row = makeNode(RowExpr);
  row->row_typeid = RECORDOID;
  row->row_format = COERCE_IMPLICIT_CAST;
  row->location = -1;
  for (int i = 0; i < desc->natts; ++i) {
    if (!read[i]) continue;
    const FormData_pg_attribute* const column = TupleDescAttr(desc, i);
    row->args = lappend(row->args, column_of(lead, column));
    row->colnames = lappend(row->colnames, makeString(pstrdup(NameStr(column->attname))));
  }
  return row;
}

/// The variant of a function that takes columns, InvalidOid where it has none.
Oid columns_variant(Oid function) {
  const char* const name = get_func_name(function);
  if (name == nullptr) return InvalidOid;
  List* const qualified = list_make2(makeString(get_namespace_name(get_func_namespace(function))),
                                     makeString(psprintf("%s_columns", name)));
  Oid* its;  // rules, lead, activity, as_of
  int count;
  (void)get_func_signature(function, &its, &count);
  const Oid arguments[] = {its[0], its[2], its[3], TEXTARRAYOID, ANYOID};
  return LookupFuncName(qualified, lengthof(arguments), arguments, true);
}

Datum names_of(const RowExpr* row) {
  const int count = list_length(row->colnames);
  auto* const names = static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<std::size_t>(count + 1)));
  for (int i = 0; i < count; ++i) names[i] = CStringGetTextDatum(strVal(list_nth(row->colnames, i)));
  return PointerGetDatum(construct_array(names, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/// The call of the variant: rules, activity, as_of, names, columns.
FuncExpr* call_with_columns(const FuncExpr* call, Oid variant, const RowExpr* row) {
  List* arguments = list_make3(list_nth(call->args, 0), list_nth(call->args, 2), list_nth(call->args, 3));
  arguments =
      lappend(arguments, makeConst(TEXTARRAYOID, -1, DEFAULT_COLLATION_OID, -1, names_of(row), false, false));
  FuncExpr* const made = makeNode(FuncExpr);
  *made = *call;
  made->funcid = variant;
  made->args = list_concat(arguments, row->args);
  return made;
}

/// The call with a narrower lead, or nullptr.
Node* narrowed(PlannerInfo* root, const FuncExpr* call, Purpose purpose) {
  if (list_length(call->args) < 2) return nullptr;
  auto* const rules = static_cast<Node*>(linitial(call->args));
  auto* const lead = static_cast<Node*>(lsecond(call->args));
  // Names are compared as bytes, so those of the rule set, UTF-8, must be in the database's encoding.
  if (!IsA(rules, Const) || reinterpret_cast<Const*>(rules)->constisnull || GetDatabaseEncoding() != PG_UTF8)
    return nullptr;
  const Oid type = narrowable_type(root, lead);
  if (!OidIsValid(type)) return nullptr;
  const text* const stored = DatumGetTextPP(reinterpret_cast<Const*>(rules)->constvalue);
  compile_ruleset({VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored)}, nullptr);
  const TupleDesc desc = lookup_rowtype_tupdesc_domain(type, -1, true);
  if (desc == nullptr) return nullptr;
  // A view that has been given more columns since its users were parsed makes a row constructor that lacks
  // them; the executor fills them up.
  const bool complete =
      !IsA(lead, RowExpr) || list_length(reinterpret_cast<RowExpr*>(lead)->args) >= desc->natts;
  auto* const read = static_cast<bool*>(palloc0(sizeof(bool) * static_cast<std::size_t>(desc->natts + 1)));
  FuncExpr* made = nullptr;
  if (complete && find_columns(latest_ruleset().fields(purpose), desc, read)) {
    RowExpr* const row = row_of_columns(lead, desc, read);
    const Oid variant = list_length(call->args) == 4 ? columns_variant(call->funcid) : InvalidOid;
    if (OidIsValid(variant) && row->args != NIL && list_length(row->args) <= kMostColumns) {
      made = call_with_columns(call, variant, row);
    } else {
      made = makeNode(FuncExpr);
      *made = *call;
      made->args = list_copy(call->args);
      lsecond(made->args) = row;
    }
  }
  ReleaseTupleDesc(desc);
  return reinterpret_cast<Node*>(made);
}

Datum support(FunctionCallInfo fcinfo, Purpose purpose) {
  auto* const request = reinterpret_cast<Node*>(PG_GETARG_POINTER(0));
  if (!IsA(request, SupportRequestSimplify)) PG_RETURN_POINTER(nullptr);
  const auto* const simplify = reinterpret_cast<SupportRequestSimplify*>(request);
  PG_RETURN_POINTER(narrowed(simplify->root, simplify->fcall, purpose));
}

}  // namespace

LEADSCORE_FUNCTION(score_support) { return support(fcinfo, Purpose::score); }

LEADSCORE_FUNCTION(segments_support) { return support(fcinfo, Purpose::segments); }

}  // namespace leadscore
