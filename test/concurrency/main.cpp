// Many sessions write at once, all kinds of statements at mixed isolation levels, on a few leads; then every
// live score must be what the raw tables give. One more session looks all the time: what commits must be
// right at once, not only in the end.
//
// Any SQLSTATE but those that such statements may run into fails the test, and so does a statement that
// hangs.
#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <CLI/CLI.hpp>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "statements.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// Serialization failures, deadlocks, unique and foreign keys, a MERGE or an upsert that meets a row twice.
const std::set<std::string> kExpected = {"40001", "40P01", "23505", "23503", "21000"};

struct Options {
  int seconds = 60;
  int sessions = 8;
  int every = 10;
  std::uint64_t seed = std::random_device()();
  bool single = false;
};

/// What has happened, from all sessions.
class Record {
 public:
  void count(bool committed) { ++(committed ? committed_ : rolled_back_); }
  void error(const std::string& state, const std::string& message, const std::string& statement,
             bool allowed) {
    const std::lock_guard lock(mutex_);
    ++errors_[state];
    if (allowed) return;
    failed_ = true;
    if (shown_++ < 10)
      std::printf("unexpected error %s: %s  in: %s\n", state.c_str(), message.c_str(), statement.c_str());
  }
  void wrong(const std::string& found, const std::string& when) {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    std::printf("WRONG %s:\n%s\n", when.c_str(), found.c_str());
    std::fflush(stdout);
  }
  void print() {
    const std::lock_guard lock(mutex_);
    std::printf("%lu transactions committed, %lu rolled back; errors:", committed_.load(),
                rolled_back_.load());
    for (const auto& [state, number] : errors_) std::printf(" %s %lu", state.c_str(), number);
    std::printf(errors_.empty() ? " none\n" : "\n");
    std::fflush(stdout);
  }
  bool failed() const { return failed_; }

 private:
  std::mutex mutex_;
  std::atomic<unsigned long> committed_{0}, rolled_back_{0};
  std::map<std::string, unsigned long> errors_;
  std::atomic<bool> failed_{false};
  int shown_ = 0;
};

