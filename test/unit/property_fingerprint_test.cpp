// A state knows what it was made for: rule sets that remember the same share states, others do not.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "property_subject.hpp"

namespace leadscore {
namespace {

using generate::Random;

double other_points(Random& random) { return static_cast<double>(random.between(-20, 40)) / 2; }

template <class Items>
void shuffle(Random& random, Items& items) {
  for (std::size_t k = items.size(); k > 1; --k) std::swap(items[k - 1], items[random.below(k)]);
}

/// Changes only what a rule is worth.
void revalue(Random& random, Rule& rule) {
  rule.label = "another label";
  rule.points = other_points(random);
  if (random.chance(20)) rule.off = !rule.off;
  if (!is_lead(rule.measure)) {  // the points of lead rules are held to it as they are read
    if (random.chance(30)) rule.max_points = static_cast<double>(random.between(0, 20));
    if (random.chance(30)) rule.max_points.reset();
  } else {
    rule.max_points.reset();
  }
  for (Case& option : rule.cases) option.points = other_points(random);
  for (MapEntry& entry : rule.map) entry.points = other_points(random);
  shuffle(random, rule.map);
  if (rule.otherwise) rule.otherwise = other_points(random);
  if (rule.missing) rule.missing = other_points(random);
  for (Band& band : rule.bands) band.points = other_points(random);
  for (RecencyStep& step : rule.recency) step.points = other_points(random);
  if (!rule.recency.empty()) rule.recency.back().within += kDay;
  rule.idle.points = other_points(random);
  if (random.chance(50)) rule.idle.every = 2 * kDay;
  if (rule.measure == Measure::sum) {
    rule.test = {};
    rule.test.gte = static_cast<double>(random.between(-5, 20));
  }
  if (random.chance(20)) rule.when.reset();
  if (rule.measure == Measure::lead_points && !rule.when) rule.when = Condition{};
  // How the events that a list keeps fade is asked of them when they are counted.
  if (keeps_events(rule) && rule.fade == Fade::half_life) rule.half_life *= 2;
}

Ruleset revalued(Random& random, Ruleset rules) {
  rules.name = "another";
  rules.range.max = static_cast<double>(random.between(30, 60));
  rules.decimals = static_cast<int>(random.below(4));
  rules.disqualified_tier = "no more";
  for (Dimension& dimension : rules.dimensions) {
    dimension.weight = other_points(random);
    dimension.bounds = {};
    dimension.grades = {{"good", 10.0}, {"poor", std::nullopt}};
    for (Group& group : dimension.groups) group.bounds.max = static_cast<double>(random.between(5, 30));
    if (dimension.idle) {
      dimension.idle->keep = 0.25;
      dimension.idle->after += kDay;
      dimension.idle->every = kDay;
    }
    for (Rule& rule : dimension.rules) revalue(random, rule);
    std::erase_if(dimension.rules,
                  [&](const Rule& rule) { return is_lead(rule.measure) && random.chance(30); });
    shuffle(random, dimension.rules);
  }
  if (random.chance(50)) shuffle(random, rules.tiers);
  for (Tier& tier : rules.tiers) {
    tier.at = static_cast<double>(random.between(-5, 40));
    tier.grades.clear();
    tier.asks_grade = false;
  }
  return rules;
}

TEST(PropertyFingerprint, WhatThingsAreWorthDoesNotTouchAState) {
  Random random(31);
  for (int i = 0; i < 2000; ++i) {
    const std::string text = generate::ruleset(random);
    Subject before(text);
    Subject after(revalued(random, parse_ruleset(text)));
    ASSERT_EQ(before.plan().fingerprint(), after.plan().fingerprint()) << text;

    const Micros as_of = generate::some_as_of(random);
    const reference::Row lead = generate::lead(random, as_of, true);
    const auto history = generate::history(random, as_of, 50, true);
    ScratchArena arena;
    const Engagement state = before.engage(arena, history, as_of);
    ASSERT_NO_THROW(after.plan().check_fits(state));
    const reference::Result expected = reference::score(after.rules(), lead, history, as_of);
    ASSERT_EQ(difference_from(expected, after.score(lead, &state, as_of), after.rules()), "")
        << story(text, lead, history, as_of);
  }
}

/// Rule sets made alike by chance: wherever fingerprints agree, states must serve.
TEST(PropertyFingerprint, EqualFingerprintsMeanThatStatesServe) {
  Random random(32);
  generate::Flavour flavour;
  flavour.lead_rules = false;
  flavour.tiers = false;
  flavour.most_dimensions = 1;
  flavour.most_rules = 1;
  std::map<std::uint64_t, std::vector<std::string>> by_fingerprint;
  for (int i = 0; i < 12000; ++i) {
    std::string text = generate::ruleset(random, flavour);
    const Ruleset rules = parse_ruleset(text);
    by_fingerprint[EngagementPlan(rules).fingerprint()].push_back(std::move(text));
  }
  int pairs = 0;
  for (const auto& [fingerprint, texts] : by_fingerprint) {
    for (std::size_t i = 1; i < std::min<std::size_t>(texts.size(), 8); ++i) {
      ++pairs;
      Subject maker(texts[0]), user(texts[i]);
      const Micros as_of = generate::some_as_of(random);
      const reference::Row lead = generate::lead(random, as_of, true);
      const auto history = generate::history(random, as_of, 60, true);
      ScratchArena arena;
      const Engagement state = maker.engage(arena, history, as_of);
      ASSERT_NO_THROW(user.plan().check_fits(state));
      const reference::Result expected = reference::score(user.rules(), lead, history, as_of);
      ASSERT_EQ(difference_from(expected, user.score(lead, &state, as_of), user.rules()), "")
          << texts[0] << "\n"
          << story(texts[i], lead, history, as_of);
    }
  }
  EXPECT_GT(pairs, 500);
}

/// One change to what an activity rule selects, measures or keeps; its name, or empty where it does not
/// apply.
std::string change(Rule& rule, std::size_t which) {
  const bool of_events = rule.measure != Measure::recency && rule.measure != Measure::idle;
  switch (which) {
    case 0:
      rule.on = {};
      rule.on.kinds = {"something else"};
      return "on";
    case 1:
      if (rule.except.every) return "";
      rule.except.kinds.push_back("something else");
      return "except";
    case 2: {
      Condition test;
      test.kind = Condition::Kind::test;
      test.test.field = "another_field";
      test.test.op = Op::is_null;
      Condition both;
      both.children.push_back(test);
      if (rule.where) both.children.push_back(*rule.where);
      rule.where = both;
      return "where";
    }
    case 3:
      if (!of_events) return "";
      rule.within = 3601 * kSecond;  // shorter than whatever else lets events go
      return "within";
    case 4:
      if (!of_events) return "";
      rule.distinct = "another_field";
      return "distinct";
    case 5:
      // Days of distinct values are thinned out when they are counted.
      if (!of_events || rule.distinct) return "";
      rule.max_per_day = rule.max_per_day.value_or(0) + 1;
      return "max_per_day";
    case 6:
      if (!is_per_event(rule.measure) || keeps_events(rule)) return "";
      rule.fade = Fade::half_life;
      rule.half_life = 7777 * kSecond;
      return "half_life";
    case 7:
      if (!is_per_event(rule.measure)) return "";
      rule.multiply_by = "another_field";
      return "multiply_by";
    default:
      if (rule.measure != Measure::sum && rule.measure != Measure::sum_bands) return "";
      rule.sum_field = "another_field";
      return "sum";
  }
}

TEST(PropertyFingerprint, WhatIsSelectedMeasuredOrKeptDoes) {
  Random random(33);
  std::map<std::string, int> tried;
  for (int i = 0; i < 1500; ++i) {
    const std::string text = generate::ruleset(random);
    const Ruleset rules = parse_ruleset(text);
    const std::uint64_t before = EngagementPlan(rules).fingerprint();
    for (std::size_t which = 0; which < 9; ++which) {
      Ruleset changed = rules;
      Dimension& dimension = changed.dimensions[random.below(changed.dimensions.size())];
      Rule& rule = dimension.rules[random.below(dimension.rules.size())];
      if (is_lead(rule.measure)) continue;
      const std::string what = change(rule, which);
      if (what.empty()) continue;
      ++tried[what];
      ASSERT_NE(EngagementPlan(changed).fingerprint(), before) << what << " of " << rule.id << "\n" << text;
    }
  }
  EXPECT_EQ(tried.size(), 9U);
  for (const auto& [what, times] : tried) EXPECT_GT(times, 50) << what;
}

TEST(PropertyFingerprint, AStateOfAnotherRuleSetIsAnErrorThatSaysSo) {
  Subject maker(R"({"dimensions": [{"name": "d", "rules": [{"id": "r", "on": "a", "points": 1}]}]})");
  Subject user(R"({"dimensions": [{"name": "d", "rules": [{"id": "r", "on": "b", "points": 1}]}]})");
  Engagement state = maker.start();
  EXPECT_NO_THROW(maker.plan().check_fits(state));
  try {
    user.plan().check_fits(state);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.code(), sqlstate::kWrongState);
    EXPECT_FALSE(error.hint().empty());
  }
  ScratchArena arena;
  Engagement other = user.start();
  EXPECT_THROW(user.writer().merge(other, arena, state), Error);
}

}  // namespace
}  // namespace leadscore
