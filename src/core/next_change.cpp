// LeadProgram::next_change: until when does the tier stay as it is, if nothing happens?
//
// Bounds of the total over a span of time prove that no tier threshold is crossed in it; where they do not,
// the crossing is looked for where it is foreseen, then approached by secants, and what is left is halved,
// down to the microsecond. Where to look is guessed; what is answered is proved. Spans reach from one flip of
// a lead condition, or arrival of a pending activity, to the next. Branch and prune as in interval root
// finding (Moore, Kearfott, Cloud: Introduction to Interval Analysis, 2009, chapter 8).
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/error.hpp"
#include "core/forecast.hpp"
#include "core/lead_program.hpp"
#include "core/rounding.hpp"

namespace leadscore {
namespace {

/// Bounds are computed at most so often for one lead. What is proved by then is answered: an early time is a
/// right answer.
constexpr int kMostTrials = 4096;
/// Lead conditions flip and activities arrive at most so often before the answer is "not before here".
constexpr int kMostSpans = 1024;
constexpr Micros kFirstStride = 3600 * kSecond;
constexpr Micros kLonger = 8;  ///< times the stride before

enum class Truth : std::uint8_t { no, maybe, yes };

Truth at_least(Range value, double at) {
  if (round9(value.lo) >= at) return Truth::yes;
  return round9(value.hi) < at ? Truth::no : Truth::maybe;
}

Truth both(Truth a, Truth b) { return std::min(a, b); }

}  // namespace

/// Decides whether the tier has one name over a whole span. Kept with the program, as its memory is used for
/// each lead again.
class TierForecast {
 public:
  explicit TierForecast(const LeadProgram& program)
      : p_(program),
        active_(program.bound_.size(), true),
        since_(program.bound_.size(), kMinusInfinity),
        half_step_(0.5 * std::pow(10, -program.compiled_.rules.decimals.value_or(9))) {
    for (std::uint32_t i = 0; i < p_.bound_.size(); ++i) {
      const LeadProgram::Bound& bound = p_.bound_[i];
      if (bound.gate != LeadProgram::kNone || bound.since != LeadProgram::kNone) by_lead_.push_back(i);
    }
  }

  /// Of this lead, as the program has just evaluated it.
  void start(std::span<const Value> row, const Evaluation& now) {
    for (const std::uint32_t i : by_lead_) {
      const LeadProgram::Bound& bound = p_.bound_[i];
      active_[i] = bound.gate == LeadProgram::kNone || p_.answer_[bound.gate] != LeadProgram::kNone;
      since_[i] = bound.since == LeadProgram::kNone ? kMinusInfinity : instant_of(row[bound.since]);
    }
    name_ = now.tier_name(rules());
    here_ = now.clamped;
    fading_from_ = kMinusInfinity;
    threshold_ = std::numeric_limits<double>::quiet_NaN();
    if (now.tier && rules().tiers[*now.tier].at) {
      // The least total that rounds to the tier's `at`.
      threshold_ = *rules().tiers[*now.tier].at - half_step_;
    }
  }

  /// The logarithm of the least total of the span looked at last over what the lead's tier asks for: 0 where
  /// they meet, and a straight line while all fades by one half-life. No finite number where that says
  /// nothing.
  double margin() const {
    return threshold_ > 0 ? std::log(least_ / threshold_) : std::numeric_limits<double>::quiet_NaN();
  }

  /// About the first instant after `from` at which the total is too little for the lead's tier, if it fades
  /// smoothly until then; kInfinity where that is not foreseen. `from` is the start, or the instant that was
  /// looked at last. A guess.
  Micros crossing(Micros from) {
    if (!std::isfinite(threshold_)) return kInfinity;
    find_fading(from);
    double rest = here_ - threshold_;
    for (std::size_t i = 0; i < fading_.size(); ++i) rest -= weight_of(i) * fading_[i].points;
    return crossing_of(from, rest);
  }

