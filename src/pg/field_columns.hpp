// From the fields that a rule set reads to the columns that they lie in.
#pragma once

#include "core/value.hpp"
#include "pg/postgres.hpp"

namespace leadscore {

/// Does the path lead through this column: is it the column, or does it go on below it?
inline bool leads_through(std::string_view path, const char* column) noexcept {
  const std::string_view name(column);
  return path.starts_with(name) && (path.size() == name.size() || path[name.size()] == '.');
}

/// Sets for each attribute of `desc`, from 0, that a request reads its flag. False where a request finds no
/// column. Names are compared as bytes, so those of the rule set, UTF-8, must be in the database's encoding.
inline bool find_columns(const std::vector<FieldRequest>& requests, TupleDesc desc, bool* read) noexcept {
  for (const FieldRequest& request : requests) {
    bool found = false;
    for (int i = 0; i < desc->natts; ++i) {
      const FormData_pg_attribute* const column = TupleDescAttr(desc, i);
      if (column->attisdropped || !leads_through(request.path, NameStr(column->attname))) continue;
      read[i] = found = true;
    }
    if (!found) return false;
  }
  return true;
}

}  // namespace leadscore
