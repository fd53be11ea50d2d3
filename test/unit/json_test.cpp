#include "core/json.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>
#include <sstream>
#include <string>

#include "core/error.hpp"
#include "core/text.hpp"
#include "generate.hpp"

namespace leadscore {
namespace {

using Kind = Json::Kind;

struct Failure {
  std::string code, message, hint;
};

Failure failure_of(std::string_view text) {
  try {
    parse_json(text);
  } catch (const Error& error) {
    return {error.code(), error.message(), error.hint()};
  }
  ADD_FAILURE() << "no error: " << text.substr(0, 100);
  return {};
}

TEST(ParseJson, EveryKind) {
  const Json json = parse_json(
      R"( {"n": null, "t": true, "f": false, "i": -12, "x": 2.5e1, "s": "a\"b", "a": [1, []], "o": {}} )");
  ASSERT_TRUE(json.is(Kind::object));
  ASSERT_EQ(json.members.size(), 8U);
  EXPECT_TRUE(json.find("n")->is(Kind::null));
  EXPECT_TRUE(json.find("t")->is(Kind::boolean));
  EXPECT_TRUE(json.find("t")->boolean);
  EXPECT_TRUE(json.find("f")->is(Kind::boolean));
  EXPECT_FALSE(json.find("f")->boolean);
  EXPECT_TRUE(json.find("i")->is(Kind::number));
  EXPECT_EQ(json.find("i")->number, -12);
  EXPECT_EQ(json.find("x")->number, 25);
  EXPECT_TRUE(json.find("s")->is(Kind::text));
  EXPECT_EQ(json.find("s")->text, "a\"b");
  ASSERT_TRUE(json.find("a")->is(Kind::array));
  ASSERT_EQ(json.find("a")->items.size(), 2U);
  EXPECT_EQ(json.find("a")->items[0].number, 1);
  EXPECT_TRUE(json.find("a")->items[1].is(Kind::array));
  EXPECT_TRUE(json.find("o")->is(Kind::object));
  EXPECT_EQ(json.find("absent"), nullptr);
  EXPECT_EQ(json.find("s")->find("s"), nullptr);
}

TEST(ParseJson, AnyValueMayStandAlone) {
  EXPECT_TRUE(parse_json("null").is(Kind::null));
  EXPECT_EQ(parse_json("\t7\r\n").number, 7);
  EXPECT_EQ(parse_json("\"\"").text, "");
  EXPECT_EQ(parse_json("\xEF\xBB\xBF[]").items.size(), 0U);  // after a byte order mark
}

TEST(ParseJson, OrderAndDuplicatesAreKept) {
  const Json json = parse_json(R"({"b": 1, "a": 2, "b": 3})");
  ASSERT_EQ(json.members.size(), 3U);
  EXPECT_EQ(json.members[0].first, "b");
  EXPECT_EQ(json.members[1].first, "a");
  EXPECT_EQ(json.members[2].first, "b");
  EXPECT_EQ(json.members[2].second.number, 3);
  EXPECT_EQ(json.find("b")->number, 1);
}

TEST(ParseJson, NumbersKeepTheirText) {
  for (const char* literal :
       {"0", "5", "-5", "0.10", "1e2", "1E+2", "-2.50e-3", "9007199254740993", "9223372036854775807",
        "-9223372036854775808", "18446744073709551615", "18446744073709551616", "-9223372036854775809",
        "123456789012345678901234567890", "1.7976931348623157e308", "5e-324"}) {
    const Json json = parse_json(literal);
    EXPECT_EQ(json.text, literal);
    EXPECT_EQ(json.number, std::strtod(literal, nullptr)) << literal;
  }
  EXPECT_EQ(parse_json("-0").text, "0");
  EXPECT_EQ(parse_json("1e-400").number, 0);
}

TEST(ParseJson, StringsAreDecoded) {
  EXPECT_EQ(parse_json(R"("\"\\\/\b\f\n\r\t")").text, "\"\\/\b\f\n\r\t");
  EXPECT_EQ(parse_json(R"("\u00e9\u20AC\ud83d\ude00")").text, "é€😀");
  EXPECT_EQ(parse_json("\"é€😀\"").text, "é€😀");
  EXPECT_EQ(parse_json(R"({"\u0061": 1})").members[0].first, "a");
}

struct Fault {
  const char* text;
  const char* message;
  const char* hint;
};

class JsonFaults : public testing::TestWithParam<Fault> {};

TEST_P(JsonFaults, SayWhatIsWrongAndWhere) {
  const Failure failure = failure_of(GetParam().text);
  EXPECT_EQ(failure.code, sqlstate::kInvalidText);
  EXPECT_EQ(failure.message, std::string("invalid JSON at ") + GetParam().message);
  EXPECT_EQ(failure.hint, GetParam().hint);
}

INSTANTIATE_TEST_SUITE_P(
    Structure, JsonFaults,
    testing::Values(
        Fault{"", "line 1, column 1 ($): unexpected end of the text, expected a value", ""},
        Fault{" \n ", "line 2, column 2 ($): unexpected end of the text, expected a value", ""},
        Fault{"{\n  \"dimensions\": [\n    }\n}",
              "line 3, column 5 ($.dimensions[0]): unexpected \"}\", expected a value or \"]\"", ""},
        Fault{"[1, 2, }", "line 1, column 8 ($[2]): unexpected \"}\", expected a value",
              "Remove the comma before it."},
        Fault{"[1, 2, ]", "line 1, column 8 ($[2]): unexpected \"]\", expected a value",
              "Remove the comma before it."},
        Fault{"{\"a\": {\"b\": 1,}}", "line 1, column 15 ($.a): unexpected \"}\", expected a member name",
              "Remove the comma before it."},
        Fault{"{\"a\": 1 \"b\": 2}", "line 1, column 9 ($): unexpected \"b\", expected \",\" or \"}\"",
              "A comma may be missing before it."},
        Fault{"[1 {}]", "line 1, column 4 ($): unexpected \"{\", expected \",\" or \"]\"",
              "A comma may be missing before it."},
        Fault{"[[1], {\"x\": [1}]", "line 1, column 15 ($[1].x): unexpected \"}\", expected \",\" or \"]\"",
              ""},
        Fault{"{\"a\" 1}", "line 1, column 6 ($.a): unexpected \"1\", expected \":\"", ""},
        Fault{"{\"a\"}", "line 1, column 5 ($.a): unexpected \"}\", expected \":\"", ""},
        Fault{"{\"a\": }", "line 1, column 7 ($.a): unexpected \"}\", expected a value", ""},
        Fault{"{\"a\":: 1}", "line 1, column 6 ($.a): unexpected \":\", expected a value", ""},
        Fault{"{,}", "line 1, column 2 ($): unexpected \",\", expected a member name or \"}\"", ""},
        Fault{"{[]}", "line 1, column 2 ($): unexpected \"[\", expected a member name or \"}\"", ""},
        Fault{"[,]", "line 1, column 2 ($[0]): unexpected \",\", expected a value or \"]\"", ""},
        Fault{"{} {}", "line 1, column 4 ($): unexpected \"{\", expected the end of the text", ""},
        Fault{"]", "line 1, column 1 ($): unexpected \"]\", expected a value", ""},
        Fault{"{\"a\": [1, {\"b\"",
              "line 1, column 15 ($.a[1].b): unexpected end of the text, expected \":\"",
              "The text may be cut off; still open: {[{."},
        Fault{"{\"é\": \"ü\" x", "line 1, column 11 ($): unexpected \"x\", expected \",\" or \"}\"",
              "A comma may be missing before it."}));

INSTANTIATE_TEST_SUITE_P(
    Words, JsonFaults,
    testing::Values(
        Fault{"{name: 1}", "line 1, column 2 ($): unexpected \"name\", expected a member name or \"}\"",
              "Names stand in double quotes (\")."},
        Fault{"{'name': 1}", "line 1, column 2 ($): unexpected \"'name'\", expected a member name or \"}\"",
              "Names and texts stand in straight double quotes (\")."},
        Fault{"{“name”: 1}", "line 1, column 2 ($): unexpected \"“name”\", expected a member name or \"}\"",
              "Names and texts stand in straight double quotes (\")."},
        Fault{"{\"a\": True}", "line 1, column 7 ($.a): unexpected \"True\", expected a value",
              "Write it in lower case: true."},
        Fault{"[1, NaN]", "line 1, column 5 ($[1]): unexpected \"NaN\", expected a value",
              "JSON has numbers only, no NaN or Infinity."},
        Fault{"-Infinity", "line 1, column 1 ($): unexpected \"-Infinity\", expected a value",
              "JSON has numbers only, no NaN or Infinity."},
        Fault{"{\"a\": 1,5}", "line 1, column 9 ($): unexpected \"5\", expected a member name",
              "Decimals are written with a point, as in 1.5."},
        Fault{"[trux]", "line 1, column 2 ($[0]): unexpected \"trux\", expected a value or \"]\"",
              "Texts stand in double quotes (\")."},
        Fault{"[7, truex]", "line 1, column 5 ($[1]): unexpected \"truex\", expected a value",
              "Texts stand in double quotes (\")."},
        Fault{"{\"a\": 01}", "line 1, column 7 ($.a): unexpected \"01\", expected a value",
              "A number has digits before and after its point, no plus sign and no leading zeros."},
        Fault{"[1, +5]", "line 1, column 5 ($[1]): unexpected \"+5\", expected a value",
              "A number has digits before and after its point, no plus sign and no leading zeros."},
        Fault{"[.5]", "line 1, column 2 ($[0]): unexpected \".5\", expected a value or \"]\"",
              "A number has digits before and after its point, no plus sign and no leading zeros."},
        Fault{"[5.]", "line 1, column 2 ($[0]): unexpected \"5.\", expected a value or \"]\"",
              "A number has digits before and after its point, no plus sign and no leading zeros."},
        Fault{"[-]", "line 1, column 2 ($[0]): unexpected \"-\", expected a value or \"]\"",
              "A number has digits before and after its point, no plus sign and no leading zeros."},
        Fault{"{\"a\": \"@x\", // list\n}",
              "line 1, column 13 ($): unexpected \"//\", expected a member name",
              "JSON has no comments; a \"note\" member holds them."},
        Fault{"# rules\n{}", "line 1, column 1 ($): unexpected \"#\", expected a value",
              "JSON has no comments; a \"note\" member holds them."},
        Fault{"[\u00A01]",
              "line 1, column 2 ($[0]): unexpected no-break space (U+00A0), expected a value or \"]\"",
              "Texts stand in double quotes (\")."},
        Fault{"[\x01]", "line 1, column 2 ($[0]): unexpected character U+0001, expected a value or \"]\"",
              "Texts stand in double quotes (\")."},
        Fault{"[abcdefghijklmnopqrstuvwxyz]",
              "line 1, column 2 ($[0]): unexpected \"abcdefghijklmnopqrstuvwx…\", expected a value or \"]\"",
              "Texts stand in double quotes (\")."},
        Fault{"{\"a\": 1e400}", "line 1, column 7 ($.a): number 1e400 is out of range",
              "A number lies between -1.7e308 and 1.7e308."},
        Fault{"[0, -2e308]", "line 1, column 5 ($[1]): number -2e308 is out of range",
              "A number lies between -1.7e308 and 1.7e308."}));

INSTANTIATE_TEST_SUITE_P(
    Texts, JsonFaults,
    testing::Values(
        Fault{"{\"a\": \"b}", "line 1, column 7 ($.a): text that begins here does not end",
              "Close it with a double quote (\")."},
        Fault{"\"\\", "line 1, column 1 ($): text that begins here does not end",
              "Close it with a double quote (\")."},
        Fault{"{\"a\": \"b,\n\"c\": 1}", "line 1, column 10 ($.a): line break inside text",
              "A closing double quote may be missing; a line break that is meant is written \\n."},
        Fault{"[\"a\tb\"]", "line 1, column 4 ($[0]): control character U+0009 inside text",
              "Write a tab as \\t."},
        Fault{"[\"\\d+\"]", "line 1, column 3 ($[0]): unknown escape \"\\d\" in text",
              "Write a backslash twice, as in \"\\\\d\"."},
        Fault{"[\"\\é\"]", "line 1, column 3 ($[0]): unknown escape \"\\é\" in text",
              "Write a backslash twice, as in \"\\\\d\"."},
        Fault{"[\"\\u12G4\"]", "line 1, column 3 ($[0]): \\u without four hexadecimal digits", ""},
        Fault{"[\"\\u+123\"]", "line 1, column 3 ($[0]): \\u without four hexadecimal digits", ""},
        Fault{"[\"\\ud800\"]", "line 1, column 3 ($[0]): half of a surrogate pair, \\ud800",
              "Write the character itself, or both halves."},
        Fault{"[\"\\ud800\\u0041\"]", "line 1, column 3 ($[0]): half of a surrogate pair, \\ud800",
              "Write the character itself, or both halves."},
        Fault{"[\"\\udc00\"]", "line 1, column 3 ($[0]): half of a surrogate pair, \\udc00",
              "Write the character itself, or both halves."},
        Fault{"{\"\\ud800\": 1}", "line 1, column 3 ($): half of a surrogate pair, \\ud800",
              "Write the character itself, or both halves."},
        Fault{"{\"a\": [\"\xC3\"]}", "line 1, column 9 ($.a[0]): byte 0xC3 is not UTF-8",
              "Save the text as UTF-8."},
        Fault{"[\"\xED\xA0\x80\"]", "line 1, column 3 ($[0]): byte 0xED is not UTF-8",
              "Save the text as UTF-8."}));

TEST(ParseJson, NulCharacters) {
  EXPECT_EQ(failure_of(R"({"a": ["x\u0000y"]})").message, "text at $.a[0] holds the character \\u0000");
  EXPECT_EQ(failure_of(R"({"a": {"x\u0000y": 1}})").message, "text at $.a holds the character \\u0000");
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(
      failure_of("{}\0"sv).message,
      "invalid JSON at line 1, column 3 ($): unexpected character U+0000, expected the end of the text");
  EXPECT_EQ(failure_of("[1,\0]"sv).message,
            "invalid JSON at line 1, column 4 ($[1]): unexpected character U+0000, expected a value");
  EXPECT_EQ(failure_of("\"a\0b\""sv).message,
            "invalid JSON at line 1, column 3 ($): control character U+0000 inside text");
}

TEST(ParseJson, NestingHasALimit) {
  const std::string open(kMaxNesting, '[');
  const std::string close(kMaxNesting, ']');
  EXPECT_NO_THROW(parse_json(open + close));
  const Failure failure = failure_of(open + "{}" + close);
  EXPECT_EQ(failure.code, sqlstate::kLimitExceeded);
  std::string path = "$";
  for (std::size_t i = 0; i < kMaxNesting; ++i) path += "[0]";
  EXPECT_EQ(failure.message, "JSON is nested too deeply at " + path + ": more than 32 levels");
  EXPECT_EQ(failure_of(std::string(1'000'000, '[')).code, sqlstate::kLimitExceeded);
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_EQ(failure_of(objects).code, sqlstate::kLimitExceeded);
}

TEST(ParseJson, SizeHasALimit) {
  const std::string text = '"' + std::string(kMaxRulesetBytes - 2, 'x') + '"';
  EXPECT_EQ(parse_json(text).text.size(), kMaxRulesetBytes - 2);
  const Failure failure = failure_of(text + ' ');
  EXPECT_EQ(failure.code, sqlstate::kLimitExceeded);
  EXPECT_EQ(failure.message, "JSON text of 1048577 bytes is too long: at most 1048576 bytes may be given");
}

constexpr std::string_view kDocument =
    R"({"name":"é\n😀","range":{"min":-1.5,"max":1e2},"lists":{"a b":["x",true,false,null,0]},"x":[[],{},[[1,2.25]]]})";

TEST(ParseJson, EveryTruncationIsAnError) {
  for (std::size_t length = 0; length < kDocument.size(); ++length) {
    const Failure failure = failure_of(kDocument.substr(0, length));
    EXPECT_EQ(failure.code, sqlstate::kInvalidText) << length;
    EXPECT_TRUE(failure.message.starts_with("invalid JSON at line 1, column ")) << failure.message;
  }
}

TEST(ParseJson, EveryChangedByteParsesOrSaysWhy) {
  for (std::size_t at = 0; at < kDocument.size(); ++at) {
    for (int byte = 0; byte < 0x100; ++byte) {
      std::string text(kDocument);
      text[at] = static_cast<char>(byte);
      try {
        parse_json(text);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), std::string(sqlstate::kInvalidText));
        EXPECT_EQ(error.message().find("json.exception"), std::string::npos);
        EXPECT_TRUE(is_utf8(error.message())) << error.message();
        EXPECT_FALSE(error.message().ends_with('.'));
      }
    }
  }
}

