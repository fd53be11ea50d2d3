// The type ruleset: text that was checked. Stored as it was written, so that people find their own lines,
// notes and order again.
#include "core/parse.hpp"
#include "pg/encoding.hpp"
#include "pg/guard.hpp"
#include "pg/ruleset_cache.hpp"

namespace leadscore {
namespace {

/// Checks a rule set and gives it back as a value.
Datum checked(const char* data, std::size_t size) {
  compile_ruleset({data, size}, nullptr);
  return PointerGetDatum(cstring_to_text_with_len(data, static_cast<int>(size)));
}

}  // namespace

LEADSCORE_FUNCTION(ruleset_in) {
  const char* const text = PG_GETARG_CSTRING(0);
  return checked(text, std::strlen(text));
}

LEADSCORE_FUNCTION(ruleset_out) { PG_RETURN_CSTRING(TextDatumGetCString(PG_GETARG_DATUM(0))); }

LEADSCORE_FUNCTION(ruleset_recv) {
  auto* const buffer = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  int size;
  const char* const text = pq_getmsgtext(buffer, buffer->len - buffer->cursor, &size);
  return checked(text, static_cast<std::size_t>(size));
}

LEADSCORE_FUNCTION(ruleset_send) {
  const text* const value = PG_GETARG_TEXT_PP(0);
  StringInfoData buffer;
  pq_begintypsend(&buffer);
  pq_sendtext(&buffer, VARDATA_ANY(value), static_cast<int>(VARSIZE_ANY_EXHDR(value)));
  PG_RETURN_BYTEA_P(pq_endtypsend(&buffer));
}

LEADSCORE_FUNCTION(ruleset_from_json) {
  const text* const value = PG_GETARG_TEXT_PP(0);
  return checked(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

LEADSCORE_FUNCTION(ruleset_from_jsonb) {
  const std::string_view utf8 = json_text_of(PG_GETARG_JSONB_P(0));
  std::string& ordered = call_state<std::string>(fcinfo);
  guarded([&] {
    Json json = parse_json(utf8);
    order_segments(json);
    ordered = compact_json(json);
  });
  const text* const text = to_server_text(ordered);
  return checked(VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));
}

LEADSCORE_FUNCTION(ruleset_to_jsonb) {
  const char* const written = TextDatumGetCString(PG_GETARG_DATUM(0));
  return DirectFunctionCall1(jsonb_in, CStringGetDatum(written));
}

}  // namespace leadscore
