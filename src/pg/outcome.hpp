// set_outcome: a model is told what became of its leads.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// Takes the outcome back that is bound. Between SPI_connect and SPI_finish; needs no right. May longjmp.
void forget_outcome(const Model* model);

}  // namespace leadscore