/// Lets sessions through one transaction at a time, and none while it is closed.
class Gate {
 public:
  void enter() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return open_; });
    ++inside_;
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    --inside_;
    changed_.notify_all();
  }
  /// Returns when nobody is inside.
  void close() {
    std::unique_lock lock(mutex_);
    open_ = false;
    changed_.wait(lock, [&] { return inside_ == 0; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  int inside_ = 0;
};

struct Result {
  std::string state{};  ///< SQLSTATE; empty: no error
  std::string message{};
  std::string value{};  ///< first column of the first row
};

/// PostgreSQL itself may get into a deadlock where two statements change the same activities in another
/// order.
bool is_deadlock_over_states(const Result& result) {
  return result.state == "40P01" && result.message.find("in relation \"state\"") != std::string::npos;
}

class Connection {
 public:
  Connection() : connection_(PQconnectdb("")) {
    if (PQstatus(connection_.get()) != CONNECTION_OK)
      throw std::runtime_error(PQerrorMessage(connection_.get()));
    run("SET client_min_messages = error");
    run("SET statement_timeout = '60s'");
  }

  Result run(const std::string& text, const std::string& rows = {}) {
    if (PQsendQuery(connection_.get(), text.c_str()) == 0)
      return {"08006", PQerrorMessage(connection_.get())};
    Result made;
    while (PGresult* const result = PQgetResult(connection_.get())) {
      const ExecStatusType status = PQresultStatus(result);
      if (status == PGRES_COPY_IN) {
        PQputCopyData(connection_.get(), rows.data(), static_cast<int>(rows.size()));
        PQputCopyEnd(connection_.get(), nullptr);
      } else if (status == PGRES_FATAL_ERROR) {
        const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        made.state = state == nullptr ? "08006" : state;
        made.message = PQresultErrorMessage(result);
      } else if (status == PGRES_TUPLES_OK && PQntuples(result) > 0 && !PQgetisnull(result, 0, 0)) {
        made.value = PQgetvalue(result, 0, 0);
      }
      PQclear(result);
      if (PQstatus(connection_.get()) != CONNECTION_OK) return {"08006", "connection lost: " + made.message};
    }
    return made;
  }

  bool in_transaction() const { return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE; }

 private:
  std::unique_ptr<PGconn, decltype([](PGconn* connection) { PQfinish(connection); })> connection_;
};

class Test {
 public:
  explicit Test(const Options& options) : options_(options) {}

  bool run() {
    Connection checker;
    const bool publishes = checker.run("SELECT to_regproc('leadscore.publish')").value != "";
    std::vector<std::jthread> threads;
    for (int i = 0; i < options_.sessions; ++i)
      threads.emplace_back(
          [this, i] { client(options_.seed * 1000 + static_cast<std::uint64_t>(i), Role::client); });
    if (publishes && !options_.single)
      threads.emplace_back([this] { client(options_.seed * 1000 + 999, Role::publisher); });
    threads.emplace_back([this] { observe(); });
    const auto start = Clock::now();
    const auto end = start + std::chrono::seconds(options_.seconds);
    while (Clock::now() < end && !stop_) {
      const auto pause = std::min(end, Clock::now() + std::chrono::seconds(options_.every));
      while (Clock::now() < pause && !stop_) std::this_thread::sleep_for(50ms);
      gate_.close();
      const auto passed = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start).count();
      check(checker, "with all sessions paused after " + std::to_string(passed) + " s");
      record_.print();
      if (record_.failed()) stop_ = true;
      gate_.open();
    }
    stop_ = true;
    threads.clear();
    return !record_.failed();
  }

 private:
  Options options_;
  Record record_;
  Gate gate_;
  std::atomic<bool> stop_{false};

  void check(Connection& connection, const std::string& when) {
    const Result found = connection.run("SELECT expected.all_wrong()");
    if (!found.state.empty()) {
      record_.error(found.state, found.message, "the check", false);
    } else if (!found.value.empty()) {
      record_.wrong(found.value, when);
      stop_ = true;
    }
  }

  /// Each query of the check has a snapshot of its own, in which everything must agree.
  void observe() {
    Connection connection;
    while (!stop_) {
      check(connection, "while sessions were writing");
      for (int i = 0; i < 10 && !stop_; ++i) std::this_thread::sleep_for(100ms);
    }
  }

  void client(std::uint64_t seed, Role role) try {
    Connection connection;
    Statements statements(seed);
    while (!stop_) {
      const Transaction transaction =
          role == Role::client ? statements.next(options_.single) : statements.next_of_publisher();
      gate_.enter();
      perform(connection, transaction);
      gate_.leave();
      if (role == Role::publisher) std::this_thread::sleep_for(30ms);
    }
  } catch (const std::exception& error) {
    record_.error("08001", error.what(), "connecting", false);
    stop_ = true;
  }

  void perform(Connection& connection, const Transaction& transaction) {
    bool in_savepoint = false;
    for (const Statement& statement : transaction) {
      const Result result = connection.run(statement.text, statement.rows);
      if (statement.text == "SAVEPOINT s") in_savepoint = true;
      if (statement.text == "RELEASE s" || statement.text == "ROLLBACK TO s") in_savepoint = false;
      if (result.state.empty()) {
        if (!connection.in_transaction()) record_.count(statement.text != "ROLLBACK");
        continue;
      }
      const bool allowed =
          kExpected.contains(result.state) && !(options_.single && is_deadlock_over_states(result));
      record_.error(result.state, result.message, statement.text, allowed);
      if (result.state == "08006") {
        stop_ = true;
        return;
      }
      if (!connection.in_transaction()) {
        record_.count(false);
      } else if (in_savepoint && result.state[0] == '2') {
        // Go on without what the savepoint was for.
        connection.run("ROLLBACK TO s");
      } else {
        connection.run("ROLLBACK");
        record_.count(false);
        return;
      }
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Live models while many sessions write; the server and the database are PGHOST etc.'s. "
      "test/concurrency/run makes the tables.");
  app.add_option("--seconds", options.seconds, "how long")->capture_default_str();
  app.add_option("--sessions", options.sessions, "sessions that write")->capture_default_str();
  app.add_option("--every", options.every, "seconds between checks with all sessions paused")
      ->capture_default_str();
  app.add_option("--seed", options.seed, "of the statements; which of them meet is chance anyway");
  app.add_flag("--single", options.single,
               "transactions of one statement each: no deadlock over rows of state is allowed");
  CLI11_PARSE(app, argc, argv);
  options.seed %= 1'000'000;
  std::printf("seed %lu, %d sessions, %d s\n", options.seed, options.sessions, options.seconds);
  try {
    if (!Test(options).run()) return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "live_concurrency: %s\n", error.what());
    return 1;
  }
  std::puts("every score as the raw tables give it");
  return 0;
}
