// What leadscore's own tables record of a model: what several commands change there.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// Drops the triggers of a model and every row of leadscore's tables that speaks of it. What is in the
/// model's schema stays. Between SPI_connect and SPI_finish; needs no right. May longjmp.
void forget_model(const char* name);

/// The same for one binding: its triggers and its row.
void forget_binding(const Model* model, const Binding* binding);

/// Drops a model's schema with what create_model has put there, as far as it is there, as the current role.
/// Whatever else there is, or depends on that, is not the model's to drop: the server refuses and names it.
void drop_relations(const char* model);

/// Records which type the lead_key of a binding with a table of activities has now.
void record_key_type(const Model* model, const Binding* binding);

}  // namespace leadscore
