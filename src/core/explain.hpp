// The reason for every point, in words.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/lead_program.hpp"

namespace leadscore {

/// A line of an explanation. The points of all lines add up to the total.
struct Line {
  std::optional<std::string> dimension, rule;
  std::string label;
  double points = 0;
  std::string reason;
};

/// Explains an evaluation that a program of Purpose::explain made for `row` at `as_of`. `fields` are that
/// program's requests.
std::vector<Line> explain(const Ruleset& rules, const Evaluation& evaluation,
                          std::span<const FieldRequest> fields, std::span<const Value> row, Micros as_of);

/// A condition in words: `industry is Manufacturing or Energy and employees ≥ 50`.
std::string describe(const Condition& condition, const Ruleset& rules);

/// A value in words: `"VP Sales"`, `120`, `2026-11-21 12:00:00 UTC`, `unknown` for NULL.
std::string describe(const Value& value);

}  // namespace leadscore
