#include "pg/live_lead.hpp"

#include "pg/acting.hpp"
#include "pg/encoding.hpp"
#include "pg/guard.hpp"

namespace leadscore {
namespace {

/// Arguments, counted from the first.
enum Argument { kModel, kLead, kVersion, kActivity, kAsOf };

/// Planned once for the backend: for a query about one lead, planning this would cost more than the rest. $1:
/// model, $2: version, 0: the one in force.
SPIPlanPtr version_plan() {
  static SPIPlanPtr kept = nullptr;
  if (kept != nullptr) return kept;
  Oid types[] = {TEXTOID, INT4OID};
  const SPIPlanPtr plan = SPI_prepare(
      "SELECT v.version, v.activity_hash, v.rules, m.dimensions FROM leadscore.model m "
      "JOIN leadscore.model_version v ON v.model = m.name AND v.version = CASE $2 WHEN 0 THEN m.version ELSE "
      "$2 END "
      "WHERE m.name = $1",
      2, types);
  if (plan == nullptr || SPI_keepplan(plan) != 0) elog(ERROR, "leadscore's tables can't be read");
  kept = plan;
  return plan;
}

/// Reads a version, 0: the one in force.
void read_version(LiveLead& live, int version) {
  const Acting before = fix_settings();
  SPI_connect();
  Datum values[] = {PointerGetDatum(live.model), Int32GetDatum(version)};
  const int code = SPI_execute_plan(version_plan(), values, nullptr, true, 1);
  if (code != SPI_OK_SELECT)
    elog(ERROR, "reading leadscore's tables failed: %s", SPI_result_code_string(code));
  if (SPI_processed == 0) {
    ereport(ERROR,
            (errcode(ERRCODE_UNDEFINED_OBJECT),
             version == 0 ? errmsg("model \"%s\" does not exist", text_to_cstring(live.model))
                          : errmsg("model \"%s\" has no version %d", text_to_cstring(live.model), version)));
  }
  const HeapTuple row = SPI_tuptable->vals[0];
  const TupleDesc desc = SPI_tuptable->tupdesc;
  bool is_null;
  const int number = DatumGetInt32(SPI_getbinval(row, desc, 1, &is_null));
  const int64 hash = DatumGetInt64(SPI_getbinval(row, desc, 2, &is_null));
  const text* const rules = DatumGetTextPP(SPI_getbinval(row, desc, 3, &is_null));
  Datum* columns;
  int width;
  deconstruct_array(DatumGetArrayTypeP(SPI_getbinval(row, desc, 4, &is_null)), TEXTOID, -1, false,
                    TYPALIGN_INT, &columns, nullptr, &width);
  auto* const names = static_cast<std::string_view*>(palloc(sizeof(std::string_view) * (width + 1)));
  for (int i = 0; i < width; ++i) names[i] = to_utf8(DatumGetTextPP(columns[i]));
  compile_ruleset({VARDATA_ANY(rules), VARSIZE_ANY_EXHDR(rules)}, nullptr);
  guarded([&] {
    LiveVersion made;
    made.number = number;
    made.activity_hash = hash;
    made.rules = latest_ruleset_pin();
    live.width = static_cast<std::size_t>(width);
    for (const Dimension& dimension : made.rules->compiled.rules.dimensions) {
      const auto* const at = std::find(names, names + width, dimension.name);
      made.columns.push_back(static_cast<std::size_t>(at - names));
    }
    live.versions.push_back(std::move(made));
  });
  SPI_finish();
  stop_acting(before);
}

}  // namespace

const LiveVersion& version_of_state(LiveLead& live, int wanted) {
  if (wanted == live.versions.front().number) return live.versions.front();
  std::size_t at = 1;
  while (at < live.versions.size() && live.versions[at].number != wanted) ++at;
  if (at == live.versions.size()) read_version(live, wanted);
  const LiveVersion& own = live.versions[at];
  return own.activity_hash == live.versions.front().activity_hash ? live.versions.front() : own;
}

const Engagement* decode_live(LiveLead& live, const LiveVersion& version, const EngagementArgument& activity,
                              Micros& as_of) {
  live.arena.clear();
  const Engagement* const state = read_engagement(activity, live.arena, live.decoded);
  if (state == nullptr) return nullptr;
  version.rules->compiled.plan.check_fits(*state);
  as_of = std::max(as_of, state->last_at);
  return state;
}

bool is_about(const LiveLead& live, const text* model) {
  return live.model != nullptr && VARSIZE_ANY_EXHDR(live.model) == VARSIZE_ANY_EXHDR(model) &&
         std::memcmp(VARDATA_ANY(live.model), VARDATA_ANY(model), VARSIZE_ANY_EXHDR(model)) == 0;
}

const LiveVersion& version_in_force(FunctionCallInfo fcinfo, LiveLead& live, const text* model) {
  if (!is_about(live, model)) {
    const MemoryContext before = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
    live.model = reinterpret_cast<text*>(DatumGetPointer(datumCopy(PointerGetDatum(model), false, -1)));
    MemoryContextSwitchTo(before);
    live.lead.reset();
    live.versions.clear();
  }
  if (live.versions.empty()) read_version(live, 0);
  return live.versions.front();
}

const LiveVersion* read_live_lead(FunctionCallInfo fcinfo, LiveLead& live, Purpose purpose, int first,
                                  const Engagement*& state, Micros& as_of) {
  if (PG_ARGISNULL(first + kModel) || PG_ARGISNULL(first + kLead) || PG_ARGISNULL(first + kAsOf))
    return nullptr;
  const LiveVersion* version = &version_in_force(fcinfo, live, PG_GETARG_TEXT_PP(first + kModel));
  if (!PG_ARGISNULL(first + kVersion)) {  // a lead that has a state
    version = &version_of_state(live, PG_GETARG_INT32(first + kVersion));
  }
  live.lead.bind(*version->rules, purpose, fcinfo, first + kLead);
  const EngagementArgument activity = engagement_argument(fcinfo, first + kActivity);
  as_of = PG_GETARG_TIMESTAMPTZ(first + kAsOf);
  guarded([&] { state = decode_live(live, *version, activity, as_of); });
  return version;
}

}  // namespace leadscore
