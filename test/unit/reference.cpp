// The naive scorer. Written for reading, not for speed.
#include "reference.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/json.hpp"
#include "core/text.hpp"
#include "reference_condition.hpp"

namespace leadscore::reference {
namespace {

/// Bounds look at the value rounded to 9 decimals.
double to_nine(double value) {
  if (std::fabs(value) >= 9e6) return value;  // a double has no 9 decimals there
  return static_cast<double>(std::round(static_cast<long double>(value) * 1e9L) / 1e9L);
}

/// Half away from zero, of the value rounded to 9 decimals; on whole billionths, so that nothing is lost.
double to_decimals(double value, int decimals) {
  if (std::fabs(value) >= 9e6) {
    const long double unit = std::pow(10.0L, -decimals);
    return static_cast<double>(std::round(static_cast<long double>(value) / unit) * unit);
  }
  const long long billionths = std::llround(static_cast<long double>(value) * 1e9L);
  long long unit = 1;
  for (int i = decimals; i < 9; ++i) unit *= 10;
  const long long magnitude = (std::llabs(billionths) + unit / 2) / unit * unit;
  return static_cast<double>(static_cast<long double>(billionths < 0 ? -magnitude : magnitude) / 1e9L);
}

/// An event that a rule selects.
struct Selected {
  Micros at = 0;
  double multiplier = 1;
  std::size_t rank = 0;  ///< the earlier case counts first
  double points = 0;
  std::optional<std::string> value;  ///< of `distinct`
};

bool counts_first(const Selected& a, const Selected& b) {
  if (a.at != b.at) return a.at > b.at;
  if (std::fabs(a.multiplier) != std::fabs(b.multiplier)) {
    return std::fabs(a.multiplier) > std::fabs(b.multiplier);
  }
  if (a.rank != b.rank) return a.rank < b.rank;
  return a.multiplier > b.multiplier;
}

struct Contribution {
  double points = 0;
  bool fired = false;
  double magnitude = 0;
};

class Scorer {
 public:
  Scorer(const Ruleset& rules, const Row& lead, const std::vector<Activity>& activities, Micros as_of)
      : rules_(rules), lead_(lead), activities_(activities), as_of_(as_of) {}

  Result run() {
    double total = 0;
    for (std::size_t d = 0; d < rules_.dimensions.size(); ++d) {
      const Dimension& dimension = rules_.dimensions[d];
      const double value = dimension_value(dimension);
      result_.dimensions.push_back(value);
      total += dimension.weight * value;
      for (const Grade& grade : dimension.grades) {
        if (grade.at && *grade.at > to_nine(value)) continue;
        result_.grade = result_.grade.value_or("") + grade.name;
        break;
      }
    }
    if (rules_.range.min) total = std::max(total, *rules_.range.min);
    if (rules_.range.max) total = std::min(total, *rules_.range.max);
    if (rules_.decimals) total = to_decimals(total, *rules_.decimals);
    result_.total = total;
    choose_tier();
    return result_;
  }

 private:
  bool lead_holds(const std::optional<Condition>& condition) const {
    return !condition || holds(*condition, rules_, lead_, as_of_);
  }

  // Dimensions ------------------------------------------------------------------------------------------

  double dimension_value(const Dimension& dimension) {
    std::vector<double> groups(dimension.groups.size(), 0);
    double value = 0;
    for (const Rule& rule : dimension.rules) {
      if (rule.off) continue;
      const Contribution part = is_lead(rule.measure) ? lead_rule(rule) : activity_rule(rule);
      if (part.fired && rule.promote_to) promoted_to_.insert(*rule.promote_to);
      if (part.points != 0) result_.rules[rule.id] = part.points;
      result_.scale += part.magnitude * std::max(1.0, std::fabs(dimension.weight));
      (rule.group ? groups[*rule.group] : value) += part.points;
    }
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const Bounds& bounds = dimension.groups[g].bounds;
      double sum = groups[g];
      if (bounds.min) sum = std::max(sum, *bounds.min);
      if (bounds.max) sum = std::min(sum, *bounds.max);
      result_.scale += std::fabs(sum * dimension.weight);
      value += sum;
    }
    if (dimension.idle && value > 0) {
      if (const auto latest = latest_of(dimension.idle->on, dimension.idle->except, nullptr)) {
        for (std::int64_t n = idle_steps(*dimension.idle, *latest); n > 0; --n) value *= dimension.idle->keep;
      }
    }
    if (dimension.bounds.min) value = std::max(value, *dimension.bounds.min);
    if (dimension.bounds.max) value = std::min(value, *dimension.bounds.max);
    result_.scale += std::fabs(value * dimension.weight);
    return value;
  }

