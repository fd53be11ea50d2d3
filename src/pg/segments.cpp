// segments: which personas and profiles hold for a lead; next_change: until when its tier stays as it is.
#include "pg/encoding.hpp"
#include "pg/lead_call.hpp"

namespace leadscore {

LEADSCORE_FUNCTION(segments) {
  LeadCall* const call = read_lead_call(fcinfo, Purpose::segments, -1, 2);
  if (call == nullptr) PG_RETURN_NULL();
  guarded([&] { call->bound->program.segments(call->row, call->as_of, call->segments); });
  const std::vector<Segment>& known = call->rules.entry().compiled.rules.segments;
  const int count = static_cast<int>(call->segments.size());
  auto* const names = static_cast<Datum*>(palloc(sizeof(Datum) * (call->segments.size() + 1)));
  for (int i = 0; i < count; ++i) {
    names[i] = PointerGetDatum(to_server_text(known[call->segments[static_cast<std::size_t>(i)]].name));
  }
  PG_RETURN_ARRAYTYPE_P(construct_array(names, count, TEXTOID, -1, false, TYPALIGN_INT));
}

LEADSCORE_FUNCTION(next_change) {
  LeadCall* const call = read_lead_call(fcinfo, Purpose::score, 2, 3);
  if (call == nullptr) PG_RETURN_NULL();
  Micros at = 0;
  guarded([&] { at = call->bound->program.next_change(call->row, call_activity(*call), call->as_of); });
  PG_RETURN_TIMESTAMPTZ(at);
}

}  // namespace leadscore
