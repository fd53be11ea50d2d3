// What may be asked of backtest and thresholds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/activity_options.hpp"
#include "core/json.hpp"

namespace leadscore {

/// Whose leads are looked at: a model knows where its activities are, a table must be told.
enum class LeadsOf : unsigned char { model, table };

struct BacktestOptions {
  bool by_time = true;  ///< else leads are split at random
  int parts = 6;        ///< windows of time, or folds
  bool learn = false;   ///< learn the candidate's points anew for each part
  int min_train = 1;    ///< leads decided before a window that is judged
  /// How many windows before one are looked back at when it is judged; 0: all. Folds have no order.
  int train_windows = 0;
  ActivityOptions activity;
};

/// Reads {"split": "time", "windows": …, "train_windows": …, "learn": …, "min_train": …, "activity": …} or
/// {"split": "random", "folds": …, "learn": …, "activity": …}, where "learn" is a boolean or the options of
/// learn. Throws Error (22023) that names the first member that is wrong.
BacktestOptions parse_backtest_options(const Json& json, LeadsOf leads);

/// Reads {"activity": …}. The same errors.
ActivityOptions parse_threshold_options(const Json& json);

/// How many leads a week a tier may have.
struct Capacity {
  std::string tier;
  double per_week = 0;
};

/// Reads [{"tier": "…", "per_week": …}, …], the best tier first, or {"tier": per_week, …}, whose members have
/// no order and are brought into that of `tiers`. Throws Error (22023).
std::vector<Capacity> parse_capacity(const Json& json, const std::vector<std::string>& tiers);

}  // namespace leadscore
