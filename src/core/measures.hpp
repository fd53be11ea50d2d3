// Measures of how well a score tells positive from negative outcomes, and a probability what will be. Pure
// functions of what Outcomes collected. All throw Error (22023) where a score is NaN, where a probability is
// none, and for arguments out of range; empty: there are not the rows that the measure needs.
#pragma once

#include <optional>

#include "core/outcomes.hpp"

namespace leadscore {

/// Throws the Error for scores that are NaN; `measure` is its name in SQL.
void check_numbers(const ScoreCounts& counts, const char* measure);
/// The same, and for scores outside of 0 to 1.
void check_probabilities(const ScoreCounts& counts, const char* measure);
/// The point that a standard normal variable stays below and above its negative of with this probability.
/// Of one that is greater than 0 and less than 1.
double normal_bound(double probability) noexcept;

/// The area under the ROC curve: how probably a positive has a higher score than a negative, a tie counting
/// one half (Mann and Whitney 1947; Hanley and McNeil 1982). Empty without a positive or a negative.
std::optional<double> auc(const ScoreCounts& counts);

struct AucInterval {
  std::optional<double> auc;
  /// Empty with fewer than two positives or negatives, whose spread nobody knows.
  std::optional<double> low, high, standard_error;
};
/// The same with its confidence interval by the variance of DeLong, DeLong and Clarke-Pearson (1988),
/// computed from ranks as Sun and Xu (2014) do; cut off at 0 and 1.
AucInterval auc_interval(const ScoreCounts& counts, double level);

/// The mean of the precision at each score's threshold, weighted by the recall that it adds. Rows of equal
/// score come in together; nothing is interpolated. Empty without a positive.
std::optional<double> average_precision(const ScoreCounts& counts);

/// The mean of −ln of the probability given to what came. Infinite where that was 0. Empty without a row.
std::optional<double> log_loss(const ScoreCounts& counts);

/// The mean squared difference of probability and outcome (Brier 1950). Empty without a row.
std::optional<double> brier(const ScoreCounts& counts);

/// The greatest difference between the distributions of positives' and negatives' scores (Kolmogorov and
/// Smirnov). Empty without a positive or a negative.
std::optional<double> ks(const ScoreCounts& counts);

/// How much more frequent positives are in the given fraction of rows with the highest scores than in all.
/// Rows of equal score count in part where not all of them belong to it. Empty without a positive.
std::optional<double> lift(const ScoreCounts& counts, double fraction);

}  // namespace leadscore
