// Which rules and which activities scores come from: what moved between two scores, what each activity of a
// lead gives now, and how often each rule fires over many leads. All in a rule's own points: before the
// limits of its group and dimension, idling, weights and rounding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/lead_program.hpp"

namespace leadscore {

/// A rule that does not give what it gave.
struct Movement {
  std::string id;
  double before = 0, after = 0;                                  ///< its points; 0 where it gave none
  bool disqualified_before = false, disqualified_after = false;  ///< did it disqualify the lead?
};

/// The rules, told apart by id, whose points differ between two evaluations of Purpose::explain, or that
/// disqualify in one of them only. The latter come first, then the largest differences; ties by id. Points
/// that differ by no more than a billionth, or a trillionth part, are the same: last bits of sums. The rule
/// sets may be versions of one another, or the same; an evaluation of nullptr means that nothing was scored.
std::vector<Movement> movements(const Ruleset& before_rules, const Evaluation* before,
                                const Ruleset& after_rules, const Evaluation* after);

/// What one activity of a lead does to its score.
struct Touch {
  /// The rules that count it, in rule order: they select it (`on`, `except`, `where`, a case or map entry),
  /// apply to the lead (`when`, not `off`), and it is neither outside their window (`within`, a
  /// recency's longest) nor wholly faded. Limits do not show here (an activity beyond `max_per_day` is
  /// listed, and gives 0). They point into the rule set of the program.
  std::vector<const Rule*> rules;
  /// What the sum of all rules' points would lose had this activity not happened, with every limit of the
  /// rules applied; rounded to 9 decimals. Touches do not add up to the score: of two activities either of
  /// which is enough for a rule, neither gives its points; where two are needed, each does.
  double points = 0;
};

/// Most activities, and most pairs of an activity and a rule that counts it, that touches() takes on.
inline constexpr std::size_t kMostTouches = 100'000;
inline constexpr std::size_t kMostTouchRules = 10'000'000;

/// What each activity gives to a lead as of `as_of`: a Touch for each, in their order.
///
/// `program` is of any purpose but segments; `row` is the lead's, as for evaluate(), which is called: what
/// the program holds of another lead is lost. Each of `activities` is a state of the program's plan that
/// ActivityProgram::record made of one activity; nullptr: the activity counts nowhere. `rest` (nullptr: none)
/// is the state of further activities of the lead, about which nothing is asked, such as all but the newest.
/// States are not changed. An activity after as_of counts for no rule, whether its state has folded it in or
/// has it pending.
///
/// Sums and latest times take time in proportion to the activities; a rule that keeps k events takes up to k
/// evaluations of k events. May be interrupted. Throws Error: 22023 where as_of is infinite or before what
/// `rest` has folded in; 54000 beyond the limits above.
std::vector<Touch> touches(LeadProgram& program, std::span<const Value> row,
                           std::span<const Engagement* const> activities, Micros as_of,
                           const Engagement* rest = nullptr);

/// How often each rule fires over many leads and what it gives. Holds nothing of the rule set.
class RuleUse {
 public:
  struct Use {
    std::uint64_t fired = 0;     ///< leads for which it fired
    double points = 0;           ///< summed over them
    double least = 0, most = 0;  ///< points for one of them; 0 where there is none
  };

  explicit RuleUse(const Ruleset& rules);

  /// Adds a lead. The evaluation is of Purpose::explain and of the rule set that this was made for.
  void add(const Evaluation& lead);
  /// Adds the leads of another. Throws Error (55000) where it was made for a rule set of another shape.
  void merge(const RuleUse& other);

  std::uint64_t leads() const noexcept { return leads_; }
  const Use& of(std::size_t dimension, std::size_t rule) const noexcept {
    return uses_[first_[dimension] + rule];
  }

 private:
  std::vector<std::size_t> first_;  ///< of each dimension: the index of its first rule; then the end
  std::vector<Use> uses_;
  std::uint64_t leads_ = 0;
};

}  // namespace leadscore
