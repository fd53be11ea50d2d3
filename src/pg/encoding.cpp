// Conversions between the database's encoding and UTF-8.
#include "pg/encoding.hpp"

namespace leadscore {
namespace {

bool needs_conversion() { return !text_is_utf8(); }

const unsigned char* bytes(const char* data) { return reinterpret_cast<const unsigned char*>(data); }

/// What a character of our own messages becomes where the database's encoding does not have it.
std::string_view substitute(std::string_view character) {
  if (character == "≥") return ">=";
  if (character == "≤") return "<=";
  if (character == "…") return "...";
  return "?";
}

/// Converts what can be converted; the rest is substituted. NUL-terminated.
std::string_view to_server_lossy(std::string_view utf8) {
  if (!needs_conversion()) {
    char* const copy = static_cast<char*>(palloc(utf8.size() + 1));
    std::memcpy(copy, utf8.data(), utf8.size());
    copy[utf8.size()] = '\0';
    return {copy, utf8.size()};
  }
  const int encoding = GetDatabaseEncoding();
  const Oid conversion = FindDefaultConversionProc(PG_UTF8, encoding);
  const std::size_t room = utf8.size() * MAX_CONVERSION_GROWTH + 1;
  char* const out = static_cast<char*>(MemoryContextAllocHuge(CurrentMemoryContext, room));
  std::size_t size = 0;
  while (!utf8.empty()) {
    auto* const source = const_cast<unsigned char*>(bytes(utf8.data()));
    auto* const target = reinterpret_cast<unsigned char*>(out + size);
    std::size_t taken = 0;
    if (OidIsValid(conversion)) {
      *target = '\0';
      taken = static_cast<std::size_t>(pg_do_encoding_conversion_buf(conversion, PG_UTF8, encoding, source,
                                                                     static_cast<int>(utf8.size()), target,
                                                                     static_cast<int>(room - size), true));
      size += std::strlen(out + size);
    }
    utf8.remove_prefix(taken);
    if (utf8.empty()) break;
    // A substitute is no longer than its character.
    const std::string_view lost = utf8.substr(0, static_cast<std::size_t>(pg_utf_mblen(bytes(utf8.data()))));
    for (const char c : substitute(lost)) out[size++] = c;
    utf8.remove_prefix(lost.size());
  }
  out[size] = '\0';
  return {out, size};
}

}  // namespace

bool text_is_utf8() noexcept {
  const int encoding = GetDatabaseEncoding();
  return encoding == PG_UTF8 || encoding == PG_SQL_ASCII;
}

std::string_view to_utf8(const char* data, std::size_t size) {
  if (size == 0 || !needs_conversion()) return {data, size};
  auto* const source = const_cast<unsigned char*>(bytes(data));
  const unsigned char* const converted =
      pg_do_encoding_conversion(source, static_cast<int>(size), GetDatabaseEncoding(), PG_UTF8);
  if (converted == source) return {data, size};
  const char* const text = reinterpret_cast<const char*>(converted);
  return {text, std::strlen(text)};
}

std::string_view to_utf8(const char* data) { return to_utf8(data, std::strlen(data)); }

std::string_view to_utf8(const varlena* value) {
  return to_utf8(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

std::string_view to_server(std::string_view utf8) {
  if (utf8.empty() || !needs_conversion()) return utf8;
  auto* const source = const_cast<unsigned char*>(bytes(utf8.data()));
  const unsigned char* const converted =
      pg_do_encoding_conversion(source, static_cast<int>(utf8.size()), PG_UTF8, GetDatabaseEncoding());
  if (converted == source) return utf8;
  const char* const text = reinterpret_cast<const char*>(converted);
  return {text, std::strlen(text)};
}

char* to_server_copy(std::string_view utf8) {
  const std::string_view converted = to_server(utf8);
  return pnstrdup(converted.data(), converted.size());
}

text* to_server_text(std::string_view utf8) {
  const std::string_view converted = to_server(utf8);
  return cstring_to_text_with_len(converted.data(), static_cast<int>(converted.size()));
}

const char* server_message(const char* utf8) {
  if (utf8 == nullptr || !needs_conversion()) return utf8;
  return to_server_lossy(utf8).data();
}

text* server_message_text(std::string_view utf8) {
  if (!needs_conversion()) return cstring_to_text_with_len(utf8.data(), static_cast<int>(utf8.size()));
  const std::string_view converted = to_server_lossy(utf8);
  return cstring_to_text_with_len(converted.data(), static_cast<int>(converted.size()));
}

std::string_view json_text_of(const Jsonb* value) {
  return to_utf8(
      JsonbToCString(nullptr, const_cast<JsonbContainer*>(&value->root), static_cast<int>(VARSIZE(value))));
}

}  // namespace leadscore
