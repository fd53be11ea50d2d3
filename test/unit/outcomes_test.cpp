// What is collected depends on the rows alone: against a std::map.
#include "core/outcomes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>

#include "core/categories.hpp"
#include "core/error.hpp"

namespace leadscore {
namespace {

struct Row {
  double score;
  bool positive;
};
using Reference = std::map<double, std::pair<std::uint64_t, std::uint64_t>>;

std::vector<Row> random_rows(std::mt19937_64& random, std::size_t size, std::int64_t values) {
  std::vector<Row> rows(size);
  for (Row& row : rows) {
    const auto value = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(values));
    row = {static_cast<double>(value - values / 2) / 7, random() % 3 == 0};
  }
  return rows;
}

void expect_same(Outcomes& outcomes, const std::vector<Row>& rows) {
  Reference reference;
  std::uint64_t positives = 0;
  for (const Row& row : rows) {
    (row.positive ? reference[row.score].first : reference[row.score].second) += 1;
    positives += row.positive ? 1 : 0;
  }
  const ScoreCounts counts = outcomes.counts();
  ASSERT_EQ(counts.levels.size(), reference.size());
  auto at = reference.begin();
  for (const ScoreLevel& level : counts.levels) {
    ASSERT_EQ(level.score, at->first);
    ASSERT_EQ(level.positives, at->second.first);
    ASSERT_EQ(level.negatives, at->second.second);
    ++at;
  }
  EXPECT_EQ(counts.positives, positives);
  EXPECT_EQ(counts.rows(), rows.size());
}

template <class State>
std::vector<std::uint8_t> bytes_of(State& state) {
  std::vector<std::uint8_t> bytes(state.encoded_size());
  state.encode(bytes.data());
  return bytes;
}

TEST(Outcomes, CountDistinctScores) {
  std::mt19937_64 random(1);
  for (const std::int64_t values : {1, 2, 50, 3000, 1'000'000'000}) {
    for (const std::size_t size : {0, 1, 2, 1023, 1024, 1025, 5000, 300'000}) {
      const std::vector<Row> rows = random_rows(random, size, values);
      Outcomes outcomes;
      for (const Row& row : rows) {
        outcomes.add(row.score, row.positive);
        // A window asks in between.
        if (random() % 50'000 == 0) (void)outcomes.counts();
      }
      expect_same(outcomes, rows);
    }
  }
}

TEST(Outcomes, MergeInAnyPartition) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 50; ++round) {
    const std::int64_t values = round % 2 == 0 ? 30 : 100'000;
    std::vector<Row> rows = random_rows(random, random() % 5000, values);
    std::vector<Outcomes> parts(1 + random() % 5);
    for (const Row& row : rows) parts[random() % parts.size()].add(row.score, row.positive);
    parts[0].add_without_outcome();
    parts.back().add_without_score(true);
    parts.back().add_without_score(false);
    parts.back().add(std::numeric_limits<double>::quiet_NaN(), true);
    Outcomes merged;
    for (Outcomes& part : parts) {
      const std::vector<std::uint8_t> bytes = bytes_of(part);
      Outcomes read;
      read.decode(bytes);
      EXPECT_EQ(bytes_of(read), bytes);
      merged.merge(round % 3 == 0 ? part : read);
    }
    expect_same(merged, rows);
    Outcomes whole;
    std::shuffle(rows.begin(), rows.end(), random);
    whole.add(std::numeric_limits<double>::quiet_NaN(), false);
    for (const Row& row : rows) whole.add(row.score, row.positive);
    whole.add_without_outcome();
    whole.add_without_score(false);
    whole.add_without_score(true);
    EXPECT_EQ(bytes_of(whole), bytes_of(merged));
    const ScoreCounts counts = merged.counts();
    EXPECT_EQ(counts.ignored(), 3u);
    EXPECT_EQ(counts.no_outcome, 1u);
    EXPECT_EQ(counts.not_numbers, 1u);
  }
}

TEST(Outcomes, MinusZeroIsZeroAndInfinitiesAreScores) {
  Outcomes outcomes;
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double score : {-0.0, infinity, 0.0, -infinity}) outcomes.add(score, score == 0);
  const ScoreCounts counts = outcomes.counts();
  ASSERT_EQ(counts.levels.size(), 3u);
  EXPECT_EQ(counts.levels[0].score, -infinity);
  EXPECT_FALSE(std::signbit(counts.levels[1].score));
  EXPECT_EQ(counts.levels[1].positives, 2u);
  EXPECT_EQ(counts.levels[2].score, infinity);
}

int calls_until_stop = 0;
bool stops() noexcept { return --calls_until_stop == 0; }

// What throws has changed nothing, so that the server can begin anew.
TEST(Outcomes, CanBeInterruptedAnywhere) {
  std::mt19937_64 random(3);
  const std::vector<Row> rows = random_rows(random, 400'000, 1'000'000);
  Outcomes outcomes, other;
  int interrupted = 0;
  set_stop_requested(stops);
  const auto insist = [&](const auto& body) {
    for (;;) {
      try {
        return body();
      } catch (const Interrupted&) {
        ++interrupted;
        calls_until_stop = 2 + static_cast<int>(random() % 40);
      }
    }
  };
  calls_until_stop = 1;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    insist([&] { (i % 2 == 0 ? outcomes : other).add(rows[i].score, rows[i].positive); });
  }
  insist([&] { outcomes.merge(other); });
  std::vector<std::uint8_t> bytes(insist([&] { return outcomes.encoded_size(); }));
  outcomes.encode(bytes.data());
  Outcomes read;
  insist([&] { read.decode(bytes); });
  set_stop_requested(nullptr);
  EXPECT_GT(interrupted, 5);
  expect_same(outcomes, rows);
  expect_same(read, rows);
}

/// Reads changed bytes: an Error of bad bytes, or a state that can be asked and written.
template <class State, class Check>
void mutate(const std::vector<std::uint8_t>& good, const Check& check) {
  std::mt19937_64 random(4);
  int rejected = 0;
  for (std::size_t size = 0; size < good.size(); ++size) {
    State state;
    EXPECT_THROW(state.decode(std::span(good).first(size)), Error) << size;
  }
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::uint8_t> bytes = good;
    for (auto changes = 1 + random() % 4; changes > 0; --changes) {
      bytes[random() % bytes.size()] = random() % 3 == 0 ? 0xff : static_cast<std::uint8_t>(random());
    }
    if (random() % 10 == 0) bytes.push_back(0);
    State state;
    try {
      state.decode(bytes);
      check(state);
    } catch (const Error& error) {
      EXPECT_STREQ(error.code(), sqlstate::kInvalidBinary) << error.message();
      ++rejected;
    }
  }
  EXPECT_GT(rejected, 1000);
}

