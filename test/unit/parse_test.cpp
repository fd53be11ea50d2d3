// The rule set as a whole: the example of the language's page, what parse_ruleset throws, limits.
#include <ctime>

#include "core/condition.hpp"
#include "example_ruleset.hpp"
#include "parse_fixture.hpp"

namespace leadscore::test {
namespace {

TEST(ParseExample, HasNoProblems) { EXPECT_EQ(in_short(check(kExampleRuleset).problems), ""); }

TEST(ParseExample, Header) {
  const Ruleset rules = parse_ruleset(kExampleRuleset);
  EXPECT_EQ(rules.name, "industrial-b2b");
  EXPECT_EQ(rules.range.min, 0);
  EXPECT_EQ(rules.range.max, 100);
  EXPECT_EQ(rules.decimals, 0);
  EXPECT_EQ(rules.accents, Accents::ignored);
  EXPECT_EQ(rules.utc_offset, 0);
  EXPECT_EQ(rules.disqualified_tier, "disqualified");
  EXPECT_EQ(rules.rule_count(), 18U);
}

TEST(ParseExample, Segments) {
  const Ruleset rules = parse_ruleset(kExampleRuleset);
  ASSERT_EQ(rules.segments.size(), 2U);
  EXPECT_EQ(rules.segments[0].name, "decision_maker");
  const Condition& person = rules.segments[0].condition;
  ASSERT_EQ(person.kind, Condition::Kind::test);
  EXPECT_EQ(person.test.field, "title");
  EXPECT_EQ(person.test.op, Op::words);
  ASSERT_EQ(person.test.args.size(), 6U);
  EXPECT_EQ(person.test.args[2].text, "director*");
  const Condition& company = rules.segments[1].condition;
  ASSERT_EQ(company.kind, Condition::Kind::all);
  ASSERT_EQ(company.children.size(), 2U);
  EXPECT_EQ(company.children[0].test.op, Op::in);
  ASSERT_EQ(company.children[1].kind, Condition::Kind::all);
  EXPECT_EQ(company.children[1].children[1].test.op, Op::lt);
  EXPECT_EQ(company.children[1].children[1].test.args[0].number, 5000);
}

TEST(ParseExample, LeadRules) {
  const Ruleset rules = parse_ruleset(kExampleRuleset);
  ASSERT_EQ(rules.dimensions.size(), 2U);
  const Dimension& fit = rules.dimensions[0];
  EXPECT_EQ(fit.name, "fit");
  EXPECT_EQ(fit.bounds.min, -50);
  EXPECT_EQ(fit.bounds.max, 50);
  ASSERT_EQ(fit.grades.size(), 3U);
  EXPECT_EQ(fit.grades[1].at, 15);
  EXPECT_FALSE(fit.grades[2].at);
  ASSERT_EQ(fit.rules.size(), 7U);
  const Rule& role = fit.rules[0];
  EXPECT_EQ(role.id, "role");
  EXPECT_EQ(role.path, "$.dimensions[0].rules[0]");
  EXPECT_EQ(role.measure, Measure::lead_cases);
  ASSERT_EQ(role.cases.size(), 3U);
  EXPECT_EQ(role.cases[0].condition->kind, Condition::Kind::segment);
  EXPECT_EQ(role.cases[0].condition->segment, 0U);
  EXPECT_EQ(role.cases[2].points, -15);
  EXPECT_EQ(fit.rules[1].measure, Measure::lead_points);
  EXPECT_EQ(fit.rules[1].when->segment, 1U);
  const Rule& size = fit.rules[2];
  EXPECT_EQ(size.measure, Measure::lead_bands);
  EXPECT_EQ(size.field, "employees");
  ASSERT_EQ(size.bands.size(), 3U);
  EXPECT_EQ(size.bands[1].below, 500);
  EXPECT_FALSE(size.bands[2].below);
  EXPECT_EQ(size.missing, 0);
  const Rule& industry = fit.rules[3];
  EXPECT_EQ(industry.measure, Measure::lead_map);
  ASSERT_EQ(industry.map.size(), 2U);
  EXPECT_EQ(industry.map[1].value, "Retail");
  EXPECT_EQ(industry.map[1].points, -10);
  EXPECT_EQ(industry.otherwise, 0);
  EXPECT_FALSE(industry.missing);
  const leadscore::Test& outside = fit.rules[4].when->test;
  EXPECT_EQ(outside.op, Op::not_in);
  EXPECT_EQ(outside.list_name, "served");
  EXPECT_EQ(outside.args.size(), 5U);
  const Condition& personal = *fit.rules[5].when;
  ASSERT_EQ(personal.kind, Condition::Kind::any);
  ASSERT_NE(personal.children[0].test.builtin, nullptr);
  EXPECT_EQ(personal.children[0].test.builtin->name(), "freemail");
  EXPECT_TRUE(personal.children[0].test.args.empty());
  EXPECT_TRUE(fit.rules[6].disqualify);
  EXPECT_EQ(fit.rules[6].points, 0);
  EXPECT_EQ(fit.rules[6].when->test.builtin, nullptr);
}

TEST(ParseExample, ActivityRules) {
  const Ruleset rules = parse_ruleset(kExampleRuleset);
  const Dimension& engagement = rules.dimensions[1];
  ASSERT_EQ(engagement.groups.size(), 2U);
  EXPECT_EQ(engagement.groups[1].name, "web");
  EXPECT_EQ(engagement.groups[1].bounds.max, 40);
  ASSERT_TRUE(engagement.idle);
  EXPECT_TRUE(engagement.idle->on.every);
  EXPECT_EQ(engagement.idle->except.kinds, (std::vector<std::string>{"email_sent", "unsubscribe"}));
  EXPECT_EQ(engagement.idle->except.list_name, "not_theirs");
  EXPECT_EQ(engagement.idle->after, 90 * kDay);
  EXPECT_EQ(engagement.idle->every, 90 * kDay);
  EXPECT_EQ(engagement.idle->keep, 0.7);
  ASSERT_EQ(engagement.rules.size(), 11U);
  const Rule& open = engagement.rules[0];
  EXPECT_EQ(open.measure, Measure::points);
  EXPECT_EQ(open.group, 0U);
  EXPECT_EQ(open.on.kinds, std::vector<std::string>{"email_open"});
  EXPECT_EQ(open.fade, Fade::half_life);
  EXPECT_EQ(open.half_life, 30 * kDay);
  EXPECT_EQ(open.max_points, 10);
  const Rule& opens5 = engagement.rules[2];
  EXPECT_EQ(opens5.measure, Measure::count);
  EXPECT_EQ(opens5.distinct, "email_id");
  EXPECT_EQ(opens5.test.gte, 5);
  EXPECT_EQ(opens5.points, 25);
  const Rule& page = engagement.rules[3];
  EXPECT_EQ(page.measure, Measure::cases);
  EXPECT_EQ(page.group, 1U);
  EXPECT_EQ(page.max_per_day, 5);
  ASSERT_EQ(page.cases.size(), 4U);
  EXPECT_FALSE(page.cases[3].condition);
  EXPECT_EQ(engagement.rules[4].test.gt, 2);
  EXPECT_EQ(engagement.rules[4].within, 30 * kDay);
  const Rule& asset = engagement.rules[5];
  EXPECT_EQ(asset.measure, Measure::map);
  EXPECT_EQ(asset.field, "asset");
  EXPECT_EQ(asset.otherwise, 5);
  EXPECT_EQ(asset.within, 365 * kDay);
  const Rule& rfq = engagement.rules[6];
  EXPECT_EQ(rfq.on.kinds.size(), 2U);
  EXPECT_EQ(rfq.max_events, 1);
  EXPECT_EQ(rfq.promote_to, "SQL");
  const Rule& recent = engagement.rules[7];
  EXPECT_EQ(recent.measure, Measure::recency);
  ASSERT_EQ(recent.recency.size(), 2U);
  EXPECT_EQ(recent.recency[1].within, 30 * kDay);
  const Rule& silent = engagement.rules[8];
  EXPECT_EQ(silent.measure, Measure::idle);
  EXPECT_EQ(silent.idle.points, -5);
  EXPECT_EQ(silent.idle.since, "created_at");
  EXPECT_EQ(engagement.rules[9].when->segment, 0U);
}

TEST(ParseExample, Tiers) {
  const Ruleset rules = parse_ruleset(kExampleRuleset);
  ASSERT_EQ(rules.tiers.size(), 5U);
  EXPECT_EQ(rules.tiers[0].at, 80);
  ASSERT_EQ(rules.tiers[0].dimensions.size(), 1U);
  EXPECT_EQ(rules.tiers[0].dimensions[0].dimension, 0U);
  EXPECT_EQ(rules.tiers[0].dimensions[0].at, 10);
  EXPECT_TRUE(rules.tiers[1].asks_grade);
  EXPECT_EQ(rules.tiers[1].grades, (std::vector<std::string>{"A1", "A2", "B1"}));
  EXPECT_FALSE(rules.tiers[4].at);
  EXPECT_FALSE(rules.tiers[4].asks_grade);
}

std::string thrown(std::string_view text) {
  try {
    parse_ruleset(text);
  } catch (const Error& error) {
    return std::string(error.code()) + " " + error.message() + " | " + error.hint() + " | " + error.detail();
  }
  return "nothing";
}

TEST(ParseRuleset, NamesTheFirstErrorAndCountsTheOthers) {
  EXPECT_EQ(thrown(with_rules(R"({"id": "open", "on": "open", "points": 1, "half_life": 30})")),
            "22023 invalid rule set: $.dimensions[0].rules[0].half_life (rule \"open\"): "
            "must be a duration like \"30 days\", not a number |  | ");
  EXPECT_EQ(
      thrown(with_rules(R"({"id": "a", "pionts": 1, "when": {"x": 1}}, {"id": "b", "on": 1, "points": 1},
                                 {"id": "c", "when": {"y": {}}, "points": 1})")),
      "22023 invalid rule set: $.dimensions[0].rules[0].pionts (rule \"a\"): unknown member \"pionts\" | "
      "Did you mean \"points\"? | 2 more problems; lint lists them all.");
  EXPECT_EQ(
      thrown(with_rules(R"({"id": "a", "on": 1, "points": 1}, {"id": "c", "when": {}, "points": "1"})")),
      "22023 invalid rule set: $.dimensions[0].rules[0].on (rule \"a\"): must be a kind, an array of kinds, "
      "\"@list\" or \"*\", not a number |  | 1 more problem; lint lists them all.");
}

TEST(ParseRuleset, WarningsAreNoErrors) {
  EXPECT_EQ(thrown(with_when("{}")), "nothing");
  EXPECT_EQ(check(with_when("{}")).problems.size(), 1U);
}

TEST(ParseRuleset, SyntaxErrorsComeFromTheJson) {
  EXPECT_EQ(thrown("{").substr(0, 5), "22P02");
  EXPECT_EQ(thrown("").substr(0, 5), "22P02");
  EXPECT_EQ(thrown(std::string(kMaxRulesetBytes + 1, ' ')).substr(0, 5), "54000");
}

TEST(ParseRuleset, MustBeAnObject) {
  EXPECT_EQ(thrown("[]"), "22023 invalid rule set: $: must be an object, not an array |  | ");
  EXPECT_EQ(thrown("null").substr(0, 47), "22023 invalid rule set: $: must be an object, n");
  EXPECT_EQ(thrown("{}"), "22023 invalid rule set: $: \"dimensions\" is missing |  | ");
}

std::string many_rules(std::size_t count) {
  std::string rules;
  for (std::size_t i = 0; i < count; ++i) {
    rules += (i == 0 ? "{\"id\":\"r" : ",{\"id\":\"r") + std::to_string(i) +
             R"(","when":{"country":["NL","DE"],"size":{"gte":10}},"points":5})";
  }
  return with_rules(rules);
}

TEST(ParseLimits, TenThousandRules) {
  const Json json = parse_json(many_rules(10'000));
  Problems problems;
  // Of the processor, whatever else the machine does.
  const std::clock_t start = std::clock();
  const Ruleset rules = check_ruleset(json, problems);
  EXPECT_LT(std::clock() - start, CLOCKS_PER_SEC);
  EXPECT_EQ(in_short(problems), "");
  EXPECT_EQ(rules.rule_count(), 10'000U);
}

TEST(ParseLimits, OneRuleMore) {
  const Problems problems = check(many_rules(10'001)).problems;
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].path, "$.dimensions");
  EXPECT_EQ(problems[0].problem, "there are 10001 rules; at most 10000 are allowed");
  EXPECT_EQ(thrown(many_rules(10'001)).substr(0, 5), "54000");
}

TEST(ParseLimits, ProblemsAreCut) {
  std::string rules;
  for (int i = 0; i < 3'000; ++i) {
    rules += (i == 0 ? "" : ",") + std::string(R"({"id":"r)") + std::to_string(i) + R"(","whem":{}})";
  }
  const Problems problems = check(with_rules(rules)).problems;
  ASSERT_EQ(problems.size(), 1'001U);
  EXPECT_EQ(problems.back().path, "$");
  EXPECT_EQ(problems.back().severity, Severity::error);
  EXPECT_EQ(problems.back().problem, "5000 more errors");
}

TEST(ParseLimits, WarningsDoNotHideErrors) {
  std::string rules;
  for (int i = 0; i < 3'000; ++i) rules += R"({"id":"r)" + std::to_string(i) + R"(","when":{},"points":1},)";
  const Problems problems = check(with_rules(rules + R"({"id": "x"})")).problems;
  ASSERT_EQ(problems.size(), 1'002U);
  EXPECT_EQ(problems[1'000].severity, Severity::error);
  EXPECT_EQ(problems[1'001].severity, Severity::warning);
  EXPECT_EQ(problems[1'001].problem, "2000 more warnings");
}

TEST(ParseLimits, DeepestNesting) {
  // The root, dimensions, the dimension, its rules and the rule are five; each "not" is one, its test the
  // last.
  const auto nested = [](std::size_t depth) {
    std::string when = R"({"a": 1})";
    for (std::size_t i = 6; i < depth; ++i) when = R"({"not": )" + when + "}";
    return with_when(when);
  };
  EXPECT_EQ(thrown(nested(kMaxNesting)), "nothing");
  EXPECT_EQ(thrown(nested(kMaxNesting + 1)).substr(0, 5), "54000");
}

TEST(ParseLimits, ListsUsedOften) {
  std::string list = "\"0\"";
  for (int i = 1; i < 50'000; ++i) list += ",\"" + std::to_string(i) + "\"";
  std::string rules;
  for (int i = 0; i < 6; ++i) {
    rules += (i == 0 ? "" : ",") + std::string(R"({"id":"r)") + std::to_string(i) +
             R"(","when":{"code":"@long"},"points":1})";
  }
  const std::string text =
      R"({"lists": {"long": [)" + list + R"(]}, "dimensions": [{"name": "d", "rules": [)" + rules + "]}]}";
  const Problems problems = check(text).problems;
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].path, "$.dimensions[0].rules[5].when.code");
  EXPECT_EQ(thrown(text).substr(0, 5), "54000");
}

TEST(ParseLimits, PatternsTooLarge) {
  std::string rules;
  for (int i = 0; i < 400; ++i) {
    rules += (i == 0 ? "" : ",") + std::string(R"({"id":"r)") + std::to_string(i) +
             R"(","when":{"t":{"matches":"(abcdefgh){900}"}},"points":1})";
  }
  const Problems problems = check(with_rules(rules)).problems;
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].problem.substr(11), ": the rule set's patterns are too many and too large");
}

TEST(ParseLimits, LongNamesAreCutInMessages) {
  const std::string name(300'000, 'x');
  for (const Problem& problem :
       check(with_rules(R"({"id":")" + name + R"(", ")" + name + R"(": 1})")).problems) {
    EXPECT_LT(problem.path.size() + problem.problem.size() + problem.hint.size(), 600U);
  }
}

bool stop() noexcept { return true; }

TEST(ParseRuleset, CanBeStopped) {
  set_stop_requested(stop);
  EXPECT_THROW(parse_ruleset(kExampleRuleset), Interrupted);
  set_stop_requested(nullptr);
}

TEST(OrderSegments, PutsUsedOnesFirst) {
  Json json =
      parse_json(R"({"segments": {"a": {"any": [{"segment": "ccc"}, {"segment": "bb"}]}, "bb": {"x": 1},
      "ccc": {"not": {"segment": "bb"}}}, "dimensions": [{"name": "d", "rules": [
      {"id": "r", "when": {"segment": "a"}, "points": 1}]}]})");
  Problems problems;
  check_ruleset(json, problems);
  EXPECT_EQ(problems.size(), 2U);
  order_segments(json);
  const Ruleset rules = check_ruleset(json, problems);
  EXPECT_EQ(in_short(problems), "");
  EXPECT_EQ(rules.segments[0].name + rules.segments[1].name + rules.segments[2].name, "bbccca");
}

TEST(OrderSegments, LeavesCirclesToTheChecker) {
  Json json = parse_json(R"({"segments": {"a": {"segment": "b"}, "b": {"segment": "a"}, "c": {"x": 1}}})");
  order_segments(json);
  ASSERT_EQ(json.find("segments")->members.size(), 3U);
  EXPECT_EQ(json.find("segments")->members[0].first, "c");
  Json other = parse_json("[1]");
  order_segments(other);
}

TEST(NumberTest, EveryBoundCounts) {
  NumberTest test;
  EXPECT_TRUE(test.holds(1));
  test.gt = 2;
  test.lte = 5;
  EXPECT_FALSE(test.holds(2));
  EXPECT_TRUE(test.holds(5));
  EXPECT_FALSE(test.holds(5.5));
  test.eq = 3;
  EXPECT_FALSE(test.holds(4));
  test.gte = 3;
  test.lt = 4;
  EXPECT_TRUE(test.holds(3));
}

TEST(Bounds, Clamp) {
  EXPECT_EQ((Bounds{}).clamp(7), 7);
  EXPECT_EQ((Bounds{0, 5}).clamp(7), 5);
  EXPECT_EQ((Bounds{0, 5}).clamp(-7), 0);
}

}  // namespace
}  // namespace leadscore::test
