// An evaluation as lines whose points add up to the total.
#include "core/explain.hpp"

#include <algorithm>
#include <cmath>

#include "core/json.hpp"
#include "core/rounding.hpp"

namespace leadscore {
namespace {

/// Two decimals are enough for people; small numbers keep two digits.
std::string amount(double value) {
  const double size = std::fabs(value);
  return format_number(size >= 0.1 || size == 0 ? round_decimals(value, 2) : round_decimals(value, 4));
}

std::string plural(double n, const char* word) { return amount(n) + " " + word + (n == 1 ? "" : "s"); }

/// `every` stands for the kinds of a rule on all of them.
std::string kinds_in_words(const Rule& rule, const char* every) {
  std::string out;
  if (rule.on.every) {
    out = every;
  } else if (!rule.on.list_name.empty()) {
    out = "@" + rule.on.list_name;
  } else {
    for (std::size_t i = 0; i < rule.on.kinds.size(); ++i) out += (i == 0 ? "" : "/") + rule.on.kinds[i];
  }
  if (!rule.except.list_name.empty()) return out + " but @" + rule.except.list_name;
  for (std::size_t i = 0; i < rule.except.kinds.size(); ++i)
    out += (i == 0 ? " but " : "/") + rule.except.kinds[i];
  return out;
}

std::string test_in_words(const NumberTest& test) {
  std::string out;
  const auto add = [&](const std::optional<double>& bound, const char* sign) {
    if (bound) out += (out.empty() ? "" : " and ") + std::string(sign) + " " + format_number(*bound);
  };
  add(test.eq, "=");
  add(test.gte, "≥");
  add(test.gt, ">");
  add(test.lte, "≤");
  add(test.lt, "<");
  return out;
}

std::string ago(Micros as_of, Micros at) {
  const Micros age = difference(as_of, at);
  return age < kDay ? "less than a day ago" : format_duration(age / kDay * kDay) + " ago";
}

class Explainer {
 public:
  Explainer(const Ruleset& rules, const Evaluation& e, std::span<const FieldRequest> fields,
            std::span<const Value> row, Micros as_of)
      : rules_(rules), e_(e), fields_(fields), row_(row), as_of_(as_of) {}

  std::vector<Line> lines() {
    std::vector<const RulePart*> parts;
    for (const RulePart& part : e_.parts) parts.push_back(&part);
    std::sort(parts.begin(), parts.end(), [](const RulePart* a, const RulePart* b) {
      return std::pair(a->dimension, a->rule) < std::pair(b->dimension, b->rule);
    });
    std::size_t bucket = 0, part = 0;
    for (std::size_t d = 0; d < rules_.dimensions.size(); ++d) {
      for (; part < parts.size() && parts[part]->dimension == d; ++part) rule_line(*parts[part]);
      adjustment_lines(d, bucket);
      bucket += 1 + rules_.dimensions[d].groups.size();
    }
    range_lines();
    tier_line();
    return std::move(lines_);
  }

 private:
  const Rule& rule_of(const RulePart& part) const {
    return rules_.dimensions[part.dimension].rules[part.rule];
  }

  void add(std::optional<std::string> dimension, std::optional<std::string> rule, std::string label,
           double points, std::string reason) {
    lines_.push_back({std::move(dimension), std::move(rule), std::move(label), points, std::move(reason)});
  }

  void rule_line(const RulePart& part) {
    const Rule& rule = rule_of(part);
    const bool noted = rule.disqualify || (rule.promote_to && part.fired);
    if (part.points == 0 && !noted) return;
    std::string reason = is_lead(rule.measure) ? lead_reason(rule, part) : activity_reason(rule, part.tally);
    if (rule.disqualify) reason += "; disqualifies";
    if (rule.promote_to && part.fired) reason += "; promotes to " + *rule.promote_to;
    add(rules_.dimensions[part.dimension].name, rule.id, rule.label.empty() ? rule.id : rule.label,
        part.points, std::move(reason));
  }

  std::string value_of(const std::string& field) const {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (fields_[i].path == field && !fields_[i].as_text) return describe(row_[i]);
    }
    return "unknown";
  }

  /// " (industry = "Energy", employees = 120)": the values that a condition looked at.
  std::string values_of(const Condition& condition) const {
    FieldList fields;
    fields.add(condition, rules_.segments, {});
    std::string out;
    for (const FieldRequest& field : fields.requests()) {
      out += (out.empty() ? "" : ", ") + field.path + " = " + value_of(field.path);
    }
    return out.empty() ? out : " (" + out + ")";
  }

  std::string holds(const Condition& condition) const {
    return describe(condition, rules_) + values_of(condition);
  }

