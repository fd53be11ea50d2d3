#include "core/learner.hpp"

#include "core/error.hpp"
#include "core/logistic.hpp"

namespace leadscore {

Learner::Learner(std::shared_ptr<const Parameters> parameters, const Ruleset& rules,
                 const LearnOptions& options)
    : options_(options), parameters_(std::move(parameters)), reach_(rules) {}

void Learner::add(const Evaluation& scored, const Evaluation& measured, bool positive) {
  if (scored.disqualified) {
    ++passed_over_.disqualified;
    return;
  }
  parameters_->amounts(measured, amounts_);
  leads_.add(amounts_, positive);
  reach_.add(scored);
}

std::string Learner::learn(const Ruleset& rules, std::string_view text) {
  const std::uint64_t all = leads_.positives() + leads_.negatives();
  if (leads_.positives() == 0 || leads_.negatives() == 0) {
    std::string passed_over;
    if (passed_over_.without_outcome + passed_over_.disqualified > 0)
      passed_over = std::to_string(passed_over_.without_outcome) + " without an outcome and " +
                    std::to_string(passed_over_.disqualified) + " disqualified ones were passed over.";
    throw Error(sqlstate::kInvalidParameter,
                all == 0 ? std::string("there is no lead to learn from")
                         : "of " + std::to_string(all) + " leads " +
                               (leads_.positives() == 0 ? "none was won" : "all were won"),
                "Points can be learned from leads that were won and leads that were lost.",
                std::move(passed_over));
  }
  leads_.finish();
  const LogisticFit fit = fit_logistic(leads_, parameters_->size(), options_.ridge);
  const Json made =
      scorecard(parse_json(text), rules, *parameters_, leads_, fit, reach_, options_.scale, passed_over_);
  std::string pretty = pretty_json(made);
  // Indentation may be what makes a large rule set too large.
  return pretty.size() <= kMaxRulesetBytes ? pretty : compact_json(made);
}

}  // namespace leadscore