TEST(ParseJson, RandomTokensParseOrSayWhy) {
  constexpr const char* kTokens[] = {
      "{",    "}",   "[",     "]",    ",",   ":",  "\"a\"", "\"a\":", "1",         "-",
      "1.5e", "0",   "true",  "nul",  " ",   "\n", "\"",    "\\",     "é",         "\xC3",
      "'x'",  "//c", "1e999", "\"\\", "\\u", "d8", "\t",    "\x01",   "\"\\ud83d", "\xEF\xBB\xBF"};
  std::mt19937 random(1);
  for (int i = 0; i < 100'000; ++i) {
    std::string text;
    for (std::size_t length = random() % 12; length > 0; --length)
      text += kTokens[random() % std::size(kTokens)];
    try {
      const Json json = parse_json(text);
      ASSERT_EQ(canonical_json(parse_json(canonical_json(json))), canonical_json(json)) << text;
    } catch (const Error& error) {
      ASSERT_TRUE(is_utf8(error.message())) << text;
      ASSERT_NE(error.message().find(" ($"), std::string::npos) << text;
    }
  }
}

TEST(CanonicalJson, IsTheSameForTheSameRuleSet) {
  EXPECT_EQ(canonical_json(parse_json(
                R"( { "b" : [ 1.0 , 1e2, -0, 0.50 ] , "a" : { "é" : "\u00e9\/" , "B": null } } )")),
            R"({"a":{"B":null,"é":"é/"},"b":[1,100,0,0.5]})");
  EXPECT_EQ(canonical_json(parse_json("[]")), "[]");
  EXPECT_EQ(canonical_json(parse_json("{}")), "{}");
  EXPECT_EQ(canonical_json(parse_json("[true,false,[{}]]")), "[true,false,[{}]]");
  EXPECT_EQ(canonical_json(parse_json(R"({"a":2,"a":1})")), R"({"a":2,"a":1})");
  EXPECT_EQ(canonical_json(parse_json(R"("\u0001\u001f\"\\\b\f\n\r\t\u007f")")),
            "\"\\u0001\\u001f\\\"\\\\\\b\\f\\n\\r\\t\x7F\"");
  EXPECT_EQ(canonical_json(parse_json(kDocument)),
            canonical_json(parse_json(canonical_json(parse_json(kDocument)))));
}

TEST(MemberPath, PlainNamesAndOthers) {
  EXPECT_EQ(member_path("$", "lists"), "$.lists");
  EXPECT_EQ(member_path("$.lists", "a b"), "$.lists[\"a b\"]");
  EXPECT_EQ(member_path("$[0]", "_x9"), "$[0]._x9");
  EXPECT_EQ(member_path("$", "9x"), "$[\"9x\"]");
  EXPECT_EQ(member_path("$", ""), "$[\"\"]");
  EXPECT_EQ(member_path("$", "a.b"), "$[\"a.b\"]");
  EXPECT_EQ(member_path("$", "général"), "$[\"général\"]");
  EXPECT_EQ(member_path("$", "a\"\\\n"), "$[\"a\\\"\\\\\\n\"]");
  EXPECT_EQ(member_path("$", std::string(80, 'x')), "$." + std::string(80, 'x'));
  EXPECT_EQ(member_path("$", std::string(81, 'x')), "$[\"" + std::string(80, 'x') + "…\"]");
  EXPECT_EQ(member_path("$", std::string(79, 'x') + "éé"), "$[\"" + std::string(79, 'x') + "…\"]");
}

TEST(FormatNumber, Examples) {
  const std::pair<double, const char*> examples[] = {{5, "5"},
                                                     {0.1, "0.1"},
                                                     {-2.5, "-2.5"},
                                                     {0, "0"},
                                                     {-0.0, "0"},
                                                     {100, "100"},
                                                     {1e20, "100000000000000000000"},
                                                     {1e21, "1e+21"},
                                                     {-1.5e300, "-1.5e+300"},
                                                     {1e-7, "0.0000001"},
                                                     {1.0 / 3, "0.3333333333333333"},
                                                     {9007199254740991.0, "9007199254740991"}};
  for (const auto& [value, text] : examples) EXPECT_EQ(format_number(value), text);
}

TEST(FormatNumber, ReadsBackAsTheSameDouble) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t bits = random();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    const std::string text = format_number(value);
    ASSERT_EQ(std::strtod(text.c_str(), nullptr), value) << text;
    ASSERT_EQ(parse_json(text).number, value) << text;
    ASSERT_EQ(text.find('e') == std::string::npos, std::abs(value) < 1e21) << text;
  }
}

