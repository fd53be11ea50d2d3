// What an activity rule contributes at a time: the one place where counted events become points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/engagement.hpp"
#include "core/plan.hpp"

namespace leadscore {

/// A state laid out by tracker, for one evaluation.
class EngagementView {
 public:
  explicit EngagementView(const EngagementPlan& plan)
      : plan_(plan), first_(plan.trackers().size()), left_(plan.trackers().size()) {}

  /// Points the view at a state of the plan (nullptr: no activity). The state must outlive the view's use.
  void assign(const Engagement* state, EngagementWriter& writer);
  /// The cells of a tracker, ascending by slot; empty where it has seen nothing.
  std::span<const Cell> cells(std::uint32_t tracker) const noexcept { return first_[tracker]; }
  /// What is left at as_of of a cell of a tracker whose sums have this half-life (0: unfaded), of which `sum`
  /// counts: faded_sum(), but for leads whose scores are asked for as of one time the exponential function is
  /// called once.
  double left_of(std::uint32_t tracker, double sum, std::int64_t block, Micros half_life,
                 Micros as_of) const noexcept {
    if (half_life == 0) return sum;
    Left& left = left_[tracker];
    if (left.as_of != as_of || left.block != block) left = {as_of, block, part_left(block, half_life, as_of)};
    return sum * left.part;
  }
  /// The events of a tracker's list in counting order.
  std::span<const Event> events(std::uint32_t tracker) const;
  /// The latest event of a `latest` tracker, or kMinusInfinity.
  Micros latest(std::uint32_t tracker) const noexcept;
  /// Trackers that have seen an event, ascending.
  const std::vector<std::uint32_t>& present() const noexcept { return present_; }

 private:
  const EngagementPlan& plan_;
  std::vector<std::span<const Cell>> first_;
  std::vector<std::uint32_t> present_;
  struct Left {
    Micros as_of = kMinusInfinity;  ///< no time that is asked for
    std::int64_t block = 0;
    double part = 0;
  };
  mutable std::vector<Left> left_;  ///< by tracker: part_left() as computed last
  const Engagement* state_ = nullptr;
  EngagementWriter* writer_ = nullptr;
};

/// An activity rule, ready to be evaluated.
struct ActivityRule {
  const Rule* rule = nullptr;
  std::uint32_t tracker = 0;
  std::uint32_t first_slot = 0;       ///< of the tracker
  std::int32_t utc_offset = 0;        ///< minutes east of UTC: where a day begins
  std::vector<double> branch_points;  ///< by branch of the tracker; one entry for `points`
  /// Does it contribute where nothing has happened (a test that 0 passes, a band that 0 lies in, idling since
  /// a field)?
  bool always = false;
  Micros half_life = 0;  ///< of the tracker's sums; 0: unfaded
  /// Is it worth what is left of each sum times the branch's points, without any limit?
  bool plain_sums = false;
};

ActivityRule make_activity_rule(const Ruleset& rules, const Rule& rule, const EngagementPlan& plan,
                                std::uint32_t tracker);

/// What became of a rule, and for explanations what it counted.
struct Outcome {
  double points = 0;
  bool fired = false;
};
struct Tally {
  double counted = 0;        ///< events counted, or for `sum` …
  double sum = 0;            ///< … the sum
  double worth_unfaded = 0;  ///< per-event forms: points before fading
  Micros latest = kMinusInfinity;
  double unclamped = 0;    ///< points before max_points
  std::int64_t steps = 0;  ///< idle: how often `points` applied
};

/// The outcome at `as_of`, which is not before anything in the state. `since` is the instant of idle's field
/// (kMinusInfinity: none).
Outcome outcome_at(const ActivityRule& rule, const EngagementView& view, Micros as_of, Micros since,
                   Tally* tally = nullptr);

/// The same for a rule that is plain_sums: without a call, since nearly all of what leads have done is such.
inline Outcome plain_sums_outcome(const ActivityRule& rule, const EngagementView& view, Micros as_of) {
  Outcome out;
  for (const Cell& c : view.cells(rule.tracker)) {
    const double worth = rule.branch_points[c.slot - rule.first_slot];
    out.points += worth * view.left_of(rule.tracker, c.sum, c.block, rule.half_life, as_of);
    out.fired |= rule.rule->measure != Measure::map || worth != 0;
  }
  return out;
}

/// How many times idling applies after `idle_for` (a difference of instants): 0 before `after`, then 1, and
/// one more for each further full `every`.
std::int64_t idle_steps(const Idle& idle, Micros idle_for) noexcept;

/// keep(age) of a rule.
double keep_at(const Rule& rule, Micros age) noexcept;

}  // namespace leadscore
