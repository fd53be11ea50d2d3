// JSON as a rule set needs it: member order and duplicate members kept, numbers with the text that was
// written, errors that name a path. Off the hot path.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leadscore {

/// A parsed JSON value.
struct Json {
  enum class Kind : unsigned char { null, boolean, number, text, array, object };

  // Defined out of line: a pair asks whether Json can be made and destroyed, while Json's own destructor asks
  // for the whole pair; clang cannot cut that circle.
  Json() noexcept;
  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();

  Kind kind = Kind::null;
  bool boolean = false;
  double number = 0;  ///< finite
  std::string text;   ///< the string; of a number: its literal as written (-0 as 0)
  std::vector<Json> items;
  std::vector<std::pair<std::string, Json>> members;  ///< in the order written, duplicates too

  bool is(Kind k) const noexcept { return kind == k; }
  /// The first member of that name, or nullptr.
  const Json* find(std::string_view name) const noexcept;
  Json* find(std::string_view name) noexcept {
    return const_cast<Json*>(static_cast<const Json*>(this)->find(name));
  }
};

/// What a kind is called in messages: "an object", "text", "a number", ...
std::string_view describe(Json::Kind kind) noexcept;

inline constexpr std::size_t kMaxRulesetBytes = 1 << 20;
inline constexpr std::size_t kMaxNesting = 32;

/// Parses one JSON text (RFC 8259). Throws Error (22P02) with the line, column and JSON path of the first
/// syntax error; a number beyond double's range, nesting deeper than kMaxNesting (54000) and text longer than
/// kMaxRulesetBytes (54000), invalid UTF-8 and \u0000 are errors that name the path ("$.dimensions[1].name").
/// Numbers too small for a double become 0. A byte order mark before the text is skipped.
Json parse_json(std::string_view text);

/// Compact canonical text: members sorted by name bytewise, numbers in shortest form, no white space. Two
/// rule sets are equal when these are.
std::string canonical_json(const Json& value);

/// The same with members in the order in which they stand.
std::string compact_json(const Json& value);

/// For people: what fits into a line of 120 characters stands in one, the rest is indented.
std::string pretty_json(const Json& value);

/// `$.lists` + `a b` -> `$.lists["a b"]`; plain names (ASCII letters, digits, _) get `.name`. A name of more
/// than 80 bytes is cut and ends in "…".
std::string member_path(std::string_view parent, std::string_view name);

/// A double as JSON writes it: shortest text that reads back as the same double, without exponent below 1e21
/// ("5", "0.1", "-2.5", "0.0000001"); -0 gives "0".
std::string format_number(double value);

}  // namespace leadscore
