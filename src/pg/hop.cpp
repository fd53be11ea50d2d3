#include "pg/hop.hpp"

namespace leadscore {
namespace {

Node* without_relabelling(Node* node) {
  while (node != nullptr && IsA(node, RelabelType))
    node = reinterpret_cast<Node*>(reinterpret_cast<RelabelType*>(node)->arg);
  return node;
}

/// The column that the expression is: of the subquery's table (0 levels up) or of the row around it (1).
AttrNumber column_at(Node* node, Index levels_up) {
  node = without_relabelling(node);
  if (node == nullptr || !IsA(node, Var)) return 0;
  const Var* const column = reinterpret_cast<const Var*>(node);
  return column->varlevelsup == levels_up && column->varattno > 0 ? column->varattno : 0;
}

/// Does the subquery give the rows of one table that meet a condition, one by one as they are?
bool is_plain(const Query* query) {
  return query->commandType == CMD_SELECT && !query->hasAggs && !query->hasWindowFuncs &&
         !query->hasTargetSRFs && !query->hasSubLinks && query->groupClause == NIL &&
         query->groupingSets == NIL && query->havingQual == nullptr && query->distinctClause == NIL &&
         query->sortClause == NIL && query->limitOffset == nullptr && query->limitCount == nullptr &&
         query->setOperations == nullptr && query->cteList == NIL && query->rowMarks == NIL &&
         list_length(query->targetList) == 1 && list_length(query->rtable) == 1 &&
         list_length(query->jointree->fromlist) == 1 && IsA(linitial(query->jointree->fromlist), RangeTblRef);
}

/// The outer column that one of the conditions says to equal a column of the subquery's table; 0: none does.
AttrNumber find_equated(Node* condition) {
  if (condition == nullptr) return 0;
  if (is_andclause(condition)) {
    const List* const parts = reinterpret_cast<const BoolExpr*>(condition)->args;
    AttrNumber found = 0;
    for (int i = 0; i < list_length(parts) && found == 0; ++i)
      found = find_equated(static_cast<Node*>(list_nth(parts, i)));
    return found;
  }
  if (!is_opclause(condition)) return 0;
  const OpExpr* const operation = reinterpret_cast<const OpExpr*>(condition);
  if (list_length(operation->args) != 2) return 0;
  auto* const left = static_cast<Node*>(linitial(operation->args));
  auto* const right = static_cast<Node*>(lsecond(operation->args));
  if (!op_mergejoinable(operation->opno, exprType(left))) return 0;
  if (column_at(left, 0) != 0) return column_at(right, 1);
  return column_at(right, 0) != 0 ? column_at(left, 1) : 0;
}

}  // namespace

Hop* find_hop(Node* expression, Relation relation) {
  if (!IsA(expression, SubLink)) return nullptr;
  const SubLink* const link = reinterpret_cast<const SubLink*>(expression);
  if (link->subLinkType != EXPR_SUBLINK || !IsA(link->subselect, Query)) return nullptr;
  const Query* const query = reinterpret_cast<const Query*>(link->subselect);
  if (!is_plain(query)) return nullptr;
  const auto* const entry = static_cast<const RangeTblEntry*>(linitial(query->rtable));
  const auto* const target = static_cast<const TargetEntry*>(linitial(query->targetList));
  auto* const key = reinterpret_cast<Node*>(target->expr);
  const AttrNumber from_column = find_equated(query->jointree->quals);
  if (entry->rtekind != RTE_RELATION || entry->tablesample != nullptr || !entry->inh || !IsA(key, Var) ||
      column_at(key, 0) == 0 || from_column == 0 ||
      std::strcmp(RelationGetRelationName(relation), kHopAlias) == 0)
    return nullptr;
  List* const names =
      list_concat(deparse_context_for(kHopAlias, entry->relid),
                  deparse_context_for(RelationGetRelationName(relation), RelationGetRelid(relation)));
  auto* const hop = static_cast<Hop*>(palloc(sizeof(Hop)));
  hop->table = quote_qualified_identifier(get_namespace_name(get_rel_namespace(entry->relid)),
                                          get_rel_name(entry->relid));
  hop->key = deparse_expression(key, names, true, false);
  hop->from = psprintf("%s.%s", quote_identifier(RelationGetRelationName(relation)),
                       quote_identifier(get_attname(RelationGetRelid(relation), from_column, false)));
  hop->condition = deparse_expression(query->jointree->quals, names, true, false);
  return hop;
}

}  // namespace leadscore
