// Conditions, map and bands as the reference of the language describes them, example by example.
#include <gtest/gtest.h>

#include <cmath>

#include "matcher_fixture.hpp"

namespace leadscore {
namespace {

using Row = MatchedRules::Row;

Value text(std::string_view value) { return Value::of(value); }

/// Does a condition hold for a jsonb row with one field?
bool holds(const std::string& condition, const std::string& field, Value value,
           const std::string& members = "") {
  return MatchedRules(rule_when(condition, members)).holds("r", Row{{field, value}});
}

TEST(MatcherLanguage, LogicIsTwoValued) {
  MatchedRules rules(R"({"dimensions": [{"name": "d", "rules": [
    {"id": "eq", "when": {"country": "US"}, "points": 1},
    {"id": "ne", "when": {"country": {"ne": "US"}}, "points": 1},
    {"id": "not_in", "when": {"country": {"not_in": ["US", "DE"]}}, "points": 1},
    {"id": "not", "when": {"not": {"country": "US"}}, "points": 1},
    {"id": "null", "when": {"country": {"is_null": true}}, "points": 1},
    {"id": "some", "when": {"country": {"is_null": false}}, "points": 1},
    {"id": "all", "when": {"all": []}, "points": 1}]}]})");
  using Branches = std::map<std::string, std::uint32_t>;
  EXPECT_EQ(rules.match({}), (Branches{{"not", 0}, {"null", 0}, {"all", 0}}));
  EXPECT_EQ(rules.match({{"country", text(" \t")}}), rules.match({}));
  EXPECT_EQ(rules.match({{"country", text("us")}}), (Branches{{"eq", 0}, {"some", 0}, {"all", 0}}));
  EXPECT_EQ(rules.match({{"country", text("NL")}}),
            (Branches{{"ne", 0}, {"not_in", 0}, {"not", 0}, {"some", 0}, {"all", 0}}));
  EXPECT_EQ(rules.match({{"country", Value::of(5.0)}}), (Branches{{"not", 0}, {"some", 0}, {"all", 0}}));
}

TEST(MatcherLanguage, TextIgnoresCaseByUnicode) {
  EXPECT_TRUE(holds(R"({"t": "directeur général"})", "t", text("DIRECTEUR GÉNÉRAL")));
  EXPECT_TRUE(holds(R"({"t": "straße"})", "t", text("STRASSE")));
  EXPECT_FALSE(holds(R"({"t": "general"})", "t", text("Général")));
  EXPECT_TRUE(holds(R"({"t": "general"})", "t", text("Général"), R"("ignore_accents": true, )"));
  EXPECT_TRUE(holds(R"({"t": {"contains": "GÉN"}})", "t", text("directeur général")));
}

TEST(MatcherLanguage, WordsEndAtWordBoundaries) {
  EXPECT_TRUE(holds(R"({"t": {"words": ["vp"]}})", "t", text("VP, Sales")));
  EXPECT_FALSE(holds(R"({"t": {"words": ["vp"]}})", "t", text("MVP")));
  EXPECT_TRUE(holds(R"({"t": {"words": ["director*"]}})", "t", text("Directorul")));
  EXPECT_FALSE(holds(R"({"t": {"words": ["director"]}})", "t", text("Directorul")));
  EXPECT_TRUE(holds(R"({"t": {"words": ["head of"]}})", "t", text("Global Head of Sales")));
  EXPECT_TRUE(holds(R"({"t": {"words": ["vp"]}})", "t", text("mvp or vp")));
  EXPECT_TRUE(holds(R"({"t": {"words": ["c++"]}})", "t", text("c++ developer")));
  EXPECT_FALSE(holds(R"({"t": {"words": ["c++"]}})", "t", text("abc++")));
  EXPECT_FALSE(holds(R"({"t": {"words": ["gener"]}})", "t", text("généralé gener\u0301")))
      << "a mark belongs to its letter";
}

TEST(MatcherLanguage, PatternsMayLieInEachOther) {
  const std::string names = R"({"t": {"contains": ["he", "she", "his", "hers"]}})";
  for (const char* hit : {"ushers", "xhex", "HIS", "she"}) EXPECT_TRUE(holds(names, "t", text(hit))) << hit;
  for (const char* miss : {"h", "s h e", "hi s"}) EXPECT_FALSE(holds(names, "t", text(miss))) << miss;
  EXPECT_TRUE(holds(R"({"t": {"starts_with": ["/pricing", "/p"]}})", "t", text("/Pricing/x")));
  EXPECT_FALSE(holds(R"({"t": {"starts_with": "/pricing"}})", "t", text("x/pricing")));
  EXPECT_TRUE(holds(R"({"t": {"ends_with": ["@gmail.com"]}})", "t", text("Ann@GMAIL.com")));
  EXPECT_FALSE(holds(R"({"t": {"ends_with": ["@gmail.com"]}})", "t", text("ann@gmail.com.au")));
}

