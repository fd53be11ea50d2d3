// Scoring one lead: a rule set bound to the lead's row type.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/contribution.hpp"
#include "core/fields.hpp"
#include "core/matcher.hpp"
#include "core/plan.hpp"
#include "core/ruleset.hpp"

namespace leadscore {

/// A rule set as parsed with its plan: what is compiled once and shared by every program. Addresses are
/// stable.
struct CompiledRuleset {
  explicit CompiledRuleset(Ruleset parsed) : rules(std::move(parsed)), plan(rules) {}
  CompiledRuleset(const CompiledRuleset&) = delete;
  CompiledRuleset& operator=(const CompiledRuleset&) = delete;
  Ruleset rules;
  EngagementPlan plan;
};

/// What a program is for decides what it keeps apart: totals let rules of a group be summed up beforehand, an
/// explanation needs each.
enum class Purpose : std::uint8_t { score, explain, segments };

/// A rule's part in an explanation.
struct RulePart {
  std::size_t dimension, rule;  ///< indexes into the rule set
  double points = 0;
  bool fired = false;
  std::uint32_t branch = 0;  ///< of a lead rule, as in Match
  Tally tally;               ///< of an activity rule
};

/// One lead at one time. Reused from lead to lead.
struct Evaluation {
  double total = 0;
  std::vector<double> dimensions;
  std::string grade;  ///< joined grade names; empty: none
  bool has_grade = false;
  bool disqualified = false;
  std::optional<std::size_t>
      tier;  ///< index into Ruleset::tiers, not looking at disqualified; none: no tier holds
  std::optional<std::size_t> own_tier;  ///< … before promotion

  // What an explanation is made of. Filled by every purpose unless said otherwise.
  std::vector<double> buckets;      ///< sums of rules: for each dimension its ungrouped ones, then each group
  std::vector<double> before_idle;  ///< dimension before idling
  std::vector<double> before_clamp;  ///< dimension after idling, before its clamp
  std::vector<std::int64_t> idle_steps;
  double weighted = 0;  ///< Σ weight × dimension
  double clamped = 0;   ///< … within the range
  std::vector<bool>
      tier_condition;  ///< Purpose::explain only: does the tier's `when` hold (true where it has none)?
  std::vector<RulePart> parts;  ///< Purpose::explain only: every rule that fired or contributes
  std::optional<std::size_t> promoted_by_dimension, promoted_by_rule;
  std::optional<std::size_t> disqualified_by_dimension, disqualified_by_rule;

  /// The tier's name as SQL shows it, the disqualified one included; nullopt for none.
  std::optional<std::string_view> tier_name(const Ruleset& rules) const;
};

/// A field's value as an instant, where it is or reads as one (a jsonb row's text); else kMinusInfinity.
Micros instant_of(const Value& value);

class TierForecast;

class LeadProgram {
 public:
  /// The fields of the lead row that are read for this purpose.
  static std::vector<FieldRequest> fields(const Ruleset& rules, Purpose purpose);

  /// `shape` answers fields(). `compiled` must outlive the program. Throws Error as Matcher does.
  LeadProgram(const CompiledRuleset& compiled, const RowShape& shape, Purpose purpose);
  LeadProgram(const LeadProgram&) = delete;
  LeadProgram& operator=(const LeadProgram&) = delete;

  /// Scores. `state` (nullptr: no activity) must be one of the plan (EngagementPlan::check_fits) and is not
  /// changed. Throws Error (22023) where as_of is infinite or before what the state has folded in.
  void evaluate(std::span<const Value> row, const Engagement* state, Micros as_of, Evaluation& out);

  /// Purpose::segments: indexes of the segments that hold, ascending.
  void segments(std::span<const Value> row, Micros as_of, std::vector<std::size_t>& out);