  /// The first instant in (from, to) at which a rule's outcome may jump. A guess.
  Micros jump(Micros from, Micros to) const {
    Micros first = kInfinity;
    const auto look = [&](std::uint32_t i) {
      if (active_[i])
        first =
            std::min(first, next_jump(p_.bound_[i].activity, p_.view_, from, std::min(to, first), since_[i]));
    };
    for (const std::uint32_t i : p_.always_) look(i);
    for (const std::uint32_t tracker : p_.view_.present()) {
      for (const std::uint32_t i : p_.of_tracker_[tracker]) look(i);
    }
    return first;
  }

  /// True only if at every time in [from, to] the tier is called as it was at the start.
  bool stays(Micros from, Micros to) {
    bounds(from, to);
    add_up(from, to);
    return one_name() || (from < to && narrow(from, to) && (add_up(from, to), one_name()));
  }

 private:
  /// Is the tier called the same wherever the total and the rest lie within their bounds?
  bool one_name() const {
    const std::vector<Tier>& tiers = rules().tiers;
    for (std::size_t t = 0; t < tiers.size(); ++t) {
      const Truth promoted = promoted_to(t);
      Truth reached = tiers[t].at ? at_least(total_, *tiers[t].at) : Truth::yes;
      reached = both(std::max(reached, promoted), holds_but_for_at(t));
      if (reached == Truth::no) continue;
      // A tier that may hold, or the one that holds: fine as long as it has the same name; the search ends at
      // one that surely holds.
      if (!name_ || tiers[t].name != *name_) return false;
      if (reached == Truth::yes) return true;
    }
    // No tier surely holds: the lead may have none at some time, which is fine where it has none now.
    return !name_;
  }

  const Ruleset& rules() const { return p_.compiled_.rules; }

  /// What fades from this time on, and where it counts.
  void find_fading(Micros from) {
    if (fading_from_ == from) return;
    fading_from_ = from;
    fading_.clear();
    fading_rule_.clear();
    for (const std::uint32_t tracker : p_.view_.present()) {
      for (const std::uint32_t i : p_.of_tracker_[tracker]) {
        if (!active_[i]) continue;
        add_fading(p_.bound_[i].activity, p_.view_, from, fading_);
        fading_rule_.resize(fading_.size(), i);
      }
    }
  }

  double weight_of(std::size_t part) const {
    return rules().dimensions[p_.bound_[fading_rule_[part]].dimension].weight;
  }

  /// Narrows the bounds of buckets in which some points that fade count against others: those bounds are of
  /// gains at one end and losses at the other. False: there are none.
  bool narrow(Micros from, Micros to) {
    find_fading(from);
    const auto width = static_cast<double>(difference(to, from));
    fades_.assign(buckets_.size(), Fades());
    for (std::size_t i = 0; i < fading_.size(); ++i) {
      if (!fading_[i].certain) continue;
      Fades& fades = fades_[p_.bound_[fading_rule_[i]].bucket];
      (fading_[i].points > 0 ? fades.gains : fades.losses).add(fading_[i], width);
    }
    bool any = false;
    for (std::size_t b = 0; b < buckets_.size(); ++b) {
      const Fades& fades = fades_[b];
      if (fades.gains.from == 0 || fades.losses.from == 0) continue;
      any = true;
      const Range old{fades.gains.to - fades.losses.from, fades.gains.from - fades.losses.to};
      const Range now = difference_between(fades.gains, fades.losses, width);
      // What is computed here in another order than in bounds() may differ by its last bits.
      const double slack = 1e-12 * (fades.gains.from + fades.losses.from +
                                    std::max(std::abs(buckets_[b].lo), std::abs(buckets_[b].hi)));
      buckets_[b].lo = std::max(buckets_[b].lo, buckets_[b].lo - old.lo + now.lo - slack);
      buckets_[b].hi = std::min(buckets_[b].hi, buckets_[b].hi - old.hi + now.hi + slack);
    }
    return any;
  }

  struct Fades {
    FadingSum gains, losses;
  };

