// Linear probing over 32-bit numbers; hashes are kept beside the texts, so that growing does not read texts
// again.
#include "core/match_text_table.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>

namespace leadscore {

std::size_t TextTable::slot_of(std::string_view text, std::uint64_t hash) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  for (;; slot = (slot + 1) & mask) {
    if (slots_[slot] == 0) return slot;
    const Entry& entry = entries_[slots_[slot] - 1];
    if (entry.hash == hash && entry.size == text.size() &&
        std::memcmp(texts_.data() + entry.offset, text.data(), text.size()) == 0) {
      return slot;
    }
  }
}

std::uint32_t TextTable::add(std::string_view text) {
  if (slots_.size() < 2 * (entries_.size() + 1)) {
    std::vector<std::uint32_t> larger(std::max<std::size_t>(16, slots_.size() * 2), 0);
    for (std::uint32_t number = 0; number < entries_.size(); ++number) {
      std::size_t slot = entries_[number].hash & (larger.size() - 1);
      while (larger[slot] != 0) slot = (slot + 1) & (larger.size() - 1);
      larger[slot] = number + 1;
    }
    slots_.swap(larger);
  }
  const std::uint64_t hash = XXH3_64bits(text.data(), text.size());
  const std::size_t slot = slot_of(text, hash);
  if (slots_[slot] == 0) {
    entries_.push_back({hash, texts_.size(), static_cast<std::uint32_t>(text.size())});
    texts_.append(text);
    longest_ = std::max(longest_, text.size());
    slots_[slot] = size();
  }
  return slots_[slot] - 1;
}

std::uint32_t TextTable::find(std::string_view text) const noexcept {
  if (entries_.empty() || text.size() > longest_) return kNone;
  const std::uint32_t found = slots_[slot_of(text, XXH3_64bits(text.data(), text.size()))];
  return found == 0 ? kNone : found - 1;
}

void NumberLists::build(std::uint32_t keys) {
  std::sort(pairs_.begin(), pairs_.end());
  pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
  offsets_.assign(keys + 1, 0);
  numbers_.reserve(pairs_.size());
  for (const Pair& pair : pairs_) {
    ++offsets_[pair.key + 1];
    numbers_.push_back(pair.number);
  }
  for (std::uint32_t key = 0; key < keys; ++key) offsets_[key + 1] += offsets_[key];
  pairs_ = {};
}

}  // namespace leadscore
