// The statements of a model, as text. Names are qualified and operators of keys named in full: statements run
// with search_path = pg_catalog. All results are in the current memory context. May longjmp.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// Names of rows that statements find beside tables. Where these stand beside a relation of the user's, which
/// goes by its own name, no alias is short: leadscore_t, leadscore_u.
inline constexpr const char* kOldRows = "leadscore_old";  ///< transition table
inline constexpr const char* kNewRows = "leadscore_new";  ///< transition table
inline constexpr const char* kTouched =
    "leadscore_touched";  ///< key, added, lead_before: what a statement has touched
inline constexpr const char* kSettledRows =
    "leadscore_settled";  ///< what becomes of the touched rows of state

inline constexpr const char* kPlaces =
    "leadscore_places";  ///< key, place: where the rows of state of the touched leads are

/// A relation by its qualified name.
const char* relation_name(Oid relation);
/// That of the leads. Raises 55000 where it was dropped.
const char* lead_relation(const Model* model);

/// The whole row of what goes by an alias, as the row type of a relation. The alias alone would be a column
/// where the relation has one of that name.
const char* whole_row(const char* alias, Oid relation);
/// That of a lead. Raises 55000 where the relation was dropped.
const char* lead_row(const Model* model);

/// "… IS NOT NULL", for a key of whatever type: of a row SQL asks whether each of its fields is.
const char* is_known(const Model* model, const char* key);
/// "… IS NOT NULL" of what can be the key of a row of state: see key_cast.hpp. `same`: SQL, nullptr for true.
const char* is_usable(const Model* model, const char* key, const char* same = nullptr);
/// Does the row of an activity have such a key?
const char* has_key(const Model* model, const Binding* binding);
/// An expression as a key of this model.
const char* as_key(const Model* model, const char* expression);
/// Does the row of `binding` that the statement reads belong to the touched lead t? An index on lead_key can
/// serve the condition.
const char* matches_touched(const Model* model, const Binding* binding);
/// `SELECT key, kind, at, fields` of the activities in `from` (a table or transition table) that pass the
/// filter and have a key. With `touched`, only those of the touched leads.
const char* activity_rows(const Model* model, const Binding* binding, const char* from, bool touched);
/// Its parts: the SELECT up to `at`, and the condition that a row of the source has to meet.
const char* activity_columns(const Model* model, const Binding* binding);
const char* counts_anywhere(const Model* model, const Binding* binding);
inline constexpr int kActivityFields = 3;  ///< the place of `fields` in it, from 0
/// A NULL for lead_before: of the type that it has elsewhere, as plans are kept by text and depend on the
/// types of the rows that they read.
const char* no_lead(const Model* model);
/// `SELECT key, lead` of the leads in `from`.
const char* lead_rows(const Model* model, const char* from);
/// `SELECT key, won, decided_at` of all leads, by what set_outcome has bound: won is NULL for an open one,
/// decided_at (timestamptz) where no time is bound. The model has an outcome.
const char* outcome_rows(const Model* model);
/// `SELECT key, lead, won, at` of all leads, by these expressions over a row that goes by lead_alias.
const char* decided_rows(const Model* model, const char* outcome, const char* decided_at);
/// `SELECT key, added`: what each lead's activities amount to, from the activities themselves ($1: rule set;
/// `as_of`: a parameter or nullptr). With `touched`, of the touched leads alone.
const char* history(const Model* model, bool touched, const char* as_of);
/// `SELECT at, kind, source, trace`: the activities of the touched leads, each with what it leaves behind
/// (see leadscore.activity_trace). $1: rule set.
const char* traces_of_touched(const Model* model);

/// The same for all leads, in one pass over each source where the key's type allows it (see engage_each.cpp).
/// `rules`: what $1 will be.
const char* bulk_history(const Model* model, const text* rules);
/// The same of one binding's activities alone. nullptr: the key's type doesn't allow it.
const char* bulk_history_of(const Model* model, const Binding* binding, const text* rules);

/// `SELECT key, added` of one binding's activities alone.
const char* history_of(const Model* model, const Binding* binding, bool touched, const char* as_of);
/// The same of activities as activity_rows() has them.
const char* added_by(const char* activities, const char* as_of);
/// The same without a row.
const char* no_history(const Model* model);
/// `SELECT key, added` with the numbers of the leads in kDecided (see decided.hpp) as keys: what the
/// activities of each, as activity_rows() has them, amount to up to the time of its decision. `equals`: the
/// operator of keys.
const char* added_until_decided(const char* activities, const char* equals);
/// The same of all activities of a model.
const char* history_until_decided(const Model* model);
/// The same without a row.
const char* no_history_until_decided();
/// `SELECT at, kind, source, trace` of activities of a binding, as activity_rows() has them.
const char* traces_of(const Binding* binding, const char* activities);
/// The same without a row.
const char* no_traces();

/// The rows of a transition table in the layout of the table that is bound: a partition may have its columns
/// in another order.
const char* transition_rows(const Binding* binding, Oid table, const char* rows);

