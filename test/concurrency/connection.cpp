#include "connection.hpp"

#include <stdexcept>

Connection::Connection(const std::string& target) : connection_(PQconnectdb(target.c_str())) {
  if (PQstatus(connection_.get()) != CONNECTION_OK)
    throw std::runtime_error(PQerrorMessage(connection_.get()));
  run("SET client_min_messages = error");
  run("SET statement_timeout = '60s'");
}

Result Connection::run(const std::string& text, const std::string& rows) {
  if (PQsendQuery(connection_.get(), text.c_str()) == 0)
    return {kConnectionLost, PQerrorMessage(connection_.get())};
  Result made;
  while (PGresult* const result = PQgetResult(connection_.get())) {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COPY_IN) {
      PQputCopyData(connection_.get(), rows.data(), static_cast<int>(rows.size()));
      PQputCopyEnd(connection_.get(), nullptr);
    } else if (status == PGRES_FATAL_ERROR) {
      const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
      made.state = state == nullptr ? kConnectionLost : state;
      made.message = PQresultErrorMessage(result);
    } else if (status == PGRES_TUPLES_OK) {
      made.table.clear();
      for (int row = 0; row < PQntuples(result); ++row) {
        std::vector<std::string>& values = made.table.emplace_back();
        for (int column = 0; column < PQnfields(result); ++column)
          values.emplace_back(PQgetvalue(result, row, column));
      }
      made.value = made.table.empty() || made.table[0].empty() ? "" : made.table[0][0];
    }
    PQclear(result);
    if (PQstatus(connection_.get()) != CONNECTION_OK)
      return {kConnectionLost, "connection lost: " + made.message};
  }
  return made;
}
