// Engagement states by example: fading, ties, limits, sizes, bytes that nobody wrote.
#include "core/engagement.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "core/error.hpp"
#include "property_subject.hpp"

namespace leadscore {
namespace {

using reference::Activity;
using reference::number;
using reference::text;

constexpr Micros kHour = 3600 * kSecond;
constexpr Micros kNow = 9'000 * kDay;  // in August 2024

/// One rule about activities, in one dimension.
std::string one_rule(const std::string& members) {
  return R"({"dimensions": [{"name": "d", "rules": [{"id": "r", )" + members + "}]}]}";
}

double total(Subject& subject, const std::vector<Activity>& activities, Micros as_of) {
  ScratchArena arena;
  const Engagement state = subject.engage(arena, activities, as_of);
  return subject.score({}, &state, as_of).total;
}

double total(const std::string& members, const std::vector<Activity>& activities, Micros as_of = kNow) {
  Subject subject(one_rule(members));
  return total(subject, activities, as_of);
}

Activity open_at(Micros at, reference::Row row = {}) { return {"open", at, std::move(row)}; }

std::string error_code(const Bytes& bytes) {
  ScratchArena arena;
  try {
    decode(bytes, arena);
    return "none";
  } catch (const Error& error) {
    return error.code();
  }
}

TEST(Merging, OfStatesAtTheEndOfWhatIsReadGivesOneThatIsRead) {
  // 6e129 lies below what is read, twice that beyond.
  ScratchArena arena;
  EngagementWriter writer;
  for (const double sum : {6e129, -6e129}) {
    Engagement state, other;
    for (Engagement* one : {&state, &other}) {
      one->last_at = kNow;
      writer.add_sum(*one, arena, 0, 0, sum);
    }
    Bytes bytes;
    encode(state, arena, writer, bytes);
    ASSERT_EQ(error_code(bytes), "none");
    writer.merge(state, arena, other);
    bytes.clear();
    encode(state, arena, writer, bytes);
    EXPECT_EQ(error_code(bytes), "none");
  }
}

TEST(HalfLife, HalfOfAnEventIsLeftAfterOne) {
  const std::string rule = R"("on": "open", "points": 8, "half_life": "30 days")";
  EXPECT_DOUBLE_EQ(total(rule, {open_at(kNow)}), 8);
  EXPECT_DOUBLE_EQ(total(rule, {open_at(kNow - 30 * kDay)}), 4);
  EXPECT_DOUBLE_EQ(total(rule, {open_at(kNow - 60 * kDay)}), 2);
  EXPECT_DOUBLE_EQ(total(rule, {open_at(kNow), open_at(kNow - 30 * kDay), open_at(kNow - 60 * kDay)}), 14);
  EXPECT_NEAR(total(rule, {open_at(kNow - 15 * kDay)}), 8 / std::sqrt(2), 1e-12);
}

TEST(HalfLife, AgesOfManyHalfLivesAreNothingAndNoNan) {
  const std::string rule = R"("on": "open", "points": 8, "half_life": "1 second")";
  EXPECT_EQ(total(rule, {open_at(kFirstInstant)}), 0);
  EXPECT_EQ(total(rule, {open_at(kFirstInstant), open_at(kNow)}), 8);
  EXPECT_EQ(total(rule, {open_at(kNow), open_at(kFirstInstant)}), 8);
  EXPECT_EQ(total(rule, {open_at(kNow)}, kEndOfTime - 1), 0);
  EXPECT_EQ(total(R"("on": "open", "points": 8, "half_life": "1000 years")", {open_at(kEndOfTime - 1)},
                  kEndOfTime - 1),
            8);
  EXPECT_GT(total(R"("on": "open", "points": 8, "half_life": "1000 years")", {open_at(kFirstInstant)}), 0);
}

TEST(HalfLife, LandmarksMoveOverYearsWithoutLoss) {
  // A landmark holds for 64 half-lives: these events see a hundred of them, before the epoch and after.
  Subject subject(one_rule(R"("on": "open", "points": 1, "half_life": "1 day", "multiply_by": "amount")"));
  std::vector<Activity> forwards;
  for (Micros at = -3'000 * kDay; at <= 3'000 * kDay; at += 7 * kHour) {
    forwards.push_back(open_at(at, {{"amount", number(static_cast<double>(forwards.size() % 7))}}));
  }
  const std::vector<Activity> backwards(forwards.rbegin(), forwards.rend());
  for (const Micros as_of : {3'000 * kDay, 3'001 * kDay, 3'040 * kDay}) {
    double expected = 0;
    for (const Activity& activity : forwards) {
      const double age = static_cast<double>(as_of - activity.at) / static_cast<double>(kDay);
      expected += std::get<double>(activity.row.at("amount").held) * std::exp2(-age);
    }
    EXPECT_NEAR(total(subject, forwards, as_of), expected, 1e-12 * expected);
    EXPECT_NEAR(total(subject, backwards, as_of), expected, 1e-12 * expected);
  }
}

TEST(Counting, AMillionEventsAndOne) {
  std::vector<Activity> activities(1'000'001, open_at(0));
  for (std::size_t i = 0; i < activities.size(); ++i)
    activities[i].at = kNow - static_cast<Micros>(i) * kSecond;
  EXPECT_EQ(total(R"("on": "open", "points": 1)", activities), 1'000'001);
  EXPECT_EQ(total(R"("on": "open", "points": 1, "max_events": 1000000)", activities), 1'000'000);
  EXPECT_EQ(total(R"("on": "open", "count": {"gt": 1000000}, "points": 1)", activities), 1);
  // The largest bound that a count of remembered times can have: it must be told from one more.
  EXPECT_EQ(total(R"("on": "open", "count": {"gt": 1000000}, "points": 1, "within": "1 year")", activities),
            1);
  EXPECT_EQ(total(R"("on": "open", "count": {"eq": 1000000}, "points": 1, "within": "1 year")", activities),
            0);
  EXPECT_EQ(
      total(R"("on": "open", "bands": [{"below": 1000000, "points": 1}, {"points": 2}], "within": "1 year")",
            activities),
      2);
}

TEST(Counting, OfDistinctValuesNoMoreAreKeptThanTheTestAsksFor) {
  Subject subject(one_rule(R"("on": "open", "distinct": "mail", "count": {"gte": 3}, "points": 5)"));
  ScratchArena arena;
  Engagement state = subject.start();
  for (int i = 0; i < 10'000; ++i) {
    subject.record(state, arena, open_at(kNow - i * kHour, {{"mail", text(std::to_string(i % 500))}}), kNow);
  }
  EXPECT_EQ(subject.score({}, &state, kNow).total, 5);
  EXPECT_LT(subject.encoded(state, arena).size(), 80U);
}

TEST(Counting, DaysOfDistinctValuesAreThinnedOutAmongTheNewestThousand) {
  // 1,500 values, one an hour: of the newest thousand one lies in the first day, 24 in each of the 41 before
  // it, the rest in one more.
  std::vector<Activity> activities;
  for (int i = 0; i < 1500; ++i) {
    activities.push_back(open_at(kNow - i * kHour, {{"page", text(std::to_string(i))}}));
  }
  const std::string rule = R"("on": "open", "distinct": "page", "max_per_day": 2, "points": 1)";
  EXPECT_EQ(total(rule, activities), 1 + 42 * 2);
  // With the value of the last event everywhere only one is left.
  for (Activity& activity : activities) activity.row["page"] = text("same");
  EXPECT_EQ(total(rule, activities), 1);
}

TEST(Ties, TheLargerMultiplierThenTheEarlierCaseCountsFirst) {
  const auto event = [](double amount, const char* url) {
    return open_at(kNow - kDay, {{"amount", number(amount)}, {"url", text(url)}});
  };
  const std::vector<Activity> events{event(2, "/b"), event(-3, "/b"), event(1, "/a"), event(2, "/a")};
  EXPECT_EQ(total(R"("on": "open", "points": 1, "multiply_by": "amount", "max_events": 1)", events), -3);
  EXPECT_EQ(total(R"("on": "open", "points": 1, "multiply_by": "amount", "max_events": 2)", events), -1);
  const std::string cases =
      R"("on": "open", "cases": [{"where": {"url": "/a"}, "points": 10}, {"where": {"url": "/b"}, "points": 100}])";
  EXPECT_EQ(total(cases + R"(, "max_events": 1)", events), 10);
  EXPECT_EQ(total(cases + R"(, "max_events": 3)", events), 120);
  // 3 of /b, then 2 of /a before 2 of /b.
  EXPECT_EQ(total(cases + R"(, "multiply_by": "amount", "max_events": 2)", events), -300 + 20);
  // In a map: entries in the order of their folded values, then else, then missing.
  const std::string map =
      R"("on": "open", "field": "url", "map": {"/B": 7, "/a": 5}, "else": 3, "max_events": 1)";
  EXPECT_EQ(total(map, events), 5);
  EXPECT_EQ(total(map, {event(1, "/c"), event(1, "/b")}), 7);
}

TEST(Multipliers, AreHeldToWhatADoubleCanAddUp) {
  const std::string rule = R"("on": "open", "points": 1, "multiply_by": "amount")";
  const auto event = [](double amount) { return open_at(kNow, {{"amount", number(amount)}}); };
  constexpr double kInf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(total(rule, {event(kInf)}), 1e100);
  EXPECT_EQ(total(rule, {event(-kInf)}), -1e100);
  EXPECT_EQ(total(rule, {event(1e300), event(-1e300)}), 0);
  EXPECT_EQ(total(rule, {event(std::numeric_limits<double>::quiet_NaN()), event(2)}), 2);
  EXPECT_EQ(total(rule, {open_at(kNow), open_at(kNow, {{"amount", text("7")}})}), 0);
  // Half a state of huge numbers still travels.
  Subject subject(one_rule(rule + R"(, "half_life": "1 hour")"));
  ScratchArena arena, other;
  Engagement state = subject.start();
  for (int i = 0; i < 1000; ++i) subject.record(state, arena, event(kInf), kNow);
  const Engagement travelled = through_bytes(subject, state, arena, other);
  EXPECT_NEAR(subject.score({}, &travelled, kNow).total, 1e103, 1e90);
}

TEST(Multipliers, ZeroHasNoSign) {
  // −0 and 0 are one number, so that equal histories give equal bytes.
  Subject subject(one_rule(R"("on": "open", "points": 1, "multiply_by": "amount", "within": "1 day")"));
  ScratchArena arena;
  const std::vector<Activity> minus{open_at(kNow, {{"amount", number(-0.0)}})};
  const std::vector<Activity> plus{open_at(kNow, {{"amount", number(0.0)}})};
  Engagement a = subject.engage(arena, minus, kNow), b = subject.engage(arena, plus, kNow);
  EXPECT_EQ(subject.encoded(a, arena), subject.encoded(b, arena));
}

TEST(Times, InfiniteOnesCountNowhere) {
  const std::vector<Activity> activities{open_at(kInfinity), open_at(kMinusInfinity)};
  Subject subject(one_rule(R"("on": "open", "points": 1)"));
  ScratchArena arena;
  Engagement state = subject.engage(arena, activities, kNow);
  EXPECT_EQ(state.last_at, kMinusInfinity);
  EXPECT_EQ(state.size + state.pending_size, 0U);
}

TEST(Times, ReachFromTheFirstInstantToTheLast) {
  Subject subject(R"({"dimensions": [{"name": "d", "rules": [
      {"id": "list", "on": "open", "points": 1, "max_per_day": 9},
      {"id": "faded", "on": "open", "points": 1, "half_life": "1000 years"},
      {"id": "latest", "on": "close", "idle": {"after": "1 day", "points": 1}}]}]})");
  ScratchArena arena, other;
  Engagement state = subject.start();
  for (const char* kind : {"open", "close"}) subject.record(state, arena, {kind, kFirstInstant, {}}, kNow);
  subject.record(state, arena, open_at(kEndOfTime - 1), kNow);
  EXPECT_EQ(subject.score({}, &state, kNow).total,
            1 + std::exp2(-double(kNow - kFirstInstant) / (365e3 * kDay)) + 1);
  const Engagement waiting = through_bytes(subject, state, arena, other);
  EXPECT_EQ(waiting.pending_size, 2U);
  subject.writer().fold_pending(state, arena, kEndOfTime - 1);
  const Engagement folded = through_bytes(subject, state, arena, other);
  EXPECT_NEAR(subject.score({}, &folded, kEndOfTime - 1).total, 2 + 1 + 1, 1e-9);
}

