// Weight of evidence, information value, population stability index.
#include "core/information.hpp"

#include <cmath>

#include "core/compensated_sum.hpp"
#include "core/error.hpp"
#include "core/measure_tables.hpp"
#include "core/measures.hpp"

namespace leadscore {
namespace {

/// Sums up how two distributions differ, bin by bin.
class Divergence {
 public:
  struct Term {
    double log_ratio, value;
    bool adjusted;
  };
  /// `ones` and `others`: how many rows of each there are in all; none is 0.
  Divergence(std::uint64_t ones, std::uint64_t others) noexcept
      : ones_(static_cast<double>(ones)), others_(static_cast<double>(others)) {}
  /// A bin that has only one kind would make the sum infinite: it counts as if it had half a row more of
  /// each.
  Term add(std::uint64_t ones, std::uint64_t others) noexcept {
    if (ones == 0 && others == 0) return {0, 0, false};
    const bool adjusted = ones == 0 || others == 0;
    const double more = adjusted ? 0.5 : 0;
    const double a = (static_cast<double>(ones) + more) / ones_;
    const double b = (static_cast<double>(others) + more) / others_;
    const double log_ratio = std::log(a / b);
    sum_.add((a - b) * log_ratio);
    return {log_ratio, (a - b) * log_ratio, adjusted};
  }
  double value() const noexcept { return sum_.value(); }

 private:
  double ones_, others_;
  CompensatedSum sum_;
};

}  // namespace

WoeTable woe_table(const CategoryCounts& counts) {
  WoeTable made;
  made.levels.reserve(counts.levels.size());
  const bool has_both = counts.positives != 0 && counts.negatives != 0;
  Divergence sum(counts.positives, counts.negatives);
  for (const CategoryLevel& level : counts.levels) {
    WoeLevel row{level, {}, {}, false};
    if (has_both) {
      const Divergence::Term term = sum.add(level.positives, level.negatives);
      row.woe = term.log_ratio;
      row.iv = term.value;
      row.adjusted = term.adjusted;
    }
    made.levels.push_back(row);
  }
  if (has_both) made.iv = sum.value();
  return made;
}

std::optional<double> psi(const ScoreCounts& counts, std::int64_t buckets) {
  check_numbers(counts, "psi");
  check_buckets(buckets, "psi");
  const std::uint64_t expected = counts.negatives + counts.no_score[0];
  const std::uint64_t actual = counts.positives + counts.no_score[1];
  if (expected == 0 || actual == 0) return {};
  Divergence sum(actual, expected);
  (void)sum.add(counts.no_score[1], counts.no_score[0]);
  // A value that was not expected belongs to the bin of the next one that was, or to the last bin.
  std::uint64_t before = 0, in_bin[2] = {0, 0}, unexpected = 0;
  std::size_t bin = 0, number = 0;
  for (const ScoreLevel& level : counts.levels) {
    if (number++ % (1 << 16) == 0) checkpoint();
    if (level.negatives == 0) {
      unexpected += level.positives;
      continue;
    }
    const std::size_t its = bucket_of(before, level.negatives, counts.negatives, buckets);
    if (its != bin) {
      (void)sum.add(in_bin[1], in_bin[0]);
      in_bin[0] = in_bin[1] = 0;
      bin = its;
    }
    in_bin[0] += level.negatives;
    in_bin[1] += level.positives + unexpected;
    unexpected = 0;
    before += level.negatives;
  }
  (void)sum.add(in_bin[1] + unexpected, in_bin[0]);
  return sum.value();
}

std::optional<double> psi(const CategoryCounts& counts) { return woe_table(counts).iv; }

std::optional<double> psi(std::span<const std::int64_t> expected, std::span<const std::int64_t> actual) {
  if (expected.size() != actual.size()) {
    throw Error(sqlstate::kInvalidParameter, "psi_of_counts needs two arrays with the same number of bins");
  }
  constexpr std::int64_t kMostRows = std::int64_t{1} << 53;  // doubles count no further
  const auto total = [](std::span<const std::int64_t> counts) {
    std::int64_t sum = 0;
    for (const std::int64_t count : counts) {
      if (count < 0 || count > kMostRows - sum)
        throw Error(sqlstate::kInvalidParameter, "psi_of_counts: a count is out of range");
      sum += count;
    }
    return static_cast<std::uint64_t>(sum);
  };
  const std::uint64_t all_expected = total(expected), all_actual = total(actual);
  if (all_expected == 0 || all_actual == 0) return {};
  Divergence sum(all_actual, all_expected);
  for (std::size_t i = 0; i < expected.size(); ++i)
    (void)sum.add(static_cast<std::uint64_t>(actual[i]), static_cast<std::uint64_t>(expected[i]));
  return sum.value();
}

Bins psi_bins(const ScoreCounts& counts, std::int64_t buckets) {
  check_numbers(counts, "psi");
  check_buckets(buckets, "psi");
  Bins made;
  std::uint64_t before = 0;
  std::size_t bin = 0, number = 0;
  for (const ScoreLevel& level : counts.levels) {
    if (number++ % (1 << 16) == 0) checkpoint();
    if (level.negatives == 0) continue;
    const std::size_t its = bucket_of(before, level.negatives, counts.negatives, buckets);
    if (made.bounds.empty() || its != bin) {
      made.bounds.push_back(level.score);
      made.counts.push_back(0);
      bin = its;
    }
    made.bounds.back() = level.score;
    made.counts.back() += static_cast<std::int64_t>(level.negatives);
    before += level.negatives;
  }
  return made;
}

}  // namespace leadscore
