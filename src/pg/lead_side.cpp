#include "pg/lead_side.hpp"

namespace leadscore {

bool LeadSide::is_bound(const RulesetEntry& entry, Purpose purpose, const RowType& type) const noexcept {
  return bound != nullptr && &bound->program.compiled() == &entry.compiled && bound->purpose == purpose &&
         row_type(*bound->reader) == type && is_current(*bound->reader);
}

void LeadSide::find_program(RulesetEntry& entry, Purpose purpose, const RowType& type) {
  if (is_bound(entry, purpose, type)) return;
  bound.reset();
  if (!find_lead(entry, purpose, type, bound)) {
    bind_lead(entry, purpose, resolve_row(type, entry.fields(purpose)), bound);
  }
  guarded([&] { row.resize(field_count(*bound->reader)); });
}

void LeadSide::bind(RulesetEntry& entry, Purpose purpose, const RowType& type, NullableDatum datum) {
  find_program(entry, purpose, type);
  fetch_row(*bound->reader, datum, nullptr, row.data());
}

void LeadSide::bind(RulesetEntry& entry, Purpose purpose, FunctionCallInfo fcinfo, int number) {
  NullableDatum datum;
  const RowType type = argument_row_type(fcinfo, number, RECORDOID, &datum);
  bind(entry, purpose, type, datum);
}

void LeadSide::bind(RulesetEntry& entry, Purpose purpose, const RowType& type, const NullableDatum* columns,
                    int count) {
  find_program(entry, purpose, type);
  fetch_columns(*bound->reader, columns, count, row.data());
}

void LeadSide::bind(RulesetEntry& entry, Purpose purpose, const RowType& type, TupleTableSlot* slot) {
  find_program(entry, purpose, type);
  fetch_slot(*bound->reader, slot, nullptr, row.data());
}

}  // namespace leadscore
