// Operators by column type. jsonb serves all of them: its values decide one by one.
#include "core/match_check.hpp"

#include <charconv>
#include <cstddef>
#include <utility>

#include "core/error.hpp"

namespace leadscore {
namespace {

enum class OpClass { equality, order, text, element, age, null };

OpClass class_of(Op op) noexcept {
  switch (op) {
    case Op::eq:
    case Op::ne:
    case Op::in:
    case Op::not_in:
      return OpClass::equality;
    case Op::lt:
    case Op::lte:
    case Op::gt:
    case Op::gte:
    case Op::between:
      return OpClass::order;
    case Op::contains:
    case Op::starts_with:
    case Op::ends_with:
    case Op::words:
    case Op::matches:
    case Op::domain:
    case Op::local_part:
      return OpClass::text;
    case Op::has:
      return OpClass::element;
    case Op::older_than:
    case Op::newer_than:
      return OpClass::age;
    case Op::is_null:
      break;
  }
  return OpClass::null;
}

bool is_array(FieldType type) noexcept {
  return type == FieldType::boolean_array || type == FieldType::number_array ||
         type == FieldType::text_array || type == FieldType::instant_array;
}

bool serves(FieldType type, OpClass op) noexcept {
  if (op == OpClass::null || type == FieldType::json) return true;
  switch (type) {
    case FieldType::boolean:
      return op == OpClass::equality;
    case FieldType::number:
      return op == OpClass::equality || op == OpClass::order;
    case FieldType::text:
      return op == OpClass::equality || op == OpClass::text;
    case FieldType::instant:
      return op == OpClass::equality || op == OpClass::order || op == OpClass::age;
    case FieldType::text_array:
      return op == OpClass::element || op == OpClass::text;
    case FieldType::boolean_array:
    case FieldType::number_array:
    case FieldType::instant_array:
      return op == OpClass::element;
    default:
      return false;
  }
}

bool serves(FieldType type, const Literal& literal) noexcept {
  switch (type) {
    case FieldType::boolean:
    case FieldType::boolean_array:
      return literal.kind == Literal::Kind::boolean;
    case FieldType::number:
    case FieldType::number_array:
      return literal.kind == Literal::Kind::number;
    case FieldType::text:
    case FieldType::text_array:
      return literal.kind == Literal::Kind::text;
    case FieldType::instant:
    case FieldType::instant_array:
      return literal.kind == Literal::Kind::text && literal.is_instant;
    default:
      return true;
  }
}

std::string_view holds(FieldType type) noexcept {
  switch (type) {
    case FieldType::boolean:
    case FieldType::boolean_array:
      return "true or false";
    case FieldType::number:
    case FieldType::number_array:
      return "numbers";
    case FieldType::instant:
    case FieldType::instant_array:
      return "dates or times";
    default:
      return "text";
  }
}

std::string written(const Literal& literal) {
  switch (literal.kind) {
    case Literal::Kind::boolean:
      return literal.boolean ? "true" : "false";
    case Literal::Kind::number: {
      char digits[32];
      const auto end = std::to_chars(digits, digits + sizeof digits, literal.number).ptr;
      return "the number " + std::string(digits, end);
    }
    case Literal::Kind::text:
      break;
  }
  constexpr std::size_t kShown = 40;
  std::string text = literal.text;
  if (text.size() > kShown) {
    std::size_t cut = kShown;  // not inside a character
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
    text = text.substr(0, cut) + "...";
  }
  return "the text \"" + text + "\"";
}

[[noreturn]] void throw_mismatch(const std::string& owner, std::string_view what, const std::string& field,
                                 const FieldInfo& info, std::string hint, std::string detail = {}) {
  throw Error(sqlstate::kDatatypeMismatch,
              owner + ": " + std::string(what) + " does not apply to column \"" + field + "\" of type " +
                  (info.type_name.empty() ? std::string("unknown") : info.type_name),
              std::move(hint), std::move(detail));
}

std::string hint_for(OpClass op, FieldType type) {
  if (type == FieldType::unfit) return "Only is_null can be asked of it.";
  if (is_array(type)) return op == OpClass::equality ? "Use has to ask what an array holds." : std::string();
  switch (op) {
    case OpClass::element:
      return "has is for arrays; use eq or in.";
    case OpClass::order:
      return "It compares numbers, dates and timestamps.";
    case OpClass::age:
      return "It takes a date or timestamp column.";
    case OpClass::text:
      return "It looks into text.";
    default:
      return {};
  }
}

}  // namespace

void check_test_type(const std::string& owner, const Test& test, const FieldInfo& info) {
  const OpClass op = class_of(test.op);
  const std::string what = "operator " + std::string(op_name(test.op));
  if (!serves(info.type, op)) throw_mismatch(owner, what, test.field, info, hint_for(op, info.type));
  if (op != OpClass::equality && op != OpClass::order && op != OpClass::element) return;
  for (const Literal& literal : test.args) {
    if (!serves(info.type, literal)) {
      throw_mismatch(owner, what, test.field, info, {},
                     "The column holds " + std::string(holds(info.type)) + ", which the rule compares with " +
                         written(literal) + ".");
    }
  }
}

void check_map_type(const std::string& owner, const std::string& field, const FieldInfo& info) {
  if (info.type != FieldType::unfit && !is_array(info.type)) return;
  throw_mismatch(owner, "map", field, info,
                 is_array(info.type) ? "Use cases with has to ask what an array holds." : std::string());
}

void check_bands_type(const std::string& owner, const std::string& field, const FieldInfo& info) {
  if (info.type == FieldType::number || info.type == FieldType::json) return;
  throw_mismatch(owner, "bands", field, info, "Bands are of a number.");
}

std::optional<double> read_json_number(std::string_view text) noexcept {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t begin = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i - begin;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const std::size_t begin = i;
  const std::size_t whole = digits();
  if (whole == 0 || (whole > 1 && text[begin] == '0')) return std::nullopt;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0) return std::nullopt;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return std::nullopt;
  }
  if (i != text.size()) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

}  // namespace leadscore
