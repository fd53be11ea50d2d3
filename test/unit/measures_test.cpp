// Measures against their definitions, computed pair by pair, and against what others have published.
#include "core/measures.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "core/error.hpp"
#include "core/information.hpp"
#include "core/measure_tables.hpp"

namespace leadscore {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Sample {
  std::vector<double> positives, negatives;
  std::size_t size() const { return positives.size() + negatives.size(); }
};

/// Collects a sample; what it gives lives as long.
class Collected {
 public:
  explicit Collected(const Sample& sample) {
    for (const double score : sample.positives) outcomes_.add(score, true);
    for (const double score : sample.negatives) outcomes_.add(score, false);
  }
  operator ScoreCounts() { return outcomes_.counts(); }

 private:
  Outcomes outcomes_;
};

/// `values` distinct scores from 0 to 1, of which positives have the higher ones more often.
Sample random_sample(std::mt19937_64& random, int values) {
  Sample made;
  for (auto size = 2 + random() % 200; size > 0; --size) {
    const auto level = static_cast<double>(random() % static_cast<unsigned>(values));
    const double score = values == 1 ? 0.5 : level / (values - 1);
    (static_cast<double>(random() % 1000) / 1000 < 0.1 + 0.6 * score ? made.positives : made.negatives)
        .push_back(score);
  }
  return made;
}

double psi_of_pair(double positive, double negative) {
  return positive > negative ? 1 : positive == negative ? 0.5 : 0;
}

double sample_variance(const std::vector<double>& values) {
  double mean = 0, sum = 0;
  for (const double x : values) mean += x / static_cast<double>(values.size());
  for (const double x : values) sum += (x - mean) * (x - mean);
  return sum / static_cast<double>(values.size() - 1);
}

/// DeLong's variance from its definition: structural components by comparing each pair.
double delong_variance(const Sample& sample) {
  std::vector<double> v10, v01;
  for (const double x : sample.positives) {
    double sum = 0;
    for (const double y : sample.negatives) sum += psi_of_pair(x, y);
    v10.push_back(sum / static_cast<double>(sample.negatives.size()));
  }
  for (const double y : sample.negatives) {
    double sum = 0;
    for (const double x : sample.positives) sum += psi_of_pair(x, y);
    v01.push_back(sum / static_cast<double>(sample.positives.size()));
  }
  return sample_variance(v10) / static_cast<double>(v10.size()) +
         sample_variance(v01) / static_cast<double>(v01.size());
}

double share_at_least(const std::vector<double>& scores, double threshold) {
  const auto n = std::count_if(scores.begin(), scores.end(), [=](double x) { return x >= threshold; });
  return static_cast<double>(n) / static_cast<double>(scores.size());
}

TEST(Measures, AgreeWithTheirDefinitions) {
  std::mt19937_64 random(1);
  int compared = 0;
  for (int round = 0; round < 600; ++round) {
    const Sample sample = random_sample(random, 1 << (round % 10));
    if (sample.positives.size() < 2 || sample.negatives.size() < 2) continue;
    ++compared;
    Collected counts(sample);
    const auto p = static_cast<double>(sample.positives.size());
    const auto n = static_cast<double>(sample.negatives.size());

    double area = 0;
    for (const double x : sample.positives) {
      for (const double y : sample.negatives) area += psi_of_pair(x, y);
    }
    area /= p * n;
    EXPECT_NEAR(*auc(counts), area, 1e-13);

    const AucInterval interval = auc_interval(counts, 0.9);
    const double error = std::sqrt(delong_variance(sample));
    EXPECT_NEAR(*interval.standard_error, error, 1e-13);
    EXPECT_NEAR(*interval.low, std::max(area - 1.6448536269514722 * error, 0.0), 1e-12);
    EXPECT_NEAR(*interval.high, std::min(area + 1.6448536269514722 * error, 1.0), 1e-12);

    std::vector<double> thresholds = sample.positives;
    thresholds.insert(thresholds.end(), sample.negatives.begin(), sample.negatives.end());
    std::sort(thresholds.begin(), thresholds.end(), std::greater<>());
    thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
    double distance = 0, precision = 0, recall_before = 0, loss = 0, squares = 0;
    for (const double threshold : thresholds) {
      const double recall = share_at_least(sample.positives, threshold);
      const double fallout = share_at_least(sample.negatives, threshold);
      distance = std::max(distance, std::fabs(recall - fallout));
      precision += (recall - recall_before) * recall * p / (recall * p + fallout * n);
      recall_before = recall;
    }
    EXPECT_NEAR(*ks(counts), distance, 1e-13);
    EXPECT_NEAR(*average_precision(counts), precision, 1e-13);
    for (const double x : sample.positives) loss -= std::log(x), squares += (1 - x) * (1 - x);
    for (const double y : sample.negatives) loss -= std::log(1 - y), squares += y * y;
    if (std::isinf(loss)) {
      EXPECT_EQ(*log_loss(counts), kInfinity);
    } else {
      EXPECT_NEAR(*log_loss(counts), loss / (p + n), 1e-12);
    }
    EXPECT_NEAR(*brier(counts), squares / (p + n), 1e-13);

    // The mean over many random orders of rows of one score is what a fraction of them counts as; here the
    // rows themselves, each with its score's share of positives.
    std::vector<std::pair<double, double>> rows;
    for (const double threshold : thresholds) {
      const auto of = [=](const std::vector<double>& scores) {
        return static_cast<double>(std::count(scores.begin(), scores.end(), threshold));
      };
      const double here = of(sample.positives) + of(sample.negatives);
      for (double i = 0; i < here; ++i) rows.emplace_back(threshold, of(sample.positives) / here);
    }
    const std::size_t top = 1 + random() % rows.size();
    double found = 0;
    for (std::size_t i = 0; i < top; ++i) found += rows[i].second;
    const double fraction = static_cast<double>(top) / (p + n);
    EXPECT_NEAR(*lift(counts, fraction), found / p / fraction, 1e-11);
    EXPECT_NEAR(*lift(counts, 1), 1, 1e-14);
  }
  EXPECT_GT(compared, 500);
}

// Hanley and McNeil (1982), table 1: 109 CT images rated on a scale of five. What roctab of Stata gives for
// them is in its manual.
TEST(Measures, HanleyAndMcNeil) {
  Outcomes outcomes;
  constexpr int kNormal[] = {33, 6, 6, 11, 2}, kAbnormal[] = {3, 2, 2, 11, 33};
  for (int rating = 0; rating < 5; ++rating) {
    for (int i = 0; i < kNormal[rating]; ++i) outcomes.add(rating + 1, false);
    for (int i = 0; i < kAbnormal[rating]; ++i) outcomes.add(rating + 1, true);
  }
  const AucInterval interval = auc_interval(outcomes.counts(), 0.95);
  EXPECT_NEAR(*interval.auc, 2642.0 / 2958, 1e-15);
  EXPECT_NEAR(*interval.auc, 0.8932, 5e-5);
  EXPECT_NEAR(*interval.standard_error, 0.0307, 5e-5);
  EXPECT_NEAR(*interval.low, 0.83295, 5e-6);
  EXPECT_NEAR(*interval.high, 0.95339, 5e-6);
}

// The examples in scikit-learn's documentation of these functions.
TEST(Measures, ScikitLearn) {
  Collected ranked(Sample{{0.35, 0.8}, {0.1, 0.4}});
  EXPECT_NEAR(*auc(ranked), 0.75, 1e-15);
  EXPECT_NEAR(*average_precision(ranked), 0.83, 5e-3);
  EXPECT_NEAR(*average_precision(ranked), 5.0 / 6, 1e-15);
  Collected probable(Sample{{0.9, 0.8}, {0.1, 0.3}});
  EXPECT_NEAR(*brier(probable), 0.0375, 1e-15);
  Collected mail(Sample{{0.9, 0.65}, {0.1, 0.2}});
  EXPECT_NEAR(*log_loss(mail), 0.21616, 5e-6);
  const std::vector<CurvePoint> curve = roc_curve(ranked);
  ASSERT_EQ(curve.size(), 5u);
  constexpr double kFalse[] = {0, 0, 0.5, 0.5, 1}, kTrue[] = {0, 0.5, 0.5, 1, 1};
  for (std::size_t i = 0; i < curve.size(); ++i) {
    EXPECT_EQ(curve[i].false_positive_rate, kFalse[i]);
    EXPECT_EQ(curve[i].true_positive_rate, kTrue[i]);
  }
}

TEST(Measures, NormalBound) {
  EXPECT_NEAR(normal_bound(0.95), 1.959963984540054, 1e-14);
  EXPECT_NEAR(normal_bound(0.99), 2.5758293035489004, 1e-14);
  EXPECT_NEAR(normal_bound(0.5), 0.6744897501960817, 1e-14);
  for (const double probability : {1e-300, 1e-9, 0.1, 0.999999, 1 - 1e-12, std::nextafter(1.0, 0.0)}) {
    const double z = normal_bound(probability);
    EXPECT_NEAR(std::erfc(z / std::sqrt(2.0)), 1 - probability, 1e-14 + 1e-12 * (1 - probability));
  }
}

TEST(Measures, WithoutAPositiveOrANegative) {
  Collected none(Sample{});
  Collected positive(Sample{{0.25, 0.5}, {}});
  Collected negative(Sample{{}, {0.25, 0.5}});
  for (Collected* counts : {&none, &positive, &negative}) {
    EXPECT_FALSE(auc(*counts));
    EXPECT_FALSE(auc_interval(*counts, 0.95).auc);
    EXPECT_FALSE(ks(*counts));
    EXPECT_TRUE(roc_curve(*counts).empty());
    EXPECT_FALSE(psi(*counts, 10));
    EXPECT_EQ(brier(*counts).has_value(), counts != &none);
    EXPECT_EQ(log_loss(*counts).has_value(), counts != &none);
    EXPECT_EQ(average_precision(*counts), counts == &positive ? std::optional(1.0) : std::nullopt);
    EXPECT_EQ(lift(*counts, 0.3).has_value(), counts == &positive);
    EXPECT_EQ(lift_table(*counts, 2).size(), counts == &none ? 0u : 2u);
    EXPECT_EQ(calibration_table(*counts, 2).size(), counts == &none ? 0u : 2u);
  }
  EXPECT_EQ(lift(positive, 0.3), 1);
  EXPECT_FALSE(lift_table(negative, 1)[0].lift);
  EXPECT_NEAR(*log_loss(negative), -(std::log(0.75) + std::log(0.5)) / 2, 1e-15);
  Collected one(Sample{{1}, {0, 0}});
  EXPECT_EQ(auc_interval(one, 0.95).auc, 1);
  EXPECT_FALSE(auc_interval(one, 0.95).standard_error);
  EXPECT_FALSE(auc_interval(one, 0.95).low);
}

TEST(Measures, AtTheBounds) {
  Collected parted(Sample{{0.6, kInfinity}, {-kInfinity, 0.4}});
  const AucInterval interval = auc_interval(parted, 0.95);
  EXPECT_EQ(interval.auc, 1);
  EXPECT_EQ(interval.standard_error, 0);
  EXPECT_EQ(interval.low, 1);
  EXPECT_EQ(interval.high, 1);
  EXPECT_EQ(ks(parted), 1);
  EXPECT_EQ(lift(parted, 0.5), 2);
  Collected tied(Sample{{0.5, 0.5}, {0.5, 0.5, 0.5}});
  EXPECT_EQ(auc(tied), 0.5);
  EXPECT_EQ(ks(tied), 0);
  EXPECT_EQ(lift(tied, 0.01), 1);
  EXPECT_NEAR(*average_precision(tied), 0.4, 1e-15);
  Collected sure(Sample{{1, 1}, {0}});
  EXPECT_EQ(log_loss(sure), 0);
  EXPECT_FALSE(std::signbit(*log_loss(sure)));
  EXPECT_EQ(brier(sure), 0);
  Collected wrong(Sample{{1}, {0, 1}});
  EXPECT_EQ(log_loss(wrong), kInfinity);
}

template <class Body>
std::string error_of(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_STREQ(error.code(), sqlstate::kInvalidParameter);
    return error.message();
  }
  return "none";
}

