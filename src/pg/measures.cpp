// Final functions of the aggregates over a score. They sort what was collected, which changes nothing that
// can be asked of it: several aggregates may share a state, and go on with it in a window.
#include "core/measures.hpp"

#include "core/information.hpp"
#include "core/measure_tables.hpp"
#include "pg/composite.hpp"
#include "pg/composite_array.hpp"
#include "pg/measure_state.hpp"

namespace leadscore {
namespace {

constexpr double kUsualLevel = 0.95;
constexpr double kUsualBuckets = 10;

/// What a measure of counts, and of the option where it takes one, is.
template <class Measure>
Datum number(FunctionCallInfo fcinfo, const Measure& measure) {
  ScoreState* const state = given_state<ScoreState>(fcinfo);
  if (state == nullptr) PG_RETURN_NULL();
  std::optional<double> value;
  guarded([&] { value = measure(state->outcomes.counts()); });
  if (!value) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*value);
}

/// What a final function that returns a table keeps for its next group.
template <class Row>
struct TableCall {
  RowArray array;
  std::vector<Row> rows;
};

/// The table that `measure` makes of counts; NULL where it has no row.
template <int columns, class Row, class Measure, class Fill>
Datum table(FunctionCallInfo fcinfo, const char* type, const Measure& measure, const Fill& fill) {
  ScoreState* const state = given_state<ScoreState>(fcinfo);
  if (state == nullptr) PG_RETURN_NULL();
  auto& call = call_state<TableCall<Row>>(fcinfo);
  read_row_array(fcinfo, call.array, type, columns);
  guarded([&] { call.rows = measure(state->outcomes.counts()); });
  if (call.rows.empty()) PG_RETURN_NULL();
  return row_array<columns>(call.array, call.rows, fill);
}

std::int64_t buckets_of(FunctionCallInfo fcinfo, const char* name) {
  const ScoreState* const state = given_state<ScoreState>(fcinfo);
  return state == nullptr ? 0 : static_cast<std::int64_t>(required_option(state->option, name));
}

/// The columns that tables of buckets begin with.
enum BucketColumn { kBucket, kLowest, kHighest, kRows, kPositives, kBucketColumns };

void fill_bucket(const Bucket& bucket, Datum* values) {
  values[kBucket] = Int32GetDatum(bucket.number);
  values[kLowest] = Float8GetDatum(bucket.lowest);
  values[kHighest] = Float8GetDatum(bucket.highest);
  values[kRows] = Int64GetDatum(static_cast<int64>(bucket.rows()));
  values[kPositives] = Int64GetDatum(static_cast<int64>(bucket.positives));
}

struct IntervalCall {
  TupleDesc row = nullptr;
};

}  // namespace

/// auc_final(state) -> float8
LEADSCORE_FUNCTION(auc_final) { return number(fcinfo, auc); }

/// average_precision_final(state) -> float8
LEADSCORE_FUNCTION(average_precision_final) { return number(fcinfo, average_precision); }

/// log_loss_final(state) -> float8
LEADSCORE_FUNCTION(log_loss_final) { return number(fcinfo, log_loss); }

/// brier_final(state) -> float8
LEADSCORE_FUNCTION(brier_final) { return number(fcinfo, brier); }

/// ks_final(state) -> float8
LEADSCORE_FUNCTION(ks_final) { return number(fcinfo, ks); }

/// lift_final(state) -> float8
LEADSCORE_FUNCTION(lift_final) {
  const ScoreState* const state = given_state<ScoreState>(fcinfo);
  const double fraction = state == nullptr ? 0 : required_option(state->option, "fraction of lift");
  return number(fcinfo, [=](const ScoreCounts& counts) { return lift(counts, fraction); });
}

/// psi_final(state) -> float8
LEADSCORE_FUNCTION(psi_final) {
  const ScoreState* const state = given_state<ScoreState>(fcinfo);
  double buckets = kUsualBuckets;
  if (state != nullptr && state->option.given != MeasureOption::Given::never) {
    buckets = required_option(state->option, "buckets of psi");
  }
  return number(fcinfo,
                [=](const ScoreCounts& counts) { return psi(counts, static_cast<std::int64_t>(buckets)); });
}

