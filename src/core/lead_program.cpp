// From a lead row and its engagement to a total, grade and tier (docs/ruleset-language.md, sections 4 and 6).
#include "core/lead_program.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/rounding.hpp"

namespace leadscore {
namespace {

FieldList lead_fields(const Ruleset& rules, Purpose purpose) {
  FieldList fields;
  if (purpose == Purpose::segments) {
    for (const Segment& segment : rules.segments) {
      fields.add(segment.condition, rules.segments, "segment \"" + segment.name + "\"");
    }
    return fields;
  }
  for (const Dimension& dimension : rules.dimensions) {
    for (const Rule& rule : dimension.rules) {
      if (rule.off) continue;
      const std::string owner = rule_owner(rule);
      if (rule.when) fields.add(*rule.when, rules.segments, owner);
      if (is_lead(rule.measure)) {
        for (const Case& c : rule.cases) {
          if (c.condition) fields.add(*c.condition, rules.segments, owner);
        }
        if (!rule.field.empty()) fields.add(rule.field, false, owner);
      }
      if (rule.measure == Measure::idle && rule.idle.since) fields.add(*rule.idle.since, false, owner);
    }
  }
  for (const Tier& tier : rules.tiers) {
    if (tier.when) fields.add(*tier.when, rules.segments, "tier \"" + tier.name + "\"");
  }
  return fields;
}

Decider lead_decider(const Rule& rule) {
  Decider decider;
  decider.owner = rule_owner(rule);
  switch (rule.measure) {
    case Measure::lead_points:
      decider.branches.push_back({rule.when ? &*rule.when : nullptr, rule.points});
      break;
    case Measure::lead_cases:
      for (const Case& c : rule.cases)
        decider.branches.push_back({c.condition ? &*c.condition : nullptr, c.points});
      break;
    default:
      decider.form = rule.measure == Measure::lead_map ? Decider::Form::map : Decider::Form::bands;
      decider.field = rule.field;
      decider.map = &rule.map;
      decider.bands = &rule.bands;
      decider.otherwise = rule.otherwise;
      decider.missing = rule.missing;
      break;
  }
  return decider;
}

double branch_points(const Rule& rule, std::uint32_t branch) {
  switch (rule.measure) {
    case Measure::lead_points:
      return rule.points;
    case Measure::lead_cases:
      return rule.cases[branch].points;
    case Measure::lead_map:
      if (branch < rule.map.size()) return rule.map[branch].points;
      return branch == rule.map.size() ? rule.otherwise.value_or(0) : rule.missing.value_or(0);
    default:
      return branch < rule.bands.size() ? rule.bands[branch].points : rule.missing.value_or(0);
  }
}

/// Does a lead rule that got this far count as fired, for promotion?
bool lead_rule_fired(const Rule& rule, double points) {
  return rule.measure == Measure::lead_points || rule.measure == Measure::lead_cases || points != 0;
}

}  // namespace

Micros instant_of(const Value& value) {
  if (value.kind == Value::Kind::instant) return value.instant;
  if (value.kind != Value::Kind::text) return kMinusInfinity;
  return parse_instant(value.view()).value_or(kMinusInfinity);
}

std::optional<std::string_view> Evaluation::tier_name(const Ruleset& rules) const {
  if (disqualified) return rules.disqualified_tier;
  if (!tier) return std::nullopt;
  return rules.tiers[*tier].name;
}

std::vector<FieldRequest> LeadProgram::fields(const Ruleset& rules, Purpose purpose) {
  return lead_fields(rules, purpose).requests();
}

LeadProgram::LeadProgram(const CompiledRuleset& compiled, const RowShape& shape, Purpose purpose)
    : compiled_(compiled),
      purpose_(purpose),
      fields_(lead_fields(compiled.rules, purpose)),
      view_(compiled.plan) {
  const Ruleset& rules = compiled.rules;
  std::uint32_t buckets = 0;
  for (const Dimension& dimension : rules.dimensions) {
    first_bucket_.push_back(buckets);
    buckets += 1 + static_cast<std::uint32_t>(dimension.groups.size());
  }
  for (std::uint32_t t = 0; t < rules.tiers.size(); ++t) {
    first_of_name_.push_back(tier_of_name_.try_emplace(rules.tiers[t].name, t).first->second);
  }
  promotion_of_.assign(rules.tiers.size(), kNone);
  of_tracker_.resize(compiled.plan.trackers().size());
  std::vector<Decider> deciders;
  build_deciders(deciders, shape);
  answer_.assign(asked_.size(), kNone);
  matcher_ = std::make_unique<Matcher>(rules, fields_.requests(), shape, std::move(deciders), buckets);
}

void LeadProgram::build_deciders(std::vector<Decider>& deciders, const RowShape& shape) {
  const Ruleset& rules = compiled_.rules;
  const auto ask = [&](Decider decider, Asked::What what, std::size_t dimension, std::size_t index) {
    deciders.push_back(std::move(decider));
    asked_.push_back({what, dimension, index});
    return static_cast<std::uint32_t>(deciders.size() - 1);
  };
  const auto condition_decider = [](const Condition& condition, std::string owner) {
    Decider decider;
    decider.owner = std::move(owner);
    decider.branches.push_back({&condition, 0});
    return decider;
  };
  if (purpose_ == Purpose::segments) {
    for (std::size_t s = 0; s < rules.segments.size(); ++s) {
      const Segment& segment = rules.segments[s];
      ask(condition_decider(segment.condition, "segment \"" + segment.name + "\""), Asked::What::segment, 0,
          s);
    }
    return;
  }
  for (std::size_t d = 0; d < rules.dimensions.size(); ++d) {
    for (std::size_t r = 0; r < rules.dimensions[d].rules.size(); ++r) {
      const Rule& rule = rules.dimensions[d].rules[r];
      if (rule.off) continue;
      const std::uint32_t bucket =
          first_bucket_[d] + (rule.group ? 1 + static_cast<std::uint32_t>(*rule.group) : 0);
      if (is_lead(rule.measure)) {
        Decider decider = lead_decider(rule);
        if (purpose_ == Purpose::score && !rule.promote_to && !rule.disqualify) decider.bucket = bucket;
        ask(std::move(decider), Asked::What::lead_rule, d, r);
        continue;
      }
      Bound bound;
      bound.activity = make_activity_rule(rules, rule, compiled_.plan, compiled_.plan.tracker_of_rule(d, r));
      bound.dimension = d;
      bound.rule = r;
      bound.bucket = bucket;
      bound.gate =
          rule.when ? ask(condition_decider(*rule.when, rule_owner(rule)), Asked::What::gate, d, r) : kNone;
      bound.acts = rule.promote_to || rule.disqualify;
      bound.promotes = rule.promote_to ? tier_of_name_.at(*rule.promote_to) : kNone;
      bound.since = kNone;
      if (rule.measure == Measure::idle && rule.idle.since) {
        bound.since = fields_.index_of(*rule.idle.since, false);
        check_field(fields_.requests()[bound.since], shape.fields[bound.since], shape, true, "since",
                    rule_owner(rule));
      }
      const auto index = static_cast<std::uint32_t>(bound_.size());
      if (bound.activity.always) {
        always_.push_back(index);
      } else {
        of_tracker_[bound.activity.tracker].push_back(index);
      }
      bound_.push_back(std::move(bound));
    }
    checkpoint();
  }
  for (std::size_t t = 0; t < rules.tiers.size(); ++t) {
    const Tier& tier = rules.tiers[t];
    tier_decider_.push_back(
        tier.when ? ask(condition_decider(*tier.when, "tier \"" + tier.name + "\""), Asked::What::tier, 0, t)
                  : kNone);
  }
}

const Engagement* LeadProgram::settled(const Engagement* state, Micros as_of) {
  if (!is_finite(as_of)) {
    throw Error(sqlstate::kInvalidParameter, "as_of must be finite", "Give the time as of which to score.");
  }
  if (state == nullptr) return nullptr;
  if (as_of < state->last_at) {
    throw Error(sqlstate::kInvalidParameter,
                "as_of " + format_instant(as_of) +
                    " lies before the newest activity in the engagement state, " +
                    format_instant(state->last_at),
                "Give engage the same as_of, so that later activities are left out.");
  }
  bool due = false;
  for (std::uint32_t i = 0; i < state->pending_size; ++i) due |= state->pending[i].at <= as_of;
  if (!due) return state;
  arena_.clear();
  folded_ = Engagement();
  folded_.fingerprint = state->fingerprint;
  writer_.merge(folded_, arena_, *state);
  writer_.fold_pending(folded_, arena_, as_of);
  return &folded_;
}

void LeadProgram::fire(const Rule& rule, std::size_t dimension, std::size_t index, Evaluation& out) {
  if (rule.disqualify && !out.disqualified) {
    out.disqualified = true;
    out.disqualified_by_dimension = dimension;
    out.disqualified_by_rule = index;
  }
  if (!rule.promote_to) return;
  const std::uint32_t t = tier_of_name_.at(*rule.promote_to);
  if (promotion_of_[t] == kNone) {
    promotion_of_[t] = static_cast<std::uint32_t>(promotions_.size());
    promotions_.push_back({t, dimension, index});
    return;
  }
  // Of several rules that promote to one tier the first is named.
  Promotion& p = promotions_[promotion_of_[t]];
  if (std::pair(dimension, index) < std::pair(p.dimension, p.rule)) p = {t, dimension, index};
}

void LeadProgram::match_lead(std::span<const Value> row, Micros as_of, Evaluation& out) {
  for (const Match& hit : result_.hits) answer_[hit.decider] = kNone;  // of the lead before
  matcher_->match(row, as_of, result_);
  std::swap(out.buckets, result_.buckets);
  for (const Match& hit : result_.hits) {
    answer_[hit.decider] = hit.branch;
    const Asked& asked = asked_[hit.decider];
    if (asked.what != Asked::What::lead_rule) continue;
    const Rule& rule = compiled_.rules.dimensions[asked.dimension].rules[asked.index];
    const double points = branch_points(rule, hit.branch);
    const std::uint32_t group = rule.group ? 1 + static_cast<std::uint32_t>(*rule.group) : 0;
    out.buckets[first_bucket_[asked.dimension] + group] += points;
    const bool fired = lead_rule_fired(rule, points);
    if (fired) fire(rule, asked.dimension, asked.index, out);
    if (purpose_ == Purpose::explain) {
      RulePart& part = out.parts.emplace_back();
      part.dimension = asked.dimension;
      part.rule = asked.index;
      part.points = points;
      part.fired = fired;
      part.branch = hit.branch;
    }
  }
}

void LeadProgram::add_activity(std::span<const Value> row, Micros as_of, Evaluation& out) {
  const bool detailed = purpose_ == Purpose::explain;
  const auto add = [&](std::uint32_t index) {
    const Bound& bound = bound_[index];
    if (bound.gate != kNone && answer_[bound.gate] == kNone) return;
    if (bound.activity.plain_sums && !detailed) {
      const Outcome outcome = plain_sums_outcome(bound.activity, view_, as_of);
      out.buckets[bound.bucket] += outcome.points;
      if (outcome.fired && bound.acts) fire(*bound.activity.rule, bound.dimension, bound.rule, out);
      return;
    }
    const Micros since = bound.since == kNone ? kMinusInfinity : instant_of(row[bound.since]);
    Tally tally;
    const Outcome outcome = outcome_at(bound.activity, view_, as_of, since, detailed ? &tally : nullptr);
    out.buckets[bound.bucket] += outcome.points;
    if (outcome.fired && bound.acts) fire(*bound.activity.rule, bound.dimension, bound.rule, out);
    if (detailed && (outcome.fired || outcome.points != 0)) {
      RulePart& part = out.parts.emplace_back();
      part.dimension = bound.dimension;
      part.rule = bound.rule;
      part.points = outcome.points;
      part.fired = outcome.fired;
      part.tally = tally;
    }
  };
  for (const std::uint32_t index : always_) add(index);
  for (const std::uint32_t tracker : view_.present()) {
    for (const std::uint32_t index : of_tracker_[tracker]) add(index);
  }
}

std::vector<LeadProgram::AppliedRule> LeadProgram::applied_rules(std::span<const Value> row) const {
  std::vector<AppliedRule> applied;
  for (const Bound& bound : bound_) {
    if (bound.gate != kNone && answer_[bound.gate] == kNone) continue;
    applied.push_back(
        {&bound.activity, bound.since == kNone ? kMinusInfinity : instant_of(row[bound.since])});
  }
  return applied;
}

void LeadProgram::add_up(const EngagementView& view, Micros as_of, Evaluation& out) const {
  const Ruleset& rules = compiled_.rules;
  const std::size_t n = rules.dimensions.size();
  out.dimensions.resize(n);
  out.before_idle.resize(n);
  out.before_clamp.resize(n);
  out.idle_steps.resize(n);
  out.grade.clear();
  out.has_grade = false;
  out.weighted = 0;
  for (std::size_t d = 0; d < n; ++d) {
    const Dimension& dimension = rules.dimensions[d];
    const double* bucket = out.buckets.data() + first_bucket_[d];
    double value = bucket[0];
    for (std::size_t g = 0; g < dimension.groups.size(); ++g)
      value += dimension.groups[g].bounds.clamp(bucket[g + 1]);
    out.before_idle[d] = value;
    out.idle_steps[d] = 0;
    if (dimension.idle && value > 0) {
      const Micros latest = view.latest(compiled_.plan.tracker_of_idle(d));
      if (latest != kMinusInfinity) {
        out.idle_steps[d] = idle_steps(*dimension.idle, difference(as_of, latest));
        value *= std::pow(dimension.idle->keep, static_cast<double>(out.idle_steps[d]));
      }
    }
    out.before_clamp[d] = value;
    value = dimension.bounds.clamp(value);
    out.dimensions[d] = value;
    out.weighted += dimension.weight * value;
    for (const Grade& grade : dimension.grades) {
      if (grade.at && round9(value) < *grade.at) continue;
      out.grade += grade.name;
      out.has_grade = true;
      break;
    }
  }
  out.clamped = rules.range.clamp(out.weighted);
  out.total = rules.decimals ? round_decimals(out.clamped, *rules.decimals) : out.clamped;
}

bool LeadProgram::holds_but_for_at(std::size_t t, const Evaluation& out) const {
  const Tier& tier = compiled_.rules.tiers[t];
  for (const DimensionMinimum& minimum : tier.dimensions) {
    if (round9(out.dimensions[minimum.dimension]) < minimum.at) return false;
  }
  if (tier.asks_grade && std::find(tier.grades.begin(), tier.grades.end(), out.grade) == tier.grades.end())
    return false;
  return tier_decider_[t] == kNone || answer_[tier_decider_[t]] != kNone;
}

void LeadProgram::choose_tier(Evaluation& out) const {
  const std::vector<Tier>& tiers = compiled_.rules.tiers;
  out.tier.reset();
  out.own_tier.reset();
  const double total = round9(out.total);
  for (std::size_t t = 0; t < tiers.size(); ++t) {
    if (tiers[t].at && total < *tiers[t].at) continue;
    if (!holds_but_for_at(t, out)) continue;
    out.own_tier = t;
    break;
  }
  out.tier = out.own_tier;
  const std::size_t end = out.own_tier.value_or(tiers.size());
  for (std::size_t t = 0; t < end && !promotions_.empty(); ++t) {
    const std::uint32_t promotion = promotion_of_[first_of_name_[t]];
    if (promotion == kNone || !holds_but_for_at(t, out)) continue;
    out.tier = t;
    out.promoted_by_dimension = promotions_[promotion].dimension;
    out.promoted_by_rule = promotions_[promotion].rule;
    return;
  }
}

void LeadProgram::evaluate(std::span<const Value> row, const Engagement* state, Micros as_of,
                           Evaluation& out) {
  const Engagement* ready = settled(state, as_of);
  out.disqualified = false;
  out.parts.clear();
  out.promoted_by_dimension.reset();
  out.promoted_by_rule.reset();
  out.disqualified_by_dimension.reset();
  out.disqualified_by_rule.reset();
  for (const Promotion& p : promotions_) promotion_of_[p.tier] = kNone;
  promotions_.clear();
  match_lead(row, as_of, out);
  if (keep_lead_part_) {
    lead_buckets_ = out.buckets;
    lead_promotions_ = promotions_;
  }
  view_.assign(ready, writer_);
  add_activity(row, as_of, out);
  add_up(view_, as_of, out);
  choose_tier(out);
  if (purpose_ != Purpose::explain) return;
  out.tier_condition.clear();
  for (const std::uint32_t decider : tier_decider_) {
    out.tier_condition.push_back(decider == kNone || answer_[decider] != kNone);
  }
}

void LeadProgram::segments(std::span<const Value> row, Micros as_of, std::vector<std::size_t>& out) {
  settled(nullptr, as_of);
  matcher_->match(row, as_of, result_);
  out.clear();
  for (const Match& hit : result_.hits) out.push_back(asked_[hit.decider].index);
}

}  // namespace leadscore
