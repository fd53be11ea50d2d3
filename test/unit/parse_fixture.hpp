// What the tests of the rule-set parser share: rule sets made around a part, and their problems in short.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace leadscore::test {

struct Checked {
  Ruleset rules;
  Problems problems;
};

inline Checked check(std::string_view text) {
  Checked checked;
  checked.rules = check_ruleset(parse_json(text), checked.problems);
  return checked;
}

/// A rule set around one dimension's rules. It has lists, segments, groups and tiers to refer to.
inline std::string with_rules(std::string_view rules, std::string_view more = "") {
  return R"({"lists": {"rivals": ["acme.com", "globex.io"], "kinds": ["open", "click"], "none": [],
                       "bad": ["@acme.com"]},
             "segments": {"icp": {"employees": {"gte": 50}}},
             "dimensions": [{"name": "fit", "groups": {"email": {"max": 30}}, "rules": [)" +
         std::string(rules) + R"(]}],
             "tiers": [{"name": "SQL", "at": 50}, {"name": "cold"}])" +
         std::string(more) + "}";
}

/// Where the rule of with_rules(one rule) is.
inline constexpr std::string_view kRule = "$.dimensions[0].rules[0]";

inline std::string with_when(std::string_view when) {
  return with_rules(R"({"id": "r", "points": 5, "when": )" + std::string(when) + "}");
}

inline std::string with_where(std::string_view where) {
  return with_rules(R"({"id": "r", "points": 5, "on": "*", "where": )" + std::string(where) + "}");
}

inline std::string in_short(const Problem& problem) {
  return (problem.severity == Severity::error ? "E " : "W ") + problem.path + ": " + problem.problem +
         (problem.hint.empty() ? "" : " | " + problem.hint);
}

inline std::string in_short(const Problems& problems) {
  std::string all;
  for (const Problem& problem : problems) all += in_short(problem) + "\n";
  return all;
}

/// One problem that is expected, and the only one. `path` is behind the place that the test is about.
struct Expected {
  std::string_view part, path, problem, hint;
};

inline void expect_only(const std::string& text, Severity severity, std::string_view place,
                        const Expected& expected, std::string_view prefix = "") {
  SCOPED_TRACE(std::string(expected.part));
  const Problems problems = check(text).problems;
  ASSERT_EQ(problems.size(), 1U) << in_short(problems);
  EXPECT_EQ(in_short(problems[0]), in_short(Problem{std::string(place) + std::string(expected.path), severity,
                                                    std::string(prefix) + std::string(expected.problem),
                                                    std::string(expected.hint)}));
}

}  // namespace leadscore::test
