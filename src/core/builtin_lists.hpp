// The lists of names that ship with leadscore: @freemail, @disposable, @education, @role_accounts.
//
// They are data (data/lists/*.txt, written by script/update-lists) built into the object, so that a score
// depends on no file and no table of the server.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace leadscore {

/// A list of names that ships with leadscore. There is one object per list, for the life of the process;
/// all are safe to use from several threads.
class BuiltinList {
 public:
  /// The operator a list is made for.
  enum class Use : std::uint8_t { domain, local_part };

  BuiltinList(const BuiltinList&) = delete;
  BuiltinList& operator=(const BuiltinList&) = delete;

  /// The list of that name (without '@', exactly so written), or nullptr.
  static const BuiltinList* find(std::string_view name) noexcept;

  /// All lists, for documentation and for "did you mean".
  static std::span<const BuiltinList> all() noexcept;

  std::string_view name() const noexcept { return name_; }
  Use use() const noexcept { return use_; }

  /// Number of entries. Throws std::bad_alloc: the first use of a list builds its table.
  std::size_t size() const;

  /// Is exactly this text an entry? The text is case-folded, a host name as punycode, without a final dot.
  /// For "or below", the caller asks again for what follows each dot. Throws std::bad_alloc as above.
  bool contains(std::string_view folded) const;

  /// The entries: one a line, each line ended, sorted by byte.
  std::string_view text() const noexcept { return {text_, static_cast<std::size_t>(*text_size_)}; }

  /// A hash of the content, the same on every platform; part of the fingerprint of a rule set that uses the
  /// list. It reads the whole text each time: about 10 µs.
  std::uint64_t content_hash() const;

 private:
  struct Table;

  constexpr BuiltinList(std::string_view name, Use use, const char* text,
                        const std::uint64_t* text_size) noexcept
      : name_(name), text_(text), text_size_(text_size), use_(use) {}

  const Table& table() const;

  static const BuiltinList lists[];

  std::string_view name_;
  const char* text_;
  const std::uint64_t* text_size_;             // by address: its value is known to the assembler only
  mutable std::atomic<const Table*> table_{};  // built at first use, never freed
  Use use_;
};

}  // namespace leadscore
