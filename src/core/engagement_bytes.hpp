// The bytes of the flat form (engagement_codec.cpp describes them), one item at a time: shared by the codec
// and by what changes a state without unpacking it.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>

#include "core/engagement.hpp"
#include "core/json.hpp"
#include "core/ruleset.hpp"

namespace leadscore::flat {

enum Form : std::uint8_t { count_form, sum_form, latest_form, list_form };
enum SpecFlag : std::uint8_t {
  has_multipliers = 1,
  has_identities = 2,
  has_branches = 4,
  has_per_day = 8,
  has_horizon = 16
};

// The most bytes that things take.
inline constexpr std::size_t kMostHead = 5, kMostVarint = 10, kMostSpec = 1 + 5 + 5 + 3 + 10;
inline constexpr std::size_t kMostEvent = kMostVarint + 8 + 8 + 5;
inline constexpr std::size_t kMostSum = kMostHead + 5 + kMostVarint + 8;
inline constexpr std::size_t kMostLatest = kMostHead + 5 + kMostVarint;
inline constexpr std::size_t kMostPending = kMostVarint + 5 + 1 + kMostSpec + kMostEvent;

/// An event's weight may be as large as 2^64 (the block's growth) × the largest multiplier.
inline constexpr double kLargestWeight = 1e120;
/// Blocks of the shortest half-life, a second, reach so far from 2000.
inline constexpr std::int64_t kLargestBlock = kEndOfTime / (kBlockHalfLives * kSecond) + 1;

/// later − earlier, which a signed number can't hold where they are the ends of time.
inline std::uint64_t micros_between(Micros earlier, Micros later) noexcept {
  return static_cast<std::uint64_t>(later) - static_cast<std::uint64_t>(earlier);
}

/// A sum whose head, count and block take a byte each, as nearly all do.
inline constexpr std::size_t kShortSum = 3 + sizeof(double);
static_assert(kLargestBlock >= 0x40);  // what a byte says is in range

/// The eight bytes, of which the lowest comes first, as a number or the other way round.
inline std::uint64_t little_endian(std::uint64_t value) noexcept {
  return std::endian::native == std::endian::little ? value : __builtin_bswap64(value);
}

/// The eight bytes there.
inline std::uint64_t word_at(const std::uint8_t* bytes) noexcept {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof(value));
  return little_endian(value);
}

