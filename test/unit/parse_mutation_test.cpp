// Property: whatever is done to one value of a rule set, the checker accepts it or says where it went wrong,
// and where is a place in the rule set.
#include <functional>
#include <set>

#include "example_ruleset.hpp"
#include "parse_fixture.hpp"

namespace leadscore::test {
namespace {

void collect_paths(const Json& json, const std::string& path, std::set<std::string>& paths) {
  paths.insert(path);
  for (std::size_t i = 0; i < json.items.size(); ++i) {
    collect_paths(json.items[i], path + '[' + std::to_string(i) + ']', paths);
  }
  for (const auto& member : json.members)
    collect_paths(member.second, member_path(path, member.first), paths);
}

/// Checks the rule set as it is now; `changed` says what was done to it.
void expect_sane(const Json& root, const std::string& changed) {
  Problems problems;
  check_ruleset(root, problems);
  std::set<std::string> paths;
  collect_paths(root, "$", paths);
  for (const Problem& problem : problems) {
    EXPECT_TRUE(paths.contains(problem.path)) << changed << ": " << in_short(problem);
    EXPECT_FALSE(problem.problem.empty());
    EXPECT_FALSE(problem.problem.ends_with('.')) << in_short(problem);
    EXPECT_TRUE(problem.hint.empty() || problem.hint.ends_with('.') || problem.hint.ends_with('?'))
        << in_short(problem);
  }
}

std::vector<Json> other_values() {
  return {parse_json("null"),   parse_json("true"),       parse_json("-1"),
          parse_json("0"),      parse_json("1e300"),      parse_json("\"\""),
          parse_json("\"@x\""), parse_json("\"*\""),      parse_json("[]"),
          parse_json("[1]"),    parse_json("[\"a\"]"),    parse_json("[null]"),
          parse_json("{}"),     parse_json("{\"a\": 1}"), parse_json("{\"segment\": \"icp\"}"),
          parse_json("[{}]"),   parse_json("\"30 days\"")};
}

/// Puts each other value where one stands, everywhere below `json`, and removes, doubles and renames each
/// member.
void mutate(const Json& root, Json& json, const std::string& path) {
  static constexpr std::string_view kNames[] = {"when", "where", "on", "points", "cases", "bands",
                                                "all",  "eq",    "x",  "",       "."};
  for (Json& other : std::vector<Json>(other_values())) {
    std::swap(json, other);
    expect_sane(root, path + " replaced");
    std::swap(json, other);
  }
  for (std::size_t i = 0; i < json.items.size(); ++i) {
    mutate(root, json.items[i], path + '[' + std::to_string(i) + ']');
    const Json removed = json.items[i];
    json.items.erase(json.items.begin() + static_cast<std::ptrdiff_t>(i));
    expect_sane(root, path + " item removed");
    json.items.insert(json.items.begin() + static_cast<std::ptrdiff_t>(i), removed);
    json.items.push_back(removed);
    expect_sane(root, path + " item doubled");
    json.items.pop_back();
  }
  for (std::size_t i = 0; i < json.members.size(); ++i) {
    mutate(root, json.members[i].second, member_path(path, json.members[i].first));
    const auto member = json.members[i];
    json.members.erase(json.members.begin() + static_cast<std::ptrdiff_t>(i));
    expect_sane(root, path + " without " + member.first);
    json.members.insert(json.members.begin() + static_cast<std::ptrdiff_t>(i), member);
    json.members.push_back(member);
    expect_sane(root, path + " twice " + member.first);
    json.members.pop_back();
    for (const std::string_view name : kNames) {
      json.members[i].first = name;
      expect_sane(root, path + " renamed " + member.first);
    }
    json.members[i].first = member.first + "s";
    expect_sane(root, path + " misspelt " + member.first);
    json.members[i].first = member.first;
  }
}

TEST(ParseMutation, EveryProblemHasAPlace) {
  Json root = parse_json(kExampleRuleset);
  mutate(root, root, "$");
}

TEST(ParseMutation, RemovedAndMisspeltRequiredMembersAreOneProblem) {
  for (const std::string_view member : {"\"id\"", "\"points\"", "\"when\""}) {
    const std::string rule = R"({"id": "r", "when": {"a": 1}, "points": 5})";
    const std::size_t at = rule.find(member);
    std::string misspelt = rule;
    misspelt.insert(at + member.size() - 1, "s");
    EXPECT_EQ(check(with_rules(misspelt)).problems.size(), 1U) << misspelt;
  }
}

/// `name` written as a member of `object`, which has another value of its own under the name that is near.
TEST(ParseMutation, MisspeltBesideTheRightOne) {
  EXPECT_EQ(check(with_rules(R"({"id": "r", "when": {"a": 1}, "points": 5, "point": 5})")).problems.size(),
            1U);
}

}  // namespace
}  // namespace leadscore::test
