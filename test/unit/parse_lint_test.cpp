// Warnings: each has a rule set that gets it and no other.
#include "parse_fixture.hpp"

namespace leadscore::test {
namespace {

constexpr std::string_view kNoHint;

TEST(LintCondition, Warnings) {
  const Expected cases[] = {
      {R"({"any": [{"a": 1}, {}]})", ".when.any[1]", "an empty condition always holds", kNoHint},
      {R"({"any": [{"a": 1}, {"all": []}]})", ".when.any[1].all", "is empty: it always holds", kNoHint},
      {R"({"not": {"any": []}})", ".when.not.any", "is empty: it never holds", kNoHint},
      {R"({"any": [{"a": 1}, {"b": []}]})", ".when.any[1].b", "is empty: it never holds", kNoHint},
      {R"({"any": [{"a": 1}, {"b": {"contains": []}}]})", ".when.any[1].b.contains",
       "is empty: it never holds", kNoHint},
      {R"({"b": {"not_in": []}})", ".when.b.not_in", "is empty: it holds for every value", kNoHint},
      {R"({"not": {"b": "@none"}})", ".when.not.b", "list \"none\" is empty: the condition never holds",
       kNoHint},
      {R"({"b": {"not_in": "@none"}})", ".when.b.not_in",
       "list \"none\" is empty: the condition holds for every value", kNoHint},
      {R"({"not": {"b": ""}})", ".when.not.b", "blank text is no value: nothing is equal to it",
       "To ask for no value write {\"is_null\": true}."},
      {R"({"b": {"ne": " "}})", ".when.b.ne", "blank text is no value: every value differs from it",
       "To ask for any value write {\"is_null\": false}."},
      {R"({"b": ["x", ""]})", ".when.b[1]", "blank text is no value: nothing is equal to it",
       "To ask for no value write {\"is_null\": true}."},
      {R"({"b": {"words": "v*p"}})", ".when.b.words", "the \"*\" in \"v*p\" is looked for as it is",
       "Only a \"*\" at the end lets the last word go on."},
      {R"({"not": {"b": {"gte": 10, "lt": 5}}})", ".when.not.b",
       "never holds: its operators contradict each other", kNoHint},
      {R"({"not": {"b": {"gt": 5, "lte": 5}}})", ".when.not.b",
       "never holds: its operators contradict each other", kNoHint},
      {R"({"not": {"b": {"between": [1, 5], "eq": 6}}})", ".when.not.b",
       "never holds: its operators contradict each other", kNoHint},
      {R"({"not": {"b": {"gte": 10, "lt": "2026-01-31"}}})", ".when.not.b",
       "never holds: its operators contradict each other", kNoHint},
      {R"({"not": {"b": {"gt": "2026-01-31", "lt": "2025-01-31"}}})", ".when.not.b",
       "never holds: its operators contradict each other", kNoHint},
      {R"({"not": {"b": {"older_than": "2 days", "newer_than": "1 day"}}})", ".when.not.b",
       "never holds: its operators contradict each other", kNoHint},
      {R"({"not": {"b": {"is_null": true, "ne": 5}}})", ".when.not.b",
       "never holds: its operators contradict each other", kNoHint},
      {R"({"not": {"all": [{"b": {"gte": 10}}, {"b": {"lt": 5}}]}})", ".when.not.all",
       "never holds: its conditions contradict each other", kNoHint},
      {R"({"not": {"b": {"gte": 10}, ".b": {"lt": 5}}})", ".when.not",
       "never holds: its members contradict each other", kNoHint},
  };
  for (const Expected& expected : cases) {
    expect_only(with_when(expected.part), Severity::warning, kRule, expected, "rule \"r\": ");
  }
}

TEST(LintCondition, NoContradiction) {
  for (const std::string_view text :
       {R"({"b": {"gte": 5, "lte": 5}})", R"({"b": {"gte": 5}, "c": {"lt": 5}})",
        R"({"b": {"ne": 5, "gte": 5}})", R"({"b": {"older_than": "1 day", "newer_than": "2 days"}})",
        R"({"b": {"is_null": false, "ne": 5}})", R"({"all": [{"tags": "a"}, {"tags": "b"}]})",
        R"({"any": [{"b": {"gte": 10}}, {"b": {"lt": 5}}]})"}) {
    EXPECT_EQ(in_short(check(with_when(text)).problems), "") << text;
  }
}

/// Some conditions warn of themselves; the last problem is about the rule.
void expect_last(const Expected& expected) {
  SCOPED_TRACE(std::string(expected.part));
  const Problems problems = check(with_rules(expected.part)).problems;
  ASSERT_FALSE(problems.empty());
  EXPECT_EQ(in_short(problems.back()),
            in_short(Problem{std::string(kRule) + std::string(expected.path), Severity::warning,
                             "rule \"r\": " + std::string(expected.problem), std::string(expected.hint)}));
}

TEST(LintRule, NeverFires) {
  const Expected cases[] = {
      {R"({"id": "r", "when": {"any": []}, "points": 5})", ".when",
       "the rule can never fire: its \"when\" never holds", kNoHint},
      {R"({"id": "r", "when": {"any": [{"a": {"gt": 2, "lt": 1}}, {"not": {}}]}, "points": 5})", ".when",
       "the rule can never fire: its \"when\" never holds", kNoHint},
      {R"({"id": "r", "when": {"all": [{"a": 1}, {"any": []}]}, "disqualify": true})", ".when",
       "the rule can never fire: its \"when\" never holds", kNoHint},
      {R"({"id": "r", "cases": [{"when": {"any": []}, "points": 5}]})", ".cases",
       "the rule can never fire: none of its cases ever holds", kNoHint},
      {R"({"id": "r", "on": [], "points": 5})", ".on", "the rule can never fire: \"on\" selects no kind",
       kNoHint},
      {R"({"id": "r", "on": "@none", "points": 5})", ".on", "the rule can never fire: \"on\" selects no kind",
       kNoHint},
      {R"({"id": "r", "on": "*", "except": "*", "points": 5})", ".except",
       "the rule can never fire: \"except\" takes away all that \"on\" selects", kNoHint},
      {R"({"id": "r", "on": ["Open", "CLICK"], "except": "@kinds", "points": 5})", ".except",
       "the rule can never fire: \"except\" takes away all that \"on\" selects", kNoHint},
      {R"({"id": "r", "on": "a", "where": {"any": []}, "points": 5})", ".where",
       "the rule can never fire: its \"where\" never holds", kNoHint},
      {R"({"id": "r", "on": "a", "where": {"any": []}, "count": {"lt": 5}, "points": 5})", ".where",
       "the rule never counts an activity: its \"where\" never holds", kNoHint},
      {R"({"id": "r", "on": "a", "where": {"any": []}, "count": {"gte": 5}, "points": 5})", ".where",
       "the rule can never fire: its \"where\" never holds", kNoHint},
      {R"({"id": "r", "on": [], "bands": [{"below": 1, "points": -5}, {"points": 0}]})", ".on",
       "the rule never counts an activity: \"on\" selects no kind", kNoHint},
      {R"({"id": "r", "on": [], "idle": {"after": "1 day", "points": -5, "since": "x"}})", ".on",
       "the rule never counts an activity: \"on\" selects no kind", kNoHint},
      {R"({"id": "r", "on": [], "idle": {"after": "1 day", "points": -5}})", ".on",
       "the rule can never fire: \"on\" selects no kind", kNoHint},
      {R"({"id": "r", "on": "a", "cases": [{"where": {"any": []}, "points": 5}]})", ".cases",
       "the rule can never fire: none of its cases ever holds", kNoHint},
      {R"({"id": "r", "on": "a", "points": 1, "steps": [{"after": "0 days", "keep": 0}]})", ".steps",
       "the rule can never fire: its steps keep nothing of any event", kNoHint},
      {R"({"id": "r", "on": "a", "points": 1, "count": {"gt": 2, "lt": 3}})", ".count",
       "the rule can never fire: no number of events passes the test", kNoHint},
      {R"({"id": "r", "on": "a", "points": 1, "count": {"eq": 2.5}})", ".count",
       "the rule can never fire: no number of events passes the test", kNoHint},
      {R"({"id": "r", "on": "a", "points": 1, "count": {"lt": 0}})", ".count",
       "the rule can never fire: no number of events passes the test", kNoHint},
      {R"({"id": "r", "on": "a", "points": 1, "count": {"gte": 5}, "max_events": 3})", ".count",
       "the rule can never fire: no number of events passes the test",
       "\"max_events\" lets it count 3 at most."},
      {R"({"id": "r", "on": "a", "points": 1, "sum": {"field": "x", "gt": 2, "lte": 2}})", ".sum",
       "the rule can never fire: no sum passes the test", kNoHint},
  };
  for (const Expected& expected : cases) expect_last(expected);
}

TEST(LintRule, GivesNothing) {
  const std::string_view zero = "the rule gives nothing: its points are 0";
  const Expected cases[] = {
      {R"({"id": "r", "when": {"a": 1}, "points": 0})", "", zero, kNoHint},
      {R"({"id": "r", "cases": [{"when": {"a": 1}, "points": 0}, {"points": 0}]})", "", zero, kNoHint},
      {R"({"id": "r", "field": "a", "map": {"x": 0}})", "", zero, kNoHint},
      {R"({"id": "r", "field": "a", "map": {"x": 0}, "promote_to": "SQL"})", "", zero, kNoHint},
      {R"({"id": "r", "field": "a", "bands": [{"points": 0}], "missing": 0})", "", zero, kNoHint},
      {R"({"id": "r", "on": "a", "points": 0})", "", zero, kNoHint},
      {R"({"id": "r", "on": "a", "recency": [{"within": "1 day", "points": 0}]})", "", zero, kNoHint},
      {R"({"id": "r", "on": "a", "idle": {"after": "1 day", "points": 0}})", "", zero, kNoHint},
      {R"({"id": "r", "on": "a", "points": 5, "max_points": 0})", ".max_points",
       "the rule gives nothing: \"max_points\" is 0", kNoHint},
  };
  for (const Expected& expected : cases) expect_last(expected);
}

TEST(LintRule, NothingToSay) {
  for (const std::string_view rule :
       {R"({"id": "r", "when": {"a": 1}, "points": 0, "promote_to": "SQL"})",
        R"({"id": "r", "when": {"a": 1}, "points": 0, "disqualify": true})",
        R"({"id": "r", "field": "a", "map": {"x": 0}, "missing": 1})",
        R"({"id": "r", "on": "a", "points": 0, "promote_to": "SQL"})",
        R"({"id": "r", "on": "a", "points": 0, "off": true})",
        R"({"id": "r", "on": "a", "points": 1, "count": {"gt": 2, "lte": 3}})",
        R"({"id": "r", "on": "a", "points": 1, "count": {"eq": 0}})",
        R"({"id": "r", "on": ["open", "form"], "except": "@kinds", "points": 5})"}) {
    EXPECT_EQ(in_short(check(with_rules(rule)).problems), "") << rule;
  }
}

TEST(LintRule, CaseBehindOneThatAlwaysHolds) {
  expect_last({R"({"id": "r", "cases": [{"when": {"not": {"any": []}}, "points": 5}, {"points": 1}]})",
               ".cases[1]", "is never reached: the case before it always holds", kNoHint});
  expect_last(
      {R"({"id": "r", "on": "a", "cases": [{"where": {"a": 1}, "points": 5}, {"where": {}, "points": 5},
                                                   {"where": {"b": 1}, "points": 5}]})",
       ".cases[2]", "is never reached: the case before it always holds", kNoHint});
}

