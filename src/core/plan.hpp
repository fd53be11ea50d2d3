// What a rule set needs to remember of a lead's activities: trackers, the slots of a state that they fill,
// and the fingerprint by which a state knows the rule set it was made for. Independent of row types and of
// what anything is worth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/engagement.hpp"
#include "core/ruleset.hpp"

namespace leadscore {

/// One thing to remember. Rules that select, measure and keep the same share a tracker.
struct Tracker {
  Cell::Type type = Cell::Type::latest;
  // What is selected. Pointers into the Ruleset.
  const KindSet* on = nullptr;
  const KindSet* except = nullptr;
  const Condition* where = nullptr;  ///< nullptr: every activity of the kinds
  const Rule* branching =
      nullptr;  ///< a rule with `cases` or `map` tells the branches apart; nullptr: one branch
  // What is measured and kept.
  const std::string* multiplier = nullptr;  ///< field of multiply_by or sum
  const std::string* distinct = nullptr;
  Micros half_life = 0;  ///< of a sum; 0: unfaded
  ListSpec list;
  std::uint32_t first_slot = 0;
  std::uint32_t slots = 1;  ///< a sum has one for each branch
  std::string signature;
};

/// What one activity does to one tracker. Small, so that many can wait to be folded lead by lead.
struct Effect {
  static constexpr std::uint32_t kNone = UINT32_MAX;
  Micros at = 0;
  double multiplier = 1;
  std::uint64_t identity = 0;  ///< hash of the `distinct` field
  std::uint32_t branch = 0;
  std::uint32_t tracker = kNone;  ///< index; kNone: the activity only moves last_at
};

/// Where the events of map rules go: entries in order of their folded value, then `else`, then `missing`.
std::uint32_t map_branches(const Rule& rule) noexcept;

class EngagementPlan {
 public:
  /// `rules` must outlive the plan.
  explicit EngagementPlan(const Ruleset& rules);

  std::uint64_t fingerprint() const noexcept { return fingerprint_; }
  const std::vector<Tracker>& trackers() const noexcept { return trackers_; }
  std::uint32_t slots() const noexcept { return static_cast<std::uint32_t>(slot_tracker_.size()); }
  /// Index of the tracker that fills the slot.
  std::uint32_t tracker_of_slot(std::uint32_t slot) const noexcept { return slot_tracker_[slot]; }
  /// Index of the tracker of a rule about activities, or of a dimension's idle.
  std::uint32_t tracker_of_rule(std::size_t dimension, std::size_t rule) const noexcept {
    return rule_tracker_[dimension][rule];
  }
  std::uint32_t tracker_of_idle(std::size_t dimension) const noexcept { return idle_tracker_[dimension]; }

  /// The slot that an effect on a tracker fills.
  std::uint32_t slot_of(const Effect& effect) const noexcept {
    const Tracker& t = trackers_[effect.tracker];
    return t.first_slot + (t.type == Cell::Type::sum ? effect.branch : 0);
  }

  /// Folds one effect of an activity into a state of this plan. After `now` it waits in the state.
  void fold(EngagementWriter& writer, Engagement& state, Arena& arena, const Effect& effect,
            Micros now) const;

  /// Throws Error: 55000 where the state was made for another rule set, 22P03 where its cells are not such as
  /// this plan writes.
  void check_fits(const Engagement& state) const;

 private:
  const Ruleset& rules_;
  std::vector<Tracker> trackers_;
  std::vector<std::uint32_t> slot_tracker_;
  std::vector<std::vector<std::uint32_t>> rule_tracker_;
  std::vector<std::uint32_t> idle_tracker_;
  std::uint64_t fingerprint_ = 0;
};

/// The number of counted events from which a test's answer stays the same: what a count must be able to tell.
std::int64_t needed_count(const Rule& rule) noexcept;

/// The events that a per-event or `sum` rule counts at most: its max_events, where it keeps events the
/// default, else none.
std::optional<std::int64_t> event_limit(const Rule& rule) noexcept;

/// Does the rule's form keep events rather than sums?
bool keeps_events(const Rule& rule) noexcept;

/// A text that is equal for two conditions exactly where they ask the same, whatever the order of members and
/// list entries. Built-in lists count by content.
std::string signature(const Condition& condition, Accents accents);

}  // namespace leadscore
