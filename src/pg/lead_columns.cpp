// Planner support: a whole row as the lead becomes just the columns that a constant rule set reads.
//
// A whole-row reference makes the executor take apart and form anew every row, and fetch columns from TOAST
// that no rule looks at. Of a rule set that is known at planning time the columns are known too. score, total
// and tier, which queries call for each of many leads, then take the columns as arguments (score_columns, …);
// the others take a row of them.
#include "pg/field_columns.hpp"
#include "pg/guard.hpp"
#include "pg/narrow.hpp"
#include "pg/ruleset_cache.hpp"

namespace leadscore {
namespace {

/// The variant of a function that takes columns, InvalidOid where it has none.
Oid variant_of(Oid function) {
  Oid* its;  // rules, lead, activity, as_of
  int count;
  (void)get_func_signature(function, &its, &count);
  const Oid arguments[] = {its[0], its[2], its[3], TEXTARRAYOID, ANYOID};
  return columns_variant(function, arguments, lengthof(arguments));
}

/// The call of the variant: rules, activity, as_of, names, columns.
FuncExpr* call_with_columns(const FuncExpr* call, Oid variant, const RowExpr* row) {
  List* arguments = list_make3(list_nth(call->args, 0), list_nth(call->args, 2), list_nth(call->args, 3));
  arguments = lappend(arguments, names_constant(row));
  FuncExpr* const made = makeNode(FuncExpr);
  *made = *call;
  made->funcid = variant;
  made->args = list_concat(arguments, row->args);
  return made;
}

/// The call with a narrower lead, or nullptr.
Node* narrowed(PlannerInfo* root, const FuncExpr* call, Purpose purpose) {
  if (list_length(call->args) < 2) return nullptr;
  auto* const rules = static_cast<Node*>(linitial(call->args));
  auto* const lead = static_cast<Node*>(lsecond(call->args));
  // Names are compared as bytes, so those of the rule set, UTF-8, must be in the database's encoding.
  if (!IsA(rules, Const) || reinterpret_cast<Const*>(rules)->constisnull || GetDatabaseEncoding() != PG_UTF8)
    return nullptr;
  const Oid type = narrowable_type(root, lead);
  if (!OidIsValid(type)) return nullptr;
  const text* const stored = DatumGetTextPP(reinterpret_cast<Const*>(rules)->constvalue);
  compile_ruleset({VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored)}, nullptr);
  const TupleDesc desc = lookup_rowtype_tupdesc_domain(type, -1, true);
  if (desc == nullptr) return nullptr;
  auto* const read = static_cast<bool*>(palloc0(sizeof(bool) * static_cast<std::size_t>(desc->natts + 1)));
  FuncExpr* made = nullptr;
  if (is_complete(lead, desc) && find_columns(latest_ruleset().fields(purpose), desc, read)) {
    RowExpr* const row = row_of_columns(lead, desc, read);
    const Oid variant = list_length(call->args) == 4 ? variant_of(call->funcid) : InvalidOid;
    if (OidIsValid(variant) && row->args != NIL && list_length(row->args) <= kMostColumns) {
      made = call_with_columns(call, variant, row);
    } else {
      made = makeNode(FuncExpr);
      *made = *call;
      made->args = list_copy(call->args);
      // A row of nothing would become a constant of no named type, whose text no server reads: postgres_fdw
      // sends it all the same. No row has as many fields.
      lsecond(made->args) = row->args != NIL
                                ? reinterpret_cast<Node*>(row)
                                : reinterpret_cast<Node*>(makeNullConst(RECORDOID, -1, InvalidOid));
    }
  }
  ReleaseTupleDesc(desc);
  return reinterpret_cast<Node*>(made);
}

Datum support(FunctionCallInfo fcinfo, Purpose purpose) {
  auto* const request = reinterpret_cast<Node*>(PG_GETARG_POINTER(0));
  if (!IsA(request, SupportRequestSimplify)) PG_RETURN_POINTER(nullptr);
  const auto* const simplify = reinterpret_cast<SupportRequestSimplify*>(request);
  PG_RETURN_POINTER(narrowed(simplify->root, simplify->fcall, purpose));
}

}  // namespace

LEADSCORE_FUNCTION(score_support) { return support(fcinfo, Purpose::score); }

LEADSCORE_FUNCTION(segments_support) { return support(fcinfo, Purpose::segments); }

}  // namespace leadscore
