// The views by which a model is watched: performance, drift.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// What became of the leads of each tier, by the outcome that is bound; without one the view has no rows.
/// Creates the view or defines it anew. Between SPI_connect and SPI_finish, as the model's owner. May
/// longjmp.
void create_performance(const Model* model);

/// How far rules and totals have moved since the baseline of the version in force. The same.
void create_drift(const Model* model);

}  // namespace leadscore
