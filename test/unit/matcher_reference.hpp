// What a Matcher must answer, said as plainly as possible: each condition is walked for each row, test by
// test, with nothing shared and nothing prepared. For tests only.
#pragma once

#include <re2/re2.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/match_check.hpp"
#include "core/matcher.hpp"
#include "core/text.hpp"

namespace leadscore::matcher_reference {

struct Row {
  const Ruleset& rules;
  std::span<const FieldRequest> fields;
  const RowShape& shape;
  std::span<const Value> values;
  Micros as_of;

  std::size_t index_of(std::string_view path) const {
    std::size_t i = 0;
    while (fields[i].path != path || fields[i].as_text) ++i;
    return i;
  }
};

inline bool null(const Value& v) {
  return v.kind == Value::Kind::null || (v.kind == Value::Kind::text && is_blank(v.view())) ||
         (v.kind == Value::Kind::array && v.array.size == 0);
}

inline bool is_nan(const Value& v) { return v.kind == Value::Kind::number && std::isnan(v.number); }

/// Are they of one type, so that comparing them says something?
inline bool comparable(const Value& v, const Literal& literal) {
  switch (v.kind) {
    case Value::Kind::boolean:
      return literal.kind == Literal::Kind::boolean;
    case Value::Kind::number:
      return literal.kind == Literal::Kind::number && !is_nan(v);
    case Value::Kind::text:
      return literal.kind == Literal::Kind::text;
    case Value::Kind::instant:
      return literal.kind == Literal::Kind::text && literal.is_instant;
    default:
      return false;
  }
}

inline bool equal(const Value& v, const Literal& literal, Accents accents) {
  if (!comparable(v, literal)) return false;
  switch (v.kind) {
    case Value::Kind::boolean:
      return v.boolean == literal.boolean;
    case Value::Kind::number:
      return v.number == literal.number;
    case Value::Kind::text:
      return folded(v.view(), accents) == folded(literal.text, accents);
    default:
      return v.instant == literal.instant;
  }
}

inline std::optional<Micros> as_instant(const Value& v) {
  if (v.kind == Value::Kind::instant) return v.instant;
  if (v.kind == Value::Kind::text) return parse_instant(v.view());
  return std::nullopt;
}

template <typename T>
bool ordered(Op op, T value, T low, T high) {
  switch (op) {
    case Op::lt:
      return value < low;
    case Op::lte:
      return value <= low;
    case Op::gt:
      return value > low;
    case Op::gte:
      return value >= low;
    default:
      return value >= low && value <= high;
  }
}

inline bool has_word(const std::string& text, std::string word, Accents accents) {
  word = trimmed(word);
  const bool open = word.ends_with('*');
  if (open) word.pop_back();
  word = folded(word, accents);
  if (word.empty()) return false;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = !is_word_before(text, at) || !is_word_at(text, at);
    const bool ends = open || !is_word_before(text, end) || !is_word_at(text, end);
    if (begins && ends) return true;
  }
  return false;
}

inline bool in_domain(const std::string& host, const std::string& name) {
  return host == name ||
         (host.size() > name.size() && host.ends_with(name) && host[host.size() - name.size() - 1] == '.');
}

inline bool text_holds(const Test& test, std::string_view raw, Accents accents) {
  const std::string text = folded(raw, accents);
  if (test.builtin != nullptr) {
    if (test.op == Op::local_part) return test.builtin->contains(folded(local_part_of(raw), accents));
    std::string host = folded(host_of(raw), accents);
    while (!host.empty()) {
      if (test.builtin->contains(host)) return true;
      const std::size_t dot = host.find('.');
      host = dot == std::string::npos ? "" : host.substr(dot + 1);
    }
    return false;
  }
  for (const Literal& literal : test.args) {
    const std::string arg = folded(literal.text, accents);
    bool holds = false;
    switch (test.op) {
      case Op::contains:
        holds = text.find(arg) != std::string::npos;
        break;
      case Op::starts_with:
        holds = text.starts_with(arg);
        break;
      case Op::ends_with:
        holds = text.ends_with(arg);
        break;
      case Op::words:
        holds = has_word(text, literal.text, accents);
        break;
      case Op::matches: {
        RE2::Options options;
        options.set_case_sensitive(false);
        options.set_log_errors(false);
        holds = RE2::PartialMatch(re2::StringPiece(raw.data(), raw.size()), RE2(literal.text, options));
        break;
      }
      case Op::domain:
        holds = !host_of(raw).empty() && in_domain(folded(host_of(raw), accents), arg);
        break;
      default:
        holds = !local_part_of(raw).empty() && folded(local_part_of(raw), accents) == arg;
    }
    if (holds) return true;
  }
  return false;
}

