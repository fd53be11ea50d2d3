#include "pg/narrow.hpp"

namespace leadscore {

Var* variable_beside(const Var* row, AttrNumber number, Oid type, int32 typmod, Oid collation) {
  Var* const made = makeVar(row->varno, number, type, typmod, collation, 0);
#if PG_VERSION_NUM >= 160000
  made->varnullingrels = bms_copy(row->varnullingrels);
#endif
#if PG_VERSION_NUM >= 180000
  made->varreturningtype = row->varreturningtype;
#endif
  return made;
}

namespace {

/// The column as an expression: of a whole-row reference its own variable, of a row constructor its argument.
Expr* column_of(Node* lead, const FormData_pg_attribute* column) {
  if (IsA(lead, RowExpr))
    return static_cast<Expr*>(list_nth(reinterpret_cast<RowExpr*>(lead)->args, column->attnum - 1));
  return reinterpret_cast<Expr*>(variable_beside(reinterpret_cast<Var*>(lead), column->attnum,
                                                 column->atttypid, column->atttypmod, column->attcollation));
}

/// Is the row of this variable one of a relation? Its type is then what the relation has now. The type of a
/// function's rows may have been given attributes since the query was parsed, which its rows then lack.
/// `root` may be another query's: EXISTS is simplified with that of the query around it. So what stands there
/// under the variable's number must be just the relation that the variable's type says.
bool is_of_relation(PlannerInfo* root, const Var* row) {
  if (root == nullptr) return false;
  const int count =
      root->simple_rte_array != nullptr ? root->simple_rel_array_size - 1 : list_length(root->parse->rtable);
  if (static_cast<int>(row->varno) < 1 || static_cast<int>(row->varno) > count) return false;
  const RangeTblEntry* const entry = planner_rt_fetch(row->varno, root);
  return entry != nullptr && entry->rtekind == RTE_RELATION && get_rel_type_id(entry->relid) == row->vartype;
}

}  // namespace

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

bool is_complete(Node* lead, TupleDesc desc) {
  return !IsA(lead, RowExpr) || list_length(reinterpret_cast<RowExpr*>(lead)->args) >= desc->natts;
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

Const* names_constant(const RowExpr* row) {
  const int count = list_length(row->colnames);
  auto* const names = static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<std::size_t>(count + 1)));
  for (int i = 0; i < count; ++i) names[i] = CStringGetTextDatum(strVal(list_nth(row->colnames, i)));
  const Datum array = PointerGetDatum(construct_array(names, count, TEXTOID, -1, false, TYPALIGN_INT));
  return makeConst(TEXTARRAYOID, -1, DEFAULT_COLLATION_OID, -1, array, false, false);
}

Oid columns_variant(Oid function, const Oid* arguments, int count) {
  const char* const name = get_func_name(function);
  if (name == nullptr) return InvalidOid;
  List* const qualified = list_make2(makeString(get_namespace_name(get_func_namespace(function))),
                                     makeString(psprintf("%s_columns", name)));
  return LookupFuncName(qualified, count, arguments, true);
}

}  // namespace leadscore
