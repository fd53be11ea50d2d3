// Reading what may fail. Expressions, views and casts of the user's raise whatever they like; that must not
// end the statement that changed a row. All of them run in SELECTs that write nothing, so each such SELECT
// gets a subtransaction, which never has a transaction id of its own: nothing is logged, and no snapshot
// grows by it.
#pragma once

#include "pg/postgres.hpp"

namespace leadscore {

/// Runs `read`, which must leave no trace in the database. nullptr: it came to its end. Else what it raised,
/// in the current memory context; everything that it opened is closed again. Errors that say nothing about
/// the rows read (deadlock, serialization failure, out of memory, cancel, lock timeout, a bug) are raised.
/// May longjmp.
ErrorData* try_reading(void (*read)(void*), void* argument);

/// The same for a lambda.
template <class Body>
ErrorData* try_reading(const Body& body) {
  static_assert(std::is_trivially_destructible_v<Body>);
  return try_reading([](void* given) { (*static_cast<const Body*>(given))(); }, const_cast<Body*>(&body));
}

}  // namespace leadscore
