// Where points come from: held against differences of whole scores that the reference makes by loops.
#include "core/attribution.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <numeric>
#include <set>

#include "core/error.hpp"
#include "core/text.hpp"
#include "property_subject.hpp"

namespace leadscore {
namespace {

using generate::Random;
using reference::Activity;
using reference::number;
using reference::text;

constexpr Micros kHour = 3600 * kSecond;
constexpr Micros kNow = 9'000 * kDay;

/// A rule set with a program that explains, and states of single activities.
class Asked {
 public:
  explicit Asked(const std::string& rules, bool jsonb = true, Purpose purpose = Purpose::explain)
      : subject_(rules, jsonb),
        requests_(LeadProgram::fields(subject_.rules(), purpose)),
        program_(subject_.compiled(), shape_of(requests_, generate::lead_columns(), jsonb), purpose) {}

  Subject& subject() { return subject_; }
  const Ruleset& rules() const { return subject_.rules(); }

  /// A state of the activity alone, made at `now`; nullptr where it is of no kind or time.
  const Engagement* alone(const Activity& activity, Micros now) {
    Engagement& state = states_.emplace_back(subject_.start());
    subject_.record(state, arena_, activity, now);
    return state.last_at == kMinusInfinity && state.pending_size == 0 ? nullptr : &state;
  }

  std::vector<Touch> touches(const reference::Row& lead, const std::vector<const Engagement*>& states,
                             Micros as_of, const Engagement* rest = nullptr) {
    const RowValues row(lead, requests_);
    return leadscore::touches(program_, row.values(), states, as_of, rest);
  }

  std::vector<Touch> touches(const reference::Row& lead, const std::vector<Activity>& activities,
                             Micros as_of = kNow) {
    std::vector<const Engagement*> states;
    for (const Activity& activity : activities) states.push_back(alone(activity, as_of));
    return touches(lead, states, as_of);
  }

