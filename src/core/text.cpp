// Unicode text: well-formedness, white space, words, and case folding on utf8proc's tables. Most CRM text is
// ASCII, and most of the rest is Latin, Greek or Cyrillic without loose combining marks: both are folded
// without utf8proc, the former eight bytes at a time, the latter from a table of folded characters.
#include "core/text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>

namespace leadscore {
namespace {

constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080;

std::uint64_t load_word(const char* at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

constexpr std::uint64_t each_byte(unsigned char byte) noexcept { return 0x0101'0101'0101'0101 * byte; }

/// Eight ASCII bytes in lower case. A byte below 0x80 never carries into its neighbour here.
constexpr std::uint64_t lowered(std::uint64_t word) noexcept {
  const std::uint64_t from_a = word + each_byte(0x80 - 'A');
  const std::uint64_t beyond_z = word + each_byte(0x7F - 'Z');
  return word | ((from_a & ~beyond_z & kHighBits) >> 2);
}

constexpr char lowered(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_ascii(char c) noexcept { return static_cast<unsigned char>(c) < 0x80; }

struct Decoded {
  std::int32_t code_point = -1;  ///< -1 where the bytes are ill-formed
  std::size_t length = 1;
};

/// The code point that begins at `at` (Unicode 15, table 3-7).
Decoded decode(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) noexcept -> std::int32_t {
    return static_cast<unsigned char>(text[at + i]);
  };
  const std::int32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - at < length) return {};
  // The second byte's range keeps out overlong forms, surrogates and what lies beyond U+10FFFF.
  const std::int32_t lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const std::int32_t highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < lowest || byte(1) > highest) return {};
  std::int32_t code_point = lead & (0x7F >> length);
  code_point = code_point << 6 | (byte(1) & 0x3F);
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code_point = code_point << 6 | (byte(i) & 0x3F);
  }
  return {code_point, length};
}

/// The code point that ends just before `at`, which is not 0.
Decoded decode_before(std::string_view text, std::size_t at) noexcept {
  for (std::size_t length = 1; length <= 4 && length <= at; ++length) {
    if ((static_cast<unsigned char>(text[at - length]) & 0xC0) == 0x80) continue;
    const Decoded decoded = decode(text.substr(0, at), at - length);
    return decoded.length == length ? decoded : Decoded{};
  }
  return {};
}

/// The property White_Space.
constexpr bool is_white_space(std::int32_t c) noexcept {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool is_mark(std::int32_t code_point) noexcept {
  const utf8proc_category_t category = utf8proc_category(code_point);
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
         category == UTF8PROC_CATEGORY_ME;
}

bool is_word(std::int32_t c) noexcept {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  const utf8proc_category_t category = utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}
static_assert(UTF8PROC_CATEGORY_LU == 1 && UTF8PROC_CATEGORY_MN == 6 && UTF8PROC_CATEGORY_NO == 11,
              "letters, marks and numbers are neighbours");

std::size_t leading_space(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    const Decoded decoded = decode(text, at);
    if (!is_white_space(decoded.code_point)) break;
    at += decoded.length;
  }
  return at;
}

/// COMBINING GREEK YPOGEGRAMMENI, the one mark that folds to a letter, or a letter that contains it.
constexpr bool has_iota_subscript(std::int32_t c) noexcept {
  return c == 0x345 || (c >= 0x1F80 && c <= 0x1FFC);
}

/// Unassigned code points that are set aside for invisible characters: toNFKC_Casefold drops them, utf8proc
/// only the assigned ones.
constexpr bool is_reserved_ignorable(std::int32_t c) noexcept {
  return c == 0x2065 || (c >= 0xFFF0 && c <= 0xFFF8) || (c >= 0xE0000 && c <= 0xE0FFF);
}

/// `from`, decomposed character by character as the options say, into `to`.
void decompose(const std::vector<std::int32_t>& from, std::vector<std::int32_t>& to, int options) {
  constexpr std::size_t kLongest = 32;  // U+FDFA becomes 18 characters
  to.resize(from.size() + kLongest);
  std::size_t length = 0;
  for (const std::int32_t code_point : from) {
    for (;;) {
      int boundclass = 0;
      const auto room = static_cast<utf8proc_ssize_t>(to.size() - length);
      const utf8proc_ssize_t added = utf8proc_decompose_char(
          code_point, to.data() + length, room, static_cast<utf8proc_option_t>(options), &boundclass);
      if (added < 0) throw std::bad_alloc();  // overflow alone; the options and code points are valid
      if (added <= room) {
        length += static_cast<std::size_t>(added);
        break;
      }
      to.resize(to.size() * 2 + static_cast<std::size_t>(added));
    }
  }
  to.resize(length);
}

/// Canonical Ordering Algorithm. utf8proc's own takes quadratic time, which a text of nothing but combining
/// marks would turn into hours.
void reorder_marks(std::vector<std::int32_t>& text) {
  const auto combining_class = [](std::int32_t c) { return utf8proc_get_property(c)->combining_class; };
  const auto by_class = [&](std::int32_t a, std::int32_t b) {
    return combining_class(a) < combining_class(b);
  };
  for (auto at = text.begin(); at != text.end();) {
    if (combining_class(*at) == 0) {
      ++at;
      continue;
    }
    const auto end = std::find_if(at, text.end(), [&](std::int32_t c) { return combining_class(c) == 0; });
    if (end - at > 1 && !std::is_sorted(at, end, by_class)) std::stable_sort(at, end, by_class);
    at = end;
  }
}

}  // namespace

