// Finding many patterns in one text in one pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace leadscore {

/// A trie of byte strings that is walked along a text: from one end while it goes (how starts_with and
/// ends_with are found), or everywhere at once as the automaton of Aho & Corasick, "Efficient string
/// matching: an aid to bibliographic search", CACM 18(6), 1975. Transitions are a table by state and class of
/// byte while that stays small, else the trie itself with failure links. Upper-case ASCII in a text counts as
/// lower case, so that ASCII texts need no folding.
class Automaton {
 public:
  enum class Mode : std::uint8_t { from_start, from_end, anywhere };
  static constexpr std::uint32_t kNone = UINT32_MAX;

  explicit Automaton(Mode mode) : mode_(mode) {}

  /// Adds a folded pattern, not empty; equal patterns get equal numbers (0, 1, ...). `positional`: each
  /// occurrence is wanted, not only the first.
  std::uint32_t add(std::string_view pattern, bool positional);
  /// `table_cells`: the most that the transition table may have; what it takes is subtracted.
  void build(std::size_t& table_cells);

  bool empty() const noexcept { return patterns_ == 0; }
  std::uint32_t patterns() const noexcept { return patterns_; }

  /// Calls found(pattern, begin, end) for occurrences in `text`, at least for the first of each pattern and
  /// for all of positional ones. Not thread-safe.
  template <typename Found>
  void scan(std::string_view text, Found found);

 private:
  struct Node {
    std::uint32_t first_child = 0, sibling = 0, fail = 0, pattern = kNone, depth = 0;
    std::uint8_t byte = 0;
  };
  /// What ends in a state: its own pattern or that of the nearest suffix that is one, and where the chain
  /// goes on.
  struct Output {
    std::uint32_t pattern, length, next;
    std::uint32_t seen = 0;   // last scan that went down from here
    bool positional = false;  // some pattern of the chain is
  };

  std::uint32_t child(std::uint32_t node, std::uint8_t byte) const noexcept {
    std::uint32_t c = nodes_[node].first_child;
    while (c != 0 && nodes_[c].byte != byte) c = nodes_[c].sibling;
    return c;
  }
  std::uint32_t step(std::uint32_t node, std::uint8_t byte) const noexcept;
  void link(std::vector<std::uint32_t>& order);
  void fill_table(const std::vector<std::uint32_t>& order);
  void next_scan();
  void begin_chunk() const;

  template <typename Found>
  void report(std::uint32_t output, std::size_t end, Found& found) {
    while (output != kNone) {
      Output& out = outputs_[output];
      if (out.seen == scan_ && !out.positional) return;
      out.seen = scan_;
      found(out.pattern, end - out.length, end);
      output = out.next;
    }
  }

  Mode mode_;
  std::uint32_t patterns_ = 0;
  std::vector<std::pair<std::uint32_t, bool>> pattern_of_;  // by pattern: length, positional
  std::vector<Node> nodes_{1};
  std::vector<std::uint32_t> output_of_;  // by node (no table) or by output state (table)
  std::vector<Output> outputs_;
  std::uint8_t class_of_[256] = {};
  std::uint32_t classes_ = 1;
  std::vector<std::uint32_t> table_;  // state * classes_ + class -> state * classes_
  std::uint32_t root_ = 0;
  std::uint32_t first_output_ = 0;  // states from here on end a pattern
  std::uint32_t scan_ = 0;
};

template <typename Found>
void Automaton::scan(std::string_view text, Found found) {
  constexpr std::size_t kChunk = 16'384;
  next_scan();
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const std::size_t size = text.size();
  if (mode_ != Mode::anywhere) {
    const bool forward = mode_ == Mode::from_start;
    std::uint32_t node = 0;
    for (std::size_t i = 0; i < size; ++i) {
      std::uint8_t byte = forward ? bytes[i] : bytes[size - 1 - i];
      if (byte >= 'A' && byte <= 'Z') byte |= 0x20;
      node = child(node, byte);
      if (node == 0) return;
      if (nodes_[node].pattern != kNone) {
        if (forward) {
          found(nodes_[node].pattern, std::size_t{0}, i + 1);
        } else {
          found(nodes_[node].pattern, size - 1 - i, size);
        }
      }
    }
    return;
  }
  if (!table_.empty()) {
    const std::uint32_t* const table = table_.data();  // in registers, whatever `found` does
    const std::uint32_t first_output = first_output_;
    std::uint32_t state = root_;
    for (std::size_t begin = 0; begin < size; begin += kChunk) {
      if (begin != 0) begin_chunk();
      const std::size_t end = size - begin < kChunk ? size : begin + kChunk;
      for (std::size_t i = begin; i < end; ++i) {
        state = table[state + class_of_[bytes[i]]];
        if (state >= first_output) [[unlikely]] {
          report(output_of_[(state - first_output) / classes_], i + 1, found);
        }
      }
    }
    return;
  }
  std::uint32_t node = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (i % kChunk == kChunk - 1) begin_chunk();
    std::uint8_t byte = bytes[i];
    if (byte >= 'A' && byte <= 'Z') byte |= 0x20;
    node = step(node, byte);
    report(output_of_[node], i + 1, found);
  }
}

}  // namespace leadscore
