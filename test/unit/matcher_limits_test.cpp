// Rule sets and rows made to hurt: within the limits of the language, compiling and matching stay bounded.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <ctime>
#include <deque>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/match_regex.hpp"
#include "core/matcher.hpp"

namespace leadscore {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr double kSlowdown = 20;
#else
constexpr double kSlowdown = 4;  // a machine under load
#endif

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// Of the processor, whatever else the machine does.
double seconds_of_processor() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Time of the processor and memory that its life took.
class Bounds {
 public:
  Bounds(double seconds, long megabytes)
      : seconds_(seconds), megabytes_(megabytes), memory_(peak_kilobytes()) {}
  ~Bounds() {
    EXPECT_LT(seconds_of_processor() - begin_, seconds_ * kSlowdown);
#if !defined(__SANITIZE_ADDRESS__)
    EXPECT_LT(peak_kilobytes() - memory_, megabytes_ * 1024);
#endif
  }
  Bounds(const Bounds&) = delete;
  Bounds& operator=(const Bounds&) = delete;

 private:
  double seconds_;
  [[maybe_unused]] long megabytes_;
  [[maybe_unused]] long memory_;
  double begin_ = seconds_of_processor();
};

Literal text_literal(std::string text) {
  Literal literal;
  literal.text = std::move(text);
  return literal;
}

Literal number_literal(double number) {
  Literal literal;
  literal.kind = Literal::Kind::number;
  literal.number = number;
  return literal;
}

Condition test_of(std::string field, Op op, std::vector<Literal> args) {
  Condition condition;
  condition.kind = Condition::Kind::test;
  condition.test.field = std::move(field);
  condition.test.op = op;
  condition.test.args = std::move(args);
  return condition;
}

Condition group_of(Condition::Kind kind, std::vector<Condition> children) {
  Condition condition;
  condition.kind = kind;
  condition.children = std::move(children);
  return condition;
}

/// One decider a condition, on a jsonb row of the fields "a" and "b".
struct Work {
  Ruleset rules;
  std::deque<Condition> conditions;
  std::vector<Decider> deciders;
  std::uint32_t buckets = 1;
  std::vector<FieldRequest> fields{{"a", false, ""}, {"b", false, ""}};

