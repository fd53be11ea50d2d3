// Conditions and values in words, for the reasons of an explanation.
#include <algorithm>
#include <array>

#include "core/explain.hpp"
#include "core/json.hpp"

namespace leadscore {
namespace {

/// Longer texts and lists are cut, so that a reason stays a line.
constexpr std::size_t kMostText = 60;
constexpr std::size_t kMostListed = 5;

std::string quoted(std::string_view text) {
  std::size_t end = std::min(text.size(), kMostText);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end;  // not inside a character
  std::string out = "\"" + std::string(text.substr(0, end)) + (end < text.size() ? "…\"" : "\"");
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';  // a reason stays a line
  }
  return out;
}

std::string describe_literal(const Literal& value) {
  switch (value.kind) {
    case Literal::Kind::boolean:
      return value.boolean ? "true" : "false";
    case Literal::Kind::number:
      return format_number(value.number);
    case Literal::Kind::text:
      return quoted(value.text);
  }
  return {};
}

std::string describe_args(const Test& test) {
  if (test.builtin != nullptr) return "@" + std::string(test.builtin->name());
  if (!test.list_name.empty()) return "@" + test.list_name;
  std::string out;
  for (std::size_t i = 0; i < test.args.size(); ++i) {
    if (i == kMostListed) return out + ", … (" + std::to_string(test.args.size()) + " in all)";
    if (i != 0) out += i + 1 == test.args.size() ? " or " : ", ";
    out += describe_literal(test.args[i]);
  }
  return out.empty() ? "nothing" : out;
}

std::string_view phrase(Op op) {
  switch (op) {
    case Op::eq:
    case Op::in:
      return "is";
    case Op::ne:
    case Op::not_in:
      return "is not";
    case Op::lt:
      return "<";
    case Op::lte:
      return "≤";
    case Op::gt:
      return ">";
    case Op::gte:
      return "≥";
    case Op::contains:
      return "contains";
    case Op::starts_with:
      return "starts with";
    case Op::ends_with:
      return "ends with";
    case Op::words:
      return "has the word";
    case Op::matches:
      return "matches";
    case Op::domain:
      return "is at domain";
    case Op::local_part:
      return "has the mailbox name";
    case Op::has:
      return "has";
    case Op::older_than:
      return "is older than";
    case Op::newer_than:
      return "is newer than";
    case Op::between:
    case Op::is_null:
      break;
  }
  return {};
}

std::string describe_test(const Test& test) {
  switch (test.op) {
    case Op::between:
      return test.field + " is between " + describe_literal(test.args[0]) + " and " +
             describe_literal(test.args[1]);
    case Op::is_null:
      return test.field + (test.flag ? " is unknown" : " is known");
    case Op::older_than:
    case Op::newer_than:
      return test.field + " " + std::string(phrase(test.op)) + " " + format_duration(test.duration);
    default:
      return test.field + " " + std::string(phrase(test.op)) + " " + describe_args(test);
  }
}

std::string describe_children(const Condition& condition, const Ruleset& rules, const char* between) {
  std::string out;
  for (const Condition& child : condition.children) {
    if (!out.empty()) out += between;
    const bool nested = (child.kind == Condition::Kind::all || child.kind == Condition::Kind::any) &&
                        child.kind != condition.kind && child.children.size() > 1;
    out += nested ? "(" + describe(child, rules) + ")" : describe(child, rules);
  }
  return out;
}

}  // namespace

std::string describe(const Condition& condition, const Ruleset& rules) {
  switch (condition.kind) {
    case Condition::Kind::test:
      return describe_test(condition.test);
    case Condition::Kind::segment:
      return "segment " + rules.segments[condition.segment].name;
    case Condition::Kind::negation:
      return "not (" + describe(condition.children.front(), rules) + ")";
    case Condition::Kind::all:
      return condition.children.empty() ? "always" : describe_children(condition, rules, " and ");
    case Condition::Kind::any:
      return condition.children.empty() ? "never" : describe_children(condition, rules, " or ");
  }
  return {};
}

std::string describe(const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      return "unknown";
    case Value::Kind::boolean:
      return value.boolean ? "true" : "false";
    case Value::Kind::number:
      return format_number(value.number);
    case Value::Kind::text:
      return is_blank(value.view()) ? "unknown" : quoted(value.view());
    case Value::Kind::instant:
      return format_instant(value.instant);
    case Value::Kind::array: {
      std::string out;
      for (std::uint32_t i = 0; i < value.array.size; ++i) {
        if (i == kMostListed) return out + ", …";
        if (i != 0) out += ", ";
        out += describe(value.array.items[i]);
      }
      return out.empty() ? "unknown" : "[" + out + "]";
    }
    case Value::Kind::other:
      return "an object";
  }
  return {};
}

}  // namespace leadscore