TEST(Measures, Refuse) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Collected bad(Sample{{nan, 0.5}, {0.5}});
  EXPECT_EQ(error_of([&] { (void)auc(bad); }), "auc was given NaN in 1 row");
  EXPECT_EQ(error_of([&] { (void)auc_interval(bad, 0.9); }), "auc_ci was given NaN in 1 row");
  EXPECT_EQ(error_of([&] { (void)brier(bad); }), "brier was given NaN in 1 row");
  EXPECT_EQ(error_of([&] { (void)psi(bad, 9); }), "psi was given NaN in 1 row");
  Collected points(Sample{{50}, {-1}});
  EXPECT_EQ(error_of([&] { (void)log_loss(points); }), "log_loss was given -1, which is no probability");
  Collected high(Sample{{1.5}, {0}});
  EXPECT_EQ(error_of([&] { (void)calibration_table(high, 3); }),
            "calibration_table was given 1.5, which is no probability");
  for (const double fraction : {0.0, -0.1, 1.01, nan, kInfinity}) {
    EXPECT_TRUE(error_of([&] { (void)lift(points, fraction); }).starts_with("fraction of lift must be"));
  }
  EXPECT_EQ(error_of([&] { (void)lift(points, nan); }),
            "fraction of lift must be greater than 0 and at most 1, not NaN");
  for (const double level : {0.0, 1.0, -1.0, nan}) {
    EXPECT_TRUE(error_of([&] { (void)auc_interval(points, level); }).starts_with("level of auc_ci must be"));
  }
  for (const std::int64_t buckets : {std::int64_t{0}, std::int64_t{-3}, kMostBuckets + 1}) {
    EXPECT_TRUE(error_of([&] { (void)lift_table(points, buckets); }).starts_with("buckets of lift_table"));
  }
}

