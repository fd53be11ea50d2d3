// What a command says about relations, as far as it can concern a model. Read from the parse tree: most
// commands concern none, and the catalogs need not be asked.
#pragma once

#include "pg/postgres.hpp"

namespace leadscore {

struct Change {
  bool tables_come;    ///< partitions or children of tables
  List* tables_leave;  ///< of RangeVar*: those that were detached
  List* tables_left;   ///< the same for each of them: from which
  bool shape;          ///< names, columns or types are others
  bool values;         ///< rows are others, and no trigger has fired
  const char* name;    ///< where something was renamed or moved: its name before
};

Change change_of(const Node* command);

}  // namespace leadscore
