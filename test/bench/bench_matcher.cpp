// What a row costs the matcher, by the number of rules: fit rules of the usual mix (25% in, 10% eq, 30%
// between, 20% contains, 8% regular expressions, 4% ends_with, 2% is_null, 1% boolean) on leads with
// repeating or unique job titles.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "core/matcher.hpp"

namespace leadscore {
namespace {

using Names = std::vector<std::string>;

const Names kCountries{"US", "DE", "GB", "FR", "NL", "IN", "BR", "CA", "AU", "JP",
                       "ES", "IT", "SE", "PL", "CN", "NG", "CH", "AT", "BE", "DK",
                       "NO", "FI", "IE", "PT", "MX", "ZA", "SG", "KR", "NZ", "IL"};
const Names kIndustries{"Software",   "Financial Services", "Manufacturing", "Healthcare",
                        "Retail",     "Education",          "Energy",        "Telecommunications",
                        "Logistics",  "Government",         "Media",         "Insurance",
                        "Automotive", "Agriculture",        "Construction"};
const Names kSources{"organic",       "paid_search", "webinar", "referral", "trade_show",
                     "cold_outbound", "partner",     "content", "social",   "list_import"};
const Names kStems{"vp",      "vice",    "chief",   "cto",    "ceo",      "head",    "director",
                   "manager", "founder", "student", "intern", "engineer", "analyst", "consult",
                   "execut",  "operat",  "senior",  "junior", "princip",  "procure", "account",
                   "market",  "sales",   "product", "admin"};
const Names kTails{"", " ", "s", " of", "ing", "er", "al", "ive", "ion", " &", "ent", "or"};
const Names kFirstNames{"anna", "ben",   "carla", "david", "erik",  "fatima", "george", "hana",
                        "ivan", "julia", "karl",  "lena",  "marco", "nina",   "oscar",  "petra"};
const Names kFreemail{"gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "gmx.de", "icloud.com"};
const Names kZones{".com", ".io", ".de", ".co.uk", ".fr", ".ai"};
const Names kRanks{"", "Senior ", "Junior ", "Lead ", "Principal ", "Associate ", "Global ", "Regional "};
const Names kTitles{"Software Engineer",
                    "VP of Sales",
                    "Vice President Marketing",
                    "Chief Technology Officer",
                    "CTO",
                    "CEO",
                    "Head of Procurement",
                    "Marketing Manager",
                    "Sales Director",
                    "Data Analyst",
                    "Student",
                    "Intern",
                    "Product Manager",
                    "IT Administrator",
                    "Director of Engineering",
                    "Consultant",
                    "Founder & CEO",
                    "Account Executive",
                    "HR Manager",
                    "Operations Manager"};
const Names kForms{" Inc",  " GmbH",           " Ltd",    " Technologies", " Group",
                   " Labs", " Consulting LLC", " Systems"};

constexpr std::size_t kRows = 20'000;
constexpr Micros kNow = 800'000'000 * kSecond;

enum Column {
  email,
  title,
  country,
  industry,
  employees,
  annual_revenue,
  source,
  created_at,
  opt_out,
  company,
  columns
};
const Names kColumns{"email",          "title",  "country",    "industry", "employees",
                     "annual_revenue", "source", "created_at", "opt_out",  "company"};

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t n) { return engine_() % n; }
  double unit() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  const std::string& of(const Names& names) { return names[below(names.size())]; }
  std::string hex(std::size_t digits) {
    std::string text;
    while (text.size() < digits) text += "0123456789abcdef"[below(16)];
    return text;
  }

