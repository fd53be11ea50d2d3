// A first rule set from what is known of columns, and numbers brought into bands.
#include "core/draft.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace leadscore {
namespace {

constexpr Ends kAll{200, 800};

Column column(const char* name, Column::Kind kind, std::vector<Level> levels, Ends others = {},
              Ends missing = {}) {
  Column made;
  made.name = name;
  made.kind = kind;
  made.distinct = levels.size();
  made.levels = std::move(levels);
  made.others = others;
  made.missing = missing;
  return made;
}

Column spans(const char* name, Column::Kind kind, std::vector<Span> of) {
  Column made;
  made.name = name;
  made.kind = kind;
  made.spans = std::move(of);
  return made;
}

/// Ten points for each doubling of the odds, from the shares themselves.
double points_by_hand(const Ends& group) {
  const double won = static_cast<double>(group.positives) / 200,
               lost = static_cast<double>(group.negatives) / 800;
  return 10 * std::log2(won / lost);
}

/// Everything that a draft may meet.
Draft full(DraftOptions options = {}) {
  Draft draft("lead", kAll, std::move(options));
  draft.add(column("country", Column::Kind::text, {{"DE", {120, 180}}, {"FR", {30, 370}}, {"XX", {1, 2}}},
                   {9, 48}, {40, 200}));
  draft.add(
      spans("size", Column::Kind::number, {{0, 9, {20, 400}}, {10, 19, {20, 390}}, {20, 99, {160, 10}}}));
  draft.add(spans("created", Column::Kind::age, {{0, 29, {150, 200}}, {30, 400, {50, 600}}}));
  draft.add(column("mail", Column::Kind::address, {{"freemail", {10, 300}}, {"other", {190, 500}}}));
  draft.add(column("leak", Column::Kind::boolean, {{"true", {200, 0}}, {"false", {0, 800}}}));
  draft.add(column("noise", Column::Kind::boolean, {{"true", {100, 400}}, {"false", {100, 400}}}));
  Column key = column("owner_id", Column::Kind::text, {});
  key.is_key = true;
  draft.add(key);
  draft.add(KindOfActivity{"demo", {{80, 10}, {100, 20}, {110, 30}, {120, 40}}});
  draft.add(KindOfActivity{"Demo", {{80, 10}, {100, 20}, {110, 30}, {120, 40}}});
  draft.add(KindOfActivity{"*", {{80, 10}, {100, 20}, {110, 30}, {120, 40}}});
  return draft;
}

const Rule* rule_of(const Ruleset& rules, std::string_view id) {
  for (const Dimension& dimension : rules.dimensions) {
    for (const Rule& rule : dimension.rules) {
      if (rule.id == id) return &rule;
    }
  }
  return nullptr;
}

TEST(Draft, IsARuleSetOfWhatTells) {
  const Json made = full().finish();
  const std::string text = pretty_json(made);
  const Ruleset rules = parse_ruleset(text);
  for (const char* const id : {"country", "size", "created", "mail", "did demo"})
    EXPECT_NE(rule_of(rules, id), nullptr) << id;
  EXPECT_EQ(rules.rule_count(), 5U) << text;
  const std::string& note = made.find("note")->text;
  for (const char* const left_out :
       {"leak (it gives the outcome away)", "noise (it tells nothing)", "owner_id (it identifies something)",
        "did Demo (it is another one but for its spelling)",
        "did * (its name means something else in a rule set)"}) {
    EXPECT_NE(note.find(left_out), std::string::npos) << left_out << " in: " << note;
  }
}

TEST(Draft, PointsAreWeightsOfEvidence) {
  const Json made = full().finish();
  const std::vector<Json>& written = made.find("dimensions")->items[0].find("rules")->items;
  const auto found = std::find_if(written.begin(), written.end(),
                                  [](const Json& rule) { return rule.find("id")->text == "country"; });
  ASSERT_NE(found, written.end());
  const Json& country = *found;
  const Json& map = *country.find("map");
  ASSERT_EQ(map.members.size(), 2U);  // XX is rare, and one of the others
  EXPECT_NEAR(std::stod(map.find("DE")->text), points_by_hand({120, 180}), 1);
  EXPECT_NEAR(std::stod(map.find("FR")->text), points_by_hand({30, 370}), 1);
  EXPECT_NEAR(std::stod(country.find("else")->text), points_by_hand({10, 50}), 1);
  EXPECT_NEAR(std::stod(country.find("missing")->text), points_by_hand({40, 200}), 1);
}

TEST(Draft, KeepsTheRulesThatTellMost) {
  DraftOptions options;
  options.max_rules = 1;
  const Ruleset rules = parse_ruleset(pretty_json(full(options).finish()));
  EXPECT_EQ(rules.rule_count(), 1U);
  EXPECT_NE(rule_of(rules, "size"), nullptr);
}

TEST(Draft, OfNothingIsAnError) {
  Draft draft("lead", kAll, {});
  draft.add(column("noise", Column::Kind::boolean, {{"true", {100, 400}}, {"false", {100, 400}}}));
  EXPECT_THROW((void)draft.finish(), Error);
  EXPECT_THROW((void)Draft("lead", {0, 10}, {}).finish(), Error);
}

TEST(DraftOptions, ColumnsToLeaveOutMustBeThere) {
  const DraftOptions options = parse_draft_options(
      parse_json(R"({"leave_out": ["size", "discuont"], "max_rules": 3, "as_of": "at"})"));
  EXPECT_EQ(options.max_rules, 3U);
  EXPECT_EQ(options.as_of, "at");
  const std::string_view columns[] = {"size", "discount"}, all[] = {"size", "discuont"};
  check_leave_out(options, all);
  try {
    check_leave_out(options, columns);
    ADD_FAILURE() << "it was taken";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "invalid options: $.leave_out[1]: there is no column \"discuont\"");
    EXPECT_EQ(error.hint(), "Perhaps you meant \"discount\".");
  }
  EXPECT_THROW((void)parse_draft_options(parse_json(R"({"leave_out": "size"})")), Error);
  EXPECT_THROW((void)parse_draft_options(parse_json(R"({"max_rules": 0})")), Error);
}

