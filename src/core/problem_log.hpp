// Collects what is wrong with a rule set while it is read, in the order of reading, within limits: whatever
// the rule set, neither the number of problems nor their texts nor the search for near words grows beyond
// bounds.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/node.hpp"
#include "core/problem.hpp"

namespace leadscore {

class ProblemLog {
 public:
  /// So many errors and so many warnings are kept; then one of each kind says how many more there are.
  static constexpr std::size_t kMaxKept = 1'000;

  struct Entry {
    Problem problem;
    std::string rule;  ///< id of the rule it lies in, quoted; else empty
    const char* code;  ///< SQLSTATE where it is raised
  };

  void error(const Node& at, std::string problem, std::string hint = {},
             const char* code = sqlstate::kInvalidParameter);
  void warning(const Node& at, std::string problem, std::string hint = {});
  void warning(std::string path, std::string problem, std::string hint = {});

  std::size_t errors() const noexcept { return errors_; }
  /// The first error, or nullptr.
  const Entry* first_error() const noexcept;

  /// The problems for people, each with the id of its rule. Leaves the log empty.
  Problems take();

  /// False once no hint will be given any more: then the candidates need not be gathered.
  bool gives_hints() const noexcept { return errors_ < kMaxKept && candidates_left_ > 0; }
  /// `Did you mean "points"?`, or empty where no candidate is near. Beyond a total of candidates looked at,
  /// and for very long words, always empty: hints are a courtesy, time is not.
  std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);
  /// The candidate itself, on the same terms.
  std::string_view near_word(std::string_view word, std::span<const std::string_view> candidates);

  /// While it lives, problems belong to the rule of that id (empty: to none).
  class InRule {
   public:
    InRule(ProblemLog& log, std::string_view id);
    ~InRule() { log_.rule_.clear(); }
    InRule(const InRule&) = delete;
    InRule& operator=(const InRule&) = delete;

   private:
    ProblemLog& log_;
  };

 private:
  void add(Severity severity, std::string path, std::string problem, std::string hint, const char* code);

  std::vector<Entry> entries_;
  std::string rule_;
  std::size_t errors_ = 0, warnings_ = 0;
  std::size_t candidates_left_ = 100'000;
};

/// Throws the first error, if there is one, as that of `of`: "invalid options: $.ridge: …", with its hint.
void raise_first(const ProblemLog& log, std::string_view of);

/// A user's word in a message: in quotation marks, control characters escaped, cut where it is long.
std::string quoted(std::string_view word);

}  // namespace leadscore
