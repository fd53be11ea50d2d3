// The statements of a model for rows among which some can't be read, as text. Unlike those of model_sql.hpp
// they leave the planner no choice of what is evaluated first: a filter guards the expressions behind it. All
// results are in the current memory context. May longjmp.
#pragma once

#include "pg/model_sql.hpp"

namespace leadscore {

inline constexpr const char* kPart = "leadscore_part";          ///< some of a table's rows
inline constexpr const char* kGathered = "leadscore_gathered";  ///< key, added: what parts came to
inline constexpr const char* kWhole = "leadscore_whole";  ///< what has been touched, while kTouched is a part

/// `SELECT key, kind, at, fields` of the part's activities. With `touched`, of the touched leads alone.
const char* part_activities(const Model* model, const Binding* binding, bool touched);
/// Gathered: what each lead's activities in the part amount to. $1: rule set. With `touched`, of the touched
/// leads alone.
const char* part_added(const Model* model, const Binding* binding, bool touched);
/// Gathered: the keys of the part's activities; every expression is evaluated. With `all`, those too that no
/// rule of $1 counts.
const char* part_keys(const Model* model, const Binding* binding, bool all);
/// Gathered: the keys of what was in the part before a change, whether it was an activity or not.
const char* part_old_keys(const Model* model, const Binding* binding);
/// Gathered: the keys of the part's leads.
const char* part_lead_keys(const Model* model);
/// Gathered: the leads that the query of a watched table names for the part's rows.
const char* part_watch_keys(const Model* model, const Binding* binding);

/// Gathered: every row of state.
const char* all_states(const Model* model);
/// Gathered: every lead.
const char* all_lead_keys(const Model* model);

/// Touched: what was gathered, together.
const char* touched_by_gathered(const Model* model);
/// Touched, with all of their activities as gathered for what was added.
const char* touched_with_gathered(const Model* model);
/// Touched: every row of state.
const char* touched_states(const Model* model);

/// The name of each row of `rows`; see row_name().
const char* names_of_rows(const Binding* binding, const char* rows);
/// `SELECT name, problem, how many there are` of activities and leads whose key can be that of no row of
/// state, and of activities whose kind or time is NULL, or whose time is infinite; the first `limit`.
const char* unusable_rows(const Model* model, const Binding* binding, const char* rows, int limit);

/// Settles the touched rows, as settle_touched() does; no lead is read but theirs, where a condition on the
/// key can see to that.
const char* settle_part(const Model* model, Refresh refresh);
/// Settles the one lead that is touched; its key is $3 also, which a view may take further into what
/// it reads than a join. $1, $2 as for settle_touched(). Without `compare` it is not asked which rules have
/// moved, and so not what the lead was before.
const char* settle_one(const Model* model, Refresh refresh, bool compare);
/// What becomes of touched rows of state whose lead can't be read: the engagement is right, the score stays
/// as it was, and the clock tries again. $1: rule set.
const char* settle_unscored(const Model* model, Refresh refresh);

}  // namespace leadscore