TEST(Binning, BandsHoldAllLeadsInOrder) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<Span> of;
    Ends all;
    const int size = 1 + static_cast<int>(random() % 60);
    for (int i = 0; i < size; ++i) {
      of.push_back({i * 10.0, i * 10.0 + 5, {random() % 30, random() % 30}});
      all += of.back().ends;
    }
    const std::vector<Span> bands = merge_alike(of, 20, 6);
    ASSERT_FALSE(bands.empty());
    EXPECT_LE(bands.size(), 6U);
    EXPECT_EQ(bands.front().least, of.front().least);
    EXPECT_EQ(bands.back().most, of.back().most);
    Ends held;
    for (std::size_t i = 0; i < bands.size(); ++i) {
      held += bands[i].ends;
      if (bands.size() > 1) {
        EXPECT_GE(bands[i].ends.count(), 20U);
      }
      if (i > 0) {
        EXPECT_LT(bands[i - 1].most, bands[i].least);
        const double bound = round_bound(bands[i - 1].most, bands[i].least);
        EXPECT_GT(bound, bands[i - 1].most);
        EXPECT_LE(bound, bands[i].least);
      }
    }
    EXPECT_EQ(held.positives, all.positives);
    EXPECT_EQ(held.negatives, all.negatives);
  }
}

TEST(Binning, AreaOfGroups) {
  EXPECT_EQ(area_of({{10, 0}, {0, 10}}), 1);
  EXPECT_EQ(area_of({{5, 5}, {5, 5}}), 0.5);
  EXPECT_EQ(area_of({{0, 5}}), 0.5);
  // Pairs: 3 of 4 positives above 1 of 2 negatives, ties by half.
  EXPECT_DOUBLE_EQ(area_of({{3, 1}, {1, 1}}), (3 * 1 + 0.5 * (3 * 1 + 1 * 1)) / 8.0);
}

}  // namespace
}  // namespace leadscore
