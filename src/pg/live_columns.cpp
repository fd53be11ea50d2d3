// The functions that the view score is made of: one for each of its columns, so that a query pays for what it
// asks for. Each comes in two forms: for the whole row of the lead and, as _columns, for the columns that the
// planner has chosen (live_support.cpp).
#include "pg/encoding.hpp"
#include "pg/guard.hpp"
#include "pg/live_query.hpp"

namespace leadscore {
namespace {

constexpr int kNumber = 4, kNumberOfColumns = 5;  ///< of a dimension
/// (model, lead, version, activity [, number])
constexpr LiveArguments kWhole = {2, 3, -1, -1, -1, 1};
/// (model, activity, address, table, names, version, columns)
constexpr LiveArguments kColumns = {5, 1, 2, 3, 4, 6};
/// (model, activity, address, table, names, number, version, columns)
constexpr LiveArguments kDimensionColumns = {6, 1, 2, 3, 4, 7};

/// A tier's name in the database's encoding, made once for all leads of the query. May longjmp.
Datum tier_text(const LiveQuery& query, const LiveVersion& version, std::size_t place,
                std::string_view name) {
  std::vector<text*>& texts = version.tier_texts;
  if (texts.size() <= place) guarded([&] { texts.resize(place + 1, nullptr); });
  if (texts[place] == nullptr) {
    const MemoryContext before = MemoryContextSwitchTo(query.memory);
    texts[place] = to_server_text(name);
    MemoryContextSwitchTo(before);
  }
  return PointerGetDatum(texts[place]);
}

Datum total_of(FunctionCallInfo fcinfo, const LiveArguments& at) {
  const LiveVersion* version;
  const LiveQuery* const query = score_live(fcinfo, at, &version);
  if (query == nullptr) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(query->live.lead.evaluation.total);
}

Datum tier_of(FunctionCallInfo fcinfo, const LiveArguments& at) {
  const LiveVersion* version;
  const LiveQuery* const query = score_live(fcinfo, at, &version);
  if (query == nullptr) PG_RETURN_NULL();
  const Ruleset& rules = version->rules->compiled.rules;
  const Evaluation& made = query->live.lead.evaluation;
  const auto tier = made.tier_name(rules);
  if (!tier.has_value()) PG_RETURN_NULL();
  return tier_text(*query, *version, made.disqualified ? rules.tiers.size() : *made.tier, *tier);
}

Datum grade_of(FunctionCallInfo fcinfo, const LiveArguments& at) {
  const LiveVersion* version;
  const LiveQuery* const query = score_live(fcinfo, at, &version);
  if (query == nullptr || !query->live.lead.evaluation.has_grade) PG_RETURN_NULL();
  PG_RETURN_TEXT_P(to_server_text(query->live.lead.evaluation.grade));
}

Datum disqualified_of(FunctionCallInfo fcinfo, const LiveArguments& at) {
  const LiveVersion* version;
  const LiveQuery* const query = score_live(fcinfo, at, &version);
  if (query == nullptr) PG_RETURN_NULL();
  PG_RETURN_BOOL(query->live.lead.evaluation.disqualified);
}

/// NULL by a version that does not have the dimension.
Datum dimension_of(FunctionCallInfo fcinfo, const LiveArguments& at, int number) {
  if (PG_ARGISNULL(number)) PG_RETURN_NULL();
  const int column = PG_GETARG_INT32(number) - 1;
  const LiveVersion* version;
  const LiveQuery* const query = score_live(fcinfo, at, &version);
  if (query == nullptr || column < 0 || static_cast<std::size_t>(column) >= query->live.width)
    PG_RETURN_NULL();
  for (std::size_t i = 0; i < version->columns.size(); ++i) {
    if (version->columns[i] == static_cast<std::size_t>(column))
      PG_RETURN_FLOAT8(query->live.lead.evaluation.dimensions[i]);
  }
  PG_RETURN_NULL();
}

Datum version_of(FunctionCallInfo fcinfo, const LiveArguments& at) {
  const LiveVersion* const version = live_version(fcinfo, at);
  if (version == nullptr) PG_RETURN_NULL();
  PG_RETURN_INT32(version->number);
}

Datum change_of(FunctionCallInfo fcinfo, const LiveArguments& at) {
  Micros change = 0;
  if (!next_live_change(fcinfo, at, &change)) PG_RETURN_NULL();
  PG_RETURN_TIMESTAMPTZ(change);
}

}  // namespace

LEADSCORE_FUNCTION(live_total) { return total_of(fcinfo, kWhole); }
LEADSCORE_FUNCTION(live_total_columns) { return total_of(fcinfo, kColumns); }

LEADSCORE_FUNCTION(live_tier) { return tier_of(fcinfo, kWhole); }
LEADSCORE_FUNCTION(live_tier_columns) { return tier_of(fcinfo, kColumns); }

LEADSCORE_FUNCTION(live_grade) { return grade_of(fcinfo, kWhole); }
LEADSCORE_FUNCTION(live_grade_columns) { return grade_of(fcinfo, kColumns); }

LEADSCORE_FUNCTION(live_disqualified) { return disqualified_of(fcinfo, kWhole); }
LEADSCORE_FUNCTION(live_disqualified_columns) { return disqualified_of(fcinfo, kColumns); }

LEADSCORE_FUNCTION(live_dimension) { return dimension_of(fcinfo, kWhole, kNumber); }
LEADSCORE_FUNCTION(live_dimension_columns) {
  return dimension_of(fcinfo, kDimensionColumns, kNumberOfColumns);
}

LEADSCORE_FUNCTION(live_version) { return version_of(fcinfo, kWhole); }
LEADSCORE_FUNCTION(live_version_columns) { return version_of(fcinfo, kColumns); }

LEADSCORE_FUNCTION(live_next_change) { return change_of(fcinfo, kWhole); }
LEADSCORE_FUNCTION(live_next_change_columns) { return change_of(fcinfo, kColumns); }

}  // namespace leadscore
