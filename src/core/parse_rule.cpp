// A rule: what every rule has, and the forms of rules about the lead. A rule that has "on" is about
// activities and goes on in parse_activity_rule.cpp.
#include <array>

#include "core/parse_scope.hpp"

namespace leadscore {
namespace {

constexpr std::array<std::string_view, 31> kRuleMembers{
    "id",     "label",    "note",        "off",        "group",       "promote_to", "when",      "points",
    "cases",  "field",    "map",         "else",       "missing",     "bands",      "on",        "except",
    "where",  "count",    "sum",         "recency",    "idle",        "half_life",  "steps",     "fades_over",
    "within", "distinct", "max_per_day", "max_events", "multiply_by", "max_points", "disqualify"};

constexpr std::array<std::string_view, 14> kActivityOnly{
    "except", "where",      "count",  "sum",      "recency",     "idle",       "half_life",
    "steps",  "fades_over", "within", "distinct", "max_per_day", "max_events", "multiply_by"};

constexpr std::string_view kLeadForms =
    "A rule about the lead has one of: \"when\" with \"points\" or \"disqualify\"; \"cases\"; \"field\" with "
    "\"map\"; \"field\" with \"bands\". A rule about activities has \"on\".";

void parse_id(const Reader& reader, Rule& rule, ParseScope& scope) {
  const auto id = reader.text("id", Need::required);
  if (!id) return;
  rule.id = *id;
  const Node node = *reader.member("id");
  if (!scope.rule_ids.insert(node.json().text).second) {
    scope.log.error(node, "another rule has the id " + quoted(rule.id),
                    "Ids are unique in the whole rule set.");
  }
}

void parse_group(const Reader& reader, Rule& rule, ParseScope& scope) {
  const auto name = reader.text("group");
  if (!name) return;
  if (const auto found = scope.groups.find(*name); found != scope.groups.end()) {
    rule.group = found->second;
    return;
  }
  std::string hint = near_name(*name, scope.groups, scope.log);
  if (hint.empty()) hint = "A group is declared in the \"groups\" of the rule's own dimension.";
  scope.log.error(*reader.member("group"), "unknown group " + quoted(*name), std::move(hint));
}

void parse_promotion(const Reader& reader, Rule& rule, ParseScope& scope) {
  rule.promote_to = reader.text("promote_to");
  if (!rule.promote_to) return;
  if (scope.tiers.contains(*rule.promote_to)) return;
  std::vector<std::string_view> names;
  if (scope.log.gives_hints()) names.assign(scope.tiers.begin(), scope.tiers.end());
  scope.log.error(*reader.member("promote_to"), "unknown tier " + quoted(*rule.promote_to),
                  scope.log.did_you_mean(*rule.promote_to, names));
}

/// Members that need "on". True where one was written.
bool refuse_activity_members(const Reader& reader) {
  bool refused = false;
  for (const std::string_view name : kActivityOnly) {
    const auto found = reader.member(name);
    if (!found) continue;
    const bool mistaken = name == "where" && !reader.wrote("when");
    reader.log().error(*found, "only a rule about activities has it: one with \"on\"",
                       mistaken ? "Did you mean \"when\"?" : "");
    refused = true;
  }
  return refused;
}

/// The members by which the forms are told apart; of "when", "points" and "disqualify" the first.
std::vector<std::string_view> written_forms(const Reader& reader) {
  std::vector<std::string_view> forms;
  for (const std::string_view name : {"when", "points", "disqualify"}) {
    if (forms.empty() && reader.wrote(name)) forms.push_back(name);
  }
  for (const std::string_view name : {"cases", "map", "bands"}) {
    if (reader.wrote(name)) forms.push_back(name);
  }
  return forms;
}

void require_when(const Reader& reader, const Rule& rule) {
  // What was misspelt, or is of the wrong type, has been said; it need not be missed as well.
  const auto disqualify = reader.member("disqualify");
  const bool disqualifies =
      reader.wrote("disqualify") && (!disqualify || rule.disqualify || !disqualify->is(Json::Kind::boolean));
  if (!disqualifies) reader.require("points");
  if (reader.wrote("when") || reader.member("where")) return;
  reader.log().error(reader.node(), "\"when\" is missing",
                     "A rule about the lead gives its points where its condition holds.");
}

/// Reads all that is there, so that its problems show even where the forms are mixed.
void parse_lead_members(const Reader& reader, Rule& rule, ParseScope& scope) {
  rule.disqualify = reader.boolean("disqualify").value_or(false);
  rule.points = reader.number("points").value_or(0);
  rule.field = reader.field("field").value_or("");
  rule.otherwise = reader.number("else");
  rule.missing = reader.number("missing");
  if (const auto when = reader.member("when")) rule.when = parse_condition(*when, Subject::lead, scope);
  if (const auto cases = reader.member("cases")) rule.cases = parse_cases(*cases, Subject::lead, scope);
  if (const auto map = reader.member("map")) rule.map = parse_map(*map, scope);
  if (const auto bands = reader.member("bands")) rule.bands = parse_bands(*bands, kAnyNumber, scope);
}

void refuse_strangers(const Reader& reader) {
  constexpr std::array<std::string_view, 1> kElse{"else"};
  constexpr std::array<std::string_view, 2> kOthers{"field", "missing"};
  const bool map = reader.wrote("map");
  if (!map) reader.refuse(kElse, "belongs to \"map\", which the rule does not have");
  if (!map && !reader.wrote("bands")) {
    reader.refuse(kOthers, "belongs to \"map\" or \"bands\", and the rule has neither");
  }
}

void parse_lead_rule(const Reader& reader, Rule& rule, ParseScope& scope) {
  const bool refused = refuse_activity_members(reader);
  parse_lead_members(reader, rule, scope);
  const auto forms = written_forms(reader);
  if (forms.empty()) {
    if (refused) return;
    scope.log.error(reader.node(), "says nothing of what it gives points for", std::string(kLeadForms));
    return;
  }
  const std::string_view form = forms.front();
  if (forms.size() > 1) {
    scope.log.error(reader.node(), "mixes " + quoted(form) + " and " + quoted(forms[1]),
                    std::string(kLeadForms));
  } else if (form == "cases") {
    rule.measure = Measure::lead_cases;
  } else if (form == "map" || form == "bands") {
    rule.measure = form == "map" ? Measure::lead_map : Measure::lead_bands;
    reader.require("field");
  } else {
    rule.measure = Measure::lead_points;
    require_when(reader, rule);
  }
  refuse_strangers(reader);
}

/// A rule about the lead gives one of the points that it states, so that holding each of them to ±max_points
/// holds the rule.
void hold_points(Rule& rule) {
  if (!rule.max_points) return;
  const Bounds bounds{-*rule.max_points, *rule.max_points};
  rule.points = bounds.clamp(rule.points);
  for (Case& one : rule.cases) one.points = bounds.clamp(one.points);
  for (MapEntry& entry : rule.map) entry.points = bounds.clamp(entry.points);
  for (Band& band : rule.bands) band.points = bounds.clamp(band.points);
  if (rule.otherwise) rule.otherwise = bounds.clamp(*rule.otherwise);
  if (rule.missing) rule.missing = bounds.clamp(*rule.missing);
}

}  // namespace

Rule parse_rule(const Node& node, ParseScope& scope) {
  checkpoint();
  Rule rule;
  rule.path = node.path();
  const Json* id = node.json().find("id");
  const ProblemLog::InRule in_rule(
      scope.log, id != nullptr && id->is(Json::Kind::text) ? std::string_view(id->text) : std::string_view());
  const std::size_t errors = scope.log.errors();
  const Reader reader(node, scope.log, kRuleMembers);
  if (!reader.is_object()) return rule;
  parse_id(reader, rule, scope);
  rule.label = reader.text("label").value_or("");
  rule.off = reader.boolean("off").value_or(false);
  parse_group(reader, rule, scope);
  parse_promotion(reader, rule, scope);
  rule.max_points = reader.number("max_points", {0, kMaxPoints});
  if (reader.wrote("on")) {
    parse_activity_rule(reader, rule, scope);
  } else {
    parse_lead_rule(reader, rule, scope);
    hold_points(rule);
  }
  if (errors == scope.log.errors() && !scope.exhausted) lint_rule(rule, scope);
  return rule;
}

}  // namespace leadscore
