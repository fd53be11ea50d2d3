// Sorting what may be millions: it can be stopped in between.
#pragma once

#include <algorithm>
#include <iterator>

#include "core/error.hpp"

namespace leadscore {

/// As std::sort, in place. May throw Interrupted: all elements are there then, in any order, and it may be
/// called again.
template <class Iterator, class Less>
void stoppable_sort(Iterator begin, Iterator end, const Less& less) {
  constexpr std::ptrdiff_t kAtOnce = 1 << 16;
  checkpoint();
  if (end - begin <= kAtOnce) {
    std::sort(begin, end, less);
    return;
  }
  const Iterator middle = begin + (end - begin) / 2;
  std::nth_element(begin, middle, end, less);
  stoppable_sort(begin, middle, less);
  stoppable_sort(middle, end, less);
}

}  // namespace leadscore
