#include "pg/expression_check.hpp"

#include "pg/tree_walk.hpp"

namespace leadscore {
namespace {

constexpr const char* kWhatCounts = "A score depends on rule set, lead, activities and as_of alone.";
constexpr const char* kWhatIsRead = "What it gives must depend on tables alone.";

const char* qualified_name(Oid relation) {
  const char* const name = get_rel_name(relation);
  if (name == nullptr) return psprintf("%u", relation);
  return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)), name);
}

const char* what_counts(const ExpressionCheck& check) {
  return check.scope == Scope::anywhere ? kWhatIsRead : kWhatCounts;
}

[[noreturn]] void raise_environment(const ExpressionCheck& check, const char* what, int location) {
  ereport(ERROR, (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
                  errmsg("%s \"%s\" reads the clock or the session: %s", check.kind, check.argument, what),
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
  const auto& check = *static_cast<ExpressionCheck*>(arg);
  const char volatility = func_volatile(function);
  if (volatility == PROVOLATILE_IMMUTABLE) return false;
  const bool builtin = get_func_namespace(function) == PG_CATALOG_NAMESPACE;
  if (volatility == PROVOLATILE_VOLATILE)
    ereport(
        ERROR,
        (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
         errmsg("%s \"%s\" is volatile: it calls %s", check.kind, check.argument, format_procedure(function)),
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
void check_constant(const ExpressionCheck& check, const Const* constant, Oid type) {
  if (constant->constisnull || constant->location < 0 || !is_temporal(type)) return;
  if (is_relative_time(check.state->p_sourcetext + constant->location))
    raise_environment(check, "a literal that names the current time", constant->location);
}

void check_table(ExpressionCheck& check, const RangeTblEntry* entry) {
  const char* const name = qualified_name(entry->relid);
  if (!check.any_table && !list_member_oid(check.watched, entry->relid)) {
    const bool catalog = get_rel_namespace(entry->relid) == PG_CATALOG_NAMESPACE;
    ereport(ERROR,
            (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
             errmsg("%s \"%s\" reads table %s, which is not watched", check.kind, check.argument, name),
             catalog ? errhint("System catalogs can't be watched.")
             : check.scope == Scope::row
                 ? errhint("A model's filter and lead_key read their own row only. Make a view that "
                           "looks there and pass it as lead.")
                 : errhint("Declare it first: SELECT leadscore.watch(...).")));
  }
  if (!check.temporary && get_rel_persistence(entry->relid) == RELPERSISTENCE_TEMP)
    ereport(ERROR, (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
                    errmsg("%s \"%s\" reads temporary table %s", check.kind, check.argument, name)));
  if (entry->tablesample != nullptr)
    ereport(ERROR, (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
                    errmsg("%s \"%s\" reads a sample of table %s", check.kind, check.argument, name),
                    errhint("%s", what_counts(check))));
  check.reads_tables = true;
}

void check_query(ExpressionCheck& check, Query* query) {
  if (query->commandType != CMD_SELECT || query->hasModifyingCTE)
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("%s \"%s\" changes tables", check.kind, check.argument)));
  if (query->rowMarks != NIL || query->hasForUpdate)
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("%s \"%s\" locks rows", check.kind, check.argument)));
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
  auto& check = *static_cast<ExpressionCheck*>(arg);
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
        ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                        errmsg("%s \"%s\" reads a system column", check.kind, check.argument),
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

}  // namespace

void check_what_is_read(ExpressionCheck& check, Node* node) { (void)check_node(node, &check); }

}  // namespace leadscore
