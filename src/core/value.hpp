// A field's value as the core sees it, and what a row type says of its fields. PODs: the glue fills them
// while a PostgreSQL error may still longjmp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"

namespace leadscore {

/// A scalar or an array of scalars. Owns nothing: text and items live as long as the row does.
struct Value {
  enum class Kind : std::uint8_t { null, boolean, number, text, instant, array, other };
  struct Text {
    const char* data;
    std::uint32_t size;
  };
  struct Array {
    const Value* items;
    std::uint32_t size;
  };

  Kind kind = Kind::null;  ///< other: a value that no operator but is_null serves (a jsonb object, bytea, …)
  union {
    bool boolean;
    double number;
    Micros instant;  ///< may be ±infinity
    Text text;       ///< UTF-8; blank text counts as NULL, which the core sees to
    Array array;     ///< an empty one counts as NULL
  };

  Value() noexcept : number(0) {}
  static Value of(bool b) noexcept {
    Value v;
    v.kind = Kind::boolean;
    v.boolean = b;
    return v;
  }
  static Value of(double d) noexcept {
    Value v;
    v.kind = Kind::number;
    v.number = d;
    return v;
  }
  static Value of(std::string_view s) noexcept {
    Value v;
    v.kind = Kind::text;
    v.text = {s.data(), static_cast<std::uint32_t>(s.size())};
    return v;
  }
  static Value at(Micros t) noexcept {
    Value v;
    v.kind = Kind::instant;
    v.instant = t;
    return v;
  }
  static Value of(const Value* items, std::uint32_t size) noexcept {
    Value v;
    v.kind = Kind::array;
    v.array = {items, size};
    return v;
  }
  std::string_view view() const noexcept { return {text.data, text.size}; }
};

/// What a row type lets a field be. json: jsonb values that decide one by one. unfit: only is_null serves.
enum class FieldType : std::uint8_t {
  boolean,
  number,
  text,
  instant,
  json,
  boolean_array,
  number_array,
  text_array,
  instant_array,
  unfit,
};

/// A field that a rule set reads. `as_text`: wanted in its text form, exactly (for `distinct`), as a Value of
/// Kind::text or null.
struct FieldRequest {
  std::string path;
  bool as_text = false;
  std::string owner;  ///< who reads it first: `rule "size"`, for messages
  bool operator==(const FieldRequest& other) const noexcept {
    return path == other.path && as_text == other.as_text;
  }
};

/// The answer of a row type to a FieldRequest.
struct FieldInfo {
  FieldType type = FieldType::json;
  bool exists = true;
  std::string type_name;  ///< as SQL writes it: "integer", "crm.stage"
};

/// A row type: the answers to the requests, in their order.
struct RowShape {
  std::vector<FieldInfo> fields;
  std::vector<std::string> columns;  ///< names of all columns, for near-miss hints
  std::string row_name;              ///< "crm.contact", "record": for messages
};

/// The shape of a jsonb row: every field is there and decides value by value.
RowShape json_shape(std::size_t fields);

}  // namespace leadscore
