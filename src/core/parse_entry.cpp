// The texts that text operators look for: what would always or never be found, domains, regular expressions.
#include <re2/re2.h>

#include <algorithm>

#include "core/parse_scope.hpp"
#include "core/text.hpp"

namespace leadscore {
namespace {

/// `"x"`, or `"x" of list "competitors"`.
std::string entry_name(const std::string& text, std::string_view list) {
  std::string name = quoted(text);
  if (!list.empty()) name += " of list " + quoted(list);
  return name;
}

bool check_words(const Node& node, const std::string& text, const std::string& fold, std::string_view list,
                 ParseScope& scope) {
  if (fold.find_first_not_of("* \t\n") == std::string::npos) {
    scope.log.error(node, entry_name(text, list) + " has no word in it");
    return false;
  }
  const std::size_t star = fold.find('*');
  if (star != std::string::npos && star + 1 != fold.size()) {
    scope.log.warning(node, "the \"*\" in " + entry_name(text, list) + " is looked for as it is",
                      "Only a \"*\" at the end lets the last word go on.");
  }
  return true;
}

bool check_domain(const Node& node, const std::string& text, std::string_view list, ParseScope& scope) {
  std::string_view name = trimmed(text);
  if (name.starts_with("*")) name.remove_prefix(1);
  if (name.starts_with(".")) name.remove_prefix(1);
  const std::string_view host = host_of(name);
  const bool plain = host == text && host.find_first_of(" \t\n*@/:") == std::string_view::npos;
  if (plain) return true;
  std::string hint = "Write the name alone, like \"acme.com\"; what is below it (mail.acme.com) counts too.";
  if (!host.empty() && host.find_first_of(" \t\n*@/:") == std::string_view::npos) {
    hint = "Write " + quoted(host) + "; what is below it counts too.";
  }
  scope.log.error(node, entry_name(text, list) + " is not a domain", std::move(hint));
  return false;
}

bool check_local_part(const Node& node, const std::string& text, std::string_view list, ParseScope& scope) {
  const std::size_t at = text.find('@');
  if (at == std::string::npos) return true;
  scope.log.error(node, entry_name(text, list) + " is not the part of an address before the @",
                  at > 0 ? "Write " + quoted(std::string_view(text).substr(0, at)) + "." : std::string());
  return false;
}

bool check_pattern(const Node& node, const std::string& text, std::string_view list, ParseScope& scope) {
  // What a pattern that is refused may have cost.
  constexpr std::size_t kRefused = 10'000;
  constexpr std::string_view kSyntax =
      "Patterns are written in RE2 syntax: it has no look-around and no backreferences.";
  checkpoint();
  if (text.empty()) {
    scope.log.error(node, "an empty pattern would match everything");
    return false;
  }
  if (scope.exhausted) return false;
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  const RE2 pattern(text, options);
  std::size_t size = kRefused;
  if (pattern.ok()) {
    size = static_cast<std::size_t>(std::max(pattern.ProgramSize(), 1));
  } else {
    if (pattern.error_code() != RE2::ErrorPatternTooLarge) size = text.size();
    // RE2 quotes what it stumbled over, which may be long.
    const std::string reason = pattern.error().substr(0, 200);
    scope.log.error(node,
                    "pattern " + entry_name(text, list) +
                        " is not valid: " + (is_utf8(reason) ? reason : std::string("it is too long")),
                    std::string(kSyntax));
  }
  if (size > scope.pattern_size_left) {
    scope.exhausted = true;
    scope.log.error(node, "the rule set's patterns are too many and too large", {}, sqlstate::kLimitExceeded);
    return false;
  }
  scope.pattern_size_left -= size;
  return pattern.ok();
}

}  // namespace

bool check_entry(const Node& node, Op op, const std::string& text, std::string_view list, ParseScope& scope) {
  if (op == Op::matches) return check_pattern(node, text, list, scope);
  const std::string fold = folded(text, scope.accents);
  if (is_blank(fold)) {
    scope.log.error(node, list.empty() ? "must not be blank" : entry_name(text, list) + " is blank");
    return false;
  }
  switch (op) {
    case Op::words:
      return check_words(node, text, fold, list, scope);
    case Op::domain:
      return check_domain(node, text, list, scope);
    case Op::local_part:
      return check_local_part(node, text, list, scope);
    default:
      return true;
  }
}

}  // namespace leadscore