inline std::uint64_t zigzag(std::int64_t value) noexcept {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
inline std::int64_t unzigzag(std::uint64_t z) noexcept {
  return static_cast<std::int64_t>((z >> 1) ^ (~(z & 1) + 1));
}

/// Are these the first bytes of a cell of kShortSum?
inline bool is_short_sum(const std::uint8_t* cell) noexcept {
  return (cell[0] & 0x83) == sum_form && ((cell[1] | cell[2]) & 0x80) == 0;
}

/// Is the sum written as a mere count? A count is a sum of ones; a saturated count no longer says the sum.
inline bool is_plain(const Cell& c) noexcept {
  return c.block == 0 && c.sum == static_cast<double>(c.count) && c.count != UINT32_MAX;
}

/// Writes where its caller has made room.
class Writer {
 public:
  explicit Writer(std::uint8_t* to) noexcept : at_(to) {}
  std::uint8_t* at() const noexcept { return at_; }
  void byte(std::uint8_t b) noexcept { *at_++ = b; }
  void raw(const std::uint8_t* from, const std::uint8_t* to) noexcept {
    const auto size = static_cast<std::size_t>(to - from);
    // Most are a few cells: two halves that overlap spare a call.
    if (size >= 8 && size <= 16) {
      std::memcpy(at_, from, 8);
      std::memcpy(at_ + size - 8, to - 8, 8);
    } else if (size > 16 && size <= 32) {
      std::memcpy(at_, from, 16);
      std::memcpy(at_ + size - 16, to - 16, 16);
    } else if (size != 0) {
      std::memcpy(at_, from, size);
    }
    at_ += size;
  }
  void fixed(std::uint64_t value) noexcept {
    value = little_endian(value);
    std::memcpy(at_, &value, sizeof(value));
    at_ += sizeof(value);
  }
  void real(double value) noexcept { fixed(std::bit_cast<std::uint64_t>(value)); }
  void varint(std::uint64_t value) noexcept {
    while (value >= 0x80) {
      byte(static_cast<std::uint8_t>(value | 0x80));
      value >>= 7;
    }
    byte(static_cast<std::uint8_t>(value));
  }
  void zigzag(std::int64_t value) noexcept { varint(flat::zigzag(value)); }
  void spec(const ListSpec& s) noexcept {
    byte(static_cast<std::uint8_t>((s.multipliers ? has_multipliers : 0) |
                                   (s.identities ? has_identities : 0) | (s.branches ? has_branches : 0) |
                                   (s.per_day != 0 ? has_per_day : 0) | (s.horizon != 0 ? has_horizon : 0)));
    varint(s.keep);
    if (s.per_day != 0) {
      varint(s.per_day);
      zigzag(s.utc_offset);
    }
    if (s.horizon != 0) varint(static_cast<std::uint64_t>(s.horizon));
  }
  void payload(const ListSpec& s, const Event& e) noexcept {
    if (s.multipliers) real(e.multiplier);
    if (s.identities) fixed(e.identity);
    if (s.branches) varint(e.branch);
  }
  /// The head of a cell, `step` slots beyond the first that could come.
  void head(std::uint32_t step, Form form) noexcept { varint(std::uint64_t{step} << 2 | form); }
  /// A sum with its head.
  void sum(std::uint32_t step, const Cell& c) noexcept {
    const bool plain = is_plain(c);
    head(step, plain ? count_form : sum_form);
    varint(c.count);
    if (plain) return;
    zigzag(c.block);
    real(c.sum);
  }
  void latest(std::uint32_t step, const Cell& c, Micros last_at) noexcept {
    head(step, latest_form);
    varint(c.count);
    varint(micros_between(c.latest, last_at));
  }
  /// A list of events in counting order, which `event` gives by index.
  template <class EventAt>
  void list(std::uint32_t step, const ListSpec& s, std::uint32_t size, Micros last_at, const EventAt& event) {
    head(step, list_form);
    spec(s);
    varint(size);
    Micros previous = last_at;
    for (std::uint32_t i = 0; i < size; ++i) {
      const Event e = event(i);
      varint(micros_between(e.at, previous));
      payload(s, e);
      previous = e.at;
    }
  }

 private:
  std::uint8_t* at_;
};

/// Throws the Error (22P03) for bytes that are no state.
[[noreturn]] void reject(const char* what);

/// Reads bytes that nobody vouches for; throws Error (22P03).
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) noexcept
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}
  const std::uint8_t* at() const noexcept { return at_; }
  std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
  std::uint8_t byte() {
    if (at_ == end_) reject("it ends too early");
    return *at_++;
  }
  void skip(std::size_t bytes) {
    if (left() < bytes) reject("it ends too early");
    at_ += bytes;
  }
  std::uint64_t fixed() {
    if (left() < sizeof(std::uint64_t)) reject("it ends too early");
    const std::uint64_t value = word_at(at_);
    at_ += sizeof(value);
    return value;
  }
  double real(double limit) {
    const double value = std::bit_cast<double>(fixed());
    if (!(std::fabs(value) <= limit)) reject("a number is out of range");
    return value;
  }
  std::uint64_t varint() {
    const std::uint8_t first = byte();
    return first < 0x80 ? first : longer_varint(first);
  }
  std::uint64_t varint_up_to(std::uint64_t limit, const char* what) {
    const std::uint64_t value = varint();
    if (value > limit) reject(what);
    return value;
  }
  std::int64_t zigzag() { return unzigzag(varint()); }
  /// How many elements follow; each takes a byte at least, so a hostile number cannot make us allocate.
  std::uint32_t elements() {
    const std::uint64_t n = varint();
    if (n > left()) reject("it ends too early");
    return static_cast<std::uint32_t>(n);
  }
  std::uint32_t count() {
    const auto value = static_cast<std::uint32_t>(varint_up_to(UINT32_MAX, "a count is out of range"));
    if (value == 0) reject("a cell counts no event");
    return value;
  }
  std::int64_t block() {
    const std::int64_t value = zigzag();
    if (value < -kLargestBlock || value > kLargestBlock) reject("a time is out of range");
    return value;
  }
  ListSpec spec();
  /// How many events the list holds.
  std::uint32_t list_size(const ListSpec& s) {
    const std::uint32_t n = elements();
    if (n == 0) reject("a list holds no event");
    if (n > s.keep) reject("a list holds more events than it keeps");
    return n;
  }
  void payload(const ListSpec& s, Event& e) {
    if (s.multipliers) e.multiplier = real(kLargestMultiplier) + 0.0;  // never −0
    if (s.identities) e.identity = fixed();
    if (s.branches)
      e.branch = static_cast<std::uint32_t>(varint_up_to(kMaxRulesetBytes, "a branch is out of range"));
  }
  Micros earlier(Micros from) {
    const std::uint64_t by = varint();
    if (from < kFirstInstant || by > micros_between(kFirstInstant, from)) reject("a time is out of range");
    return static_cast<Micros>(static_cast<std::uint64_t>(from) - by);
  }
  /// What follows the head of a cell that holds a sum.
  void sum(Form form, Cell& c) {
    c.type = Cell::Type::sum;
    c.count = count();
    if (form == count_form) {
      c.sum = static_cast<double>(c.count);
    } else {
      c.block = block();
      c.sum = real(kLargestSum);
    }
  }
  /// The cell of kShortSum bytes that follows, without its slot; by how many slots it is beyond the first
  /// that could come.
  std::uint32_t short_sum(Cell& c) {
    const std::uint8_t* const cell = at_;
    at_ += kShortSum;
    c.type = Cell::Type::sum;
    c.count = cell[1];
    if (c.count == 0) reject("a cell counts no event");
    c.block = unzigzag(cell[2]);
    c.sum = std::bit_cast<double>(word_at(cell + 3));
    if (!(std::fabs(c.sum) <= kLargestSum)) reject("a number is out of range");
    return *cell >> 2;
  }
  void latest(Cell& c, Micros last_at) {
    c.type = Cell::Type::latest;
    c.count = count();
    c.latest = earlier(last_at);
  }
  /// Does a cell of kShortSum bytes follow, whole?
  bool at_short_sum() const noexcept { return left() >= kShortSum && is_short_sum(at_); }

 private:
  std::uint64_t longer_varint(std::uint8_t first) {
    if (left() >= sizeof(std::uint64_t)) {
      // Up to nine bytes: the eight that follow as one word, whose groups of seven bits are then moved
      // together.
      std::uint64_t word = word_at(at_);
      if (const std::uint64_t ends = ~word & 0x8080'8080'8080'8080; ends != 0) {
        const int bits = std::countr_zero(ends) + 1;
        if (((word >> (bits - 8)) & 0xff) == 0) reject("an integer is not in its shortest form");
        word &= (ends ^ (ends - 1)) & 0x7f7f'7f7f'7f7f'7f7f;
        word = (word & 0x007f'007f'007f'007f) | (word & 0x7f00'7f00'7f00'7f00) >> 1;
        word = (word & 0x0000'3fff'0000'3fff) | (word & 0x3fff'0000'3fff'0000) >> 2;
        word = (word & 0x0000'0000'0fff'ffff) | (word & 0x0fff'ffff'0000'0000) >> 4;
        at_ += bits / 8;
        return word << 7 | (first & 0x7f);
      }
    }
    std::uint64_t value = first & 0x7f;
    for (int shift = 7; shift < 64; shift += 7) {
      const std::uint8_t b = byte();
      if (shift == 63 && b > 1) break;
      value |= std::uint64_t{static_cast<std::uint8_t>(b & 0x7f)} << shift;
      if ((b & 0x80) == 0) {
        if (b == 0) reject("an integer is not in its shortest form");
        return value;
      }
    }
    reject("an integer is too long");
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

}  // namespace leadscore::flat
