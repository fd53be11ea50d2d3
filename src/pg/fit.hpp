// Does a rule set fit the tables that a model binds it to? Asked before anything is stored.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// The names of a rule set's dimensions, in order: char*, in the current memory context. May longjmp.
List* dimension_names(const text* rules);

/// The names of a rule set's tiers, in order, that of disqualified leads last: char*, in the current memory
/// context. May longjmp.
List* tier_names(const text* rules);

/// Raises what is wrong, naming rule, column and type, where leads of this relation can't be scored by the
/// rule set.
void check_lead_fits(const text* rules, Oid lead);

/// The same for activities, whose rows are of this composite type.
void check_activity_fits(const text* rules, Oid row_type, int32 typmod);

/// Both, for everything that a model binds. Between SPI_connect and SPI_finish, as the model's owner.
void check_model_fits(const Model* model, const text* rules);

}  // namespace leadscore
