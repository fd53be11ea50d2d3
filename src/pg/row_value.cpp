// One Datum or JSON value as a Value, and its text form. C style throughout: anything here may longjmp.
#include "pg/encoding.hpp"
#include "pg/guard.hpp"
#include "pg/row_plain.hpp"

namespace leadscore {
namespace {

Value as_text(std::string_view utf8) { return Value::of(utf8); }

Value server_text(const char* data, std::size_t size) { return as_text(to_utf8(data, size)); }

/// The double nearest to a numeric. The server goes by its text, 150 ns.
double numeric_to_double(Datum numeric) {
  const varlena* const value = PG_DETOAST_DATUM_PACKED(numeric);
  double number;
  if (short_numeric(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), &number)) return number;
  return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, PointerGetDatum(value)));
}

Micros date_to_micros(DateADT date) {
  if (DATE_IS_NOBEGIN(date)) return kMinusInfinity;
  if (DATE_IS_NOEND(date)) return kInfinity;
  // Dates reach further than timestamps do.
  if (date >= kEndOfTime / kDay) return kEndOfTime - 1;
  return std::max<Micros>(static_cast<Micros>(date) * kDay, kFirstInstant);
}

std::string_view bpchar_text(Datum datum) {
  const text* const value = DatumGetTextPP(datum);
  const char* const data = VARDATA_ANY(value);
  std::size_t size = VARSIZE_ANY_EXHDR(value);
  while (size > 0 && data[size - 1] == ' ') --size;
  return to_utf8(data, size);
}

/// The label, without the detour over the type's output function.
std::string_view enum_text(Oid value) {
  const HeapTuple tuple = SearchSysCache1(ENUMOID, ObjectIdGetDatum(value));
  if (!HeapTupleIsValid(tuple)) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
                    errmsg("invalid internal value for enum: %u", value)));
  }
  const char* const label = pstrdup(NameStr(reinterpret_cast<Form_pg_enum>(GETSTRUCT(tuple))->enumlabel));
  ReleaseSysCache(tuple);
  return to_utf8(label);
}

/// The output function's text under fixed settings, so that it depends on nothing but the value.
std::string_view canonical_output(Oid type, Datum datum) {
  static constexpr struct {
    const char* name;
    const char* value;
  } settings[] = {{"datestyle", "ISO, YMD"},    {"intervalstyle", "postgres"}, {"timezone", "UTC"},
                  {"bytea_output", "hex"},      {"extra_float_digits", "1"},   {"lc_monetary", "C"},
                  {"search_path", "pg_catalog"}};
  const int nest = NewGUCNestLevel();
  for (const auto& [name, value] : settings) {
    (void)set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
  }
  Oid output;
  bool is_varlena;
  getTypeOutputInfo(type, &output, &is_varlena);
  const char* const text = OidOutputFunctionCall(output, datum);
  AtEOXact_GUC(true, nest);
  return to_utf8(text);
}

std::string_view uuid_text(Datum datum) { return DatumGetCString(DirectFunctionCall1(uuid_out, datum)); }

std::string_view character_text(Datum datum) {
  return to_utf8(DatumGetCString(DirectFunctionCall1(charout, datum)));
}

std::string_view time_text(Oid type, Datum datum) {
  const int utc = 0;
  return JsonEncodeDateTime(static_cast<char*>(palloc(MAXDATELEN + 1)), datum, type, &utc);
}

Value read_array(const TypeReading& type, Datum datum) {
  ArrayType* const array = DatumGetArrayTypeP(datum);
  std::int16_t size;
  bool by_value;
  char align;
  get_typlenbyvalalign(type.element_type, &size, &by_value, &align);
  Datum* elements;
  bool* nulls;
  int count;
  deconstruct_array(array, type.element_type, size, by_value, align, &elements, &nulls, &count);
  auto* const items = static_cast<Value*>(
      MemoryContextAllocHuge(CurrentMemoryContext, sizeof(Value) * static_cast<std::size_t>(count + 1)));
  TypeReading element;
  element.reading = type.element;
  element.base = type.element_base;
  std::uint32_t kept = 0;
  for (int i = 0; i < count; ++i) {
    CHECK_FOR_INTERRUPTS();
    if (!nulls[i]) items[kept++] = read_datum(element, elements[i]);
  }
  return Value::of(items, kept);
}

Jsonb* parse_json_text(Datum datum) {
  const char* const written = text_to_cstring(DatumGetTextPP(datum));
  return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(written)));
}

Value json_scalar(const JsonbValue& value, bool text) {
  switch (value.type) {
    case jbvString:
      return server_text(value.val.string.val, static_cast<std::size_t>(value.val.string.len));
    case jbvNumeric:
      if (text)
        return as_text(DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value.val.numeric))));
      return Value::of(numeric_to_double(NumericGetDatum(value.val.numeric)));
    case jbvBool:
      if (text) return as_text(value.val.boolean ? "true" : "false");
      return Value::of(static_cast<bool>(value.val.boolean));
    default:
      return {};  // jbvNull
  }
}

Value other_value() {
  Value value;
  value.kind = Value::Kind::other;
  return value;
}

/// An array as its scalars; what is nested in it counts as one value that no operator serves.
Value json_array(JsonbContainer* container) {
  auto* const items = static_cast<Value*>(MemoryContextAllocHuge(
      CurrentMemoryContext, sizeof(Value) * (static_cast<std::size_t>(JsonContainerSize(container)) + 1)));
  std::uint32_t kept = 0;
  JsonbIterator* iterator = JsonbIteratorInit(container);
  JsonbValue value;
  for (;;) {
    CHECK_FOR_INTERRUPTS();
    const JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, true);
    if (token == WJB_DONE) break;
    if (token != WJB_ELEM) continue;
    if (value.type == jbvBinary) {
      items[kept++] = other_value();
    } else if (value.type != jbvNull) {
      items[kept++] = json_scalar(value, false);
    }
  }
  return Value::of(items, kept);
}