  /// Where rest + Σ points * exp(-rate * t) comes to 0, by Newton's method; from before it, since the sum is
  /// convex where nothing counts against the lead.
  Micros crossing_of(Micros from, double rest) const {
    constexpr int kMostSteps = 50;
    double t = 0;
    for (int i = 0; i < kMostSteps; ++i) {
      double value = rest, slope = 0;
      for (std::size_t part = 0; part < fading_.size(); ++part) {
        const double left = weight_of(part) * fading_[part].points * std::exp(-fading_[part].rate * t);
        value += left;
        slope -= fading_[part].rate * left;
      }
      // The logarithm over what the tier asks for is nearly straight.
      const double total = value + threshold_;
      const double step =
          threshold_ > 0 && total > 0 ? -std::log(total / threshold_) * total / slope : -value / slope;
      if (!(slope < 0 && std::abs(step) < static_cast<double>(kEndOfTime))) return kInfinity;
      t += step;
      if (!(t >= 0 && t < static_cast<double>(kEndOfTime))) return kInfinity;
      if (std::abs(step) < 0.01) break;
    }
    return shifted(from, static_cast<Micros>(t) + 1);
  }

  /// Of what each rule contributes, by bucket.
  void bounds(Micros from, Micros to) {
    const Ruleset& rules = this->rules();
    buckets_.clear();
    for (const double base : p_.lead_buckets_) buckets_.push_back({base, base});
    may_.assign(rules.tiers.size(), false);
    must_.assign(rules.tiers.size(), false);
    for (const LeadProgram::Promotion& promotion : p_.lead_promotions_)
      must_[promotion.tier] = may_[promotion.tier] = true;
    for (const std::uint32_t i : p_.always_) add(i, from, to);
    for (const std::uint32_t tracker : p_.view_.present()) {
      for (const std::uint32_t i : p_.of_tracker_[tracker]) add(i, from, to);
    }
  }

  /// From buckets to the total.
  void add_up(Micros from, Micros to) {
    const Ruleset& rules = this->rules();
    dimensions_.clear();
    Range weighted;
    for (std::size_t d = 0; d < rules.dimensions.size(); ++d) {
      const Range value = dimension(d, from, to);
      dimensions_.push_back(value);
      const double a = rules.dimensions[d].weight * value.lo, b = rules.dimensions[d].weight * value.hi;
      weighted.lo += std::min(a, b);
      weighted.hi += std::max(a, b);
    }
    total_ = {rules.range.clamp(weighted.lo), rules.range.clamp(weighted.hi)};
    least_ = total_.lo;
    if (from == to) here_ = least_;
    if (rules.decimals) {
      total_ = {round_decimals(total_.lo, *rules.decimals), round_decimals(total_.hi, *rules.decimals)};
    }
  }

  void add(std::uint32_t i, Micros from, Micros to) {
    if (!active_[i]) return;
    const LeadProgram::Bound& bound = p_.bound_[i];
    const OutcomeRange range = outcome_between(bound.activity, p_.view_, from, to, since_[i]);
    buckets_[bound.bucket].lo += range.points.lo;
    buckets_[bound.bucket].hi += range.points.hi;
    if (bound.promotes == LeadProgram::kNone || !range.may) return;
    may_[bound.promotes] = true;
    must_[bound.promotes] = must_[bound.promotes] || range.must;
  }

  Range dimension(std::size_t d, Micros from, Micros to) const {
    const Dimension& dimension = rules().dimensions[d];
    const Range* bucket = buckets_.data() + p_.first_bucket_[d];
    Range value = bucket[0];
    for (std::size_t g = 0; g < dimension.groups.size(); ++g) {
      value.lo += dimension.groups[g].bounds.clamp(bucket[g + 1].lo);
      value.hi += dimension.groups[g].bounds.clamp(bucket[g + 1].hi);
    }
    if (dimension.idle) {
      const Micros latest = p_.view_.latest(p_.compiled_.plan.tracker_of_idle(d));
      if (latest != kMinusInfinity) {
        const auto factor = [&](Micros at) {
          return std::pow(dimension.idle->keep,
                          static_cast<double>(idle_steps(*dimension.idle, difference(at, latest))));
        };
        if (value.lo > 0) value.lo *= factor(to);
        if (value.hi > 0) value.hi *= factor(from);
      }
    }
    return {dimension.bounds.clamp(value.lo), dimension.bounds.clamp(value.hi)};
  }

