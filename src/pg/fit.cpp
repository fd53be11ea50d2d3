#include "pg/fit.hpp"

#include "pg/encoding.hpp"
#include "pg/guard.hpp"
#include "pg/ruleset_cache.hpp"

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
  auto* const callback = static_cast<MemoryContextCallback*>(palloc0(sizeof(MemoryContextCallback)));
  Pinned* pinned = nullptr;
  guarded([&] { pinned = new Pinned(); });
  callback->func = [](void* made) { delete static_cast<Pinned*>(made); };
  callback->arg = pinned;
  MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
  compile_ruleset({VARDATA_ANY(rules), VARSIZE_ANY_EXHDR(rules)}, &pinned->rules);
  return *pinned;
}

}  // namespace

List* dimension_names(const text* rules) {
  const Pinned& pinned = pin(rules);
  List* names = NIL;
  for (const Dimension& dimension : pinned.rules->compiled.rules.dimensions) {
    const std::string_view name = to_server(dimension.name);
    names = lappend(names, pnstrdup(name.data(), name.size()));
  }
  return names;
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

}  // namespace leadscore
