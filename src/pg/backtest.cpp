// backtest: how well a rule set would have told who is won, had it been in force when that was still open.
#include "core/backtest_options.hpp"
#include "pg/arguments.hpp"
#include "pg/decided.hpp"
#include "pg/encoding.hpp"
#include "pg/guard.hpp"

namespace leadscore {
namespace {

/// contender, place, part, at, won, ranked, pooled, probability, trained: each lead as each contender sees
/// it. `ranked` is what orders the leads of a part, `pooled` those of all.
constexpr const char* kJudged = "leadscore_judged";

/// What belongs to the call, and goes with it.
struct BacktestCall {
  BacktestOptions options;
};

/// Who is judged. The place is that in the result.
struct Contender {
  const char* name;
  int place;
  const text* rules;
};
constexpr int kChancePlace = 4;

/// The parts that leads are split into, in order.
struct Part {
  int number;
  int64 leads, positives;
  int64 before, positives_before;  ///< what may be known of others when this one is judged
};
struct Parts {
  Part* part;
  int count;
};

/// Those that are judged: of a part of time only what was decided before it is known.
Parts judged_parts(const BacktestOptions& options) {
  const char* const frame =
      options.by_time
          ? psprintf("ORDER BY p.part RANGE BETWEEN %s PRECEDING AND 1 PRECEDING",
                     options.train_windows > 0 ? psprintf("%d", options.train_windows) : "UNBOUNDED")
          : "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW";
  const auto before = [frame](const char* column) {
    return psprintf("sum(%s) OVER (%s)::bigint", column, frame);
  };
  const auto rows = static_cast<int>(read_tuples(
      psprintf(
          "SELECT p.part::bigint, p.leads, p.won, %s, %s FROM (SELECT d.part, count(*) AS leads, count(*) "
          "FILTER (WHERE d.won) AS won FROM %s d WHERE d.part IS NOT NULL GROUP BY d.part) p ORDER BY "
          "p.part",
          before("p.leads"), before("p.won"), kDecided),
      {}, nullptr));
  Parts parts{static_cast<Part*>(palloc(sizeof(Part) * static_cast<Size>(rows + 1))), 0};
  for (int i = 0; i < rows; ++i) {
    const auto row = static_cast<uint64>(i);
    const Part part{static_cast<int>(tuple_int8(row, 1)), tuple_int8(row, 2), tuple_int8(row, 3),
                    tuple_int8(row, 4), tuple_int8(row, 5)};
    const bool both = part.positives_before > 0 && part.positives_before < part.before;
    if (both && part.before >= options.min_train) parts.part[parts.count++] = part;
  }
  return parts;
}

[[noreturn]] void raise_nothing_judged(const Decided& decided, const BacktestOptions& options) {
  const unsigned long long leads = decided.leads;
  const char* others = "decided before it";
  if (!options.by_time) others = "in the others";
  if (options.train_windows > 0)
    others = options.train_windows == 1 ? "in the window before it"
                                        : psprintf("in the %d windows before it", options.train_windows);
  const char* const part = options.by_time ? "window" : "fold";
  if (options.learn) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("no %s of %llu leads has %d leads %s, some won and some lost", part, leads,
                           options.min_train, others),
                    errhint("\"min_train\" says how many there must be to learn from.")));
  }
  ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                  errmsg("no %s of %llu leads has leads %s, some won and some lost", part, leads, others),
                  errhint("Without them nobody could know a rate that leads are won at.")));
}

/// An int8[] of something about each part.
template <class Get>
Parameter whole_numbers(const Parts& parts, const Get& get) {
  auto* const elements = static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<Size>(parts.count + 1)));
  for (int i = 0; i < parts.count; ++i) elements[i] = Int64GetDatum(get(parts.part[i]));
  ArrayType* const array =
      construct_array(elements, parts.count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
  return {INT8ARRAYOID, PointerGetDatum(array)};
}

Parameter numbers_of(const Parts& parts) {
  return whole_numbers(parts, [](const Part& part) { return part.number; });
}

/// Who knows nothing but how many were won before.
Rows judge_chance(const Parts& parts) {
  const Parameter parameters[] = {
      numbers_of(parts), whole_numbers(parts, [](const Part& part) { return part.before; }),
      whole_numbers(parts, [](const Part& part) { return part.positives_before; })};
  return read_rows(
      kJudged,
      psprintf("SELECT 'chance'::text AS contender, %d AS place, d.part, d.at, d.won, 0::float8 AS "
               "ranked, 0::float8 AS pooled, b.won::float8 / b.leads AS probability, b.leads AS "
               "trained FROM %s d JOIN unnest($1, $2, $3) AS b(part, leads, won) ON b.part = d.part",
               kChancePlace, kDecided),
      parameters);
}

