// ActivityProgram: one Matcher for each set of trackers that some kind of activity concerns.
#include "core/activity_program.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/error.hpp"

namespace leadscore {
namespace {

/// Kinds remembered as they are written, so that a hostile column can't fill the memory.
constexpr std::size_t kMostKnownKinds = 4096;

/// The number to multiply by or to sum: NULL, NaN and what is no number count 0.
double multiplier_of(const Value& value) noexcept {
  if (value.kind != Value::Kind::number || std::isnan(value.number)) return 0;
  return std::clamp(value.number, -kLargestMultiplier, kLargestMultiplier) +
         0.0;  // never −0, which has other bytes
}

/// 0 is the identity of NULL.
std::uint64_t identity_of(const Value& value) noexcept {
  if (value.kind != Value::Kind::text || is_blank(value.view())) return 0;
  const std::uint64_t hash = XXH3_64bits(value.text.data, value.text.size);
  return hash == 0 ? 1 : hash;
}

FieldList activity_fields(const Ruleset& rules) {
  FieldList fields;
  for (std::size_t d = 0; d < rules.dimensions.size(); ++d) {
    for (const Rule& rule : rules.dimensions[d].rules) {
      if (is_lead(rule.measure)) continue;
      const std::string owner = rule_owner(rule);
      if (rule.where) fields.add(*rule.where, rules.segments, owner);
      for (const Case& c : rule.cases) {
        if (c.condition) fields.add(*c.condition, rules.segments, owner);
      }
      if (rule.measure == Measure::map) fields.add(rule.field, false, owner);
      if (!rule.sum_field.empty()) fields.add(rule.sum_field, false, owner);
      if (rule.multiply_by) fields.add(*rule.multiply_by, false, owner);
      if (rule.distinct) fields.add(*rule.distinct, true, owner);
    }
  }
  return fields;
}

}  // namespace

/// The conditions that decide whether and where a tracker counts an activity.
struct ActivityProgram::TrackerQuestions {
  std::string owner;
  std::vector<Decider::Branch> where;
  std::vector<Decider::Branch> cases;
  std::vector<MapEntry> map;  ///< ascending by folded value, as the plan numbers branches
  FieldList reads;
};

std::vector<FieldRequest> ActivityProgram::fields(const Ruleset& rules) {
  return activity_fields(rules).requests();
}

ActivityProgram::~ActivityProgram() = default;

ActivityProgram::ActivityProgram(const Ruleset& rules, const EngagementPlan& plan, const RowShape* shape)
    : rules_(rules), plan_(plan), fields_(activity_fields(rules)), folder_(rules.accents) {
  if (shape != nullptr) {
    shape_ = *shape;
  } else if (!fields_.requests().empty()) {
    const FieldRequest& first = fields_.requests().front();
    throw Error(
        sqlstate::kInvalidParameter,
        first.owner + " reads field \"" + first.path + "\" of the activity, but no activity row is given",
        "Pass the activity's row to engage as its fourth argument: engage(rules, a.kind, a.at, a).");
  }
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 0; i < plan.trackers().size(); ++i) {
    const Tracker& t = plan.trackers()[i];
    TrackerQuestions& q = questions_.emplace_back();
    if (t.where != nullptr) {
      q.where.push_back({t.where, 0});
      q.reads.add(*t.where, rules.segments, {});
    }
    if (t.branching != nullptr && t.branching->measure == Measure::cases) {
      for (const Case& c : t.branching->cases) {
        q.cases.push_back({c.condition ? &*c.condition : nullptr, 0});
        if (c.condition) q.reads.add(*c.condition, rules.segments, {});
      }
    } else if (t.branching != nullptr) {
      q.map = t.branching->map;
      std::sort(q.map.begin(), q.map.end(), [&](const MapEntry& a, const MapEntry& b) {
        return folded(a.value, rules.accents) < folded(b.value, rules.accents);
      });
      q.reads.add(t.branching->field, false, {});
    }
    if (t.multiplier != nullptr) q.reads.add(*t.multiplier, false, {});
    if (t.distinct != nullptr) q.reads.add(*t.distinct, true, {});
    if (t.on->every) every_kind_.push_back(i);
    for (const std::string& kind : t.on->kinds) {
      std::vector<std::uint32_t>& list = by_kind_[folded(kind, rules.accents)];
      if (list.empty() || list.back() != i) list.push_back(i);
    }
    std::unordered_map<std::string, bool>& except = except_.emplace_back();
    for (const std::string& kind : t.except->kinds) except[folded(kind, rules.accents)] = true;
    all.push_back(i);
    checkpoint();
  }
  // Who asks is named after the first rule that uses the tracker.
  for (std::size_t d = 0; d < rules.dimensions.size(); ++d) {
    for (std::size_t r = 0; r < rules.dimensions[d].rules.size(); ++r) {
      const Rule& rule = rules.dimensions[d].rules[r];
      if (is_lead(rule.measure)) continue;
      TrackerQuestions& q = questions_[plan.tracker_of_rule(d, r)];
      if (q.owner.empty()) q.owner = rule_owner(rule);
      if (shape == nullptr) continue;
      for (const auto& [field, what] :
           {std::pair(rule.multiply_by.value_or(""), "multiply_by"), std::pair(rule.sum_field, "sum")}) {
        if (field.empty()) continue;
        const std::uint32_t at = fields_.index_of(field, false);
        check_field(fields_.requests()[at], shape_.fields[at], shape_, false, what, rule_owner(rule));
      }
      if (rule.distinct) {
        const std::uint32_t at = fields_.index_of(*rule.distinct, true);
        if (!shape_.fields[at].exists) throw_missing_column(fields_.requests()[at], shape_, rule_owner(rule));
      }
    }
  }
  // Classes are made when their kinds turn up; a column that is missing or of the wrong type must not wait
  // for that.
  build(all);
}

