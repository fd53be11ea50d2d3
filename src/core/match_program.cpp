// Code is emitted from the end to the beginning, so that the targets of each test are known when it is made.
#include "core/match_program.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace leadscore {
namespace {

constexpr std::uint32_t kBitmapClasses = 4096;
constexpr std::size_t kBitmapWords = 1 << 18;  // of all code: 2 MiB

}  // namespace

std::uint32_t MatchCode::add_branches(const std::vector<Expr>& branches, Axes& axes) {
  std::uint32_t next = kNone;
  for (std::size_t i = branches.size(); i-- > 0;) {
    next = emit(branches[i], kResult + static_cast<std::uint32_t>(i), next, axes);
  }
  return next;
}

void MatchCode::add_segment(std::uint32_t segment, const Expr& expr, Axes& axes) {
  segments_[segment] = emit(expr, kResult, kNone, axes);
}

std::uint32_t MatchCode::emit(const Expr& expr, std::uint32_t on_true, std::uint32_t on_false, Axes& axes) {
  switch (expr.kind) {
    case Expr::Kind::constant:
      return expr.value ? on_true : on_false;
    case Expr::Kind::negation:
      return emit(expr.children[0], on_false, on_true, axes);
    case Expr::Kind::all: {
      std::uint32_t entry = on_true;
      for (std::size_t i = expr.children.size(); i-- > 0;)
        entry = emit(expr.children[i], entry, on_false, axes);
      return entry;
    }
    case Expr::Kind::any: {
      std::uint32_t entry = on_false;
      for (std::size_t i = expr.children.size(); i-- > 0;)
        entry = emit(expr.children[i], on_true, entry, axes);
      return entry;
    }
    case Expr::Kind::classes:
      return emit_set(expr, on_true, on_false, axes);
    case Expr::Kind::atom:
    case Expr::Kind::segment:
      break;
  }
  const Kind kind = expr.kind == Expr::Kind::atom ? Kind::atom : Kind::segment;
  steps_.push_back({kind, expr.number, 0, 0, on_true, on_false});
  return static_cast<std::uint32_t>(steps_.size() - 1);
}

std::uint32_t MatchCode::emit_set(const Expr& expr, std::uint32_t on_true, std::uint32_t on_false,
                                  Axes& axes) {
  const AxisKind axis = expr.axis == AxisKind::any ? AxisKind::value : expr.axis;
  const std::uint32_t classes = axes.classes(expr.field, axis);
  const ClassSet set = set_on(expr, classes);
  Step step{Kind::range, axes.number(expr.field, axis), 0, 0, on_true, on_false};
  const std::size_t words = (classes + 63) / 64;
  if (set.size() == 1) {
    step.a = set[0].begin;
    step.b = set[0].end - set[0].begin;
  } else if (classes <= kBitmapClasses && bitmaps_.size() + words <= kBitmapWords) {
    step.kind = Kind::bitmap;
    step.a = static_cast<std::uint32_t>(bitmaps_.size());
    bitmaps_.resize(bitmaps_.size() + words, 0);
    for (const ClassRange& range : set) {
      for (std::uint32_t cls = range.begin; cls < range.end; ++cls) {
        bitmaps_[step.a + cls / 64] |= std::uint64_t{1} << (cls % 64);
      }
    }
  } else {
    step.kind = Kind::ranges;
    step.a = static_cast<std::uint32_t>(ranges_.size());
    step.b = static_cast<std::uint32_t>(set.size());
    ranges_.insert(ranges_.end(), set.begin(), set.end());
  }
  steps_.push_back(step);
  return static_cast<std::uint32_t>(steps_.size() - 1);
}

bool MatchCode::holds(const Step& step, const RowSignals& row) const noexcept {
  if (step.kind == Kind::atom) return row.atoms.is_hit(step.axis);
  const std::uint32_t cls = row.classes[step.axis];
  switch (step.kind) {
    case Kind::range:
      return cls - step.a < step.b;
    case Kind::bitmap:
      return (bitmaps_[step.a + cls / 64] >> (cls % 64) & 1) != 0;
    default: {
      const ClassRange* begin = ranges_.data() + step.a;
      const ClassRange* after =
          std::upper_bound(begin, begin + step.b, cls,
                           [](std::uint32_t c, const ClassRange& range) { return c < range.begin; });
      return after != begin && cls < (after - 1)->end;
    }
  }
}

std::uint32_t MatchCode::run(std::uint32_t entry, const RowSignals& row) {
  std::uint32_t at = entry;
  std::uint32_t steps = 0;
  while (at < kResult) {
    const Step& step = steps_[at];
    if (step.kind == Kind::segment) return run_with_segments(at, row);
    at = holds(step, row) ? step.on_true : step.on_false;
    if (++steps % 4096 == 0) checkpoint();
  }
  return at == kNone ? kNone : at - kResult;
}

// Segments may use earlier segments, thousands deep, so the stack is one of our own.
std::uint32_t MatchCode::run_with_segments(std::uint32_t at, const RowSignals& row) {
  stack_.clear();
  std::uint32_t steps = 0;
  for (;;) {
    if (++steps % 4096 == 0) checkpoint();
    if (at >= kResult) {
      if (stack_.empty()) return at == kNone ? kNone : at - kResult;
      const Frame frame = stack_.back();
      stack_.pop_back();
      memo_[frame.segment] = {row_, at != kNone};
      at = frame.step;
    }
    const Step& step = steps_[at];
    if (step.kind != Kind::segment) {
      at = holds(step, row) ? step.on_true : step.on_false;
    } else if (memo_[step.axis].row == row_) {
      at = memo_[step.axis].holds ? step.on_true : step.on_false;
    } else {
      stack_.push_back({at, step.axis});
      at = segments_[step.axis];
    }
  }
}

}  // namespace leadscore
