// Activities that no rule can count, as their kind or time is NULL or their time infinite.
#pragma once

#include "pg/postgres.hpp"

namespace leadscore {

/// Counted by whatever folds activities, since it was last set to zero: the trigger looks for the rows only
/// where there are some.
inline uint64 unusable_activities = 0;

}  // namespace leadscore