  std::string lead_reason(const Rule& rule, const RulePart& part) const {
    switch (rule.measure) {
      case Measure::lead_points:
        return rule.when ? holds(*rule.when) : "always";
      case Measure::lead_cases: {
        const Case& c = rule.cases[part.branch];
        return c.condition ? holds(*c.condition) : "no other case holds";
      }
      case Measure::lead_map:
        if (part.branch < rule.map.size()) return rule.field + " = " + value_of(rule.field);
        if (part.branch == rule.map.size())
          return rule.field + " = " + value_of(rule.field) + ", any other value";
        return rule.field + " is unknown";
      default:
        if (part.branch >= rule.bands.size()) return rule.field + " is unknown";
        return rule.field + " = " + value_of(rule.field) + ", " + band_in_words(rule, part.branch);
    }
  }

  static std::string band_in_words(const Rule& rule, std::size_t i) {
    std::string out;
    if (i > 0) out = "from " + format_number(*rule.bands[i - 1].below);
    if (rule.bands[i].below)
      out += (out.empty() ? "below " : " to below ") + format_number(*rule.bands[i].below);
    return out.empty() ? "any number" : out;
  }

  /// ", from 10 to below 500": the band that a number lies in.
  static std::string band_of(const Rule& rule, double value) {
    std::size_t i = 0;
    while (i < rule.bands.size() && rule.bands[i].below && value >= *rule.bands[i].below) ++i;
    return i < rule.bands.size() ? ", " + band_in_words(rule, i) : std::string();
  }

  /// What the rule selects: its kinds, and what it asks of the activity.
  std::string events_in_words(const Rule& rule, const char* every = "any kind") const {
    return kinds_in_words(rule, every) +
           (rule.where ? " where " + describe(*rule.where, rules_) : std::string());
  }

  std::string activity_reason(const Rule& rule, const Tally& tally) const {
    std::string out;
    switch (rule.measure) {
      case Measure::recency:
        out = "latest " + events_in_words(rule, "activity") + " " + ago(as_of_, tally.latest);
        break;
      case Measure::idle:
        out = (tally.latest == kMinusInfinity
                   ? "never any " + events_in_words(rule, "activity") + ", counted since " +
                         rule.idle.since.value_or("") + " " + value_of(rule.idle.since.value_or(""))
                   : "latest " + events_in_words(rule, "activity") + " " + ago(as_of_, tally.latest)) +
              ", idle after " + format_duration(rule.idle.after);
        if (rule.idle.every) out += " and every " + format_duration(*rule.idle.every);
        break;
      case Measure::sum:
      case Measure::sum_bands:
        out = rule.sum_field + " of " + events_in_words(rule) + " sums up to " + amount(tally.sum);
        out +=
            rule.measure == Measure::sum ? ", " + test_in_words(rule.test) : band_of(rule, round9(tally.sum));
        break;
      default:
        out = counted_in_words(rule, tally);
        break;
    }
    out += window_in_words(rule);
    if (rule.when) out += "; lead: " + describe(*rule.when, rules_);
    if (rule.max_points && std::fabs(tally.unclamped) > *rule.max_points) {
      out += "; " + amount(tally.unclamped) + " held to " + format_number(*rule.max_points);
    }
    return out;
  }

  /// A state that keeps events for a count keeps only as many as the test can ask for.
  std::string counted_in_words(const Rule& rule, const Tally& tally) const {
    const bool capped = (rule.measure == Measure::count || rule.measure == Measure::count_bands) &&
                        keeps_events(rule) && tally.counted >= static_cast<double>(needed_count(rule));
    std::string out = capped ? "at least " : "";
    out += plural(tally.counted, "event") + " of " + events_in_words(rule);
    if (rule.distinct) out += " by distinct " + *rule.distinct;
    if (rule.measure == Measure::count) out += ", " + test_in_words(rule.test);
    if (rule.measure == Measure::count_bands) out += band_of(rule, tally.counted);
    if (!is_per_event(rule.measure)) return out;
    if (rule.multiply_by) out += ", times " + *rule.multiply_by;
    if (rule.fade == Fade::half_life) out += ", half-life " + format_duration(rule.half_life);
    if (rule.fade == Fade::fades_over) out += ", fading over " + format_duration(rule.fades_over);
    if (rule.fade == Fade::steps) out += ", fading in steps";
    if (rule.fade != Fade::none && tally.worth_unfaded != 0) {
      out += ": " + amount(tally.unclamped) + " left of " + amount(tally.worth_unfaded);
    }
    return out;
  }

  static std::string window_in_words(const Rule& rule) {
    std::string out;
    if (rule.within) out += ", within " + format_duration(*rule.within);
    if (rule.max_per_day) out += ", at most " + std::to_string(*rule.max_per_day) + " a day";
    if (rule.max_events) out += ", at most " + std::to_string(*rule.max_events);
    return out;
  }

  /// What a bound took off or added, where it did.
  void bound_line(const std::string& dimension, const std::string& label, const Bounds& bounds,
                  double value) {
    const double held = bounds.clamp(value);
    if (held == value) return;
    const bool above = value > held;
    add(dimension, std::nullopt, label, held - value,
        amount(value) + " held to the " + (above ? "maximum " : "minimum ") + format_number(held));
  }

