#include "pg/state_guard.hpp"

#include "pg/model.hpp"
#include "pg/ownership.hpp"
#include "pg/state_columns.hpp"

namespace leadscore {
namespace {

Oid table_named(const RangeVar* name) {
  return name == nullptr ? InvalidOid : RangeVarGetRelid(name, NoLock, true);
}

/// The model whose state table goes by the name; nullptr: none's.
const Model* model_of(const RangeVar* name) {
  if (name == nullptr || std::strcmp(name->relname, "state") != 0) return nullptr;
  const Oid table = table_named(name);
  if (!OidIsValid(table)) return nullptr;
  const Model* const model = find_model(get_namespace_name(get_rel_namespace(table)), NoLock);
  return model != nullptr && model->state == table ? model : nullptr;
}

bool is_transition(const RangeVar* name) {
  return name != nullptr && std::strcmp(name->relname, "transition") == 0 &&
         table_named(name) == get_relname_relid("transition", get_namespace_oid("leadscore", false));
}

[[noreturn]] void refuse(const Model* model, const char* what, const char* hint) {
  ereport(ERROR, (errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
                  errmsg("cannot %s table %s.state, which belongs to model \"%s\"", what, model->schema,
                         model->name),
                  errhint("%s", hint)));
}

/// `model` nullptr: leadscore.transition.
[[noreturn]] void refuse_deferred(const Model* model, const char* what) {
  ereport(ERROR,
          (errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
           errmsg("cannot put a %s on table %s", what,
                  model == nullptr ? "leadscore.transition" : psprintf("%s.state", model->schema)),
           model == nullptr ? errdetail("All models write the table, and can't wait for the end of the "
                                        "transaction.")
                            : errdetail("Model \"%s\" writes the table, and can't wait for the end of "
                                        "the transaction.",
                                        model->name),
           errhint("Leave out DEFERRABLE.")));
}

bool is_own(const Model* model, const char* column) {
  const AttrNumber number = column == nullptr ? 0 : get_attnum(model->state, column);
  return number > 0 && number <= kColumnCount;
}

void check_column(const Model* model, const char* column) {
  if (is_own(model, column))
    refuse(model, psprintf("change column %s of", quote_identifier(column)),
           "Columns of your own can be added, changed and dropped.");
}

/// Is it, or does it make, a constraint that can be deferred?
bool is_deferrable(const Node* part) {
  if (part == nullptr) return false;
  if (IsA(part, IndexStmt)) return reinterpret_cast<const IndexStmt*>(part)->deferrable;
  if (IsA(part, Constraint)) {
    const auto* const constraint = reinterpret_cast<const Constraint*>(part);
    return constraint->deferrable || constraint->contype == CONSTR_ATTR_DEFERRABLE ||
           constraint->contype == CONSTR_ATTR_DEFERRED;
  }
  if (!IsA(part, ColumnDef)) return false;
  const List* const constraints = reinterpret_cast<const ColumnDef*>(part)->constraints;
  for (int i = 0; i < list_length(constraints); ++i)
    if (is_deferrable(static_cast<const Node*>(list_nth(constraints, i)))) return true;
  return false;
}

/// Rows that leadscore adds say nothing of the columns of others.
bool needs_value(const ColumnDef* column) {
  bool not_null = false, has_value = false;
  for (int i = 0; i < list_length(column->constraints); ++i) {
    const ConstrType type = list_nth_node(Constraint, column->constraints, i)->contype;
    not_null = not_null || type == CONSTR_NOTNULL || type == CONSTR_PRIMARY;
    has_value = has_value || type == CONSTR_DEFAULT || type == CONSTR_IDENTITY || type == CONSTR_GENERATED;
  }
  return not_null && !has_value;
}

const char* primary_key_name(const Model* model) {
  Oid constraint;
  (void)get_primary_key_attnos(model->state, true, &constraint);
  return OidIsValid(constraint) ? get_constraint_name(constraint) : nullptr;
}

void check_part(const Model* model, const AlterTableCmd* part) {
  switch (part->subtype) {
    case AT_AddColumn:
      if (needs_value(castNode(ColumnDef, part->def)))
        refuse(model, "add a column that needs a value to", "Give it a DEFAULT.");
      break;
    case AT_DropConstraint: {
      const char* const key = primary_key_name(model);
      if (key != nullptr && std::strcmp(key, part->name) == 0)
        refuse(model, "drop the primary key of", "By it the model finds its leads.");
      break;
    }
    case AT_ChangeOwner:
      // To the owner of the schema is how rebind gives it away.
      if (get_rolespec_oid(part->newowner, true) != schema_owner(model->name))
        refuse(model, "change the owner of",
               psprintf("ALTER SCHEMA %s OWNER TO ..., then SELECT leadscore.rebind(%s).", model->schema,
                        quote_literal_cstr(model->name)));
      break;
    case AT_DisableRowSecurity:
      if (!model->by_owner)
        refuse(model, "turn off row-level security of",
               "Its policy shows readers the leads that they may see. For readers who may see all scores, "
               "make the model with security => 'owner'.");
      break;
    case AT_ForceRowSecurity:
      refuse(model, "force row-level security on", "The owner must see all rows to keep them right.");
    case AT_SetStatistics:
    case AT_SetOptions:
    case AT_ResetOptions:
    case AT_SetStorage:
    case AT_SetCompression:
    case AT_DropNotNull:
      break;
    case AT_DropColumn:
    case AT_AlterColumnType:
    case AT_ColumnDefault:
    case AT_SetNotNull:
    case AT_AddIdentity:
    case AT_SetIdentity:
    case AT_DropIdentity:
    case AT_DropExpression:
      check_column(model, part->name);
      break;
    default:
      break;
  }
}

void check_alter(const AlterTableStmt* alter) {
  const Model* const model = model_of(alter->relation);
  if (model == nullptr && !is_transition(alter->relation)) return;
  for (int i = 0; i < list_length(alter->cmds); ++i) {
    const AlterTableCmd* const part = list_nth_node(AlterTableCmd, alter->cmds, i);
    if (is_deferrable(part->def)) refuse_deferred(model, "constraint that can be deferred");
    if (model != nullptr) check_part(model, part);
  }
}

}  // namespace

void check_state_stays(const Node* command) {
  if (IsA(command, AlterTableStmt)) {
    check_alter(reinterpret_cast<const AlterTableStmt*>(command));
  } else if (IsA(command, RenameStmt)) {
    const auto* const rename = reinterpret_cast<const RenameStmt*>(command);
    const Model* const model = rename->renameType == OBJECT_COLUMN ? model_of(rename->relation) : nullptr;
    if (model != nullptr) check_column(model, rename->subname);
  } else if (IsA(command, CreateTrigStmt)) {
    const auto* const trigger = reinterpret_cast<const CreateTrigStmt*>(command);
    if (!trigger->deferrable) return;
    const Model* const model = model_of(trigger->relation);
    if (model != nullptr || is_transition(trigger->relation))
      refuse_deferred(model, "trigger that can be deferred");
  } else if (IsA(command, RuleStmt)) {
    const Model* const model = model_of(reinterpret_cast<const RuleStmt*>(command)->relation);
    if (model != nullptr) refuse(model, "put a rule on", "A trigger may do what the rule was to do.");
  }
}

}  // namespace leadscore
