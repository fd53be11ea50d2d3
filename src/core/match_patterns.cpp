// From occurrences to atoms: contains takes each, words only those between word boundaries.
#include "core/match_patterns.hpp"

#include <string>

namespace leadscore {
namespace {

/// No word goes on across byte `at`: not both sides of it are letters or digits. (So "c++" is a word of "c++
/// developer", whose end lies between two characters that belong to no word.)
bool is_boundary(std::string_view text, std::size_t at) noexcept {
  return !is_word_before(text, at) || !is_word_at(text, at);
}

}  // namespace

void TextPatterns::add(Op op, std::string_view pattern, std::uint32_t atom, Accents accents) {
  empty_ = false;
  if (op == Op::words) {
    add_words(pattern, atom, accents);
    return;
  }
  const std::string text = folded(pattern, accents);
  if (text.empty()) {
    always_.push_back(atom);
  } else if (op == Op::contains) {
    containing_.add(inner_.add(text, false), atom);
  } else if (op == Op::starts_with) {
    starting_.add(front_.add(text, false), atom);
  } else {
    ending_.add(back_.add(text, false), atom);
  }
}

void TextPatterns::add_words(std::string_view pattern, std::uint32_t atom, Accents accents) {
  pattern = trimmed(pattern);
  const bool open = pattern.ends_with('*');
  if (open) pattern.remove_suffix(1);
  const std::string text = folded(pattern, accents);
  if (text.empty()) return;  // no word at all
  (open ? open_words_ : words_).add(inner_.add(text, true), atom);
}

void TextPatterns::build(std::size_t& table_cells) {
  inner_.build(table_cells);
  front_.build(table_cells);
  back_.build(table_cells);
  containing_.build(inner_.patterns());
  words_.build(inner_.patterns());
  open_words_.build(inner_.patterns());
  starting_.build(front_.patterns());
  ending_.build(back_.patterns());
}

void TextPatterns::scan(std::string_view text, AtomHits& hits) {
  for (const std::uint32_t atom : always_) hits.hit(atom);
  if (!inner_.empty()) {
    inner_.scan(text, [&](std::uint32_t pattern, std::size_t begin, std::size_t end) {
      hits.hit(containing_.begin(pattern), containing_.end(pattern));
      const bool words = words_.begin(pattern) != words_.end(pattern);
      if (!words && open_words_.begin(pattern) == open_words_.end(pattern)) return;
      if (!is_boundary(text, begin)) return;
      hits.hit(open_words_.begin(pattern), open_words_.end(pattern));
      if (words && is_boundary(text, end)) hits.hit(words_.begin(pattern), words_.end(pattern));
    });
  }
  if (!front_.empty()) {
    front_.scan(text, [&](std::uint32_t pattern, std::size_t, std::size_t) {
      hits.hit(starting_.begin(pattern), starting_.end(pattern));
    });
  }
  if (!back_.empty()) {
    back_.scan(text, [&](std::uint32_t pattern, std::size_t, std::size_t) {
      hits.hit(ending_.begin(pattern), ending_.end(pattern));
    });
  }
}

}  // namespace leadscore
