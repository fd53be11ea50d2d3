// Measures of a score that are one number. Counts are combined as integers, which no rounding touches.
#include "core/measures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/compensated_sum.hpp"
#include "core/error.hpp"
#include "core/json.hpp"

namespace leadscore {
namespace {

using Wide = unsigned __int128;

/// The loops are a few nanoseconds a level.
void checkpoint_at(std::size_t level) {
  if (level % (1 << 16) == 0) checkpoint();
}

double real(std::uint64_t count) noexcept { return static_cast<double>(count); }

double squared(double x) noexcept { return x * x; }

/// A number for a message.
std::string shown(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return format_number(value);
}

}  // namespace

void check_numbers(const ScoreCounts& counts, const char* measure) {
  if (counts.not_numbers == 0) return;
  throw Error(sqlstate::kInvalidParameter,
              std::string(measure) + " was given NaN in " + std::to_string(counts.not_numbers) +
                  (counts.not_numbers == 1 ? " row" : " rows"),
              "Leave them out, in an aggregate with FILTER (WHERE ... <> 'NaN').");
}

void check_probabilities(const ScoreCounts& counts, const char* measure) {
  check_numbers(counts, measure);
  if (counts.levels.empty()) return;
  const double lowest = counts.levels.front().score, highest = counts.levels.back().score;
  if (lowest >= 0 && highest <= 1) return;
  throw Error(sqlstate::kInvalidParameter,
              std::string(measure) + " was given " + shown(lowest < 0 ? lowest : highest) +
                  ", which is no probability",
              "Probabilities are from 0 to 1. auc, average_precision, ks and lift take any score.");
}

double normal_bound(double probability) noexcept {
  // Newton's way from 0 towards the root of a function that is convex there: it never oversteps.
  const double wanted = (1 - probability) / 2;
  double z = 0;
  for (int i = 0; i < 2000; ++i) {
    const double beyond = std::erfc(z / std::sqrt(2.0)) / 2;
    const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::acos(-1.0));
    const double next = z + (beyond - wanted) / density;
    if (!(next > z)) break;
    z = next;
  }
  return z;
}

std::optional<double> auc(const ScoreCounts& counts) {
  check_numbers(counts, "auc");
  if (counts.positives == 0 || counts.negatives == 0) return {};
  Wide doubled = 0;  // twice the number of pairs in the right order
  Wide below = 0;    // negatives
  std::size_t number = 0;
  for (const ScoreLevel& level : counts.levels) {
    checkpoint_at(number++);
    doubled += level.positives * (2 * below + level.negatives);
    below += level.negatives;
  }
  return static_cast<double>(doubled) / static_cast<double>(2 * Wide{counts.positives} * counts.negatives);
}

AucInterval auc_interval(const ScoreCounts& counts, double level) {
  check_numbers(counts, "auc_ci");
  if (!(level > 0 && level < 1)) {
    throw Error(sqlstate::kInvalidParameter,
                "level of auc_ci must be greater than 0 and less than 1, not " + shown(level));
  }
  AucInterval made;
  made.auc = auc(counts);
  if (!made.auc || counts.positives < 2 || counts.negatives < 2) return made;
  // DeLong's structural components: for each positive the share of negatives below it, for each negative the
  // share of positives above it, ties counting one half. Sun and Xu get them as differences of midranks
  // among all and among one's own kind, which in sorted counts are what has been passed so far.
  const double center = *made.auc, positives = real(counts.positives), negatives = real(counts.negatives);
  CompensatedSum over_positives, over_negatives;
  std::uint64_t negatives_below = 0, positives_below = 0;
  std::size_t number = 0;
  for (const ScoreLevel& at : counts.levels) {
    checkpoint_at(number++);
    const double below = real(2 * negatives_below + at.negatives) / (2 * negatives);
    const double above =
        real(2 * (counts.positives - positives_below - at.positives) + at.positives) / (2 * positives);
    over_positives.add(real(at.positives) * squared(below - center));
    over_negatives.add(real(at.negatives) * squared(above - center));
    negatives_below += at.negatives;
    positives_below += at.positives;
  }
  const double variance = over_positives.value() / (positives - 1) / positives +
                          over_negatives.value() / (negatives - 1) / negatives;
  made.standard_error = std::sqrt(variance);
  const double reach = normal_bound(level) * *made.standard_error;
  made.low = std::max(center - reach, 0.0);
  made.high = std::min(center + reach, 1.0);
  return made;
}

