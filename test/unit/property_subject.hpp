// The core wired up for one rule set, the way the server wires it: rows become values in the order of the
// requests, activities are classified and recorded, states travel as bytes.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/activity_program.hpp"
#include "core/engagement_codec.hpp"
#include "core/explain.hpp"
#include "core/lead_program.hpp"
#include "generate.hpp"
#include "reference.hpp"

namespace leadscore {

/// A row as values in the order of some requests. Owns the texts and items that they point to.
class RowValues {
 public:
  RowValues(const reference::Row& row, std::span<const FieldRequest> requests);
  std::span<const Value> values() const { return values_; }

 private:
  Value value_of(const reference::Datum& datum);

  std::deque<std::string> texts_;
  std::deque<std::vector<Value>> arrays_;
  std::vector<Value> values_;
};

/// Types of a row's columns; json where `jsonb`.
RowShape shape_of(std::span<const FieldRequest> requests, std::span<const generate::Column> columns,
                  bool jsonb);

using Bytes = std::vector<std::uint8_t>;

class Subject {
 public:
  explicit Subject(const std::string& ruleset_text, bool jsonb = true);
  explicit Subject(Ruleset parsed, bool jsonb = true);

  const Ruleset& rules() const { return compiled_->rules; }
  const EngagementPlan& plan() const { return compiled_->plan; }
  const CompiledRuleset& compiled() const { return *compiled_; }

  Engagement start() const { return activities_->start(); }
  void record(Engagement& state, Arena& arena, const reference::Activity& activity, Micros now);
  /// What an activity does: none where its kind is blank. Valid until the next call.
  std::span<const Effect> effects(const reference::Activity& activity);
  Engagement engage(Arena& arena, std::span<const reference::Activity> activities, Micros now);
  EngagementWriter& writer() { return activities_->writer(); }
  Bytes encoded(Engagement& state, Arena& arena);

  Evaluation score(const reference::Row& lead, const Engagement* state, Micros as_of);
  Evaluation evaluate_to_explain(const reference::Row& lead, const Engagement* state, Micros as_of);
  std::vector<Line> lines(const reference::Row& lead, const Engagement* state, Micros as_of);
  Micros next_change(const reference::Row& lead, const Engagement* state, Micros as_of,
                     Micros known = kInfinity);

 private:
  std::unique_ptr<CompiledRuleset> compiled_;
  std::vector<FieldRequest> activity_requests_, score_requests_, explain_requests_;
  std::unique_ptr<ActivityProgram> activities_;
  std::unique_ptr<LeadProgram> score_, explain_;
};

/// A state that went through bytes, in an arena of its own.
Engagement through_bytes(Subject& subject, Engagement& state, Arena& arena, Arena& into);

/// Empty where two states of a plan say the same, sums but for their last bits; else what differs. Both are
/// compacted.
std::string difference_between(Subject& subject, Engagement& a, Arena& arena_a, Engagement& b,
                               Arena& arena_b);

/// Empty where the core's result is the reference's; else what differs.
std::string difference_from(const reference::Result& expected, const Evaluation& got, const Ruleset& rules);

/// Everything that a test may want to print when it fails.
std::string story(const std::string& ruleset_text, const reference::Row& lead,
                  std::span<const reference::Activity> activities, Micros as_of);

}  // namespace leadscore