  static Contribution given(const Rule& rule, double points, bool fired) {
    Contribution part{points, fired, std::fabs(points)};
    if (rule.max_points) part.points = std::clamp(points, -*rule.max_points, *rule.max_points);
    return part;
  }

  // Lead rules ------------------------------------------------------------------------------------------

  Contribution lead_rule(const Rule& rule) {
    switch (rule.measure) {
      case Measure::lead_points:
        if (!lead_holds(rule.when)) return {};
        if (rule.disqualify) result_.disqualified = true;
        return given(rule, rule.points, true);
      case Measure::lead_cases:
        for (const Case& option : rule.cases) {
          if (lead_holds(option.condition)) return given(rule, option.points, true);
        }
        return {};
      case Measure::lead_map: {
        const auto found = mapped(rule, lead_);
        const double points = found ? found->points : 0;
        return given(rule, points, points != 0);
      }
      default: {
        double points = rule.missing.value_or(0);
        if (const auto value = number_of(field_of(lead_, rule.field))) points = band(rule.bands, *value);
        return given(rule, points, points != 0);
      }
    }
  }

  static double band(const std::vector<Band>& bands, double value) {
    for (const Band& candidate : bands) {
      if (!candidate.below || *candidate.below > value) return candidate.points;
    }
    return 0;
  }

  struct Mapped {
    double points;
    std::size_t rank;
  };
  /// nullopt: the value is not in the map and there is no `else` (NULL: no `missing`).
  std::optional<Mapped> mapped(const Rule& rule, const Row& row) const {
    std::map<std::string, double> by_value;
    for (const MapEntry& entry : rule.map) by_value[folded(entry.value, rules_.accents)] = entry.points;
    const auto written = text_form(field_of(row, rule.field));
    if (!written) {
      if (!rule.missing) return std::nullopt;
      return Mapped{*rule.missing, by_value.size() + 1};
    }
    std::size_t rank = 0;
    for (const auto& [value, points] : by_value) {
      if (value == folded(*written, rules_.accents)) return Mapped{points, rank};
      ++rank;
    }
    if (!rule.otherwise) return std::nullopt;
    return Mapped{*rule.otherwise, by_value.size()};
  }

  // Activity rules --------------------------------------------------------------------------------------

  bool in_kinds(const KindSet& set, const std::string& kind) const {
    if (set.every) return true;
    for (const std::string& written : set.kinds) {
      if (folded(written, rules_.accents) == folded(kind, rules_.accents)) return true;
    }
    return false;
  }

  bool has_happened(const Activity& activity) const {
    return activity.kind && !is_blank(*activity.kind) && is_finite(activity.at) && activity.at <= as_of_;
  }

  bool selects(const KindSet& on, const KindSet& except, const Condition* where,
               const Activity& activity) const {
    if (!has_happened(activity)) return false;
    if (!in_kinds(on, *activity.kind) || in_kinds(except, *activity.kind)) return false;
    return where == nullptr || holds(*where, rules_, activity.row, activity.at);
  }

  std::optional<Micros> latest_of(const KindSet& on, const KindSet& except, const Condition* where) const {
    std::optional<Micros> latest;
    for (const Activity& activity : activities_) {
      if (!selects(on, except, where, activity)) continue;
      latest = latest ? std::max(*latest, activity.at) : activity.at;
    }
    return latest;
  }

