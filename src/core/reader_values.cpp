// Single values: numbers, durations, texts, names of fields.
#include <array>
#include <charconv>
#include <cmath>

#include "core/reader.hpp"
#include "core/text.hpp"

namespace leadscore {
namespace {

constexpr std::string_view kLeaveOut = "Leave the member out instead.";

std::string bounds_text(double min, double max) {
  if (max >= kAnyNumber.max) return "at least " + format_number(min);
  return "a number from " + format_number(min) + " to " + format_number(max);
}

/// "30 dayz" -> `Did you mean "30 days"?`
std::string duration_hint(std::string_view text, ProblemLog& log) {
  constexpr std::array<std::string_view, 14> kUnits{"seconds", "minutes", "hours",  "days",   "weeks",
                                                    "months",  "years",   "second", "minute", "hour",
                                                    "day",     "week",    "month",  "year"};
  const std::string_view core = trimmed(text);
  std::size_t digits = 0;
  while (digits < core.size() && core[digits] >= '0' && core[digits] <= '9') ++digits;
  const std::string_view unit = trimmed(core.substr(digits));
  if (digits > 0 && digits < 7) {
    const std::string_view near = log.near_word(unit, kUnits);
    const std::string meant = std::string(core.substr(0, digits)) + ' ' + std::string(near);
    if (!near.empty() && parse_duration(meant)) return "Did you mean " + quoted(meant) + "?";
  }
  return "A duration is a whole number and seconds, minutes, hours, days, weeks, months or years, at most "
         "1000 years.";
}

}  // namespace

void wrong_kind(const Node& node, ProblemLog& log, std::string_view expected, std::string hint) {
  if (node.is(Json::Kind::null) && hint.empty()) hint = kLeaveOut;
  log.error(node, "must be " + std::string(expected) + ", not " + std::string(describe(node.json().kind)),
            std::move(hint));
}

bool is_array(const Node& node, ProblemLog& log, std::string_view expected) {
  if (node.is(Json::Kind::array)) return true;
  wrong_kind(node, log, expected);
  return false;
}

std::optional<double> read_number(const Node& node, ProblemLog& log, Interval interval) {
  if (!node.is(Json::Kind::number)) {
    double value = 0;
    const std::string& text = node.json().text;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool in_quotes = node.is(Json::Kind::text) && !text.empty() && read.ec == std::errc() &&
                           read.ptr == text.data() + text.size() && std::isfinite(value);
    wrong_kind(node, log, "a number",
               in_quotes ? "Write " + format_number(value) + " without quotation marks." : std::string());
    return std::nullopt;
  }
  const double value = node.json().number;
  if (!(value >= interval.min && value <= interval.max)) {
    log.error(node, "must be " + bounds_text(interval.min, interval.max) + ", not " + format_number(value));
    return std::nullopt;
  }
  return value == 0 ? 0 : value;  // -0 is 0
}

std::optional<std::int64_t> read_whole(const Node& node, ProblemLog& log, std::int64_t min,
                                       std::int64_t max) {
  if (!node.is(Json::Kind::number)) {
    wrong_kind(node, log, "a whole number");
    return std::nullopt;
  }
  const double value = node.json().number;
  if (value != std::floor(value) || value < static_cast<double>(min) || value > static_cast<double>(max)) {
    log.error(node, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max) +
                        ", not " + format_number(value));
    return std::nullopt;
  }
  return static_cast<std::int64_t>(value);
}

std::optional<Micros> read_duration(const Node& node, ProblemLog& log, Micros least) {
  constexpr std::string_view kExpected = "a duration like \"30 days\"";
  if (!node.is(Json::Kind::text)) {
    wrong_kind(node, log, kExpected);
    return std::nullopt;
  }
  const std::string& text = node.json().text;
  const auto duration = parse_duration(text);
  if (!duration) {
    log.error(node, "must be " + std::string(kExpected) + ", not " + quoted(text), duration_hint(text, log));
    return std::nullopt;
  }
  if (*duration < least) {
    log.error(node, "must be longer than 0");
    return std::nullopt;
  }
  return duration;
}

std::optional<std::string> read_text(const Node& node, ProblemLog& log) {
  if (!node.is(Json::Kind::text)) {
    wrong_kind(node, log, "text");
    return std::nullopt;
  }
  if (is_blank(node.json().text)) {
    log.error(node, "must not be blank");
    return std::nullopt;
  }
  return node.json().text;
}

std::optional<bool> read_boolean(const Node& node, ProblemLog& log) {
  if (!node.is(Json::Kind::boolean)) {
    wrong_kind(node, log, "true or false");
    return std::nullopt;
  }
  return node.json().boolean;
}

std::optional<std::string> read_field(const Node& node, ProblemLog& log) {
  if (!node.is(Json::Kind::text)) {
    wrong_kind(node, log, "the name of a field");
    return std::nullopt;
  }
  return read_field_name(node.json().text, node, log);
}

std::optional<std::string> read_field_name(std::string_view written, const Node& node, ProblemLog& log) {
  std::string_view name = written;
  if (name.starts_with('.')) name.remove_prefix(1);
  bool empty_part = false;
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t end = std::min(name.find('.', start), name.size());
    empty_part |= is_blank(name.substr(start, end - start));
    start = end + 1;
  }
  if (empty_part) {
    log.error(node, quoted(written) + " is not the name of a field",
              "A field is a column, or a path with single dots like \"company.employees\".");
    return std::nullopt;
  }
  return std::string(name);
}

}  // namespace leadscore
