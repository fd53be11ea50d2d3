// Any condition on any row: what can be read is answered by the matcher as the plain reference of the unit
// tests answers it, and so is when it flips next. The input is the JSON of a condition on one line, and the
// JSON of a row on those after it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "../unit/matcher_reference.hpp"
#include "core/error.hpp"
#include "core/fields.hpp"
#include "core/parse.hpp"

namespace leadscore {
namespace {

constexpr Micros kAsOf = 9'500 * kDay + 5 * kSecond;

/// A row's values; owns the items of arrays.
class JsonRow {
 public:
  JsonRow(const Json& row, const std::vector<FieldRequest>& requests) {
    for (const FieldRequest& request : requests) {
      const Json* const found = row.find(request.path);
      values.push_back(found == nullptr ? Value() : value_of(*found, true));
    }
  }

  std::vector<Value> values;

 private:
  std::deque<std::vector<Value>> arrays_;

  Value value_of(const Json& json, bool outermost) {
    switch (json.kind) {
      case Json::Kind::null:
        return {};
      case Json::Kind::boolean:
        return Value::of(json.boolean);
      case Json::Kind::number:
        return Value::of(json.number);
      case Json::Kind::text:
        return Value::of(std::string_view(json.text));
      case Json::Kind::array:
        if (outermost) {
          std::vector<Value> items;
          for (const Json& item : json.items) items.push_back(value_of(item, false));
          const std::vector<Value>& kept = arrays_.emplace_back(std::move(items));
          return Value::of(kept.data(), static_cast<std::uint32_t>(kept.size()));
        }
        [[fallthrough]];
      case Json::Kind::object:
        break;
    }
    Value other;
    other.kind = Value::Kind::other;
    return other;
  }
};

void collect_tests(const Condition& condition, std::vector<const Test*>& tests) {
  if (condition.kind == Condition::Kind::test) tests.push_back(&condition.test);
  for (const Condition& child : condition.children) collect_tests(child, tests);
}

void run(std::string_view condition, std::string_view row_text) {
  const Ruleset rules = parse_ruleset(
      R"({"segments": {"s": {"all": [)" + std::string(condition) +
      R"(]}}, "dimensions": [{"name": "d", "rules": [{"id": "r", "when": {"segment": "s"}, "points": 1}]}]})");
  const Json row_json = parse_json(row_text);
  if (rules.segments.size() != 1) return;
  const Condition& asked = rules.segments.front().condition;
  FieldList fields;
  fields.add(asked, rules.segments, "the condition");
  const RowShape shape = json_shape(fields.requests().size());
  Decider decider;
  decider.owner = "the condition";
  decider.branches.push_back({&asked, 1});
  Matcher matcher(rules, fields.requests(), shape, {decider}, 0);
  const JsonRow row(row_json, fields.requests());
  MatchResult result;
  matcher.match(row.values, kAsOf, result);
  const matcher_reference::Row plain{rules, fields.requests(), shape, row.values, kAsOf};
  if (result.hits.empty() == matcher_reference::holds(asked, plain)) std::abort();
  // Again, with what the matcher remembers of texts.
  const bool held = !result.hits.empty();
  matcher.match(row.values, kAsOf, result);
  if (result.hits.empty() == held) std::abort();
  std::vector<const Test*> tests;
  collect_tests(asked, tests);
  if (matcher.next_flip(row.values, kAsOf) != matcher_reference::next_flip(tests, plain)) std::abort();
}

}  // namespace
}  // namespace leadscore

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) return 0;
  try {
    leadscore::run(input.substr(0, end), input.substr(end + 1));
  } catch (const leadscore::Error&) {
  }
  return 0;
}
