// What readers are told of activities, some of which may not be readable: those count nowhere in live scores
// (careful.hpp), and so are left out here. All with the snapshot of the reader's query and with the rights of
// who acts; between SPI_connect and SPI_finish. May longjmp.
#pragma once

#include "pg/statement.hpp"

namespace leadscore {

/// Rows of `SELECT key, added`, one a lead: what the activities amount to by a rule set. With `touched`, of
/// the leads in kTouched, which is published; with `as_of`, of the activities up to then.
Rows readable_history(const Model* model, const char* name, bool touched, const Parameter& rules,
                      const Parameter* as_of);

/// The same of the leads in kDecided, which is published, by their numbers there, each up to its decision:
/// see added_until_decided().
Rows readable_until_decided(const Model* model, const char* name, const Parameter& rules);

/// Rows of `SELECT at, kind, source, trace`: the activities of the leads in kTouched, which is published. See
/// traces_of_touched().
Rows readable_traces(const Model* model, const char* name, const Parameter& rules);

}  // namespace leadscore
