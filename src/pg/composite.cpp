#include "pg/composite.hpp"

namespace leadscore {

TupleDesc result_descriptor(FunctionCallInfo fcinfo, TupleDesc& kept, const char* type, int columns) {
  if (kept == nullptr) {
    const MemoryContext before = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
    TupleDesc desc;
    if (get_call_result_type(fcinfo, nullptr, &desc) != TYPEFUNC_COMPOSITE || desc->natts != columns) {
      elog(ERROR, "return type must be leadscore.%s", type);
    }
    kept = BlessTupleDesc(CreateTupleDescCopy(desc));
    MemoryContextSwitchTo(before);
  }
  return kept;
}

}  // namespace leadscore
