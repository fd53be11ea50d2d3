// Measures of a score that are tables: lift, calibration, the ROC curve. As in measures.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/outcomes.hpp"

namespace leadscore {

/// More buckets than that are no table.
inline constexpr std::int64_t kMostBuckets = 10'000;
/// More points than that make a value that is hard to hold.
inline constexpr std::size_t kMostCurvePoints = 1'000'000;

/// Throws the Error (22023) for a number of buckets out of range.
void check_buckets(std::int64_t buckets, const char* measure);

/// The bucket of rows that have `before` others before them of `total` in all, the first being 0: rows of one
/// score stay together, where their middle lies.
std::size_t bucket_of(std::uint64_t before, std::uint64_t rows, std::uint64_t total,
                      std::int64_t buckets) noexcept;

/// Some of the rows with neighbouring scores.
struct Bucket {
  std::int32_t number = 0;  ///< from 1; those that nothing falls into are left out
  double lowest = 0, highest = 0;
  std::uint64_t positives = 0, negatives = 0;
  std::uint64_t rows() const noexcept { return positives + negatives; }
};

struct LiftBucket : Bucket {
  double rate = 0;             ///< share of positives
  std::optional<double> lift;  ///< that by the share of positives in all; empty where there is no positive
  // Of this bucket and those before.
  double share = 0;            ///< of all rows
  std::optional<double> gain;  ///< of all positives
  std::optional<double> total_lift;
};
/// About equally large buckets, highest scores first.
std::vector<LiftBucket> lift_table(const ScoreCounts& counts, std::int64_t buckets);

struct CalibrationBucket : Bucket {
  double predicted = 0;      ///< mean probability
  double observed = 0;       ///< share of positives
  double low = 0, high = 0;  ///< Wilson's interval (1927) of the latter, at 95 %
};
/// About equally large buckets, lowest probabilities first.
std::vector<CalibrationBucket> calibration_table(const ScoreCounts& counts, std::int64_t buckets);

struct CurvePoint {
  std::optional<double> threshold;  ///< scores of at least that; empty: none
  std::uint64_t true_positives = 0, false_positives = 0;
  double true_positive_rate = 0, false_positive_rate = 0;
  std::optional<double> precision;
};
/// From (0, 0) to (1, 1), a point for each distinct score. Empty without a positive or a negative. Throws
/// Error (54000) beyond kMostCurvePoints.
std::vector<CurvePoint> roc_curve(const ScoreCounts& counts);

}  // namespace leadscore
