// What recent texts of a field came to. Columns of a CRM repeat few values (country, industry, job title), so
// that most rows need no folding and no scan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/matcher.hpp"

namespace leadscore {

/// What one value of a field comes to, as far as that is known from the value alone.
struct FieldOutcome {
  std::uint32_t value_class = 0;
  bool reads_as_instant = false;  ///< of a jsonb text that serves the time operators …
  Micros instant = 0;             ///< … and what it reads as
  std::vector<double> sums;       ///< by the field's columns
  std::vector<Match> hits;
  std::vector<std::uint32_t> atoms;  ///< those that programs of several fields read

  void clear(std::size_t columns) {
    reads_as_instant = false;
    sums.assign(columns, 0.0);
    hits.clear();
    atoms.clear();
  }
};

/// An outcome where it lies.
struct OutcomeView {
  std::uint32_t value_class = 0;
  bool reads_as_instant = false;
  Micros instant = 0;
  const double* sums = nullptr;
  const std::vector<Match>* hits = nullptr;           ///< nullptr: none
  const std::vector<std::uint32_t>* atoms = nullptr;  ///< nullptr: none

  OutcomeView() = default;
  explicit OutcomeView(const FieldOutcome& o) noexcept
      : value_class(o.value_class),
        reads_as_instant(o.reads_as_instant),
        instant(o.instant),
        sums(o.sums.data()),
        hits(&o.hits),
        atoms(&o.atoms) {}
};

/// A two-way associative cache by the raw bytes. It switches itself off for a while where values hardly
/// repeat.
class TextMemo {
 public:
  static constexpr std::size_t kLongestText = 64;

  /// `bytes`: the most that it may grow to. It allocates at first use, and nothing where bytes are too few.
  void configure(std::size_t columns, std::size_t bytes);

  static constexpr std::size_t kUnknown = SIZE_MAX;

  /// Where the outcome of `text` (not empty) is, until the next store(), or kUnknown.
  std::size_t find(std::string_view text) {
    if (paused_ > 0) {
      --paused_;
      return kUnknown;
    }
    if (text.size() > kLongestText || (mask_ == 0 && !allocate())) return kUnknown;
    const Key key = key_of(text);
    const std::size_t first = hash_of(key) & mask_;
    // Both ways are compared and one branch decides, as which of them it is can't be predicted.
    const std::size_t one = index_[first], other = index_[first ^ 1];
    const bool in_first = same(slots_[one].key, key), in_second = same(slots_[other].key, key);
    const std::size_t slot = in_first ? one : other;
    if (++looks_ == kTrial) judge();
    if ((in_first | in_second) && (key.size <= 16 || std::memcmp(texts_.data() + slot * kLongestText,
                                                                 text.data(), text.size()) == 0)) [[likely]] {
      return slot;
    }
    ++misses_;
    key_ = key;
    first_ = first;
    missed_ = true;
    return kUnknown;
  }
  const double* sums(std::size_t slot) const noexcept { return sums_.data() + slot * columns_; }
  OutcomeView view(std::size_t slot) const noexcept {
    const Slot& found = slots_[slot];
    OutcomeView outcome;
    outcome.value_class = found.value_class;
    outcome.reads_as_instant = found.reads_as_instant;
    outcome.instant = found.instant;
    outcome.sums = sums(slot);
    if (found.listed) {
      outcome.hits = &lists_[slot].hits;
      outcome.atoms = &lists_[slot].atoms;
    }
    return outcome;
  }
  /// Remembers the outcome of the text that find() did not know just before.
  void store(std::string_view text, const FieldOutcome& outcome);

 private:
  /// A text of up to 16 bytes is wholly in its words; of a longer one they hold a hash, and the text lies in
  /// texts_.
  struct Key {
    std::uint64_t words[2] = {0, 0};
    std::uint32_t size = 0;  // 0: free
  };
  struct Slot {
    Key key;
    std::uint32_t value_class = 0;
    bool reads_as_instant = false, listed = false;
    Micros instant = 0;
  };
  struct Lists {
    std::vector<Match> hits;
    std::vector<std::uint32_t> atoms;
  };
  static constexpr std::uint32_t kTrial = 1024;  // looks between two verdicts

  template <typename T>
  static std::uint64_t load(const char* at) noexcept {
    T word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
  }
  static Key key_of(std::string_view text) noexcept {
    // Loads that overlap: whatever the length, two of them see every byte.
    const char* at = text.data();
    const std::size_t size = text.size();
    Key key;
    key.size = static_cast<std::uint32_t>(size);
    if (size > 16) {
      key.words[0] = hash_of(text);
      key.words[1] = load<std::uint64_t>(at + size - 8);
    } else if (size >= 8) {
      key.words[0] = load<std::uint64_t>(at);
      key.words[1] = load<std::uint64_t>(at + size - 8);
    } else if (size >= 4) {
      key.words[0] = load<std::uint32_t>(at);
      key.words[1] = load<std::uint32_t>(at + size - 4);
    } else if (size >= 2) {
      key.words[0] = load<std::uint16_t>(at);
      key.words[1] = load<std::uint16_t>(at + size - 2);
    } else {
      key.words[0] = static_cast<unsigned char>(*at);
    }
    return key;
  }
  static std::size_t hash_of(const Key& key) noexcept {
    // One multiplication of which the middle bits depend on all of the input (as in wyhash and XXH3).
    __extension__ using Product = unsigned __int128;
    const Product product = static_cast<Product>(key.words[0] ^ 0x9E37'79B9'7F4A'7C15) *
                            (key.words[1] ^ 0xC2B2'AE3D'27D4'EB4F ^ key.size);
    return static_cast<std::size_t>(static_cast<std::uint64_t>(product >> 64) ^
                                    static_cast<std::uint64_t>(product));
  }
  static bool same(const Key& a, const Key& b) noexcept {
    return ((a.words[0] ^ b.words[0]) | (a.words[1] ^ b.words[1]) | (a.size ^ b.size)) == 0;
  }
  static std::uint64_t hash_of(std::string_view text) noexcept;
  bool allocate();
  std::uint16_t add_slot();
  void judge() noexcept;

  std::vector<std::uint16_t> index_;  // slot by hash; 0: none
  // By slot, in the order of arrival: few values lie close together. Slot 0 stays free. Arrays of their own
  // for what not every field needs.
  std::vector<Slot> slots_;
  std::vector<double> sums_;
  std::vector<char> texts_;
  std::vector<Lists> lists_;
  std::size_t columns_ = 0;
  std::size_t mask_ = 0;    // of index_; 0: not allocated yet
  std::size_t wanted_ = 0;  // slots; a power of two, or 0: never on
  Key key_;                 // of the text that was missed
  std::size_t first_ = 0;   // its first way
  bool missed_ = false;
  std::uint32_t looks_ = 0, misses_ = 0, paused_ = 0;
};

}  // namespace leadscore
