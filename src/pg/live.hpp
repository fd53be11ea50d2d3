// The protocol by which scores stay exact while many sessions write. A statement that changes activities,
// leads or what they look into:
//
//  1. holds ROW EXCLUSIVE on the model's state table, to the end of the transaction, and only then looks at
//  the model;
//  2. finds out which leads it touches, and what its new activities add;
//  3. makes and locks their rows of state in the order of keys;
//  4. in a new statement, and so with what is committed by then, computes what becomes of them;
//  5. writes it.
//
// It is exact because who commits has merged: what another session merged before our lock is visible in step
// 4, what it has not merged is not, and it will merge after us. Everything reads the latest snapshot, at any
// isolation level; a transaction that sees another version of a row of state than that fails with 40001, as
// it would in updating the row itself, and would else read both versions of it from then on.
//
// A row of state is read and merged by the version that it names, so a row never names one that its
// engagement does not fit. Where the model is not rebuilding, all rows name versions of one activity hash.
#pragma once

#include "pg/model_sql.hpp"
#include "pg/statement.hpp"

namespace leadscore {

/// Steps 3 to 5 for rows as the statements of model_sql.hpp find them (kTouched). SPI is connected, the
/// model's owner acts. Returns the number of leads. `cause` as in leadscore.transition; nullptr: write no
/// transitions. May longjmp.
uint64 refresh_touched(const Model* model, const Rows& touched, Refresh refresh, const char* cause);

/// Writes the transitions of rows that have `moved`, as settle_touched() or the direct way has them, and
/// notifies. May longjmp.
void write_moves(const Model* model, const Rows& moved, const char* cause);

/// Steps 4 and 5 for every row of state, in the state of the model's active version, where SHARE ROW
/// EXCLUSIVE on the state table keeps writers away. `fold` makes the rows that are missing, too; `keep` is
/// for states that all fit. No transitions. Returns how many leads' tier is another one than before. May
/// longjmp.
uint64 refresh_all(const Model* model, Refresh refresh);

/// The same for the leads of a source that was bound just now, of which no state has anything yet. False
/// where it has to be done lead by lead; nothing has been done then. May longjmp.
bool add_new_source(const Model* model, const Binding* binding);

/// Have leads been recomputed from their activities within the client's statement? Triggers of one statement
/// fire one after the other while all of its rows are visible already: what a recompute has seen, an INSERT
/// trigger must not add once more (INSERT … ON CONFLICT DO UPDATE, MERGE, data-modifying WITH).
bool was_recomputed(const Model* model);

/// Raises 40001: the transaction does not see what it is about to change.
[[noreturn]] void fail_unseen();

/// Tells listeners of new rows of leadscore.transition: their first and last id.
void notify_transitions(const Model* model, int64 first, int64 last);

/// Locks what watched tables are read under: shared by who looks into them to find out whose an activity is
/// or what a lead is, exclusive by who changes them. To the end of the transaction. Without it a row and the
/// row that says whose it is could be written at the same time, neither seeing the other.
void lock_watched(const Model* model, bool exclusive);
bool has_watches(const Model* model);

}  // namespace leadscore
