// What can be said of a condition without a row: that it never holds, or always.
#pragma once

#include <cstdint>
#include <span>

#include "core/condition.hpp"

namespace leadscore {

/// A verdict other than `sometimes` is certain; `sometimes` only means that nothing was found out.
enum class Truth : std::uint8_t { sometimes, never, always };

/// `segments` are the verdicts on the rule set's segments, by index.
Truth truth_of(const Condition& condition, std::span<const Truth> segments);

/// True where these, all of which are asked, leave no value of some field: {"gte": 10, "lt": 5}. Looks at
/// children that are tests only.
bool contradict(std::span<const Condition> children);

}  // namespace leadscore
