// The transaction at hand, by a number that every one has: those that write nothing, too.
#pragma once

#include "pg/postgres.hpp"

namespace leadscore {

/// Of this backend alone; another transaction of it has another. Invalid outside of transactions.
inline LocalTransactionId local_transaction() noexcept {
#if PG_VERSION_NUM >= 170000
  return MyProc->vxid.lxid;
#else
  return MyProc->lxid;
#endif
}

}  // namespace leadscore
