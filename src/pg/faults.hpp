// What keeps a model from working: expressions that don't parse any more, columns that the rule set misses.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// The message of what `body` raises, as try_reading() has it; nullptr for nothing. May longjmp.
const char* fault_of(void (*body)(void* argument), void* argument);

/// What is wrong with how a model reads its leads: with their key and filter, and with what the rule set in
/// force reads of them; nullptr for nothing. The lead relation exists. Between SPI_connect and SPI_finish.
/// May longjmp.
const char* lead_key_fault(const Model* model);
const char* lead_rules_fault(const Model* model);
/// The same for the outcome that is bound.
const char* outcome_fault(const Model* model);
/// Either of the first two.
const char* lead_fault(const Model* model);
/// The same for a table of activities or a watched one, which exists.
const char* binding_fault(const Model* model, const Binding* binding);
/// The same for a rule set, as stored: can it still be read?
const char* rules_fault(const text* rules);

}  // namespace leadscore
