// What becomes of touched leads, where some of them or of their activities can't be read.
#include "pg/careful.hpp"
#include "pg/careful_sql.hpp"
#include "pg/problem.hpp"
#include "pg/sift.hpp"

namespace leadscore {
namespace {

/// Up to here a part's activities are joined to the touched leads before they are folded: beyond it the join
/// would cost more than it saves.
constexpr uint64 kFewLeads = 1000;

/// Gathers what the activities of a binding amount to, without those that can't be read. false: none of them
/// can.
bool gather_history(const Model* model, const Binding* binding, bool of_touched, Load load, Rows* gathered) {
  const Parameter rules[] = {rules_parameter(model->rules)};
  Rows found = new_rows(kGathered);
  ErrorData* error = try_select(model, &found, history_of(model, binding, true, nullptr), rules, load);
  if (error == nullptr) {
    gathered->desc = found.desc;
    move_rows(&found, gathered);
  } else {
    // They were recorded when they were written, or now that something that they look into has changed.
    Problems problems{model, binding->source, true};
    UnreadableRows unreadable{names_of_rows(binding, kPart), &problems};
    Sift sift{model, kPart, part_added(model, binding, of_touched), rules, gathered, note_unreadable};
    sift.state = &unreadable;
    error = sift_rows(&sift, relation_name(binding->source));
    if (error != nullptr) note_fault(&problems, error);
    write_problems(problems);
  }
  tuplestore_end(found.store);
  return error == nullptr;
}

/// The touched rows with all of their activities for what was added. false: a source can't be read at all.
bool gather_histories(const Model* model, const Rows& touched, Rows* with_all) {
  const Load load = load_of(touched.count);
  Rows gathered = new_rows(kGathered);
  for (int i = 0; i < model->binding_count; ++i) {
    const Binding* const binding = &model->bindings[i];
    if (binding->role != Role::activity || !OidIsValid(binding->source)) continue;
    if (!gather_history(model, binding, touched.count <= kFewLeads, load, &gathered)) {
      tuplestore_end(gathered.store);
      return false;
    }
  }
  if (gathered.desc == nullptr) {  // no sources, so nothing was added
    *with_all = select_rows(model, kTouched, psprintf("SELECT * FROM %s", kTouched), {}, load);
  } else {
    publish_rows(gathered);
    *with_all = select_rows(model, kTouched, touched_with_gathered(model), {}, load);
    withdraw_rows(kGathered);
  }
  tuplestore_end(gathered.store);
  return true;
}

struct Leads {
  Refresh refresh;
  const char *one, *anew, *unscored;  ///< SELECTs over the part
  Problems* problems;
};

/// A lead for which the statement for all of them fails: another may be to blame that was read along with it.
void settle_alone(const Sift* sift, const ErrorData*) {
  const Leads& leads = *static_cast<const Leads*>(sift->state);
  const Model* const model = sift->model;
  select_tuples(model, psprintf("SELECT t.key, t.key::text FROM %s t", kTouched), {}, Load::few);
  bool is_null;
  const Parameter parameters[] = {
      sift->parameters[0], sift->parameters[1], {model->key_type, tuple_value(0, 1, &is_null)}};
  const char* const name = tuple_text(0, 2);
  SPITupleTable* const found = SPI_tuptable;
  Rows settled = new_rows(kSettledRows);
  const ErrorData* error = try_select(model, &settled, leads.one, parameters, Load::few);
  // What the lead was before may be what can't be read.
  if (error != nullptr) error = try_select(model, &settled, leads.anew, parameters, Load::few);
  if (error != nullptr) {
    note_problem(leads.problems, name, error->message);
    tuplestore_end(settled.store);
    settled = select_rows(model, kSettledRows, leads.unscored, sift->parameters, Load::few);
  }
  SPI_freetuptable(found);
  move_rows(&settled, sift->found);
  tuplestore_end(settled.store);
}

/// Settles the leads one by one where need be. `touched` is published.
void settle_leads(const Model* model, const Rows& touched, Refresh refresh, Rows* settled) {
  const Parameter rules[] = {rules_parameter(model->rules), int_parameter(model->version)};
  Problems problems{model, model->lead, true};
  Leads leads{refresh, settle_one(model, refresh, true), settle_one(model, refresh, false),
              settle_unscored(model, refresh), &problems};
  Sift sift{model, kTouched, settle_part(model, refresh), rules, settled, settle_alone};
  sift.state = &leads;
  Rows whole = touched;
  whole.name = kWhole;
  withdraw_rows(kTouched);
  publish_rows(whole);
  const ErrorData* const error = sift_rows(&sift, kWhole);
  withdraw_rows(kWhole);
  publish_rows(touched);
  if (error != nullptr) {
    note_fault(&problems, error);
    tuplestore_end(settled->store);
    *settled = select_rows(model, kSettledRows, leads.unscored, rules, load_of(touched.count));
  }
  write_problems(problems);
}

}  // namespace

void settle_with_care(const Model* model, const Rows& touched, Refresh refresh, Rows* settled) {
  if (refresh != Refresh::fold) return settle_leads(model, touched, refresh, settled);
  Rows with_all;
  if (!gather_histories(model, touched, &with_all)) {
    // States stay as they were; who mends the model rescores.
    settle_leads(model, touched, Refresh::keep, settled);
    return;
  }
  withdraw_rows(kTouched);
  publish_rows(with_all);
  const Parameter rules[] = {rules_parameter(model->rules), int_parameter(model->version)};
  if (try_select(model, settled, settle_touched(model, Refresh::replace), rules, load_of(touched.count)) !=
      nullptr)
    settle_leads(model, with_all, Refresh::replace, settled);
  withdraw_rows(kTouched);
  publish_rows(touched);
  tuplestore_end(with_all.store);
}

}  // namespace leadscore
