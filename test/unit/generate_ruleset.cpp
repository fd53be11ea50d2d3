// Random rule sets as JSON text.
#include <algorithm>

#include "generate.hpp"

namespace leadscore::generate {
namespace {

using Texts = std::span<const std::string_view>;

constexpr std::array<std::string_view, 10> kDurations{"6 hours", "12 hours", "1 day",  "36 hours", "2 days",
                                                      "3 days",  "5 days",   "1 week", "12 days",  "20 days"};
constexpr std::array<std::string_view, 12> kPoints{"1", "2",  "3",  "5",   "7.5", "10",
                                                   "0", "-1", "-4", "0.1", "20",  "-10"};
constexpr std::array<std::string_view, 5> kSmall{"1", "2", "3", "4", "5"};
constexpr std::array<std::string_view, 4> kDimensionNames{"fit", "engagement", "intent", "risk"};

std::string points(Random& random) { return std::string(random.pick(kPoints)); }
std::string duration(Random& random) { return '"' + std::string(random.pick(kDurations)) + '"'; }

/// Durations in ascending order, without repetition.
std::vector<std::string> ascending_durations(Random& random, std::size_t most) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < 1 + random.below(most); ++i) places.push_back(random.below(kDurations.size()));
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  std::vector<std::string> durations;
  for (const std::size_t place : places) durations.push_back('"' + std::string(kDurations[place]) + '"');
  return durations;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += ", ";
    text += part;
  }
  return text;
}

std::string member(std::string_view name, const std::string& value) {
  return '"' + std::string(name) + "\": " + value;
}
std::string object(const std::vector<std::string>& members) { return '{' + joined(members) + '}'; }
std::string array(const std::vector<std::string>& items) { return '[' + joined(items) + ']'; }

// Conditions --------------------------------------------------------------------------------------------

std::string lead_test(Random& random) {
  static constexpr std::array<std::string_view, 19> kTests{
      R"({"country": "NL"})",
      R"({"country": ["nl", "ROMANIA"]})",
      R"({"country": {"not_in": "@served"}})",
      R"({"country": {"ne": "ID"}})",
      R"({"country": {"is_null": true}})",
      R"({"industry": {"in": ["energy", "retail"]}})",
      R"({"industry": {"starts_with": "man"}})",
      R"({"title": {"words": ["vp", "direct*", "head of"]}})",
      R"({"title": {"contains": "vp"}})",
      R"({"title": {"matches": "^(student|mvp)$"}})",
      R"({"email": {"domain": ["acme.com"]}})",
      R"({"email": {"domain": "@freemail"}})",
      R"({"email": {"local_part": "@role_accounts"}})",
      R"({"employees": {"gte": 100, "lt": 300}})",
      R"({"employees": {"between": [50, 250]}})",
      R"({"customer": true})",
      R"({"tags": {"has": ["vip", "OLD"]}})",
      R"({"renewal": {"lt": "2026-01-01"}})",
      R"({"tags": {"is_null": false}})"};
  if (random.chance(25)) {
    const std::string field(random.chance(50) ? "created_at" : "renewal");
    return object(
        {member(field, object({member(random.chance(50) ? "older_than" : "newer_than", duration(random))}))});
  }
  return std::string(random.pick(kTests));
}

std::string activity_test(Random& random) {
  static constexpr std::array<std::string_view, 10> kTests{R"({"url": {"starts_with": "/pricing"}})",
                                                           R"({"url": {"domain": "acme.com"}})",
                                                           R"({"url": {"is_null": true}})",
                                                           R"({"asset": ["calculator", "demo"]})",
                                                           R"({"amount": {"gte": 2}})",
                                                           R"({"amount": {"between": [-1, 1]}})",
                                                           R"({"level": 1})",
                                                           R"({"paid": true})",
                                                           R"({"labels": {"has": "hot"}})",
                                                           R"({"level": {"gt": 0.5}})"};
  if (random.chance(15)) {
    return object(
        {member("due", object({member(random.chance(50) ? "older_than" : "newer_than", duration(random))}))});
  }
  return std::string(random.pick(kTests));
}

using MakeTest = std::string (*)(Random&);

std::string condition(Random& random, MakeTest test, int depth = 0) {
  if (depth < 2 && random.chance(25)) {
    const std::size_t form = random.below(3);
    if (form == 0) return object({member("not", condition(random, test, depth + 1))});
    std::vector<std::string> parts;
    for (std::size_t n = random.below(4); n > 0; --n) parts.push_back(condition(random, test, depth + 1));
    return object({member(form == 1 ? "all" : "any", array(parts))});
  }
  return test(random);
}

