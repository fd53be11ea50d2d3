// Two ways, as a direct-mapped cache lets two frequent values that share a slot evict each other for ever.
#include "core/match_memo.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

namespace leadscore {
namespace {

constexpr std::size_t kMostSlots = 1024, kFewestSlots = 16;
constexpr std::size_t kMostListed = 64;           // hits and atoms of a remembered outcome
constexpr std::uint32_t kTrial = 1024;            // looks between two verdicts
constexpr std::uint32_t kPause = 64 * kTrial;     // looks until the next trial after a bad verdict

}  // namespace

void TextMemo::configure(std::size_t columns, std::size_t bytes) {
  const std::size_t slot_bytes =
      sizeof(Slot) + columns * sizeof(double) + kMostListed * (sizeof(Match) + sizeof(std::uint32_t));
  wanted_ = kMostSlots;
  while (wanted_ * slot_bytes > bytes && wanted_ > 0) wanted_ /= 2;
  if (wanted_ < kFewestSlots) wanted_ = 0;
}

void TextMemo::count(bool hit) noexcept {
  hits_ += hit ? 1 : 0;
  if (++looks_ < kTrial) return;
  // A hit saves several times what a miss adds.
  if (hits_ < kTrial / 8) paused_ = kPause;
  looks_ = hits_ = 0;
}

const FieldOutcome* TextMemo::find(std::string_view text) {
  missed_ = false;
  if (paused_ > 0) {
    --paused_;
    return nullptr;
  }
  if (wanted_ == 0 || text.size() > kLongestText) return nullptr;
  if (slots_.empty()) slots_.resize(wanted_);
  hash_ = XXH3_64bits(text.data(), text.size());
  for (std::size_t way = 0; way < 2; ++way) {
    const Slot& slot = slots_[(hash_ & (slots_.size() - 1)) ^ way];
    if (slot.hash == hash_ && slot.size == text.size() && std::memcmp(slot.text, text.data(), text.size()) == 0) {
      count(true);
      return &slot.outcome;
    }
  }
  count(false);
  missed_ = true;
  return nullptr;
}

void TextMemo::store(std::string_view text, const FieldOutcome& outcome) {
  if (!missed_ || outcome.hits.size() > kMostListed || outcome.atoms.size() > kMostListed) return;
  const std::size_t first = hash_ & (slots_.size() - 1);
  // The hash's top bit chooses which way to give up: as good as random, and no state to keep.
  const bool second = slots_[first].size != 0 && (slots_[first ^ 1].size == 0 || hash_ >> 63 != 0);
  Slot& slot = slots_[first ^ (second ? 1 : 0)];
  slot.size = 0;  // in case a copy below throws
  slot.outcome = outcome;
  slot.hash = hash_;
  std::memcpy(slot.text, text.data(), text.size());
  slot.size = static_cast<std::uint32_t>(text.size());
}

}  // namespace leadscore
