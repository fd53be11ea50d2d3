#include "core/clock.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>

namespace leadscore {
namespace {

constexpr Micros kMinute = 60 * kSecond;
constexpr Micros kHour = 60 * kMinute;

/// A civil date at midnight UTC by the standard library's calendar.
Micros midnight(int year, unsigned month, unsigned day) {
  using std::chrono::sys_days;
  const auto date = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
  return (sys_days(date) - sys_days(std::chrono::year(2000) / 1 / 1)).count() * kDay;
}

std::string padded(long long value, std::size_t width) {
  std::string digits = std::to_string(value);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

/// "2026-11-21" by the standard library's calendar.
std::string date_text(std::int64_t day) {
  const std::chrono::year_month_day date(std::chrono::sys_days(std::chrono::year(2000) / 1 / 1) +
                                         std::chrono::days(day));
  const int year = static_cast<int>(date.year());
  const std::string sign = year < 0 ? "-" : year > 9999 ? "+" : "";
  return sign + padded(std::abs(year), 4) + '-' + padded(static_cast<unsigned>(date.month()), 2) + '-' +
         padded(static_cast<unsigned>(date.day()), 2);
}

TEST(Clock, ConstantsAreTheEndsOfATimestamp) {
  EXPECT_EQ(kFirstInstant, midnight(-4713, 11, 24));
  EXPECT_EQ(kEndOfTime, (294'277 - 2000) / 400 * 146'097 * kDay + (midnight(2277, 1, 1)));
  EXPECT_EQ(format_instant(kFirstInstant), "-4713-11-24 00:00:00 UTC");
  EXPECT_EQ(format_instant(kEndOfTime - 1), "+294276-12-31 23:59:59.999999 UTC");
}

TEST(Clock, DifferenceOfFiniteInstants) {
  EXPECT_EQ(difference(5, 3), 2);
  EXPECT_EQ(difference(3, 5), -2);
  EXPECT_EQ(difference(-kDay, kDay), -2 * kDay);
  EXPECT_EQ(difference(kFirstInstant, kFirstInstant), 0);
}

TEST(Clock, DifferenceSaturates) {
  EXPECT_EQ(difference(kEndOfTime - 1, kFirstInstant), kInfinity);
  EXPECT_EQ(difference(kFirstInstant, kEndOfTime - 1), kMinusInfinity);
}

TEST(Clock, DifferenceWithInfiniteInstants) {
  EXPECT_EQ(difference(kInfinity, 0), kInfinity);
  EXPECT_EQ(difference(kMinusInfinity, 0), kMinusInfinity);
  EXPECT_EQ(difference(0, kInfinity), kMinusInfinity);
  EXPECT_EQ(difference(0, kMinusInfinity), kInfinity);
  EXPECT_EQ(difference(-1, kMinusInfinity), kInfinity);
  EXPECT_EQ(difference(kInfinity, kInfinity), kInfinity);
  EXPECT_EQ(difference(kMinusInfinity, kMinusInfinity), kMinusInfinity);
}

TEST(Clock, ShiftedSaturates) {
  EXPECT_EQ(shifted(kDay, -2 * kDay), -kDay);
  EXPECT_EQ(shifted(kEndOfTime - 2, 1), kEndOfTime - 1);
  EXPECT_EQ(shifted(kEndOfTime - 1, 1), kInfinity);
  EXPECT_EQ(shifted(kEndOfTime - 1, kLongestDuration), kInfinity);
  EXPECT_EQ(shifted(kFirstInstant + 1, -1), kFirstInstant);
  EXPECT_EQ(shifted(kFirstInstant, -1), kMinusInfinity);
  EXPECT_EQ(shifted(kFirstInstant, kMinusInfinity + 1), kMinusInfinity);
  EXPECT_EQ(shifted(kInfinity, -kDay), kInfinity);
  EXPECT_EQ(shifted(kMinusInfinity, kDay), kMinusInfinity);
  EXPECT_EQ(shifted(0, kInfinity), kInfinity);
  EXPECT_EQ(shifted(0, kMinusInfinity), kMinusInfinity);
  EXPECT_EQ(shifted(kInfinity, kMinusInfinity), kInfinity);
}

TEST(Clock, ShiftedUndoesDifference) {
  std::mt19937_64 random(1);
  std::uniform_int_distribution<Micros> instants(kFirstInstant, kEndOfTime / 2);
  for (int i = 0; i < 10'000; ++i) {
    const Micros a = instants(random);
    const Micros b = instants(random);
    EXPECT_EQ(shifted(a, difference(b, a)), b);
  }
}

TEST(ParseDuration, EveryUnit) {
  const std::pair<const char*, Micros> units[] = {
      {"second", kSecond}, {"minute", kMinute},  {"hour", kHour},     {"day", kDay},
      {"week", 7 * kDay},  {"month", 30 * kDay}, {"year", 365 * kDay}};
  for (const auto& [name, length] : units) {
    for (const std::string ending : {"", "s"}) {
      EXPECT_EQ(parse_duration("1 " + (name + ending)), length) << name;
      EXPECT_EQ(parse_duration("12 " + (name + ending)), 12 * length) << name;
      EXPECT_EQ(parse_duration("0 " + (name + ending)), 0) << name;
    }
  }
}

TEST(ParseDuration, CaseAndWhiteSpaceDoNotMatter) {
  for (const char* text : {"30 days", "30 DAYS", "30 Day", "30days", " 30  days ", "30\tdays\n", "030 days",
                           "\u00A030\u00A0days\u2003"}) {
    EXPECT_EQ(parse_duration(text), 30 * kDay) << text;
  }
}

TEST(ParseDuration, TheLongestIsAThousandYears) {
  EXPECT_EQ(parse_duration("1000 years"), kLongestDuration);
  EXPECT_EQ(parse_duration("365000 days"), kLongestDuration);
  EXPECT_EQ(parse_duration("31536000000 seconds"), kLongestDuration);
  EXPECT_EQ(parse_duration("1001 years"), std::nullopt);
  EXPECT_EQ(parse_duration("31536000001 seconds"), std::nullopt);
  EXPECT_EQ(parse_duration("18446744073709551617 seconds"), std::nullopt);  // 2^64 + 1
  EXPECT_EQ(parse_duration(std::string(1000, '9') + " days"), std::nullopt);
}

TEST(ParseDuration, WhatIsNone) {
  for (const char* text : {"",
                           " ",
                           "30",
                           "days",
                           "-1 day",
                           "+1 day",
                           "1.5 days",
                           "1,000 days",
                           "1e3 days",
                           "30 dayss",
                           "30 s",
                           "30 d",
                           "30 days ago",
                           "30 days 2 hours",
                           "P30D",
                           "1 fortnight",
                           "1 decade",
                           "٣ days",
                           "30 d\xC3\xA4ys",
                           "0x1 day",
                           "days 30",
                           "30 \xFF",
                           "1 microsecond",
                           "infinity"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(ParseInstant, EveryDayOfItsYears) {
  const std::int64_t first = midnight(1, 1, 1) / kDay;
  const std::int64_t last = midnight(9999, 12, 31) / kDay;
  for (std::int64_t day = first; day <= last; day += 1) {
    ASSERT_EQ(parse_instant(date_text(day)), day * kDay) << date_text(day);
  }
}

TEST(ParseInstant, Forms) {
  const Micros day = midnight(2026, 11, 21);
  const std::pair<const char*, Micros> forms[] = {
      {"2026-11-21", day},
      {"2026-11-21T12:00", day + 12 * kHour},
      {"2026-11-21 12:00", day + 12 * kHour},
      {"2026-11-21T12:00:01", day + 12 * kHour + kSecond},
      {"2026-11-21T12:00:01Z", day + 12 * kHour + kSecond},
      {"2026-11-21t12:00:01z", day + 12 * kHour + kSecond},
      {"2026-11-21T12:00Z", day + 12 * kHour},
      {"2026-11-21T12:00:00.5", day + 12 * kHour + kSecond / 2},
      {"2026-11-21T12:00:00.000001Z", day + 12 * kHour + 1},
      {"2026-11-21T12:00:00.1234564Z", day + 12 * kHour + 123'456},
      {"2026-11-21T12:00:00.123456500Z", day + 12 * kHour + 123'457},
      {"2026-11-21T23:59:59.9999999Z", day + kDay},
      {"2026-11-21T12:00:00+07", day + 5 * kHour},
      {"2026-11-21T12:00:00+0700", day + 5 * kHour},
      {"2026-11-21T12:00:00+07:00", day + 5 * kHour},
      {"2026-11-21T12:00-03:30", day + 15 * kHour + 30 * kMinute},
      {"2026-11-21 12:00:00.25+01", day + 11 * kHour + kSecond / 4},
      {"2026-11-21T00:00:00+18:00", day - 18 * kHour},
      {"2026-11-21T23:59:59-18:00", day + kDay - kSecond + 18 * kHour},
      {"  2026-11-21\n", day},
      {"2024-02-29", midnight(2024, 2, 29)},
      {"2000-02-29", midnight(2000, 2, 29)},
  };
  for (const auto& [text, instant] : forms) EXPECT_EQ(parse_instant(text), instant) << text;
}

TEST(ParseInstant, WhatIsNone) {
  for (const char* text : {"",
                           "now",
                           "infinity",
                           "2026",
                           "2026-11",
                           "2026-1-21",
                           "2026-11-2",
                           "26-11-21",
                           "20261121",
                           "12026-11-21",
                           "-2026-11-21",
                           "+2026-11-21",
                           "0000-01-01",
                           "2026-00-10",
                           "2026-13-10",
                           "2026-11-00",
                           "2026-11-31",
                           "2026-02-29",
                           "2026-02-30",
                           "1900-02-29",
                           "2026/11/21",
                           "21.11.2026",
                           "2026-11-21Z",
                           "2026-11-21T",
                           "2026-11-21 ,",
                           "2026-11-21T12",
                           "2026-11-21T12Z",
                           "2026-11-21T1200",
                           "2026-11-21T24:00",
                           "2026-11-21T12:60",
                           "2026-11-21T12:00:60",
                           "2026-11-21T12:00:",
                           "2026-11-21T12:00:00.",
                           "2026-11-21T12:00:00.Z",
                           "2026-11-21T12:00:00,5",
                           "2026-11-21T12:00.5",
                           "2026-11-21  12:00",
                           "2026-11-21T12:00:00 Z",
                           "2026-11-21T12:00:00ZZ",
                           "2026-11-21T12:00:00+7",
                           "2026-11-21T12:00:00+07:0",
                           "2026-11-21T12:00:00+07:",
                           "2026-11-21T12:00:00+07:60",
                           "2026-11-21T12:00:00+18:01",
                           "2026-11-21T12:00:00+19",
                           "2026-11-21T12:00:00 UTC",
                           "2026-11-21T-1:00",
                           "２０２６-11-21",
                           "2026-11-21T12:00:00\xE2\x88\x92"
                           "01"}) {
    EXPECT_EQ(parse_instant(text), std::nullopt) << text;
  }
}

TEST(ParseInstant, ReadsWhatFormatInstantWrites) {
  std::mt19937_64 random(2);
  std::uniform_int_distribution<Micros> instants(midnight(1, 1, 1), midnight(9999, 12, 31) + kDay - 1);
  for (int i = 0; i < 100'000; ++i) {
    const Micros instant = instants(random);
    std::string text = format_instant(instant);
    ASSERT_TRUE(text.ends_with(" UTC")) << text;
    text.replace(text.size() - 4, 4, "Z");
    ASSERT_EQ(parse_instant(text), instant) << text;
  }
}

TEST(ParseUtcOffset, Forms) {
  const std::pair<const char*, int> forms[] = {
      {"+07:00", 420}, {"-03:30", -210}, {"Z", 0},         {"z", 0},          {"+00:00", 0},   {"-00:00", 0},
      {"+0545", 345},  {"-11", -660},    {"+18:00", 1080}, {"-18:00", -1080}, {" +01:00 ", 60}};
  for (const auto& [text, minutes] : forms) EXPECT_EQ(parse_utc_offset(text), minutes) << text;
  for (const char* text : {"", "+", "7", "07:00", "+7", "+7:00", "+07:0", "+07:", "+18:01", "-18:30", "+99",
                           "+07:60", "UTC", "CET", "Z+1", "+07:00Z", "+-07:00"}) {
    EXPECT_EQ(parse_utc_offset(text), std::nullopt) << text;
  }
}

TEST(DayNumber, DaysBeginAtMidnightWhereTheClockIs) {
  EXPECT_EQ(day_number(0, 0), 0);
  EXPECT_EQ(day_number(kDay - 1, 0), 0);
  EXPECT_EQ(day_number(kDay, 0), 1);
  EXPECT_EQ(day_number(-1, 0), -1);
  EXPECT_EQ(day_number(-kDay, 0), -1);
  EXPECT_EQ(day_number(-kDay - 1, 0), -2);
  EXPECT_EQ(day_number(17 * kHour - 1, 420), 0);
  EXPECT_EQ(day_number(17 * kHour, 420), 1);
  EXPECT_EQ(day_number(-7 * kHour - 1, 420), -1);
  EXPECT_EQ(day_number(3 * kHour + 30 * kMinute - 1, -210), -1);
  EXPECT_EQ(day_number(3 * kHour + 30 * kMinute, -210), 0);
}

TEST(DayNumber, DefinedForEveryInstant) {
  for (const std::int32_t offset : {-1080, -1, 0, 1, 1080}) {
    EXPECT_LE(day_number(kMinusInfinity, offset), day_number(kFirstInstant, offset));
    EXPECT_LE(day_number(kMinusInfinity + 1, offset), day_number(kFirstInstant, offset));
    EXPECT_LT(day_number(kFirstInstant, offset), day_number(kEndOfTime - 1, offset));
    EXPECT_LE(day_number(kEndOfTime - 1, offset), day_number(kInfinity, offset));
  }
}

TEST(DayNumber, SteppingThroughInstants) {
  std::mt19937_64 random(3);
  std::uniform_int_distribution<Micros> instants(kFirstInstant, kEndOfTime - 1);
  std::uniform_int_distribution<int> offsets(-1080, 1080);
  for (int i = 0; i < 10'000; ++i) {
    const Micros instant = instants(random);
    const int offset = offsets(random);
    const std::int64_t day = day_number(instant, offset);
    EXPECT_LE(day * kDay, instant + offset * kMinute);
    EXPECT_GT(day * kDay + (kDay - 1), instant + offset * kMinute - 1);
  }
}

TEST(FormatInstant, EveryDayAroundTheTurnsOfEras) {
  const std::pair<int, int> spans[] = {{-4713, -4690}, {-410, -390}, {-110, -90},  {-5, 9},       {95, 105},
                                       {395, 405},     {1580, 1610}, {1890, 2110}, {9990, 10'010}};
  for (const auto& [from, to] : spans) {
    const std::int64_t last = midnight(to, 12, 31) / kDay;
    for (std::int64_t day = midnight(from, 1, 1) / kDay; day <= last; ++day) {
      ASSERT_EQ(format_instant(day * kDay), date_text(day) + " 00:00:00 UTC");
      ASSERT_EQ(format_instant(day * kDay + kDay - 1), date_text(day) + " 23:59:59.999999 UTC");
    }
  }
}

TEST(FormatInstant, TheCalendarRepeatsEvery400Years) {
  constexpr std::int64_t kEra = 146'097;
  for (std::int64_t day = 0; day < kEra; day += 97) {
    for (const std::int64_t eras : {-10, -5, 20, 100, 700}) {
      const std::string here = format_instant(day * kDay);
      const std::string there = format_instant((day + eras * kEra) * kDay);
      EXPECT_EQ(there.substr(there.find('-', 1)), here.substr(here.find('-', 1)));
      EXPECT_EQ(std::atoll(there.c_str()), std::atoll(here.c_str()) + 400 * eras);
    }
  }
}

TEST(FormatInstant, Fractions) {
  const Micros noon = midnight(2026, 11, 21) + 12 * kHour;
  EXPECT_EQ(format_instant(noon), "2026-11-21 12:00:00 UTC");
  EXPECT_EQ(format_instant(noon + 500'000), "2026-11-21 12:00:00.5 UTC");
  EXPECT_EQ(format_instant(noon + 10), "2026-11-21 12:00:00.00001 UTC");
  EXPECT_EQ(format_instant(noon + 1), "2026-11-21 12:00:00.000001 UTC");
  EXPECT_EQ(format_instant(noon + 120'300), "2026-11-21 12:00:00.1203 UTC");
  EXPECT_EQ(format_instant(-1), "1999-12-31 23:59:59.999999 UTC");
}

TEST(FormatInstant, InfinitiesAndTheirNeighbours) {
  EXPECT_EQ(format_instant(kInfinity), "infinity");
  EXPECT_EQ(format_instant(kMinusInfinity), "-infinity");
  // 2^63 microseconds are 106,751,991 days, 4 hours, 0 minutes and 54.775808 seconds.
  EXPECT_TRUE(format_instant(kInfinity - 1).ends_with(" 04:00:54.775806 UTC"));
  EXPECT_TRUE(format_instant(kMinusInfinity + 1).ends_with(" 19:59:05.224193 UTC"));
}

TEST(FormatDuration, TheLargestUnitThatDivides) {
  const std::pair<Micros, const char*> forms[] = {{30 * kDay, "30 days"},
                                                  {kDay, "1 day"},
                                                  {365 * kDay, "365 days"},
                                                  {36 * kHour, "36 hours"},
                                                  {kHour, "1 hour"},
                                                  {90 * kMinute, "90 minutes"},
                                                  {kMinute, "1 minute"},
                                                  {90 * kSecond, "90 seconds"},
                                                  {kSecond, "1 second"},
                                                  {1'500'000, "1.5 seconds"},
                                                  {kDay + 1, "86400.000001 seconds"},
                                                  {1, "0.000001 seconds"},
                                                  {0, "0 days"},
                                                  {-kDay, "-1 day"},
                                                  {-1'500'000, "-1.5 seconds"},
                                                  {kInfinity, "infinity"},
                                                  {kMinusInfinity, "-infinity"},
                                                  {kMinusInfinity + 1, "-9223372036854.775807 seconds"}};
  for (const auto& [duration, text] : forms) EXPECT_EQ(format_duration(duration), text);
}

TEST(FormatDuration, ParseDurationReadsWholeSeconds) {
  std::mt19937_64 random(4);
  for (const Micros unit : {kSecond, kMinute, kHour, kDay, 365 * kDay}) {
    std::uniform_int_distribution<Micros> counts(0, kLongestDuration / unit);
    for (int i = 0; i < 1000; ++i) {
      const Micros duration = counts(random) * unit;
      EXPECT_EQ(parse_duration(format_duration(duration)), duration) << format_duration(duration);
    }
  }
}

}  // namespace
}  // namespace leadscore