std::unique_ptr<ActivityProgram::KindClass> ActivityProgram::build(
    const std::vector<std::uint32_t>& trackers) {
  auto made = std::make_unique<KindClass>();
  std::vector<Decider> deciders;
  for (const std::uint32_t i : trackers) {
    const Tracker& t = plan_.trackers()[i];
    const TrackerQuestions& q = questions_[i];
    KindClass::Step step{i, kNone, kNone, kNone, kNone};
    if (!q.where.empty()) {
      step.where = static_cast<std::uint32_t>(deciders.size());
      Decider& d = deciders.emplace_back();
      d.owner = q.owner;
      d.branches = q.where;
    }
    if (t.branching != nullptr) {
      step.branch = static_cast<std::uint32_t>(deciders.size());
      Decider& d = deciders.emplace_back();
      d.owner = q.owner;
      if (t.branching->measure == Measure::cases) {
        d.branches = q.cases;
      } else {
        d.form = Decider::Form::map;
        d.field = t.branching->field;
        d.map = &q.map;
        d.otherwise = t.branching->otherwise;
        d.missing = t.branching->missing;
      }
    }
    if (t.multiplier != nullptr) step.multiplier = fields_.index_of(*t.multiplier, false);
    if (t.distinct != nullptr) step.distinct = fields_.index_of(*t.distinct, true);
    for (const FieldRequest& request : q.reads.requests()) {
      const std::uint32_t at = fields_.index_of(request.path, request.as_text);
      if (std::find(made->fields.begin(), made->fields.end(), at) == made->fields.end())
        made->fields.push_back(at);
    }
    made->steps.push_back(step);
  }
  made->deciders = static_cast<std::uint32_t>(deciders.size());
  if (!deciders.empty()) {
    made->matcher = std::make_unique<Matcher>(rules_, fields_.requests(), shape_, std::move(deciders), 0);
  }
  return made;
}

const ActivityProgram::KindClass* ActivityProgram::make_class(std::string_view folded_kind) {
  const std::string kind(folded_kind);
  std::vector<std::uint32_t> trackers = every_kind_;
  if (const auto named = by_kind_.find(kind); named != by_kind_.end()) {
    trackers.insert(trackers.end(), named->second.begin(), named->second.end());
  }
  std::sort(trackers.begin(), trackers.end());
  trackers.erase(std::unique(trackers.begin(), trackers.end()), trackers.end());
  std::erase_if(trackers, [&](std::uint32_t i) {
    return plan_.trackers()[i].except->every || except_[i].contains(kind);
  });
  std::unique_ptr<KindClass>& slot = classes_[trackers];
  if (slot == nullptr) slot = build(trackers);
  return slot.get();
}

