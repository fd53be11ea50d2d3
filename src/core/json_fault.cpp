// Reads the JSON text again up to the token that the parser refused. Everything before that token is JSON, so
// cutting tokens and counting elements is enough to know what should have stood there.
#include "core/json_fault.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/text.hpp"

namespace leadscore {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kMaxShown = 24;  ///< characters of a token in a message

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_structural(char c) noexcept {
  return c == '{' || c == '}' || c == '[' || c == ']' || c == ',' || c == ':';
}
bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// What came before the refused token.
enum class Before : unsigned char { nothing, open_object, open_array, comma, colon, name, value };

struct Level {
  bool object;
  std::size_t commas;
};

/// The length of the well-formed UTF-8 sequence at `at`, or 0.
std::size_t sequence_length(std::string_view text, std::size_t at) noexcept {
  std::size_t length = 1;
  while (length < 4 && at + length < text.size() && is_continuation(text[at + length])) ++length;
  for (; length > 0; --length) {
    if (is_utf8(text.substr(at, length))) return length;
  }
  return 0;
}

std::string hex(unsigned value, const char* format) {
  std::array<char, 16> buffer;
  const int length = std::snprintf(buffer.data(), buffer.size(), format, value);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

/// The first thing wrong inside a JSON string that begins at `begin`: sets problem and hint, returns its
/// place; npos for a well-formed one, of which `end` then is the end.
std::size_t find_string_fault(std::string_view text, std::size_t begin, std::size_t& end, JsonFault& fault) {
  const auto hex_digits = [&](std::size_t at, unsigned& value) {
    if (at + 4 > text.size()) return false;
    const auto result = std::from_chars(text.data() + at, text.data() + at + 4, value, 16);
    return result.ec == std::errc{} && result.ptr == text.data() + at + 4;
  };
  std::size_t at = begin + 1;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      end = at + 1;
      return std::string_view::npos;
    }
    if (c == '\n' || c == '\r') {
      fault.problem = "line break inside text";
      fault.hint = "A closing double quote may be missing; a line break that is meant is written \\n.";
      return at;
    }
    if (is_control(c)) {
      fault.problem = "control character " + hex(static_cast<unsigned char>(c), "U+%04X") + " inside text";
      fault.hint = c == '\t' ? "Write a tab as \\t." : "Remove it.";
      return at;
    }
    if (c == '\\') {
      if (at + 1 == text.size()) break;
      const char escape = text[at + 1];
      if (escape != 'u') {
        if (std::string_view("\"\\/bfnrt").find(escape) == std::string_view::npos) {
          const std::size_t length = sequence_length(text, at + 1);
          fault.problem = "unknown escape";
          if (length > 0 && !is_control(escape)) {
            fault.problem += " \"\\" + std::string(text.substr(at + 1, length)) + '"';
          }
          fault.problem += " in text";
          fault.hint = "Write a backslash twice, as in \"\\\\d\".";
          return at;
        }
        at += 2;
        continue;
      }
      unsigned unit = 0;
      if (!hex_digits(at + 2, unit)) {
        fault.problem = "\\u without four hexadecimal digits";
        return at;
      }
      if (unit >= 0xD800 && unit < 0xE000) {
        unsigned low = 0;
        const bool pair = unit < 0xDC00 && text.substr(at + 6, 2) == "\\u" && hex_digits(at + 8, low) &&
                          low >= 0xDC00 && low < 0xE000;
        if (!pair) {
          fault.problem = "half of a surrogate pair, " + std::string(text.substr(at, 6));
          fault.hint = "Write the character itself, or both halves.";
          return at;
        }
        at += 6;
      }
      at += 6;
      continue;
    }
    const std::size_t length = sequence_length(text, at);
    if (length == 0) {
      fault.problem = "byte " + hex(static_cast<unsigned char>(c), "0x%02X") + " is not UTF-8";
      fault.hint = "Save the text as UTF-8.";
      return at;
    }
    at += length;
  }
  fault.problem = "text that begins here does not end";
  fault.hint = "Close it with a double quote (\").";
  return begin;
}

