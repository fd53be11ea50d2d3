// Tables by class are built with difference arrays: a decider costs its own pieces, not the axis's classes.
#include "core/match_class_table.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.hpp"

namespace leadscore {

FixedPoints::Integer FixedPoints::of(double points) noexcept {
  int exponent = 0;
  const double fraction = std::frexp(points, &exponent);           // points = fraction * 2^exponent
  auto mantissa = static_cast<Integer>(std::ldexp(fraction, 53));  // exact
  const int shift = exponent - 53 + 80;
  if (shift >= 0) return mantissa * (static_cast<Integer>(1) << shift);
  return shift < -64 ? 0 : mantissa / (static_cast<Integer>(1) << -shift);
}

double FixedPoints::to_double(Integer sum) noexcept { return std::ldexp(static_cast<double>(sum), -80); }

void ClassTable::add_function(std::uint32_t decider, std::uint32_t bucket, ClassFunction function,
                              std::vector<double> points) {
  added_.push_back({decider, bucket, std::move(function), std::move(points)});
}

bool ClassTable::add_candidate(std::uint32_t program, const ClassSet& classes, TableBudget& budget) {
  std::size_t cells = 0;
  for (const ClassRange& range : classes) cells += range.end - range.begin;
  if (cells > budget.candidates) return false;
  budget.candidates -= cells;
  for (const ClassRange& range : classes) added_candidates_.push_back({range.begin, range.end, program});
  return true;
}

void ClassTable::build(std::uint32_t classes, TableBudget& budget) {
  build_sums(classes, budget);
  build_hits(classes, budget);
  build_candidates(classes);
  added_ = {};
  added_candidates_ = {};
}

std::vector<std::uint32_t> ClassTable::all_buckets() const {
  std::vector<std::uint32_t> buckets = columns_;
  for (const Decided& d : searched_) {
    if (d.bucket != Decider::kNoBucket) buckets.push_back(d.bucket);
  }
  return buckets;
}

void ClassTable::build_sums(std::uint32_t classes, TableBudget& budget) {
  const auto sums_up = [](const Decided& d) {
    return d.bucket != Decider::kNoBucket && std::all_of(d.points.begin(), d.points.end(), [](double p) {
             return std::fabs(p) <= FixedPoints::kLargest;
           });
  };
  std::vector<std::uint32_t> columns;
  for (const Decided& d : added_) {
    if (sums_up(d)) columns.push_back(d.bucket);
  }
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  const std::size_t size = columns.size() * classes;
  const bool fits = size <= budget.sums;
  if (fits) {
    budget.sums -= size;
    columns_ = std::move(columns);
    sums_.assign(size, 0.0);
  }
  std::vector<const Decided*> by_column;
  for (Decided& d : added_) {
    if (d.bucket == Decider::kNoBucket) continue;
    if (fits && sums_up(d)) {
      by_column.push_back(&d);
    } else {
      searched_.push_back(std::move(d));
    }
  }
  std::stable_sort(by_column.begin(), by_column.end(),
                   [](const Decided* a, const Decided* b) { return a->bucket < b->bucket; });
  std::vector<FixedPoints::Integer> steps;
  std::size_t at = 0;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    checkpoint();
    steps.assign(classes + 1, 0);
    for (; at < by_column.size() && by_column[at]->bucket == columns_[column]; ++at) {
      const Decided& d = *by_column[at];
      for (std::size_t i = 0; i < d.function.pieces.size(); ++i) {
        if (d.function.pieces[i].branch == ClassFunction::kNone) continue;
        const FixedPoints::Integer points = FixedPoints::of(d.points[d.function.pieces[i].branch]);
        steps[d.function.pieces[i].begin] += points;
        steps[d.function.end(i)] -= points;
      }
    }
    FixedPoints::Integer sum = 0;
    for (std::uint32_t cls = 0; cls < classes; ++cls) {
      sum += steps[cls];
      sums_[cls * columns_.size() + column] = FixedPoints::to_double(sum);
    }
  }
}

void ClassTable::build_hits(std::uint32_t classes, TableBudget& budget) {
  std::vector<const Decided*> listed;
  for (Decided& d : added_) {
    if (d.bucket != Decider::kNoBucket) continue;
    std::size_t cells = 0;
    for (std::size_t i = 0; i < d.function.pieces.size(); ++i) {
      if (d.function.pieces[i].branch != ClassFunction::kNone)
        cells += d.function.end(i) - d.function.pieces[i].begin;
    }
    if (cells <= budget.hits) {
      budget.hits -= cells;
      listed.push_back(&d);
    } else {
      searched_.push_back(std::move(d));
    }
  }
  if (listed.empty()) return;
  hit_offsets_.assign(classes + 1, 0);
  const auto each_cell = [&listed](auto visit) {
    for (const Decided* d : listed) {
      for (std::size_t i = 0; i < d->function.pieces.size(); ++i) {
        if (d->function.pieces[i].branch == ClassFunction::kNone) continue;
        for (std::uint32_t cls = d->function.pieces[i].begin; cls < d->function.end(i); ++cls) {
          visit(cls, Match{d->decider, d->function.pieces[i].branch});
        }
      }
    }
  };
  each_cell([this](std::uint32_t cls, Match) { ++hit_offsets_[cls + 1]; });
  for (std::uint32_t cls = 0; cls < classes; ++cls) hit_offsets_[cls + 1] += hit_offsets_[cls];
  hits_.resize(hit_offsets_[classes]);
  std::vector<std::size_t> next(hit_offsets_.begin(), hit_offsets_.end() - 1);
  each_cell([this, &next](std::uint32_t cls, Match match) { hits_[next[cls]++] = match; });
}

void ClassTable::build_candidates(std::uint32_t classes) {
  if (added_candidates_.empty()) return;
  candidate_offsets_.assign(classes + 1, 0);
  for (const Candidate& c : added_candidates_) {
    for (std::uint32_t cls = c.begin; cls < c.end; ++cls) ++candidate_offsets_[cls + 1];
  }
  for (std::uint32_t cls = 0; cls < classes; ++cls) candidate_offsets_[cls + 1] += candidate_offsets_[cls];
  candidates_.resize(candidate_offsets_[classes]);
  std::vector<std::size_t> next(candidate_offsets_.begin(), candidate_offsets_.end() - 1);
  for (const Candidate& c : added_candidates_) {
    for (std::uint32_t cls = c.begin; cls < c.end; ++cls) candidates_[next[cls]++] = c.program;
  }
}

}  // namespace leadscore
