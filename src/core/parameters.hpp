// The points of a rule set as what a fit may choose. Without limits a lead's total is linear in them: each
// number of points is multiplied by how much of it the lead has (0 or 1 for a condition, a faded count for
// events). That amount is the number's unit contribution, the feature that a fit sees.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "core/lead_program.hpp"
#include "core/ruleset.hpp"

namespace leadscore {

/// Most numbers of points that can be fitted together: the work of a fit grows with their square and cube.
inline constexpr std::size_t kMaxParameters = 1'000;

/// Where in a rule a number of points stands.
struct PointPlace {
  enum class Where : std::uint8_t { points, one_case, map_entry, otherwise, missing, band, recency, idle };
  Where where = Where::points;
  std::size_t index = 0;  ///< of the case, map entry, band or recency entry
};

/// The places of a rule's points, in the order in which they are written. A rule that only disqualifies has
/// none.
std::vector<PointPlace> point_places(const Rule& rule);
/// The number there.
double& points_at(Rule& rule, PointPlace place);
/// The same in the JSON that the rule was read from.
Json& points_at(Json& rule, PointPlace place);
/// The way to it from the rule, for people: "points", "cases[2]", "map \"Retail\"", "missing", …
std::string place_name(const Rule& rule, PointPlace place);

/// A number of points to be fitted.
struct Parameter {
  std::size_t dimension = 0, rule = 0;
  PointPlace place;
  double weight = 1;  ///< of the dimension
  /// Where the rule has max_points: how many times its points it may give at most, else infinite.
  double most = 0;
};

/// How much a lead has of a parameter.
struct Amount {
  std::uint32_t parameter = 0;
  double value = 0;  ///< of 1 point, the dimension's weight included; not 0
  bool operator==(const Amount&) const = default;
};

/// The parameters of a rule set and the rule set by which they are measured.
///
/// Parameters are all points of rules that are not off, in dimensions whose weight is not 0. What is measured
/// leaves aside the limits of groups, dimensions and range, idling of dimensions and rounding. A rule's own
/// max_points counts in multiples of its points (of 1 where they are 0) if the rule has one number of points,
/// else not at all.
class Parameters {
 public:
  /// Throws Error (54000) beyond kMaxParameters, (22023) where there is none.
  explicit Parameters(const Ruleset& rules);

  std::size_t size() const noexcept { return parameters_.size(); }
  const Parameter& operator[](std::size_t index) const noexcept { return parameters_[index]; }
  /// A rule set to evaluate leads with (Purpose::explain): it asks and remembers what the original does, so
  /// that states of the one are states of the other.
  const Ruleset& units() const noexcept { return units_; }
  /// What a lead that was evaluated with units() has, ascending by parameter. Throws Error (22023) where an
  /// amount is not finite.
  void amounts(const Evaluation& lead, std::vector<Amount>& out) const;

 private:
  /// What a rule of units() stands for.
  struct Unit {
    std::uint32_t first = 0;               ///< parameter; of a lead rule that of branch 0
    std::vector<std::uint32_t> of_branch;  ///< of a lead rule; kNone: none
    bool measures = false;
  };
  static constexpr std::uint32_t kNone = UINT32_MAX;

  void add_lead_rule(const Rule& rule, std::size_t dimension, std::size_t index);
  void add_activity_rule(const Rule& rule, std::size_t dimension, std::size_t index);
  std::uint32_t add(std::size_t dimension, std::size_t index, PointPlace place, double most);

  std::vector<Parameter> parameters_;
  Ruleset units_;
  std::vector<std::vector<Unit>> units_of_;  ///< by dimension and rule of units_
};

}  // namespace leadscore
