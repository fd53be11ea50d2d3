// The matcher against a plain interpreter of the same conditions, on random rule sets and rows.
#include "core/matcher.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "matcher_random.hpp"
#include "matcher_reference.hpp"

namespace leadscore {
namespace {

using matcher_random::Random;

void collect(const Condition& condition, const Ruleset& rules, std::vector<const Test*>& tests) {
  if (condition.kind == Condition::Kind::test) tests.push_back(&condition.test);
  if (condition.kind == Condition::Kind::segment)
    collect(rules.segments[condition.segment].condition, rules, tests);
  for (const Condition& child : condition.children) collect(child, rules, tests);
}

std::string show(const Condition& condition) {
  std::string text;
  switch (condition.kind) {
    case Condition::Kind::test:
      text = condition.test.field + " " + std::string(op_name(condition.test.op)) + " [";
      for (const Literal& literal : condition.test.args) {
        text += (literal.kind == Literal::Kind::number    ? std::to_string(literal.number)
                 : literal.kind == Literal::Kind::boolean ? std::to_string(literal.boolean)
                                                          : "'" + literal.text + "'") +
                ",";
      }
      return text + "] " + std::to_string(condition.test.duration) + (condition.test.flag ? " true" : "");
    case Condition::Kind::segment:
      return "segment " + std::to_string(condition.segment);
    case Condition::Kind::negation:
      text = "not";
      break;
    case Condition::Kind::all:
      text = "all";
      break;
    case Condition::Kind::any:
      text = "any";
      break;
  }
  text += "(";
  for (const Condition& child : condition.children) text += show(child) + "; ";
  return text + ")";
}

/// Compares all deciders on `rows` random rows; returns the number of answers compared.
std::size_t compare(std::uint64_t seed, std::size_t deciders, std::size_t rows) {
  Random random(seed);
  matcher_random::Work work;
  random_work(random, deciders, work);
  const std::vector<FieldRequest> requests = matcher_random::requests();
  const RowShape shape = matcher_random::shape();
  Matcher matcher(work.rules, requests, shape, work.deciders, work.buckets);
  std::vector<const Test*> tests;
  for (const Decider& decider : work.deciders) {
    for (const Decider::Branch& branch : decider.branches) {
      if (branch.condition != nullptr) collect(*branch.condition, work.rules, tests);
    }
  }
  MatchResult result;
  for (std::size_t r = 0; r < rows; ++r) {
    const matcher_random::RowValues values = random_row(random);
    const Micros as_of = matcher_random::kNow + static_cast<Micros>(random.below(3)) * kDay;
    const matcher_reference::Row row{work.rules, requests, shape, values.values, as_of};
    std::vector<double> buckets(work.buckets, 0.0);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> hits;
    for (std::uint32_t d = 0; d < work.deciders.size(); ++d) {
      const auto answer = matcher_reference::answer(work.deciders[d], row);
      if (!answer) continue;
      if (work.deciders[d].bucket == Decider::kNoBucket) {
        hits.emplace_back(d, answer->branch);
      } else {
        buckets[work.deciders[d].bucket] += answer->points;
      }
    }
    matcher.match(values.values, as_of, result);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> got;
    for (const Match& match : result.hits) got.emplace_back(match.decider, match.branch);
    if (got != hits) {
      const std::size_t at = static_cast<std::size_t>(
          std::mismatch(got.begin(), got.end(), hits.begin(), hits.end()).first - got.begin());
      const std::uint32_t d =
          std::min(at < got.size() ? got[at].first : ~0U, at < hits.size() ? hits[at].first : ~0U);
      std::string decider = work.deciders[d].field;
      for (const Decider::Branch& branch : work.deciders[d].branches) {
        decider += branch.condition == nullptr ? "else" : show(*branch.condition);
        decider += " | ";
      }
      ADD_FAILURE() << "seed " << seed << " row " << r << " decider " << d << ": " << decider;
      return 0;
    }
    if (buckets != result.buckets) {
      ADD_FAILURE() << "seed " << seed << " row " << r << ": buckets differ";
      return 0;
    }
    EXPECT_EQ(matcher.next_flip(values.values, as_of), matcher_reference::next_flip(tests, row))
        << "seed " << seed;
  }
  return deciders * rows;
}

TEST(Matcher, AnswersAsThePlainInterpreterDoes) {
  std::size_t compared = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) compared += compare(seed, 50, 100);
  EXPECT_GE(compared, 100'000U);
}

TEST(Matcher, AnswersSoWithFewDeciders) {
  // Where few programs are run in every row rather than looked for.
  for (std::uint64_t seed = 1001; seed <= 1300; ++seed) compare(seed, 1 + seed % 8, 40);
}

TEST(Matcher, AnswersSoWithManyDeciders) {
  for (std::uint64_t seed = 5001; seed <= 5003; ++seed) compare(seed, 1000, 30);
}

}  // namespace
}  // namespace leadscore
