// Mistakes outside rules: the header, dimensions, tiers.
#include "parse_fixture.hpp"

namespace leadscore::test {
namespace {

constexpr std::string_view kRules = R"("rules": [{"id": "r", "when": {"a": 1}, "points": 1}])";

TEST(ParseRulesetErrors, Header) {
  const Expected cases[] = {
      {R"("name": 5)", ".name", "must be text, not a number", ""},
      {R"("name": "")", ".name", "must not be blank", ""},
      {R"("note": [])", ".note", "must be text, not an array", ""},
      {R"("dimension": [])", ".dimension", "unknown member \"dimension\"", "Did you mean \"dimensions\"?"},
      {R"("range": [0, 100])", ".range", "must be an object, not an array", ""},
      {R"("range": {})", ".range", "has neither \"min\" nor \"max\"",
       "Leave \"range\" out for a total without bounds."},
      {R"("range": {"min": 5, "max": 1})", ".range.min", "\"min\" 5 is greater than \"max\" 1", ""},
      {R"("range": {"maximum": 1})", ".range.maximum", "unknown member \"maximum\"", "Did you mean \"max\"?"},
      {R"("decimals": 10)", ".decimals", "must be a whole number from 0 to 9, not 10", ""},
      {R"("decimals": 0.5)", ".decimals", "must be a whole number from 0 to 9, not 0.5", ""},
      {R"("decimals": true)", ".decimals", "must be a whole number, not true or false", ""},
      {R"("ignore_accents": 1)", ".ignore_accents", "must be true or false, not a number", ""},
      {R"("utc_offset": 7)", ".utc_offset", "must be an offset from UTC like \"+07:00\", not a number", ""},
      {R"("utc_offset": "Asia/Jakarta")", ".utc_offset",
       "must be an offset from UTC like \"+07:00\", not \"Asia/Jakarta\"",
       "Names of time zones are not read: a day must begin at the same hour all year."},
      {R"("disqualified_tier": " ")", ".disqualified_tier", "must not be blank", ""},
      {R"("segments": {"a": {"x": 1}}, "segments": {})", ".segments", "duplicate member \"segments\"",
       "It is written twice in one object; keep one."},
  };
  for (const Expected& expected : cases) {
    expect_only(
        "{" + std::string(expected.part) + R"(, "dimensions": [{"name": "d", )" + std::string(kRules) + "}]}",
        Severity::error, "$", expected);
  }
  const Checked checked = check(
      R"({"utc_offset": "+07:00", "decimals": 2, "disqualified_tier": "out", "range": {"max": 9}, "note": "",
          "dimensions": [{"name": "d", )" +
      std::string(kRules) + "}]}");
  EXPECT_EQ(in_short(checked.problems), "");
  EXPECT_EQ(checked.rules.utc_offset, 420);
  EXPECT_EQ(checked.rules.decimals, 2);
  EXPECT_EQ(checked.rules.disqualified_tier, "out");
}

TEST(ParseRulesetErrors, Dimensions) {
  expect_only("{}", Severity::error, "$", {"", "", "\"dimensions\" is missing", ""});
  expect_only(R"({"dimensions": {}})", Severity::error, "$",
              {"", ".dimensions", "must be an array of dimensions, not an object", ""});
  expect_only(R"({"dimensions": []})", Severity::error, "$",
              {"", ".dimensions", "must not be empty", "A rule set has at least one dimension."});
  expect_only(R"({"dimensions": [5]})", Severity::error, "$",
              {"", ".dimensions[0]", "must be an object, not a number", ""});
  const Expected cases[] = {
      {R"("weight": 1)", "", "\"name\" is missing", ""},
      {R"("name": "")", ".name", "must not be blank", ""},
      {R"("name": "d", "weight": 2e9)", ".weight",
       "must be a number from -1000000000 to 1000000000, not 2000000000", ""},
      {R"("name": "d", "min": 5, "max": 1)", ".min", "\"min\" 5 is greater than \"max\" 1", ""},
      {R"("name": "d", "groups": [])", ".groups", "must be an object of groups, not an array",
       "For example {\"email\": {\"max\": 30}}."},
      {R"("name": "d", "groups": {"a": 5})", ".groups.a", "must be an object, not a number", ""},
      {R"("name": "d", "groups": {"a": {"min": 5, "max": 1}})", ".groups.a.min",
       "\"min\" 5 is greater than \"max\" 1", ""},
      {R"("name": "d", "groups": {"a": {}, "a": {}})", ".groups.a", "duplicate member \"a\"",
       "It is written twice in one object; keep one."},
      {R"("name": "d", "grades": {})", ".grades", "must be an array of grades, not an object", ""},
      {R"("name": "d", "grades": [{"at": 5}])", ".grades[0]", "\"name\" is missing", ""},
      {R"("name": "d", "grades": [{"name": "A"}, {"name": "B"}])", ".grades[0]", "\"at\" is missing",
       "Only the last grade may do without it."},
      {R"("name": "d", "grades": [{"name": "A", "at": 5}, {"name": "B", "at": 5}])", ".grades[1].at",
       "must be less than that of the grade before", "Grades are written best first."},
      {R"("name": "d", "grades": [{"name": "A", "at": 5}, {"name": "A", "at": 1}])", ".grades[1].name",
       "another grade of the dimension has the name \"A\"", ""},
      {R"("name": "d", "idle": 5)", ".idle", "must be an object, not a number", ""},
      {R"("name": "d", "idle": {"after": "1 day", "keep": 0.5})", ".idle", "\"on\" is missing", ""},
      {R"("name": "d", "idle": {"on": "*", "keep": 0.5})", ".idle", "\"after\" is missing", ""},
      {R"("name": "d", "idle": {"on": "*", "after": "1 day"})", ".idle", "\"keep\" is missing", ""},
      {R"("name": "d", "idle": {"on": "*", "after": "1 day", "keep": 1.5})", ".idle.keep",
       "must be a number from 0 to 1, not 1.5", ""},
      {R"("name": "d", "idle": {"on": "*", "after": "1 day", "keep": 0.5, "points": 5})", ".idle.points",
       "unknown member \"points\"", ""},
      {R"("name": "d", "idle": {"on": "*", "after": "1 day", "keep": 0.5, "every": 5})", ".idle.every",
       "must be a duration like \"30 days\", not a number", ""},
      {R"("name": "d", "rule": [])", ".rule", "unknown member \"rule\"", "Did you mean \"rules\"?"},
  };
  for (const Expected& expected : cases) {
    expect_only(R"({"dimensions": [{)" + std::string(expected.part) + ", " + std::string(kRules) + "}]}",
                Severity::error, "$.dimensions[0]", expected);
  }
  expect_only(R"({"dimensions": [{"name": "d", "rules": {}}]})", Severity::error, "$.dimensions[0]",
              {"", ".rules", "must be an array of rules, not an object", ""});
  expect_only(R"({"dimensions": [{"name": "d", )" + std::string(kRules) +
                  R"(}, {"name": "d", "rules": [{"id": "s", "when": {"a": 1}, "points": 1}]}]})",
              Severity::error, "$.dimensions[1]", {"", ".name", "another dimension has the name \"d\"", ""});
}

TEST(ParseRulesetErrors, Tiers) {
  const Expected cases[] = {
      {R"({})", "", "must be an array of tiers, not an object", ""},
      {R"([5])", "[0]", "must be an object, not a number", ""},
      {R"([{"at": 5}])", "[0]", "\"name\" is missing", ""},
      {R"([{"name": ""}])", "[0].name", "must not be blank", ""},
      {R"([{"name": "a", "at": "5"}])", "[0].at", "must be a number, not text",
       "Write 5 without quotation marks."},
      {R"([{"name": "a", "dimensions": ["fit"]}])", "[0].dimensions",
       "must be an object of dimensions and their minimums, not an array", "For example {\"fit\": 10}."},
      {R"([{"name": "a", "dimensions": {"fti": 5}}])", "[0].dimensions.fti", "unknown dimension \"fti\"",
       "Did you mean \"fit\"?"},
      {R"([{"name": "a", "dimensions": {"fit": "5"}}])", "[0].dimensions.fit", "must be a number, not text",
       "Write 5 without quotation marks."},
      {R"([{"name": "a", "dimensions": {"fit": 5, "fit": 6}}])", "[0].dimensions.fit",
       "duplicate member \"fit\"", "It is written twice in one object; keep one."},
      {R"([{"name": "a", "grade": 5}])", "[0].grade", "must be a grade or an array of grades, not a number",
       ""},
      {R"([{"name": "a", "grade": []}])", "[0].grade", "must not be empty", ""},
      {R"([{"name": "a", "grade": ["A", 5]}])", "[0].grade[1]", "must be text, not a number", ""},
      {R"([{"name": "a", "grade": ""}])", "[0].grade", "must not be blank", ""},
      {R"([{"name": "a", "where": {"a": 1}}])", "[0].where", "unknown member \"where\"",
       "Did you mean \"when\"?"},
      {R"([{"name": "a", "when": {"segment": "x"}}])", "[0].when.segment", "unknown segment \"x\"", ""},
      {R"([{"name": "a", "note": 5}])", "[0].note", "must be text, not a number", ""},
  };
  for (const Expected& expected : cases) {
    expect_only(R"({"dimensions": [{"name": "fit", )" + std::string(kRules) + R"(}], "tiers": )" +
                    std::string(expected.part) + "}",
                Severity::error, "$.tiers", expected);
  }
}

}  // namespace
}  // namespace leadscore::test
