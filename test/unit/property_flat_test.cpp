// A state that is folded in its flat form is, after each activity and to the last bit, the one that is
// unpacked, folded and encoded.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/flat_folder.hpp"
#include "property_subject.hpp"

namespace leadscore {
namespace {

using generate::Random;

/// How many folds were done, and how many left to the unpacked state.
struct Counts {
  int flat = 0, unpacked = 0;
};

/// May the folder leave this one to the unpacked state, which comes out as `expected`?
bool may_decline(const Bytes& before, std::span<const Effect> effects, const Bytes& expected, Micros now) {
  ScratchArena arena;
  return effects.front().at > now || effects.size() > FlatFolder::kMostEffects ||
         before.size() > FlatFolder::kMostBytes || expected.size() > FlatFolder::kMostBytes ||
         (!before.empty() && decode(before, arena).pending_size != 0);
}

void fold_history(Subject& subject, const std::vector<reference::Activity>& history, Micros now,
                  const std::string& story, Counts& counts) {
  FlatFolder folder;
  Bytes flat, made(FlatFolder::kRoom);
  for (std::size_t i = 0; i < history.size(); ++i) {
    ScratchArena arena;
    Engagement unpacked = subject.engage(arena, std::span(history).first(i + 1), now);
    const Bytes expected = subject.encoded(unpacked, arena);
    const std::span<const Effect> effects = subject.effects(history[i]);
    if (effects.empty()) continue;
    std::size_t size = 0;
    if (folder.prepare(subject.plan(), effects, now)) size = folder.fold(flat, made.data());
    if (size == 0) {
      ASSERT_TRUE(may_decline(flat, effects, expected, now)) << "activity " << i << '\n' << story;
      ++counts.unpacked;
      flat = expected;
      continue;
    }
    ++counts.flat;
    flat.assign(made.begin(), made.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_EQ(flat, expected) << "activity " << i << '\n' << story;
  }
}

TEST(PropertyFlat, FoldsAsTheUnpackedStateDoes) {
  Random random(16);
  Counts counts;
  for (int i = 0; i < 1500; ++i) {
    const bool jsonb = random.chance(50);
    const std::string text = generate::ruleset(random);
    Subject subject(text, jsonb);
    const Micros as_of = generate::some_as_of(random);
    const std::vector<reference::Activity> history = generate::history(random, as_of, 25, jsonb);
    // Some activities wait.
    const Micros now = random.chance(70) ? kEndOfTime : as_of - 2 * kDay;
    fold_history(subject, history, now, story(text, {}, history, as_of), counts);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(counts.flat, 4 * counts.unpacked);
}

TEST(PropertyFlat, DamagedBytesAreErrorsOrOtherStates) {
  Random random(17);
  Bytes made(FlatFolder::kRoom);
  for (int i = 0; i < 200; ++i) {
    Subject subject(generate::ruleset(random));
    const Micros as_of = generate::some_as_of(random);
    const std::vector<reference::Activity> history = generate::history(random, as_of, 20, true);
    ScratchArena arena;
    Engagement state = subject.engage(arena, history, kEndOfTime);
    const Bytes bytes = subject.encoded(state, arena);
    FlatFolder folder;
    for (const reference::Activity& activity : history) {
      const std::span<const Effect> effects = subject.effects(activity);
      if (effects.empty() || !folder.prepare(subject.plan(), effects, kEndOfTime)) continue;
      for (int k = 0; k < 20; ++k) {
        Bytes damaged = bytes;
        damaged[random.below(damaged.size())] ^= static_cast<std::uint8_t>(1U << random.below(8));
        if (random.chance(20)) damaged.resize(1 + random.below(damaged.size()));
        try {
          EXPECT_LE(folder.fold(damaged, made.data()), FlatFolder::kMostBytes);
        } catch (const Error& error) {
          EXPECT_STREQ(error.code(), sqlstate::kInvalidBinary) << error.what();
        }
      }
    }
  }
}

}  // namespace
}  // namespace leadscore
