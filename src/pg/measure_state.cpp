// Transition, combine and serialisation functions of the aggregates over a score.
#include "pg/measure_state.hpp"

#include "core/state_bytes.hpp"

namespace leadscore {
namespace {

/// Arguments of the transition function.
enum Argument { kState, kScore, kOutcome, kOption };

/// Before the outcomes' own bytes.
constexpr std::size_t kOptionBytes = 1 + sizeof(double);

Datum add_row(FunctionCallInfo fcinfo, const MeasureOption& option) {
  const MemoryContext aggregate = aggregate_memory(fcinfo, "outcomes_step");
  ScoreState* state = given_state<ScoreState>(fcinfo);
  if (state == nullptr) state = make_state<ScoreState>(aggregate);
  state->option.add(option);
  if (PG_ARGISNULL(kOutcome)) {
    state->outcomes.add_without_outcome();
  } else if (PG_ARGISNULL(kScore)) {
    state->outcomes.add_without_score(PG_GETARG_BOOL(kOutcome));
  } else {
    const double score = PG_GETARG_FLOAT8(kScore);
    const bool positive = PG_GETARG_BOOL(kOutcome);
    guarded([&] { state->outcomes.add(score, positive); });
  }
  PG_RETURN_POINTER(state);
}

MeasureOption option_of(FunctionCallInfo fcinfo, double value) noexcept {
  return {PG_ARGISNULL(kOption) ? MeasureOption::Given::null : MeasureOption::Given::always, value};
}

}  // namespace

void MeasureOption::add(const MeasureOption& other) noexcept {
  if (other.given == Given::never) return;
  if (given == Given::never) {
    *this = other;
  } else if (given != other.given ||
             std::bit_cast<std::uint64_t>(value) != std::bit_cast<std::uint64_t>(other.value)) {
    given = Given::several;
  }
}

MemoryContext aggregate_memory(FunctionCallInfo fcinfo, const char* function) {
  MemoryContext aggregate;
  if (AggCheckCallContext(fcinfo, &aggregate) == 0) {
    ereport(ERROR,
            (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("%s called in non-aggregate context", function)));
  }
  return aggregate;
}

bytea* make_bytes(std::size_t size) {
  if (!AllocSizeIsValid(size + VARHDRSZ)) {
    ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                    errmsg("what a measure has collected is too large for parallel workers"),
                    errhint("SET max_parallel_workers_per_gather = 0, or round the scores.")));
  }
  auto* const bytes = static_cast<bytea*>(palloc(size + VARHDRSZ));
  SET_VARSIZE(bytes, size + VARHDRSZ);
  return bytes;
}

double required_option(const MeasureOption& option, const char* name) {
  if (option.given == MeasureOption::Given::null) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s must not be NULL", name)));
  }
  if (option.given == MeasureOption::Given::several) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s must be the same in all rows", name),
                    errhint("For several, call the aggregate several times.")));
  }
  return option.value;
}

/// outcomes_step(state, score, outcome) -> state
LEADSCORE_FUNCTION(outcomes_step) { return add_row(fcinfo, {}); }

/// outcomes_step(state, score, outcome, number float8) -> state
LEADSCORE_FUNCTION(outcomes_step_number) {
  return add_row(fcinfo, option_of(fcinfo, PG_ARGISNULL(kOption) ? 0 : PG_GETARG_FLOAT8(kOption)));
}

/// outcomes_step(state, score, outcome, buckets integer) -> state
LEADSCORE_FUNCTION(outcomes_step_buckets) {
  return add_row(fcinfo, option_of(fcinfo, PG_ARGISNULL(kOption) ? 0 : PG_GETARG_INT32(kOption)));
}

/// outcomes_combine(state, state) -> state. The second state is only read, but for what it sorts.
LEADSCORE_FUNCTION(outcomes_combine) {
  const MemoryContext aggregate = aggregate_memory(fcinfo, "outcomes_combine");
  ScoreState* state = given_state<ScoreState>(fcinfo);
  ScoreState* const other = given_state<ScoreState>(fcinfo, 1);
  if (other == nullptr) {
    if (state == nullptr) PG_RETURN_NULL();
    PG_RETURN_POINTER(state);
  }
  if (state == nullptr) state = make_state<ScoreState>(aggregate);
  guarded([&] { state->outcomes.merge(other->outcomes); });
  state->option.add(other->option);
  PG_RETURN_POINTER(state);
}

/// outcomes_serial(state) -> bytea
LEADSCORE_FUNCTION(outcomes_serial) {
  (void)aggregate_memory(fcinfo, "outcomes_serial");
  ScoreState& state = *given_state<ScoreState>(fcinfo);
  std::size_t size = 0;
  guarded([&] { size = state.outcomes.encoded_size(); });
  bytea* const bytes = make_bytes(kOptionBytes + size);
  auto* const to = reinterpret_cast<std::uint8_t*>(VARDATA(bytes));
  ByteWriter option(to);
  option.byte(static_cast<std::uint8_t>(state.option.given));
  option.fixed(std::bit_cast<std::uint64_t>(state.option.value));
  state.outcomes.encode(to + kOptionBytes);
  PG_RETURN_BYTEA_P(bytes);
}

/// outcomes_deserial(bytea, internal) -> state
LEADSCORE_FUNCTION(outcomes_deserial) {
  (void)aggregate_memory(fcinfo, "outcomes_deserial");
  const bytea* const given = PG_GETARG_BYTEA_PP(0);
  const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(VARDATA_ANY(given)),
                                            VARSIZE_ANY_EXHDR(given));
  ScoreState* const state = make_state<ScoreState>(CurrentMemoryContext);
  guarded([&] {
    ByteReader option(bytes);
    const std::uint8_t kind = option.byte();
    if (kind > static_cast<std::uint8_t>(MeasureOption::Given::several)) {
      ByteReader::reject("an option is of unknown kind");
    }
    state->option.given = static_cast<MeasureOption::Given>(kind);
    state->option.value = std::bit_cast<double>(option.fixed());
    state->outcomes.decode(bytes.subspan(kOptionBytes));
  });
  PG_RETURN_POINTER(state);
}

}  // namespace leadscore