 private:
  Subject subject_;
  std::vector<FieldRequest> requests_;
  LeadProgram program_;
  ScratchArena arena_;
  std::deque<Engagement> states_;
};

std::string one_dimension(const std::string& rules) {
  return R"({"dimensions": [{"name": "d", "rules": [)" + rules + "]}]}";
}

std::string ids(const std::vector<const Rule*>& rules) {
  std::string out;
  for (const Rule* rule : rules) out += (out.empty() ? "" : " ") + rule->id;
  return out;
}

/// "rules: points" of each touch.
std::vector<std::string> in_words(const std::vector<Touch>& touches) {
  std::vector<std::string> out;
  for (const Touch& touch : touches) {
    std::string points = std::to_string(touch.points);
    points.erase(points.find_last_not_of('0') + 1);
    if (points.back() == '.') points.pop_back();
    out.push_back(ids(touch.rules) + ": " + points);
  }
  return out;
}

using Words = std::vector<std::string>;

TEST(Touches, GiveWhatTheirRulesWouldLose) {
  Asked asked(one_dimension(R"(
      {"id": "open", "on": "open", "points": 3},
      {"id": "fading", "on": "open", "points": 8, "half_life": "1 days"},
      {"id": "page", "on": "page", "max_per_day": 2, "cases": [
          {"where": {"url": "/pricing"}, "points": 10}, {"where": {"url": "/"}, "points": 1}]},
      {"id": "two", "on": "page", "count": {"gte": 2}, "points": 100},
      {"id": "any", "on": "*", "count": {"gte": 1}, "points": 1000},
      {"id": "gone", "on": "open", "points": 7, "off": true},
      {"id": "dutch", "on": "open", "points": 50, "when": {"country": "NL"}},
      {"id": "fit", "when": {"country": "NL"}, "points": 9})"));
  const std::vector<Activity> activities{
      {"open", kNow - kDay, {}},
      {"page", kNow - 3 * kHour, {{"url", text("/pricing")}}},
      {"page", kNow - 2 * kHour, {{"url", text("/")}}},
      {"page", kNow - 1 * kHour, {{"url", text("/careers")}}},
      {"page", kNow - 1 * kHour, {{"url", text("/")}}},
      {"other", kNow, {}},
      {"page", kNow + 1, {{"url", text("/")}}},
  };
  // Of the day's pages those on "/" count: without one of them "/pricing" would count in its place.
  EXPECT_EQ(in_words(asked.touches({{"country", text("NL")}}, activities)),
            (Words{"open fading any dutch: 57", "page two any: 0", "page two any: -9", "two any: 0",
                   "page two any: -9", "any: 0", ": 0"}));
  EXPECT_EQ(in_words(asked.touches({}, {activities[0], activities[1], activities[2]})),
            (Words{"open fading any: 7", "page two any: 110", "page two any: 101"}));
  EXPECT_EQ(in_words(asked.touches({}, {activities[0]})), (Words{"open fading any: 1007"}));
  EXPECT_TRUE(asked.touches({}, std::vector<Activity>{}).empty());
}

TEST(Touches, KnowLimitsWindowsAndIdling) {
  Asked asked(one_dimension(R"(
      {"id": "session", "on": "page", "distinct": "session", "points": 5},
      {"id": "week", "on": "mail", "within": "7 days", "points": 2},
      {"id": "held", "on": "mail", "points": 4, "max_points": 6},
      {"id": "recent", "on": "call", "recency": [{"within": "1 days", "points": 9}, {"within": "3 days", "points": 4}]},
      {"id": "silent", "on": "call", "idle": {"after": "1 days", "every": "1 days", "points": -1, "since": "made"}})"));
  const reference::Row lead{{"made", reference::instant(kNow - 10 * kDay)}};
  EXPECT_EQ(in_words(asked.touches(lead, {{"page", kNow - 2 * kDay, {{"session", text("a")}}},
                                          {"page", kNow - 1 * kDay, {{"session", text("a")}}},
                                          {"page", kNow - 5 * kDay, {{"session", text("b")}}},
                                          {"mail", kNow - 7 * kDay, {}},
                                          {"mail", kNow - 6 * kDay, {}}})),
            (Words{"session: 0", "session: 0", "session: 5", "held: 2", "week held: 4"}));
  // Without the newer call the older would still be recent, and idling two days longer; with nothing but an
  // old one it has idled for 4 days instead of 10.
  EXPECT_EQ(in_words(asked.touches(lead, {{"call", kNow - 2 * kDay, {}}, {"call", kNow, {}}})),
            (Words{"recent silent: 0", "recent silent: 7"}));
  EXPECT_EQ(in_words(asked.touches(lead, {{"call", kNow - 4 * kDay, {}}})), (Words{"silent: 6"}));
}

TEST(Touches, OfPendingActivitiesAndBesideARest) {
  Asked asked(one_dimension(R"({"id": "sum", "on": "open", "points": 1, "max_points": 3},
                               {"id": "newest", "on": "open", "within": "9 days", "max_events": 2, "points": 10})"));
  std::vector<const Engagement*> states;
  for (int hours = 3; hours >= -1; --hours) {
    // Some are folded in, some still wait; the last is later than as_of either way.
    const Activity activity{"open", kNow - hours * kHour, {}};
    states.push_back(asked.alone(activity, hours % 2 == 0 ? kNow : kNow - 2 * kDay));
  }
  states.push_back(asked.alone({"open", kNow + kHour, {}}, kNow + kDay));
  states.push_back(nullptr);
  EXPECT_EQ(in_words(asked.touches({}, states, kNow)),
            (Words{"sum newest: 0", "sum newest: 0", "sum newest: 0", "sum newest: 0", ": 0", ": 0", ": 0"}));
  states.resize(2);
  EXPECT_EQ(in_words(asked.touches({}, states, kNow)), (Words{"sum newest: 11", "sum newest: 11"}));
  ScratchArena arena;
  const std::vector<Activity> more{{"open", kNow - 5 * kHour, {}}, {"open", kNow + 2, {}}};
  const Engagement rest = asked.subject().engage(arena, more, kNow - kDay);
  EXPECT_EQ(in_words(asked.touches({}, states, kNow, &rest)), (Words{"sum newest: 1", "sum newest: 1"}));
  EXPECT_EQ(rest.pending_size, 4U);
  EXPECT_EQ(in_words(asked.touches({}, {states[0], nullptr}, kNow, &rest)), (Words{"sum newest: 11", ": 0"}));
}

/// Does the rule count the activity, as the language says it?
bool counts(const Rule& rule, const Ruleset& rules, const reference::Row& lead, const Activity& activity,
            Micros as_of) {
  if (is_lead(rule.measure) || rule.off) return false;
  if (rule.when && !reference::holds(*rule.when, rules, lead, as_of)) return false;
  if (!activity.kind || is_blank(*activity.kind) || !is_finite(activity.at) || activity.at > as_of)
    return false;
  const auto names = [&](const KindSet& set) {
    return set.every || std::any_of(set.kinds.begin(), set.kinds.end(), [&](const std::string& kind) {
             return folded(kind, rules.accents) == folded(*activity.kind, rules.accents);
           });
  };
  if (!names(rule.on) || names(rule.except)) return false;
  if (rule.where && !reference::holds(*rule.where, rules, activity.row, activity.at)) return false;
  const Micros age = as_of - activity.at;
  if (rule.within && age >= *rule.within) return false;
  if (rule.measure == Measure::recency && age >= rule.recency.back().within) return false;
  if (rule.fade == Fade::fades_over && age >= rule.fades_over) return false;
  if (rule.fade == Fade::steps) {
    const auto last_keeping = std::find_if(rule.steps.rbegin(), rule.steps.rend(),
                                           [](const FadeStep& step) { return step.keep > 0; });
    const auto over = last_keeping.base();
    if (over != rule.steps.end() && age >= std::max<Micros>(over->after, 1)) return false;
  }
  if (rule.measure == Measure::cases) {
    return std::any_of(rule.cases.begin(), rule.cases.end(), [&](const Case& c) {
      return !c.condition || reference::holds(*c.condition, rules, activity.row, activity.at);
    });
  }
  if (rule.measure == Measure::map) {
    const auto found = activity.row.find(rule.field);
    const auto written = found == activity.row.end() ? std::nullopt : reference::text_form(found->second);
    if (!written) return rule.missing.has_value();
    return rule.otherwise || std::any_of(rule.map.begin(), rule.map.end(), [&](const MapEntry& entry) {
             return folded(entry.value, rules.accents) == folded(*written, rules.accents);
           });
  }
  return true;
}

double activity_points(const Ruleset& rules, const reference::Row& lead,
                       const std::vector<Activity>& activities, Micros as_of) {
  const reference::Result result = reference::score(rules, lead, activities, as_of);
  double sum = 0;
  for (const Dimension& dimension : rules.dimensions) {
    for (const Rule& rule : dimension.rules) {
      const auto found = result.rules.find(rule.id);
      if (!is_lead(rule.measure) && found != result.rules.end()) sum += found->second;
    }
  }
  return sum;
}

TEST(Touches, AreDifferencesOfScoresWithAndWithoutEachActivity) {
  Random random(71);
  std::size_t asked_about = 0, giving = 0;
  for (int i = 0; i < 1500; ++i) {
    const bool jsonb = random.chance(50);
    const std::string rules_text = generate::ruleset(random, {.lead_rules = random.chance(20)});
    Asked asked(rules_text, jsonb, random.chance(90) ? Purpose::explain : Purpose::score);
    const Ruleset& rules = asked.rules();
    const Micros as_of = generate::some_as_of(random);
    const reference::Row lead = generate::lead(random, as_of, jsonb);
    std::vector<Activity> history = generate::history(random, as_of, 40, jsonb);
    // The same thing at the same time, so that events tie.
    if (!history.empty() && random.chance(40)) history.push_back(random.pick(history));
    const std::string story = leadscore::story(rules_text, lead, history, as_of);

    // About some of them nothing is asked; they, and some others, are engaged at other times.
    const std::size_t asked_first = random.chance(50) ? 0 : random.below(history.size() + 1);
    const auto some_time = [&] { return random.chance(50) ? as_of : as_of - random.between(0, 40) * kDay; };
    ScratchArena arena;
    const Engagement rest = asked.subject().engage(arena, std::span(history).first(asked_first), some_time());
    std::vector<const Engagement*> states;
    for (std::size_t k = asked_first; k < history.size(); ++k) {
      states.push_back(asked.alone(history[k], random.chance(5) ? kEndOfTime - 1 : some_time()));
    }
    const std::vector<Touch> touches = asked.touches(lead, states, as_of, asked_first == 0 ? nullptr : &rest);

    ASSERT_EQ(touches.size(), states.size());
    const double whole = activity_points(rules, lead, history, as_of);
    const double scale = reference::score(rules, lead, history, as_of).scale;
    for (std::size_t k = 0; k < touches.size(); ++k) {
      std::vector<const Rule*> expected;
      for (const Dimension& dimension : rules.dimensions) {
        for (const Rule& rule : dimension.rules) {
          if (counts(rule, rules, lead, history[asked_first + k], as_of)) expected.push_back(&rule);
        }
      }
      ASSERT_EQ(ids(touches[k].rules), ids(expected)) << k << "\n" << story;
      std::vector<Activity> others = history;
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(asked_first + k));
      const double points = whole - activity_points(rules, lead, others, as_of);
      ASSERT_NEAR(touches[k].points, points, 1e-8 * scale) << k << "\n" << story;
      ASSERT_TRUE(!expected.empty() || touches[k].points == 0);
      ++asked_about;
      giving += touches[k].points != 0;
    }
  }
  EXPECT_GT(giving, asked_about / 8);  // the generator has not made it easy
}

TEST(Touches, OfAHundredThousandActivitiesTakeSeconds) {
  Asked asked(one_dimension(R"({"id": "plain", "on": "open", "points": 1},
      {"id": "fading", "on": "open", "points": 2, "half_life": "90 days", "max_points": 1},
      {"id": "newest", "on": "open", "within": "1 year", "points": 16},
      {"id": "latest", "on": "open", "recency": [{"within": "3 seconds", "points": 5}]})"));
  std::vector<Activity> activities;
  for (std::size_t i = 0; i < kMostTouches; ++i) {
    activities.push_back({"open", kNow - static_cast<Micros>(i) * 2 * kSecond, {}});
  }
  const std::vector<Touch> touches = asked.touches({}, activities);
  for (std::size_t i = 0; i < touches.size(); ++i) {
    // Each of the list's 1,000 has an older one to take its place, and so has the latest.
    ASSERT_EQ(touches[i].points, 1) << i;
    ASSERT_EQ(ids(touches[i].rules), i < 2 ? "plain fading newest latest" : "plain fading newest");
  }
}

/// The code of the Error that the call throws.
template <class Call>
std::string code(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return "none";
}

TEST(Touches, StopAtLimitsAndInterrupts) {
  Asked asked(one_dimension(R"({"id": "r", "on": "open", "points": 1})"));
  EXPECT_EQ(code([&] { asked.touches({}, std::vector<const Engagement*>(kMostTouches + 1), kNow); }),
            sqlstate::kLimitExceeded);
  EXPECT_EQ(code([&] { asked.touches({}, std::vector<Activity>{}, kInfinity); }),
            sqlstate::kInvalidParameter);
  const Engagement* later = asked.alone({"open", kNow + 1, {}}, kNow + 1);
  EXPECT_EQ(code([&] { asked.touches({}, std::vector<const Engagement*>{}, kNow, later); }),
            sqlstate::kInvalidParameter);

  std::string many;
  for (int i = 0; i < 200; ++i) {
    many +=
        (many.empty() ? "" : ",") + (R"({"id": "r)" + std::to_string(i) + R"(", "on": "open", "points": 1})");
  }
  Asked of_many(one_dimension(many));
  const std::vector<const Engagement*> same(kMostTouchRules / 200 + 1,
                                            of_many.alone({"open", kNow, {}}, kNow));
  EXPECT_EQ(code([&] { of_many.touches({}, same, kNow); }), sqlstate::kLimitExceeded);

  set_stop_requested([]() noexcept { return true; });
  EXPECT_THROW(asked.touches({}, {later}, kNow + 1), Interrupted);
  set_stop_requested(nullptr);
}

/// "id before after", with ! where it turns disqualifying or ceases to.
std::vector<std::string> in_words(const std::vector<Movement>& movements) {
  std::vector<std::string> out;
  for (const Movement& m : movements) {
    out.push_back(m.id + " " + std::to_string(std::lround(m.before)) + " " +
                  std::to_string(std::lround(m.after)) +
                  (m.disqualified_before == m.disqualified_after ? ""
                   : m.disqualified_after                        ? " !"
                                                                 : " no longer !"));
  }
  return out;
}

TEST(Movements, AreLargestFirstAfterWhatDisqualifies) {
  Subject was(one_dimension(R"({"id": "a", "when": {"x": 1}, "points": 5},
      {"id": "c", "when": {"x": 1}, "points": 7}, {"id": "b", "when": {"x": 1}, "points": 7},
      {"id": "same", "when": {}, "points": 4}, {"id": "old", "when": {}, "points": 1},
      {"id": "rival", "when": {"x": 2}, "disqualify": true}, {"id": "bad", "when": {}, "points": 2})"));
  Subject is(
      R"({"dimensions": [{"name": "e", "rules": [{"id": "bad", "when": {}, "points": 2, "disqualify": true}]},
      {"name": "d", "rules": [{"id": "same", "when": {}, "points": 4}, {"id": "new", "when": {}, "points": -9},
      {"id": "a", "when": {"x": 2}, "points": 15}, {"id": "rival", "when": {"x": 2}, "disqualify": true}]}]})");
  const Evaluation one = was.evaluate_to_explain({{"x", number(1)}}, nullptr, kNow);
  const Evaluation two = was.evaluate_to_explain({{"x", number(2)}}, nullptr, kNow);
  const Evaluation three = is.evaluate_to_explain({{"x", number(2)}}, nullptr, kNow);
  const auto between = [](const Subject& a, const Evaluation* before, const Subject& b,
                          const Evaluation* after) {
    return in_words(movements(a.rules(), before, b.rules(), after));
  };
  EXPECT_EQ(between(was, &one, was, &one), Words());
  EXPECT_EQ(between(was, &one, was, &two), (Words{"rival 0 0 !", "b 7 0", "c 7 0", "a 5 0"}));
  EXPECT_EQ(between(was, &two, was, &one), (Words{"rival 0 0 no longer !", "b 0 7", "c 0 7", "a 0 5"}));
  // The points of "bad" are the same: it is what else it does that moved.
  EXPECT_EQ(between(was, &one, is, &three),
            (Words{"bad 2 2 !", "rival 0 0 !", "a 5 15", "new 0 -9", "b 7 0", "c 7 0", "old 1 0"}));
  EXPECT_EQ(between(was, nullptr, is, &three),
            (Words{"bad 0 2 !", "rival 0 0 !", "a 0 15", "new 0 -9", "same 0 4"}));
  EXPECT_EQ(between(was, &two, is, nullptr),
            (Words{"rival 0 0 no longer !", "same 4 0", "bad 2 0", "old 1 0"}));
  EXPECT_EQ(between(was, nullptr, is, nullptr), Words());
}

TEST(Movements, AreMoreThanTheLastBitsOfSums) {
  const auto moved = [](double before, double after) {
    Subject subject(one_dimension(R"({"id": "r", "on": "open", "points": 1, "multiply_by": "amount"})"));
    ScratchArena arena;
    const auto with = [&](double amount) {
      const std::vector<Activity> history{{"open", kNow, {{"amount", number(amount)}}}};
      const Engagement state = subject.engage(arena, history, kNow);
      return subject.evaluate_to_explain({}, &state, kNow);
    };
    const Evaluation one = with(before), two = with(after);
    return !movements(subject.rules(), &one, subject.rules(), &two).empty();
  };
  EXPECT_FALSE(moved(0.1 + 0.2, 0.3));
  EXPECT_FALSE(moved(1, 1 + 1e-9));
  EXPECT_FALSE(moved(1, 1 + 1.4e-9));
  EXPECT_TRUE(moved(1, 1 + 2e-9));
  EXPECT_TRUE(moved(0, -2e-9));
  EXPECT_FALSE(moved(1e12, 1e12 + 0.5));
  EXPECT_TRUE(moved(1e12, 1e12 + 2));
  EXPECT_TRUE(moved(-1e99, 1e99));
}

TEST(Movements, AreThoseOfTheReference) {
  Random random(72);
  for (int i = 0; i < 1500; ++i) {
    const bool jsonb = random.chance(50);
    const std::string first_text = generate::ruleset(random);
    const std::string second_text = random.chance(50) ? first_text : generate::ruleset(random);
    Subject first(first_text, jsonb), second(second_text, jsonb);
    const Micros then = generate::some_as_of(random), now = then + random.between(0, 60) * kDay;
    const reference::Row lead = generate::lead(random, then, jsonb);
    const reference::Row later = random.chance(50) ? lead : generate::lead(random, now, jsonb);
    const auto history = generate::history(random, now, 30, jsonb);
    ScratchArena arena;
    const Engagement before_state = first.engage(arena, history, then);
    const Engagement after_state = second.engage(arena, history, now);
    const Evaluation before = first.evaluate_to_explain(lead, &before_state, then);
    const Evaluation after = second.evaluate_to_explain(later, &after_state, now);
    reference::Result expected_before = reference::score(first.rules(), lead, history, then);
    reference::Result expected_after = reference::score(second.rules(), later, history, now);
    const double tolerance = 1e-9 * (expected_before.scale + expected_after.scale);

    const std::vector<Movement> got = movements(first.rules(), &before, second.rules(), &after);
    std::set<std::string> seen;
    for (const Movement& m : got) {
      ASSERT_TRUE(seen.insert(m.id).second);
      ASSERT_NEAR(m.before, expected_before.rules[m.id], tolerance);
      ASSERT_NEAR(m.after, expected_after.rules[m.id], tolerance);
      ASSERT_TRUE(m.before != m.after || m.disqualified_before != m.disqualified_after);
    }
    for (const auto& [id, points] : expected_before.rules) expected_after.rules.try_emplace(id, 0.0);
    for (const auto& [id, points] : expected_after.rules) {
      const double by = std::fabs(points - expected_before.rules[id]);
      ASSERT_TRUE(by <= tolerance + 2e-9 || seen.contains(id)) << id;
    }
    const auto turns = [](const Movement& m) { return m.disqualified_before != m.disqualified_after; };
    ASSERT_TRUE(std::is_sorted(got.begin(), got.end(), [&](const Movement& a, const Movement& b) {
      if (turns(a) != turns(b)) return turns(a);
      return std::fabs(a.after - a.before) > std::fabs(b.after - b.before) + 1e-9;
    }));
    if (expected_before.disqualified != expected_after.disqualified) {
      ASSERT_TRUE(!got.empty() && turns(got.front()));
    }
  }
}

TEST(RuleUse, CountsWhatFired) {
  const std::string rules = R"({"dimensions": [{"name": "d", "rules": [
      {"id": "size", "field": "x", "bands": [{"below": 10, "points": -2}, {"below": 20, "points": 0}, {"points": 6}]},
      {"id": "never", "when": {"x": -1}, "points": 1}]}, {"name": "empty", "rules": []}, {"name": "e", "rules": [
      {"id": "open", "on": "open", "points": 3}, {"id": "out", "when": {"x": 5}, "disqualify": true}]}]})";
  Subject subject(rules);
  ScratchArena arena;
  RuleUse use(subject.rules());
  EXPECT_EQ(use.leads(), 0U);
  for (const double x : {5, 15, 25, 35}) {
    const std::vector<Activity> history(static_cast<std::size_t>(x) / 15, {"open", kNow, {}});
    const Engagement state = subject.engage(arena, history, kNow);
    use.add(subject.evaluate_to_explain({{"x", number(x)}}, &state, kNow));
  }
  const auto expect = [&](std::size_t d, std::size_t r, std::uint64_t fired, double points, double least,
                          double most) {
    const RuleUse::Use& got = use.of(d, r);
    EXPECT_EQ(std::tuple(got.fired, got.points, got.least, got.most), std::tuple(fired, points, least, most));
  };
  EXPECT_EQ(use.leads(), 4U);
  expect(0, 0, 3, 10, -2, 6);
  expect(0, 1, 0, 0, 0, 0);
  expect(2, 0, 3, 12, 3, 6);
  expect(2, 1, 1, 0, 0, 0);

  RuleUse other(Subject(one_dimension(R"({"id": "r", "when": {}, "points": 1})")).rules());
  EXPECT_EQ(code([&] { other.merge(use); }), sqlstate::kWrongState);
}

