// Which columns of a table a query reads, wherever it does: through views, in subqueries, by policies.
#pragma once

#include "pg/postgres.hpp"

namespace leadscore {

struct ReadColumns {
  bool known;          ///< false: rows may count otherwise though no column of theirs has changed
  bool all;            ///< any column may be read
  Bitmapset* columns;  ///< attribute numbers; unless `all`
};

/// Adds what these analyzed and rewritten queries read of `table`, a root of its inheritance tree, and of its
/// partitions. What can't be seen is taken to read everything: functions that are not immutable, unless they
/// are the server's own, aggregates that a user made, foreign tables, tables under row-level security.
/// `columns` is made in the current memory context. May longjmp.
void add_read_columns(ReadColumns* read, List* queries, Oid table);

}  // namespace leadscore
