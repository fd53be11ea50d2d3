// leadscore.problem: rows that could not be scored while they were written. Whoever writes them goes on; what
// is wrong stands here for the model's owner.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// Problems with rows of one table, met within one statement. Collected first and written together.
struct Problems {
  const Model* model;
  Oid source;
  bool once;                                     ///< leave out what is recorded already
  MemoryContext context = CurrentMemoryContext;  ///< of the texts
  List* keys = NIL;
  List* messages = NIL;
  uint64 count = 0;  ///< met; only the first kMostProblems are kept
};
inline constexpr int kMostProblems = 100;

/// The setting leadscore.log_problems: does the server's log get a line for each statement that met some?
inline bool logs_problems = true;

/// `key`: the row's primary key as text, nullptr where the table is at fault and not a row. Both are copied.
/// May longjmp.
void note_problem(Problems* problems, const char* key, const char* message);
/// The table is at fault: a statement can't be run over any of its rows. Raises 40001 where that is because
/// the model has changed since it was read: who tries again will find it otherwise.
void note_fault(Problems* problems, const ErrorData* error);
/// Writes what was noted, as the current role: the model's owner. Of more than kMostProblems the last row
/// tells the number of those left out. Logs it. Between SPI_connect and SPI_finish. May longjmp.
void write_problems(const Problems& problems);

/// SQL, text: by what name a row of `source` goes that the statement calls `alias`. The primary key, '42' or
/// '(1,2)', or the beginning of the row itself where there is none. May longjmp.
const char* row_name(Oid source, const char* alias);

}  // namespace leadscore
