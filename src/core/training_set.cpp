#include "core/training_set.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/error.hpp"
#include "core/stoppable_sort.hpp"

namespace leadscore {
namespace {

/// Blocks double, so that many small sets, one for each group of a query, stay small.
constexpr std::size_t kLeastBlock = std::size_t{1} << 12, kMostBlock = std::size_t{1} << 20;

/// To nine decimal digits. The last of a double's depend on the order in which faded activities were added
/// up, and what is learned may not. Decimal ones, so that what lies halfway between two totals stays there.
double without_last_digits(double value) noexcept {
  constexpr int kDigits = 9, kMost = 300;
  if (value == std::trunc(value) && std::abs(value) < 1e9) return value;  // most are 1
  const int place = kDigits - 1 - static_cast<int>(std::floor(std::log10(std::abs(value))));
  if (std::abs(place) > kMost) return value;
  const double scale = std::pow(10, std::abs(place));
  const double rounded = place >= 0 ? std::round(value * scale) / scale : std::round(value / scale) * scale;
  return std::isfinite(rounded) ? rounded : value;
}

/// An amount in bytes: its parameter and whether it is 1, which most are, in two; any other value in eight
/// more. Only ever read by the process that wrote it.
void encode(std::span<const Amount> amounts, std::vector<std::uint8_t>& out) {
  out.clear();
  for (const Amount& amount : amounts) {
    const double value = without_last_digits(amount.value);
    const bool is_one = value == 1;
    const auto word = static_cast<std::uint16_t>(amount.parameter << 1 | (is_one ? 1 : 0));
    // The high byte first, here and below: patterns are ordered by their bytes, and those that hardly differ
    // stand together.
    out.push_back(static_cast<std::uint8_t>(word >> 8));
    out.push_back(static_cast<std::uint8_t>(word));
    if (is_one) continue;
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(bits >> shift));
  }
}
static_assert(kMaxParameters <= 1 << 15);

}  // namespace

std::uint8_t* TrainingSet::room(std::size_t size) {
  if (blocks_.empty() || blocks_.back().size - blocks_.back().used < size) {
    Block block;
    block.size = std::max(size, std::clamp(block_bytes_, kLeastBlock, kMostBlock));
    block.data = std::make_unique_for_overwrite<std::uint8_t[]>(block.size);
    blocks_.push_back(std::move(block));
    block_bytes_ += blocks_.back().size;
  }
  Block& block = blocks_.back();
  std::uint8_t* const begin = block.data.get() + block.used;
  block.used += size;
  return begin;
}

std::size_t TrainingSet::bytes() const noexcept {
  return block_bytes_ + patterns_.capacity() * sizeof(Pattern) + slots_.capacity() * sizeof(std::uint32_t);
}

void TrainingSet::grow() {
  std::vector<std::uint32_t> slots(std::max<std::size_t>(1024, slots_.size() * 2), 0);
  for (std::size_t i = 0; i < patterns_.size(); ++i) {
    std::size_t at = patterns_[i].hash & (slots.size() - 1);
    while (slots[at] != 0) at = (at + 1) & (slots.size() - 1);
    slots[at] = static_cast<std::uint32_t>(i + 1);
  }
  slots_ = std::move(slots);
}

void TrainingSet::add(std::span<const Amount> amounts, std::uint64_t positives, std::uint64_t negatives) {
  encode(amounts, encoded_);
  if ((patterns_.size() + 1) * 2 > slots_.size()) grow();
  const std::uint64_t hash = XXH3_64bits(encoded_.data(), encoded_.size());
  std::size_t at = hash & (slots_.size() - 1);
  for (; slots_[at] != 0; at = (at + 1) & (slots_.size() - 1)) {
    Pattern& known = patterns_[slots_[at] - 1];
    if (known.hash != hash ||
        !std::equal(encoded_.begin(), encoded_.end(), known.data, known.data + known.size))
      continue;
    known.positives += positives;
    known.negatives += negatives;
    positives_ += positives;
    negatives_ += negatives;
    return;
  }
  if (bytes() > kMaxTrainingBytes)
    throw Error(sqlstate::kLimitExceeded,
                "learning from more than " + std::to_string(patterns_.size()) +
                    " different leads takes more than 1 GB",
                "Learn from a sample of the leads, such as every tenth.");
  std::uint8_t* const data = room(encoded_.size());
  if (!encoded_.empty()) std::memcpy(data, encoded_.data(), encoded_.size());
  patterns_.push_back({data, static_cast<std::uint32_t>(encoded_.size()), hash, positives, negatives});
  slots_[at] = static_cast<std::uint32_t>(patterns_.size());
  positives_ += positives;
  negatives_ += negatives;
}

void TrainingSet::finish() {
  slots_ = {};
  stoppable_sort(patterns_.begin(), patterns_.end(), [](const Pattern& a, const Pattern& b) {
    const std::size_t shorter = std::min(a.size, b.size);
    const int order = shorter == 0 ? 0 : std::memcmp(a.data, b.data, shorter);
    return order != 0 ? order < 0 : a.size < b.size;
  });
}

void TrainingSet::read(std::size_t pattern, std::vector<Amount>& out) const {
  out.clear();
  const Pattern& p = patterns_[pattern];
  for (const std::uint8_t* at = p.data; at < p.data + p.size;) {
    const auto word = static_cast<std::uint16_t>(at[0] << 8 | at[1]);
    at += 2;
    Amount& amount = out.emplace_back(Amount{static_cast<std::uint32_t>(word >> 1), 1});
    if ((word & 1) != 0) continue;
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(double); ++i) bits = bits << 8 | *at++;
    amount.value = std::bit_cast<double>(bits);
  }
}

}  // namespace leadscore
