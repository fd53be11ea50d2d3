// What a rule contributes over a span of time, if nothing new happens: bounds that prove something, and
// guesses of where to look. What next_change is made of.
#pragma once

#include <cmath>
#include <vector>

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

/// Points that fade by a half-life: after t microseconds, points * exp(-rate * t) are left.
struct Fading {
  double points, rate;
  bool certain;  ///< part of a rule's outcome for ever; else it is a guess that it stays so
};
/// Adds what of outcome_at at this time fades by a half-life, as far as that is easily told. Of one rule all
/// is certain, or nothing.
void add_fading(const ActivityRule& rule, const EngagementView& view, Micros at, std::vector<Fading>& parts);

/// A sum of points, positive ones, that fade over a span: what it is at the ends, how fast it falls there,
/// and the least and greatest of the rates.
struct FadingSum {
  double from = 0, to = 0, falls_from = 0, falls_to = 0, least = INFINITY, greatest = 0;
  /// The amount of `part`; `width`: of the span, in microseconds.
  void add(const Fading& part, double width);
};
/// Bounds of gains - losses over the span; but for rounding.
Range difference_between(const FadingSum& gains, const FadingSum& losses, double width);

/// The first instant in (from, to) at which the outcome may jump, as far as that is easily told; kInfinity
/// where it does not within the span. A guess.
Micros next_jump(const ActivityRule& rule, const EngagementView& view, Micros from, Micros to, Micros since);

}  // namespace leadscore
