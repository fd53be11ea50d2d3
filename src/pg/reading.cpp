#include "pg/reading.hpp"

namespace leadscore {
namespace {

/// Does the error end the statement, whatever the rows are? The inserter can mend these, by trying again, or
/// nobody should pass over them.
bool ends_statement(const ErrorData* error) {
  if (error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE) return true;
  switch (ERRCODE_TO_CATEGORY(error->sqlerrcode)) {
    case ERRCODE_TO_CATEGORY(ERRCODE_INVALID_TRANSACTION_STATE):
    case ERRCODE_TO_CATEGORY(ERRCODE_TRANSACTION_ROLLBACK):
    case ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES):
    case ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION):
    case ERRCODE_TO_CATEGORY(ERRCODE_SYSTEM_ERROR):
    case ERRCODE_TO_CATEGORY(ERRCODE_INTERNAL_ERROR):
      return true;
    default:
      return false;
  }
}

}  // namespace

ErrorData* try_reading(void (*read)(void*), void* argument) {
  const MemoryContext context = CurrentMemoryContext;
  const ResourceOwner owner = CurrentResourceOwner;
  ErrorData* volatile error = nullptr;
  BeginInternalSubTransaction(nullptr);
  MemoryContextSwitchTo(context);
  PG_TRY();
  {
    read(argument);
    ReleaseCurrentSubTransaction();
  }
  PG_CATCH();
  {
    MemoryContextSwitchTo(context);
    error = CopyErrorData();
    FlushErrorState();
    RollbackAndReleaseCurrentSubTransaction();
  }
  PG_END_TRY();
  MemoryContextSwitchTo(context);
  CurrentResourceOwner = owner;
  if (error != nullptr && ends_statement(error)) ReThrowError(error);
  return error;
}

}  // namespace leadscore