/// The folded forms of the characters of the two-byte alphabets that stand for themselves: whatever precedes
/// or follows, unless a combining or invisible character follows.
struct FoldedAlphabets {
  static constexpr std::int32_t kFirst = 0x80;
  static constexpr std::int32_t kEnd = 0x500;  // Latin, Greek and Cyrillic

  struct Entry {
    unsigned char length;  ///< 0: not such a character
    std::array<char, 7> bytes;
  };

  explicit FoldedAlphabets(Accents accents) {
    Folder folder(accents);
    for (std::int32_t c = kFirst; c < kEnd; ++c) {
      Entry& entry = entries[static_cast<std::size_t>(c - kFirst)];
      entry = {};
      const utf8proc_property_t* property = utf8proc_get_property(c);
      if (is_mark(c) || property->ignorable || property->category == UTF8PROC_CATEGORY_CN) continue;
      const std::array<char, 2> bytes = {static_cast<char>(0xC0 | c >> 6),
                                         static_cast<char>(0x80 | (c & 0x3F))};
      folder.length_ = 0;
      folder.append_normalized({bytes.data(), bytes.size()});
      if (folder.length_ > entry.bytes.size()) continue;
      entry.length = static_cast<unsigned char>(folder.length_);
      std::copy_n(folder.buffer_.data(), folder.length_, entry.bytes.data());
    }
  }

  /// The entry of the character at `at`, or nullptr.
  const Entry* find(std::string_view text, std::size_t at) const noexcept {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0xC2 || lead >= 0xC0 + (kEnd >> 6)) return nullptr;
    const auto index = static_cast<std::size_t>((lead & 0x1F) << 6 | (text[at + 1] & 0x3F)) - kFirst;
    return index < entries.size() && entries[index].length > 0 ? &entries[index] : nullptr;
  }

  /// The texts before and from `at` on can be folded apart.
  bool is_boundary(std::string_view text, std::size_t at) const noexcept {
    return at == text.size() || is_ascii(text[at]) || find(text, at) != nullptr;
  }

  static const FoldedAlphabets& of(Accents accents) {
    if (accents == Accents::kept) {
      static const FoldedAlphabets kept(Accents::kept);
      return kept;
    }
    static const FoldedAlphabets ignored(Accents::ignored);
    return ignored;
  }

  std::array<Entry, kEnd - kFirst> entries;
};
static_assert(std::is_trivially_destructible_v<FoldedAlphabets>);
static_assert(FoldedAlphabets::kEnd % 0x40 == 0 && sizeof(FoldedAlphabets::Entry) == 8);

bool is_blank(std::string_view text) noexcept { return leading_space(text) == text.size(); }

std::string_view trimmed(std::string_view text) noexcept {
  text.remove_prefix(leading_space(text));
  while (!text.empty()) {
    const Decoded decoded = decode_before(text, text.size());
    if (!is_white_space(decoded.code_point)) break;
    text.remove_suffix(decoded.length);
  }
  return text;
}

bool is_utf8(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= sizeof(std::uint64_t) && (load_word(text.data() + at) & kHighBits) == 0) {
      at += sizeof(std::uint64_t);
      continue;
    }
    const Decoded decoded = decode(text, at);
    if (decoded.code_point < 0) return false;
    at += decoded.length;
  }
  return true;
}

