// What a lead's activities amount to: a small state that can be merged in any order and any partition.
//
// A state is a sorted array of cells. A cell belongs to a slot of the EngagementPlan that made it and is one
// of:
//  - sum:    how much was done, and how much of it is left after fading. Faded exponentially as forward decay
//            (Cormode, Shkapenyuk, Srivastava, Xu: "Forward Decay", ICDE 2009): an event at t weighs 2^((t −
//            L)/H) against a landmark L, here the start of a block of 64 half-lives, so that moving to a
//            later landmark is an exact scaling by a power of two;
//  - latest: the time of the latest event;
//  - list:   the newest events themselves, as far as the rule set can ever ask for them (ListSpec).
// Activities later than the time of aggregation wait in `pending`.
//
// The state explains itself: merging needs no rule set. Everything it points to lives in one Arena, it has no
// destructor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/arena.hpp"
#include "core/clock.hpp"

namespace leadscore {

/// An event that a list keeps.
struct Event {
  Micros at = 0;
  double multiplier = 1;       ///< of multiply_by, or the field that is summed; 1 where the list keeps none
  std::uint64_t identity = 0;  ///< hash of the `distinct` field; 0 where NULL or not kept
  std::uint32_t branch = 0;    ///< the case or map entry
  bool operator==(const Event&) const = default;
};

/// Which of two events counts first: the newer; at the same instant the larger absolute multiplier, then the
/// earlier case. The rest only makes the order strict, so that what is kept does not depend on arrival.
bool counts_before(const Event& a, const Event& b) noexcept;

/// What a list keeps, and so how two of them merge.
struct ListSpec {
  std::uint32_t keep = 0;       ///< at most so many events, the newest
  std::uint32_t per_day = 0;    ///< of each day only so many, the newest; 0: no limit
  std::int32_t utc_offset = 0;  ///< minutes east of UTC: where a day begins; 0 where per_day is 0
  Micros horizon = 0;        ///< events so much older than the newest activity are never asked for; 0: none
  bool multipliers = false;  ///< events carry a multiplier
  bool identities = false;   ///< of events of one identity only the first that counts is kept
  bool branches = false;     ///< events carry a branch
  bool operator==(const ListSpec&) const = default;
};

/// Sorts by counts_before and drops what the spec need not keep, given the newest activity's time. Exact
/// under merging: prune(prune(A) + prune(B)) == prune(A + B).
void prune(std::vector<Event>& events, const ListSpec& spec, Micros last_at);

/// Events of a list, packed in words: at, then multiplier, identity and branch as far as the spec has them.
struct EventList {
  ListSpec spec;
  std::uint64_t* words = nullptr;
  std::uint32_t size = 0, capacity = 0;  ///< in events
  std::uint32_t stride() const noexcept { return 1U + spec.multipliers + spec.identities + spec.branches; }
};

struct Cell {
  enum class Type : std::uint8_t { sum, latest, list };
  std::uint32_t slot = 0;
  std::uint32_t count = 0;  ///< events folded in, saturating; sum and latest only
  Type type = Type::sum;
  union {
    std::int64_t block;  ///< sum: number of the 64-half-life block that the landmark begins; 0 unfaded
    Micros latest;       ///< latest
  };
  union {
    double sum;       ///< sum: Σ multiplier × 2^((t − L)/H), unfaded Σ multiplier
    EventList* list;  ///< list
  };
  Cell() noexcept : block(0), sum(0) {}
};

/// The slot of a pending activity that no rule counts: it only moves last_at.
inline constexpr std::uint32_t kNoSlot = 0xffff'ffff;

/// Multipliers and summed fields are held to ±1e100, so that no sum leaves a double's range.
inline constexpr double kLargestMultiplier = 1e100;
/// What a sum is held to, and beyond which no state is read: more than 2^32 events at the end of a block, of
/// kLargestMultiplier each, amount to.
inline constexpr double kLargestSum = 1e130;

/// An activity's effect on one slot that has not come yet.
struct Pending {
  Micros at = 0;
  std::uint32_t slot = 0;
  Cell::Type type = Cell::Type::sum;
  std::int64_t block = 0;  ///< sum
  Event event;             ///< list: the event; sum: multiplier is the weight × multiplier
  ListSpec spec;           ///< list
};

/// Half-lives in a block: 2^64 stays far inside a double's range, and blocks change seldom.
inline constexpr int kBlockHalfLives = 64;

struct Engagement {
  std::uint64_t fingerprint = 0;  ///< of the EngagementPlan
  Micros last_at =
      kMinusInfinity;     ///< time of the newest activity folded in, whether or not a rule counts it
  Cell* cells = nullptr;  ///< ascending by slot
  std::uint32_t size = 0, capacity = 0;
  Pending* pending = nullptr;  ///< in no order; all later than last_at once encoded or merged
  std::uint32_t pending_size = 0, pending_capacity = 0;