std::string lead_condition(Random& random) {
  if (random.chance(15)) return random.chance(50) ? R"({"segment": "icp"})" : R"({"segment": "fresh"})";
  return condition(random, lead_test);
}
std::string activity_condition(Random& random) { return condition(random, activity_test); }

// Parts of rules ----------------------------------------------------------------------------------------

std::string cases(Random& random, std::string_view word, MakeTest make) {
  std::vector<std::string> items;
  for (std::size_t n = 1 + random.below(3); n > 0; --n) {
    items.push_back(object({member(word, make(random)), member("points", points(random))}));
  }
  if (random.chance(50)) items.push_back(object({member("points", points(random))}));
  return member("cases", array(items));
}

std::string bands(Random& random, int least, int step) {
  std::vector<std::string> items;
  int below = least;
  for (std::size_t n = 1 + random.below(3); n > 0; --n) {
    below += step * static_cast<int>(1 + random.below(3));
    items.push_back(object({member("below", std::to_string(below)), member("points", points(random))}));
  }
  if (random.chance(60)) items.push_back(object({member("points", points(random))}));
  return member("bands", array(items));
}

void map_members(Random& random, std::vector<std::string>& members, std::string_view field, Texts values) {
  members.push_back(member("field", '"' + std::string(field) + '"'));
  std::vector<std::string> entries;
  for (const std::string_view value : values) {
    if (random.chance(60)) entries.push_back(member(value, points(random)));
  }
  if (entries.empty()) entries.push_back(member(values.front(), points(random)));
  if (random.chance(50)) std::reverse(entries.begin(), entries.end());
  members.push_back(member("map", object(entries)));
  if (random.chance(50)) members.push_back(member("else", points(random)));
  if (random.chance(50)) members.push_back(member("missing", points(random)));
}

std::string number_test(Random& random, int least, int most) {
  const auto number = [&] { return std::to_string(random.between(least, most)); };
  switch (random.below(4)) {
    case 0:
      return member("eq", number());
    case 1:
      return member(random.chance(50) ? "lt" : "lte", number());
    case 2: {
      const std::int64_t first = random.between(least, most);
      return member("between",
                    '[' + std::to_string(first) + ", " + std::to_string(first + random.between(0, 3)) + ']');
    }
    default:
      return member(random.chance(50) ? "gt" : "gte", number());
  }
}

void kinds(Random& random, std::vector<std::string>& members) {
  static constexpr std::array<std::string_view, 8> kOn{
      R"("email_open")", R"("Page_View")", R"("demo")",   R"("DÉMO")",
      R"("*")",          R"("*")",         R"("@noise")", R"(["rfq", "page_view"])"};
  static constexpr std::array<std::string_view, 3> kExcept{R"("unsubscribe")", R"("@noise")",
                                                           R"(["EMAIL_open", "démo"])"};
  members.push_back(member("on", std::string(random.pick(kOn))));
  if (random.chance(25)) members.push_back(member("except", std::string(random.pick(kExcept))));
}

void selection(Random& random, std::vector<std::string>& members) {
  if (random.chance(40)) members.push_back(member("within", duration(random)));
  if (random.chance(30)) {
    static constexpr std::array<std::string_view, 3> kFields{R"("session_id")", R"("level")", R"("paid")"};
    members.push_back(member("distinct", std::string(random.pick(kFields))));
  }
  if (random.chance(30)) members.push_back(member("max_per_day", std::to_string(random.between(1, 3))));
  if (random.chance(40)) members.push_back(member("max_events", std::string(random.pick(kSmall))));
}

void fade(Random& random, std::vector<std::string>& members) {
  static constexpr std::array<std::string_view, 5> kKeep{"1", "0.5", "0", "0.25", "0.8"};
  switch (random.below(5)) {
    case 0:
    case 1:
      members.push_back(member("half_life", duration(random)));
      break;
    case 2:
      members.push_back(member("fades_over", duration(random)));
      break;
    case 3: {
      std::vector<std::string> steps;
      for (const std::string& after : ascending_durations(random, 4)) {
        steps.push_back(object({member("after", after), member("keep", std::string(random.pick(kKeep)))}));
      }
      members.push_back(member("steps", array(steps)));
      break;
    }
    default:
      break;
  }
}

