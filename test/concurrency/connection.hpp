// A session of the server, through libpq.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <vector>

/// SQLSTATE of a Result whose connection is gone: nobody knows whether its transaction was committed.
inline constexpr const char* kConnectionLost = "08006";

struct Result {
  std::string state{};  ///< SQLSTATE; empty: no error
  std::string message{};
  std::string value{};                            ///< first column of the first row
  std::vector<std::vector<std::string>> table{};  ///< all rows; NULL as an empty text
};

class Connection {
 public:
  /// To the server that `target` names, with PGHOST etc. for what it doesn't. Throws std::runtime_error where
  /// there is none.
  explicit Connection(const std::string& target = {});

  /// Runs a statement, or several with a semicolon between them; where it is COPY FROM STDIN, with the rows.
  Result run(const std::string& text, const std::string& rows = {});

  bool in_transaction() const { return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE; }
  int backend() const { return PQbackendPID(connection_.get()); }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Finish> connection_;
};
