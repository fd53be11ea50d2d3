// Expressing conditions over the classes and atoms that were entered.
#include <algorithm>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "core/match_check.hpp"
#include "core/match_tests.hpp"

namespace leadscore {
namespace {

ClassRange one(std::uint32_t cls) noexcept { return {cls, cls + 1}; }

}  // namespace

std::uint32_t MatchTests::classes(std::uint32_t field, AxisKind axis) const {
  switch (axis) {
    case AxisKind::time:
      return fields_[field]->time.axis.classes();
    case AxisKind::age:
      return fields_[field]->age.axis.classes();
    default:
      return fields_[field]->value.classes();
  }
}

std::uint32_t MatchTests::number(std::uint32_t field, AxisKind axis) {
  MatchField& f = *fields_[field];
  std::uint32_t& number = axis == AxisKind::time  ? f.time.number
                          : axis == AxisKind::age ? f.age.number
                                                  : f.value_number;
  if (number == kNoAxis) number = axis_numbers_++;
  return number;
}

Expr MatchTests::express(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::test:
      return express_test(condition.test);
    case Condition::Kind::segment: {
      if (segment_copied_[condition.segment]) return segment_exprs_.at(condition.segment);
      return segment_expr(static_cast<std::uint32_t>(condition.segment));
    }
    default:
      break;
  }
  std::vector<Expr> children;
  children.reserve(condition.children.size());
  for (const Condition& child : condition.children) children.push_back(express(child));
  if (condition.kind == Condition::Kind::negation) return negation_expr(std::move(children.at(0)), *this);
  return condition.kind == Condition::Kind::all ? all_expr(std::move(children), *this)
                                                : any_expr(std::move(children), *this);
}

Expr MatchTests::express_test(const Test& test) {
  checkpoint();
  const std::uint32_t number = field_number(test.field);
  const MatchField& field = *fields_[number];
  switch (test.op) {
    case Op::eq:
    case Op::ne:
    case Op::in:
    case Op::not_in:
      return class_expr(number, field.type == FieldType::instant ? AxisKind::time : AxisKind::value,
                        equality_set(field, test), *this);
    case Op::lt:
    case Op::lte:
    case Op::gt:
    case Op::gte:
    case Op::between: {
      const Literal &low = test.args.front(), &high = test.args.back();
      if (low.kind == Literal::Kind::number) {
        const ValueAxis& axis = field.value;
        return class_expr(
            number, AxisKind::value,
            order_set(test, axis.all_numbers(), axis.class_of(low.number), axis.class_of(high.number)),
            *this);
      }
      const MicrosAxis& axis = field.time.axis;
      return class_expr(number, AxisKind::time,
                        order_set(test, axis.all(), axis.class_of(low.instant), axis.class_of(high.instant)),
                        *this);
    }
    case Op::older_than:
    case Op::newer_than: {
      const MicrosAxis& axis = field.age.axis;
      const std::uint32_t bound = axis.class_of(test.duration);
      const ClassRange held = test.op == Op::older_than ? ClassRange{bound, axis.classes()}
                                                        : ClassRange{MicrosAxis::kFirst, bound};
      return class_expr(number, AxisKind::age, normalised({held}), *this);
    }
    case Op::is_null:
      return class_expr(number, AxisKind::any,
                        {test.flag ? one(kNullClass) : ClassRange{kUnfitClass, UINT32_MAX}}, *this);
    default:
      return atom_expr(atom_of_.at(&test));
  }
}

