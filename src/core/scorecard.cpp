#include "core/scorecard.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "core/error.hpp"
#include "core/json_values.hpp"
#include "core/problem_log.hpp"
#include "core/rounding.hpp"
#include "core/stoppable_sort.hpp"

namespace leadscore {
namespace {

constexpr std::string_view kFitted = "Fitted to ", kLeads = " leads, of whom ";

void set(Json& object, std::string_view name, Json value) {
  if (Json* const known = object.find(name)) {
    *known = std::move(value);
  } else {
    object.members.emplace_back(name, std::move(value));
  }
}
void remove(Json& object, std::string_view name) {
  std::erase_if(object.members, [name](const auto& member) { return member.first == name; });
}

/// Points by parameter, and the base points: what the linear predictor became.
struct Points {
  std::vector<double> of;
  double base = 0;
  std::size_t base_dimension = 0;
  std::optional<std::uint32_t> base_parameter;  ///< a rule that holds for everyone and takes the base points
};

/// Log odds to total: total = offset + factor × log odds.
struct Line {
  double factor = 0, offset = 0;
};

/// A value and how many leads have it.
struct Weighed {
  double value;
  std::uint64_t leads;
};

/// The value that a share of the leads lies below.
double quantile(const std::vector<Weighed>& ascending, double share, std::uint64_t leads) {
  const double wanted = share * static_cast<double>(leads);
  std::uint64_t below = 0;
  for (const Weighed& one : ascending) {
    below += one.leads;
    if (static_cast<double>(below) >= wanted) return one.value;
  }
  return ascending.back().value;
}

/// To ten digits: more would only look exact.
double significant(double value) {
  if (value == 0) return 0;
  const double unit = std::pow(10, 9 - std::floor(std::log10(std::abs(value))));
  return std::round(value * unit) / unit;
}

/// The decimals that points need to be right to half a point where a lead has `amount` of them.
int decimals_for(double amount) {
  constexpr double kMostDecimals = 9;
  return amount > 1 ? static_cast<int>(std::min(std::ceil(std::log10(amount) - 1e-9), kMostDecimals)) : 0;
}

/// The loops over patterns are some ten nanoseconds each.
void checkpoint_at(std::size_t pattern) {
  if (pattern % (1 << 16) == 0) checkpoint();
}

class Card {
 public:
  Card(const Ruleset& rules, const Parameters& parameters, const TrainingSet& leads, const LogisticFit& fit,
       const Scale& scale)
      : rules_(rules), parameters_(parameters), leads_(leads), fit_(fit), scale_(scale) {
    choose_base();
    line_ = line();
    round_points();
    score();
  }

  const Points& points() const noexcept { return points_; }
  /// The slope is that of the fit, which a ridge has made cautious; the intercept makes up for rounding.
  Probability probability() const;
  /// A bound that as close to `reached` leads as possible reach, with no more decimals than needed.
  double bound_for(const Reach::Bound& bound) const;

 private:
  std::uint64_t count() const noexcept { return leads_.positives() + leads_.negatives(); }
  std::uint64_t count(std::size_t pattern) const noexcept {
    return leads_.positives(pattern) + leads_.negatives(pattern);
  }
  void choose_base();
  Line line() const;
  void round_points();
  void score();

