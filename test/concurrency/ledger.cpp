#include "ledger.hpp"

#include <cmath>

namespace {

using std::string;

constexpr int kSharedAccount = 1;
constexpr long kIdsOfSession = 100'000'000;
constexpr std::size_t kFewDeeds = 6, kManyDeeds = 25;

/// As the rules 'ledger' and 'ledger more' have it.
int points(const string& kind) { return kind == "five" ? 5 : kind == "one" ? 1 : 0; }
string tier(int total) { return total >= 20 ? "hot" : total >= 8 ? "warm" : "cold"; }

string range(int first) {
  return "BETWEEN " + std::to_string(first) + " AND " + std::to_string(first + Ledger::kAccounts - 1);
}

}  // namespace

Ledger::Ledger(int session, std::uint64_t seed)
    : first_account_(10 * (session + 1)), next_id_(kIdsOfSession * (session + 1)), random_(seed) {
  for (int i = 0; i < kAccounts; ++i) books_.moves[first_account_ + i] = {};
}

void Ledger::clear(Connection& connection) {
  connection.run("DELETE FROM crm.deed");
  connection.run("DELETE FROM leadscore.transition WHERE model = 'ledger'");
}

int Ledger::any_account() {
  return number(5) == 0 ? kSharedAccount : first_account_ + static_cast<int>(number(kAccounts));
}

string Ledger::any_kind() { return number(3) == 0 ? "five" : number(4) == 0 ? "none" : "one"; }

long Ledger::any_deed(const Books& books) {
  auto at = books.deeds.begin();
  std::advance(at, static_cast<long>(number(books.deeds.size())));
  return at->first;
}

int Ledger::total(const Books& books, int account) const {
  int sum = 0;
  for (const auto& [id, deed] : books.deeds)
    if (deed.account == account) sum += points(deed.kind);
  return sum;
}

/// A statement, and what it does to the books.
string Ledger::any_change(Books& books) {
  const Books before = books;
  string text;
  const bool insert = books.deeds.size() < kFewDeeds || (books.deeds.size() < kManyDeeds && number(2) == 0);
  if (insert) {
    text = "INSERT INTO crm.deed (id, account, kind, at) VALUES ";
    for (std::uint64_t i = 0, count = 1 + number(4); i < count; ++i) {
      const Deed deed = {any_account(), any_kind()};
      books.deeds[next_id_] = deed;
      text += (i == 0 ? "(" : ", (") + std::to_string(next_id_++) + ", " + std::to_string(deed.account) +
              ", '" + deed.kind + "', now())";
    }
  } else if (number(4) == 0) {
    const long id = any_deed(books);
    books.deeds[id].kind = any_kind();
    text = "UPDATE crm.deed SET kind = '" + books.deeds[id].kind + "' WHERE id = " + std::to_string(id);
  } else {
    // Two rows may be one.
    const std::vector<long> ids = {any_deed(books), any_deed(books)};
    const string where = " WHERE id IN (" + std::to_string(ids[0]) + ", " + std::to_string(ids[1]) + ")";
    if (number(2) == 0) {
      const int to = any_account();
      for (const long id : ids) books.deeds[id].account = to;
      text = "UPDATE crm.deed SET account = " + std::to_string(to) + where;
    } else {
      for (const long id : ids) books.deeds.erase(id);
      text = "DELETE FROM crm.deed" + where;
    }
  }
  note_moves(before, books);
  return text;
}

void Ledger::note_moves(const Books& before, Books& after) const {
  for (auto& [account, moves] : after.moves) {
    const string from = tier(total(before, account));
    const string to = tier(total(after, account));
    if (from != to) moves.emplace_back(from, to);
  }
}

Transaction Ledger::next(const string& level, bool single) {
  open_ = books_;
  if (single || number(3) > 0) {
    return {{"SET default_transaction_isolation = '" + level + "'"}, {any_change(*open_)}};
  }
  Transaction made = {{"BEGIN ISOLATION LEVEL " + level}};
  for (std::uint64_t i = 1 + number(3); i > 0; --i) made.push_back({any_change(*open_)});
  made.push_back({"COMMIT"});
  return made;
}

void Ledger::committed() {
  if (open_) books_ = *open_;
  open_.reset();
}

void Ledger::rolled_back() { open_.reset(); }

string Ledger::settle(Connection& connection) {
  const string ids = std::to_string(next_id_ / kIdsOfSession * kIdsOfSession) + " AND " +
                     std::to_string(next_id_ / kIdsOfSession * kIdsOfSession + kIdsOfSession - 1);
  const Result deeds =
      connection.run("SELECT id, account, kind FROM crm.deed WHERE id BETWEEN " + ids + " ORDER BY id");
  const Result moves = connection.run(
      "SELECT lead_key, old_tier, new_tier FROM leadscore.transition WHERE model = 'ledger' AND "
      "lead_key::int " +
      range(first_account_) + " ORDER BY id");
  const Result scores = connection.run(
      "SELECT v.id, v.total, v.tier, s.total, s.tier FROM ledger.score v JOIN ledger.state s USING (id) "
      "WHERE id " +
      range(first_account_) + " ORDER BY id");
  for (const Result* const result : {&deeds, &moves, &scores})
    if (!result->state.empty()) return "the ledger could not be read: " + result->message;
  Books found;
  for (const auto& row : deeds.table) found.deeds[std::stol(row[0])] = {std::stoi(row[1]), row[2]};
  for (int i = 0; i < kAccounts; ++i) found.moves[first_account_ + i] = {};
  for (const auto& row : moves.table) found.moves[std::stoi(row[0])].emplace_back(row[1], row[2]);
  // Where activities can't tell, transitions can: of one that was changed to and fro.
  if (open_ && found.deeds == open_->deeds && (open_->deeds != books_.deeds || found.moves == open_->moves)) {
    committed();
  } else {
    rolled_back();
  }
  return compare(books_, found, scores);
}

string Ledger::compare(const Books& books, const Books& found, const Result& scores) const {
  string wrong;
  for (const auto& [id, deed] : books.deeds) {
    const auto there = found.deeds.find(id);
    if (there == found.deeds.end()) {
      wrong += "acknowledged activity " + std::to_string(id) + " is missing\n";
    } else if (there->second != deed) {
      wrong += "activity " + std::to_string(id) + " is not as it was acknowledged\n";
    }
  }
  for (const auto& [id, deed] : found.deeds)
    if (!books.deeds.contains(id))
      wrong += "activity " + std::to_string(id) + " is there and was never acknowledged, or deleted\n";
  for (const auto& [account, moves] : books.moves) {
    const auto& there = found.moves.at(account);
    if (there != moves)
      wrong += "account " + std::to_string(account) + " has " + std::to_string(there.size()) +
               " transitions, wanted " + std::to_string(moves.size()) + ", or not the same\n";
  }
  if (scores.table.size() != kAccounts) wrong += "not every account has a score\n";
  for (const auto& row : scores.table) {
    const int want = total(books, std::stoi(row[0]));
    for (const std::size_t at : {1u, 3u})
      if (row[at].empty() || std::abs(std::stod(row[at]) - want) > 1e-9 || row[at + 1] != tier(want))
        wrong += "account " + row[0] + " has " + row[at] + " " + row[at + 1] + ", wanted " +
                 std::to_string(want) + " " + tier(want) + "\n";
  }
  return wrong;
}