  Truth promoted_to(std::size_t t) const {
    const std::uint32_t first = p_.first_of_name_[t];  // stands for all of its name
    return must_[first] ? Truth::yes : may_[first] ? Truth::maybe : Truth::no;
  }

  Truth holds_but_for_at(std::size_t t) const {
    const Tier& tier = rules().tiers[t];
    Truth truth = Truth::yes;
    for (const DimensionMinimum& minimum : tier.dimensions) {
      truth = both(truth, at_least(dimensions_[minimum.dimension], minimum.at));
    }
    if (tier.asks_grade) truth = both(truth, grade_among(tier.grades));
    const std::uint32_t decider = p_.tier_decider_[t];
    if (decider != LeadProgram::kNone && p_.answer_[decider] == LeadProgram::kNone) return Truth::no;
    return truth;
  }

  Truth grade_among(const std::vector<std::string>& grades) const {
    std::string joined;
    for (std::size_t d = 0; d < dimensions_.size(); ++d) {
      for (const Grade& grade : rules().dimensions[d].grades) {
        const Truth reached = grade.at ? at_least(dimensions_[d], *grade.at) : Truth::yes;
        if (reached == Truth::maybe) return Truth::maybe;
        if (reached == Truth::no) continue;
        joined += grade.name;
        break;
      }
    }
    return std::find(grades.begin(), grades.end(), joined) != grades.end() ? Truth::yes : Truth::no;
  }

  const LeadProgram& p_;
  std::optional<std::string_view> name_;
  std::vector<std::uint32_t> by_lead_;  ///< activity rules of which the lead says more than that they apply
  std::vector<bool> active_;            ///< by activity rule: does it apply to the lead?
  std::vector<bool> may_, must_;  ///< by first tier of a name: may, must some rule that fires promote to it?
  std::vector<Micros> since_;
  const double half_step_;  ///< half of the total's last decimal
  std::vector<Range> buckets_, dimensions_;
  Micros fading_from_ = kMinusInfinity;
  std::vector<Fading> fading_;  ///< from that time on
  std::vector<std::uint32_t> fading_rule_;
  std::vector<Fades> fades_;  ///< by bucket
  Range total_;
  double least_ = 0;  ///< the total's lower bound before it is rounded to decimals
  double here_ = 0;   ///< the total, before it is rounded, at the instant looked at last
  double threshold_ = 0;
};

namespace {

/// Looks at spans, and counts how often.
class Prover {
 public:
  explicit Prover(TierForecast& forecast) : forecast_(forecast) {}

  bool proved(Micros from, Micros to) {
    ++trials_;
    checkpoint();
    return forecast_.stays(from, to);
  }
  bool exhausted() const { return trials_ > kMostTrials; }
  double margin() const { return forecast_.margin(); }
  TierForecast& forecast() { return forecast_; }

