// Any bytes as an engagement state: they are refused with an Error, or they are a state that can be encoded,
// merged, checked against a rule set and scored. The example rule set has every form that keeps something.
//
//   clang++ -std=c++20 -O1 -g -fsanitize=fuzzer,address,undefined … && fuzz_engagement corpus/engagement
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/engagement_codec.hpp"
#include "core/error.hpp"
#include "core/explain.hpp"
#include "core/lead_program.hpp"
#include "core/parse.hpp"

namespace leadscore {
namespace {

/// Every kind of tracker: sums with and without half-life, by case and map; latest times; lists with each of
/// multiplier, identity, branch, days and horizon.
constexpr std::string_view kRuleset = R"({
  "utc_offset": "+07:00",
  "dimensions": [{"name": "d", "idle": {"on": "*", "after": "9 days", "every": "1 day", "keep": 0.5}, "rules": [
    {"id": "sum", "on": "a", "points": 1},
    {"id": "faded", "on": "a", "cases": [{"where": {"x": 1}, "points": 2}, {"points": 3}], "half_life": "1 day"},
    {"id": "map", "on": "a", "field": "y", "map": {"p": 1, "q": 2}, "missing": 3, "multiply_by": "m"},
    {"id": "latest", "on": "a", "recency": [{"within": "5 days", "points": 4}], "promote_to": "t"},
    {"id": "list", "on": "b", "cases": [{"where": {"x": 1}, "points": 2}, {"points": 3}], "within": "30 days",
     "multiply_by": "m", "distinct": "s", "max_events": 5},
    {"id": "days", "on": "b", "points": 1, "fades_over": "20 days", "max_per_day": 2},
    {"id": "count", "on": "b", "distinct": "s", "max_per_day": 1, "bands": [{"below": 3, "points": 1}]},
    {"id": "total", "on": "b", "sum": {"field": "m", "gte": 10}, "points": 5, "max_events": 3}]}],
  "tiers": [{"name": "t", "at": 10}, {"name": "u", "at": 2}]})";

struct Target {
  CompiledRuleset compiled{parse_ruleset(kRuleset)};
  std::vector<FieldRequest> fields = LeadProgram::fields(compiled.rules, Purpose::score);
  LeadProgram score{compiled, json_shape(fields.size()), Purpose::score};
  LeadProgram explain{compiled, json_shape(fields.size()), Purpose::explain};
};

void require(bool holds) {
  if (!holds) std::abort();
}

std::vector<std::uint8_t> bytes_of(Engagement& state, Arena& arena, EngagementWriter& writer) {
  std::vector<std::uint8_t> out;
  encode(state, arena, writer, out);
  return out;
}

void use(Target& target, const Engagement& state, Micros as_of) {
  const std::vector<Value> row(target.fields.size());
  Evaluation result;
  target.score.evaluate(row, &state, as_of, result);
  target.explain.evaluate(row, &state, as_of, result);
  explain(target.compiled.rules, result, target.fields, row, as_of);
}

void run(std::span<const std::uint8_t> bytes) {
  static auto* target = new Target();  // never freed: the process ends with it
  ScratchArena arena;
  EngagementWriter writer;
  Engagement state = decode(bytes, arena);
  const std::vector<std::uint8_t> once = bytes_of(state, arena, writer);
  Engagement again = decode(once, arena);
  require(bytes_of(again, arena, writer) == once);

  // As the union of two sets of activities that happen to be equal. Lists of one slot in two forms are
  // refused.
  try {
    Engagement both = decode(once, arena);
    writer.merge(both, arena, again);
    const std::vector<std::uint8_t> merged = bytes_of(both, arena, writer);
    decode(merged, arena);
  } catch (const Error& error) {
    require(std::strcmp(error.code(), sqlstate::kWrongState) == 0);
  }

  target->compiled.plan.check_fits(state);
  if (state.last_at > kMinusInfinity) use(*target, state, state.last_at);
  use(*target, state, 9'000 * kDay >= state.last_at ? 9'000 * kDay : kEndOfTime - 1);
  use(*target, state, kEndOfTime - 1);
}

}  // namespace
}  // namespace leadscore

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using leadscore::run;
  const auto attempt = [](std::span<const std::uint8_t> bytes) {
    try {
      run(bytes);
    } catch (const leadscore::Error&) {
    }
  };
  std::vector<std::uint8_t> bytes(data, data + size);
  attempt(bytes);
  // With the right fingerprint in its place, so that what is behind it is reached.
  if (bytes.size() < 10) return 0;
  static const std::uint64_t fingerprint =
      leadscore::CompiledRuleset(leadscore::parse_ruleset(leadscore::kRuleset)).plan.fingerprint();
  for (std::size_t i = 0; i < 8; ++i) bytes[2 + i] = static_cast<std::uint8_t>(fingerprint >> (8 * i));
  attempt(bytes);
  return 0;
}
