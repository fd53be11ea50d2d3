// Conditions: how each form reads, and every mistake that can be made in one.
#include "core/condition.hpp"
#include "parse_fixture.hpp"

namespace leadscore::test {
namespace {

/// The lead condition, which must be free of problems.
Condition when(std::string_view text) {
  const Checked checked = check(with_when(text));
  EXPECT_EQ(in_short(checked.problems), "") << text;
  return *checked.rules.dimensions[0].rules[0].when;
}

TEST(ParseCondition, Values) {
  EXPECT_EQ(when(R"({"a": "x"})").test.op, Op::eq);
  EXPECT_EQ(when(R"({"a": "x"})").test.args[0].text, "x");
  EXPECT_EQ(when(R"({"a": -0.0})").test.args[0].number, 0);
  EXPECT_EQ(when(R"({"a": true})").test.args[0].kind, Literal::Kind::boolean);
  EXPECT_TRUE(when(R"({"a": "2026-01-31"})").test.args[0].is_instant);
  const Condition in = when(R"({"a": ["x", 1, false]})");
  EXPECT_EQ(in.test.op, Op::in);
  ASSERT_EQ(in.test.args.size(), 3U);
  EXPECT_FALSE(in.test.args[2].boolean);
  EXPECT_EQ(when(R"({"a": "@rivals"})").test.op, Op::in);
  EXPECT_EQ(when(R"({"a": "@rivals"})").test.args.size(), 2U);
  EXPECT_EQ(when(R"({"a": {"eq": "@rivals"}})").test.args[0].text, "@rivals");
  EXPECT_EQ(when(R"({"a": ["@handle"]})").test.args[0].text, "@handle");
}

TEST(ParseCondition, Trees) {
  EXPECT_EQ(when(R"({"a": 1, "b": 2})").children.size(), 2U);
  EXPECT_EQ(when(R"({"a": {"gte": 1, "lt": 2}, "b": 2})").children.size(), 3U);
  EXPECT_EQ(when(R"({"all": [{"a": 1}, {"b": 2}], "c": 3})").children.size(), 2U);
  EXPECT_EQ(when(R"({"any": [{"a": 1}, {"b": 2}]})").kind, Condition::Kind::any);
  EXPECT_EQ(when(R"({"not": {"a": 1}})").kind, Condition::Kind::negation);
  EXPECT_EQ(when(R"({"segment": "icp"})").kind, Condition::Kind::segment);
}

TEST(ParseCondition, Fields) {
  EXPECT_EQ(when(R"({".all": 1})").test.field, "all");
  EXPECT_EQ(when(R"({".segment": 1})").test.field, "segment");
  EXPECT_EQ(when(R"({"custom.plan": 1})").test.field, "custom.plan");
  EXPECT_EQ(when(R"({"eq": 1})").test.field, "eq");
  EXPECT_EQ(when(R"({"Job Title": 1})").test.field, "Job Title");
}

TEST(ParseCondition, Operators) {
  for (const std::string_view text : {R"({"a": {"eq": 1}})",
                                      R"({"a": {"ne": "x"}})",
                                      R"({"a": {"in": [1]}})",
                                      R"({"a": {"not_in": "@rivals"}})",
                                      R"({"a": {"lt": 1}})",
                                      R"({"a": {"lte": "2026-01-31"}})",
                                      R"({"a": {"gt": -1}})",
                                      R"({"a": {"gte": 1}})",
                                      R"({"a": {"between": [1, 1]}})",
                                      R"({"a": {"contains": "x"}})",
                                      R"({"a": {"starts_with": ["x", "y"]}})",
                                      R"({"a": {"ends_with": "@rivals"}})",
                                      R"({"a": {"words": ["vp", "head of", "director*"]}})",
                                      R"({"a": {"matches": "^(vp|head)\\b"}})",
                                      R"({"a": {"domain": "acme.com"}})",
                                      R"({"a": {"local_part": ["info", "sales"]}})",
                                      R"({"a": {"has": [1, "x", true]}})",
                                      R"({"a": {"older_than": "30 days"}})",
                                      R"({"a": {"newer_than": "1 year"}})",
                                      R"({"a": {"is_null": true}})"}) {
    const std::string op(op_name(when(text).test.op));
    EXPECT_NE(std::string(text).find('"' + op + '"'), std::string::npos) << text;
  }
  const leadscore::Test between = when(R"({"a": {"between": ["2026-01-01", "2026-02-01"]}})").test;
  ASSERT_EQ(between.args.size(), 2U);
  EXPECT_LT(between.args[0].instant, between.args[1].instant);
  EXPECT_EQ(when(R"({"a": {"older_than": "2 days"}})").test.duration, 2 * kDay);
  EXPECT_TRUE(when(R"({"a": {"is_null": true}})").test.flag);
  EXPECT_EQ(when(R"({"a": {"local_part": "@role_accounts"}})").test.builtin->name(), "role_accounts");
}

TEST(ParseCondition, TextThatOnlyLooksLikeAList) {
  // What addresses end with is written as it looks; a list's name misspelled is still an error.
  for (const char* op : {"contains", "starts_with", "ends_with", "matches"}) {
    const std::string when = std::string(R"({"email": {")") + op + R"(": "@gmail.com"}})";
    const Checked checked = check(with_when(when));
    ASSERT_EQ(in_short(checked.problems), "");
    const leadscore::Test& test = checked.rules.dimensions[0].rules[0].when->test;
    ASSERT_EQ(test.args.size(), 1U);
    EXPECT_EQ(test.args[0].text, "@gmail.com");
    EXPECT_TRUE(test.list_name.empty());
    const std::string misspelled = std::string(R"({"email": {")") + op + R"(": "@rivls"}})";
    EXPECT_NE(in_short(check(with_when(misspelled)).problems).find("unknown list"), std::string::npos);
  }
}

TEST(ParseCondition, OwnListTakesPrecedence) {
  const Checked checked =
      check(R"({"lists": {"freemail": ["mail.example"]}, "dimensions": [{"name": "d", "rules": [
      {"id": "r", "when": {"email": {"domain": "@freemail"}}, "points": 1},
      {"id": "s", "when": {"email": "@freemail"}, "points": 1}]}]})");
  EXPECT_EQ(in_short(checked.problems), "");
  const leadscore::Test& test = checked.rules.dimensions[0].rules[0].when->test;
  EXPECT_EQ(test.builtin, nullptr);
  ASSERT_EQ(test.args.size(), 1U);
  EXPECT_EQ(test.args[0].text, "mail.example");
  EXPECT_EQ(test.list_name, "freemail");
}