  const Ruleset& rules_;
  const Parameters& parameters_;
  const TrainingSet& leads_;
  const LogisticFit& fit_;
  const Scale& scale_;
  Points points_;
  Line line_;
  std::vector<double> totals_;                   ///< by pattern
  std::vector<std::vector<double>> dimensions_;  ///< by dimension and pattern
};

/// A rule that the candidates have already, and that holds for everyone, such as the "base" of an earlier
/// fit. One that only happened to hold for all of these leads does not: of others it would take the base
/// points.
void Card::choose_base() {
  points_.base_dimension = parameters_[0].dimension;
  std::vector<Amount> amounts;
  leads_.read(0, amounts);
  for (const Amount& amount : amounts) {
    const Parameter& parameter = parameters_[amount.parameter];
    const Rule& rule = rules_.dimensions[parameter.dimension].rules[parameter.rule];
    if (rule.measure != Measure::lead_points || rule.disqualify || rule.promote_to) continue;
    if (!rule.when || rule.when->kind != Condition::Kind::all || !rule.when->children.empty()) continue;
    points_.base_parameter = amount.parameter;
    points_.base_dimension = parameter.dimension;
    return;
  }
}

Line Card::line() const {
  if (scale_.double_odds) {
    const double factor = *scale_.double_odds / std::log(2);
    return {factor, scale_.base_score - factor * std::log(scale_.base_odds)};
  }
  constexpr double kBeyond = 0.001;
  std::vector<Weighed> odds;
  std::vector<Amount> amounts;
  for (std::size_t i = 0; i < leads_.patterns(); ++i) {
    checkpoint_at(i);
    leads_.read(i, amounts);
    odds.push_back({fit_.log_odds(amounts), count(i)});
  }
  stoppable_sort(odds.begin(), odds.end(),
                 [](const Weighed& a, const Weighed& b) { return a.value < b.value; });
  const double low = quantile(odds, kBeyond, count());
  const double high = quantile(odds, 1 - kBeyond, count());
  if (!(high - low > 1e-9)) return {0, (scale_.low + scale_.high) / 2};
  const double factor = (scale_.high - scale_.low) / (high - low);
  return {factor, scale_.low - factor * low};
}

void Card::round_points() {
  const std::size_t n = parameters_.size();
  std::vector<double> largest(n, 0);
  std::vector<Amount> amounts;
  for (std::size_t i = 0; i < leads_.patterns(); ++i) {
    checkpoint_at(i);
    leads_.read(i, amounts);
    for (const Amount& amount : amounts)
      largest[amount.parameter] = std::max(largest[amount.parameter], std::abs(amount.value));
  }
  points_.of.assign(n, 0);
  for (std::size_t p = 0; p < n; ++p) {
    const double points = line_.factor * fit_.coefficients[p];
    if (!(std::abs(points) <= kMaxPoints)) {
      const Parameter& parameter = parameters_[p];
      const Rule& rule = rules_.dimensions[parameter.dimension].rules[parameter.rule];
      throw Error(sqlstate::kInvalidParameter, "rule " + quoted(rule.id) + " would get more than 1e9 points",
                  "What it gives points for is tiny; give \"ridge\" a number, or a smaller range.");
    }
    points_.of[p] = round_decimals(points, decimals_for(largest[p]));
  }
  const double weight = rules_.dimensions[points_.base_dimension].weight;
  points_.base =
      round_decimals((line_.offset + line_.factor * fit_.intercept) / weight, decimals_for(std::abs(weight)));
  if (!(std::abs(points_.base) <= kMaxPoints))
    throw Error(sqlstate::kInvalidParameter, "the base points would be more than 1e9",
                "Give another \"base_score\", or a smaller \"range\".");
  if (points_.base_parameter) points_.of[*points_.base_parameter] = points_.base;
}

/// The totals and dimensions that the points give.
void Card::score() {
  totals_.resize(leads_.patterns());
  dimensions_.assign(rules_.dimensions.size(), std::vector<double>(leads_.patterns(), 0));
  if (!points_.base_parameter) {
    for (double& value : dimensions_[points_.base_dimension]) value = points_.base;
  }
  std::vector<Amount> amounts;
  for (std::size_t i = 0; i < leads_.patterns(); ++i) {
    checkpoint_at(i);
    leads_.read(i, amounts);
    for (const Amount& amount : amounts) {
      const Parameter& parameter = parameters_[amount.parameter];
      dimensions_[parameter.dimension][i] += points_.of[amount.parameter] * amount.value / parameter.weight;
    }
    double total = 0;
    for (std::size_t d = 0; d < dimensions_.size(); ++d)
      total += rules_.dimensions[d].weight * dimensions_[d][i];
    if (!scale_.double_odds) total = std::clamp(total, scale_.low, scale_.high);
    totals_[i] = rules_.decimals ? round_decimals(total, *rules_.decimals) : total;
  }
}

Probability Card::probability() const {
  const double slope = line_.factor == 0 ? 0 : significant(1 / line_.factor);
  return {significant(intercept_for(leads_, totals_, slope)), slope};
}

double Card::bound_for(const Reach::Bound& bound) const {
  const std::vector<double>& values =
      bound.of == Reach::Bound::Of::tier ? totals_ : dimensions_[bound.dimension];
  std::vector<Weighed> descending;
  for (std::size_t i = 0; i < values.size(); ++i) descending.push_back({round9(values[i]), count(i)});
  stoppable_sort(descending.begin(), descending.end(),
                 [](const Weighed& a, const Weighed& b) { return a.value > b.value; });
  // A bound in (next, value] is reached by all down to `value`.
  const auto off = [&](std::uint64_t n) { return n > bound.reached ? n - bound.reached : bound.reached - n; };
  std::uint64_t reached = 0, best_off = off(0);
  double value = std::floor(descending.front().value) + 1, next = descending.front().value;
  for (std::size_t i = 0; i < descending.size(); ++i) {
    reached += descending[i].leads;
    if (i + 1 < descending.size() && descending[i + 1].value == descending[i].value) continue;
    if (off(reached) >= best_off) continue;
    best_off = off(reached);
    value = descending[i].value;
    next = i + 1 < descending.size() ? descending[i + 1].value : -std::numeric_limits<double>::infinity();
  }
  double unit = 1;
  for (int decimals = 0; decimals <= 9; ++decimals, unit *= 10) {
    const double rounded = round_decimals(std::floor(value * unit) / unit, decimals);
    if (rounded > next && rounded <= value) return rounded;
  }
  return value;
}

/// "a", "b" and 3 more
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 20;
  std::string list;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) list += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kMost) list += " and " + std::to_string(names.size() - kMost) + " more";
  return list;
}

