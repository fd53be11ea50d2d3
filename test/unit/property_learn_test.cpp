// What learning sees of a lead is what the points of a rule set are multiplied by, and the rule set that it
// writes scores leads as it was told.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/learner.hpp"
#include "core/parse.hpp"
#include "property_subject.hpp"

namespace leadscore {
namespace {

using generate::Random;

/// Without what learning leaves aside: the limits of groups, dimensions and range, idling, rounding, and
/// limits of rules on more than one number of points.
Ruleset without_limits(Ruleset rules) {
  rules.range = {};
  rules.decimals.reset();
  for (Dimension& dimension : rules.dimensions) {
    dimension.bounds = {};
    for (Group& group : dimension.groups) group.bounds = {};
    if (dimension.idle) dimension.idle->keep = 1;
    for (Rule& rule : dimension.rules) {
      if (point_places(rule).size() != 1 || is_lead(rule.measure)) rule.max_points.reset();
    }
  }
  return rules;
}

bool has_points(const Ruleset& rules) {
  for (const Dimension& dimension : rules.dimensions) {
    for (const Rule& rule : dimension.rules) {
      if (!rule.off && dimension.weight != 0 && !point_places(rule).empty()) return true;
    }
  }
  return false;
}

TEST(PropertyLearn, TotalsAreLinearInThePoints) {
  Random random(11);
  int compared = 0;
  for (int i = 0; i < 400; ++i) {
    const bool jsonb = random.chance(50);
    const std::string text = generate::ruleset(random);
    const Ruleset rules = without_limits(parse_ruleset(text));
    if (!has_points(rules)) continue;
    const Parameters parameters(rules);
    Subject subject(rules, jsonb), units(parameters.units(), jsonb);
    ASSERT_EQ(subject.plan().fingerprint(), units.plan().fingerprint()) << text;
    for (int j = 0; j < 5; ++j) {
      const Micros as_of = generate::some_as_of(random);
      const reference::Row lead = generate::lead(random, as_of, jsonb);
      const auto history = generate::history(random, as_of, 40, jsonb);
      ScratchArena arena;
      const Engagement state = subject.engage(arena, history, as_of);
      const reference::Result expected = reference::score(rules, lead, history, as_of);
      std::vector<Amount> amounts;
      parameters.amounts(units.evaluate_to_explain(lead, &state, as_of), amounts);
      double total = 0;
      for (const Amount& amount : amounts) {
        const Parameter& parameter = parameters[amount.parameter];
        Rule rule = rules.dimensions[parameter.dimension].rules[parameter.rule];
        total += points_at(rule, parameter.place) * amount.value;
      }
      ASSERT_NEAR(total, expected.total, 1e-9 * expected.scale) << story(text, lead, history, as_of);
      ++compared;
    }
  }
  EXPECT_GT(compared, 1000);
}

struct Seen {
  reference::Row lead;
  std::vector<reference::Activity> history;
  Micros as_of;
  bool won;
};

/// A rule set learned from random leads.
void learn_and_check(Random& random, const std::string& text, const LearnOptions& options) {
  const Ruleset rules = parse_ruleset(text);
  const auto parameters = std::make_shared<const Parameters>(rules);
  Subject subject(text), units(parameters->units());
  Learner learner(parameters, rules, options);
  std::vector<Seen> seen;
  for (int j = 0; j < 60; ++j) {
    const Micros as_of = generate::some_as_of(random);
    Seen one{generate::lead(random, as_of, true), generate::history(random, as_of, 15, true), as_of,
             j % 3 == 0};
    ScratchArena arena;
    const Engagement state = subject.engage(arena, one.history, as_of);
    const Evaluation scored = subject.score(one.lead, &state, as_of);
    learner.add(scored, units.evaluate_to_explain(one.lead, &state, as_of), one.won);
    if (!scored.disqualified) seen.push_back(std::move(one));
  }
  const auto won = std::count_if(seen.begin(), seen.end(), [](const Seen& one) { return one.won; });
  if (won == 0 || won == static_cast<std::ptrdiff_t>(seen.size())) {
    EXPECT_THROW(learner.learn(rules, text), Error);
    return;
  }
  const std::string learned = learner.learn(rules, text);
  SCOPED_TRACE(text + "\n" + learned);
  Subject scorer(learned);
  // States stay as they are, and so does everything but numbers.
  ASSERT_EQ(scorer.plan().fingerprint(), subject.plan().fingerprint());
  ASSERT_TRUE(scorer.rules().probability);
  ASSERT_EQ(scorer.rules().tiers.size(), rules.tiers.size());
  // The probability foretells as many won leads as there were, from the totals that the rule set really
  // gives.
  double foretold = 0;
  for (const Seen& one : seen) {
    ScratchArena arena;
    const Engagement state = scorer.engage(arena, one.history, one.as_of);
    const double total = scorer.score(one.lead, &state, one.as_of).total;
    ASSERT_TRUE(std::isfinite(total));
    foretold += scorer.rules().probability->of(total);
  }
  EXPECT_NEAR(foretold, static_cast<double>(won), 1e-4);
  if (options.scale.double_odds) {
    EXPECT_NEAR(scorer.rules().probability->slope, std::log(2) / *options.scale.double_odds, 1e-9);
  }
}

TEST(PropertyLearn, LearnedRuleSetsScoreAsTheyWereFitted) {
  Random random(12);
  LearnOptions odds;
  odds.scale.double_odds = 20;
  odds.scale.base_score = 600;
  odds.scale.base_odds = 50;
  odds.ridge = 1;
  for (int i = 0; i < 120; ++i) {
    const std::string text = generate::ruleset(random);
    if (!has_points(parse_ruleset(text))) continue;
    learn_and_check(random, text, i % 2 == 0 ? LearnOptions() : odds);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace leadscore
