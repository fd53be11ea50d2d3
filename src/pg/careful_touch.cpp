// Which leads a statement has touched, where some of its rows can't be read.
#include "pg/careful.hpp"
#include "pg/careful_sql.hpp"
#include "pg/problem.hpp"
#include "pg/reading.hpp"
#include "pg/sift.hpp"
#include "pg/unusable.hpp"

namespace leadscore {
namespace {

struct Touch : UnreadableRows {
  const char* unusable;  ///< SELECT over the part
};

/// Notes what a statement as unusable_rows() makes them finds.
void note_found(const Model* model, const char* text, Problems* problems, Load load) {
  uint64 count = 0;
  // Expressions that nothing has evaluated yet may fail here. Then a recompute will meet the row.
  if (try_reading([&] { count = select_tuples(model, text, {}, load); }) != nullptr || count == 0) return;
  SPITupleTable* const found = SPI_tuptable;
  bool is_null;
  const auto all =
      static_cast<uint64>(DatumGetInt64(SPI_getbinval(found->vals[0], found->tupdesc, 3, &is_null)));
  for (uint64 i = 0; i < count; ++i) {
    note_problem(problems, SPI_getvalue(found->vals[i], found->tupdesc, 1),
                 SPI_getvalue(found->vals[i], found->tupdesc, 2));
  }
  problems->count += all - count;
  SPI_freetuptable(found);
}

void note_part(const Sift* sift) {
  const Touch& touch = *static_cast<const Touch*>(sift->state);
  if (unusable_activities > 0) note_found(sift->model, touch.unusable, touch.problems, Load::many);
  unusable_activities = 0;
}

const char* old_rows_text(const Model* model, const Binding* binding) {
  return binding->role == Role::watch ? part_watch_keys(model, binding) : part_old_keys(model, binding);
}

const char* new_rows_text(const Model* model, const Binding* binding, Refresh refresh) {
  switch (binding->role) {
    case Role::activity:
      return refresh == Refresh::merge ? part_added(model, binding, false)
                                       : part_keys(model, binding, model->rebuilding);
    case Role::lead:
      return part_lead_keys(model);
    default:
      return part_watch_keys(model, binding);
  }
}

/// An UPDATE of other columns should not record a row anew.
Problems problems_of(const Model* model, const Binding* binding, Changed changed) {
  return {model, binding->source, changed.before != nullptr};
}

}  // namespace

void touch_with_care(const Model* model, const Binding* binding, Changed changed, Refresh refresh,
                     Rows* touched) {
  const Parameter rules[] = {rules_parameter(model->rules)};
  Problems problems = problems_of(model, binding, changed);
  Rows gathered = new_rows(kGathered);
  ErrorData* error = nullptr;
  if (changed.before != nullptr) {
    Sift sift{model, kPart, old_rows_text(model, binding), rules, &gathered};
    error = sift_rows(&sift, changed.before);
  }
  if (changed.after != nullptr) {
    Touch touch{{names_of_rows(binding, kPart), &problems}, nullptr};
    Sift sift{model, kPart, new_rows_text(model, binding, refresh), rules, &gathered, note_unreadable};
    sift.state = &touch;
    if (binding->role != Role::watch) {
      touch.unusable = unusable_rows(model, binding, kPart, kMostProblems);
      sift.on_part = note_part;
    }
    unusable_activities = 0;
    ErrorData* const failure = sift_rows(&sift, changed.after);
    if (failure != nullptr) error = failure;
  }
  // Where the statement itself is wrong, by a column that was dropped or a right that was revoked, no row is
  // to blame.
  if (error != nullptr) note_fault(&problems, error);
  if (changed.before == nullptr && changed.after == nullptr) {
    // TRUNCATE: what can't be listed are leads.
    tuplestore_end(touched->store);
    *touched = select_rows(model, kTouched, touched_states(model), {}, Load::many);
  } else if (gathered.count > 0) {
    publish_rows(gathered);
    tuplestore_end(touched->store);
    *touched = select_rows(model, kTouched, touched_by_gathered(model), {}, load_of(gathered.count));
    withdraw_rows(kGathered);
  }
  tuplestore_end(gathered.store);
  write_problems(problems);
}

namespace {

/// Gathers the keys of a table of activities or leads as it is now.
void gather_keys(const Model* model, const Binding* binding, Rows* gathered) {
  const Parameter rules[] = {rules_parameter(model->rules)};
  Problems problems{model, binding->source, true};
  UnreadableRows unreadable{names_of_rows(binding, kPart), &problems};
  const char* const text =
      binding->role == Role::lead ? part_lead_keys(model) : part_keys(model, binding, true);
  Sift sift{model, kPart, text, rules, gathered, note_unreadable};
  sift.state = &unreadable;
  const ErrorData* const error = sift_rows(&sift, relation_name(binding->source));
  if (error != nullptr) note_fault(&problems, error);
  write_problems(problems);
}

}  // namespace

void touch_everything_with_care(const Model* model, Rows* touched) {
  Rows gathered = select_rows(model, kGathered, all_states(model), {}, Load::many);
  Rows leads = new_rows(kGathered);
  // Of a view that can't be read the leads are those that have a state.
  const bool readable = try_select(model, &leads, all_lead_keys(model), {}, Load::many) == nullptr;
  if (readable) move_rows(&leads, &gathered);
  tuplestore_end(leads.store);
  for (int i = 0; i < model->binding_count; ++i) {
    const Binding* const binding = &model->bindings[i];
    if (!OidIsValid(binding->source) || binding->role == Role::watch) continue;
    if (binding->role == Role::activity || !readable) gather_keys(model, binding, &gathered);
  }
  publish_rows(gathered);
  tuplestore_end(touched->store);
  *touched = select_rows(model, kTouched, touched_by_gathered(model), {}, Load::many);
  withdraw_rows(kGathered);
  tuplestore_end(gathered.store);
}

void note_unusable(const Model* model, const Binding* binding, Changed changed, Load load) {
  Problems problems = problems_of(model, binding, changed);
  note_found(model, unusable_rows(model, binding, changed.after, kMostProblems), &problems, load);
  write_problems(problems);
}

}  // namespace leadscore