inline bool holds(const Test& test, const Row& row) {
  const std::size_t index = row.index_of(test.field);
  const Value& v = row.values[index];
  const FieldType type = row.shape.fields[index].type;
  const Accents accents = row.rules.accents;
  if (test.op == Op::is_null) return null(v) == test.flag;
  if (null(v)) return false;
  switch (test.op) {
    case Op::eq:
    case Op::in:
      for (const Literal& literal : test.args) {
        if (equal(v, literal, accents)) return true;
      }
      return false;
    case Op::ne:
    case Op::not_in: {
      bool compared =
          test.args.empty() && v.kind != Value::Kind::array && v.kind != Value::Kind::other && !is_nan(v);
      for (const Literal& literal : test.args) {
        if (equal(v, literal, accents)) return false;
        compared = compared || comparable(v, literal);
      }
      return compared;
    }
    case Op::lt:
    case Op::lte:
    case Op::gt:
    case Op::gte:
    case Op::between: {
      const Literal &low = test.args.front(), &high = test.args.back();
      if (low.kind == Literal::Kind::number) {
        return v.kind == Value::Kind::number && ordered(test.op, v.number, low.number, high.number);
      }
      if (type != FieldType::instant && type != FieldType::json) return false;
      const std::optional<Micros> instant = as_instant(v);
      return instant && ordered(test.op, *instant, low.instant, high.instant);
    }
    case Op::older_than:
    case Op::newer_than: {
      const std::optional<Micros> instant = as_instant(v);
      if (!instant) return false;
      const Micros age = difference(row.as_of, *instant);
      return test.op == Op::older_than ? age >= test.duration : age < test.duration;
    }
    case Op::has:
      if (v.kind != Value::Kind::array) return false;
      for (const Value& item : std::span(v.array.items, v.array.size)) {
        if (null(item)) continue;
        for (const Literal& literal : test.args) {
          if (equal(item, literal, accents)) return true;
        }
      }
      return false;
    default:
      if (v.kind == Value::Kind::text) return text_holds(test, v.view(), accents);
      if (v.kind != Value::Kind::array) return false;
      for (const Value& item : std::span(v.array.items, v.array.size)) {
        if (item.kind == Value::Kind::text && !null(item) && text_holds(test, item.view(), accents))
          return true;
      }
      return false;
  }
}

inline bool holds(const Condition& condition, const Row& row) {
  switch (condition.kind) {
    case Condition::Kind::test:
      return holds(condition.test, row);
    case Condition::Kind::segment:
      return holds(row.rules.segments[condition.segment].condition, row);
    case Condition::Kind::negation:
      return !holds(condition.children[0], row);
    case Condition::Kind::all:
      for (const Condition& child : condition.children) {
        if (!holds(child, row)) return false;
      }
      return true;
    case Condition::Kind::any:
      break;
  }
  for (const Condition& child : condition.children) {
    if (holds(child, row)) return true;
  }
  return false;
}

struct Answer {
  std::uint32_t branch;
  double points;
};

/// What one decider answers.
inline std::optional<Answer> answer(const Decider& decider, const Row& row) {
  if (decider.form == Decider::Form::cases) {
    for (std::uint32_t b = 0; b < decider.branches.size(); ++b) {
      const Decider::Branch& branch = decider.branches[b];
      if (branch.condition == nullptr || holds(*branch.condition, row)) return Answer{b, branch.points};
    }
    return std::nullopt;
  }
  const std::size_t index = row.index_of(decider.field);
  const Value& v = row.values[index];
  const FieldType type = row.shape.fields[index].type;
  const Accents accents = row.rules.accents;
  const bool is_map = decider.form == Decider::Form::map;
  const auto size = static_cast<std::uint32_t>(is_map ? decider.map->size() : decider.bands->size());
  const std::uint32_t missing = is_map ? size + 1 : size;
  bool fits = !null(v) && !is_nan(v);
  if (is_map) {
    fits = fits && v.kind != Value::Kind::array && v.kind != Value::Kind::other;
  } else {
    fits = fits && v.kind == Value::Kind::number;
  }
  if (!fits) {
    if (!decider.missing) return std::nullopt;
    return Answer{missing, *decider.missing};
  }
  for (std::uint32_t i = 0; i < size; ++i) {
    if (!is_map) {
      const Band& band = (*decider.bands)[i];
      if (!band.below || v.number < *band.below) return Answer{i, band.points};
      continue;
    }
    const MapEntry& entry = (*decider.map)[i];
    const std::string key = folded(entry.value, accents);
    bool same = false;
    if (v.kind == Value::Kind::boolean) same = key == (v.boolean ? "true" : "false");
    if (v.kind == Value::Kind::number) same = read_json_number(entry.value) == v.number;
    if (v.kind == Value::Kind::text) same = key == folded(v.view(), accents);
    if (v.kind == Value::Kind::instant)
      same = type == FieldType::instant && parse_instant(entry.value) == v.instant;
    if (same) return Answer{i, entry.points};
  }
  if (!is_map || !decider.otherwise) return std::nullopt;
  return Answer{size, *decider.otherwise};
}

/// Each instant at which some age test flips, by trying all of them.
inline Micros next_flip(const std::vector<const Test*>& tests, const Row& row) {
  Micros first = kInfinity;
  for (const Test* test : tests) {
    const Value& v = row.values[row.index_of(test->field)];
    if ((test->op != Op::older_than && test->op != Op::newer_than) || null(v)) continue;
    const std::optional<Micros> instant = as_instant(v);
    if (!instant || !is_finite(*instant)) continue;
    const Micros flip = shifted(*instant, test->duration);
    if (flip > row.as_of && flip < kEndOfTime && flip < first) first = flip;
  }
  return first;
}

}  // namespace leadscore::matcher_reference
