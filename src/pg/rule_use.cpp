// The aggregates rule_use, how often each rule fires over the leads of a model and what it gives, and census,
// for a baseline, which also says how their totals are spread.
#include <unordered_map>

#include "core/attribution.hpp"
#include "core/information.hpp"
#include "pg/composite.hpp"
#include "pg/encoding.hpp"
#include "pg/float_array.hpp"
#include "pg/guard.hpp"
#include "pg/live_lead.hpp"
#include "pg/text_array.hpp"

namespace leadscore {
namespace {

/// Attributes of the composite type rule_used.
enum Used { kDimension, kRule, kLabel, kOff, kLeads, kFired, kPoints, kUsedColumns };

/// What one version's rules did. Leads whose states wait to be rebuilt are read by an earlier one.
struct VersionUse {
  RulesetPin rules;
  RuleUse use;
};

/// The state of the aggregate, in the aggregate's memory.
struct RuleUses {
  std::vector<VersionUse> versions;  ///< the first is in force
  Outcomes totals;                   ///< of a census; without outcomes: all negative
};

VersionUse& use_of(RuleUses& uses, const LiveVersion& version) {
  for (VersionUse& known : uses.versions) {
    if (known.rules == version.rules) return known;
  }
  guarded_change([&] { uses.versions.push_back({version.rules, RuleUse(version.rules->compiled.rules)}); });
  return uses.versions.back();
}

/// A rule with what it did under every version that has it.
struct Row {
  const Dimension* dimension;
  const Rule* rule;
  RuleUse::Use use;
};

/// Rules of the version in force in their order; then those that only earlier versions have, where they
/// fired.
void collect(const RuleUses& uses, std::vector<Row>& rows, std::uint64_t& leads) {
  std::unordered_map<std::string_view, std::size_t> row_of;
  leads = 0;
  for (const VersionUse& version : uses.versions) {
    const Ruleset& rules = version.rules->compiled.rules;
    leads += version.use.leads();
    for (std::size_t d = 0; d < rules.dimensions.size(); ++d) {
      const Dimension& dimension = rules.dimensions[d];
      for (std::size_t r = 0; r < dimension.rules.size(); ++r) {
        const RuleUse::Use& use = version.use.of(d, r);
        if (&version != &uses.versions.front() && use.fired == 0) continue;
        const auto [known, is_new] = row_of.emplace(dimension.rules[r].id, rows.size());
        if (is_new) rows.push_back({&dimension, &dimension.rules[r], {}});
        rows[known->second].use.fired += use.fired;
        rows[known->second].use.points += use.points;
      }
    }
  }
}

struct FinalCall {
  std::vector<Row> rows;
  TupleDesc row = nullptr;
  Oid type = InvalidOid;
};

struct CensusCall {
  std::vector<Row> rows;
  std::vector<std::string> rules;
  Bins bins;
  TupleDesc row = nullptr;
};

/// The step of both: (state, model, lead, version, activity, as_of) -> state
Datum add_lead(FunctionCallInfo fcinfo, const char* function, bool totals) {
  constexpr int kState = 0, kModel = 1;
  MemoryContext aggregate;
  if (AggCheckCallContext(fcinfo, &aggregate) == 0)
    ereport(ERROR,
            (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("%s called in non-aggregate context", function)));
  auto* uses = PG_ARGISNULL(kState) ? nullptr : reinterpret_cast<RuleUses*>(PG_GETARG_POINTER(kState));
  if (PG_ARGISNULL(kModel)) {
    if (uses == nullptr) PG_RETURN_NULL();
    PG_RETURN_POINTER(uses);
  }
  LiveLead& live = call_state<LiveLead>(fcinfo);
  if (uses == nullptr) {
    uses = new_in<RuleUses>(aggregate);
    (void)use_of(*uses, version_in_force(fcinfo, live, PG_GETARG_TEXT_PP(kModel)));
  }
  const Engagement* state = nullptr;
  Micros as_of = 0;
  const LiveVersion* const version = read_live_lead(fcinfo, live, Purpose::explain, kModel, state, as_of);
  if (version == nullptr) PG_RETURN_POINTER(uses);
  guarded([&] { live.lead.evaluate(state, as_of); });
  VersionUse& use = use_of(*uses, *version);
  guarded_change([&] {
    use.use.add(live.lead.evaluation);
    if (totals) uses->totals.add(live.lead.evaluation.total, false);
  });
  PG_RETURN_POINTER(uses);
}

void read_result_type(FunctionCallInfo fcinfo, FinalCall& call) {
  if (call.row != nullptr) return;
  const MemoryContext before = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
  call.type = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
  const TupleDesc desc = lookup_rowtype_tupdesc_copy(call.type, -1);
  if (desc->natts != kUsedColumns) elog(ERROR, "return type must be leadscore.rule_used[]");
  call.row = BlessTupleDesc(desc);
  MemoryContextSwitchTo(before);
}

}  // namespace

LEADSCORE_FUNCTION(rule_use_step) { return add_lead(fcinfo, "rule_use_step", false); }

LEADSCORE_FUNCTION(census_step) { return add_lead(fcinfo, "census_step", true); }

/// rule_use_final(state) -> rule_used[]
LEADSCORE_FUNCTION(rule_use_final) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const auto& uses = *reinterpret_cast<const RuleUses*>(PG_GETARG_POINTER(0));
  FinalCall& call = call_state<FinalCall>(fcinfo);
  read_result_type(fcinfo, call);
  std::uint64_t leads = 0;
  guarded([&] {
    call.rows.clear();
    collect(uses, call.rows, leads);
  });
  auto* const elements = static_cast<Datum*>(palloc(sizeof(Datum) * (call.rows.size() + 1)));
  std::size_t count = 0;
  for (const Row& row : call.rows) {
    const Rule& rule = *row.rule;
    bool nulls[kUsedColumns] = {};
    Datum values[kUsedColumns];
    values[kDimension] = PointerGetDatum(to_server_text(row.dimension->name));
    values[kRule] = PointerGetDatum(to_server_text(rule.id));
    values[kLabel] = PointerGetDatum(to_server_text(rule.label.empty() ? rule.id : rule.label));
    values[kOff] = BoolGetDatum(rule.off);
    values[kLeads] = Int64GetDatum(static_cast<int64>(leads));
    values[kFired] = Int64GetDatum(static_cast<int64>(row.use.fired));
    values[kPoints] = Float8GetDatum(row.use.points);
    elements[count++] = HeapTupleGetDatum(heap_form_tuple(call.row, values, nulls));
  }
  PG_RETURN_ARRAYTYPE_P(
      construct_array(elements, static_cast<int>(count), call.type, -1, false, TYPALIGN_DOUBLE));
}

