// Canonical text of a condition, part of what a state's fingerprint covers.
#include <algorithm>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "core/plan.hpp"

namespace leadscore {
namespace {

std::string quoted(std::string_view text) {
  std::string out = std::to_string(text.size());
  out += ':';
  out += text;
  return out;
}

std::string literal(const Literal& value, Op op, Accents accents) {
  switch (value.kind) {
    case Literal::Kind::boolean:
      return value.boolean ? "t" : "f";
    case Literal::Kind::number:
      return "n" + format_number(value.number);
    case Literal::Kind::text:
      // Patterns see the text as it is; everything else compares folded, where it does not compare as a time.
      return "s" + quoted(op == Op::matches ? value.text : folded(value.text, accents));
  }
  return {};
}

std::string joined(std::vector<std::string> parts) {
  std::sort(parts.begin(), parts.end());
  parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
  std::string out;
  for (const std::string& part : parts) out += part + ",";
  return out;
}

std::string test_signature(const Test& test, Accents accents) {
  std::string out = "(" + quoted(test.field) + " " + std::string(op_name(test.op)) + " ";
  if (test.builtin != nullptr) {
    out += "@" + std::string(test.builtin->name()) + "#" + std::to_string(test.builtin->content_hash());
  } else if (test.op == Op::between) {
    for (const Literal& arg : test.args) out += literal(arg, test.op, accents) + ",";
  } else if (test.op == Op::older_than || test.op == Op::newer_than) {
    out += std::to_string(test.duration);
  } else if (test.op == Op::is_null) {
    out += test.flag ? "t" : "f";
  } else {
    std::vector<std::string> args;
    for (const Literal& arg : test.args) args.push_back(literal(arg, test.op, accents));
    out += joined(std::move(args));
  }
  return out + ")";
}

}  // namespace

std::string signature(const Condition& condition, Accents accents) {
  if (condition.kind == Condition::Kind::test) return test_signature(condition.test, accents);
  if (condition.kind == Condition::Kind::segment)
    return "(segment " + std::to_string(condition.segment) + ")";
  std::vector<std::string> parts;
  for (const Condition& child : condition.children) parts.push_back(signature(child, accents));
  const char* name = condition.kind == Condition::Kind::all   ? "all"
                     : condition.kind == Condition::Kind::any ? "any"
                                                              : "not";
  return std::string("(") + name + " " + joined(std::move(parts)) + ")";
}

}  // namespace leadscore
