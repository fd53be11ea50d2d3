// Names of the operators.
#include "core/condition.hpp"

#include <array>

namespace leadscore {

std::string_view op_name(Op op) noexcept {
  static constexpr std::array<std::string_view, 20> kNames{
      "eq",     "ne",         "in",       "not_in",      "lt",         "lte",    "gt",
      "gte",    "between",    "contains", "starts_with", "ends_with",  "words",  "matches",
      "domain", "local_part", "has",      "older_than",  "newer_than", "is_null"};
  return kNames[static_cast<std::size_t>(op)];
}

}  // namespace leadscore
