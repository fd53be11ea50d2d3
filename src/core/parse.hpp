// From JSON to a checked Ruleset.
#pragma once

#include <string_view>

#include "core/json.hpp"
#include "core/problem.hpp"
#include "core/ruleset.hpp"

namespace leadscore {

/// Reads a rule set and reports every problem in it, warnings too. The result is fit for use only where no
/// problem is an error. Never throws for what the user wrote (std::bad_alloc and Interrupted may pass).
Ruleset check_ruleset(const Json& json, Problems& problems);

/// Parses and checks; throws Error (22023 for a rule set that breaks the language, 22P02 or 54000 from
/// parse_json) with the first error's path in the message, its hint, and how many more there are in the
/// detail ("2 more problems; lint lists them all").
Ruleset parse_ruleset(std::string_view text);

/// Brings the segments of a rule set whose members have lost their order (jsonb keeps none) into one in which
/// each stands behind those that it uses, so that it can be checked. Call it before check_ruleset, and write
/// out what it gives where a text is made of jsonb. Whatever is wrong with the rule set is left for the
/// checker.
void order_segments(Json& ruleset);

}  // namespace leadscore
