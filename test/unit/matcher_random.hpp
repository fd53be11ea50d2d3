// Random rule sets and rows for the matcher's tests: every operator on every type that it serves, over few
// enough values that tests meet. For tests only.
#pragma once

#include <cmath>
#include <cstdint>
#include <deque>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "core/matcher.hpp"

namespace leadscore::matcher_random {

inline constexpr Micros kNow = 800'000'000 * kSecond;

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t n) { return engine_() % n; }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
  template <typename T>
  const T& of(const std::vector<T>& from) {
    return from[below(from.size())];
  }

 private:
  std::mt19937_64 engine_;
};

inline const std::vector<std::string>& texts() {
  static const auto* const values = new std::vector<std::string>{
      "",
      " \t",
      "US",
      "us",
      "DE",
      "VP of Sales",
      "vp, sales",
      "MVP",
      "Director",
      "Directorul General",
      "Directeur Général",
      "DIRECTEUR GENERAL",
      "Straße",
      "STRASSE",
      "c++ developer",
      "Head of R&D",
      "head  of",
      "ann@acme.com",
      "Ann <ann@Mail.ACME.com>",
      "info@gmail.com",
      "sales@uni.edu",
      "https://www.acme.com:80/x?y",
      "acme.com",
      "notacme.com",
      "globex.io.",
      "5",
      "5.0",
      "-2.5e0",
      "true",
      "FALSE",
      "2026-01-01",
      "2025-06-30T12:00:00Z",
      "1999-12-31 23:59:59+05:30",
      "2026-02-30",
      "/pricing/plans",
      "aaaa",
      "ａｃｍｅ",
      "naïve",
      "a longer text that goes well beyond sixty-four bytes, so that nothing remembers it",
      "x"};
  return *values;
}

inline const std::vector<std::string>& pieces() {
  static const auto* const values = new std::vector<std::string>{
      "a",          "aa",      "vp",      "VP",  "director*",     "director",  "sales", "of",
      "head of",    "general", "Général", "c++", "acme",          "acme.com",  "com",   "io",
      "@gmail.com", "info",    "strasse", "ul",  "2026",          "/pricing",  " ",     "é",
      "e",          "x",       "r&d",     "d",   "mail.acme.com", "globex.io", "www",   "ann",
      "p*",         "MVP",     "5"};
  return *values;
}

inline const std::vector<double>& numbers() {
  static const auto* const values = new std::vector<double>{
      -1e300, -2.5, -1, -0.0, 0,   1,   2,     5,
      5.5,    10,   49, 50,   499, 1e6, 1e300, std::numeric_limits<double>::infinity()};
  return *values;
}

inline const std::vector<std::string>& regexes() {
  static const auto* const values =
      new std::vector<std::string>{"^vp", "(?-i)VP",    "sales$", "a{2,}", "dire(c|k)t", "\\bof\\b",
                                   "^$",  "acme\\.com", "^\\d+$", "é",     "g.n.ral",    "x|y"};
  return *values;
}

inline const std::vector<std::string>& instants() {
  static const auto* const values = new std::vector<std::string>{"2026-01-01", "2025-06-30T12:00:00Z",
                                                                 "2025-01-01", "1999-12-31", "2024-02-29"};
  return *values;
}

inline const std::vector<Micros>& durations() {
  static const auto* const values =
      new std::vector<Micros>{0, 1, kDay, 30 * kDay, 90 * kDay, 365 * kDay, kLongestDuration};
  return *values;
}

inline Micros random_instant(Random& random) {
  switch (random.below(8)) {
    case 0:
      return kInfinity;
    case 1:
      return kMinusInfinity;
    case 2:
      return *parse_instant(random.of(instants()));
    case 3:
      return kNow - random.of(durations());
    case 4:
      return kNow + 10 * kDay;
    case 5:
      return kEndOfTime - 1;
    default:
      return kNow - static_cast<Micros>(random.below(400)) * kDay;
  }
}

struct Field {
  std::string path;
  FieldType type;
};

