// leadscore.problem: rows that could not be scored while they were written. The write goes through; its
// author can't mend the model.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// Records a row of the binding's table. Between SPI_connect and SPI_finish, as the model's owner. May
/// longjmp.
void note_problem(const Model* model, const Binding* binding, Datum row, const char* message);

}  // namespace leadscore
