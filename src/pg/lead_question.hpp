// A question about one lead of a model: with whose rights it is answered, and what the reader's snapshot says
// of the lead.
//
// Who may act as the model's owner asks as the owner. So does, where the model's relations are read with the
// owner's rights (security => 'owner'), who may read the view score and asks for scores alone. Anyone else
// asks with rights of their own to the lead, its activities and its state, and sees what row-level security
// lets them see.
#pragma once

#include "pg/acting.hpp"
#include "pg/lead_side.hpp"
#include "pg/model.hpp"
#include "pg/statement.hpp"

namespace leadscore {

struct LeadQuestion {
  const Model* model;
  Acting before;
  Parameter key;
  Parameter lead;   ///< its row
  Parameter rules;  ///< nothing until it was read, nor the rest
  Parameter state;  ///< an engagement
  TimestampTz as_of;
  Rows traces;  ///< published, or without a store
};

/// What an answer tells of: the score alone, or the lead's own data and activities, too.
enum class Tells : char { score, lead };

/// Opens the question that arguments 0 (model) and 1 (lead_key) of a function ask: SPI is connected, and
/// settings are fixed. Raises P0002 where there is no such lead that the reader may see. May longjmp, as all
/// of these.
LeadQuestion* open_question(FunctionCallInfo fcinfo, Tells tells);
void close_question(LeadQuestion* question);

/// A time among the arguments. Raises 22023 where it is infinite.
TimestampTz finite_time(FunctionCallInfo fcinfo, int number, const char* name);

/// What the view score goes by now: rule set, state, and the time, which is not before anything that the
/// state has seen.
void read_live_state(LeadQuestion* question);
/// The rule set of a version; nullptr: of the one in force.
void read_rules(LeadQuestion* question, const int* version);
/// By that rule set what the lead's activities amounted to at a time.
Parameter state_at(const LeadQuestion* question, TimestampTz as_of);

/// Compiles the rule set and binds the lead to it.
void bind_lead(const LeadQuestion* question, Purpose purpose, RulesetPin& rules, LeadSide& lead);

/// Publishes `SELECT at, kind, source, trace` of the lead's activities, as readable_traces() has it.
inline constexpr const char* kTraces = "leadscore_traces";
void publish_traces(LeadQuestion* question);

}  // namespace leadscore
