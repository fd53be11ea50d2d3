// Simplification of conditions. Children on one axis are merged by set algebra, so that what reads a single
// axis ends as a single set, whatever its shape was.
#include "core/match_expr.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace leadscore {
namespace {

/// Classes of an axis that is not decided yet: NULL and all others.
constexpr std::uint32_t kAnyClasses = UINT32_MAX;

std::uint32_t size_of(std::uint32_t field, AxisKind axis, const AxisSizes& sizes) {
  return axis == AxisKind::any ? kAnyClasses : sizes.classes(field, axis);
}

Expr junction(std::vector<Expr> children, bool conjunction, const AxisSizes& sizes) {
  const Expr::Kind own = conjunction ? Expr::Kind::all : Expr::Kind::any;
  std::vector<Expr> rest, sets;
  const auto take = [&](Expr&& child) {
    if (child.kind == Expr::Kind::classes) {
      sets.push_back(std::move(child));
    } else {
      rest.push_back(std::move(child));
    }
  };
  for (Expr& child : children) {
    if (child.kind == Expr::Kind::constant) {
      if (child.value != conjunction) return constant_expr(child.value);
    } else if (child.kind == own) {
      for (Expr& grandchild : child.children) take(std::move(grandchild));
    } else {
      take(std::move(child));
    }
  }
  // By field, those of no axis in particular last, to join the field's last group.
  std::stable_sort(sets.begin(), sets.end(), [](const Expr& a, const Expr& b) {
    return a.field != b.field ? a.field < b.field : a.axis < b.axis;
  });
  std::vector<Expr> merged;
  for (std::size_t i = 0; i < sets.size();) {
    const std::uint32_t field = sets[i].field;
    const AxisKind axis = sets[i].axis;
    const std::uint32_t classes = size_of(field, axis, sizes);
    std::vector<ClassSet> group;
    for (;
         i < sets.size() && sets[i].field == field && (sets[i].axis == axis || sets[i].axis == AxisKind::any);
         ++i) {
      group.push_back(set_on(sets[i], classes));
    }
    ClassSet set = group.size() == 1 ? std::move(group[0])
                   : conjunction     ? intersection_of(group)
                                     : union_of(group);
    Expr expr = class_expr(field, axis, std::move(set), sizes);
    if (expr.kind == Expr::Kind::constant) {
      if (expr.value != conjunction) return expr;
    } else {
      merged.push_back(std::move(expr));
    }
  }
  // Sets first: they cost least to test.
  merged.insert(merged.end(), std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
  if (merged.empty()) return constant_expr(conjunction);
  if (merged.size() == 1) return std::move(merged[0]);
  Expr result;
  result.kind = own;
  result.children = std::move(merged);
  return result;
}

}  // namespace

Expr constant_expr(bool value) {
  Expr expr;
  expr.value = value;
  return expr;
}

Expr atom_expr(std::uint32_t atom) {
  Expr expr;
  expr.kind = Expr::Kind::atom;
  expr.number = atom;
  return expr;
}

Expr segment_expr(std::uint32_t segment) {
  Expr expr;
  expr.kind = Expr::Kind::segment;
  expr.number = segment;
  return expr;
}

Expr class_expr(std::uint32_t field, AxisKind axis, ClassSet set, const AxisSizes& sizes) {
  if (set.empty()) return constant_expr(false);
  if (set.size() == 1 && set[0].begin == 0 && set[0].end >= size_of(field, axis, sizes))
    return constant_expr(true);
  Expr expr;
  expr.kind = Expr::Kind::classes;
  expr.field = field;
  expr.axis = axis;
  expr.set = std::move(set);
  return expr;
}

Expr all_expr(std::vector<Expr> children, const AxisSizes& sizes) {
  return junction(std::move(children), true, sizes);
}

Expr any_expr(std::vector<Expr> children, const AxisSizes& sizes) {
  return junction(std::move(children), false, sizes);
}

Expr negation_expr(Expr child, const AxisSizes& sizes) {
  switch (child.kind) {
    case Expr::Kind::constant:
      return constant_expr(!child.value);
    case Expr::Kind::classes:
      return class_expr(child.field, child.axis,
                        complement(child.set, size_of(child.field, child.axis, sizes)), sizes);
    case Expr::Kind::negation: {
      Expr inner = std::move(child.children[0]);
      return inner;
    }
    case Expr::Kind::all:
    case Expr::Kind::any: {
      // De Morgan: so that sets below meet their like above.
      std::vector<Expr> negated;
      negated.reserve(child.children.size());
      for (Expr& grandchild : child.children) negated.push_back(negation_expr(std::move(grandchild), sizes));
      return junction(std::move(negated), child.kind == Expr::Kind::any, sizes);
    }
    case Expr::Kind::atom:
    case Expr::Kind::segment:
      break;
  }
  Expr result;
  result.kind = Expr::Kind::negation;
  result.children.push_back(std::move(child));
  return result;
}

std::size_t weight(const Expr& expr) noexcept {
  std::size_t sum = 1 + expr.set.size();
  for (const Expr& child : expr.children) sum += weight(child);
  return sum;
}

ClassSet set_on(const Expr& classes, std::uint32_t axis_classes) {
  ClassSet set = classes.set;
  if (!set.empty() && set.back().end > axis_classes) set.back().end = axis_classes;
  return set;
}

Trigger trigger_of(const Expr& expr, const AxisSizes& sizes) {
  Trigger result;
  switch (expr.kind) {
    case Expr::Kind::constant:
      result.share = expr.value ? 1 : 0;
      break;
    case Expr::Kind::classes: {
      const AxisKind axis = expr.axis == AxisKind::any ? AxisKind::value : expr.axis;
      const std::uint32_t classes = sizes.classes(expr.field, axis);
      const ClassSet set = set_on(expr, classes);
      double held = 0;
      for (const ClassRange& range : set) held += range.end - range.begin;
      // Few classes may well hold many rows: a country, say. Nothing is known of how often.
      result.share = 0.1 + held / classes;
      result.sets.push_back(class_expr(expr.field, axis, set, sizes));
      if (result.sets[0].kind != Expr::Kind::classes) {
        result.share = 1;
        result.sets.clear();
      }
      break;
    }
    case Expr::Kind::atom:
      result.share = 0.05;
      result.atoms.push_back(expr.number);
      break;
    case Expr::Kind::segment:
    case Expr::Kind::negation:
      break;
    case Expr::Kind::all:
      for (const Expr& child : expr.children) {
        Trigger narrower = trigger_of(child, sizes);
        if (narrower.share < result.share) result = std::move(narrower);
      }
      break;
    case Expr::Kind::any:
      result.share = 0;
      for (const Expr& child : expr.children) {
        widen(result, trigger_of(child, sizes));
        if (result.share >= 1) break;
      }
      break;
  }
  return result;
}

void widen(Trigger& trigger, Trigger other) {
  trigger.share = std::min(1.0, trigger.share + other.share);
  trigger.atoms.insert(trigger.atoms.end(), other.atoms.begin(), other.atoms.end());
  std::move(other.sets.begin(), other.sets.end(), std::back_inserter(trigger.sets));
}

}  // namespace leadscore