/// census_final(state) -> census_taken
LEADSCORE_FUNCTION(census_final) {
  enum Taken { kLeadsTaken, kRulesTaken, kFiredTaken, kBounds, kCounts, kTakenColumns };
  constexpr std::int64_t kBins = 10;
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  auto& uses = *reinterpret_cast<RuleUses*>(PG_GETARG_POINTER(0));
  CensusCall& call = call_state<CensusCall>(fcinfo);
  std::uint64_t leads = 0;
  guarded([&] {
    call.rows.clear();
    collect(uses, call.rows, leads);
    call.rules.clear();
    for (const Row& row : call.rows) call.rules.push_back(row.rule->id);
    call.bins = psi_bins(uses.totals.counts(), kBins);
  });
  const auto counts_array = [](std::size_t size, const auto& count_at) {
    auto* const elements = static_cast<Datum*>(palloc(sizeof(Datum) * (size + 1)));
    for (std::size_t i = 0; i < size; ++i) elements[i] = Int64GetDatum(static_cast<int64>(count_at(i)));
    return PointerGetDatum(construct_array(elements, static_cast<int>(size), INT8OID, sizeof(int64),
                                           FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
  };
  Datum values[kTakenColumns];
  values[kLeadsTaken] = Int64GetDatum(static_cast<int64>(leads));
  values[kRulesTaken] = text_array(call.rules);
  values[kFiredTaken] =
      counts_array(call.rows.size(), [&call](std::size_t i) { return call.rows[i].use.fired; });
  values[kBounds] = float_array(call.bins.bounds);
  values[kCounts] =
      counts_array(call.bins.counts.size(), [&call](std::size_t i) { return call.bins.counts[i]; });
  bool nulls[kTakenColumns] = {};
  PG_RETURN_DATUM(HeapTupleGetDatum(
      heap_form_tuple(result_descriptor(fcinfo, call.row, "census_taken", kTakenColumns), values, nulls)));
}

}  // namespace leadscore
