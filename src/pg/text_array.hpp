// An array of text as a Datum.
#pragma once

#include "pg/encoding.hpp"
#include "pg/postgres.hpp"

namespace leadscore {

/// One-dimensional, of UTF-8, in the current memory context. May longjmp.
inline Datum text_array(const std::vector<std::string>& names) {
  auto* const elements = static_cast<Datum*>(palloc(sizeof(Datum) * (names.size() + 1)));
  for (std::size_t i = 0; i < names.size(); ++i) elements[i] = PointerGetDatum(to_server_text(names[i]));
  return PointerGetDatum(
      construct_array(elements, static_cast<int>(names.size()), TEXTOID, -1, false, TYPALIGN_INT));
}

}  // namespace leadscore
