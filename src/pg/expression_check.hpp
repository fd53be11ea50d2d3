// What an expression that a user passes may read and call: nothing by which it would give something else
// tomorrow, and nothing that its writer may not read.
#pragma once

#include "pg/expression.hpp"

namespace leadscore {

/// What is allowed, and what was seen.
struct ExpressionCheck {
  const char* kind;      ///< "expression" or "query", for messages
  const char* argument;  ///< the name that messages call it by
  ParseState* state;     ///< of the text that it was read from: errors have places in it
  List* watched;
  Scope scope;
  bool any_table;  ///< not only watched ones
  bool is_query;
  bool temporary;     ///< the relation is a temporary table
  bool reads_tables;  ///< set where one is read
  Node* node;         ///< the one whose functions are being looked at
};

/// Raises the errors about functions, constants, tables and columns that parse_expression() names. `node` is
/// analyzed. Locks the tables that are read, as parsing has. May longjmp.
void check_what_is_read(ExpressionCheck& check, Node* node);

}  // namespace leadscore