inline const std::vector<Field>& fields() {
  static const auto* const values =
      new std::vector<Field>{{"flag", FieldType::boolean},        {"size", FieldType::number},
                             {"title", FieldType::text},          {"email", FieldType::text},
                             {"since", FieldType::instant},       {"doc", FieldType::json},
                             {"doc.x", FieldType::json},          {"flags", FieldType::boolean_array},
                             {"sizes", FieldType::number_array},  {"tags", FieldType::text_array},
                             {"times", FieldType::instant_array}, {"blob", FieldType::unfit}};
  return *values;
}

inline RowShape shape() {
  RowShape result;
  for (const Field& field : fields()) {
    FieldInfo info;
    info.type = field.type;
    info.type_name = "t";
    result.fields.push_back(info);
    result.columns.push_back(field.path);
  }
  result.row_name = "lead";
  return result;
}

inline std::vector<FieldRequest> requests() {
  std::vector<FieldRequest> result;
  for (const Field& field : fields()) result.push_back({field.path, false, "rule"});
  return result;
}

inline Literal text_literal(std::string text) {
  Literal literal;
  literal.text = std::move(text);
  if (const auto instant = parse_instant(literal.text)) {
    literal.is_instant = true;
    literal.instant = *instant;
  }
  return literal;
}

inline Literal number_literal(double number) {
  Literal literal;
  literal.kind = Literal::Kind::number;
  literal.number = number;
  return literal;
}

inline Literal boolean_literal(bool value) {
  Literal literal;
  literal.kind = Literal::Kind::boolean;
  literal.boolean = value;
  return literal;
}

/// A literal that the field's type compares with.
inline Literal literal_for(Random& random, FieldType type) {
  switch (type) {
    case FieldType::boolean:
    case FieldType::boolean_array:
      return boolean_literal(random.chance(50));
    case FieldType::number:
    case FieldType::number_array:
      return number_literal(random.of(numbers()));
    case FieldType::instant:
    case FieldType::instant_array:
      return text_literal(random.of(instants()));
    case FieldType::json:
      return literal_for(random, random.of(std::vector<FieldType>{FieldType::boolean, FieldType::number,
                                                                  FieldType::text, FieldType::instant}));
    default:
      return text_literal(random.chance(70) ? random.of(texts()) : random.of(pieces()));
  }
}

inline std::vector<Op> ops_of(FieldType type) {
  const std::vector<Op> equality{Op::eq, Op::ne, Op::in, Op::not_in};
  const std::vector<Op> order{Op::lt, Op::lte, Op::gt, Op::gte, Op::between};
  const std::vector<Op> text{Op::contains, Op::starts_with, Op::ends_with, Op::words,
                             Op::matches,  Op::domain,      Op::local_part};
  const std::vector<Op> age{Op::older_than, Op::newer_than};
  std::vector<Op> ops{Op::is_null};
  const auto add = [&ops](const std::vector<Op>& more) { ops.insert(ops.end(), more.begin(), more.end()); };
  switch (type) {
    case FieldType::boolean:
      add(equality);
      break;
    case FieldType::number:
      add(equality);
      add(order);
      break;
    case FieldType::text:
      add(equality);
      add(text);
      break;
    case FieldType::instant:
      add(equality);
      add(order);
      add(age);
      break;
    case FieldType::json:
      add(equality);
      add(order);
      add(text);
      add(age);
      ops.push_back(Op::has);
      break;
    case FieldType::text_array:
      add(text);
      ops.push_back(Op::has);
      break;
    case FieldType::unfit:
      break;
    default:
      ops.push_back(Op::has);
  }
  return ops;
}

