// activity_trace: what one activity leaves behind, so that an UPDATE that changes nothing the rules look at
// need not recompute a lead.
#include "pg/encoding.hpp"
#include "pg/engagement_object.hpp"
#include "pg/guard.hpp"
#include "pg/ruleset_cache.hpp"
#include "pg/unusable.hpp"

namespace leadscore {
namespace {

enum Argument { kRules, kKind, kAt, kRow };

struct TraceCall {
  RulesetArgument rules;
  std::shared_ptr<BoundActivity> bound;
  std::vector<Value> row;
  ScratchArena arena;
  Engagement state;
};

}  // namespace

/// activity_trace(rules, kind, at, activity) -> bytea
LEADSCORE_FUNCTION(activity_trace) {
  if (PG_ARGISNULL(kRules)) PG_RETURN_NULL();
  if (PG_ARGISNULL(kKind) || PG_ARGISNULL(kAt) || TIMESTAMP_NOT_FINITE(PG_GETARG_TIMESTAMPTZ(kAt))) {
    ++unusable_activities;
    PG_RETURN_NULL();
  }
  const TimestampTz at = PG_GETARG_TIMESTAMPTZ(kAt);
  TraceCall& call = call_state<TraceCall>(fcinfo);
  if (call.rules.read(fcinfo, kRules)) call.bound.reset();
  RulesetEntry& entry = call.rules.entry();
  NullableDatum row;
  const RowType type = argument_row_type(fcinfo, kRow, RECORDOID, &row);
  if (call.bound == nullptr || row_type(*call.bound->reader) != type || !is_current(*call.bound->reader)) {
    find_activity(entry, &type, call.bound, call.row);
  }
  ActivityProgram& program = call.bound->program;
  const std::string_view kind = to_utf8(PG_GETARG_TEXT_PP(kKind));
  const ActivityProgram::KindClass* kind_class = nullptr;
  guarded([&] { kind_class = program.classify(kind); });
  if (kind_class == nullptr) PG_RETURN_NULL();
  fetch_row(*call.bound->reader, row, &kind_class->fields, call.row.data());
  guarded([&] {
    call.arena.clear();
    call.state = program.start();
    program.record(call.state, call.arena, *kind_class, at, call.row, kInfinity);
  });
  PG_RETURN_BYTEA_P(flat_engagement(call.state, call.arena));
}

}  // namespace leadscore