  std::int64_t idle_steps(const Idle& idle, Micros since) const {
    const Micros age = as_of_ - since;
    if (age < idle.after) return 0;
    return 1 + (idle.every ? (age - idle.after) / *idle.every : 0);
  }

  static double held_multiplier(const Datum& datum) {
    const auto value = number_of(datum);
    if (!value || std::isnan(*value)) return 0;
    return std::clamp(*value, -1e100, 1e100);
  }

  /// What the event is worth before it fades; nullopt: it fits no case, or its value is not in the map.
  std::optional<Selected> as_selected(const Rule& rule, const Activity& activity) const {
    Selected event;
    event.at = activity.at;
    if (rule.multiply_by) event.multiplier = held_multiplier(field_of(activity.row, *rule.multiply_by));
    if (rule.measure == Measure::sum || rule.measure == Measure::sum_bands) {
      event.multiplier = held_multiplier(field_of(activity.row, rule.sum_field));
    }
    if (rule.distinct) event.value = text_form(field_of(activity.row, *rule.distinct));
    event.points = rule.points;
    if (rule.measure == Measure::cases) {
      for (; event.rank < rule.cases.size(); ++event.rank) {
        const Case& option = rule.cases[event.rank];
        if (option.condition && !holds(*option.condition, rules_, activity.row, activity.at)) continue;
        event.points = option.points;
        return event;
      }
      return std::nullopt;
    }
    if (rule.measure == Measure::map) {
      const auto found = mapped(rule, activity.row);
      if (!found) return std::nullopt;
      event.points = found->points;
      event.rank = found->rank;
    }
    return event;
  }

  /// within, distinct, max_per_day, max_events, in this order.
  std::vector<Selected> counted(const Rule& rule) const {
    std::vector<Selected> events;
    for (const Activity& activity : activities_) {
      if (!selects(rule.on, rule.except, rule.where ? &*rule.where : nullptr, activity)) continue;
      if (rule.within && as_of_ - activity.at >= *rule.within) continue;
      if (auto event = as_selected(rule, activity)) events.push_back(*event);
    }
    std::stable_sort(events.begin(), events.end(), counts_first);
    if (rule.distinct) {
      std::set<std::string> seen;
      std::erase_if(events, [&](const Selected& e) { return e.value && !seen.insert(*e.value).second; });
      const auto looked_at =
          static_cast<std::size_t>(std::max<std::int64_t>(1000, rule.max_events.value_or(0)));
      if (rule.max_per_day && events.size() > looked_at) events.resize(looked_at);
    }
    if (rule.max_per_day) {
      std::map<std::int64_t, std::int64_t> of_day;
      std::erase_if(events, [&](const Selected& e) {
        return ++of_day[day_number(e.at, rules_.utc_offset)] > *rule.max_per_day;
      });
    }
    std::optional<std::int64_t> limit = rule.max_events;
    const bool adds_up =
        is_per_event(rule.measure) || rule.measure == Measure::sum || rule.measure == Measure::sum_bands;
    const bool keeps = rule.within || rule.distinct || rule.max_per_day || rule.fade == Fade::fades_over ||
                       rule.fade == Fade::steps;
    if (adds_up && keeps && !limit) limit = 1000;
    if (limit && events.size() > static_cast<std::size_t>(*limit)) {
      events.resize(static_cast<std::size_t>(*limit));
    }
    return events;
  }

  static double keep(const Rule& rule, Micros age) {
    switch (rule.fade) {
      case Fade::none:
        return 1;
      case Fade::half_life:
        return std::exp2(-static_cast<double>(age) / static_cast<double>(rule.half_life));
      case Fade::fades_over:
        return age < rule.fades_over ? 1 - static_cast<double>(age) / static_cast<double>(rule.fades_over)
                                     : 0;
      case Fade::steps: {
        double kept = 1;
        for (const FadeStep& step : rule.steps) {
          if (step.after <= age) kept = step.keep;
        }
        return kept;
      }
    }
    return 0;
  }