TEST(MeasureTables, HoldEveryRowOnceAndKeepTiesTogether) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 300; ++round) {
    const Sample sample = random_sample(random, 1 << (round % 10));
    Collected counts(sample);
    const auto buckets = static_cast<std::int64_t>(1 + random() % 20);
    const std::vector<LiftBucket> lifts = lift_table(counts, buckets);
    const std::vector<CalibrationBucket> calibrations = calibration_table(counts, buckets);
    const auto check = [&](const auto& table, bool descending) {
      std::uint64_t rows = 0, positives = 0;
      std::int32_t number = 0;
      for (std::size_t i = 0; i < table.size(); ++i) {
        const Bucket& bucket = table[i];
        EXPECT_GT(bucket.number, number);
        number = bucket.number;
        EXPECT_LE(bucket.lowest, bucket.highest);
        if (i != 0) {
          EXPECT_TRUE(descending ? bucket.highest < table[i - 1].lowest
                                 : bucket.lowest > table[i - 1].highest);
        }
        const auto inside = [&](double x) { return x >= bucket.lowest && x <= bucket.highest; };
        EXPECT_EQ(bucket.positives, static_cast<std::uint64_t>(std::count_if(
                                        sample.positives.begin(), sample.positives.end(), inside)));
        EXPECT_EQ(bucket.negatives, static_cast<std::uint64_t>(std::count_if(
                                        sample.negatives.begin(), sample.negatives.end(), inside)));
        rows += bucket.rows();
        positives += bucket.positives;
      }
      EXPECT_LE(number, buckets);
      EXPECT_EQ(rows, sample.size());
      EXPECT_EQ(positives, sample.positives.size());
    };
    check(lifts, true);
    check(calibrations, false);
    for (const LiftBucket& bucket : lifts) {
      if (sample.positives.empty()) continue;
      EXPECT_NEAR(*bucket.total_lift, *lift(counts, bucket.share), 1e-12);
    }
    for (const CalibrationBucket& bucket : calibrations) {
      EXPECT_GE(bucket.predicted, bucket.lowest - 1e-15);
      EXPECT_LE(bucket.predicted, bucket.highest + 1e-15);
      EXPECT_GE(bucket.low, 0);
      EXPECT_LE(bucket.low, bucket.observed);
      EXPECT_GE(bucket.high, bucket.observed);
      EXPECT_LE(bucket.high, 1);
    }
    // The area below the curve is the auc.
    double area = 0;
    const std::vector<CurvePoint> curve = roc_curve(counts);
    for (std::size_t i = 1; i < curve.size(); ++i) {
      area += (curve[i].false_positive_rate - curve[i - 1].false_positive_rate) *
              (curve[i].true_positive_rate + curve[i - 1].true_positive_rate) / 2;
    }
    if (curve.empty()) continue;
    EXPECT_NEAR(area, *auc(counts), 1e-12);
  }
}

