// From contributions to a tier, by example: clamps, idling, weights, rounding, grades, tiers, promotion.
#include "core/lead_program.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "property_subject.hpp"

namespace leadscore {
namespace {

using reference::Activity;
using reference::number;
using reference::text;

constexpr Micros kHour = 3600 * kSecond;
constexpr Micros kNow = 9'000 * kDay;

Evaluation evaluate(const std::string& ruleset, const reference::Row& lead,
                    const std::vector<Activity>& activities = {}, Micros as_of = kNow) {
  Subject subject(ruleset);
  ScratchArena arena;
  const Engagement state = subject.engage(arena, activities, as_of);
  return subject.score(lead, &state, as_of);
}

std::string tier(const std::string& ruleset, const reference::Row& lead,
                 const std::vector<Activity>& activities = {}, Micros as_of = kNow) {
  Subject subject(ruleset);
  ScratchArena arena;
  const Engagement state = subject.engage(arena, activities, as_of);
  return std::string(subject.score(lead, &state, as_of).tier_name(subject.rules()).value_or("none"));
}

/// A dimension "fit" that is the lead's field "fit" (whole numbers up to 40), with other members.
std::string fit(const std::string& more = "") {
  std::string map;
  for (int i = -40; i <= 40; ++i) {
    map += (map.empty() ? "\"" : ", \"") + std::to_string(i) + "\": " + std::to_string(i);
  }
  return R"({"name": "fit", "rules": [{"id": "fit", "field": "fit", "map": {)" + map + "}}]" + more + "}";
}

std::string of_fit(const std::string& more, const std::string& of_dimension = "") {
  return R"({"dimensions": [)" + fit(of_dimension) + "]" + more + "}";
}

reference::Row with_fit(double value) { return {{"fit", number(value)}}; }

TEST(Totals, AreWeightedClampedAndRounded) {
  EXPECT_EQ(evaluate(of_fit(""), with_fit(7)).total, 7);
  EXPECT_EQ(evaluate(of_fit("", R"(, "weight": -0.5)"), with_fit(7)).total, -3.5);
  EXPECT_EQ(evaluate(of_fit("", R"(, "min": -2, "max": 5, "weight": 2)"), with_fit(7)).total, 10);
  EXPECT_EQ(evaluate(of_fit("", R"(, "min": -2, "max": 5, "weight": 2)"), with_fit(-7)).total, -4);
  EXPECT_EQ(evaluate(of_fit(R"(, "range": {"min": 0, "max": 6})"), with_fit(-7)).total, 0);
  // Half away from zero.
  EXPECT_EQ(evaluate(of_fit(R"(, "decimals": 0)", R"(, "weight": 0.5)"), with_fit(5)).total, 3);
  EXPECT_EQ(evaluate(of_fit(R"(, "decimals": 0)", R"(, "weight": 0.5)"), with_fit(-5)).total, -3);
  EXPECT_EQ(evaluate(of_fit(R"(, "decimals": 2)", R"(, "weight": 0.535)"), with_fit(5)).total, 2.68);
}

TEST(Totals, AreRoundedBeforeTiersLookAtThem) {
  const std::string tiers = R"(, "tiers": [{"name": "hot", "at": 3}, {"name": "cold"}])";
  EXPECT_EQ(tier(of_fit(tiers, R"(, "weight": 0.5)"), with_fit(5)), "cold");
  EXPECT_EQ(tier(of_fit(R"(, "decimals": 0)" + tiers, R"(, "weight": 0.5)"), with_fit(5)), "hot");
}

TEST(Totals, LastBitsDecideNothing) {
  // 0.1 ten times is a little less than 1.
  std::vector<Activity> activities(10, {"open", kNow, {{"amount", number(0.1)}}});
  const std::string rules = R"({"dimensions": [{"name": "d", "grades": [{"name": "A", "at": 1}], "rules": [
      {"id": "r", "on": "open", "points": 1, "multiply_by": "amount"}]}],
      "tiers": [{"name": "hot", "at": 1, "dimensions": {"d": 1}, "grade": "A"}]})";
  EXPECT_LT(evaluate(rules, {}, activities).total, 1);
  EXPECT_EQ(tier(rules, {}, activities), "hot");
  const std::string sum = R"({"dimensions": [{"name": "d", "rules": [
      {"id": "r", "on": "open", "sum": {"field": "amount", "gte": 1}, "points": 5},
      {"id": "s", "on": "open", "sum": {"field": "amount"}, "bands": [{"below": 1, "points": 10}, {"points": 20}]}]}]})";
  EXPECT_EQ(evaluate(sum, {}, activities).total, 25);
}

