#include "pg/sift.hpp"

#include "pg/reading.hpp"

namespace leadscore {
namespace {

constexpr int kPartRows = 256;  ///< rows may be wide, and all of a part are in memory
constexpr int kFewRows = 8;     ///< parts of up to as many are planned for apart

struct Work {
  const Sift* sift;
  TupleDesc desc;  ///< of the rows
  SPIPlanPtr many, few;
};

/// Plans the statement for parts of `rows` rows.
ErrorData* plan_for_parts(const Work& work, int rows, SPIPlanPtr* plan) {
  const Sift* const sift = work.sift;
  Rows none = new_rows(sift->part);
  none.desc = work.desc;
  none.count = static_cast<uint64>(rows);
  publish_rows(none);
  ErrorData* const error = try_reading([&] {
    *plan = prepare_select(sift->text, sift->parameters);
    check_select(*plan, sift->parameters, sift->seen);
  });
  withdraw_rows(sift->part);
  tuplestore_end(none.store);
  return error;
}

/// Runs the statement over tuples[0 … count).
void sift_tuples(const Work& work, HeapTuple* tuples, int count) {
  const Sift* const sift = work.sift;
  Rows part = new_rows(sift->part);
  part.desc = work.desc;
  part.count = static_cast<uint64>(count);
  for (int i = 0; i < count; ++i) tuplestore_puttuple(part.store, tuples[i]);
  Rows found = new_rows("");
  publish_rows(part);
  const ErrorData* const error =
      try_prepared(count <= kFewRows ? work.few : work.many, &found, sift->parameters, sift->seen);
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
    sift_tuples(work, tuples, count / 2);
    sift_tuples(work, tuples + count / 2, count - count / 2);
  }
}

/// Each part is read in a memory context that goes with it.
void read_parts(const Work& work, Portal cursor) {
  const MemoryContext part =
      AllocSetContextCreate(CurrentMemoryContext, "leadscore part", ALLOCSET_DEFAULT_SIZES);
  for (;;) {
    SPI_cursor_fetch(cursor, true, kPartRows);
    SPITupleTable* const table = SPI_tuptable;
    const int count = static_cast<int>(SPI_processed);
    if (count == 0) break;
    const MemoryContext before = MemoryContextSwitchTo(part);
    sift_tuples(work, table->vals, count);
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
    check_select(all, {}, sift->seen);
  });
  if (error != nullptr) return error;
  const Portal cursor = open_cursor(all, sift->seen);
  Work work{sift, CreateTupleDescCopy(cursor->tupDesc), nullptr, nullptr};
  error = plan_for_parts(work, kPartRows, &work.many);
  if (error == nullptr) error = plan_for_parts(work, 1, &work.few);
  if (error == nullptr) {
    if (sift->found->desc == nullptr) sift->found->desc = result_columns(work.many);
    read_parts(work, cursor);
    SPI_freeplan(work.many);
    SPI_freeplan(work.few);
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
