#include "core/draft.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "core/error.hpp"
#include "core/json_values.hpp"
#include "core/reader.hpp"
#include "core/rounding.hpp"
#include "core/text.hpp"

namespace leadscore {
namespace {

/// Points of a draft: so many double the odds.
constexpr double kDoubleOdds = 10;
/// A column that ranks leads better than this by itself tells the outcome, it doesn't foretell it.
constexpr double kTellsOutcome = 0.98;
constexpr std::size_t kMostValues = 15;
constexpr std::size_t kLongestValue = 200;  ///< bytes; whoever reads the rule set must be able to
constexpr std::size_t kMostBands = 6;

/// A column's name where a condition takes it: some words mean something else there.
std::string as_member(const std::string& name) {
  for (const std::string_view taken : {"all", "any", "not", "segment"}) {
    if (name == taken) return "." + name;
  }
  return name;
}

Json test(const std::string& field, const char* op, Json argument) {
  return json_object({{as_member(field), json_object({{op, std::move(argument)}})}});
}

constexpr std::array<std::string_view, 4> kOptions{"max_rules", "leave_out", "as_of", "activity"};

/// The ends of the bands, and of those without a number.
std::vector<Ends> groups_of(const std::vector<Span>& spans, const Ends& missing) {
  std::vector<Ends> groups;
  groups.reserve(spans.size() + 1);
  for (const Span& span : spans) groups.push_back(span.ends);
  groups.push_back(missing);
  return groups;
}

}  // namespace

DraftOptions parse_draft_options(const Json& json) {
  DraftOptions options;
  ProblemLog log;
  const Node root(json);
  const Reader reader(root, log, kOptions);
  options.max_rules = static_cast<std::size_t>(reader.whole("max_rules", 1, 1000).value_or(60));
  options.as_of = reader.text("as_of").value_or("");
  if (const auto names = reader.member("leave_out"); names && is_array(*names, log, "an array of columns")) {
    for (std::size_t i = 0; i < names->json().items.size(); ++i) {
      const Node item = names->item(i);
      if (auto name = read_text(item, log)) options.leave_out.push_back(std::move(*name));
    }
  }
  if (const auto activity = reader.member("activity"))
    read_activity_options(*activity, log, options.activity);
  raise_first(log, "options");
  return options;
}

void check_leave_out(const DraftOptions& options, std::span<const std::string_view> columns) {
  for (std::size_t i = 0; i < options.leave_out.size(); ++i) {
    const std::string& name = options.leave_out[i];
    if (std::find(columns.begin(), columns.end(), name) != columns.end()) continue;
    const std::string_view near = nearest(name, columns);
    throw Error(sqlstate::kInvalidParameter,
                "invalid options: $.leave_out[" + std::to_string(i) + "]: there is no column " + quoted(name),
                near.empty() ? "" : "Perhaps you meant " + quoted(near) + ".");
  }
}

const char* const kAddressClasses =
    R"({"segments": {"disposable": {"v": {"domain": "@disposable"}}, "freemail": {"v": {"domain": "@freemail"}},
        "education": {"v": {"domain": "@education"}}, "role": {"v": {"local_part": "@role_accounts"}}},
        "dimensions": [{"name": "none", "rules": []}]})";

void add_tiers(Json& ruleset, double warm, double hot) {
  std::vector<Json> tiers;
  tiers.push_back(json_object({{"name", json_text("hot")}, {"at", json_number(hot)}}));
  if (warm < hot) tiers.push_back(json_object({{"name", json_text("warm")}, {"at", json_number(warm)}}));
  tiers.push_back(json_object({{"name", json_text("cold")}}));
  ruleset.members.emplace_back("tiers", json_array(std::move(tiers)));
}

