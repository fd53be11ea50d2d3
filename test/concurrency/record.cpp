#include "record.hpp"

#include <cstdio>
#include <set>

bool is_expected(const Result& result) {
  static const std::set<std::string> expected = {"40001", "40P01", "23505", "23503", "21000"};
  return expected.contains(result.state);
}

bool is_model_that_comes_and_goes(const Result& result) {
  static const std::set<std::string> expected = {"42704", "42710", "42P06", "55006"};
  return expected.contains(result.state);
}

bool is_to_be_retried(const Result& result) { return result.state == "40001" || result.state == "40P01"; }

bool is_deadlock_over_states(const Result& result) {
  return result.state == "40P01" && result.message.find("in relation \"state\"") != std::string::npos;
}

void Record::error(const Result& result, const std::string& statement, bool allowed) {
  const std::lock_guard lock(mutex_);
  ++errors_[result.state];
  if (is_deadlock_over_states(result)) ++deadlocks_over_states_;
  if (allowed) return;
  failed_ = true;
  if (shown_++ < 10)
    std::printf("unexpected error %s: %s  in: %s\n", result.state.c_str(), result.message.c_str(),
                statement.c_str());
}

void Record::wrong(const std::string& found, const std::string& when) {
  const std::lock_guard lock(mutex_);
  failed_ = true;
  std::printf("WRONG %s:\n%s\n", when.c_str(), found.c_str());
  std::fflush(stdout);
}

void Record::print() {
  const std::lock_guard lock(mutex_);
  std::printf(
      "%lu transactions committed, %lu rolled back, %lu tried again, %lu deadlocks over rows of state; "
      "errors:",
      committed_.load(), rolled_back_.load(), retried_.load(), deadlocks_over_states_.load());
  for (const auto& [state, number] : errors_) std::printf(" %s %lu", state.c_str(), number);
  std::printf(errors_.empty() ? " none\n" : "\n");
  std::fflush(stdout);
}