TEST(RuleUse, OfPartsIsThatOfTheWhole) {
  Random random(73);
  for (int i = 0; i < 200; ++i) {
    Subject subject(generate::ruleset(random));
    const Ruleset& rules = subject.rules();
    const Micros as_of = generate::some_as_of(random);
    std::deque<RuleUse> parts(1 + random.below(4), RuleUse(rules));
    std::map<std::string, std::multiset<double>> expected;
    double tolerance = 1e-9;
    const std::size_t leads = random.below(12);
    for (std::size_t n = 0; n < leads; ++n) {
      const reference::Row lead = generate::lead(random, as_of, true);
      const auto history = generate::history(random, as_of, 20, true);
      ScratchArena arena;
      const Engagement state = subject.engage(arena, history, as_of);
      parts[random.below(parts.size())].add(subject.evaluate_to_explain(lead, &state, as_of));
      const reference::Result result = reference::score(rules, lead, history, as_of);
      for (const auto& [id, points] : result.rules) expected[id].insert(points);
      tolerance += 1e-9 * result.scale;
    }
    RuleUse use(rules);
    for (const RuleUse& part : parts) use.merge(part);
    EXPECT_EQ(use.leads(), leads);
    for (std::size_t d = 0; d < rules.dimensions.size(); ++d) {
      for (std::size_t r = 0; r < rules.dimensions[d].rules.size(); ++r) {
        const RuleUse::Use& got = use.of(d, r);
        const std::multiset<double>& seen = expected[rules.dimensions[d].rules[r].id];
        ASSERT_NEAR(got.points, std::accumulate(seen.begin(), seen.end(), 0.0), tolerance);
        ASSERT_GE(got.fired, seen.size());
        ASSERT_LE(got.fired, leads);
        // Where it fired for more leads, it gave those nothing.
        std::multiset<double> given = seen;
        if (got.fired > seen.size()) given.insert(0);
        ASSERT_NEAR(got.least, given.empty() ? 0 : *given.begin(), tolerance);
        ASSERT_NEAR(got.most, given.empty() ? 0 : *given.rbegin(), tolerance);
      }
    }
  }
}

}  // namespace
}  // namespace leadscore
