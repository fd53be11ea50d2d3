// A lead as the views of a model read it: by the version that is in force, or by that of its state while the
// state waits to be rebuilt; with the query's own snapshot, so that a reader sees model, state and lead of
// one moment.
#pragma once

#include "core/arena.hpp"
#include "pg/engagement_object.hpp"
#include "pg/lead_side.hpp"

namespace leadscore {

/// A version of a model as this query sees it.
struct LiveVersion {
  int number = 0;
  int64 activity_hash = 0;
  RulesetPin rules;
  std::vector<std::size_t> columns;  ///< for each dimension the column of the view score, from 0
  mutable std::vector<text*>
      tier_texts;  ///< of the tiers and, last, of who is disqualified; nullptr: not made yet
};

/// Of a call in an expression that meets lead after lead of a model.
struct LiveLead {
  text* model = nullptr;              ///< the name that the rest is about
  std::size_t width = 0;              ///< dimensions that have a column
  std::vector<LiveVersion> versions;  ///< the first is in force
  LeadSide lead;
  ScratchArena arena;
  Engagement decoded;
};

/// Is this what is known of the model of that name?
bool is_about(const LiveLead& live, const text* model);

/// The version in force. Raises 42704 where there is no such model. May longjmp.
const LiveVersion& version_in_force(FunctionCallInfo fcinfo, LiveLead& live, const text* model);

/// The version by which a row of state of this version is read; valid until it is asked for another. A
/// version in force must have been read. May longjmp.
const LiveVersion& version_of_state(LiveLead& live, int wanted);

/// The activity, nullptr for none. `as_of` becomes no earlier than what the state has seen: the reader's
/// transaction may have begun before an activity that it can already see. May throw, does not longjmp.
const Engagement* decode_live(LiveLead& live, const LiveVersion& version, const EngagementArgument& activity,
                              Micros& as_of);

/// Reads the arguments model, lead, version, activity and as_of, the first of which is number `first`, and
/// binds the lead for this purpose. `state` and `as_of` as decode_live() has it. nullptr where model, lead or
/// as_of is NULL. May longjmp.
const LiveVersion* read_live_lead(FunctionCallInfo fcinfo, LiveLead& live, Purpose purpose, int first,
                                  const Engagement*& state, Micros& as_of);

}  // namespace leadscore
