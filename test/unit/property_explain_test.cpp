// An explanation adds up: to the points, to the total, and to what the scoring program says.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "property_subject.hpp"

namespace leadscore {
namespace {

using generate::Random;

void expect_same(const Evaluation& score, const Evaluation& explained, double scale) {
  EXPECT_NEAR(score.total, explained.total, 1e-9 * scale);
  ASSERT_EQ(score.dimensions.size(), explained.dimensions.size());
  for (std::size_t d = 0; d < score.dimensions.size(); ++d) {
    EXPECT_NEAR(score.dimensions[d], explained.dimensions[d], 1e-9 * scale);
  }
  EXPECT_EQ(score.grade, explained.grade);
  EXPECT_EQ(score.has_grade, explained.has_grade);
  EXPECT_EQ(score.tier, explained.tier);
  EXPECT_EQ(score.own_tier, explained.own_tier);
  EXPECT_EQ(score.disqualified, explained.disqualified);
  EXPECT_EQ(score.promoted_by_dimension, explained.promoted_by_dimension);
  EXPECT_EQ(score.promoted_by_rule, explained.promoted_by_rule);
  EXPECT_EQ(score.disqualified_by_dimension, explained.disqualified_by_dimension);
  EXPECT_EQ(score.disqualified_by_rule, explained.disqualified_by_rule);
}

TEST(PropertyExplain, LinesAddUpToTheTotalThatTheScoringProgramGives) {
  Random random(41);
  for (int i = 0; i < 3000; ++i) {
    const bool jsonb = random.chance(50);
    const std::string text = generate::ruleset(random);
    Subject subject(text, jsonb);
    const Micros as_of = generate::some_as_of(random);
    const reference::Row lead = generate::lead(random, as_of, jsonb);
    const auto history = generate::history(random, as_of, 60, jsonb);
    ScratchArena arena;
    const Engagement state = subject.engage(arena, history, as_of);
    const Evaluation score = subject.score(lead, &state, as_of);
    const reference::Result expected = reference::score(subject.rules(), lead, history, as_of);
    expect_same(score, subject.evaluate_to_explain(lead, &state, as_of), expected.scale);

    const std::vector<Line> lines = subject.lines(lead, &state, as_of);
    ASSERT_FALSE(lines.empty());
    double sum = 0;
    std::map<std::string, double> rules;
    std::size_t last_dimension = 0;
    for (const Line& line : lines) {
      sum += line.points;
      EXPECT_FALSE(line.label.empty());
      EXPECT_FALSE(line.reason.empty()) << line.label;
      if (line.rule) {
        EXPECT_TRUE(line.dimension.has_value());
        EXPECT_TRUE(rules.emplace(*line.rule, line.points).second) << "twice: " << *line.rule;
      }
      if (!line.dimension) continue;
      // Dimensions come in the order of the rule set.
      std::size_t d = 0;
      while (subject.rules().dimensions[d].name != *line.dimension) ++d;
      EXPECT_GE(d, last_dimension);
      last_dimension = d;
    }
    EXPECT_NEAR(sum, score.total, 1e-9 * expected.scale) << story(text, lead, history, as_of);
    // Each rule's line has the points that the reference gives the rule; none that gives points is left out.
    for (const auto& [rule, points] : rules) {
      const auto found = expected.rules.find(rule);
      EXPECT_NEAR(points, found == expected.rules.end() ? 0 : found->second, 1e-9 * expected.scale) << rule;
    }
    for (const auto& [rule, points] : expected.rules) {
      EXPECT_TRUE(rules.contains(rule) || std::fabs(points) < 1e-12 * expected.scale)
          << rule << " " << points;
    }
    const Line& last = lines.back();
    EXPECT_EQ(last.label, "tier " + expected.tier.value_or("none"));
    EXPECT_EQ(last.points, 0);
    EXPECT_FALSE(last.dimension || last.rule);
    if (HasFailure()) FAIL() << story(text, lead, history, as_of);
  }
}

}  // namespace
}  // namespace leadscore
