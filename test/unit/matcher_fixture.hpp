// Deciders from the lead rules of a rule set in JSON, and what they answer for one row. For tests only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/fields.hpp"
#include "core/matcher.hpp"
#include "core/parse.hpp"

namespace leadscore {

/// A column of a row type.
struct MatchColumn {
  std::string name;
  FieldType type;
  std::string type_name;
};

/// The lead rules of `text`, each a decider without bucket, on a row of these columns (none: jsonb).
class MatchedRules {
 public:
  explicit MatchedRules(std::string_view text, const std::vector<MatchColumn>& columns = {})
      : rules_(parse_ruleset(text)) {
    std::vector<Decider> deciders;
    for (const Dimension& dimension : rules_.dimensions) {
      for (const Rule& rule : dimension.rules) deciders.push_back(decider_of(rule));
    }
    for (const FieldRequest& request : fields_.requests()) {
      FieldInfo info;
      if (!columns.empty()) {
        info.exists = false;
        for (const MatchColumn& column : columns) {
          if (column.name == request.path) info = {column.type, true, column.type_name};
        }
      }
      shape_.fields.push_back(info);
    }
    for (const MatchColumn& column : columns) shape_.columns.push_back(column.name);
    shape_.row_name = columns.empty() ? "jsonb" : "crm.contact";
    ids_.reserve(deciders.size());
    matcher_ = std::make_unique<Matcher>(rules_, fields_.requests(), shape_, std::move(deciders), 0);
  }

  /// Values by field; those not given are NULL.
  using Row = std::map<std::string, Value>;

  /// Branch by rule of what holds.
  std::map<std::string, std::uint32_t> match(const Row& row, Micros as_of = 0) {
    MatchResult result;
    matcher_->match(values(row), as_of, result);
    std::map<std::string, std::uint32_t> branches;
    for (const Match& match : result.hits) branches[ids_[match.decider]] = match.branch;
    return branches;
  }
  bool holds(const std::string& rule, const Row& row, Micros as_of = 0) {
    return match(row, as_of).count(rule) != 0;
  }
  std::optional<std::uint32_t> branch(const std::string& rule, const Row& row) {
    const auto branches = match(row);
    const auto found = branches.find(rule);
    return found == branches.end() ? std::nullopt : std::optional(found->second);
  }
  Micros next_flip(const Row& row, Micros as_of) { return matcher_->next_flip(values(row), as_of); }

 private:
  Decider decider_of(const Rule& rule) {
    Decider decider;
    decider.owner = rule_owner(rule);
    ids_.push_back(rule.id);
    switch (rule.measure) {
      case Measure::lead_cases:
        for (const Case& c : rule.cases) {
          decider.branches.push_back({c.condition ? &*c.condition : nullptr, c.points});
          if (c.condition) fields_.add(*c.condition, rules_.segments, decider.owner);
        }
        break;
      case Measure::lead_map:
      case Measure::lead_bands:
        decider.form = rule.measure == Measure::lead_map ? Decider::Form::map : Decider::Form::bands;
        decider.field = rule.field;
        decider.map = &rule.map;
        decider.bands = &rule.bands;
        decider.otherwise = rule.otherwise;
        decider.missing = rule.missing;
        fields_.add(rule.field, false, decider.owner);
        break;
      default:
        decider.branches.push_back({&*rule.when, rule.points});
        fields_.add(*rule.when, rules_.segments, decider.owner);
    }
    return decider;
  }
  std::vector<Value> values(const Row& row) const {
    std::vector<Value> result;
    for (const FieldRequest& request : fields_.requests()) {
      const auto value = row.find(request.path);
      result.push_back(value == row.end() ? Value() : value->second);
    }
    return result;
  }

  Ruleset rules_;
  FieldList fields_;
  RowShape shape_;
  std::vector<std::string> ids_;
  std::unique_ptr<Matcher> matcher_;
};

/// One condition as a rule called "r".
inline std::string rule_when(const std::string& condition, const std::string& members = "") {
  return R"({)" + members + R"("dimensions": [{"name": "d", "rules": [{"id": "r", "when": )" + condition +
         R"(, "points": 1}]}]})";
}

}  // namespace leadscore
