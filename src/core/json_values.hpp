// JSON values made by the core itself, in rule sets that it writes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/json.hpp"

namespace leadscore {

/// `value` is finite.
inline Json json_number(double value) {
  Json json;
  json.kind = Json::Kind::number;
  json.number = value == 0 ? 0 : value;  // never −0
  json.text = format_number(json.number);
  return json;
}
inline Json json_text(std::string value) {
  Json json;
  json.kind = Json::Kind::text;
  json.text = std::move(value);
  return json;
}
inline Json json_boolean(bool value) {
  Json json;
  json.kind = Json::Kind::boolean;
  json.boolean = value;
  return json;
}
inline Json json_array(std::vector<Json> items) {
  Json json;
  json.kind = Json::Kind::array;
  json.items = std::move(items);
  return json;
}
using JsonMembers = std::vector<std::pair<std::string, Json>>;
inline Json json_object(JsonMembers members = {}) {
  Json json;
  json.kind = Json::Kind::object;
  json.members = std::move(members);
  return json;
}

}  // namespace leadscore