TEST(Times, DaysBeginAtTheUtcOffset) {
  const std::string rule =
      R"("dimensions": [{"name": "d", "rules": [{"id": "r", "on": "open", "points": 1, "max_per_day": 1}]}])";
  Subject utc("{" + rule + "}"), jakarta(R"({"utc_offset": "+07:00", )" + rule + "}");
  // 16:30 and 17:30 UTC are two days where the day begins at 17:00 UTC.
  const std::vector<Activity> activities{open_at(-8 * kHour + kHour / 2), open_at(-7 * kHour + kHour / 2)};
  EXPECT_EQ(total(utc, activities, kNow), 1);
  EXPECT_EQ(total(jakarta, activities, kNow), 2);
}

TEST(Pending, AnOvertakenActivityTravelsFoldedIn) {
  Subject subject(one_rule(R"("on": "open", "points": 1)"));
  ScratchArena arena, other;
  Engagement state = subject.start();
  subject.record(state, arena, open_at(kNow + kHour), kNow);  // waits …
  EXPECT_EQ(subject.score({}, &state, kNow).total, 0);
  subject.record(state, arena, open_at(kNow + kDay), kNow + 2 * kDay);  // … and is overtaken
  const Engagement travelled = through_bytes(subject, state, arena, other);
  EXPECT_EQ(travelled.pending_size, 0U);
  EXPECT_EQ(subject.score({}, &travelled, kNow + kDay).total, 2);
}

