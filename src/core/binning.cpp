#include "core/binning.hpp"

#include <algorithm>
#include <cmath>

namespace leadscore {
namespace {

/// Chi-square of two groups and two ends, with the least expected count held to 0.5.
double chi_square(const Ends& a, const Ends& b) noexcept {
  const auto n = static_cast<double>(a.count() + b.count());
  if (n == 0) return 0;
  const auto positives = static_cast<double>(a.positives + b.positives);
  double sum = 0;
  for (const Ends* group : {&a, &b}) {
    for (const bool positive : {true, false}) {
      const double share = (positive ? positives : n - positives) / n;
      const double expected = std::max(0.5, static_cast<double>(group->count()) * share);
      const double off = static_cast<double>(positive ? group->positives : group->negatives) -
                         static_cast<double>(group->count()) * share;
      sum += off * off / expected;
    }
  }
  return sum;
}

}  // namespace

double weight_of_evidence(const Ends& group, const Ends& all) noexcept {
  if (all.count() == 0) return 0;
  return std::log((static_cast<double>(group.positives) + 0.5) / (static_cast<double>(all.positives) + 0.5)) -
         std::log((static_cast<double>(group.negatives) + 0.5) / (static_cast<double>(all.negatives) + 0.5));
}

double information_value(const std::vector<Ends>& groups, const Ends& all) noexcept {
  if (all.positives == 0 || all.negatives == 0) return 0;
  double sum = 0;
  for (const Ends& group : groups) {
    const double difference = static_cast<double>(group.positives) / static_cast<double>(all.positives) -
                              static_cast<double>(group.negatives) / static_cast<double>(all.negatives);
    sum += difference * weight_of_evidence(group, all);
  }
  return sum;
}

bool is_informative(const std::vector<Ends>& groups, const Ends& all) noexcept {
  if (all.positives == 0 || all.negatives == 0) return false;
  const auto held = std::count_if(groups.begin(), groups.end(), [](const Ends& g) { return g.count() > 0; });
  const auto freedom = static_cast<double>(held - 1);
  if (freedom < 1) return false;
  const double scale = static_cast<double>(all.positives) * static_cast<double>(all.negatives) /
                       static_cast<double>(all.count());
  return information_value(groups, all) * scale > freedom + 2 * std::sqrt(2 * freedom);
}

double area_of(const std::vector<Ends>& groups) noexcept {
  std::vector<Ends> ranked = groups;
  std::erase_if(ranked, [](const Ends& g) { return g.count() == 0; });
  std::sort(ranked.begin(), ranked.end(), [](const Ends& a, const Ends& b) {
    return static_cast<double>(a.positives) * static_cast<double>(b.count()) <
           static_cast<double>(b.positives) * static_cast<double>(a.count());
  });
  double below = 0, area = 0, positives = 0;
  for (const Ends& group : ranked) {
    area += static_cast<double>(group.positives) * (below + static_cast<double>(group.negatives) / 2);
    below += static_cast<double>(group.negatives);
    positives += static_cast<double>(group.positives);
  }
  return positives == 0 || below == 0 ? 0.5 : area / positives / below;
}

std::vector<Span> merge_alike(std::vector<Span> spans, std::uint64_t least, std::size_t most_bands) {
  constexpr double kDiffer =
      15.137;  // chi-square of one degree of freedom at 0.01%: many pairs are looked at
  while (spans.size() > 1) {
    // A group too small to stay goes first, to the neighbour that it is more like.
    std::size_t best = 0;
    double least_different = chi_square(spans[0].ends, spans[1].ends);
    const auto is_small = [&](std::size_t i) {
      return std::min(spans[i].ends.count(), spans[i + 1].ends.count()) < least;
    };
    bool small = is_small(0);
    for (std::size_t i = 1; i + 1 < spans.size(); ++i) {
      const double different = chi_square(spans[i].ends, spans[i + 1].ends);
      const bool is = is_small(i);
      if (is < small || (is == small && different >= least_different)) continue;
      best = i;
      small = is;
      least_different = different;
    }
    if (!small && least_different > kDiffer && spans.size() <= most_bands) break;
    spans[best].most = spans[best + 1].most;
    spans[best].ends += spans[best + 1].ends;
    spans.erase(spans.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
  return spans;
}

double round_bound(double below, double upto) noexcept {
  const double width = upto - below;
  if (!(width > 0) || !std::isfinite(width)) return upto;
  const int highest =
      static_cast<int>(std::floor(std::log10(std::max(std::fabs(below), std::fabs(upto))))) + 1;
  for (int exponent = highest; exponent >= highest - 17; --exponent) {
    for (const double part : {1.0, 0.5}) {
      const double step = part * std::pow(10, exponent);
      const double bound = std::floor(upto / step) * step;
      if (bound > below && bound <= upto) return bound == 0 ? 0 : bound;
    }
  }
  return upto;
}

}  // namespace leadscore
