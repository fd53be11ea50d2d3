// The type engagement: its text form is \x and the hexadecimal digits of its bytes, its binary form the
// bytes. What comes in is decoded to see that it is one.
#include "core/clock.hpp"
#include "core/engagement_codec.hpp"
#include "core/text.hpp"
#include "pg/encoding.hpp"
#include "pg/engagement_object.hpp"
#include "pg/guard.hpp"

namespace leadscore {
namespace {

/// Raises an error unless the bytes are those of a state.
bytea* checked(bytea* value) {
  const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(VARDATA_ANY(value)),
                                            VARSIZE_ANY_EXHDR(value));
  guarded([&] {
    ScratchArena arena;
    (void)decode(bytes, arena);
  });
  return value;
}

int digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The error for a literal that is no state. One that reads as a time was meant for the next argument.
[[noreturn]] void throw_not_hexadecimal(std::string_view text) {
  const std::string_view shown = text.substr(0, 64);
  std::string hint = "A state comes from engage() or merge() and is written as \\x and hexadecimal digits.";
  if (parse_instant(trimmed(text)).has_value()) {
    hint = "To score as of a time, write as_of => '" + std::string(trimmed(text)) + "'.";
  }
  std::string message = "invalid input syntax for type engagement";
  if (is_utf8(shown)) message += ": \"" + std::string(shown) + (shown.size() < text.size() ? "…\"" : "\"");
  throw Error(sqlstate::kInvalidText, std::move(message), std::move(hint));
}

}  // namespace

LEADSCORE_FUNCTION(engagement_in) {
  const char* const text = PG_GETARG_CSTRING(0);
  const std::size_t size = std::strlen(text);
  bool good = size >= 2 && size % 2 == 0 && text[0] == '\\' && text[1] == 'x';
  auto* const value = static_cast<bytea*>(palloc(VARHDRSZ + size / 2));
  char* out = VARDATA(value);
  for (std::size_t i = 2; good && i < size; i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    good = high >= 0 && low >= 0;
    *out++ = static_cast<char>(high * 16 + low);
  }
  if (!good) {
    const std::string_view utf8 = to_utf8(text, size);
    guarded([&] { throw_not_hexadecimal(utf8); });
  }
  SET_VARSIZE(value, out - reinterpret_cast<char*>(value));
  PG_RETURN_BYTEA_P(checked(value));
}

LEADSCORE_FUNCTION(engagement_out) {
  const bytea* const value = PG_GETARG_BYTEA_PP(0);
  const std::size_t size = VARSIZE_ANY_EXHDR(value);
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(VARDATA_ANY(value));
  // The digits of a state near the limit of a value would go beyond that of an allocation, which is an error.
  char* const text = static_cast<char*>(palloc(2 * size + 3));
  char* out = text;
  *out++ = '\\';
  *out++ = 'x';
  for (std::size_t i = 0; i < size; ++i) {
    *out++ = "0123456789abcdef"[bytes[i] >> 4];
    *out++ = "0123456789abcdef"[bytes[i] & 15];
  }
  *out = '\0';
  PG_RETURN_CSTRING(text);
}

LEADSCORE_FUNCTION(engagement_recv) {
  auto* const buffer = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  const int size = buffer->len - buffer->cursor;
  auto* const value = static_cast<bytea*>(palloc(VARHDRSZ + static_cast<std::size_t>(size)));
  SET_VARSIZE(value, VARHDRSZ + static_cast<std::size_t>(size));
  pq_copymsgbytes(buffer, VARDATA(value), size);
  PG_RETURN_BYTEA_P(checked(value));
}

LEADSCORE_FUNCTION(engagement_send) {
  const bytea* const value = PG_GETARG_BYTEA_PP(0);
  StringInfoData buffer;
  pq_begintypsend(&buffer);
  pq_sendbytes(&buffer, VARDATA_ANY(value), static_cast<int>(VARSIZE_ANY_EXHDR(value)));
  PG_RETURN_BYTEA_P(pq_endtypsend(&buffer));
}

}  // namespace leadscore
