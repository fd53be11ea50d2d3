// Text as a person compares it: case folding by Unicode, blanks, word boundaries, hosts and mailbox names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leadscore {

/// Whether combining marks count in comparisons ("ignore_accents" of a rule set).
enum class Accents : unsigned char { kept, ignored };

/// True for text that is empty or Unicode white space only (CRMs write both for "unknown").
bool is_blank(std::string_view text) noexcept;

/// Without leading and trailing Unicode white space.
std::string_view trimmed(std::string_view text) noexcept;

/// True where the bytes are well-formed UTF-8 (Unicode 15, table 3-7).
bool is_utf8(std::string_view text) noexcept;

struct FoldedAlphabets;  // text.cpp's table

/// Folds texts into one buffer that is reused, so that folding a row allocates nothing in the long run.
class Folder {
 public:
  explicit Folder(Accents accents) noexcept : accents_(accents) {}

  /// toNFKC_Casefold (Unicode 15, section 3.13, rule R5), so that texts that differ only in case, width,
  /// ligatures, invisible characters or the way accents are encoded become equal (identifier caseless match,
  /// definition D147); folding the result changes nothing. With Accents::ignored all combining marks (Mn, Mc,
  /// Me) are dropped after decomposition. ASCII takes a fast path. Text that is not UTF-8 is folded as ASCII
  /// only. The result is valid until the next call.
  std::string_view fold(std::string_view text);

 private:
  friend struct FoldedAlphabets;

  std::string_view fold_beyond_ascii(std::string_view text);
  void append_ascii(std::string_view text);
  /// The characters from `at` on that `alphabets` can fold; returns where they end.
  std::size_t append_alphabetic(std::string_view text, std::size_t at, const FoldedAlphabets& alphabets);
  /// By utf8proc, whatever stands in it.
  void append_normalized(std::string_view text);
  char* room_for(std::size_t size);

  Accents accents_;
  std::string buffer_;  ///< only ever grows; `length_` bytes are used
  std::size_t length_ = 0;
  std::vector<std::int32_t> code_points_, scratch_;
};

/// One text folded, for the compile phase.
std::string folded(std::string_view text, Accents accents);

/// Is the code point that ends just before / begins at byte `at` of this UTF-8 text part of a word: a letter,
/// a digit (any Unicode L* or N*), or a combining mark, which belongs to the letter before it. False at the
/// ends of the text.
bool is_word_before(std::string_view text, std::size_t at) noexcept;
bool is_word_at(std::string_view text, std::size_t at) noexcept;

/// The host in an e-mail address ("Ann <ann@acme.com>", "mailto:ann@acme.com"), a URL
/// ("https://user@www.acme.com:80/x", "//acme.com/x") or a bare host ("acme.com/contact"), without port and
/// trailing dots; of several e-mail addresses that of the first. Empty where there is none, as in a sentence.
/// A view into `text`; not folded.
std::string_view host_of(std::string_view text) noexcept;

/// The part before the last '@' of an e-mail address, without "mailto:", a display name and '<'; empty where
/// there is no '@'. A view into `text`; not folded.
std::string_view local_part_of(std::string_view text) noexcept;

/// The candidate that was probably meant by `word`: least Damerau-Levenshtein distance (adjacent letters
/// swapped count as one, case and accents do not count), at most a third of the word's length (and at least 1
/// allowed, if anything is left in common), else one of which `word` is a prefix or that is a prefix of it (3
/// letters or more); empty where none is near. Ties: the first. Runs checkpoint().
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace leadscore
