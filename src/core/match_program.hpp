// Conditions that read several fields, as flat code: a decision graph of tests, each of which jumps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/match_atoms.hpp"
#include "core/match_expr.hpp"

namespace leadscore {

/// What programs read of the row at hand.
struct RowSignals {
  std::vector<std::uint32_t> classes;  ///< by axis number; of the axes that programs read
  AtomHits atoms;
};

class MatchCode {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;  ///< no branch holds

  /// `axis_of` numbers the axes that code reads.
  class Axes : public AxisSizes {
   public:
    virtual std::uint32_t number(std::uint32_t field, AxisKind axis) = 0;

   protected:
    ~Axes() = default;
  };

  void resize_segments(std::size_t segments) {
    segments_.assign(segments, 0);
    memo_.assign(segments, {});
  }
  /// Compiles a list of branches into code that gives the first that holds. Returns its entry.
  std::uint32_t add_branches(const std::vector<Expr>& branches, Axes& axes);
  /// A segment that code refers to. Each may use those before it.
  void add_segment(std::uint32_t segment, const Expr& expr, Axes& axes);

  void next_row() noexcept {
    if (++row_ != 0) return;
    for (Memo& memo : memo_) memo.row = 0;
    row_ = 1;
  }
  /// Runs from an entry; segments are evaluated once a row. Not thread-safe.
  std::uint32_t run(std::uint32_t entry, const RowSignals& row);

 private:
  enum class Kind : std::uint8_t { range, bitmap, ranges, atom, segment };
  struct Step {
    Kind kind;
    std::uint32_t axis = 0;  // or atom or segment
    std::uint32_t a = 0, b = 0;
    std::uint32_t on_true = 0, on_false = 0;
  };
  // Targets from here on are results: the branch, or kNone.
  static constexpr std::uint32_t kResult = 0x8000'0000;

  std::uint32_t emit(const Expr& expr, std::uint32_t on_true, std::uint32_t on_false, Axes& axes);
  std::uint32_t emit_set(const Expr& expr, std::uint32_t on_true, std::uint32_t on_false, Axes& axes);
  bool holds(const Step& step, const RowSignals& row) const noexcept;
  std::uint32_t run_with_segments(std::uint32_t at, const RowSignals& row);

  struct Memo {
    std::uint32_t row = 0;
    bool holds = false;
  };
  struct Frame {
    std::uint32_t step, segment;
  };
  std::vector<Step> steps_;
  std::vector<std::uint64_t> bitmaps_;
  std::vector<ClassRange> ranges_;
  std::vector<std::uint32_t> segments_;  // entries
  std::vector<Memo> memo_;
  std::vector<Frame> stack_;  // scratch
  std::uint32_t row_ = 0;
};

}  // namespace leadscore
