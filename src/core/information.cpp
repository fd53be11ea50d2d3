// Weight of evidence, information value, population stability index.
#include "core/information.hpp"

#include <algorithm>
#include <cmath>

#include "core/compensated_sum.hpp"
#include "core/error.hpp"
#include "core/measure_tables.hpp"
#include "core/measures.hpp"

namespace leadscore {
namespace {

/// Sums up how two distributions differ, bin by bin.
class Stability {
 public:
  Stability(std::uint64_t expected, std::uint64_t actual) noexcept
      : expected_(static_cast<double>(expected)), actual_(static_cast<double>(actual)) {}
  void add(std::uint64_t expected, std::uint64_t actual) noexcept {
    if (expected == 0 && actual == 0) return;
    const double was = std::max(static_cast<double>(expected) / expected_, kLeastShare);
    const double is = std::max(static_cast<double>(actual) / actual_, kLeastShare);
    sum_.add((is - was) * std::log(is / was));
  }
  double value() const noexcept { return sum_.value(); }

 private:
  double expected_, actual_;
  CompensatedSum sum_;
};

}  // namespace

WoeTable woe_table(const CategoryCounts& counts) {
  WoeTable made;
  made.levels.reserve(counts.levels.size());
  const bool has_both = counts.positives != 0 && counts.negatives != 0;
  CompensatedSum sum;
  for (const CategoryLevel& level : counts.levels) {
    WoeLevel row{level, {}, {}, false};
    if (has_both) {
      row.adjusted = level.positives == 0 || level.negatives == 0;
      const double more = row.adjusted ? 0.5 : 0;
      const double positives =
          (static_cast<double>(level.positives) + more) / static_cast<double>(counts.positives);
      const double negatives =
          (static_cast<double>(level.negatives) + more) / static_cast<double>(counts.negatives);
      row.woe = std::log(positives / negatives);
      row.iv = (positives - negatives) * *row.woe;
      sum.add(*row.iv);
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
  Stability sum(expected, actual);
  sum.add(counts.no_score[0], counts.no_score[1]);
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
      sum.add(in_bin[0], in_bin[1]);
      in_bin[0] = in_bin[1] = 0;
      bin = its;
    }
    in_bin[0] += level.negatives;
    in_bin[1] += level.positives + unexpected;
    unexpected = 0;
    before += level.negatives;
  }
  sum.add(in_bin[0], in_bin[1] + unexpected);
  return sum.value();
}

std::optional<double> psi(const CategoryCounts& counts) {
  if (counts.positives == 0 || counts.negatives == 0) return {};
  Stability sum(counts.negatives, counts.positives);
  for (const CategoryLevel& level : counts.levels) sum.add(level.negatives, level.positives);
  return sum.value();
}

}  // namespace leadscore
