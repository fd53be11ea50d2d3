#include "core/activity_options.hpp"

#include <array>

#include "core/reader.hpp"

namespace leadscore {
namespace {

constexpr std::array<std::string_view, 5> kActivity{"source", "lead_key", "key", "kind", "at"};

}  // namespace

void read_activity_options(const Node& node, ProblemLog& log, ActivityOptions& activity) {
  const Reader reader(node, log, kActivity);
  if (!reader.is_object()) return;
  activity.source = reader.text("source", Need::required).value_or("");
  activity.lead_key = reader.text("lead_key", Need::required).value_or("");
  activity.key = reader.text("key").value_or("");
  activity.kind = reader.text("kind", Need::required).value_or("");
  activity.at = reader.text("at", Need::required).value_or("");
}

}  // namespace leadscore
