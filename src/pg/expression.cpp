// From the text of an expression to one that stands alone: parse, analyze, check, write out, and read what
// was written to see that it still means the same.
#include "pg/expression.hpp"

#include "pg/expression_check.hpp"
#include "pg/tree_walk.hpp"

namespace leadscore {
namespace {

/// What is being read, for messages.
struct Subject {
  const char* kind;  ///< "expression" or "query"
  const char* argument;
  const char* text;  ///< the text that the parser is at: as passed, later as rewritten
  bool rewritten;
};

// Errors

constexpr const char* kHowToCompare =
    "Compare by an operator, x = y: CASE x WHEN y, NULLIF, IS DISTINCT FROM, JOIN USING and comparisons of "
    "rows can't name one of another schema.";

/// As much of a text as belongs into a message.
const char* clipped(const char* text) {
  constexpr int kMost = 200;
  const int size = static_cast<int>(strnlen(text, kMost + 1));
  if (size <= kMost) return text;
  return psprintf("%.*s...", pg_mbcliplen(text, size, kMost), text);
}

/// Called by the server while an error is raised.
void describe_context(void* arg) {
  const auto* const subject = static_cast<const Subject*>(arg);
  // A position in this text, which is not the statement that the client has sent.
  const int position = geterrposition();
  if (position > 0) {
    errposition(0);
    internalerrposition(position);
    internalerrquery(subject->text);
  }
  if (!subject->rewritten) {
    errcontext("argument \"%s\", %s \"%s\"", subject->argument, subject->kind, clipped(subject->text));
    return;
  }
  errcontext("argument \"%s\", rewritten for search_path = pg_catalog, pg_temp as \"%s\"", subject->argument,
             clipped(subject->text));
  switch (geterrcode()) {
    case ERRCODE_UNDEFINED_FUNCTION:
    case ERRCODE_AMBIGUOUS_FUNCTION:
    case ERRCODE_DATATYPE_MISMATCH:
      errhint("%s", kHowToCompare);
      break;
    default:
      break;
  }
}

[[noreturn]] void raise_not_one(const Subject& subject, const char* relation) {
  const bool query = std::strcmp(subject.kind, "query") == 0;
  ereport(ERROR,
          (errcode(ERRCODE_SYNTAX_ERROR),
           errmsg("argument \"%s\" must be one %s", subject.argument, subject.kind),
           query ? errhint("Give one SELECT (or VALUES, or WITH ... SELECT) with one column, over a row "
                           "of \"%s\".",
                           relation)
                 : errhint("Give one SQL expression over a row of \"%s\", such as a column or CASE ... "
                           "END, and nothing else.",
                           relation)));
}

// Parsing

bool ends_in_star(Node* node) {
  List* fields = NIL;
  if (IsA(node, ColumnRef)) fields = reinterpret_cast<ColumnRef*>(node)->fields;
  if (IsA(node, A_Indirection)) fields = reinterpret_cast<A_Indirection*>(node)->indirection;
  return fields != NIL && IsA(llast(fields), A_Star);
}

/// The text as exactly one expression; nullptr where it is not.
Node* parse_as_expression(const char* text) {
  List* const statements = raw_parser(text, RAW_PARSE_PLPGSQL_EXPR);
  if (list_length(statements) != 1) return nullptr;
  Node* const statement = linitial_node(RawStmt, statements)->stmt;
  if (!IsA(statement, SelectStmt)) return nullptr;
  const SelectStmt* const select = reinterpret_cast<SelectStmt*>(statement);
  // This mode of the grammar takes all that may follow SELECT.
  if (select->distinctClause != NIL || select->intoClause != nullptr || select->fromClause != NIL ||
      select->whereClause != nullptr || select->groupClause != NIL || select->havingClause != nullptr ||
      select->windowClause != NIL || select->valuesLists != NIL || select->sortClause != NIL ||
      select->limitOffset != nullptr || select->limitCount != nullptr || select->lockingClause != NIL ||
      select->withClause != nullptr || select->op != SETOP_NONE || list_length(select->targetList) != 1)
    return nullptr;
  const ResTarget* const target = linitial_node(ResTarget, select->targetList);
  if (target->name != nullptr || target->indirection != NIL || ends_in_star(target->val)) return nullptr;
  return target->val;
}

/// The text, exactly one query, as ARRAY(query); nullptr where it is not.
Node* parse_as_array(const char* text) {
  List* const statements = raw_parser(text, RAW_PARSE_DEFAULT);
  if (list_length(statements) != 1) return nullptr;
  Node* const statement = linitial_node(RawStmt, statements)->stmt;
  if (!IsA(statement, SelectStmt)) return nullptr;
  SubLink* const array = makeNode(SubLink);
  array->subLinkType = ARRAY_SUBLINK;
  array->subselect = statement;
  array->location = -1;
  return reinterpret_cast<Node*>(array);
}

/// Has one row of the relation in scope, under the relation's name, and nothing else. `alias`: the name,
/// where it goes by another one.
ParseState* state_over_row(Relation relation, const char* text, const char* alias = nullptr) {
  ParseState* const state = make_parsestate(nullptr);
  state->p_sourcetext = text;
  ParseNamespaceItem* const row = addRangeTableEntryForRelation(
      state, relation, AccessShareLock, alias == nullptr ? nullptr : makeAlias(alias, NIL), true, true);
  addNSItemToQuery(state, row, true, true, true);
  return state;
}

Node* analyze(ParseState* state, Node* raw) {
  Node* node = transformExpr(state, raw, EXPR_KIND_SELECT_TARGET);
  if (exprType(node) == UNKNOWNOID)
    node = coerce_type(state, node, UNKNOWNOID, TEXTOID, -1, COERCION_IMPLICIT, COERCE_IMPLICIT_CAST, -1);
  assign_expr_collations(state, node);
  return node;
}

// Checks

/// What may stand in a SELECT list, but not in an expression over one row.
void check_level(const Subject& subject, ParseState* state, Node* node) {
  if (state->p_hasAggs)
    ereport(ERROR, (errcode(ERRCODE_GROUPING_ERROR),
                    errmsg("aggregate functions are not allowed in argument \"%s\"", subject.argument),
                    parser_errposition(state, locate_agg_of_level(node, 0))));
  if (state->p_hasWindowFuncs)
    ereport(ERROR, (errcode(ERRCODE_WINDOWING_ERROR),
                    errmsg("window functions are not allowed in argument \"%s\"", subject.argument),
                    parser_errposition(state, locate_windowfunc(node))));
  if (state->p_hasTargetSRFs)
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("set-returning functions are not allowed in argument \"%s\"", subject.argument),
                    parser_errposition(state, exprLocation(state->p_last_srf))));
}

