// Logistic regression with a ridge: the points that tell won from lost.
//
// Maximised is Σ log-likelihood − ridge/2 · Σ (β_j · s_j)², where s_j is the standard deviation of feature j
// over the leads: features are standardised, the intercept is free. By Newton's method (iteratively
// reweighted least squares; McCullagh and Nelder, Generalized Linear Models, 1989), whose steps are halved
// where they lead too far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/training_set.hpp"

namespace leadscore {

/// Why a parameter was left out of a fit, with the coefficient 0.
enum class LeftOut : std::uint8_t {
  no,
  constant,   ///< every lead has the same of it
  collinear,  ///< it says what those before it say together; only without a ridge
};

struct LogisticFit {
  double intercept = 0;
  std::vector<double> coefficients;  ///< by parameter, of what a lead has (not standardised)
  std::vector<LeftOut> left_out;     ///< by parameter
  double ridge = 0;
  bool raised =
      false;  ///< the ridge asked for, 0, gave no finite solution: won and lost can be told apart perfectly
  double log_likelihood = 0;
  std::size_t steps = 0;

  /// Log odds of what a lead has.
  double log_odds(std::span<const Amount> amounts) const noexcept;
};

/// The smallest ridge that is ever chosen, and what is taken where 0 gives no finite solution.
inline constexpr double kSmallestRidge = 0.01;

/// Fits. `ridge`: 0 or more; nullopt: that of a grid from kSmallestRidge to 10,000 which has the smallest log
/// loss in five-fold cross-validation (over at most kCrossValidated patterns, taken evenly). The set has
/// positives and negatives and is finished. The same set gives the same fit, to the last bit. May be
/// interrupted.
LogisticFit fit_logistic(const TrainingSet& leads, std::size_t parameters, std::optional<double> ridge);

inline constexpr std::size_t kCrossValidated = 50'000;

/// The intercept with which log odds of intercept + slope × total give as many won leads as there are.
/// `totals` has one entry a pattern of the set; the set has positives and negatives, and totals and slope are
/// finite.
double intercept_for(const TrainingSet& leads, std::span<const double> totals, double slope);

}  // namespace leadscore
