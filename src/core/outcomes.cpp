// Collecting scores with outcomes: rows wait unsorted until they are as many as the distinct scores so far,
// and are then sorted and merged in, so that a row costs the logarithm of their number on average.
#include "core/outcomes.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/error.hpp"
#include "core/state_bytes.hpp"

namespace leadscore {
namespace {

constexpr std::size_t kLeastWaiting = 1024;
/// What is done between two checkpoints.
constexpr std::size_t kStride = 1 << 16;
constexpr std::uint8_t kVersion = 1;

/// Sorts in runs, so that it can be stopped; what is sorted is complete at any moment.
void sort_scores(std::pmr::vector<double>& scores) {
  const std::size_t size = scores.size();
  const auto at = [&](std::size_t i) {
    return scores.begin() + static_cast<std::ptrdiff_t>(std::min(i, size));
  };
  for (std::size_t i = 0; i < size; i += kStride) {
    checkpoint();
    std::sort(at(i), at(i + kStride));
  }
  if (size <= kStride) return;
  std::pmr::vector<double> merged(size, 0.0, scores.get_allocator());
  for (std::size_t width = kStride; width < size; width *= 2) {
    auto to = merged.begin();
    for (std::size_t i = 0; i < size; i += 2 * width) {
      checkpoint();
      to = std::merge(at(i), at(i + width), at(i + width), at(i + 2 * width), to);
    }
    scores.swap(merged);
  }
}

/// Calls `visit` for each distinct score of two sorted lists, ascending, with how often it is in either.
template <class Visit>
void for_each_level(const std::pmr::vector<double>& negatives, const std::pmr::vector<double>& positives,
                    const Visit& visit) {
  std::size_t n = 0, p = 0;
  for (std::size_t levels = 0; n < negatives.size() || p < positives.size(); ++levels) {
    if (levels % kStride == 0) checkpoint();
    const bool from_positives =
        n == negatives.size() || (p < positives.size() && positives[p] < negatives[n]);
    ScoreLevel level{from_positives ? positives[p] : negatives[n], 0, 0};
    for (; p < positives.size() && positives[p] == level.score; ++p) ++level.positives;
    for (; n < negatives.size() && negatives[n] == level.score; ++n) ++level.negatives;
    visit(level);
  }
}

/// The same for the levels of two lists.
template <class Visit>
void for_each_level(const std::pmr::vector<ScoreLevel>& a, const std::pmr::vector<ScoreLevel>& b,
                    const Visit& visit) {
  std::size_t i = 0, k = 0;
  for (std::size_t levels = 0; i < a.size() || k < b.size(); ++levels) {
    if (levels % kStride == 0) checkpoint();
    const bool from_b = i == a.size() || (k < b.size() && b[k].score < a[i].score);
    ScoreLevel level = from_b ? b[k++] : a[i++];
    if (!from_b && k < b.size() && b[k].score == level.score) {
      level.positives += b[k].positives;
      level.negatives += b[k].negatives;
      ++k;
    }
    visit(level);
  }
}

}  // namespace

void Outcomes::add(double score, bool positive) {
  if (std::isnan(score)) {
    ++not_numbers_;
    return;
  }
  if (waiting_[0].size() + waiting_[1].size() >= std::max(kLeastWaiting, levels_.size())) settle();
  waiting_[positive ? 1 : 0].push_back(score + 0.0);  // never −0
  ++total_[positive ? 1 : 0];
}

Outcomes::Levels Outcomes::united(const Levels& a, const Levels& b) const {
  // Counted first: a list that grows would take up to three times the memory.
  std::size_t size = 0;
  for_each_level(a, b, [&](const ScoreLevel&) { ++size; });
  Levels made(levels_.get_allocator());
  made.reserve(size);
  for_each_level(a, b, [&](const ScoreLevel& level) { made.push_back(level); });
  return made;
}

void Outcomes::settle() {
  if (waiting_[0].empty() && waiting_[1].empty()) return;
  sort_scores(waiting_[0]);
  sort_scores(waiting_[1]);
  std::size_t size = 0;
  for_each_level(waiting_[0], waiting_[1], [&](const ScoreLevel&) { ++size; });
  Levels fresh(levels_.get_allocator());
  fresh.reserve(size);
  for_each_level(waiting_[0], waiting_[1], [&](const ScoreLevel& level) { fresh.push_back(level); });
  if (levels_.empty()) {
    levels_.swap(fresh);
  } else {
    Levels all = united(levels_, fresh);
    levels_.swap(all);
  }
  waiting_[0].clear();
  waiting_[1].clear();
}

void Outcomes::merge(Outcomes& other) {
  settle();
  other.settle();
  Levels all = united(levels_, other.levels_);
  levels_.swap(all);
  for (int i : {0, 1}) {
    total_[i] += other.total_[i];
    no_score_[i] += other.no_score_[i];
  }
  not_numbers_ += other.not_numbers_;
  no_outcome_ += other.no_outcome_;
}

ScoreCounts Outcomes::counts() {
  settle();
  return {levels_, total_[1], total_[0], not_numbers_, {no_score_[0], no_score_[1]}, no_outcome_};
}

template <class Bytes>
void Outcomes::write(Bytes& bytes) const noexcept {
  bytes.byte(kVersion);
  for (const std::uint64_t count : {not_numbers_, no_score_[0], no_score_[1], no_outcome_})
    bytes.count(count);
  bytes.count(levels_.size());
  for (const ScoreLevel& level : levels_) {
    bytes.fixed(std::bit_cast<std::uint64_t>(level.score));
    bytes.count(level.positives);
    bytes.count(level.negatives);
  }
}

std::size_t Outcomes::encoded_size() {
  settle();
  ByteCounter counter;
  write(counter);
  return counter.size();
}

void Outcomes::encode(std::uint8_t* to) const noexcept {
  ByteWriter writer(to);
  write(writer);
}

void Outcomes::decode(std::span<const std::uint8_t> bytes) {
  ByteReader reader(bytes);
  if (reader.byte() != kVersion) ByteReader::reject("it has another version");
  std::uint64_t others[4];
  for (std::uint64_t& count : others) count = reader.count();
  constexpr std::size_t kLeastLevel = sizeof(double) + 2;
  const std::size_t size = reader.elements(kLeastLevel);
  Levels levels(levels_.get_allocator());
  levels.reserve(size);
  std::uint64_t totals[2] = {0, 0};
  for (std::size_t i = 0; i < size; ++i) {
    if (i % kStride == 0) checkpoint();
    ScoreLevel level{std::bit_cast<double>(reader.fixed()), 0, 0};
    level.positives = reader.count();
    level.negatives = reader.count();
    if (std::isnan(level.score) || (level.score == 0 && std::signbit(level.score))) {
      ByteReader::reject("a score is no number");
    }
    if (i != 0 && !(levels.back().score < level.score)) ByteReader::reject("scores are not in order");
    if (level.rows() == 0) ByteReader::reject("a score counts no row");
    totals[0] += level.negatives;
    totals[1] += level.positives;
    if (std::max(totals[0], totals[1]) >> 48 != 0) ByteReader::reject("a count is out of range");
    levels.push_back(level);
  }
  reader.finish();
  levels_.swap(levels);
  for (int i : {0, 1}) {
    waiting_[i].clear();
    total_[i] = totals[i];
    no_score_[i] = others[1 + i];
  }
  not_numbers_ = others[0];
  no_outcome_ = others[3];
}

}  // namespace leadscore