std::string idle(Random& random, bool of_rule) {
  std::vector<std::string> members{member("after", random.chance(10) ? R"("0 days")" : duration(random))};
  if (random.chance(60)) members.push_back(member("every", duration(random)));
  if (of_rule) {
    members.push_back(member("points", points(random)));
    if (random.chance(50)) members.push_back(member("since", R"("created_at")"));
  } else {
    static constexpr std::array<std::string_view, 4> kKeep{"0.7", "0.5", "0", "1"};
    kinds(random, members);
    members.push_back(member("keep", std::string(random.pick(kKeep))));
  }
  return object(members);
}

std::string lead_rule_members(Random& random) {
  static constexpr std::array<std::string_view, 4> kCountries{"nl", "ID", "ROMANIA", "románia"};
  static constexpr std::array<std::string_view, 3> kEmployees{"100", "200", "0"};
  static constexpr std::array<std::string_view, 2> kCustomer{"true", "FALSE"};
  std::vector<std::string> members;
  switch (random.below(5)) {
    case 0:
      return cases(random, "when", lead_condition);
    case 1:
      switch (random.below(3)) {
        case 0:
          map_members(random, members, "country", std::span(kCountries).first(3));
          break;
        case 1:
          map_members(random, members, "employees", kEmployees);
          break;
        default:
          map_members(random, members, "customer", kCustomer);
      }
      return joined(members);
    case 2:
      members = {member("field", R"("employees")"), bands(random, 0, 100)};
      if (random.chance(50)) members.push_back(member("missing", points(random)));
      return joined(members);
    case 3:
      if (random.chance(30)) {
        members = {member("when", lead_condition(random)), member("disqualify", "true")};
        if (random.chance(30)) members.push_back(member("points", points(random)));
        return joined(members);
      }
      [[fallthrough]];
    default:
      return joined({member("when", lead_condition(random)), member("points", points(random))});
  }
}

// Rule sets ---------------------------------------------------------------------------------------------

constexpr std::array<std::string_view, 3> kTiers{"SQL", "MQL", "warm"};

std::string dimension(Random& random, const Flavour& flavour, std::size_t index, int& rule_number) {
  std::vector<std::string> members{member("name", '"' + std::string(kDimensionNames[index]) + '"')};
  if (random.chance(40)) members.push_back(member("max", std::to_string(random.between(0, 40))));
  if (random.chance(30)) members.push_back(member("min", std::to_string(random.between(-40, 0))));
  if (random.chance(30)) members.push_back(member("weight", random.chance(50) ? "0.5" : points(random)));
  if (random.chance(60)) {
    std::vector<std::string> grades{object({member("name", R"("A")"), member("at", "15")}),
                                    object({member("name", R"("B")"), member("at", "5")})};
    if (random.chance(60)) grades.push_back(object({member("name", R"("C")")}));
    members.push_back(member("grades", array(grades)));
  }
  const bool groups = random.chance(60);
  if (groups) members.push_back(member("groups", R"({"g": {"max": 20}, "h": {"min": -5, "max": 8}})"));
  if (flavour.activity_rules && random.chance(35)) members.push_back(member("idle", idle(random, false)));
  std::vector<std::string> rules;
  for (auto n = random.between(1, flavour.most_rules); n > 0; --n) {
    const bool about_lead = flavour.lead_rules && (!flavour.activity_rules || random.chance(35));
    std::vector<std::string> rule{member("id", "\"r" + std::to_string(rule_number++) + '"')};
    if (groups && random.chance(50)) rule.push_back(member("group", random.chance(50) ? R"("g")" : R"("h")"));
    if (flavour.tiers && random.chance(15)) {
      rule.push_back(member("promote_to", '"' + std::string(random.pick(kTiers)) + '"'));
    }
    if (random.chance(6)) rule.push_back(member("off", "true"));
    if (random.chance(20)) rule.push_back(member("max_points", std::to_string(random.between(0, 12))));
    rule.push_back(about_lead ? lead_rule_members(random) : activity_rule_members(random));
    if (!about_lead && flavour.lead_rules && random.chance(20)) {
      rule.push_back(member("when", lead_condition(random)));
    }
    rules.push_back(object(rule));
  }
  members.push_back(member("rules", array(rules)));
  return object(members);
}

