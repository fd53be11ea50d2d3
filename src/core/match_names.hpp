// Names in a text field's values: hosts of e-mail addresses and URLs, mailbox names, elements of arrays.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/builtin_lists.hpp"
#include "core/clock.hpp"
#include "core/condition.hpp"
#include "core/match_atoms.hpp"
#include "core/match_text_table.hpp"
#include "core/text.hpp"
#include "core/value.hpp"

namespace leadscore {

/// `domain`: the host is a name or below it. Names of more than 255 bytes, which no host has, match nothing.
class DomainTests {
 public:
  void add(std::string_view name, std::uint32_t atom, Accents accents);
  void add(const BuiltinList& list, std::uint32_t atom) { lists_.push_back({&list, atom}); }
  void build() { atoms_.build(names_.size()); }
  bool empty() const noexcept { return names_.empty() && lists_.empty(); }
  void scan(std::string_view text, Folder& folder, AtomHits& hits) const;

 private:
  struct Listed {
    const BuiltinList* list;
    std::uint32_t atom;
  };
  TextTable names_;
  NumberLists atoms_;
  std::vector<Listed> lists_;
};

/// `local_part`.
class LocalPartTests {
 public:
  void add(std::string_view name, std::uint32_t atom, Accents accents) {
    atoms_.add(names_.add(folded(name, accents)), atom);
  }
  void add(const BuiltinList& list, std::uint32_t atom) { lists_.push_back({&list, atom}); }
  void build() { atoms_.build(names_.size()); }
  bool empty() const noexcept { return names_.empty() && lists_.empty(); }
  void scan(std::string_view text, Folder& folder, AtomHits& hits) const;

 private:
  struct Listed {
    const BuiltinList* list;
    std::uint32_t atom;
  };
  TextTable names_;
  NumberLists atoms_;
  std::vector<Listed> lists_;
};

/// `has`: an element equals one of the arguments, each compared with elements of its own type.
class ElementTests {
 public:
  /// `as_instant`: the array is one of instants.
  void add(const Literal& literal, bool as_instant, std::uint32_t atom, Accents accents);
  void build();
  bool empty() const noexcept { return empty_; }
  /// One element that is not text, or is one that is not blank.
  void scan(const Value& element, Folder& folder, AtomHits& hits) const;

 private:
  template <typename T>
  struct Entry {
    T value;
    std::uint32_t atom;
  };
  bool empty_ = true;
  TextTable texts_;
  NumberLists atoms_;
  std::vector<Entry<double>> numbers_;
  std::vector<Entry<Micros>> instants_;
  std::vector<std::uint32_t> booleans_[2];
};

}  // namespace leadscore
