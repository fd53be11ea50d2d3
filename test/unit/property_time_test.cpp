// A score is a function of what happened up to as_of: however the state came about, event by event or at
// once, before or after the events' time, the score at a time is that of the whole history at that time.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.hpp"
#include "property_subject.hpp"

namespace leadscore {
namespace {

using generate::Random;

constexpr Micros kHour = 3600 * kSecond;

void shuffle(Random& random, std::vector<reference::Activity>& activities) {
  for (std::size_t k = activities.size(); k > 1; --k) {
    std::swap(activities[k - 1], activities[random.below(k)]);
  }
}

TEST(PropertyTime, OneByOneIsAllAtOnce) {
  Random random(21);
  for (int i = 0; i < 1500; ++i) {
    const std::string text = generate::ruleset(random);
    Subject subject(text);
    const Micros as_of = generate::some_as_of(random);
    const reference::Row lead = generate::lead(random, as_of, true);
    auto history = generate::history(random, as_of, 40, true);
    shuffle(random, history);
    ScratchArena arenas[2];
    int current = 0;
    Engagement state = subject.start();
    // Activities arrive while the clock goes on; some are older than others that came before, some not yet
    // due.
    Micros now = as_of - 20 * kDay;
    for (const reference::Activity& activity : history) {
      now = std::min(as_of, now + random.between(0, 20) * kHour);
      subject.record(state, arenas[current], activity, now);
      if (!random.chance(25)) continue;
      arenas[1 - current].clear();
      state = through_bytes(subject, state, arenas[current], arenas[1 - current]);
      current = 1 - current;
    }
    const reference::Result expected = reference::score(subject.rules(), lead, history, as_of);
    ASSERT_EQ(difference_from(expected, subject.score(lead, &state, as_of), subject.rules()), "")
        << story(text, lead, history, as_of);
  }
}

TEST(PropertyTime, WhatWasFoldedEarlierAndWhatCameLaterAreTheWhole) {
  Random random(22);
  for (int i = 0; i < 1500; ++i) {
    const std::string text = generate::ruleset(random);
    Subject subject(text);
    const Micros end = generate::some_as_of(random);
    const reference::Row lead = generate::lead(random, end, true);
    const auto history = generate::history(random, end, 60, true);
    // The score at three times, each after what was newly known by then was added.
    ScratchArena arena;
    Engagement state = subject.start();
    Micros done = kMinusInfinity;
    for (const Micros as_of : {end - 12 * kDay, end - 3 * kDay, end}) {
      for (const reference::Activity& activity : history) {
        if (activity.at > done && activity.at <= as_of) subject.record(state, arena, activity, as_of);
      }
      done = as_of;
      const reference::Result expected = reference::score(subject.rules(), lead, history, as_of);
      ASSERT_EQ(difference_from(expected, subject.score(lead, &state, as_of), subject.rules()), "")
          << story(text, lead, history, as_of);
    }
  }
}

TEST(PropertyTime, WhatWaitsCountsWhenItsTimeComes) {
  Random random(23);
  for (int i = 0; i < 1500; ++i) {
    const std::string text = generate::ruleset(random);
    Subject subject(text);
    const Micros end = generate::some_as_of(random);
    const reference::Row lead = generate::lead(random, end, true);
    const auto history = generate::history(random, end, 60, true);
    ScratchArena arena, travelled;
    const Micros made = end - random.between(0, 30) * kDay;
    Engagement first = subject.engage(arena, history, made);
    const Engagement state = through_bytes(subject, first, arena, travelled);
    for (int k = 0; k < 4; ++k) {
      const Micros as_of = made + random.between(0, 40 * 24) * kHour;
      const reference::Result expected = reference::score(subject.rules(), lead, history, as_of);
      ASSERT_EQ(difference_from(expected, subject.score(lead, &state, as_of), subject.rules()), "")
          << "made " << format_instant(made) << "\n"
          << story(text, lead, history, as_of);
    }
  }
}

TEST(PropertyTime, BeforeTheNewestActivityIsAnError) {
  Random random(24);
  int tried = 0;
  for (int i = 0; i < 300; ++i) {
    Subject subject(generate::ruleset(random));
    const Micros as_of = generate::some_as_of(random);
    const reference::Row lead = generate::lead(random, as_of, true);
    const auto history = generate::history(random, as_of, 20, true);
    ScratchArena arena;
    const Engagement state = subject.engage(arena, history, as_of);
    Micros newest = kMinusInfinity;
    for (const reference::Activity& activity : history) {
      const bool counts = activity.kind && activity.kind->find_first_not_of(' ') != std::string::npos;
      if (counts && activity.at <= as_of) newest = std::max(newest, activity.at);
    }
    EXPECT_EQ(state.last_at, newest);
    if (newest == kMinusInfinity) continue;
    ++tried;
    EXPECT_NO_THROW(subject.score(lead, &state, newest));
    for (const Micros early : {newest - 1, newest - kDay}) {
      try {
        subject.score(lead, &state, early);
        ADD_FAILURE() << "no error";
      } catch (const Error& error) {
        EXPECT_STREQ(error.code(), sqlstate::kInvalidParameter);
        EXPECT_NE(error.hint().find("as_of"), std::string::npos);
      }
      EXPECT_THROW(subject.lines(lead, &state, early), Error);
      EXPECT_THROW(subject.next_change(lead, &state, early), Error);
    }
  }
  EXPECT_GT(tried, 150);
}

}  // namespace
}  // namespace leadscore
