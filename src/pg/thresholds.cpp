// thresholds: the totals from which on tiers get as many leads a week as sales can take.
#include "core/backtest_options.hpp"
#include "pg/arguments.hpp"
#include "pg/decided.hpp"
#include "pg/encoding.hpp"
#include "pg/fit.hpp"
#include "pg/guard.hpp"

namespace leadscore {
namespace {

/// What belongs to the call, and goes with it.
struct ThresholdCall {
  ActivityOptions activity;
  std::vector<std::string> tiers;
  std::vector<Capacity> capacity;
};

/// Tiers, and how many leads a week they may have: text[] and float8[].
struct Asked {
  Parameter tiers, per_week;
};

Asked read_capacity(FunctionCallInfo fcinfo, int number, const text* rules) {
  ThresholdCall& call = call_state<ThresholdCall>(fcinfo);
  if (PG_ARGISNULL(number))
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("capacity must not be NULL")));
  const List* const names = tier_names(rules);
  guarded([&] { call.tiers.clear(); });
  for (int i = 0; i < list_length(names); ++i) {
    const std::string_view utf8 = to_utf8(static_cast<const char*>(list_nth(names, i)));
    guarded_change([&] { call.tiers.emplace_back(utf8); });
  }
  const std::string_view given = json_text_of(PG_GETARG_JSONB_P(number));
  guarded([&] { call.capacity = parse_capacity(parse_json(given), call.tiers); });
  const auto count = static_cast<int>(call.capacity.size());
  List* tiers = NIL;
  auto* const per_week = static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<Size>(count)));
  for (int i = 0; i < count; ++i) {
    const Capacity& tier = call.capacity[static_cast<std::size_t>(i)];
    tiers = lappend(tiers, to_server_copy(tier.tier));
    per_week[i] = Float8GetDatum(tier.per_week);
  }
  ArrayType* const array =
      construct_array(per_week, count, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
  return {text_list_parameter(tiers), {FLOAT8ARRAYOID, PointerGetDatum(array)}};
}

/// $1: rules, $2: tiers, $3: leads a week of each. Tier by tier, the best first, the lowest total is looked
/// for from which on, without those above, no more qualify than asked for. `leads` and `won` are of the tier
/// and those above. The bounds of conversion are Wilson's.
const char* query() {
  return psprintf(
      "WITH RECURSIVE period AS (SELECT extract(epoch FROM max(d.at) - min(d.at)) AS seconds FROM %s d WHERE "
      "d.part "
      "IS NOT NULL), scored AS (SELECT (x.score).total, d.won FROM %s d LEFT JOIN %s e ON e.key = d.n CROSS "
      "JOIN "
      "LATERAL (SELECT leadscore.score($1, d.lead, e.added, d.at) AS score OFFSET 0) x WHERE d.part IS NOT "
      "NULL AND "
      "NOT (x.score).disqualified), "
      "reached AS MATERIALIZED (SELECT s.total, sum(count(*)) OVER w AS leads, sum(count(*) FILTER (WHERE "
      "s.won)) "
      "OVER w AS won FROM scored s GROUP BY s.total WINDOW w AS (ORDER BY s.total DESC)), "
      "asked AS (SELECT * FROM unnest($2, $3) WITH ORDINALITY AS t(tier, per_week, place)), "
      "band AS (SELECT 0::bigint AS place, NULL::text AS tier, NULL::float8 AS total, 0::numeric AS leads, "
      "0::numeric AS won, 0::numeric AS own, 0::numeric AS own_won UNION ALL SELECT a.place, a.tier, "
      "r.total, "
      "coalesce(r.leads, b.leads), coalesce(r.won, b.won), coalesce(r.leads - b.leads, 0), coalesce(r.won - "
      "b.won, "
      "0) FROM band b JOIN asked a ON a.place = b.place + 1 CROSS JOIN period p LEFT JOIN LATERAL (SELECT "
      "t.* FROM "
      "reached t WHERE t.leads > b.leads AND (t.leads - b.leads) * 604800 <= a.per_week::numeric * p.seconds "
      "ORDER "
      "BY t.total LIMIT 1) r ON true) "
      "SELECT b.tier, b.total, (b.own * 604800 / p.seconds)::float8, b.own::bigint, b.own_won::bigint, "
      "i.rate, CASE WHEN b.own > 0 THEN greatest(i.middle - i.half, 0) END, CASE WHEN b.own > 0 THEN "
      "least(i.middle + i.half, 1) END, (b.leads * 604800 / p.seconds)::float8, (b.won / nullif(b.leads, "
      "0))::float8 FROM band b CROSS JOIN period p CROSS JOIN LATERAL (SELECT w.rate, (w.rate + w.zz / (2 * "
      "w.n)) / (1 + w.zz / w.n) AS middle, sqrt(w.zz * (w.rate * (1 - w.rate) / w.n + w.zz / (4 * w.n * "
      "w.n))) / (1 + w.zz / w.n) AS half FROM (SELECT nullif(b.own, 0)::float8 AS n, b.own_won::float8 / "
      "nullif(b.own, 0)::float8 AS rate, 3.841458820694124::float8 AS zz) w) i WHERE b.place > 0 ORDER BY "
      "b.place",
      kDecided, kDecided, kEngaged);
}

