// The server is killed while many sessions write, again and again. After each recovery every live score must
// be what the raw tables give, and every session's books (ledger.hpp) must be right to the last acknowledged
// transaction; then publishing, rescoring and ticking must go on.
//
// With a standby: scores read there must be right at any moment and, once it has caught up, equal the
// primary's. Then the primary is killed and the standby promoted; the same must hold there.
//
// How a server is killed, started and promoted are shell commands, which the scripts beside this give.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <thread>

#include "ledger.hpp"
#include "session.hpp"

namespace {

using namespace std::chrono_literals;

struct Options {
  int rounds = 3;
  int sessions = 8;
  int most = 2500;
  std::uint64_t seed = std::random_device()();
  std::string kill, start, promote, standby;
};

/// All scores of all models at a fixed time, states, transitions and problems: a line each, the same on two
/// servers that hold the same. The view score tells of now, so it is asked for models that never fade.
constexpr const char* kEverything = R"(
  SELECT line FROM (
    SELECT 'plain ' || s::text || leadscore.live_score('plain', l, s.version, s.engagement, '2027-01-01')::text
      FROM plain.state s LEFT JOIN crm.lead l USING (id)
    UNION ALL SELECT 'fading ' || s::text || leadscore.live_score('fading', l, s.version, s.engagement, '2027-01-01')::text
      FROM fading.state s LEFT JOIN crm.lead l USING (id)
    UNION ALL SELECT 'view ' || s::text || leadscore.live_score('view', l, s.version, s.engagement, '2027-01-01')::text
      FROM "view".state s LEFT JOIN crm.lead_company l USING (id)
    UNION ALL SELECT 'ledger ' || s::text FROM ledger.state s
    UNION ALL SELECT 'shown ledger ' || to_jsonb(v)::text FROM ledger.score v
    UNION ALL SELECT 'shown view ' || to_jsonb(v)::text FROM "view".score v
    UNION ALL SELECT 'past ' || id || leadscore.score_at('fading', id::text, '2026-12-01')::text FROM fading.score
    UNION ALL SELECT 'why ' || id || w::text FROM plain.score, leadscore.why('plain', id::text, '2026-12-01') w
    UNION ALL SELECT 'transition ' || t::text FROM leadscore.transition t
    UNION ALL SELECT 'problem ' || p::text FROM leadscore.problem p
    UNION ALL SELECT 'model ' || m::text FROM leadscore.model m) x(line) ORDER BY line COLLATE "C")";

class Test {
 public:
  explicit Test(const Options& options) : options_(options), random_(options.seed) {
    for (int i = 0; i < options_.sessions; ++i) ledgers_.emplace_back(i, options_.seed * 1000 + number(1000));
  }

  bool run() {
    {
      Connection connection;
      Ledger::clear(connection);
    }
    for (int round = 1; round <= options_.rounds && !record_.failed(); ++round) {
      const std::string when = "after crash " + std::to_string(round);
      start_sessions();
      std::this_thread::sleep_for(std::chrono::milliseconds(200 + number(milliseconds())));
      kill_server();
      command(options_.start);
      check(when);
      go_on(when);
      record_.print();
    }
    return !record_.failed();
  }

