#include "pg/ddl_change.hpp"

namespace leadscore {
namespace {

bool has_parent(const Node* statement) {
  if (IsA(statement, CreateStmt)) return reinterpret_cast<const CreateStmt*>(statement)->inhRelations != NIL;
  if (IsA(statement, CreateForeignTableStmt))
    return reinterpret_cast<const CreateForeignTableStmt*>(statement)->base.inhRelations != NIL;
  return false;
}

/// The last part of an object's name.
const char* last_name(const RangeVar* relation, Node* object) {
  if (relation != nullptr) return relation->relname;
  if (object == nullptr) return nullptr;
  if (IsA(object, ObjectWithArgs)) return strVal(llast(reinterpret_cast<ObjectWithArgs*>(object)->objname));
  if (IsA(object, List)) return strVal(llast(reinterpret_cast<List*>(object)));
  if (IsA(object, TypeName)) return strVal(llast(reinterpret_cast<TypeName*>(object)->names));
  return nullptr;
}

void read_alter_table(const AlterTableStmt* statement, Change& change) {
  for (int i = 0; i < list_length(statement->cmds); ++i) {
    const AlterTableCmd* const command = list_nth_node(AlterTableCmd, statement->cmds, i);
    switch (command->subtype) {
      case AT_AttachPartition:
      case AT_AddInherit:
        change.tables_come = true;
        break;
      case AT_DetachPartition:
      case AT_DetachPartitionFinalize:
        change.tables_leave =
            lappend(change.tables_leave, reinterpret_cast<PartitionCmd*>(command->def)->name);
        change.tables_left = lappend(change.tables_left, statement->relation);
        break;
      case AT_DropInherit:
        change.tables_leave = lappend(change.tables_leave, statement->relation);
        change.tables_left = lappend(change.tables_left, command->def);
        break;
      case AT_AlterColumnType:
        change.shape = change.values = true;
        break;
      case AT_DropColumn:
        change.shape = true;
        break;
      default:
        break;
    }
  }
}

}  // namespace

Change change_of(const Node* command) {
  Change change = {};
  if (command == nullptr) return change;
  switch (nodeTag(command)) {
    case T_CreateStmt:
    case T_CreateForeignTableStmt:
      change.tables_come = has_parent(command);
      break;
    case T_CreateSchemaStmt: {
      const List* const elements = reinterpret_cast<const CreateSchemaStmt*>(command)->schemaElts;
      for (int i = 0; i < list_length(elements); ++i)
        change.tables_come =
            change.tables_come || has_parent(static_cast<const Node*>(list_nth(elements, i)));
      break;
    }
    case T_AlterTableStmt:
      read_alter_table(reinterpret_cast<const AlterTableStmt*>(command), change);
      break;
    case T_RenameStmt: {
      const auto* const rename = reinterpret_cast<const RenameStmt*>(command);
      change.shape = true;
      change.name =
          rename->renameType == OBJECT_SCHEMA ? rename->subname : last_name(rename->relation, rename->object);
      break;
    }
    case T_AlterObjectSchemaStmt: {
      const auto* const move = reinterpret_cast<const AlterObjectSchemaStmt*>(command);
      change.shape = true;
      change.name = last_name(move->relation, move->object);
      break;
    }
    case T_ViewStmt:
      change.shape = change.values = reinterpret_cast<const ViewStmt*>(command)->replace;
      break;
    default:
      break;
  }
  return change;
}

}  // namespace leadscore
