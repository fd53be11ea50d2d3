// What a trigger wants to know of the leads that a statement has settled.
#pragma once

#include "pg/postgres.hpp"

namespace leadscore {

/// Counted by settle() since it was last set to zero.
struct SettleCounts {
  uint64 moved;  ///< leads whose tier is another one than before
  uint64 gone;   ///< rows of state without lead and activity
};
inline SettleCounts settle_counts{};

}  // namespace leadscore
