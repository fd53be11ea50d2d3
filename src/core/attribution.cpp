// Differences of rules' points: between two evaluations, and between a lead's history and all of it but one
// activity.
#include "core/attribution.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <iterator>
#include <map>
#include <string_view>

#include "core/error.hpp"
#include "core/rounding.hpp"

namespace leadscore {
namespace {

/// after − before, and 0 where only the last bits of sums differ.
double change(double before, double after) noexcept {
  const double by = round9(round9(after) - round9(before));
  const double noise = std::max(1e-9, 1e-12 * std::max(std::fabs(before), std::fabs(after)));
  return std::fabs(by) > noise ? by : 0;
}

/// Finds what each activity gives tracker by tracker, because an activity concerns few of them. What is left
/// without an activity is computed anew rather than subtracted: sums would lose digits, and lists and latest
/// times cannot be undone.
class Attribution {
 public:
  Attribution(LeadProgram& program, std::span<const Value> row, Micros as_of, const Engagement* rest)
      : plan_(program.compiled().plan),
        as_of_(as_of),
        rules_of_(plan_.trackers().size()),
        counts_(plan_.trackers().size()),
        view_(plan_),
        rest_view_(plan_) {
    Evaluation evaluation;
    program.evaluate(row, rest, as_of, evaluation);
    applied_ = program.applied_rules(row);
    for (std::uint32_t i = 0; i < applied_.size(); ++i) {
      rules_of_[applied_[i].activity->tracker].push_back(i);
    }
    if (rest == nullptr) return;
    rest_ = settled(*rest);
    rest_view_.assign(&rest_, writer_);
  }

  /// Notes which rules count the activity. `touch` is its index.
  void note(const Engagement& activity, std::uint32_t touch, Touch& out) {
    if (activity.last_at > as_of_) return;
    const Engagement state = settled(activity);
    std::vector<std::uint32_t> rules;
    for (std::uint32_t i = 0; i < state.size; ++i) {
      const Cell& cell = state.cells[i];
      const std::uint32_t tracker = plan_.tracker_of_slot(cell.slot);
      const std::size_t others = rules.size();
      for (const std::uint32_t rule : rules_of_[tracker]) {
        if (!is_too_old(cell, *applied_[rule].activity->rule)) rules.push_back(rule);
      }
      if (rules.size() > others) counts_[tracker].push_back({touch, &cell});
    }
    pairs_ += rules.size();
    if (pairs_ > kMostTouchRules) {
      throw Error(sqlstate::kLimitExceeded,
                  "more than " + std::to_string(kMostTouchRules) + " pairs of an activity and its rules",
                  "Ask about fewer activities at once.");
    }
    std::sort(rules.begin(), rules.end());
    for (const std::uint32_t rule : rules) out.rules.push_back(applied_[rule].activity->rule);
  }

  void share_out(std::vector<Touch>& touches) {
    for (std::uint32_t tracker = 0; tracker < counts_.size(); ++tracker) {
      if (counts_[tracker].empty()) continue;
      if (plan_.trackers()[tracker].type == Cell::Type::list) {
        share_out_events(tracker, touches);
      } else {
        share_out_cells(tracker, touches);
      }
    }
    for (Touch& touch : touches) touch.points = round9(touch.points);
  }

 private:
  /// An activity that a tracker counts.
  struct Count {
    std::uint32_t touch;
    const Cell* cell;
    Event event() const noexcept { return event_at(*cell->list, 0); }
  };

  /// The state with what was pending and has come. Shares the cells of `state` where nothing has.
  Engagement settled(const Engagement& state) {
    const std::span<const Pending> pending(state.pending, state.pending_size);
    const auto has_come = [&](const Pending& p) { return p.at <= as_of_; };
    if (std::none_of(pending.begin(), pending.end(), has_come)) return state;
    Engagement folded;
    folded.fingerprint = state.fingerprint;
    writer_.merge(folded, arena_, state);
    writer_.fold_pending(folded, arena_, as_of_);
    return folded;
  }

  bool is_too_old(const Cell& cell, const Rule& rule) const noexcept {
    if (cell.type == Cell::Type::list) {
      assert(cell.list->size == 1);
      const Micros horizon = cell.list->spec.horizon;
      return horizon != 0 && difference(as_of_, event_at(*cell.list, 0).at) >= horizon;
    }
    return rule.measure == Measure::recency && difference(as_of_, cell.latest) >= rule.recency.back().within;
  }

  /// What each of the tracker's rules gives where these are its cells.
  std::vector<double> points_of(std::uint32_t tracker, Cell* cells, std::size_t size) {
    checkpoint();
    Engagement state;
    state.last_at = as_of_;
    state.cells = cells;
    state.size = static_cast<std::uint32_t>(size);
    view_.assign(&state, writer_);
    std::vector<double> points;
    for (const std::uint32_t i : rules_of_[tracker]) {
      points.push_back(outcome_at(*applied_[i].activity, view_, as_of_, applied_[i].since).points);
    }
    return points;
  }

