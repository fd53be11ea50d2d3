// on_change: the trigger function on leads, activities and watched tables.
#include "pg/acting.hpp"
#include "pg/careful.hpp"
#include "pg/direct.hpp"
#include "pg/guard.hpp"
#include "pg/key_index.hpp"
#include "pg/live.hpp"
#include "pg/relevance.hpp"
#include "pg/trigger_names.hpp"
#include "pg/unusable.hpp"

namespace leadscore {
namespace {

enum class Event : char { insert, update, remove, truncate };

Event event_of(const TriggerData* data) {
  if (TRIGGER_FIRED_BY_INSERT(data->tg_event)) return Event::insert;
  if (TRIGGER_FIRED_BY_UPDATE(data->tg_event)) return Event::update;
  if (TRIGGER_FIRED_BY_DELETE(data->tg_event)) return Event::remove;
  return Event::truncate;
}

/// Are the rows to be had under the names by which statements look for them? Anybody who may make triggers on
/// the table can make one that gives them others, and what these names then stood for would be read in their
/// place.
bool has_own_transition_tables(const TriggerData* data) {
  const auto is = [](const char* name, bool wanted, const char* own) {
    return wanted ? name != nullptr && std::strcmp(name, own) == 0 : name == nullptr;
  };
  const Event event = event_of(data);
  return is(data->tg_trigger->tgnewtable, event == Event::insert || event == Event::update, kNewRows) &&
         is(data->tg_trigger->tgoldtable, event == Event::remove || event == Event::update, kOldRows);
}

/// How it is found out which leads a statement has touched, and how these are brought up to date.
struct Touching {
  const char* text;
  Refresh refresh;
  const char* cause;
};

uint64 row_count(const TriggerData* data) {
  uint64 count = 0;
  if (data->tg_oldtable != nullptr) count += static_cast<uint64>(tuplestore_tuple_count(data->tg_oldtable));
  if (data->tg_newtable != nullptr) count += static_cast<uint64>(tuplestore_tuple_count(data->tg_newtable));
  return count;
}

Changed changed_rows(const Binding* binding, const TriggerData* data) {
  const Oid table = RelationGetRelid(data->tg_relation);
  return {data->tg_oldtable == nullptr ? nullptr : transition_rows(binding, table, kOldRows),
          data->tg_newtable == nullptr ? nullptr : transition_rows(binding, table, kNewRows)};
}

Touching touching_activities(const Model* model, const Binding* binding, Changed changed, Event event) {
  // While states of an earlier version wait to be rebuilt, whatever is touched is rebuilt at once; which of
  // its activities count is then a question of two versions, so all do.
  const bool all = model->rebuilding;
  const bool fold = event != Event::insert || all || was_recomputed(model);
  const char* text;
  switch (event) {
    case Event::insert:
      text = fold ? touched_by_insert_keys(model, binding, changed, all)
                  : touched_by_insert(model, binding, changed);
      break;
    case Event::update:
      text = touched_by_update(model, binding, changed, all);
      break;
    case Event::remove:
      text = touched_by_delete(model, binding, changed, all);
      break;
    default:
      text = touched_all(model);
  }
  return {text, fold ? Refresh::fold : Refresh::merge, "activity"};
}

Touching touching_leads(const Model* model, Changed changed, Event event) {
  return {
      event == Event::truncate ? touched_all(model) : touched_by_lead(model, changed, key_is_unique(model)),
      model->rebuilding ? Refresh::fold : Refresh::keep, "lead"};
}

/// A watched table may say whose an activity is: what it names is recomputed from the activities.
Touching touching_watchers(const Model* model, const Binding* binding, Changed changed, Event event) {
  return {event == Event::truncate ? touched_all(model) : touched_by_watch(model, binding, changed),
          Refresh::fold, "lead"};
}

/// false: the model has changed meanwhile.
bool find_touched(const Model* model, const Binding* binding, Changed changed, const Touching& touching,
                  Load load, Rows* rows) {
  const Parameter rules[] = {rules_parameter(model->rules)};
  unusable_activities = 0;
  if (try_select(model, rows, touching.text, rules, load) != nullptr) {
    if (up_to_date(model) != model) return false;
    touch_with_care(model, binding, changed, touching.refresh, rows);
  } else if (binding->role != Role::watch && changed.after != nullptr &&
             (unusable_activities > 0 || (model->rebuilding && binding->role == Role::activity))) {
    note_unusable(model, binding, changed, load);
  }
  return true;
}

/// Lets statements find the transition tables. False where nothing in them matters.
bool take_rows(const Model* model, const Binding* binding, TriggerData* data) {
  if (event_of(data) == Event::update && !keep_relevant_rows(model, binding, data)) return false;
  if (SPI_register_trigger_data(data) != SPI_OK_TD_REGISTER)
    elog(ERROR, "could not register transition tables");
  return true;
}

/// Takes away rows that take_rows() has put in the place of the transition tables: they may be in files.
void end_rows(const TriggerData& taken, const TriggerData* data) {
  if (taken.tg_oldtable != data->tg_oldtable) tuplestore_end(taken.tg_oldtable);
  if (taken.tg_newtable != data->tg_newtable) tuplestore_end(taken.tg_newtable);
}

void follow(const Model* model, const Binding* binding, const TriggerData* data) {
  if (has_watches(model)) {
    if (binding->role == Role::watch) {
      lock_watched(model, true);
    } else if (binding->role == Role::lead || binding->reads_tables) {
      lock_watched(model, false);
    }
  }
  const Event event = event_of(data);
  const Changed changed = changed_rows(binding, data);
  const Touching touching = binding->role == Role::activity
                                ? touching_activities(model, binding, changed, event)
                            : binding->role == Role::lead ? touching_leads(model, changed, event)
                                                          : touching_watchers(model, binding, changed, event);
  Rows touched = new_rows(kTouched);
  const bool found = find_touched(model, binding, changed, touching, load_of(row_count(data)), &touched);
  if (found) refresh_touched(model, touched, touching.refresh, touching.cause);
  tuplestore_end(touched.store);
  if (found) return;
  // Reading waited for who has renamed a table that is followed: the same in other words.
  const Model* const now = up_to_date(model);
  const Binding* const same = find_binding(now, binding->id);
  if (same == nullptr) raise_changed(model);
  follow(now, same, data);
}

/// The binding that the trigger stands for; nullptr where it has nothing to do: triggers that were restored
/// without the models they belong to, and a model that has lost its leads, which must not keep others from
/// writing (rebind recomputes all). Raises where the trigger is not one of the model's.
const Binding* find_own_binding(const Model* model, const TriggerData* data) {
  const Trigger* const trigger = data->tg_trigger;
  if (model == nullptr || !has_lead(model)) return nullptr;
  const Binding* const binding = find_binding(model, pg_strtoint32(trigger->tgargs[1]));
  if (binding == nullptr) return nullptr;
  if (!OidIsValid(binding->source) || !belongs_to(RelationGetRelid(data->tg_relation), binding->source) ||
      !is_trigger_name(binding, trigger->tgname)) {
    ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                    errmsg("trigger \"%s\" on table \"%s\" does not belong to model \"%s\"", trigger->tgname,
                           RelationGetRelationName(data->tg_relation), model->name),
                    errhint("Bind the table with leadscore.add_activity or leadscore.watch.")));
  }
  if (!has_own_transition_tables(data)) {
    ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                    errmsg("trigger \"%s\" on table \"%s\" was not made by leadscore", trigger->tgname,
                           RelationGetRelationName(data->tg_relation)),
                    errhint("Drop it. SELECT leadscore.rebind(%s) makes triggers.",
                            quote_literal_cstr(model->name))));
  }
  return binding;
}

}  // namespace

