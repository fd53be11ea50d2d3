// The bytes in which what a measure has collected travels from one process to another: numbers in network
// byte order, counts in groups of seven bits.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace leadscore {

inline std::uint64_t network_order(std::uint64_t value) noexcept {
  return std::endian::native == std::endian::big ? value : __builtin_bswap64(value);
}

/// Says how many bytes a ByteWriter would write.
class ByteCounter {
 public:
  void byte(std::uint8_t) noexcept { ++size_; }
  void fixed(std::uint64_t) noexcept { size_ += sizeof(std::uint64_t); }
  void count(std::uint64_t value) noexcept {
    size_ += static_cast<std::size_t>((std::bit_width(value | 1) + 6) / 7);
  }
  void text(std::string_view value) noexcept {
    count(value.size());
    size_ += value.size();
  }
  std::size_t size() const noexcept { return size_; }

 private:
  std::size_t size_ = 0;
};

/// Writes where its caller has made room.
class ByteWriter {
 public:
  explicit ByteWriter(std::uint8_t* to) noexcept : at_(to) {}
  void byte(std::uint8_t value) noexcept { *at_++ = value; }
  void fixed(std::uint64_t value) noexcept {
    value = network_order(value);
    std::memcpy(at_, &value, sizeof(value));
    at_ += sizeof(value);
  }
  void count(std::uint64_t value) noexcept {
    for (; value >= 0x80; value >>= 7) byte(static_cast<std::uint8_t>(value | 0x80));
    byte(static_cast<std::uint8_t>(value));
  }
  void text(std::string_view value) noexcept {
    count(value.size());
    if (!value.empty()) std::memcpy(at_, value.data(), value.size());
    at_ += value.size();
  }

 private:
  std::uint8_t* at_;
};

/// Reads bytes that nobody vouches for; throws Error (22P03).
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) noexcept
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}
  [[noreturn]] static void reject(const char* what) {
    throw Error(sqlstate::kInvalidBinary, std::string("invalid state of a measure: ") + what);
  }
  std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
  std::uint8_t byte() {
    need(1);
    return *at_++;
  }
  std::uint64_t fixed() {
    need(sizeof(std::uint64_t));
    std::uint64_t value = 0;
    std::memcpy(&value, at_, sizeof(value));
    at_ += sizeof(value);
    return network_order(value);
  }
  /// A count of rows. The limit keeps products and sums of counts far from the end of their types.
  std::uint64_t count() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const std::uint8_t part = byte();
      value |= std::uint64_t{static_cast<std::uint8_t>(part & 0x7f)} << shift;
      if (part < 0x80) break;
      if (shift + 7 >= kCountBits) reject("a count is out of range");
    }
    if (value >> kCountBits != 0) reject("a count is out of range");
    return value;
  }
  /// How many elements of at least so many bytes follow: a hostile number cannot make us allocate.
  std::size_t elements(std::size_t least_bytes) {
    const std::uint64_t n = count();
    if (n > left() / least_bytes) reject("it ends too early");
    return static_cast<std::size_t>(n);
  }
  /// Valid as long as the bytes.
  std::string_view text() {
    const std::size_t size = elements(1);
    const auto* const from = reinterpret_cast<const char*>(at_);
    at_ += size;
    return {from, size};
  }
  void finish() const {
    if (at_ != end_) reject("bytes follow its end");
  }

 private:
  static constexpr int kCountBits = 48;
  void need(std::size_t bytes) const {
    if (left() < bytes) reject("it ends too early");
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

}  // namespace leadscore
