// Between the database's encoding and the core's, which is UTF-8. All may longjmp; results are in the current
// memory context unless they are the argument itself.
#pragma once

#include <string_view>

#include "pg/postgres.hpp"

namespace leadscore {

/// Is text of the database what to_utf8() makes of it? Never changes within a backend.
bool text_is_utf8() noexcept;

/// Text of the database as UTF-8. In a database of SQL_ASCII, whose encoding nobody knows, the bytes as they
/// are.
std::string_view to_utf8(const char* data, std::size_t size);
std::string_view to_utf8(const char* data);
/// A text-like varlena of the database, detoasted.
std::string_view to_utf8(const varlena* value);
/// A jsonb value as JSON text.
std::string_view json_text_of(const Jsonb* value);

/// UTF-8 in the database's encoding; a character that it does not have is an error.
std::string_view to_server(std::string_view utf8);
/// The same, NUL-terminated, and a copy in any case.
char* to_server_copy(std::string_view utf8);
/// The same, as a value of type text.
text* to_server_text(std::string_view utf8);

/// For messages: a character that the database's encoding does not have becomes '?', or what comes near it.
/// NUL-terminated; nullptr for nullptr.
const char* server_message(const char* utf8);
/// The same, as a value of type text.
text* server_message_text(std::string_view utf8);

}  // namespace leadscore
