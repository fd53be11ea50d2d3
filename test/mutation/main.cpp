// Random changes of valid rule sets and engagement states go through the SQL types, as binary and as text:
// each is refused with an error that a user can understand, or it is a value that all functions can work
// with. Never a crash, never more than a second of CPU time for one statement, and the backend does not grow.
//
// A seed gives the same values on every machine. What fails is printed; `--rulesets 0` or `--states 0` leaves
// one half out.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <set>
#include <stdexcept>

#include "mutations.hpp"
#include "property_subject.hpp"
#include "server.hpp"

namespace leadscore::mutation {
namespace {

struct Options {
  int rulesets = 2000;
  int states = 4000;
  std::uint64_t seed = 1;
};

/// What is wrong in a value, not in the server: invalid parameters and representations, times and numbers out
/// of range, encodings, missing columns, other types, limits, states of other rules.
const std::set<std::string> kExpected = {"22023", "22P02", "22P03", "22P05", "22003", "22008",
                                         "22021", "42703", "42804", "54000", "55000", "54001"};
constexpr double kMostSeconds = 1;
constexpr long kMostGrowth = 10 * 1024;  // kB

std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }
Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

std::string hexadecimal(const std::string& bytes) {
  std::string text = "\\x";
  for (const char c : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

constexpr const char* kLead =
    R"('{"country": "NL", "industry": "energy", "title": "VP Sales", "email": "a@b.nl", "employees": 120,
    "customer": true, "created_at": "2025-12-01T00:00:00Z", "renewal": "2026-09-01", "tags": ["a", "b"]}'::jsonb)";

class Test {
 public:
  explicit Test(const Options& options) : options_(options), random_(options.seed) {
    must(
        "CREATE TEMP TABLE activity (kind text, at timestamptz, url text, asset text, amount float8, "
        "level integer, session_id text, paid boolean, due timestamptz, labels text[])");
    must(
        "INSERT INTO activity SELECT (ARRAY['visit', 'download', 'demo', 'email', 'webinar'])[1 + i % 5], "
        "'2026-01-01'::timestamptz + i * interval '7 hours', '/pricing/' || i % 7, 'ebook', i % 9, i % 4, "
        "'s' || i % 3, i % 2 = 0, '2026-06-01', ARRAY['x', 'y'] FROM generate_series(1, 60) i");
    const std::string lead = kLead;
    const std::string as_of = "'2026-01-20'";
    server_.prepare("ruleset", "SELECT $1", {"leadscore.ruleset"});
    server_.prepare("ruleset_lint",
                    "SELECT count(*) FILTER (WHERE severity = 'error'), count(*) FROM leadscore.lint($1)",
                    {"text"});
    // One function a column: all are asked, whatever the planner thinks of what is not needed.
    server_.prepare("ruleset_use",
                    "SELECT leadscore.score($1, " + lead + ", NULL, " + as_of + "), leadscore.tier($1, " +
                        lead + ", NULL, " + as_of + "), leadscore.segments($1, " + lead + ", " + as_of +
                        "), leadscore.next_change($1, " + lead + ", NULL, " + as_of +
                        "), (SELECT sum(points) FROM leadscore.explain($1, " + lead + ", NULL, " + as_of +
                        "))",
                    {"leadscore.ruleset"});
    server_.prepare("ruleset_same",
                    "SELECT (r OPERATOR(leadscore.=) $1 AND leadscore.ruleset_hash(r) = "
                    "leadscore.ruleset_hash($1)) IS TRUE "
                    "FROM (SELECT $1::jsonb::leadscore.ruleset) v(r)",
                    {"leadscore.ruleset"});
    server_.prepare("ruleset_engage",
                    "SELECT leadscore.score($1, " + lead + ", e, " + as_of + "), leadscore.next_change($1, " +
                        lead + ", e, " + as_of + "), (SELECT sum(points) FROM leadscore.explain($1, " + lead +
                        ", e, " + as_of + ")) FROM (SELECT leadscore.engage($1, kind, at, a, " + as_of +
                        ") FROM activity a) v(e)",
                    {"leadscore.ruleset"});
    server_.prepare("state", "SELECT $1", {"leadscore.engagement"});
    server_.prepare("state_merge",
                    "SELECT ($1 OPERATOR(leadscore.||) $2)::text = ($2 OPERATOR(leadscore.||) $1)::text, "
                    "(SELECT leadscore.merge(e) FROM (VALUES ($1), ($2), ($1)) v(e))",
                    {"leadscore.engagement", "leadscore.engagement"});
    server_.prepare("state_use",
                    "SELECT leadscore.score($1, " + lead + ", $2, $3), leadscore.next_change($1, " + lead +
                        ", $2, $3), (SELECT sum(points) FROM leadscore.explain($1, " + lead + ", $2, $3))",
                    {"leadscore.ruleset", "leadscore.engagement", "timestamptz"});
  }

  bool run() {
    half("rule sets", options_.rulesets, [this] { try_ruleset(); });
    half("states", options_.states, [this] { try_state(); });
    return failures_ == 0;
  }

 private:
  Options options_;
  Random random_;
  Server server_;
  int failures_ = 0;
  long accepted_ = 0;
  double slowest_ = 0;
  std::map<std::string, long> errors_;

  // What states are made for: one rule set for some of them.
  std::string rules_;
  std::vector<Bytes> states_;
  int left_ = 0;

  void must(const std::string& statement) {
    const Answer answer = server_.run(statement);
    if (!answer.state.empty()) throw std::runtime_error(answer.message);
  }

  template <class Body>
  void half(const char* what, int number, const Body& body) {
    long before = 0;
    accepted_ = 0;
    slowest_ = 0;
    errors_.clear();
    for (int i = 0; i < number && failures_ < 10; ++i) {
      if (i == number / 4) before = server_.memory();  // what is allocated once has been
      body();
      if (server_.lost()) throw std::runtime_error("the server has gone");
    }
    const long grown = server_.memory() - before;
    std::printf(
        "%d changed %s, %ld of them valid; slowest statement %.3f s; the last three quarters left %ld kB; "
        "errors:",
        number, what, accepted_, slowest_, grown);
    for (const auto& [state, count] : errors_) std::printf(" %s %ld", state.c_str(), count);
    std::puts("");
    if (number >= 1000 && grown > kMostGrowth) fail("the backend has grown", what, "");
  }

  void fail(const std::string& what, const std::string& message, const std::string& value) {
    ++failures_;
    std::printf("FAILED: %s: %s\n  with: %s\n", what.c_str(), message.c_str(), value.c_str());
  }

  /// The answer, looked at: an error has to be one of those expected, and not late.
  Answer ask(const char* name, const std::vector<Parameter>& parameters, const std::string& value,
             bool binary = false) {
    Answer answer = server_.run(name, parameters, binary);
    if (!answer.state.empty()) {
      ++errors_[answer.state];
      if (!kExpected.contains(answer.state)) fail(name, answer.state + " " + answer.message, value);
    }
    slowest_ = std::max(slowest_, answer.seconds);
    if (answer.seconds > kMostSeconds) fail(name, "took " + std::to_string(answer.seconds) + " s", value);
    return answer;
  }

  /// The value as binary and as text; true where both say that it is one. They must agree, and give back what
  /// came in.
  bool accepted(const char* name, const std::string& value, const std::string& as_text) {
    const Answer binary = ask(name, {{value, true}}, as_text, true);
    // Text can't have a byte 0.
    const bool has_text = as_text.find('\0') == std::string::npos;
    if (has_text) {
      const Answer text = ask(name, {{as_text, false}}, as_text, true);
      if (text.state.empty() != binary.state.empty()) fail(name, "binary and text disagree", as_text);
      if (text.state.empty() && text.values.at(0) != value)
        fail(name, "text is given back as something else", as_text);
    }
    if (!binary.state.empty()) return false;
    if (binary.values.at(0) != value) fail(name, "it is given back as something else", as_text);
    ++accepted_;
    return true;
  }

  void try_ruleset() {
    const std::string sound = generate::ruleset(random_);
    const std::string other = generate::ruleset(random_);
    const std::string text = random_.chance(25) ? text_of(changed(random_, bytes_of(sound), bytes_of(other)))
                                                : changed_json(random_, sound, other);
    const bool is_ruleset = accepted("ruleset", text, text);
    if (text.find('\0') == std::string::npos) {
      const Answer lint = ask("ruleset_lint", {{text, false}}, text);
      if (lint.state.empty() && (lint.values.at(0) == "0") != is_ruleset)
        fail("lint", "disagrees with the type", text);
    }
    if (!is_ruleset) return;
    const Parameter rules{text, true};
    const Answer same = ask("ruleset_same", {rules}, text);
    if (!same.state.empty() || same.values.at(0) != "t")
      fail("jsonb", "it is another rule set " + same.message, text);
    ask("ruleset_use", {rules}, text);
    ask("ruleset_engage", {rules}, text);
  }

  /// Another rule set now and then, with a few states of it.
  void choose_rules() {
    if (left_-- > 0) return;
    left_ = 40;
    states_.clear();
    rules_ = generate::ruleset(random_, {.lead_rules = false});
    Subject subject(rules_);
    for (int i = 0; i < 4; ++i) {
      const Micros as_of = generate::some_as_of(random_);
      ScratchArena arena;
      const std::vector<reference::Activity> history = generate::history(random_, as_of, 30, true);
      Engagement state = subject.engage(arena, history, as_of);
      states_.push_back(subject.encoded(state, arena));
      const std::string bytes = text_of(states_.back());
      if (!accepted("state", bytes, hexadecimal(bytes)))
        fail("state", "a sound one is refused", hexadecimal(bytes));
      const Answer merged =
          ask("state_merge", {{bytes, true}, {text_of(states_.front()), true}}, hexadecimal(bytes));
      if (!merged.state.empty() || merged.values.at(0) != "t")
        fail("state_merge", "the order of two decides " + merged.message, hexadecimal(bytes));
    }
  }

  void try_state() {
    choose_rules();
    const Bytes& sound = random_.pick(states_);
    Bytes bytes = changed(random_, sound, random_.pick(states_));
    // Mostly with the right version and rules, so that what is behind them is reached.
    if (random_.chance(90) && bytes.size() >= 10) std::copy_n(sound.begin(), 10, bytes.begin());
    const std::string state = text_of(bytes);
    const std::string shown = hexadecimal(state);
    if (!accepted("state", state, shown)) return;
    const Parameter parameter{state, true};
    const std::string with = shown + "\n  rules: " + rules_;
    ask("state_merge", {parameter, {text_of(random_.pick(states_)), true}}, with);
    static constexpr std::array<const char*, 4> kTimes{"2026-01-20", "2030-06-01", "infinity",
                                                       "294276-12-31"};
    ask("state_use", {{rules_, true}, parameter, {random_.pick(kTimes), false}}, with);
  }
};

}  // namespace
}  // namespace leadscore::mutation

int main(int argc, char** argv) {
  leadscore::mutation::Options options;
  CLI::App app(
      "Changed rule sets and states through the SQL types; the server and the database are PGHOST etc.'s.");
  app.add_option("--rulesets", options.rulesets, "how many changed rule sets")->capture_default_str();
  app.add_option("--states", options.states, "how many changed states")->capture_default_str();
  app.add_option("--seed", options.seed, "of the changes")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  std::printf("seed %lu\n", options.seed);
  try {
    if (!leadscore::mutation::Test(options).run()) return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "type_mutation: %s\n", error.what());
    return 1;
  }
  std::puts("every one an error or a value");
  return 0;
}
