// The words of an explanation: for each form of rule the reason that a person reads.
#include "core/explain.hpp"

#include <gtest/gtest.h>

#include "property_subject.hpp"

namespace leadscore {
namespace {

using reference::Activity;
using reference::number;
using reference::text;

constexpr Micros kHour = 3600 * kSecond;
constexpr Micros kNow = 9'000 * kDay;

reference::Row some_lead() {
  return {{"country", text("NL")},
          {"employees", number(120)},
          {"title", text("VP Sales")},
          {"created_at", reference::instant(kNow - 400 * kDay)}};
}

/// Seven opens, ten days apart, the latest five hours ago.
std::vector<Activity> some_history() {
  std::vector<Activity> activities;
  for (int i = 0; i < 7; ++i) {
    activities.push_back({"open",
                          kNow - i * 10 * kDay - 5 * kHour,
                          {{"mail", text("m" + std::to_string(i % 3))},
                           {"amount", number(2.5)},
                           {"asset", text(i % 2 == 1 ? "calculator" : "paper")}}});
  }
  return activities;
}

std::vector<Line> lines_of(const std::string& ruleset) {
  Subject subject(ruleset);
  ScratchArena arena;
  const Engagement state = subject.engage(arena, some_history(), kNow);
  return subject.lines(some_lead(), &state, kNow);
}

/// The reason that a single rule is given.
std::string reason(const std::string& members) {
  const std::vector<Line> lines = lines_of(R"({"segments": {"decision_maker": {"title": {"words": "vp"}}},
      "lists": {"served": ["NL", "ID"], "not_theirs": ["send", "unsubscribe"]},
      "dimensions": [{"name": "d", "rules": [{"id": "r", )" +
                                           members + "}]}]}");
  return lines.empty() ? "no line" : lines.front().reason;
}

TEST(Reasons, OfLeadRulesShowTheConditionAndWhatItSaw) {
  EXPECT_EQ(reason(R"("when": {"country": ["NL", "ID"]}, "points": 3)"),
            R"(country is "NL" or "ID" (country = "NL"))");
  EXPECT_EQ(reason(R"("when": {"country": "@served"}, "points": 3)"),
            R"(country is @served (country = "NL"))");
  EXPECT_EQ(reason(R"("when": {"segment": "decision_maker"}, "points": 3)"),
            R"(segment decision_maker (title = "VP Sales"))");
  EXPECT_EQ(reason(R"("when": {"not": {"phone": {"is_null": false}}}, "points": 3)"),
            "not (phone is known) (phone = unknown)");
  EXPECT_EQ(reason(R"("when": {"created_at": {"older_than": "1 year"}}, "points": 3)"),
            "created_at is older than 365 days (created_at = 2023-07-19 00:00:00 UTC)");
  EXPECT_EQ(
      reason(
          R"("when": {"country": "NL", "any": [{"employees": {"gte": 50, "lt": 500}}, {"x": 1}]}, "points": 3)"),
      R"(country is "NL" and ((employees ≥ 50 and employees < 500) or x is 1))"
      R"( (country = "NL", employees = 120, x = unknown))");
  EXPECT_EQ(reason(R"("cases": [{"when": {"employees": {"gte": 500}}, "points": 4}, {"points": 1}])"),
            "no other case holds");
  EXPECT_EQ(reason(R"("when": {"country": "NL"}, "points": 3, "disqualify": true)"),
            R"(country is "NL" (country = "NL"); disqualifies)");
  EXPECT_EQ(reason(R"("when": {"country": "DE"}, "points": 3)"), "no line");
}

TEST(Reasons, OfMapsAndBandsShowTheValueAndItsPlace) {
  EXPECT_EQ(reason(R"("field": "country", "map": {"nl": 4}, "else": 2)"), R"(country = "NL")");
  EXPECT_EQ(reason(R"("field": "country", "map": {"us": 4}, "else": 2)"),
            R"(country = "NL", any other value)");
  EXPECT_EQ(reason(R"("field": "region", "map": {"us": 4}, "missing": 1)"), "region is unknown");
  const std::string bands =
      R"("bands": [{"below": 10, "points": 1}, {"below": 500, "points": 2}, {"points": 3}])";
  EXPECT_EQ(reason(R"("field": "employees", )" + bands), "employees = 120, from 10 to below 500");
  EXPECT_EQ(reason(R"("field": "employees", "bands": [{"below": 500, "points": 2}])"),
            "employees = 120, below 500");
  EXPECT_EQ(reason(R"("field": "employees", "bands": [{"below": 50, "points": 2}, {"points": 3}])"),
            "employees = 120, from 50");
  EXPECT_EQ(reason(R"("field": "staff", "missing": 9, )" + bands), "staff is unknown");
}

TEST(Reasons, OfEventsSayHowManyAndWhatIsLeft) {
  EXPECT_EQ(reason(R"("on": "open", "points": 1)"), "7 events of open");
  EXPECT_EQ(reason(R"("on": ["open", "click"], "except": "send", "points": 1, "within": "1 day")"),
            "1 event of open/click but send, within 1 day");
  EXPECT_EQ(reason(R"("on": "*", "except": "@not_theirs", "points": 1, "max_events": 2)"),
            "2 events of any kind but @not_theirs, at most 2");
  EXPECT_EQ(reason(R"("on": "open", "points": 1, "half_life": "30 days")"),
            "7 events of open, half-life 30 days: 3.87 left of 7");
  EXPECT_EQ(reason(R"("on": "open", "points": 1, "fades_over": "30 days", "max_points": 1)"),
            "3 events of open, fading over 30 days: 1.98 left of 3; 1.98 held to 1");
  EXPECT_EQ(reason(R"("on": "open", "points": 1, "steps": [{"after": "1 day", "keep": 0.5}])"),
            "7 events of open, fading in steps: 4 left of 7");
  EXPECT_EQ(reason(R"("on": "open", "points": 1, "multiply_by": "amount")"),
            "7 events of open, times amount");
  EXPECT_EQ(reason(R"("on": "open", "points": 1, "distinct": "mail", "max_per_day": 3)"),
            "3 events of open by distinct mail, at most 3 a day");
  EXPECT_EQ(reason(R"("on": "open", "where": {"asset": "calculator"}, "points": 5)"),
            R"(3 events of open where asset is "calculator")");
}

TEST(Reasons, OfTestsSayWhatPassed) {
  EXPECT_EQ(reason(R"("on": "open", "count": {"gte": 3}, "points": 5)"), "7 events of open, ≥ 3");
  // A state that remembers times remembers no more than the test can ask for.
  EXPECT_EQ(reason(R"("on": "open", "count": {"gte": 3}, "points": 5, "within": "60 days")"),
            "at least 3 events of open, ≥ 3, within 60 days");
  EXPECT_EQ(reason(R"("on": "open", "count": {"between": [3, 8]}, "points": 5, "distinct": "mail")"),
            "3 events of open by distinct mail, ≥ 3 and ≤ 8");
  EXPECT_EQ(reason(R"("on": "call", "count": {"lt": 1}, "points": -5)"), "0 events of call, < 1");
  EXPECT_EQ(reason(R"("on": "open", "bands": [{"below": 3, "points": 1}, {"points": 5}])"),
            "7 events of open, from 3");
  EXPECT_EQ(reason(R"("on": "open", "sum": {"field": "amount", "gte": 10}, "points": 5)"),
            "amount of open sums up to 17.5, ≥ 10");
  EXPECT_EQ(
      reason(
          R"("on": "open", "sum": {"field": "amount"}, "bands": [{"below": 9, "points": 1}], "within": "25 days")"),
      "amount of open sums up to 7.5, below 9, within 25 days");
}

TEST(Reasons, OfRecencyAndIdlingSayWhen) {
  const std::string recency =
      R"("recency": [{"within": "7 days", "points": 10}, {"within": "30 days", "points": 5}])";
  EXPECT_EQ(reason(R"("on": "open", )" + recency), "latest open less than a day ago");
  EXPECT_EQ(reason(R"("on": "*", )" + recency), "latest activity less than a day ago");
  EXPECT_EQ(reason(R"("on": "open", "where": {"asset": "calculator"}, )" + recency),
            R"(latest open where asset is "calculator" 10 days ago)");
  EXPECT_EQ(
      reason(
          R"("on": "open", "idle": {"after": "2 hours", "every": "1 hour", "points": -1}, "max_points": 2)"),
      "latest open less than a day ago, idle after 2 hours and every 1 hour; -4 held to 2");
  EXPECT_EQ(reason(R"("on": "call", "idle": {"after": "60 days", "points": -5, "since": "created_at"})"),
            "never any call, counted since created_at 2023-07-19 00:00:00 UTC, idle after 60 days");
}

TEST(Reasons, NameTheLeadConditionOfAnActivityRule) {
  EXPECT_EQ(reason(R"("on": "open", "points": 1, "when": {"segment": "decision_maker"})"),
            "7 events of open; lead: segment decision_maker");
  EXPECT_EQ(reason(R"("on": "open", "points": 1, "when": {"not": {"country": "US"}})"),
            R"(7 events of open; lead: not (country is "US"))");
}

struct Expected {
  std::string label;
  double points;
  std::string reason;
};

void expect_lines(const std::string& ruleset, const std::vector<Expected>& expected) {
  const std::vector<Line> lines = lines_of(ruleset);
  ASSERT_EQ(lines.size(), expected.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].label, expected[i].label);
    EXPECT_NEAR(lines[i].points, expected[i].points, 1e-9) << lines[i].label;
    EXPECT_EQ(lines[i].reason, expected[i].reason) << lines[i].label;
  }
}

TEST(Lines, OfEverythingThatTakesOffOrAdds) {
  expect_lines(R"({"range": {"max": 20}, "decimals": 0, "dimensions": [
      {"name": "fit", "weight": 2, "max": 9, "grades": [{"name": "A", "at": 8}, {"name": "B"}], "rules": [
        {"id": "c", "label": "Country", "when": {"country": "NL"}, "points": 12},
        {"id": "none", "when": {"country": "NL"}, "points": 0}]},
      {"name": "engagement", "groups": {"mail": {"max": 3}},
       "idle": {"on": "*", "after": "1 hour", "every": "2 hours", "keep": 0.5}, "rules": [
        {"id": "o", "group": "mail", "on": "open", "points": 1},
        {"id": "x", "on": "open", "points": 0.3, "promote_to": "SQL"}]}],
     "tiers": [{"name": "SQL", "at": 80, "dimensions": {"fit": 20}}, {"name": "MQL", "at": 15, "grade": ["A"]},
               {"name": "cold"}]})",
               {{"Country", 12, R"(country is "NL" (country = "NL"))"},
                {"dimension fit", -3, "12 held to the maximum 9"},
                {"weight", 9, "9 counts 2 times"},
                {"o", 7, "7 events of open"},
                {"x", 2.1, "7 events of open; promotes to SQL"},
                {"group mail", -4, "7 held to the maximum 3"},
                {"idle", -4.4625, "idle for 3 steps, each times 0.5: 0.64 left of 5.1"},
                {"rounding", 0.3625, "rounded to 0 decimals"},
                {"tier MQL", 0, "total 19 ≥ 15, grade A; next SQL: 61 more points, fit 9 to reach 20"}});
}

