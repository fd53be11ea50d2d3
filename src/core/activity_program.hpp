// Folding activities into states: an EngagementPlan bound to the row type of the activities.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/engagement.hpp"
#include "core/fields.hpp"
#include "core/matcher.hpp"
#include "core/plan.hpp"

namespace leadscore {

class ActivityProgram {
 public:
  /// The fields of the activity row that the rules read. Empty: it needs no row.
  static std::vector<FieldRequest> fields(const Ruleset& rules);

  /// `shape` answers fields(); nullptr where no row is given: Error (22023) if one is needed. `rules` and
  /// `plan` must outlive the program. Throws Error as Matcher does.
  ActivityProgram(const Ruleset& rules, const EngagementPlan& plan, const RowShape* shape);
  ~ActivityProgram();
  ActivityProgram(const ActivityProgram&) = delete;
  ActivityProgram& operator=(const ActivityProgram&) = delete;

  /// What is to be done with activities of some kinds.
  struct KindClass {
    std::vector<std::uint32_t> fields;  ///< indexes of the requests that record() will read
    struct Step {
      std::uint32_t tracker;
      std::uint32_t where;                 ///< decider, or kNone
      std::uint32_t branch;                ///< decider, or kNone
      std::uint32_t multiplier, distinct;  ///< fields, or kNone
    };
    std::vector<Step> steps;
    std::unique_ptr<Matcher> matcher;  ///< nullptr: nothing to decide
    std::uint32_t deciders = 0;
  };
  static constexpr std::uint32_t kNone = UINT32_MAX;

  /// The class of a kind as the activity writes it; nullptr where it is blank: such an activity counts
  /// nowhere. Valid as long as the program.
  const KindClass* classify(std::string_view kind);

  /// What an activity does, at least one effect: for plan.fold(). `row` answers fields() at the indexes that
  /// the class names, the rest is not read (empty where no row is given). An infinite `at` counts nowhere: no
  /// effects. Valid until the next call.
  std::span<const Effect> effects(const KindClass& kind, Micros at, std::span<const Value> row);
  /// Folds one activity in, as of `now`.
  void record(Engagement& state, Arena& arena, const KindClass& kind, Micros at, std::span<const Value> row,
              Micros now);

  /// An empty state of this plan.
  Engagement start() const noexcept;
  EngagementWriter& writer() noexcept { return writer_; }

 private:
  struct TrackerQuestions;
  const KindClass* look_up(std::string_view kind);
  const KindClass* make_class(std::string_view folded_kind);
  std::unique_ptr<KindClass> build(const std::vector<std::uint32_t>& trackers);

  const Ruleset& rules_;
  const EngagementPlan& plan_;
  FieldList fields_;
  RowShape shape_;
  std::vector<TrackerQuestions> questions_;
  std::vector<std::uint32_t> every_kind_;  ///< trackers with on "*"
  std::unordered_map<std::string, std::vector<std::uint32_t>>
      by_kind_;                                                ///< folded kind -> trackers with it in `on`
  std::vector<std::unordered_map<std::string, bool>> except_;  ///< per tracker, folded
  std::map<std::vector<std::uint32_t>, std::unique_ptr<KindClass>> classes_;
  /// Of a kind as it is written, without making a string of it.
  struct KindHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view kind) const noexcept;
  };
  std::unordered_map<std::string, const KindClass*, KindHash, std::equal_to<>> known_;  ///< raw kind -> class
  /// The same for short kinds, looked up before: each has one place in it.
  struct Recent {
    std::array<std::uint64_t, 4>
        words{};           ///< the kind's bytes, the last eight of each half in its second word
    std::size_t size = 0;  ///< 0: none
    const KindClass* kind_class = nullptr;
  };
  static constexpr std::size_t kRecent = 64;
  std::array<Recent, kRecent> recent_;
  Folder folder_;
  EngagementWriter writer_;
  MatchResult result_;
  std::vector<std::uint32_t> answer_;  ///< decider -> branch of the current row, or kNone
  std::vector<Effect> effects_;
};

}  // namespace leadscore