std::string_view Folder::fold(std::string_view text) {
  const std::size_t size = text.size();
  if (buffer_.size() < size) buffer_.resize(size);
  const char* const from = text.data();
  char* const to = buffer_.data();
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  if (size < kWord) {
    unsigned seen = 0;
    for (std::size_t i = 0; i < size; ++i) {
      seen |= static_cast<unsigned char>(from[i]);
      to[i] = lowered(from[i]);
    }
    if (seen >= 0x80) return fold_beyond_ascii(text);
    return {to, size};
  }
  // Whole words, the last one overlapping the one before it, so that there is no tail of single bytes.
  for (std::size_t i = 0;; i = std::min(i + kWord, size - kWord)) {
    const std::uint64_t word = load_word(from + i);
    if ((word & kHighBits) != 0) return fold_beyond_ascii(text);
    const std::uint64_t result = lowered(word);
    std::memcpy(to + i, &result, kWord);
    if (i + kWord == size) return {to, size};
  }
}

std::string_view Folder::fold_beyond_ascii(std::string_view text) {
  length_ = 0;
  if (!is_utf8(text)) {
    append_ascii(text);
    return {buffer_.data(), length_};
  }
  const FoldedAlphabets& alphabets = FoldedAlphabets::of(accents_);
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    while (end < text.size() && is_ascii(text[end])) ++end;
    if (end > at) {
      // The last one belongs to what follows where that may be an accent on it.
      const bool complete = alphabets.is_boundary(text, end);
      if (!complete) --end;
      append_ascii(text.substr(at, end - at));
      at = end;
      if (complete) continue;
    } else {
      end = append_alphabetic(text, at, alphabets);
      if (end > at) {
        at = end;
        continue;
      }
    }
    do end += decode(text, end).length;
    while (!alphabets.is_boundary(text, end));
    append_normalized(text.substr(at, end - at));
    at = end;
  }
  return {buffer_.data(), length_};
}

char* Folder::room_for(std::size_t size) {
  if (buffer_.size() - length_ < size) buffer_.resize(std::max(length_ + size, buffer_.size() * 2));
  return buffer_.data() + length_;
}

std::size_t Folder::append_alphabetic(std::string_view text, std::size_t at,
                                      const FoldedAlphabets& alphabets) {
  constexpr std::size_t kRoom = sizeof(FoldedAlphabets::Entry::bytes);
  const FoldedAlphabets::Entry* entry = alphabets.find(text, at);
  while (entry != nullptr) {
    const std::size_t next = at + 2;
    const bool ends = next == text.size() || is_ascii(text[next]);
    const FoldedAlphabets::Entry* following = ends ? nullptr : alphabets.find(text, next);
    if (!ends && following == nullptr) break;
    std::memcpy(room_for(kRoom), entry->bytes.data(), kRoom);  // a fixed size, of which `length` bytes count
    length_ += entry->length;
    at = next;
    entry = following;
  }
  return at;
}

void Folder::append_ascii(std::string_view text) {
  std::transform(text.begin(), text.end(), room_for(text.size()), [](char c) { return lowered(c); });
  length_ += text.size();
}

void Folder::append_normalized(std::string_view text) {
  bool iota_subscript = false;
  bool reserved_ignorable = false;
  code_points_.clear();
  for (std::size_t at = 0; at < text.size();) {
    const Decoded decoded = decode(text, at);
    iota_subscript |= has_iota_subscript(decoded.code_point);
    reserved_ignorable |= is_reserved_ignorable(decoded.code_point);
    code_points_.push_back(decoded.code_point);
    at += decoded.length;
  }
  if (iota_subscript) {
    // It folds to a letter, which other marks then follow; they must come before it first (definition D147).
    decompose(code_points_, scratch_, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
    reorder_marks(scratch_);
    code_points_.swap(scratch_);
  }
  if (reserved_ignorable) std::erase_if(code_points_, is_reserved_ignorable);
  int options = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
  if (accents_ == Accents::ignored) options |= UTF8PROC_STRIPMARK;
  decompose(code_points_, scratch_, options);
  reorder_marks(scratch_);
  const utf8proc_ssize_t composed =
      utf8proc_normalize_utf32(scratch_.data(), static_cast<utf8proc_ssize_t>(scratch_.size()),
                               static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  char* to = room_for(static_cast<std::size_t>(composed) * 4);
  for (utf8proc_ssize_t i = 0; i < composed; ++i) {
    to +=
        utf8proc_encode_char(scratch_[static_cast<std::size_t>(i)], reinterpret_cast<utf8proc_uint8_t*>(to));
  }
  length_ = static_cast<std::size_t>(to - buffer_.data());
}

std::string folded(std::string_view text, Accents accents) {
  Folder folder(accents);
  return std::string(folder.fold(text));
}

bool is_word_before(std::string_view text, std::size_t at) noexcept {
  return at > 0 && at <= text.size() && is_word(decode_before(text, at).code_point);
}

bool is_word_at(std::string_view text, std::size_t at) noexcept {
  return at < text.size() && is_word(decode(text, at).code_point);
}

}  // namespace leadscore
