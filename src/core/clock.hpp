// Time as the core sees it: instants and durations in whole microseconds, days, and their text forms.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace leadscore {

/// Microseconds. An instant counts from 2000-01-01 00:00:00 UTC (PostgreSQL's epoch), a duration from 0.
using Micros = std::int64_t;

inline constexpr Micros kSecond = 1'000'000;
inline constexpr Micros kDay = 86'400 * kSecond;

/// PostgreSQL's -infinity and infinity.
inline constexpr Micros kMinusInfinity = std::numeric_limits<Micros>::min();
inline constexpr Micros kInfinity = std::numeric_limits<Micros>::max();

/// The instants that a PostgreSQL timestamp can hold are [4714-11-24 BC, 294277-01-01).
inline constexpr Micros kFirstInstant = -211'813'488'000'000'000;
inline constexpr Micros kEndOfTime = 9'223'371'331'200'000'000;

/// The longest duration a rule set may write: 1,000 years of 365 days.
inline constexpr Micros kLongestDuration = 365'000 * kDay;

inline bool is_finite(Micros instant) noexcept { return instant != kInfinity && instant != kMinusInfinity; }

/// later − earlier without overflow: saturates at ±infinity, and an infinite instant gives an infinite
/// difference (where both are infinite, that of `later`).
Micros difference(Micros later, Micros earlier) noexcept;

/// instant + duration, saturating at ±infinity: also where the sum lies outside what a timestamp can hold. An
/// infinite instant stays what it is.
Micros shifted(Micros instant, Micros duration) noexcept;

/// "30 days", "1 year", "90 seconds": a whole number ≥ 0 and a unit, singular or plural, any case, any white
/// space between and around. A month is 30 days, a year 365. nullopt where it does not read as one or is
/// longer than kLongestDuration.
std::optional<Micros> parse_duration(std::string_view text);

/// ISO 8601: "2026-11-21", "2026-11-21T12:00[:00[.ffffff]][Z|±hh[:]mm|±hh]", with a space allowed for the T.
/// Without a zone it is UTC. Years 0001 to 9999; white space around it and a lower-case t or z do no harm; a
/// fraction of more than six digits is rounded. nullopt where it does not read as one (also for 2026-02-30;
/// 24:00 and leap seconds do not read).
std::optional<Micros> parse_instant(std::string_view text);

/// "+07:00", "-0330", "+07", "Z": minutes east of UTC, within ±18 hours. nullopt where it does not read as
/// one.
std::optional<std::int32_t> parse_utc_offset(std::string_view text);

/// The number of the day (days since 2000-01-01) that holds the instant where the clock runs
/// `offset_minutes` ahead of UTC.
std::int64_t day_number(Micros instant, std::int32_t offset_minutes) noexcept;

/// "2026-11-21 12:00:00.5 UTC" as ISO 8601 with a space, fraction without trailing zeros, "infinity",
/// "-infinity"; years before 0 (2 BC is -0001) and beyond 9999 have a sign. The same whatever the session's
/// DateStyle and TimeZone.
std::string format_instant(Micros instant);

/// "30 days", "1 day", "36 hours", "90 seconds", "1.5 seconds": the largest unit up to days that divides it.
std::string format_duration(Micros duration);

}  // namespace leadscore
