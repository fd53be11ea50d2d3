#include "core/backtest_options.hpp"

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "core/learn_options.hpp"
#include "core/reader.hpp"

namespace leadscore {
namespace {

constexpr std::array<std::string_view, 7> kOptions{"split", "windows",   "train_windows", "folds",
                                                   "learn", "min_train", "activity"};
constexpr std::array<std::string_view, 1> kThresholdOptions{"activity"}, kOfTable{"activity"};
constexpr std::array<std::string_view, 3> kOfTime{"windows", "train_windows", "min_train"};
constexpr std::array<std::string_view, 1> kOfFolds{"folds"}, kOfLearning{"min_train"};
constexpr std::array<std::string_view, 2> kCapacity{"tier", "per_week"};

constexpr int kMostParts = 1000, kMostTrain = 1'000'000'000, kUsualTrain = 100;
constexpr Interval kPerWeek{0, 1e9};

void read_split(const Reader& reader, BacktestOptions& options) {
  if (const auto split = reader.member("split")) {
    const auto written = read_text(*split, reader.log());
    if (!written) return;
    if (*written != "time" && *written != "random") {
      reader.log().error(*split, "must be \"time\" or \"random\"");
      return;
    }
    options.by_time = *written == "time";
  }
  if (options.by_time) {
    options.parts = static_cast<int>(reader.whole("windows", 2, kMostParts).value_or(options.parts));
    options.train_windows = static_cast<int>(reader.whole("train_windows", 1, kMostParts).value_or(0));
    reader.refuse(kOfFolds, "belongs to \"split\": \"random\"", "Time is split into \"windows\".");
  } else {
    options.parts = static_cast<int>(reader.whole("folds", 2, kMostParts).value_or(5));
    reader.refuse(kOfTime, "belongs to \"split\": \"time\"");
  }
}

void read_learn(const Reader& reader, BacktestOptions& options) {
  if (const auto learn = reader.member("learn")) {
    if (learn->is(Json::Kind::object)) {
      options.learn = true;
      (void)read_learn_options(*learn, reader.log());
    } else if (learn->is(Json::Kind::boolean)) {
      options.learn = learn->json().boolean;
    } else {
      wrong_kind(*learn, reader.log(), "true, false or an object of options of learn");
      return;
    }
  }
  if (!options.learn) {
    reader.refuse(kOfLearning, "belongs to \"learn\": true");
  } else if (options.by_time) {
    options.min_train = static_cast<int>(reader.whole("min_train", 2, kMostTrain).value_or(kUsualTrain));
  }
}

void add_capacity(const Node& node, ProblemLog& log, std::string_view tier, double per_week,
                  std::vector<Capacity>& capacity) {
  for (const Capacity& other : capacity) {
    if (other.tier == tier) log.error(node, "is there twice");
  }
  capacity.push_back({std::string(tier), per_week});
}

void read_list(const Node& node, ProblemLog& log, std::vector<Capacity>& capacity) {
  for (std::size_t i = 0; i < node.json().items.size(); ++i) {
    const Node item = node.item(i);
    const Reader reader(item, log, kCapacity);
    if (!reader.is_object()) continue;
    const auto tier = reader.text("tier", Need::required);
    const auto per_week = reader.number("per_week", kPerWeek, Need::required);
    if (tier && per_week) add_capacity(item, log, *tier, *per_week, capacity);
  }
}

void read_members(const Node& node, ProblemLog& log, const std::vector<std::string>& tiers,
                  std::vector<Capacity>& capacity) {
  find_duplicates(node, log);
  const auto place = [&](const std::string& tier) { return std::find(tiers.begin(), tiers.end(), tier); };
  for (const auto& member : node.json().members) {
    const Node item = node.member(member);
    const auto per_week = read_number(item, log, kPerWeek);
    if (node.json().members.size() > 1 && place(member.first) == tiers.end())
      log.error(item, "is no tier of the rule set",
                "An object has no order, so it takes that of the rule set's tiers. Others are written as "
                "[{\"tier\": "
                "\"…\", \"per_week\": …}, …], the best tier first.");
    if (per_week) add_capacity(item, log, member.first, *per_week, capacity);
  }
  std::stable_sort(capacity.begin(), capacity.end(),
                   [&](const Capacity& a, const Capacity& b) { return place(a.tier) < place(b.tier); });
}

}  // namespace

BacktestOptions parse_backtest_options(const Json& json, LeadsOf leads) {
  BacktestOptions options;
  ProblemLog log;
  const Node root(json);
  const Reader reader(root, log, kOptions);
  read_split(reader, options);
  read_learn(reader, options);
  if (leads == LeadsOf::model)
    reader.refuse(kOfTable, "is for tables", "A model knows where its activities are: see add_activity.");
  else if (const auto activity = reader.member("activity"))
    read_activity_options(*activity, log, options.activity);
  raise_first(log, "options");
  return options;
}

ActivityOptions parse_threshold_options(const Json& json) {
  ActivityOptions activity;
  ProblemLog log;
  const Node root(json);
  const Reader reader(root, log, kThresholdOptions);
  if (const auto written = reader.member("activity")) read_activity_options(*written, log, activity);
  raise_first(log, "options");
  return activity;
}

std::vector<Capacity> parse_capacity(const Json& json, const std::vector<std::string>& tiers) {
  std::vector<Capacity> capacity;
  ProblemLog log;
  const Node root(json);
  if (root.is(Json::Kind::array)) {
    read_list(root, log, capacity);
  } else if (root.is(Json::Kind::object)) {
    read_members(root, log, tiers, capacity);
  } else {
    wrong_kind(root, log, "an object of tiers and leads per week, or an array");
  }
  raise_first(log, "capacity");
  if (capacity.empty())
    throw Error(sqlstate::kInvalidParameter, "capacity names no tier",
                "For example {\"hot\": 20, \"warm\": 60}.");
  return capacity;
}

}  // namespace leadscore
