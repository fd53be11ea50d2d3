// What is wrong with a rule set: collected, so that all of it can be shown at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace leadscore {

enum class Severity : std::uint8_t { error, warning };

/// One problem. `path` is a JSON path into the rule set; texts in the style of Error's message and hint.
struct Problem {
  std::string path;
  Severity severity = Severity::error;
  std::string problem;
  std::string hint;  ///< may be empty
};

using Problems = std::vector<Problem>;

}  // namespace leadscore