LEADSCORE_FUNCTION(on_change) {
  if (!CALLED_AS_TRIGGER(fcinfo)) {
    ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                    errmsg("leadscore.on_change() must be called as a trigger")));
  }
  const auto* const data = reinterpret_cast<const TriggerData*>(fcinfo->context);
  const Trigger* const trigger = data->tg_trigger;
  if (trigger->tgnargs != 2 || !TRIGGER_FIRED_AFTER(data->tg_event) ||
      TRIGGER_FIRED_FOR_ROW(data->tg_event)) {
    ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                    errmsg("trigger \"%s\" was not made by leadscore", trigger->tgname)));
  }
  if (data->tg_newtable != nullptr && data->tg_oldtable == nullptr &&
      tuplestore_tuple_count(data->tg_newtable) == 0)
    PG_RETURN_POINTER(nullptr);
  if (data->tg_oldtable != nullptr && tuplestore_tuple_count(data->tg_oldtable) == 0 &&
      (data->tg_newtable == nullptr || tuplestore_tuple_count(data->tg_newtable) == 0))
    PG_RETURN_POINTER(nullptr);

  // Nothing is locked before it is known that the trigger is the model's own: anybody can make one that calls
  // this function.
  AcceptInvalidationMessages();
  const Model* model = find_model(trigger->tgargs[0], NoLock);
  const Binding* binding = find_own_binding(model, data);
  if (binding == nullptr) PG_RETURN_POINTER(nullptr);
  const Model* const locked = find_again(model, RowExclusiveLock);
  // Of the same model and the same table the same can be said.
  if (locked != model || !has_lead(model) || RelationGetRelid(data->tg_relation) != binding->source)
    binding = find_own_binding(locked, data);
  model = locked;
  if (binding == nullptr) PG_RETURN_POINTER(nullptr);
  if (binding->role == Role::activity && TRIGGER_FIRED_BY_INSERT(data->tg_event) && !was_recomputed(model) &&
      insert_directly(model, binding, data))
    PG_RETURN_POINTER(nullptr);
  const Acting before = act_as(model->owner, true);
  SPI_connect();
  TriggerData relevant = *data;
  if (take_rows(model, binding, &relevant)) follow(model, binding, &relevant);
  end_rows(relevant, data);
  SPI_finish();
  stop_acting(before);
  PG_RETURN_POINTER(nullptr);
}

}  // namespace leadscore