TEST(MeasureTables, BucketsAreEquallyLargeWithoutTies) {
  Outcomes outcomes;
  for (int i = 0; i < 100; ++i) outcomes.add(i, i % 4 == 0);
  const std::vector<LiftBucket> table = lift_table(outcomes.counts(), 10);
  ASSERT_EQ(table.size(), 10u);
  for (const LiftBucket& bucket : table) EXPECT_EQ(bucket.rows(), 10u);
  EXPECT_EQ(table[0].highest, 99);
  EXPECT_EQ(table[0].lowest, 90);
}

TEST(MeasureTables, TiesAreWhereTheirMiddleLies) {
  Outcomes outcomes;
  outcomes.add(3, true);
  for (int i = 0; i < 7; ++i) outcomes.add(2, false);
  outcomes.add(1, true);
  outcomes.add(0, true);
  // The middle of the sevenfold score is at 4.5 of 10 rows from above, 5.5 from below.
  const std::vector<LiftBucket> halves = lift_table(outcomes.counts(), 2);
  ASSERT_EQ(halves.size(), 2u);
  EXPECT_EQ(halves[0].rows(), 8u);
  EXPECT_EQ(halves[0].lowest, 2);
  const std::vector<LiftBucket> tenths = lift_table(outcomes.counts(), 10);
  ASSERT_EQ(tenths.size(), 4u);
  EXPECT_EQ(tenths[0].number, 1);
  EXPECT_EQ(tenths[1].number, 5);
  EXPECT_EQ(tenths[2].number, 9);
  EXPECT_EQ(tenths[3].number, 10);
}

