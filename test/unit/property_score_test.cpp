// The core's scores are the naive reference's, whatever the rule set, the lead and the history.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "property_subject.hpp"

namespace leadscore {
namespace {

using generate::Random;

/// The rules whose points differ, as far as the explaining program tells.
std::string guilty(Subject& subject, const reference::Result& expected, const reference::Row& lead,
                   const Engagement& state, Micros as_of) {
  std::map<std::string, double> got;
  for (const RulePart& part : subject.evaluate_to_explain(lead, &state, as_of).parts) {
    if (part.points != 0) got[subject.rules().dimensions[part.dimension].rules[part.rule].id] = part.points;
  }
  std::string out;
  for (const Dimension& dimension : subject.rules().dimensions) {
    for (const Rule& rule : dimension.rules) {
      const auto find = [&](const std::map<std::string, double>& points) {
        const auto found = points.find(rule.id);
        return found == points.end() ? 0.0 : found->second;
      };
      const double wanted = find(expected.rules), given = find(got);
      if (std::fabs(wanted - given) <= 1e-9 * expected.scale) continue;
      out += rule.id + ": expected " + std::to_string(wanted) + ", got " + std::to_string(given) + "\n";
    }
  }
  return out;
}

/// A rule set is compiled once and tried on several leads.
void compare(std::uint64_t seed, int rule_sets, int leads, const generate::Flavour& flavour,
             std::size_t most) {
  Random random(seed);
  int reported = 0;
  for (int i = 0; i < rule_sets && reported < 3; ++i) {
    const bool jsonb = random.chance(50);
    const std::string text = generate::ruleset(random, flavour);
    Subject subject(text, jsonb);
    for (int j = 0; j < leads; ++j) {
      const Micros as_of = generate::some_as_of(random);
      const reference::Row lead = generate::lead(random, as_of, jsonb);
      const auto history = generate::history(random, as_of, most, jsonb);
      ScratchArena arena;
      const Engagement state = subject.engage(arena, history, as_of);
      const Evaluation got = subject.score(lead, &state, as_of);
      const reference::Result expected = reference::score(subject.rules(), lead, history, as_of);
      const std::string difference = difference_from(expected, got, subject.rules());
      if (difference.empty()) continue;
      ADD_FAILURE() << "rule set " << i << ", lead " << j << (jsonb ? " (jsonb)" : "") << "\n"
                    << difference << guilty(subject, expected, lead, state, as_of)
                    << story(text, lead, history, as_of);
      ++reported;
      break;
    }
  }
}

TEST(Property, ScoresAreThoseOfTheReference) { compare(1, 1500, 6, {}, 60); }

TEST(Property, ScoresOfLongHistoriesAreThoseOfTheReference) { compare(2, 150, 3, {}, 300); }

TEST(Property, ScoresOfLeadRulesAreThoseOfTheReference) {
  generate::Flavour flavour;
  flavour.activity_rules = false;
  flavour.most_rules = 12;
  compare(3, 600, 20, flavour, 0);
}

TEST(Property, SingleActivityRulesAreThoseOfTheReference) {
  generate::Flavour flavour;
  flavour.lead_rules = false;
  flavour.tiers = false;
  flavour.most_dimensions = 1;
  flavour.most_rules = 1;
  compare(4, 4000, 4, flavour, 40);
}

TEST(Property, NoActivityIsLikeAnEmptyHistory) {
  Random random(5);
  for (int i = 0; i < 300; ++i) {
    const std::string text = generate::ruleset(random);
    Subject subject(text);
    const Micros as_of = generate::some_as_of(random);
    const reference::Row lead = generate::lead(random, as_of, true);
    const Engagement empty = subject.start();
    const reference::Result expected = reference::score(subject.rules(), lead, {}, as_of);
    EXPECT_EQ(difference_from(expected, subject.score(lead, nullptr, as_of), subject.rules()), "") << text;
    EXPECT_EQ(difference_from(expected, subject.score(lead, &empty, as_of), subject.rules()), "") << text;
  }
}

}  // namespace
}  // namespace leadscore
