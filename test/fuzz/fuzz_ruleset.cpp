// Fuzzes the way of a rule set from text to the checked model: whatever the text, it is read, or an Error
// says what is wrong; and the checker agrees with parse_ruleset on which it is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/error.hpp"
#include "core/parse.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  bool sound = true;
  try {
    leadscore::parse_ruleset(text);
  } catch (const leadscore::Error&) {
    sound = false;
  }
  try {
    leadscore::Json json = leadscore::parse_json(text);
    leadscore::Problems problems;
    leadscore::check_ruleset(json, problems);
    bool error = false;
    for (const leadscore::Problem& problem : problems) {
      error |= problem.severity == leadscore::Severity::error;
      if (problem.path.empty() || problem.problem.empty()) std::abort();
    }
    if (error == sound) std::abort();
    leadscore::order_segments(json);
    if (sound) {
      // What could be read in the order written can be read in the order found.
      leadscore::check_ruleset(json, problems);
      for (const leadscore::Problem& problem : problems) {
        if (problem.severity == leadscore::Severity::error) std::abort();
      }
    }
  } catch (const leadscore::Error&) {
    if (sound) std::abort();
  }
  return 0;
}