/// Adds the leads of the parts as the rules see them. `trained`: leads that the rules were learned from; 0:
/// they were not, and are the same in each part.
void judge(Decided* decided, const Contender& contender, const text* rules, const Parts& parts, int64 trained,
           Rows* judged) {
  engage_decided(decided, rules);
  const Parameter parameters[] = {rules_parameter(rules),
                                  text_parameter(contender.name),
                                  int_parameter(contender.place),
                                  numbers_of(parts),
                                  {INT8OID, Int64GetDatum(trained), trained == 0}};
  // Totals that were learned apart are not of one scale, probabilities are. Whom the rules disqualify they
  // put last.
  Rows rows = read_rows(
      kJudged,
      psprintf(
          "SELECT $2 AS contender, $3 AS place, x.part, x.at, x.won, CASE WHEN x.last THEN '-Infinity' ELSE "
          "(x.score).total END AS ranked, CASE WHEN x.last THEN '-Infinity' ELSE %s END AS pooled, "
          "x.probability, $5 AS trained FROM (SELECT d.part, d.at, d.won, s.score, (s.score).disqualified AS "
          "last, leadscore.probability($1, d.lead, e.added, d.at) AS probability FROM %s d LEFT JOIN %s e ON "
          "e.key = d.n CROSS JOIN LATERAL (SELECT leadscore.score($1, d.lead, e.added, d.at) AS score OFFSET "
          "0) s WHERE d.part = ANY ($4)) x",
          trained == 0 ? "(x.score).total" : "x.probability", kDecided, kEngaged),
      parameters);
  move_rows(&rows, judged);
  tuplestore_end(rows.store);
}

/// The rules with the points that fit what is known when the part is judged.
const text* learn(Decided* decided, const text* rules, const Part& part, const BacktestOptions& options,
                  const Parameter& given) {
  engage_decided(decided, rules);
  const int first = options.train_windows > 0 ? part.number - options.train_windows : 0;
  const Parameter parameters[] = {rules_parameter(rules), given, int_parameter(part.number),
                                  int_parameter(first)};
  (void)read_tuples(
      psprintf("SELECT leadscore.learn($1, d.lead, e.added, d.won, CASE jsonb_typeof($2 -> "
               "'learn') WHEN 'object' THEN $2 -> 'learn' END, d.at) FROM %s d LEFT JOIN %s e ON "
               "e.key = d.n WHERE d.part %s $3 AND d.part >= $4",
               kDecided, kEngaged, options.by_time ? "<" : "<>"),
      parameters, nullptr);
  bool is_null;
  const Datum learned = tuple_value(0, 1, &is_null);
  return reinterpret_cast<const text*>(PG_DETOAST_DATUM_COPY(learned));
}

void judge_learned(Decided* decided, const Contender& contender, const Parts& parts,
                   const BacktestOptions& options, const Parameter& given, Rows* judged) {
  for (int i = 0; i < parts.count; ++i) {
    CHECK_FOR_INTERRUPTS();
    const text* const learned = learn(decided, contender.rules, parts.part[i], options, given);
    judge(decided, contender, learned, {&parts.part[i], 1}, parts.part[i].before, judged);
  }
}

/// What is told of each contender, by part or (`part` "NULL") of all parts together.
const char* measured(const char* part, const char* score, const char* trained, const char* group) {
  return psprintf(
      "SELECT j.contender, j.place, %s AS part, min(j.at) AS first_at, max(j.at) AS last_at, count(*) AS "
      "leads, "
      "count(*) FILTER (WHERE j.won) AS won, leadscore.auc_ci(j.%s, j.won) AS auc, leadscore.lift(j.%s, "
      "j.won, "
      "0.1) AS lift, leadscore.log_loss(j.probability, j.won) AS log_loss, avg(j.probability) AS predicted, "
      "leadscore.calibration_table(j.probability, j.won, 10) AS calibration, %s AS trained_on FROM %s j "
      "GROUP BY "
      "%s",
      part, score, score, trained, kJudged, group);
}

void report(const ReturnSetInfo* result, const Decided& decided) {
  const Parameter parameters[] = {{INT8OID, Int64GetDatum(static_cast<int64>(decided.passed_over))}};
  select_into(
      result,
      psprintf(
          "SELECT m.contender, m.part, m.first_at, m.last_at, m.leads, m.won, m.won::float8 / m.leads, "
          "(m.auc).auc, (m.auc).low, (m.auc).high, m.lift, m.log_loss, m.predicted, (SELECT sum(c.n * abs("
          "c.predicted - c.observed)) / sum(c.n)::float8 FROM unnest(m.calibration) c), m.trained_on, CASE "
          "WHEN m.part IS NULL THEN $1 END FROM (%s UNION ALL %s) m ORDER BY m.part, m.place",
          measured("j.part", "ranked", "max(j.trained)", "j.contender, j.place, j.part"),
          measured("NULL", "pooled", "NULL", "j.contender, j.place")),
      parameters);
}

