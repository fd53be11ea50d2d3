// An effect of an activity together with the key of its lead, packed into words of 64 bits: what waits, in
// memory or on disk, until the effects on a lead are together. Two words where a key fits into one and the
// effect is no more than that something was done.
#pragma once

#include <bit>
#include <cstring>
#include <span>

#include "core/plan.hpp"

namespace leadscore {

/// A lead's key: a number, which is all of `tag`, or bytes, maybe none, of which the tag is a hash.
struct LeadKey {
  std::uint64_t tag = 0;
  std::span<const std::uint8_t> bytes = {};
  bool is_number() const noexcept { return bytes.data() == nullptr; }
};
inline bool operator==(const LeadKey& a, const LeadKey& b) noexcept {
  return a.tag == b.tag && a.bytes.size() == b.bytes.size() &&
         (a.bytes.empty() || std::memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) == 0);
}

/// The key of these bytes.
LeadKey key_of_bytes(std::span<const std::uint8_t> bytes) noexcept;

/// Spreads tags, which may be small numbers, over all 64 bits (the finalizer of MurmurHash3).
inline std::uint64_t spread(std::uint64_t tag) noexcept {
  tag = (tag ^ (tag >> 33)) * 0xff51afd7ed558ccdU;
  tag = (tag ^ (tag >> 33)) * 0xc4ceb9fe1a85ec53U;
  return tag ^ (tag >> 33);
}

/// Where a record lies. The short form is two words: time, tracker and a bit; the tag. The long form: what it
/// has, the tracker, the branch; the tag; the time; and, as the first word says, the multiplier, the
/// identity, the length of the key and its bytes.
class EffectRecord {
 public:
  explicit EffectRecord(const std::uint64_t* at) noexcept : at_(at) {}

  /// How many words write() takes.
  static std::size_t words(const LeadKey& key, const Effect& effect) noexcept {
    if (is_short(key, effect)) return kShortWords;
    return 3U + (effect.multiplier != 1) + (effect.identity != 0) +
           (key.is_number() ? 0 : 1 + words_of(key.bytes.size()));
  }
  static void write(std::uint64_t* to, const LeadKey& key, const Effect& effect) noexcept {
    if (is_short(key, effect)) {
      to[0] = kShort | std::uint64_t{effect.tracker & kNoShortTracker} << 1 |
              static_cast<std::uint64_t>(effect.at + kShortTime) << kShortTimeShift;
      to[1] = key.tag;
      return;
    }
    const bool multiplier = effect.multiplier != 1, identity = effect.identity != 0, bytes = !key.is_number();
    *to++ = (multiplier ? kMultiplier : 0U) | (identity ? kIdentity : 0U) | (bytes ? kBytes : 0U) |
            std::uint64_t{effect.tracker & kNoTracker} << kTrackerShift |
            std::uint64_t{effect.branch} << kBranchShift;
    *to++ = key.tag;
    *to++ = static_cast<std::uint64_t>(effect.at);
    if (multiplier) *to++ = std::bit_cast<std::uint64_t>(effect.multiplier);
    if (identity) *to++ = effect.identity;
    if (!bytes) return;
    *to++ = key.bytes.size();
    if (key.bytes.empty()) return;
    to[words_of(key.bytes.size()) - 1] = 0;
    std::memcpy(to, key.bytes.data(), key.bytes.size());
  }

  std::size_t words() const noexcept {
    if ((at_[0] & kShort) != 0) return kShortWords;
    return head_words() + ((at_[0] & kBytes) != 0 ? words_of(at_[head_words() - 1]) : 0);
  }
  std::uint64_t tag() const noexcept { return at_[1]; }
  LeadKey key() const noexcept {
    if ((at_[0] & kShort) != 0 || (at_[0] & kBytes) == 0) return {at_[1]};
    const std::size_t head = head_words();
    return {at_[1], {reinterpret_cast<const std::uint8_t*>(at_ + head), at_[head - 1]}};
  }
  Effect effect() const noexcept {
    Effect made;
    if ((at_[0] & kShort) != 0) {
      made.at = static_cast<Micros>(at_[0] >> kShortTimeShift) - kShortTime;
      const auto tracker = static_cast<std::uint32_t>(at_[0] >> 1) & kNoShortTracker;
      made.tracker = tracker == kNoShortTracker ? Effect::kNone : tracker;
      return made;
    }
    const std::uint64_t* more = at_ + 3;
    made.at = static_cast<Micros>(at_[2]);
    if ((at_[0] & kMultiplier) != 0) made.multiplier = std::bit_cast<double>(*more++);
    if ((at_[0] & kIdentity) != 0) made.identity = *more;
    made.branch = static_cast<std::uint32_t>(at_[0] >> kBranchShift);
    const auto tracker = static_cast<std::uint32_t>(at_[0] >> kTrackerShift) & kNoTracker;
    made.tracker = tracker == kNoTracker ? Effect::kNone : tracker;
    return made;
  }

 private:
  static constexpr std::uint64_t kShort = 1, kMultiplier = 2, kIdentity = 4, kBytes = 8;
  static constexpr int kTrackerShift = 4, kBranchShift = 32;
  /// Far more trackers than a rule set has bytes.
  static constexpr std::uint32_t kNoTracker = (1U << (kBranchShift - kTrackerShift)) - 1;

  static constexpr std::size_t kShortWords = 2;
  static constexpr int kShortTimeShift = 13;
  static constexpr std::uint32_t kNoShortTracker = (1U << (kShortTimeShift - 1)) - 1;
  static constexpr Micros kShortTime = Micros{1}
                                       << (63 - kShortTimeShift);  ///< 35 years before 2000 and after

  static bool is_short(const LeadKey& key, const Effect& effect) noexcept {
    return effect.multiplier == 1 && effect.identity == 0 && effect.branch == 0 && key.is_number() &&
           (effect.tracker < kNoShortTracker || effect.tracker == Effect::kNone) &&
           effect.at >= -kShortTime && effect.at < kShortTime;
  }
  static std::size_t words_of(std::size_t bytes) noexcept {
    return (bytes + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);
  }
  std::size_t head_words() const noexcept {
    return 3U + ((at_[0] & kMultiplier) != 0) + ((at_[0] & kIdentity) != 0) + ((at_[0] & kBytes) != 0);
  }

  const std::uint64_t* at_;
};

}  // namespace leadscore