/// auc_ci_final(state) -> auc_interval
LEADSCORE_FUNCTION(auc_ci_final) {
  enum { kAuc, kLow, kHigh, kError, kPositive, kNegative, kIgnored, kColumns };
  ScoreState* const state = given_state<ScoreState>(fcinfo);
  if (state == nullptr) PG_RETURN_NULL();
  const double level = state->option.given == MeasureOption::Given::never
                           ? kUsualLevel
                           : required_option(state->option, "level of auc_ci");
  const TupleDesc row =
      result_descriptor(fcinfo, call_state<IntervalCall>(fcinfo).row, "auc_interval", kColumns);
  AucInterval made;
  ScoreCounts counts;
  guarded([&] {
    counts = state->outcomes.counts();
    made = auc_interval(counts, level);
  });
  Datum values[kColumns];
  bool nulls[kColumns] = {};
  set_number(&values[kAuc], &nulls[kAuc], made.auc);
  set_number(&values[kLow], &nulls[kLow], made.low);
  set_number(&values[kHigh], &nulls[kHigh], made.high);
  set_number(&values[kError], &nulls[kError], made.standard_error);
  values[kPositive] = Int64GetDatum(static_cast<int64>(counts.positives));
  values[kNegative] = Int64GetDatum(static_cast<int64>(counts.negatives));
  values[kIgnored] = Int64GetDatum(static_cast<int64>(counts.ignored()));
  PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(row, values, nulls)));
}

/// lift_table_final(state) -> lift_bucket[]
LEADSCORE_FUNCTION(lift_table_final) {
  enum { kRate = kBucketColumns, kLift, kShare, kGain, kTotalLift, kColumns };
  const std::int64_t buckets = buckets_of(fcinfo, "buckets of lift_table");
  return table<kColumns, LiftBucket>(
      fcinfo, "lift_bucket", [=](const ScoreCounts& counts) { return lift_table(counts, buckets); },
      [](const LiftBucket& bucket, Datum* values, bool* nulls) {
        fill_bucket(bucket, values);
        values[kRate] = Float8GetDatum(bucket.rate);
        set_number(&values[kLift], &nulls[kLift], bucket.lift);
        values[kShare] = Float8GetDatum(bucket.share);
        set_number(&values[kGain], &nulls[kGain], bucket.gain);
        set_number(&values[kTotalLift], &nulls[kTotalLift], bucket.total_lift);
      });
}

/// calibration_table_final(state) -> calibration_bucket[]
LEADSCORE_FUNCTION(calibration_table_final) {
  enum { kPredicted = kBucketColumns, kObserved, kLow, kHigh, kColumns };
  const std::int64_t buckets = buckets_of(fcinfo, "buckets of calibration_table");
  return table<kColumns, CalibrationBucket>(
      fcinfo, "calibration_bucket",
      [=](const ScoreCounts& counts) { return calibration_table(counts, buckets); },
      [](const CalibrationBucket& bucket, Datum* values, bool*) {
        fill_bucket(bucket, values);
        values[kPredicted] = Float8GetDatum(bucket.predicted);
        values[kObserved] = Float8GetDatum(bucket.observed);
        values[kLow] = Float8GetDatum(bucket.low);
        values[kHigh] = Float8GetDatum(bucket.high);
      });
}

/// roc_curve_final(state) -> roc_point[]
LEADSCORE_FUNCTION(roc_curve_final) {
  enum { kThreshold, kTrue, kFalse, kTrueRate, kFalseRate, kPrecision, kColumns };
  return table<kColumns, CurvePoint>(
      fcinfo, "roc_point", roc_curve, [](const CurvePoint& point, Datum* values, bool* nulls) {
        set_number(&values[kThreshold], &nulls[kThreshold], point.threshold);
        values[kTrue] = Int64GetDatum(static_cast<int64>(point.true_positives));
        values[kFalse] = Int64GetDatum(static_cast<int64>(point.false_positives));
        values[kTrueRate] = Float8GetDatum(point.true_positive_rate);
        values[kFalseRate] = Float8GetDatum(point.false_positive_rate);
        set_number(&values[kPrecision], &nulls[kPrecision], point.precision);
      });
}

}  // namespace leadscore
