// Tiers: which leads are in them.
#include <array>

#include "core/parse_scope.hpp"

namespace leadscore {
namespace {

constexpr std::array<std::string_view, 6> kTier{"name", "note", "at", "dimensions", "grade", "when"};

std::vector<DimensionMinimum> parse_minimums(const Node& node, ParseScope& scope) {
  std::vector<DimensionMinimum> minimums;
  if (!node.is(Json::Kind::object)) {
    wrong_kind(node, scope.log, "an object of dimensions and their minimums", "For example {\"fit\": 10}.");
    return minimums;
  }
  find_duplicates(node, scope.log);
  for (const auto& member : node.json().members) {
    const Node item = node.member(member);
    const auto at = read_number(item, scope.log, kPointsInterval);
    const auto found = scope.dimensions.find(member.first);
    if (found == scope.dimensions.end()) {
      scope.log.error(item, "unknown dimension " + quoted(member.first),
                      near_name(member.first, scope.dimensions, scope.log));
      continue;
    }
    minimums.push_back({found->second, at.value_or(0)});
  }
  return minimums;
}

void parse_grade(const Node& node, Tier& tier, ParseScope& scope) {
  tier.asks_grade = true;
  if (node.is(Json::Kind::array)) {
    if (node.json().items.empty()) scope.log.error(node, "must not be empty");
    for (std::size_t i = 0; i < node.json().items.size(); ++i) {
      const Node item = node.item(i);
      if (auto grade = read_text(item, scope.log)) tier.grades.push_back(std::move(*grade));
    }
  } else if (node.is(Json::Kind::text)) {
    if (auto grade = read_text(node, scope.log)) tier.grades.push_back(std::move(*grade));
  } else {
    wrong_kind(node, scope.log, "a grade or an array of grades");
  }
}

}  // namespace

std::vector<Tier> parse_tiers(const Node& node, ParseScope& scope) {
  std::vector<Tier> tiers;
  if (!is_array(node, scope.log, "an array of tiers")) return tiers;
  for (std::size_t i = 0; i < node.json().items.size(); ++i) {
    checkpoint();
    const Node item = node.item(i);
    const Reader reader(item, scope.log, kTier);
    Tier& tier = tiers.emplace_back();
    tier.name = reader.text("name", Need::required).value_or("");
    tier.at = reader.number("at");
    if (const auto minimums = reader.member("dimensions")) {
      tier.dimensions = parse_minimums(*minimums, scope);
    }
    if (const auto grade = reader.member("grade")) parse_grade(*grade, tier, scope);
    if (const auto when = reader.member("when")) tier.when = parse_condition(*when, Subject::lead, scope);
  }
  return tiers;
}

}  // namespace leadscore
