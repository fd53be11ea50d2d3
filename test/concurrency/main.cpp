// Many sessions write at once, all kinds of statements at mixed isolation levels, on a few leads; then every
// live score must be what the raw tables give. One more session looks all the time: what commits must be
// right at once, not only in the end.
//
// Any SQLSTATE but those that such statements may run into fails the test, and so does a statement that
// hangs.
#include <atomic>
#include <chrono>
#include <CLI/CLI.hpp>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

#include "interruptions.hpp"
#include "ledger.hpp"
#include "session.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

struct Options {
  int seconds = 60;
  int sessions = 8;
  int every = 10;
  std::uint64_t seed = std::random_device()();
  bool single = false;
  bool interrupt = false;
  std::vector<std::string> levels;
};

/// What they do: write, run the models, make and drop one.
enum class Role : char { client, publisher, maker };

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

class Test {
 public:
  explicit Test(const Options& options) : options_(options), interruptions_(seed_of(998)) {
    for (int i = 0; i < options_.sessions; ++i) ledgers_.emplace_back(i, seed_of(i));
  }

  bool run() {
    Connection checker;
    Ledger::clear(checker);
    std::vector<std::jthread> threads;
    for (int i = 0; i < options_.sessions; ++i) threads.emplace_back([this, i] { client(i); });
    threads.emplace_back([this] { publisher(Role::publisher, 999); });
    if (options_.interrupt) {
      threads.emplace_back([this] { publisher(Role::maker, 997); });
      threads.emplace_back([this] { interruptions_.run(stop_); });
    }
    threads.emplace_back([this] { observe(); });
    const auto start = Clock::now();
    const auto end = start + std::chrono::seconds(options_.seconds);
    while (Clock::now() < end && !stop_) {
      const auto pause = std::min(end, Clock::now() + std::chrono::seconds(options_.every));
      while (Clock::now() < pause && !stop_) std::this_thread::sleep_for(50ms);
      gate_.close();
      const auto passed = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start).count();
      const std::string when = "with all sessions paused after " + std::to_string(passed) + " s";
      check(checker, "expected.all_wrong_at_rest()", when);
      for (Ledger& ledger : ledgers_)
        if (const std::string wrong = ledger.settle(checker); !wrong.empty()) record_.wrong(wrong, when);
      record_.print();
      if (options_.interrupt)
        std::printf("%lu cancels sent; %lu commands that make, change or drop a model were done\n",
                    interruptions_.count(), made_.load());
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
  std::vector<Ledger> ledgers_;
  Gate gate_;
  Interruptions interruptions_;
  std::atomic<bool> stop_{false};
  std::atomic<unsigned long> made_{0};

  std::uint64_t seed_of(int session) const {
    return options_.seed * 1000 + static_cast<std::uint64_t>(session);
  }

  void check(Connection& connection, const std::string& function, const std::string& when) {
    const Result found = connection.run("SELECT " + function);
    if (!found.state.empty()) {
      record_.error(found, "the check", false);
    } else if (!found.value.empty()) {
      record_.wrong(found.value, when);
      stop_ = true;
    }
  }

  /// Each query of the check has a snapshot of its own, in which everything must agree.
  void observe() {
    Connection connection;
    while (!stop_) {
      gate_.enter();
      check(connection, "expected.all_wrong()", "while sessions were writing");
      gate_.leave();
      for (int i = 0; i < 10 && !stop_; ++i) std::this_thread::sleep_for(100ms);
    }
  }

  bool allowed(const Result& result, Role role) const {
    if (options_.single && is_deadlock_over_states(result)) return false;
    if (options_.interrupt && is_interruption(result)) return true;
    return is_expected(result) ||
           (options_.interrupt && role != Role::client && is_model_that_comes_and_goes(result));
  }

  Session new_session(Role role) {
    Session session({}, record_, [this, role](const Result& result) { return allowed(result, role); });
    if (options_.interrupt) interruptions_.add(session.connection());
    return session;
  }

  void client(int number) try {
    Session session = new_session(Role::client);
    Statements statements(seed_of(number), options_.levels);
    std::mt19937_64 random(seed_of(number));
    Ledger& ledger = ledgers_[static_cast<std::size_t>(number)];
    while (!stop_) {
      gate_.enter();
      const bool keeps_books = statements.one_in(4);
      const Transaction transaction =
          keeps_books ? ledger.next(statements.level(), options_.single) : statements.next(options_.single);
      if (options_.interrupt) session.connection().run(Interruptions::limits(random));
      const Outcome outcome = session.perform(transaction);
      if (keeps_books && outcome == Outcome::committed) ledger.committed();
      if (keeps_books && outcome == Outcome::rolled_back) ledger.rolled_back();
      if (outcome == Outcome::lost) stop_ = true;
      gate_.leave();
      if (outcome == Outcome::lost) return;
    }
  } catch (const std::exception& error) {
    record_.error({"08001", error.what()}, "connecting", false);
    stop_ = true;
  }

  void publisher(Role role, int number) try {
    Session session = new_session(role);
    Statements statements(seed_of(number), options_.levels);
    std::mt19937_64 random(seed_of(number));
    while (!stop_) {
      gate_.enter();
      if (options_.interrupt) session.connection().run(Interruptions::limits(random));
      const Outcome outcome =
          session.perform(role == Role::maker ? statements.next_of_maker() : statements.next_of_publisher());
      if (role == Role::maker && outcome == Outcome::committed) ++made_;
      gate_.leave();
      std::this_thread::sleep_for(30ms);
    }
  } catch (const std::exception& error) {
    record_.error({"08001", error.what()}, "connecting", false);
    stop_ = true;
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
  app.add_flag("--interrupt", options.interrupt,
               "statements are cancelled and run into timeouts at any moment, and a model comes and goes");
  app.add_option(
      "--level", options.levels,
      "isolation levels, 'read committed', 'repeatable read', 'serializable'; all if none is named");
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