/// The end of the token at `begin`, which is not white space and not a string.
std::size_t word_end(std::string_view text, std::size_t begin) noexcept {
  if (is_structural(text[begin]) || is_control(text[begin])) return begin + 1;
  std::size_t end = begin;
  while (end < text.size() && !is_space(text[end]) && !is_structural(text[end]) && !is_control(text[end]) &&
         text[end] != '"') {
    ++end;
  }
  return end;
}

std::string shortened(std::string_view token) {
  std::size_t shown = 0;
  std::size_t characters = 0;
  for (; shown < token.size(); ++shown) {
    if (!is_continuation(token[shown]) && ++characters > kMaxShown) break;
  }
  std::string out(token.substr(0, shown));
  if (shown < token.size()) out += "…";
  return out;
}

std::string expected(Before before, const std::vector<Level>& levels) {
  const bool in_object = !levels.empty() && levels.back().object;
  switch (before) {
    case Before::nothing:
    case Before::colon:
      return "a value";
    case Before::open_object:
      return "a member name or \"}\"";
    case Before::open_array:
      return "a value or \"]\"";
    case Before::comma:
      return in_object ? "a member name" : "a value";
    case Before::name:
      return "\":\"";
    case Before::value:
      break;
  }
  if (levels.empty()) return "the end of the text";
  return in_object ? "\",\" or \"}\"" : "\",\" or \"]\"";
}

std::string hint_for(std::string_view token, Before before, const std::vector<Level>& levels) {
  const bool in_object = !levels.empty() && levels.back().object;
  const bool wants_name = before == Before::open_object || (before == Before::comma && in_object);
  const char first = token.front();
  if (before == Before::comma && (token == "}" || token == "]")) return "Remove the comma before it.";
  if (token.starts_with("//") || token.starts_with("/*") || first == '#') {
    return "JSON has no comments; a \"note\" member holds them.";
  }
  for (const std::string_view quote : {"'", "`", "“", "”", "„", "«", "‘", "’", "＂"}) {
    if (token.starts_with(quote)) return "Names and texts stand in straight double quotes (\").";
  }
  if (before == Before::value) {
    const bool begins_something = first != '}' && first != ']' && first != ':';
    return begins_something && !levels.empty() ? "A comma may be missing before it." : "";
  }
  if (is_structural(first) || first == '"') return "";
  if (wants_name) {
    if (is_digit(first) && before == Before::comma) return "Decimals are written with a point, as in 1.5.";
    return "Names stand in double quotes (\").";
  }
  if (before == Before::name) return "";
  const std::string word = folded(token, Accents::kept);
  for (const std::string_view literal : {"true", "false", "null"}) {
    if (word == literal) return "Write it in lower case: " + std::string(literal) + '.';
  }
  if (word == "nan" || word.ends_with("infinity")) return "JSON has numbers only, no NaN or Infinity.";
  if (is_digit(first) || first == '+' || first == '-' || first == '.') {
    return "A number has digits before and after its point, no plus sign and no leading zeros.";
  }
  return "Texts stand in double quotes (\").";
}

