// The rule-set language once more, as plainly as it can be written: every event is looked at again for every
// rule, nothing is remembered, shared, decayed or compiled. What the core computes by states, tables and
// bounds must come out as what this computes by loops (docs/ruleset-language.md is the only thing they share,
// besides the parser, text folding and the calendar).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/clock.hpp"
#include "core/ruleset.hpp"

namespace leadscore::reference {

/// A field's value as a test writes it. Owns what it holds.
struct Datum {
  std::variant<std::monostate, bool, double, std::string, Micros, std::vector<Datum>> held;
};
Datum null();
Datum boolean(bool value);
Datum number(double value);
Datum text(std::string value);
Datum instant(Micros value);
Datum array(std::vector<Datum> items);

using Row = std::map<std::string, Datum>;

struct Activity {
  std::optional<std::string> kind;
  Micros at = 0;
  Row row;
};

struct Result {
  double total = 0;
  std::vector<double> dimensions;
  std::optional<std::string> grade;
  std::optional<std::string> tier;  ///< as people see it: the disqualified one included
  std::optional<std::size_t> tier_index,
      own_tier_index;  ///< not looking at disqualified; own: before promotion
  bool disqualified = false;
  std::map<std::string, double> rules;  ///< contribution by rule id; only where not 0
  double scale = 1;  ///< sum of the magnitudes that were added: what a relative error is relative to
};

Result score(const Ruleset& rules, const Row& lead, const std::vector<Activity>& activities, Micros as_of);

bool holds(const Condition& condition, const Ruleset& rules, const Row& row, Micros as_of);

/// A value's text form, exactly (for `distinct` and `map`); nullopt for NULL, blanks and what has none.
std::optional<std::string> text_form(const Datum& datum);

}  // namespace leadscore::reference
