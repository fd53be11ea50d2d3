// What nobody may do to a model's table state, and to leadscore.transition: from then on each statement that
// writes leads or activities would fail, or readers would see rows that are not for them. Asked before a
// command runs, of the command alone: a restore makes the table part by part.
#pragma once

#include "pg/postgres.hpp"

namespace leadscore {

/// Raises 2BP01, with the model and what to do, where the command would. May longjmp.
void check_state_stays(const Node* command);

}  // namespace leadscore
