// explain: a row for each thing that gave or took points.
#include "core/explain.hpp"

#include "pg/encoding.hpp"
#include "pg/lead_call.hpp"

namespace leadscore {
namespace {

void put(const std::optional<std::string>& text, Datum& value, bool& is_null) {
  is_null = !text.has_value();
  value = is_null ? 0 : PointerGetDatum(server_message_text(*text));
}

}  // namespace

LEADSCORE_FUNCTION(explain) {
  InitMaterializedSRF(fcinfo, 0);
  LeadCall* const call = read_lead_call(fcinfo, Purpose::explain, 2, 3);
  if (call == nullptr) PG_RETURN_NULL();
  RulesetEntry& entry = call->rules.entry();
  guarded([&] {
    call->bound->program.evaluate(call->row, call_activity(*call), call->as_of, call->evaluation);
    call->lines = explain(entry.compiled.rules, call->evaluation, entry.fields(Purpose::explain), call->row,
                          call->as_of);
  });
  const auto* const results = reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo);
  for (const Line& line : call->lines) {
    Datum values[5];
    bool nulls[5] = {};
    put(line.dimension, values[0], nulls[0]);
    put(line.rule, values[1], nulls[1]);
    values[2] = PointerGetDatum(server_message_text(line.label));
    values[3] = Float8GetDatum(line.points);
    values[4] = PointerGetDatum(server_message_text(line.reason));
    tuplestore_putvalues(results->setResult, results->setDesc, values, nulls);
  }
  PG_RETURN_NULL();
}

}  // namespace leadscore
