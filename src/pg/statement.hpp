// Statements of a model: built as text, planned once, run with the latest snapshot.
//
// Everything that keeps scores right reads what is committed now, at any isolation level: a trigger in a
// REPEATABLE READ transaction that saw its transaction's snapshot would write a score that lacks what was
// committed since. Foreign keys check the same way. What a reader is told is of one moment instead: that of
// the reader's query.
#pragma once

#include "pg/model.hpp"
#include "pg/postgres.hpp"

namespace leadscore {

/// Rows in memory, and on disk beyond work_mem, that statements can name like a table.
struct Rows {
  const char* name;
  TupleDesc desc;
  Tuplestorestate* store;
  uint64 count;
};

/// Between SPI_connect and SPI_finish.
void publish_rows(const Rows& rows);
void withdraw_rows(const char* name);

/// The plans that are kept for a model, in its memory.
struct PlanStore {
  HTAB* table;  ///< by the text's hash; made at the first plan
};
/// Called before the model's memory goes.
void drop_plans(PlanStore* plans);

struct Parameter {
  Oid type;
  Datum value;
  bool is_null = false;
};

/// How many rows a statement is planned for: a plan for a few is kept and used again, one for many is made
/// for their number.
enum class Load : bool { few, many };
inline Load load_of(uint64 rows) noexcept { return rows < 500 ? Load::few : Load::many; }

/// No rows yet, with a store that belongs to the current resource owner.
Rows new_rows(const char* name);
/// Moves rows to others of the same columns: `from` is empty afterwards.
void move_rows(Rows* from, Rows* to);

/// Runs a SELECT that changes nothing and keeps its rows. `text` must live as long as the call. May longjmp.
Rows select_rows(const Model* model, const char* name, const char* text,
                 std::span<const Parameter> parameters, Load load);
/// The same for a statement that the user's expressions can make fail: nullptr, or what went wrong, as
/// try_reading() has it. `rows` are empty before, and where it fails.
ErrorData* try_select(const Model* model, Rows* rows, const char* text, std::span<const Parameter> parameters,
                      Load load);
/// Which snapshot a statement has: what is committed by now, that of the transaction (which at REPEATABLE
/// READ and above may be older) with what it has done so far, or that of the query that called.
enum class Seen : char { latest, transaction, query };

/// A SELECT that is planned for this statement alone. Valid until SPI_finish.
SPIPlanPtr prepare_select(const char* text, std::span<const Parameter> parameters);
/// Plans it and checks its rights, as far as that shows without running it.
void check_select(SPIPlanPtr plan, std::span<const Parameter> parameters, Seen seen);
ErrorData* try_prepared(SPIPlanPtr plan, Rows* rows, std::span<const Parameter> parameters, Seen seen);
TupleDesc result_columns(SPIPlanPtr plan);
/// Opens a cursor for a SELECT without parameters.
Portal open_cursor(SPIPlanPtr plan, Seen seen);

/// The same, with the rows in SPI_tuptable; returns their number.
uint64 select_tuples(const Model* model, const char* text, std::span<const Parameter> parameters, Load load,
                     Seen seen = Seen::latest);
/// Like select_rows for a SELECT … FOR UPDATE.
Rows lock_rows(const Model* model, const char* name, const char* text, std::span<const Parameter> parameters,
               Load load);
/// Runs a statement that writes. With RETURNING the rows are in SPI_tuptable. Returns the number of rows.
uint64 run_statement(const Model* model, const char* text, std::span<const Parameter> parameters, Load load);

/// A statement without parameters as the server has analyzed, rewritten and planned it, anew wherever
/// something that it names is another since: a view, a policy, a column. Its query_list can be read until the
/// next statement of the model; its generation is another one each time.
struct Analyzed {
  const CachedPlanSource* source;
  bool kept;  ///< else nothing of it may be remembered
};
Analyzed analyze(const Model* model, const char* text);

/// The columns of a query without parameters, which is not run. In the current memory context.
TupleDesc describe(const char* text);

/// Reads with the query's own snapshot: what a reader is told is of one moment. Planned each time, because
/// rights are those of the reader. The rows are in SPI_tuptable, or go into `store` unless that is nullptr.
/// Returns their number.
uint64 read_tuples(const char* text, std::span<const Parameter> parameters, Tuplestorestate* store);
/// The same, keeping the rows.
Rows read_rows(const char* name, const char* text, std::span<const Parameter> parameters);
/// The same where the user's expressions can make it fail: nullptr, or what went wrong. `rows` are empty
/// before, and where it fails.
ErrorData* try_read(Rows* rows, const char* text, std::span<const Parameter> parameters);
/// Takes a statement of ours out of what an error shows: who reads it did not write that.
void hide_statement(ErrorData* error, const char* text);
/// read_tuples() where the rows may be many: to be fetched and closed by SPI's functions for cursors.
Portal open_cursor(const char* text, std::span<const Parameter> parameters);

/// A command of no model: parsed, planned and run now. Raises where it fails. Returns the number of rows;
/// those of a query are in SPI_tuptable.
uint64 run_command(const char* text, std::span<const Parameter> parameters = {});

/// Runs a SELECT with the snapshot of the query that called, straight into the rows of a function that
/// returns a set (InitMaterializedSRF).
void select_into(const ReturnSetInfo* result, const char* text, std::span<const Parameter> parameters);

/// Runs a SELECT of the caller's, with the snapshot of the query that called and for whoever acts. SPI is
/// connected.
void receive_rows(const char* text, DestReceiver* receiver);

/// A query of no model, with the latest snapshot; changes nothing. Returns the number of rows in
/// SPI_tuptable.
uint64 read_command(const char* text, std::span<const Parameter> parameters = {});
/// The same, of what there was before the command at hand: rows that it has deleted itself are still seen.
/// For event triggers.
uint64 read_before_command(const char* text);

/// Column `number` (from 1) of row `row` in SPI_tuptable as text in the current context, nullptr for NULL.
char* tuple_text(uint64 row, int number);
Datum tuple_value(uint64 row, int number, bool* is_null);
/// The same of a column of type bigint; 0 for NULL.
int64 tuple_int8(uint64 row, int number);

/// Parameters, short.
inline Parameter text_parameter(const char* value) {
  return {TEXTOID, value == nullptr ? Datum(0) : CStringGetTextDatum(value), value == nullptr};
}
inline Parameter int_parameter(int value) { return {INT4OID, Int32GetDatum(value), false}; }
/// A text[] of char*.
Parameter text_list_parameter(const List* values);
Parameter rules_parameter(const text* rules);
Parameter rules_parameter_null();

}  // namespace leadscore
