// score, total, probability and tier of a lead; dimension, which reads a scored lead's dimension by name.
#include <cmath>

#include "core/text.hpp"
#include "pg/composite.hpp"
#include "pg/encoding.hpp"
#include "pg/float_array.hpp"
#include "pg/lead_call.hpp"

namespace leadscore {
namespace {

/// Attributes of the composite type scored.
enum Scored { kTotal, kTier, kGrade, kDisqualified, kDimensions, kScoredColumns };

/// Scores the lead at hand; nullptr, for a result that is NULL, stays.
LeadCall* evaluate(LeadCall* call) {
  if (call == nullptr) return nullptr;
  guarded(
      [&] { call->bound->program.evaluate(call->row, call_activity(*call), call->as_of, call->evaluation); });
  return call;
}

/// As an error: the name is not one of the rule set's dimensions.
[[noreturn]] void throw_unknown_dimension(const Ruleset& rules, std::string_view name) {
  std::vector<std::string_view> names;
  for (const Dimension& dimension : rules.dimensions) names.push_back(dimension.name);
  const std::string_view near = nearest(name, names);
  std::string hint;
  if (!near.empty()) {
    hint = "Perhaps you meant \"" + std::string(near) + "\".";
  } else {
    hint = "Its dimensions are:";
    for (const std::string_view known : names)
      hint += (known == names.front() ? " \"" : ", \"") + std::string(known) + "\"";
    hint += '.';
  }
  throw Error(sqlstate::kInvalidParameter, "the rule set has no dimension \"" + std::string(name) + "\"",
              std::move(hint));
}

/// The rule set that a function which takes no lead was last asked about.
struct RulesCall {
  RulesetArgument rules;
};

LeadCall* lead_call(FunctionCallInfo fcinfo) { return read_lead_call(fcinfo, Purpose::score, 2, 3); }

Datum score_of(FunctionCallInfo fcinfo, LeadCall* call) {
  if (evaluate(call) == nullptr) PG_RETURN_NULL();
  const Evaluation& made = call->evaluation;
  const auto tier = made.tier_name(call->rules.entry().compiled.rules);
  Datum values[kScoredColumns];
  bool nulls[kScoredColumns] = {};
  values[kTotal] = Float8GetDatum(made.total);
  nulls[kTier] = !tier.has_value();
  values[kTier] = tier.has_value() ? PointerGetDatum(to_server_text(*tier)) : 0;
  nulls[kGrade] = !made.has_grade;
  values[kGrade] = made.has_grade ? PointerGetDatum(to_server_text(made.grade)) : 0;
  values[kDisqualified] = BoolGetDatum(made.disqualified);
  values[kDimensions] = float_array(made.dimensions);
  PG_RETURN_DATUM(HeapTupleGetDatum(
      heap_form_tuple(result_descriptor(fcinfo, call->result, "scored", kScoredColumns), values, nulls)));
}

Datum total_of(FunctionCallInfo fcinfo, LeadCall* call) {
  if (evaluate(call) == nullptr) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(call->evaluation.total);
}

Datum probability_of(FunctionCallInfo fcinfo, LeadCall* call) {
  if (evaluate(call) == nullptr) PG_RETURN_NULL();
  const std::optional<Probability>& probability = call->rules.entry().compiled.rules.probability;
  if (!probability.has_value()) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(probability->of(call->evaluation.total));
}

Datum tier_of(FunctionCallInfo fcinfo, LeadCall* call) {
  if (evaluate(call) == nullptr) PG_RETURN_NULL();
  const auto tier = call->evaluation.tier_name(call->rules.entry().compiled.rules);
  if (!tier.has_value()) PG_RETURN_NULL();
  PG_RETURN_TEXT_P(to_server_text(*tier));
}

}  // namespace

LEADSCORE_FUNCTION(score) { return score_of(fcinfo, lead_call(fcinfo)); }

LEADSCORE_FUNCTION(total) { return total_of(fcinfo, lead_call(fcinfo)); }

LEADSCORE_FUNCTION(probability) { return probability_of(fcinfo, lead_call(fcinfo)); }

/// probability(rules, total), of a total that was computed before
LEADSCORE_FUNCTION(probability_of_total) {
  RulesCall& call = call_state<RulesCall>(fcinfo);
  call.rules.read(fcinfo, 0);
  const float8 total = PG_GETARG_FLOAT8(1);
  if (!std::isfinite(total))
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("total must be a finite number")));
  const std::optional<Probability>& probability = call.rules.entry().compiled.rules.probability;
  if (!probability.has_value()) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(probability->of(total));
}

LEADSCORE_FUNCTION(tier) { return tier_of(fcinfo, lead_call(fcinfo)); }

LEADSCORE_FUNCTION(score_columns) { return score_of(fcinfo, read_columns_call(fcinfo)); }

LEADSCORE_FUNCTION(total_columns) { return total_of(fcinfo, read_columns_call(fcinfo)); }

LEADSCORE_FUNCTION(probability_columns) { return probability_of(fcinfo, read_columns_call(fcinfo)); }

LEADSCORE_FUNCTION(tier_columns) { return tier_of(fcinfo, read_columns_call(fcinfo)); }

LEADSCORE_FUNCTION(dimension) {
  RulesCall& call = call_state<RulesCall>(fcinfo);
  call.rules.read(fcinfo, 0);
  const Ruleset& rules = call.rules.entry().compiled.rules;
  const std::string_view name = to_utf8(PG_GETARG_TEXT_PP(2));
  std::size_t at = 0;
  while (at < rules.dimensions.size() && rules.dimensions[at].name != name) ++at;
  if (at == rules.dimensions.size()) {
    guarded([&] { throw_unknown_dimension(rules, name); });
  }
  bool is_null = false;
  const Datum datum = GetAttributeByNum(PG_GETARG_HEAPTUPLEHEADER(1), kDimensions + 1, &is_null);
  if (is_null) PG_RETURN_NULL();
  const ArrayType* const array = DatumGetArrayTypeP(datum);
  if (ARR_NDIM(array) != 1 || ARR_HASNULL(array) || ARR_ELEMTYPE(array) != FLOAT8OID ||
      static_cast<std::size_t>(ARR_DIMS(array)[0]) != rules.dimensions.size()) {
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the lead was scored by another rule set"),
             errdetail("The rule set has %d dimensions, the scored lead %d.",
                       static_cast<int>(rules.dimensions.size()),
                       ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)))));
  }
  float8 value;
  std::memcpy(&value, ARR_DATA_PTR(array) + sizeof(float8) * at, sizeof(float8));
  PG_RETURN_FLOAT8(value);
}

}  // namespace leadscore
