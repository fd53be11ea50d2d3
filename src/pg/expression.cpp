// From the text of an expression to one that stands alone: parse, analyze, check, write out, and read what
// was written to see that it still means the same.
#include "pg/expression.hpp"

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

constexpr const char* kWhatCounts = "A score depends on rule set, lead, activities and as_of alone.";
constexpr const char* kWhatIsRead = "What it gives must depend on tables alone.";
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

const char* qualified_name(Oid relation) {
  const char* const name = get_rel_name(relation);
  if (name == nullptr) return psprintf("%u", relation);
  return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)), name);
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

struct Check {
  const Subject* subject;
  ParseState* state;
  List* watched;
  Scope scope;
  bool any_table;  ///< not only watched ones
  bool is_query;
  bool temporary;  ///< the relation is a temporary table
  bool reads_tables;
  Node* node;  ///< the one whose functions are being looked at
};

const char* what_counts(const Check& check) {
  return check.scope == Scope::anywhere ? kWhatIsRead : kWhatCounts;
}

[[noreturn]] void raise_environment(const Check& check, const char* what, int location) {
  ereport(ERROR, (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
                  errmsg("%s \"%s\" reads the clock or the session: %s", check.subject->kind,
                         check.subject->argument, what),
                  errhint("%s", what_counts(check)), parser_errposition(check.state, location)));
}

bool is_one_of(const char* name, std::span<const char* const> names) {
  return std::any_of(names.begin(), names.end(), [name](const char* one) { return !std::strcmp(name, one); });
}

/// Does a stable function of the server's read what is not in its arguments: clock, session, statistics, or
/// tables? (Settings that casts and formats look at are not meant.)
bool reads_environment(Oid function) {
  static constexpr const char* kPure[] = {"json_build_array", "json_build_object", "jsonb_build_array",
                                          "jsonb_build_object"};
  static constexpr const char* kEnvironment[] = {"current_schemas", "current_setting", "mxid_age",
                                                 "pg_has_role", "row_security_active"};
  const char* const name = get_func_name(function);
  if (name == nullptr) return false;
  Oid* arguments;
  int count;
  (void)get_func_signature(function, &arguments, &count);
  if (count == 0) return !is_one_of(name, kPure);
  const std::string_view view(name);
  if (view == "age") return count == 1;  // until today
  // Which offset a zone has today.
  if (view == "timetz") return arguments[0] == TIMEOID;
  if (view == "timezone") return arguments[count - 1] == TIMETZOID;
  return is_one_of(name, kEnvironment) || view.starts_with("pg_stat_get_") ||
         (view.starts_with("has_") && view.ends_with("_privilege")) ||
         view.find("_to_xml") != std::string_view::npos;
}

bool check_function(Oid function, void* arg) {
  const auto& check = *static_cast<Check*>(arg);
  const char volatility = func_volatile(function);
  if (volatility == PROVOLATILE_IMMUTABLE) return false;
  const bool builtin = get_func_namespace(function) == PG_CATALOG_NAMESPACE;
  if (volatility == PROVOLATILE_VOLATILE)
    ereport(
        ERROR,
        (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
         errmsg("%s \"%s\" is volatile: it calls %s", check.subject->kind, check.subject->argument,
                format_procedure(function)),
         builtin
             ? errhint("%s", what_counts(check))
             : errhint("A function that depends on its arguments alone can be declared IMMUTABLE, one that "
                       "reads tables too, STABLE."),
         parser_errposition(check.state, exprLocation(check.node))));
  if (builtin && reads_environment(function))
    raise_environment(check, format_procedure(function), exprLocation(check.node));
  return false;
}

/// Dates and times, and arrays and ranges of them.
bool is_temporal(Oid type) {
  for (;;) {
    type = getBaseType(type);
    Oid inner = get_element_type(type);
    if (!OidIsValid(inner)) inner = get_range_subtype(type);
    if (!OidIsValid(inner)) inner = get_multirange_range(type);
    if (!OidIsValid(inner)) break;
    type = inner;
  }
  char category;
  bool preferred;
  get_type_category_preferred(type, &category, &preferred);
  return category == TYPCATEGORY_DATETIME;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Is the token a string in which a word stands that means another time each day?
bool is_relative_time(const char* token) {
  static constexpr std::string_view kWords[] = {"now", "today", "tomorrow", "yesterday"};
  while (is_letter(*token) || *token == '&') ++token;  // E, U&
  const char quote = *token;
  if (quote != '\'' && quote != '$') return false;
  ++token;
  if (quote == '$') {
    while (*token != '\0' && *token != '$') ++token;
    if (*token == '$') ++token;
  }
  while (*token != '\0' && *token != quote) {
    const char* const start = token;
    while (is_letter(*token)) ++token;
    const auto size = static_cast<std::size_t>(token - start);
    for (const std::string_view word : kWords)
      if (size == word.size() && pg_strncasecmp(start, word.data(), size) == 0) return true;
    if (size == 0) ++token;
  }
  return false;
}

/// timestamptz 'now' is the time at which it is parsed.
void check_constant(const Check& check, const Const* constant, Oid type) {
  if (constant->constisnull || constant->location < 0 || !is_temporal(type)) return;
  if (is_relative_time(check.state->p_sourcetext + constant->location))
    raise_environment(check, "a literal that names the current time", constant->location);
}

void check_table(Check& check, const RangeTblEntry* entry) {
  const char* const name = qualified_name(entry->relid);
  if (!check.any_table && !list_member_oid(check.watched, entry->relid)) {
    const bool catalog = get_rel_namespace(entry->relid) == PG_CATALOG_NAMESPACE;
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("%s \"%s\" reads table %s, which is not watched", check.subject->kind,
                           check.subject->argument, name),
                    catalog ? errhint("System catalogs can't be watched.")
                    : check.scope == Scope::row
                        ? errhint("A model's filter and lead_key read their own row only. Make a view that "
                                  "looks there and pass it as lead.")
                        : errhint("Declare it first: SELECT leadscore.watch(...).")));
  }
  if (!check.temporary && get_rel_persistence(entry->relid) == RELPERSISTENCE_TEMP)
    ereport(ERROR, (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
                    errmsg("%s \"%s\" reads temporary table %s", check.subject->kind, check.subject->argument,
                           name)));
  if (entry->tablesample != nullptr)
    ereport(ERROR, (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
                    errmsg("%s \"%s\" reads a sample of table %s", check.subject->kind,
                           check.subject->argument, name),
                    errhint("%s", what_counts(check))));
  check.reads_tables = true;
}

