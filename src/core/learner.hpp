// Learning the points of a rule set from leads that were won and lost.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/lead_program.hpp"
#include "core/learn_options.hpp"
#include "core/parameters.hpp"
#include "core/scorecard.hpp"
#include "core/training_set.hpp"

namespace leadscore {

class Learner {
 public:
  /// `rules` are the candidates, of which `parameters` were made.
  Learner(std::shared_ptr<const Parameters> parameters, const Ruleset& rules, const LearnOptions& options);

  /// Adds a lead: as the candidates score it, and as the units of the parameters do (Purpose::explain), at
  /// one time. Leads that the candidates disqualify are passed over: rules that disqualify are no matter of
  /// points. Throws Error (54000) where there are too many.
  void add(const Evaluation& scored, const Evaluation& measured, bool positive);
  /// Counts a lead whose outcome is not known.
  void pass_over() noexcept { ++passed_over_.without_outcome; }

  /// The rule set with the points that fit best; `text` is the candidates' own. To be called once. Throws
  /// Error (22023) where no lead was won, or none was lost. May be interrupted.
  std::string learn(const Ruleset& rules, std::string_view text);

 private:
  LearnOptions options_;
  std::shared_ptr<const Parameters> parameters_;
  TrainingSet leads_;
  Reach reach_;
  PassedOver passed_over_;
  std::vector<Amount> amounts_;
};

}  // namespace leadscore
