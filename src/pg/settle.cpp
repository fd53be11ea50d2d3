// settle: what a row of a model's state table becomes, once its activities or its lead have changed.
#include "pg/settle.hpp"

#include <cmath>

#include "core/attribution.hpp"
#include "core/engagement_codec.hpp"
#include "pg/encoding.hpp"
#include "pg/engagement_object.hpp"
#include "pg/float_array.hpp"
#include "pg/guard.hpp"
#include "pg/lead_side.hpp"

namespace leadscore {
namespace {

enum Argument {
  kRules,
  kLead,
  kLeadBefore,
  kBefore,
  kAdded,
  kReplace,
  kTierBefore,
  kScoredBefore,
  kRulesBefore
};

/// Attributes of the composite type settled.
enum Settled {
  kEngagement,
  kTotal,
  kTier,
  kGrade,
  kDisqualified,
  kDimensions,
  kScoredAt,
  kNextChangeAt,
  kMoved,
  kRulesMoved,
  kGone,
  kSettledColumns
};

constexpr std::size_t kMostRulesMoved = 3;
constexpr double kLeastShare = 0.01;  ///< of the largest movement

struct SettleCall {
  RulesetArgument rules, rules_before;
  LeadSide score, explained, explained_before;
  ScratchArena arena;
  EngagementWriter writer;
  Engagement before, added, now;
  std::vector<std::string> moved;
  TupleDesc result = nullptr;
};

TupleDesc result_descriptor(FunctionCallInfo fcinfo, SettleCall& call) {
  if (call.result == nullptr) {
    const MemoryContext before = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
    TupleDesc desc;
    if (get_call_result_type(fcinfo, nullptr, &desc) != TYPEFUNC_COMPOSITE ||
        desc->natts != kSettledColumns) {
      elog(ERROR, "return type must be leadscore.settled");
    }
    call.result = BlessTupleDesc(CreateTupleDescCopy(desc));
    MemoryContextSwitchTo(before);
  }
  return call.result;
}

/// The state as it is to be from now on; false: none. `merged` tells whether it is another than came.
bool new_state(SettleCall& call, RulesetEntry& entry, const EngagementArgument& before,
               const EngagementArgument& added, bool replace) {
  const bool has_before = before.bytes != nullptr || before.state != nullptr;
  const bool has_added = added.bytes != nullptr || added.state != nullptr;
  if (!has_added && (replace || !has_before)) return false;
  guarded([&] {
    call.arena.clear();
    call.now = Engagement();
    Engagement room;
    if (has_before && !replace) {
      const Engagement* const state = read_engagement(before, call.arena, room);
      entry.compiled.plan.check_fits(*state);
      call.now.fingerprint = state->fingerprint;
      call.writer.merge(call.now, call.arena, *state);
    }
    if (has_added) {
      const Engagement* const state = read_engagement(added, call.arena, room);
      entry.compiled.plan.check_fits(*state);
      call.now.fingerprint = state->fingerprint;
      call.writer.merge(call.now, call.arena, *state);
    }
  });
  return true;
}

Datum text_array(const std::vector<std::string>& names) {
  auto* const elements = static_cast<Datum*>(palloc(sizeof(Datum) * (names.size() + 1)));
  for (std::size_t i = 0; i < names.size(); ++i) elements[i] = PointerGetDatum(to_server_text(names[i]));
  return PointerGetDatum(
      construct_array(elements, static_cast<int>(names.size()), TEXTOID, -1, false, TYPALIGN_INT));
}

/// The rules that moved most between the scores before and now.
void find_moved(FunctionCallInfo fcinfo, SettleCall& call, bool has_state, Micros as_of,
                const EngagementArgument& before) {
  call.explained.bind(call.rules.entry(), Purpose::explain, fcinfo, kLead);
  const bool was_scored = !PG_ARGISNULL(kScoredBefore) && !PG_ARGISNULL(kRulesBefore);
  const int lead_before = PG_ARGISNULL(kLeadBefore) ? kLead : kLeadBefore;
  Micros at_before = 0;
  if (was_scored) {
    call.rules_before.read(fcinfo, kRulesBefore);
    call.explained_before.bind(call.rules_before.entry(), Purpose::explain, fcinfo, lead_before);
    at_before = PG_GETARG_TIMESTAMPTZ(kScoredBefore);
  }
  guarded([&] {
    call.explained.evaluate(has_state ? &call.now : nullptr, as_of);
    const Evaluation* earlier = nullptr;
    if (was_scored) {
      const Engagement* const state = read_engagement(before, call.arena, call.before);
      if (state != nullptr) call.rules_before.entry().compiled.plan.check_fits(*state);
      call.explained_before.evaluate(state, at_before);
      earlier = &call.explained_before.evaluation;
    }
    call.moved.clear();
    const Ruleset& rules = call.rules.entry().compiled.rules;
    const Ruleset& rules_before = was_scored ? call.rules_before.entry().compiled.rules : rules;
    std::vector<Movement> movements =
        leadscore::movements(rules_before, earlier, rules, &call.explained.evaluation);
    double least = 0;
    for (const Movement& movement : movements) {
      least = std::max(least, kLeastShare * std::abs(movement.after - movement.before));
    }
    for (Movement& movement : movements) {
      if (call.moved.size() == kMostRulesMoved) break;
      // Everything that fades has moved a little.
      if (movement.disqualified_before == movement.disqualified_after &&
          std::abs(movement.after - movement.before) < least)
        break;
      call.moved.push_back(std::move(movement.id));
    }
  });
}

}  // namespace

/// settle(rules, lead, lead_before, before, added, replace, tier_before, scored_before, rules_before): the
/// state `before` with `added`, or `added` in its place; the lead's score by it; the rules that moved where
/// the tier is not tier_before. A lead of NULL has no score.
LEADSCORE_FUNCTION(settle) {
  if (PG_ARGISNULL(kRules) || PG_ARGISNULL(kReplace)) PG_RETURN_NULL();
  SettleCall& call = call_state<SettleCall>(fcinfo);
  if (call.rules.read(fcinfo, kRules)) call.score.reset();
  RulesetEntry& entry = call.rules.entry();
  const EngagementArgument before = engagement_argument(fcinfo, kBefore);
  const EngagementArgument added = engagement_argument(fcinfo, kAdded);
  const bool replace = PG_GETARG_BOOL(kReplace);
  const bool has_state = new_state(call, entry, before, added, replace);
  Micros as_of = GetCurrentTimestamp();
  if (has_state) {
    guarded_change([&] { call.writer.fold_pending(call.now, call.arena, as_of); });
    as_of = std::max(as_of, call.now.last_at);
  }

  Datum values[kSettledColumns] = {};
  bool nulls[kSettledColumns];
  std::fill(std::begin(nulls), std::end(nulls), true);
  const auto put = [&](int column, Datum value) {
    values[column] = value;
    nulls[column] = false;
  };
  if (has_state) {
    // Unchanged bytes are passed on as they came, out of line where they were.
    if (replace || !PG_ARGISNULL(kAdded)) {
      put(kEngagement, PointerGetDatum(flat_engagement(call.now, call.arena)));
    } else {
      put(kEngagement, PG_GETARG_DATUM(kBefore));
    }
  }
  put(kScoredAt, TimestampTzGetDatum(as_of));
  Micros next_change = kInfinity;
  const char* tier = nullptr;
  if (!PG_ARGISNULL(kLead)) {
    call.score.bind(entry, Purpose::score, fcinfo, kLead);
    LeadSide& side = call.score;
    guarded([&] {
      side.evaluate(has_state ? &call.now : nullptr, as_of);
      next_change = side.bound->program.next_change(side.row, has_state ? &call.now : nullptr, as_of);
    });
    const Evaluation& made = side.evaluation;
    put(kTotal, Float8GetDatum(made.total));
    if (const auto name = made.tier_name(entry.compiled.rules)) {
      text* const shown = to_server_text(*name);
      tier = text_to_cstring(shown);
      put(kTier, PointerGetDatum(shown));
    }
    if (made.has_grade) put(kGrade, PointerGetDatum(to_server_text(made.grade)));
    put(kDisqualified, BoolGetDatum(made.disqualified));
    put(kDimensions, float_array(made.dimensions));
  }
  put(kNextChangeAt, TimestampTzGetDatum(next_change));
  const char* const tier_before =
      PG_ARGISNULL(kTierBefore) ? nullptr : text_to_cstring(PG_GETARG_TEXT_PP(kTierBefore));
  const bool moved = (tier == nullptr) != (tier_before == nullptr) ||
                     (tier != nullptr && std::strcmp(tier, tier_before) != 0);
  put(kMoved, BoolGetDatum(moved));
  if (moved) ++settle_counts.moved;
  if (moved && !PG_ARGISNULL(kLead)) {
    find_moved(fcinfo, call, has_state, as_of, before);
    put(kRulesMoved, text_array(call.moved));
  }
  const bool gone = PG_ARGISNULL(kLead) && !has_state;
  if (gone) ++settle_counts.gone;
  put(kGone, BoolGetDatum(gone));
  PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(result_descriptor(fcinfo, call), values, nulls)));
}

}  // namespace leadscore
