#include "pg/composite_array.hpp"

namespace leadscore {

void read_row_array(FunctionCallInfo fcinfo, RowArray& array, const char* type, int columns) {
  if (array.row != nullptr) return;
  const MemoryContext before = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
  array.type = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
  if (!OidIsValid(array.type)) elog(ERROR, "return type must be leadscore.%s[]", type);
  const TupleDesc desc = lookup_rowtype_tupdesc_copy(array.type, -1);
  if (desc->natts != columns) elog(ERROR, "return type must be leadscore.%s[]", type);
  array.row = BlessTupleDesc(desc);
  MemoryContextSwitchTo(before);
}

}  // namespace leadscore