TEST(MatcherLanguage, RegularExpressionsSeeTheTextAsItIs) {
  EXPECT_TRUE(holds(R"({"t": {"matches": "^chief .*officer$"}})", "t", text("Chief Sales Officer")));
  EXPECT_FALSE(holds(R"({"t": {"matches": "(?-i)^chief"}})", "t", text("Chief")));
  EXPECT_TRUE(holds(R"({"t": {"matches": ["^x", "É$"]}})", "t", text("café")));
}

TEST(MatcherLanguage, DomainsAndMailboxes) {
  const std::string acme = R"({"e": {"domain": ["acme.com"]}})";
  for (const char* hit :
       {"ann@acme.com", "Ann <ann@Mail.ACME.com>", "https://www.acme.com:80/x", "acme.com"}) {
    EXPECT_TRUE(holds(acme, "e", text(hit))) << hit;
  }
  for (const char* miss : {"ann@notacme.com", "acme.com.evil.io", "acme", "ann@com"}) {
    EXPECT_FALSE(holds(acme, "e", text(miss))) << miss;
  }
  EXPECT_TRUE(holds(R"({"e": {"domain": "@freemail"}})", "e", text("x@GMAIL.com")));
  EXPECT_FALSE(holds(R"({"e": {"domain": "@freemail"}})", "e", text("x@notgmail.example")));
  EXPECT_TRUE(holds(R"({"e": {"local_part": "@role_accounts"}})", "e", text("Info@acme.com")));
  EXPECT_TRUE(holds(R"({"e": {"local_part": ["ann"]}})", "e", text("Ann@acme.com")));
  EXPECT_FALSE(holds(R"({"e": {"local_part": ["ann"]}})", "e", text("joann@acme.com")));
}

TEST(MatcherLanguage, ArraysHoldWhatAnElementHolds) {
  const Value items[] = {text("Red"), Value(), text("dark blue"), Value::of(5.0), Value::of(true)};
  const Value array = Value::of(items, 5);
  EXPECT_TRUE(holds(R"({"a": {"has": "red"}})", "a", array));
  EXPECT_TRUE(holds(R"({"a": {"has": ["x", 5]}})", "a", array));
  EXPECT_TRUE(holds(R"({"a": {"has": true}})", "a", array));
  EXPECT_FALSE(holds(R"({"a": {"has": ["blue", "", "5"]}})", "a", array));
  EXPECT_TRUE(holds(R"({"a": {"words": "blue"}})", "a", array));
  EXPECT_FALSE(holds(R"({"a": "red"})", "a", array));
  EXPECT_FALSE(holds(R"({"a": {"is_null": true}})", "a", array));
  EXPECT_TRUE(holds(R"({"a": {"is_null": true}})", "a", Value::of(items, 0)));
  EXPECT_FALSE(holds(R"({"a": {"has": "red"}})", "a", text("red"))) << "not an array";
}

TEST(MatcherLanguage, JsonValuesDecideOneByOne) {
  EXPECT_TRUE(holds(R"({"x": {"gte": 5}})", "x", Value::of(5.0)));
  EXPECT_FALSE(holds(R"({"x": {"gte": 5}})", "x", text("7")));
  EXPECT_FALSE(holds(R"({"x": {"ne": 5}})", "x", text("7")));
  EXPECT_TRUE(holds(R"({"x": {"ne": "5"}})", "x", text("7")));
  EXPECT_TRUE(holds(R"({"x": {"not_in": ["a", 5]}})", "x", Value::of(6.0)));
  EXPECT_FALSE(holds(R"({"x": {"not_in": ["a", 5]}})", "x", Value::of(true)));
  EXPECT_TRUE(holds(R"({"x": {"gte": "2026-01-01"}})", "x", text("2026-03-01")));
  EXPECT_FALSE(holds(R"({"x": {"gte": "2026-01-01"}})", "x", text("later")));
  EXPECT_FALSE(holds(R"({"x": {"contains": "5"}})", "x", Value::of(5.0)));
}

TEST(MatcherLanguage, NumbersThatAreNoneFitNothing) {
  const Value nan = Value::of(std::nan(""));
  for (const char* test : {R"({"x": 5})", R"({"x": {"ne": 5}})", R"({"x": {"not_in": [5]}})",
                           R"({"x": {"lt": 5}})", R"({"x": {"gte": 5}})", R"({"x": {"is_null": true}})"}) {
    EXPECT_FALSE(holds(test, "x", nan)) << test;
  }
  EXPECT_TRUE(holds(R"({"x": {"is_null": false}})", "x", nan));
  EXPECT_TRUE(holds(R"({"x": {"gt": 1e300}})", "x", Value::of(HUGE_VAL)));
}

