// Finds conditions that are decided before any row is seen.
#include "core/condition_truth.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>

#include "core/text.hpp"

namespace leadscore {
namespace {

/// What is left of an ordered axis: the values between two bounds.
template <typename T>
struct Window {
  bool asked = false;
  bool has_low = false, has_high = false;
  bool low_open = false, high_open = false;
  T low{}, high{};

  void at_least(T value, bool open) {
    if (!has_low || value > low || (value == low && open)) {
      low = value;
      low_open = open;
    }
    has_low = asked = true;
  }
  void at_most(T value, bool open) {
    if (!has_high || value < high || (value == high && open)) {
      high = value;
      high_open = open;
    }
    has_high = asked = true;
  }
  bool empty() const {
    return has_low && has_high && (low > high || (low == high && (low_open || high_open)));
  }
};

template <typename T>
void narrow(Window<T>& window, Op op, T first, T last) {
  switch (op) {
    case Op::eq:
      window.at_least(first, false);
      window.at_most(first, false);
      break;
    case Op::lt:
      window.at_most(first, true);
      break;
    case Op::lte:
      window.at_most(first, false);
      break;
    case Op::gt:
      window.at_least(first, true);
      break;
    case Op::gte:
      window.at_least(first, false);
      break;
    default:
      window.at_least(first, false);
      window.at_most(last, false);
      break;
  }
}

/// All that is asked of one field.
struct Asked {
  Window<double> number;
  Window<Micros> instant;
  Window<Micros> age;
  bool null = false, value = false;

  void add(const Test& test) {
    if (test.op == Op::is_null) {
      (test.flag ? null : value) = true;
      return;
    }
    value = true;  // every other test of NULL is false
    switch (test.op) {
      case Op::eq:
        // Text is left out: what else it may equal (an array's element) is not known here.
        if (!test.args.empty() && test.args[0].kind == Literal::Kind::number) {
          narrow(number, Op::eq, test.args[0].number, test.args[0].number);
        }
        break;
      case Op::lt:
      case Op::lte:
      case Op::gt:
      case Op::gte:
      case Op::between: {
        if (test.args.empty()) break;
        const Literal& first = test.args.front();
        const Literal& last = test.args.back();
        if (first.kind == Literal::Kind::number) {
          narrow(number, test.op, first.number, last.number);
        } else {
          narrow(instant, test.op, first.instant, last.instant);
        }
        break;
      }
      case Op::older_than:
        age.at_least(test.duration, false);
        break;
      case Op::newer_than:
        age.at_most(test.duration, true);
        break;
      default:
        break;
    }
  }

  bool impossible() const {
    return (null && value) || number.empty() || instant.empty() || age.empty() ||
           (number.asked && instant.asked);
  }
};

Truth truth_of(const Test& test) {
  const bool nothing =
      test.builtin == nullptr && std::all_of(test.args.begin(), test.args.end(), [](const Literal& literal) {
        return literal.kind == Literal::Kind::text && is_blank(literal.text);
      });
  switch (test.op) {
    case Op::eq:
    case Op::in:
    case Op::contains:
    case Op::starts_with:
    case Op::ends_with:
    case Op::words:
    case Op::domain:
    case Op::local_part:
    case Op::has:
      return nothing ? Truth::never : Truth::sometimes;
    case Op::matches:
      return test.args.empty() ? Truth::never : Truth::sometimes;
    default:
      return Truth::sometimes;
  }
}

}  // namespace

bool contradict(std::span<const Condition> children) {
  if (children.size() < 2) return false;
  std::map<std::string_view, Asked> fields;
  for (const Condition& child : children) {
    if (child.kind != Condition::Kind::test) continue;
    Asked& asked = fields[child.test.field];
    asked.add(child.test);
    if (asked.impossible()) return true;
  }
  return false;
}

// Recursion is as deep as the JSON was nested; segments are looked up, not walked.
Truth truth_of(const Condition& condition, std::span<const Truth> segments) {
  switch (condition.kind) {
    case Condition::Kind::segment:
      return condition.segment < segments.size() ? segments[condition.segment] : Truth::sometimes;
    case Condition::Kind::test:
      return truth_of(condition.test);
    case Condition::Kind::negation: {
      const Truth inner = truth_of(condition.children.front(), segments);
      if (inner == Truth::sometimes) return inner;
      return inner == Truth::never ? Truth::always : Truth::never;
    }
    case Condition::Kind::all:
    case Condition::Kind::any:
      break;
  }
  const bool all = condition.kind == Condition::Kind::all;
  const Truth deciding = all ? Truth::never : Truth::always;
  const Truth neutral = all ? Truth::always : Truth::never;
  Truth result = neutral;
  for (const Condition& child : condition.children) {
    const Truth truth = truth_of(child, segments);
    if (truth == deciding) return deciding;
    if (truth == Truth::sometimes) result = Truth::sometimes;
  }
  if (all && contradict(condition.children)) return Truth::never;
  return result;
}

}  // namespace leadscore