TEST(Rules, MaxPointsHoldsLeadRulesToo) {
  const auto total = [](const std::string& members, const reference::Row& lead) {
    const std::string rules =
        R"({"dimensions": [{"name": "d", "rules": [{"id": "r", "max_points": 5, )" + members + "}]}]}";
    const double scored = evaluate(rules, lead).total;
    EXPECT_EQ(Subject(rules).evaluate_to_explain(lead, nullptr, kNow).total, scored);
    return scored;
  };
  EXPECT_EQ(total(R"("when": {"a": 1}, "points": 9)", {{"a", number(1)}}), 5);
  EXPECT_EQ(total(R"("cases": [{"when": {"a": 1}, "points": -9}, {"points": 3}])", {{"a", number(1)}}), -5);
  EXPECT_EQ(total(R"("cases": [{"when": {"a": 1}, "points": -9}, {"points": 3}])", {}), 3);
  EXPECT_EQ(total(R"("field": "a", "map": {"1": 9}, "missing": -7)", {{"a", number(1)}}), 5);
  EXPECT_EQ(total(R"("field": "a", "map": {"1": 9}, "missing": -7)", {}), -5);
  EXPECT_EQ(total(R"("field": "a", "bands": [{"below": 3, "points": 9}])", {{"a", number(1)}}), 5);
}

TEST(Rules, GroupsAreClampedBeforeTheDimension) {
  const std::string rules =
      R"({"dimensions": [{"name": "d", "max": 12, "groups": {"g": {"min": -1, "max": 10}}, "rules": [
      {"id": "a", "group": "g", "when": {"a": 1}, "points": 30},
      {"id": "b", "group": "g", "when": {"b": 1}, "points": -50},
      {"id": "c", "when": {"c": 1}, "points": 5}]}]})";
  const reference::Datum one = number(1);
  EXPECT_EQ(evaluate(rules, {{"a", one}}).total, 10);
  EXPECT_EQ(evaluate(rules, {{"a", one}, {"b", one}}).total, -1);
  EXPECT_EQ(evaluate(rules, {{"b", one}, {"c", one}}).total, 4);
  EXPECT_EQ(evaluate(rules, {{"a", one}, {"c", one}}).total, 12);
}

TEST(Idling, ShrinksWhatIsPositiveOnly) {
  const std::string rules = of_fit(
      "",
      R"(, "max": 30, "idle": {"on": "*", "except": "send", "after": "10 days", "every": "5 days", "keep": 0.5})");
  const auto total = [&](double value, Micros since) {
    return evaluate(rules, with_fit(value), {{"visit", kNow - since, {}}, {"send", kNow, {}}}).total;
  };
  EXPECT_EQ(total(16, 10 * kDay - 1), 16);
  EXPECT_EQ(total(16, 10 * kDay), 8);
  EXPECT_EQ(total(16, 15 * kDay - 1), 8);
  EXPECT_EQ(total(16, 15 * kDay), 4);
  EXPECT_EQ(total(16, 25 * kDay), 1);
  EXPECT_EQ(total(-16, 25 * kDay), -16);
  EXPECT_EQ(total(40, 10 * kDay), 20);                 // before the clamp
  EXPECT_EQ(evaluate(rules, with_fit(16)).total, 16);  // never a visit
}

