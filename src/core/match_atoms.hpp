// Atoms: the tests of which one value may hold many at once (contains, matches, domain, has, ...), and what a
// row hit.
#pragma once

#include <cstdint>
#include <vector>

namespace leadscore {

/// Which atoms the row at hand has hit, and, in order, which of them the value at hand has.
class AtomHits {
 public:
  void resize(std::uint32_t atoms) { stamps_.assign(atoms, 0); }

  /// Forgets the row before.
  void next_row() {
    list_.clear();
    if (++row_ == 0) {
      stamps_.assign(stamps_.size(), 0);
      row_ = 1;
    }
  }
  void next_value() noexcept { list_.clear(); }

  void hit(std::uint32_t atom) {
    if (stamps_[atom] == row_) return;
    stamps_[atom] = row_;
    list_.push_back(atom);
  }
  void hit(const std::uint32_t* begin, const std::uint32_t* end) {
    for (; begin != end; ++begin) hit(*begin);
  }
  /// For a hit remembered from an earlier row: not listed.
  void mark(std::uint32_t atom) noexcept { stamps_[atom] = row_; }

  bool is_hit(std::uint32_t atom) const noexcept { return stamps_[atom] == row_; }
  /// Hit since next_value, each once.
  const std::vector<std::uint32_t>& list() const noexcept { return list_; }

 private:
  std::vector<std::uint32_t> stamps_;
  std::vector<std::uint32_t> list_;
  std::uint32_t row_ = 0;
};

}  // namespace leadscore
