#include "core/parameters.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace leadscore {
namespace {

using Where = PointPlace::Where;

void zero_points(Rule& rule) {
  for (const PointPlace place : point_places(rule)) points_at(rule, place) = 0;
}

Json& member(Json& object, std::string_view name) {
  if (Json* const found = object.find(name)) return *found;
  throw Error(sqlstate::kWrongState, "the rule set's text has no \"" + std::string(name) + "\"");
}

}  // namespace

std::vector<PointPlace> point_places(const Rule& rule) {
  std::vector<PointPlace> places;
  const auto each = [&](Where where, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) places.push_back({where, i});
  };
  switch (rule.measure) {
    case Measure::lead_points:
      // A rule that disqualifies may do without points; where it has none, none are to be found for it.
      if (!rule.disqualify || rule.points != 0) each(Where::points, 1);
      break;
    case Measure::points:
    case Measure::count:
    case Measure::sum:
      each(Where::points, 1);
      break;
    case Measure::lead_cases:
    case Measure::cases:
      each(Where::one_case, rule.cases.size());
      break;
    case Measure::lead_map:
    case Measure::map:
      each(Where::map_entry, rule.map.size());
      break;
    case Measure::lead_bands:
    case Measure::count_bands:
    case Measure::sum_bands:
      each(Where::band, rule.bands.size());
      break;
    case Measure::recency:
      each(Where::recency, rule.recency.size());
      break;
    case Measure::idle:
      each(Where::idle, 1);
      break;
  }
  if (rule.otherwise) each(Where::otherwise, 1);
  if (rule.missing) each(Where::missing, 1);
  return places;
}

double& points_at(Rule& rule, PointPlace place) {
  switch (place.where) {
    case Where::points:
      return rule.points;
    case Where::one_case:
      return rule.cases[place.index].points;
    case Where::map_entry:
      return rule.map[place.index].points;
    case Where::otherwise:
      return *rule.otherwise;
    case Where::missing:
      return *rule.missing;
    case Where::band:
      return rule.bands[place.index].points;
    case Where::recency:
      return rule.recency[place.index].points;
    case Where::idle:
      break;
  }
  return rule.idle.points;
}

Json& points_at(Json& rule, PointPlace place) {
  switch (place.where) {
    case Where::points:
      return member(rule, "points");
    case Where::one_case:
      return member(member(rule, "cases").items[place.index], "points");
    case Where::map_entry:
      return member(rule, "map").members[place.index].second;
    case Where::otherwise:
      return member(rule, "else");
    case Where::missing:
      return member(rule, "missing");
    case Where::band:
      return member(member(rule, "bands").items[place.index], "points");
    case Where::recency:
      return member(member(rule, "recency").items[place.index], "points");
    case Where::idle:
      break;
  }
  return member(member(rule, "idle"), "points");
}

std::string place_name(const Rule& rule, PointPlace place) {
  const auto indexed = [&](std::string_view name) {
    return std::string(name) + "[" + std::to_string(place.index) + "]";
  };
  switch (place.where) {
    case Where::points:
      return "points";
    case Where::one_case:
      return indexed("cases");
    case Where::map_entry:
      return "map \"" + rule.map[place.index].value + "\"";
    case Where::otherwise:
      return "else";
    case Where::missing:
      return "missing";
    case Where::band:
      return indexed("bands");
    case Where::recency:
      return indexed("recency");
    case Where::idle:
      break;
  }
  return "idle";
}

Parameters::Parameters(const Ruleset& rules) : units_(rules) {
  units_.range = {};
  units_.decimals.reset();
  units_.tiers.clear();
  units_of_.resize(rules.dimensions.size());
  for (std::size_t d = 0; d < rules.dimensions.size(); ++d) {
    const Dimension& dimension = rules.dimensions[d];
    Dimension& unit = units_.dimensions[d];
    unit.rules.clear();
    unit.groups.clear();
    unit.grades.clear();
    for (std::size_t r = 0; r < dimension.rules.size(); ++r) {
      checkpoint();
      const Rule& rule = dimension.rules[r];
      if (is_lead(rule.measure)) {
        add_lead_rule(rule, d, r);
      } else {
        add_activity_rule(rule, d, r);
      }
    }
  }
  if (parameters_.empty())
    throw Error(sqlstate::kInvalidParameter, "the rule set has no points that could be fitted",
                "Rules that are off, that only disqualify, or whose dimension has the weight 0 have none.");
}

