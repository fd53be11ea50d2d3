// A lead as one program sees it: functions that look at a lead twice, before and after a change, have two of
// these.
#pragma once

#include "pg/guard.hpp"
#include "pg/ruleset_cache.hpp"

namespace leadscore {

struct LeadSide {
  std::shared_ptr<BoundLead> bound;
  std::vector<Value> row;
  Evaluation evaluation;

  /// Forgets the program: another rule set.
  void reset() noexcept { bound.reset(); }
  /// Is the program the one for rows of this type?
  bool is_bound(const RulesetEntry& entry, Purpose purpose, const RowType& type) const noexcept;
  /// Finds or makes the program for rows of this type. May longjmp.
  void find_program(RulesetEntry& entry, Purpose purpose, const RowType& type);
  /// The same, and reads the row, which must outlive its use. May
  /// longjmp.
  void bind(RulesetEntry& entry, Purpose purpose, const RowType& type, NullableDatum datum);
  /// The same for argument `number`, declared as record.
  void bind(RulesetEntry& entry, Purpose purpose, FunctionCallInfo fcinfo, int number);
  /// The same for a row of this type that comes in its columns.
  void bind(RulesetEntry& entry, Purpose purpose, const RowType& type, const NullableDatum* columns,
            int count);
  /// The same for a row of this type in a slot.
  void bind(RulesetEntry& entry, Purpose purpose, const RowType& type, TupleTableSlot* slot);
  /// Scores. `state` must fit the rule set. May throw, does not longjmp.
  void evaluate(const Engagement* state, Micros as_of) {
    bound->program.evaluate(row, state, as_of, evaluation);
  }
};

}  // namespace leadscore
