// Decimal rounding through whole billionths, which a double holds exactly up to 2^53.
#include "core/rounding.hpp"

#include <cmath>
#include <cstdint>

namespace leadscore {
namespace {

constexpr double kBillion = 1e9;
constexpr double kLargest = 9007199.0;  // × 10^9 stays below 2^53

}  // namespace

double round9(double value) noexcept {
  if (!(std::fabs(value) < kLargest)) return value;
  return std::round(value * kBillion) / kBillion + 0.0;  // + 0.0: never −0
}

double round_decimals(double value, int decimals) noexcept {
  std::int64_t scale = 1;  // billionths in a unit of the last decimal
  for (int i = decimals; i < 9; ++i) scale *= 10;
  if (!(std::fabs(value) < kLargest)) {
    const double units = kBillion / static_cast<double>(scale);
    return std::fabs(value) < 1e15 ? std::round(value * units) / units + 0.0 : value;
  }
  const auto billionths = static_cast<std::int64_t>(std::round(value * kBillion));
  const std::int64_t half = scale / 2;
  const std::int64_t units = (billionths >= 0 ? billionths + half : billionths - half) / scale;
  return static_cast<double>(units) / (kBillion / static_cast<double>(scale));
}

}  // namespace leadscore
