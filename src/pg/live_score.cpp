// live_score, a lead's whole score by the version that is in force, or by that of its state while the state
// waits to be rebuilt; last_activity_at.
#include "pg/composite.hpp"
#include "pg/encoding.hpp"
#include "pg/guard.hpp"
#include "pg/live_lead.hpp"

namespace leadscore {
namespace {

/// Attributes of the composite type live.
enum Live { kTotal, kTier, kGrade, kDisqualified, kDimensions, kUsedVersion, kLiveColumns };

struct LiveCall {
  LiveLead live;
  TupleDesc result = nullptr;
};

/// The dimensions in the order of the view's columns; NULL for those that this version does not have.
Datum dimension_columns(const LiveLead& live, const LiveVersion& version) {
  const std::vector<double>& dimensions = live.lead.evaluation.dimensions;
  auto* const values = static_cast<Datum*>(palloc0(sizeof(Datum) * (live.width + 1)));
  auto* const nulls = static_cast<bool*>(palloc(live.width + 1));
  std::fill_n(nulls, live.width + 1, true);
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    if (version.columns[i] >= live.width) continue;
    values[version.columns[i]] = Float8GetDatum(dimensions[i]);
    nulls[version.columns[i]] = false;
  }
  int dims[] = {static_cast<int>(live.width)};
  int lower[] = {1};
  return PointerGetDatum(construct_md_array(values, nulls, 1, dims, lower, FLOAT8OID, sizeof(float8),
                                            FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

}  // namespace

/// live_score(model, lead, version, activity, as_of) -> live
LEADSCORE_FUNCTION(live_score) {
  LiveCall& call = call_state<LiveCall>(fcinfo);
  const Engagement* state = nullptr;
  Micros as_of = 0;
  LiveLead& live = call.live;
  const LiveVersion* const version = read_live_lead(fcinfo, live, Purpose::score, 0, state, as_of);
  if (version == nullptr) PG_RETURN_NULL();
  guarded([&] { live.lead.evaluate(state, as_of); });
  const Evaluation& made = live.lead.evaluation;
  const auto tier = made.tier_name(version->rules->compiled.rules);
  Datum values[kLiveColumns];
  bool nulls[kLiveColumns] = {};
  values[kTotal] = Float8GetDatum(made.total);
  nulls[kTier] = !tier.has_value();
  values[kTier] = tier.has_value() ? PointerGetDatum(to_server_text(*tier)) : 0;
  nulls[kGrade] = !made.has_grade;
  values[kGrade] = made.has_grade ? PointerGetDatum(to_server_text(made.grade)) : 0;
  values[kDisqualified] = BoolGetDatum(made.disqualified);
  values[kDimensions] = dimension_columns(live, *version);
  values[kUsedVersion] = Int32GetDatum(version->number);
  PG_RETURN_DATUM(HeapTupleGetDatum(
      heap_form_tuple(result_descriptor(fcinfo, call.result, "live", kLiveColumns), values, nulls)));
}

/// last_activity_at(activity, as_of) -> timestamptz
LEADSCORE_FUNCTION(last_activity_at) {
  ScratchArena& arena = call_state<ScratchArena>(fcinfo);
  const EngagementArgument activity = engagement_argument(fcinfo, 0);
  const Micros as_of = PG_GETARG_TIMESTAMPTZ(1);
  Micros at = kMinusInfinity;
  guarded([&] {
    arena.clear();
    Engagement room;
    const Engagement* const state = read_engagement(activity, arena, room);
    at = state->last_at;
    for (std::uint32_t i = 0; i < state->pending_size; ++i) {
      if (state->pending[i].at <= as_of) at = std::max(at, state->pending[i].at);
    }
  });
  if (at == kMinusInfinity) PG_RETURN_NULL();
  PG_RETURN_TIMESTAMPTZ(at);
}

}  // namespace leadscore