std::optional<double> average_precision(const ScoreCounts& counts) {
  check_numbers(counts, "average_precision");
  if (counts.positives == 0) return {};
  CompensatedSum sum;
  std::uint64_t found = 0, rows = 0;
  for (std::size_t i = counts.levels.size(); i-- > 0;) {
    checkpoint_at(i);
    const ScoreLevel& level = counts.levels[i];
    found += level.positives;
    rows += level.rows();
    if (level.positives != 0) sum.add(real(level.positives) * (real(found) / real(rows)));
  }
  return sum.value() / real(counts.positives);
}

std::optional<double> log_loss(const ScoreCounts& counts) {
  check_probabilities(counts, "log_loss");
  if (counts.rows() == 0) return {};
  if ((counts.levels.front().score == 0 && counts.levels.front().positives != 0) ||
      (counts.levels.back().score == 1 && counts.levels.back().negatives != 0)) {
    return std::numeric_limits<double>::infinity();
  }
  CompensatedSum sum;
  std::size_t number = 0;
  for (const ScoreLevel& level : counts.levels) {
    checkpoint_at(number++);
    if (level.positives != 0) sum.add(-real(level.positives) * std::log(level.score));
    if (level.negatives != 0) sum.add(-real(level.negatives) * std::log1p(-level.score));
  }
  return sum.value() / real(counts.rows()) + 0.0;
}

std::optional<double> brier(const ScoreCounts& counts) {
  check_probabilities(counts, "brier");
  if (counts.rows() == 0) return {};
  CompensatedSum sum;
  std::size_t number = 0;
  for (const ScoreLevel& level : counts.levels) {
    checkpoint_at(number++);
    sum.add(real(level.positives) * squared(1 - level.score));
    sum.add(real(level.negatives) * squared(level.score));
  }
  return sum.value() / real(counts.rows());
}

std::optional<double> ks(const ScoreCounts& counts) {
  check_numbers(counts, "ks");
  if (counts.positives == 0 || counts.negatives == 0) return {};
  Wide greatest = 0, positives = 0, negatives = 0;
  std::size_t number = 0;
  for (const ScoreLevel& level : counts.levels) {
    checkpoint_at(number++);
    positives += level.positives;
    negatives += level.negatives;
    const Wide a = positives * counts.negatives, b = negatives * counts.positives;
    greatest = std::max(greatest, a > b ? a - b : b - a);
  }
  return static_cast<double>(greatest) / static_cast<double>(Wide{counts.positives} * counts.negatives);
}

std::optional<double> lift(const ScoreCounts& counts, double fraction) {
  check_numbers(counts, "lift");
  if (!(fraction > 0 && fraction <= 1)) {
    throw Error(sqlstate::kInvalidParameter,
                "fraction of lift must be greater than 0 and at most 1, not " + shown(fraction));
  }
  if (counts.positives == 0) return {};
  double left = fraction * real(counts.rows());
  std::uint64_t found = 0;
  for (std::size_t i = counts.levels.size(); i-- > 0;) {
    checkpoint_at(i);
    const ScoreLevel& level = counts.levels[i];
    const double rows = real(level.rows());
    if (left < rows) {
      // The share of both is multiplied by the rows of this level: where one score is all there is, the same
      // numbers stand above and below.
      return (real(found) * rows + real(level.positives) * left) /
             (real(counts.positives) * (fraction * rows));
    }
    found += level.positives;
    left -= rows;
  }
  return real(found) / real(counts.positives) / fraction;
}

}  // namespace leadscore
