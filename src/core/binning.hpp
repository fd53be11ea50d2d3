// Numbers into bands: neighbouring values whose leads end alike are brought together until what remains
// differs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace leadscore {

/// How leads ended.
struct Ends {
  std::uint64_t positives = 0, negatives = 0;
  std::uint64_t count() const noexcept { return positives + negatives; }
  Ends& operator+=(const Ends& other) noexcept {
    positives += other.positives;
    negatives += other.negatives;
    return *this;
  }
};

/// Weight of evidence of a group of leads among all: ln of its share of the positives over its share of the
/// negatives, half a lead added to each count, so that it is finite. 0 where there are no leads at all.
double weight_of_evidence(const Ends& group, const Ends& all) noexcept;

/// Σ (share of positives − share of negatives) × weight of evidence over the groups.
double information_value(const std::vector<Ends>& groups, const Ends& all) noexcept;
/// Could groups that say nothing have an information value so large? Compared with what chance gives: a
/// chi-square of one less than the groups that hold leads, its mean and two standard deviations.
bool is_informative(const std::vector<Ends>& groups, const Ends& all) noexcept;

/// The area under the ROC curve where leads are ranked by their group's share of positives; 0.5 where one end
/// is missing.
double area_of(const std::vector<Ends>& groups) noexcept;

/// Leads whose numbers lie from `least` to `most`.
struct Span {
  double least = 0, most = 0;
  Ends ends;
};

/// Brings neighbours together (Kerber, ChiMerge, AAAI 1992): those least different by chi-square first, as
/// long as two don't differ at the 0.01% level, one has fewer than `least` leads, or there are more than
/// `most_bands`. `spans` ascend and don't overlap. At least one remains where there is one.
std::vector<Span> merge_alike(std::vector<Span> spans, std::uint64_t least, std::size_t most_bands);

/// The roundest number above `below` and not above `upto`: what a person would write as a bound between the
/// two.
double round_bound(double below, double upto) noexcept;

}  // namespace leadscore
