#include "pg/readable.hpp"

#include "pg/careful_sql.hpp"
#include "pg/sift.hpp"

namespace leadscore {
namespace {

/// A SELECT over a binding's activities, and the same over a part of its rows.
struct Activities {
  const char* whole;
  const char* part;
};

/// Adds what the SELECT gives for the activities of one binding to `found`, as far as they can be read.
/// Where no row is to blame, what is wrong is raised.
void read_binding(const Model* model, const Binding* binding, Activities query,
                  std::span<const Parameter> parameters, Rows* found) {
  Rows whole = new_rows(found->name);
  ErrorData* const error = try_read(&whole, query.whole, parameters);
  if (error == nullptr) {
    move_rows(&whole, found);
  } else {
    Sift sift{model, kPart, query.part, parameters, found};
    sift.seen = Seen::query;
    if (sift_rows(&sift, relation_name(binding->source)) != nullptr) {
      hide_statement(error, query.whole);
      ReThrowError(error);
    }
  }
  tuplestore_end(whole.store);
}

/// The same for all bindings with activities.
template <class Make>
void read_bindings(const Model* model, const Make& activities, std::span<const Parameter> parameters,
                   Rows* found) {
  static_assert(std::is_trivially_destructible_v<Make>);
  for (int i = 0; i < model->binding_count; ++i) {
    const Binding* const binding = &model->bindings[i];
    if (binding->role != Role::activity || !OidIsValid(binding->source)) continue;
    read_binding(model, binding, activities(binding), parameters, found);
  }
}

/// States that were gathered part by part as one for each key. `gathered` is ended.
Rows merged(const Rows& gathered, const char* name) {
  publish_rows(gathered);
  const Rows made = read_rows(
      name, psprintf("SELECT g.key, leadscore.merge(g.added) AS added FROM %s g GROUP BY g.key", kGathered),
      {});
  withdraw_rows(kGathered);
  tuplestore_end(gathered.store);
  return made;
}

}  // namespace

Rows readable_history(const Model* model, const char* name, bool touched, const Parameter& rules,
                      const Parameter* as_of) {
  const Parameter both[] = {rules, as_of == nullptr ? Parameter{} : *as_of};
  const std::span<const Parameter> parameters(both, as_of == nullptr ? 1 : 2);
  const char* const until = as_of == nullptr ? nullptr : "$2";
  Rows found = new_rows(name);
  const char* const all =
      touched || as_of != nullptr
          ? history(model, touched, until)
          : bulk_history(model, reinterpret_cast<const text*>(DatumGetPointer(rules.value)));
  if (try_read(&found, all, parameters) == nullptr) return found;
  tuplestore_end(found.store);

  Rows gathered = read_rows(kGathered, no_history(model), {});
  read_bindings(
      model,
      [&](const Binding* binding) {
        return Activities{history_of(model, binding, touched, until),
                          added_by(part_activities(model, binding, touched), until)};
      },
      parameters, &gathered);
  return merged(gathered, name);
}

Rows readable_until_decided(const Model* model, const char* name, const Parameter& rules) {
  const std::span<const Parameter> parameters(&rules, 1);
  Rows found = new_rows(name);
  if (try_read(&found, history_until_decided(model), parameters) == nullptr) return found;
  tuplestore_end(found.store);

  // The activities that can be read and that a rule counts are put aside first: all leads for each part of
  // the activities would be too many.
  const auto counted = [](const char* activities) {
    return psprintf(
        "SELECT a.* FROM (%s) a WHERE leadscore.activity_trace($1, a.kind, a.at, a.fields) IS NOT NULL",
        activities);
  };
  Rows added = read_rows(kGathered, no_history_until_decided(), {});
  for (int i = 0; i < model->binding_count; ++i) {
    const Binding* const binding = &model->bindings[i];
    if (binding->role != Role::activity || !OidIsValid(binding->source)) continue;
    const char* const all = activity_rows(model, binding, relation_name(binding->source), false);
    Rows activities = read_rows(kPart, psprintf("SELECT a.* FROM (%s) a WHERE false", all), {});
    read_binding(model, binding, {counted(all), counted(part_activities(model, binding, false))}, parameters,
                 &activities);
    publish_rows(activities);
    Rows of_binding =
        read_rows(kGathered, added_until_decided(psprintf("TABLE %s", kPart), model->key_equals), parameters);
    withdraw_rows(kPart);
    tuplestore_end(activities.store);
    move_rows(&of_binding, &added);
    tuplestore_end(of_binding.store);
  }
  return merged(added, name);
}

Rows readable_traces(const Model* model, const char* name, const Parameter& rules) {
  const std::span<const Parameter> parameters(&rules, 1);
  Rows found = new_rows(name);
  if (try_read(&found, traces_of_touched(model), parameters) == nullptr) return found;
  tuplestore_end(found.store);
  found = read_rows(name, no_traces(), {});
  read_bindings(
      model,
      [&](const Binding* binding) {
        return Activities{
            traces_of(binding, activity_rows(model, binding, relation_name(binding->source), true)),
            traces_of(binding, part_activities(model, binding, true))};
      },
      parameters, &found);
  return found;
}

}  // namespace leadscore