// Agresti and Coull (1998) give Wilson's interval for 0 of 10 as (0, 0.278).
TEST(MeasureTables, Wilson) {
  Collected ten(Sample{{}, {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}});
  const CalibrationBucket bucket = calibration_table(ten, 4).at(0);
  EXPECT_EQ(bucket.low, 0);
  EXPECT_NEAR(bucket.high, 0.2775, 5e-5);
  EXPECT_EQ(bucket.predicted, 0.1);
}

TEST(MeasureTables, ACurveHasALimit) {
  Outcomes outcomes;
  for (std::size_t i = 0; i < kMostCurvePoints; ++i) outcomes.add(static_cast<double>(i), i % 2 == 0);
  EXPECT_EQ(roc_curve(outcomes.counts()).size(), kMostCurvePoints + 1);
  outcomes.add(-1, true);
  EXPECT_THROW((void)roc_curve(outcomes.counts()), Error);
}

TEST(Information, WeightsOfEvidence) {
  Categories categories;
  categories.add("a", true, 30);
  categories.add("a", false, 10);
  categories.add("b", true, 10);
  categories.add("b", false, 60);
  categories.add("c", false, 30);
  const WoeTable table = woe_table(categories.counts());
  ASSERT_EQ(table.levels.size(), 3u);
  EXPECT_NEAR(*table.levels[0].woe, std::log(0.75 / 0.1), 1e-15);
  EXPECT_NEAR(*table.levels[0].iv, 0.65 * std::log(7.5), 1e-15);
  EXPECT_NEAR(*table.levels[1].woe, std::log(0.25 / 0.6), 1e-15);
  EXPECT_FALSE(table.levels[1].adjusted);
  EXPECT_NEAR(*table.levels[2].woe, std::log((0.5 / 40) / (30.5 / 100)), 1e-15);
  EXPECT_TRUE(table.levels[2].adjusted);
  EXPECT_NEAR(*table.iv, *table.levels[0].iv + *table.levels[1].iv + *table.levels[2].iv, 1e-15);
  for (const WoeLevel& level : table.levels) EXPECT_GE(*level.iv, 0);
  Categories one_kind;
  one_kind.add("a", true, 5);
  const WoeTable none = woe_table(one_kind.counts());
  ASSERT_EQ(none.levels.size(), 1u);
  EXPECT_FALSE(none.levels[0].woe);
  EXPECT_FALSE(none.iv);
}