// Writing

/// Opens a level of settings under which what is written means the same everywhere, as pg_dump does. The
/// settings end with AtEOXact_GUC, or with the (sub)transaction where an error is raised.
int fix_settings() {
  static constexpr const char* kSettings[][2] = {
      {"search_path", "pg_catalog, pg_temp"},
      {"standard_conforming_strings", "on"},
      {"quote_all_identifiers", "off"},
      {"transform_null_equals", "off"},
      {"TimeZone", "UTC"},
      {"DateStyle", "ISO"},
      {"IntervalStyle", "postgres"},
      {"extra_float_digits", "1"},
      {"bytea_output", "hex"},
      {"xmloption", "content"},
  };
  const int level = NewGUCNestLevel();
  for (const auto& [name, value] : kSettings)
    (void)set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
  return level;
}

char* write_out(Node* node, Relation relation, const char* alias) {
  char* const text =
      deparse_expression(node, deparse_context_for(alias, RelationGetRelid(relation)), true, false);
  // A whole row is written as name.*, which a SELECT list would take for all columns.
  if (IsA(node, Var) && reinterpret_cast<Var*>(node)->varattno == InvalidAttrNumber)
    return psprintf("%s::%s", text, format_type_be_qualified(exprType(node)));
  return text;
}

/// Lists what names stand for: operators, functions, tables, columns. Casts are left out: they are found by
/// types, not by names, and moved about (ARRAY[...]::text[] casts each element).
bool list_meanings(Node* node, void* arg) {
  if (node == nullptr) return false;
  auto& meanings = *static_cast<List**>(arg);
  const auto add = [&meanings](auto value) { meanings = lappend_oid(meanings, static_cast<Oid>(value)); };
  switch (nodeTag(node)) {
    case T_Query: {
      Query* const query = reinterpret_cast<Query*>(node);
      for (int i = 0; i < list_length(query->rtable); ++i) {
        const auto* const entry = static_cast<RangeTblEntry*>(list_nth(query->rtable, i));
        add(entry->rtekind);
        if (entry->rtekind == RTE_RELATION) add(entry->relid);
      }
      return walk_query(query, list_meanings, arg, QTW_IGNORE_JOINALIASES);
    }
    case T_Var: {
      const Var* const var = reinterpret_cast<Var*>(node);
      add(var->varlevelsup);
      add(var->varno);
      add(var->varattno);
      break;
    }
    case T_OpExpr:
    case T_DistinctExpr:
    case T_NullIfExpr:
      add(reinterpret_cast<OpExpr*>(node)->opno);
      break;
    case T_ScalarArrayOpExpr:
      add(reinterpret_cast<ScalarArrayOpExpr*>(node)->opno);
      break;
    case T_RowCompareExpr:
      meanings = list_concat(meanings, reinterpret_cast<RowCompareExpr*>(node)->opnos);
      break;
    case T_FuncExpr: {
      const FuncExpr* const call = reinterpret_cast<FuncExpr*>(node);
      if (call->funcformat == COERCE_EXPLICIT_CALL || call->funcformat == COERCE_SQL_SYNTAX)
        add(call->funcid);
      break;
    }
    case T_Aggref:
      add(reinterpret_cast<Aggref*>(node)->aggfnoid);
      break;
    case T_WindowFunc:
      add(reinterpret_cast<WindowFunc*>(node)->winfnoid);
      break;
    case T_MinMaxExpr:
      add(reinterpret_cast<MinMaxExpr*>(node)->minmaxtype);
      break;
    case T_CollateExpr:
      add(reinterpret_cast<CollateExpr*>(node)->collOid);
      break;
    default:
      break;
  }
  return walk_parts(node, list_meanings, arg);
}