inline Test random_test(Random& random, const Field& field) {
  Test test;
  test.field = field.path;
  test.op = random.of(ops_of(field.type));
  switch (test.op) {
    case Op::eq:
    case Op::ne:
      test.args.push_back(literal_for(random, field.type));
      break;
    case Op::in:
    case Op::not_in:
    case Op::has:
      for (std::size_t n = random.below(5); n-- > 0;) test.args.push_back(literal_for(random, field.type));
      break;
    case Op::lt:
    case Op::lte:
    case Op::gt:
    case Op::gte:
    case Op::between: {
      const bool instant =
          field.type == FieldType::instant || (field.type == FieldType::json && random.chance(40));
      for (int n = test.op == Op::between ? 2 : 1; n-- > 0;) {
        test.args.push_back(literal_for(random, instant ? FieldType::instant : FieldType::number));
      }
      break;
    }
    case Op::domain:
    case Op::local_part:
      if (random.chance(30)) {
        test.builtin = BuiltinList::find(test.op == Op::domain ? "freemail" : "role_accounts");
        break;
      }
      [[fallthrough]];
    case Op::contains:
    case Op::starts_with:
    case Op::ends_with:
    case Op::words:
      for (std::size_t n = 1 + random.below(3); n-- > 0;) {
        std::string piece = random.chance(70) ? random.of(pieces()) : random.of(texts());
        if (test.op == Op::domain)
          piece = random.of(std::vector<std::string>{"acme.com", "COM", "globex.io", "edu"});
        test.args.push_back(text_literal(piece));
      }
      break;
    case Op::matches:
      for (std::size_t n = 1 + random.below(2); n-- > 0;)
        test.args.push_back(text_literal(random.of(regexes())));
      break;
    case Op::older_than:
    case Op::newer_than:
      test.duration = random.of(durations());
      break;
    case Op::is_null:
      test.flag = random.chance(50);
      break;
  }
  return test;
}

/// `one_field`: all tests are of that field, where given.
inline Condition random_condition(Random& random, std::size_t segments, int depth, const Field* one_field) {
  Condition condition;
  const std::size_t kind = depth == 0 ? 9 : random.below(10);
  if (kind == 0 && segments > 0 && one_field == nullptr) {
    condition.kind = Condition::Kind::segment;
    condition.segment = random.below(segments);
  } else if (kind <= 4) {
    condition.kind = kind <= 2 ? Condition::Kind::all : Condition::Kind::any;
    for (std::size_t n = random.below(4); n-- > 0;) {
      condition.children.push_back(random_condition(random, segments, depth - 1, one_field));
    }
  } else if (kind == 5) {
    condition.kind = Condition::Kind::negation;
    condition.children.push_back(random_condition(random, segments, depth - 1, one_field));
  } else {
    condition.kind = Condition::Kind::test;
    condition.test = random_test(random, one_field != nullptr ? *one_field : random.of(fields()));
  }
  return condition;
}

/// Points whose sums are exact in any order.
inline double random_points(Random& random) { return static_cast<double>(random.below(400)) / 4 - 50; }

/// Deciders with what they point to.
struct Work {
  Ruleset rules;
  std::vector<Decider> deciders;
  std::uint32_t buckets = 0;
  std::deque<Condition> conditions;
  std::deque<std::vector<MapEntry>> maps;
  std::deque<std::vector<Band>> bands;
};

inline void random_work(Random& random, std::size_t deciders, Work& work) {
  work.rules.accents = random.chance(50) ? Accents::ignored : Accents::kept;
  for (std::size_t n = random.below(6), i = 0; i < n; ++i) {
    const Field* one = random.chance(40) ? &random.of(fields()) : nullptr;
    Segment segment;
    segment.name = std::string("s") + std::to_string(i);
    segment.condition = random_condition(random, i, 3, one);
    work.rules.segments.push_back(std::move(segment));
  }
  work.buckets = static_cast<std::uint32_t>(1 + random.below(4));
  for (std::size_t i = 0; i < deciders; ++i) {
    Decider decider;
    decider.owner = "rule \"r" + std::to_string(i) + "\"";
    if (random.chance(60)) decider.bucket = static_cast<std::uint32_t>(random.below(work.buckets));
    const std::size_t form = random.below(10);
    if (form == 0) {
      decider.form = Decider::Form::bands;
      decider.field = random.of(std::vector<std::string>{"size", "doc", "doc.x"});
      std::vector<Band> bands;
      for (const double below : {-2.5, 0.0, 5.5, 50.0}) {
        if (random.chance(60)) bands.push_back({below, random_points(random)});
      }
      if (random.chance(50) || bands.empty()) bands.push_back({std::nullopt, random_points(random)});
      work.bands.push_back(std::move(bands));
      decider.bands = &work.bands.back();
    } else if (form == 1) {
      decider.form = Decider::Form::map;
      decider.field =
          random.of(std::vector<std::string>{"flag", "size", "title", "email", "since", "doc", "doc.x"});
      std::vector<MapEntry> map;
      for (const char* key : {"US", "vp of sales", "5", "-2.5", "0", "TRUE", "false", "2026-01-01", "1e6",
                              "05", "strasse", "info@gmail.com", "2025-06-30T12:00:00Z"}) {
        if (random.chance(50)) map.push_back({key, random_points(random)});
      }
      work.maps.push_back(std::move(map));
      decider.map = &work.maps.back();
      if (random.chance(50)) decider.otherwise = random_points(random);
    } else {
      const Field* one = random.chance(50) ? &random.of(fields()) : nullptr;
      const bool simple = random.chance(50);
      const std::size_t branches = simple ? 1 : 1 + random.below(4);
      for (std::size_t b = 0; b < branches; ++b) {
        Decider::Branch branch;
        branch.points = random_points(random);
        if (b == 0 || !random.chance(15)) {
          work.conditions.push_back(
              random_condition(random, work.rules.segments.size(), static_cast<int>(random.below(4)), one));
          branch.condition = &work.conditions.back();
        }
        decider.branches.push_back(branch);
      }
    }
    if (decider.form != Decider::Form::cases && random.chance(50)) decider.missing = random_points(random);
    work.deciders.push_back(std::move(decider));
  }
}

