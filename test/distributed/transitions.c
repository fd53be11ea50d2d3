/*
 * Aggregates whose transition functions call those of engage as Citus' worker_partial_agg and coord_combine_agg do: the function is looked up anew for each
 * row, in memory that goes with the row, and knows nothing of the expression that it stands in. test/distributed/run builds it.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/datum.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"

PG_MODULE_MAGIC;

typedef struct State {
  Datum value;
  bool is_null;
} State;

/* Takes the result of a transition as nodeAgg.c does. */
static void take(State *state, Datum made, bool is_null, MemoryContext aggregate) {
  if (DatumGetPointer(made) == DatumGetPointer(state->value)) return;
  if (!is_null) {
    MemoryContext before = MemoryContextSwitchTo(aggregate);
    if (!(DatumIsReadWriteExpandedObject(made, false, -1) && MemoryContextGetParent(DatumGetEOHP(made)->eoh_context) == aggregate))
      made = datumCopy(made, false, -1);
    MemoryContextSwitchTo(before);
  }
  if (!state->is_null) {
    if (DatumIsReadWriteExpandedObject(state->value, false, -1))
      DeleteExpandedObject(state->value);
    else
      pfree(DatumGetPointer(state->value));
  }
  state->value = made;
  state->is_null = is_null;
}

static State *state_of(FunctionCallInfo fcinfo, MemoryContext *aggregate) {
  State *state;
  if (!AggCheckCallContext(fcinfo, aggregate)) elog(ERROR, "not in an aggregate");
  if (!PG_ARGISNULL(0)) return (State *)PG_GETARG_POINTER(0);
  state = MemoryContextAllocZero(*aggregate, sizeof(State));
  state->is_null = true;
  return state;
}

/* transition(internal, function oid, arguments …): state = function(state, arguments …) */
PG_FUNCTION_INFO_V1(transition);
Datum transition(PG_FUNCTION_ARGS) {
  LOCAL_FCINFO(call, FUNC_MAX_ARGS);
  FmgrInfo function;
  MemoryContext aggregate;
  Datum made;
  State *state = state_of(fcinfo, &aggregate);
  int i;
  fmgr_info(PG_GETARG_OID(1), &function);
  InitFunctionCallInfoData(*call, &function, PG_NARGS() - 1, fcinfo->fncollation, fcinfo->context, fcinfo->resultinfo);
  call->args[0].value = state->value;
  call->args[0].isnull = state->is_null;
  for (i = 2; i < PG_NARGS(); ++i) call->args[i - 1] = fcinfo->args[i];
  made = FunctionCallInvoke(call);
  take(state, made, call->isnull, aggregate);
  PG_RETURN_POINTER(state);
}

/* result(internal) -> the value */
PG_FUNCTION_INFO_V1(result);
Datum result(PG_FUNCTION_ARGS) {
  State *state = PG_ARGISNULL(0) ? NULL : (State *)PG_GETARG_POINTER(0);
  if (state == NULL || state->is_null) PG_RETURN_NULL();
  PG_RETURN_DATUM(MakeExpandedObjectReadOnly(state->value, false, -1));
}
