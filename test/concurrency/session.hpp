// A client: it runs transactions, and tries again what the server tells it to.
#pragma once

#include <functional>
#include <string>

#include "connection.hpp"
#include "record.hpp"
#include "statements.hpp"

enum class Outcome : char { committed, rolled_back, lost };

class Session {
 public:
  using Allowed = std::function<bool(const Result&)>;

  /// Errors that are not `allowed` fail the test.
  Session(const std::string& target, Record& record, Allowed allowed)
      : connection_(target), record_(record), allowed_(std::move(allowed)) {}

  /// Rolled back is what the client gave up, or rolled back itself. With statements that stand for
  /// themselves, the outcome of the last one.
  Outcome perform(const Transaction& transaction);
  Connection& connection() { return connection_; }

 private:
  enum class Attempt : char { committed, rolled_back, again, lost };

  Connection connection_;
  Record& record_;
  Allowed allowed_;

  Attempt attempt(const Statement& statement);
  Attempt attempt_block(const Transaction& transaction);
};
