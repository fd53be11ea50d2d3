// settle: what a row of a model's state table becomes, once its activities or its lead have changed.
#include "pg/settle.hpp"

#include "pg/composite.hpp"
#include "pg/encoding.hpp"
#include "pg/float_array.hpp"
#include "pg/guard.hpp"
#include "pg/settlement.hpp"
#include "pg/text_array.hpp"

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

struct SettleCall {
  RulesetArgument rules, rules_before;
  Settlement lead;
  TupleDesc result = nullptr;
};

/// The rules that moved most between the scores before and now.
void find_moved(FunctionCallInfo fcinfo, SettleCall& call, const EngagementArgument& before) {
  Settlement& lead = call.lead;
  lead.explained.bind(call.rules.entry(), Purpose::explain, fcinfo, kLead);
  const bool was_scored = !PG_ARGISNULL(kScoredBefore);
  Micros at_before = 0;
  if (was_scored) {
    call.rules_before.read(fcinfo, kRulesBefore);
    lead.explained_before.bind(call.rules_before.entry(), Purpose::explain, fcinfo,
                               PG_ARGISNULL(kLeadBefore) ? kLead : kLeadBefore);
    at_before = PG_GETARG_TIMESTAMPTZ(kScoredBefore);
  }
  guarded([&] {
    lead.find_moved(call.rules.entry().compiled.rules,
                    was_scored ? &call.rules_before.entry().compiled : nullptr, &before, at_before);
  });
}

}  // namespace

/// settle(rules, lead, lead_before, before, added, replace, tier_before, scored_before, rules_before): the
/// state `before` with `added`, or `added` in its place; the lead's score by it; the rules that moved where
/// the tier is not tier_before, unless rules_before is NULL: then nobody asks. A lead of NULL has no score.
LEADSCORE_FUNCTION(settle) {
  if (PG_ARGISNULL(kRules) || PG_ARGISNULL(kReplace)) PG_RETURN_NULL();
  SettleCall& call = call_state<SettleCall>(fcinfo);
  Settlement& lead = call.lead;
  if (call.rules.read(fcinfo, kRules)) lead.score.reset();
  RulesetEntry& entry = call.rules.entry();
  const EngagementArgument before = engagement_argument(fcinfo, kBefore);
  const EngagementArgument added = engagement_argument(fcinfo, kAdded);
  const bool replace = PG_GETARG_BOOL(kReplace);
  const Micros clock = GetCurrentTimestamp();
  guarded([&] {
    lead.merge(entry.compiled.plan, replace ? nullptr : &before, &added);
    lead.choose_time(clock);
  });

  Datum values[kSettledColumns] = {};
  bool nulls[kSettledColumns];
  std::fill(std::begin(nulls), std::end(nulls), true);
  const auto put = [&](int column, Datum value) {
    values[column] = value;
    nulls[column] = false;
  };
  if (lead.has_state) {
    // Unchanged bytes are passed on as they came, out of line where they were.
    if (replace || !PG_ARGISNULL(kAdded)) {
      put(kEngagement, PointerGetDatum(flat_engagement(lead.now, lead.arena)));
    } else {
      put(kEngagement, PG_GETARG_DATUM(kBefore));
    }
  }
  put(kScoredAt, TimestampTzGetDatum(lead.as_of));
  Micros next_change = kInfinity;
  const char* tier = nullptr;
  if (!PG_ARGISNULL(kLead)) {
    lead.score.bind(entry, Purpose::score, fcinfo, kLead);
    guarded([&] { next_change = lead.evaluate(); });
    const Evaluation& made = lead.score.evaluation;
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
  if (moved && !PG_ARGISNULL(kLead) && !PG_ARGISNULL(kRulesBefore)) {
    find_moved(fcinfo, call, before);
    put(kRulesMoved, text_array(lead.moved));
  }
  const bool gone = PG_ARGISNULL(kLead) && !lead.has_state;
  if (gone) ++settle_counts.gone;
  put(kGone, BoolGetDatum(gone));
  PG_RETURN_DATUM(HeapTupleGetDatum(
      heap_form_tuple(result_descriptor(fcinfo, call.result, "settled", kSettledColumns), values, nulls)));
}

}  // namespace leadscore
