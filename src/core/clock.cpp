// Instants, durations and their text forms, on the proleptic Gregorian calendar.
#include "core/clock.hpp"

#include <array>
#include <cstdlib>

#include "core/text.hpp"

namespace leadscore {
namespace {

constexpr Micros kMinute = 60 * kSecond;
constexpr Micros kHour = 60 * kMinute;
constexpr std::int32_t kMaxOffsetMinutes = 18 * 60;

/// Days from the civil date 0000-03-01 to 2000-01-01.
constexpr std::int64_t kMarchOfYearZero = 730'425;
constexpr std::int64_t kDaysPerEra = 146'097;  // 400 years

struct Date {
  std::int64_t year;  ///< astronomical: 0 is 1 BC
  unsigned month, day;
};

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) noexcept {
  return a / b - (a % b < 0 ? 1 : 0);
}

constexpr Micros time_of_day(Micros instant) noexcept {
  const Micros remainder = instant % kDay;
  return remainder < 0 ? remainder + kDay : remainder;
}

// Both directions count years from 1 March, so that the leap day is the last of its year and the months
// before it follow one linear formula (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
constexpr std::int64_t days_from_civil(Date date) noexcept {
  const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const std::int64_t era = floor_div(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t month_from_march = (date.month + 9) % 12;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
  return era * kDaysPerEra + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         kMarchOfYearZero;
}

constexpr Date civil_from_days(std::int64_t days) noexcept {
  const std::int64_t shifted_days = days + kMarchOfYearZero;
  const std::int64_t era = floor_div(shifted_days, kDaysPerEra);
  const std::int64_t day_of_era = shifted_days - era * kDaysPerEra;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<unsigned>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  const auto month =
      static_cast<unsigned>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

static_assert(days_from_civil({2000, 1, 1}) == 0);
static_assert(days_from_civil({-4713, 11, 24}) * kDay == kFirstInstant);
static_assert(days_from_civil({294'277, 1, 1}) * kDay == kEndOfTime);

constexpr unsigned days_in_month(std::int64_t year, unsigned month) noexcept {
  constexpr std::array<unsigned char, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays[month - 1] + (month == 2 && leap ? 1U : 0U);
}

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Reads a text from the left; each step says whether it could be taken.
class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : rest_(text) {}

  bool at_end() const noexcept { return rest_.empty(); }

  bool take(char c) noexcept {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Exactly `count` digits.
  bool take_number(std::size_t count, unsigned& value) noexcept {
    if (rest_.size() < count) return false;
    unsigned number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(rest_[i])) return false;
      number = number * 10 + static_cast<unsigned>(rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    value = number;
    return true;
  }

  /// Digits after a decimal point, at least one; beyond the sixth they round, halves up, because .NET writes
  /// seven and Go and Java nine.
  bool take_fraction(Micros& value) noexcept {
    std::size_t digits = 0;
    Micros micros = 0;
    for (Micros unit = kSecond / 10; digits < rest_.size() && is_digit(rest_[digits]); ++digits, unit /= 10) {
      if (digits < 6) {
        micros += (rest_[digits] - '0') * unit;
      } else if (digits == 6 && rest_[digits] >= '5') {
        ++micros;
      }
    }
    rest_.remove_prefix(digits);
    value = micros;
    return digits > 0;
  }

  /// "Z", "±hh", "±hhmm" or "±hh:mm".
  bool take_offset(std::int32_t& minutes) noexcept {
    if (take('Z') || take('z')) {
      minutes = 0;
      return true;
    }
    const bool west = take('-');
    if (!west && !take('+')) return false;
    unsigned hh = 0;
    unsigned mm = 0;
    if (!take_number(2, hh)) return false;
    if ((take(':') || !at_end()) && !take_number(2, mm)) return false;
    const auto total = static_cast<std::int32_t>(hh * 60 + mm);
    if (mm >= 60 || total > kMaxOffsetMinutes) return false;
    minutes = west ? -total : total;
    return true;
  }

 private:
  std::string_view rest_;
};

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

/// A fraction of a second in [0, 1,000,000) as ".5", without trailing zeros; nothing for 0.
void append_fraction(std::string& out, Micros micros) {
  if (micros == 0) return;
  out += '.';
  append_padded(out, micros, 6);
  out.erase(out.find_last_not_of('0') + 1);
}

const char* infinity_text(Micros value) noexcept { return value > 0 ? "infinity" : "-infinity"; }

}  // namespace

Micros difference(Micros later, Micros earlier) noexcept {
  if (!is_finite(later)) return later;
  if (!is_finite(earlier)) return earlier == kInfinity ? kMinusInfinity : kInfinity;
  Micros result = 0;
  if (__builtin_sub_overflow(later, earlier, &result)) return later > 0 ? kInfinity : kMinusInfinity;
  return result;
}

Micros shifted(Micros instant, Micros duration) noexcept {
  if (!is_finite(instant)) return instant;
  if (!is_finite(duration)) return duration;
  Micros result = 0;
  if (__builtin_add_overflow(instant, duration, &result)) return duration > 0 ? kInfinity : kMinusInfinity;
  if (result >= kEndOfTime) return kInfinity;
  if (result < kFirstInstant) return kMinusInfinity;
  return result;
}

std::optional<Micros> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    Micros length;
  };
  constexpr std::array<Unit, 7> kUnits = {{{"second", kSecond},
                                           {"minute", kMinute},
                                           {"hour", kHour},
                                           {"day", kDay},
                                           {"week", 7 * kDay},
                                           {"month", 30 * kDay},
                                           {"year", 365 * kDay}}};
  text = trimmed(text);
  std::size_t digits = 0;
  Micros count = 0;
  for (; digits < text.size() && is_digit(text[digits]); ++digits) {
    count = count * 10 + (text[digits] - '0');
    if (count > kLongestDuration / kSecond) return std::nullopt;
  }
  if (digits == 0) return std::nullopt;

  std::string name(trimmed(text.substr(digits)));
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (name.ends_with('s')) name.pop_back();
  for (const Unit& unit : kUnits) {
    if (name != unit.name) continue;
    if (count > kLongestDuration / unit.length) return std::nullopt;
    return count * unit.length;
  }
  return std::nullopt;
}

std::optional<Micros> parse_instant(std::string_view text) {
  Reader reader(trimmed(text));
  unsigned year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (!reader.take_number(4, year) || !reader.take('-') || !reader.take_number(2, month) ||
      !reader.take('-') || !reader.take_number(2, day)) {
    return std::nullopt;
  }
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return std::nullopt;
  const Micros midnight = days_from_civil({year, month, day}) * kDay;
  if (reader.at_end()) return midnight;

  if (!reader.take('T') && !reader.take('t') && !reader.take(' ')) return std::nullopt;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  Micros fraction = 0;
  std::int32_t offset = 0;
  if (!reader.take_number(2, hour) || !reader.take(':') || !reader.take_number(2, minute))
    return std::nullopt;
  if (reader.take(':')) {
    if (!reader.take_number(2, second)) return std::nullopt;
    if (reader.take('.') && !reader.take_fraction(fraction)) return std::nullopt;
  }
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  if (!reader.at_end() && (!reader.take_offset(offset) || !reader.at_end())) return std::nullopt;
  return midnight + hour * kHour + (static_cast<std::int32_t>(minute) - offset) * kMinute + second * kSecond +
         fraction;
}

std::optional<std::int32_t> parse_utc_offset(std::string_view text) {
  Reader reader(trimmed(text));
  std::int32_t minutes = 0;
  if (!reader.take_offset(minutes) || !reader.at_end()) return std::nullopt;
  return minutes;
}

std::int64_t day_number(Micros instant, std::int32_t offset_minutes) noexcept {
  // The day and the time of day apart, so that not even the ends of the range of Micros overflow.
  return floor_div(instant, kDay) + floor_div(time_of_day(instant) + offset_minutes * kMinute, kDay);
}

std::string format_instant(Micros instant) {
  if (!is_finite(instant)) return infinity_text(instant);
  const std::int64_t days = floor_div(instant, kDay);
  const Micros time = time_of_day(instant);
  const Date date = civil_from_days(days);
  std::string out;
  // ISO 8601 asks for a sign on years that need more than four digits or lie before year 0.
  if (date.year < 0) {
    out += '-';
  } else if (date.year > 9999) {
    out += '+';
  }
  append_padded(out, std::abs(date.year), 4);
  out += '-';
  append_padded(out, date.month, 2);
  out += '-';
  append_padded(out, date.day, 2);
  out += ' ';
  append_padded(out, time / kHour, 2);
  out += ':';
  append_padded(out, time / kMinute % 60, 2);
  out += ':';
  append_padded(out, time / kSecond % 60, 2);
  append_fraction(out, time % kSecond);
  out += " UTC";
  return out;
}

std::string format_duration(Micros duration) {
  if (!is_finite(duration)) return infinity_text(duration);
  struct Unit {
    const char* name;
    Micros length;
  };
  constexpr std::array<Unit, 4> kUnits = {
      {{" day", kDay}, {" hour", kHour}, {" minute", kMinute}, {" second", kSecond}}};
  std::string out = duration < 0 ? "-" : "";
  const Micros length = std::abs(duration);  // not kMinusInfinity, so it has a counterpart
  for (const Unit& unit : kUnits) {
    if (length % unit.length != 0) continue;
    out += std::to_string(length / unit.length);
    out += unit.name;
    if (length != unit.length) out += 's';
    return out;
  }
  out += std::to_string(length / kSecond);
  append_fraction(out, length % kSecond);
  out += " seconds";
  return out;
}

}  // namespace leadscore
