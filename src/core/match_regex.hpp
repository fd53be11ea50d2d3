// The regular expressions of one text field: all of them in one pass over the text, as it was written.
#pragma once

#include <re2/re2.h>
#include <re2/set.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/match_atoms.hpp"
#include "core/match_text_table.hpp"

namespace leadscore {

/// Memory that the compiled expressions of one matcher may take together, and that their automata may grow by
/// as they run.
struct RegexBudget {
  std::size_t compiled = std::size_t{24} << 20;
  std::size_t running = std::size_t{32} << 20;
};

class RegexTests {
 public:
  void add(std::string_view pattern, std::uint32_t atom);
  bool empty() const noexcept { return patterns_.empty(); }
  /// Bytes of all patterns, by which fields share the budget.
  std::size_t pattern_bytes() const noexcept { return pattern_bytes_; }
  /// `owner`: for messages. Throws Error where an expression does not read (22023) or all of them need more
  /// than `budget.compiled` (54000), which is lessened by what these take. `running`: this field's share.
  void build(const std::string& owner, RegexBudget& budget, std::size_t running);

  void scan(std::string_view text, AtomHits& hits);

 private:
  const RE2& single(std::size_t pattern);

  TextTable patterns_;
  NumberLists atoms_;  // pattern -> atoms
  std::size_t pattern_bytes_ = 0;
  std::unique_ptr<RE2::Set> set_;              // nullptr: it would be too large
  std::vector<std::unique_ptr<RE2>> singles_;  // made when first wanted
  std::vector<std::size_t> memory_;            // that each takes by itself
  std::vector<int> found_;                     // scratch
};

}  // namespace leadscore
