// Arrays of composites as results: what an aggregate returns in place of a set.
#pragma once

#include <optional>

#include "pg/guard.hpp"

namespace leadscore {

/// The type of a result's elements; a member of the function's call_state().
struct RowArray {
  TupleDesc row = nullptr;
  Oid type = InvalidOid;
};

/// Fills it at the first call: the function returns an array of `type`, which has so many columns. May
/// longjmp.
void read_row_array(FunctionCallInfo fcinfo, RowArray& array, const char* type, int columns);

/// The array of `rows`, each of which `fill(row, values, nulls)` turns into values; nulls are false before.
/// Frees the rows. May longjmp.
template <int columns, class Row, class Fill>
Datum row_array(const RowArray& array, std::vector<Row>& rows, const Fill& fill) {
  static_assert(std::is_trivially_destructible_v<Fill>);
  auto* const elements = static_cast<Datum*>(palloc(sizeof(Datum) * (rows.size() + 1)));
  std::size_t count = 0;
  for (const Row& row : rows) {
    CHECK_FOR_INTERRUPTS();
    Datum values[columns];
    bool nulls[columns] = {};
    fill(row, values, nulls);
    elements[count++] = HeapTupleGetDatum(heap_form_tuple(array.row, values, nulls));
  }
  std::vector<Row>().swap(rows);
  return PointerGetDatum(
      construct_array(elements, static_cast<int>(count), array.type, -1, false, TYPALIGN_DOUBLE));
}

inline void set_number(Datum* value, bool* null, const std::optional<double>& number) noexcept {
  *null = !number;
  *value = number ? Float8GetDatum(*number) : Datum{0};
}

}  // namespace leadscore
