// Equality, order and hashes of rule sets: by their canonical JSON, so that white space, the order of members
// and the way a number is written make no difference.
#include "core/json.hpp"
#include "pg/encoding.hpp"
#include "pg/guard.hpp"

namespace leadscore {
namespace {

/// Arguments 0 and 1; canonical forms are compared bytewise.
int compare(FunctionCallInfo fcinfo) {
  const text* const a = PG_GETARG_TEXT_PP(0);
  const text* const b = PG_GETARG_TEXT_PP(1);
  const std::size_t size = VARSIZE_ANY_EXHDR(a);
  if (size == VARSIZE_ANY_EXHDR(b) && std::memcmp(VARDATA_ANY(a), VARDATA_ANY(b), size) == 0) return 0;
  const std::string_view a_text = to_utf8(a);
  const std::string_view b_text = to_utf8(b);
  int result = 0;
  guarded([&] { result = canonical_json(parse_json(a_text)).compare(canonical_json(parse_json(b_text))); });
  return result;
}

}  // namespace

LEADSCORE_FUNCTION(ruleset_eq) { PG_RETURN_BOOL(compare(fcinfo) == 0); }
LEADSCORE_FUNCTION(ruleset_ne) { PG_RETURN_BOOL(compare(fcinfo) != 0); }
LEADSCORE_FUNCTION(ruleset_lt) { PG_RETURN_BOOL(compare(fcinfo) < 0); }
LEADSCORE_FUNCTION(ruleset_le) { PG_RETURN_BOOL(compare(fcinfo) <= 0); }
LEADSCORE_FUNCTION(ruleset_gt) { PG_RETURN_BOOL(compare(fcinfo) > 0); }
LEADSCORE_FUNCTION(ruleset_ge) { PG_RETURN_BOOL(compare(fcinfo) >= 0); }

LEADSCORE_FUNCTION(ruleset_cmp) {
  const int order = compare(fcinfo);
  PG_RETURN_INT32(order < 0 ? -1 : order > 0 ? 1 : 0);
}

LEADSCORE_FUNCTION(ruleset_hash) {
  const std::string_view written = to_utf8(PG_GETARG_TEXT_PP(0));
  std::uint32_t hash = 0;
  guarded([&] {
    const std::string canonical = canonical_json(parse_json(written));
    hash = hash_bytes(reinterpret_cast<const unsigned char*>(canonical.data()),
                      static_cast<int>(canonical.size()));
  });
  PG_RETURN_UINT32(hash);
}

LEADSCORE_FUNCTION(ruleset_hash_extended) {
  const std::string_view written = to_utf8(PG_GETARG_TEXT_PP(0));
  const auto seed = static_cast<std::uint64_t>(PG_GETARG_INT64(1));
  std::uint64_t hash = 0;
  guarded([&] {
    const std::string canonical = canonical_json(parse_json(written));
    hash = hash_bytes_extended(reinterpret_cast<const unsigned char*>(canonical.data()),
                               static_cast<int>(canonical.size()), seed);
  });
  PG_RETURN_UINT64(hash);
}

}  // namespace leadscore
