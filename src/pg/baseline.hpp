// What a model's leads were like when its rules came into force: what the view drift compares with.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// Records for the version in force, in the place of what there was, for how many leads each rule fires and
/// how their totals are spread. Where there is no lead, or one can't be read, nothing is recorded. SPI is
/// connected, the model's owner acts; no states wait to be rebuilt. May longjmp.
void record_baseline(const Model* model);

/// Is there a table for them? Not before ALTER EXTENSION UPDATE to 0.11 has made it.
bool has_baselines();

/// Is one recorded for the version in force? SPI is connected. May longjmp.
bool has_baseline(const Model* model);

}  // namespace leadscore
