// What is said of the future, if nothing happens, comes true.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/forecast.hpp"
#include "core/parse.hpp"
#include "property_subject.hpp"

namespace leadscore {
namespace {

using generate::Random;

constexpr Micros kHour = 3600 * kSecond;

std::string tier_at(Subject& subject, const reference::Row& lead, const Engagement& state, Micros at) {
  return std::string(subject.score(lead, &state, at).tier_name(subject.rules()).value_or("none"));
}

TEST(PropertyForecast, TheTierStaysUntilNextChangeAndChangesThen) {
  Random random(51);
  int finite = 0, early = 0;
  for (int i = 0; i < 3000; ++i) {
    const bool jsonb = random.chance(50);
    const std::string text = generate::ruleset(random);
    Subject subject(text, jsonb);
    const Micros as_of = generate::some_as_of(random);
    const reference::Row lead = generate::lead(random, as_of, jsonb);
    const auto history = generate::history(random, as_of, 40, jsonb);
    ScratchArena arena;
    const Engagement state = subject.engage(arena, history, as_of);
    const Micros change = subject.next_change(lead, &state, as_of);
    ASSERT_GT(change, as_of);
    const std::string tier = tier_at(subject, lead, state, as_of);
    const auto expect_same = [&](Micros at) {
      ASSERT_EQ(tier_at(subject, lead, state, at), tier)
          << "at " << format_instant(at) << ", before " << format_instant(change) << "\n"
          << story(text, lead, history, as_of);
    };
    const Micros end = change == kInfinity ? as_of + 4000 * kDay : change;
    for (int k = 0; k < 30; ++k) {
      // Densely at first and towards the end; at whole hours, where things flip, and just before.
      const Micros reach = std::min(end - as_of, random.chance(50) ? 60 * kDay : end - as_of);
      Micros at = as_of + random.between(0, reach - 1);
      if (random.chance(50))
        at = std::max(as_of, as_of + (at - as_of) / kHour * kHour - random.between(0, 1));
      expect_same(at);
    }
    expect_same(end - 1);
    if (change == kInfinity) continue;
    ++finite;
    early += tier_at(subject, lead, state, change) == tier;
    if (HasFailure()) return;
  }
  EXPECT_GT(finite, 300);
  // An early answer is right, too, but each costs its reader a look.
  EXPECT_LE(early, finite / 100) << early << " of " << finite;
}

/// What was known before is answered again only where it is right for what has come since.
TEST(PropertyForecast, TheTierStaysUntilATimeKnownBefore) {
  Random random(53);
  int kept = 0, refused = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string text = generate::ruleset(random);
    Subject subject(text);
    const Micros as_of = generate::some_as_of(random);
    const reference::Row lead = generate::lead(random, as_of, true);
    const auto history = generate::history(random, as_of, 40, true);
    ScratchArena arena;
    const Engagement state = subject.engage(arena, history, as_of);
    const Micros exact = subject.next_change(lead, &state, as_of);
    // The answer itself, that of fewer activities, any time.
    Micros known = exact;
    if (random.chance(60)) {
      ScratchArena room;
      auto fewer = history;
      fewer.resize(fewer.size() - std::min<std::size_t>(fewer.size(), 1 + random.below(3)));
      const Engagement earlier = subject.engage(room, fewer, as_of);
      known = subject.next_change(lead, &earlier, as_of);
    } else if (random.chance(50)) {
      known = as_of + random.between(-2, 60 * kDay);
    }
    const Micros change = subject.next_change(lead, &state, as_of, known);
    ASSERT_TRUE(change == known || change == exact) << story(text, lead, history, as_of);
    ASSERT_GT(change, as_of);
    if (known == exact || known == kInfinity || known <= as_of) continue;
    ++(change == known ? kept : refused);
    const std::string tier = tier_at(subject, lead, state, as_of);
    for (int k = 0; k < 40 && change != kInfinity; ++k) {
      const Micros at = k == 0 ? change - 1 : as_of + random.between(0, change - as_of - 1);
      ASSERT_EQ(tier_at(subject, lead, state, at), tier)
          << "at " << format_instant(at) << ", before " << format_instant(change) << "\n"
          << story(text, lead, history, as_of);
    }
  }
  EXPECT_GT(kept, 100);
  EXPECT_GT(refused, 100);
}

/// Gains and losses that fade over spans from a microsecond to all of time.
TEST(PropertyForecast, DifferencesOfWhatFadesLieWithinTheirBounds) {
  Random random(54);
  int narrowed = 0;
  for (int i = 0; i < 20000; ++i) {
    std::vector<Fading> parts;
    const bool ordered = random.chance(50), gains_first = random.chance(50);
    for (int k = 0; k < 2 + static_cast<int>(random.below(4)); ++k) {
      const bool gain = k % 2 == 0;
      const auto days =
          static_cast<double>(random.between(1, 30)) * (ordered && gain == gains_first ? 30 : 1);
      const auto points = static_cast<double>(random.between(1, 1000)) / 10;
      parts.push_back({gain ? points : -points, std::log(2) / (days * static_cast<double>(kDay)), true});
    }
    const double width = std::exp2(static_cast<double>(random.between(0, 62000)) / 1000);
    FadingSum gains, losses;
    for (const Fading& part : parts) (part.points > 0 ? gains : losses).add(part, width);
    const Range range = difference_between(gains, losses, width);
    narrowed += range.lo > gains.to - losses.from || range.hi < gains.from - losses.to;
    const double slack = 1e-12 * (gains.from + losses.from);
    for (int j = 0; j <= 40; ++j) {
      // Evenly, and densely at the begin.
      const double t = j % 2 == 0 ? width * j / 40 : width * std::exp2(-j);
      double value = 0;
      for (const Fading& part : parts) value += part.points * std::exp(-part.rate * t);
      ASSERT_GE(value, range.lo - slack) << "case " << i << ", after " << t << " of " << width;
      ASSERT_LE(value, range.hi + slack) << "case " << i << ", after " << t << " of " << width;
    }
  }
  EXPECT_GT(narrowed, 10000);
}

/// All activity rules of a rule set, over spans that lie anywhere after the state.
TEST(PropertyForecast, OutcomesLieWithinTheirBounds) {
  Random random(52);
  generate::Flavour flavour;
  flavour.lead_rules = false;
  flavour.tiers = false;
  for (int i = 0; i < 1500; ++i) {
    const std::string text = generate::ruleset(random, flavour);
    Subject subject(text);
    const Micros as_of = generate::some_as_of(random);
    const auto history = generate::history(random, as_of, 40, true);
    ScratchArena arena;
    const Engagement state = subject.engage(arena, history, as_of);
    EngagementView view(subject.plan());
    view.assign(&state, subject.writer());
    for (std::size_t d = 0; d < subject.rules().dimensions.size(); ++d) {
      const Dimension& dimension = subject.rules().dimensions[d];
      for (std::size_t r = 0; r < dimension.rules.size(); ++r) {
        const ActivityRule rule = make_activity_rule(subject.rules(), dimension.rules[r], subject.plan(),
                                                     subject.plan().tracker_of_rule(d, r));
        const Micros since = random.chance(50) ? kMinusInfinity : as_of - random.between(-10, 40) * kDay;
        for (int k = 0; k < 6; ++k) {
          const Micros from = as_of + random.between(0, 300) * kHour * static_cast<Micros>(random.below(3));
          const Micros to = from + (random.chance(20) ? 0 : random.between(0, 400 * kHour));
          const OutcomeRange range = outcome_between(rule, view, from, to, since);
          ASSERT_LE(range.points.lo, range.points.hi);
          for (int j = 0; j < 12; ++j) {
            const Micros at = j == 0 ? from : j == 1 ? to : random.between(from, to);
            const Outcome outcome = outcome_at(rule, view, at, since);
            const double slack = 1e-9 * (1 + std::max(-range.points.lo, range.points.hi));
            EXPECT_GE(outcome.points, range.points.lo - slack);
            EXPECT_LE(outcome.points, range.points.hi + slack);
            EXPECT_TRUE(range.may || !outcome.fired);
            EXPECT_TRUE(!range.must || outcome.fired);
            if (from == to) {  // exact
              EXPECT_EQ(outcome.points, range.points.lo);
              EXPECT_EQ(outcome.points, range.points.hi);
              EXPECT_EQ(outcome.fired, range.may);
              EXPECT_EQ(outcome.fired, range.must);
            }
            if (HasFailure()) {
              FAIL() << dimension.rules[r].id << " from " << format_instant(from) << " to "
                     << format_instant(to) << " at " << format_instant(at) << "\n"
                     << story(text, {}, history, as_of);
            }
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace leadscore
