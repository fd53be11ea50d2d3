// The aggregate engage: what a lead's activities amount to. Its transition function folds one activity into a
// state: a small one in its flat form, which the server has copied into the aggregate's memory beside the
// group's other things and which grows there, a large one unpacked and changed in place.
#include "core/flat_folder.hpp"
#include "pg/encoding.hpp"
#include "pg/engagement_object.hpp"
#include "pg/guard.hpp"
#include "pg/ruleset_cache.hpp"
#include "pg/unusable.hpp"

namespace leadscore {
namespace {

/// Arguments of the transition function; argument 0 is the state.
enum Argument { kState, kRules, kKind, kAt, kRow, kAsOf };

struct EngageCall {
  RulesetArgument rules;
  std::shared_ptr<BoundActivity> bound;
  std::vector<Value> row;
  StateContexts contexts;
  FlatFolder folder;
  /// For the state that the folder makes, and its header.
  alignas(double) std::uint8_t room[VARHDRSZ + FlatFolder::kRoom];
  RowType row_type{};  ///< of the row at hand
  RowType null_row{};  ///< what a NULL row is, as far as the expression tells
  bool knows_null_row = false;
};

/// The type of the activity's row; valid until the next call.
const RowType* type_of_row(FunctionCallInfo fcinfo, EngageCall& call, NullableDatum* row) {
  if (!PG_ARGISNULL(kRow)) {
    call.row_type = argument_row_type(fcinfo, kRow, RECORDOID, row);
    return &call.row_type;
  }
  if (!call.knows_null_row) {
    call.null_row = argument_row_type(fcinfo, kRow, RECORDOID, row);
    call.knows_null_row = true;
  }
  return &call.null_row;
}

bool fits(const EngageCall& call, const RowType* type) {
  if (call.bound == nullptr) return false;
  if (type == nullptr) return true;  // a call has a row in all of its calls or in none
  return row_type(*call.bound->reader) == *type && is_current(*call.bound->reader);
}

/// Folds what was prepared into the state so far in its flat form; false where it has to be unpacked. May
/// longjmp.
bool fold_flat(FunctionCallInfo fcinfo, EngageCall& call, Datum* result) {
  FlatState state;
  if (!flat_state(fcinfo, &state)) return false;
  std::uint8_t* const made = call.room + VARHDRSZ;
  std::size_t size = 0;
  if (state.value != nullptr) {
    size = call.folder.fold_in_place(state.bytes, state.size, state.room);
    if (size != 0) {
      *result = changed_in_place(state, size);
      return true;
    }
  } else {
    size = call.folder.fold_in_place(made, 0, FlatFolder::kRoom);
  }
  if (size == 0) guarded([&] { size = call.folder.fold({state.bytes, state.size}, made); });
  if (size == 0) return false;
  *result = flat_transition(state, made, size);
  return true;
}

/// The state as it came, or NULL.
Datum unchanged(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(kState)) PG_RETURN_NULL();
  PG_RETURN_DATUM(PG_GETARG_DATUM(kState));
}

}  // namespace

/// engage_step(state, rules, kind, at [, activity [, as_of]]) -> state
LEADSCORE_FUNCTION(engage_step) {
  MemoryContext aggregate;
  if (AggCheckCallContext(fcinfo, &aggregate) == 0)
    ereport(ERROR,
            (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("engage_step called in non-aggregate context")));
  // The group's state is seldom in the processor's cache, and not needed before the activity is understood.
  // Most take no more than two lines of it.
  if (!PG_ARGISNULL(kState)) {
    __builtin_prefetch(PG_GETARG_POINTER(kState));
    __builtin_prefetch(PG_GETARG_POINTER(kState) + 32);
  }
  // An activity without a kind or a finite time counts nowhere, nor one of no rule set or as of no time.
  if (PG_ARGISNULL(kRules)) return unchanged(fcinfo);
  if (PG_ARGISNULL(kKind) || PG_ARGISNULL(kAt) || TIMESTAMP_NOT_FINITE(PG_GETARG_TIMESTAMPTZ(kAt))) {
    ++unusable_activities;
    return unchanged(fcinfo);
  }
  const TimestampTz at = PG_GETARG_TIMESTAMPTZ(kAt);
  TimestampTz now;
  if (PG_NARGS() > kAsOf) {
    if (PG_ARGISNULL(kAsOf)) return unchanged(fcinfo);
    now = PG_GETARG_TIMESTAMPTZ(kAsOf);
    if (at > now) return unchanged(fcinfo);
  } else {
    now = GetCurrentTransactionStartTimestamp();
  }

  EngageCall& call = call_state<EngageCall>(fcinfo);
  if (call.rules.read(fcinfo, kRules)) call.bound.reset();
  NullableDatum row = {0, true};
  const RowType* const given = PG_NARGS() > kRow ? type_of_row(fcinfo, call, &row) : nullptr;
  if (!fits(call, given)) find_activity(call.rules.entry(), given, call.bound, call.row);
  ActivityProgram& program = call.bound->program;

  const std::string_view kind = to_utf8(PG_GETARG_TEXT_PP(kKind));
  const ActivityProgram::KindClass* kind_class = nullptr;
  guarded([&] { kind_class = program.classify(kind); });
  if (kind_class == nullptr) return unchanged(fcinfo);

  if (given != nullptr) fetch_row(*call.bound->reader, row, &kind_class->fields, call.row.data());
  const EngagementPlan& plan = call.rules.entry().compiled.plan;
  std::span<const Effect> effects;
  bool is_prepared = false;
  guarded([&] {
    effects = program.effects(*kind_class, at, call.row);
    is_prepared = call.folder.prepare(plan, effects, now);
  });
  Datum folded;
  if (is_prepared && fold_flat(fcinfo, call, &folded)) PG_RETURN_DATUM(folded);
  ExpandedEngagement* object = aggregate_state(fcinfo, call.contexts, aggregate);
  if (object == nullptr) {
    object = make_expanded(state_context(call.contexts, aggregate));
    object->state.fingerprint = plan.fingerprint();
  }
  guarded_change([&] {
    // Equal fingerprints: the state was made by this rule set, whose cells need no check.
    if (object->state.fingerprint != plan.fingerprint()) plan.check_fits(object->state);
    ContextArena arena(*object);
    for (const Effect& effect : effects) plan.fold(program.writer(), object->state, arena, effect, now);
  });
  PG_RETURN_DATUM(EOHPGetRWDatum(&object->header));
}

}  // namespace leadscore
