// The list of problems and the words in which they speak of what the user wrote.
#include "core/problem_log.hpp"

#include <iterator>
#include <utility>

#include "core/text.hpp"

namespace leadscore {
namespace {

constexpr std::size_t kLongestQuoted = 60;
/// Nobody misspells a longer word that a rule set is likely to know.
constexpr std::size_t kLongestNear = 64;

}  // namespace

void ProblemLog::add(Severity severity, std::string path, std::string problem, std::string hint,
                     const char* code) {
  entries_.push_back({{std::move(path), severity, std::move(problem), std::move(hint)}, rule_, code});
}

void ProblemLog::error(const Node& at, std::string problem, std::string hint, const char* code) {
  if (errors_++ < kMaxKept) {
    add(Severity::error, at.path(), std::move(problem), std::move(hint), code);
  }
}

void ProblemLog::warning(const Node& at, std::string problem, std::string hint) {
  if (warnings_++ < kMaxKept) {
    add(Severity::warning, at.path(), std::move(problem), std::move(hint), sqlstate::kInvalidParameter);
  }
}

void ProblemLog::warning(std::string path, std::string problem, std::string hint) {
  if (warnings_++ < kMaxKept) {
    add(Severity::warning, std::move(path), std::move(problem), std::move(hint), sqlstate::kInvalidParameter);
  }
}

const ProblemLog::Entry* ProblemLog::first_error() const noexcept {
  for (const Entry& entry : entries_) {
    if (entry.problem.severity == Severity::error) return &entry;
  }
  return nullptr;
}

Problems ProblemLog::take() {
  Problems problems;
  problems.reserve(entries_.size() + 2);
  for (Entry& entry : entries_) {
    Problem& problem = entry.problem;
    if (!entry.rule.empty()) problem.problem = "rule " + entry.rule + ": " + problem.problem;
    problems.push_back(std::move(problem));
  }
  if (errors_ > kMaxKept) {
    problems.push_back({"$", Severity::error, std::to_string(errors_ - kMaxKept) + " more errors", ""});
  }
  if (warnings_ > kMaxKept) {
    problems.push_back({"$", Severity::warning, std::to_string(warnings_ - kMaxKept) + " more warnings", ""});
  }
  entries_.clear();
  errors_ = warnings_ = 0;
  return problems;
}

std::string_view ProblemLog::near_word(std::string_view word, std::span<const std::string_view> candidates) {
  if (!gives_hints() || word.empty() || word.size() > kLongestNear) return {};
  if (candidates.size() > candidates_left_) return {};
  candidates_left_ -= candidates.size();
  std::vector<std::string_view> short_ones;
  short_ones.reserve(candidates.size());
  for (const std::string_view candidate : candidates) {
    if (candidate.size() <= kLongestNear) short_ones.push_back(candidate);
  }
  checkpoint();
  return nearest(word, short_ones);
}

std::string ProblemLog::did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string_view near = near_word(word, candidates);
  return near.empty() ? std::string() : "Did you mean " + quoted(near) + "?";
}

ProblemLog::InRule::InRule(ProblemLog& log, std::string_view id) : log_(log) {
  log_.rule_ = id.empty() ? std::string() : quoted(id);
}

std::string quoted(std::string_view word) {
  std::size_t end = word.size();
  if (end > kLongestQuoted) {
    end = kLongestQuoted;
    while (end > 0 && (static_cast<unsigned char>(word[end]) & 0xC0U) == 0x80U) --end;
  }
  std::string out = "\"";
  for (const char c : word.substr(0, end)) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20U) {
      constexpr std::string_view kHex = "0123456789abcdef";
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4U];
      out += kHex[static_cast<unsigned char>(c) & 15U];
    } else {
      out += c;
    }
  }
  if (end < word.size()) out += "…";
  out += '"';
  return out;
}

void raise_first(const ProblemLog& log, std::string_view of) {
  const ProblemLog::Entry* const first = log.first_error();
  if (first == nullptr) return;
  throw Error(first->code,
              "invalid " + std::string(of) + ": " + first->problem.path + ": " + first->problem.problem,
              first->problem.hint);
}

}  // namespace leadscore
