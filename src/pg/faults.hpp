// What keeps a model from working: expressions that don't parse any more, columns that the rule set misses.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// The message of what `body` raises, as try_reading() has it; nullptr for nothing. May longjmp.
const char* fault_of(void (*body)(void* argument), void* argument);

/// What is wrong with how a model reads its leads, with the rule set in force included; nullptr for nothing.
/// The lead relation exists. Between SPI_connect and SPI_finish. May longjmp.
const char* lead_fault(const Model* model);
/// The same for a table of activities or a watched one, which exists.
const char* binding_fault(const Model* model, const Binding* binding);
/// The same for a rule set, as stored: can it still be read?
const char* rules_fault(const text* rules);

}  // namespace leadscore
