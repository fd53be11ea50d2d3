// What a row type can't serve is said by name.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "matcher_fixture.hpp"

namespace leadscore {
namespace {

const std::vector<MatchColumn> kColumns{
    {"employees", FieldType::text, "text"},    {"size", FieldType::number, "integer"},
    {"flag", FieldType::boolean, "boolean"},   {"since", FieldType::instant, "date"},
    {"tags", FieldType::text_array, "text[]"}, {"sizes", FieldType::number_array, "integer[]"},
    {"photo", FieldType::unfit, "bytea"}};

/// The error of a rule set on those columns; one without code where there is none.
Error error_of(const std::string& rules) {
  try {
    MatchedRules matched(rules, kColumns);
  } catch (const Error& error) {
    return error;
  }
  return Error("", "");
}

Error error_when(const std::string& condition) { return error_of(rule_when(condition)); }

TEST(MatcherErrors, AColumnThatIsNotThere) {
  const Error error = error_when(R"({"employes": {"is_null": true}})");
  EXPECT_STREQ(error.code(), "42703");
  EXPECT_EQ(error.message(), R"(rule "r" reads column "employes", which crm.contact does not have)");
  EXPECT_EQ(error.hint(), R"(Perhaps you meant "employees".)");
  EXPECT_STREQ(error_of(R"({"segments": {"s": {"siez": 5}},
    "dimensions": [{"name": "d", "rules": [{"id": "r", "when": {"segment": "s"}, "points": 1}]}]})")
                   .code(),
               "42703")
      << "read by a segment";
}

TEST(MatcherErrors, AnOperatorThatATypeDoesNotServe) {
  const Error error = error_when(R"({"employees": {"gte": 5}})");
  EXPECT_STREQ(error.code(), "42804");
  EXPECT_EQ(error.message(), R"(rule "r": operator gte does not apply to column "employees" of type text)");
  for (const char* condition :
       {R"({"size": {"contains": "5"}})", R"({"size": {"domain": "x.com"}})", R"({"size": {"has": 5}})",
        R"({"size": {"older_than": "1 day"}})", R"({"flag": {"gt": 0}})", R"({"since": {"words": "x"}})",
        R"({"employees": {"newer_than": "1 day"}})", R"({"employees": {"has": "x"}})",
        R"({"sizes": {"contains": "x"}})", R"({"tags": {"gt": 5}})", R"({"photo": {"contains": "x"}})",
        R"({"photo": "x"})"}) {
    EXPECT_STREQ(error_when(condition).code(), "42804") << condition;
  }
  EXPECT_STREQ(error_when(R"({"photo": {"is_null": true}})").code(), "");
}

TEST(MatcherErrors, AnArrayIsNotEqualToAScalar) {
  for (const char* condition : {R"({"tags": "x"})", R"({"tags": ["x", "y"]})", R"({"tags": {"ne": "x"}})"}) {
    const Error error = error_when(condition);
    EXPECT_STREQ(error.code(), "42804") << condition;
    EXPECT_NE(error.hint().find("has"), std::string::npos) << condition;
  }
}

TEST(MatcherErrors, ALiteralOfAnotherType) {
  const Error error = error_when(R"({"size": "many"})");
  EXPECT_STREQ(error.code(), "42804");
  EXPECT_EQ(error.message(), R"(rule "r": operator eq does not apply to column "size" of type integer)");
  EXPECT_EQ(error.detail(), R"(The column holds numbers, which the rule compares with the text "many".)");
  for (const char* condition :
       {R"({"employees": 5})", R"({"employees": {"in": ["a", true]}})", R"({"flag": "true"})",
        R"({"flag": 1})", R"({"since": "soon"})", R"({"since": {"gte": 5}})",
        R"({"size": {"lt": "2026-01-01"}})", R"({"tags": {"has": 5}})", R"({"sizes": {"has": "x"}})"}) {
    EXPECT_STREQ(error_when(condition).code(), "42804") << condition;
  }
}

TEST(MatcherErrors, LongLiteralsAreCutBetweenCharacters) {
  const Error error = error_when(R"({"size": "xéééééééééééééééééééééééééééééé"})");
  EXPECT_EQ(error.detail(),
            "The column holds numbers, which the rule compares with the text \"xééééééééééééééééééé...\".");
}

TEST(MatcherErrors, MapsAndBands) {
  const auto field_rule = [](const std::string& field, const std::string& form) {
    return R"({"dimensions": [{"name": "d", "rules": [{"id": "size", "field": ")" + field + "\", " + form +
           "}]}]}";
  };
  const std::string bands = R"("bands": [{"below": 5, "points": 1}])", map = R"("map": {"a": 1})";
  EXPECT_EQ(error_of(field_rule("employees", bands)).message(),
            R"(rule "size": bands does not apply to column "employees" of type text)");
  EXPECT_STREQ(error_of(field_rule("since", bands)).code(), "42804");
  EXPECT_STREQ(error_of(field_rule("tags", map)).code(), "42804");
  EXPECT_STREQ(error_of(field_rule("photo", map)).code(), "42804");
  EXPECT_STREQ(error_of(field_rule("emploees", map)).code(), "42703");
  for (const char* field : {"employees", "size", "flag", "since"}) {
    EXPECT_STREQ(error_of(field_rule(field, map)).code(), "") << field;
  }
}

TEST(MatcherErrors, NothingOfTheKindInJson) {
  EXPECT_NO_THROW(MatchedRules(rule_when(R"({"any": [{"x": {"gte": 5}}, {"x": "a"}, {"x": {"has": true}},
    {"x": {"older_than": "1 day"}}, {"x": {"matches": "a"}}, {"x": {"in": [1, "a", false]}}]})")));
}

}  // namespace
}  // namespace leadscore