bool looks_like_addresses(const std::vector<Level>& levels) {
  std::uint64_t seen = 0, addresses = 0;
  for (const Level& level : levels) {
    const std::size_t at = level.value.find('@');
    const bool is = at != std::string::npos && at > 0 && level.value.find('.', at) != std::string::npos &&
                    level.value.find(' ') == std::string::npos;
    ++seen;
    if (is) ++addresses;
  }
  return seen > 0 && addresses * 10 >= seen * 8;
}

Draft::Draft(std::string name, Ends all, DraftOptions options)
    : name_(std::move(name)), all_(all), options_(std::move(options)) {
  if (all_.positives == 0 || all_.negatives == 0)
    throw Error(sqlstate::kInvalidParameter,
                all_.count() == 0 ? "no row of " + name_ + " has an outcome"
                                  : "of " + std::to_string(all_.count()) + " rows of " + name_ +
                                        (all_.positives == 0 ? " none was won" : " all were won"),
                "A draft needs leads that were won and leads that were lost.");
}

std::uint64_t Draft::rare() const noexcept { return std::max<std::uint64_t>(20, all_.count() / 200); }

Json Draft::points_of(const Ends& group) const {
  return json_number(round_decimals(weight_of_evidence(group, all_) * kDoubleOdds / std::log(2), 0));
}

void Draft::leave_out(std::string_view column, std::string_view why) {
  left_out_.push_back(std::string(column) + " (" + std::string(why) + ")");
}

bool Draft::is_telling(std::string_view name, const std::vector<Ends>& groups) {
  const double area = area_of(groups);
  if (area >= kTellsOutcome) {
    leave_out(name, "it gives the outcome away");
    return false;
  }
  if (!is_informative(groups, all_)) {
    leave_out(name, "it tells nothing");
    return false;
  }
  return true;
}

void Draft::keep(Json rule, std::string_view name, const std::vector<Ends>& groups, bool is_activity) {
  rules_.push_back({std::move(rule), information_value(groups, all_), is_activity, std::string(name)});
}

bool Draft::leaves_out(std::string_view column) const noexcept {
  return std::find(options_.leave_out.begin(), options_.leave_out.end(), column) != options_.leave_out.end();
}

void Draft::add(const Column& column) {
  checkpoint();
  if (leaves_out(column.name)) return leave_out(column.name, "as asked");
  if (is_blank(column.name)) return leave_out("a column", "its name is blank");
  if (column.name.find('.') != std::string::npos) return leave_out(column.name, "its name has a dot in it");
  if (column.is_key) return leave_out(column.name, "it identifies something");
  switch (column.kind) {
    case Column::Kind::text:
    case Column::Kind::boolean:
      return add_map(column);
    case Column::Kind::number:
      return add_bands(column);
    case Column::Kind::age:
      return add_ages(column);
    case Column::Kind::address:
      return add_classes(column);
  }
}

void Draft::add_map(const Column& column) {
  const std::uint64_t filled = all_.count() - column.missing.count();
  if (column.kind == Column::Kind::text && column.distinct * 2 > filled && filled > 2 * rare())
    return leave_out(column.name, "nearly each row has a value of its own");
  // As a map compares: case and blanks make no other value.
  std::vector<Level> levels;
  std::unordered_map<std::string, std::size_t> place;
  Ends missing = column.missing, rest = column.others;
  for (const Level& level : column.levels) {
    if (is_blank(level.value)) {
      missing += level.ends;
      continue;
    }
    const std::string folded_value = folded(level.value, Accents::kept);
    // What folding leaves nothing of is no key of a map, nor is what JSON can't hold.
    if (is_blank(folded_value) || !is_utf8(level.value)) {
      rest += level.ends;
      continue;
    }
    const auto [known, is_new] = place.emplace(folded_value, levels.size());
    if (is_new) {
      levels.push_back(level);
    } else {
      levels[known->second].ends += level.ends;
    }
  }
  std::stable_sort(levels.begin(), levels.end(),
                   [](const Level& a, const Level& b) { return a.ends.count() > b.ends.count(); });
  JsonMembers map;
  std::vector<Ends> groups;
  for (const Level& level : levels) {
    if (map.size() == kMostValues || level.ends.count() < rare() || level.value.size() > kLongestValue) {
      rest += level.ends;
      continue;
    }
    map.emplace_back(level.value, points_of(level.ends));
    groups.push_back(level.ends);
  }
  groups.push_back(rest);
  groups.push_back(missing);
  if (!is_telling(column.name, groups)) return;
  if (map.empty()) return leave_out(column.name, "all its values are rare");
  Json rule = json_object({{"id", json_text(column.name)},
                           {"field", json_text(column.name)},
                           {"map", json_object(std::move(map))}});
  if (rest.count() > 0) rule.members.emplace_back("else", points_of(rest));
  if (missing.count() > 0) rule.members.emplace_back("missing", points_of(missing));
  keep(std::move(rule), column.name, groups, false);
}

