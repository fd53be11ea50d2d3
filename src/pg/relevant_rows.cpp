// The rows of an UPDATE that matter. Old and new rows of a transition table stand in one order, so most are
// compared with what they were. Where they don't (a row that moved to a partition whose trigger then refused
// it), a row is compared with another's, and what is taken out is still right: two rows that scoring can't
// tell apart, one of those before and one of those after.
#include "pg/relevance.hpp"

namespace leadscore {
namespace {

/// Attribute numbers in the layout of the trigger's table.
struct Columns {
  AttrNumber* numbers;
  int count;
  AttrNumber last;
};

void add_column(Columns& columns, AttrNumber number) {
  columns.numbers[columns.count++] = number;
  columns.last = std::max(columns.last, number);
}

/// false: not all of them are there.
bool add_by_name(Columns& columns, const Bitmapset* numbers, Oid source, Oid table) {
  for (int i = -1; (i = bms_next_member(numbers, i)) >= 0;) {
    auto number = static_cast<AttrNumber>(i);
    if (table != source) number = get_attnum(table, get_attname(source, number, false));
    if (number == InvalidAttrNumber) return false;
    add_column(columns, number);
  }
  return true;
}

Columns columns_of(const ReadColumns& read, Oid source, Relation table) {
  const TupleDesc desc = RelationGetDescr(table);
  const auto room =
      static_cast<std::size_t>(desc->natts) + 1 + static_cast<std::size_t>(bms_num_members(read.columns));
  Columns columns = {static_cast<AttrNumber*>(palloc(sizeof(AttrNumber) * room)), 0, 0};
  if (!read.all && add_by_name(columns, read.columns, source, RelationGetRelid(table))) return columns;
  columns.count = columns.last = 0;
  for (int i = 0; i < desc->natts; ++i) {
    if (!TupleDescAttr(desc, i)->attisdropped) add_column(columns, static_cast<AttrNumber>(i + 1));
  }
  return columns;
}

bool is_same_value(const FormData_pg_attribute* column, Datum a, Datum b) {
  if (column->attlen == -1) {
    const auto* const left = reinterpret_cast<const char*>(DatumGetPointer(a));
    const auto* const right = reinterpret_cast<const char*>(DatumGetPointer(b));
    // A value out of line that was not set is the same one still: nothing need be fetched.
    if (VARATT_IS_EXTERNAL_ONDISK(left) && VARATT_IS_EXTERNAL_ONDISK(right) &&
        std::memcmp(left, right, VARSIZE_EXTERNAL(left)) == 0)
      return true;
  }
  return datum_image_eq(a, b, column->attbyval, column->attlen);
}

bool is_same(const Columns& columns, TupleTableSlot* before, TupleTableSlot* after) {
  slot_getsomeattrs(before, columns.last);
  slot_getsomeattrs(after, columns.last);
  for (int i = 0; i < columns.count; ++i) {
    const int at = columns.numbers[i] - 1;
    if (before->tts_isnull[at] != after->tts_isnull[at]) return false;
    if (!before->tts_isnull[at] && !is_same_value(TupleDescAttr(before->tts_tupleDescriptor, at),
                                                  before->tts_values[at], after->tts_values[at]))
      return false;
  }
  return true;
}

/// A transition table as it is read here.
struct Side {
  Tuplestorestate* rows;
  TupleTableSlot* slot;
  Tuplestorestate* kept;  ///< nullptr: rows are counted only
  uint64 count;           ///< of rows that matter
};

Side start_side(Tuplestorestate* rows, TupleDesc desc) {
  tuplestore_select_read_pointer(rows, tuplestore_alloc_read_pointer(rows, EXEC_FLAG_REWIND));
  return {rows, MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple), nullptr, 0};
}

void keep(Side& side) {
  ++side.count;
  if (side.kept != nullptr) tuplestore_puttupleslot(side.kept, side.slot);
}

void compare(const Columns& columns, Side& before, Side& after, MemoryContext each) {
  tuplestore_rescan(before.rows);
  tuplestore_rescan(after.rows);
  before.count = after.count = 0;
  for (;;) {
    CHECK_FOR_INTERRUPTS();
    const bool has_before = tuplestore_gettupleslot(before.rows, true, false, before.slot);
    const bool has_after = tuplestore_gettupleslot(after.rows, true, false, after.slot);
    if (!has_before && !has_after) return;
    if (has_before && has_after) {
      const MemoryContext outer = MemoryContextSwitchTo(each);
      const bool same = is_same(columns, before.slot, after.slot);
      MemoryContextSwitchTo(outer);
      MemoryContextReset(each);
      if (same) continue;
    }
    if (has_before) keep(before);
    if (has_after) keep(after);
  }
}

uint64 count_of(Tuplestorestate* rows) { return static_cast<uint64>(tuplestore_tuple_count(rows)); }

}  // namespace

bool keep_relevant_rows(const Model* model, const Binding* binding, TriggerData* data) {
  const ReadColumns& read = relevant_columns(model, binding);
  if (!read.known) return true;
  const Columns columns = columns_of(read, binding->source, data->tg_relation);
  const TupleDesc desc = RelationGetDescr(data->tg_relation);
  const MemoryContext each =
      AllocSetContextCreate(CurrentMemoryContext, "leadscore changed row", ALLOCSET_SMALL_SIZES);
  Side before = start_side(data->tg_oldtable, desc);
  Side after = start_side(data->tg_newtable, desc);
  compare(columns, before, after, each);
  const uint64 count = before.count + after.count;
  if (count > 0 && count < count_of(before.rows) + count_of(after.rows)) {
    before.kept = tuplestore_begin_heap(false, false, work_mem);
    after.kept = tuplestore_begin_heap(false, false, work_mem);
    compare(columns, before, after, each);
    data->tg_oldtable = before.kept;
    data->tg_newtable = after.kept;
  }
  ExecDropSingleTupleTableSlot(before.slot);
  ExecDropSingleTupleTableSlot(after.slot);
  MemoryContextDelete(each);
  return count > 0;
}

}  // namespace leadscore