TEST(Pending, ActivitiesThatNoRuleCountsWaitToo) {
  Subject subject(one_rule(R"("on": "open", "points": 1)"));
  ScratchArena arena;
  Engagement state = subject.start();
  subject.record(state, arena, {"else", kNow + kHour, {}}, kNow);
  EXPECT_EQ(state.pending_size, 1U);
  EXPECT_EQ(state.last_at, kMinusInfinity);
  subject.writer().fold_pending(state, arena, kNow + kDay);
  EXPECT_EQ(state.last_at, kNow + kHour);
}

TEST(States, WhollyFadedListsLeaveNoTrace) {
  Subject subject(one_rule(R"("on": "open", "points": 1, "within": "1 day")"));
  ScratchArena arena, other;
  Engagement state = subject.start(), never = subject.start();
  subject.record(state, arena, open_at(kNow - 3 * kDay), kNow);
  subject.record(state, arena, {"else", kNow, {}}, kNow);
  subject.record(never, arena, {"else", kNow, {}}, kNow);
  EXPECT_EQ(subject.encoded(state, arena), subject.encoded(never, arena));
}

TEST(States, AnotherRuleSetsBranchesDoNotFit) {
  // Bytes may claim any branch; points are looked up by it.
  Subject subject(one_rule(
      R"("on": "open", "cases": [{"where": {"url": "/a"}, "points": 1}, {"points": 2}], "within": "1 day")"));
  ScratchArena arena;
  Engagement state = subject.start();
  subject.record(state, arena, open_at(kNow), kNow);
  subject.record(state, arena, open_at(kNow + kHour), kNow);
  ASSERT_EQ(state.pending_size, 1U);
  EXPECT_NO_THROW(subject.plan().check_fits(state));
  state.pending[0].event.branch = 2;
  EXPECT_THROW(subject.plan().check_fits(state), Error);
  state.pending[0].event.branch = 1;
  state.cells[0].list->words[1] = 2;
  EXPECT_THROW(subject.plan().check_fits(state), Error);
}

