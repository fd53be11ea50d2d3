// live_score and live_next_change, of which the views of a model are made: a lead's score by the version that
// is in force, or by that of its state while the state waits to be rebuilt.
#include "core/engagement_codec.hpp"
#include "pg/acting.hpp"
#include "pg/encoding.hpp"
#include "pg/engagement_object.hpp"
#include "pg/float_array.hpp"
#include "pg/guard.hpp"
#include "pg/lead_side.hpp"

namespace leadscore {
namespace {

enum Argument { kModel, kLead, kVersion, kActivity, kAsOf };

/// Attributes of the composite type live.
enum Live { kTotal, kTier, kGrade, kDisqualified, kDimensions, kUsedVersion, kLiveColumns };

/// A version as this query sees it.
struct VersionInForce {
  int number = 0;
  int64 activity_hash = 0;
  RulesetPin rules;
  std::vector<std::size_t> columns;  ///< for each dimension the column of the view score, from 0
};

struct LiveCall {
  text* model = nullptr;  ///< the name that the rest is about
  std::size_t width = 0;  ///< dimensions that have a column
  ArrayType* dimensions = nullptr;
  std::vector<VersionInForce> versions;  ///< the first is in force
  LeadSide lead;
  ScratchArena arena;
  Engagement decoded;
  std::vector<double> shown;
  std::vector<bool> has_column;
  TupleDesc result = nullptr;
};

/// Reads a version (0: the one in force) with the query's own snapshot: a reader sees model, state and lead
/// of one moment.
void read_version(FunctionCallInfo fcinfo, LiveCall& call, int version) {
  const Acting before = fix_settings();
  SPI_connect();
  Oid types[] = {TEXTOID, INT4OID};
  Datum values[] = {PointerGetDatum(call.model), Int32GetDatum(version)};
  const int code = SPI_execute_with_args(
      "SELECT v.version, v.activity_hash, v.rules, m.dimensions FROM leadscore.model m "
      "JOIN leadscore.model_version v ON v.model = m.name AND v.version = CASE $2 WHEN 0 THEN m.version ELSE "
      "$2 END "
      "WHERE m.name = $1",
      2, types, values, nullptr, true, 1);
  if (code != SPI_OK_SELECT)
    elog(ERROR, "reading leadscore's tables failed: %s", SPI_result_code_string(code));
  if (SPI_processed == 0) {
    ereport(ERROR,
            (errcode(ERRCODE_UNDEFINED_OBJECT),
             version == 0 ? errmsg("model \"%s\" does not exist", text_to_cstring(call.model))
                          : errmsg("model \"%s\" has no version %d", text_to_cstring(call.model), version)));
  }
  const HeapTuple row = SPI_tuptable->vals[0];
  const TupleDesc desc = SPI_tuptable->tupdesc;
  bool is_null;
  const int number = DatumGetInt32(SPI_getbinval(row, desc, 1, &is_null));
  const int64 hash = DatumGetInt64(SPI_getbinval(row, desc, 2, &is_null));
  const text* const rules = DatumGetTextPP(SPI_getbinval(row, desc, 3, &is_null));
  const MemoryContext caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
  call.dimensions = DatumGetArrayTypePCopy(SPI_getbinval(row, desc, 4, &is_null));
  MemoryContextSwitchTo(caller);
  Datum* columns;
  int width;
  deconstruct_array(call.dimensions, TEXTOID, -1, false, TYPALIGN_INT, &columns, nullptr, &width);
  auto* const names = static_cast<std::string_view*>(palloc(sizeof(std::string_view) * (width + 1)));
  for (int i = 0; i < width; ++i) names[i] = to_utf8(DatumGetTextPP(columns[i]));
  compile_ruleset({VARDATA_ANY(rules), VARSIZE_ANY_EXHDR(rules)}, nullptr);
  guarded([&] {
    VersionInForce made;
    made.number = number;
    made.activity_hash = hash;
    made.rules = latest_ruleset_pin();
    call.width = static_cast<std::size_t>(width);
    for (const Dimension& dimension : made.rules->compiled.rules.dimensions) {
      const auto* const at = std::find(names, names + width, dimension.name);
      made.columns.push_back(static_cast<std::size_t>(at - names));
    }
    call.versions.push_back(std::move(made));
  });
  SPI_finish();
  stop_acting(before);
}

const VersionInForce& version_for(FunctionCallInfo fcinfo, LiveCall& call) {
  const text* const name = PG_GETARG_TEXT_PP(kModel);
  if (call.model == nullptr || VARSIZE_ANY_EXHDR(call.model) != VARSIZE_ANY_EXHDR(name) ||
      std::memcmp(VARDATA_ANY(call.model), VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)) != 0) {
    const MemoryContext before = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
    call.model = reinterpret_cast<text*>(DatumGetPointer(datumCopy(PointerGetDatum(name), false, -1)));
    MemoryContextSwitchTo(before);
    call.lead.reset();
    call.versions.clear();
    read_version(fcinfo, call, 0);
  }
  const VersionInForce& current = call.versions.front();
  if (PG_ARGISNULL(kVersion)) return current;  // no state yet
  const int wanted = PG_GETARG_INT32(kVersion);
  if (wanted == current.number) return current;
  std::size_t at = 1;
  while (at < call.versions.size() && call.versions[at].number != wanted) ++at;
  if (at == call.versions.size()) read_version(fcinfo, call, wanted);
  const VersionInForce& own = call.versions[at];
  return own.activity_hash == call.versions.front().activity_hash ? call.versions.front() : own;
}

/// Reads and scores the lead; nullptr where the result is NULL.
const VersionInForce* read_live_call(FunctionCallInfo fcinfo, LiveCall& call, const Engagement*& state,
                                     Micros& as_of) {
  if (PG_ARGISNULL(kModel) || PG_ARGISNULL(kLead) || PG_ARGISNULL(kAsOf)) return nullptr;
  const VersionInForce& version = version_for(fcinfo, call);
  call.lead.bind(*version.rules, Purpose::score, fcinfo, kLead);
  const EngagementArgument activity = engagement_argument(fcinfo, kActivity);
  as_of = PG_GETARG_TIMESTAMPTZ(kAsOf);
  guarded([&] {
    call.arena.clear();
    state = read_engagement(activity, call.arena, call.decoded);
    if (state == nullptr) return;
    version.rules->compiled.plan.check_fits(*state);
    // The reader's transaction may have begun before an activity that it can already see.
    as_of = std::max(as_of, state->last_at);
  });
  return &version;
}

TupleDesc result_descriptor(FunctionCallInfo fcinfo, LiveCall& call) {
  if (call.result == nullptr) {
    const MemoryContext before = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
    TupleDesc desc;
    if (get_call_result_type(fcinfo, nullptr, &desc) != TYPEFUNC_COMPOSITE || desc->natts != kLiveColumns) {
      elog(ERROR, "return type must be leadscore.live");
    }
    call.result = BlessTupleDesc(CreateTupleDescCopy(desc));
    MemoryContextSwitchTo(before);
  }
  return call.result;
}

/// The dimensions in the order of the view's columns; NULL for those that this version does not have.
Datum dimension_columns(const LiveCall& call, const VersionInForce& version) {
  const std::vector<double>& dimensions = call.lead.evaluation.dimensions;
  auto* const values = static_cast<Datum*>(palloc0(sizeof(Datum) * (call.width + 1)));
  auto* const nulls = static_cast<bool*>(palloc(call.width + 1));
  std::fill_n(nulls, call.width + 1, true);
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    if (version.columns[i] >= call.width) continue;
    values[version.columns[i]] = Float8GetDatum(dimensions[i]);
    nulls[version.columns[i]] = false;
  }
  int dims[] = {static_cast<int>(call.width)};
  int lower[] = {1};
  return PointerGetDatum(construct_md_array(values, nulls, 1, dims, lower, FLOAT8OID, sizeof(float8),
                                            FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

}  // namespace

/// live_score(model, lead, version, activity, as_of) -> live
LEADSCORE_FUNCTION(live_score) {
  LiveCall& call = call_state<LiveCall>(fcinfo);
  const Engagement* state = nullptr;
  Micros as_of = 0;
  const VersionInForce* const version = read_live_call(fcinfo, call, state, as_of);
  if (version == nullptr) PG_RETURN_NULL();
  guarded([&] { call.lead.evaluate(state, as_of); });
  const Evaluation& made = call.lead.evaluation;
  const auto tier = made.tier_name(version->rules->compiled.rules);
  Datum values[kLiveColumns];
  bool nulls[kLiveColumns] = {};
  values[kTotal] = Float8GetDatum(made.total);
  nulls[kTier] = !tier.has_value();
  values[kTier] = tier.has_value() ? PointerGetDatum(to_server_text(*tier)) : 0;
  nulls[kGrade] = !made.has_grade;
  values[kGrade] = made.has_grade ? PointerGetDatum(to_server_text(made.grade)) : 0;
  values[kDisqualified] = BoolGetDatum(made.disqualified);
  values[kDimensions] = dimension_columns(call, *version);
  values[kUsedVersion] = Int32GetDatum(version->number);
  PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(result_descriptor(fcinfo, call), values, nulls)));
}