TEST(MatcherLanguage, AgesAndInstants) {
  MatchedRules rules(R"({"dimensions": [{"name": "d", "rules": [
    {"id": "old", "when": {"since": {"older_than": "30 days"}}, "points": 1},
    {"id": "new", "when": {"since": {"newer_than": "30 days"}}, "points": 1},
    {"id": "late", "when": {"since": {"gte": "2000-02-01"}}, "points": 1}]}]})",
                     {{"since", FieldType::instant, "timestamptz"}});
  using Branches = std::map<std::string, std::uint32_t>;
  const Row row{{"since", Value::at(0)}};
  EXPECT_EQ(rules.match(row, 30 * kDay - 1), (Branches{{"new", 0}}));
  EXPECT_EQ(rules.match(row, 30 * kDay), (Branches{{"old", 0}}));
  EXPECT_EQ(rules.match({{"since", Value::at(40 * kDay)}}, 0), (Branches{{"new", 0}, {"late", 0}}))
      << "yet to come";
  EXPECT_EQ(rules.match({{"since", Value::at(kMinusInfinity)}}, 0), (Branches{{"old", 0}}));
  EXPECT_EQ(rules.match({{"since", Value::at(kInfinity)}}, 0), (Branches{{"new", 0}, {"late", 0}}));
  EXPECT_TRUE(rules.match({}, 0).empty());
  EXPECT_EQ(rules.next_flip(row, 0), 30 * kDay);
  EXPECT_EQ(rules.next_flip(row, 30 * kDay), kInfinity);
  EXPECT_EQ(rules.next_flip({{"since", Value::at(kInfinity)}}, 0), kInfinity);
  EXPECT_EQ(rules.next_flip({{"since", Value::at(kEndOfTime - 1)}}, 0), kInfinity);
}

TEST(MatcherLanguage, CasesGiveTheFirstThatHolds) {
  MatchedRules rules(R"({"segments": {"boss": {"title": {"words": ["chief", "vp"]}}},
    "dimensions": [{"name": "d", "rules": [{"id": "role", "cases": [
      {"when": {"segment": "boss"}, "points": 20},
      {"when": {"title": {"words": ["manager"]}, "country": "US"}, "points": 10},
      {"points": -5}]}]}]})");
  EXPECT_EQ(rules.branch("role", {{"title", text("VP and manager")}}), 0U);
  EXPECT_EQ(rules.branch("role", {{"title", text("manager")}, {"country", text("US")}}), 1U);
  EXPECT_EQ(rules.branch("role", {{"title", text("manager")}}), 2U);
  EXPECT_EQ(rules.branch("role", {}), 2U);
}

TEST(MatcherLanguage, MapsAndBands) {
  const std::string json = R"({"dimensions": [{"name": "d", "rules": [
    {"id": "map", "field": "x", "map": {"Retail": 1, "5": 2, "true": 3}, "else": 0, "missing": -1},
    {"id": "bare", "field": "x", "map": {"Retail": 1}},
    {"id": "bands", "field": "x", "bands": [{"below": 10, "points": 1}, {"below": 500, "points": 2}], "missing": 0}]}]})";
  MatchedRules rules(json);
  using Branches = std::map<std::string, std::uint32_t>;
  EXPECT_EQ(rules.match({{"x", text("RETAIL")}}), (Branches{{"map", 0}, {"bare", 0}, {"bands", 2}}));
  EXPECT_EQ(rules.match({{"x", Value::of(5.0)}}), (Branches{{"map", 1}, {"bands", 0}}));
  EXPECT_EQ(rules.match({{"x", text("5")}}), (Branches{{"map", 1}, {"bands", 2}}));
  EXPECT_EQ(rules.match({{"x", Value::of(true)}}), (Branches{{"map", 2}, {"bands", 2}}));
  EXPECT_EQ(rules.match({{"x", Value::of(10.0)}}), (Branches{{"map", 3}, {"bands", 1}}));
  EXPECT_EQ(rules.match({{"x", Value::of(500.0)}}), (Branches{{"map", 3}}));
  EXPECT_EQ(rules.match({}), (Branches{{"map", 4}, {"bands", 2}}));
  EXPECT_EQ(rules.match({{"x", Value::of(std::nan(""))}}), rules.match({}));
  EXPECT_EQ(MatchedRules(json, {{"x", FieldType::number, "integer"}}).match({{"x", Value::of(5.0)}}),
            (Branches{{"map", 1}, {"bands", 0}}));
}

TEST(MatcherLanguage, PointsLeaveNoDust) {
  // 0.1 and large points on and off along one axis: what is left over must be exactly nothing.
  Ruleset rules;
  std::vector<Band> bands{{1, 1e9}, {2, 0.1}, {3, -1e9}, {4, 0.3}, {std::nullopt, 0}};
  std::vector<Decider> deciders(100);
  for (Decider& decider : deciders) {
    decider.form = Decider::Form::bands;
    decider.field = "x";
    decider.bands = &bands;
    decider.bucket = 0;
  }
  const std::vector<FieldRequest> fields{{"x", false, ""}};
  const RowShape shape = json_shape(1);
  Matcher matcher(rules, fields, shape, deciders, 1);
  MatchResult result;
  const Value above = Value::of(7.0), within = Value::of(1.5);
  matcher.match({&above, 1}, 0, result);
  EXPECT_EQ(result.buckets[0], 0.0);
  matcher.match({&within, 1}, 0, result);
  EXPECT_DOUBLE_EQ(result.buckets[0], 10.0);
}

}  // namespace
}  // namespace leadscore
