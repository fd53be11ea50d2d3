// What the plain data of a rule set can answer about itself.
#include "core/ruleset.hpp"

#include <algorithm>

namespace leadscore {

bool NumberTest::holds(double value) const noexcept {
  return (!eq || value == *eq) && (!lt || value < *lt) && (!lte || value <= *lte) && (!gt || value > *gt) &&
         (!gte || value >= *gte);
}

double Bounds::clamp(double value) const noexcept {
  if (min) value = std::max(value, *min);
  if (max) value = std::min(value, *max);
  return value;
}

std::size_t Ruleset::rule_count() const noexcept {
  std::size_t count = 0;
  for (const Dimension& dimension : dimensions) count += dimension.rules.size();
  return count;
}

}  // namespace leadscore
