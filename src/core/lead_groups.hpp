// Effects of many activities brought together lead by lead. What a lead's effects amount to depends on their
// order in its last bits: they keep that of arrival.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/effect_record.hpp"

namespace leadscore {

class LeadGroups {
 public:
  void clear() noexcept;
  /// Takes in whole records (EffectRecord), which must stay where they are. Throws Interrupted.
  void add(std::span<const std::uint64_t> records);
  /// To be called after the last add(). Throws Interrupted; all begins anew then, from clear() on.
  void arrange();

  /// Leads, in the order in which they came first.
  std::size_t size() const noexcept { return first_.size(); }
  LeadKey key(std::size_t lead) const noexcept { return EffectRecord(first_[lead]).key(); }
  /// The records of a lead, in the order of arrival.
  std::span<const std::uint64_t* const> records(std::size_t lead) const noexcept {
    const std::size_t begin = lead == 0 ? 0 : end_[lead - 1];
    return std::span(ordered_).subspan(begin, end_[lead] - begin);
  }

 private:
  static constexpr std::uint32_t kFree = UINT32_MAX;
  std::uint32_t lead_of(const std::uint64_t* record);
  void grow();

  /// Open addressing; a tag beside the lead spares a look at its record.
  struct Place {
    std::uint64_t tag;
    std::uint32_t lead;
  };
  std::vector<Place> places_;
  std::vector<const std::uint64_t*> first_;  ///< lead -> its first record
  std::vector<std::uint32_t> end_;           ///< lead -> end of its records in ordered_; before: their number
  std::vector<const std::uint64_t*> records_;  ///< in the order of arrival
  std::vector<std::uint32_t> lead_;            ///< record -> lead
  std::vector<const std::uint64_t*> ordered_;
};

}  // namespace leadscore
