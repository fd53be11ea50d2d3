// The name that a misspelt one was probably meant to be.
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <utf8proc.h>

#include "core/error.hpp"
#include "core/text.hpp"

namespace leadscore {
namespace {

/// Nobody misspells longer names letter by letter, and comparing them would take long.
constexpr std::size_t kLongestWord = 256;

/// One letter wrong is one change, however many bytes it takes. What is not UTF-8 counts byte by byte.
std::u32string letters(std::string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t letter = 0;
    const utf8proc_ssize_t size =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                         static_cast<utf8proc_ssize_t>(text.size() - at), &letter);
    out.push_back(size > 0 ? static_cast<char32_t>(letter) : static_cast<unsigned char>(text[at]));
    at += size > 0 ? static_cast<std::size_t>(size) : 1;
  }
  return out;
}

/// Optimal string alignment distance, or limit + 1 where it is larger.
std::size_t distance(const std::u32string& a, const std::u32string& b, std::size_t limit) {
  const std::size_t difference = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (difference > limit) return limit + 1;
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> rows(3 * width);
  std::size_t* before_last = rows.data();
  std::size_t* last = before_last + width;
  std::size_t* current = last + width;
  for (std::size_t j = 0; j < width; ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    std::size_t least = i;
    for (std::size_t j = 1; j < width; ++j) {
      const bool same = a[i - 1] == b[j - 1];
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before_last[j - 2] + 1);
      }
      least = std::min(least, current[j]);
    }
    // A swap reaches two rows back; the row before this one has at most one less.
    if (least > limit + 1) return limit + 1;
    std::swap(before_last, last);
    std::swap(last, current);
  }
  return std::min(last[b.size()], limit + 1);
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr std::size_t kShortestPrefix = 3;
  Folder word_folder(Accents::ignored);
  Folder candidate_folder(Accents::ignored);
  if (word.size() > kLongestWord) return {};
  const std::u32string wanted = letters(word_folder.fold(word));

  std::size_t limit = std::max<std::size_t>(1, wanted.size() / 3);
  std::string_view best;
  std::string_view prefix;
  for (const std::string_view candidate : candidates) {
    checkpoint();
    if (candidate.size() > kLongestWord) continue;
    const std::u32string name = letters(candidate_folder.fold(candidate));
    const std::size_t changes = distance(wanted, name, limit);
    if (changes <= limit && changes < std::max(wanted.size(), name.size())) {
      if (changes == 0) return candidate;
      best = candidate;
      limit = changes - 1;  // only a nearer one may take its place
    }
    if (prefix.empty() && std::min(wanted.size(), name.size()) >= kShortestPrefix &&
        (wanted.starts_with(name) || name.starts_with(wanted))) {
      prefix = candidate;
    }
  }
  return best.empty() ? prefix : best;
}

}  // namespace leadscore
