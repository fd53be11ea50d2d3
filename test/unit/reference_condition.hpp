// Conditions for the naive scorer: the readings of a value that tests ask for.
#pragma once

#include <optional>
#include <string>

#include "reference.hpp"

namespace leadscore::reference {

/// NULL where the row does not have it.
const Datum& field_of(const Row& row, const std::string& field);
std::optional<double> number_of(const Datum& datum);
/// A text that reads as an ISO 8601 date or time is one, too.
std::optional<Micros> instant_of(const Datum& datum);

}  // namespace leadscore::reference
