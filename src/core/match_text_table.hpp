// A set of texts, each with a number: how folded names, countries, hosts are found at once, however many
// rules name them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leadscore {

/// Texts numbered 0, 1, ... in the order of their first add. An open-addressing hash table; texts lie in one
/// buffer.
class TextTable {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  /// The number of `text`, a new one where it is not there yet.
  std::uint32_t add(std::string_view text);

  /// The number of `text` or kNone.
  std::uint32_t find(std::string_view text) const noexcept;

  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(entries_.size()); }
  bool empty() const noexcept { return entries_.empty(); }
  std::string_view text(std::uint32_t number) const noexcept {
    return std::string_view(texts_).substr(entries_[number].offset, entries_[number].size);
  }
  /// Bytes of the longest text.
  std::size_t longest() const noexcept { return longest_; }

 private:
  struct Entry {
    std::uint64_t hash;
    std::size_t offset;
    std::uint32_t size;
  };
  std::size_t slot_of(std::string_view text, std::uint64_t hash) const noexcept;

  std::vector<std::uint32_t> slots_;  // number + 1; 0: free. A power of two of them, at most half used.
  std::vector<Entry> entries_;
  std::string texts_;
  std::size_t longest_ = 0;
};

/// Lists of small numbers by number, laid out in one piece once complete.
class NumberLists {
 public:
  void add(std::uint32_t key, std::uint32_t number) { pairs_.push_back({key, number}); }
  /// Sorts and drops duplicates. No add afterwards.
  void build(std::uint32_t keys);
  const std::uint32_t* begin(std::uint32_t key) const noexcept { return numbers_.data() + offsets_[key]; }
  const std::uint32_t* end(std::uint32_t key) const noexcept { return numbers_.data() + offsets_[key + 1]; }

 private:
  struct Pair {
    std::uint32_t key, number;
    // clang-tidy takes the 0 with which its own rewriting of < compares for a pointer.
    auto operator<=>(const Pair&) const = default;  // NOLINT(modernize-use-nullptr)
  };
  std::vector<Pair> pairs_;
  std::vector<std::uint32_t> offsets_, numbers_;
};

}  // namespace leadscore