void run(FunctionCallInfo fcinfo, Decided* decided, const text* rules, const Asked& asked) {
  open_decided(decided, {Split::By::nothing, 1});
  check_decided_fit(decided, rules);
  (void)read_tuples(psprintf("SELECT min(d.at) = max(d.at) FROM %s d WHERE d.part IS NOT NULL", kDecided), {},
                    nullptr);
  bool is_null;
  if (DatumGetBool(tuple_value(0, 1, &is_null))) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("all %llu leads were decided at one time",
                           static_cast<unsigned long long>(decided->leads)),
                    errhint("How many leads come in a week is told by the time that their decisions span.")));
  }
  engage_decided(decided, rules);
  const Parameter parameters[] = {rules_parameter(rules), asked.tiers, asked.per_week};
  select_into(reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo), query(), parameters);
  close_decided(decided);
}

}  // namespace

/// thresholds(model, capacity, rules, outcome, decided_at) -> table
LEADSCORE_FUNCTION(thresholds) {
  enum Argument { kModel, kCapacity, kRules, kOutcome, kDecidedAt };
  const char* const name = required_text(fcinfo, kModel, "model");
  InitMaterializedSRF(fcinfo, 0);
  const Model* const model = open_model(name, NoLock);
  Decided decided = decided_leads(model, optional_text(fcinfo, kOutcome), optional_text(fcinfo, kDecidedAt));
  const text* const rules = PG_ARGISNULL(kRules) ? model->rules : PG_GETARG_TEXT_PP(kRules);
  run(fcinfo, &decided, rules, read_capacity(fcinfo, kCapacity, rules));
  PG_RETURN_NULL();
}

/// thresholds(rules, relation, outcome, decided_at, capacity, options) -> table
LEADSCORE_FUNCTION(thresholds_rules) {
  enum Argument { kRules, kRelation, kOutcome, kDecidedAt, kCapacity, kOptions };
  if (PG_ARGISNULL(kRules) || PG_ARGISNULL(kRelation))
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                    errmsg("%s must not be NULL", PG_ARGISNULL(kRules) ? "rules" : "relation")));
  const char* const outcome = required_text(fcinfo, kOutcome, "outcome");
  const char* const decided_at = required_text(fcinfo, kDecidedAt, "decided_at");
  InitMaterializedSRF(fcinfo, 0);
  ThresholdCall& call = call_state<ThresholdCall>(fcinfo);
  const std::string_view options = PG_ARGISNULL(kOptions) ? "{}" : json_text_of(PG_GETARG_JSONB_P(kOptions));
  guarded([&] { call.activity = parse_threshold_options(parse_json(options)); });
  Decided decided = decided_leads(PG_GETARG_OID(kRelation), outcome, decided_at, call.activity);
  const text* const rules = PG_GETARG_TEXT_PP(kRules);
  run(fcinfo, &decided, rules, read_capacity(fcinfo, kCapacity, rules));
  PG_RETURN_NULL();
}

}  // namespace leadscore