TEST(Idling, OfARuleSinceALeadsOwnField) {
  const std::string rules = R"({"dimensions": [{"name": "d", "rules": [
      {"id": "r", "on": "open", "idle": {"after": "10 days", "every": "5 days", "points": -3, "since": "created"}}]}]})";
  const auto created = [](Micros at) { return reference::Row{{"created", reference::instant(at)}}; };
  EXPECT_EQ(evaluate(rules, created(kNow - 9 * kDay)).total, 0);
  EXPECT_EQ(evaluate(rules, created(kNow - 20 * kDay)).total, -9);
  EXPECT_EQ(evaluate(rules, created(kNow - 20 * kDay), {{"open", kNow - kDay, {}}}).total, 0);
  EXPECT_EQ(evaluate(rules, created(kNow + kDay)).total, 0);
  EXPECT_EQ(evaluate(rules, created(kMinusInfinity)).total, 0);  // no time at all
  EXPECT_EQ(evaluate(rules, created(kInfinity)).total, 0);
  EXPECT_EQ(evaluate(rules, {{"created", text("2024-08-01")}}).total, -9);  // 22 days
  EXPECT_EQ(evaluate(rules, {{"created", text("long ago")}}).total, 0);
  EXPECT_EQ(evaluate(rules, {}).total, 0);
}

TEST(Grades, AreTheFirstThatEachDimensionReaches) {
  const std::string rules =
      R"({"dimensions": [)" + fit(R"(, "grades": [{"name": "A", "at": 20}, {"name": "B", "at": 10}])") +
      R"(, {"name": "none", "rules": []}, {"name": "e", "grades": [{"name": "1", "at": 5}, {"name": "2"}],
       "rules": [{"id": "o", "on": "open", "points": 5}]}]})";
  const std::vector<Activity> open{{"open", kNow, {}}};
  EXPECT_EQ(evaluate(rules, with_fit(20), open).grade, "A1");
  EXPECT_EQ(evaluate(rules, with_fit(19)).grade, "B2");
  EXPECT_EQ(evaluate(rules, with_fit(9)).grade, "2");
  EXPECT_FALSE(evaluate(of_fit("", R"(, "grades": [{"name": "A", "at": 20}])"), with_fit(9)).has_grade);
}

constexpr const char* kTiers = R"(, "tiers": [
    {"name": "SQL", "at": 30, "dimensions": {"fit": 10}, "when": {"customer": {"ne": true}}},
    {"name": "MQL", "grade": ["A"]},
    {"name": "MQL", "at": 15},
    {"name": "warm", "at": 5}])";
constexpr const char* kGrades = R"(, "grades": [{"name": "A", "at": 25}, {"name": "B"}])";

TEST(Tiers, AreTheFirstOfWhichAllHolds) {
  const std::string rules = of_fit(kTiers, kGrades);
  const auto tier_of = [&](double value, bool customer) {
    reference::Row lead = with_fit(value);
    lead["customer"] = reference::boolean(customer);
    return tier(rules, lead);
  };
  EXPECT_EQ(tier_of(30, false), "SQL");
  EXPECT_EQ(tier_of(30, true), "MQL");
  EXPECT_EQ(tier_of(25, false), "MQL");
  EXPECT_EQ(tier_of(15, false), "MQL");
  EXPECT_EQ(tier_of(14, false), "warm");
  EXPECT_EQ(tier_of(4, false), "none");
}

std::string promoting(const std::string& rule) {
  return R"({"dimensions": [)" + fit(kGrades) +
         R"(, {"name": "e", "rules": [{"id": "p", "promote_to": "SQL", )" + rule + "}]}]" + kTiers + "}";
}

TEST(Promotion, WaivesTheTotalAlone) {
  const std::string rules = promoting(R"("on": "rfq", "points": 0)");
  const std::vector<Activity> rfq{{"rfq", kNow, {}}};
  const auto lead = [](double value, bool customer) {
    reference::Row row = with_fit(value);
    row["customer"] = reference::boolean(customer);
    return row;
  };
  EXPECT_EQ(tier(rules, lead(10, false)), "warm");
  EXPECT_EQ(tier(rules, lead(10, false), rfq), "SQL");
  EXPECT_EQ(tier(rules, lead(9, false), rfq), "warm");  // the tier's own minimum of fit
  EXPECT_EQ(tier(rules, lead(10, true), rfq), "warm");  // the tier's own condition
  const Evaluation e = evaluate(rules, lead(10, false), rfq);
  EXPECT_EQ(e.total, 10);
  EXPECT_EQ(e.own_tier, 3U);
  EXPECT_EQ(e.tier, 0U);
  EXPECT_EQ(e.promoted_by_rule, 0U);
}

