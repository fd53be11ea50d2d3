#include "core/learn_options.hpp"

#include <array>
#include <string>

#include "core/error.hpp"
#include "core/reader.hpp"

namespace leadscore {
namespace {

constexpr std::array<std::string_view, 5> kOptions{"ridge", "range", "double_odds", "base_odds",
                                                   "base_score"};
constexpr std::array<std::string_view, 2> kRange{"min", "max"};
constexpr std::array<std::string_view, 2> kOdds{"base_odds", "base_score"};

void read_range(const Node& node, ProblemLog& log, Scale& scale) {
  const Reader range(node, log, kRange);
  if (!range.is_object() || !range.require("min") || !range.require("max")) return;
  const auto low = range.number("min"), high = range.number("max");
  if (!low || !high) return;
  scale.low = *low;
  scale.high = *high;
  if (!(scale.high - scale.low >= 1)) log.error(node, "must be at least 1 wide", "Points are whole numbers.");
}

}  // namespace

LearnOptions read_learn_options(const Node& node, ProblemLog& log) {
  constexpr double kLeast = 1e-9;
  LearnOptions options;
  const Reader reader(node, log, kOptions);
  options.ridge = reader.number("ridge", {0, kMaxPoints});
  options.scale.double_odds = reader.number("double_odds", {1, kMaxPoints});
  options.scale.base_odds = reader.number("base_odds", {kLeast, kMaxPoints}).value_or(1);
  options.scale.base_score = reader.number("base_score").value_or(0);
  if (const auto range = reader.member("range")) {
    read_range(*range, log, options.scale);
    if (reader.wrote("double_odds"))
      log.error(*range, "can't be given together with \"double_odds\"",
                "Either the points that double the odds are given, or the range of all totals.");
  }
  if (!reader.wrote("double_odds")) reader.refuse(kOdds, "belongs to \"double_odds\", which is not given");
  return options;
}

LearnOptions parse_learn_options(const Json& json) {
  ProblemLog log;
  const LearnOptions options = read_learn_options(Node(json), log);
  raise_first(log, "options");
  return options;
}

}  // namespace leadscore
