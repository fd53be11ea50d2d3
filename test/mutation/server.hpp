// One session of a server, watched: what a statement answers, what CPU time its backend took for it, and the
// memory that it has.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace leadscore::mutation {

struct Answer {
  std::string state;  ///< SQLSTATE; empty: no error
  std::string message;
  std::vector<std::string> values;  ///< of the first row; NULL is empty
  double seconds = 0;               ///< CPU time of the backend
};

/// A parameter of a statement: its bytes, as the type's text or binary form.
struct Parameter {
  std::string bytes;
  bool binary = false;
};

class Server {
 public:
  /// Connects to PGHOST etc. Throws std::runtime_error.
  Server();

  Answer run(const std::string& statement);
  /// Prepares a statement whose parameters have these types. Throws where it can't.
  void prepare(const char* name, const std::string& statement, const std::vector<std::string>& types);
  /// Runs it; the values come in binary form where `binary`.
  Answer run(const char* name, const std::vector<Parameter>& parameters, bool binary);

  bool lost() const { return PQstatus(connection_.get()) != CONNECTION_OK; }
  /// Private memory of the backend in kB; 0 where it can't be seen.
  long memory() const;

 private:
  Answer read(PGresult* result, double before);
  double cpu_seconds() const;

  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Finish> connection_;
  int process_ = 0;
};

}  // namespace leadscore::mutation
