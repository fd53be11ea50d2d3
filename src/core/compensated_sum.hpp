// A sum of many doubles of which no digit gets lost on the way.
#pragma once

#include <cmath>

namespace leadscore {

/// Neumaier's sum (1974): as exact as if it were added up with twice the digits. Of finite numbers.
class CompensatedSum {
 public:
  void add(double x) noexcept {
    const double sum = sum_ + x;
    lost_ += std::fabs(sum_) >= std::fabs(x) ? (sum_ - sum) + x : (x - sum) + sum_;
    sum_ = sum;
  }
  double value() const noexcept { return sum_ + lost_; }

 private:
  double sum_ = 0, lost_ = 0;
};

}  // namespace leadscore