  const Cell* find(std::uint32_t slot) const noexcept;
};

/// The unfaded or faded weight of an event at `at`: its block and 2^((at − L)/H). half_life 0: {0, 1}.
struct Weight {
  std::int64_t block;
  double weight;
};
Weight weight_at(Micros at, Micros half_life) noexcept;
/// The block that an earlier event lay in.
struct KnownBlock {
  Micros half_life = 0;  ///< 0: none is known
  Micros start = 0;
  std::int64_t block = 0;
};
/// The same weight, without a division where the event lies in that block; else the event's takes its place.
Weight weight_at(Micros at, Micros half_life, KnownBlock& known) noexcept;
/// Its block alone.
std::int64_t block_at(Micros at, Micros half_life) noexcept;

/// The part of a sum's weights in a block that is left at as_of. half_life is not 0.
double part_left(std::int64_t block, Micros half_life, Micros as_of) noexcept;
/// What is left at as_of of a sum with this half-life (0: unfaded). as_of is not before the newest event.
double faded_sum(double sum, std::int64_t block, Micros half_life, Micros as_of) noexcept;

/// What events add to a cell of the type.
void add_to_sum(Cell& cell, std::int64_t block, double weight, std::uint32_t count = 1) noexcept;
void add_to_latest(Cell& cell, Micros at, std::uint32_t count = 1) noexcept;

/// Changes a state. Holds scratch space; one serves any number of states.
class EngagementWriter {
 public:
  void add_sum(Engagement& state, Arena& arena, std::uint32_t slot, std::int64_t block, double weight,
               std::uint32_t count = 1);
  void add_latest(Engagement& state, Arena& arena, std::uint32_t slot, Micros at, std::uint32_t count = 1);
  void add_event(Engagement& state, Arena& arena, std::uint32_t slot, const ListSpec& spec,
                 const Event& event);
  void add_pending(Engagement& state, Arena& arena, const Pending& pending);

  /// Adds what `from` holds; the two describe disjoint sets of activities. `from` is copied, not adopted, and
  /// may live in another arena. Throws Error (55000) where they were made for different rule sets.
  void merge(Engagement& into, Arena& arena, const Engagement& from);

  /// Folds in what was pending and has come by `as_of`.
  void fold_pending(Engagement& state, Arena& arena, Micros as_of);

  /// Brings every list to its canonical form and drops lists that are left empty, so that equal histories
  /// give equal bytes (but for the last bits of sums).
  void compact(Engagement& state);

  /// The events of a list in canonical order. Valid until the next call.
  const std::vector<Event>& events(const EventList& list, Micros last_at);

 private:
  Cell& cell(Engagement& state, Arena& arena, std::uint32_t slot, Cell::Type type);
  void compact_list(EventList& list, Micros last_at);
  void append(EventList& list, Arena& arena, const Event& event, Micros last_at);
  std::vector<Event> scratch_;
};

/// Event `i` of a list.
Event event_at(const EventList& list, std::uint32_t i) noexcept;

}  // namespace leadscore
