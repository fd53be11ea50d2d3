// An engagement state as the server passes it: flat (a varlena of engagement_codec's bytes) or, where it is
// large and between the calls of an aggregate, expanded.
#pragma once

#include "core/engagement.hpp"
#include "pg/postgres.hpp"

namespace leadscore {

/// The type engagement. May longjmp.
Oid engagement_type();

/// An engagement in memory. Everything it points to is in its context, which it shares with all states of the
/// aggregate: a HashAggregate would walk a context per group at each new group.
struct ExpandedEngagement {
  ExpandedObjectHeader header;
  Engagement state;
  /// Where the state's cells are as long as they are few: with a million groups it is the memory's latency
  /// that counts.
  Cell first_cells[4];
};

/// Memory of a memory context for the core: throws where there is none, never longjmps.
class ContextArena final : public Arena {
 public:
  /// For the state of this object.
  explicit ContextArena(ExpandedEngagement& object) noexcept
      : context_(object.header.eoh_context), embedded_(object.first_cells) {}
  void* allocate(std::size_t bytes) override;
  void release(void* block) noexcept override;

 private:
  MemoryContext context_;
  const void* embedded_;
};

/// The contexts in which the states of one aggregate call live, one below each aggregate context in use
/// (grouping sets have several). The links are in the contexts themselves, which may outlive the call: who
/// calls transition functions himself, as Citus' worker_partial_agg does, has a call for each row.
struct StateContexts {
  struct Link;
  Link* first = nullptr;
  StateContexts() = default;
  StateContexts(const StateContexts&) = delete;
  StateContexts& operator=(const StateContexts&) = delete;
  ~StateContexts();  ///< the contexts stay
};

/// The context for states below the aggregate context, made at its first use. May longjmp.
MemoryContext state_context(StateContexts& contexts, MemoryContext aggregate);

/// An empty expanded state in that context. May longjmp.
ExpandedEngagement* make_expanded(MemoryContext context);

/// The expanded state behind a Datum that an aggregate may change in place, or nullptr. Does not longjmp.
ExpandedEngagement* writable_engagement(Datum datum) noexcept;

/// An argument of type engagement, for reading.
struct EngagementArgument {
  const Engagement* state = nullptr;    ///< expanded; nullptr: flat or NULL
  const std::uint8_t* bytes = nullptr;  ///< flat; nullptr: expanded or NULL
  std::size_t size = 0;
  varlena* flat = nullptr;  ///< that value; nullptr: expanded or NULL

  bool given() const noexcept { return state != nullptr || bytes != nullptr; }  ///< not NULL
};
/// Detoasts. May longjmp.
EngagementArgument engagement_value(NullableDatum datum);
inline EngagementArgument engagement_argument(FunctionCallInfo fcinfo, int number) {
  return PG_ARGISNULL(number) ? EngagementArgument{} : engagement_value(fcinfo->args[number]);
}
/// The state; nullptr for NULL. A flat one is decoded into `arena` and `room`. May throw, does not longjmp.
const Engagement* read_engagement(const EngagementArgument& argument, Arena& arena, Engagement& room);

/// The state so far in a transition function (argument 0) as one to change in place: the argument itself, or
/// an expanded copy of a flat one. nullptr: NULL. May longjmp.
ExpandedEngagement* aggregate_state(FunctionCallInfo fcinfo, StateContexts& contexts,
                                    MemoryContext aggregate);

/// A flat state so far in a transition function, which may be changed in place.
struct FlatState {
  varlena* value = nullptr;  ///< nullptr: NULL
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  std::size_t room = 0;  ///< the bytes that it may grow to
};

/// Argument 0 as one; false where it is expanded. Only in an aggregate: the server allocates each state by
/// itself, and frees it so. May longjmp.
bool flat_state(FunctionCallInfo fcinfo, FlatState* state);

/// The state that its bytes now hold, as the transition function returns it.
Datum changed_in_place(const FlatState& state, std::size_t size) noexcept;

/// The state that a transition function returns where `made` (which has VARHDRSZ bytes before it) takes the
/// place of `state`: in the same memory where there is room, else the server makes a copy in the aggregate's.
Datum flat_transition(const FlatState& state, std::uint8_t* made, std::size_t size) noexcept;

/// The flat form, in the current memory context. May longjmp.
bytea* flat_engagement(Engagement& state, Arena& arena);

}  // namespace leadscore
