// Reading a column of the row itself: what nearly every field is, so it does without a call where the value's
// type allows it. C style throughout: anything here may longjmp.
#pragma once

#include "pg/row_reader.hpp"

namespace leadscore {

/// The payload of a varlena that is neither compressed nor toasted. False for any other.
inline bool plain_bytes(const varlena* value, const char** data, std::size_t* size) noexcept {
  if (VARATT_IS_1B(value)) {
    if (VARATT_IS_1B_E(value)) return false;
    *data = VARDATA_1B(value);
    *size = VARSIZE_1B(value) - VARHDRSZ_SHORT;
    return true;
  }
  if (!VARATT_IS_4B_U(value)) return false;
  *data = VARDATA_4B(value);
  *size = VARSIZE_4B(value) - VARHDRSZ;
  return true;
}

/// The double nearest to a numeric, given by its payload; false where that takes the server. Up to four
/// digits of base 10,000 that amount to less than 2^53 are a whole number and a power of ten, both exact as
/// doubles, so one multiplication or division rounds correctly (Clinger, PLDI 1990). The short form of
/// numerics, private to utils/adt/numeric.c, has been on disk since 9.1.
inline bool short_numeric(const char* data, std::size_t size, double* number) noexcept {
  static constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  constexpr unsigned kFormMask = 0xC000, kShortForm = 0x8000, kNegative = 0x2000, kWeightNegative = 0x0040,
                     kWeightMask = 0x003F;
  const std::size_t digits = size / sizeof(std::uint16_t) - 1;
  std::uint16_t header;  // not aligned where the varlena's own header is short
  std::memcpy(&header, data, sizeof(header));
  if ((header & kFormMask) != kShortForm || digits > 4) return false;
  std::int64_t whole = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    std::uint16_t digit;
    data += sizeof(digit);
    std::memcpy(&digit, data, sizeof(digit));
    whole = whole * 10000 + digit;
  }
  int weight = static_cast<int>(header & kWeightMask);
  if ((header & kWeightNegative) != 0) weight -= 64;
  const int power = 4 * (weight + 1 - static_cast<int>(digits));
  if (whole >= (std::int64_t{1} << 53) || power < -22 || power > 22) return false;
  const auto exact = static_cast<double>(whole);
  const double magnitude = power >= 0 ? exact * kPowers[power] : exact / kPowers[-power];
  *number = (header & kNegative) != 0 ? -magnitude : magnitude;
  return true;
}

/// The value of a plain leaf: what read_datum() makes of it.
/// Into its place, as a Value that is copied right after it was made waits for its parts to reach the cache.
[[gnu::always_inline]] inline void read_plain(const RowReader& reader, const FieldLeaf& leaf, Datum datum,
                                              bool is_null, Value* value) {
  if (is_null) {
    *value = Value();
    return;
  }
  const char* data;
  std::size_t size;
  switch (leaf.type.reading) {
    case Reading::boolean:
      *value = Value::of(static_cast<bool>(DatumGetBool(datum)));
      return;
    case Reading::int4:
      *value = Value::of(static_cast<double>(DatumGetInt32(datum)));
      return;
    case Reading::int8:
      *value = Value::of(static_cast<double>(DatumGetInt64(datum)));
      return;
    case Reading::float8:
      *value = Value::of(DatumGetFloat8(datum));
      return;
    case Reading::timestamp:
      *value = Value::at(DatumGetTimestampTz(datum));
      return;
    case Reading::numeric: {
      double number;
      if (!plain_bytes(reinterpret_cast<const varlena*>(DatumGetPointer(datum)), &data, &size) ||
          !short_numeric(data, size, &number))
        break;
      *value = Value::of(number);
      return;
    }
    case Reading::text:
      if (!reader.text_is_utf8 ||
          !plain_bytes(reinterpret_cast<const varlena*>(DatumGetPointer(datum)), &data, &size))
        break;
      *value = Value::of(std::string_view(data, size));
      return;
    default:
      break;
  }
  *value = read_datum(leaf.type, datum);
}

}  // namespace leadscore