/// Of a bin with so many of all expected and actual rows.
double term(double expected, double all_expected, double actual, double all_actual) {
  const double more = expected == 0 || actual == 0 ? 0.5 : 0;
  const double e = (expected + more) / all_expected, a = (actual + more) / all_actual;
  return (a - e) * std::log(a / e);
}

TEST(Information, Psi) {
  Outcomes outcomes;
  for (int i = 1; i <= 100; ++i) outcomes.add(i, false);
  EXPECT_FALSE(psi(outcomes.counts(), 4));
  // Bounds of the bins are 25, 50 and 75; what is beyond all belongs to the outermost.
  for (const double x : {-5.0, 25.0, 25.5, 30.0, 75.0, 75.25, 80.0, 1000.0, 101.0, 99.0})
    outcomes.add(x, true);
  EXPECT_NEAR(*psi(outcomes.counts(), 4),
              term(25, 100, 2, 10) + term(25, 100, 2, 10) + term(25, 100, 1, 10) + term(25, 100, 5, 10),
              1e-15);
  outcomes.add_without_score(true);
  outcomes.add_without_score(true);
  EXPECT_NEAR(*psi(outcomes.counts(), 1), term(100, 100, 10, 12) + term(0, 100, 2, 12), 1e-15);

  Outcomes tied;
  for (int i = 0; i < 90; ++i) tied.add(0, false);
  for (int i = 0; i < 10; ++i) tied.add(7, false);
  for (int i = 0; i < 5; ++i) tied.add(i, true);
  EXPECT_NEAR(*psi(tied.counts(), 10), term(90, 100, 1, 5) + term(10, 100, 4, 5), 1e-15);

  Categories categories;
  categories.add("gone", false, 50);
  categories.add("kept", false, 50);
  categories.add("kept", true, 3);
  categories.add({}, true, 1);
  EXPECT_NEAR(*psi(categories.counts()), term(50, 100, 0, 4) + term(50, 100, 3, 4) + term(0, 100, 1, 4),
              1e-15);
}

/// How many of the values are in each bin: the first whose bound is not below, or the last.
std::vector<std::int64_t> placed(const std::vector<double>& values, const Bins& bins) {
  std::vector<std::int64_t> made(bins.bounds.size());
  for (const double value : values) {
    const auto at = std::lower_bound(bins.bounds.begin(), bins.bounds.end(), value);
    ++made[at == bins.bounds.end() ? made.size() - 1 : static_cast<std::size_t>(at - bins.bounds.begin())];
  }
  return made;
}

TEST(Information, PsiOfBinsThatWereCountedEarlier) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 300; ++round) {
    const Sample sample = random_sample(random, 1 + static_cast<int>(random() % 40));
    if (sample.positives.empty() || sample.negatives.empty()) continue;
    const auto buckets = static_cast<std::int64_t>(1 + random() % 12);
    const Bins bins = psi_bins(Collected({{}, sample.negatives}), buckets);
    ASSERT_LE(bins.bounds.size(), static_cast<std::size_t>(buckets));
    EXPECT_EQ(bins.counts, placed(sample.negatives, bins));
    EXPECT_EQ(psi(bins.counts, placed(sample.positives, bins)), psi(Collected(sample), buckets));
  }
  EXPECT_TRUE(psi_bins(Collected({}), 10).counts.empty());
}

TEST(Information, PsiOfCountsThatAreNone) {
  using Counts = std::vector<std::int64_t>;
  EXPECT_FALSE(psi(Counts{}, Counts{}));
  EXPECT_FALSE(psi(Counts{1, 2}, Counts{0, 0}));
  EXPECT_FALSE(psi(Counts{0}, Counts{3}));
  EXPECT_EQ(psi(Counts{3, 0, 4}, Counts{3, 0, 4}), 0);
  const auto fault = [](const Counts& expected, const Counts& actual) {
    return error_of([&] { (void)psi(expected, actual); });
  };
  EXPECT_EQ(fault({1}, {1, 2}), "psi_of_counts needs two arrays with the same number of bins");
  EXPECT_EQ(fault({1, -1}, {1, 2}), "psi_of_counts: a count is out of range");
  EXPECT_EQ(fault({1, 1}, {std::int64_t{1} << 53, 1}), "psi_of_counts: a count is out of range");
}

}  // namespace
}  // namespace leadscore
