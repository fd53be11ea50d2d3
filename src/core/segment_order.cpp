// jsonb does not keep the order of members, but a segment may use only those written before it. Here a usable
// order is found again.
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace leadscore {
namespace {

/// The segments that a condition names, wherever in it. Recursion is as deep as the JSON is nested.
void collect_uses(const Json& json, std::vector<std::string_view>& uses) {
  for (const Json& item : json.items) collect_uses(item, uses);
  for (const auto& member : json.members) {
    if (member.first == "segment" && member.second.is(Json::Kind::text)) {
      uses.push_back(member.second.text);
    } else {
      collect_uses(member.second, uses);
    }
  }
}

}  // namespace

void order_segments(Json& ruleset) {
  Json* segments = nullptr;
  for (auto& member : ruleset.members) {
    if (member.first == "segments") segments = &member.second;
  }
  if (segments == nullptr) return;
  auto& members = segments->members;
  std::map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < members.size(); ++i) places.try_emplace(members[i].first, i);
  std::vector<std::vector<std::size_t>> users(members.size());
  std::vector<std::size_t> waits_for(members.size(), 0);
  for (std::size_t i = 0; i < members.size(); ++i) {
    checkpoint();
    std::vector<std::string_view> uses;
    collect_uses(members[i].second, uses);
    for (const std::string_view name : uses) {
      const auto found = places.find(name);
      if (found == places.end()) continue;
      users[found->second].push_back(i);
      ++waits_for[i];
    }
  }
  // Kahn's algorithm. What is left over uses itself in a circle, which the checker will say.
  std::vector<std::size_t> order;
  order.reserve(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (waits_for[i] == 0) order.push_back(i);
  }
  for (std::size_t next = 0; next < order.size(); ++next) {
    for (const std::size_t user : users[order[next]]) {
      if (--waits_for[user] == 0) order.push_back(user);
    }
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (waits_for[i] != 0) order.push_back(i);
  }
  std::vector<std::pair<std::string, Json>> ordered;
  ordered.reserve(members.size());
  for (const std::size_t place : order) ordered.push_back(std::move(members[place]));
  members = std::move(ordered);
}

}  // namespace leadscore
