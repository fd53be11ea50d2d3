// The matcher against a plain interpreter of the same conditions, on random rule sets and rows.
#include "core/matcher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "core/match_axis.hpp"
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
std::size_t compare(std::uint64_t seed, std::size_t deciders, std::size_t rows,
                    void (*make)(Random&, std::size_t, matcher_random::Work&) = matcher_random::random_work) {
  Random random(seed);
  matcher_random::Work work;
  make(random, deciders, work);
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

TEST(Matcher, AnswersSoWithPointsAlone) {
  for (std::uint64_t seed = 7001; seed <= 7200; ++seed)
    compare(seed, 1 + seed % 40, 60, matcher_random::random_points_work);
}

/// A text field with one rule for each of the texts, worth 1, 2, 3, …, in a bucket of its own or all in one.
class NamedTexts {
 public:
  NamedTexts(const std::vector<std::string>& texts, bool one_bucket) {
    std::vector<Decider> deciders;
    for (const std::string& text : texts) {
      Condition& condition = conditions_.emplace_back();
      condition.kind = Condition::Kind::test;
      condition.test.field = "title";
      condition.test.op = Op::eq;
      condition.test.args.emplace_back().text = text;
      Decider& decider = deciders.emplace_back();
      decider.owner = "rule";
      decider.bucket = one_bucket ? 0 : static_cast<std::uint32_t>(deciders.size() - 1);
      decider.branches.push_back({&condition, static_cast<double>(deciders.size())});
    }
    RowShape shape;
    shape.fields.emplace_back().type = FieldType::text;
    const std::vector<FieldRequest> requests{{"title", false, "rule"}};
    matcher_ = std::make_unique<Matcher>(rules_, requests, shape, std::move(deciders),
                                         one_bucket ? 1 : static_cast<std::uint32_t>(texts.size()));
  }
  double points(std::string_view text) {
    const Value value = Value::of(text);
    matcher_->match({&value, 1}, 0, result_);
    return std::accumulate(result_.buckets.begin(), result_.buckets.end(), 0.0);
  }

 private:
  Ruleset rules_;
  std::deque<Condition> conditions_;
  std::unique_ptr<Matcher> matcher_;
  MatchResult result_;
};

TEST(Matcher, TellsRememberedTextsApart) {
  // Texts of each length that differ in one place, so that a byte which the memo does not look at shows.
  for (std::size_t size = 1; size <= 70; ++size) {
    std::string base;
    for (std::size_t i = 0; i < size; ++i) base += static_cast<char>('a' + i * 7 % 23);
    std::vector<std::string> texts{base};
    for (std::size_t at = 0; at < size; ++at) {
      texts.push_back(base);
      texts.back()[at] = 'z';
    }
    texts.push_back(base + "a");
    for (const bool one_bucket : {true, false}) {
      NamedTexts named(texts, one_bucket);
      for (int round = 0; round < 3; ++round) {
        for (std::size_t t = 0; t < texts.size(); ++t) {
          ASSERT_EQ(named.points(texts[t]), static_cast<double>(t + 1)) << size << ": " << texts[t];
        }
        ASSERT_EQ(named.points(base + "other"), 0);
      }
    }
  }
}

TEST(Matcher, FindsNumbersBetweenPoints) {
  for (int size = 0; size <= 33; ++size) {
    OrderedPoints<double> points;
    for (int i = size; i > 0; --i) points.add(i);
    points.freeze();
    EXPECT_EQ(points.find(-std::numeric_limits<double>::infinity()), 0U);
    EXPECT_EQ(points.find(std::numeric_limits<double>::infinity()), 2U * static_cast<std::uint32_t>(size));
    for (int i = 0; i <= size; ++i) {
      const auto number = static_cast<std::uint32_t>(i);
      EXPECT_EQ(points.find(i + 0.5), 2 * number) << size;
      if (i > 0) {
        EXPECT_EQ(points.find(i), 2 * number - 1) << size;
      }
    }
  }
}

}  // namespace
}  // namespace leadscore
