// Which leads engage_each can tell apart.
#pragma once

#include "pg/postgres.hpp"

namespace leadscore {

/// Are two keys of this type and collation equal exactly where their bytes are? May longjmp.
bool can_engage_each(Oid type, Oid collation);

}  // namespace leadscore