  void add(Condition condition, std::uint32_t bucket = 0) {
    conditions.push_back(std::move(condition));
    Decider decider;
    decider.owner = "rule";
    decider.bucket = bucket;
    decider.branches.push_back({&conditions.back(), 1});
    deciders.push_back(std::move(decider));
  }
  MatchResult match(Value a, Value b = {}) const {
    const RowShape shape = json_shape(2);
    Matcher matcher(rules, fields, shape, deciders, buckets);
    MatchResult result;
    const Value row[] = {a, b};
    for (int i = 0; i < 3; ++i) matcher.match(row, 0, result);
    return result;
  }
};

constexpr std::size_t kRules = kMaxRules;

TEST(MatcherLimits, TenThousandBandsOfNumbers) {
  Work work;
  for (std::size_t i = 0; i < kRules; ++i) {
    work.add(test_of("a", Op::between,
                     {number_literal(static_cast<double>(i)), number_literal(static_cast<double>(2 * i))}));
  }
  const Bounds bounds(1, 100);
  EXPECT_EQ(work.match(Value::of(6000.0)).buckets[0], 3001);
}

TEST(MatcherLimits, EachRuleItsOwnBucket) {
  Work work;
  work.buckets = kRules;
  for (std::uint32_t i = 0; i < kRules; ++i) work.add(test_of("a", Op::gte, {number_literal(i)}), i);
  const Bounds bounds(1, 100);
  EXPECT_EQ(work.match(Value::of(41.0)).buckets[41], 1);
}

TEST(MatcherLimits, EachTextItsOwnBucket) {
  Work work;
  work.buckets = kRules;
  for (std::uint32_t i = 0; i < kRules; ++i)
    work.add(test_of("a", Op::ne, {text_literal("t" + std::to_string(i))}), i);
  const Bounds bounds(1, 100);
  const std::vector<double> buckets = work.match(Value::of(std::string_view("T77"))).buckets;
  EXPECT_EQ(buckets[77], 0);
  EXPECT_EQ(buckets[78], 1);
}

TEST(MatcherLimits, TextsThatNeverRepeat) {
  Work work;
  work.add(test_of("a", Op::contains, {text_literal("7")}));
  work.add(test_of("b", Op::eq, {text_literal("x")}), Decider::kNoBucket);
  const RowShape shape = json_shape(2);
  Matcher matcher(work.rules, work.fields, shape, work.deciders, 1);
  MatchResult result;
  for (int i = 0; i < 200'000; ++i) {
    const std::string text = "number " + std::to_string(i);
    const Value row[] = {Value::of(std::string_view(text)),
                         Value::of(std::string_view(i % 2 == 0 ? "x" : "y"))};
    matcher.match(row, 0, result);
    ASSERT_EQ(result.buckets[0], text.find('7') == std::string::npos ? 0 : 1) << text;
    ASSERT_EQ(result.hits.size(), i % 2 == 0 ? 1U : 0U);
  }
}

TEST(MatcherLimits, RegularExpressionsWithoutRoomForASet) {
  RegexTests regexes;
  regexes.add("^a.c", 0);
  regexes.add("b", 1);
  RegexBudget budget;
  regexes.build("rule", budget, 0);
  AtomHits hits;
  hits.resize(2);
  hits.next_row();
  regexes.scan("ABC", hits);
  EXPECT_EQ(hits.list(), (std::vector<std::uint32_t>{0, 1}));
  hits.next_row();
  regexes.scan("xABC", hits);
  EXPECT_EQ(hits.list(), (std::vector<std::uint32_t>{1}));
}

TEST(MatcherLimits, EachRuleListed) {
  Work work;
  for (std::uint32_t i = 0; i < kRules; ++i)
    work.add(test_of("a", Op::gte, {number_literal(i)}), Decider::kNoBucket);
  const Bounds bounds(1, 100);
  EXPECT_EQ(work.match(Value::of(1e6)).hits.size(), kRules);
}

TEST(MatcherLimits, OneRuleOfManyCases) {
  Work work;
  Decider decider;
  decider.owner = "rule";
  for (int i = 0; i < 40'000; ++i) {
    work.conditions.push_back(
        group_of(Condition::Kind::negation, {test_of("a", Op::ne, {number_literal(i)})}));
    decider.branches.push_back({&work.conditions.back(), 1});
  }
  work.deciders.push_back(decider);
  const Bounds bounds(1, 100);
  EXPECT_EQ(work.match(Value::of(39'999.0)).hits.at(0).branch, 39'999U);
}

TEST(MatcherLimits, ManyTestsInOneCondition) {
  Work work;
  std::vector<Condition> tests;
  for (int i = 0; i < 50'000; ++i) tests.push_back(test_of("a", Op::ne, {number_literal(i)}));
  work.add(group_of(Condition::Kind::all, std::move(tests)));
  const Bounds bounds(1, 150);
  EXPECT_EQ(work.match(Value::of(-1.0)).buckets[0], 1);
}

TEST(MatcherLimits, ProgramsOfTwoFields) {
  Work work;
  for (std::uint32_t i = 0; i < kRules; ++i) {
    work.add(group_of(Condition::Kind::all, {test_of("a", Op::ne, {number_literal(i)}),
                                             test_of("b", Op::gte, {number_literal(i)})}));
  }
  const Bounds bounds(1, 150);
  EXPECT_EQ(work.match(Value::of(7.0), Value::of(1e6)).buckets[0], kRules - 1.0);
}

TEST(MatcherLimits, NestedPatternsInALongText) {
  Work work;
  // "a", "aa", "aaa", ...: a megabyte in all; in a text of a's each of them ends at each byte.
  std::vector<Literal> args;
  for (std::size_t n = 1; n <= 1400; ++n) args.push_back(text_literal(std::string(n, 'a')));
  work.add(test_of("a", Op::contains, args));
  const std::string text(1 << 20, 'a');
  const Bounds bounds(1, 100);
  EXPECT_EQ(work.match(Value::of(std::string_view(text))).buckets[0], 1);
}

TEST(MatcherLimits, AMegabyteOfPatterns) {
  Work work;
  std::vector<Literal> args;
  std::uint64_t x = 1;
  for (std::size_t n = 0; n < 100'000; ++n) {
    std::string pattern;
    for (int i = 0; i < 10; ++i) {
      x = x * 6364136223846793005ULL + 1442695040888963407ULL;
      const auto code = static_cast<std::uint32_t>(0xA0 + (x >> 33) % 0x700);
      pattern += static_cast<char>(0xC0 | code >> 6);
      pattern += static_cast<char>(0x80 | (code & 0x3F));
    }
    args.push_back(text_literal(std::move(pattern)));
  }
  work.add(test_of("a", Op::contains, args));
  work.add(test_of("a", Op::words, args));
  const std::string text = "before " + args[77].text + " after";
  const Bounds bounds(2, 200);
  EXPECT_GE(work.match(Value::of(std::string_view(text))).buckets[0], 1);
}

TEST(MatcherLimits, HugeRegularExpressionsAreAnError) {
  Work work;
  std::vector<Literal> args;
  for (int i = 0; i < 20'000; ++i) args.push_back(text_literal("\\pL{400}" + std::to_string(i)));
  work.add(test_of("a", Op::matches, args));
  const Bounds bounds(3, 300);
  try {
    work.match(Value::of(std::string_view("x")));
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.code(), sqlstate::kLimitExceeded);
  }
}

TEST(MatcherLimits, ManyRegularExpressions) {
  Work work;
  for (int i = 0; i < 10'000; ++i)
    work.add(test_of("a", Op::matches, {text_literal("^x.*" + std::to_string(i) + "$")}));
  const Bounds bounds(3, 300);
  EXPECT_EQ(work.match(Value::of(std::string_view("x y 77"))).buckets[0], 2);
}

TEST(MatcherLimits, AHostOfAMillionLabels) {
  Work work;
  work.add(test_of("a", Op::domain, {text_literal("acme.com")}));
  std::string host = "ann@";
  for (int i = 0; i < 500'000; ++i) host += "a.";
  host += "acme.com";
  const Bounds bounds(1, 100);
  EXPECT_LE(work.match(Value::of(std::string_view(host))).buckets[0], 1);
}

TEST(MatcherLimits, SegmentsThousandsDeep) {
  Work work;
  // Each uses the one before twice and something of its own, so that none is copied and nothing cancels out.
  for (std::size_t i = 0; i < 10'000; ++i) {
    Segment segment;
    segment.condition = test_of("a", Op::ne, {number_literal(static_cast<double>(i))});
    if (i > 0) {
      Condition before;
      before.kind = Condition::Kind::segment;
      before.segment = i - 1;
      segment.condition = group_of(
          Condition::Kind::all,
          {before, group_of(Condition::Kind::any,
                            {before, test_of("b", Op::contains, {text_literal(std::to_string(i))})})});
    }
    work.rules.segments.push_back(std::move(segment));
  }
  Condition last;
  last.kind = Condition::Kind::segment;
  last.segment = work.rules.segments.size() - 1;
  work.add(last);
  const Bounds bounds(1, 150);
  EXPECT_EQ(work.match(Value::of(-1.0), Value::of(std::string_view("x"))).buckets[0], 1);
  EXPECT_EQ(work.match(Value::of(0.0), Value::of(std::string_view("x"))).buckets[0], 0);
}

TEST(MatcherLimits, AComputationCanBeStopped) {
  Work work;
  for (std::uint32_t i = 0; i < 100; ++i) work.add(test_of("a", Op::gte, {number_literal(i)}));
  set_stop_requested([]() noexcept { return true; });
  EXPECT_THROW(work.match(Value::of(1.0)), Interrupted);
  set_stop_requested(nullptr);
}

}  // namespace
}  // namespace leadscore
