// lint: every problem of a rule set as a row.
#include "core/parse.hpp"
#include "pg/encoding.hpp"
#include "pg/guard.hpp"

namespace leadscore {
namespace {

/// The problems, kept where an error may pass over them.
struct LintCall {
  Problems problems;
};

/// Lints a JSON text (UTF-8), of jsonb, which keeps no order of members, as `unordered`. Text that is no JSON
/// is one problem more.
void lint(std::string_view utf8, bool unordered, Problems& problems) {
  problems.clear();
  try {
    Json json = parse_json(utf8);
    if (unordered) order_segments(json);
    (void)check_ruleset(json, problems);
  } catch (const Error& error) {
    std::string problem = error.message();
    if (!error.detail().empty()) problem += " (" + error.detail() + ")";
    problems.push_back({"$", Severity::error, std::move(problem), error.hint()});
  }
}

Datum lint_rows(FunctionCallInfo fcinfo, std::string_view utf8, bool unordered) {
  LintCall& call = call_state<LintCall>(fcinfo);
  guarded([&] { lint(utf8, unordered, call.problems); });
  const auto* const results = reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo);
  for (const Problem& problem : call.problems) {
    Datum values[4];
    bool nulls[4] = {};
    values[0] = PointerGetDatum(server_message_text(problem.path));
    values[1] = PointerGetDatum(cstring_to_text(problem.severity == Severity::error ? "error" : "warning"));
    values[2] = PointerGetDatum(server_message_text(problem.problem));
    nulls[3] = problem.hint.empty();
    values[3] = nulls[3] ? 0 : PointerGetDatum(server_message_text(problem.hint));
    tuplestore_putvalues(results->setResult, results->setDesc, values, nulls);
  }
  PG_RETURN_NULL();
}

}  // namespace

LEADSCORE_FUNCTION(lint_jsonb) {
  InitMaterializedSRF(fcinfo, 0);
  return lint_rows(fcinfo, json_text_of(PG_GETARG_JSONB_P(0)), true);
}

/// For json and text, which show more than jsonb: duplicate members, and places in the text.
LEADSCORE_FUNCTION(lint_text) {
  InitMaterializedSRF(fcinfo, 0);
  return lint_rows(fcinfo, to_utf8(PG_GETARG_TEXT_PP(0)), false);
}

}  // namespace leadscore