std::string with_tiers(std::string_view tiers) {
  return R"({"range": {"max": 100}, "dimensions": [
      {"name": "fit", "max": 50, "grades": [{"name": "A", "at": 30}, {"name": "B"}],
       "rules": [{"id": "r", "when": {"a": 1}, "points": 1}]},
      {"name": "use", "grades": [{"name": "1", "at": 30}, {"name": "2", "at": 10}],
       "rules": [{"id": "s", "when": {"a": 1}, "points": 1}]}], "tiers": )" +
         std::string(tiers) + "}";
}

TEST(LintTiers, Warnings) {
  const std::string_view best_first = "Tiers are written best first.";
  const std::string_view joined = "A lead's grade is its grades in the dimensions, joined in their order.";
  const Expected cases[] = {
      {R"([{"name": "hot", "at": 50}])", "", "there is no tier for low totals: each tier asks for something",
       "Add a last tier that has a \"name\" only, unless such leads should have no tier."},
      {R"([{"name": "all"}, {"name": "hot", "at": 50}])", "[1]",
       "no lead can be in the tier: whoever fits it is in \"all\" before it", best_first},
      {R"([{"name": "warm", "at": 20}, {"name": "hot", "at": 50}, {"name": "cold"}])", "[1]",
       "no lead can be in the tier: whoever fits it is in \"warm\" before it", best_first},
      {R"([{"name": "hot", "at": 150}, {"name": "cold"}])", "[0].at",
       "is greater than the greatest total, 100: only a promotion can lead to the tier", kNoHint},
      {R"([{"name": "hot", "dimensions": {"fit": 60}}, {"name": "cold"}])", "[0].dimensions.fit",
       "no lead can be in the tier: the dimension is at most 50", kNoHint},
      {R"([{"name": "hot", "grade": ["A1", "B", "1A"]}, {"name": "cold"}])", "[0].grade",
       "no lead can have the grade \"1A\"", joined},
      {R"([{"name": "hot", "grade": "A3"}, {"name": "cold"}])", "[0].grade",
       "no lead can have the grade \"A3\"", joined},
  };
  for (const Expected& expected : cases) {
    expect_only(with_tiers(expected.part), Severity::warning, "$.tiers", expected);
  }
  const Problems never =
      check(with_tiers(R"([{"name": "hot", "when": {"any": []}}, {"name": "cold"}])")).problems;
  ASSERT_EQ(never.size(), 2U);
  EXPECT_EQ(in_short(never[1]), "W $.tiers[0].when: no lead can be in the tier: its \"when\" never holds");
  EXPECT_EQ(in_short(check(with_tiers("[]")).problems), "");
  EXPECT_EQ(
      in_short(check(with_tiers(R"([{"name": "hot", "at": 50, "when": {"a": 1}}, {"name": "hot", "at": 60},
                                          {"name": "cold"}])"))
                   .problems),
      "");
}

