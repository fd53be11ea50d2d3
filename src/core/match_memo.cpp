// Two ways, as a direct-mapped cache lets two frequent values that share a slot evict each other for ever.
#include "core/match_memo.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>

namespace leadscore {
namespace {

constexpr std::size_t kMostSlots = 1024, kFewestSlots = 16;
constexpr std::size_t kMostListed = 64;   // hits and atoms of a remembered outcome
constexpr std::uint32_t kPause = 65'536;  // looks until the next trial after a bad verdict

}  // namespace

void TextMemo::configure(std::size_t columns, std::size_t bytes) {
  columns_ = columns;
  const std::size_t slot_bytes = sizeof(Slot) + sizeof(Lists) + kLongestText +
                                 (columns > 1 ? columns * sizeof(double) : 0) +
                                 kMostListed * (sizeof(Match) + sizeof(std::uint32_t));
  wanted_ = kMostSlots;
  while (wanted_ * slot_bytes > bytes && wanted_ > 0) wanted_ /= 2;
  if (wanted_ < kFewestSlots) wanted_ = 0;
}

std::uint64_t TextMemo::hash_of(std::string_view text) noexcept {
  return XXH3_64bits(text.data(), text.size());
}

bool TextMemo::allocate() {
  if (wanted_ == 0) return false;
  if (columns_ > 1) sums_.resize(wanted_ * columns_);
  slots_.resize(wanted_);
  mask_ = wanted_ - 1;
  return true;
}

void TextMemo::miss(const Key& key, std::size_t first) noexcept {
  ++misses_;
  key_ = key;
  first_ = first;
  missed_ = true;
}

void TextMemo::judge() noexcept {
  // A hit saves several times what a miss adds.
  if (misses_ > kTrial - kTrial / 8) paused_ = kPause;
  looks_ = misses_ = 0;
}

void TextMemo::store(std::string_view text, const FieldOutcome& outcome) {
  if (!missed_) return;
  missed_ = false;
  if (outcome.hits.size() > kMostListed || outcome.atoms.size() > kMostListed) return;
  if (text.size() > kWhole) texts_.resize(slots_.size() * kLongestText);
  const bool listed = !outcome.hits.empty() || !outcome.atoms.empty();
  if (listed) lists_.resize(slots_.size());
  // Which way to give up is as good as random, so that there is no order of use to keep.
  const std::size_t other = first_ ^ 1;
  const bool second = slots_[first_].key.size != 0 && (slots_[other].key.size == 0 || (looks_ & 1) != 0);
  const std::size_t at = second ? other : first_;
  Slot& slot = slots_[at];
  slot.key.size = 0;  // in case a copy below throws
  slot.listed = listed;
  if (listed) {
    lists_[at].hits = outcome.hits;
    lists_[at].atoms = outcome.atoms;
  }
  if (columns_ > 1) {
    std::copy(outcome.sums.begin(), outcome.sums.end(),
              sums_.begin() + static_cast<std::ptrdiff_t>(at * columns_));
  } else if (columns_ == 1) {
    slot.sum = outcome.sums[0];
  }
  slot.value_class = outcome.value_class;
  slot.reads_as_instant = outcome.reads_as_instant;
  slot.instant = outcome.instant;
  if (text.size() > kWhole) std::memcpy(texts_.data() + at * kLongestText, text.data(), text.size());
  slot.key = key_;
}

}  // namespace leadscore
