// Rules: every mistake that can be made in one.
#include "parse_fixture.hpp"

namespace leadscore::test {
namespace {

constexpr std::string_view kLeadForms =
    "A rule about the lead has one of: \"when\" with \"points\" or \"disqualify\"; \"cases\"; \"field\" with "
    "\"map\"; "
    "\"field\" with \"bands\". A rule about activities has \"on\".";
constexpr std::string_view kForms =
    "A rule about activities has one of: \"points\"; \"cases\"; \"field\" with \"map\"; \"count\" with "
    "\"points\"; "
    "\"sum\" with \"points\"; \"bands\" (of the number, or of a \"sum\"); \"recency\"; \"idle\".";
constexpr std::string_view kPerEventHint =
    "Such a rule has \"points\" alone, \"cases\", or \"field\" with \"map\".";
constexpr std::string_view kPerEvent = "only a rule that gives points for each event has it";
constexpr std::string_view kNeedsOn = "only a rule about activities has it: one with \"on\"";
constexpr std::string_view kNoMap = "belongs to \"map\", which the rule does not have";
constexpr std::string_view kNeither = "belongs to \"map\" or \"bands\", and the rule has neither";
constexpr std::string_view kRange = "must be a number from -1000000000 to 1000000000, not 2000000000";
constexpr std::string_view kTestHint =
    "For example {\"gte\": 5}; the tests are eq, lt, lte, gt, gte and between.";

/// `part` is what a rule has beside its id.
void expect_errors(std::span<const Expected> cases) {
  for (const Expected& expected : cases) {
    expect_only(with_rules(R"({"id": "r", )" + std::string(expected.part) + "}"), Severity::error, kRule,
                expected, "rule \"r\": ");
  }
}

TEST(ParseRuleErrors, WithoutAnId) {
  expect_only(with_rules(R"({"when": {"a": 1}, "points": 1})"), Severity::error, kRule,
              {"", "", "\"id\" is missing", ""});
  expect_only(with_rules(R"({"id": 5, "when": {"a": 1}, "points": 1})"), Severity::error, kRule,
              {"", ".id", "must be text, not a number", ""});
  expect_only(with_rules(R"({"id": " ", "when": {"a": 1}, "points": 1})"), Severity::error, kRule,
              {"", ".id", "must not be blank", ""}, "rule \" \": ");
  expect_only(with_rules("5"), Severity::error, kRule, {"", "", "must be an object, not a number", ""});
  expect_only(with_rules(R"({"ID": "r", "when": {"a": 1}, "points": 1})"), Severity::error, kRule,
              {"", ".ID", "unknown member \"ID\"", "Did you mean \"id\"?"});
}

TEST(ParseRuleErrors, SameId) {
  const std::string rule = R"({"id": "r", "when": {"a": 1}, "points": 1})";
  expect_only(with_rules(rule + "," + rule), Severity::error, "$.dimensions[0].rules[1]",
              {"", ".id", "another rule has the id \"r\"", "Ids are unique in the whole rule set."},
              "rule \"r\": ");
}

TEST(ParseRuleErrors, Common) {
  const Expected cases[] = {
      {R"("when": {"a": 1}, "pionts": 1)", ".pionts", "unknown member \"pionts\"",
       "Did you mean \"points\"?"},
      {R"("when": {"a": 1}, "points": 1, "zzzzzz": 1)", ".zzzzzz", "unknown member \"zzzzzz\"", ""},
      {R"("when": {"a": 1}, "points": 1, "points": 2)", ".points", "duplicate member \"points\"",
       "It is written twice in one object; keep one."},
      {R"("when": {"a": 1}, "points": "5")", ".points", "must be a number, not text",
       "Write 5 without quotation marks."},
      {R"("when": {"a": 1}, "points": null)", ".points", "must be a number, not null",
       "Leave the member out instead."},
      {R"("when": {"a": 1}, "points": 2e9)", ".points", kRange, ""},
      {R"("when": {"a": 1}, "points": 1, "note": 5)", ".note", "must be text, not a number", ""},
      {R"("when": {"a": 1}, "points": 1, "label": " ")", ".label", "must not be blank", ""},
      {R"("when": {"a": 1}, "points": 1, "off": 1)", ".off", "must be true or false, not a number", ""},
      {R"("when": {"a": 1}, "points": 1, "group": "emails")", ".group", "unknown group \"emails\"",
       "Did you mean \"email\"?"},
      {R"("when": {"a": 1}, "points": 1, "group": "web")", ".group", "unknown group \"web\"",
       "A group is declared in the \"groups\" of the rule's own dimension."},
      {R"("when": {"a": 1}, "points": 1, "promote_to": "SLQ")", ".promote_to", "unknown tier \"SLQ\"",
       "Did you mean \"SQL\"?"},
      {R"("when": {"a": 1}, "points": 1, "promote_to": 5)", ".promote_to", "must be text, not a number", ""},
      {R"("when": {"a": 1}, "points": 1, "max_points": -1)", ".max_points",
       "must be a number from 0 to 1000000000, not -1", ""},
  };
  expect_errors(cases);
}

TEST(ParseRuleErrors, LeadForms) {
  const Expected cases[] = {
      {R"("label": "x")", "", "says nothing of what it gives points for", kLeadForms},
      {R"("field": "a", "map": {"x": 1}, "when": {"a": 1})", "", "mixes \"when\" and \"map\"", kLeadForms},
      {R"("cases": [{"points": 1}], "points": 1)", "", "mixes \"points\" and \"cases\"", kLeadForms},
      {R"("field": "a", "map": {"x": 1}, "bands": [{"points": 1}])", "", "mixes \"map\" and \"bands\"",
       kLeadForms},
      {R"("cases": [{"points": 1}], "disqualify": true)", "", "mixes \"disqualify\" and \"cases\"",
       kLeadForms},
      {R"("points": 1)", "", "\"when\" is missing",
       "A rule about the lead gives its points where its condition holds."},
      {R"("disqualify": true)", "", "\"when\" is missing",
       "A rule about the lead gives its points where its condition holds."},
      {R"("when": {"a": 1})", "", "\"points\" is missing", ""},
      {R"("when": {"a": 1}, "disqualify": false)", "", "\"points\" is missing", ""},
      {R"("when": {"a": 1}, "points": 1, "disqualify": "yes")", ".disqualify",
       "must be true or false, not text", ""},
      {R"("where": {"a": 1}, "points": 1)", ".where", kNeedsOn, "Did you mean \"when\"?"},
      {R"("when": {"a": 1}, "points": 1, "half_life": "1 day")", ".half_life", kNeedsOn, ""},
      {R"("when": {"a": 1}, "points": 1, "except": "x")", ".except", kNeedsOn, ""},
      {R"("recency": [])", ".recency", kNeedsOn, ""},
      {R"("when": {"a": 1}, "points": 1, "field": "x")", ".field", kNeither, ""},
      {R"("when": {"a": 1}, "points": 1, "missing": 1)", ".missing", kNeither, ""},
      {R"("when": {"a": 1}, "points": 1, "else": 1)", ".else", kNoMap, ""},
      {R"("field": "a", "bands": [{"points": 1}], "else": 1)", ".else", kNoMap, ""},
      {R"("map": {"x": 1})", "", "\"field\" is missing", ""},
      {R"("bands": [{"points": 1}])", "", "\"field\" is missing", ""},
      {R"("field": 5, "map": {"x": 1})", ".field", "must be the name of a field, not a number", ""},
      {R"("field": ".", "map": {"x": 1})", ".field", "\".\" is not the name of a field",
       "A field is a column, or a path with single dots like \"company.employees\"."},
  };
  expect_errors(cases);
}

TEST(ParseRule, MaxPointsHoldsLeadRules) {
  const Checked checked = check(with_rules(
      R"({"id": "a", "field": "x", "map": {"y": 9, "z": -9}, "else": 4, "missing": -7, "max_points": 5},
         {"id": "b", "cases": [{"when": {"x": 1}, "points": 9}, {"points": 1}], "max_points": 5},
         {"id": "c", "field": "x", "bands": [{"points": -9}], "max_points": 5},
         {"id": "d", "when": {"x": 1}, "points": 9, "max_points": 5},
         {"id": "e", "on": "x", "points": 9, "max_points": 5})"));
  EXPECT_EQ(in_short(checked.problems), "");
  const std::vector<Rule>& rules = checked.rules.dimensions[0].rules;
  EXPECT_EQ(rules[0].map[0].points, 5);
  EXPECT_EQ(rules[0].map[1].points, -5);
  EXPECT_EQ(rules[0].otherwise, 4);
  EXPECT_EQ(rules[0].missing, -5);
  EXPECT_EQ(rules[1].cases[0].points, 5);
  EXPECT_EQ(rules[1].cases[1].points, 1);
  EXPECT_EQ(rules[2].bands[0].points, -5);
  EXPECT_EQ(rules[3].points, 5);
  EXPECT_EQ(rules[4].points, 9);
}

TEST(ParseRuleErrors, Cases) {
  const Expected cases[] = {
      {R"("cases": {})", ".cases", "must be an array of cases, not an object", ""},
      {R"("cases": [])", ".cases", "must not be empty", ""},
      {R"("cases": [5])", ".cases[0]", "must be an object, not a number", ""},
      {R"("cases": [{"when": {"a": 1}}])", ".cases[0]", "\"points\" is missing", ""},
      {R"("cases": [{"points": 1}, {"points": 2}])", ".cases[0]", "\"when\" is missing",
       "Only the last case may do without it: it is the rest."},
      {R"("cases": [{"where": {"a": 1}, "points": 1}, {"points": 2}])", ".cases[0].where",
       "unknown member \"where\"", "Did you mean \"when\"?"},
      {R"("on": "x", "cases": [{"when": {"a": 1}, "points": 1}, {"points": 2}])", ".cases[0].when",
       "unknown member \"when\"", "Did you mean \"where\"?"},
      {R"("cases": [{"points": 1, "note": 5}])", ".cases[0].note", "must be text, not a number", ""},
  };
  expect_errors(cases);
}

TEST(ParseRuleErrors, MapAndBands) {
  const Expected cases[] = {
      {R"("field": "a", "map": [])", ".map", "must be an object of values and their points, not an array",
       "For example {\"Retail\": -10}."},
      {R"("field": "a", "map": {})", ".map", "must not be empty", ""},
      {R"("field": "a", "map": {"x": "y"})", ".map.x", "must be a number, not text", ""},
      {R"("field": "a", "map": {" ": 1})", ".map[\" \"]", "a value must not be blank",
       "Blank text is no value: its points are \"missing\"."},
      {R"("field": "a", "map": {"X": 1, "x": 1})", ".map.x", "\"x\" is in the map twice",
       "Texts are the same where only case, or accents with \"ignore_accents\", differ."},
      {R"("field": "a", "map": {"x": 1, "x": 1})", ".map.x", "\"x\" is in the map twice",
       "Texts are the same where only case, or accents with \"ignore_accents\", differ."},
      {R"("field": "a", "map": {"x": 1}, "else": "0")", ".else", "must be a number, not text",
       "Write 0 without quotation marks."},
      {R"("field": "a", "bands": {})", ".bands", "must be an array of bands, not an object", ""},
      {R"("field": "a", "bands": [])", ".bands", "must not be empty", ""},
      {R"("field": "a", "bands": [{"below": 5}])", ".bands[0]", "\"points\" is missing", ""},
      {R"("field": "a", "bands": [{"points": 1}, {"points": 2}])", ".bands[0]", "\"below\" is missing",
       "Only the last band may do without it."},
      {R"("field": "a", "bands": [{"below": 5, "points": 1}, {"below": 5, "points": 2}])", ".bands[1].below",
       "must be greater than that of the band before",
       "Bands ascend; the first whose \"below\" is greater than the value counts."},
      {R"("field": "a", "bands": [{"bellow": 5, "points": 1}, {"points": 2}])", ".bands[0].bellow",
       "unknown member \"bellow\"", "Did you mean \"below\"?"},
      {R"("on": "x", "bands": [{"below": -1, "points": 1}])", ".bands[0].below",
       "must be a number from 0 to 1000000000, not -1", ""},
      {R"("on": "x", "within": "1 day", "bands": [{"below": 2000000, "points": 1}])", ".bands",
       "must be at most 1000000 where \"within\", \"distinct\" or \"max_per_day\" is given", ""},
  };
  expect_errors(cases);
  EXPECT_EQ(
      in_short(check(with_rules(R"({"id": "r", "field": "revenue", "bands": [{"below": 1e12, "points": 1}]},
                                         {"id": "s", "on": "x", "bands": [{"below": 2e6, "points": 1}]})"))
                   .problems),
      "");
  EXPECT_EQ(check(with_rules(R"({"id": "r", "field": "a", "map": {"é": 1, "e": 1}})")).problems.size(), 0U);
  EXPECT_EQ(check(with_rules(R"({"id": "r", "field": "a", "map": {"é": 1, "e": 1}})",
                             R"(, "ignore_accents": true)"))
                .problems.size(),
            1U);
}

TEST(ParseRuleErrors, Kinds) {
  const Expected cases[] = {
      {R"("on": 5, "points": 1)", ".on",
       "must be a kind, an array of kinds, \"@list\" or \"*\", not a number", ""},
      {R"("on": "", "points": 1)", ".on", "must not be blank", ""},
      {R"("on": ["a", 5], "points": 1)", ".on[1]", "must be text, not a number", ""},
      {R"("on": ["a", " "], "points": 1)", ".on[1]", "must not be blank", ""},
      {R"("on": ["a", "*"], "points": 1)", ".on[1]", "\"*\" cannot stand inside an array",
       "For every kind write \"*\" alone."},
      {R"("on": ["a", "@kinds"], "points": 1)", ".on[1]", "a list cannot stand inside an array",
       "Write out its kinds, or name a list alone, without the array."},
      {R"("on": "@kindz", "points": 1)", ".on", "unknown list \"@kindz\"", "Did you mean \"@kinds\"?"},
      {R"("on": "@freemail", "points": 1)", ".on", "\"@freemail\" is not a list of kinds", ""},
      {R"("on": "*", "except": {}, "points": 1)", ".except",
       "must be a kind, an array of kinds, \"@list\" or \"*\", not an object", ""},
  };
  expect_errors(cases);
}

TEST(ParseRuleErrors, ActivityForms) {
  const Expected cases[] = {
      {R"("on": "x")", "", "says nothing of what it gives points for", kForms},
      {R"("on": "x", "count": {"gte": 1}, "points": 1, "recency": [{"within": "1 day", "points": 1}])", "",
       "mixes \"count\" and \"recency\"", kForms},
      {R"("on": "x", "count": {"gte": 1}, "points": 1, "bands": [{"points": 1}])", "",
       "mixes \"count\" and \"bands\"", kForms},
      {R"("on": "x", "points": 1, "cases": [{"points": 1}])", ".points", "cannot stand beside \"cases\"",
       kForms},
      {R"("on": "x", "points": 1, "bands": [{"points": 1}])", ".points", "cannot stand beside \"bands\"",
       kForms},
      {R"("on": "x", "points": 1, "disqualify": true)", ".disqualify",
       "a rule about activities cannot disqualify",
       "Disqualifying is for rules about the lead: those without \"on\"."},
      {R"("on": "x", "map": {"a": 1})", "", "\"field\" is missing", ""},
      {R"("on": "x", "points": 1, "field": "a")", ".field", kNoMap, ""},
      {R"("on": "x", "field": "a", "bands": [{"points": 1}])", ".field", kNoMap,
       "To band a sum write \"sum\": {\"field\": …}."},
      {R"("on": "x", "points": 1, "else": 1)", ".else", kNoMap, ""},
      {R"("on": "x", "bands": [{"points": 1}], "missing": 1)", ".missing", kNoMap, ""},
      {R"("on": "x", "points": 1, "when": 5)", ".when", "must be a condition (an object), not a number",
       "For example {\"country\": \"NL\"}."},
      {R"("on": "x", "points": 1, "where": 5)", ".where", "must be a condition (an object), not a number",
       "For example {\"country\": \"NL\"}."},
  };
  expect_errors(cases);
}

TEST(ParseRuleErrors, CountAndSum) {
  const Expected cases[] = {
      {R"("on": "x", "count": {"gte": 5})", "", "\"points\" is missing", ""},
      {R"("on": "x", "count": 5, "points": 1)", ".count", "must be a test, not a number",
       "Write {\"gte\": 5} for at least so many."},
      {R"("on": "x", "count": {}, "points": 1)", ".count", "has no test", kTestHint},
      {R"("on": "x", "count": {"gtee": 5}, "points": 1)", ".count.gtee", "unknown member \"gtee\"",
       "Did you mean \"gte\"?"},
      {R"("on": "x", "count": {"gte": -1}, "points": 1)", ".count.gte",
       "must be a number from 0 to 1000000000, not -1", ""},
      {R"("on": "x", "count": {"between": [3]}, "points": 1)", ".count.between",
       "must be an array of two numbers, the least and the greatest", ""},
      {R"("on": "x", "count": {"between": [3, 1]}, "points": 1)", ".count.between",
       "never holds: the first number is greater than the second", "Write the smaller number first."},
      {R"("on": "x", "count": {"gte": 1000001}, "points": 1, "distinct": "a")", ".count",
       "must be at most 1000000 where \"within\", \"distinct\" or \"max_per_day\" is given", ""},
      {R"("on": "x", "sum": {"field": "a"}, "points": 1)", ".sum", "has no test", kTestHint},
      {R"("on": "x", "sum": {"gte": 5}, "points": 1)", ".sum", "\"field\" is missing", ""},
      {R"("on": "x", "sum": {"field": "a", "gte": 5})", "", "\"points\" is missing", ""},
      {R"("on": "x", "sum": "a", "points": 1)", ".sum", "must be an object, not text",
       "Write {\"field\": \"a\", …}."},
      {R"("on": "x", "sum": {"field": "a", "gte": 5}, "bands": [{"points": 1}])", ".sum.gte",
       "a sum with \"bands\" has no test", "Leave out the test or the bands."},
  };
  expect_errors(cases);
  const Checked checked = check(
      with_rules(R"({"id": "r", "on": "x", "count": {"between": [1, 9], "gte": 3, "lte": 20}, "points": 1},
                    {"id": "s", "on": "x", "sum": {"field": "amount"}, "bands": [{"below": -1, "points": 1}]},
                    {"id": "t", "on": "x", "sum": {"field": "amount", "lt": -1e12}, "points": 1})"));
  EXPECT_EQ(in_short(checked.problems), "");
  const std::vector<Rule>& rules = checked.rules.dimensions[0].rules;
  EXPECT_EQ(rules[0].test.gte, 3);
  EXPECT_EQ(rules[0].test.lte, 9);
  EXPECT_EQ(rules[1].measure, Measure::sum_bands);
  EXPECT_EQ(rules[1].sum_field, "amount");
  EXPECT_EQ(rules[2].measure, Measure::sum);
}

TEST(ParseRuleErrors, RecencyAndIdle) {
  const Expected cases[] = {
      {R"("on": "x", "recency": {})", ".recency", "must be an array of entries, not an object", ""},
      {R"("on": "x", "recency": [])", ".recency", "must not be empty", ""},
      {R"("on": "x", "recency": [{"points": 1}])", ".recency[0]", "\"within\" is missing", ""},
      {R"("on": "x", "recency": [{"within": "1 day"}])", ".recency[0]", "\"points\" is missing", ""},
      {R"("on": "x", "recency": [{"within": "7 days", "points": 1}, {"within": "1 week", "points": 2}])",
       ".recency[1].within", "must be longer than that of the entry before",
       "The first entry whose \"within\" holds counts, so this one never would."},
      {R"("on": "x", "recency": [{"within": "1 day", "points": 1}], "within": "2 days")", ".within",
       "cannot stand beside \"recency\"", "Only the latest event matters to it."},
      {R"("on": "x", "idle": [])", ".idle", "must be an object, not an array", ""},
      {R"("on": "x", "idle": {"points": 1})", ".idle", "\"after\" is missing", ""},
      {R"("on": "x", "idle": {"after": "1 day"})", ".idle", "\"points\" is missing", ""},
      {R"("on": "x", "idle": {"after": "1 day", "points": -1, "every": "0 days"})", ".idle.every",
       "must be longer than 0", ""},
      {R"("on": "x", "idle": {"after": "1 day", "points": -1, "since": ""})", ".idle.since",
       "\"\" is not the name of a field",
       "A field is a column, or a path with single dots like \"company.employees\"."},
      {R"("on": "x", "idle": {"after": "1 day", "points": -1, "keep": 0.5})", ".idle.keep",
       "unknown member \"keep\"", ""},
      {R"("on": "x", "idle": {"after": "1 day", "points": -1}, "max_events": 5)", ".max_events",
       "cannot stand beside \"idle\"", "Only the latest event matters to it."},
      {R"("on": "x", "idle": {"after": "1 day", "points": -1}, "points": 5)", ".points",
       "cannot stand beside \"idle\"", kForms},
  };
  expect_errors(cases);
  EXPECT_EQ(
      in_short(
          check(with_rules(R"({"id": "r", "on": "x", "idle": {"after": "0 days", "points": -1}})")).problems),
      "");
}

TEST(ParseRuleErrors, FadeAndSelection) {
  const Expected cases[] = {
      {R"("on": "x", "points": 1, "half_life": 30)", ".half_life",
       "must be a duration like \"30 days\", not a number", ""},
      {R"("on": "x", "points": 1, "half_life": "0 days")", ".half_life", "must be longer than 0", ""},
      {R"("on": "x", "points": 1, "half_life": "1 day", "fades_over": "2 days")", ".fades_over",
       "cannot stand beside \"half_life\"", "An event fades in one way only."},
      {R"("on": "x", "points": 1, "steps": [])", ".steps", "must not be empty", ""},
      {R"("on": "x", "points": 1, "steps": {})", ".steps", "must be an array of steps, not an object", ""},
      {R"("on": "x", "points": 1, "steps": [{"after": "1 day"}])", ".steps[0]", "\"keep\" is missing", ""},
      {R"("on": "x", "points": 1, "steps": [{"keep": 1}])", ".steps[0]", "\"after\" is missing", ""},
      {R"("on": "x", "points": 1, "steps": [{"after": "1 day", "keep": 2}])", ".steps[0].keep",
       "must be a number from 0 to 1, not 2", ""},
      {R"("on": "x", "points": 1, "steps": [{"after": "1 day", "keep": 1}, {"after": "24 hours", "keep": 0}])",
       ".steps[1].after", "must be longer than that of the step before", ""},
      {R"("on": "x", "count": {"gte": 1}, "points": 1, "half_life": "1 day")", ".half_life", kPerEvent,
       kPerEventHint},
      {R"("on": "x", "recency": [{"within": "1 day", "points": 1}], "multiply_by": "amount")", ".multiply_by",
       kPerEvent, kPerEventHint},
      {R"("on": "x", "points": 1, "within": "1 dya")", ".within",
       "must be a duration like \"30 days\", not \"1 dya\"", "Did you mean \"1 day\"?"},
      {R"("on": "x", "points": 1, "distinct": 5)", ".distinct", "must be the name of a field, not a number",
       ""},
      {R"("on": "x", "points": 1, "max_per_day": 0)", ".max_per_day",
       "must be a whole number from 1 to 1000000, not 0", ""},
      {R"("on": "x", "points": 1, "max_per_day": "5")", ".max_per_day", "must be a whole number, not text",
       ""},
      {R"("on": "x", "points": 1, "max_events": 1.5)", ".max_events",
       "must be a whole number from 1 to 1000000, not 1.5", ""},
      {R"("on": "x", "points": 1, "max_events": 1000001)", ".max_events",
       "must be a whole number from 1 to 1000000, not 1000001", ""},
  };
  expect_errors(cases);
  EXPECT_EQ(
      in_short(
          check(with_rules(R"({"id": "r", "on": "x", "points": 1, "steps": [{"after": "0 days", "keep": 0.5},
                                          {"after": "1 day", "keep": 1}]})"))
              .problems),
      "");
}

}  // namespace
}  // namespace leadscore::test
