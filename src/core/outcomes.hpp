// What the measures of a score are computed from: its distinct values, each with how many positive and
// negative outcomes it came with.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

namespace leadscore {

/// A distinct score.
struct ScoreLevel {
  double score;  ///< never NaN, never −0
  std::uint64_t positives, negatives;
  std::uint64_t rows() const noexcept { return positives + negatives; }
};

/// Everything that was collected, as the measures read it.
struct ScoreCounts {
  std::span<const ScoreLevel> levels;          ///< ascending
  std::uint64_t positives = 0, negatives = 0;  ///< over all levels
  std::uint64_t not_numbers = 0;               ///< rows whose score is NaN, which are in no level
  std::uint64_t no_score[2] = {0, 0};          ///< rows without a score, by their outcome
  std::uint64_t no_outcome = 0;                ///< rows without an outcome
  std::uint64_t rows() const noexcept { return positives + negatives; }
  std::uint64_t ignored() const noexcept { return no_score[0] + no_score[1] + no_outcome; }
};

/// Collects rows in any order. What comes of it depends on the rows alone: not on their order, nor on how
/// they were spread over several of these and merged. Takes 24 bytes for a distinct score, and in between up
/// to 8 for a row that waits to be sorted in.
class Outcomes {
 public:
  /// Allocates from `memory`, which must throw std::bad_alloc where there is none. An object needs no
  /// destruction where that memory vanishes by itself.
  explicit Outcomes(std::pmr::memory_resource* memory = std::pmr::get_default_resource())
      : levels_(memory), waiting_{Scores(memory), Scores(memory)} {}
  Outcomes(const Outcomes&) = delete;
  Outcomes& operator=(const Outcomes&) = delete;

  /// Adds a row or, where it throws (std::bad_alloc, Interrupted), does not.
  void add(double score, bool positive);
  void add_without_score(bool positive) noexcept { ++no_score_[positive ? 1 : 0]; }
  void add_without_outcome() noexcept { ++no_outcome_; }
  /// Adds the rows of another, all or, where it throws (std::bad_alloc, Interrupted), none.
  void merge(Outcomes& other);
  /// Valid until something is added. May throw std::bad_alloc and Interrupted.
  ScoreCounts counts();

  /// The portable form; settles first. May throw std::bad_alloc and Interrupted.
  std::size_t encoded_size();
  /// Writes so many bytes, right after encoded_size().
  void encode(std::uint8_t* to) const noexcept;
  /// Replaces everything by what bytes say that nobody vouches for. Throws Error (22P03), std::bad_alloc and
  /// Interrupted, and may be called again then.
  void decode(std::span<const std::uint8_t> bytes);

 private:
  using Scores = std::pmr::vector<double>;
  using Levels = std::pmr::vector<ScoreLevel>;
  /// Sorts what waits into the levels; where it throws, nothing has changed but the order of what waits.
  void settle();
  Levels united(const Levels& a, const Levels& b) const;
  template <class Bytes>
  void write(Bytes& bytes) const noexcept;

  Levels levels_;
  Scores waiting_[2];  ///< scores of rows with a negative, and a positive outcome
  std::uint64_t total_[2] = {0, 0};
  std::uint64_t not_numbers_ = 0, no_score_[2] = {0, 0}, no_outcome_ = 0;
};

}  // namespace leadscore