TEST(LintTiers, NoGradesAtAll) {
  expect_only(R"({"dimensions": [{"name": "d", "rules": [{"id": "r", "when": {"a": 1}, "points": 1}]}],
                  "tiers": [{"name": "hot", "grade": "A"}, {"name": "cold"}]})",
              Severity::warning, "$.tiers[0]",
              {"", ".grade", "no lead can have the grade \"A\"", "No dimension has grades."});
}

TEST(LintDimension, Warnings) {
  expect_only(R"({"dimensions": [{"name": "d"}]})", Severity::warning, "$.dimensions[0]",
              {"", "", "the dimension has no rules: it is always 0", ""});
  expect_only(R"({"dimensions": [{"name": "d", "rules": []}]})", Severity::warning, "$.dimensions[0]",
              {"", ".rules", "the dimension has no rules: it is always 0", ""});
  expect_only(
      R"({"dimensions": [{"name": "d", "weight": 0, "rules": [{"id": "r", "when": {"a": 1}, "points": 1}]}]})",
      Severity::warning, "$.dimensions[0]",
      {"", ".weight", "with a weight of 0 the dimension adds nothing to the total", ""});
}

TEST(Lint, WarnsBesideErrorsElsewhere) {
  const Problems problems =
      check(with_rules(R"({"id": "a", "when": {"any": []}, "points": 1}, {"id": "b"})")).problems;
  ASSERT_EQ(problems.size(), 3U) << in_short(problems);
  EXPECT_EQ(problems[1].severity, Severity::warning);
  EXPECT_EQ(problems[2].severity, Severity::error);
}

}  // namespace
}  // namespace leadscore::test
