// A state that is folded in its flat form is, after each activity and to the last bit, the one that is
// unpacked, folded and encoded.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/flat_folder.hpp"
#include "property_subject.hpp"

namespace leadscore {
namespace {

using generate::Random;

/// How many folds were done, how many of them in place and in how many of these the state grew, and how many
/// were left to the unpacked state.
struct Counts {
  int flat = 0, unpacked = 0, in_place = 0, grown = 0;
};

/// Folds what is prepared in place, if that is done: the state then is `expected` and has not left its room;
/// else it is as it was.
void fold_in_place(FlatFolder& folder, const Bytes& before, const Bytes& expected, std::size_t room,
                   Counts& counts) {
  constexpr std::uint8_t kBeyond = 0xa5;
  Bytes memory = before;
  memory.resize(std::max(before.size(), room) + FlatFolder::kMostBytes, kBeyond);
  const Bytes untouched = memory;
  const std::size_t size = folder.fold_in_place(memory.data(), before.size(), room);
  if (size == 0) {
    ASSERT_EQ(memory, untouched);
    return;
  }
  ++counts.in_place;
  ASSERT_LE(size, std::max(before.size(), room));
  ASSERT_EQ(Bytes(memory.begin(), memory.begin() + static_cast<std::ptrdiff_t>(size)), expected);
  for (std::size_t i = std::max(before.size(), room); i < memory.size(); ++i) ASSERT_EQ(memory[i], kBeyond);
  if (!before.empty() && size > before.size()) ++counts.grown;
}

/// May the folder leave this one to the unpacked state, which comes out as `expected`?
bool may_decline(const Bytes& before, std::span<const Effect> effects, const Bytes& expected, Micros now) {
  ScratchArena arena;
  return effects.front().at > now || effects.size() > FlatFolder::kMostEffects ||
         before.size() > FlatFolder::kMostBytes || expected.size() > FlatFolder::kMostBytes ||
         (!before.empty() && decode(before, arena).pending_size != 0);
}

void fold_history(Subject& subject, Random& random, const std::vector<reference::Activity>& history,
                  Micros now, const std::string& story, Counts& counts) {
  FlatFolder folder;
  Bytes flat, made(FlatFolder::kRoom);
  for (std::size_t i = 0; i < history.size(); ++i) {
    ScratchArena arena;
    Engagement unpacked = subject.engage(arena, std::span(history).first(i + 1), now);
    const Bytes expected = subject.encoded(unpacked, arena);
    const std::span<const Effect> effects = subject.effects(history[i]);
    if (effects.empty()) continue;
    std::size_t size = 0;
    if (folder.prepare(subject.plan(), effects, now)) {
      fold_in_place(folder, flat, expected, random.below(256), counts);
      if (::testing::Test::HasFatalFailure()) FAIL() << "in place, activity " << i << '\n' << story;
      size = folder.fold(flat, made.data());
    }
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
    fold_history(subject, random, history, now, story(text, {}, history, as_of), counts);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(counts.flat, 4 * counts.unpacked);
}

/// Rule sets of sums alone, with half-lives from a day to a year, so that cells are met, grow, move on to
/// later blocks and come between others.
TEST(PropertyFlat, FoldsSumsInPlace) {
  Random random(18);
  Counts counts;
  for (int i = 0; i < 300; ++i) {
    const std::size_t kinds = 1 + random.below(40);
    std::string rules;
    std::vector<std::string> names;
    for (std::size_t k = 0; k < kinds; ++k) {
      names.push_back("kind_" + std::to_string(random.below(1000)));
      rules +=
          (k == 0 ? "" : ",") + std::string(R"({"id": "r)") + std::to_string(k) + R"(", "on": ")" +
          names.back() + R"(", "points": 1)" +
          (random.chance(90) ? R"(, "half_life": ")" + std::to_string(1 + random.below(365)) + R"( days")"
                             : "") +
          "}";
    }
    const std::string text = R"({"dimensions": [{"name": "d", "rules": [)" + rules + "]}]}";
    Subject subject(text, true);
    std::vector<reference::Activity> history;
    for (std::size_t n = random.below(60); n > 0; --n) {
      reference::Activity& activity = history.emplace_back();
      activity.kind = names[random.below(names.size())];
      activity.at = static_cast<Micros>(random.below(20'000)) * kDay - 100 * kDay + static_cast<Micros>(n);
    }
    fold_history(subject, random, history, kEndOfTime, text, counts);
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(counts.unpacked, 0);
  EXPECT_GT(counts.in_place, counts.flat / 4);
  EXPECT_GT(counts.grown, counts.flat / 20);
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
        Bytes memory = damaged;
        memory.resize(memory.size() + 64);
        EXPECT_LE(folder.fold_in_place(memory.data(), damaged.size(), memory.size()), memory.size());
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
