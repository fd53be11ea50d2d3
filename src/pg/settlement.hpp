// A lead and its state on the way from what they were to what they become. Shared by settle(), of which
// statements are made, and the direct way.
#pragma once

#include "core/attribution.hpp"
#include "pg/engagement_object.hpp"
#include "pg/lead_side.hpp"

namespace leadscore {

/// Memory that is used again from lead to lead. Functions that say so may throw and don't longjmp; they are
/// for guarded().
struct Settlement {
  ScratchArena arena;
  EngagementWriter writer;
  Engagement before, now;
  bool has_state = false;
  Micros as_of = 0;
  LeadSide score, explained, explained_before;
  std::vector<std::string> moved;  ///< ids of the rules that moved most

  /// Makes `now` of the states that are given, in this order; none: has_state is false. May throw.
  void merge(const EngagementPlan& plan, const EngagementArgument* first, const EngagementArgument* second);
  /// Adds to `now` what a new activity does. May throw.
  void fold(const EngagementPlan& plan, const Effect& effect, Micros clock);
  /// Folds in what has come by `clock`, and settles on a time to score at: `clock`, or what the state has
  /// seen, if that is later. May throw.
  void choose_time(Micros clock);
  /// Scores `score`, and finds until when the tier stays: `known`, where that is easily seen. May throw.
  Micros evaluate(Micros known = kInfinity);
  /// Compares `explained` now with `explained_before` at that time, of which `state_before` is the state
  /// (nullptr rules: it was never scored). May throw.
  void find_moved(const Ruleset& rules, const CompiledRuleset* rules_before,
                  const EngagementArgument* state_before, Micros at_before);

  const Engagement* state() const noexcept { return has_state ? &now : nullptr; }
};

}  // namespace leadscore
