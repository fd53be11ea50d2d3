// Conditions as the compiler sees them: over classes and atoms, simplified as they are built.
#pragma once

#include <cstdint>
#include <vector>

#include "core/match_axis.hpp"
#include "core/match_classes.hpp"

namespace leadscore {

/// A boolean expression over a row's signals. An atom is a test that several patterns may serve and that a
/// row either hits or not (contains, matches, domain, has, ...).
struct Expr {
  enum class Kind : std::uint8_t { constant, classes, atom, segment, all, any, negation };
  Kind kind = Kind::constant;
  bool value = false;             ///< constant
  AxisKind axis = AxisKind::any;  ///< classes
  std::uint32_t field = 0;        ///< classes
  std::uint32_t number = 0;       ///< atom, segment
  ClassSet set;                   ///< classes; within [0, UINT32_MAX) where axis is any
  std::vector<Expr> children;     ///< all, any: two or more; negation: one
};

/// Number of classes of an axis.
class AxisSizes {
 public:
  virtual std::uint32_t classes(std::uint32_t field, AxisKind axis) const = 0;

 protected:
  ~AxisSizes() = default;
};

Expr constant_expr(bool value);
Expr atom_expr(std::uint32_t atom);
Expr segment_expr(std::uint32_t segment);
Expr class_expr(std::uint32_t field, AxisKind axis, ClassSet set, const AxisSizes& sizes);

/// The conjunction or disjunction of any number of expressions: constants vanish, sets of one axis merge into
/// one.
Expr all_expr(std::vector<Expr> children, const AxisSizes& sizes);
Expr any_expr(std::vector<Expr> children, const AxisSizes& sizes);
Expr negation_expr(Expr child, const AxisSizes& sizes);

/// Nodes and ranges together: what a copy costs.
std::size_t weight(const Expr& expr) noexcept;

/// The set as one of that axis (for a set of axis `any`: without what lies beyond it).
ClassSet set_on(const Expr& classes, std::uint32_t axis_classes);

/// What must be so in a row for an expression to hold: one of the atoms is hit or one of the class sets
/// holds.
struct Trigger {
  /// Roughly the share of rows that it lets through; 1 where nothing is known.
  double share = 1;
  std::vector<std::uint32_t> atoms;
  std::vector<Expr> sets;  ///< of kind classes
};
Trigger trigger_of(const Expr& expr, const AxisSizes& sizes);
/// Adds what another alternative needs.
void widen(Trigger& trigger, Trigger other);

}  // namespace leadscore
