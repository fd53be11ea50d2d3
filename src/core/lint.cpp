// Warnings: what is well written but does nothing, or not what was probably meant.
#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "core/parse_scope.hpp"
#include "core/text.hpp"

namespace leadscore {
namespace {

std::string item_path(const std::string& array, std::size_t index) {
  return array + '[' + std::to_string(index) + ']';
}

bool never_holds(const std::optional<Condition>& condition, const ParseScope& scope) {
  return condition && truth_of(*condition, scope.segment_truths) == Truth::never;
}

bool always_holds(const std::optional<Condition>& condition, const ParseScope& scope) {
  return !condition || truth_of(*condition, scope.segment_truths) == Truth::always;
}

/// Is there a number that passes? `whole`: among 0, 1, … `most`.
bool can_pass(const NumberTest& test, bool whole, double most) {
  double low = whole ? 0 : -HUGE_VAL;
  double high = whole ? most : HUGE_VAL;
  bool low_open = false;
  bool high_open = false;
  if (test.gte) low = std::max(low, *test.gte);
  if (test.gt && *test.gt >= low) {
    low = *test.gt;
    low_open = true;
  }
  if (test.lte) high = std::min(high, *test.lte);
  if (test.lt && *test.lt <= high) {
    high = *test.lt;
    high_open = true;
  }
  if (test.eq)
    return test.holds(*test.eq) && (!whole || (std::floor(*test.eq) == *test.eq && *test.eq <= most));
  if (!whole) return low < high || (low == high && !low_open && !high_open);
  const double first = low_open ? std::floor(low) + 1 : std::ceil(low);
  const double last = high_open ? std::ceil(high) - 1 : std::floor(high);
  return first <= last;
}

double band_points(const std::vector<Band>& bands, double value) {
  for (const Band& band : bands) {
    if (!band.below || value < *band.below) return band.points;
  }
  return 0;
}

bool fires_without_events(const Rule& rule) {
  switch (rule.measure) {
    case Measure::count:
    case Measure::sum:
      return rule.test.holds(0);
    case Measure::count_bands:
    case Measure::sum_bands:
      return band_points(rule.bands, 0) != 0;
    case Measure::idle:
      return rule.idle.since.has_value();
    default:
      return false;
  }
}

template <typename Entries>
bool all_zero(const Entries& entries) {
  return std::all_of(entries.begin(), entries.end(), [](const auto& entry) { return entry.points == 0; });
}

bool gives_nothing(const Rule& rule) {
  switch (rule.measure) {
    case Measure::lead_points:
    case Measure::points:
    case Measure::count:
    case Measure::sum:
      return rule.points == 0;
    case Measure::lead_cases:
    case Measure::cases:
      return all_zero(rule.cases);
    case Measure::lead_map:
    case Measure::map:
      return all_zero(rule.map) && rule.otherwise.value_or(0) == 0 && rule.missing.value_or(0) == 0;
    case Measure::lead_bands:
    case Measure::count_bands:
    case Measure::sum_bands:
      return all_zero(rule.bands) && rule.missing.value_or(0) == 0;
    case Measure::recency:
      return all_zero(rule.recency);
    case Measure::idle:
      return rule.idle.points == 0;
  }
  return false;
}

/// A rule may give no points and yet promote; a map and bands promote by giving points.
bool promotes_without_points(const Rule& rule) {
  return rule.promote_to && rule.measure != Measure::lead_map && rule.measure != Measure::lead_bands &&
         rule.measure != Measure::map && rule.measure != Measure::count_bands &&
         rule.measure != Measure::sum_bands;
}

/// Does `except` take away all that `on` selects?
bool nothing_left(const KindSet& on, const KindSet& except, Accents accents) {
  if (except.every) return true;
  if (on.every || except.kinds.empty()) return false;
  std::set<std::string, std::less<>> taken;
  for (const std::string& kind : except.kinds) taken.insert(folded(kind, accents));
  return std::all_of(on.kinds.begin(), on.kinds.end(),
                     [&](const std::string& kind) { return taken.contains(folded(kind, accents)); });
}

void lint_cases(const Rule& rule, const ParseScope& scope) {
  for (std::size_t i = 0; i + 1 < rule.cases.size(); ++i) {
    if (!always_holds(rule.cases[i].condition, scope)) continue;
    scope.log.warning(item_path(rule.path + ".cases", i + 1),
                      "is never reached: the case before it always holds");
    return;
  }
}

/// Why no activity is ever counted, or empty; with the member that is to blame.
std::string_view why_no_events(const Rule& rule, const ParseScope& scope, std::string_view& member) {
  member = "on";
  if (!rule.on.every && rule.on.kinds.empty()) return "\"on\" selects no kind";
  member = "except";
  if (nothing_left(rule.on, rule.except, scope.accents))
    return "\"except\" takes away all that \"on\" selects";
  member = "where";
  if (never_holds(rule.where, scope)) return "its \"where\" never holds";
  member = "cases";
  if (rule.measure == Measure::cases && std::all_of(rule.cases.begin(), rule.cases.end(), [&](const Case& c) {
        return never_holds(c.condition, scope);
      })) {
    return "none of its cases ever holds";
  }
  member = "steps";
  if (rule.fade == Fade::steps && rule.steps.front().after == 0 &&
      std::all_of(rule.steps.begin(), rule.steps.end(), [](const FadeStep& s) { return s.keep == 0; })) {
    return "its steps keep nothing of any event";
  }
  return {};
}

/// True where a warning was given.
bool lint_firing(const Rule& rule, const ParseScope& scope) {
  if (never_holds(rule.when, scope)) {
    scope.log.warning(rule.path + ".when", "the rule can never fire: its \"when\" never holds");
    return true;
  }
  if (rule.measure == Measure::lead_cases &&
      std::all_of(rule.cases.begin(), rule.cases.end(),
                  [&](const Case& c) { return never_holds(c.condition, scope); })) {
    scope.log.warning(rule.path + ".cases", "the rule can never fire: none of its cases ever holds");
    return true;
  }
  if (is_lead(rule.measure)) return false;
  std::string_view member;
  if (const std::string_view reason = why_no_events(rule, scope, member); !reason.empty()) {
    scope.log.warning(
        rule.path + '.' + std::string(member),
        (fires_without_events(rule) ? "the rule never counts an activity: " : "the rule can never fire: ") +
            std::string(reason));
    return true;
  }
  const double most = rule.max_events ? static_cast<double>(*rule.max_events) : HUGE_VAL;
  if ((rule.measure == Measure::count && !can_pass(rule.test, true, most)) ||
      (rule.measure == Measure::sum && !can_pass(rule.test, false, 0))) {
    const bool sum = rule.measure == Measure::sum;
    scope.log.warning(
        rule.path + (sum ? ".sum" : ".count"),
        std::string("the rule can never fire: no ") + (sum ? "sum" : "number of events") + " passes the test",
        !sum && rule.max_events && can_pass(rule.test, true, HUGE_VAL)
            ? "\"max_events\" lets it count " + std::to_string(*rule.max_events) + " at most."
            : "");
    return true;
  }
  return false;
}

/// Could this be a lead's grade: one name of each dimension that has grades, in order?
bool grade_can_come_out(std::string_view grade, const std::vector<Dimension>& dimensions) {
  std::vector<bool> reached(grade.size() + 1, false);
  reached[0] = true;
  for (const Dimension& dimension : dimensions) {
    if (dimension.grades.empty()) continue;
    // Below a last grade that has an `at` there is none.
    std::vector<bool> next = dimension.grades.back().at ? reached : std::vector<bool>(reached.size(), false);
    for (std::size_t start = 0; start < reached.size(); ++start) {
      if (!reached[start]) continue;
      for (const Grade& candidate : dimension.grades) {
        if (grade.substr(start).starts_with(candidate.name)) next[start + candidate.name.size()] = true;
      }
    }
    reached = std::move(next);
  }
  return reached[grade.size()];
}

void lint_grades(const Ruleset& rules, const Tier& tier, const std::string& path, const ParseScope& scope) {
  // Beyond this nobody writes grades by hand, and the check would take its time.
  constexpr std::size_t kMost = 200;
  constexpr std::size_t kLongest = 64;
  if (tier.grades.empty() || rules.dimensions.size() > kMost) return;
  std::size_t names = 0;
  for (const Dimension& dimension : rules.dimensions) names += dimension.grades.size();
  if (names > kMost) return;
  for (std::size_t i = 0; i < tier.grades.size(); ++i) {
    const std::string& grade = tier.grades[i];
    if (grade.size() > kLongest || grade_can_come_out(grade, rules.dimensions)) continue;
    scope.log.warning(path + ".grade", "no lead can have the grade " + quoted(grade),
                      names == 0 ? "No dimension has grades."
                                 : "A lead's grade is its grades in the dimensions, joined in their order.");
  }
}

bool asks_only_total(const Tier& tier, const ParseScope& scope) {
  return tier.dimensions.empty() && !tier.asks_grade && always_holds(tier.when, scope);
}

void lint_reach(const Ruleset& rules, const Tier& tier, const std::string& path, const ParseScope& scope) {
  if (never_holds(tier.when, scope)) {
    scope.log.warning(path + ".when", "no lead can be in the tier: its \"when\" never holds");
  }
  if (tier.at && rules.range.max && *tier.at > *rules.range.max) {
    scope.log.warning(path + ".at", "is greater than the greatest total, " + format_number(*rules.range.max) +
                                        ": only a promotion can lead to the tier");
  }
  for (const DimensionMinimum& minimum : tier.dimensions) {
    const Dimension& dimension = rules.dimensions[minimum.dimension];
    if (dimension.bounds.max && minimum.at > *dimension.bounds.max) {
      scope.log.warning(
          member_path(path + ".dimensions", dimension.name),
          "no lead can be in the tier: the dimension is at most " + format_number(*dimension.bounds.max));
    }
  }
}

}  // namespace

void lint_rule(const Rule& rule, const ParseScope& scope) {
  if (rule.off) return;
  lint_cases(rule, scope);
  if (lint_firing(rule, scope)) return;
  if (rule.disqualify || promotes_without_points(rule)) return;
  if (rule.max_points && *rule.max_points == 0) {
    scope.log.warning(rule.path + ".max_points", "the rule gives nothing: \"max_points\" is 0");
  } else if (gives_nothing(rule)) {
    scope.log.warning(rule.path, "the rule gives nothing: its points are 0");
  }
}

void lint_tiers(const Ruleset& rules, const ParseScope& scope) {
  const std::string root = "$.tiers";
  bool catches_all = false;
  const Tier* lowest = nullptr;  // asks for the total only, and for the least so far
  for (std::size_t i = 0; i < rules.tiers.size(); ++i) {
    const Tier& tier = rules.tiers[i];
    const std::string path = item_path(root, i);
    lint_grades(rules, tier, path, scope);
    lint_reach(rules, tier, path, scope);
    if (lowest != nullptr && (!lowest->at || (tier.at && *tier.at >= *lowest->at))) {
      scope.log.warning(
          path, "no lead can be in the tier: whoever fits it is in " + quoted(lowest->name) + " before it",
          "Tiers are written best first.");
    }
    if (!asks_only_total(tier, scope)) continue;
    catches_all |= !tier.at;
    if (lowest == nullptr || (lowest->at && (!tier.at || *tier.at < *lowest->at))) lowest = &tier;
  }
  if (!rules.tiers.empty() && !catches_all) {
    scope.log.warning(root, "there is no tier for low totals: each tier asks for something",
                      "Add a last tier that has a \"name\" only, unless such leads should have no tier.");
  }
}

}  // namespace leadscore
