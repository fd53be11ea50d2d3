#include "pg/sift.hpp"

#include "pg/reading.hpp"

namespace leadscore {
namespace {

constexpr int kPartRows = 256;  ///< rows may be wide, and all of a part are in memory

/// Runs the statement over tuples[0 … count).
void sift_tuples(const Sift* sift, SPIPlanPtr plan, TupleDesc desc, HeapTuple* tuples, int count) {
  Rows part = new_rows(sift->part);
  part.desc = desc;
  part.count = static_cast<uint64>(count);
  for (int i = 0; i < count; ++i) tuplestore_puttuple(part.store, tuples[i]);
  Rows found = new_rows("");
  publish_rows(part);
  const ErrorData* const error = try_prepared(plan, &found, sift->parameters);
  if (error == nullptr) {
    move_rows(&found, sift->found);
    if (sift->on_part != nullptr) sift->on_part(sift);
  } else if (count == 1 && sift->on_failure != nullptr) {
    sift->on_failure(sift, error);
  }
  withdraw_rows(sift->part);
  tuplestore_end(part.store);
  tuplestore_end(found.store);
  if (error != nullptr && count > 1) {
    sift_tuples(sift, plan, desc, tuples, count / 2);
    sift_tuples(sift, plan, desc, tuples + count / 2, count - count / 2);
  }
}

/// Each part is read in a memory context that goes with it.
void read_parts(const Sift* sift, SPIPlanPtr plan, Portal cursor, TupleDesc desc) {
  const MemoryContext part =
      AllocSetContextCreate(CurrentMemoryContext, "leadscore part", ALLOCSET_DEFAULT_SIZES);
  for (;;) {
    SPI_cursor_fetch(cursor, true, kPartRows);
    SPITupleTable* const table = SPI_tuptable;
    const int count = static_cast<int>(SPI_processed);
    if (count == 0) break;
    const MemoryContext before = MemoryContextSwitchTo(part);
    sift_tuples(sift, plan, desc, table->vals, count);
    MemoryContextSwitchTo(before);
    MemoryContextReset(part);
    SPI_freetuptable(table);
  }
  MemoryContextDelete(part);
}

}  // namespace

ErrorData* sift_rows(const Sift* sift, const char* rows) {
  SPIPlanPtr all = nullptr;
  ErrorData* error = try_reading([&] {
    all = prepare_select(psprintf("SELECT * FROM %s rows", rows), {});
    check_select(all, {});
  });
  if (error != nullptr) return error;

  const Portal cursor = open_cursor(all);
  const TupleDesc desc = CreateTupleDescCopy(cursor->tupDesc);
  Rows none = new_rows(sift->part);
  none.desc = desc;
  none.count = kPartRows;  // planned for as many
  publish_rows(none);
  SPIPlanPtr plan = nullptr;
  error = try_reading([&] {
    plan = prepare_select(sift->text, sift->parameters);
    check_select(plan, sift->parameters);
  });
  withdraw_rows(sift->part);
  tuplestore_end(none.store);
  if (error == nullptr) {
    if (sift->found->desc == nullptr) sift->found->desc = result_columns(plan);
    read_parts(sift, plan, cursor, desc);
    SPI_freeplan(plan);
  }
  SPI_cursor_close(cursor);
  SPI_freeplan(all);
  return error;
}

void note_unreadable(const Sift* sift, const ErrorData* error) {
  const UnreadableRows& rows = *static_cast<const UnreadableRows*>(sift->state);
  if (rows.problems->count >= kMostProblems) {  // counted, no more
    ++rows.problems->count;
    return;
  }
  select_tuples(sift->model, rows.names, {}, Load::many);
  note_problem(rows.problems, tuple_text(0, 1), error->message);
  SPI_freetuptable(SPI_tuptable);
}

}  // namespace leadscore
