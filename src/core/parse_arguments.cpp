// Arguments of operators: scalars, arrays, lists, numbers and dates to compare with, durations.
#include <algorithm>

#include "core/parse_scope.hpp"
#include "core/text.hpp"

namespace leadscore {
namespace {

bool takes_text_only(Op op) noexcept {
  return op == Op::contains || op == Op::starts_with || op == Op::ends_with || op == Op::words ||
         op == Op::matches || op == Op::domain || op == Op::local_part;
}

/// "@gmail.com" as what an address ends with is the text that it looks like: it names no list and is not
/// spelled like a list's name. "@rivls" is a list's name misspelled.
bool is_plain_pattern(const Node& node, Op op, const ParseScope& scope) {
  if (op != Op::contains && op != Op::starts_with && op != Op::ends_with && op != Op::matches) return false;
  const std::string& text = node.json().text;
  if (names_list(text, scope)) return false;
  return std::any_of(text.begin() + 1, text.end(),
                     [](char c) {
                       const bool in_name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                            (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                                            static_cast<unsigned char>(c) >= 0x80;
                       return !in_name;
                     }) ||
         text == "@";
}

Literal text_literal(const std::string& text) {
  Literal literal;
  literal.kind = Literal::Kind::text;
  literal.text = text;
  if (const auto instant = parse_instant(text)) {
    literal.is_instant = true;
    literal.instant = *instant;
  }
  return literal;
}

/// Blank text is no value, so nothing is ever equal to it, and all that has a value differs from it.
void warn_of_blank(const Node& node, Op op, const Literal& literal, ParseScope& scope) {
  if (literal.kind != Literal::Kind::text || !is_blank(literal.text)) return;
  const bool negative = op == Op::ne || op == Op::not_in;
  scope.log.warning(node,
                    negative ? "blank text is no value: every value differs from it"
                             : "blank text is no value: nothing is equal to it",
                    negative ? "To ask for any value write {\"is_null\": false}."
                             : "To ask for no value write {\"is_null\": true}.");
}

void warn_of_nothing(const Node& node, Op op, ParseScope& scope) {
  scope.log.warning(node,
                    op == Op::not_in ? "is empty: it holds for every value" : "is empty: it never holds");
}

void parse_item(const Node& item, Test& test, ParseScope& scope) {
  const bool text_only = takes_text_only(test.op);
  if (text_only && !item.is(Json::Kind::text)) {
    wrong_kind(item, scope.log, "text",
               item.is(Json::Kind::number) ? "Write it in quotation marks: " + quoted(item.json().text) + "."
                                           : std::string());
    return;
  }
  if (item.is(Json::Kind::text) && names_list(item.json().text, scope)) {
    scope.log.error(item, "a list cannot stand inside an array",
                    "Ask for both: {\"any\": [{\"field\": {…: " + quoted(item.json().text) + "}}, …]}.");
    return;
  }
  auto literal = parse_literal(item, scope);
  if (!literal) return;
  if (text_only) {
    if (!check_entry(item, test.op, literal->text, {}, scope)) return;
  } else {
    warn_of_blank(item, test.op, *literal, scope);
  }
  test.args.push_back(std::move(*literal));
}

void parse_list_values(const Node& node, Test& test, ParseScope& scope) {
  const auto list = find_list(node, scope);
  if (!list) return;
  const std::string& written = node.json().text;
  test.list_name = written.substr(1);
  if (list->builtin != nullptr) {
    const bool domains = list->builtin->use() == BuiltinList::Use::domain;
    const Op op = domains ? Op::domain : Op::local_part;
    if (test.op == op) {
      test.builtin = list->builtin;
    } else {
      scope.log.error(node,
                      quoted(written) + " is a list of " + (domains ? "domains" : "mailbox names") +
                          ": it can only be used with " + quoted(op_name(op)),
                      "Write {" + quoted(op_name(op)) + ": " + quoted(written) + "}.");
    }
    return;
  }
  if (list->own->empty()) {
    scope.log.warning(node, "list " + quoted(test.list_name) + " is empty: the condition " +
                                (test.op == Op::not_in ? "holds for every value" : "never holds"));
  }
  test.args.reserve(list->own->size());
  for (const std::string& text : *list->own) {
    // One complaint about a list is enough at each place that uses it.
    if (takes_text_only(test.op) && !check_entry(node, test.op, text, test.list_name, scope)) return;
    test.args.push_back(text_literal(text));
  }
}

std::optional<Literal> parse_comparable(const Node& node, ParseScope& scope) {
  if (node.is(Json::Kind::number)) return parse_literal(node, scope);
  constexpr std::string_view kExpected = "a number, or a date or time like \"2026-01-31\"";
  if (!node.is(Json::Kind::text)) {
    wrong_kind(node, scope.log, kExpected);
    return std::nullopt;
  }
  const std::string& text = node.json().text;
  Literal literal = text_literal(text);
  if (literal.is_instant) return literal;
  // "-5", "1,000.50", but not "2026-02-30"
  std::string_view number = trimmed(text);
  if (number.starts_with('-') || number.starts_with('+')) number.remove_prefix(1);
  const bool digits = !number.empty() && number.find_first_not_of("0123456789.,") == std::string_view::npos;
  scope.log.error(
      node, "must be " + std::string(kExpected) + ", not " + quoted(text),
      parse_duration(text) ? "To compare an age use \"older_than\" or \"newer_than\"."
      : digits             ? "Numbers are written without quotation marks."
               : "Dates and times are written as in ISO 8601: \"2026-01-31\", \"2026-01-31T12:00:00Z\".");
  return std::nullopt;
}

void parse_between(const Node& node, Test& test, ParseScope& scope) {
  if (!node.is(Json::Kind::array) || node.json().items.size() != 2) {
    const std::string got = node.is(Json::Kind::array) ? std::to_string(node.json().items.size()) + " values"
                                                       : std::string(describe(node.json().kind));
    scope.log.error(node, "must be an array of two values, the least and the greatest, not " + got,
                    "For example {\"between\": [10, 50]}.");
    return;
  }
  const Node first_node = node.item(0);
  const Node last_node = node.item(1);
  auto first = parse_comparable(first_node, scope);
  auto last = parse_comparable(last_node, scope);
  if (!first || !last) return;
  if (first->kind != last->kind) {
    scope.log.error(node, "must be two numbers or two dates, not one of each");
    return;
  }
  const bool wrong_order =
      first->kind == Literal::Kind::number ? first->number > last->number : first->instant > last->instant;
  if (wrong_order) {
    scope.log.error(node, "never holds: the first value is greater than the second",
                    "Write the smaller value first.");
    return;
  }
  test.args.push_back(std::move(*first));
  test.args.push_back(std::move(*last));
}

}  // namespace

std::optional<Literal> parse_literal(const Node& node, ParseScope& scope) {
  const Json& json = node.json();
  Literal literal;
  switch (json.kind) {
    case Json::Kind::boolean:
      literal.kind = Literal::Kind::boolean;
      literal.boolean = json.boolean;
      return literal;
    case Json::Kind::number:
      literal.kind = Literal::Kind::number;
      literal.number = json.number == 0 ? 0 : json.number;  // -0 is 0
      return literal;
    case Json::Kind::text:
      return text_literal(json.text);
    case Json::Kind::null:
      wrong_kind(node, scope.log, "text, a number, true or false",
                 "To ask for no value write {\"is_null\": true}.");
      return std::nullopt;
    case Json::Kind::array:
    case Json::Kind::object:
      break;
  }
  wrong_kind(node, scope.log, "text, a number, true or false");
  return std::nullopt;
}

void parse_values(const Node& node, Test& test, ParseScope& scope) {
  if (is_list_reference(node.json())) {
    parse_list_values(node, test, scope);
    return;
  }
  if (!node.is(Json::Kind::array)) {
    wrong_kind(node, scope.log, "an array or \"@list\"",
               test.op == Op::in       ? "To compare with one value use \"eq\"."
               : test.op == Op::not_in ? "To compare with one value use \"ne\"."
                                       : "");
    return;
  }
  const std::size_t count = node.json().items.size();
  if (count == 0) warn_of_nothing(node, test.op, scope);
  test.args.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Node item = node.item(i);
    parse_item(item, test, scope);
  }
}

void parse_argument(const Node& node, Test& test, ParseScope& scope) {
  switch (test.op) {
    case Op::eq:
    case Op::ne:
      if (node.is(Json::Kind::array)) {
        wrong_kind(node, scope.log, "one value",
                   test.op == Op::eq ? "For one of several values use \"in\"."
                                     : "For none of several values use \"not_in\".");
        return;
      }
      if (auto literal = parse_literal(node, scope)) {
        warn_of_blank(node, test.op, *literal, scope);
        test.args.push_back(std::move(*literal));
      }
      return;
    case Op::in:
    case Op::not_in:
      parse_values(node, test, scope);
      return;
    case Op::lt:
    case Op::lte:
    case Op::gt:
    case Op::gte:
      if (auto literal = parse_comparable(node, scope)) test.args.push_back(std::move(*literal));
      return;
    case Op::between:
      parse_between(node, test, scope);
      return;
    case Op::contains:
    case Op::starts_with:
    case Op::ends_with:
    case Op::words:
    case Op::matches:
    case Op::domain:
    case Op::local_part:
    case Op::has:
      if (node.is(Json::Kind::array) ||
          (is_list_reference(node.json()) && !is_plain_pattern(node, test.op, scope))) {
        parse_values(node, test, scope);
      } else {
        parse_item(node, test, scope);
      }
      return;
    case Op::older_than:
    case Op::newer_than:
      if (const auto duration = read_duration(node, scope.log)) test.duration = *duration;
      return;
    case Op::is_null:
      if (const auto flag = read_boolean(node, scope.log)) test.flag = *flag;
      return;
  }
}

}  // namespace leadscore
