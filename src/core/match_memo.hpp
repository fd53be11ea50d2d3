// What recent texts of a field came to. Columns of a CRM repeat few values (country, industry, job title), so
// that most rows need no folding and no scan.
#pragma once

#include <algorithm>
#include <bit>
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

  /// A text of up to kWhole bytes is wholly in its words; of a longer one they hold a hash, and the text lies
  /// in texts_.
  struct Key {
    std::uint64_t a = 0, b = 0, c = 0, d = 0;
    std::uint32_t size = 0;  // 0: free

    bool operator==(const Key& other) const noexcept {
      // One comparison, for one branch.
      return ((a ^ other.a) | (b ^ other.b) | (c ^ other.c) | (d ^ other.d) | (size ^ other.size)) == 0;
    }
  };
  static constexpr std::size_t kWhole = 32;

  /// A remembered text and what most fields need of its outcome, in one line of the cache.
  struct alignas(64) Slot {
    Key key;
    std::uint32_t value_class = 0;
    double sum = 0;  ///< the first of the sums
    Micros instant = 0;
    bool reads_as_instant = false, listed = false;
  };

  /// `bytes`: the most that it may grow to. It allocates at first use, and nothing where bytes are too few.
  void configure(std::size_t columns, std::size_t bytes);

  /// The outcome of `text` (not empty), until the next store(), or nullptr where it is not known.
  [[gnu::always_inline]] const Slot* find(std::string_view text) {
    if (paused_ > 0) {
      --paused_;
      return nullptr;
    }
    if (text.size() > kLongestText || (mask_ == 0 && !allocate())) return nullptr;
    if (++looks_ == kTrial) judge();
    const Key key = key_of(text);
    const std::size_t first = hash_of(key) & mask_;
    const Slot* slot = &slots_[first];
    if (!(slot->key == key)) slot = &slots_[first ^ 1];
    if (slot->key == key && (key.size <= kWhole || has_text(*slot, text))) [[likely]] {
      return slot;
    }
    miss(key, first);
    return nullptr;
  }
  const double* sums(const Slot& slot) const noexcept {
    return columns_ <= 1 ? &slot.sum : sums_.data() + number_of(slot) * columns_;
  }
  OutcomeView view(const Slot& slot) const noexcept {
    OutcomeView outcome;
    outcome.value_class = slot.value_class;
    outcome.reads_as_instant = slot.reads_as_instant;
    outcome.instant = slot.instant;
    outcome.sums = sums(slot);
    if (slot.listed) {
      const Lists& lists = lists_[number_of(slot)];
      outcome.hits = &lists.hits;
      outcome.atoms = &lists.atoms;
    }
    return outcome;
  }
  /// Would store() remember anything?
  bool has_missed() const noexcept { return missed_; }
  /// Remembers the outcome of the text that find() did not know just before.
  void store(std::string_view text, const FieldOutcome& outcome);

 private:
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
    // Loads that overlap: together they see every byte. Few branches, as lengths are as good as random.
    const char* const at = text.data();
    const std::size_t size = text.size();
    Key key;
    key.size = static_cast<std::uint32_t>(size);
    if (size >= 8 && size <= kWhole) [[likely]] {
      key.a = load<std::uint64_t>(at);
      key.b = load<std::uint64_t>(at + size - 8);
      key.c = load<std::uint64_t>(at + std::min<std::size_t>(size - 8, 8));
      key.d = load<std::uint64_t>(at + (std::max<std::size_t>(size, 16) - 16));
    } else if (size > kWhole) {
      key.a = hash_of(text);
    } else if (size >= 4) {
      key.a = load<std::uint32_t>(at);
      key.b = load<std::uint32_t>(at + size - 4);
    } else {
      key.a = load<std::uint8_t>(at);
      key.b = load<std::uint8_t>(at + size / 2);
      key.c = load<std::uint8_t>(at + size - 1);
    }
    return key;
  }
  static std::size_t hash_of(const Key& key) noexcept {
    // One multiplication of which the middle bits depend on all of the input (as in wyhash and XXH3).
    __extension__ using Product = unsigned __int128;
    const Product product = static_cast<Product>(key.a ^ std::rotl(key.c, 29) ^ 0x9E37'79B9'7F4A'7C15) *
                            (key.b ^ std::rotl(key.d, 41) ^ 0xC2B2'AE3D'27D4'EB4F ^ key.size);
    return static_cast<std::size_t>(static_cast<std::uint64_t>(product >> 64) ^
                                    static_cast<std::uint64_t>(product));
  }
  bool has_text(const Slot& slot, std::string_view text) const noexcept {
    return std::memcmp(texts_.data() + number_of(slot) * kLongestText, text.data(), text.size()) == 0;
  }
  std::size_t number_of(const Slot& slot) const noexcept {
    return static_cast<std::size_t>(&slot - slots_.data());
  }
  static std::uint64_t hash_of(std::string_view text) noexcept;
  bool allocate();
  void miss(const Key& key, std::size_t first) noexcept;
  void judge() noexcept;

  // What find() reads comes first.
  std::uint32_t paused_ = 0, looks_ = 0, misses_ = 0;
  bool missed_ = false;
  std::size_t mask_ = 0;  // of slots_; 0: not allocated yet
  std::vector<Slot> slots_;
  // By slot, of what not every field needs; empty until one does.
  std::vector<double> sums_;
  std::vector<char> texts_;
  std::vector<Lists> lists_;
  std::size_t columns_ = 0;
  std::size_t wanted_ = 0;  // slots; a power of two, or 0: never on
  Key key_;                 // of the text that was missed
  std::size_t first_ = 0;   // its first way
};

}  // namespace leadscore
