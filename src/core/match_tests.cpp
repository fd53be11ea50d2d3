// Entering what the deciders ask.
#include "core/match_tests.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "core/error.hpp"
#include "core/fields.hpp"
#include "core/match_check.hpp"

namespace leadscore {
namespace {

bool is_order(Op op) noexcept { return op >= Op::lt && op <= Op::between; }
bool is_equality(Op op) noexcept { return op <= Op::not_in; }
bool is_age(Op op) noexcept { return op == Op::older_than || op == Op::newer_than; }

/// A segment up to this weight is copied into the conditions that use it, where it can merge with its
/// neighbours.
constexpr std::size_t kCopiedSegment = 24;

std::uint64_t hash_of(const Test& test, std::uint32_t field) {
  std::uint64_t hash = field * 64ULL + static_cast<std::uint64_t>(test.op);
  for (const Literal& literal : test.args) {
    hash = XXH3_64bits_withSeed(literal.text.data(), literal.text.size(),
                                hash + static_cast<std::uint64_t>(literal.kind));
    if (literal.kind == Literal::Kind::number)
      hash = XXH3_64bits_withSeed(&literal.number, sizeof(double), hash);
    if (literal.kind == Literal::Kind::boolean && literal.boolean) ++hash;
  }
  return hash;
}

bool same(const Test& a, const Test& b) {
  return a.op == b.op && a.builtin == b.builtin &&
         std::equal(a.args.begin(), a.args.end(), b.args.begin(), b.args.end(),
                    [](const Literal& x, const Literal& y) {
                      return x.kind == y.kind && x.boolean == y.boolean && x.number == y.number &&
                             x.text == y.text;
                    });
}

}  // namespace

MatchTests::MatchTests(const Ruleset& rules, std::span<const FieldRequest> requests, const RowShape& shape)
    : rules_(rules), requests_(requests), shape_(shape), folder_(rules.accents) {
  for (std::uint32_t i = 0; i < requests.size(); ++i) {
    if (!requests[i].as_text) request_of_.emplace(requests[i].path, i);
  }
  segment_used_.assign(rules.segments.size(), false);
}

MatchField& MatchTests::enter_field(const std::string& owner, std::string_view path) {
  if (const auto known = field_of_.find(path); known != field_of_.end()) return *fields_[known->second];
  const auto request = request_of_.find(path);
  if (request == request_of_.end())
    throw std::logic_error("field \"" + std::string(path) + "\" was not requested");
  if (!shape_.fields[request->second].exists) throw_missing_column(requests_[request->second], shape_, owner);
  field_of_.emplace(request->first, static_cast<std::uint32_t>(fields_.size()));
  fields_.push_back(std::make_unique<MatchField>());
  field_atoms_.emplace_back();
  fields_.back()->request = request->second;
  fields_.back()->type = shape_.fields[request->second].type;
  return *fields_.back();
}

std::uint32_t MatchTests::field_number(std::string_view path) const { return field_of_.at(path); }

// Segments are entered from a list: they may use each other thousands deep.
void MatchTests::enter(const std::string& owner, const Condition& condition) {
  std::vector<std::size_t> segments;
  enter_condition(owner, condition, segments);
  while (!segments.empty()) {
    const std::size_t segment = segments.back();
    segments.pop_back();
    enter_condition(owner, rules_.segments[segment].condition, segments);
  }
}

void MatchTests::enter_condition(const std::string& owner, const Condition& condition,
                                 std::vector<std::size_t>& segments) {
  switch (condition.kind) {
    case Condition::Kind::segment:
      if (!segment_used_[condition.segment]) {
        segment_used_[condition.segment] = true;
        segments.push_back(condition.segment);
      }
      break;
    case Condition::Kind::test:
      enter_test(owner, condition.test);
      break;
    default:
      for (const Condition& child : condition.children) enter_condition(owner, child, segments);
  }
}

void MatchTests::enter_test(const std::string& owner, const Test& test) {
  checkpoint();
  MatchField& field = enter_field(owner, test.field);
  check_test_type(owner, test, info(field));
  const bool instants = field.type == FieldType::instant;
  if (is_age(test.op)) {
    field.age.used = true;
    field.age.axis.points.add(test.duration);
  } else if (is_order(test.op)) {
    for (const Literal& literal : test.args) {
      if (literal.kind == Literal::Kind::number) {
        field.value_used = true;
        field.value.numbers.add(literal.number);
      } else {
        field.time.used = true;
        field.time.axis.points.add(literal.instant);
      }
    }
  } else if (is_equality(test.op)) {
    (instants ? field.time.used : field.value_used) = true;
    for (const Literal& literal : test.args) {
      if (instants) {
        field.time.axis.points.add(literal.instant);
      } else if (literal.kind == Literal::Kind::number) {
        field.value.numbers.add(literal.number);
      } else if (literal.kind == Literal::Kind::text) {
        field.value.texts.add(folder_.fold(literal.text));
      }
    }
  } else if (test.op == Op::is_null) {
    field.value_used = true;
  } else {
    enter_atom(field_number(test.field), owner, test);
  }
}

void MatchTests::enter_map(const std::string& owner, const std::string& path,
                           const std::vector<MapEntry>& map) {
  MatchField& field = enter_field(owner, path);
  check_map_type(owner, path, info(field));
  const bool instants = field.type == FieldType::instant;
  (instants ? field.time.used : field.value_used) = true;
  for (const MapEntry& entry : map) {
    if (instants) {
      if (const auto instant = parse_instant(entry.value)) field.time.axis.points.add(*instant);
      continue;
    }
    field.value.texts.add(folder_.fold(entry.value));
    if (const auto number = read_json_number(entry.value)) field.value.numbers.add(*number);
  }
}

void MatchTests::enter_bands(const std::string& owner, const std::string& path,
                             const std::vector<Band>& bands) {
  MatchField& field = enter_field(owner, path);
  check_bands_type(owner, path, info(field));
  field.value_used = true;
  for (const Band& band : bands) {
    if (band.below) field.value.numbers.add(*band.below);
  }
}

// Equal tests of several rules are one atom.
void MatchTests::enter_atom(std::uint32_t field, const std::string& owner, const Test& test) {
  const std::uint64_t hash = hash_of(test, field);
  const auto [begin, end] = known_atoms_.equal_range(hash);
  for (auto known = begin; known != end; ++known) {
    const auto [of_field, number] = known->second;
    if (of_field == field && same(*field_atoms_[field][number].test, test)) {
      atom_of_.emplace(&test, number);
      return;
    }
  }
  const auto number = static_cast<std::uint32_t>(field_atoms_[field].size());
  field_atoms_[field].push_back({&test, owner});
  known_atoms_.emplace(hash, std::pair(field, number));
  atom_of_.emplace(&test, number);
}

void MatchTests::freeze() {
  std::vector<std::uint32_t> first_atom(fields_.size());
  for (std::uint32_t f = 0; f < fields_.size(); ++f) {
    MatchField& field = *fields_[f];
    field.value.freeze();
    field.time.axis.freeze();
    field.age.axis.freeze();
    first_atom[f] = atoms();
    field.set_atoms(atoms(), static_cast<std::uint32_t>(field_atoms_[f].size()));
    for (const Atom& atom : field_atoms_[f]) {
      index_atom(field, atom, atoms());
      atom_field_.push_back(f);
    }
  }
  for (auto& [test, number] : atom_of_) number += first_atom[field_number(test->field)];

  std::size_t regex_bytes = 0;
  for (const auto& field : fields_) regex_bytes += field->regexes.pattern_bytes();
  RegexBudget budget;
  for (std::uint32_t f = 0; f < fields_.size(); ++f) {
    RegexTests& regexes = fields_[f]->regexes;
    if (regexes.empty()) continue;
    const auto first = std::find_if(field_atoms_[f].begin(), field_atoms_[f].end(),
                                    [](const Atom& atom) { return atom.test->op == Op::matches; });
    regexes.build(first->owner, budget, budget.running / regex_bytes * regexes.pattern_bytes());
  }
  field_atoms_ = {};
  known_atoms_ = {};

  segment_copied_.assign(segment_used_.size(), false);
  for (std::size_t segment = 0; segment < segment_used_.size(); ++segment) {
    if (!segment_used_[segment]) continue;
    Expr expr = express(rules_.segments[segment].condition);
    segment_copied_[segment] = weight(expr) <= kCopiedSegment;
    segment_exprs_.emplace(segment, std::move(expr));
  }
}

void MatchTests::index_atom(MatchField& field, const Atom& atom, std::uint32_t number) {
  const Test& test = *atom.test;
  if (test.builtin != nullptr) {
    if (test.op == Op::domain) field.domains.add(*test.builtin, number);
    if (test.op == Op::local_part) field.local_parts.add(*test.builtin, number);
    return;
  }
  for (std::size_t i = 0; i < test.args.size(); ++i) {
    if (i % 1024 == 1023) checkpoint();
    const Literal& literal = test.args[i];
    switch (test.op) {
      case Op::matches:
        field.regexes.add(literal.text, number);
        break;
      case Op::domain:
        field.domains.add(literal.text, number, rules_.accents);
        break;
      case Op::local_part:
        field.local_parts.add(literal.text, number, rules_.accents);
        break;
      case Op::has:
        field.elements.add(literal, field.type == FieldType::instant_array, number, rules_.accents);
        break;
      default:
        field.patterns.add(test.op, literal.text, number, rules_.accents);
    }
  }
}

}  // namespace leadscore
