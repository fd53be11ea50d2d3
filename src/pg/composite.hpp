// Composite results.
#pragma once

#include "pg/guard.hpp"

namespace leadscore {

/// The descriptor of the function's result, `type` in messages, of so many columns. Made at the first call
/// into `kept`, a member of its call_state(), and lives as long. May longjmp.
TupleDesc result_descriptor(FunctionCallInfo fcinfo, TupleDesc& kept, const char* type, int columns);

}  // namespace leadscore
