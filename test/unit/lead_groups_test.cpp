// Records of effects, and records brought together by lead, against a map.
#include "core/lead_groups.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>

#include "core/error.hpp"
#include "generate.hpp"

namespace leadscore {
namespace {

using generate::Random;

bool same(const Effect& a, const Effect& b) {
  return a.at == b.at && a.multiplier == b.multiplier && a.identity == b.identity && a.branch == b.branch &&
         a.tracker == b.tracker;
}

Effect some_effect(Random& random) {
  Effect effect;
  effect.at = static_cast<Micros>(random.below(UINT32_MAX)) * 1'000'003 - (Micros{1} << 50);
  if (random.chance(30)) effect.multiplier = static_cast<double>(random.below(1000)) / 7 - 50;
  if (random.chance(30)) effect.identity = random.below(UINT32_MAX) * std::uint64_t{0x9e3779b97f4a7c15};
  // The ends of what the short form can hold, among others.
  constexpr Micros kEnd = Micros{1} << 50;
  if (random.chance(5)) effect.at = random.pick(std::array{-kEnd - 1, -kEnd, kEnd - 1, kEnd});
  if (random.chance(30))
    effect.branch = random.chance(20) ? UINT32_MAX : static_cast<std::uint32_t>(random.below(5));
  effect.tracker = random.chance(10)  ? Effect::kNone
                   : random.chance(5) ? static_cast<std::uint32_t>(4094 + random.below(3))
                                      : static_cast<std::uint32_t>(random.below(30'000));
  return effect;
}

/// The same key each time for a number.
LeadKey some_key(std::size_t number, bool as_bytes, std::map<std::size_t, std::string>& texts) {
  if (!as_bytes) return {number * 3 - 7};
  std::string& text = texts[number];
  // Lengths around the words' ends, the empty text among them.
  if (number != 0 && text.empty()) text = std::to_string(number) + std::string(number % 19, '-');
  return key_of_bytes({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

TEST(LeadGroups, KeepEachLeadsEffectsInOrder) {
  Random random(31);
  LeadGroups groups;
  for (int round = 0; round < 60; ++round) {
    const bool as_bytes = random.chance(50);
    const std::size_t leads = 1 + random.below(round % 3 == 0 ? 4000 : 20);
    std::map<std::size_t, std::string> texts;
    std::map<std::size_t, std::vector<Effect>> expected;
    std::vector<std::vector<std::uint64_t>> blocks;
    const std::size_t count = random.below(5000);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t number = random.below(leads);
      const LeadKey key = some_key(number, as_bytes, texts);
      const Effect effect = some_effect(random);
      expected[number].push_back(effect);
      if (blocks.empty() || random.chance(1)) blocks.emplace_back();
      std::vector<std::uint64_t>& block = blocks.back();
      const std::size_t at = block.size(), words = EffectRecord::words(key, effect);
      // What is behind a record must not be written.
      block.resize(at + words + 1, 0x5555);
      EffectRecord::write(block.data() + at, key, effect);
      ASSERT_EQ(block.back(), 0x5555U);
      block.pop_back();
      ASSERT_EQ(EffectRecord(block.data() + at).words(), words);
    }
    groups.clear();
    for (const std::vector<std::uint64_t>& block : blocks) groups.add(block);
    groups.arrange();
    ASSERT_EQ(groups.size(), expected.size());
    std::map<std::pair<std::uint64_t, std::string>, std::size_t> number_of;
    for (const auto& entry : expected) {
      const LeadKey key = some_key(entry.first, as_bytes, texts);
      number_of[{key.tag, std::string(key.bytes.begin(), key.bytes.end())}] = entry.first;
    }
    for (std::size_t lead = 0; lead < groups.size(); ++lead) {
      const LeadKey key = groups.key(lead);
      const auto number = number_of.find({key.tag, std::string(key.bytes.begin(), key.bytes.end())});
      ASSERT_NE(number, number_of.end());
      const std::vector<Effect>& effects = expected[number->second];
      const auto records = groups.records(lead);
      ASSERT_EQ(records.size(), effects.size());
      for (std::size_t i = 0; i < effects.size(); ++i)
        ASSERT_TRUE(same(EffectRecord(records[i]).effect(), effects[i]))
            << "lead " << lead << ", effect " << i;
    }
  }
}

/// Keys with one tag are told apart by their bytes.
TEST(LeadGroups, TellKeysOfOneTagApart) {
  std::vector<std::uint64_t> words;
  const std::string texts[] = {"a", "", "a", "ab", ""};
  for (const std::string& text : texts) {
    const LeadKey key{42, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}};
    const std::size_t at = words.size();
    words.resize(at + EffectRecord::words(key, Effect{}));
    EffectRecord::write(words.data() + at, key, Effect{});
  }
  LeadGroups groups;
  groups.add(words);
  groups.arrange();
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups.records(0).size(), 2U);
  EXPECT_EQ(groups.records(1).size(), 2U);
  EXPECT_EQ(groups.records(2).size(), 1U);
  EXPECT_TRUE(groups.key(1).bytes.empty());
}

}  // namespace
}  // namespace leadscore
