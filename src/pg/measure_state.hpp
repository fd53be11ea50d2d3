// The states of the aggregates that measure. They live in the aggregate's memory context with everything they
// hold, and point to nothing else, so that a state may outlive the call that made it.
#pragma once

#include "core/categories.hpp"
#include "core/outcomes.hpp"
#include "pg/context_memory.hpp"
#include "pg/guard.hpp"

namespace leadscore {

/// A number that an aggregate takes besides score and outcome, and that must be the same in each row. Which
/// aggregate it is only its final function knows: several may share one state.
struct MeasureOption {
  enum class Given : std::uint8_t { never, always, null, several };
  Given given = Given::never;
  double value = 0;

  void add(const MeasureOption& other) noexcept;
};

/// Of aggregates over a score.
struct ScoreState {
  explicit ScoreState(MemoryContext context) : memory(context), outcomes(&memory) {}
  ContextMemory memory;
  Outcomes outcomes;
  MeasureOption option;
};

/// Of aggregates over a value of any type.
struct CategoryState {
  explicit CategoryState(MemoryContext context) : memory(context), categories(&memory) {}
  ContextMemory memory;
  Categories categories;
};

/// The aggregate's memory context; raises an error outside of one. May longjmp.
MemoryContext aggregate_memory(FunctionCallInfo fcinfo, const char* function);

/// A new state there. May longjmp.
template <class State>
State* make_state(MemoryContext context) {
  void* const room = MemoryContextAlloc(context, sizeof(State));
  State* state = nullptr;
  guarded([&] { state = new (room) State(context); });
  return state;
}

/// The state that a function was given, or nullptr.
template <class State>
State* given_state(FunctionCallInfo fcinfo, int argument = 0) {
  return PG_ARGISNULL(argument) ? nullptr : reinterpret_cast<State*>(PG_GETARG_POINTER(argument));
}

/// Room for a state's portable form. May longjmp.
bytea* make_bytes(std::size_t size);

/// The option, named as in "fraction of lift"; raises an error where it was NULL or not always the same. May
/// longjmp.
double required_option(const MeasureOption& option, const char* name);

}  // namespace leadscore
