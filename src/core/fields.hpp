// Which fields of a row a rule set reads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/condition.hpp"
#include "core/ruleset.hpp"
#include "core/value.hpp"

namespace leadscore {

/// Collects requests without duplicates, in order of first use. Segments that a condition names are read once
/// for the list, however often and deeply they name each other.
class FieldList {
 public:
  /// Index of the field's request, made where there is none yet.
  std::uint32_t add(std::string_view path, bool as_text, const std::string& owner);
  /// All fields of a condition; `segments` resolves its references.
  void add(const Condition& condition, const std::vector<Segment>& segments, const std::string& owner);
  /// Index of a field that was added before; the number of requests where it was not.
  std::uint32_t index_of(std::string_view path, bool as_text) const;
  const std::vector<FieldRequest>& requests() const noexcept { return requests_; }

 private:
  std::vector<FieldRequest> requests_;
  std::unordered_map<std::string, std::uint32_t> index_;
  std::vector<bool> seen_segments_;
};

/// `rule "size"`
std::string rule_owner(const Rule& rule);

/// Throws Error (42804) unless the field can be read as a number (`as_instant` false) or a time. `what` names
/// the member: "multiply_by". Throws 42703 where the row type does not have it.
void check_field(const FieldRequest& request, const FieldInfo& info, const RowShape& shape, bool as_instant,
                 std::string_view what, const std::string& owner);

/// The Error (42703) for a column that the row type does not have, with the nearest name as hint.
[[noreturn]] void throw_missing_column(const FieldRequest& request, const RowShape& shape,
                                       const std::string& owner);

}  // namespace leadscore
