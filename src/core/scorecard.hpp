// From a fit to a rule set: whole points, the bounds of tiers, and how a total becomes a probability. The
// rule set stays the one that was written, with its order, ids, labels and notes; only numbers change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "core/learn_options.hpp"
#include "core/logistic.hpp"
#include "core/parameters.hpp"
#include "core/ruleset.hpp"
#include "core/training_set.hpp"

namespace leadscore {

/// How many leads reached each bound that the rule set as written states: learned points move the bounds so
/// that as many reach them again.
class Reach {
 public:
  /// A bound of a tier's total (`dimension` none), of a dimension in a tier, or of a grade.
  struct Bound {
    enum class Of : std::uint8_t { tier, tier_dimension, grade } of;
    std::size_t holder = 0;     ///< tier, or the grade's dimension
    std::size_t entry = 0;      ///< of the tier's `dimensions`, or the grade
    std::size_t dimension = 0;  ///< whose value is compared; for `tier` the total
    double at = 0;
    std::uint64_t reached = 0;  ///< leads
  };

  explicit Reach(const Ruleset& rules);
  /// Adds a lead, as the rule set as written scores it.
  void add(const Evaluation& lead);
  const std::vector<Bound>& bounds() const noexcept { return bounds_; }

 private:
  std::vector<Bound> bounds_;
};

/// What a fit's note tells of leads that took no part.
struct PassedOver {
  std::uint64_t without_outcome = 0;
  std::uint64_t disqualified = 0;
};

/// The fitted rule set as JSON. `written` is the rule set that `rules` was read from and `parameters` made
/// of.
///
/// Points are the coefficients times a factor, whole where a lead has at most one of them, with as many
/// decimals as needed for half a point's accuracy where it may have more. Limits that a fit can't see go: of
/// groups, of dimensions, the range unless the scale gives one; idling of a dimension keeps all (so that
/// states stay as they are). A rule "base" holds what every lead has. `probability` is fitted to the totals
/// that these points give. Throws Error (22023) where points would be too large.
Json scorecard(const Json& written, const Ruleset& rules, const Parameters& parameters,
               const TrainingSet& leads, const LogisticFit& fit, const Reach& reach, const Scale& scale,
               const PassedOver& passed_over);

}  // namespace leadscore
