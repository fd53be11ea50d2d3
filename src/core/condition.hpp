// Conditions of the rule-set language (docs/ruleset-language.md, section 3) as parsed and checked: what is
// asked of a row, not yet how it is answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/builtin_lists.hpp"
#include "core/clock.hpp"

namespace leadscore {

enum class Op : std::uint8_t {
  eq,
  ne,
  in,
  not_in,
  lt,
  lte,
  gt,
  gte,
  between,
  contains,
  starts_with,
  ends_with,
  words,
  matches,
  domain,
  local_part,
  has,
  older_than,
  newer_than,
  is_null,
};

/// "eq", "not_in", ...
std::string_view op_name(Op op) noexcept;

/// A scalar that a rule set writes to compare with.
struct Literal {
  enum class Kind : std::uint8_t { boolean, number, text };
  Kind kind = Kind::text;
  bool boolean = false;
  double number = 0;
  std::string text;         ///< as written, not folded
  bool is_instant = false;  ///< text that reads as ISO 8601 …
  Micros instant = 0;       ///< … and the instant it names
};

/// One operator on one field. `field` is without the escaping leading dot.
struct Test {
  std::string field;
  Op op = Op::eq;
  /// The operator's arguments with user lists resolved. One for eq, ne, lt, lte, gt, gte; two for between;
  /// any number for in, not_in, contains, starts_with, ends_with, words, matches, domain, local_part, has;
  /// none for older_than, newer_than, is_null.
  /// {"field": value} parses as eq, {"field": [..]} and {"field": "@list"} as in. An argument of lt … between
  /// is a number or an instant, and the two of between are of one kind.
  std::vector<Literal> args;
  /// For a built-in list ("@freemail") the list, beside which args is empty; else nullptr.
  const BuiltinList* builtin = nullptr;
  std::string
      list_name;        ///< name of the list that args came from, without '@' (for explanations); else empty
  Micros duration = 0;  ///< older_than, newer_than
  bool flag = false;    ///< is_null
};

/// A condition tree. all and any have any number of children, negation one. {"a": 1, "b": 2} parses as all of
/// two tests, a single member as that member alone.
struct Condition {
  enum class Kind : std::uint8_t { all, any, negation, segment, test };
  Kind kind = Kind::all;
  std::vector<Condition> children;
  std::size_t segment = 0;  ///< index into Ruleset::segments
  Test test;
};

}  // namespace leadscore
