#include "session.hpp"

namespace {

constexpr int kAttempts = 5;

bool begins_block(const Transaction& transaction) { return transaction.front().text.starts_with("BEGIN"); }

}  // namespace

Session::Attempt Session::attempt(const Statement& statement) {
  const Result result = connection_.run(statement.text, statement.rows);
  if (result.state.empty()) return Attempt::committed;
  record_.error(result, statement.text, allowed_(result));
  if (result.state == kConnectionLost) return Attempt::lost;
  return is_to_be_retried(result) ? Attempt::again : Attempt::rolled_back;
}

Session::Attempt Session::attempt_block(const Transaction& transaction) {
  bool in_savepoint = false;
  for (const Statement& statement : transaction) {
    const Result result = connection_.run(statement.text, statement.rows);
    if (statement.text == "SAVEPOINT s") in_savepoint = true;
    if (statement.text == "RELEASE s" || statement.text == "ROLLBACK TO s") in_savepoint = false;
    if (result.state.empty()) continue;
    record_.error(result, statement.text, allowed_(result));
    if (result.state == kConnectionLost) return Attempt::lost;
    if (!connection_.in_transaction())
      return is_to_be_retried(result) ? Attempt::again : Attempt::rolled_back;
    if (in_savepoint && result.state[0] == '2') {
      // Go on without what the savepoint was for.
      if (connection_.run("ROLLBACK TO s").state.empty()) continue;
    }
    // Even this may be cancelled.
    while (connection_.in_transaction() && connection_.run("ROLLBACK").state != kConnectionLost) {
    }
    return is_to_be_retried(result) ? Attempt::again : Attempt::rolled_back;
  }
  return transaction.back().text == "ROLLBACK" ? Attempt::rolled_back : Attempt::committed;
}

Outcome Session::perform(const Transaction& transaction) {
  const auto until_done = [&](auto&& attempt_it) {
    Attempt made = attempt_it();
    for (int i = 1; i < kAttempts && made == Attempt::again; ++i) {
      record_.retried();
      made = attempt_it();
    }
    if (made == Attempt::lost) return Outcome::lost;
    record_.count(made == Attempt::committed);
    return made == Attempt::committed ? Outcome::committed : Outcome::rolled_back;
  };
  if (begins_block(transaction)) return until_done([&] { return attempt_block(transaction); });
  Outcome outcome = Outcome::committed;
  for (const Statement& statement : transaction) {
    outcome = until_done([&] { return attempt(statement); });
    if (outcome == Outcome::lost) break;
  }
  return outcome;
}