TEST(Lines, OfTheRange) {
  expect_lines(R"({"range": {"min": 5, "max": 6}, "dimensions": [{"name": "fit", "rules": [
                   {"id": "c", "when": {"country": "NL"}, "points": 12}]}]})",
               {{"c", 12, R"(country is "NL" (country = "NL"))"}, {"range", -6, "12 held to the maximum 6"}});
  expect_lines(R"({"range": {"min": 5}, "dimensions": [{"name": "fit", "rules": [
                   {"id": "c", "when": {"country": "US"}, "points": 12}]}]})",
               {{"range", 5, "0 held to the minimum 5"}});
}

std::string tier_reason(const std::string& tiers, const std::string& more = "") {
  return lines_of(
             R"({"dimensions": [{"name": "fit", "grades": [{"name": "A", "at": 80}, {"name": "B", "at": 1}],
      "rules": [{"id": "c", "when": {"country": "NL"}, "points": 12)" +
             more + R"(}]}], "tiers": )" + tiers + "}")
      .back()
      .reason;
}

TEST(Tiers, SayWhatDecidedAndHowFarTheNextIs) {
  EXPECT_EQ(tier_reason(R"([{"name": "MQL", "at": 12, "dimensions": {"fit": 2}, "grade": ["A", "B"],
                             "when": {"country": "NL"}}])"),
            R"(total 12 ≥ 12, fit 12 ≥ 2, grade B, country is "NL")");
  EXPECT_EQ(tier_reason(R"([{"name": "SQL", "at": 80, "dimensions": {"fit": 20}, "grade": "A",
                             "when": {"employees": {"gt": 500}}}, {"name": "cold"}])"),
            "the rest; next SQL: 68 more points, fit 12 to reach 20, grade A instead of B, employees > 500");
  EXPECT_EQ(tier_reason(R"([{"name": "SQL", "at": 80}])"), "no tier holds; next SQL: 68 more points");
  EXPECT_EQ(tier_reason(R"([{"name": "SQL", "at": 80}, {"name": "cold"}])", R"(, "promote_to": "SQL")"),
            "promoted by rule c");
  EXPECT_EQ(tier_reason(R"([{"name": "SQL", "at": 80}, {"name": "cold"}])", R"(, "disqualify": true)"),
            "disqualified by rule c");
}

TEST(Reasons, StayOnOneLine) {
  const std::string_view text = "VP\nSales\tEMEA\x7f";
  EXPECT_EQ(describe(Value::of(text)), "\"VP Sales EMEA \"");
  const std::string longer = std::string(59, 'x') + "é and more";
  EXPECT_EQ(describe(Value::of(std::string_view(longer))),
            "\"" + std::string(59, 'x') + "…\"");  // not half a letter
}

}  // namespace
}  // namespace leadscore
