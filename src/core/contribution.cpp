// From counted events to points (docs/ruleset-language.md, section 5).
#include "core/contribution.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/json.hpp"
#include "core/rounding.hpp"

namespace leadscore {
namespace {

double band_points(const std::vector<Band>& bands, double value) noexcept {
  for (const Band& band : bands) {
    if (!band.below || value < *band.below) return band.points;
  }
  return 0;
}

Outcome test_outcome(const Rule& rule, double value) noexcept {
  if (rule.measure == Measure::count || rule.measure == Measure::sum) {
    return rule.test.holds(value) ? Outcome{rule.points, true} : Outcome{};
  }
  const double points = band_points(rule.bands, value);
  return {points, points != 0};
}

/// A tracker that holds sums: what was done is known by branch, not by event.
Outcome sums_outcome(const ActivityRule& ar, const EngagementView& view, Micros as_of, Tally* tally) {
  const Rule& rule = *ar.rule;
  const std::span<const Cell> cells = view.cells(ar.tracker);
  if (!is_per_event(rule.measure)) {
    double count = 0, sum = 0;
    for (const Cell& c : cells) {
      count += c.count;
      sum += c.sum;
    }
    if (rule.max_events) count = std::min(count, static_cast<double>(*rule.max_events));
    if (tally != nullptr) {
      tally->counted = count;
      tally->sum = sum;
    }
    const bool by_sum = rule.measure == Measure::sum || rule.measure == Measure::sum_bands;
    return test_outcome(rule, by_sum ? round9(sum) : count);
  }
  Outcome out;
  for (const Cell& c : cells) {
    const double worth = ar.branch_points[c.slot - ar.first_slot];
    // max_events comes here only where all events are worth the same.
    const double sum = rule.max_events ? std::min(c.sum, static_cast<double>(*rule.max_events)) : c.sum;
    const double left = view.left_of(ar.tracker, sum, c.block, ar.half_life, as_of);
    out.points += worth * left;
    out.fired |= rule.measure != Measure::map || worth != 0;
    if (tally != nullptr) {
      tally->counted +=
          rule.max_events ? std::min<double>(c.count, static_cast<double>(*rule.max_events)) : c.count;
      tally->worth_unfaded += rule.multiply_by ? 0 : worth * c.count;
    }
  }
  return out;
}

Outcome events_outcome(const ActivityRule& ar, std::span<const Event> events, Micros as_of, Tally* tally) {
  const Rule& rule = *ar.rule;
  // Where distinct is given, days were left whole in the state (plan.cpp says why) and are thinned out here.
  const std::int64_t per_day = rule.distinct && rule.max_per_day ? *rule.max_per_day : 0;
  const std::int64_t limit = event_limit(rule).value_or(INT64_MAX);
  const bool per_event = is_per_event(rule.measure);
  std::int64_t counted = 0, day = INT64_MAX, in_day = 0;
  double sum = 0;
  Outcome out;
  for (const Event& e : events) {
    if (counted == limit) break;
    const Micros age = difference(as_of, e.at);
    if (rule.within && age >= *rule.within) break;
    if (per_day != 0) {
      const std::int64_t d = day_number(e.at, ar.utc_offset);
      in_day = d == day ? in_day + 1 : 1;
      day = d;
      if (in_day > per_day) continue;
    }
    ++counted;
    if (tally != nullptr) tally->latest = std::max(tally->latest, e.at);
    if (!per_event) {
      sum += e.multiplier;
      continue;
    }
    const double keep = keep_at(rule, age);
    const double worth = ar.branch_points[e.branch] * e.multiplier;
    out.points += worth * keep;
    out.fired |= (keep > 0 || rule.fade == Fade::half_life) &&
                 (rule.measure != Measure::map || ar.branch_points[e.branch] != 0);
    if (tally != nullptr) tally->worth_unfaded += worth;
  }
  if (tally != nullptr) {
    tally->counted = static_cast<double>(counted);
    tally->sum = sum;
  }
  if (per_event) return out;
  const bool by_sum = rule.measure == Measure::sum || rule.measure == Measure::sum_bands;
  return test_outcome(rule, by_sum ? round9(sum) : static_cast<double>(counted));
}

Outcome recency_outcome(const Rule& rule, Micros latest, Micros as_of) noexcept {
  if (latest == kMinusInfinity) return {};
  const Micros age = difference(as_of, latest);
  for (const RecencyStep& step : rule.recency) {
    if (age < step.within) return {step.points, true};
  }
  return {};
}

}  // namespace

std::int64_t idle_steps(const Idle& idle, Micros idle_for) noexcept {
  if (idle_for < idle.after || idle_for == kMinusInfinity) return 0;
  return idle.every ? 1 + (idle_for - idle.after) / *idle.every : 1;
}

double keep_at(const Rule& rule, Micros age) noexcept {
  switch (rule.fade) {
    case Fade::none:
      return 1;
    case Fade::half_life:
      return std::exp2(-static_cast<double>(age) / static_cast<double>(rule.half_life));
    case Fade::fades_over:
      return age < rule.fades_over ? 1 - static_cast<double>(age) / static_cast<double>(rule.fades_over) : 0;
    case Fade::steps: {
      double keep = 1;
      for (const FadeStep& step : rule.steps) {
        if (step.after > age) break;
        keep = step.keep;
      }
      return keep;
    }
  }
  return 1;
}

void EngagementView::assign(const Engagement* state, EngagementWriter& writer) {
  for (const std::uint32_t tracker : present_) first_[tracker] = {};
  present_.clear();
  state_ = state;
  writer_ = &writer;
  if (state == nullptr) return;
  for (std::uint32_t i = 0; i < state->size;) {
    const std::uint32_t tracker = plan_.tracker_of_slot(state->cells[i].slot);
    std::uint32_t end = i + 1;
    while (end < state->size && plan_.tracker_of_slot(state->cells[end].slot) == tracker) ++end;
    first_[tracker] = {state->cells + i, end - i};
    present_.push_back(tracker);
    i = end;
  }
}

std::span<const Event> EngagementView::events(std::uint32_t tracker) const {
  if (first_[tracker].empty()) return {};
  return writer_->events(*first_[tracker].front().list, state_->last_at);
}

Micros EngagementView::latest(std::uint32_t tracker) const noexcept {
  return first_[tracker].empty() ? kMinusInfinity : first_[tracker].front().latest;
}

ActivityRule make_activity_rule(const Ruleset& rules, const Rule& rule, const EngagementPlan& plan,
                                std::uint32_t tracker) {
  ActivityRule ar;
  ar.rule = &rule;
  ar.tracker = tracker;
  ar.first_slot = plan.trackers()[tracker].first_slot;
  ar.utc_offset = rules.utc_offset;
  if (rule.measure == Measure::points) ar.branch_points.push_back(rule.points);
  for (const Case& c : rule.cases) ar.branch_points.push_back(c.points);
  if (rule.measure == Measure::map) {
    std::map<std::string, double> by_value;  // the plan numbers a map's branches in this order
    for (const MapEntry& entry : rule.map) by_value[folded(entry.value, rules.accents)] = entry.points;
    for (const auto& [value, points] : by_value) ar.branch_points.push_back(points);
    if (rule.otherwise) ar.branch_points.push_back(*rule.otherwise);
    if (rule.missing) ar.branch_points.push_back(*rule.missing);
  }
  ar.half_life = rule.fade == Fade::half_life ? rule.half_life : 0;
  ar.plain_sums = is_per_event(rule.measure) && !keeps_events(rule) && !rule.max_events && !rule.max_points;
  switch (rule.measure) {
    case Measure::count:
    case Measure::sum:
    case Measure::count_bands:
    case Measure::sum_bands:
      ar.always = test_outcome(rule, 0).fired;
      break;
    case Measure::idle:
      ar.always = rule.idle.since.has_value();
      break;
    default:
      break;
  }
  return ar;
}

Outcome outcome_at(const ActivityRule& ar, const EngagementView& view, Micros as_of, Micros since,
                   Tally* tally) {
  const Rule& rule = *ar.rule;
  Outcome out;
  switch (rule.measure) {
    case Measure::recency: {
      const Micros latest = view.latest(ar.tracker);
      out = recency_outcome(rule, latest, as_of);
      if (tally != nullptr) tally->latest = latest;
      break;
    }
    case Measure::idle: {
      Micros from = view.latest(ar.tracker);
      if (tally != nullptr) tally->latest = from;
      if (from == kMinusInfinity) from = since;
      if (from == kMinusInfinity) break;
      const std::int64_t steps = idle_steps(rule.idle, difference(as_of, from));
      out = {static_cast<double>(steps) * rule.idle.points, steps > 0};
      if (tally != nullptr) tally->steps = steps;
      break;
    }
    default: {
      if (keeps_events(rule)) {
        out = events_outcome(ar, view.events(ar.tracker), as_of, tally);
      } else {
        out = sums_outcome(ar, view, as_of, tally);
      }
      break;
    }
  }
  if (tally != nullptr) tally->unclamped = out.points;
  if (rule.max_points) out.points = std::clamp(out.points, -*rule.max_points, *rule.max_points);
  return out;
}

}  // namespace leadscore
