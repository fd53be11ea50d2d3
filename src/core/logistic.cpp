#include "core/logistic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <Eigen/Dense>
#include <limits>

#include "core/error.hpp"

namespace leadscore {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::size_t kFolds = 5;
constexpr std::size_t kMostSteps = 100;
/// What leads have of a parameter is the same where it varies by no more than this: what is left of events
/// after two dozen half-lives tells nothing, and would take absurd points.
constexpr double kVaries = 1e-7;
/// Beyond these log odds a lead is as good as certain. One lead that is far off may be; a fit that has not
/// ended after so many steps, where Newton's method needs ten, and gets there, has no finite end.
constexpr double kCertain = 30;
constexpr std::size_t kEndless = 20;

/// How many leads of a pattern take part.
struct Counts {
  double positives = 0, negatives = 0;
};

/// What a fit works on: patterns with their weights, and the features in use.
struct Problem {
  const TrainingSet& leads;
  std::vector<std::size_t> patterns;
  std::vector<Counts> counts;        ///< by entry of `patterns`
  std::vector<double> deviations;    ///< by parameter: standard deviation; 0: not in use
  std::vector<std::int32_t> column;  ///< by parameter: its column; -1: not in use. Column 0 is the intercept
  std::size_t columns = 1;
};

/// log(1 + e^x) without overflow.
double log1p_exp(double x) noexcept { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

/// Calls `use(counts, cells)` for each pattern, cells being its columns and standardised values.
struct Cell {
  std::uint32_t column;
  double value;
};
template <class Use>
void each_pattern(const Problem& problem, const Use& use) {
  std::vector<Amount> amounts;
  std::vector<Cell> cells;
  // What is done with a pattern takes up to the square of its cells.
  constexpr std::size_t kStride = 1 << 22;
  std::size_t work = kStride;
  for (std::size_t i = 0; i < problem.patterns.size(); ++i) {
    if (work >= kStride) {
      checkpoint();
      work = 0;
    }
    const Counts& counts = problem.counts[i];
    if (counts.positives + counts.negatives == 0) continue;
    problem.leads.read(problem.patterns[i], amounts);
    cells.clear();
    cells.push_back({0, 1});
    for (const Amount& amount : amounts) {
      const std::int32_t column = problem.column[amount.parameter];
      if (column >= 0)
        cells.push_back(
            {static_cast<std::uint32_t>(column), amount.value / problem.deviations[amount.parameter]});
    }
    use(counts, cells);
    work += 64 + cells.size() * cells.size();
  }
}

/// Penalised log-likelihood at `beta`, its gradient and the negative of its second derivatives (lower half).
struct Expansion {
  double value = 0, log_likelihood = 0, largest = 0;  ///< largest: of all log odds, absolute
  VectorXd gradient;
  MatrixXd curvature;
};
void expand(const Problem& problem, const VectorXd& beta, double ridge, Expansion& out) {
  const auto n = static_cast<Eigen::Index>(problem.columns);
  out.log_likelihood = 0;
  out.largest = 0;
  out.gradient.setZero(n);
  out.curvature.setZero(n, n);
  each_pattern(problem, [&](const Counts& counts, const std::vector<Cell>& cells) {
    double odds = 0;
    for (const Cell& cell : cells) odds += beta[cell.column] * cell.value;
    out.largest = std::max(out.largest, std::abs(odds));
    const double leads = counts.positives + counts.negatives;
    const double probability = 1 / (1 + std::exp(-odds));
    out.log_likelihood -= counts.positives * log1p_exp(-odds) + counts.negatives * log1p_exp(odds);
    const double slope = counts.positives - leads * probability;
    const double weight = leads * probability * (1 - probability);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      out.gradient[cells[i].column] += slope * cells[i].value;
      const double part = weight * cells[i].value;
      for (std::size_t k = 0; k <= i; ++k)
        out.curvature(cells[i].column, cells[k].column) += part * cells[k].value;
    }
  });
  out.value = out.log_likelihood;
  for (Eigen::Index c = 1; c < n; ++c) {
    out.value -= ridge / 2 * beta[c] * beta[c];
    out.gradient[c] -= ridge * beta[c];
    out.curvature(c, c) += ridge;
  }
}

double log_likelihood(const Problem& problem, const VectorXd& beta) {
  double sum = 0;
  each_pattern(problem, [&](const Counts& counts, const std::vector<Cell>& cells) {
    double odds = 0;
    for (const Cell& cell : cells) odds += beta[cell.column] * cell.value;
    sum -= counts.positives * log1p_exp(-odds) + counts.negatives * log1p_exp(odds);
  });
  return sum;
}

/// Cholesky's factors, which are found in blocks; where rounding has left the matrix not quite positive,
/// those that bear it.
VectorXd newton_step(const MatrixXd& curvature, const VectorXd& gradient) {
  const Eigen::LLT<MatrixXd, Eigen::Lower> factors(curvature);
  if (factors.info() == Eigen::Success) return factors.solve(gradient);
  return Eigen::LDLT<MatrixXd, Eigen::Lower>(curvature).solve(gradient);
}

struct Maximum {
  VectorXd beta;
  double log_likelihood = 0;
  std::size_t steps = 0;
  bool is_finite = true;
};

/// From `beta` on. `ends_at`: the decrement, relative to the log-likelihood, at which it is done.
Maximum maximise(const Problem& problem, VectorXd beta, double ridge, double ends_at) {
  Maximum found;
  Expansion here, there;
  expand(problem, beta, ridge, here);
  while (found.steps < kMostSteps) {
    ++found.steps;
    const VectorXd step = newton_step(here.curvature, here.gradient);
    const double decrement = here.gradient.dot(step);
    if (!step.allFinite() || !std::isfinite(decrement)) {
      found.is_finite = false;
      break;
    }
    double length = 1;
    VectorXd next = beta + step;
    expand(problem, next, ridge, there);
    // Rounding may take away the last bits of what is gained.
    const double slack = 1e-12 * std::abs(here.value);
    while (!(there.value >= here.value - slack) && length > 1e-6) {
      length /= 2;
      next = beta + length * step;
      expand(problem, next, ridge, there);
    }
    beta = next;
    std::swap(here, there);
    if (ridge == 0 && here.largest > kCertain && found.steps >= kEndless) {
      found.is_finite = false;
      break;
    }
    if (decrement <= ends_at * (1 + std::abs(here.value))) break;
  }
  found.beta = std::move(beta);
  found.log_likelihood = here.log_likelihood;
  return found;
}

VectorXd start_of(const Problem& problem) {
  double positives = 0, negatives = 0;
  for (const Counts& counts : problem.counts) {
    positives += counts.positives;
    negatives += counts.negatives;
  }
  VectorXd beta = VectorXd::Zero(static_cast<Eigen::Index>(problem.columns));
  beta[0] = std::log((positives + 0.5) / (negatives + 0.5));
  return beta;
}

/// Standard deviations of what leads have, and which parameters vary at all.
void standardise(Problem& problem, std::size_t parameters, std::vector<LeftOut>& left_out) {
  std::vector<double> mean(parameters, 0), least(parameters, std::numeric_limits<double>::infinity()),
      most(parameters, -std::numeric_limits<double>::infinity()), seen(parameters, 0);
  double leads = 0;
  std::vector<Amount> amounts;
  for (std::size_t i = 0; i < problem.patterns.size(); ++i) {
    if (i % (1 << 16) == 0) checkpoint();
    problem.leads.read(problem.patterns[i], amounts);
    const double weight = problem.counts[i].positives + problem.counts[i].negatives;
    leads += weight;
    for (const Amount& amount : amounts) {
      mean[amount.parameter] += weight * amount.value;
      seen[amount.parameter] += weight;
      least[amount.parameter] = std::min(least[amount.parameter], amount.value);
      most[amount.parameter] = std::max(most[amount.parameter], amount.value);
    }
  }
  for (double& m : mean) m /= leads;
  std::vector<double> square(parameters, 0);
  for (std::size_t i = 0; i < problem.patterns.size(); ++i) {
    if (i % (1 << 16) == 0) checkpoint();
    problem.leads.read(problem.patterns[i], amounts);
    const double weight = problem.counts[i].positives + problem.counts[i].negatives;
    for (const Amount& amount : amounts) {
      const double off = amount.value - mean[amount.parameter];
      square[amount.parameter] += weight * off * off;
    }
  }
  problem.deviations.assign(parameters, 0);
  problem.column.assign(parameters, -1);
  for (std::size_t p = 0; p < parameters; ++p) {
    const bool varies = seen[p] > 0 && (seen[p] < leads || least[p] != most[p]);
    const double deviation = std::sqrt((square[p] + (leads - seen[p]) * mean[p] * mean[p]) / leads);
    if (!varies || !(deviation > kVaries) || !std::isfinite(deviation)) {
      left_out[p] = LeftOut::constant;
      continue;
    }
    problem.deviations[p] = deviation;
    problem.column[p] = static_cast<std::int32_t>(problem.columns++);
  }
}

/// Takes out of use what the parameters before it, and the intercept, say already: those whose variance they
/// explain but for a hundred-millionth.
void drop_collinear(Problem& problem, std::vector<LeftOut>& left_out) {
  constexpr double kExplained = 1e-8;
  const auto n = static_cast<Eigen::Index>(problem.columns);
  MatrixXd products = MatrixXd::Zero(n, n);
  each_pattern(problem, [&](const Counts& counts, const std::vector<Cell>& cells) {
    const double leads = counts.positives + counts.negatives;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      for (std::size_t k = 0; k <= i; ++k)
        products(cells[i].column, cells[k].column) += leads * cells[i].value * cells[k].value;
    }
  });
  // Cholesky's method column by column, which leaves out a column as soon as nothing is left of it. What is
  // left is measured against the variance, n for a standardised feature.
  const double leads = products(0, 0);
  MatrixXd factor = MatrixXd::Zero(n, n);
  std::vector<Eigen::Index> kept;
  std::vector<bool> dropped(problem.columns, false);
  for (Eigen::Index c = 0; c < n; ++c) {
    checkpoint();
    double left = products(c, c);
    for (const Eigen::Index k : kept) {
      double sum = products(c, k);
      for (const Eigen::Index m : kept) {
        if (m >= k) break;
        sum -= factor(c, m) * factor(k, m);
      }
      factor(c, k) = sum / factor(k, k);
      left -= factor(c, k) * factor(c, k);
    }
    if (left <= kExplained * leads) {
      dropped[static_cast<std::size_t>(c)] = true;
      continue;
    }
    factor(c, c) = std::sqrt(left);
    kept.push_back(c);
  }
  problem.columns = 1;
  for (std::size_t p = 0; p < problem.column.size(); ++p) {
    if (problem.column[p] < 0) continue;
    if (dropped[static_cast<std::size_t>(problem.column[p])]) {
      problem.column[p] = -1;
      left_out[p] = LeftOut::collinear;
    } else {
      problem.column[p] = static_cast<std::int32_t>(problem.columns++);
    }
  }
}

