// The class axes of a field: how a value finds its class, and which classes a test holds.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/match_classes.hpp"
#include "core/match_text_table.hpp"

namespace leadscore {

/// A field's axes of classes. value: equality and order of booleans, numbers and texts; time: instants; age:
/// as_of minus an instant. any: of no axis in particular, for sets that only tell NULL (class 0 of every
/// axis) from the rest.
enum class AxisKind : std::uint8_t { value, time, age, any };

/// The classes that every axis begins with.
inline constexpr std::uint32_t kNullClass = 0;
inline constexpr std::uint32_t kUnfitClass =
    1;  ///< a value that the axis's tests don't serve, NaN among them

/// The points of an ordered type that tests name, and the open intervals between them:
/// interval i (below point i) has number 2i, point i 2i + 1.
template <typename T>
class OrderedPoints {
 public:
  void add(T point) { points_.push_back(point); }
  void freeze() {
    std::sort(points_.begin(), points_.end());
    points_.erase(std::unique(points_.begin(), points_.end()), points_.end());
  }
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(2 * points_.size() + 1); }
  const std::vector<T>& points() const noexcept { return points_; }

  std::uint32_t find(T value) const noexcept {
    // Without branches, as the values of rows are as good as random to the branch predictor; a conditional
    // expression would become one.
    const T* base = points_.data();
    std::size_t n = points_.size();
    if (n == 0) return 0;
    while (n > 1) {
      const std::size_t half = n / 2;
      base += half & (std::size_t{0} - static_cast<std::size_t>(base[half - 1] < value));
      n -= half;
    }
    base += *base < value;
    const auto i = static_cast<std::uint32_t>(base - points_.data());
    // Behind the last point, that is smaller than the value.
    const T* const same = base - static_cast<std::size_t>(i == points_.size());
    return 2 * i + static_cast<std::uint32_t>(*same == value);
  }

 private:
  std::vector<T> points_;
};

/// Booleans, numbers and texts of one field. Classes: NULL, unfit, false, true, the numbers' intervals,
/// text that no test names, the texts.
class ValueAxis {
 public:
  static constexpr std::uint32_t kFalse = 2, kTrue = 3, kNumbers = 4;

  OrderedPoints<double> numbers;
  TextTable texts;  ///< folded

  void freeze() {
    numbers.freeze();
    texts_begin_ = kNumbers + numbers.size();
  }
  std::uint32_t classes() const noexcept { return texts_begin_ + 1 + texts.size(); }

  std::uint32_t class_of(bool value) const noexcept { return value ? kTrue : kFalse; }
  std::uint32_t class_of(double value) const noexcept {
    return std::isnan(value) ? kUnfitClass : kNumbers + numbers.find(value);
  }
  /// Of a text that is not blank.
  std::uint32_t class_of(std::string_view folded) const noexcept {
    return texts_begin_ + 1 + texts.find(folded);  // TextTable::kNone + 1 is 0: the class of other texts
  }
  ClassRange all_booleans() const noexcept { return {kFalse, kNumbers}; }
  ClassRange all_numbers() const noexcept { return {kNumbers, texts_begin_}; }
  ClassRange all_texts() const noexcept { return {texts_begin_, classes()}; }

 private:
  std::uint32_t texts_begin_ = 0;
};

/// Instants or ages. Classes: NULL, unfit, the intervals.
class MicrosAxis {
 public:
  static constexpr std::uint32_t kFirst = 2;

  OrderedPoints<Micros> points;

  void freeze() { points.freeze(); }
  std::uint32_t classes() const noexcept { return kFirst + points.size(); }
  std::uint32_t class_of(Micros value) const noexcept { return kFirst + points.find(value); }
  ClassRange all() const noexcept { return {kFirst, classes()}; }
};

}  // namespace leadscore