BacktestOptions& read_options(FunctionCallInfo fcinfo, int number, LeadsOf leads) {
  BacktestOptions& options = call_state<BacktestCall>(fcinfo).options;
  const std::string_view utf8 = PG_ARGISNULL(number) ? "{}" : json_text_of(PG_GETARG_JSONB_P(number));
  guarded([&] { options = parse_backtest_options(parse_json(utf8), leads); });
  return options;
}

/// Judges the contenders, of which the first is the candidate: what may be learned. SPI is connected
/// meanwhile.
void run(FunctionCallInfo fcinfo, int options_number, Decided* decided, const Contender* contenders,
         int count, const BacktestOptions& options) {
  const bool none = PG_ARGISNULL(options_number);
  const Parameter given{JSONBOID, none ? Datum(0) : PG_GETARG_DATUM(options_number), none};
  open_decided(decided, {options.by_time ? Split::By::time : Split::By::chance, options.parts});
  for (int i = 0; i < count; ++i) check_decided_fit(decided, contenders[i].rules);
  const Parts parts = judged_parts(options);
  if (parts.count == 0) raise_nothing_judged(*decided, options);
  Rows judged = judge_chance(parts);
  for (int i = 0; i < count; ++i) {
    if (i == 0 && options.learn) {
      judge_learned(decided, contenders[i], parts, options, given, &judged);
    } else {
      judge(decided, contenders[i], contenders[i].rules, parts, 0, &judged);
    }
  }
  publish_rows(judged);
  report(reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo), *decided);
  withdraw_rows(kJudged);
  tuplestore_end(judged.store);
  close_decided(decided);
}

constexpr Contender kCandidate{"candidate", 1, nullptr}, kAsGiven{"as given", 2, nullptr},
    kInForce{"in force", 3, nullptr};

Contender with(Contender contender, const text* rules) {
  contender.rules = rules;
  return contender;
}

}  // namespace

/// backtest(model, rules, outcome, decided_at, options) -> table
LEADSCORE_FUNCTION(backtest) {
  enum Argument { kModel, kRules, kOutcome, kDecidedAt, kOptions };
  const char* const name = required_text(fcinfo, kModel, "model");
  InitMaterializedSRF(fcinfo, 0);
  const BacktestOptions& options = read_options(fcinfo, kOptions, LeadsOf::model);
  const Model* const model = open_model(name, NoLock);
  Decided decided = decided_leads(model, optional_text(fcinfo, kOutcome), optional_text(fcinfo, kDecidedAt));
  const text* const rules = PG_ARGISNULL(kRules) ? nullptr : PG_GETARG_TEXT_PP(kRules);
  Contender contenders[3];
  int count = 0;
  if (rules != nullptr || options.learn)
    contenders[count++] = with(kCandidate, rules != nullptr ? rules : model->rules);
  if (rules != nullptr && options.learn) contenders[count++] = with(kAsGiven, rules);
  contenders[count++] = with(kInForce, model->rules);
  run(fcinfo, kOptions, &decided, contenders, count, options);
  PG_RETURN_NULL();
}

/// backtest(rules, relation, outcome, decided_at, options) -> table
LEADSCORE_FUNCTION(backtest_rules) {
  enum Argument { kRules, kRelation, kOutcome, kDecidedAt, kOptions };
  if (PG_ARGISNULL(kRules) || PG_ARGISNULL(kRelation))
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                    errmsg("%s must not be NULL", PG_ARGISNULL(kRules) ? "rules" : "relation")));
  const char* const outcome = required_text(fcinfo, kOutcome, "outcome");
  const char* const decided_at = required_text(fcinfo, kDecidedAt, "decided_at");
  InitMaterializedSRF(fcinfo, 0);
  const BacktestOptions& options = read_options(fcinfo, kOptions, LeadsOf::table);
  Decided decided = decided_leads(PG_GETARG_OID(kRelation), outcome, decided_at, options.activity);
  const text* const rules = PG_GETARG_TEXT_PP(kRules);
  const Contender contenders[] = {with(kCandidate, rules), with(kAsGiven, rules)};
  run(fcinfo, kOptions, &decided, contenders, options.learn ? 2 : 1, options);
  PG_RETURN_NULL();
}

}  // namespace leadscore
