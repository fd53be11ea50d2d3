// tiers: the tiers of a model's rule set in force, best first.
#include "pg/encoding.hpp"
#include "pg/guard.hpp"
#include "pg/live_lead.hpp"

namespace leadscore {
namespace {

bool can_disqualify(const Ruleset& rules) {
  for (const Dimension& dimension : rules.dimensions) {
    for (const Rule& rule : dimension.rules) {
      if (rule.disqualify && !rule.off) return true;
    }
  }
  return false;
}

void put_tier(FunctionCallInfo fcinfo, std::string_view name, bool disqualified) {
  const auto* const results = reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo);
  bool nulls[2] = {};
  Datum values[] = {PointerGetDatum(to_server_text(name)), BoolGetDatum(disqualified)};
  tuplestore_putvalues(results->setResult, results->setDesc, values, nulls);
}

}  // namespace

/// tiers(model) -> table(tier, disqualified)
LEADSCORE_FUNCTION(tiers) {
  InitMaterializedSRF(fcinfo, 0);
  LiveLead& live = call_state<LiveLead>(fcinfo);
  const Ruleset& rules = version_in_force(fcinfo, live, PG_GETARG_TEXT_PP(0)).rules->compiled.rules;
  for (auto tier = rules.tiers.begin(); tier != rules.tiers.end(); ++tier) {
    const auto bears_name = [&](const Tier& earlier) { return earlier.name == tier->name; };
    if (std::none_of(rules.tiers.begin(), tier, bears_name)) put_tier(fcinfo, tier->name, false);
  }
  if (can_disqualify(rules)) put_tier(fcinfo, rules.disqualified_tier, true);
  PG_RETURN_NULL();
}

}  // namespace leadscore
