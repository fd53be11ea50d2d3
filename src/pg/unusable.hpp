// Rows that nothing can count: activities whose kind or time is NULL or whose time is infinite, and rows
// whose key can be the key of no row of state (see key_cast.hpp).
#pragma once

#include "pg/postgres.hpp"

namespace leadscore {

/// Counted by whatever folds activities or reads keys, since it was last set to zero: the trigger looks for
/// the rows only where there are some.
inline uint64 unusable_activities = 0;

}  // namespace leadscore
