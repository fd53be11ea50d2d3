// The aggregate learn: the points of a rule set from leads that were won and lost.
#include "core/learner.hpp"
#include "pg/encoding.hpp"
#include "pg/engagement_object.hpp"
#include "pg/guard.hpp"
#include "pg/lead_side.hpp"

namespace leadscore {
namespace {

/// Arguments of the transition function; argument 0 is the state.
enum Argument { kState, kRules, kLead, kActivity, kOutcome, kOptions, kAsOf };

/// What is common to all groups of one call: the candidates and the rule set that measures them.
struct Candidates {
  RulesetPin rules;
  std::shared_ptr<const Parameters> parameters;
  RulesetPin units;
};

/// The state of the aggregate, in the aggregate's memory.
struct Learning {
  Candidates candidates;
  std::unique_ptr<Learner> learner;
  std::string options;  ///< as given, of jsonb; empty: none
};

/// The call's own memory, reused from lead to lead.
struct LearnCall {
  RulesetArgument rules;
  Candidates candidates;
  LeadSide scored, measured;
  ScratchArena arena;
  Engagement decoded;
};

/// A rule set that the backend has forgotten meanwhile, for others came between, is compiled anew: the text
/// tells.
bool same_rules(const RulesetPin& one, const RulesetPin& other) noexcept {
  return one == other || (one != nullptr && other != nullptr && one->text == other->text);
}

/// From here on the call looks at leads with these.
void use(LearnCall& call, const Candidates& candidates) noexcept {
  if (call.candidates.rules == candidates.rules) return;
  call.scored.reset();
  call.measured.reset();
  call.candidates = candidates;
}

/// Those of the rule set that was read last. May longjmp.
void make_candidates(LearnCall& call) {
  if (same_rules(call.candidates.rules, call.rules.pin())) return;
  guarded([&] {
    Candidates made;
    RulesetEntry& entry = call.rules.entry();
    made.parameters = std::make_shared<const Parameters>(entry.compiled.rules);
    made.units = std::make_shared<RulesetEntry>("", 0, made.parameters->units());
    made.rules = call.rules.pin();
    if (made.units->compiled.plan.fingerprint() != entry.compiled.plan.fingerprint())
      throw Error(sqlstate::kWrongState, "the rule set and its measures remember different things");
    use(call, made);
  });
}

/// The options of this row as jsonb, of which the bytes are compared; nullptr: none. May longjmp.
const Jsonb* options_of(FunctionCallInfo fcinfo) {
  return PG_NARGS() > kOptions && !PG_ARGISNULL(kOptions) ? PG_GETARG_JSONB_P(kOptions) : nullptr;
}

std::string_view bytes_of(const Jsonb* options) {
  if (options == nullptr) return {};
  return {reinterpret_cast<const char*>(options), VARSIZE(options)};
}

Learning* start(MemoryContext aggregate, const LearnCall& call, const Jsonb* options) {
  Learning* const learning = new_in<Learning>(aggregate);
  const std::string_view text = options == nullptr ? "{}" : json_text_of(options);
  guarded([&] {
    const LearnOptions asked = parse_learn_options(parse_json(text));
    learning->learner =
        std::make_unique<Learner>(call.candidates.parameters, call.candidates.rules->compiled.rules, asked);
    learning->candidates = call.candidates;
    learning->options = bytes_of(options);
  });
  return learning;
}

/// The type of lead that the call was given: a row, jsonb or json.
Oid lead_type(FunctionCallInfo fcinfo) {
  const Oid type = get_fn_expr_argtype(fcinfo->flinfo, kLead);
  return type == JSONBOID || type == JSONOID ? type : RECORDOID;
}

}  // namespace

/// learn_step(state, rules, lead, activity, outcome [, options [, as_of]]) -> state
LEADSCORE_FUNCTION(learn_step) {
  MemoryContext aggregate;
  if (AggCheckCallContext(fcinfo, &aggregate) == 0)
    ereport(ERROR,
            (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("learn_step called in non-aggregate context")));
  auto* learning = PG_ARGISNULL(kState) ? nullptr : reinterpret_cast<Learning*>(PG_GETARG_POINTER(kState));
  if (PG_ARGISNULL(kRules)) {
    if (learning == nullptr) PG_RETURN_NULL();
    PG_RETURN_POINTER(learning);
  }
  LearnCall& call = call_state<LearnCall>(fcinfo);
  (void)call.rules.read(fcinfo, kRules);
  const Jsonb* const options = options_of(fcinfo);
  if (learning == nullptr) {
    make_candidates(call);
    learning = start(aggregate, call, options);
  }
  if (!same_rules(learning->candidates.rules, call.rules.pin()))
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("learn was given more than one rule set"),
             errhint("Group by the rule set, or learn one rule set at a time.")));
  if (bytes_of(options) != learning->options)
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("learn was given different options")));
  use(call, learning->candidates);
  const bool has_time = PG_NARGS() <= kAsOf || !PG_ARGISNULL(kAsOf);
  if (PG_ARGISNULL(kOutcome) || !has_time) {
    learning->learner->pass_over();
    PG_RETURN_POINTER(learning);
  }
  const TimestampTz as_of =
      PG_NARGS() > kAsOf ? PG_GETARG_TIMESTAMPTZ(kAsOf) : GetCurrentTransactionStartTimestamp();
  NullableDatum row;
  const RowType type = argument_row_type(fcinfo, kLead, lead_type(fcinfo), &row);
  call.scored.bind(*call.candidates.rules, Purpose::score, type, row);
  call.measured.bind(*call.candidates.units, Purpose::explain, type, row);
  const EngagementArgument activity = engagement_argument(fcinfo, kActivity);
  const bool won = PG_GETARG_BOOL(kOutcome);
  guarded([&] {
    const Engagement* state = nullptr;
    if (activity.given()) {
      call.arena.clear();
      state = read_engagement(activity, call.arena, call.decoded);
      call.candidates.rules->compiled.plan.check_fits(*state);
    }
    call.scored.evaluate(state, as_of);
    call.measured.evaluate(state, as_of);
  });
  guarded_change([&] { learning->learner->add(call.scored.evaluation, call.measured.evaluation, won); });
  PG_RETURN_POINTER(learning);
}

/// learn_final(state) -> ruleset
LEADSCORE_FUNCTION(learn_final) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const auto& learning = *reinterpret_cast<const Learning*>(PG_GETARG_POINTER(0));
  std::string& learned = call_state<std::string>(fcinfo);
  const std::string_view written =
      to_utf8(learning.candidates.rules->text.data(), learning.candidates.rules->text.size());
  guarded([&] { learned = learning.learner->learn(learning.candidates.rules->compiled.rules, written); });
  text* const result = to_server_text(learned);
  compile_ruleset({VARDATA_ANY(result), VARSIZE_ANY_EXHDR(result)}, nullptr);
  PG_RETURN_TEXT_P(result);
}

}  // namespace leadscore
