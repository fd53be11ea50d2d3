// Conditions, one value at a time.
#include "reference_condition.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>

#include "core/json.hpp"
#include "core/text.hpp"

namespace leadscore::reference {
namespace {

bool is_null(const Datum& datum) {
  if (std::holds_alternative<std::monostate>(datum.held)) return true;
  if (const auto* text = std::get_if<std::string>(&datum.held)) return is_blank(*text);
  if (const auto* items = std::get_if<std::vector<Datum>>(&datum.held)) return items->empty();
  return false;
}

/// The texts that a text operator looks at: the value, or the elements of an array.
std::vector<std::string> texts_of(const Datum& datum) {
  std::vector<std::string> texts;
  if (const auto* text = std::get_if<std::string>(&datum.held)) texts.push_back(*text);
  if (const auto* items = std::get_if<std::vector<Datum>>(&datum.held)) {
    for (const Datum& item : *items) {
      const auto* text = std::get_if<std::string>(&item.held);
      if (text != nullptr && !is_blank(*text)) texts.push_back(*text);
    }
  }
  return texts;
}

/// Of a type that the literal can be compared with?
bool comparable(const Datum& datum, const Literal& literal) {
  switch (literal.kind) {
    case Literal::Kind::boolean:
      return std::holds_alternative<bool>(datum.held);
    case Literal::Kind::number:
      return std::holds_alternative<double>(datum.held);
    case Literal::Kind::text:
      return std::holds_alternative<std::string>(datum.held);
  }
  return false;
}

bool equal(const Datum& datum, const Literal& literal, Accents accents) {
  if (is_null(datum) || !comparable(datum, literal)) return false;
  if (const auto* flag = std::get_if<bool>(&datum.held)) return *flag == literal.boolean;
  if (const auto* value = std::get_if<double>(&datum.held)) return *value == literal.number;
  return folded(std::get<std::string>(datum.held), accents) == folded(literal.text, accents);
}

/// -1, 0, 1; nullopt where the two can't be compared.
std::optional<int> order(const Datum& datum, const Literal& literal) {
  if (literal.kind == Literal::Kind::number) {
    const auto value = number_of(datum);
    if (!value || std::isnan(*value)) return std::nullopt;  // IEEE: unordered
    return *value < literal.number ? -1 : (*value > literal.number ? 1 : 0);
  }
  const auto value = instant_of(datum);
  if (!value) return std::nullopt;
  return *value < literal.instant ? -1 : (*value > literal.instant ? 1 : 0);
}

bool has_phrase(const std::string& text, std::string phrase) {
  bool goes_on = false;
  if (!phrase.empty() && phrase.back() == '*') {
    goes_on = true;
    phrase.pop_back();
  }
  const auto boundary = [&](std::size_t at) { return is_word_before(text, at) != is_word_at(text, at); };
  for (std::size_t at = text.find(phrase); at != std::string::npos; at = text.find(phrase, at + 1)) {
    if (boundary(at) && (goes_on || boundary(at + phrase.size()))) return true;
  }
  return false;
}

bool is_or_is_below(const std::string& host, const std::string& name) {
  if (host == name) return true;
  return host.size() > name.size() + 1 && host.ends_with(name) && host[host.size() - name.size() - 1] == '.';
}

/// Is the text in a list that ships with leadscore?
bool in_builtin(const std::string& value, const Test& test, Accents accents) {
  if (test.op == Op::local_part) return test.builtin->contains(folded(local_part_of(value), accents));
  std::string host = folded(host_of(value), accents);
  while (true) {
    if (test.builtin->contains(host)) return true;
    const std::size_t dot = host.find('.');
    if (dot == std::string::npos) return false;
    host.erase(0, dot + 1);
  }
}

bool text_test(const std::string& value, const Test& test, const std::string& argument, Accents accents) {
  const std::string text = folded(value, accents);
  const std::string wanted = folded(argument, accents);
  switch (test.op) {
    case Op::contains:
      return text.find(wanted) != std::string::npos;
    case Op::starts_with:
      return text.starts_with(wanted);
    case Op::ends_with:
      return text.ends_with(wanted);
    case Op::words:
      return has_phrase(text, wanted);
    case Op::domain:
      return is_or_is_below(folded(host_of(value), accents), wanted);
    case Op::local_part:
      return folded(local_part_of(value), accents) == wanted;
    case Op::matches: {
      RE2::Options options;
      options.set_case_sensitive(false);
      return RE2::PartialMatch(value, RE2(argument, options));
    }
    default:
      return false;
  }
}

bool holds(const Test& test, const Ruleset& rules, const Row& row, Micros as_of) {
  const Datum& datum = field_of(row, test.field);
  if (test.op == Op::is_null) return is_null(datum) == test.flag;
  if (is_null(datum)) return false;
  const auto equals_one = [&](const Datum& value) {
    return std::any_of(test.args.begin(), test.args.end(),
                       [&](const Literal& literal) { return equal(value, literal, rules.accents); });
  };
  switch (test.op) {
    case Op::eq:
    case Op::in:
      return equals_one(datum);
    case Op::ne:
    case Op::not_in:
      // A value of a type that none of the literals has fails the test, as it would fail its opposite.
      return !equals_one(datum) && (test.args.empty() || std::any_of(test.args.begin(), test.args.end(),
                                                                     [&](const Literal& literal) {
                                                                       return comparable(datum, literal);
                                                                     }));
    case Op::lt:
      return order(datum, test.args[0]) == -1;
    case Op::lte:
      return order(datum, test.args[0]).value_or(1) <= 0;
    case Op::gt:
      return order(datum, test.args[0]) == 1;
    case Op::gte:
      return order(datum, test.args[0]).value_or(-1) >= 0;
    case Op::between:
      return order(datum, test.args[0]).value_or(-1) >= 0 && order(datum, test.args[1]).value_or(1) <= 0;
    case Op::older_than: {
      const auto at = instant_of(datum);
      return at && difference(as_of, *at) >= test.duration;
    }
    case Op::newer_than: {
      const auto at = instant_of(datum);
      return at && difference(as_of, *at) < test.duration;
    }
    case Op::has: {
      const auto* items = std::get_if<std::vector<Datum>>(&datum.held);
      return items != nullptr && std::any_of(items->begin(), items->end(), equals_one);
    }
    default:
      for (const std::string& text : texts_of(datum)) {
        if (test.builtin != nullptr && in_builtin(text, test, rules.accents)) return true;
        for (const Literal& argument : test.args) {
          if (text_test(text, test, argument.text, rules.accents)) return true;
        }
      }
      return false;
  }
}

}  // namespace

Datum null() { return {}; }
Datum boolean(bool value) { return {value}; }
Datum number(double value) { return {value}; }
Datum text(std::string value) { return {std::move(value)}; }
Datum instant(Micros value) { return {value}; }
Datum array(std::vector<Datum> items) { return {std::move(items)}; }

const Datum& field_of(const Row& row, const std::string& field) {
  static const Datum kNull;
  const auto found = row.find(field);
  return found == row.end() ? kNull : found->second;
}

std::optional<double> number_of(const Datum& datum) {
  if (const auto* value = std::get_if<double>(&datum.held)) return *value;
  return std::nullopt;
}

std::optional<Micros> instant_of(const Datum& datum) {
  if (const auto* value = std::get_if<Micros>(&datum.held)) return *value;
  if (const auto* text = std::get_if<std::string>(&datum.held)) return parse_instant(*text);
  return std::nullopt;
}

std::optional<std::string> text_form(const Datum& datum) {
  if (is_null(datum)) return std::nullopt;
  if (const auto* flag = std::get_if<bool>(&datum.held)) return *flag ? "true" : "false";
  if (const auto* value = std::get_if<double>(&datum.held)) return format_number(*value);
  if (const auto* text = std::get_if<std::string>(&datum.held)) return *text;
  return std::nullopt;
}

bool holds(const Condition& condition, const Ruleset& rules, const Row& row, Micros as_of) {
  const auto child_holds = [&](const Condition& child) { return holds(child, rules, row, as_of); };
  switch (condition.kind) {
    case Condition::Kind::all:
      return std::all_of(condition.children.begin(), condition.children.end(), child_holds);
    case Condition::Kind::any:
      return std::any_of(condition.children.begin(), condition.children.end(), child_holds);
    case Condition::Kind::negation:
      return !child_holds(condition.children.front());
    case Condition::Kind::segment:
      return child_holds(rules.segments[condition.segment].condition);
    case Condition::Kind::test:
      return holds(condition.test, rules, row, as_of);
  }
  return false;
}

}  // namespace leadscore::reference