/// live_next_change(model, lead, version, activity, as_of) -> timestamptz
LEADSCORE_FUNCTION(live_next_change) {
  LiveCall& call = call_state<LiveCall>(fcinfo);
  const Engagement* state = nullptr;
  Micros as_of = 0;
  if (read_live_call(fcinfo, call, state, as_of) == nullptr) PG_RETURN_NULL();
  Micros at = 0;
  guarded([&] { at = call.lead.bound->program.next_change(call.lead.row, state, as_of); });
  PG_RETURN_TIMESTAMPTZ(at);
}

/// last_activity_at(activity, as_of) -> timestamptz
LEADSCORE_FUNCTION(last_activity_at) {
  ScratchArena& arena = call_state<ScratchArena>(fcinfo);
  const EngagementArgument activity = engagement_argument(fcinfo, 0);
  const Micros as_of = PG_GETARG_TIMESTAMPTZ(1);
  Micros at = kMinusInfinity;
  guarded([&] {
    arena.clear();
    Engagement room;
    const Engagement* const state = read_engagement(activity, arena, room);
    at = state->last_at;
    for (std::uint32_t i = 0; i < state->pending_size; ++i) {
      if (state->pending[i].at <= as_of) at = std::max(at, state->pending[i].at);
    }
  });
  if (at == kMinusInfinity) PG_RETURN_NULL();
  PG_RETURN_TIMESTAMPTZ(at);
}

}  // namespace leadscore