/// The counts of each pattern in one fold, and outside of it. Won and lost leads are dealt out in turn, so
/// that each fold has its share of both.
struct Fold {
  std::vector<Counts> inside, outside;
};
std::array<Fold, kFolds> deal(const Problem& problem) {
  std::array<Fold, kFolds> folds;
  std::uint64_t positives = 0, negatives = 0;
  const auto share = [](std::uint64_t before, double count, std::size_t fold) {
    const auto upto = [fold](std::uint64_t n) { return (n + kFolds - 1 - fold) / kFolds; };
    return static_cast<double>(upto(before + static_cast<std::uint64_t>(count)) - upto(before));
  };
  for (const Counts& counts : problem.counts) {
    for (std::size_t f = 0; f < kFolds; ++f) {
      const Counts inside{share(positives, counts.positives, f), share(negatives, counts.negatives, f)};
      folds[f].inside.push_back(inside);
      folds[f].outside.push_back({counts.positives - inside.positives, counts.negatives - inside.negatives});
    }
    positives += static_cast<std::uint64_t>(counts.positives);
    negatives += static_cast<std::uint64_t>(counts.negatives);
  }
  return folds;
}

/// One pattern in so many that no more than kCrossValidated remain.
Problem sample_of(const Problem& problem) {
  Problem sample = problem;
  const std::size_t step = (problem.patterns.size() + kCrossValidated - 1) / kCrossValidated;
  if (step <= 1) return sample;
  sample.patterns.clear();
  sample.counts.clear();
  for (std::size_t i = 0; i < problem.patterns.size(); i += step) {
    sample.patterns.push_back(problem.patterns[i]);
    sample.counts.push_back(problem.counts[i]);
  }
  return sample;
}

