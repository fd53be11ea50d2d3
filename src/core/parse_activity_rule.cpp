// Rules about activities: what is measured, which events count, how they fade.
#include <algorithm>
#include <array>

#include "core/parse_scope.hpp"

namespace leadscore {
namespace {

constexpr std::string_view kForms =
    "A rule about activities has one of: \"points\"; \"cases\"; \"field\" with \"map\"; \"count\" with "
    "\"points\"; \"sum\" with \"points\"; \"bands\" (of the number, or of a \"sum\"); \"recency\"; \"idle\".";

constexpr std::array<std::string_view, 7> kTests{"eq", "lt", "lte", "gt", "gte", "between", "field"};

constexpr std::array<std::string_view, 3> kFades{"half_life", "fades_over", "steps"};
constexpr std::array<std::string_view, 4> kPerEvent{"half_life", "fades_over", "steps", "multiply_by"};
constexpr std::array<std::string_view, 4> kSelection{"within", "distinct", "max_per_day", "max_events"};
constexpr std::array<std::string_view, 2> kMapValues{"else", "missing"};
constexpr std::array<std::string_view, 1> kField{"field"};
constexpr std::array<std::string_view, 1> kPoints{"points"};
constexpr std::array<std::string_view, 1> kDisqualify{"disqualify"};

constexpr std::string_view kNoTest = "has no test";
constexpr std::string_view kTestHint =
    "For example {\"gte\": 5}; the tests are eq, lt, lte, gt, gte and between.";

/// The members that say what is measured; "points" is one where no other is there.
std::vector<std::string_view> written_measures(const Reader& reader) {
  std::vector<std::string_view> found;
  for (const std::string_view name : {"cases", "map", "count", "sum", "bands", "recency", "idle"}) {
    if (reader.wrote(name)) found.push_back(name);
  }
  return found;
}

Measure measure_of(std::string_view member) {
  if (member == "cases") return Measure::cases;
  if (member == "map") return Measure::map;
  if (member == "count") return Measure::count;
  if (member == "sum") return Measure::sum;
  if (member == "bands") return Measure::count_bands;
  return member == "recency" ? Measure::recency : Measure::idle;
}

/// nullopt: none, or a mix; the log says so.
std::optional<Measure> find_measure(const Reader& reader) {
  const auto found = written_measures(reader);
  const bool sum_bands = found.size() == 2 && found[0] == "sum" && found[1] == "bands";
  if (found.empty()) {
    if (reader.wrote("points")) return Measure::points;
    reader.log().error(reader.node(), "says nothing of what it gives points for", std::string(kForms));
    return std::nullopt;
  }
  if (found.size() > 1 && !sum_bands) {
    reader.log().error(reader.node(), "mixes " + quoted(found[0]) + " and " + quoted(found[1]),
                       std::string(kForms));
    return std::nullopt;
  }
  return sum_bands ? Measure::sum_bands : measure_of(found.front());
}

bool has_test(const NumberTest& test) noexcept {
  return test.eq || test.lt || test.lte || test.gt || test.gte;
}

/// A count of events that must remember their times, because which of them count depends on the clock or on
/// others.
bool keeps_times(const Reader& reader) noexcept {
  return reader.wrote("within") || reader.wrote("distinct") || reader.wrote("max_per_day");
}

void check_kept(const Node& node, const Reader& reader, std::optional<double> bound) {
  if (!bound || *bound <= static_cast<double>(kMaxKeptEvents) || !keeps_times(reader)) return;
  reader.log().error(node, "must be at most " + std::to_string(kMaxKeptEvents) +
                               " where \"within\", \"distinct\" or \"max_per_day\" is given");
}

void parse_count(const Reader& reader, Rule& rule) {
  rule.points = reader.number("points", kPointsInterval, Need::required).value_or(0);
  const auto node = reader.member("count");
  if (!node) return;
  if (node->is(Json::Kind::number)) {
    wrong_kind(*node, reader.log(), "a test",
               "Write {\"gte\": " + format_number(node->json().number) + "} for at least so many.");
    return;
  }
  const std::size_t errors = reader.log().errors();
  const Reader test(*node, reader.log(), std::span(kTests).first(kTests.size() - 1));
  rule.test = parse_number_test(test, {0, kMaxPoints});
  if (errors != reader.log().errors()) return;
  if (!has_test(rule.test)) reader.log().error(*node, std::string(kNoTest), std::string(kTestHint));
  for (const auto& bound : {rule.test.eq, rule.test.lt, rule.test.lte, rule.test.gt, rule.test.gte}) {
    check_kept(*node, reader, bound);
  }
}

void parse_sum(const Reader& reader, Rule& rule) {
  const bool banded = rule.measure == Measure::sum_bands;
  if (!banded) rule.points = reader.number("points", kPointsInterval, Need::required).value_or(0);
  const auto node = reader.member("sum");
  if (!node) return;
  if (node->is(Json::Kind::text)) {
    wrong_kind(*node, reader.log(), "an object", "Write {\"field\": " + quoted(node->json().text) + ", …}.");
    return;
  }
  const std::size_t errors = reader.log().errors();
  const Reader sum(*node, reader.log(), kTests);
  rule.sum_field = sum.field("field", Need::required).value_or("");
  if (banded) {
    sum.refuse(std::span(kTests).first(kTests.size() - 1), "a sum with \"bands\" has no test",
               "Leave out the test or the bands.");
    return;
  }
  rule.test = parse_number_test(sum, kAnyNumber);
  if (errors == reader.log().errors() && !has_test(rule.test)) {
    reader.log().error(*node, std::string(kNoTest), std::string(kTestHint));
  }
}

void parse_activity_bands(const Reader& reader, Rule& rule, ParseScope& scope) {
  const auto node = reader.member("bands");
  if (!node) return;
  const bool sum = rule.measure == Measure::sum_bands;
  rule.bands = parse_bands(*node, sum ? kAnyNumber : Interval{0, kMaxPoints}, scope);
  if (sum) return;
  for (const Band& band : rule.bands) check_kept(*node, reader, band.below);
}

void parse_measure(const Reader& reader, Rule& rule, ParseScope& scope) {
  switch (rule.measure) {
    case Measure::points:
      rule.points = reader.number("points").value_or(0);
      break;
    case Measure::cases:
      if (const auto node = reader.member("cases")) {
        rule.cases = parse_cases(*node, Subject::activity, scope);
      }
      break;
    case Measure::map:
      rule.field = reader.field("field", Need::required).value_or("");
      rule.otherwise = reader.number("else");
      rule.missing = reader.number("missing");
      if (const auto node = reader.member("map")) rule.map = parse_map(*node, scope);
      break;
    case Measure::count:
      parse_count(reader, rule);
      break;
    case Measure::sum:
      parse_sum(reader, rule);
      break;
    case Measure::count_bands:
      parse_activity_bands(reader, rule, scope);
      break;
    case Measure::sum_bands:
      parse_sum(reader, rule);
      parse_activity_bands(reader, rule, scope);
      break;
    case Measure::recency:
      if (const auto node = reader.member("recency")) rule.recency = parse_recency(*node, scope);
      break;
    case Measure::idle:
      if (const auto node = reader.member("idle")) rule.idle = parse_idle(*node, scope);
      break;
    default:
      break;
  }
}

/// Members that the rule's form has no use for.
void refuse_strangers(const Reader& reader, Measure measure) {
  if (measure != Measure::map) {
    reader.refuse(kMapValues, "belongs to \"map\", which the rule does not have");
    reader.refuse(kField, "belongs to \"map\", which the rule does not have",
                  measure == Measure::count_bands ? "To band a sum write \"sum\": {\"field\": …}." : "");
  }
  const bool takes_points =
      measure == Measure::points || measure == Measure::count || measure == Measure::sum;
  if (!takes_points) {
    const auto other = written_measures(reader);
    reader.refuse(kPoints, "cannot stand beside " + quoted(other.back()), kForms);
  }
  if (!is_per_event(measure)) {
    reader.refuse(kPerEvent, "only a rule that gives points for each event has it",
                  "Such a rule has \"points\" alone, \"cases\", or \"field\" with \"map\".");
  }
  if (measure == Measure::recency || measure == Measure::idle) {
    reader.refuse(kSelection, "cannot stand beside " + quoted(measure == Measure::idle ? "idle" : "recency"),
                  "Only the latest event matters to it.");
  }
}

void parse_fade(const Reader& reader, Rule& rule, ParseScope& scope) {
  std::string_view first;
  for (const std::string_view name : kFades) {
    const auto node = reader.member(name);
    if (!node) continue;
    if (!first.empty()) {
      scope.log.error(*node, "cannot stand beside " + quoted(first), "An event fades in one way only.");
      continue;
    }
    first = name;
    if (name == "half_life") {
      rule.fade = Fade::half_life;
      rule.half_life = read_duration(*node, scope.log).value_or(kDay);
    } else if (name == "fades_over") {
      rule.fade = Fade::fades_over;
      rule.fades_over = read_duration(*node, scope.log).value_or(kDay);
    } else {
      rule.fade = Fade::steps;
      rule.steps = parse_steps(*node, scope);
    }
  }
}

void parse_selection(const Reader& reader, Rule& rule) {
  rule.within = reader.duration("within");
  rule.distinct = reader.field("distinct");
  rule.max_per_day = reader.whole("max_per_day", 1, kMaxKeptEvents);
  rule.max_events = reader.whole("max_events", 1, kMaxKeptEvents);
}

}  // namespace

void parse_activity_rule(const Reader& reader, Rule& rule, ParseScope& scope) {
  if (const auto node = reader.member("on")) rule.on = parse_kinds(*node, scope);
  if (const auto node = reader.member("except")) rule.except = parse_kinds(*node, scope);
  if (const auto node = reader.member("when")) rule.when = parse_condition(*node, Subject::lead, scope);
  if (const auto node = reader.member("where")) rule.where = parse_condition(*node, Subject::activity, scope);
  reader.refuse(kDisqualify, "a rule about activities cannot disqualify",
                "Disqualifying is for rules about the lead: those without \"on\".");
  parse_fade(reader, rule, scope);
  rule.multiply_by = reader.field("multiply_by");
  parse_selection(reader, rule);
  if (const auto measure = find_measure(reader)) {
    rule.measure = *measure;
    parse_measure(reader, rule, scope);
    refuse_strangers(reader, *measure);
    return;
  }
  // Mixed: what each part holds is worth checking all the same.
  for (const std::string_view name : written_measures(reader)) {
    rule.measure = measure_of(name);
    parse_measure(reader, rule, scope);
  }
}

}  // namespace leadscore
