// What the plain data of a rule set can answer about itself.
#include "core/ruleset.hpp"

#include <cmath>

namespace leadscore {

bool NumberTest::holds(double value) const noexcept {
  return (!eq || value == *eq) && (!lt || value < *lt) && (!lte || value <= *lte) && (!gt || value > *gt) &&
         (!gte || value >= *gte);
}

double Probability::of(double total) const noexcept {
  return 1 / (1 + std::exp(-(intercept + slope * total)));
}

std::size_t Ruleset::rule_count() const noexcept {
  std::size_t count = 0;
  for (const Dimension& dimension : dimensions) count += dimension.rules.size();
  return count;
}

}  // namespace leadscore
