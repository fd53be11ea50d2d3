// The direct way, third part: what is told of leads whose tier has changed, rows of leadscore.transition.
#pragma once

#include "pg/direct_tables.hpp"

namespace leadscore {

/// The columns of a row that tells of a move, in their order, from 0; named as settle_touched() names them.
enum Move { kMoveKey, kTierBefore, kTotalBefore, kTierNow, kTotalNow, kRules, kAt, kMoveColumns };

/// Keeps this move (kMoveColumns values, copied) until write_moves(). May longjmp.
void keep_move(DirectLeads* leads, Datum* values, bool* nulls);

/// Writes what is kept and tells listeners, in the order in which it came. May longjmp.
void write_kept_moves(DirectLeads* leads);

void close_moves(DirectLeads* leads);

}  // namespace leadscore