void Draft::add_bands(const Column& column) {
  const std::vector<Span> spans = merge_alike(column.spans, rare(), kMostBands);
  const std::vector<Ends> groups = groups_of(spans, column.missing);
  if (!is_telling(column.name, groups)) return;
  std::vector<Json> bands;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    JsonMembers band;
    if (i + 1 < spans.size())
      band.emplace_back("below", json_number(round_bound(spans[i].most, spans[i + 1].least)));
    band.emplace_back("points", points_of(spans[i].ends));
    bands.push_back(json_object(std::move(band)));
  }
  Json rule = json_object({{"id", json_text(column.name)},
                           {"field", json_text(column.name)},
                           {"bands", json_array(std::move(bands))}});
  if (column.missing.count() > 0) rule.members.emplace_back("missing", points_of(column.missing));
  keep(std::move(rule), column.name, groups, false);
}

void Draft::add_ages(const Column& column) {
  const std::vector<Span> spans = merge_alike(column.spans, rare(), kMostBands);
  const std::vector<Ends> groups = groups_of(spans, column.missing);
  if (!is_telling(column.name, groups)) return;
  std::vector<Json> cases;
  if (column.missing.count() > 0)
    cases.push_back(json_object(
        {{"when", test(column.name, "is_null", json_boolean(true))}, {"points", points_of(column.missing)}}));
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (i + 1 == spans.size()) {
      cases.push_back(json_object({{"points", points_of(spans[i].ends)}}));
      break;
    }
    // Ages are whole days, from the youngest on; what lies in the future is younger than any bound.
    const double days = std::max(1.0, std::ceil(round_bound(spans[i].most, spans[i + 1].least)));
    cases.push_back(
        json_object({{"when", test(column.name, "newer_than", json_text(format_number(days) + " days"))},
                     {"points", points_of(spans[i].ends)}}));
  }
  keep(json_object({{"id", json_text(column.name)}, {"cases", json_array(std::move(cases))}}), column.name,
       groups, false);
}

void Draft::add_classes(const Column& column) {
  std::vector<Ends> groups;
  std::vector<Json> cases;
  Ends rest = column.others;
  for (const Level& level : column.levels) {
    const char* op = level.value == "role" ? "local_part" : "domain";
    const std::string list = level.value == "role" ? "@role_accounts" : "@" + level.value;
    if (level.value == "other" || level.ends.count() < rare()) {
      rest += level.ends;
      continue;
    }
    cases.push_back(
        json_object({{"when", test(column.name, op, json_text(list))}, {"points", points_of(level.ends)}}));
    groups.push_back(level.ends);
  }
  if (column.missing.count() >= rare()) {
    cases.push_back(json_object(
        {{"when", test(column.name, "is_null", json_boolean(true))}, {"points", points_of(column.missing)}}));
    groups.push_back(column.missing);
  } else {
    rest += column.missing;
  }
  groups.push_back(rest);
  if (!is_telling(column.name, groups)) return;
  cases.push_back(json_object({{"points", points_of(rest)}}));
  keep(json_object({{"id", json_text(column.name)}, {"cases", json_array(std::move(cases))}}), column.name,
       groups, false);
}

