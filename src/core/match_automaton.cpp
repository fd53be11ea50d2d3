// Building the automaton: the trie, failure links breadth first, then the table with the output states last.
#include "core/match_automaton.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace leadscore {

std::uint32_t Automaton::add(std::string_view pattern, bool positional) {
  std::uint32_t node = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const auto byte =
        static_cast<std::uint8_t>(mode_ == Mode::from_end ? pattern[pattern.size() - 1 - i] : pattern[i]);
    std::uint32_t next = child(node, byte);
    if (next == 0) {
      next = static_cast<std::uint32_t>(nodes_.size());
      Node added;
      added.byte = byte;
      added.sibling = nodes_[node].first_child;
      added.depth = nodes_[node].depth + 1;
      nodes_.push_back(added);
      nodes_[node].first_child = next;
    }
    node = next;
  }
  if (nodes_[node].pattern == kNone) {
    nodes_[node].pattern = patterns_++;
    pattern_of_.emplace_back(static_cast<std::uint32_t>(pattern.size()), false);
  }
  if (positional) pattern_of_[nodes_[node].pattern].second = true;
  return nodes_[node].pattern;
}

std::uint32_t Automaton::step(std::uint32_t node, std::uint8_t byte) const noexcept {
  for (;;) {
    const std::uint32_t next = child(node, byte);
    if (next != 0 || node == 0) return next;
    node = nodes_[node].fail;
  }
}

void Automaton::build(std::size_t& table_cells) {
  nodes_.shrink_to_fit();
  if (mode_ != Mode::anywhere || empty()) return;
  std::vector<std::uint32_t> order;
  link(order);
  for (const Node& node : nodes_) {
    if (&node != nodes_.data() && class_of_[node.byte] == 0) {
      class_of_[node.byte] = static_cast<std::uint8_t>(classes_++);
    }
  }
  // At most 254 classes are in use: UTF-8 has no bytes 0xC0, 0xC1 and 0xF5 to 0xFF. Other encodings could
  // wrap the counter, so they do without the table.
  if (classes_ > 255 || nodes_.size() > table_cells / classes_) return;
  table_cells -= nodes_.size() * classes_;
  for (int c = 'A'; c <= 'Z'; ++c) class_of_[c] = class_of_[c + 0x20];
  fill_table(order);
}

// Failure links and the chains of outputs, in breadth-first order.
void Automaton::link(std::vector<std::uint32_t>& order) {
  order.reserve(nodes_.size());
  order.push_back(0);
  output_of_.assign(nodes_.size(), kNone);
  for (std::size_t at = 0; at < order.size(); ++at) {
    if (at % 65'536 == 65'535) checkpoint();
    const std::uint32_t node = order[at];
    for (std::uint32_t c = nodes_[node].first_child; c != 0; c = nodes_[c].sibling) {
      nodes_[c].fail = node == 0 ? 0 : step(nodes_[node].fail, nodes_[c].byte);
      order.push_back(c);
    }
    const std::uint32_t inherited = node == 0 ? kNone : output_of_[nodes_[node].fail];
    output_of_[node] = inherited;
    if (const std::uint32_t pattern = nodes_[node].pattern; pattern != kNone) {
      const auto [length, positional] = pattern_of_[pattern];
      output_of_[node] = static_cast<std::uint32_t>(outputs_.size());
      outputs_.push_back({pattern, length, inherited, 0,
                          positional || (inherited != kNone && outputs_[inherited].positional)});
    }
  }
}

void Automaton::fill_table(const std::vector<std::uint32_t>& order) {
  const auto count = static_cast<std::uint32_t>(nodes_.size());
  std::vector<std::uint32_t> state_of(count);
  std::uint32_t next = 0;
  for (const std::uint32_t node : order) {
    if (output_of_[node] == kNone) state_of[node] = next++ * classes_;
  }
  first_output_ = next * classes_;
  std::vector<std::uint32_t> outputs;
  for (const std::uint32_t node : order) {
    if (output_of_[node] == kNone) continue;
    state_of[node] = next++ * classes_;
    outputs.push_back(output_of_[node]);
  }
  root_ = state_of[0];
  table_.assign(static_cast<std::size_t>(count) * classes_, root_);
  for (const std::uint32_t node : order) {
    if (node != 0) {
      // The state of the failure link is complete: it is nearer to the root.
      std::copy_n(table_.begin() + state_of[nodes_[node].fail], classes_, table_.begin() + state_of[node]);
    }
    for (std::uint32_t c = nodes_[node].first_child; c != 0; c = nodes_[c].sibling) {
      table_[state_of[node] + class_of_[nodes_[c].byte]] = state_of[c];
    }
  }
  output_of_ = std::move(outputs);
  nodes_ = {};
  nodes_.shrink_to_fit();
}

void Automaton::next_scan() {
  if (++scan_ != 0) return;
  for (Output& output : outputs_) output.seen = 0;
  scan_ = 1;
}

void Automaton::begin_chunk() const { checkpoint(); }

}  // namespace leadscore
