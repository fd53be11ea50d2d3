// JSON as people write it.
#include "core/json.hpp"

namespace leadscore {
namespace {

constexpr std::size_t kLine = 120;

std::string name_of(const std::string& name) {
  Json text;
  text.kind = Json::Kind::text;
  text.text = name;
  return compact_json(text) + ": ";
}

/// The value in one line; gives up, with what it has, once that is longer than `room`.
void append_line(std::string& out, const Json& value, std::size_t room) {
  const bool is_array = value.is(Json::Kind::array);
  if (!is_array && !value.is(Json::Kind::object)) {
    out += compact_json(value);
    return;
  }
  std::string_view separator;
  out += is_array ? '[' : '{';
  for (const Json& item : value.items) {
    if (out.size() > room) return;
    out += separator;
    append_line(out, item, room);
    separator = ", ";
  }
  for (const auto& [name, item] : value.members) {
    if (out.size() > room) return;
    out += separator;
    out += name_of(name);
    append_line(out, item, room);
    separator = ", ";
  }
  out += is_array ? ']' : '}';
}

// Recursion is as deep as the JSON is nested: kMaxNesting.
void append(std::string& out, const Json& value, std::size_t indent, std::size_t taken) {
  const std::size_t room = kLine > indent + taken ? kLine - indent - taken : 0;
  std::string line;
  append_line(line, value, room);
  const bool is_array = value.is(Json::Kind::array);
  const bool is_empty = value.items.empty() && value.members.empty();
  if (is_empty || (indent > 0 && line.size() <= room)) {
    out += line;
    return;
  }
  const auto is_scalar = [](const Json& one) {
    return !one.is(Json::Kind::array) && !one.is(Json::Kind::object);
  };
  bool fills = true;
  for (const Json& item : value.items) fills &= is_scalar(item);
  for (const auto& [name, item] : value.members) fills &= is_scalar(item);
  // Single values, such as those of a map, fill lines; what has parts of its own has lines of its own.
  if (fills && indent > 0) {
    std::size_t line_begins = out.size() - taken;
    out += is_array ? '[' : '{';
    bool is_first = true;
    const auto place = [&](const std::string& text) {
      if (!is_first && out.size() - line_begins + text.size() + 2 > kLine - indent) {
        out += ",\n";
        out.append(indent + 2, ' ');
        line_begins = out.size() - 2;
      } else if (!is_first) {
        out += ", ";
      }
      out += text;
      is_first = false;
    };
    for (const Json& item : value.items) place(compact_json(item));
    for (const auto& [name, item] : value.members) place(name_of(name) + compact_json(item));
    out += is_array ? ']' : '}';
    return;
  }
  const auto begin_line = [&](bool first) {
    out += first ? "\n" : ",\n";
    out.append(indent + 2, ' ');
  };
  bool first = true;
  out += is_array ? '[' : '{';
  for (const Json& item : value.items) {
    begin_line(first);
    append(out, item, indent + 2, 1);
    first = false;
  }
  for (const auto& [name, item] : value.members) {
    begin_line(first);
    const std::string named = name_of(name);
    out += named;
    append(out, item, indent + 2, named.size() + 1);
    first = false;
  }
  out += '\n';
  out.append(indent, ' ');
  out += is_array ? ']' : '}';
}

}  // namespace

std::string pretty_json(const Json& value) {
  std::string out;
  append(out, value, 0, 0);
  return out;
}

}  // namespace leadscore
