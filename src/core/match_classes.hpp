// Sets of classes and functions over them: the algebra by which conditions on one field become tables.
//
// An axis divides the values of a field into classes (NULL, the intervals between the numbers that rules
// name, each text that they name, ...), numbered from 0, such that no test tells two values of a class apart.
// A condition on one axis is then a set of classes, and a list of cases a function from classes to branches.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace leadscore {

/// Classes begin <= c < end.
struct ClassRange {
  std::uint32_t begin, end;
  bool operator==(const ClassRange&) const = default;
};

/// Ascending, disjoint, never adjacent.
using ClassSet = std::vector<ClassRange>;

/// From ranges in any order, overlapping or not; empty ones are dropped.
ClassSet normalised(std::vector<ClassRange> ranges);

ClassSet complement(const ClassSet& set, std::uint32_t classes);

/// Of any number of sets at once, so that a condition of n tests costs O(n log n), not O(n^2).
ClassSet union_of(std::span<const ClassSet> sets);
ClassSet intersection_of(std::span<const ClassSet> sets);

/// A piecewise constant function from classes to branches, as the beginnings of its pieces; the first begins
/// at 0.
struct ClassFunction {
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Piece {
    std::uint32_t begin, branch;
  };
  std::vector<Piece> pieces;
  std::uint32_t classes = 0;

  /// Where piece i ends.
  std::uint32_t end(std::size_t i) const noexcept {
    return i + 1 < pieces.size() ? pieces[i + 1].begin : classes;
  }
  std::uint32_t branch_of(std::uint32_t cls) const noexcept;
};

/// The first of `branches` that holds a class, or kNone. O(n log n) in the number of ranges.
ClassFunction first_holding(std::span<const ClassSet> branches, std::uint32_t classes);

}  // namespace leadscore
