// Arguments of the functions that make and change models.
#pragma once

#include "pg/expression.hpp"
#include "pg/postgres.hpp"

namespace leadscore {

/// A text argument; nullptr for NULL. In the current memory context. May longjmp.
const char* optional_text(FunctionCallInfo fcinfo, int number);
/// The same where NULL is an error (22004) that names the argument.
const char* required_text(FunctionCallInfo fcinfo, int number, const char* name);

/// Raises 42809 where rows of the table can be written through another one, whose triggers would fire instead
/// of its own. May longjmp.
void check_is_root(Oid table);

/// An expression that must be of type boolean; `source` nullptr: none.
Expression parse_filter(Oid relation, const char* source, List* watched);

}  // namespace leadscore