 private:
  TierForecast& forecast_;
  int trials_ = 0;
};

/// A time after which the tier is proved to stay up to `good`, and not proved to stay up to `bad`.
struct Bracket {
  Micros good, bad;
};

/// Looks where the tier is foreseen to be left: as things fade, or by a jump before that. What fades by
/// half-lives alone is found by three looks. nullopt where nothing is foreseen, or was wrongly; up to
/// bracket.good, and at it, the tier is proved to stay.
std::optional<Micros> follow(Prover& prover, Micros to, Bracket& bracket) {
  constexpr int kMostPieces = 8;
  TierForecast& forecast = prover.forecast();
  for (int i = 0; i < kMostPieces; ++i) {
    const Micros from = bracket.good;
    const Micros crossing = forecast.crossing(from);
    const Micros next = std::min(crossing, forecast.jump(from, std::min(crossing, to)));
    if (next > to || !prover.proved(from, next - 1)) return std::nullopt;
    if (!prover.proved(next, next)) return next;
    bracket.good = next;
  }
  return std::nullopt;
}

/// Narrows the bracket where the total falls until it is too little for the tier, the common case, by the
/// secant method. Sums of what fades are convex, so that secants come to the crossing from before it.
void approach(Prover& prover, Micros from, Bracket& bracket) {
  constexpr int kMostSteps = 24;
  if (!prover.proved(from, from)) return;
  Micros at = shifted(from, kFirstStride), at_before = from, nudge = 1;
  double before = prover.margin();
  for (int i = 0; i < kMostSteps && difference(bracket.bad, bracket.good) > 1; ++i) {
    if (at <= bracket.good) at = shifted(bracket.good, nudge);
    if (at >= bracket.bad) at = bracket.bad - nudge;
    if (at <= bracket.good) at = bracket.good + difference(bracket.bad, bracket.good) / 2;
    (prover.proved(from, at) ? bracket.good : bracket.bad) = at;
    const double margin = prover.margin();
    const double step = margin * static_cast<double>(difference(at, at_before)) / (before - margin);
    if (!(std::abs(step) < static_cast<double>(kEndOfTime))) return;
    if (std::abs(step) < 2) nudge *= 2;
    at_before = at;
    before = margin;
    at = shifted(at, static_cast<Micros>(std::llround(step)));
  }
}

/// The first instant in (from, to] at which the tier is not proved to stay, or kInfinity. What lies before it
/// is proved.
Micros first_unproved(Prover& prover, Micros from, Micros to) {
  if (prover.proved(from, to)) return kInfinity;
  Bracket bracket{from, to};
  if (const auto found = follow(prover, to, bracket)) return *found;
  approach(prover, bracket.good, bracket);
  Micros begin = bracket.good + 1;
  if (begin == bracket.bad && !prover.proved(begin, begin)) return begin;
  Micros stride = std::min(kFirstStride, difference(bracket.bad, bracket.good));
  while (begin <= to) {
    // Strides grow while they succeed, so that far changes take few trials and near ones are found near.
    Micros end = std::min(shifted(begin, stride), to);
    while (!prover.proved(begin, end)) {
      if (begin == end || prover.exhausted()) return begin;
      end = begin + (end - begin) / 2;
      stride = std::max<Micros>((end - begin) / 2, 1);
    }
    if (end == to) return kInfinity;
    begin = end + 1;
    stride = stride > kEndOfTime / kLonger ? stride : stride * kLonger;
    if (prover.exhausted()) return begin;
  }
  return kInfinity;
}

}  // namespace

Micros LeadProgram::next_change(std::span<const Value> row, const Engagement* state, Micros as_of) {
  Evaluation now;
  return next_change(row, state, as_of, now);
}

Micros LeadProgram::next_change(std::span<const Value> row, const Engagement* state, Micros as_of,
                                Evaluation& now, Micros known) {
  keep_lead_part_ = true;
  evaluate(row, state, as_of, now);
  // Without tiers only disqualification gives a name, and only conditions on the lead's age let that change.
  if (compiled_.rules.tiers.empty() && matcher_->next_flip(row, as_of) == kInfinity) return kInfinity;
  if (forecast_ == nullptr) forecast_ = std::make_shared<TierForecast>(*this);
  const std::optional<std::string_view> name = now.tier_name(compiled_.rules);
  Prover prover(*forecast_);
  Micros from = as_of;
  Evaluation later;
  const Evaluation* current = &now;
  for (int span = 0; span < kMostSpans; ++span) {
    Micros next = matcher_->next_flip(row, from);
    for (std::uint32_t i = 0; state != nullptr && i < state->pending_size; ++i) {
      if (state->pending[i].at > from) next = std::min(next, state->pending[i].at);
    }
    if (!current->disqualified) {  // only the lead itself disqualifies, so within a span that stays
      forecast_->start(row, *current);
      if (span == 0 && known > as_of && known < next && forecast_->stays(as_of, known - 1)) return known;
      const Micros change = first_unproved(prover, from, next == kInfinity ? kEndOfTime - 1 : next - 1);
      if (change != kInfinity) return change;
    }
    if (next >= kEndOfTime) return kInfinity;
    evaluate(row, state, next, later);
    if (later.tier_name(compiled_.rules) != name) return next;
    current = &later;
    from = next;
  }
  return from + 1;
}

}  // namespace leadscore