bool same_meaning(Node* a, Node* b) {
  List* meanings_of_a = NIL;
  List* meanings_of_b = NIL;
  (void)list_meanings(a, &meanings_of_a);
  (void)list_meanings(b, &meanings_of_b);
  return exprType(a) == exprType(b) && exprTypmod(a) == exprTypmod(b) &&
         exprCollation(a) == exprCollation(b) && equal(meanings_of_a, meanings_of_b);
}

/// `alias`: the name by which the text that is made speaks of a row; nullptr for the relation's own.
Expression parse(Oid relation_id, Subject subject, ExpressionCheck check, const char* alias = nullptr) {
  const Relation relation = table_open(relation_id, AccessShareLock);
  ErrorContextCallback context = {error_context_stack, describe_context, &subject};
  error_context_stack = &context;

  const bool is_query = check.is_query;
  if (alias == nullptr) alias = pstrdup(RelationGetRelationName(relation));
  Node* const raw = is_query ? parse_as_array(subject.text) : parse_as_expression(subject.text);
  if (raw == nullptr) raise_not_one(subject, RelationGetRelationName(relation));
  check.state = state_over_row(relation, subject.text);
  check.temporary = relation->rd_rel->relpersistence == RELPERSISTENCE_TEMP;
  Node* const node = analyze(check.state, raw);
  check_level(subject, check.state, node);
  check_what_is_read(check, node);

  Expression made = {nullptr, exprType(node), exprTypmod(node), exprCollation(node), check.reads_tables,
                     nullptr};
  if (is_query) made.type = get_element_type(made.type);
  if (IsA(node, Var) && reinterpret_cast<Var*>(node)->varattno > 0)
    made.column = get_attname(relation_id, reinterpret_cast<Var*>(node)->varattno, false);

  const int level = fix_settings();
  subject.text = made.text = write_out(node, relation, alias);
  subject.rewritten = true;
  Node* const raw_again = parse_as_expression(made.text);
  if (raw_again == nullptr ||
      !same_meaning(node, analyze(state_over_row(relation, made.text, alias), raw_again)))
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("%s \"%s\" depends on search_path", subject.kind, subject.argument),
                    errhint("%s", kHowToCompare)));
  if (!is_query) made.hop = find_hop(node, relation);
  AtEOXact_GUC(true, level);

  error_context_stack = context.previous;
  table_close(relation, NoLock);
  return made;
}

}  // namespace

Expression parse_expression(Oid relation, const char* source, const char* argument, List* watched,
                            Scope scope, const char* alias) {
  ExpressionCheck check = {};
  check.kind = "expression";
  check.argument = argument;
  check.watched = watched;
  check.scope = scope;
  check.any_table = scope == Scope::anywhere;
  return parse(relation, {check.kind, argument, source, false}, check, alias);
}

Expression parse_query(Oid relation, const char* source, const char* argument) {
  ExpressionCheck check = {};
  check.kind = "query";
  check.argument = argument;
  check.any_table = check.is_query = true;
  return parse(relation, {check.kind, argument, source, false}, check);
}

}  // namespace leadscore
