// The index that a recompute needs: it looks for the activities of a few leads.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// The statement, or two with a semicolon between, that would make an index on a binding's lead_key, nullptr
/// where one exists that serves it. May longjmp.
const char* missing_key_index(const Binding* binding);

}  // namespace leadscore
