// Folding activities into a state as it lies in bytes. Of a million leads most have a few activities each:
// what they cost is memory, and the flat form is a quarter of the unpacked one. It stays canonical at each
// step, so whoever holds it may stop at any time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/plan.hpp"

namespace leadscore {

class FlatFolder {
 public:
  /// A larger state is better unpacked: each fold reads and writes it all.
  static constexpr std::size_t kMostBytes = 512;
  /// What fold() needs room for, which is more than it leaves.
  static constexpr std::size_t kRoom = 8192;

  /// Folds all that one activity does into `state` (empty: no activity so far), as plan.fold() would into the
  /// unpacked state. The new state goes to `out`; its size, or 0 where this is none for the flat form: an
  /// activity that has to wait, a large state, one of another plan. `out` is not `state`. Throws Error
  /// (22P03) for bytes that are no state, and Interrupted.
  std::size_t fold(const EngagementPlan& plan, std::span<const std::uint8_t> state,
                   std::span<const Effect> effects, Micros now, std::uint8_t* out);

 private:
  class Pass;
  std::vector<Event> events_;
};

}  // namespace leadscore
