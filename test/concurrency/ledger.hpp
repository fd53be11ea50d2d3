// What one session knows of its own leads: which activities it has been told are committed, and so which
// total and tier they give and which transitions that has written. The tables crm.account and crm.deed of
// schema.sql are for this: a session alone writes activities of its accounts, besides those of account 1,
// which all share.
//
// A transaction of which nobody said whether it was committed (the server was killed, the connection lost) is
// open: settle() finds out from the activities, and then all else must fit the same answer.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "connection.hpp"
#include "statements.hpp"

class Ledger {
 public:
  /// Of session number `session`, from 0 on.
  Ledger(int session, std::uint64_t seed);

  /// Removes what other sessions have left. All books are empty in the beginning.
  static void clear(Connection& connection);

  /// A transaction of one statement, or of several in BEGIN and COMMIT where not `single`. It is open until
  /// one of the following is called.
  Transaction next(const std::string& level, bool single = false);
  void committed();
  void rolled_back();

  /// Compares with what the server has; returns what is wrong there, or nothing. Where a transaction is open,
  /// it counts as committed if its activities are there.
  std::string settle(Connection& connection);

  static constexpr int kAccounts = 3;  ///< each session's

 private:
  struct Deed {
    int account;
    std::string kind;
    bool operator==(const Deed&) const = default;
  };
  using Move = std::pair<std::string, std::string>;  ///< from tier, to tier
  struct Books {
    std::map<long, Deed> deeds;              ///< by id
    std::map<int, std::vector<Move>> moves;  ///< by account; own ones only
  };

  int first_account_;
  long next_id_;
  std::mt19937_64 random_;
  Books books_;
  std::optional<Books> open_;

  std::uint64_t number(std::uint64_t below) { return random_() % below; }
  int any_account();
  std::string any_kind();
  long any_deed(const Books& books);
  int total(const Books& books, int account) const;
  std::string any_change(Books& books);
  void note_moves(const Books& before, Books& after) const;
  std::string compare(const Books& books, const Books& found, const Result& scores) const;
};
