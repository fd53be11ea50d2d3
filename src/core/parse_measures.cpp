// The arrays and tests that rules share: cases, map, bands, number tests, recency, steps, idle.
#include <algorithm>
#include <array>
#include <unordered_set>

#include "core/parse_scope.hpp"
#include "core/text.hpp"

namespace leadscore {
namespace {

constexpr std::array<std::string_view, 3> kLeadCase{"when", "points", "note"};
constexpr std::array<std::string_view, 3> kActivityCase{"where", "points", "note"};
constexpr std::array<std::string_view, 2> kBand{"below", "points"};
constexpr std::array<std::string_view, 2> kRecency{"within", "points"};
constexpr std::array<std::string_view, 2> kStep{"after", "keep"};
constexpr std::array<std::string_view, 4> kIdle{"after", "every", "points", "since"};

/// An array with something in it.
bool is_filled_array(const Node& node, ProblemLog& log, std::string_view expected) {
  if (!is_array(node, log, expected)) return false;
  if (!node.json().items.empty()) return true;
  log.error(node, "must not be empty");
  return false;
}

/// Keeps the order of the entries of an array: each must be greater than the one before.
template <typename T>
class Ascending {
 public:
  /// False where it is not.
  bool next(const std::optional<T>& value) {
    if (!value) return true;
    const bool sound = !last_ || *value > *last_;
    last_ = value;
    return sound;
  }

 private:
  std::optional<T> last_;
};

}  // namespace

std::vector<Case> parse_cases(const Node& node, Subject subject, ParseScope& scope) {
  std::vector<Case> cases;
  if (!is_filled_array(node, scope.log, "an array of cases")) return cases;
  const std::string_view word = subject == Subject::lead ? "when" : "where";
  const std::size_t count = node.json().items.size();
  cases.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Node item = node.item(i);
    const Reader reader(item, scope.log, subject == Subject::lead ? kLeadCase : kActivityCase);
    Case& added = cases.emplace_back();
    added.points = reader.number("points", kPointsInterval, Need::required).value_or(0);
    if (const auto condition = reader.member(word)) {
      added.condition = parse_condition(*condition, subject, scope);
    } else if (i + 1 < count && reader.is_object() && !reader.wrote(word)) {
      scope.log.error(item, quoted(word) + " is missing",
                      "Only the last case may do without it: it is the rest.");
    }
  }
  return cases;
}

std::vector<MapEntry> parse_map(const Node& node, ParseScope& scope) {
  std::vector<MapEntry> map;
  if (!node.is(Json::Kind::object)) {
    wrong_kind(node, scope.log, "an object of values and their points", "For example {\"Retail\": -10}.");
    return map;
  }
  if (node.json().members.empty()) {
    scope.log.error(node, "must not be empty");
    return map;
  }
  std::unordered_set<std::string> seen;
  for (const auto& member : node.json().members) {
    checkpoint();
    const Node value = node.member(member);
    std::string fold = folded(member.first, scope.accents);
    if (is_blank(fold)) {
      scope.log.error(value, "a value must not be blank",
                      "Blank text is no value: its points are \"missing\".");
    } else if (!seen.insert(std::move(fold)).second) {
      scope.log.error(value, quoted(member.first) + " is in the map twice",
                      "Texts are the same where only case, or accents with \"ignore_accents\", differ.");
    }
    map.push_back({member.first, read_number(value, scope.log, kPointsInterval).value_or(0)});
  }
  return map;
}

std::vector<Band> parse_bands(const Node& node, Interval below, ParseScope& scope) {
  std::vector<Band> bands;
  if (!is_filled_array(node, scope.log, "an array of bands")) return bands;
  const std::size_t count = node.json().items.size();
  Ascending<double> order;
  for (std::size_t i = 0; i < count; ++i) {
    const Node item = node.item(i);
    const Reader reader(item, scope.log, kBand);
    Band band;
    band.below = reader.number("below", below);
    band.points = reader.number("points", kPointsInterval, Need::required).value_or(0);
    if (!order.next(band.below)) {
      scope.log.error(*reader.member("below"), "must be greater than that of the band before",
                      "Bands ascend; the first whose \"below\" is greater than the value counts.");
    }
    if (i + 1 < count && reader.is_object() && !reader.wrote("below")) {
      scope.log.error(item, "\"below\" is missing", "Only the last band may do without it.");
    }
    bands.push_back(band);
  }
  return bands;
}

NumberTest parse_number_test(const Reader& reader, Interval interval) {
  NumberTest test;
  test.eq = reader.number("eq", interval);
  test.lt = reader.number("lt", interval);
  test.lte = reader.number("lte", interval);
  test.gt = reader.number("gt", interval);
  test.gte = reader.number("gte", interval);
  const auto between = reader.member("between");
  if (!between) return test;
  ProblemLog& log = reader.log();
  if (!between->is(Json::Kind::array) || between->json().items.size() != 2) {
    log.error(*between, "must be an array of two numbers, the least and the greatest");
    return test;
  }
  const Node first_node = between->item(0);
  const Node last_node = between->item(1);
  const auto first = read_number(first_node, log, interval);
  const auto last = read_number(last_node, log, interval);
  if (!first || !last) return test;
  if (*first > *last) {
    log.error(*between, "never holds: the first number is greater than the second",
              "Write the smaller number first.");
    return test;
  }
  test.gte = std::max(test.gte.value_or(*first), *first);
  test.lte = std::min(test.lte.value_or(*last), *last);
  return test;
}

std::vector<RecencyStep> parse_recency(const Node& node, ParseScope& scope) {
  std::vector<RecencyStep> entries;
  if (!is_filled_array(node, scope.log, "an array of entries")) return entries;
  Ascending<Micros> order;
  for (std::size_t i = 0; i < node.json().items.size(); ++i) {
    const Node item = node.item(i);
    const Reader reader(item, scope.log, kRecency);
    const auto within = reader.duration("within", 1, Need::required);
    const auto points = reader.number("points", kPointsInterval, Need::required);
    if (!order.next(within)) {
      scope.log.error(*reader.member("within"), "must be longer than that of the entry before",
                      "The first entry whose \"within\" holds counts, so this one never would.");
    }
    entries.push_back({within.value_or(1), points.value_or(0)});
  }
  return entries;
}

std::vector<FadeStep> parse_steps(const Node& node, ParseScope& scope) {
  std::vector<FadeStep> steps;
  if (!is_filled_array(node, scope.log, "an array of steps")) return steps;
  Ascending<Micros> order;
  for (std::size_t i = 0; i < node.json().items.size(); ++i) {
    const Node item = node.item(i);
    const Reader reader(item, scope.log, kStep);
    const auto after = reader.duration("after", 0, Need::required);
    const auto keep = reader.number("keep", kFactor, Need::required);
    if (!order.next(after)) {
      scope.log.error(*reader.member("after"), "must be longer than that of the step before");
    }
    steps.push_back({after.value_or(0), keep.value_or(1)});
  }
  return steps;
}

Idle parse_idle(const Node& node, ParseScope& scope) {
  Idle idle;
  const Reader reader(node, scope.log, kIdle);
  idle.after = reader.duration("after", 0, Need::required).value_or(0);
  idle.every = reader.duration("every");
  idle.points = reader.number("points", kPointsInterval, Need::required).value_or(0);
  idle.since = reader.field("since");
  return idle;
}

}  // namespace leadscore
