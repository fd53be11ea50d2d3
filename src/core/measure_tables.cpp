// Buckets of scores, and the ROC curve.
#include "core/measure_tables.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/compensated_sum.hpp"
#include "core/error.hpp"
#include "core/measures.hpp"

namespace leadscore {
namespace {

double ratio(std::uint64_t part, std::uint64_t whole) noexcept {
  return static_cast<double>(part) / static_cast<double>(whole);
}

void checkpoint_at(std::size_t level) {
  if (level % (1 << 16) == 0) checkpoint();
}

/// Wilson's interval of a share.
void interval(CalibrationBucket& bucket, double z) noexcept {
  const double n = static_cast<double>(bucket.rows()), p = bucket.observed, zz = z * z;
  const double middle = (p + zz / (2 * n)) / (1 + zz / n);
  const double reach = z / (1 + zz / n) * std::sqrt(p * (1 - p) / n + zz / (4 * n * n));
  // At shares of 0 and 1 the bound is just there, which rounding need not meet.
  bucket.low = bucket.positives == 0 ? 0 : middle - reach;
  bucket.high = bucket.negatives == 0 ? 1 : middle + reach;
}

}  // namespace

void check_buckets(std::int64_t buckets, const char* measure) {
  if (buckets >= 1 && buckets <= kMostBuckets) return;
  throw Error(sqlstate::kInvalidParameter, std::string("buckets of ") + measure + " must be from 1 to " +
                                               std::to_string(kMostBuckets) + ", not " +
                                               std::to_string(buckets));
}

std::size_t bucket_of(std::uint64_t before, std::uint64_t rows, std::uint64_t total,
                      std::int64_t buckets) noexcept {
  using Wide = unsigned __int128;
  return static_cast<std::size_t>((2 * Wide{before} + rows) * static_cast<std::uint64_t>(buckets) /
                                  (2 * Wide{total}));
}

std::vector<LiftBucket> lift_table(const ScoreCounts& counts, std::int64_t buckets) {
  check_numbers(counts, "lift_table");
  check_buckets(buckets, "lift_table");
  std::vector<LiftBucket> made;
  std::uint64_t before = 0;
  for (std::size_t i = counts.levels.size(); i-- > 0;) {
    checkpoint_at(i);
    const ScoreLevel& level = counts.levels[i];
    const auto number =
        static_cast<std::int32_t>(bucket_of(before, level.rows(), counts.rows(), buckets) + 1);
    if (made.empty() || made.back().number != number) {
      made.emplace_back();
      made.back().number = number;
      made.back().highest = level.score;
    }
    LiftBucket& bucket = made.back();
    bucket.lowest = level.score;
    bucket.positives += level.positives;
    bucket.negatives += level.negatives;
    before += level.rows();
  }
  std::uint64_t rows = 0, positives = 0;
  for (LiftBucket& bucket : made) {
    rows += bucket.rows();
    positives += bucket.positives;
    bucket.rate = ratio(bucket.positives, bucket.rows());
    bucket.share = ratio(rows, counts.rows());
    if (counts.positives == 0) continue;
    bucket.lift = bucket.rate / ratio(counts.positives, counts.rows());
    bucket.gain = ratio(positives, counts.positives);
    bucket.total_lift = *bucket.gain / bucket.share;
  }
  return made;
}

std::vector<CalibrationBucket> calibration_table(const ScoreCounts& counts, std::int64_t buckets) {
  check_probabilities(counts, "calibration_table");
  check_buckets(buckets, "calibration_table");
  std::vector<CalibrationBucket> made;
  CompensatedSum probabilities;
  std::uint64_t before = 0;
  const auto close = [&] {
    if (made.empty()) return;
    CalibrationBucket& bucket = made.back();
    bucket.predicted = probabilities.value() / static_cast<double>(bucket.rows());
    bucket.observed = ratio(bucket.positives, bucket.rows());
    interval(bucket, normal_bound(0.95));
    probabilities = {};
  };
  std::size_t i = 0;
  for (const ScoreLevel& level : counts.levels) {
    checkpoint_at(i++);
    const auto number =
        static_cast<std::int32_t>(bucket_of(before, level.rows(), counts.rows(), buckets) + 1);
    if (made.empty() || made.back().number != number) {
      close();
      made.emplace_back();
      made.back().number = number;
      made.back().lowest = level.score;
    }
    CalibrationBucket& bucket = made.back();
    bucket.highest = level.score;
    bucket.positives += level.positives;
    bucket.negatives += level.negatives;
    probabilities.add(static_cast<double>(level.rows()) * level.score);
    before += level.rows();
  }
  close();
  return made;
}

std::vector<CurvePoint> roc_curve(const ScoreCounts& counts) {
  check_numbers(counts, "roc_curve");
  std::vector<CurvePoint> made;
  if (counts.positives == 0 || counts.negatives == 0) return made;
  if (counts.levels.size() > kMostCurvePoints) {
    throw Error(sqlstate::kLimitExceeded,
                "roc_curve was given " + std::to_string(counts.levels.size()) +
                    " distinct scores, of which it takes " + std::to_string(kMostCurvePoints),
                "Round the scores. auc is exact for any number.");
  }
  made.reserve(counts.levels.size() + 1);
  made.emplace_back();
  for (std::size_t i = counts.levels.size(); i-- > 0;) {
    checkpoint_at(i);
    const ScoreLevel& level = counts.levels[i];
    CurvePoint point = made.back();
    point.threshold = level.score;
    point.true_positives += level.positives;
    point.false_positives += level.negatives;
    point.true_positive_rate = ratio(point.true_positives, counts.positives);
    point.false_positive_rate = ratio(point.false_positives, counts.negatives);
    point.precision = ratio(point.true_positives, point.true_positives + point.false_positives);
    made.push_back(point);
  }
  return made;
}

}  // namespace leadscore