std::uint32_t Parameters::add(std::size_t dimension, std::size_t index, PointPlace place, double most) {
  if (parameters_.size() == kMaxParameters)
    throw Error(sqlstate::kLimitExceeded,
                "the rule set has more than " + std::to_string(kMaxParameters) + " numbers of points to fit",
                "Switch rules off, or pool the values of maps in \"else\".");
  parameters_.push_back({dimension, index, place, units_.dimensions[dimension].weight, most});
  return static_cast<std::uint32_t>(parameters_.size() - 1);
}

void Parameters::add_lead_rule(const Rule& rule, std::size_t dimension, std::size_t index) {
  Rule& copy = units_.dimensions[dimension].rules.emplace_back(rule);
  Unit& unit = units_of_[dimension].emplace_back();
  copy.group.reset();
  copy.promote_to.reset();
  copy.disqualify = false;
  if (rule.off || units_.dimensions[dimension].weight == 0) return;
  unit.measures = true;
  // Every branch gives 1 point; which one it was tells the parameter.
  std::size_t branches = 1;
  if (rule.measure == Measure::lead_cases) branches = rule.cases.size();
  if (rule.measure == Measure::lead_map) branches = rule.map.size() + 2;
  if (rule.measure == Measure::lead_bands) branches = rule.bands.size() + 1;
  unit.of_branch.assign(branches, kNone);
  for (const PointPlace place : point_places(rule)) {
    std::size_t branch = place.index;
    if (place.where == Where::otherwise) branch = rule.map.size();
    if (place.where == Where::missing) branch = branches - 1;
    points_at(copy, place) = 1;
    unit.of_branch[branch] = add(dimension, index, place, std::numeric_limits<double>::infinity());
  }
}

void Parameters::add_activity_rule(const Rule& rule, std::size_t dimension, std::size_t index) {
  const std::vector<PointPlace> places = point_places(rule);
  const auto add_unit = [&]() -> Rule& {
    Rule& copy = units_.dimensions[dimension].rules.emplace_back(rule);
    units_of_[dimension].emplace_back();
    copy.group.reset();
    copy.promote_to.reset();
    copy.disqualify = false;
    copy.max_points.reset();
    zero_points(copy);
    return copy;
  };
  if (rule.off || units_.dimensions[dimension].weight == 0) {
    add_unit();
    return;
  }
  // A rule for each number of points: what one event gives and how much of it is left depends on all that the
  // rule says, and only the rule's own evaluation knows.
  for (const PointPlace place : places) {
    Rule& copy = add_unit();
    points_at(copy, place) = 1;
    double most = std::numeric_limits<double>::infinity();
    if (rule.max_points && places.size() == 1) {
      Rule written = rule;
      const double points = std::abs(points_at(written, place));
      most = *rule.max_points / (points == 0 ? 1 : points);
      copy.max_points = most;
    }
    Unit& unit = units_of_[dimension].back();
    unit.measures = true;
    unit.first = add(dimension, index, place, most);
  }
}

void Parameters::amounts(const Evaluation& lead, std::vector<Amount>& out) const {
  out.clear();
  for (const RulePart& part : lead.parts) {
    const Unit& unit = units_of_[part.dimension][part.rule];
    if (!unit.measures || part.points == 0) continue;
    const std::uint32_t parameter = unit.of_branch.empty() ? unit.first : unit.of_branch[part.branch];
    if (parameter == kNone) continue;
    const double value = part.points * parameters_[parameter].weight;
    if (!std::isfinite(value)) {
      const Parameter& p = parameters_[parameter];
      throw Error(sqlstate::kInvalidParameter,
                  "rule " + units_.dimensions[p.dimension].rules[part.rule].id + " gives no finite number",
                  "What it multiplies by, or sums up, is too large.");
    }
    out.push_back({parameter, value});
  }
  std::sort(out.begin(), out.end(),
            [](const Amount& a, const Amount& b) { return a.parameter < b.parameter; });
}

}  // namespace leadscore