  /// … where these are the events of its list.
  std::vector<double> points_of(std::uint32_t tracker, const std::vector<Event>& events) {
    const Tracker& t = plan_.trackers()[tracker];
    list_arena_.clear();
    Engagement state;
    state.last_at = as_of_;
    for (const Event& event : events) writer_.add_event(state, list_arena_, t.first_slot, t.list, event);
    return points_of(tracker, state.cells, state.size);
  }

  static double lost(const std::vector<double>& without, const std::vector<double>& whole) {
    double sum = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) sum += change(without[i], whole[i]);
    return sum;
  }

  void add(Engagement& into, const Cell& cell) {
    if (cell.type == Cell::Type::sum) {
      writer_.add_sum(into, arena_, cell.slot, cell.block, cell.sum, cell.count);
    } else {
      writer_.add_latest(into, arena_, cell.slot, cell.latest, cell.count);
    }
  }

  /// Two cells of a slot as one. A cell that counts no event is none.
  Cell joined(Cell a, const Cell& b) {
    if (a.count == 0) return b;
    if (b.count == 0) return a;
    Engagement state;
    state.cells = &a;
    state.size = state.capacity = 1;
    add(state, b);
    return a;
  }

  /// Sums and latest times: what comes before the activity joined with what comes after it.
  void share_out_cells(std::uint32_t tracker, std::vector<Touch>& touches) {
    std::vector<Count>& counts = counts_[tracker];
    std::stable_sort(counts.begin(), counts.end(),
                     [](const Count& a, const Count& b) { return a.cell->slot < b.cell->slot; });
    Engagement all;
    for (const Cell& cell : rest_view_.cells(tracker)) add(all, cell);
    for (const Count& count : counts) add(all, *count.cell);
    std::vector<Cell> cells(all.cells, all.cells + all.size);
    const std::vector<double> whole = points_of(tracker, cells.data(), cells.size());
    std::vector<Cell> after;  // the activities of a slot but for the first i + 1
    for (std::size_t begin = 0, end = 0; begin < counts.size(); begin = end) {
      const std::uint32_t slot = counts[begin].cell->slot;
      while (end < counts.size() && counts[end].cell->slot == slot) ++end;
      after.assign(end - begin, Cell());
      for (std::size_t i = after.size() - 1; i > 0; --i) {
        after[i - 1] = joined(after[i], *counts[begin + i].cell);
      }
      Cell before;
      for (const Cell& cell : rest_view_.cells(tracker)) {
        if (cell.slot == slot) before = cell;
      }
      const auto place = cells.begin() + (all.find(slot) - all.cells);
      const Cell kept = *place;
      for (std::size_t i = begin; i < end; ++i) {
        const Cell without = joined(before, after[i - begin]);
        std::vector<double> points;
        if (without.count != 0) {
          *place = without;
          points = points_of(tracker, cells.data(), cells.size());
        } else {
          std::move(place + 1, cells.end(), place);
          points = points_of(tracker, cells.data(), cells.size() - 1);
          std::move_backward(place, cells.end() - 1, cells.end());
        }
        touches[counts[i].touch].points += lost(points, whole);
        before = joined(before, *counts[i].cell);
      }
      *place = kept;
    }
  }

  /// Lists. An event that the list of all does not keep takes nothing with it. Where one that it keeps is
  /// taken out, others move up; which ones, prune(prune(A) + prune(B)) == prune(A + B) tells: the list
  /// without it is that of the others that were kept and of `spare`, what the list of the events not kept
  /// would keep.
  void share_out_events(std::uint32_t tracker, std::vector<Touch>& touches) {
    const ListSpec& spec = plan_.trackers()[tracker].list;
    std::vector<Count>& counts = counts_[tracker];
    std::sort(counts.begin(), counts.end(),
              [](const Count& a, const Count& b) { return counts_before(a.event(), b.event()); });
    std::vector<Event> all;
    for (const Cell& cell : rest_view_.cells(tracker)) {
      for (std::uint32_t i = 0; i < cell.list->size; ++i) all.push_back(event_at(*cell.list, i));
    }
    for (const Count& count : counts) all.push_back(count.event());
    std::sort(all.begin(), all.end(), counts_before);
    // As of as_of, whatever the newest activity: older events count for nothing by then.
    std::vector<Event> kept = all, spare;
    prune(kept, spec, as_of_);
    std::set_difference(all.begin(), all.end(), kept.begin(), kept.end(), std::back_inserter(spare),
                        counts_before);
    prune(spare, spec, as_of_);
    const std::vector<double> whole = points_of(tracker, kept);
    std::vector<Event> without;
    for (std::size_t begin = 0, end = 0; begin < counts.size(); begin = end) {
      const Event event = counts[begin].event();
      while (end < counts.size() && counts[end].event() == event) ++end;
      const auto place = std::lower_bound(kept.begin(), kept.end(), event, counts_before);
      if (place == kept.end() || !(*place == event)) continue;
      without.assign(kept.begin(), place);
      without.insert(without.end(), place + 1, kept.end());
      without.insert(without.end(), spare.begin(), spare.end());
      const double points = lost(points_of(tracker, without), whole);
      for (std::size_t i = begin; i < end; ++i) touches[counts[i].touch].points += points;
    }
  }

