// Look-ups of names: one hash probe for each label of a host, each mailbox name, each element.
#include "core/match_names.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

namespace leadscore {
namespace {

constexpr std::size_t kLongestHost = 255;  // RFC 1035, 2.3.4

}  // namespace

void DomainTests::add(std::string_view name, std::uint32_t atom, Accents accents) {
  // People write "acme.com", "@acme.com", "*.acme.com" and "https://acme.com/" for the same thing.
  std::string_view host = host_of(name);
  if (host.empty()) host = trimmed(name);
  while (!host.empty() && (host.front() == '@' || host.front() == '*' || host.front() == '.'))
    host.remove_prefix(1);
  while (host.ends_with('.')) host.remove_suffix(1);
  atoms_.add(names_.add(folded(host, accents)), atom);
}

void DomainTests::scan(std::string_view text, Folder& folder, AtomHits& hits) const {
  const std::string_view raw = host_of(text);
  if (raw.empty()) return;
  const std::string_view host = folder.fold(raw);
  // From the last label on, so that a hostile host of a million labels costs no more than a long one.
  std::size_t begin = host.size();
  while (begin > 0) {
    const std::size_t dot = host.rfind('.', begin - 1);
    begin = dot == std::string_view::npos ? 0 : dot + 1;
    const std::string_view name = host.substr(begin);
    if (name.size() > kLongestHost) break;
    if (const std::uint32_t found = names_.find(name); found != TextTable::kNone) {
      hits.hit(atoms_.begin(found), atoms_.end(found));
    }
    for (const Listed& listed : lists_) {
      if (!hits.is_hit(listed.atom) && listed.list->contains(name)) hits.hit(listed.atom);
    }
    if (dot == std::string_view::npos) break;
    begin = dot;
  }
}

void LocalPartTests::scan(std::string_view text, Folder& folder, AtomHits& hits) const {
  const std::string_view raw = local_part_of(text);
  if (raw.empty()) return;
  const std::string_view name = folder.fold(raw);
  if (const std::uint32_t found = names_.find(name); found != TextTable::kNone) {
    hits.hit(atoms_.begin(found), atoms_.end(found));
  }
  for (const Listed& listed : lists_) {
    if (!hits.is_hit(listed.atom) && listed.list->contains(name)) hits.hit(listed.atom);
  }
}

void ElementTests::add(const Literal& literal, bool as_instant, std::uint32_t atom, Accents accents) {
  empty_ = false;
  switch (literal.kind) {
    case Literal::Kind::boolean:
      booleans_[literal.boolean ? 1 : 0].push_back(atom);
      break;
    case Literal::Kind::number:
      numbers_.push_back({literal.number, atom});
      break;
    case Literal::Kind::text:
      if (as_instant) {
        instants_.push_back({literal.instant, atom});
      } else {
        atoms_.add(texts_.add(folded(literal.text, accents)), atom);
      }
      break;
  }
}

void ElementTests::build() {
  atoms_.build(texts_.size());
  const auto by_value = [](const auto& a, const auto& b) { return a.value < b.value; };
  std::sort(numbers_.begin(), numbers_.end(), by_value);
  std::sort(instants_.begin(), instants_.end(), by_value);
}

void ElementTests::scan(const Value& element, Folder& folder, AtomHits& hits) const {
  const auto find = [&hits](const auto& entries, auto value) {
    auto at = std::lower_bound(entries.begin(), entries.end(), value,
                               [](const auto& entry, auto wanted) { return entry.value < wanted; });
    for (; at != entries.end() && at->value == value; ++at) hits.hit(at->atom);
  };
  switch (element.kind) {
    case Value::Kind::boolean:
      for (const std::uint32_t atom : booleans_[element.boolean ? 1 : 0]) hits.hit(atom);
      break;
    case Value::Kind::number:
      if (!std::isnan(element.number)) find(numbers_, element.number);
      break;
    case Value::Kind::instant:
      find(instants_, element.instant);
      break;
    case Value::Kind::text:
      if (texts_.empty()) break;
      if (const std::uint32_t found = texts_.find(folder.fold(element.view())); found != TextTable::kNone) {
        hits.hit(atoms_.begin(found), atoms_.end(found));
      }
      break;
    default:
      break;
  }
}

}  // namespace leadscore
