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

/// Rows of `SELECT key, added` from the activities of each binding, as far as they can be read. `none`: the
/// same without a row.
template <class Make>
Rows gather_history(const Model* model, const char* name, const char* none, const Make& activities,
                    std::span<const Parameter> parameters) {
  Rows gathered = read_rows(kGathered, none, {});
  read_bindings(model, activities, parameters, &gathered);
  publish_rows(gathered);
  const Rows found = read_rows(
      name, psprintf("SELECT g.key, leadscore.merge(g.added) AS added FROM %s g GROUP BY g.key", kGathered),
      {});
  withdraw_rows(kGathered);
  tuplestore_end(gathered.store);
  return found;
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

  return gather_history(
      model, name, no_history(model),
      [&](const Binding* binding) {
        return Activities{history_of(model, binding, touched, until),
                          added_by(part_activities(model, binding, touched), until)};
      },
      parameters);
}

Rows readable_until_decided(const Model* model, const char* name, const Parameter& rules) {
  const std::span<const Parameter> parameters(&rules, 1);
  Rows found = new_rows(name);
  if (try_read(&found, history_until_decided(model), parameters) == nullptr) return found;
  tuplestore_end(found.store);
  return gather_history(
      model, name, no_history_until_decided(),
      [&](const Binding* binding) {
        const char* const all = activity_rows(model, binding, relation_name(binding->source), false);
        return Activities{added_until_decided(all, model->key_equals),
                          added_until_decided(part_activities(model, binding, false), model->key_equals)};
      },
      parameters);
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