std::string note_of(const Ruleset& rules, const Parameters& parameters, const TrainingSet& leads,
                    const LogisticFit& fit, const Points& points, const PassedOver& passed_over) {
  const auto named = [&](LeftOut why) {
    std::vector<std::string> names;
    for (std::uint32_t p = 0; p < parameters.size(); ++p) {
      if (fit.left_out[p] != why || p == points.base_parameter) continue;
      const Parameter& parameter = parameters[p];
      const Rule& rule = rules.dimensions[parameter.dimension].rules[parameter.rule];
      names.push_back(point_places(rule).size() == 1
                          ? rule.id
                          : rule.id + " (" + place_name(rule, parameter.place) + ")");
    }
    return names;
  };
  const std::uint64_t all = leads.positives() + leads.negatives();
  std::string note = std::string(kFitted) + std::to_string(all) + std::string(kLeads) +
                     std::to_string(leads.positives()) + " were won, with a ridge of " +
                     format_number(fit.ridge) + ".";
  if (fit.raised)
    note += " Won and lost leads could be told apart perfectly, so that a ridge of 0 would not do.";
  if (passed_over.without_outcome + passed_over.disqualified > 0)
    note += " Passed over: " + std::to_string(passed_over.without_outcome) + " without an outcome, " +
            std::to_string(passed_over.disqualified) + " disqualified.";
  if (const auto names = named(LeftOut::constant); !names.empty())
    note += " No points, because they are the same for every lead: " + listed(names) + ".";
  if (const auto names = named(LeftOut::collinear); !names.empty())
    note += " No points, because rules before them say the same: " + listed(names) + ".";
  if (std::min(leads.positives(), leads.negatives()) < parameters.size())
    note += " There were fewer " + std::string(leads.positives() < leads.negatives() ? "won" : "lost") +
            " leads than points to find: take them as rough.";
  return note;
}

/// Where what an earlier fit wrote begins: "Fitted to 395 leads, of whom …".
std::size_t find_fitted(const std::string& note) {
  constexpr std::string_view kDigits = "0123456789";
  for (std::size_t at = note.find(kFitted); at != std::string::npos; at = note.find(kFitted, at + 1)) {
    const std::size_t number = at + kFitted.size(), end = note.find_first_not_of(kDigits, number);
    if (end != std::string::npos && end > number && note.compare(end, kLeads.size(), kLeads) == 0) return at;
  }
  return std::string::npos;
}

void write_note(Json& ruleset, const std::string& fitted) {
  std::string note;
  if (const Json* const known = ruleset.find("note"); known != nullptr && known->is(Json::Kind::text)) {
    // What an earlier fit wrote is no longer so.
    note = known->text.substr(0, find_fitted(known->text));
    while (!note.empty() && note.back() == ' ') note.pop_back();
    if (!note.empty()) note += ' ';
  }
  const bool is_new = ruleset.find("note") == nullptr;
  set(ruleset, "note", json_text(note + fitted));
  // Behind the name, where people look for it.
  if (is_new) {
    const bool has_name = !ruleset.members.empty() && ruleset.members.front().first == "name";
    std::rotate(ruleset.members.begin() + (has_name ? 1 : 0), ruleset.members.end() - 1,
                ruleset.members.end());
  }
}

void write_base(Json& dimension, const Ruleset& rules, double points) {
  std::string id = "base";
  const auto taken = [&] {
    for (const Dimension& d : rules.dimensions) {
      for (const Rule& rule : d.rules) {
        if (rule.id == id) return true;
      }
    }
    return false;
  };
  for (int n = 2; taken(); ++n) id = "base" + std::to_string(n);
  Json rule = json_object();
  Json all;
  all.kind = Json::Kind::array;
  Json when = json_object();
  set(when, "all", std::move(all));
  set(rule, "id", json_text(id));
  set(rule, "label", json_text("Base points"));
  set(rule, "when", std::move(when));
  set(rule, "points", json_number(points));
  std::vector<Json>& list = dimension.find("rules")->items;
  list.insert(list.begin(), std::move(rule));
}

}  // namespace

