// What becomes of models when tables, schemas or what expressions call are dropped.
#pragma once

#include "pg/postgres.hpp"

namespace leadscore {

/// All of it: between SPI_connect and SPI_finish, as the extension's owner. May longjmp.

/// Before DROP TABLE of these tables, which the role that runs it may drop: finds the leads of the rows that
/// go, as long as they can be read. Locks the tables as DROP TABLE is about to.
void note_leads_of(const Node* command, const List* tables);

/// At sql_drop. A model that has lost its schema or its state table goes; tables that a model follows, and
/// functions that its expressions call, go only with CASCADE, and the binding with them; a partition goes,
/// and the leads of its rows are recomputed.
void follow_drop(const Node* command);

}  // namespace leadscore
