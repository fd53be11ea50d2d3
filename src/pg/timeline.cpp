// timeline: a lead's score at regular times. Activities are folded in as their time comes, each once.
#include "pg/encoding.hpp"
#include "pg/engagement_object.hpp"
#include "pg/guard.hpp"
#include "pg/lead_question.hpp"

namespace leadscore {
namespace {

enum Argument { kModel, kLeadKey, kSince, kUntil, kStep };
enum Result { kAt, kTotal, kTier, kGrade, kDisqualified, kResultColumns };

constexpr int kMostPoints = 100'000;
constexpr long kBatch = 1000;  ///< activities fetched at once

struct Times {
  TimestampTz* at;
  int count;
};

/// since, since + step, since + 2 steps and so on up to until, in the session's time zone: days begin where
/// the reader's do.
Times read_times(FunctionCallInfo fcinfo) {
  const TimestampTz since = finite_time(fcinfo, kSince, "since");
  const TimestampTz until = finite_time(fcinfo, kUntil, "until");
  const Interval* const step = PG_GETARG_INTERVAL_P(kStep);
  if (step->month < 0 || step->day < 0 || step->time < 0 ||
      (step->month == 0 && step->day == 0 && step->time == 0)) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("step must be positive")));
  }
  Times times{static_cast<TimestampTz*>(palloc(sizeof(TimestampTz) * kMostPoints)), 0};
  // Each counted from the start: by months from the 31st of January it is the 28th of February, and then the
  // 31st of March.
  for (TimestampTz at = since; at <= until;) {
    if (times.count == kMostPoints) {
      ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                      errmsg("there are more than %d steps between since and until", kMostPoints),
                      errhint("Take a larger step.")));
    }
    times.at[times.count++] = at;
    const Datum steps =
        DirectFunctionCall2(interval_mul, IntervalPGetDatum(step), Float8GetDatum(times.count));
    at = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(since), steps));
  }
  return times;
}

struct TimelineCall {
  RulesetPin rules;
  LeadSide lead;
  ScratchArena arena;
  EngagementWriter writer;
  Engagement state;
};

/// The lead's activities, oldest first.
struct Activities {
  Portal portal;
  uint64 next, count;  ///< in SPI_tuptable
};

/// The next activity's time and trace; false: there is none.
bool peek(Activities& activities, TimestampTz& at, NullableDatum& trace) {
  if (activities.next == activities.count) {
    if (activities.count > 0) SPI_freetuptable(SPI_tuptable);
    SPI_cursor_fetch(activities.portal, true, kBatch);
    activities.next = 0;
    activities.count = SPI_processed;
  }
  if (activities.count == 0) return false;
  bool is_null;
  at = DatumGetTimestampTz(tuple_value(activities.next, 1, &is_null));
  trace.value = tuple_value(activities.next, 2, &trace.isnull);
  return true;
}

void fold_until(TimelineCall& call, Activities& activities, TimestampTz until) {
  TimestampTz at;
  NullableDatum trace;
  for (; peek(activities, at, trace) && at <= until; ++activities.next) {
    const EngagementArgument given = engagement_value(trace);
    guarded_change([&] {
      ScratchArena scratch;
      Engagement room;
      call.writer.merge(call.state, call.arena, *read_engagement(given, scratch, room));
    });
  }
}

void put_score(FunctionCallInfo fcinfo, const TimelineCall& call, TimestampTz at) {
  const auto* const results = reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo);
  const Evaluation& made = call.lead.evaluation;
  const auto tier = made.tier_name(call.rules->compiled.rules);
  Datum values[kResultColumns] = {};
  bool nulls[kResultColumns] = {};
  values[kAt] = TimestampTzGetDatum(at);
  values[kTotal] = Float8GetDatum(made.total);
  nulls[kTier] = !tier.has_value();
  if (tier.has_value()) values[kTier] = PointerGetDatum(to_server_text(*tier));
  nulls[kGrade] = !made.has_grade;
  if (made.has_grade) values[kGrade] = PointerGetDatum(to_server_text(made.grade));
  values[kDisqualified] = BoolGetDatum(made.disqualified);
  tuplestore_putvalues(results->setResult, results->setDesc, values, nulls);
}

}  // namespace

/// timeline(model, lead_key, since, until, step) -> table(at, total, tier, grade, disqualified)
LEADSCORE_FUNCTION(timeline) {
  InitMaterializedSRF(fcinfo, 0);
  const Times times = read_times(fcinfo);
  TimelineCall& call = call_state<TimelineCall>(fcinfo);
  LeadQuestion* const question = open_question(fcinfo, Tells::score);
  read_rules(question, nullptr);
  bind_lead(question, Purpose::score, call.rules, call.lead);
  call.arena.clear();
  call.state = Engagement();
  call.state.fingerprint = call.rules->compiled.plan.fingerprint();
  publish_traces(question);
  const Parameter until[] = {{TIMESTAMPTZOID, PG_GETARG_DATUM(kUntil)}};
  Activities activities{open_cursor(psprintf("SELECT t.at, t.trace FROM %s t WHERE t.trace IS NOT NULL AND "
                                             "t.at <= $1 ORDER BY t.at",
                                             kTraces),
                                    until),
                        0, 0};
  for (int i = 0; i < times.count; ++i) {
    CHECK_FOR_INTERRUPTS();
    fold_until(call, activities, times.at[i]);
    guarded([&] { call.lead.evaluate(&call.state, times.at[i]); });
    put_score(fcinfo, call, times.at[i]);
  }
  SPI_cursor_close(activities.portal);
  close_question(question);
  PG_RETURN_NULL();
}

}  // namespace leadscore
