// A rule set as parsed and checked (docs/ruleset-language.md): the model that everything else reads.
// Parsing it is parse_ruleset's work (core/parse.hpp); running it is LeadProgram's and ActivityProgram's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/condition.hpp"
#include "core/text.hpp"

namespace leadscore {

inline constexpr std::size_t kMaxRules = 10'000;
inline constexpr double kMaxPoints = 1e9;  ///< |points|, |at|, |min|, |max|, … at most
inline constexpr std::int64_t kMaxKeptEvents =
    1'000'000;  ///< largest max_events and largest bound of a count that keeps times
/// Values that a rule set's own lists may amount to, counted once for each place that uses them.
inline constexpr std::size_t kMaxListValues = 250'000;
/// Instructions that all regular expressions of a rule set may compile to, together.
inline constexpr std::size_t kMaxPatternSize = 1'000'000;
inline constexpr std::int64_t kDefaultKeptEvents =
    1'000;  ///< max_events of forms that keep events, unless given

/// A list of activity kinds ("on", "except"); texts as written.
struct KindSet {
  bool every = false;  ///< "*"
  std::vector<std::string> kinds;
  std::string list_name;  ///< the list they came from, for explanations
};

/// A case of `cases`: the first whose condition holds gives the points.
struct Case {
  std::optional<Condition> condition;  ///< none: the rest
  double points = 0;
};

struct MapEntry {
  std::string value;  ///< as written; unique after folding
  double points = 0;
};

/// Half-open band: value < below. The last may have no bound.
struct Band {
  std::optional<double> below;
  double points = 0;
};

/// The test of `count` and `sum`: every bound given must hold. between gives gte and lte.
struct NumberTest {
  std::optional<double> eq, lt, lte, gt, gte;
  bool holds(double value) const noexcept;
};

struct RecencyStep {
  Micros within = 0;
  double points = 0;
};

/// Idling of a rule (`points` used) or a dimension (`keep` used).
struct Idle {
  Micros after = 0;
  std::optional<Micros> every;
  double points = 0;
  double keep = 1;
  std::optional<std::string> since;  ///< a field of the lead (rules only)
  KindSet on, except;                ///< of a dimension; a rule has its own
};

struct FadeStep {
  Micros after = 0;
  double keep = 1;
};

enum class Fade : std::uint8_t { none, half_life, fades_over, steps };

/// What a rule measures. lead_*: a rule about the lead row. The others: a rule about activities ("on" is
/// given).
enum class Measure : std::uint8_t {
  lead_points,  ///< when + points (and/or disqualify)
  lead_cases,
  lead_map,
  lead_bands,
  points,
  cases,
  map,  ///< per event
  count,
  sum,  ///< a test on the counted events, points once
  count_bands,
  sum_bands,
  recency,
  idle,
};

inline bool is_lead(Measure m) noexcept { return m <= Measure::lead_bands; }
inline bool is_per_event(Measure m) noexcept {
  return m == Measure::points || m == Measure::cases || m == Measure::map;
}

struct Rule {
  std::string id, label;
  std::string path;  ///< "$.dimensions[0].rules[3]"
  bool off = false;
  std::optional<std::size_t> group;  ///< index into Dimension::groups
  std::optional<std::string> promote_to;
  Measure measure = Measure::lead_points;

  std::optional<Condition> when;   ///< of the lead; of an activity rule a gate
  std::optional<Condition> where;  ///< of the activity (rule level)
  KindSet on, except;
  double points = 0;
  bool disqualify = false;
  std::vector<Case> cases;
  std::string field;  ///< of map and (lead) bands
  std::vector<MapEntry> map;
  std::optional<double> otherwise;  ///< "else"
  std::optional<double> missing;
  std::vector<Band> bands;
  NumberTest test;        ///< of count, sum
  std::string sum_field;  ///< of sum, sum_bands
  std::vector<RecencyStep> recency;
  Idle idle;

  Fade fade = Fade::none;
  Micros half_life = 0, fades_over = 0;
  std::vector<FadeStep> steps;  ///< ascending `after`
  std::optional<Micros> within;
  std::optional<std::string> distinct;
  std::optional<std::int64_t> max_per_day, max_events;
  std::optional<std::string> multiply_by;
  std::optional<double> max_points;
};

struct Bounds {
  std::optional<double> min, max;
  double clamp(double value) const noexcept {
    if (min) value = std::max(value, *min);
    if (max) value = std::min(value, *max);
    return value;
  }
};

struct Group {
  std::string name;
  Bounds bounds;
};

struct Grade {
  std::string name;
  std::optional<double> at;
};

struct Dimension {
  std::string name;
  Bounds bounds;
  double weight = 1;
  std::vector<Grade> grades;
  std::vector<Group> groups;
  std::optional<Idle> idle;
  std::vector<Rule> rules;
};

struct DimensionMinimum {
  std::size_t dimension = 0;
  double at = 0;
};

struct Tier {
  std::string name;
  std::optional<double> at;
  std::vector<DimensionMinimum> dimensions;
  std::vector<std::string> grades;  ///< empty: not asked
  bool asks_grade = false;
  std::optional<Condition> when;
};

/// How a total becomes the probability of being won: log odds = intercept + slope × total.
struct Probability {
  double intercept = 0;
  double slope = 0;  ///< of a point
  /// Between 0 and 1, whatever the total.
  double of(double total) const noexcept;
};

struct Segment {
  std::string name;
  Condition condition;
};

struct Ruleset {
  std::string name;
  Bounds range;
  std::optional<int> decimals;
  Accents accents = Accents::kept;
  std::int32_t utc_offset = 0;  ///< minutes east of UTC
  std::vector<Segment> segments;
  std::vector<Dimension> dimensions;
  std::vector<Tier> tiers;
  std::string disqualified_tier = "disqualified";
  std::optional<Probability> probability;

  std::size_t rule_count() const noexcept;
};

}  // namespace leadscore
