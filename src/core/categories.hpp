// What weights of evidence are computed from: the distinct texts of a column, each with how many positive and
// negative outcomes it came with.
#pragma once

#include <cstdint>
#include <functional>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace leadscore {

/// More distinct texts than that are no categories.
inline constexpr std::size_t kMostCategories = 100'000;

/// A distinct text, or the lack of one.
struct CategoryLevel {
  std::optional<std::string_view> value;
  std::uint64_t positives = 0, negatives = 0;
};

/// Everything that was collected. Views are valid until something is added.
struct CategoryCounts {
  std::vector<CategoryLevel> levels;  ///< as numbers where all are such, else as bytes; the lack of one last
  std::uint64_t positives = 0, negatives = 0;
};

/// Collects rows in any order; what comes of it depends on the rows alone. Texts are bytes here.
class Categories {
 public:
  /// As Outcomes.
  explicit Categories(std::pmr::memory_resource* memory = std::pmr::get_default_resource())
      : values_(memory) {}
  Categories(const Categories&) = delete;
  Categories& operator=(const Categories&) = delete;

  /// Adds rows. Throws Error (54000) beyond kMostCategories, and std::bad_alloc; adds none then.
  void add(std::optional<std::string_view> value, bool positive, std::uint64_t rows = 1);
  /// Adds the rows of another. Throws as add(), having added some.
  void merge(const Categories& other);
  /// May throw std::bad_alloc.
  CategoryCounts counts() const;

  /// The portable form.
  std::size_t encoded_size() const;
  void encode(std::uint8_t* to) const;
  /// Adds what bytes say that nobody vouches for. Throws Error (22P03, 54000) and std::bad_alloc.
  void decode(std::span<const std::uint8_t> bytes);

 private:
  struct Pair {
    std::uint64_t of[2] = {0, 0};  ///< rows with a negative, and a positive outcome
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };
  template <class Bytes>
  void write(Bytes& bytes) const;

  std::pmr::unordered_map<std::pmr::string, Pair, Hash, std::equal_to<>> values_;
  Pair none_;
};

}  // namespace leadscore