TEST(Outcomes, BytesAreNotTrusted) {
  Outcomes outcomes;
  for (int i = 0; i < 500; ++i) outcomes.add(i % 8 - 4, i % 3 == 0);
  outcomes.add_without_outcome();
  mutate<Outcomes>(bytes_of(outcomes), [](Outcomes& state) {
    const ScoreCounts counts = state.counts();
    std::uint64_t rows = 0;
    for (std::size_t i = 0; i < counts.levels.size(); ++i) {
      EXPECT_FALSE(std::isnan(counts.levels[i].score));
      if (i != 0) {
        EXPECT_LT(counts.levels[i - 1].score, counts.levels[i].score);
      }
      EXPECT_GT(counts.levels[i].rows(), 0u);
      rows += counts.levels[i].rows();
    }
    EXPECT_EQ(rows, counts.rows());
  });
}

TEST(Categories, BytesAreNotTrusted) {
  Categories categories;
  for (int i = 0; i < 100; ++i) categories.add(std::string(static_cast<std::size_t>(i % 5), 'x'), i % 3 == 0);
  categories.add({}, true);
  mutate<Categories>(bytes_of(categories), [](const Categories& state) { (void)state.counts(); });
}

TEST(Categories, CountInAnyPartition) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 30; ++round) {
    std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> reference;
    std::vector<Categories> parts(1 + random() % 4);
    std::uint64_t none = 0;
    for (auto left = random() % 3000; left > 0; --left) {
      Categories& part = parts[random() % parts.size()];
      const bool positive = random() % 4 == 0;
      if (random() % 10 == 0) {
        part.add({}, positive);
        ++none;
        continue;
      }
      const std::string value = "v" + std::to_string(random() % 200);
      part.add(value, positive);
      (positive ? reference[value].first : reference[value].second) += 1;
    }
    Categories merged;
    for (const Categories& part : parts) {
      if (random() % 2 == 0) {
        merged.merge(part);
      } else {
        merged.decode(bytes_of(part));
      }
    }
    const CategoryCounts counts = merged.counts();
    ASSERT_EQ(counts.levels.size(), reference.size() + (none == 0 ? 0 : 1));
    std::size_t i = 0;
    for (const auto& [value, rows] : reference) {
      EXPECT_EQ(counts.levels[i].value, value);
      EXPECT_EQ(counts.levels[i].positives, rows.first);
      EXPECT_EQ(counts.levels[i].negatives, rows.second);
      ++i;
    }
    if (none != 0) {
      EXPECT_FALSE(counts.levels.back().value.has_value());
      EXPECT_EQ(counts.levels.back().positives + counts.levels.back().negatives, none);
    }
  }
}

TEST(Categories, NumbersAreInTheirOwnOrder) {
  Categories numbers, words;
  for (const char* value : {"10", "9", "-1", "9.0", "1e1"}) numbers.add(value, true);
  for (const char* value : {"10", "9", "-1", "x", ""}) words.add(value, true);
  const auto order = [](const Categories& categories) {
    std::string made;
    for (const CategoryLevel& level : categories.counts().levels) made += std::string(*level.value) + ",";
    return made;
  };
  EXPECT_EQ(order(numbers), "-1,9,9.0,10,1e1,");
  EXPECT_EQ(order(words), ",-1,10,9,x,");
}

TEST(Categories, AreNotWithoutNumber) {
  Categories categories;
  for (std::size_t i = 0; i < kMostCategories; ++i) categories.add(std::to_string(i), false);
  categories.add("0", true);
  EXPECT_THROW(categories.add("one more", false), Error);
  EXPECT_EQ(categories.counts().levels.size(), kMostCategories);
}

}  // namespace
}  // namespace leadscore
