// From a row of the server to the values that a rule set reads: field requests are resolved against a row
// type once, then each row is taken apart once, as far as its last field that is wanted.
#pragma once

#include "core/value.hpp"
#include "pg/postgres.hpp"

namespace leadscore {

/// What kind of rows are read.
struct RowType {
  enum class Form : std::uint8_t {
    row,       ///< a composite value; oid and typmod tell which
    jsonb,     ///< a jsonb object
    json,      ///< a json object
    null_row,  ///< NULL of a row type that nobody knows: every field is NULL
  } form;
  Oid oid = InvalidOid;
  int32 typmod = -1;
  bool operator==(const RowType&) const = default;
};

struct RowReader;

/// Resolves the requests, in a new memory context below the current one. What does not resolve is noted, not
/// raised: the core knows who asked. `requests` must live as long as the call. May longjmp.
RowReader* resolve_row(const RowType& type, const std::vector<FieldRequest>& requests);

/// Takes a reader out of the memory context it was made in: from now on it lives until release_reader().
void keep_reader(RowReader* reader) noexcept;
void release_reader(RowReader* reader) noexcept;

const RowType& row_type(const RowReader& reader) noexcept;
/// Is the row type still the one that was resolved? ALTER TABLE makes another of it.
bool is_current(const RowReader& reader) noexcept;

/// Will is_current() be true for ever? So for rows of no named type, unless rows of one are in them.
bool stays_current(const RowReader& reader) noexcept;

/// Can no value of the row's type make reading it fail? Text of type json need not parse as jsonb, output
/// functions raise what they like, and not all that a database's encoding can hold has a form in UTF-8.
bool always_readable(const RowReader& reader) noexcept;
std::size_t field_count(const RowReader& reader) noexcept;

/// For the core. May throw, does not longjmp.
RowShape shape_of(const RowReader& reader);

/// Reads the fields `wanted` (indexes of the requests; nullptr: all) of a row into values[0 .. field_count).
/// `row` is the row as a Datum of the reader's form; NULL: all fields are NULL. Texts and arrays are in the
/// current memory context or in the row. May longjmp.
void fetch_row(const RowReader& reader, NullableDatum row, const std::vector<std::uint32_t>* wanted,
               Value* values);

/// The same for a row of the reader's composite type that comes in a slot.
void fetch_slot(const RowReader& reader, TupleTableSlot* slot, const std::vector<std::uint32_t>* wanted,
                Value* values);

/// Reads all fields of a row that comes in its columns.
void fetch_columns(const RowReader& reader, const NullableDatum* columns, int count, Value* values);

/// The type of the row in argument `number`, of which `declared` is the type in the function's signature
/// (record, jsonb, json). May longjmp.
RowType argument_row_type(FunctionCallInfo fcinfo, int number, Oid declared, NullableDatum* row);

}  // namespace leadscore
