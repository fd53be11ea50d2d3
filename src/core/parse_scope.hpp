// What the parts of the rule-set parser share: the names that a rule set has declared, the budgets that keep
// a small text from asking for much work, and the parts' entry points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/condition_truth.hpp"
#include "core/reader.hpp"
#include "core/ruleset.hpp"

namespace leadscore {

/// Which row a condition is about.
enum class Subject : std::uint8_t { lead, activity };

using NameIndex = std::map<std::string_view, std::size_t>;

/// All string_views point into the JSON that is being read.
struct ParseScope {
  explicit ParseScope(ProblemLog& problem_log) : log(problem_log) {}

  ProblemLog& log;
  Accents accents = Accents::kept;
  std::map<std::string_view, std::vector<std::string>> lists;
  NameIndex segments;                 ///< all, by their place in the rule set
  std::vector<Truth> segment_truths;  ///< of those that are read already
  NameIndex dimensions;               ///< those that are read already
  NameIndex groups;                   ///< of the dimension that is being read
  std::set<std::string_view> tiers;
  std::set<std::string_view> rule_ids;
  std::size_t list_values_left = kMaxListValues;
  std::size_t pattern_size_left = kMaxPatternSize;
  /// One of the two has run out, which is said once; what was then left unread is not complained of.
  bool exhausted = false;
};

/// `Did you mean …?` for a name that is not among those declared.
std::string near_name(std::string_view name, const NameIndex& names, ProblemLog& log);

// parse_list.cpp

/// A list that "@name" names: one of the two is set.
struct ListReference {
  const std::vector<std::string>* own = nullptr;
  const BuiltinList* builtin = nullptr;
};

/// Is this text a reference to a list ("@name"), wherever one may stand?
bool is_list_reference(const Json& json) noexcept;
/// Does this text name a list that exists? Inside an array it is then not meant as plain text.
bool names_list(std::string_view text, const ParseScope& scope);
/// Finds the list that the text at `node` names and pays for using it. nullopt: unknown, and the log says so.
std::optional<ListReference> find_list(const Node& node, ParseScope& scope);
void parse_lists(const Node& node, ParseScope& scope);
KindSet parse_kinds(const Node& node, ParseScope& scope);

// parse_condition.cpp, parse_operators.cpp, parse_arguments.cpp

Condition parse_condition(const Node& node, Subject subject, ParseScope& scope);
/// What is asked of one field: the member of a condition that bears its name.
Condition parse_field_condition(const Node& node, const std::string& field, ParseScope& scope);
/// Reads the argument of test.op into the test.
void parse_argument(const Node& node, Test& test, ParseScope& scope);
/// A scalar, or nothing (null, an array or an object; the log says so).
std::optional<Literal> parse_literal(const Node& node, ParseScope& scope);
/// Fills args from an array or "@list"; the texts of text operators are checked.
void parse_values(const Node& node, Test& test, ParseScope& scope);
/// parse_entry.cpp: checks one value of a text operator; `list` is the name of the list that it comes from,
/// or empty.
bool check_entry(const Node& node, Op op, const std::string& text, std::string_view list, ParseScope& scope);

// parse_rule.cpp, parse_activity_rule.cpp, parse_measures.cpp

Rule parse_rule(const Node& node, ParseScope& scope);
void parse_activity_rule(const Reader& reader, Rule& rule, ParseScope& scope);
std::vector<Case> parse_cases(const Node& node, Subject subject, ParseScope& scope);
std::vector<MapEntry> parse_map(const Node& node, ParseScope& scope);
/// `below` is the interval of the bounds.
std::vector<Band> parse_bands(const Node& node, Interval below, ParseScope& scope);
/// The test among the members eq, lt, lte, gt, gte and between.
NumberTest parse_number_test(const Reader& reader, Interval interval);
std::vector<RecencyStep> parse_recency(const Node& node, ParseScope& scope);
std::vector<FadeStep> parse_steps(const Node& node, ParseScope& scope);
/// Of a rule.
Idle parse_idle(const Node& node, ParseScope& scope);

// parse_dimension.cpp, parse_tier.cpp

/// `sound_head` becomes false where something else than a rule is wrong.
Dimension parse_dimension(const Node& node, std::size_t index, ParseScope& scope, bool& sound_head);
std::vector<Tier> parse_tiers(const Node& node, ParseScope& scope);

// lint.cpp: warnings about parts that have no errors.

void lint_rule(const Rule& rule, const ParseScope& scope);
void lint_tiers(const Ruleset& rules, const ParseScope& scope);

}  // namespace leadscore
