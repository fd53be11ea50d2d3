// Hosts and mailbox names in what people enter as an e-mail address or a web site.
#include <algorithm>

#include "core/text.hpp"

namespace leadscore {
namespace {

constexpr std::string_view kSpaces = " \t\n\v\f\r";
constexpr std::size_t kNone = std::string_view::npos;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool has_space(std::string_view text) noexcept {
  return text.find_first_of(kSpaces) != kNone || text.find("\u00A0") != kNone;
}

std::string_view without_trailing_dots(std::string_view host) noexcept {
  while (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

/// The host at the head of "host:port"; `port` is what follows the colon.
std::string_view split_port(std::string_view authority, std::string_view& port) noexcept {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  const std::size_t colon = authority.find(':');
  if (colon != kNone) port = authority.substr(colon + 1);
  return without_trailing_dots(authority.substr(0, colon));
}

/// The host of what follows "//" in a URL.
std::string_view url_host(std::string_view rest) noexcept {
  std::string_view authority = rest.substr(0, rest.find_first_of("/?#\\ \t\n\v\f\r"));
  const std::size_t at = authority.rfind('@');
  if (at != kNone) authority.remove_prefix(at + 1);
  std::string_view port;
  return split_port(authority, port);
}

struct Address {
  std::string_view local, host;
};

Address mailbox(std::string_view text) noexcept {
  // Of several addresses ("a@x.com; b@y.com") the first.
  text = text.substr(0, text.find_first_of(" \t\n\v\f\r,;>", text.find('@')));
  const std::size_t at = text.rfind('@');
  std::string_view local = text.substr(0, at);
  if (!local.starts_with('"') || !local.ends_with('"')) {
    const std::size_t before = local.find_last_of(" \t\n\v\f\r,;<(");
    if (before != kNone) local.remove_prefix(before + 1);
  }
  std::string_view host = text.substr(at + 1);
  host = host.starts_with('[') ? host.substr(0, host.find(']') + 1)
                               : host.substr(0, host.find_first_of("/?#\\:()<\""));
  return {local, without_trailing_dots(host)};
}

/// "acme.com:8080/contact"; but "tel:+49-30-1234", "n/a, see notes" have no host.
std::string_view bare_host(std::string_view text) noexcept {
  if (has_space(text)) return {};
  std::string_view port;
  const std::string_view host = split_port(text.substr(0, text.find_first_of("/?#\\")), port);
  const bool is_name = host.find_first_of("<>(),;\"") == kNone;
  return is_name && std::all_of(port.begin(), port.end(), is_digit) ? host : std::string_view{};
}

bool starts_with_mailto(std::string_view text) noexcept {
  constexpr std::string_view kMailto = "mailto:";
  return text.size() >= kMailto.size() &&
         std::equal(kMailto.begin(), kMailto.end(), text.begin(),
                    [](char a, char b) { return a == b || (b >= 'A' && b <= 'Z' && a == b - 'A' + 'a'); });
}

Address parse(std::string_view text) noexcept {
  text = trimmed(text);
  if (text.ends_with('>')) {
    const std::size_t open = text.rfind('<');
    if (open != kNone) text = trimmed(text.substr(open + 1, text.size() - open - 2));
  }
  if (starts_with_mailto(text)) {
    text.remove_prefix(std::string_view("mailto:").size());
    text = text.substr(0, text.find('?'));
    return text.find('@') == kNone ? Address{} : mailbox(text);
  }
  if (text.starts_with("//")) return {{}, url_host(text.substr(2))};

  // The first of these says what the text is: a later "://" or '@' belongs to a path ("acme.com/@ann") or a
  // query ("acme.com/login?next=https://…"). Only before an '@' a '/' may be part of a mailbox's name, if no
  // host stands before it.
  const std::size_t scheme_end = text.find("://");
  const std::size_t delimiter = text.find_first_of("/?#@\\");
  if (scheme_end != kNone && delimiter == scheme_end + 1) return {{}, url_host(text.substr(scheme_end + 3))};
  const std::size_t at = text.find('@');
  if (at != kNone && (delimiter == at || text.substr(0, delimiter).find('.') == kNone)) return mailbox(text);
  return {{}, bare_host(text)};
}

}  // namespace

std::string_view host_of(std::string_view text) noexcept { return parse(text).host; }

std::string_view local_part_of(std::string_view text) noexcept { return parse(text).local; }

}  // namespace leadscore
