// What has happened, from all sessions.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>

#include "connection.hpp"

/// What such statements may run into: serialization failures, deadlocks, unique and foreign keys, a MERGE or
/// an upsert that meets a row twice.
bool is_expected(const Result& result);

/// What is said of a model, or a binding, that is not there, or there already; and of a run beside another.
bool is_model_that_comes_and_goes(const Result& result);

/// What a client is to try again.
bool is_to_be_retried(const Result& result);

/// PostgreSQL itself may get into a deadlock where two statements change the same activities in another
/// order.
bool is_deadlock_over_states(const Result& result);

class Record {
 public:
  void count(bool committed) { ++(committed ? committed_ : rolled_back_); }
  void retried() { ++retried_; }
  /// An error that is not `allowed` fails the test.
  void error(const Result& result, const std::string& statement, bool allowed);
  /// Something is not as it has to be, which fails the test.
  void wrong(const std::string& found, const std::string& when);
  void print();
  bool failed() const { return failed_; }

 private:
  std::mutex mutex_;
  std::atomic<unsigned long> committed_{0}, rolled_back_{0}, retried_{0}, deadlocks_over_states_{0};
  std::map<std::string, unsigned long> errors_;
  std::atomic<bool> failed_{false};
  int shown_ = 0;
};