/// The rows that a trigger's transition tables hold, as transition_rows() gives them; nullptr for none.
struct Changed {
  const char* before;
  const char* after;
};

/// Touched: each key with what the new activities add. $1: rule set.
const char* touched_by_insert(const Model* model, const Binding* binding, Changed changed);
/// Touched: the keys of activities that were, or are now. With `all`, those too that no rule of $1 counts.
const char* touched_by_insert_keys(const Model* model, const Binding* binding, Changed changed, bool all);
const char* touched_by_update(const Model* model, const Binding* binding, Changed changed, bool all);
const char* touched_by_delete(const Model* model, const Binding* binding, Changed changed, bool all);
/// Touched: leads that are new, changed or gone, each with its row before. `unique`: no two share a key.
const char* touched_by_lead(const Model* model, Changed changed, bool unique);
/// Touched: the leads that the query of a watched table names.
const char* touched_by_watch(const Model* model, const Binding* binding, Changed changed);
/// Touched: leads whose time has come ($1), at most $2, locked by lock_rows(). Those that another transaction
/// has locked are passed over: who ticks waits for nobody, and so needs no order of locks.
const char* touched_by_clock(const Model* model);
/// Touched: every lead and every row of state.
const char* touched_all(const Model* model);
/// Touched: the leads of the activities that a binding finds now.
const char* touched_by_source(const Model* model, const Binding* binding);
/// The same for several bindings: a List of their ids.
const char* touched_by_bindings(const Model* model, const List* ids);
/// Touched: one lead ($1: its key as text).
const char* touched_by_key(const Model* model);
/// Touched: the rows of state up to a key ($1), with `after` only those after another ($2), keys as text;
/// locked by lock_rows(), those that another transaction has locked passed over.
const char* touched_by_range(const Model* model, bool after);
/// The keys, as text, of the rows in the same range that are not touched.
const char* keys_passed_over(const Model* model, bool after);
/// The first $1 keys of state, as text, with `after` those after a key ($2).
const char* next_keys(const Model* model, bool after);
/// How many there are.
const char* count_keys(const Model* model, bool after);
/// Do states not fit rules of some activity hash? Then a row. $1: the model's name, $2: the hash.
const char* misfit(const Model* model);
/// The leads that the rows of a relation concern, which has a binding's columns. Reads no more of a row than
/// says which lead it is.
const char* touched_by_rows(const Model* model, const Binding* binding, const char* relation);
/// Touched: every lead, every row of state and the leads of all activities.
const char* touched_everything(const Model* model);
/// Those of them that have no row of state.
const char* touched_missing(const Model* model);
/// Fills the state table, which is empty, with every lead and every key that an activity has. $1: rule set,
/// $2: version.
const char* fill_state(const Model* model);

/// Those of the touched that have no row of state.
const char* touched_without_state(const Model* model);
/// Makes rows of state for the touched, still without engagement. $1: version.
const char* add_missing(const Model* model);

/// Makes the missing rows of state and locks all of the touched ones, in the order of keys.
const char* lock_touched(const Model* model);
/// kPlaces. With the latest snapshot.
const char* places_of_touched(const Model* model);
/// The touched leads whose row of state is elsewhere for who reads it now than kPlaces has it.
const char* misplaced(const Model* model);

/// How the touched states come to what they are to be.
enum class Refresh : char {
  merge,    ///< add what was added
  fold,     ///< from the activities themselves
  replace,  ///< what was added, in their place: it holds all of the activities
  keep,     ///< as they are: only the lead or the time is another
};
/// SQL: what settle() is to add for a touched row t, with the history f of its lead, and whether it takes the
/// state's place.
const char* added_of(Refresh refresh);
const char* is_replaced(Refresh refresh);
/// As settle_touched(), with the leads l as joined by `leads`. Without `compare` it is not asked which rules
/// have moved.
const char* settled_rows(const Model* model, Refresh refresh, const char* leads, bool compare = true);
/// Settles the touched rows: key, place, before, and leadscore.settled. $1: rule set, $2: its version.
const char* settle_touched(const Model* model, Refresh refresh);
/// The same for all rows of state (`keep`), or for all that there should be (`fold`): those that are missing
/// have no place. Without the rules that moved.
const char* settle_all(const Model* model, Refresh refresh);
/// The same for the leads of which `added` says what is to be added (bulk_history_of); those without a row of
/// state have no place. Without the rules that moved.
const char* settle_new_source(const Model* model, const char* added);
/// Writes what was settled. $1: version.
const char* write_settled(const Model* model);
/// Makes those that had no place. $1: version.
const char* insert_settled(const Model* model);
const char* delete_gone(const Model* model);
/// Writes the transitions of these rows; RETURNING id. $1: model, $2: version, $3: cause, $4: whether the
/// rules that moved are known.
const char* write_transitions(const char* moved);

}  // namespace leadscore
