// Collecting texts with outcomes.
#include "core/categories.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/error.hpp"
#include "core/state_bytes.hpp"

namespace leadscore {
namespace {

constexpr std::uint8_t kVersion = 1;

/// The number that the whole text is.
std::optional<double> number_of(std::string_view text) noexcept {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

}  // namespace

void Categories::add(std::optional<std::string_view> value, bool positive, std::uint64_t rows) {
  if (!value) {
    none_.of[positive ? 1 : 0] += rows;
    return;
  }
  auto known = values_.find(*value);
  if (known == values_.end()) {
    if (values_.size() == kMostCategories) {
      throw Error(sqlstate::kLimitExceeded,
                  "there are more than " + std::to_string(kMostCategories) + " distinct values",
                  "Group them first: numbers into bands, rare values into one.");
    }
    known = values_.try_emplace(std::pmr::string(*value, values_.get_allocator())).first;
  }
  known->second.of[positive ? 1 : 0] += rows;
}

void Categories::merge(const Categories& other) {
  for (int i : {0, 1}) none_.of[i] += other.none_.of[i];
  for (const auto& [value, rows] : other.values_) {
    for (int i : {0, 1}) add(value, i == 1, rows.of[i]);
  }
}

CategoryCounts Categories::counts() const {
  CategoryCounts made;
  std::vector<double> numbers;
  std::vector<std::size_t> order;
  bool all_numbers = true;
  for (const auto& [value, rows] : values_) {
    const std::optional<double> number = number_of(value);
    all_numbers = all_numbers && number;
    numbers.push_back(number.value_or(0));
    order.push_back(order.size());
    made.levels.push_back({value, rows.of[1], rows.of[0]});
  }
  checkpoint();
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (all_numbers && numbers[a] != numbers[b]) return numbers[a] < numbers[b];
    return *made.levels[a].value < *made.levels[b].value;
  });
  std::vector<CategoryLevel> sorted;
  sorted.reserve(order.size() + 1);
  for (const std::size_t i : order) sorted.push_back(made.levels[i]);
  if (none_.of[0] + none_.of[1] != 0) sorted.push_back({{}, none_.of[1], none_.of[0]});
  made.levels.swap(sorted);
  for (const CategoryLevel& level : made.levels) {
    made.positives += level.positives;
    made.negatives += level.negatives;
  }
  return made;
}

template <class Bytes>
void Categories::write(Bytes& bytes) const {
  bytes.byte(kVersion);
  for (const std::uint64_t rows : none_.of) bytes.count(rows);
  bytes.count(values_.size());
  for (const auto& [value, rows] : values_) {
    bytes.text(value);
    for (const std::uint64_t count : rows.of) bytes.count(count);
  }
}

std::size_t Categories::encoded_size() const {
  ByteCounter counter;
  write(counter);
  return counter.size();
}

void Categories::encode(std::uint8_t* to) const {
  ByteWriter writer(to);
  write(writer);
}

void Categories::decode(std::span<const std::uint8_t> bytes) {
  ByteReader reader(bytes);
  if (reader.byte() != kVersion) ByteReader::reject("it has another version");
  for (std::uint64_t& rows : none_.of) rows += reader.count();
  constexpr std::size_t kLeastValue = 3;
  const std::size_t size = reader.elements(kLeastValue);
  for (std::size_t i = 0; i < size; ++i) {
    const std::string_view value = reader.text();
    for (int k : {0, 1}) add(value, k == 1, reader.count());
  }
  reader.finish();
}

}  // namespace leadscore