  bool run_with_standby() {
    {
      Connection connection;
      Ledger::clear(connection);
    }
    for (int round = 1; round <= options_.rounds && !record_.failed(); ++round) {
      start_sessions();
      read_standby(std::chrono::milliseconds(milliseconds()));
      stop_sessions();
      // Some of what they wrote is still to come.
      std::this_thread::sleep_for(3100ms);
      compare_standby();
      go_on("on the primary");
      compare_standby();
      std::printf(
          "round %d: %d checks on the standby beside writers, %d put off by recovery; equal when it had "
          "caught up\n",
          round, read_, put_off_);
      record_.print();
    }
    if (record_.failed()) return false;
    start_sessions();
    std::this_thread::sleep_for(std::chrono::milliseconds(500 + number(milliseconds())));
    kill_server();
    command(options_.promote);
    target_ = options_.standby;
    check("on the standby after its promotion");
    go_on("on the standby after its promotion");
    start_sessions();
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds()));
    stop_sessions();
    check("on the promoted server, after sessions have written there");
    std::puts("promoted");
    record_.print();
    return !record_.failed();
  }

 private:
  Options options_;
  std::mt19937_64 random_;
  Record record_;
  std::deque<Ledger> ledgers_;
  std::string target_{};
  std::vector<std::jthread> threads_;
  std::atomic<bool> stop_{false}, killed_{false};
  int read_ = 0, put_off_ = 0;

  std::uint64_t number(std::uint64_t below) { return random_() % below; }
  std::uint64_t milliseconds() const { return static_cast<std::uint64_t>(options_.most); }

  void command(const std::string& text) {
    if (std::system(text.c_str()) != 0) throw std::runtime_error("failed: " + text);
  }

  void start_sessions() {
    stop_ = killed_ = false;
    for (Ledger& ledger : ledgers_)
      threads_.emplace_back([this, &ledger, seed = random_()] { client(ledger, seed); });
    threads_.emplace_back([this, seed = random_()] { publisher(seed); });
  }

  void stop_sessions() {
    stop_ = true;
    threads_.clear();
  }

  void kill_server() {
    killed_ = true;
    command(options_.kill);
    stop_sessions();
  }

  /// A connection is lost where the server has been killed, and only there.
  bool allowed(const Result& result) const {
    return is_expected(result) || is_model_that_comes_and_goes(result) ||
           (killed_ && result.state == kConnectionLost);
  }

  void client(Ledger& ledger, std::uint64_t seed) try {
    Session session(target_, record_, [this](const Result& result) { return allowed(result); });
    Statements statements(seed);
    while (!stop_) {
      const bool keeps_books = statements.one_in(2);
      const Outcome outcome =
          session.perform(keeps_books ? ledger.next(statements.level()) : statements.next(false));
      if (outcome == Outcome::lost) return;
      if (!keeps_books) continue;
      outcome == Outcome::committed ? ledger.committed() : ledger.rolled_back();
    }
  } catch (const std::exception& error) {
    if (!killed_) record_.error({"08001", error.what()}, "connecting", false);
  }

  void publisher(std::uint64_t seed) try {
    Session session(target_, record_, [this](const Result& result) { return allowed(result); });
    Statements statements(seed);
    while (!stop_) {
      const Transaction transaction = statements.one_in(8)   ? Transaction{{"CHECKPOINT"}}
                                      : statements.one_in(4) ? statements.next_of_maker()
                                                             : statements.next_of_publisher();
      if (session.perform(transaction) == Outcome::lost) return;
      std::this_thread::sleep_for(5ms);
    }
  } catch (const std::exception& error) {
    if (!killed_) record_.error({"08001", error.what()}, "connecting", false);
  }

  /// The invariant, and each session's books.
  void check(const std::string& when) {
    Connection connection(target_);
    const Result found = connection.run("SELECT expected.all_wrong_at_rest()");
    if (!found.state.empty()) record_.error(found, "the check", false);
    if (!found.value.empty()) record_.wrong(found.value, when);
    for (Ledger& ledger : ledgers_)
      if (const std::string wrong = ledger.settle(connection); !wrong.empty()) record_.wrong(wrong, when);
  }

  /// What was begun can be finished, and all else done: no run, lock or half of a version is left over.
  void go_on(const std::string& when) {
    Connection connection(target_);
    const auto must = [&](const std::string& text) {
      const Result result = connection.run(text);
      if (!result.state.empty()) record_.error(result, text, false);
      return result.value;
    };
    const std::string running = must("SELECT string_agg(model, ' ') FROM leadscore.progress WHERE running");
    if (!running.empty()) record_.wrong("a run is said to be running: " + running, when);
    for (const auto& model : connection.run("SELECT name FROM leadscore.model").table) {
      const std::string name = "'" + model[0] + "'";
      must("SELECT leadscore.tick(" + name + ")");
      must("CALL leadscore.rescore(" + name + ")");
      must("SELECT leadscore.publish(" + name + ", leadscore.active(" + name + "))");
    }
    const std::string waiting = must("SELECT string_agg(name, ' ') FROM leadscore.model WHERE rebuilding");
    if (!waiting.empty()) record_.wrong("states still wait to be rebuilt: " + waiting, when);
    // That nobody ticks is as it should be here, and that sessions wrote rows which can't be scored.
    const std::string faults = must(
        "SELECT string_agg(model || ' ' || part || ': ' || detail, '; ') FROM leadscore.status() "
        "WHERE NOT ok AND part NOT IN ('clock', 'problems')");
    if (!faults.empty()) record_.wrong("status finds fault: " + faults, when);
    check(when + ", and after going on");
  }

  /// Reads the standby while the primary is written to: each snapshot there must agree with itself.
  void read_standby(std::chrono::milliseconds how_long) {
    Connection standby(options_.standby);
    const auto end = std::chrono::steady_clock::now() + how_long;
    while (std::chrono::steady_clock::now() < end) {
      const Result found = standby.run("SELECT expected.all_wrong()");
      if (found.state == "40001" || found.state == "40P01") {
        ++put_off_;  // recovery needed what the query held
      } else if (!found.state.empty()) {
        record_.error(found, "the check on the standby", false);
        return;
      } else if (!found.value.empty()) {
        record_.wrong(found.value, "on the standby, while the primary is written to");
        return;
      } else {
        ++read_;
      }
    }
  }

  void compare_standby() {
    Connection primary(target_);
    Connection standby(options_.standby);
    const std::string written = primary.run("SELECT pg_current_wal_flush_lsn()").value;
    for (int i = 0; i < 600; ++i) {
      if (standby.run("SELECT pg_last_wal_replay_lsn() >= '" + written + "'").value == "t") break;
      std::this_thread::sleep_for(50ms);
    }
    const Result here = primary.run(kEverything);
    const Result there = standby.run(kEverything);
    for (const Result* const result : {&here, &there})
      if (!result->state.empty()) record_.error(*result, "reading everything", false);
    std::vector<std::vector<std::string>> differing;
    std::ranges::set_symmetric_difference(here.table, there.table, std::back_inserter(differing));
    std::string lines;
    for (const auto& line : differing) lines += line[0] + "\n";
    if (here.table.empty() || !differing.empty())
      record_.wrong("not the same there:\n" + lines, "on the standby that has caught up");
    const Result found = standby.run("SELECT expected.all_wrong()");
    if (!found.state.empty() || !found.value.empty())
      record_.wrong(found.message + found.value, "on the standby that has caught up");
  }
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Live models on a server that is killed; test/crash/run and test/crash/replica make it.");
  app.add_option("--rounds", options.rounds, "how often")->capture_default_str();
  app.add_option("--sessions", options.sessions, "sessions that write")->capture_default_str();
  app.add_option("--most", options.most, "the longest time between two crashes, in ms")
      ->capture_default_str();
  app.add_option("--seed", options.seed, "of the statements; when the crash comes is chance anyway");
  app.add_option("--kill", options.kill, "command that kills the server")->required();
  app.add_option("--start", options.start, "command that starts it again");
  app.add_option("--standby", options.standby, "how to connect to the standby");
  app.add_option("--promote", options.promote, "command that promotes the standby");
  CLI11_PARSE(app, argc, argv);
  options.seed %= 1'000'000;
  std::printf("seed %lu, %d sessions, %d rounds\n", options.seed, options.sessions, options.rounds);
  try {
    Test test(options);
    if (!(options.standby.empty() ? test.run() : test.run_with_standby())) return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "live_crash: %s\n", error.what());
    return 1;
  }
  std::puts("every acknowledged transaction is there, every score as the raw tables give it");
  return 0;
}