TEST(PrettyJson, SaysTheSameInShortLines) {
  generate::Random random(21);
  for (int i = 0; i < 200; ++i) {
    const Json json = parse_json(generate::ruleset(random));
    const std::string pretty = pretty_json(json);
    ASSERT_EQ(compact_json(parse_json(pretty)), compact_json(json)) << pretty;
    std::istringstream lines(pretty);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 130U) << line;
  }
}

TEST(PrettyJson, PutsRulesInLinesAndFillsMaps) {
  std::string map;
  for (int i = 0; i < 30; ++i)
    map += (i == 0 ? "\"" : ", \"") + std::string("value ") + std::to_string(i) + "\": 1";
  EXPECT_EQ(pretty_json(parse_json(R"({"a":[{"id":"r","points":1},{}],"map":{)" + map + "}}")),
            R"({
  "a": [{"id": "r", "points": 1}, {}],
  "map": {"value 0": 1, "value 1": 1, "value 2": 1, "value 3": 1, "value 4": 1, "value 5": 1, "value 6": 1,
    "value 7": 1, "value 8": 1, "value 9": 1, "value 10": 1, "value 11": 1, "value 12": 1, "value 13": 1, "value 14": 1,
    "value 15": 1, "value 16": 1, "value 17": 1, "value 18": 1, "value 19": 1, "value 20": 1, "value 21": 1,
    "value 22": 1, "value 23": 1, "value 24": 1, "value 25": 1, "value 26": 1, "value 27": 1, "value 28": 1,
    "value 29": 1}
})");
}

TEST(Describe, EveryKind) {
  for (const Kind kind : {Kind::null, Kind::boolean, Kind::number, Kind::text, Kind::array, Kind::object}) {
    EXPECT_FALSE(describe(kind).empty());
  }
  EXPECT_EQ(describe(Kind::object), "an object");
  EXPECT_EQ(describe(Kind::text), "text");
}

}  // namespace
}  // namespace leadscore