  const EngagementPlan& plan_;
  Micros as_of_;
  std::vector<LeadProgram::AppliedRule> applied_;
  std::vector<std::vector<std::uint32_t>> rules_of_;  ///< of each tracker: indexes into applied_
  std::vector<std::vector<Count>> counts_;            ///< of each tracker
  std::size_t pairs_ = 0;
  EngagementWriter writer_;
  ScratchArena arena_, list_arena_;
  EngagementView view_, rest_view_;
  Engagement rest_;
};

void join(RuleUse::Use& into, const RuleUse::Use& other) noexcept {
  if (other.fired == 0) return;
  into.least = into.fired == 0 ? other.least : std::min(into.least, other.least);
  into.most = into.fired == 0 ? other.most : std::max(into.most, other.most);
  into.fired += other.fired;
  into.points += other.points;
}

/// What a rule did in two evaluations.
struct Pair {
  double points[2] = {0, 0};
  bool disqualified[2] = {false, false};
};

}  // namespace

std::vector<Movement> movements(const Ruleset& before_rules, const Evaluation* before,
                                const Ruleset& after_rules, const Evaluation* after) {
  std::map<std::string_view, Pair> by_id;
  const auto note = [&](const Ruleset& rules, const Evaluation* evaluation, int which) {
    if (evaluation == nullptr) return;
    for (const RulePart& part : evaluation->parts) {
      const Rule& rule = rules.dimensions[part.dimension].rules[part.rule];
      Pair& pair = by_id[rule.id];
      pair.points[which] = part.points;
      pair.disqualified[which] = rule.disqualify && part.fired;
    }
  };
  note(before_rules, before, 0);
  note(after_rules, after, 1);
  std::vector<Movement> moved;
  for (const auto& [id, pair] : by_id) {
    if (pair.disqualified[0] == pair.disqualified[1] && change(pair.points[0], pair.points[1]) == 0) continue;
    moved.push_back(
        {std::string(id), pair.points[0], pair.points[1], pair.disqualified[0], pair.disqualified[1]});
  }
  // They are in order of id, which stays among equals.
  std::stable_sort(moved.begin(), moved.end(), [](const Movement& a, const Movement& b) {
    const bool turns_a = a.disqualified_before != a.disqualified_after;
    const bool turns_b = b.disqualified_before != b.disqualified_after;
    if (turns_a != turns_b) return turns_a;
    return std::fabs(change(a.before, a.after)) > std::fabs(change(b.before, b.after));
  });
  return moved;
}

std::vector<Touch> touches(LeadProgram& program, std::span<const Value> row,
                           std::span<const Engagement* const> activities, Micros as_of,
                           const Engagement* rest) {
  if (activities.size() > kMostTouches) {
    throw Error(sqlstate::kLimitExceeded,
                std::to_string(activities.size()) + " activities are more than the " +
                    std::to_string(kMostTouches) + " that can be asked about at once",
                "Ask about the newest ones.");
  }
  Attribution attribution(program, row, as_of, rest);
  std::vector<Touch> out(activities.size());
  for (std::uint32_t i = 0; i < activities.size(); ++i) {
    checkpoint();
    if (activities[i] != nullptr) attribution.note(*activities[i], i, out[i]);
  }
  attribution.share_out(out);
  return out;
}

RuleUse::RuleUse(const Ruleset& rules) {
  std::size_t count = 0;
  for (const Dimension& dimension : rules.dimensions) {
    first_.push_back(count);
    count += dimension.rules.size();
  }
  first_.push_back(count);
  uses_.resize(count);
}

void RuleUse::add(const Evaluation& lead) {
  ++leads_;
  for (const RulePart& part : lead.parts) {
    if (!part.fired) continue;  // and so gives nothing
    Use one;
    one.fired = 1;
    one.points = one.least = one.most = part.points;
    join(uses_[first_[part.dimension] + part.rule], one);
  }
}

void RuleUse::merge(const RuleUse& other) {
  if (first_ != other.first_) {
    throw Error(sqlstate::kWrongState, "counts of rules of different rule sets cannot be merged");
  }
  leads_ += other.leads_;
  for (std::size_t i = 0; i < uses_.size(); ++i) join(uses_[i], other.uses_[i]);
}

}  // namespace leadscore
