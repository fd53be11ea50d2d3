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

/// Raises 42809 where no model may follow the relation: what belongs to a model or to leadscore itself would
/// change with each change that it causes, a temporary one is another in each session, and a table of Citus
/// has its triggers on the shards. May longjmp.
void check_may_be_bound(Oid relation);

/// Raises 42809 for what is neither a table nor a view of any kind. May longjmp.
void check_relation(Oid relation);

/// The primary key's column, quoted where need be; raises 22023 where the key has another number of columns,
/// or there is none: `instead` is what to write then. May longjmp.
const char* primary_key(Oid relation, const char* instead);

/// An expression that must be of type boolean; `source` nullptr: none. The rest as for parse_expression().
Expression parse_filter(Oid relation, const char* source, List* watched, Scope scope = Scope::watched);

/// The expression as timestamptz: times without a zone, and days, are UTC. Raises 42804 for other types.
const char* as_instant(const Expression& at, const char* argument);

}  // namespace leadscore
