// psi of two arrays.
#include "core/information.hpp"
#include "pg/guard.hpp"

namespace leadscore {
namespace {

struct Elements {
  Datum* values = nullptr;
  bool* nulls = nullptr;
  int count = 0;
};

/// Of a type that is passed by reference and has no fixed length, or of float8. May longjmp.
Elements elements_of(FunctionCallInfo fcinfo, int argument, Oid type) {
  Elements made;
  ArrayType* const array = PG_GETARG_ARRAYTYPE_P(argument);
  if (type == FLOAT8OID) {
    deconstruct_array(array, type, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &made.values,
                      &made.nulls, &made.count);
  } else {
    deconstruct_array(array, type, -1, false, TYPALIGN_INT, &made.values, &made.nulls, &made.count);
  }
  return made;
}

/// Adds each element by add(value, is actual), nulls by none(is actual).
template <class Add, class None>
void add_elements(const Elements& elements, bool actual, const Add& add, const None& none) {
  for (int i = 0; i < elements.count; ++i) {
    if (i % (1 << 16) == 0) checkpoint();
    if (elements.nulls[i]) {
      none(actual);
    } else {
      add(elements.values[i], actual);
    }
  }
}

}  // namespace

/// psi(expected float8[], actual float8[], buckets) -> float8
LEADSCORE_FUNCTION(psi_numbers) {
  const Elements expected = elements_of(fcinfo, 0, FLOAT8OID), actual = elements_of(fcinfo, 1, FLOAT8OID);
  const std::int64_t buckets = PG_GETARG_INT32(2);
  std::optional<double> value;
  guarded([&] {
    Outcomes outcomes;
    const auto add = [&](Datum number, bool is_actual) { outcomes.add(DatumGetFloat8(number), is_actual); };
    const auto none = [&](bool is_actual) { outcomes.add_without_score(is_actual); };
    add_elements(expected, false, add, none);
    add_elements(actual, true, add, none);
    value = psi(outcomes.counts(), buckets);
  });
  if (!value) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*value);
}

/// psi(expected text[], actual text[]) -> float8
LEADSCORE_FUNCTION(psi_texts) {
  const Elements expected = elements_of(fcinfo, 0, TEXTOID), actual = elements_of(fcinfo, 1, TEXTOID);
  std::optional<double> value;
  guarded([&] {
    Categories categories;
    const auto add = [&](Datum given, bool is_actual) {
      // Elements of an array are neither compressed nor elsewhere.
      const auto* const element = reinterpret_cast<const text*>(DatumGetPointer(given));
      categories.add(std::string_view(VARDATA_ANY(element), VARSIZE_ANY_EXHDR(element)), is_actual);
    };
    const auto none = [&](bool is_actual) { categories.add({}, is_actual); };
    add_elements(expected, false, add, none);
    add_elements(actual, true, add, none);
    value = psi(categories.counts());
  });
  if (!value) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*value);
}

/// psi_of_counts(expected int8[], actual int8[]) -> float8
LEADSCORE_FUNCTION(psi_of_counts) {
  std::span<std::int64_t> counts[2];
  for (int i = 0; i < 2; ++i) {
    ArrayType* const array = PG_GETARG_ARRAYTYPE_P(i);
    if (array_contains_nulls(array))
      ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("psi_of_counts: a count is NULL")));
    const int size = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
    auto* const values = static_cast<std::int64_t*>(palloc(sizeof(std::int64_t) * (size + 1)));
    std::memcpy(values, ARR_DATA_PTR(array), sizeof(std::int64_t) * size);
    counts[i] = {values, static_cast<std::size_t>(size)};
  }
  std::optional<double> value;
  guarded([&] { value = psi(counts[0], counts[1]); });
  if (!value) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*value);
}

}  // namespace leadscore
