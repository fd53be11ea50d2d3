// What may be asked of learn.
#pragma once

#include <optional>

#include "core/json.hpp"
#include "core/node.hpp"
#include "core/problem_log.hpp"

namespace leadscore {

/// Which totals mean what. Either the leads' log odds are laid onto a range, or so many points double the
/// odds.
struct Scale {
  /// Onto low … high: a thousandth of the leads lies beyond either end, and is held to it.
  double low = 0, high = 100;
  /// Instead, where given: points that double the odds, and the total of a lead with the base odds.
  std::optional<double> double_odds;
  double base_odds = 1, base_score = 0;
};

struct LearnOptions {
  std::optional<double> ridge;  ///< none: by cross-validation
  Scale scale;
};

/// Reads {"ridge": …, "range": {"min": …, "max": …}} or {"ridge": …, "double_odds": …, "base_odds": …,
/// "base_score": …}. Throws Error (22023) that names the first member that is wrong.
LearnOptions parse_learn_options(const Json& json);
/// The same where they are a part of other options: what is wrong goes to the log.
LearnOptions read_learn_options(const Node& node, ProblemLog& log);

}  // namespace leadscore
