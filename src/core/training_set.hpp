// The leads that a fit learns from: what each has of the rule set's parameters, and how it ended. Leads that
// have the same are kept once, with how many of them were won and lost; in the end they stand in an order of
// their own, so that whatever is computed of them depends on no order of rows, to the last bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/parameters.hpp"

namespace leadscore {

/// What a training set may take, in bytes.
inline constexpr std::size_t kMaxTrainingBytes = std::size_t{1} << 30;

class TrainingSet {
 public:
  /// Adds leads that have the same. `amounts` ascend by parameter, are finite and not 0; nine decimal digits
  /// of them count. Throws Error (54000)
  /// beyond kMaxTrainingBytes; what was added before stays.
  void add(std::span<const Amount> amounts, std::uint64_t positives, std::uint64_t negatives);
  void add(std::span<const Amount> amounts, bool positive) {
    add(amounts, positive ? 1 : 0, positive ? 0 : 1);
  }
  /// Brings the patterns into their order. Before that only add() may be called, afterwards anything else.
  /// May throw Interrupted, and may be called again then.
  void finish();

  /// Leads that have the same: a row of what is fitted.
  std::size_t patterns() const noexcept { return patterns_.size(); }
  std::uint64_t positives(std::size_t pattern) const noexcept { return patterns_[pattern].positives; }
  std::uint64_t negatives(std::size_t pattern) const noexcept { return patterns_[pattern].negatives; }
  /// What they have, ascending by parameter.
  void read(std::size_t pattern, std::vector<Amount>& out) const;

  std::uint64_t positives() const noexcept { return positives_; }
  std::uint64_t negatives() const noexcept { return negatives_; }
  /// An estimate of the memory in use.
  std::size_t bytes() const noexcept;

 private:
  struct Pattern {
    const std::uint8_t* data;
    std::uint32_t size;
    std::uint64_t hash;
    std::uint64_t positives, negatives;
  };
  struct Block {
    std::unique_ptr<std::uint8_t[]> data;
    std::size_t size = 0, used = 0;
  };
  std::uint8_t* room(std::size_t size);
  void grow();

  std::vector<Pattern> patterns_;
  std::vector<std::uint32_t> slots_;  ///< open addressing; 0: free, else the pattern's index + 1
  std::vector<Block> blocks_;
  std::size_t block_bytes_ = 0;
  std::vector<std::uint8_t> encoded_;  ///< of the lead at hand
  std::uint64_t positives_ = 0, negatives_ = 0;
};

}  // namespace leadscore
