// What is asked of one field: a value, several, a list, or operators.
#include <algorithm>
#include <array>

#include "core/parse_scope.hpp"

namespace leadscore {
namespace {

constexpr std::array<Op, 20> kOps{
    Op::eq,     Op::ne,         Op::in,       Op::not_in,      Op::lt,         Op::lte,    Op::gt,
    Op::gte,    Op::between,    Op::contains, Op::starts_with, Op::ends_with,  Op::words,  Op::matches,
    Op::domain, Op::local_part, Op::has,      Op::older_than,  Op::newer_than, Op::is_null};

/// What people who know other languages write.
struct Synonym {
  std::string_view word;
  Op op;
};
constexpr std::array<Synonym, 19> kSynonyms{{{"=", Op::eq},
                                             {"==", Op::eq},
                                             {"equals", Op::eq},
                                             {"is", Op::eq},
                                             {"!=", Op::ne},
                                             {"<>", Op::ne},
                                             {"not", Op::ne},
                                             {"<", Op::lt},
                                             {"<=", Op::lte},
                                             {"le", Op::lte},
                                             {">", Op::gt},
                                             {">=", Op::gte},
                                             {"ge", Op::gte},
                                             {"like", Op::contains},
                                             {"ilike", Op::contains},
                                             {"regex", Op::matches},
                                             {"regexp", Op::matches},
                                             {"exists", Op::is_null},
                                             {"null", Op::is_null}}};

const Op* find_op(std::string_view name) noexcept {
  for (const Op& op : kOps) {
    if (op_name(op) == name) return &op;
  }
  return nullptr;
}

void unknown_operator(const Node& node, const std::string& field, ParseScope& scope) {
  const std::string_view name = node.name();
  std::string hint;
  for (const Synonym& synonym : kSynonyms) {
    if (synonym.word == name) hint = "Did you mean " + quoted(op_name(synonym.op)) + "?";
  }
  if (hint.empty() && node.is(Json::Kind::object)) {
    hint = "A field inside a composite or jsonb column is written with a dot: " +
           quoted(field + "." + std::string(name)) + ".";
  }
  if (hint.empty()) {
    std::array<std::string_view, kOps.size()> names;
    std::transform(kOps.begin(), kOps.end(), names.begin(), [](Op op) { return op_name(op); });
    hint = scope.log.did_you_mean(name, names);
    if (hint.empty()) {
      hint = "The operators are";
      for (const std::string_view known : names) {
        hint += ' ';
        hint += known;
        hint += known == names.back() ? '.' : ',';
      }
    }
  }
  scope.log.error(node, "unknown operator " + quoted(name), std::move(hint));
}

Condition as_condition(Test test) {
  Condition result;
  result.kind = Condition::Kind::test;
  result.test = std::move(test);
  return result;
}

Condition parse_operators(const Node& node, const std::string& field, ParseScope& scope) {
  Condition result;
  const auto& members = node.json().members;
  if (members.empty()) {
    scope.log.error(node, "has no operator", "To ask for any value write {\"is_null\": false}.");
    return result;
  }
  const std::size_t errors = scope.log.errors();
  find_duplicates(node, scope.log);
  for (const auto& member : members) {
    const Node argument = node.member(member);
    const Op* op = find_op(member.first);
    if (op == nullptr) {
      unknown_operator(argument, field, scope);
      continue;
    }
    Test test;
    test.field = field;
    test.op = *op;
    parse_argument(argument, test, scope);
    result.children.push_back(as_condition(std::move(test)));
  }
  const bool some_never =
      std::any_of(result.children.begin(), result.children.end(),
                  [&](const Condition& child) { return truth_of(child, {}) == Truth::never; });
  if (!some_never && errors == scope.log.errors() && contradict(result.children)) {
    scope.log.warning(node, "never holds: its operators contradict each other");
  }
  if (result.children.size() == 1) {
    Condition only = std::move(result.children.front());
    return only;
  }
  return result;
}

}  // namespace

Condition parse_field_condition(const Node& node, const std::string& field, ParseScope& scope) {
  if (node.is(Json::Kind::object)) return parse_operators(node, field, scope);
  Test test;
  test.field = field;
  if (node.is(Json::Kind::array) || is_list_reference(node.json())) {
    test.op = Op::in;
    parse_values(node, test, scope);
  } else {
    test.op = Op::eq;
    parse_argument(node, test, scope);
  }
  return as_condition(std::move(test));
}

}  // namespace leadscore