std::size_t ActivityProgram::KindHash::operator()(std::string_view kind) const noexcept {
  return XXH3_64bits(kind.data(), kind.size());
}

const ActivityProgram::KindClass* ActivityProgram::look_up(std::string_view kind) {
  if (const auto found = known_.find(kind); found != known_.end()) return found->second;
  const KindClass* made = is_blank(kind) ? nullptr : make_class(folder_.fold(kind));
  if (known_.size() < kMostKnownKinds) known_.emplace(kind, made);
  return made;
}

const ActivityProgram::KindClass* ActivityProgram::classify(std::string_view kind) {
  const std::size_t size = kind.size();
  if (size < sizeof(std::uint32_t) || size > 4 * sizeof(std::uint64_t)) return look_up(kind);
  // Words that overlap where there are not as many bytes.
  Recent asked;
  if (size < sizeof(std::uint64_t)) {
    std::memcpy(&asked.words[0], kind.data(), sizeof(std::uint32_t));
    std::memcpy(&asked.words[3], kind.data() + size - sizeof(std::uint32_t), sizeof(std::uint32_t));
  } else {
    const std::size_t half = std::min<std::size_t>(size, 2 * sizeof(std::uint64_t));
    std::memcpy(&asked.words[0], kind.data(), sizeof(std::uint64_t));
    std::memcpy(&asked.words[1], kind.data() + half - sizeof(std::uint64_t), sizeof(std::uint64_t));
    std::memcpy(&asked.words[2], kind.data() + size - half, sizeof(std::uint64_t));
    std::memcpy(&asked.words[3], kind.data() + size - sizeof(std::uint64_t), sizeof(std::uint64_t));
  }
  constexpr std::uint64_t kOdd =
      0x9e37'79b9'7f4a'7c15;  // multiplying by it mixes the lower bits into the upper
  const std::uint64_t mixed = (asked.words[0] ^ std::rotl(asked.words[3], 29) ^ size) * kOdd;
  Recent& place = recent_[mixed >> (64 - std::countr_zero(kRecent))];
  if (place.size != size || place.words != asked.words) {
    asked.kind_class = look_up(kind);
    asked.size = size;
    place = asked;
  }
  return place.kind_class;
}

Engagement ActivityProgram::start() const noexcept {
  Engagement state;
  state.fingerprint = plan_.fingerprint();
  return state;
}

std::span<const Effect> ActivityProgram::effects(const KindClass& kind, Micros at,
                                                 std::span<const Value> row) {
  effects_.clear();
  if (!is_finite(at)) return {};
  if (kind.matcher != nullptr) {
    // Conditions that ask for an age see it as of the activity's own time, so that a state never depends on
    // when it was made.
    kind.matcher->match(row, at, result_);
    answer_.assign(kind.deciders, kNone);
    for (const Match& hit : result_.hits) answer_[hit.decider] = hit.branch;
  }
  for (const KindClass::Step& step : kind.steps) {
    if (step.where != kNone && answer_[step.where] == kNone) continue;
    Effect effect;
    effect.at = at;
    effect.tracker = step.tracker;
    if (step.branch != kNone) {
      effect.branch = answer_[step.branch];
      if (effect.branch == kNone) continue;
      const Tracker& t = plan_.trackers()[step.tracker];
      // The matcher numbers `missing` after `else` whether or not there is an else.
      if (t.branching->measure == Measure::map && effect.branch > t.branching->map.size() &&
          !t.branching->otherwise) {
        --effect.branch;
      }
    }
    if (step.multiplier != kNone) effect.multiplier = multiplier_of(row[step.multiplier]);
    if (step.distinct != kNone) effect.identity = identity_of(row[step.distinct]);
    effects_.push_back(effect);
  }
  if (effects_.empty()) {
    effects_.emplace_back();
    effects_.back().at = at;
  }
  return effects_;
}

void ActivityProgram::record(Engagement& state, Arena& arena, const KindClass& kind, Micros at,
                             std::span<const Value> row, Micros now) {
  for (const Effect& effect : effects(kind, at, row)) plan_.fold(writer_, state, arena, effect, now);
}

}  // namespace leadscore
