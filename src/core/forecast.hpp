// Bounds of what a rule contributes over a span of time, if nothing new happens: what next_change is made of.
#pragma once

#include "core/contribution.hpp"

namespace leadscore {

/// Closed bounds of a value over a closed span of time; lo == hi where it cannot change.
struct Range {
  double lo = 0, hi = 0;
};

/// Bounds of an Outcome: `may` it fire at some time of the span, `must` it at every one.
struct OutcomeRange {
  Range points;
  bool may = false, must = false;
};

/// The bounds of outcome_at over [from, to], for a state with nothing pending until `to`. Sound: every
/// outcome lies within. Exact where from == to.
OutcomeRange outcome_between(const ActivityRule& rule, const EngagementView& view, Micros from, Micros to,
                             Micros since);

}  // namespace leadscore
