#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/text.hpp"

namespace leadscore {
namespace {

std::string_view nearest_of(std::string_view word, std::vector<std::string_view> candidates) {
  return nearest(word, candidates);
}

TEST(Nearest, CountsLettersNotBytes) {
  const std::string_view names[] = {"tytuł", "miasto"};
  EXPECT_EQ(leadscore::nearest("tytul", names), "tytuł");
}

TEST(Nearest, Misspellings) {
  constexpr std::array<std::string_view, 8> kMembers = {
      "half_life", "max_points", "max_per_day", "max_events", "promote_to", "when", "where", "within"};
  EXPECT_EQ(nearest("half_live", kMembers), "half_life");
  EXPECT_EQ(nearest("halflife", kMembers), "half_life");
  EXPECT_EQ(nearest("max_point", kMembers), "max_points");
  EXPECT_EQ(nearest("wehn", kMembers), "when");
  EXPECT_EQ(nearest("whn", kMembers), "when");
  EXPECT_EQ(nearest("Where", kMembers), "where");
  EXPECT_EQ(nearest("witihn", kMembers), "within");
  EXPECT_EQ(nearest("MAX_PER_DAYS", kMembers), "max_per_day");
  EXPECT_EQ(nearest("weight", kMembers), "");
  EXPECT_EQ(nearest("", kMembers), "");
}

TEST(Nearest, AThirdOfTheWordButAtLeastOneLetter) {
  EXPECT_EQ(nearest_of("ge", {"gte"}), "gte");
  EXPECT_EQ(nearest_of("abcde", {"abcxy"}), "");  // 2 > 5 / 3
  EXPECT_EQ(nearest_of("abcdef", {"abcdxy"}), "abcdxy");
  EXPECT_EQ(nearest_of("abcdef", {"abxyzf"}), "");
  EXPECT_EQ(nearest_of("x", {"y"}), "");  // nothing left in common
}

TEST(Nearest, SwappedNeighboursAreOneChange) {
  EXPECT_EQ(nearest_of("ab", {"ba"}), "ba");
  EXPECT_EQ(nearest_of("tilte", {"title"}), "title");
}

TEST(Nearest, TheLeastDistanceThenTheFirst) {
  EXPECT_EQ(nearest_of("colour", {"color_", "colours", "colour"}), "colour");
  EXPECT_EQ(nearest_of("cat", {"car", "cap", "bat"}), "car");
  EXPECT_EQ(nearest_of("abcdefghi", {"abcdefxyi", "abcdefghx"}), "abcdefghx");
}

TEST(Nearest, PrefixesWhereNothingIsNear) {
  EXPECT_EQ(nearest_of("desc", {"name", "description"}), "description");
  EXPECT_EQ(nearest_of("employees_count", {"name", "employees"}), "employees");
  EXPECT_EQ(nearest_of("de", {"description"}), "");
  EXPECT_EQ(nearest_of("ide", {"id", "identifier"}), "id");  // distance 1 comes before a prefix
}

TEST(Nearest, CaseAndAccentsDoNotCount) {
  EXPECT_EQ(nearest_of("PAYS", {"pays"}), "pays");
  EXPECT_EQ(nearest_of("region", {"Région"}), "Région");
  EXPECT_EQ(nearest_of("STRASSE", {"straße"}), "straße");
  EXPECT_EQ(nearest_of("должнсть", {"страна", "должность"}), "должность");
}

TEST(Nearest, LongWordsCostLittle) {
  const std::string word(1'000'000, 'x');
  const std::vector<std::string> names(1000, std::string(250, 'y'));
  std::vector<std::string_view> candidates(names.begin(), names.end());
  EXPECT_EQ(nearest(word, candidates), "");
  candidates = {word};
  EXPECT_EQ(nearest("xxx", candidates), "");
}

TEST(Nearest, CanBeInterrupted) {
  set_stop_requested([]() noexcept { return true; });
  EXPECT_THROW(nearest_of("a", {"b"}), Interrupted);
  set_stop_requested(nullptr);
}

}  // namespace
}  // namespace leadscore
