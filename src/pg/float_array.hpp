// An array of float8 as a Datum.
#pragma once

#include "pg/postgres.hpp"

namespace leadscore {

/// One-dimensional, without NULLs, in the current memory context. May longjmp.
inline Datum float_array(const std::vector<double>& values) {
  const Size size = ARR_OVERHEAD_NONULLS(1) + sizeof(float8) * values.size();
  auto* const array = static_cast<ArrayType*>(palloc0(size));
  SET_VARSIZE(array, size);
  array->ndim = 1;
  array->elemtype = FLOAT8OID;
  ARR_DIMS(array)[0] = static_cast<int>(values.size());
  ARR_LBOUND(array)[0] = 1;
  std::memcpy(ARR_DATA_PTR(array), values.data(), sizeof(float8) * values.size());
  return PointerGetDatum(array);
}

}  // namespace leadscore
