// What each class of an axis is worth: the sums of all deciders that read that axis alone, made at compile
// time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/match_classes.hpp"
#include "core/matcher.hpp"

namespace leadscore {

/// How much the tables of one matcher may hold together; what does not fit is looked up decider by decider.
struct TableBudget {
  std::size_t sums = 1'000'000;
  std::size_t hits = 500'000;
  std::size_t candidates = 500'000;
};

/// Points in units of 2^-80: integers, so that what a difference array adds and takes away leaves no dust,
/// whatever the order. Serves |points| up to kLargest from up to 100,000 deciders.
class FixedPoints {
 public:
  static constexpr double kLargest = 1 << 30;
  __extension__ using Integer = __int128;

  static Integer of(double points) noexcept;
  static double to_double(Integer sum) noexcept;
};

/// By class: points a bucket, hits, and programs that may hold only there. Filled with add_*, then built.
class ClassTable {
 public:
  /// A decider whose points go to `bucket`, or which is listed where that is Decider::kNoBucket.
  void add_function(std::uint32_t decider, std::uint32_t bucket, ClassFunction function,
                    std::vector<double> points);
  /// A program that can hold only in classes of the set. False where the budget does not allow it.
  bool add_candidate(std::uint32_t program, const ClassSet& classes, TableBudget& budget);

  void build(std::uint32_t classes, TableBudget& budget);

  /// Buckets that sums() speaks of, ascending.
  const std::vector<std::uint32_t>& columns() const noexcept { return columns_; }
  const double* sums(std::uint32_t cls) const noexcept { return sums_.data() + cls * columns_.size(); }

  /// Those and the buckets that list() adds to.
  std::vector<std::uint32_t> all_buckets() const;

  bool has_lists() const noexcept { return !hits_.empty() || !searched_.empty(); }
  /// Appends what the class hits to `hits` and adds what is not in sums() by `add(bucket, points)`.
  template <typename Add>
  void list(std::uint32_t cls, std::vector<Match>& hits, Add add) const {
    if (!hits_.empty()) {
      hits.insert(hits.end(), hits_.begin() + static_cast<std::ptrdiff_t>(hit_offsets_[cls]),
                  hits_.begin() + static_cast<std::ptrdiff_t>(hit_offsets_[cls + 1]));
    }
    for (const Decided& decided : searched_) {
      const std::uint32_t branch = decided.function.branch_of(cls);
      if (branch == ClassFunction::kNone) continue;
      if (decided.bucket == Decider::kNoBucket) {
        hits.push_back({decided.decider, branch});
      } else {
        add(decided.bucket, decided.points[branch]);
      }
    }
  }

  bool has_candidates() const noexcept { return !candidates_.empty(); }
  void list_candidates(std::uint32_t cls, std::vector<std::uint32_t>& programs) const {
    programs.insert(programs.end(),
                    candidates_.begin() + static_cast<std::ptrdiff_t>(candidate_offsets_[cls]),
                    candidates_.begin() + static_cast<std::ptrdiff_t>(candidate_offsets_[cls + 1]));
  }
  /// Nothing to look up.
  bool empty() const noexcept {
    return columns_.empty() && hits_.empty() && searched_.empty() && candidates_.empty();
  }

 private:
  struct Decided {
    std::uint32_t decider, bucket;
    ClassFunction function;
    std::vector<double> points;
  };
  struct Candidate {
    std::uint32_t begin, end, program;
  };
  void build_sums(std::uint32_t classes, TableBudget& budget);
  void build_hits(std::uint32_t classes, TableBudget& budget);
  void build_candidates(std::uint32_t classes);

  std::vector<Decided> added_, searched_;
  std::vector<std::uint32_t> columns_;
  std::vector<double> sums_;
  std::vector<std::size_t> hit_offsets_, candidate_offsets_;
  std::vector<Match> hits_;
  std::vector<Candidate> added_candidates_;
  std::vector<std::uint32_t> candidates_;
};

}  // namespace leadscore
