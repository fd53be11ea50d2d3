// Leads that share a key, which a table keeps from happening only by a unique index. They share a row of
// state, too: the one with the highest total is scored there.
#pragma once

#include "pg/statement.hpp"

namespace leadscore {

/// Leaves one of each of the rows that became of a row of state (kSettledRows), and records what keys are
/// shared. settle_counts.moved is that of the rows that stay. May longjmp.
void keep_one_lead(const Model* model, Rows* settled);

/// SQL: a row for one key that several leads have, with their number. In the current memory context. May
/// longjmp.
const char* duplicate_key(const Model* model);

}  // namespace leadscore
