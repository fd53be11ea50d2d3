// Which trackers the activity rules of a rule set need.
#include "core/plan.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/error.hpp"

namespace leadscore {
namespace {

std::string kinds_signature(const KindSet& kinds, Accents accents) {
  if (kinds.every) return "*";
  std::vector<std::string> texts;
  for (const std::string& kind : kinds.kinds) texts.push_back(folded(kind, accents));
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  std::string out;
  for (const std::string& text : texts) out += std::to_string(text.size()) + ":" + text + ",";
  return out;
}

/// Events so old that they count for nothing: outside the window, or wholly faded.
Micros horizon_of(const Rule& rule) {
  Micros horizon = rule.within.value_or(0);
  const auto narrow = [&](Micros by) {
    if (horizon == 0 || by < horizon) horizon = by;
  };
  if (rule.fade == Fade::fades_over) narrow(rule.fades_over);
  if (rule.fade == Fade::steps && rule.steps.back().keep == 0) {
    std::size_t i = rule.steps.size() - 1;
    while (i > 0 && rule.steps[i - 1].keep == 0) --i;
    // Faded from its first moment: nothing is ever left, yet 0 would mean "no horizon".
    narrow(std::max<Micros>(rule.steps[i].after, 1));
  }
  return horizon;
}

Tracker tracker_for(const Rule& rule, const Ruleset& rules) {
  Tracker t;
  t.on = &rule.on;
  t.except = &rule.except;
  if (rule.where) t.where = &*rule.where;
  if (rule.measure == Measure::recency || rule.measure == Measure::idle) {
    t.type = Cell::Type::latest;
    return t;
  }
  if (rule.measure == Measure::cases || rule.measure == Measure::map) t.branching = &rule;
  const std::uint32_t branches = rule.measure == Measure::cases
                                     ? static_cast<std::uint32_t>(rule.cases.size())
                                 : rule.measure == Measure::map ? map_branches(rule)
                                                                : 1;
  if (rule.multiply_by) t.multiplier = &*rule.multiply_by;
  if (rule.measure == Measure::sum || rule.measure == Measure::sum_bands) t.multiplier = &rule.sum_field;
  if (!keeps_events(rule)) {
    t.type = Cell::Type::sum;
    t.slots = branches;
    if (rule.fade == Fade::half_life) t.half_life = rule.half_life;
    return t;
  }
  t.type = Cell::Type::list;
  if (rule.distinct) t.distinct = &*rule.distinct;
  t.list.multipliers = t.multiplier != nullptr;
  t.list.identities = t.distinct != nullptr;
  t.list.branches = branches > 1;
  t.list.horizon = horizon_of(rule);
  const bool counts = rule.measure == Measure::count || rule.measure == Measure::count_bands;
  std::int64_t keep = rule.max_events.value_or(kDefaultKeptEvents);
  if (counts) keep = rule.max_events ? std::min(*rule.max_events, needed_count(rule)) : needed_count(rule);
  if (rule.max_per_day) {
    if (rule.distinct) {
      // A later event of the same value may free a place in a day, so days cannot be thinned out before the
      // end: the newest values are kept instead.
      keep = std::max(keep, kDefaultKeptEvents);
    } else {
      t.list.per_day = static_cast<std::uint32_t>(*rule.max_per_day);
      t.list.utc_offset = rules.utc_offset;
    }
  }
  t.list.keep = static_cast<std::uint32_t>(keep);
  return t;
}

std::uint32_t branches_of(const Tracker& t) noexcept {
  if (t.branching == nullptr) return 1;
  return t.branching->measure == Measure::cases ? static_cast<std::uint32_t>(t.branching->cases.size())
                                                : map_branches(*t.branching);
}

std::string signature_of(const Tracker& t, Accents accents) {
  std::string out = std::to_string(static_cast<int>(t.type)) + "|on " + kinds_signature(*t.on, accents) +
                    "|except " + kinds_signature(*t.except, accents);
  if (t.where != nullptr) out += "|where " + signature(*t.where, accents);
  if (t.branching != nullptr && t.branching->measure == Measure::cases) {
    for (const Case& c : t.branching->cases) {
      out += "|case " + (c.condition ? signature(*c.condition, accents) : std::string("rest"));
    }
  } else if (t.branching != nullptr) {
    std::vector<std::string> keys;
    for (const MapEntry& entry : t.branching->map) keys.push_back(folded(entry.value, accents));
    std::sort(keys.begin(), keys.end());
    out += "|map " + std::to_string(t.branching->field.size()) + ":" + t.branching->field;
    for (const std::string& key : keys) out += "," + std::to_string(key.size()) + ":" + key;
    if (t.branching->otherwise) out += "|else";
    if (t.branching->missing) out += "|missing";
  }
  if (t.multiplier != nullptr) out += "|times " + std::to_string(t.multiplier->size()) + ":" + *t.multiplier;
  if (t.distinct != nullptr) out += "|distinct " + std::to_string(t.distinct->size()) + ":" + *t.distinct;
  if (t.half_life != 0) out += "|half_life " + std::to_string(t.half_life);
  if (t.type == Cell::Type::list) {
    out += "|keep " + std::to_string(t.list.keep) + "," + std::to_string(t.list.per_day) + "," +
           std::to_string(t.list.utc_offset) + "," + std::to_string(t.list.horizon);
  }
  return out;
}

}  // namespace

std::uint32_t map_branches(const Rule& rule) noexcept {
  return static_cast<std::uint32_t>(rule.map.size() + (rule.otherwise ? 1 : 0) + (rule.missing ? 1 : 0));
}

std::int64_t needed_count(const Rule& rule) noexcept {
  double needed = 1;
  const auto need = [&](double n) { needed = std::max(needed, n); };
  if (rule.measure == Measure::count_bands) {
    for (const Band& band : rule.bands) {
      if (band.below) need(std::ceil(*band.below));
    }
  } else {
    const NumberTest& test = rule.test;
    if (test.gte) need(std::ceil(*test.gte));
    if (test.lt) need(std::ceil(*test.lt));
    if (test.gt) need(std::floor(*test.gt) + 1);
    if (test.lte) need(std::floor(*test.lte) + 1);
    if (test.eq) need(std::floor(*test.eq) + 1);
  }
  // "More than the largest bound" takes one more to tell.
  return static_cast<std::int64_t>(std::min(needed, static_cast<double>(kMaxKeptEvents + 1)));
}

bool keeps_events(const Rule& rule) noexcept {
  if (rule.within || rule.distinct || rule.max_per_day) return true;
  if (rule.fade == Fade::fades_over || rule.fade == Fade::steps) return true;
  if (!rule.max_events) return false;
  // The n newest of events that are all worth the same need no list: as many as there are, at most n.
  const bool alike = (rule.measure == Measure::points && rule.fade == Fade::none && !rule.multiply_by) ||
                     rule.measure == Measure::count || rule.measure == Measure::count_bands;
  return !alike;
}

std::optional<std::int64_t> event_limit(const Rule& rule) noexcept {
  if (rule.max_events) return rule.max_events;
  if (rule.measure == Measure::count || rule.measure == Measure::count_bands) return std::nullopt;
  return keeps_events(rule) ? std::optional(kDefaultKeptEvents) : std::nullopt;
}

EngagementPlan::EngagementPlan(const Ruleset& rules) : rules_(rules) {
  // Trackers are numbered by signature, so that the order in which rules are written does not touch a state.
  std::map<std::string, Tracker> found;
  std::vector<std::vector<std::string>> rule_signature;
  std::vector<std::string> idle_signature;
  const auto note = [&](Tracker tracker) {
    tracker.signature = signature_of(tracker, rules.accents);
    std::string key = tracker.signature;
    found.emplace(key, std::move(tracker));
    return key;
  };
  for (const Dimension& dimension : rules.dimensions) {
    std::vector<std::string>& row = rule_signature.emplace_back();
    for (const Rule& rule : dimension.rules) {
      row.push_back(is_lead(rule.measure) ? std::string() : note(tracker_for(rule, rules)));
    }
    Tracker idle;
    if (dimension.idle) {
      idle.on = &dimension.idle->on;
      idle.except = &dimension.idle->except;
    }
    idle_signature.push_back(dimension.idle ? note(std::move(idle)) : std::string());
    checkpoint();
  }
  std::map<std::string_view, std::uint32_t> number;
  std::string all = rules.accents == Accents::ignored ? "accents ignored\n" : "\n";
  for (auto& [key, tracker] : found) {
    tracker.first_slot = slots();
    slot_tracker_.insert(slot_tracker_.end(), tracker.slots, static_cast<std::uint32_t>(trackers_.size()));
    all += key + "\n";
    number.emplace(key, static_cast<std::uint32_t>(trackers_.size()));
    trackers_.push_back(tracker);
  }
  constexpr std::uint32_t kNone = UINT32_MAX;
  for (const auto& row : rule_signature) {
    std::vector<std::uint32_t>& indexes = rule_tracker_.emplace_back();
    for (const std::string& key : row) indexes.push_back(key.empty() ? kNone : number.at(key));
  }
  for (const std::string& key : idle_signature) idle_tracker_.push_back(key.empty() ? kNone : number.at(key));
  fingerprint_ = XXH3_64bits(all.data(), all.size());
}

void EngagementPlan::fold(EngagementWriter& writer, Engagement& state, Arena& arena, const Effect& effect,
                          Micros now) const {
  const bool later = effect.at > now;
  if (!later) state.last_at = std::max(state.last_at, effect.at);
  if (effect.tracker == Effect::kNone) {
    if (later) {
      Pending pending;
      pending.at = effect.at;
      pending.slot = kNoSlot;
      pending.type = Cell::Type::latest;
      writer.add_pending(state, arena, pending);
    }
    return;
  }
  const Tracker& t = trackers_[effect.tracker];
  const Event event{effect.at, effect.multiplier, effect.identity, effect.branch};
  const bool is_sum = t.type == Cell::Type::sum;
  const std::uint32_t slot = slot_of(effect);
  const Weight weight = is_sum ? weight_at(effect.at, t.half_life) : Weight{0, 0};
  if (!later) {
    switch (t.type) {
      case Cell::Type::sum:
        return writer.add_sum(state, arena, slot, weight.block, weight.weight * effect.multiplier);
      case Cell::Type::latest:
        return writer.add_latest(state, arena, slot, effect.at);
      case Cell::Type::list:
        return writer.add_event(state, arena, slot, t.list, event);
    }
  }
  Pending pending;
  pending.at = effect.at;
  pending.slot = slot;
  pending.type = t.type;
  if (is_sum) {
    pending.block = weight.block;
    pending.event.multiplier = weight.weight * effect.multiplier;
  } else if (t.type == Cell::Type::list) {
    pending.spec = t.list;
    pending.event = event;
  }
  writer.add_pending(state, arena, pending);
}

void EngagementPlan::check_fits(const Engagement& state) const {
  if (state.fingerprint != fingerprint_) {
    throw Error(
        sqlstate::kWrongState, "engagement state was made for a rule set with other activity rules",
        "Make it anew with engage and this rule set; points, lead rules and tiers may differ, what activity "
        "rules select, measure and keep may not.");
  }
  const auto check = [](bool holds) {
    if (!holds) {
      throw Error(sqlstate::kInvalidBinary, "invalid engagement state: its cells do not fit its rule set",
                  "The bytes were damaged or do not come from leadscore.");
    }
  };
  const auto block_fits = [](std::int64_t block, Micros half_life, Micros newest) {
    if (half_life == 0) return block == 0;
    // It begins no later than the newest event. (A block so early that its landmark is beyond a number's
    // range would come before all instants.)
    Micros landmark = 0;
    return !__builtin_mul_overflow(block, kBlockHalfLives * half_life, &landmark) && landmark <= newest &&
           landmark > kFirstInstant - kBlockHalfLives * half_life;
  };
  for (std::uint32_t i = 0; i < state.size; ++i) {
    const Cell& c = state.cells[i];
    check(c.slot < slots());
    const Tracker& t = trackers_[slot_tracker_[c.slot]];
    check(c.type == t.type);
    if (c.type == Cell::Type::sum) check(block_fits(c.block, t.half_life, state.last_at));
    if (c.type == Cell::Type::list) {
      check(c.list->spec == t.list);
      const std::uint32_t branches = branches_of(t);
      for (std::uint32_t e = 0; e < c.list->size; ++e) check(event_at(*c.list, e).branch < branches);
    }
  }
  for (std::uint32_t i = 0; i < state.pending_size; ++i) {
    const Pending& p = state.pending[i];
    if (p.slot == kNoSlot) continue;
    check(p.slot < slots());
    const Tracker& t = trackers_[slot_tracker_[p.slot]];
    check(p.type == t.type);
    if (p.type == Cell::Type::sum) check(block_fits(p.block, t.half_life, p.at));
    if (p.type == Cell::Type::list) check(p.spec == t.list && p.event.branch < branches_of(t));
  }
}

}  // namespace leadscore
