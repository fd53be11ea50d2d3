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
  /// Of one activity.
  static constexpr std::size_t kMostEffects = 32;
  /// What fold() needs room for, which is more than it leaves.
  static constexpr std::size_t kRoom = 8192;

  /// Notes what an activity does, as far as that can be said without the state, whose memory may still be on
  /// its way. False where it has to wait, or does too much for the flat form. `plan` and `effects` must stay
  /// until fold().
  bool prepare(const EngagementPlan& plan, std::span<const Effect> effects, Micros now);

  /// Folds that into a state of `size` bytes where it lies, in memory of `room` bytes; the new size, or 0,
  /// and nothing is done, where that is for fold(): the state does not consist of sums alone, say. 0 bytes:
  /// no activity so far.
  std::size_t fold_in_place(std::uint8_t* state, std::size_t size, std::size_t room) noexcept;

  /// Folds that into `state` (empty: no activity so far), as plan.fold() would into the unpacked state. The
  /// new state goes to `out`, which is not `state`; its size, or 0 where this is none for the flat form: it
  /// is large, has something waiting or is of another plan. Throws Error (22P03) for bytes that are no state,
  /// and Interrupted.
  std::size_t fold(std::span<const std::uint8_t> state, std::uint8_t* out);

 private:
  struct Step {
    const Effect* effect;
    const Tracker* tracker;
    std::uint32_t slot;
    Weight weight;
  };
  class Pass;
  static void add(Cell& sum, const Step& step) noexcept;
  std::vector<Step> steps_;
  std::vector<Event> events_;
  std::vector<KnownBlock> known_blocks_;  ///< by tracker
  std::uint64_t fingerprint_ = 0;
  Micros at_ = 0;
};

}  // namespace leadscore
