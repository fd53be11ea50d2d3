// What recent texts of a field came to. Columns of a CRM repeat few values (country, industry, job title), so that most
// rows need no folding and no scan.
#pragma once

#include <cstddef>
#include <cstdint>
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

/// A two-way associative cache by the raw bytes. It switches itself off for a while where values hardly repeat.
class TextMemo {
 public:
  static constexpr std::size_t kLongestText = 64;

  /// `bytes`: the most that it may grow to. It allocates at first use, and nothing where bytes are too few.
  void configure(std::size_t columns, std::size_t bytes);

  /// The outcome of `text`, or nullptr.
  const FieldOutcome* find(std::string_view text);
  /// Remembers the outcome of the text that find() missed just before.
  void store(std::string_view text, const FieldOutcome& outcome);

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t size = 0;  // 0: free
    FieldOutcome outcome;
    char text[kLongestText];
  };
  void count(bool hit) noexcept;

  std::vector<Slot> slots_;
  std::size_t wanted_ = 0;   // slots; a power of two, or 0: never on
  std::uint64_t hash_ = 0;   // of the text that was missed
  bool missed_ = false;
  std::uint32_t looks_ = 0, hits_ = 0, paused_ = 0;
};

}  // namespace leadscore