  /// A time before which the tier stays as it is, if nothing new happens: see sql-api. kInfinity where it
  /// stays for ever. Only for Purpose::score.
  Micros next_change(std::span<const Value> row, const Engagement* state, Micros as_of);
  /// The same where the score at as_of is wanted, too. `known` is a time that may still be right, such as the
  /// answer for an earlier state: it is answered again where one look proves it, and a search is spared.
  Micros next_change(std::span<const Value> row, const Engagement* state, Micros as_of, Evaluation& now,
                     Micros known = kInfinity);

  /// An activity rule that applies to a lead.
  struct AppliedRule {
    const ActivityRule* activity;  ///< of the program
    Micros since;                  ///< the instant of idle's field; kMinusInfinity: none
  };
  /// The activity rules that apply to the lead evaluated last, whose row this is: all but those that are off
  /// or whose `when` does not hold. In rule order.
  std::vector<AppliedRule> applied_rules(std::span<const Value> row) const;

  const CompiledRuleset& compiled() const noexcept { return compiled_; }

 private:
  friend class TierForecast;
  struct Bound {  ///< an activity rule in this program
    ActivityRule activity;
    std::size_t dimension, rule;
    std::uint32_t bucket;
    std::uint32_t gate;      ///< decider of `when`, or kNone
    std::uint32_t since;     ///< field of idle's since, or kNone
    bool acts;               ///< does it promote or disqualify?
    std::uint32_t promotes;  ///< first tier of the name that promote_to names, or kNone
  };
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Promotion {
    std::uint32_t tier;  ///< the first of the name
    std::size_t dimension, rule;
  };
  struct Asked {  ///< what a decider stands for
    enum class What : std::uint8_t { lead_rule, gate, tier, segment } what;
    std::size_t dimension, index;
  };

  void build_deciders(std::vector<Decider>& deciders, const RowShape& shape);
  const Engagement* settled(const Engagement* state, Micros as_of);
  void match_lead(std::span<const Value> row, Micros as_of, Evaluation& out);
  void add_activity(std::span<const Value> row, Micros as_of, Evaluation& out);
  void add_up(const EngagementView& view, Micros as_of, Evaluation& out) const;
  void choose_tier(Evaluation& out) const;
  bool holds_but_for_at(std::size_t tier, const Evaluation& out) const;
  void fire(const Rule& rule, std::size_t dimension, std::size_t index, Evaluation& out);

  const CompiledRuleset& compiled_;
  Purpose purpose_;
  FieldList fields_;
  std::vector<Asked> asked_;
  std::unique_ptr<Matcher> matcher_;
  std::vector<Bound> bound_;
  std::vector<std::uint32_t> always_;                   ///< indexes into bound_, evaluated for each lead
  std::vector<std::vector<std::uint32_t>> of_tracker_;  ///< … evaluated where the tracker has seen something
  std::vector<std::uint32_t> first_bucket_;             ///< of each dimension
  std::vector<std::uint32_t> tier_decider_;             ///< of each tier's when, or kNone
  std::unordered_map<std::string_view, std::uint32_t> tier_of_name_;  ///< the first of each name
  std::vector<std::uint32_t> first_of_name_;  ///< of each tier: the first that bears its name
  std::vector<std::uint32_t> answer_;         ///< decider -> branch, or kNone
  std::vector<Promotion> promotions_;         ///< by rules that fired; one for each tier name
  std::vector<std::uint32_t> promotion_of_;   ///< index into promotions_ by first tier of a name, or kNone
  std::vector<Promotion> lead_promotions_;    ///< … by lead rules alone
  std::vector<double> lead_buckets_;          ///< buckets before any activity rule
  bool keep_lead_part_ = false;               ///< are these two wanted? By next_change only
  std::shared_ptr<TierForecast> forecast_;    ///< never shared; made by the first next_change
  MatchResult result_;
  EngagementView view_;
  EngagementWriter writer_;
  ScratchArena arena_;
  Engagement folded_;
};

}  // namespace leadscore
