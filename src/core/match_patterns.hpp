// The patterns of one text field: contains, words, starts_with, ends_with, of all rules, found in one pass
// each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/condition.hpp"
#include "core/match_atoms.hpp"
#include "core/match_automaton.hpp"
#include "core/match_text_table.hpp"
#include "core/text.hpp"

namespace leadscore {

class TextPatterns {
 public:
  /// A pattern of `op` (one of the four) as written.
  void add(Op op, std::string_view pattern, std::uint32_t atom, Accents accents);
  void build(std::size_t& table_cells);
  bool empty() const noexcept { return empty_; }

  /// `text`: folded, or ASCII as it is; not blank.
  void scan(std::string_view text, AtomHits& hits);

 private:
  void add_words(std::string_view pattern, std::uint32_t atom, Accents accents);

  bool empty_ = true;
  std::vector<std::uint32_t> always_;  // the empty text is everywhere
  Automaton inner_{Automaton::Mode::anywhere}, front_{Automaton::Mode::from_start},
      back_{Automaton::Mode::from_end};
  NumberLists containing_, words_, open_words_, starting_, ending_;  // pattern -> atoms
};

}  // namespace leadscore