std::string Draft::free_id(const std::string& wanted) const {
  std::string id = wanted;
  const auto taken = [&] {
    return std::any_of(rules_.begin(), rules_.end(),
                       [&](const Drafted& drafted) { return drafted.rule.find("id")->text == id; });
  };
  for (int n = 2; taken(); ++n) id = wanted + " " + std::to_string(n);
  return id;
}

void Draft::add(const KindOfActivity& kind) {
  checkpoint();
  // As rules compare kinds: a blank one counts nowhere, and case makes no other.
  std::string folded_kind = folded(kind.kind, Accents::kept);
  if (is_blank(folded_kind)) return;
  const std::string name = "did " + kind.kind;
  if (kind.kind.size() > kLongestValue) return leave_out("a kind of activity", "its name is too long");
  if (kind.kind == "*" || kind.kind.front() == '@')
    return leave_out(name, "its name means something else in a rule set");
  if (std::find(kinds_.begin(), kinds_.end(), folded_kind) != kinds_.end())
    return leave_out(name, "it is another one but for its spelling");
  kinds_.push_back(std::move(folded_kind));
  // The window that tells most. Those outside of it are all others.
  std::size_t best = kWindows;
  double most = 0;
  bool is_rare = true;
  const auto inside_and_outside = [&](const Ends& inside) {
    return std::vector<Ends>{inside, {all_.positives - inside.positives, all_.negatives - inside.negatives}};
  };
  for (std::size_t w = 0; w < kWindows; ++w) {
    if (kind.within[w].count() < rare()) continue;
    is_rare = false;
    const double value = information_value(inside_and_outside(kind.within[w]), all_);
    if (best != kWindows && value <= most) continue;
    best = w;
    most = value;
  }
  if (is_rare) return leave_out(name, "too rare");
  const std::vector<Ends> groups = inside_and_outside(kind.within[best]);
  if (!is_telling(name, groups)) return;
  keep(json_object({{"id", json_text(free_id(name))},
                    {"on", json_text(kind.kind)},
                    {"count", json_object({{"gte", json_number(1)}})},
                    {"within", json_text(std::to_string(kWindowDays[best]) + " days")},
                    {"points", points_of(kind.within[best])}}),
       name, groups, true);
}

Json Draft::finish() {
  std::stable_sort(rules_.begin(), rules_.end(),
                   [](const Drafted& a, const Drafted& b) { return a.value > b.value; });
  while (rules_.size() > options_.max_rules) {
    leave_out(rules_.back().name, "of those that tell something, it tells least");
    rules_.pop_back();
  }
  std::vector<Json> dimensions;
  for (const bool is_activity : {false, true}) {
    std::vector<Json> rules;
    for (Drafted& drafted : rules_) {
      if (drafted.is_activity == is_activity) rules.push_back(std::move(drafted.rule));
    }
    if (!rules.empty())
      dimensions.push_back(json_object({{"name", json_text(is_activity ? "engagement" : "fit")},
                                        {"rules", json_array(std::move(rules))}}));
  }
  std::string note = "Drafted from " + std::to_string(all_.count()) + " rows of " + name_ + ", of which " +
                     std::to_string(all_.positives) + " were won.";
  std::string left_out;
  for (const std::string& one : left_out_) left_out += (left_out.empty() ? "" : ", ") + one;
  if (!left_out.empty()) note += " Left out: " + left_out + ".";
  if (dimensions.empty())
    throw Error(sqlstate::kInvalidParameter, "no column of " + name_ + " tells who was won", "",
                "Left out: " + left_out + ".");
  return json_object({{"name", json_text(name_)},
                      {"note", json_text(std::move(note))},
                      {"dimensions", json_array(std::move(dimensions))}});
}

}  // namespace leadscore
