// The tree of a condition: all, any, not, segment, and what is asked of fields.
#include <iterator>

#include "core/parse_scope.hpp"

namespace leadscore {
namespace {

/// A column may bear one of the tree's own words.
std::string column_hint(std::string_view name) {
  return "A column named \"" + std::string(name) + "\" is written \"." + std::string(name) + "\".";
}

Condition parse_children(const Node& node, Condition::Kind kind, Subject subject, ParseScope& scope) {
  Condition result;
  result.kind = kind;
  if (!node.is(Json::Kind::array)) {
    wrong_kind(node, scope.log, "an array of conditions", column_hint(node.name()));
    return result;
  }
  const std::size_t errors = scope.log.errors();
  bool child_never = false;
  for (std::size_t i = 0; i < node.json().items.size(); ++i) {
    const Node item = node.item(i);
    result.children.push_back(parse_condition(item, subject, scope));
    child_never |= truth_of(result.children.back(), scope.segment_truths) == Truth::never;
  }
  if (result.children.empty()) {
    scope.log.warning(
        node, kind == Condition::Kind::all ? "is empty: it always holds" : "is empty: it never holds");
  } else if (kind == Condition::Kind::all && !child_never && errors == scope.log.errors() &&
             contradict(result.children)) {
    scope.log.warning(node, "never holds: its conditions contradict each other");
  }
  return result;
}

Condition parse_segment(const Node& node, Subject subject, ParseScope& scope) {
  Condition result;
  result.kind = Condition::Kind::segment;
  if (!node.is(Json::Kind::text)) {
    wrong_kind(
        node, scope.log, "the name of a segment",
        node.is(Json::Kind::array)
            ? "For one of several segments write {\"any\": [{\"segment\": \"a\"}, {\"segment\": \"b\"}]}."
            : column_hint("segment"));
    return result;
  }
  const std::string& name = node.json().text;
  if (subject == Subject::activity) {
    scope.log.error(node, "a segment is about the lead and cannot be asked of an activity",
                    "Put it into the rule's \"when\".");
    return result;
  }
  const auto found = scope.segments.find(name);
  const std::size_t already_read = scope.segment_truths.size();
  if (found == scope.segments.end()) {
    scope.log.error(node, "unknown segment " + quoted(name), near_name(name, scope.segments, scope.log));
  } else if (found->second >= already_read) {
    scope.log.error(
        node,
        "segment " + quoted(name) + (found->second == already_read ? " uses itself" : " is written later"),
        "A segment may use only segments written before it.");
  } else {
    result.segment = found->second;
  }
  return result;
}

Condition parse_negation(const Node& node, Subject subject, ParseScope& scope) {
  Condition result;
  result.kind = Condition::Kind::negation;
  if (node.is(Json::Kind::object)) {
    result.children.push_back(parse_condition(node, subject, scope));
  } else {
    wrong_kind(node, scope.log, "a condition",
               node.is(Json::Kind::array) ? "For none of several write {\"not\": {\"any\": [...]}}."
                                          : column_hint("not"));
    result.children.emplace_back();
  }
  return result;
}

Condition parse_member(const Node& node, Subject subject, ParseScope& scope) {
  const std::string_view name = node.name();
  if (name == "all") return parse_children(node, Condition::Kind::all, subject, scope);
  if (name == "any") return parse_children(node, Condition::Kind::any, subject, scope);
  if (name == "not") return parse_negation(node, subject, scope);
  if (name == "segment") return parse_segment(node, subject, scope);
  const auto field = read_field_name(name, node, scope.log);
  return parse_field_condition(node, field.value_or(std::string()), scope);
}

bool is_word_of_the_tree(std::string_view name) {
  return name == "all" || name == "any" || name == "not" || name == "segment";
}

}  // namespace

Condition parse_condition(const Node& node, Subject subject, ParseScope& scope) {
  checkpoint();
  Condition result;
  if (!node.is(Json::Kind::object)) {
    wrong_kind(node, scope.log, "a condition (an object)",
               node.is(Json::Kind::array)
                   ? "For several conditions write {\"all\": [...]} or {\"any\": [...]}."
                   : "For example {\"country\": \"NL\"}.");
    return result;
  }
  if (node.depth() > kMaxNesting) {
    scope.log.error(node, "is nested too deeply", {}, sqlstate::kLimitExceeded);
    return result;
  }
  const std::size_t errors = scope.log.errors();
  find_duplicates(node, scope.log);
  const auto& members = node.json().members;
  if (members.empty()) {
    scope.log.warning(node, "an empty condition always holds");
    return result;
  }
  bool part_never = false;
  for (const auto& member : members) {
    const Node child = node.member(member);
    Condition part = parse_member(child, subject, scope);
    if (members.size() == 1) return part;
    part_never |= truth_of(part, scope.segment_truths) == Truth::never;
    if (part.kind == Condition::Kind::all && !is_word_of_the_tree(member.first)) {
      // Several operators on one field: they are asked beside the other members, not below them.
      std::move(part.children.begin(), part.children.end(), std::back_inserter(result.children));
    } else {
      result.children.push_back(std::move(part));
    }
  }
  if (!part_never && errors == scope.log.errors() && contradict(result.children)) {
    scope.log.warning(node, "never holds: its members contradict each other");
  }
  return result;
}

}  // namespace leadscore
