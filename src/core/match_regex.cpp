// RE2::Set where it fits, else expression by expression: RE2 falls back on slower engines rather than on more
// memory.
#include "core/match_regex.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace leadscore {
namespace {

RE2::Options options(std::size_t memory) {
  RE2::Options result;
  result.set_log_errors(false);
  result.set_case_sensitive(false);
  result.set_max_mem(static_cast<std::int64_t>(memory));
  return result;
}

constexpr std::size_t kSingleMemory = std::size_t{8}
                                      << 20;  // RE2's default, with which patterns were checked
constexpr std::size_t kObjectBytes = 4096;    // of an RE2 without its program, roughly
constexpr std::size_t kInstructionBytes = 16;

/// As RE2 takes texts; its own type, depending on how it was built, is not made of a std::string_view.
re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

void RegexTests::add(std::string_view pattern, std::uint32_t atom) {
  if (patterns_.find(pattern) == TextTable::kNone) pattern_bytes_ += pattern.size() + 16;
  atoms_.add(patterns_.add(pattern), atom);
}

void RegexTests::build(const std::string& owner, RegexBudget& budget, std::size_t running) {
  if (empty()) return;
  atoms_.build(patterns_.size());
  singles_.resize(patterns_.size());
  // Each is compiled by itself first: a set would expand all the repetitions of hostile patterns before it
  // noticed that they are too many.
  std::size_t instructions = 0;
  for (std::uint32_t i = 0; i < patterns_.size(); ++i) {
    if (i % 16 == 15) checkpoint();
    const RE2 regex(piece(patterns_.text(i)), options(kSingleMemory));
    if (!regex.ok()) {
      throw Error(sqlstate::kInvalidParameter,
                  owner + ": " + std::string(patterns_.text(i)) +
                      " does not read as a regular expression: " + regex.error());
    }
    const auto size = static_cast<std::size_t>(regex.ProgramSize());
    instructions += size;
    // No more than the program and a small automaton, as there may be thousands of them.
    memory_.push_back(running / patterns_.size() + 8 * size * kInstructionBytes + kObjectBytes);
    if (instructions * kInstructionBytes > budget.compiled) {
      throw Error(sqlstate::kLimitExceeded, "the regular expressions of the rule set are too large",
                  "Large counts like {500} of large classes like \\pL take most.");
    }
  }
  budget.compiled -= instructions * kInstructionBytes;

  // RE2 gives a quarter of the memory to the program, the rest to the automaton.
  auto set = std::make_unique<RE2::Set>(options(std::max(running, 12 * instructions * kInstructionBytes)),
                                        RE2::UNANCHORED);
  bool complete = true;
  for (std::uint32_t i = 0; i < patterns_.size() && complete; ++i) {
    complete = set->Add(piece(patterns_.text(i)), nullptr) == static_cast<int>(i);
  }
  if (complete && set->Compile()) {
    set_ = std::move(set);
  } else if (patterns_.size() * kObjectBytes > budget.running) {
    throw Error(sqlstate::kLimitExceeded, "the regular expressions of the rule set are too many");
  }
}

const RE2& RegexTests::single(std::size_t pattern) {
  std::unique_ptr<RE2>& regex = singles_[pattern];
  if (!regex) {
    const re2::StringPiece text = piece(patterns_.text(static_cast<std::uint32_t>(pattern)));
    regex = std::make_unique<RE2>(text, options(memory_[pattern]));
    if (!regex->ok()) regex = std::make_unique<RE2>(text, options(kSingleMemory));
  }
  return *regex;
}

void RegexTests::scan(std::string_view text, AtomHits& hits) {
  const re2::StringPiece given = piece(text);
  if (set_ != nullptr) {
    RE2::Set::ErrorInfo error{RE2::Set::kNoError};
    if (set_->Match(given, &found_, &error)) {
      for (const int pattern : found_) {
        const auto i = static_cast<std::uint32_t>(pattern);
        hits.hit(atoms_.begin(i), atoms_.end(i));
      }
      return;
    }
    if (error.kind == RE2::Set::kNoError) return;
  }
  for (std::uint32_t i = 0; i < patterns_.size(); ++i) {
    if (i % 16 == 15) checkpoint();
    if (RE2::PartialMatch(given, single(i))) hits.hit(atoms_.begin(i), atoms_.end(i));
  }
}

}  // namespace leadscore
