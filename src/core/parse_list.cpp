// A rule set's lists, references to lists, and the kinds of activities that a rule selects.
#include <algorithm>

#include "core/parse_scope.hpp"
#include "core/text.hpp"

namespace leadscore {
namespace {

constexpr std::string_view kPlainTextHint =
    "Text that begins with \"@\" names a list; to mean the text itself write it in an array.";

void unknown_list(const Node& node, std::string_view name, ParseScope& scope) {
  std::vector<std::string_view> candidates;
  if (scope.log.gives_hints()) {
    for (const auto& list : scope.lists) candidates.push_back(list.first);
    for (const BuiltinList& list : BuiltinList::all()) candidates.push_back(list.name());
  }
  const std::string_view near = scope.log.near_word(name, candidates);
  scope.log.error(
      node, "unknown list " + quoted("@" + std::string(name)),
      near.empty() ? std::string(kPlainTextHint) : "Did you mean " + quoted("@" + std::string(near)) + "?");
}

std::vector<std::string> parse_list(const Node& node, ParseScope& scope) {
  std::vector<std::string> values;
  if (!is_array(node, scope.log, "an array of texts")) return values;
  for (std::size_t i = 0; i < node.json().items.size(); ++i) {
    const Node item = node.item(i);
    if (auto text = read_text(item, scope.log)) values.push_back(std::move(*text));
  }
  return values;
}

void parse_kind(const Node& node, KindSet& set, ParseScope& scope) {
  const auto text = read_text(node, scope.log);
  if (!text) return;
  if (*text == "*") {
    scope.log.error(node, "\"*\" cannot stand inside an array", "For every kind write \"*\" alone.");
  } else if (names_list(*text, scope)) {
    scope.log.error(node, "a list cannot stand inside an array",
                    "Write out its kinds, or name a list alone, without the array.");
  } else if (is_blank(folded(*text, scope.accents))) {
    scope.log.error(node, "must not be blank");
  } else {
    set.kinds.push_back(*text);
  }
}

}  // namespace

bool is_list_reference(const Json& json) noexcept {
  return json.is(Json::Kind::text) && json.text.starts_with('@');
}

bool names_list(std::string_view text, const ParseScope& scope) {
  if (!text.starts_with('@')) return false;
  text.remove_prefix(1);
  return scope.lists.contains(text) || BuiltinList::find(text) != nullptr;
}

std::optional<ListReference> find_list(const Node& node, ParseScope& scope) {
  const std::string_view name = std::string_view(node.json().text).substr(1);
  ListReference reference;
  if (const auto own = scope.lists.find(name); own != scope.lists.end()) {
    // Each use gets its own copy, and later its own lookup table: without a limit 1 MiB of text could ask for
    // gigabytes.
    if (own->second.size() > scope.list_values_left) {
      if (!scope.exhausted) {
        scope.log.error(node,
                        "the rule set's lists amount to more than " + std::to_string(kMaxListValues) +
                            " values over all the places that use them",
                        "Name a condition that several rules ask as a segment.", sqlstate::kLimitExceeded);
      }
      scope.exhausted = true;
      return std::nullopt;
    }
    scope.list_values_left -= own->second.size();
    reference.own = &own->second;
    return reference;
  }
  reference.builtin = BuiltinList::find(name);
  if (reference.builtin != nullptr) return reference;
  unknown_list(node, name, scope);
  return std::nullopt;
}

void parse_lists(const Node& node, ParseScope& scope) {
  if (!node.is(Json::Kind::object)) {
    wrong_kind(node, scope.log, "an object of lists");
    return;
  }
  find_duplicates(node, scope.log);
  for (const auto& member : node.json().members) {
    checkpoint();
    const Node list = node.member(member);
    const std::string_view name = member.first;
    if (is_blank(name) || name.starts_with('@')) {
      scope.log.error(
          list, quoted(name) + " is not a name for a list",
          is_blank(name) ? "" : "Leave the \"@\" away here; it is written where the list is used.");
      continue;
    }
    scope.lists.try_emplace(name, parse_list(list, scope));
  }
  // Only now are all names known.
  for (const auto& member : node.json().members) {
    const Node list = node.member(member);
    for (std::size_t i = 0; i < list.json().items.size(); ++i) {
      const Node item = list.item(i);
      if (item.is(Json::Kind::text) && names_list(item.json().text, scope)) {
        scope.log.error(item, "a list cannot hold another list", "Write out the values.");
      }
    }
  }
}

KindSet parse_kinds(const Node& node, ParseScope& scope) {
  KindSet set;
  if (node.is(Json::Kind::array)) {
    for (std::size_t i = 0; i < node.json().items.size(); ++i) {
      const Node item = node.item(i);
      parse_kind(item, set, scope);
    }
    return set;
  }
  if (!node.is(Json::Kind::text)) {
    wrong_kind(node, scope.log, "a kind, an array of kinds, \"@list\" or \"*\"");
    return set;
  }
  const std::string& text = node.json().text;
  if (text == "*") {
    set.every = true;
  } else if (is_list_reference(node.json())) {
    const auto list = find_list(node, scope);
    if (list && list->own != nullptr) {
      set.kinds = *list->own;
      set.list_name = text.substr(1);
    } else if (list) {
      scope.log.error(node, quoted(text) + " is not a list of kinds");
    }
  } else {
    parse_kind(node, set, scope);
  }
  return set;
}

}  // namespace leadscore
