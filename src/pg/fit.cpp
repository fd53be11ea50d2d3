#include "pg/fit.hpp"

#include "pg/encoding.hpp"
#include "pg/guard.hpp"
#include "pg/model_sql.hpp"
#include "pg/ruleset_cache.hpp"
#include "pg/statement.hpp"

namespace leadscore {
namespace {

/// A rule set pinned for the length of a function call: a pin on the stack would be lost where the server
/// leaves by longjmp.
struct Pinned {
  RulesetPin rules;
  std::shared_ptr<BoundLead> lead;
  std::shared_ptr<BoundActivity> activity;
};

Pinned& pin(const text* rules) {
  auto* const pinned = new_in<Pinned>(CurrentMemoryContext);
  compile_ruleset({VARDATA_ANY(rules), VARSIZE_ANY_EXHDR(rules)}, &pinned->rules);
  return *pinned;
}

}  // namespace

namespace {

List* append_name(List* names, std::string_view utf8) { return lappend(names, to_server_copy(utf8)); }

}  // namespace

List* dimension_names(const text* rules) {
  const Pinned& pinned = pin(rules);
  List* names = NIL;
  for (const Dimension& dimension : pinned.rules->compiled.rules.dimensions) {
    names = append_name(names, dimension.name);
  }
  return names;
}

List* tier_names(const text* rules) {
  const Ruleset& written = pin(rules).rules->compiled.rules;
  List* names = NIL;
  for (const Tier& tier : written.tiers) names = append_name(names, tier.name);
  return append_name(names, written.disqualified_tier);
}

void check_lead_fits(const text* rules, Oid lead) {
  Pinned& pinned = pin(rules);
  const RowType type{RowType::Form::row, get_rel_type_id(lead), -1};
  for (const Purpose purpose : {Purpose::score, Purpose::explain, Purpose::segments}) {
    bind_lead(*pinned.rules, purpose, resolve_row(type, pinned.rules->fields(purpose)), pinned.lead);
  }
}

void check_activity_fits(const text* rules, Oid row_type, int32 typmod) {
  Pinned& pinned = pin(rules);
  const RowType type{RowType::Form::row, row_type, typmod};
  bind_activity(*pinned.rules, resolve_row(type, pinned.rules->activity_fields), pinned.activity);
}

void check_model_fits(const Model* model, const text* rules) {
  check_lead_fits(rules, model->lead);
  for (int i = 0; i < model->binding_count; ++i) {
    const Binding* const binding = &model->bindings[i];
    if (binding->role != Role::activity || !OidIsValid(binding->source)) continue;
    const TupleDesc rows = describe(activity_rows(model, binding, relation_name(binding->source), false));
    const FormData_pg_attribute* const fields = TupleDescAttr(rows, kActivityFields);
    check_activity_fits(rules, fields->atttypid, fields->atttypmod);
  }
}

}  // namespace leadscore
