// Random leads and histories. Rule sets: generate_ruleset.cpp.
#include "generate.hpp"

#include <cstdlib>
#include <limits>

namespace leadscore::generate {
namespace {

constexpr Micros kHour = 3600 * kSecond;

constexpr std::array<Column, 9> kLeadColumns{{{"country", FieldType::text},
                                              {"industry", FieldType::text},
                                              {"title", FieldType::text},
                                              {"email", FieldType::text},
                                              {"employees", FieldType::number},
                                              {"customer", FieldType::boolean},
                                              {"created_at", FieldType::instant},
                                              {"renewal", FieldType::instant},
                                              {"tags", FieldType::text_array}}};
constexpr std::array<Column, 8> kActivityColumns{{{"url", FieldType::text},
                                                  {"asset", FieldType::text},
                                                  {"amount", FieldType::number},
                                                  {"level", FieldType::number},
                                                  {"session_id", FieldType::text},
                                                  {"paid", FieldType::boolean},
                                                  {"due", FieldType::instant},
                                                  {"labels", FieldType::text_array}}};

reference::Datum moment(Micros at, bool jsonb) {
  return jsonb ? reference::text(iso_text(at)) : reference::instant(at);
}

reference::Datum some_text(Random& random, std::span<const std::string_view> texts) {
  if (random.chance(12)) return reference::null();
  return reference::text(std::string(random.pick(texts)));
}

/// Now and then a value of another type than its column's, as jsonb allows.
reference::Datum or_misfit(Random& random, bool jsonb, reference::Datum datum) {
  if (!jsonb || !random.chance(6)) return datum;
  switch (random.below(4)) {
    case 0:
      return reference::boolean(random.chance(50));
    case 1:
      return reference::number(static_cast<double>(random.between(-3, 30)));
    case 2:
      return reference::text(random.chance(50) ? "many" : "10");
    default:
      return reference::array({reference::text("a"), reference::number(2)});
  }
}

reference::Datum amount(Random& random, bool jsonb) {
  if (random.chance(10)) return reference::null();
  if (!jsonb && random.chance(2)) return reference::number(std::numeric_limits<double>::quiet_NaN());
  if (random.chance(40)) return reference::number(static_cast<double>(random.between(-3, 5)));
  return reference::number(static_cast<double>(random.between(-2000, 4000)) / 100);
}

reference::Row activity_row(Random& random, Micros at, bool jsonb) {
  static constexpr std::array<std::string_view, 7> kUrls{
      "/pricing", "/Pricing/enterprise", "/product", "/careers/jobs", "https://shop.acme.com/x", "/", " "};
  static constexpr std::array<std::string_view, 6> kAssets{"calculator", "CALCULATOR", "white paper",
                                                           "Démo",       "demo",       "other"};
  static constexpr std::array<std::string_view, 7> kSessions{"a", "A", "b", "c", "c ", "", "\t"};
  static constexpr std::array<std::string_view, 3> kLabels{"new", "hot", "Old"};
  reference::Row row;
  row["url"] = or_misfit(random, jsonb, some_text(random, kUrls));
  row["asset"] = or_misfit(random, jsonb, some_text(random, kAssets));
  row["amount"] = or_misfit(random, jsonb, amount(random, jsonb));
  row["level"] = or_misfit(random, jsonb, reference::number(static_cast<double>(random.between(0, 4)) / 2));
  row["session_id"] = or_misfit(random, jsonb, some_text(random, kSessions));
  row["paid"] = random.chance(20) ? reference::null() : reference::boolean(random.chance(50));
  row["due"] = random.chance(20) ? reference::null() : moment(at + random.between(-60, 60) * kHour, jsonb);
  std::vector<reference::Datum> labels;
  for (std::size_t n = random.below(3); n > 0; --n) {
    labels.push_back(reference::text(std::string(random.pick(kLabels))));
  }
  row["labels"] = reference::array(std::move(labels));
  return row;
}

std::optional<std::string> kind(Random& random) {
  static constexpr std::array<std::string_view, 12> kKinds{
      "email_open", "EMAIL_OPEN", "page_view",   "Page_View",   "démo", "DÉMO",
      "de\u0301mo", "demo",       "unsubscribe", "unsubscribe", "rfq",  "nobody_asks"};
  if (random.chance(2)) return std::nullopt;
  if (random.chance(2)) return "  ";
  return std::string(random.pick(kKinds));
}

}  // namespace

Random::Random(std::uint64_t seed) {
  const char* offset = std::getenv("LEADSCORE_SEED");
  engine_.seed(seed + (offset == nullptr ? 0 : std::strtoull(offset, nullptr, 10)));
}

std::span<const Column> lead_columns() { return kLeadColumns; }
std::span<const Column> activity_columns() { return kActivityColumns; }

std::string iso_text(Micros at) {
  std::string text = format_instant(at);
  const std::size_t zone = text.rfind(" UTC");
  text.replace(zone, 4, "Z");
  return text;
}

Micros some_as_of(Random& random) {
  // On both sides of the epoch, where whole numbers round the other way.
  static constexpr std::array<Micros, 4> kYears{26 * 365 * kDay, 26 * 365 * kDay, 5 * kDay, -15 * 365 * kDay};
  Micros at = random.pick(kYears) + random.between(0, 400) * kHour;
  if (random.chance(30)) at += random.between(0, kHour);
  return at;
}

reference::Row lead(Random& random, Micros as_of, bool jsonb) {
  static constexpr std::array<std::string_view, 6> kCountries{"NL", "nl", "ID", "România", "romania", " "};
  static constexpr std::array<std::string_view, 4> kIndustries{"Manufacturing", "RETAIL", "Energy", "energy"};
  static constexpr std::array<std::string_view, 6> kTitles{"VP, Sales",   "MVP",     "Directeur Général",
                                                           "head of R&D", "Student", "buyer"};
  static constexpr std::array<std::string_view, 5> kEmails{"ann@acme.com", "Bob <bob@mail.acme.com>",
                                                           "c@gmail.com", "info@notacme.com", "nonsense"};
  static constexpr std::array<std::string_view, 3> kTags{"vip", "Old", "trial"};
  reference::Row row;
  row["country"] = or_misfit(random, jsonb, some_text(random, kCountries));
  row["industry"] = or_misfit(random, jsonb, some_text(random, kIndustries));
  row["title"] = some_text(random, kTitles);
  row["email"] = some_text(random, kEmails);
  row["employees"] =
      or_misfit(random, jsonb,
                random.chance(15) ? reference::null()
                                  : reference::number(static_cast<double>(random.between(0, 60)) * 10));
  row["customer"] = random.chance(20) ? reference::null() : reference::boolean(random.chance(50));
  for (const std::string_view field : {"created_at", "renewal"}) {
    row[std::string(field)] = random.chance(15) ? reference::null()
                              : random.chance(20)
                                  ? moment(as_of - random.between(0, 6) * 5 * kDay, jsonb)
                                  : moment(as_of + random.between(-40 * 24, 5 * 24) * kHour, jsonb);
  }
  std::vector<reference::Datum> tags;
  for (std::size_t n = random.below(3); n > 0; --n) {
    tags.push_back(reference::text(std::string(random.pick(kTags))));
  }
  row["tags"] = reference::array(std::move(tags));
  return row;
}

std::vector<reference::Activity> history(Random& random, Micros as_of, std::size_t most, bool jsonb) {
  std::size_t count = random.below(most + 1);
  if (random.chance(50)) count /= 8;
  std::array<Micros, 4> centres{};
  for (Micros& centre : centres) centre = as_of - random.between(-4 * 24, 36 * 24) * kHour;
  std::vector<reference::Activity> activities;
  activities.reserve(count);
  while (activities.size() < count) {
    Micros at = 0;
    if (!activities.empty() && random.chance(25)) {
      at = random.pick(activities).at;
    } else if (random.chance(20)) {
      at = as_of - random.between(-2, 20) * 12 * kHour + random.between(-1, 1);
    } else {
      at = random.pick(centres) + random.between(-30, 30) * kHour;
      if (random.chance(30)) at += random.between(0, kHour);
    }
    if (random.chance(1) && random.chance(30)) at = random.chance(50) ? kInfinity : kMinusInfinity;
    reference::Activity activity;
    activity.kind = kind(random);
    activity.at = at;
    activity.row = activity_row(random, is_finite(at) ? at : as_of, jsonb);
    activities.push_back(std::move(activity));
  }
  return activities;
}

}  // namespace leadscore::generate
