// The rule set as a whole: names first, then what uses them.
#include <array>

#include "core/parse.hpp"
#include "core/parse_scope.hpp"
#include "core/text.hpp"

namespace leadscore {
namespace {

constexpr std::array<std::string_view, 12> kRuleset{
    "name",  "note",     "range",      "decimals", "ignore_accents",    "utc_offset",
    "lists", "segments", "dimensions", "tiers",    "disqualified_tier", "probability"};
constexpr std::array<std::string_view, 2> kProbability{"intercept", "slope"};
constexpr std::array<std::string_view, 2> kRange{"min", "max"};

void parse_header(const Reader& reader, Ruleset& rules) {
  ProblemLog& log = reader.log();
  rules.name = reader.text("name").value_or("");
  if (const auto node = reader.member("range")) {
    const Reader range(*node, log, kRange);
    rules.range = range.bounds();
    if (range.is_object() && !range.wrote("min") && !range.wrote("max")) {
      log.error(*node, "has neither \"min\" nor \"max\"", "Leave \"range\" out for a total without bounds.");
    }
  }
  if (const auto decimals = reader.whole("decimals", 0, 9)) rules.decimals = static_cast<int>(*decimals);
  if (reader.boolean("ignore_accents").value_or(false)) rules.accents = Accents::ignored;
  if (const auto node = reader.member("utc_offset")) {
    constexpr std::string_view kExpected = "an offset from UTC like \"+07:00\"";
    if (!node->is(Json::Kind::text)) {
      wrong_kind(*node, log, kExpected);
    } else if (const auto offset = parse_utc_offset(node->json().text)) {
      rules.utc_offset = *offset;
    } else {
      log.error(*node, "must be " + std::string(kExpected) + ", not " + quoted(node->json().text),
                "Names of time zones are not read: a day must begin at the same hour all year.");
    }
  }
  if (auto name = reader.text("disqualified_tier")) rules.disqualified_tier = std::move(*name);
  if (const auto node = reader.member("probability")) {
    const Reader probability(*node, log, kProbability);
    const auto intercept = probability.number("intercept", kPointsInterval, Need::required);
    const auto slope = probability.number("slope", kPointsInterval, Need::required);
    if (intercept && slope) rules.probability = Probability{*intercept, *slope};
  }
}

void parse_segments(const Node& node, Ruleset& rules, ParseScope& scope) {
  if (!node.is(Json::Kind::object)) {
    wrong_kind(node, scope.log, "an object of named conditions");
    return;
  }
  find_duplicates(node, scope.log);
  std::size_t place = 0;
  for (const auto& member : node.json().members) scope.segments.try_emplace(member.first, place++);
  for (const auto& member : node.json().members) {
    const Node item = node.member(member);
    if (is_blank(member.first)) scope.log.error(item, "the name of a segment must not be blank");
    const std::size_t errors = scope.log.errors();
    Condition condition = parse_condition(item, Subject::lead, scope);
    scope.segment_truths.push_back(errors == scope.log.errors() ? truth_of(condition, scope.segment_truths)
                                                                : Truth::sometimes);
    rules.segments.push_back({member.first, std::move(condition)});
  }
}

/// Rules name tiers, and tiers name dimensions, so that the names of tiers must be known early.
void collect_tier_names(const Reader& reader, ParseScope& scope) {
  const auto node = reader.member("tiers");
  if (!node || !node->is(Json::Kind::array)) return;
  for (const Json& tier : node->json().items) {
    const Json* name = tier.find("name");
    if (name != nullptr && name->is(Json::Kind::text)) scope.tiers.insert(name->text);
  }
}

bool too_many_rules(const Node& dimensions, ProblemLog& log) {
  std::size_t count = 0;
  for (const Json& dimension : dimensions.json().items) {
    if (const Json* rules = dimension.find("rules")) count += rules->items.size();
  }
  if (count <= kMaxRules) return false;
  log.error(
      dimensions,
      "there are " + std::to_string(count) + " rules; at most " + std::to_string(kMaxRules) + " are allowed",
      "Rules that differ in a value only can be one with \"map\", \"cases\" or a list.",
      sqlstate::kLimitExceeded);
  return true;
}

/// False where something else than a rule is wrong.
bool parse_dimensions(const Node& node, Ruleset& rules, ParseScope& scope) {
  if (!is_array(node, scope.log, "an array of dimensions")) return false;
  if (node.json().items.empty()) {
    scope.log.error(node, "must not be empty", "A rule set has at least one dimension.");
    return false;
  }
  if (too_many_rules(node, scope.log)) return false;
  bool sound = true;
  for (std::size_t i = 0; i < node.json().items.size(); ++i) {
    const Node item = node.item(i);
    rules.dimensions.push_back(parse_dimension(item, i, scope, sound));
  }
  return sound;
}

Ruleset read_ruleset(const Json& json, ProblemLog& log) {
  Ruleset rules;
  ParseScope scope(log);
  const Node root(json);
  const Reader reader(root, log, kRuleset);
  if (!reader.is_object()) return rules;
  parse_header(reader, rules);
  scope.accents = rules.accents;
  if (const auto lists = reader.member("lists")) parse_lists(*lists, scope);
  if (const auto segments = reader.member("segments")) parse_segments(*segments, rules, scope);
  collect_tier_names(reader, scope);
  bool sound = false;
  reader.require("dimensions");
  if (const auto dimensions = reader.member("dimensions"))
    sound = parse_dimensions(*dimensions, rules, scope);
  if (const auto tiers = reader.member("tiers")) {
    const std::size_t errors = log.errors();
    rules.tiers = parse_tiers(*tiers, scope);
    if (sound && errors == log.errors() && !scope.exhausted) lint_tiers(rules, scope);
  }
  return rules;
}

}  // namespace

std::string near_name(std::string_view name, const NameIndex& names, ProblemLog& log) {
  std::vector<std::string_view> candidates;
  if (log.gives_hints()) {
    candidates.reserve(names.size());
    for (const auto& known : names) candidates.push_back(known.first);
  }
  return log.did_you_mean(name, candidates);
}

Ruleset check_ruleset(const Json& json, Problems& problems) {
  ProblemLog log;
  Ruleset rules = read_ruleset(json, log);
  problems = log.take();
  return rules;
}

Ruleset parse_ruleset(std::string_view text) {
  const Json json = parse_json(text);
  ProblemLog log;
  Ruleset rules = read_ruleset(json, log);
  const ProblemLog::Entry* first = log.first_error();
  if (first == nullptr) return rules;
  std::string message = "invalid rule set: " + first->problem.path;
  if (!first->rule.empty()) message += " (rule " + first->rule + ")";
  message += ": " + first->problem.problem;
  std::string detail;
  if (const std::size_t more = log.errors() - 1; more > 0) {
    detail =
        std::to_string(more) + (more == 1 ? " more problem" : " more problems") + "; lint lists them all.";
  }
  throw Error(first->code, std::move(message), first->problem.hint, std::move(detail));
}

}  // namespace leadscore