TEST(Promotion, ToANameMeansWhicheverTierOfThatNameHolds) {
  const std::string rules = R"({"dimensions": [)" + fit() + R"(, {"name": "e", "rules": [
      {"id": "p", "promote_to": "MQL", "on": "rfq", "points": 0}]}],
      "tiers": [{"name": "MQL", "at": 30, "dimensions": {"fit": 20}}, {"name": "MQL", "at": 25}, {"name": "cold"}]})";
  const std::vector<Activity> rfq{{"rfq", kNow, {}}};
  EXPECT_EQ(evaluate(rules, with_fit(20), rfq).tier, 0U);
  EXPECT_EQ(evaluate(rules, with_fit(3), rfq).tier, 1U);
  EXPECT_EQ(evaluate(rules, with_fit(3)).tier, 2U);
}

TEST(Promotion, NeedsARuleThatFires) {
  reference::Row lead = with_fit(10);
  lead["customer"] = reference::boolean(false);
  const auto promoted = [&](const std::string& rule, std::vector<Activity> activities) {
    return tier(promoting(rule), lead, activities) == "SQL";
  };
  const Activity old{"rfq", kNow - 10 * kDay, {{"asset", text("x")}}};
  EXPECT_TRUE(promoted(R"("on": "rfq", "points": 1)", {old}));
  EXPECT_FALSE(promoted(R"("on": "rfq", "points": 1, "within": "10 days")", {old}));
  EXPECT_TRUE(promoted(R"("on": "rfq", "points": 1, "fades_over": "11 days")", {old}));
  EXPECT_FALSE(promoted(R"("on": "rfq", "points": 1, "fades_over": "10 days")", {old}));
  EXPECT_FALSE(promoted(R"("on": "rfq", "points": 1, "steps": [{"after": "1 day", "keep": 0}])", {old}));
  EXPECT_TRUE(promoted(R"("on": "rfq", "points": 1, "half_life": "1 second")", {old}));
  EXPECT_TRUE(promoted(R"("on": "rfq", "cases": [{"where": {"asset": "x"}, "points": 0}])", {old}));
  EXPECT_FALSE(promoted(R"("on": "rfq", "cases": [{"where": {"asset": "y"}, "points": 9}])", {old}));
  EXPECT_FALSE(promoted(R"("on": "rfq", "field": "asset", "map": {"x": 0}, "else": 5)", {old}));
  EXPECT_TRUE(promoted(R"("on": "rfq", "field": "asset", "map": {"y": 0}, "else": 5)", {old}));
  EXPECT_TRUE(promoted(R"("on": "rfq", "count": {"lt": 1}, "points": 0)", {}));
  EXPECT_FALSE(promoted(R"("on": "rfq", "bands": [{"below": 1, "points": 0}, {"points": 2}])", {}));
  EXPECT_TRUE(promoted(R"("on": "rfq", "bands": [{"below": 1, "points": 0}, {"points": 2}])", {old}));
  EXPECT_TRUE(promoted(R"("on": "rfq", "recency": [{"within": "11 days", "points": 0}])", {old}));
  EXPECT_FALSE(promoted(R"("on": "rfq", "recency": [{"within": "10 days", "points": 3}])", {old}));
  EXPECT_TRUE(promoted(R"("on": "rfq", "idle": {"after": "10 days", "points": 0})", {old}));
  EXPECT_FALSE(promoted(R"("on": "rfq", "idle": {"after": "10 days", "points": 0})", {}));
  EXPECT_FALSE(promoted(R"("on": "rfq", "points": 1, "when": {"fit": 11})", {old}));
  EXPECT_FALSE(promoted(R"("on": "rfq", "points": 1, "off": true)", {old}));
  EXPECT_TRUE(promoted(R"("when": {"fit": 10}, "points": 0)", {}));
  EXPECT_FALSE(promoted(R"("field": "fit", "map": {"10": 0})", {}));
}

TEST(Disqualification, KeepsTheTotalAndWinsOverAnyTier) {
  const std::string rules =
      R"({"disqualified_tier": "no more", "dimensions": [)" + fit() + R"(, {"name": "e", "rules": [
      {"id": "rival", "when": {"rival": true}, "disqualify": true},
      {"id": "p", "promote_to": "hot", "when": {"rival": true}, "points": 1}]}], "tiers": [{"name": "hot", "at": 30}]})";
  reference::Row lead = with_fit(40);
  EXPECT_EQ(tier(rules, lead), "hot");
  lead["rival"] = reference::boolean(true);
  EXPECT_EQ(tier(rules, lead), "no more");
  EXPECT_EQ(evaluate(rules, lead).total, 41);
}

