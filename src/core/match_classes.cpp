// Set algebra over classes by sweeping range ends.
#include "core/match_classes.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/error.hpp"

namespace leadscore {
namespace {

/// The classes that at least `needed` of the ranges hold, where each set's ranges are disjoint.
ClassSet covered(std::span<const ClassSet> sets, std::size_t needed) {
  std::vector<std::pair<std::uint32_t, int>> ends;
  for (const ClassSet& set : sets) {
    for (const ClassRange& range : set) {
      ends.emplace_back(range.begin, 1);
      ends.emplace_back(range.end, -1);
    }
  }
  std::sort(ends.begin(), ends.end());
  ClassSet result;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < ends.size();) {
    const std::uint32_t at = ends[i].first;
    const bool before = depth >= needed;
    for (; i < ends.size() && ends[i].first == at; ++i) depth += static_cast<std::size_t>(ends[i].second);
    const bool after = depth >= needed;
    if (!before && after) result.push_back({at, at});
    if (before && !after) result.back().end = at;
  }
  return result;
}

}  // namespace

ClassSet normalised(std::vector<ClassRange> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const ClassRange& a, const ClassRange& b) { return a.begin < b.begin; });
  ClassSet result;
  for (const ClassRange& range : ranges) {
    if (range.begin >= range.end) continue;
    if (!result.empty() && range.begin <= result.back().end) {
      result.back().end = std::max(result.back().end, range.end);
    } else {
      result.push_back(range);
    }
  }
  return result;
}

ClassSet complement(const ClassSet& set, std::uint32_t classes) {
  ClassSet result;
  std::uint32_t at = 0;
  for (const ClassRange& range : set) {
    if (range.begin > at) result.push_back({at, range.begin});
    at = range.end;
  }
  if (at < classes) result.push_back({at, classes});
  return result;
}

ClassSet union_of(std::span<const ClassSet> sets) {
  std::vector<ClassRange> ranges;
  for (const ClassSet& set : sets) ranges.insert(ranges.end(), set.begin(), set.end());
  return normalised(std::move(ranges));
}

ClassSet intersection_of(std::span<const ClassSet> sets) { return covered(sets, sets.size()); }

std::uint32_t ClassFunction::branch_of(std::uint32_t cls) const noexcept {
  const auto after = std::upper_bound(pieces.begin(), pieces.end(), cls,
                                      [](std::uint32_t c, const Piece& piece) { return c < piece.begin; });
  return std::prev(after)->branch;
}

ClassFunction first_holding(std::span<const ClassSet> branches, std::uint32_t classes) {
  std::vector<std::uint32_t> begins{0};
  for (const ClassSet& set : branches) {
    for (const ClassRange& range : set) {
      begins.push_back(range.begin);
      if (range.end < classes) begins.push_back(range.end);
    }
  }
  std::sort(begins.begin(), begins.end());
  begins.erase(std::unique(begins.begin(), begins.end()), begins.end());

  // Each piece is painted once, by the first branch that reaches it; `next` skips what is painted already
  // (a disjoint-set forest with path halving), so that later branches cost what they add.
  const auto pieces = static_cast<std::uint32_t>(begins.size());
  std::vector<std::uint32_t> branch_of(pieces, ClassFunction::kNone), next(pieces + 1);
  for (std::uint32_t i = 0; i <= pieces; ++i) next[i] = i;
  const auto unpainted = [&next](std::uint32_t i) {
    while (next[i] != i) {
      next[i] = next[next[i]];
      i = next[i];
    }
    return i;
  };
  const auto piece_at = [&begins](std::uint32_t cls) {
    return static_cast<std::uint32_t>(std::lower_bound(begins.begin(), begins.end(), cls) - begins.begin());
  };
  for (std::uint32_t b = 0; b < branches.size(); ++b) {
    if (b % 1024 == 1023) checkpoint();
    for (const ClassRange& range : branches[b]) {
      const std::uint32_t last = piece_at(range.end);
      for (std::uint32_t i = unpainted(piece_at(range.begin)); i < last; i = unpainted(i)) {
        branch_of[i] = b;
        next[i] = i + 1;
      }
    }
  }

  ClassFunction result;
  result.classes = classes;
  for (std::uint32_t i = 0; i < pieces; ++i) {
    if (begins[i] >= classes && i > 0) break;
    if (result.pieces.empty() || result.pieces.back().branch != branch_of[i]) {
      result.pieces.push_back({begins[i], branch_of[i]});
    }
  }
  return result;
}

}  // namespace leadscore
