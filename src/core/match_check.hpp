// Whether a column's type can serve what a rule asks of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/condition.hpp"
#include "core/value.hpp"

namespace leadscore {

/// Throws Error 42804 that names owner, operator, column and type where the operator, or a literal it
/// compares with, is not for that type.
void check_test_type(const std::string& owner, const Test& test, const FieldInfo& info);

/// The same for `map` and `bands` on a field.
void check_map_type(const std::string& owner, const std::string& field, const FieldInfo& info);
void check_bands_type(const std::string& owner, const std::string& field, const FieldInfo& info);

/// The number that a text is in JSON (RFC 8259, section 6), with nothing around it.
std::optional<double> read_json_number(std::string_view text) noexcept;

}  // namespace leadscore
