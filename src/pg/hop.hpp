// Keys that are looked up in another table: (SELECT m.person_id FROM message m WHERE m.id = part.message_id).
//
// No index on the activities' table can serve such an expression. But a lead's activities can be found the
// other way round, by joins: from the key to the rows of the other table, and from these to the activities.
#pragma once

#include "pg/postgres.hpp"

namespace leadscore {

/// The name by which the texts below speak of the other table.
inline constexpr const char* kHopAlias = "leadscore_hop";

/// Texts are as those of Expression. What the expression gives for a row is, unless it is NULL, `key` of a
/// row of the other table that meets `condition`.
struct Hop {
  char* table;      ///< the other table, qualified
  char* key;        ///< a column of it
  char* from;       ///< a column of the row that the expression is over: it equals one of the other table
  char* condition;  ///< over both rows
};

/// The hop that an analyzed expression over a row of `relation` is; nullptr where it is none. Settings are as
/// the texts are to be read with. In the current memory context. May longjmp.
Hop* find_hop(Node* expression, Relation relation);

}  // namespace leadscore