void check_query(Check& check, Query* query) {
  if (query->commandType != CMD_SELECT || query->hasModifyingCTE)
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("%s \"%s\" changes tables", check.subject->kind, check.subject->argument)));
  if (query->rowMarks != NIL || query->hasForUpdate)
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("%s \"%s\" locks rows", check.subject->kind, check.subject->argument)));
  for (int i = 0; i < list_length(query->rtable); ++i) {
    const auto* const entry = static_cast<RangeTblEntry*>(list_nth(query->rtable, i));
    if (entry->rtekind == RTE_RELATION) check_table(check, entry);
  }
  if (check.any_table) {
#if PG_VERSION_NUM >= 160000
    (void)ExecCheckPermissions(query->rtable, query->rteperminfos, true);
#else
    (void)ExecCheckRTPerms(query->rtable, true);
#endif
  }
}

bool check_node(Node* node, void* arg) {
  if (node == nullptr) return false;
  auto& check = *static_cast<Check*>(arg);
  switch (nodeTag(node)) {
    case T_Query: {
      Query* const query = reinterpret_cast<Query*>(node);
      check_query(check, query);
      return walk_query(query, check_node, arg, 0);
    }
    case T_Var: {
      const Var* const var = reinterpret_cast<Var*>(node);
      // A view has none, nor has the transition table of a trigger.
      if (var->varattno < 0)
        ereport(ERROR,
                (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                 errmsg("%s \"%s\" reads a system column", check.subject->kind, check.subject->argument),
                 parser_errposition(check.state, var->location)));
      return false;
    }
    case T_Const: {
      const Const* const constant = reinterpret_cast<Const*>(node);
      check_constant(check, constant, constant->consttype);
      return false;
    }
    case T_CoerceViaIO: {
      const CoerceViaIO* const cast = reinterpret_cast<CoerceViaIO*>(node);
      if (IsA(cast->arg, Const)) check_constant(check, reinterpret_cast<Const*>(cast->arg), cast->resulttype);
      break;
    }
    case T_SQLValueFunction:
      raise_environment(check, deparse_expression(node, NIL, false, false), exprLocation(node));
    case T_NextValueExpr:
      raise_environment(check, "a sequence", -1);
    default:
      break;
  }
  check.node = node;
  (void)check_functions_in_node(node, check_function, arg);
  return walk_parts(node, check_node, arg);
}

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
Expression parse(Oid relation_id, Subject subject, Check check, const char* alias = nullptr) {
  const Relation relation = table_open(relation_id, AccessShareLock);
  ErrorContextCallback context = {error_context_stack, describe_context, &subject};
  error_context_stack = &context;

  const bool is_query = check.is_query;
  if (alias == nullptr) alias = pstrdup(RelationGetRelationName(relation));
  Node* const raw = is_query ? parse_as_array(subject.text) : parse_as_expression(subject.text);
  if (raw == nullptr) raise_not_one(subject, RelationGetRelationName(relation));
  check.subject = &subject;
  check.state = state_over_row(relation, subject.text);
  check.temporary = relation->rd_rel->relpersistence == RELPERSISTENCE_TEMP;
  Node* const node = analyze(check.state, raw);
  check_level(subject, check.state, node);
  (void)check_node(node, &check);

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
  Check check = {};
  check.watched = watched;
  check.scope = scope;
  check.any_table = scope == Scope::anywhere;
  return parse(relation, {"expression", argument, source, false}, check, alias);
}

Expression parse_query(Oid relation, const char* source, const char* argument) {
  Check check = {};
  check.any_table = check.is_query = true;
  return parse(relation, {"query", argument, source, false}, check);
}

}  // namespace leadscore
