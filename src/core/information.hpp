// What a column tells of an outcome, and how far a column has moved: weight of evidence and information
// value, and the population stability index, which are one formula over two distributions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/categories.hpp"
#include "core/outcomes.hpp"

namespace leadscore {

struct WoeLevel : CategoryLevel {
  /// ln(share of all positives / share of all negatives). Empty where there is no positive, or no negative
  /// at all.
  std::optional<double> woe;
  std::optional<double> iv;  ///< what it adds to the information value
  /// The level has only positives or only negatives, and counts as if it had half a row more of each.
  bool adjusted = false;
};

/// The levels in the order of `counts`, and the information value: the sum over all levels of the difference
/// of shares times the weight of evidence (Kullback's divergence both ways).
struct WoeTable {
  std::vector<WoeLevel> levels;
  std::optional<double> iv;
};
WoeTable woe_table(const CategoryCounts& counts);

/// The population stability index between the negatives, which were expected, and the positives, which came:
/// the sum over all bins of the difference of shares times the logarithm of their ratio, as the information
/// value of the bins. Bins are about equally large buckets of what was expected, their bounds the highest
/// values in each; rows without a value are a bin of their own. Empty where either has no row. Throws Error
/// (22023) for NaN.
std::optional<double> psi(const ScoreCounts& counts, std::int64_t buckets);
/// The same of categories.
std::optional<double> psi(const CategoryCounts& counts);
/// The same of bins that are counted already, in their order: what either of the above gives for the rows
/// that were counted. Throws Error (22023) where the numbers of bins differ, or a count is below 0.
std::optional<double> psi(std::span<const std::int64_t> expected, std::span<const std::int64_t> actual);

/// The bins that psi makes of what was expected, the negatives: the highest value in each, ascending, and how
/// many there are. Throws as psi does.
struct Bins {
  std::vector<double> bounds;
  std::vector<std::int64_t> counts;
};
Bins psi_bins(const ScoreCounts& counts, std::int64_t buckets);

}  // namespace leadscore
