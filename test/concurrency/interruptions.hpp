// Statements are stopped at any moment: by timeouts that a session sets for itself, and by somebody who
// cancels whatever runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "connection.hpp"

/// SQLSTATEs of a statement that was cancelled or ran into a timeout.
bool is_interruption(const Result& result);

class Interruptions {
 public:
  explicit Interruptions(std::uint64_t seed) : random_(seed) {}

  /// A session whose statements are to be cancelled.
  void add(const Connection& connection);
  /// A statement that sets timeouts for what comes next, or none. For one session at a time.
  static std::string limits(std::mt19937_64& random);
  /// Cancels statements until `stop`.
  void run(const std::atomic<bool>& stop);
  unsigned long count() const { return count_; }

 private:
  std::mt19937_64 random_;
  std::mutex mutex_;
  std::vector<int> backends_;
  std::atomic<unsigned long> count_{0};
};
