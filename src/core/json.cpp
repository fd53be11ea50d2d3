// JSON into a tree, on nlohmann's SAX interface: it hands over duplicate members and the text of numbers
// that its own value type loses.
#include "core/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/json_fault.hpp"
#include "core/text.hpp"

namespace leadscore {
namespace {

/// Names and excerpts beyond this are cut in paths, so that a message stays readable and 10,000 problems in
/// one rule set stay small.
constexpr std::size_t kMaxNameInPath = 80;

void append_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (byte < 0x20) {
          out += "\\u00";
          out += kHex[byte >> 4];
          out += kHex[byte & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void append(std::string& out, const Json& value, bool sorted) {
  switch (value.kind) {
    case Json::Kind::null:
      out += "null";
      return;
    case Json::Kind::boolean:
      out += value.boolean ? "true" : "false";
      return;
    case Json::Kind::number:
      out += format_number(value.number);
      return;
    case Json::Kind::text:
      append_quoted(out, value.text);
      return;
    case Json::Kind::array: {
      char separator = '[';
      for (const Json& item : value.items) {
        out += separator;
        append(out, item, sorted);
        separator = ',';
      }
      if (value.items.empty()) out += '[';
      out += ']';
      return;
    }
    case Json::Kind::object: {
      std::vector<const std::pair<std::string, Json>*> members;
      members.reserve(value.members.size());
      for (const auto& member : value.members) members.push_back(&member);
      if (sorted)
        std::stable_sort(members.begin(), members.end(),
                         [](auto* a, auto* b) { return a->first < b->first; });
      char separator = '{';
      for (const auto* member : members) {
        out += separator;
        append_quoted(out, member->first);
        out += ':';
        append(out, member->second, sorted);
        separator = ',';
      }
      if (members.empty()) out += '{';
      out += '}';
      return;
    }
  }
}

/// Builds the tree, and throws Error at the first thing that is wrong.
class Builder {
 public:
  explicit Builder(std::string_view text) noexcept : text_(text) {}

  Json take() noexcept { return std::move(root_); }

  // What nlohmann's parser calls. None returns false: errors are thrown.
  bool null() {
    place(Json::Kind::null);
    return true;
  }
  bool boolean(bool value) {
    place(Json::Kind::boolean).boolean = value;
    return true;
  }
  bool number_integer(std::int64_t value) { return integer(value); }
  bool number_unsigned(std::uint64_t value) { return integer(value); }
  bool number_float(double value, const std::string& literal) {
    Json& json = place(Json::Kind::number);
    json.number = value;
    json.text = literal;
    return true;
  }
  bool string(std::string& value) {
    check_no_nul(value, value_path());
    place(Json::Kind::text).text = std::move(value);
    return true;
  }
  bool binary(std::vector<std::uint8_t>&) { return true; }  // no such thing in JSON text
  bool start_object(std::size_t) { return open(Json::Kind::object); }
  bool start_array(std::size_t) { return open(Json::Kind::array); }
  bool end_object() {
    open_.pop_back();
    return true;
  }
  bool end_array() {
    open_.pop_back();
    return true;
  }
  bool key(std::string& name) {
    check_no_nul(name, container_path(open_.size()));
    open_.back()->members.emplace_back(std::move(name), Json{});
    return true;
  }
  bool parse_error(std::size_t bytes_read, const std::string&, const nlohmann::json::exception& problem) {
    constexpr int kNumberOverflow = 406;
    fail(bytes_read, problem.id == kNumberOverflow);
  }

  /// What nlohmann says is for programmers; what is wrong is worked out anew from the text.
  [[noreturn]] void fail(std::size_t bytes_read, bool number_overflow) const {
    const JsonFault fault = find_json_fault(text_, bytes_read);
    const std::string place = "invalid JSON at line " + std::to_string(fault.line) + ", column " +
                              std::to_string(fault.column) + " (" + path_of(fault) + "): ";
    if (number_overflow) {
      const std::string number = fault.token.substr(0, fault.token.find_first_not_of("+-.0123456789eE"));
      throw Error(sqlstate::kInvalidText, place + "number " + number + " is out of range",
                  "A number lies between -1.7e308 and 1.7e308.");
    }
    throw Error(sqlstate::kInvalidText, place + fault.problem, fault.hint);
  }

 private:
  template <class Integer>
  bool integer(Integer value) {
    Json& json = place(Json::Kind::number);
    json.number = static_cast<double>(value);
    json.text = std::to_string(value);
    return true;
  }

  /// Where the next value goes. Pointers to open containers stay valid: a container grows only while none of
  /// its elements is open.
  Json& place(Json::Kind kind) {
    Json* slot = &root_;
    if (!open_.empty()) {
      Json& parent = *open_.back();
      slot = parent.is(Json::Kind::array) ? &parent.items.emplace_back() : &parent.members.back().second;
    }
    slot->kind = kind;
    return *slot;
  }

  bool open(Json::Kind kind) {
    if (open_.size() == kMaxNesting) {
      throw Error(sqlstate::kLimitExceeded,
                  "JSON is nested too deeply at " + value_path() + ": more than " +
                      std::to_string(kMaxNesting) + " levels",
                  "Name the inner conditions as segments.");
    }
    open_.push_back(&place(kind));
    return true;
  }

  void check_no_nul(std::string_view text, const std::string& path) const {
    if (text.find('\0') == std::string_view::npos) return;
    throw Error(sqlstate::kInvalidText, "text at " + path + " holds the character \\u0000",
                "PostgreSQL cannot store that character; remove it.");
  }

  /// The path of the container that is `depth` levels deep.
  std::string container_path(std::size_t depth) const {
    std::string path = "$";
    for (std::size_t i = 0; i + 1 < depth; ++i) path = element_path(path, *open_[i]);
    return path;
  }

  /// The path of the element of `container` that was begun last.
  static std::string element_path(const std::string& path, const Json& container) {
    if (container.is(Json::Kind::object)) return member_path(path, container.members.back().first);
    return path + '[' + std::to_string(container.items.size() - 1) + ']';
  }

  /// The path of the value that is about to be placed.
  std::string value_path() const {
    const std::string path = container_path(open_.size());
    if (open_.empty()) return path;
    const Json& container = *open_.back();
    if (container.is(Json::Kind::object)) return element_path(path, container);
    return path + '[' + std::to_string(container.items.size()) + ']';
  }

  std::string path_of(const JsonFault& fault) const {
    const std::string path = container_path(open_.size());
    if (!fault.in_value || open_.empty()) return path;
    const Json& container = *open_.back();
    if (container.is(Json::Kind::object)) return element_path(path, container);
    return path + '[' + std::to_string(fault.index) + ']';
  }

  std::string_view text_;
  Json root_;
  std::vector<Json*> open_;
};

bool is_plain(std::string_view name) noexcept {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_letter_or_digit = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), is_letter_or_digit);
}

}  // namespace

Json::Json() noexcept = default;
Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

const Json* Json::find(std::string_view name) const noexcept {
  for (const auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string_view describe(Json::Kind kind) noexcept {
  switch (kind) {
    case Json::Kind::null:
      return "null";
    case Json::Kind::boolean:
      return "true or false";
    case Json::Kind::number:
      return "a number";
    case Json::Kind::text:
      return "text";
    case Json::Kind::array:
      return "an array";
    case Json::Kind::object:
      return "an object";
  }
  return "a value";
}

Json parse_json(std::string_view text) {
  if (text.size() > kMaxRulesetBytes) {
    throw Error(sqlstate::kLimitExceeded, "JSON text of " + std::to_string(text.size()) +
                                              " bytes is too long: at most " +
                                              std::to_string(kMaxRulesetBytes) + " bytes may be given");
  }
  Builder builder(text);
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  // nlohmann takes a NUL byte after the value for the end of the text.
  const std::size_t nul = text.find('\0');
  if (nul != std::string_view::npos) builder.fail(nul + 1, false);
  return builder.take();
}

std::string canonical_json(const Json& value) {
  std::string out;
  append(out, value, true);
  return out;
}

std::string compact_json(const Json& value) {
  std::string out;
  append(out, value, false);
  return out;
}

std::string member_path(std::string_view parent, std::string_view name) {
  std::string path(parent);
  std::string_view shown = name;
  if (name.size() > kMaxNameInPath) {
    std::size_t end = kMaxNameInPath;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
    shown = name.substr(0, end);
  }
  if (shown.size() == name.size() && is_plain(name)) {
    path += '.';
    path += name;
    return path;
  }
  path += '[';
  append_quoted(path, shown);
  if (shown.size() < name.size()) path.insert(path.size() - 1, "…");
  path += ']';
  return path;
}

std::string format_number(double value) {
  if (!std::isfinite(value)) return "null";  // JSON has no other word for it
  if (value == 0) return "0";
  std::array<char, 400> buffer;  // the least double takes 326 characters
  constexpr double kFixedBelow = 1e21;
  const auto format =
      std::abs(value) < kFixedBelow ? std::chars_format::fixed : std::chars_format::scientific;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format);
  return {buffer.data(), result.ptr};
}

}  // namespace leadscore