/// A token that is no string and no bracket, comma or colon, as it is called in a message.
std::string unexpected_word(std::string_view token) {
  const auto first = static_cast<unsigned char>(token.front());
  if (first < 0x20) return "unexpected character " + hex(first, "U+%04X");
  if (!is_utf8(token)) {
    const auto* bad = std::find_if(token.begin(), token.end(), [](char c) { return (c & 0x80) != 0; });
    return "byte " + hex(static_cast<unsigned char>(*bad), "0x%02X") + " is not UTF-8";
  }
  struct Invisible {
    std::string_view bytes;
    const char* name;
  };
  // Pasted from web pages and word processors; a message that quoted them would look as if nothing were
  // wrong.
  constexpr std::array<Invisible, 6> kInvisible = {{{"\xC2\xA0", "no-break space (U+00A0)"},
                                                    {"\xE2\x80\x8B", "zero width space (U+200B)"},
                                                    {"\xE2\x80\xA8", "line separator (U+2028)"},
                                                    {"\xE2\x80\xA9", "paragraph separator (U+2029)"},
                                                    {"\xE2\x80\xAF", "narrow no-break space (U+202F)"},
                                                    {kByteOrderMark, "byte order mark (U+FEFF)"}}};
  for (const Invisible& invisible : kInvisible) {
    if (token.starts_with(invisible.bytes)) return std::string("unexpected ") + invisible.name;
  }
  return "unexpected \"" + shortened(token) + '"';
}

void locate(std::string_view text, std::size_t at, JsonFault& fault) {
  const std::string_view before = text.substr(0, at);
  const std::size_t newline = before.rfind('\n');
  std::string_view line = newline == std::string_view::npos ? before : before.substr(newline + 1);
  if (newline == std::string_view::npos && line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());
  }
  fault.line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  fault.column = 1 + static_cast<std::size_t>(
                         std::count_if(line.begin(), line.end(), [](char c) { return !is_continuation(c); }));
}

}  // namespace

JsonFault find_json_fault(std::string_view text, std::size_t bytes_read) {
  JsonFault fault;
  std::vector<Level> levels;
  Before before = Before::nothing;
  const auto expect = [&] {
    const bool in_object = !levels.empty() && levels.back().object;
    fault.in_value = before == Before::nothing || before == Before::name || before == Before::colon ||
                     before == Before::open_array || (before == Before::comma && !in_object);
    fault.index = levels.empty() ? 0 : levels.back().commas;
  };

  std::size_t at = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  for (;;) {
    while (at < text.size() && is_space(text[at])) ++at;
    if (at == text.size()) {
      expect();
      locate(text, at, fault);
      fault.problem = "unexpected end of the text, expected " + expected(before, levels);
      if (!levels.empty()) {
        fault.hint = "The text may be cut off; still open: ";
        for (const Level& level : levels) fault.hint += level.object ? '{' : '[';
        fault.hint += '.';
      }
      return fault;
    }

    std::size_t end = 0;
    if (text[at] == '"') {
      const std::size_t wrong = find_string_fault(text, at, end, fault);
      if (wrong != std::string_view::npos) {
        expect();
        locate(text, wrong, fault);
        return fault;
      }
    } else {
      end = word_end(text, at);
    }
    const std::string_view token = text.substr(at, end - at);
    const bool is_word = !is_structural(token.front()) && token.front() != '"';
    if (end >= bytes_read || (end + 1 == bytes_read && is_word && !nlohmann::json::accept(token))) {
      expect();
      locate(text, at, fault);
      fault.token = shortened(token);
      if (is_word) {
        fault.problem = unexpected_word(token);
      } else {
        fault.problem = "unexpected " + (token.front() == '"' ? fault.token : '"' + fault.token + '"');
      }
      fault.problem += ", expected " + expected(before, levels);
      fault.hint = hint_for(token, before, levels);
      return fault;
    }

    const bool in_object = !levels.empty() && levels.back().object;
    switch (token.front()) {
      case '{':
      case '[':
        levels.push_back({token.front() == '{', 0});
        before = token.front() == '{' ? Before::open_object : Before::open_array;
        break;
      case '}':
      case ']':
        if (!levels.empty()) levels.pop_back();
        before = Before::value;
        break;
      case ',':
        if (!levels.empty()) ++levels.back().commas;
        before = Before::comma;
        break;
      case ':':
        before = Before::colon;
        break;
      default:
        before = in_object && before != Before::colon ? Before::name : Before::value;
    }
    at = end;
  }
}

}  // namespace leadscore
