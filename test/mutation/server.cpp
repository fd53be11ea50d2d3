// One session of a server, watched.
#include "server.hpp"

#include <fstream>
#include <stdexcept>

namespace leadscore::mutation {

Server::Server() : connection_(PQconnectdb("")) {
  if (lost()) throw std::runtime_error(PQerrorMessage(connection_.get()));
  process_ = PQbackendPID(connection_.get());
  run("SET client_min_messages = error");
  run("SET statement_timeout = '20s'");
  run("SET timezone = 'UTC'");
}

double Server::cpu_seconds() const {
  std::ifstream file("/proc/" + std::to_string(process_) + "/schedstat");
  double nanoseconds = 0;
  file >> nanoseconds;
  return nanoseconds / 1e9;
}

long Server::memory() const {
  std::ifstream file("/proc/" + std::to_string(process_) + "/status");
  std::string word;
  long size = 0;
  while (file >> word) {
    if (word == "RssAnon:") file >> size;
  }
  return size;
}

Answer Server::read(PGresult* result, double before) {
  Answer answer;
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_TUPLES_OK) {
    for (int i = 0; PQntuples(result) > 0 && i < PQnfields(result); ++i) {
      answer.values.emplace_back(PQgetvalue(result, 0, i),
                                 static_cast<std::size_t>(PQgetlength(result, 0, i)));
    }
  } else if (status != PGRES_COMMAND_OK) {
    const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    answer.state = state == nullptr ? "08006" : state;
    answer.message = PQresultErrorMessage(result);
  }
  PQclear(result);
  answer.seconds = cpu_seconds() - before;
  return answer;
}

Answer Server::run(const std::string& statement) {
  const double before = cpu_seconds();
  return read(PQexec(connection_.get(), statement.c_str()), before);
}

void Server::prepare(const char* name, const std::string& statement, const std::vector<std::string>& types) {
  std::vector<Oid> oids;
  for (const std::string& type : types) {
    const Answer found = run("SELECT '" + type + "'::regtype::oid");
    if (!found.state.empty()) throw std::runtime_error(found.message);
    oids.push_back(static_cast<Oid>(std::stoul(found.values[0])));
  }
  const Answer done = read(
      PQprepare(connection_.get(), name, statement.c_str(), static_cast<int>(oids.size()), oids.data()), 0);
  if (!done.state.empty()) throw std::runtime_error(done.message);
}

Answer Server::run(const char* name, const std::vector<Parameter>& parameters, bool binary) {
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
  for (const Parameter& parameter : parameters) {
    values.push_back(parameter.bytes.c_str());
    lengths.push_back(static_cast<int>(parameter.bytes.size()));
    formats.push_back(parameter.binary ? 1 : 0);
  }
  const double before = cpu_seconds();
  return read(PQexecPrepared(connection_.get(), name, static_cast<int>(values.size()), values.data(),
                             lengths.data(), formats.data(), binary ? 1 : 0),
              before);
}

}  // namespace leadscore::mutation
