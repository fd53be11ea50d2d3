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

/// The call's program for rows of this type, made or found where it is not the one of the row before.
void bind(LeadCall& call, Purpose purpose, const RowType& type) {
  if (call.bound != nullptr && row_type(*call.bound->reader) == type && is_current(*call.bound->reader))
    return;
  RulesetEntry& entry = call.rules.entry();
  call.bound.reset();
  if (!find_lead(entry, purpose, type, call.bound)) {
    bind_lead(entry, purpose, resolve_row(type, entry.fields(purpose)), call.bound);
  }
  guarded([&] { call.row.resize(field_count(*call.bound->reader)); });
}

}  // namespace

RowType type_of_columns(FunctionCallInfo fcinfo, ArrayType* names, int first) {
  Datum* name;
  int count;
  deconstruct_array(names, TEXTOID, -1, false, TYPALIGN_INT, &name, nullptr, &count);
  if (count != PG_NARGS() - first)
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("%d names for %d columns", count, PG_NARGS() - first)));
  const TupleDesc desc = CreateTemplateTupleDesc(count);
  for (int i = 0; i < count; ++i) {
    TupleDescInitEntry(desc, static_cast<AttrNumber>(i + 1), TextDatumGetCString(name[i]),
                       get_fn_expr_argtype(fcinfo->flinfo, first + i), -1, 0);
  }
  return {RowType::Form::row, RECORDOID, BlessTupleDesc(desc)->tdtypmod};
}

LeadCall* read_lead_call(FunctionCallInfo fcinfo, Purpose purpose, int activity, int as_of) {
  if (PG_ARGISNULL(0) || PG_ARGISNULL(as_of)) return nullptr;
  LeadCall& call = call_state<LeadCall>(fcinfo);
  if (!OidIsValid(call.lead_type)) call.lead_type = declared_lead_type(fcinfo->flinfo->fn_oid);
  if (call.rules.read(fcinfo, 0)) call.bound.reset();
  NullableDatum row;
  bind(call, purpose, argument_row_type(fcinfo, 1, call.lead_type, &row));
  fetch_row(*call.bound->reader, row, nullptr, call.row.data());
  call.activity = activity < 0 ? EngagementArgument{} : engagement_argument(fcinfo, activity);
  call.as_of = PG_GETARG_TIMESTAMPTZ(as_of);
  return &call;
}

LeadCall* read_columns_call(FunctionCallInfo fcinfo) {
  constexpr int kActivity = 1, kAsOf = 2, kNames = 3, kFirst = 4;
  if (PG_ARGISNULL(0) || PG_ARGISNULL(kAsOf) || PG_ARGISNULL(kNames)) return nullptr;
  LeadCall& call = call_state<LeadCall>(fcinfo);
  if (call.rules.read(fcinfo, 0)) call.bound.reset();
  if (!OidIsValid(call.lead_type)) {
    call.columns = type_of_columns(fcinfo, PG_GETARG_ARRAYTYPE_P(kNames), kFirst);
    call.lead_type = RECORDOID;
  }
  if (call.bound == nullptr || !call.stays_bound) {
    bind(call, Purpose::score, call.columns);
    call.stays_bound = stays_current(*call.bound->reader);
  }
  fetch_columns(*call.bound->reader, fcinfo->args + kFirst, PG_NARGS() - kFirst, call.row.data());
  call.activity = engagement_argument(fcinfo, kActivity);
  call.as_of = PG_GETARG_TIMESTAMPTZ(kAsOf);
  return &call;
}

const Engagement* call_activity(LeadCall& call) {
  if (!call.activity.given()) return nullptr;
  call.arena.clear();
  const Engagement* const state = read_engagement(call.activity, call.arena, call.decoded);
  call.bound->program.compiled().plan.check_fits(*state);
  return state;
}

}  // namespace leadscore
