// Options of backtest, and the capacity that thresholds is asked for.
#include "core/backtest_options.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace leadscore {
namespace {

BacktestOptions options_of(const char* text, LeadsOf leads = LeadsOf::table) {
  return parse_backtest_options(parse_json(text), leads);
}

template <class Call>
std::string refusal(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string refused(const char* text, LeadsOf leads = LeadsOf::table) {
  return refusal([&] { (void)options_of(text, leads); });
}

TEST(BacktestOptions, Defaults) {
  const BacktestOptions options = options_of("{}");
  EXPECT_TRUE(options.by_time);
  EXPECT_EQ(options.parts, 6);
  EXPECT_FALSE(options.learn);
  EXPECT_EQ(options.min_train, 1);
  EXPECT_EQ(options.train_windows, 0);
  EXPECT_TRUE(options.activity.source.empty());
  EXPECT_EQ(options_of(R"({"split": "random"})").parts, 5);
  EXPECT_EQ(options_of(R"({"learn": true})").min_train, 100);
  EXPECT_EQ(options_of(R"({"learn": false})").min_train, 1);
}

TEST(BacktestOptions, AsWritten) {
  const BacktestOptions windows = options_of(
      R"({"split": "time", "windows": 9, "train_windows": 3, "learn": {"ridge": 2}, "min_train": 7})");
  EXPECT_EQ(windows.parts, 9);
  EXPECT_EQ(windows.train_windows, 3);
  EXPECT_TRUE(windows.learn);
  EXPECT_EQ(windows.min_train, 7);
  const BacktestOptions folds = options_of(
      R"({"split": "random", "folds": 3, "learn": true, "activity": {"source": "s", "lead_key": "l", "kind": "k", "at": "t"}})");
  EXPECT_FALSE(folds.by_time);
  EXPECT_EQ(folds.parts, 3);
  EXPECT_EQ(folds.min_train, 1);
  EXPECT_EQ(folds.activity.source, "s");
  EXPECT_EQ(folds.activity.key, "");
}

TEST(BacktestOptions, Refused) {
  EXPECT_EQ(refused(R"({"windows": 1})"),
            "invalid options: $.windows: must be a whole number from 2 to 1000, not 1");
  EXPECT_EQ(refused(R"({"windows": 2.5})"),
            "invalid options: $.windows: must be a whole number from 2 to 1000, not 2.5");
  EXPECT_EQ(refused(R"({"folds": 2})"), "invalid options: $.folds: belongs to \"split\": \"random\"");
  EXPECT_EQ(refused(R"({"split": "random", "min_train": 2, "learn": true})"),
            "invalid options: $.min_train: belongs to \"split\": \"time\"");
  EXPECT_EQ(refused(R"({"split": "random", "train_windows": 2})"),
            "invalid options: $.train_windows: belongs to \"split\": \"time\"");
  EXPECT_EQ(refused(R"({"train_windows": 0})"),
            "invalid options: $.train_windows: must be a whole number from 1 to 1000, not 0");
  EXPECT_EQ(refused(R"({"split": 3})"), "invalid options: $.split: must be text, not a number");
  EXPECT_EQ(refused(R"({"learn": {"range": {"min": 0}}})"),
            "invalid options: $.learn.range: \"max\" is missing");
  EXPECT_EQ(
      refused(R"({"activity": {"source": "s", "lead_key": "l", "kind": "k", "at": "t"}})", LeadsOf::model),
      "invalid options: $.activity: is for tables");
}

std::string written(const std::vector<Capacity>& capacity) {
  std::string text;
  for (const Capacity& tier : capacity) text += tier.tier + "=" + format_number(tier.per_week) + ";";
  return text;
}

TEST(Capacity, MembersTakeTheOrderOfTheTiers) {
  const std::vector<std::string> tiers{"hot", "warm", "cold"};
  EXPECT_EQ(written(parse_capacity(parse_json(R"({"warm": 2.5, "cold": 0, "hot": 1})"), tiers)),
            "hot=1;warm=2.5;cold=0;");
  EXPECT_EQ(written(parse_capacity(parse_json(R"({"any": 2})"), tiers)), "any=2;");
  EXPECT_EQ(written(parse_capacity(
                parse_json(R"([{"tier": "B", "per_week": 2}, {"tier": "A", "per_week": 1}])"), tiers)),
            "B=2;A=1;");
}

TEST(Capacity, Refused) {
  const auto refused = [](const char* text) {
    return refusal([&] { (void)parse_capacity(parse_json(text), {"hot"}); });
  };
  EXPECT_EQ(refused(R"({"hot": 1, "warm": 2})"), "invalid capacity: $.warm: is no tier of the rule set");
  EXPECT_EQ(refused(R"({"hot": 1, "hot": 2})").substr(0, 23), "invalid capacity: $.hot");
  EXPECT_EQ(refused(R"([{"tier": "A", "per_week": -1}])"),
            "invalid capacity: $[0].per_week: must be a number from 0 to 1000000000, not -1");
  EXPECT_EQ(refused("[]"), "capacity names no tier");
}

}  // namespace
}  // namespace leadscore
