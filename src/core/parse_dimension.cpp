// A dimension: its bounds, grades, groups, idling and rules.
#include <algorithm>
#include <array>
#include <set>

#include "core/parse_scope.hpp"

namespace leadscore {
namespace {

constexpr std::array<std::string_view, 9> kDimension{"name",   "note",   "min",  "max",  "weight",
                                                     "grades", "groups", "idle", "rules"};
constexpr std::array<std::string_view, 3> kGrade{"name", "at", "note"};
constexpr std::array<std::string_view, 3> kGroup{"min", "max", "note"};
constexpr std::array<std::string_view, 5> kIdle{"on", "except", "after", "every", "keep"};

std::vector<Grade> parse_grades(const Node& node, ParseScope& scope) {
  std::vector<Grade> grades;
  if (!is_array(node, scope.log, "an array of grades")) return grades;
  const std::size_t count = node.json().items.size();
  std::set<std::string, std::less<>> names;
  std::optional<double> before;
  for (std::size_t i = 0; i < count; ++i) {
    const Node item = node.item(i);
    const Reader reader(item, scope.log, kGrade);
    Grade grade;
    if (const auto name = reader.text("name", Need::required)) {
      grade.name = *name;
      if (!names.insert(*name).second) {
        scope.log.error(*reader.member("name"),
                        "another grade of the dimension has the name " + quoted(*name));
      }
    }
    grade.at = reader.number("at");
    if (grade.at && before && *grade.at >= *before) {
      scope.log.error(*reader.member("at"), "must be less than that of the grade before",
                      "Grades are written best first.");
    }
    if (grade.at) before = grade.at;
    if (i + 1 < count && reader.is_object() && !reader.wrote("at")) {
      scope.log.error(item, "\"at\" is missing", "Only the last grade may do without it.");
    }
    grades.push_back(std::move(grade));
  }
  return grades;
}

std::vector<Group> parse_groups(const Node& node, ParseScope& scope) {
  std::vector<Group> groups;
  if (!node.is(Json::Kind::object)) {
    wrong_kind(node, scope.log, "an object of groups", "For example {\"email\": {\"max\": 30}}.");
    return groups;
  }
  find_duplicates(node, scope.log);
  for (const auto& member : node.json().members) {
    const Node item = node.member(member);
    const Reader reader(item, scope.log, kGroup);
    scope.groups.try_emplace(member.first, groups.size());
    groups.push_back({member.first, reader.bounds()});
  }
  return groups;
}

Idle parse_dimension_idle(const Node& node, ParseScope& scope) {
  Idle idle;
  const Reader reader(node, scope.log, kIdle);
  reader.require("on");
  if (const auto on = reader.member("on")) idle.on = parse_kinds(*on, scope);
  if (const auto except = reader.member("except")) idle.except = parse_kinds(*except, scope);
  idle.after = reader.duration("after", 0, Need::required).value_or(0);
  idle.every = reader.duration("every");
  idle.keep = reader.number("keep", kFactor, Need::required).value_or(1);
  return idle;
}

}  // namespace

Dimension parse_dimension(const Node& node, std::size_t index, ParseScope& scope, bool& sound_head) {
  Dimension dimension;
  scope.groups.clear();
  const std::size_t errors = scope.log.errors();
  const Reader reader(node, scope.log, kDimension);
  if (const auto name = reader.text("name", Need::required)) {
    dimension.name = *name;
    const Node name_node = *reader.member("name");
    if (!scope.dimensions.try_emplace(name_node.json().text, index).second) {
      scope.log.error(name_node, "another dimension has the name " + quoted(*name));
    }
  }
  dimension.bounds = reader.bounds();
  dimension.weight = reader.number("weight").value_or(1);
  if (const auto weight = reader.member("weight"); weight && dimension.weight == 0) {
    scope.log.warning(*weight, "with a weight of 0 the dimension adds nothing to the total");
  }
  if (const auto grades = reader.member("grades")) dimension.grades = parse_grades(*grades, scope);
  if (const auto groups = reader.member("groups")) dimension.groups = parse_groups(*groups, scope);
  if (const auto idle = reader.member("idle")) dimension.idle = parse_dimension_idle(*idle, scope);
  if (errors != scope.log.errors()) sound_head = false;
  const auto rules = reader.member("rules");
  if (reader.is_object() &&
      (rules ? rules->is(Json::Kind::array) && rules->json().items.empty() : !reader.wrote("rules"))) {
    scope.log.warning(rules ? *rules : node, "the dimension has no rules: it is always 0");
  }
  if (!rules || !is_array(*rules, scope.log, "an array of rules")) return dimension;
  dimension.rules.reserve(rules->json().items.size());
  for (std::size_t i = 0; i < rules->json().items.size(); ++i) {
    const Node rule = rules->item(i);
    dimension.rules.push_back(parse_rule(rule, scope));
  }
  return dimension;
}

}  // namespace leadscore
