#include "interruptions.hpp"

#include <chrono>
#include <thread>

namespace {

constexpr std::uint64_t kLongestPause = 12'000;  // µs

}  // namespace

bool is_interruption(const Result& result) { return result.state == "57014" || result.state == "55P03"; }

void Interruptions::add(const Connection& connection) {
  const std::lock_guard lock(mutex_);
  backends_.push_back(connection.backend());
}

std::string Interruptions::limits(std::mt19937_64& random) {
  const auto timeout = [&random](std::uint64_t longest) {
    return random() % 2 == 0 ? std::string("60000") : std::to_string(1 + random() % longest);
  };
  return "SET statement_timeout = " + timeout(50) + "; SET lock_timeout = " + timeout(20);
}

void Interruptions::run(const std::atomic<bool>& stop) {
  Connection connection;
  while (!stop) {
    std::this_thread::sleep_for(std::chrono::microseconds(random_() % kLongestPause));
    int backend = 0;
    {
      const std::lock_guard lock(mutex_);
      if (backends_.empty()) continue;
      backend = backends_[random_() % backends_.size()];
    }
    connection.run("SELECT pg_cancel_backend(" + std::to_string(backend) + ")");
    ++count_;
  }
}