TEST(NextChange, IsTheInstantAtWhichTheTierIsAnother) {
  const auto next = [](const std::string& rule, const std::vector<Activity>& activities,
                       const reference::Row& lead = {}) {
    Subject subject(R"({"dimensions": [{"name": "d", "rules": [{"id": "r", )" + rule +
                    R"(}]}], "tiers": [{"name": "hot", "at": 5}, {"name": "cold"}]})");
    ScratchArena arena;
    const Engagement state = subject.engage(arena, activities, kNow);
    return subject.next_change(lead, &state, kNow);
  };
  const std::vector<Activity> now{{"open", kNow, {}}}, later{{"open", kNow + kHour, {}}};
  EXPECT_EQ(next(R"("on": "open", "points": 6)", {}), kInfinity);
  EXPECT_EQ(next(R"("on": "open", "points": 6)", now), kInfinity);
  EXPECT_EQ(next(R"("on": "open", "points": 6)", later), kNow + kHour);
  EXPECT_EQ(next(R"("on": "open", "points": 6, "within": "3 days")", now), kNow + 3 * kDay);
  EXPECT_EQ(
      next(
          R"("on": "open", "points": 6, "steps": [{"after": "1 day", "keep": 0.9}, {"after": "2 days", "keep": 0.5}])",
          now),
      kNow + 2 * kDay);
  EXPECT_EQ(next(R"("on": "open", "count": {"gte": 1}, "points": 6, "within": "3 days")", now),
            kNow + 3 * kDay);
  EXPECT_EQ(
      next(
          R"("on": "open", "recency": [{"within": "1 day", "points": 8}, {"within": "9 days", "points": 6}])",
          now),
      kNow + 9 * kDay);
  EXPECT_EQ(next(R"("on": "open", "idle": {"after": "3 days", "every": "1 day", "points": 2})", now),
            kNow + 5 * kDay);
  EXPECT_EQ(next(R"("when": {"born": {"older_than": "30 days"}}, "points": 6)", {},
                 {{"born", reference::instant(kNow - 29 * kDay)}}),
            kNow + kDay);
  // 10 points of a half-life of a day reach 5 after a day; a moment later, rounded to 9 decimals, they are
  // less.
  const Micros fading = next(R"("on": "open", "points": 10, "half_life": "1 day")", now);
  EXPECT_GT(fading, kNow + kDay);
  EXPECT_LT(fading, kNow + kDay + kSecond);
}

TEST(Evaluation, NeedsAFiniteTime) {
  Subject subject(of_fit(""));
  for (const Micros as_of : {kInfinity, kMinusInfinity}) {
    EXPECT_THROW(subject.score({}, nullptr, as_of), Error);
  }
}

TEST(Evaluation, OfManyTiersAndPromotionsTakesNoTime) {
  // 9,000 rules that each promote to a tier of its own, and none of the tiers holds: found out rule by rule,
  // this would be 81 million comparisons of names a lead, and thousands of times that for next_change.
  std::string rules, tiers;
  for (int i = 0; i < 9'000; ++i) {
    const std::string n = std::to_string(i);
    rules +=
        (i == 0 ? "" : ",") + (R"({"id":"r)" + n + R"(","on":"a","points":1,"promote_to":"t)" + n + "\"}");
    tiers += (i == 0 ? "" : ",") + (R"({"name":"t)" + n + R"(","dimensions":{"d":99999}})");
  }
  Subject subject(R"({"dimensions": [{"name": "d", "rules": [)" + rules + R"(]}], "tiers": [)" + tiers +
                  "]}");
  const std::vector<Activity> activities{{"a", kNow, {}}};
  ScratchArena arena;
  const Engagement state = subject.engage(arena, activities, kNow);
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(subject.score({}, &state, kNow).tier.has_value());
  EXPECT_EQ(subject.next_change({}, &state, kNow), kInfinity);
}

}  // namespace
}  // namespace leadscore
