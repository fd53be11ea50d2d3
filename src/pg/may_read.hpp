// May the owner of a model read all that it is about? Triggers are given every row that is written, so what
// is recomputed must see every row, too: a score would depend on history else.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// Raises 42501 where row-level security hides rows of the table from the role that owns a model, or is to.
void check_sees_rows(Oid table, Oid owner);

/// Raises 42501 where the owner lacks a right to what the model reads of a table of activities. Between
/// SPI_connect and SPI_finish. May longjmp.
void check_may_read(const Model* model, const Binding* binding);

/// What keeps the owner from reading a table of activities, or the leads (nullptr), as a sentence for
/// status; nullptr for nothing. Between SPI_connect and SPI_finish. May longjmp.
const char* reading_fault(const Model* model, const Binding* binding);

}  // namespace leadscore
