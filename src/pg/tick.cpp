// tick: stored tiers are brought up to the clock.
#include "pg/acting.hpp"
#include "pg/arguments.hpp"
#include "pg/guard.hpp"
#include "pg/live.hpp"

namespace leadscore {
namespace {

/// Leads that are locked, and so kept in memory, at a time.
constexpr int kMostAtOnce = 10000;

}  // namespace

/// tick(model) -> bigint
LEADSCORE_FUNCTION(tick) {
  const char* const name = required_text(fcinfo, 0, "model");
  check_owns(open_model(name, NoLock));
  const Model* const model = open_model(name, RowExclusiveLock);
  check_has_leads(model);
  SPI_connect();
  const Acting before = act_as(model->owner, true);
  const Parameter due[] = {{TIMESTAMPTZOID, TimestampTzGetDatum(GetCurrentTimestamp())},
                           int_parameter(kMostAtOnce)};
  uint64 leads = 0;
  for (bool more = true; more;) {
    const Rows touched = lock_rows(model, kTouched, touched_by_clock(model), due, Load::few);
    leads += refresh_touched(model, touched, model->rebuilding ? Refresh::fold : Refresh::keep, "clock");
    more = touched.count == kMostAtOnce;
    tuplestore_end(touched.store);
  }
  stop_acting(before);
  SPI_finish();
  PG_RETURN_INT64(static_cast<int64>(leads));
}

}  // namespace leadscore
