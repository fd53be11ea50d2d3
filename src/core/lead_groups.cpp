// Two passes: which lead is each record of, and how many has it; then each record to its place.
#include "core/lead_groups.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/error.hpp"

namespace leadscore {
namespace {

constexpr std::size_t kFirstPlaces = 1024;
constexpr std::size_t kCheckEvery = 1 << 16;  ///< records

}  // namespace

LeadKey key_of_bytes(std::span<const std::uint8_t> bytes) noexcept {
  return {XXH3_64bits(bytes.data(), bytes.size()), bytes};
}

void LeadGroups::clear() noexcept {
  places_.assign(places_.size(), Place{0, kFree});
  first_.clear();
  end_.clear();
  records_.clear();
  lead_.clear();
}

void LeadGroups::grow() {
  std::vector<Place> wider(places_.empty() ? kFirstPlaces : places_.size() * 2, Place{0, kFree});
  const std::size_t mask = wider.size() - 1;
  for (const Place& place : places_) {
    if (place.lead == kFree) continue;
    std::size_t at = spread(place.tag) & mask;
    while (wider[at].lead != kFree) at = (at + 1) & mask;
    wider[at] = place;
  }
  places_.swap(wider);
}

std::uint32_t LeadGroups::lead_of(const std::uint64_t* record) {
  // Half of the places are free.
  if (first_.size() * 2 >= places_.size()) grow();
  const LeadKey key = EffectRecord(record).key();
  const std::size_t mask = places_.size() - 1;
  std::size_t at = spread(key.tag) & mask;
  for (; places_[at].lead != kFree; at = (at + 1) & mask) {
    if (places_[at].tag != key.tag) continue;
    if (key.is_number() || EffectRecord(first_[places_[at].lead]).key() == key) return places_[at].lead;
  }
  const auto lead = static_cast<std::uint32_t>(first_.size());
  places_[at] = {key.tag, lead};
  first_.push_back(record);
  end_.push_back(0);
  return lead;
}

void LeadGroups::add(std::span<const std::uint64_t> records) {
  const std::uint64_t* const end = records.data() + records.size();
  for (const std::uint64_t* at = records.data(); at < end; at += EffectRecord(at).words()) {
    if (records_.size() % kCheckEvery == 0) checkpoint();
    const std::uint32_t lead = lead_of(at);
    ++end_[lead];
    lead_.push_back(lead);
    records_.push_back(at);
  }
}

void LeadGroups::arrange() {
  std::uint32_t begin = 0;
  for (std::uint32_t& number : end_) {
    const std::uint32_t count = number;
    number = begin;
    begin += count;
  }
  ordered_.resize(records_.size());
  for (std::size_t i = 0; i < records_.size(); ++i) {
    if (i % kCheckEvery == 0) checkpoint();
    ordered_[end_[lead_[i]]++] = records_[i];
  }
}

}  // namespace leadscore