  void adjustment_lines(std::size_t d, std::size_t bucket) {
    const Dimension& dimension = rules_.dimensions[d];
    for (std::size_t g = 0; g < dimension.groups.size(); ++g) {
      const Group& group = dimension.groups[g];
      bound_line(dimension.name, "group " + group.name, group.bounds, e_.buckets[bucket + 1 + g]);
    }
    if (e_.before_clamp[d] != e_.before_idle[d]) {
      add(dimension.name, std::nullopt, "idle", e_.before_clamp[d] - e_.before_idle[d],
          "idle for " + std::to_string(e_.idle_steps[d]) +
              (e_.idle_steps[d] == 1 ? " step" : " steps, each") + " times " +
              format_number(dimension.idle->keep) + ": " + amount(e_.before_clamp[d]) + " left of " +
              amount(e_.before_idle[d]));
    }
    bound_line(dimension.name, "dimension " + dimension.name, dimension.bounds, e_.before_clamp[d]);
    if (dimension.weight != 1 && e_.dimensions[d] != 0) {
      add(dimension.name, std::nullopt, "weight", (dimension.weight - 1) * e_.dimensions[d],
          amount(e_.dimensions[d]) + " counts " + format_number(dimension.weight) + " times");
    }
  }

  void range_lines() {
    if (e_.clamped != e_.weighted) {
      add(std::nullopt, std::nullopt, "range", e_.clamped - e_.weighted,
          amount(e_.weighted) + " held to the " + (e_.weighted > e_.clamped ? "maximum " : "minimum ") +
              format_number(e_.clamped));
    }
    if (e_.total != e_.clamped) {
      add(std::nullopt, std::nullopt, "rounding", e_.total - e_.clamped,
          "rounded to " + plural(*rules_.decimals, "decimal"));
    }
  }

  /// What a tier asks that the lead has ("…, fit 25 ≥ 10"), or lacks.
  std::string demands(std::size_t t, bool met) const {
    const Tier& tier = rules_.tiers[t];
    std::string out;
    const auto add_demand = [&](bool holds_now, const std::string& words) {
      if (holds_now == met) out += (out.empty() ? "" : ", ") + words;
    };
    if (tier.at) {
      const double total = round9(e_.total);
      add_demand(total >= *tier.at, met ? "total " + amount(total) + " ≥ " + format_number(*tier.at)
                                        : amount(*tier.at - total) + " more points");
    }
    for (const DimensionMinimum& m : tier.dimensions) {
      const double value = round9(e_.dimensions[m.dimension]);
      add_demand(value >= m.at, rules_.dimensions[m.dimension].name + " " + amount(value) +
                                    (met ? " ≥ " : " to reach ") + format_number(m.at));
    }
    if (tier.asks_grade) {
      const bool among = std::find(tier.grades.begin(), tier.grades.end(), e_.grade) != tier.grades.end();
      std::string wanted;
      for (const std::string& grade : tier.grades) wanted += (wanted.empty() ? "" : " or ") + grade;
      add_demand(among, met ? "grade " + e_.grade
                            : "grade " + wanted + (e_.grade.empty() ? "" : " instead of " + e_.grade));
    }
    if (tier.when) {
      const bool holds_now = e_.tier_condition[t];
      add_demand(holds_now, describe(*tier.when, rules_));
    }
    return out;
  }

  void tier_line() {
    const std::vector<Tier>& tiers = rules_.tiers;
    if (tiers.empty() && !e_.disqualified) return;
    const std::optional<std::string_view> name = e_.tier_name(rules_);
    std::string reason;
    if (e_.disqualified) {
      reason = "disqualified by rule " +
               rules_.dimensions[*e_.disqualified_by_dimension].rules[*e_.disqualified_by_rule].id;
    } else if (e_.tier && e_.tier != e_.own_tier) {
      reason =
          "promoted by rule " + rules_.dimensions[*e_.promoted_by_dimension].rules[*e_.promoted_by_rule].id;
    } else if (e_.tier) {
      reason = demands(*e_.tier, true);
      if (reason.empty()) reason = "the rest";
    } else {
      reason = "no tier holds";
    }
    // The nearest better tier of another name.
    if (!e_.disqualified) {
      for (std::size_t t = e_.tier.value_or(tiers.size()); t-- > 0;) {
        if (name && tiers[t].name == *name) continue;
        reason += "; next " + tiers[t].name + ": " + demands(t, false);
        break;
      }
    }
    add(std::nullopt, std::nullopt, "tier " + std::string(name.value_or("none")), 0, std::move(reason));
  }

  const Ruleset& rules_;
  const Evaluation& e_;
  std::span<const FieldRequest> fields_;
  std::span<const Value> row_;
  Micros as_of_;
  std::vector<Line> lines_;
};

}  // namespace

std::vector<Line> explain(const Ruleset& rules, const Evaluation& evaluation,
                          std::span<const FieldRequest> fields, std::span<const Value> row, Micros as_of) {
  return Explainer(rules, evaluation, fields, row, as_of).lines();
}

}  // namespace leadscore