// Of each type that the arguments are of: the values equal to one of them, or all others.
ClassSet MatchTests::equality_set(const MatchField& field, const Test& test) {
  std::vector<ClassRange> equal, comparable;
  bool booleans = false, numbers = false, texts = false;
  for (const Literal& literal : test.args) {
    if (field.type == FieldType::instant) {
      equal.push_back(one(field.time.axis.class_of(literal.instant)));
    } else if (literal.kind == Literal::Kind::boolean) {
      booleans = true;
      equal.push_back(one(field.value.class_of(literal.boolean)));
    } else if (literal.kind == Literal::Kind::number) {
      numbers = true;
      equal.push_back(one(field.value.class_of(literal.number)));
    } else {
      texts = true;
      equal.push_back(one(field.value.class_of(folder_.fold(literal.text))));
    }
  }
  ClassSet set = normalised(std::move(equal));
  if (test.op == Op::eq || test.op == Op::in) return set;
  if (field.type == FieldType::instant) {
    comparable.push_back(field.time.axis.all());
  } else if (test.args.empty()) {
    comparable.push_back({ValueAxis::kFalse, field.value.classes()});
  }
  if (booleans) comparable.push_back(field.value.all_booleans());
  if (numbers) comparable.push_back(field.value.all_numbers());
  if (texts) comparable.push_back(field.value.all_texts());
  const std::uint32_t classes =
      field.type == FieldType::instant ? field.time.axis.classes() : field.value.classes();
  const ClassSet sets[] = {normalised(std::move(comparable)), complement(set, classes)};
  return intersection_of(sets);
}

ClassSet MatchTests::order_set(const Test& test, ClassRange all, std::uint32_t low,
                               std::uint32_t high) const {
  switch (test.op) {
    case Op::lt:
      return normalised({{all.begin, low}});
    case Op::lte:
      return normalised({{all.begin, low + 1}});
    case Op::gt:
      return normalised({{low + 1, all.end}});
    case Op::gte:
      return normalised({{low, all.end}});
    default:
      return normalised({{low, high + 1}});
  }
}

ClassFunction MatchTests::map_function(const std::string& path, const std::vector<MapEntry>& map,
                                       bool otherwise, bool missing, AxisKind& axis) {
  const MatchField& field = *fields_[field_number(path)];
  const FieldType type = field.type;
  const bool any = type == FieldType::json;
  axis = type == FieldType::instant ? AxisKind::time : AxisKind::value;
  std::vector<ClassSet> branches;
  for (const MapEntry& entry : map) {
    std::vector<ClassRange> held;
    if (type == FieldType::instant) {
      if (const auto instant = parse_instant(entry.value))
        held.push_back(one(field.time.axis.class_of(*instant)));
    }
    if (type == FieldType::number || any) {
      if (const auto number = read_json_number(entry.value))
        held.push_back(one(field.value.class_of(*number)));
    }
    if (type == FieldType::text || type == FieldType::boolean || any) {
      const std::string_view text = folder_.fold(entry.value);
      if (type != FieldType::boolean) held.push_back(one(field.value.class_of(text)));
      if (type != FieldType::text && text == "true") held.push_back(one(ValueAxis::kTrue));
      if (type != FieldType::text && text == "false") held.push_back(one(ValueAxis::kFalse));
    }
    branches.push_back(normalised(std::move(held)));
  }
  const std::uint32_t classes = this->classes(field_number(path), axis);
  ClassRange served{kUnfitClass + 1, classes};
  if (type == FieldType::number) served = field.value.all_numbers();
  if (type == FieldType::boolean) served = field.value.all_booleans();
  if (type == FieldType::text) served = field.value.all_texts();
  const ClassSet all = normalised({served});
  branches.push_back(otherwise ? all : ClassSet{});
  branches.push_back(missing ? complement(all, classes) : ClassSet{});
  return first_holding(branches, classes);
}

ClassFunction MatchTests::bands_function(const std::string& path, const std::vector<Band>& bands,
                                         bool missing) {
  const ValueAxis& axis = fields_[field_number(path)]->value;
  const ClassRange all = axis.all_numbers();
  std::vector<ClassSet> branches;
  branches.reserve(bands.size() + 1);
  for (const Band& band : bands) {
    branches.push_back(normalised({{all.begin, band.below ? axis.class_of(*band.below) : all.end}}));
  }
  branches.push_back(missing ? complement({all}, axis.classes()) : ClassSet{});
  return first_holding(branches, axis.classes());
}

}  // namespace leadscore
