// set_outcome: a model is told what became of its leads, by expressions over a lead.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// Takes the outcome back that is bound. Between SPI_connect and SPI_finish; needs no right. May longjmp.
void forget_outcome(const Model* model);

/// An expression over a row of `relation`, which goes by `alias` (quoted) in the text that is made: true for
/// a lead that was won, false for one that was lost, NULL for one that is still open. Raises 42804 for other
/// types, and what parse_expression() raises. May longjmp.
const char* parse_outcome(Oid relation, const char* alias, const char* given);
/// The same of the time of the decision, a timestamptz.
const char* parse_decided_at(Oid relation, const char* alias, const char* given);

}  // namespace leadscore