/// A row's values and what they point to.
struct RowValues {
  std::vector<Value> values;
  std::deque<std::vector<Value>> items;
};

inline Value random_value(Random& random, FieldType type, RowValues& row) {
  if (random.chance(8)) return {};
  const auto array = [&](FieldType item) {
    std::vector<Value> items;
    for (std::size_t n = random.below(4); n-- > 0;) items.push_back(random_value(random, item, row));
    row.items.push_back(std::move(items));
    return Value::of(row.items.back().data(), static_cast<std::uint32_t>(row.items.back().size()));
  };
  switch (type) {
    case FieldType::boolean:
      return Value::of(random.chance(50));
    case FieldType::number:
      return Value::of(random.chance(4) ? std::nan("")
                                        : random.of(numbers()) + (random.chance(20) ? 0.25 : 0));
    case FieldType::text:
      return Value::of(std::string_view(random.of(texts())));
    case FieldType::instant:
      return Value::at(random_instant(random));
    case FieldType::boolean_array:
      return array(FieldType::boolean);
    case FieldType::number_array:
      return array(FieldType::number);
    case FieldType::text_array:
      return array(FieldType::text);
    case FieldType::instant_array:
      return array(FieldType::instant);
    case FieldType::unfit: {
      Value other;
      other.kind = Value::Kind::other;
      return other;
    }
    case FieldType::json:
      break;
  }
  switch (random.below(8)) {
    case 0:
      return random_value(random, FieldType::boolean, row);
    case 1:
    case 2:
      return random_value(random, FieldType::number, row);
    case 3:
      return array(random.of(std::vector<FieldType>{FieldType::boolean, FieldType::number, FieldType::text}));
    case 4:
      return random_value(random, FieldType::unfit, row);
    default:
      return random_value(random, FieldType::text, row);
  }
}

/// Deciders of one test each whose points all go to one bucket: what most fields of most rule sets are.
inline void random_points_work(Random& random, std::size_t deciders, Work& work) {
  work.rules.accents = random.chance(50) ? Accents::ignored : Accents::kept;
  work.buckets = 1;
  for (std::size_t i = 0; i < deciders; ++i) {
    Condition& condition = work.conditions.emplace_back();
    condition.kind = Condition::Kind::test;
    condition.test = random_test(random, random.of(fields()));
    Decider& decider = work.deciders.emplace_back();
    decider.owner = "rule \"r" + std::to_string(i) + "\"";
    decider.bucket = 0;
    decider.branches.push_back({&condition, random_points(random)});
  }
}

inline RowValues random_row(Random& random) {
  RowValues row;
  for (const Field& field : fields()) row.values.push_back(random_value(random, field.type, row));
  return row;
}

}  // namespace leadscore::matcher_random