TEST(Bytes, ThatNobodyWroteAreErrors) {
  Subject subject(one_rule(R"("on": "open", "points": 1, "half_life": "1 day")"));
  ScratchArena arena;
  Engagement state = subject.start();
  EXPECT_EQ(subject.encoded(state, arena).size(), 20U);  // nothing yet: a header and two counts
  subject.record(state, arena, open_at(kNow), kNow);
  const Bytes bytes = subject.encoded(state, arena);
  EXPECT_EQ(error_code(bytes), "none");
  EXPECT_EQ(error_code({}), sqlstate::kInvalidBinary);
  const auto with = [&](std::size_t at, std::uint8_t byte) {
    Bytes changed = bytes;
    changed[at] = byte;
    return error_code(changed);
  };
  EXPECT_EQ(with(0, 2), sqlstate::kInvalidBinary);   // a version to come
  EXPECT_EQ(with(1, 1), sqlstate::kInvalidBinary);   // reserved
  EXPECT_EQ(with(18, 2), sqlstate::kInvalidBinary);  // two cells, but there is one
  EXPECT_EQ(with(20, 0), sqlstate::kInvalidBinary);  // a cell that counts nothing
  Bytes endless = bytes;                             // last_at is infinite
  std::fill(endless.begin() + 10, endless.begin() + 17, 0xff);
  endless[17] = 0x7f;
  EXPECT_EQ(error_code(endless), sqlstate::kInvalidBinary);
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_EQ(error_code(longer), sqlstate::kInvalidBinary);
  // A hostile number of cells allocates nothing.
  Bytes many(bytes.begin(), bytes.begin() + 18);
  many.insert(many.end(), {0xff, 0xff, 0xff, 0xff, 0x0f});
  EXPECT_EQ(error_code(many), sqlstate::kInvalidBinary);
}

std::string example_ruleset() {
  std::ifstream file(LEADSCORE_SOURCE_DIR "/examples/industrial.json");
  std::ostringstream read;
  read << file.rdbuf();
  return read.str();
}

TEST(Size, AHundredThousandOpensTakeLessThanAKilobyte) {
  Subject subject(example_ruleset());
  ScratchArena arena;
  Engagement state = subject.start();
  for (int i = 0; i < 100'000; ++i) {
    subject.record(
        state, arena,
        {"email_open", kNow - i * 300 * kSecond, {{"email_id", text("m" + std::to_string(i % 997))}}}, kNow);
  }
  EXPECT_LT(subject.encoded(state, arena).size(), 1024U);
}

}  // namespace
}  // namespace leadscore
