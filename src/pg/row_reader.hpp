// What resolving leaves for fetching: a tree of rows and JSON containers, flattened, and a leaf for each
// field. PODs in a memory context of their own.
#pragma once

#include "pg/row_fields.hpp"

namespace leadscore {

/// How a Datum becomes a Value.
enum class Reading : std::uint8_t {
  none,   ///< always NULL
  other,  ///< not NULL is all that can be said
  boolean,
  int2,
  int4,
  int8,
  oid,
  float4,
  float8,
  numeric,
  text,  ///< a varlena of text
  bpchar,
  name,
  character,
  enumeration,
  uuid,
  date,
  timestamp,  ///< timestamp: with time zone, or without and read as UTC
  jsonb,
  json,
  output,  ///< the text of the type's output function
  array,
};

/// What a type lets a field be.
struct TypeReading {
  FieldType field = FieldType::unfit;
  Reading reading = Reading::other;
  Oid base = InvalidOid;             ///< below all domains
  Reading element = Reading::other;  ///< of an array
  Oid element_type = InvalidOid;
  Oid element_base = InvalidOid;
};

/// How an attribute lies in a tuple.
struct AttributeLayout {
  std::int16_t length;
  bool by_value;
  char align;
};

/// A composite value or a JSON container that fields are read from. Node 0 is the row itself.
struct RowNode {
  enum class Form : std::uint8_t { row, jsonb, json } form;
  std::int16_t parent = -1;
  AttrNumber attribute = 0;  ///< of the parent, from 1
  // Of a row:
  Oid type = InvalidOid;
  int32 typmod = -1;
  TypeCacheEntry* cache = nullptr;  ///< nullptr for anonymous records, whose descriptors never change;
                                    ///< entries live as long as the backend
  std::uint64_t identifier = 0;
  TupleDesc whole = nullptr;
  int last = 0;                       ///< the last attribute that is read: deforming stops there
  AttributeLayout* layout = nullptr;  ///< of the attributes up to it
};

struct FieldLeaf {
  std::int16_t node = -1;    ///< -1: always NULL
  AttrNumber attribute = 0;  ///< of a row node
  bool as_text = false;
  bool plain = false;  ///< an attribute of the row itself, in its own form
  TypeReading type;
  const char* path = nullptr;  ///< below a JSON node, in the database's encoding
  std::uint32_t path_size = 0;
  // For the core, UTF-8:
  bool exists = true;
  const char* type_name = nullptr;
};

struct RowReader {
  MemoryContext context;
  RowType type;
  int node_count = 0, node_room = 0;
  RowNode* nodes = nullptr;
  int leaf_count = 0;
  FieldLeaf* leaves = nullptr;
  bool text_is_utf8 = false;  ///< of the database
  int column_count = 0, column_room = 0;
  const char** columns = nullptr;  ///< UTF-8
  const char* row_name = nullptr;  ///< UTF-8
};

TypeReading reading_of(Oid type);

/// A value of the type as a Value. May longjmp.
Value read_datum(const TypeReading& type, Datum datum);
/// Its text form: Kind::text or null. The same whatever the session's settings.
Value read_datum_text(const TypeReading& type, Datum datum);
/// The value at a path below a JSON container; a path is a member's name, or a name, a dot and a path.
Value read_json(JsonbContainer* container, const char* path, std::uint32_t size, bool as_text);
/// A whole JSON value.
Value read_json(Jsonb* json, bool as_text);

}  // namespace leadscore