double cross_validated_ridge(const Problem& problem) {
  constexpr double kLoose = 1e-7;
  constexpr std::array<double, 13> grid{kSmallestRidge, 0.03, 0.1,   0.3, 1, 3, 10, 30, 100, 300,
                                        1000,           3000, 10'000};
  std::vector<double> score(grid.size(), 0);
  Problem sample = sample_of(problem);
  const std::array<Fold, kFolds> folds = deal(sample);
  for (const Fold& fold : folds) {
    sample.counts = fold.outside;
    VectorXd beta = start_of(sample);
    // From the strongest on: each solution is a good start for the next.
    for (std::size_t g = grid.size(); g-- > 0;) {
      sample.counts = fold.outside;
      beta = maximise(sample, std::move(beta), grid[g], kLoose).beta;
      sample.counts = fold.inside;
      score[g] += log_likelihood(sample, beta);
    }
  }
  std::size_t best = 0;
  for (std::size_t g = 1; g < grid.size(); ++g) {
    if (score[g] >= score[best]) best = g;
  }
  return grid[best];
}

}  // namespace

double LogisticFit::log_odds(std::span<const Amount> amounts) const noexcept {
  double odds = intercept;
  for (const Amount& amount : amounts) odds += coefficients[amount.parameter] * amount.value;
  return odds;
}

