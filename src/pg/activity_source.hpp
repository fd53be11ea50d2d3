// Where the activities of a table's leads are.
#pragma once

#include "core/activity_options.hpp"
#include "pg/postgres.hpp"

namespace leadscore {

/// Expressions over a row of the relation, which goes by `alias` (quoted); `key` is over one of the leads'.
struct ActivitySource {
  Oid relation;
  const char* alias;
  const char *lead_key, *key, *kind, *at;
};

/// What options say, checked. `alias`: what a lead goes by, quoted; that of its relation. In the current
/// memory context. May longjmp.
ActivitySource read_source(Oid leads, const char* alias, const ActivityOptions& activity);

}  // namespace leadscore