  Contribution per_event(const Rule& rule) const {
    Contribution sum;
    for (const Selected& event : counted(rule)) {
      const double kept = keep(rule, as_of_ - event.at);
      const double points = event.points * event.multiplier * kept;
      sum.points += points;
      sum.magnitude += std::fabs(points);
      // 2^-x is never 0, whatever a double makes of it.
      const bool keeps_some = kept > 0 || rule.fade == Fade::half_life;
      if (keeps_some && (rule.measure != Measure::map || event.points != 0)) sum.fired = true;
    }
    if (rule.max_points) sum.points = std::clamp(sum.points, -*rule.max_points, *rule.max_points);
    return sum;
  }

  Contribution activity_rule(const Rule& rule) const {
    if (!lead_holds(rule.when)) return {};
    switch (rule.measure) {
      case Measure::count:
      case Measure::count_bands:
      case Measure::sum:
      case Measure::sum_bands: {
        const std::vector<Selected> events = counted(rule);
        double value = static_cast<double>(events.size());
        if (rule.measure == Measure::sum || rule.measure == Measure::sum_bands) {
          value = 0;
          for (const Selected& event : events) value += event.multiplier;
          value = to_nine(value);
        }
        if (rule.measure == Measure::count || rule.measure == Measure::sum) {
          return passes(rule.test, value) ? given(rule, rule.points, true) : Contribution{};
        }
        const double points = band(rule.bands, value);
        return given(rule, points, points != 0);
      }
      case Measure::recency: {
        const auto latest = latest_of(rule.on, rule.except, rule.where ? &*rule.where : nullptr);
        if (!latest) return {};
        for (const RecencyStep& step : rule.recency) {
          if (as_of_ - *latest < step.within) return given(rule, step.points, true);
        }
        return {};
      }
      case Measure::idle: {
        auto since = latest_of(rule.on, rule.except, rule.where ? &*rule.where : nullptr);
        if (!since && rule.idle.since) since = instant_of(field_of(lead_, *rule.idle.since));
        if (!since || !is_finite(*since)) return {};
        const std::int64_t steps = idle_steps(rule.idle, *since);
        return given(rule, rule.idle.points * static_cast<double>(steps), steps > 0);
      }
      default:
        return per_event(rule);
    }
  }

  static bool passes(const NumberTest& test, double value) {
    if (test.eq && value != *test.eq) return false;
    if (test.lt && value >= *test.lt) return false;
    if (test.lte && value > *test.lte) return false;
    if (test.gt && value <= *test.gt) return false;
    return !(test.gte && value < *test.gte);
  }

  // Tiers -----------------------------------------------------------------------------------------------

  bool holds_but_for_at(const Tier& tier) const {
    for (const DimensionMinimum& minimum : tier.dimensions) {
      if (to_nine(result_.dimensions[minimum.dimension]) < minimum.at) return false;
    }
    if (tier.asks_grade) {
      if (!result_.grade) return false;
      if (std::find(tier.grades.begin(), tier.grades.end(), *result_.grade) == tier.grades.end())
        return false;
    }
    return lead_holds(tier.when);
  }

  void choose_tier() {
    for (std::size_t t = rules_.tiers.size(); t-- > 0;) {
      const Tier& tier = rules_.tiers[t];
      if (!holds_but_for_at(tier)) continue;
      const bool reached = !tier.at || *tier.at <= to_nine(result_.total);
      if (reached) result_.own_tier_index = t;
      if (reached || promoted_to_.contains(tier.name)) result_.tier_index = t;
    }
    if (result_.tier_index) result_.tier = rules_.tiers[*result_.tier_index].name;
    if (result_.disqualified) result_.tier = rules_.disqualified_tier;
  }

  const Ruleset& rules_;
  const Row& lead_;
  const std::vector<Activity>& activities_;
  Micros as_of_;
  Result result_;
  std::set<std::string> promoted_to_;
};

}  // namespace

Result score(const Ruleset& rules, const Row& lead, const std::vector<Activity>& activities, Micros as_of) {
  return Scorer(rules, lead, activities, as_of).run();
}

}  // namespace leadscore::reference
