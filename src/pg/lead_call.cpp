// The arguments of score and its relatives.
#include "pg/lead_call.hpp"

namespace leadscore {
namespace {

/// The type in the function's signature: one C function serves the variants for record, jsonb and json.
Oid declared_lead_type(Oid function) {
  const HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
  if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for function %u", function);
  const auto* const row = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple));
  const Oid type = row->pronargs > 1 ? row->proargtypes.values[1] : InvalidOid;
  ReleaseSysCache(tuple);
  return type;
}

}  // namespace

LeadCall* read_lead_call(FunctionCallInfo fcinfo, Purpose purpose, int activity, int as_of) {
  if (PG_ARGISNULL(0) || PG_ARGISNULL(as_of)) return nullptr;
  LeadCall& call = call_state<LeadCall>(fcinfo);
  if (!OidIsValid(call.lead_type)) {
    call.lead_type = declared_lead_type(fcinfo->flinfo->fn_oid);
    call.purpose = purpose;
  }
  if (call.rules.read(fcinfo, 0)) call.bound.reset();
  RulesetEntry& entry = call.rules.entry();

  NullableDatum row;
  const RowType type = argument_row_type(fcinfo, 1, call.lead_type, &row);
  if (call.bound == nullptr || !(row_type(*call.bound->reader) == type) || !is_current(*call.bound->reader)) {
    call.bound.reset();
    if (!find_lead(entry, purpose, type, call.bound)) {
      bind_lead(entry, purpose, resolve_row(type, entry.fields(purpose)), call.bound);
    }
    guarded([&] { call.row.resize(field_count(*call.bound->reader)); });
  }
  fetch_row(*call.bound->reader, row, nullptr, call.row.data());

  call.activity = activity < 0 ? EngagementArgument{} : engagement_argument(fcinfo, activity);
  call.as_of = PG_GETARG_TIMESTAMPTZ(as_of);
  return &call;
}

const Engagement* call_activity(LeadCall& call) {
  call.arena.clear();
  const Engagement* const state = read_engagement(call.activity, call.arena, call.decoded);
  if (state != nullptr) call.bound->program.compiled().plan.check_fits(*state);
  return state;
}

}  // namespace leadscore