Reach::Reach(const Ruleset& rules) {
  for (std::size_t d = 0; d < rules.dimensions.size(); ++d) {
    const std::vector<Grade>& grades = rules.dimensions[d].grades;
    for (std::size_t g = 0; g < grades.size(); ++g) {
      if (grades[g].at) bounds_.push_back({Bound::Of::grade, d, g, d, *grades[g].at});
    }
  }
  for (std::size_t t = 0; t < rules.tiers.size(); ++t) {
    const Tier& tier = rules.tiers[t];
    if (tier.at) bounds_.push_back({Bound::Of::tier, t, 0, 0, *tier.at});
    for (std::size_t i = 0; i < tier.dimensions.size(); ++i)
      bounds_.push_back(
          {Bound::Of::tier_dimension, t, i, tier.dimensions[i].dimension, tier.dimensions[i].at});
  }
}

void Reach::add(const Evaluation& lead) {
  for (Bound& bound : bounds_) {
    const double value = bound.of == Bound::Of::tier ? lead.total : lead.dimensions[bound.dimension];
    if (round9(value) >= bound.at) ++bound.reached;
  }
}

Json scorecard(const Json& written, const Ruleset& rules, const Parameters& parameters,
               const TrainingSet& leads, const LogisticFit& fit, const Reach& reach, const Scale& scale,
               const PassedOver& passed_over) {
  const Card card(rules, parameters, leads, fit, scale);
  Json made = written;
  Json& dimensions = *made.find("dimensions");
  for (std::size_t d = 0; d < dimensions.items.size(); ++d) {
    // One that adds nothing to the total is not fitted, and what was made for its points stays.
    if (rules.dimensions[d].weight == 0) continue;
    Json& dimension = dimensions.items[d];
    remove(dimension, "min");
    remove(dimension, "max");
    if (Json* const groups = dimension.find("groups")) {
      for (auto& [name, group] : groups->members) {
        remove(group, "min");
        remove(group, "max");
      }
    }
    if (Json* const idle = dimension.find("idle")) set(*idle, "keep", json_number(1));
  }
  for (std::uint32_t p = 0; p < parameters.size(); ++p) {
    const Parameter& parameter = parameters[p];
    Json& rule = dimensions.items[parameter.dimension].find("rules")->items[parameter.rule];
    const double points = card.points().of[p];
    points_at(rule, parameter.place) = json_number(points);
    if (std::isfinite(parameter.most)) {
      // As Parameters reads it again: a multiple of 1 where the points are 0.
      const double times = points == 0 ? 1 : std::abs(points);
      set(rule, "max_points", json_number(std::min(round9(times * parameter.most), kMaxPoints)));
    } else {
      remove(rule, "max_points");
    }
  }
  double grade_before = 0;
  for (const Reach::Bound& bound : reach.bounds()) {
    if (bound.of != Reach::Bound::Of::tier && rules.dimensions[bound.dimension].weight == 0) continue;
    double value = card.bound_for(bound);
    if (bound.of == Reach::Bound::Of::grade) {
      // Grades descend, even where the points tell none of them apart.
      if (bound.entry > 0 && value >= grade_before) value = std::ceil(grade_before) - 1;
      grade_before = value;
      set(dimensions.items[bound.holder].find("grades")->items[bound.entry], "at", json_number(value));
      continue;
    }
    const Json at = json_number(value);
    Json& tier = made.find("tiers")->items[bound.holder];
    if (bound.of == Reach::Bound::Of::tier) {
      set(tier, "at", at);
    } else {
      tier.find("dimensions")->members[bound.entry].second = at;
    }
  }
  if (!card.points().base_parameter)
    write_base(dimensions.items[card.points().base_dimension], rules, card.points().base);
  remove(made, "range");
  if (!scale.double_odds) {
    Json range = json_object();
    set(range, "min", json_number(scale.low));
    set(range, "max", json_number(scale.high));
    set(made, "range", std::move(range));
  }
  const Probability fitted = card.probability();
  Json probability = json_object();
  set(probability, "intercept", json_number(fitted.intercept));
  set(probability, "slope", json_number(fitted.slope));
  set(made, "probability", std::move(probability));
  write_note(made, note_of(rules, parameters, leads, fit, card.points(), passed_over));
  return made;
}

}  // namespace leadscore
