// outcome_between: interval arithmetic over the age of events. As time goes on alone, events only grow older:
// they fade, leave windows from the oldest on, and nothing that was not counted begins to be.
#include "core/forecast.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/rounding.hpp"

namespace leadscore {
namespace {

void include(Range& range, double value) {
  range.lo = std::min(range.lo, value);
  range.hi = std::max(range.hi, value);
}

Range between(double a, double b) { return {std::min(a, b), std::max(a, b)}; }

OutcomeRange fixed(Outcome outcome) {
  return {{outcome.points, outcome.points}, outcome.fired, outcome.fired};
}

/// Which of the points of bands some value in `at` gets.
OutcomeRange bands_between(const std::vector<Band>& bands, Range at) {
  OutcomeRange out;
  bool first = true;
  out.must = true;
  double from = -INFINITY;
  const auto add = [&](double points) {
    if (first) out.points = {points, points};
    first = false;
    include(out.points, points);
    out.may |= points != 0;
    out.must &= points != 0;
  };
  for (const Band& band : bands) {
    const double to = band.below.value_or(INFINITY);
    if (at.hi >= from && at.lo < to) add(band.points);
    from = to;
  }
  if (!bands.empty() && bands.back().below && at.hi >= *bands.back().below) add(0);
  return out;
}

OutcomeRange test_between(const Rule& rule, Range at) {
  if (rule.measure == Measure::count_bands || rule.measure == Measure::sum_bands)
    return bands_between(rule.bands, at);
  const NumberTest& t = rule.test;
  OutcomeRange out;
  out.must = rule.test.holds(at.lo) && rule.test.holds(at.hi);  // what passes a test is an interval
  out.may = !((t.eq && (*t.eq < at.lo || *t.eq > at.hi)) || (t.lt && at.lo >= *t.lt) ||
              (t.lte && at.lo > *t.lte) || (t.gt && at.hi <= *t.gt) || (t.gte && at.hi < *t.gte));
  out.points = out.must ? Range{rule.points, rule.points} : Range{0, 0};
  if (out.may && !out.must) include(out.points, rule.points);
  return out;
}

Range keep_between(const Rule& rule, Micros age_from, Micros age_to) {
  Range keep = between(keep_at(rule, age_from), keep_at(rule, age_to));
  if (rule.fade == Fade::steps) {
    for (const FadeStep& step : rule.steps) {
      if (step.after >= age_from && step.after <= age_to) include(keep, step.keep);
    }
  }
  return keep;
}

OutcomeRange sums_between(const ActivityRule& ar, std::span<const Cell> cells, Micros from, Micros to) {
  const Rule& rule = *ar.rule;
  OutcomeRange out;
  const Micros half_life = rule.fade == Fade::half_life ? rule.half_life : 0;
  for (const Cell& c : cells) {
    const double worth = ar.branch_points[c.slot - ar.first_slot];
    const double sum = rule.max_events ? std::min(c.sum, static_cast<double>(*rule.max_events)) : c.sum;
    const Range part = between(worth * faded_sum(sum, c.block, half_life, from),
                               worth * faded_sum(sum, c.block, half_life, to));
    out.points.lo += part.lo;
    out.points.hi += part.hi;
    out.may |= rule.measure != Measure::map || worth != 0;
  }
  out.must = out.may;
  return out;
}

OutcomeRange events_between(const ActivityRule& ar, std::span<const Event> events, Micros from, Micros to) {
  const Rule& rule = *ar.rule;
  const std::int64_t per_day = rule.distinct && rule.max_per_day ? *rule.max_per_day : 0;
  const std::int64_t limit = event_limit(rule).value_or(INT64_MAX);
  const bool by_sum = rule.measure == Measure::sum || rule.measure == Measure::sum_bands;
  std::int64_t counted = 0, stay = 0, day = INT64_MAX, in_day = 0;
  double sum = 0;
  Range sums;
  bool open = false;  // has an event been counted that leaves during the span?
  OutcomeRange out;
  for (const Event& e : events) {
    if (counted == limit) break;
    const Micros age_from = difference(from, e.at), age_to = difference(to, e.at);
    if (rule.within && age_from >= *rule.within) break;
    if (per_day != 0) {
      const std::int64_t d = day_number(e.at, ar.utc_offset);
      in_day = d == day ? in_day + 1 : 1;
      day = d;
      if (in_day > per_day) continue;
    }
    const bool leaves = rule.within && age_to >= *rule.within;
    if (leaves && !open) sums = {sum, sum};
    open |= leaves;
    ++counted;
    stay += leaves ? 0 : 1;
    sum += e.multiplier;
    if (open) include(sums, sum);
    if (!is_per_event(rule.measure)) continue;
    const double worth = ar.branch_points[e.branch] * e.multiplier;
    const Range keep = keep_between(rule, age_from, age_to);
    Range part = between(worth * keep.lo, worth * keep.hi);
    if (leaves) include(part, 0);
    out.points.lo += part.lo;
    out.points.hi += part.hi;
    const bool pays = rule.measure != Measure::map || ar.branch_points[e.branch] != 0;
    const bool lasting = rule.fade == Fade::half_life;
    out.may |= pays && (lasting || keep.hi > 0);
    out.must |= pays && !leaves && (lasting || keep.lo > 0);
  }
  if (is_per_event(rule.measure)) return out;
  if (!open) sums = {sum, sum};
  if (by_sum) return test_between(rule, {round9(sums.lo), round9(sums.hi)});
  return test_between(rule, {static_cast<double>(stay), static_cast<double>(counted)});
}

OutcomeRange recency_between(const Rule& rule, Micros latest, Micros from, Micros to) {
  OutcomeRange out;
  if (latest == kMinusInfinity) return out;
  const Micros age_from = difference(from, latest), age_to = difference(to, latest);
  bool first = true;
  Micros entry_from = 0;
  const auto add = [&](double points) {
    if (first) out.points = {points, points};
    first = false;
    include(out.points, points);
  };
  for (const RecencyStep& step : rule.recency) {
    if (age_to >= entry_from && age_from < step.within) {
      add(step.points);
      out.may = true;
    }
    entry_from = step.within;
  }
  out.must = out.may && age_to < entry_from;
  if (age_to >= entry_from) add(0);
  return out;
}

}  // namespace

OutcomeRange outcome_between(const ActivityRule& ar, const EngagementView& view, Micros from, Micros to,
                             Micros since) {
  const Rule& rule = *ar.rule;
  OutcomeRange out;
  switch (rule.measure) {
    case Measure::recency:
      out = recency_between(rule, view.latest(ar.tracker), from, to);
      break;
    case Measure::idle: {
      Micros start = view.latest(ar.tracker);
      if (start == kMinusInfinity) start = since;
      if (start == kMinusInfinity) break;
      const auto n_from = static_cast<double>(idle_steps(rule.idle, difference(from, start)));
      const auto n_to = static_cast<double>(idle_steps(rule.idle, difference(to, start)));
      out = {between(n_from * rule.idle.points, n_to * rule.idle.points), n_to > 0, n_from > 0};
      break;
    }
    default:
      if (keeps_events(rule)) {
        out = events_between(ar, view.events(ar.tracker), from, to);
      } else if (is_per_event(rule.measure)) {
        out = sums_between(ar, view.cells(ar.tracker), from, to);
      } else {
        out = fixed(outcome_at(ar, view, from, since));
        return out;
      }
      break;
  }
  if (rule.max_points) {
    out.points.lo = std::clamp(out.points.lo, -*rule.max_points, *rule.max_points);
    out.points.hi = std::clamp(out.points.hi, -*rule.max_points, *rule.max_points);
  }
  return out;
}

void add_fading(const ActivityRule& ar, const EngagementView& view, Micros at, std::vector<Fading>& parts) {
  const Rule& rule = *ar.rule;
  if (rule.fade != Fade::half_life || !is_per_event(rule.measure)) return;
  const std::size_t first = parts.size();
  const double rate = std::numbers::ln2 / static_cast<double>(rule.half_life);
  double sum = 0;
  const auto add = [&](double points) {
    sum += points;
    if (points != 0) parts.push_back({points, rate, !keeps_events(rule) && !rule.max_points});
  };
  if (keeps_events(rule)) {
    double points = 0;
    std::int64_t left = event_limit(rule).value_or(INT64_MAX);
    for (const Event& e : view.events(ar.tracker)) {
      const Micros age = difference(at, e.at);
      if (left-- == 0 || (rule.within && age >= *rule.within)) break;
      points += ar.branch_points[e.branch] * e.multiplier * keep_at(rule, age);
    }
    add(points);
  } else {
    for (const Cell& c : view.cells(ar.tracker)) {
      const double most = rule.max_events ? static_cast<double>(*rule.max_events) : INFINITY;
      add(ar.branch_points[c.slot - ar.first_slot] *
          faded_sum(std::min(c.sum, most), c.block, rule.half_life, at));
    }
  }
  if (rule.max_points && std::abs(sum) >= *rule.max_points) parts.resize(first);
}

void FadingSum::add(const Fading& part, double width) {
  const double points = std::abs(part.points), left = points * std::exp(-part.rate * width);
  from += points;
  to += left;
  falls_from += part.rate * points;
  falls_to += part.rate * left;
  least = std::min(least, part.rate);
  greatest = std::max(greatest, part.rate);
}

Range difference_between(const FadingSum& gains, const FadingSum& losses, double width) {
  // Each is convex: it lies above its tangents and below its chord, and what is linear is least and greatest
  // at the ends.
  const double begin = gains.from - losses.from, end = gains.to - losses.to;
  Range range;
  range.lo =
      std::max({gains.to - losses.from, std::min(begin, gains.from - gains.falls_from * width - losses.to),
                std::min(end, gains.to + gains.falls_to * width - losses.from)});
  range.hi =
      std::min({gains.from - losses.to, std::max(begin, gains.to - losses.from + losses.falls_from * width),
                std::max(end, gains.from - losses.to - losses.falls_to * width)});
  // Where the gains fade faster, the difference by the losses' slowest rate only falls: up to where it comes
  // to 0 it is a positive number that fades, and then it stays negative. And the other way round. At the end
  // its sign tells only where it is more than rounding, and nothing has faded beyond what a number holds.
  constexpr double kLeast = 1e-290, kSure = 1e-12;
  const double sure = std::max(kLeast, kSure * (gains.to + losses.to));
  if (gains.least >= losses.greatest) {
    range.hi = std::min(range.hi, std::max(begin, 0.0));
    if (end > sure) range.lo = std::max(range.lo, end);
  }
  if (losses.least >= gains.greatest) {
    range.lo = std::max(range.lo, std::min(begin, 0.0));
    if (end < -sure) range.hi = std::min(range.hi, end);
  }
  return range;
}

Micros next_jump(const ActivityRule& ar, const EngagementView& view, Micros from, Micros to, Micros since) {
  const Rule& rule = *ar.rule;
  Micros first = kInfinity;
  const auto jump = [&](Micros start, Micros after) {
    const Micros at = shifted(start, after);
    if (at > from && at < to) first = std::min(first, at);
  };
  switch (rule.measure) {
    case Measure::recency:
      for (const RecencyStep& step : rule.recency) jump(view.latest(ar.tracker), step.within);
      return first;
    case Measure::idle: {
      Micros start = view.latest(ar.tracker);
      if (start == kMinusInfinity) start = since;
      if (start == kMinusInfinity) return first;
      const std::int64_t steps = idle_steps(rule.idle, difference(from, start));
      if (steps == 0) {
        jump(start, rule.idle.after);
      } else if (rule.idle.every) {
        jump(shifted(start, rule.idle.after), steps * *rule.idle.every);
      }
      return first;
    }
    default:
      break;
  }
  if (!keeps_events(rule) || (!rule.within && rule.fade != Fade::steps)) return first;
  // A test may be passed, or failed, with events to spare.
  if (!is_per_event(rule.measure)) {
    const OutcomeRange range = outcome_between(ar, view, from, to - 1, since);
    if (range.points.lo == range.points.hi && range.may == range.must) return first;
  }
  for (const Event& e : view.events(ar.tracker)) {
    if (rule.within) jump(e.at, *rule.within);
    if (rule.fade != Fade::steps) continue;
    for (const FadeStep& step : rule.steps) jump(e.at, step.after);
  }
  return first;
}

}  // namespace leadscore
