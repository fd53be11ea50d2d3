// The union of two disjoint sets of activities: the operator ||, the aggregate merge, and the combine
// function by which parallel workers and other servers add up what each of them has seen.
#include "core/engagement_codec.hpp"
#include "pg/engagement_object.hpp"
#include "pg/guard.hpp"

namespace leadscore {
namespace {

struct MergeCall {
  StateContexts contexts;
  EngagementWriter writer;
  ScratchArena arena;
  std::vector<std::uint8_t> bytes;  ///< a flat state, behind room for its header
};

/// States of more bytes together are better unpacked than written anew at each step.
constexpr std::size_t kMostFlatBytes = 256;

/// Merges two small flat states into one; false where they are none, or one is large. May longjmp.
bool merge_flat(FunctionCallInfo fcinfo, MergeCall& call, const EngagementArgument& from, Datum* result) {
  FlatState state;
  if (from.bytes == nullptr || !flat_state(fcinfo, &state) || state.size + from.size > kMostFlatBytes)
    return false;
  guarded([&] {
    call.arena.clear();
    Engagement merged = decode({state.bytes, state.size}, call.arena);
    const Engagement other = decode({from.bytes, from.size}, call.arena);
    call.writer.merge(merged, call.arena, other);
    call.bytes.resize(VARHDRSZ);
    encode(merged, call.arena, call.writer, call.bytes);
  });
  *result = flat_transition(state, call.bytes.data() + VARHDRSZ, call.bytes.size() - VARHDRSZ);
  return true;
}

/// In an aggregate: changes the first state, or leaves it to the server to take a new one, and copies from
/// the second.
Datum merge_in_place(FunctionCallInfo fcinfo, MemoryContext aggregate) {
  MergeCall& call = call_state<MergeCall>(fcinfo);
  const EngagementArgument from = engagement_argument(fcinfo, 1);
  // The first state stays as it is. The server makes a copy of its own.
  if (PG_ARGISNULL(0) && from.flat != nullptr) PG_RETURN_POINTER(from.flat);
  Datum merged;
  if (merge_flat(fcinfo, call, from, &merged)) PG_RETURN_DATUM(merged);
  ExpandedEngagement* object = aggregate_state(fcinfo, call.contexts, aggregate);
  const bool is_new = object == nullptr;
  if (is_new) object = make_expanded(state_context(call.contexts, aggregate));
  guarded_change([&] {
    call.arena.clear();
    Engagement room;
    const Engagement* const other = read_engagement(from, call.arena, room);
    if (is_new) object->state.fingerprint = other->fingerprint;
    ContextArena arena(*object);
    call.writer.merge(object->state, arena, *other);
  });
  PG_RETURN_DATUM(EOHPGetRWDatum(&object->header));
}

/// Elsewhere: a new flat state of two that stay as they are.
Datum merge_copies(FunctionCallInfo fcinfo) {
  MergeCall& call = call_state<MergeCall>(fcinfo);
  const EngagementArgument a = engagement_argument(fcinfo, 0);
  const EngagementArgument b = engagement_argument(fcinfo, 1);
  Engagement merged;
  guarded([&] {
    call.arena.clear();
    merged = Engagement();
    Engagement room;
    const Engagement* from = read_engagement(a, call.arena, room);
    merged.fingerprint = from->fingerprint;
    call.writer.merge(merged, call.arena, *from);
    from = read_engagement(b, call.arena, room);
    call.writer.merge(merged, call.arena, *from);
  });
  PG_RETURN_BYTEA_P(flat_engagement(merged, call.arena));
}

}  // namespace

/// engagement_merge(engagement, engagement) -> engagement; NULL is no activity.
LEADSCORE_FUNCTION(engagement_merge) {
  MemoryContext aggregate;
  const bool in_aggregate = AggCheckCallContext(fcinfo, &aggregate) != 0;
  if (PG_ARGISNULL(1)) {
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();
    PG_RETURN_DATUM(PG_GETARG_DATUM(0));
  }
  if (in_aggregate) return merge_in_place(fcinfo, aggregate);
  if (PG_ARGISNULL(0)) PG_RETURN_DATUM(PG_GETARG_DATUM(1));
  return merge_copies(fcinfo);
}

}  // namespace leadscore
