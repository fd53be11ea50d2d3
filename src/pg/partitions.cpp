#include "pg/partitions.hpp"

#include "pg/acting.hpp"
#include "pg/careful.hpp"
#include "pg/reading.hpp"
#include "pg/trigger_names.hpp"

namespace leadscore {
namespace {

bool is_empty(Oid table) {
  if (get_rel_relkind(table) != RELKIND_RELATION) return true;  // its partitions are looked at themselves
  const Relation relation = table_open(table, AccessShareLock);
  const bool empty = RelationGetNumberOfBlocks(relation) == 0;
  table_close(relation, NoLock);
  return empty;
}

/// May the model's owner read the rows there themselves, all of them? What is allowed on a partitioned table
/// says nothing of its partitions.
bool may_read(const Model* model, Oid table) {
  return pg_class_aclcheck(table, model->owner, ACL_SELECT) == ACLCHECK_OK &&
         check_enable_rls(table, model->owner, true) != RLS_ENABLED;
}

void lock_looked_into(const Model* model, const Binding* binding) {
  if (!has_watches(model)) return;
  if (binding == nullptr || binding->role == Role::watch) {
    lock_watched(model, true);
  } else if (binding->role == Role::lead || binding->reads_tables) {
    lock_watched(model, false);
  }
}

}  // namespace

Rows all_leads(const Model* model) {
  Rows rows = new_rows(kTouched);
  if (try_select(model, &rows, touched_everything(model), {}, Load::many) != nullptr)
    touch_everything_with_care(model, &rows);
  return rows;
}

Rows leads_of_rows(const Model* model, const Binding* binding, Oid table, bool come) {
  const MemoryContext context = CurrentMemoryContext;
  const Acting before = act_as(model->owner, true);
  lock_looked_into(model, binding);
  Rows rows = new_rows(kTouched);
  const char* const from = relation_name(table);
  const char* const text = touched_by_rows(model, binding, from);
  // An expression may want the row to be of the type that its own table has.
  if (may_read(model, table) && try_reading([&] { describe(text); }) == nullptr) {
    const char* const same_columns = transition_rows(binding, table, from);
    const Changed changed = come ? Changed{nullptr, same_columns} : Changed{same_columns, nullptr};
    if (try_select(model, &rows, text, {}, Load::many) != nullptr) {
      touch_with_care(model, binding, changed, Refresh::fold, &rows);
    } else if (come && binding->role != Role::watch) {
      note_unusable(model, binding, changed, Load::many);
    }
  } else {
    tuplestore_end(rows.store);
    rows = all_leads(model);
  }
  // SPI has left its own memory context, and what was made there goes with it.
  MemoryContextSwitchTo(context);
  Rows kept = new_rows(kTouched);
  if (rows.desc != nullptr) kept.desc = CreateTupleDescCopy(rows.desc);
  move_rows(&rows, &kept);
  tuplestore_end(rows.store);
  stop_acting(before);
  return kept;
}

void recompute_leads(const Model* model, const Binding* binding, const Rows* touched) {
  if (!has_lead(model)) return;
  const Acting before = act_as(model->owner, true);
  lock_looked_into(model, binding);
  const bool lead = binding != nullptr && binding->role == Role::lead;
  const Rows rows = touched != nullptr ? *touched : all_leads(model);
  refresh_touched(model, rows, lead && !model->rebuilding ? Refresh::keep : Refresh::fold,
                  lead ? "lead" : "activity");
  if (touched == nullptr) tuplestore_end(rows.store);
  stop_acting(before);
}

namespace {

void recompute_leads_of(const Model* model, const Binding* binding, Oid table, bool come) {
  if (!has_lead(model)) return;
  const Rows touched = leads_of_rows(model, binding, table, come);
  recompute_leads(model, binding, &touched);
  tuplestore_end(touched.store);
}

}  // namespace

void adopt_tables(const Model* model, const Binding* binding) {
  List* const tables = find_all_inheritors(binding->source, NoLock, nullptr);
  List* filled = NIL;
  for (int i = 0; i < list_length(tables); ++i) {
    const Oid table = list_nth_oid(tables, i);
    if (create_triggers_on(model, binding, table) > 0 && !is_empty(table))
      filled = lappend_oid(filled, table);
  }
  for (int i = 0; i < list_length(filled); ++i)
    recompute_leads_of(model, binding, list_nth_oid(filled, i), true);
}

List* bindings_above(Oid table) {
  const Parameter parameters[] = {{OIDOID, ObjectIdGetDatum(table)}};
  const uint64 count = read_command(
      "WITH RECURSIVE above (relation) AS (SELECT $1 UNION SELECT i.inhparent FROM pg_catalog.pg_inherits i "
      "JOIN above a ON i.inhrelid = a.relation) "
      "SELECT b.model, b.id FROM leadscore.binding b WHERE b.source::oid IN (SELECT relation FROM above) "
      "ORDER BY b.model, b.id",
      parameters);
  List* names = NIL;
  for (uint64 i = 0; i < count; ++i) {
    auto* const name = static_cast<BindingName*>(palloc(sizeof(BindingName)));
    *name = {tuple_text(i, 1), pg_strtoint32(tuple_text(i, 2))};
    names = lappend(names, name);
  }
  return names;
}

void release_table(Oid table, Oid parent) {
  List* const tables = find_all_inheritors(table, NoLock, nullptr);
  List* const names = bindings_above(parent);
  for (int i = 0; i < list_length(names); ++i) {
    const auto* const name = static_cast<const BindingName*>(list_nth(names, i));
    const Model* const model = find_model(name->model, RowExclusiveLock);
    const Binding* const binding = model == nullptr ? nullptr : find_binding(model, name->id);
    if (binding == nullptr) continue;
    for (int j = 0; j < list_length(tables); ++j) {
      // By inheritance it may be below the same table in another way.
      if (!belongs_to(list_nth_oid(tables, j), binding->source))
        drop_triggers_on(model->id, binding->id, list_nth_oid(tables, j));
    }
    if (!belongs_to(table, binding->source)) recompute_leads_of(model, binding, table, false);
  }
}

}  // namespace leadscore
