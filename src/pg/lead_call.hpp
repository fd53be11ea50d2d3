// What score, explain, segments and next_change have in common: a call in an expression that meets lead after
// lead.
#pragma once

#include "core/arena.hpp"
#include "core/explain.hpp"
#include "pg/engagement_object.hpp"
#include "pg/guard.hpp"
#include "pg/ruleset_cache.hpp"

namespace leadscore {

/// A call and the lead that it has at hand. The call's own memory, reused from lead to lead.
struct LeadCall {
  RulesetArgument rules;
  Oid lead_type = InvalidOid;  ///< declared: record, jsonb or json
  RowType columns{};           ///< of a call with the lead's columns: the row type that they make
  std::shared_ptr<BoundLead> bound;
  bool stays_bound = false;  ///< to these columns, however many rows come
  std::vector<Value> row;
  ScratchArena arena;
  Engagement decoded;
  EngagementArgument activity;
  Micros as_of = 0;

  // Results that outlive the computation.
  Evaluation evaluation;
  std::vector<Line> lines;
  std::vector<std::size_t> segments;
  TupleDesc result = nullptr;
};

/// The anonymous row type that the arguments from `first` on make with these names. May longjmp.
RowType type_of_columns(FunctionCallInfo fcinfo, ArrayType* names, int first);

/// Reads rules (argument 0) and lead (1); argument numbers of the rest, -1 for none. nullptr where the result
/// is NULL: rules or as_of is. May longjmp.
LeadCall* read_lead_call(FunctionCallInfo fcinfo, Purpose purpose, int activity, int as_of);

/// The same for a call that the planner has narrowed (lead_columns.cpp): rules, activity, as_of, the names of
/// columns, the columns.
LeadCall* read_columns_call(FunctionCallInfo fcinfo);

/// The call's state of activity, decoded and checked against the rule set; nullptr for none. May throw, does
/// not longjmp.
const Engagement* call_activity(LeadCall& call);

}  // namespace leadscore
