#include "pg/settlement.hpp"

#include <cmath>

namespace leadscore {
namespace {

constexpr std::size_t kMostRulesMoved = 3;
constexpr double kLeastShare = 0.01;  ///< of the largest movement

}  // namespace

void Settlement::merge(const EngagementPlan& plan, const EngagementArgument* first,
                       const EngagementArgument* second) {
  arena.clear();
  now = Engagement();
  has_state = false;
  for (const EngagementArgument* const given : {first, second}) {
    if (given == nullptr || (given->bytes == nullptr && given->state == nullptr)) continue;
    Engagement room;
    const Engagement* const state = read_engagement(*given, arena, room);
    plan.check_fits(*state);
    now.fingerprint = state->fingerprint;
    writer.merge(now, arena, *state);
    has_state = true;
  }
}

void Settlement::fold(const EngagementPlan& plan, const Effect& effect, Micros clock) {
  now.fingerprint = plan.fingerprint();
  plan.fold(writer, now, arena, effect, clock);
  has_state = true;
}

void Settlement::choose_time(Micros clock) {
  as_of = clock;
  if (!has_state) return;
  writer.fold_pending(now, arena, clock);
  as_of = std::max(as_of, now.last_at);
}

Micros Settlement::evaluate(Micros known) {
  return score.bound->program.next_change(score.row, state(), as_of, score.evaluation, known);
}

void Settlement::find_moved(const Ruleset& rules, const CompiledRuleset* rules_before,
                            const EngagementArgument* state_before, Micros at_before) {
  explained.evaluate(state(), as_of);
  const Evaluation* earlier = nullptr;
  if (rules_before != nullptr) {
    const Engagement* const state = read_engagement(*state_before, arena, before);
    if (state != nullptr) rules_before->plan.check_fits(*state);
    explained_before.evaluate(state, at_before);
    earlier = &explained_before.evaluation;
  }
  moved.clear();
  std::vector<Movement> movements = leadscore::movements(
      rules_before != nullptr ? rules_before->rules : rules, earlier, rules, &explained.evaluation);
  double least = 0;
  for (const Movement& movement : movements) {
    least = std::max(least, kLeastShare * std::abs(movement.after - movement.before));
  }
  for (Movement& movement : movements) {
    if (moved.size() == kMostRulesMoved) break;
    // Everything that fades has moved a little.
    if (movement.disqualified_before == movement.disqualified_after &&
        std::abs(movement.after - movement.before) < least)
      break;
    moved.push_back(std::move(movement.id));
  }
}

}  // namespace leadscore