std::string tiers(Random& random, std::size_t dimensions) {
  static constexpr std::array<std::string_view, 4> kGrades{R"(["A", "AA", "AB", "B"])", R"("AB")",
                                                           R"(["B", "C", "CC", "BA"])", R"(["A", "ACA"])"};
  std::vector<std::string> items;
  // Every name that promote_to may use is there, some twice.
  std::int64_t at = 45;
  for (const std::string_view name : kTiers) {
    for (std::size_t n = 1 + random.below(2); n > 0; --n) {
      std::vector<std::string> members{member("name", '"' + std::string(name) + '"')};
      if (random.chance(75)) members.push_back(member("at", std::to_string(at)));
      if (random.chance(25)) {
        members.push_back(member(
            "dimensions", object({member(kDimensionNames[random.below(dimensions)], points(random))})));
      }
      if (random.chance(25)) members.push_back(member("grade", std::string(random.pick(kGrades))));
      if (random.chance(20)) members.push_back(member("when", lead_condition(random)));
      items.push_back(object(members));
      at -= random.between(0, 15);
    }
  }
  if (random.chance(60)) items.push_back(R"({"name": "cold"})");
  return member("tiers", array(items));
}

}  // namespace

std::string activity_rule_members(Random& random) {
  static constexpr std::array<std::string_view, 3> kAssets{"calculator", "white paper", "demo"};
  static constexpr std::array<std::string_view, 3> kLevels{"1", "0.5", "2"};
  std::vector<std::string> members;
  kinds(random, members);
  if (random.chance(30)) members.push_back(member("where", activity_condition(random)));
  const std::size_t form = random.below(11);
  const bool per_event = form < 6;
  switch (form) {
    case 0:
    case 1:
      members.push_back(member("points", points(random)));
      break;
    case 2:
    case 3:
      members.push_back(cases(random, "where", activity_condition));
      break;
    case 4:
      map_members(random, members, "asset", kAssets);
      break;
    case 5:
      map_members(random, members, "level", kLevels);
      break;
    case 6:
      members.push_back(member("count", object({number_test(random, 0, 5)})));
      members.push_back(member("points", points(random)));
      break;
    case 7:
      members.push_back(member("sum", object({member("field", R"("amount")"), number_test(random, -5, 60)})));
      members.push_back(member("points", points(random)));
      break;
    case 8:
      if (random.chance(50)) {
        members.push_back(bands(random, 0, 1));
      } else {
        members.push_back(member("sum", R"({"field": "amount"})"));
        members.push_back(bands(random, -20, 15));
      }
      break;
    case 9: {
      std::vector<std::string> entries;
      for (const std::string& within : ascending_durations(random, 3)) {
        entries.push_back(object({member("within", within), member("points", points(random))}));
      }
      members.push_back(member("recency", array(entries)));
      break;
    }
    default:
      members.push_back(member("idle", idle(random, true)));
  }
  if (per_event) {
    fade(random, members);
    if (random.chance(30)) members.push_back(member("multiply_by", R"("amount")"));
  }
  if (form < 9) selection(random, members);
  return joined(members);
}

std::string ruleset(Random& random, const Flavour& flavour) {
  std::vector<std::string> members{
      member("lists", R"({"served": ["NL", "ID"], "noise": ["Unsubscribe", "RFQ"]})"),
      member("segments", object({member("icp", condition(random, lead_test)),
                                 member("fresh", R"({"created_at": {"newer_than": "10 days"}})")}))};
  if (random.chance(40)) members.push_back(member("ignore_accents", "true"));
  if (random.chance(50))
    members.push_back(member("utc_offset", random.chance(50) ? R"("+07:00")" : R"("-03:30")"));
  if (random.chance(40)) members.push_back(member("decimals", std::to_string(random.between(0, 3))));
  if (random.chance(30)) members.push_back(member("range", R"({"min": -10, "max": 50})"));
  if (random.chance(20)) members.push_back(member("disqualified_tier", R"("out")"));
  const auto count = static_cast<std::size_t>(random.between(1, flavour.most_dimensions));
  std::vector<std::string> dimensions;
  int rule_number = 0;
  for (std::size_t i = 0; i < count; ++i) dimensions.push_back(dimension(random, flavour, i, rule_number));
  members.push_back(member("dimensions", array(dimensions)));
  if (flavour.tiers) members.push_back(tiers(random, count));
  return object(members);
}

}  // namespace leadscore::generate