 private:
  std::mt19937_64 engine_;
};

struct Rules {
  Ruleset rules;
  std::vector<FieldRequest> fields;
  RowShape shape;
  std::deque<Condition> conditions;
  std::vector<Decider> deciders;
};

Literal text_literal(std::string text) {
  Literal literal;
  literal.text = std::move(text);
  return literal;
}

Literal number_literal(double number) {
  Literal literal;
  literal.kind = Literal::Kind::number;
  literal.number = number;
  return literal;
}

Test random_test(Random& random, std::size_t i) {
  Test test;
  const std::size_t kind = i * 61 % 100;
  if (kind < 35) {
    const Names* const values[] = {&kCountries, &kIndustries, &kSources};
    const Names fields{"country", "industry", "source"};
    const std::size_t which = random.below(3);
    test.field = fields[which];
    test.op = kind < 25 ? Op::in : Op::eq;
    for (std::size_t n = kind < 25 ? 2 + random.below(7) : 1; n-- > 0;) {
      test.args.push_back(text_literal(random.of(*values[which])));
    }
  } else if (kind < 65) {
    const bool revenue = random.below(2) == 0;
    test.field = revenue ? "annual_revenue" : "employees";
    test.op = Op::between;
    const double low = static_cast<double>(random.below(10'000)) * (revenue ? 10'000 : 1);
    test.args = {number_literal(low),
                 number_literal(low * std::vector<double>{2, 4, 5, 10}[random.below(4)] + 9)};
  } else if (kind < 85) {
    test.field = random.below(3) < 2 ? "title" : "company";
    test.op = Op::contains;
    test.args.push_back(text_literal(kStems[i % kStems.size()] + kTails[i / kStems.size() % kTails.size()]));
  } else if (kind < 93) {
    test.field = "title";
    test.op = Op::matches;
    const std::string &a = random.of(kStems), &b = random.of(kStems);
    std::string regex = random.below(3) == 0 ? "^(" : "";
    regex += a;
    regex += regex[0] == '^' ? "|" + b + ") " : ".*(of|and|&) .*" + b;
    test.args.push_back(text_literal(std::move(regex)));
  } else if (kind < 97) {
    test.field = "email";
    test.op = Op::ends_with;
    const Names hosts{"gmail", "yahoo", "hotmail", "outlook", "icloud"}, zones{"com", "de", "fr"};
    test.args.push_back(text_literal("@" + random.of(hosts) + "." + random.of(zones)));
  } else if (kind < 99) {
    test.field = random.of({"industry", "title", "employees"});
    test.op = Op::is_null;
    test.flag = true;
  } else {
    test.field = "opt_out";
    Literal yes;
    yes.kind = Literal::Kind::boolean;
    yes.boolean = true;
    test.args.push_back(yes);
  }
  return test;
}

/// Rules that each read one field, or, `across`, a third of which ask something of a second one too.
std::unique_ptr<Rules> make_rules(std::size_t n, bool across, bool hits) {
  auto work = std::make_unique<Rules>();
  const FieldType types[] = {FieldType::text,    FieldType::text,   FieldType::text, FieldType::text,
                             FieldType::number,  FieldType::number, FieldType::text, FieldType::instant,
                             FieldType::boolean, FieldType::text};
  for (std::size_t c = 0; c < columns; ++c) {
    work->fields.push_back({kColumns[c], false, "rule"});
    FieldInfo info;
    info.type = types[c];
    work->shape.fields.push_back(info);
  }
  Random random(7);
  for (std::size_t i = 0; i < n; ++i) {
    Condition condition;
    condition.kind = Condition::Kind::test;
    condition.test = random_test(random, i);
    if (across && i % 3 == 0) {
      Condition both, other;
      other.kind = Condition::Kind::test;
      other.test = random_test(random, i + 17);
      both.children.push_back(std::move(condition));
      both.children.push_back(std::move(other));
      condition = std::move(both);
    }
    work->conditions.push_back(std::move(condition));
    Decider decider;
    decider.owner = "rule \"r" + std::to_string(i) + "\"";
    if (!hits) decider.bucket = 0;
    decider.branches.push_back({&work->conditions.back(), static_cast<double>(random.below(40)) - 20});
    work->deciders.push_back(std::move(decider));
  }
  return work;
}

/// Values and their texts each in one piece, in the order in which they are read: rows that a scan has just
/// fetched are in the cache too.
struct Rows {
  std::string texts;
  std::vector<Value> values;
  std::span<const Value> row(std::size_t i) const { return {values.data() + i * columns, columns}; }
};

Rows make_rows(std::size_t n, bool unique_titles) {
  Random random(42);
  Rows result;
  result.texts.reserve(n * 200);  // so that it never moves
  const auto text = [&result](const std::string& value) {
    const std::size_t at = result.texts.size();
    result.texts += value;
    return Value::of(std::string_view(result.texts).substr(at));
  };
  std::string house;
  for (std::size_t i = 0; i < n; ++i) {
    if (i % 4 == 0) house = random.hex(7);
    std::vector<Value> row(columns);
    row[email] = text(random.of(kFirstNames) + "." + random.hex(6) + "@" +
                      (random.unit() < 0.22 ? random.of(kFreemail) : house + random.of(kZones)));
    if (random.unit() >= 0.08) {
      row[title] = text(random.of(kRanks) + random.of(kTitles) + (unique_titles ? " " + random.hex(4) : ""));
    }
    row[country] = text(kCountries[random.below(20)]);
    if (random.unit() >= 0.1) row[industry] = text(random.of(kIndustries));
    if (random.unit() >= 0.12) row[employees] = Value::of(std::round(std::exp(random.unit() * 11)));
    if (random.unit() >= 0.25) row[annual_revenue] = Value::of(std::round(std::exp(random.unit() * 14 + 7)));
    row[source] = text(random.of(kSources));
    row[created_at] = Value::at(kNow - static_cast<Micros>(random.below(660)) * kDay);
    row[opt_out] = Value::of(random.unit() < 0.04);
    row[company] = text(house + random.of(kForms));
    result.values.insert(result.values.end(), row.begin(), row.end());
  }
  return result;
}

void bench(benchmark::State& state, const Rules& work, bool unique_titles) {
  const Rows rows = make_rows(kRows, unique_titles);
  Matcher matcher(work.rules, work.fields, work.shape, work.deciders, 1);
  MatchResult result;
  double sum = 0;
  for (auto _ : state) {
    for (std::size_t i = 0; i < kRows; ++i) {
      matcher.match(rows.row(i), kNow, result);
      sum += result.buckets[0] + static_cast<double>(result.hits.size());
    }
  }
  benchmark::DoNotOptimize(sum);
  state.counters["ns/row"] =
      benchmark::Counter(static_cast<double>(kRows) * static_cast<double>(state.iterations()) * 1e-9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void repeating_titles(benchmark::State& state) {
  bench(state, *make_rules(static_cast<std::size_t>(state.range(0)), false, false), false);
}
void unique_titles(benchmark::State& state) {
  bench(state, *make_rules(static_cast<std::size_t>(state.range(0)), false, false), true);
}
void across_fields(benchmark::State& state) {
  bench(state, *make_rules(static_cast<std::size_t>(state.range(0)), true, false), false);
}
void listed_hits(benchmark::State& state) {
  bench(state, *make_rules(static_cast<std::size_t>(state.range(0)), false, true), false);
}

void compile(benchmark::State& state) {
  const std::unique_ptr<Rules> work = make_rules(static_cast<std::size_t>(state.range(0)), false, false);
  for (auto _ : state) {
    Matcher matcher(work->rules, work->fields, work->shape, work->deciders, 1);
    benchmark::DoNotOptimize(matcher);
  }
}

BENCHMARK(repeating_titles)->Arg(30)->Arg(100)->Arg(300)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(unique_titles)->Arg(30)->Arg(100)->Arg(300)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(across_fields)->Arg(30)->Arg(100)->Arg(300)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(listed_hits)->Arg(30)->Arg(100)->Arg(300)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(compile)->Arg(30)->Arg(100)->Arg(300)->Arg(1000)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace leadscore

BENCHMARK_MAIN();
