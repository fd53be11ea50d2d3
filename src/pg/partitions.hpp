// Tables come under a bound one and leave it: by partitions and by inheritance. Statement triggers are not
// cloned as row triggers are, and rows that come or go with their table fire none.
#pragma once

#include "pg/live.hpp"
#include "pg/model.hpp"

namespace leadscore {

/// All of it: between SPI_connect and SPI_finish; needs no right. May longjmp.

/// A binding, by what survives a change of its model.
struct BindingName {
  const char* model;
  int id;
};
/// Those of a table and of the tables above it: of BindingName*.
List* bindings_above(Oid table);

/// Gives the tables below a binding's own that have no trigger yet theirs, and recomputes the leads of the
/// rows that they brought along. The state table is locked in ROW EXCLUSIVE.
void adopt_tables(const Model* model, const Binding* binding);

/// A table has been detached from a parent. Drops the triggers of the parent's bindings from it and from
/// those below it, and recomputes the leads of its rows. (Its triggers alone prove nothing: who only looks
/// like a partition must not have a model's owner read it.)
void release_table(Oid table, Oid parent);

/// The leads that the rows of a table concern, which has the binding's columns; every lead, where the model's
/// owner may not read them. `come` tells whether the rows come or go: what is wrong with those that come is
/// recorded. In the current memory context.
Rows leads_of_rows(const Model* model, const Binding* binding, Oid table, bool come);
/// Every lead that there is or may be, as touched, as far as they can be read. The model's owner acts.
Rows all_leads(const Model* model);
/// Recomputes them, now that the rows have come or gone. `touched` nullptr: every lead. `binding` nullptr:
/// of whichever table the rows were.
void recompute_leads(const Model* model, const Binding* binding, const Rows* touched);

}  // namespace leadscore