Value json_container(JsonbContainer* container, bool text) {
  if (text) {
    const char* const written = JsonbToCString(nullptr, container, 128);
    return as_text(to_utf8(written));
  }
  return JsonContainerIsArray(container) ? json_array(container) : other_value();
}

Value json_value(const JsonbValue& value, bool text) {
  if (value.type == jbvBinary) return json_container(value.val.binary.data, text);
  return json_scalar(value, text);
}

}  // namespace

Value read_json(Jsonb* json, bool text) {
  JsonbValue scalar;
  if (JB_ROOT_IS_SCALAR(json) && JsonbExtractScalar(&json->root, &scalar)) return json_scalar(scalar, text);
  return json_container(&json->root, text);
}

Value read_json(JsonbContainer* container, const char* path, std::uint32_t size, bool text) {
  for (;;) {
    if (!JsonContainerIsObject(container)) return {};
    JsonbValue found;
    if (getKeyJsonValueFromContainer(container, path, static_cast<int>(size), &found) != nullptr) {
      return json_value(found, text);
    }
    const auto* const dot = static_cast<const char*>(std::memchr(path, '.', size));
    if (dot == nullptr) return {};
    const auto front = static_cast<std::uint32_t>(dot - path);
    if (getKeyJsonValueFromContainer(container, path, static_cast<int>(front), &found) == nullptr ||
        found.type != jbvBinary) {
      return {};
    }
    container = found.val.binary.data;
    path = dot + 1;
    size -= front + 1;
  }
}

Value read_datum(const TypeReading& type, Datum datum) {
  switch (type.reading) {
    case Reading::none:
      return {};
    case Reading::other:
      return other_value();
    case Reading::boolean:
      return Value::of(static_cast<bool>(DatumGetBool(datum)));
    case Reading::int2:
      return Value::of(static_cast<double>(DatumGetInt16(datum)));
    case Reading::int4:
      return Value::of(static_cast<double>(DatumGetInt32(datum)));
    case Reading::int8:
      return Value::of(static_cast<double>(DatumGetInt64(datum)));
    case Reading::oid:
      return Value::of(static_cast<double>(DatumGetObjectId(datum)));
    case Reading::float4:
      return Value::of(static_cast<double>(DatumGetFloat4(datum)));
    case Reading::float8:
      return Value::of(DatumGetFloat8(datum));
    case Reading::numeric:
      return Value::of(numeric_to_double(datum));
    case Reading::text:
      return as_text(to_utf8(DatumGetTextPP(datum)));
    case Reading::bpchar:
      return as_text(bpchar_text(datum));
    case Reading::name:
      return as_text(to_utf8(NameStr(*DatumGetName(datum))));
    case Reading::character:
      return as_text(character_text(datum));
    case Reading::enumeration:
      return as_text(enum_text(DatumGetObjectId(datum)));
    case Reading::uuid:
      return as_text(uuid_text(datum));
    case Reading::date:
      return Value::at(date_to_micros(DatumGetDateADT(datum)));
    case Reading::timestamp:
      return Value::at(DatumGetTimestampTz(datum));
    case Reading::jsonb:
      return read_json(DatumGetJsonbP(datum), false);
    case Reading::json:
      return read_json(parse_json_text(datum), false);
    case Reading::output:
      return as_text(canonical_output(type.base, datum));
    case Reading::array:
      return read_array(type, datum);
  }
  pg_unreachable();
}

Value read_datum_text(const TypeReading& type, Datum datum) {
  char* digits;
  switch (type.reading) {
    case Reading::none:
      return {};
    case Reading::boolean:
      return as_text(DatumGetBool(datum) ? "true" : "false");
    case Reading::int2:
      return as_text(DatumGetCString(DirectFunctionCall1(int2out, datum)));
    case Reading::int4:
      return as_text(DatumGetCString(DirectFunctionCall1(int4out, datum)));
    case Reading::int8:
      return as_text(DatumGetCString(DirectFunctionCall1(int8out, datum)));
    case Reading::oid:
      return as_text(DatumGetCString(DirectFunctionCall1(oidout, datum)));
    case Reading::numeric:
      return as_text(DatumGetCString(DirectFunctionCall1(numeric_out, datum)));
    case Reading::float4:
      digits = static_cast<char*>(palloc(FLOAT_SHORTEST_DECIMAL_LEN));
      float_to_shortest_decimal_buf(DatumGetFloat4(datum), digits);
      return as_text(digits);
    case Reading::float8:
      digits = static_cast<char*>(palloc(DOUBLE_SHORTEST_DECIMAL_LEN));
      double_to_shortest_decimal_buf(DatumGetFloat8(datum), digits);
      return as_text(digits);
    case Reading::date:
    case Reading::timestamp:
      return as_text(time_text(type.base, datum));
    case Reading::jsonb:
      return read_json(DatumGetJsonbP(datum), true);
    case Reading::json:
      return read_json(parse_json_text(datum), true);
    case Reading::text:
    case Reading::bpchar:
    case Reading::name:
    case Reading::character:
    case Reading::enumeration:
    case Reading::uuid:
      return read_datum(type, datum);
    case Reading::other:
    case Reading::output:
    case Reading::array:
      return as_text(canonical_output(type.base, datum));
  }
  pg_unreachable();
}

}  // namespace leadscore
