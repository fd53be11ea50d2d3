#include "pg/problem.hpp"

#include "pg/statement.hpp"

namespace leadscore {

void note_problem(const Model* model, const Binding* binding, Datum, const char* message) {
  const Parameter row[] = {
      text_parameter(model->name), {OIDOID, ObjectIdGetDatum(binding->source)}, text_parameter(message)};
  run_statement(model, "INSERT INTO leadscore.problem (model, source, message) VALUES ($1, $2::regclass, $3)",
                row, Load::few);
}

}  // namespace leadscore