LogisticFit fit_logistic(const TrainingSet& leads, std::size_t parameters, std::optional<double> ridge) {
  constexpr double kTight = 1e-14;
  LogisticFit fit;
  fit.coefficients.assign(parameters, 0);
  fit.left_out.assign(parameters, LeftOut::no);
  Problem problem{leads, {}, {}, {}, {}, 1};
  for (std::size_t i = 0; i < leads.patterns(); ++i) {
    problem.patterns.push_back(i);
    problem.counts.push_back(
        {static_cast<double>(leads.positives(i)), static_cast<double>(leads.negatives(i))});
  }
  standardise(problem, parameters, fit.left_out);
  fit.ridge = ridge ? *ridge : cross_validated_ridge(problem);
  if (fit.ridge == 0) drop_collinear(problem, fit.left_out);
  Maximum found = maximise(problem, start_of(problem), fit.ridge, kTight);
  if (!found.is_finite && fit.ridge == 0) {
    fit.raised = true;
    fit.ridge = kSmallestRidge;
    found = maximise(problem, start_of(problem), fit.ridge, kTight);
  }
  fit.steps = found.steps;
  fit.log_likelihood = found.log_likelihood;
  fit.intercept = found.beta[0];
  for (std::size_t p = 0; p < parameters; ++p) {
    if (problem.column[p] >= 0) fit.coefficients[p] = found.beta[problem.column[p]] / problem.deviations[p];
  }
  return fit;
}

double intercept_for(const TrainingSet& leads, std::span<const double> totals, double slope) {
  const auto wanted = static_cast<double>(leads.positives());
  const auto expected = [&](double intercept) {
    checkpoint();
    double sum = 0;
    for (std::size_t i = 0; i < totals.size(); ++i)
      sum += static_cast<double>(leads.positives(i) + leads.negatives(i)) /
             (1 + std::exp(-(intercept + slope * totals[i])));
    return sum;
  };
  // More of the one, more of the other: halved until no double lies between. The mean of log odds is a start
  // from which doubling steps soon enclose it.
  const double start = std::log(wanted / static_cast<double>(leads.negatives()));
  double low = start, high = start;
  for (double step = 1; expected(low) > wanted; step *= 2) low -= step;
  for (double step = 1; expected(high) < wanted; step *= 2) high += step;
  for (;;) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return low;
    (expected(middle) < wanted ? low : high) = middle;
  }
}

}  // namespace leadscore
