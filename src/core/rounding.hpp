// Rounding as people do it on paper: decimal, half away from zero.
#pragma once

namespace leadscore {

/// To 9 decimals, the form in which every bound is applied, so that the last bits of a sum decide nothing.
/// Values of 2^53 / 10^9 and more are exact to 9 decimals no longer and come back as they are.
double round9(double value) noexcept;

/// To 0–9 decimals, of the value rounded to 9: 2.675 gives 2.68 although the double lies below it.
double round_decimals(double value, int decimals) noexcept;

}  // namespace leadscore
