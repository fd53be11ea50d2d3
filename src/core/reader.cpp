// Members of an object: known, unknown, duplicate, and where to find them.
#include "core/reader.hpp"

#include <algorithm>
#include <unordered_set>

namespace leadscore {

void find_duplicates(const Node& object, ProblemLog& log) {
  const auto& members = object.json().members;
  if (members.size() < 2) return;
  std::unordered_set<std::string_view> seen;
  seen.reserve(members.size());
  for (const auto& member : members) {
    if (!seen.insert(member.first).second) {
      log.error(object.member(member), "duplicate member " + quoted(member.first),
                "It is written twice in one object; keep one.");
    }
  }
}

Reader::Reader(const Node& node, ProblemLog& log, std::span<const std::string_view> known)
    : node_(node), log_(log), known_(known) {
  if (!is_object()) {
    wrong_kind(node, log, "an object");
    return;
  }
  find_unknown();
  find_duplicates(node, log);
  if (!is_known("note")) return;
  if (const auto note = member("note"); note && !note->is(Json::Kind::text)) {
    wrong_kind(*note, log, "text");
  }
}

bool Reader::is_known(std::string_view name) const noexcept {
  return std::find(known_.begin(), known_.end(), name) != known_.end();
}

void Reader::find_unknown() {
  const Json& json = node_.json();
  for (const auto& member : json.members) {
    const std::string_view name = member.first;
    if (is_known(name)) continue;
    // The two words for a condition are easily mixed up, and too far apart for the search of near words.
    std::string_view meant;
    if (name == "where" && is_known("when")) meant = "when";
    if (name == "when" && is_known("where")) meant = "where";
    if (meant.empty()) meant = log_.near_word(name, known_);
    std::string hint;
    if (!meant.empty()) {
      hint = "Did you mean " + quoted(meant) + "?";
      if (std::find(meant_.begin(), meant_.end(), meant) == meant_.end()) meant_.push_back(meant);
    }
    log_.error(node_.member(member), "unknown member " + quoted(name), std::move(hint));
  }
}

std::optional<Node> Reader::member(std::string_view name) const noexcept {
  for (const auto& member : node_.json().members) {
    if (member.first == name) return node_.member(member);
  }
  return std::nullopt;
}

bool Reader::wrote(std::string_view name) const noexcept {
  return member(name) || std::find(meant_.begin(), meant_.end(), name) != meant_.end();
}

bool Reader::require(std::string_view name) const {
  if (!is_object() || wrote(name)) return true;
  log_.error(node_, quoted(name) + " is missing");
  return false;
}

bool Reader::refuse(std::span<const std::string_view> names, std::string_view problem,
                    std::string_view hint) const {
  bool refused = false;
  for (const std::string_view name : names) {
    if (const auto found = member(name)) {
      log_.error(*found, std::string(problem), std::string(hint));
      refused = true;
    }
  }
  return refused;
}

std::optional<double> Reader::number(std::string_view name, Interval interval, Need need) const {
  if (need == Need::required) require(name);
  const auto found = member(name);
  return found ? read_number(*found, log_, interval) : std::nullopt;
}

std::optional<std::int64_t> Reader::whole(std::string_view name, std::int64_t min, std::int64_t max) const {
  const auto found = member(name);
  return found ? read_whole(*found, log_, min, max) : std::nullopt;
}

std::optional<Micros> Reader::duration(std::string_view name, Micros least, Need need) const {
  if (need == Need::required) require(name);
  const auto found = member(name);
  return found ? read_duration(*found, log_, least) : std::nullopt;
}

std::optional<std::string> Reader::text(std::string_view name, Need need) const {
  if (need == Need::required) require(name);
  const auto found = member(name);
  return found ? read_text(*found, log_) : std::nullopt;
}

std::optional<bool> Reader::boolean(std::string_view name) const {
  const auto found = member(name);
  return found ? read_boolean(*found, log_) : std::nullopt;
}

std::optional<std::string> Reader::field(std::string_view name, Need need) const {
  if (need == Need::required) require(name);
  const auto found = member(name);
  return found ? read_field(*found, log_) : std::nullopt;
}

Bounds Reader::bounds(Interval interval) const {
  const Bounds bounds{number("min", interval), number("max", interval)};
  if (bounds.min && bounds.max && *bounds.min > *bounds.max) {
    log_.error(*member("min"), "\"min\" " + format_number(*bounds.min) + " is greater than \"max\" " +
                                   format_number(*bounds.max));
  }
  return bounds;
}

}  // namespace leadscore
