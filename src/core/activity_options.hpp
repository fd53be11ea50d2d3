// Where the activities of a table's leads are, as options say it.
#pragma once

#include <string>

#include "core/node.hpp"
#include "core/problem_log.hpp"

namespace leadscore {

/// A relation and SQL expressions over its rows, `key` over one of the leads'. `source` empty: there are
/// none; `key` empty: the leads' primary key.
struct ActivityOptions {
  std::string source, lead_key, key, kind, at;
};

/// Reads {"source": "…", "lead_key": "…", "key": "…", "kind": "…", "at": "…"}.
void read_activity_options(const Node& node, ProblemLog& log, ActivityOptions& activity);

}  // namespace leadscore