constexpr std::string_view kIsNull = "To ask for no value write {\"is_null\": true}.";
constexpr std::string_view kRe2 =
    "Patterns are written in RE2 syntax: it has no look-around and no backreferences.";
constexpr std::string_view kIso =
    "Dates and times are written as in ISO 8601: \"2026-01-31\", \"2026-01-31T12:00:00Z\".";
constexpr std::string_view kFieldHint =
    "A field is a column, or a path with single dots like \"company.employees\".";

TEST(ParseConditionErrors, Lead) {
  const Expected cases[] = {
      {R"([])", "", "must be a condition (an object), not an array",
       "For several conditions write {\"all\": [...]} or {\"any\": [...]}."},
      {R"("NL")", "", "must be a condition (an object), not text", "For example {\"country\": \"NL\"}."},
      {R"({"a": 1, "a": 2})", ".a", "duplicate member \"a\"", "It is written twice in one object; keep one."},
      {R"({"all": {"a": 1}})", ".all", "must be an array of conditions, not an object",
       "A column named \"all\" is written \".all\"."},
      {R"({"any": "x"})", ".any", "must be an array of conditions, not text",
       "A column named \"any\" is written \".any\"."},
      {R"({"not": [{"a": 1}]})", ".not", "must be a condition, not an array",
       "For none of several write {\"not\": {\"any\": [...]}}."},
      {R"({"not": true})", ".not", "must be a condition, not true or false",
       "A column named \"not\" is written \".not\"."},
      {R"({"segment": ["icp"]})", ".segment", "must be the name of a segment, not an array",
       "For one of several segments write {\"any\": [{\"segment\": \"a\"}, {\"segment\": \"b\"}]}."},
      {R"({"segment": 1})", ".segment", "must be the name of a segment, not a number",
       "A column named \"segment\" is written \".segment\"."},
      {R"({"segment": "icq"})", ".segment", "unknown segment \"icq\"", "Did you mean \"icp\"?"},
      {R"({"": 1})", "[\"\"]", "\"\" is not the name of a field", kFieldHint},
      {R"({".": 1})", "[\".\"]", "\".\" is not the name of a field", kFieldHint},
      {R"({"a..b": 1})", "[\"a..b\"]", "\"a..b\" is not the name of a field", kFieldHint},
      {R"({"a.": 1})", "[\"a.\"]", "\"a.\" is not the name of a field", kFieldHint},
      {R"({"a": null})", ".a", "must be text, a number, true or false, not null", kIsNull},
      {R"({"a": {"eq": null}})", ".a.eq", "must be text, a number, true or false, not null", kIsNull},
      {R"({"a": [1, null]})", ".a[1]", "must be text, a number, true or false, not null", kIsNull},
      {R"({"a": [[1]]})", ".a[0]", "must be text, a number, true or false, not an array", ""},
      {R"({"a": {"eq": {"b": 1}}})", ".a.eq", "must be text, a number, true or false, not an object", ""},
      {R"({"a": {"eq": [1]}})", ".a.eq", "must be one value, not an array",
       "For one of several values use \"in\"."},
      {R"({"a": {"ne": [1]}})", ".a.ne", "must be one value, not an array",
       "For none of several values use \"not_in\"."},
      {R"({"a": {"in": "x"}})", ".a.in", "must be an array or \"@list\", not text",
       "To compare with one value use \"eq\"."},
      {R"({"a": {"not_in": 1}})", ".a.not_in", "must be an array or \"@list\", not a number",
       "To compare with one value use \"ne\"."},
      {R"({"a": {}})", ".a", "has no operator", "To ask for any value write {\"is_null\": false}."},
      {R"({"a": {"contians": "x"}})", ".a.contians", "unknown operator \"contians\"",
       "Did you mean \"contains\"?"},
      {R"({"a": {">=": 5}})", ".a[\">=\"]", "unknown operator \">=\"", "Did you mean \"gte\"?"},
      {R"({"a": {"regexp": "x"}})", ".a.regexp", "unknown operator \"regexp\"", "Did you mean \"matches\"?"},
      {R"({"a": {"size": {"gte": 5}}})", ".a.size", "unknown operator \"size\"",
       "A field inside a composite or jsonb column is written with a dot: \"a.size\"."},
      {R"({"a": {"qqqqqq": 5}})", ".a.qqqqqq", "unknown operator \"qqqqqq\"",
       "The operators are eq, ne, in, not_in, lt, lte, gt, gte, between, contains, starts_with, ends_with, "
       "words, "
       "matches, domain, local_part, has, older_than, newer_than, is_null."},
      {R"({"a": {"gte": 1, "gte": 2}})", ".a.gte", "duplicate member \"gte\"",
       "It is written twice in one object; keep one."},
      {R"({"a": {"gte": "5"}})", ".a.gte",
       "must be a number, or a date or time like \"2026-01-31\", not \"5\"",
       "Numbers are written without quotation marks."},
      {R"({"a": {"lt": "yesterday"}})", ".a.lt",
       "must be a number, or a date or time like \"2026-01-31\", not \"yesterday\"", kIso},
      {R"({"a": {"lt": "2026-02-30"}})", ".a.lt",
       "must be a number, or a date or time like \"2026-01-31\", not \"2026-02-30\"", kIso},
      {R"({"a": {"lte": "30 days"}})", ".a.lte",
       "must be a number, or a date or time like \"2026-01-31\", not \"30 days\"",
       "To compare an age use \"older_than\" or \"newer_than\"."},
      {R"({"a": {"gt": true}})", ".a.gt",
       "must be a number, or a date or time like \"2026-01-31\", not true or false", ""},
      {R"({"a": {"between": [1]}})", ".a.between",
       "must be an array of two values, the least and the greatest, not 1 values",
       "For example {\"between\": [10, 50]}."},
      {R"({"a": {"between": 1}})", ".a.between",
       "must be an array of two values, the least and the greatest, not a number",
       "For example {\"between\": [10, 50]}."},
      {R"({"a": {"between": [1, "2026-01-31"]}})", ".a.between",
       "must be two numbers or two dates, not one of each", ""},
      {R"({"a": {"between": [5, 1]}})", ".a.between",
       "never holds: the first value is greater than the second", "Write the smaller value first."},
      {R"({"a": {"between": [1, "x"]}})", ".a.between[1]",
       "must be a number, or a date or time like \"2026-01-31\", not \"x\"", kIso},
      {R"({"a": {"contains": " "}})", ".a.contains", "must not be blank", ""},
      {R"({"a": {"starts_with": ["x", ""]}})", ".a.starts_with[1]", "must not be blank", ""},
      {R"({"a": {"contains": 5}})", ".a.contains", "must be text, not a number",
       "Write it in quotation marks: \"5\"."},
      {R"({"a": {"words": "*"}})", ".a.words", "\"*\" has no word in it", ""},
      {R"({"a": {"words": ["vp", "\u00ad"]}})", ".a.words[1]", "must not be blank", ""},
      {R"({"a": {"matches": "("}})", ".a.matches", "pattern \"(\" is not valid: missing ): (", kRe2},
      {R"j({"a": {"matches": ["a", "(?=b)"]}})j", ".a.matches[1]",
       "pattern \"(?=b)\" is not valid: invalid perl operator: (?=", kRe2},
      {R"({"a": {"matches": "(a{1000}){1000}"}})", ".a.matches",
       "pattern \"(a{1000}){1000}\" is not valid: invalid repetition size: {1000}", kRe2},
      {R"({"a": {"matches": ""}})", ".a.matches", "an empty pattern would match everything", ""},
      {R"({"a": {"domain": "@acme.com"}})", ".a.domain", "unknown list \"@acme.com\"",
       "Text that begins with \"@\" names a list; to mean the text itself write it in an array."},
      {R"({"a": {"domain": ["https://acme.com/"]}})", ".a.domain[0]", "\"https://acme.com/\" is not a domain",
       "Write \"acme.com\"; what is below it counts too."},
      {R"({"a": {"domain": ["@acme.com"]}})", ".a.domain[0]", "\"@acme.com\" is not a domain",
       "Write \"acme.com\"; what is below it counts too."},
      {R"({"a": {"domain": "*.acme.com"}})", ".a.domain", "\"*.acme.com\" is not a domain",
       "Write \"acme.com\"; what is below it counts too."},
      {R"({"a": {"domain": "acme corp"}})", ".a.domain", "\"acme corp\" is not a domain",
       "Write the name alone, like \"acme.com\"; what is below it (mail.acme.com) counts too."},
      {R"({"a": {"domain": "@bad"}})", ".a.domain", "\"@acme.com\" of list \"bad\" is not a domain",
       "Write \"acme.com\"; what is below it counts too."},
      {R"({"a": {"local_part": "info@"}})", ".a.local_part",
       "\"info@\" is not the part of an address before the @", "Write \"info\"."},
      {R"({"a": "@rival"})", ".a", "unknown list \"@rival\"", "Did you mean \"@rivals\"?"},
      {R"({"a": {"domain": "@freemails"}})", ".a.domain", "unknown list \"@freemails\"",
       "Did you mean \"@freemail\"?"},
      {R"({"a": "@freemail"})", ".a",
       "\"@freemail\" is a list of domains: it can only be used with \"domain\"",
       "Write {\"domain\": \"@freemail\"}."},
      {R"({"a": {"contains": "@role_accounts"}})", ".a.contains",
       "\"@role_accounts\" is a list of mailbox names: it can only be used with \"local_part\"",
       "Write {\"local_part\": \"@role_accounts\"}."},
      {R"({"a": {"domain": "@role_accounts"}})", ".a.domain",
       "\"@role_accounts\" is a list of mailbox names: it can only be used with \"local_part\"",
       "Write {\"local_part\": \"@role_accounts\"}."},
      {R"({"a": ["x", "@rivals"]})", ".a[1]", "a list cannot stand inside an array",
       "Ask for both: {\"any\": [{\"field\": {…: \"@rivals\"}}, …]}."},
      {R"({"a": {"older_than": 30}})", ".a.older_than", "must be a duration like \"30 days\", not a number",
       ""},
      {R"({"a": {"older_than": "30 dayz"}})", ".a.older_than",
       "must be a duration like \"30 days\", not \"30 dayz\"", "Did you mean \"30 days\"?"},
      {R"({"a": {"newer_than": "0 days"}})", ".a.newer_than", "must be longer than 0", ""},
      {R"({"a": {"newer_than": "soon"}})", ".a.newer_than",
       "must be a duration like \"30 days\", not \"soon\"",
       "A duration is a whole number and seconds, minutes, hours, days, weeks, months or years, at most 1000 "
       "years."},
      {R"({"a": {"is_null": "yes"}})", ".a.is_null", "must be true or false, not text", ""},
      {R"({"a": {"is_null": null}})", ".a.is_null", "must be true or false, not null",
       "Leave the member out instead."},
  };
  for (const Expected& expected : cases) {
    expect_only(with_when(expected.part), Severity::error, std::string(kRule) + ".when", expected,
                "rule \"r\": ");
  }
}

TEST(ParseConditionErrors, Activity) {
  const Expected expected{R"({"not": {"segment": "icp"}})", ".not.segment",
                          "a segment is about the lead and cannot be asked of an activity",
                          "Put it into the rule's \"when\"."};
  expect_only(with_where(expected.part), Severity::error, std::string(kRule) + ".where", expected,
              "rule \"r\": ");
  expect_only(with_rules(R"({"id": "r", "on": "*", "cases": [{"points": 1, "where": {"segment": "icp"}}]})"),
              Severity::error, std::string(kRule) + ".cases[0].where",
              {"", ".segment", expected.problem, expected.hint}, "rule \"r\": ");
}

std::string with_segments(std::string_view segments) {
  return R"({"dimensions": [{"name": "d", "rules": [{"id": "r", "when": {"a": 1}, "points": 1}]}], "segments": )" +
         std::string(segments) + "}";
}

TEST(ParseConditionErrors, Segments) {
  const std::string_view order = "A segment may use only segments written before it.";
  const Expected cases[] = {
      {R"([])", "", "must be an object of named conditions, not an array", ""},
      {R"({"a": {"segment": "a"}})", ".a.segment", "segment \"a\" uses itself", order},
      {R"({"a": {"not": {"segment": "b"}}, "b": {"x": 1}})", ".a.not.segment",
       "segment \"b\" is written later", order},
      {R"({"first": {"x": 1}, "b": {"segment": "frist"}})", ".b.segment", "unknown segment \"frist\"",
       "Did you mean \"first\"?"},
      {R"({"a": {"x": 1}, "a": {"x": 2}})", ".a", "duplicate member \"a\"",
       "It is written twice in one object; keep one."},
      {R"({" ": {"x": 1}})", "[\" \"]", "the name of a segment must not be blank", ""},
      {R"({"a": "x"})", ".a", "must be a condition (an object), not text",
       "For example {\"country\": \"NL\"}."},
  };
  for (const Expected& expected : cases) {
    expect_only(with_segments(expected.part), Severity::error, "$.segments", expected);
  }
  EXPECT_EQ(in_short(check(with_segments(R"({"a": {"x": 1}, "b": {"segment": "a"}})")).problems), "");
}

TEST(ParseConditionErrors, Lists) {
  const auto with_lists = [](std::string_view lists) {
    return R"({"dimensions": [{"name": "d", "rules": [{"id": "r", "when": {"a": 1}, "points": 1}]}], "lists": )" +
           std::string(lists) + "}";
  };
  const Expected cases[] = {
      {R"("x")", "", "must be an object of lists, not text", ""},
      {R"({"a": "x"})", ".a", "must be an array of texts, not text", ""},
      {R"({"a": ["x", 5]})", ".a[1]", "must be text, not a number", ""},
      {R"({"a": ["x", null]})", ".a[1]", "must be text, not null", "Leave the member out instead."},
      {R"({"a": ["x", " "]})", ".a[1]", "must not be blank", ""},
      {R"({"a": ["x"], "b": ["@a"]})", ".b[0]", "a list cannot hold another list", "Write out the values."},
      {R"({"a": ["@freemail"]})", ".a[0]", "a list cannot hold another list", "Write out the values."},
      {R"({"@a": ["x"]})", "[\"@a\"]", "\"@a\" is not a name for a list",
       "Leave the \"@\" away here; it is written where the list is used."},
      {R"({"": ["x"]})", "[\"\"]", "\"\" is not a name for a list", ""},
      {R"({"a": [], "a": []})", ".a", "duplicate member \"a\"",
       "It is written twice in one object; keep one."},
  };
  for (const Expected& expected : cases) {
    expect_only(with_lists(expected.part), Severity::error, "$.lists", expected);
  }
}

}  // namespace
}  // namespace leadscore::test
