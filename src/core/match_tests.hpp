// From tests to classes and atoms: first all that the deciders ask is entered into the fields' axes, then
// each condition is expressed over them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/condition.hpp"
#include "core/match_expr.hpp"
#include "core/match_field.hpp"
#include "core/match_program.hpp"
#include "core/ruleset.hpp"
#include "core/value.hpp"

namespace leadscore {

/// The fields that a matcher's deciders read, while it is compiled. Use: enter everything, freeze() once,
/// then express.
class MatchTests : public MatchCode::Axes {
 public:
  MatchTests(const Ruleset& rules, std::span<const FieldRequest> requests, const RowShape& shape);

  /// Enters all tests of a condition and of the segments that it uses. Throws Error for columns that are not
  /// there or of an unfit type.
  void enter(const std::string& owner, const Condition& condition);
  void enter_map(const std::string& owner, const std::string& field, const std::vector<MapEntry>& map);
  void enter_bands(const std::string& owner, const std::string& field, const std::vector<Band>& bands);

  /// No enter afterwards.
  void freeze();

  Expr express(const Condition& condition);
  /// Branches as Decider::map and Decider::bands number them, on the axis `axis`.
  ClassFunction map_function(const std::string& field, const std::vector<MapEntry>& map, bool otherwise,
                             bool missing, AxisKind& axis);
  ClassFunction bands_function(const std::string& field, const std::vector<Band>& bands, bool missing);

  std::uint32_t classes(std::uint32_t field, AxisKind axis) const override;
  std::uint32_t number(std::uint32_t field, AxisKind axis) override;

  std::uint32_t field_number(std::string_view path) const;
  std::uint32_t field_of_atom(std::uint32_t atom) const noexcept { return atom_field_[atom]; }
  std::uint32_t atoms() const noexcept { return static_cast<std::uint32_t>(atom_field_.size()); }
  std::uint32_t axis_numbers() const noexcept { return axis_numbers_; }
  std::vector<std::unique_ptr<MatchField>>& fields() noexcept { return fields_; }
  /// A segment that an expression refers to.
  const Expr& segment(std::size_t index) const { return segment_exprs_.at(index); }

 private:
  struct Atom {
    const Test* test;
    std::string owner;
  };
  MatchField& enter_field(const std::string& owner, std::string_view path);
  const FieldInfo& info(const MatchField& field) const noexcept { return shape_.fields[field.request]; }
  void enter_condition(const std::string& owner, const Condition& condition,
                       std::vector<std::size_t>& segments);
  void enter_test(const std::string& owner, const Test& test);
  void enter_atom(std::uint32_t field, const std::string& owner, const Test& test);
  void index_atom(MatchField& field, const Atom& atom, std::uint32_t number);
  Expr express_test(const Test& test);
  ClassSet equality_set(const MatchField& field, const Test& test);
  ClassSet order_set(const Test& test, ClassRange all, std::uint32_t low, std::uint32_t high) const;

  const Ruleset& rules_;
  std::span<const FieldRequest> requests_;
  const RowShape& shape_;
  Folder folder_;
  std::unordered_map<std::string_view, std::uint32_t> request_of_, field_of_;  // by path
  std::vector<std::unique_ptr<MatchField>> fields_;
  std::vector<std::vector<Atom>> field_atoms_;  // by field
  std::unordered_multimap<std::uint64_t, std::pair<std::uint32_t, std::uint32_t>>
      known_atoms_;  // hash -> field, own number
  std::unordered_map<const Test*, std::uint32_t>
      atom_of_;  // own number of the field, then (frozen) the atom's
  std::vector<std::uint32_t> atom_field_;
  std::vector<bool> segment_used_;
  std::unordered_map<std::size_t, Expr> segment_exprs_;
  std::vector<bool> segment_copied_;
  std::uint32_t axis_numbers_ = 0;
};

}  // namespace leadscore
