// Planner support for the functions that the view score is made of (live_columns.cpp): instead of the whole
// row of the lead they get the columns that the rule set in force reads.
//
// The view outlives rule sets, so which columns these are is found out when a query is planned. Its plan
// depends on the state table, which publish invalidates. Still a plan may come to be executed with a version
// that it was not made for: one that came into force just after planning, or, in a transaction with an older
// snapshot, one that no longer is. So the function is told which row of which table it is, too, and where a
// version reads other columns it looks that row up (live_query.cpp). That is declared of type internal, which
// keeps everybody but the planner from calling the function with a row of his choice.
#include "pg/acting.hpp"
#include "pg/field_columns.hpp"
#include "pg/guard.hpp"
#include "pg/narrow.hpp"
#include "pg/ruleset_cache.hpp"

namespace leadscore {
namespace {

/// What the planner has to know of a model. In TopMemoryContext; there are as many as the backend has met.
struct Planned {
  Planned* next;
  Oid state;    ///< the state table, which stands for the model
  bool valid;   ///< false: to be read anew
  bool steady;  ///< are all leads read by the version in force?
  RulesetPin rules;
  NameData model;
};
Planned* planned_models = nullptr;
/// The state table whose model is being read, and whether it was invalidated meanwhile.
Oid reading = InvalidOid;
bool changed_while_reading = false;

void on_relation_change(Datum /*argument*/, Oid relation) {
  if (!OidIsValid(relation) || relation == reading) changed_while_reading = true;
  for (Planned* planned = planned_models; planned != nullptr; planned = planned->next) {
    if (!OidIsValid(relation) || planned->state == relation) planned->valid = false;
  }
}

Planned* make_planned(const char* model, Oid state) {
  if (planned_models == nullptr) CacheRegisterRelcacheCallback(on_relation_change, 0);
  void* const memory = MemoryContextAllocZero(TopMemoryContext, sizeof(Planned));
  auto* const made = new (memory) Planned();
  namestrcpy(&made->model, model);
  made->state = state;
  made->next = planned_models;
  planned_models = made;
  return made;
}

/// Reads what has been committed. False where there is no such model.
bool read_planned(Planned* planned) {
  const Acting before = fix_settings();
  SPI_connect();
  PushActiveSnapshot(GetLatestSnapshot());
  Oid types[] = {TEXTOID};
  Datum values[] = {CStringGetTextDatum(NameStr(planned->model))};
  const int code = SPI_execute_with_args(
      "SELECT NOT m.rebuilding, v.rules FROM leadscore.model m JOIN leadscore.model_version v ON v.model = "
      "m.name AND v.version = m.version WHERE m.name = $1",
      1, types, values, nullptr, true, 1);
  if (code != SPI_OK_SELECT)
    elog(ERROR, "reading leadscore's tables failed: %s", SPI_result_code_string(code));
  const bool found = SPI_processed == 1;
  if (found) {
    bool is_null;
    planned->steady = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null));
    const text* const rules =
        DatumGetTextPP(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &is_null));
    compile_ruleset({VARDATA_ANY(rules), VARSIZE_ANY_EXHDR(rules)}, &planned->rules);
  }
  PopActiveSnapshot();
  SPI_finish();
  stop_acting(before);
  return found;
}

/// The rule set in force; nullptr where there is none, or leads are read by several.
const RulesetEntry* rules_in_force(const char* model) {
  const Oid schema = get_namespace_oid(model, true);
  const Oid state = OidIsValid(schema) ? get_relname_relid("state", schema) : InvalidOid;
  if (!OidIsValid(state)) return nullptr;
  Planned* planned = planned_models;
  while (planned != nullptr && std::strcmp(NameStr(planned->model), model) != 0) planned = planned->next;
  if (planned == nullptr) planned = make_planned(model, state);
  if (!planned->valid || planned->state != state) {
    planned->valid = false;
    planned->state = state;
    reading = state;
    changed_while_reading = false;
    if (!read_planned(planned)) return nullptr;
    planned->valid = !changed_while_reading;
  }
  return planned->steady ? planned->rules.get() : nullptr;
}

/// Are the rows of the table kept by the server's own access method, where its ctid says?
bool is_heap(Oid table) {
  const HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
  if (!HeapTupleIsValid(tuple)) return false;
  const auto* const row = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
  const bool made = row->relkind == RELKIND_PARTITIONED_TABLE || row->relam == HEAP_TABLE_AM_OID;
  ReleaseSysCache(tuple);
  return made;
}

/// The same for a relation with all tables below it, which may be foreign.
bool has_row_addresses(Oid relation) {
  List* const tables = find_all_inheritors(relation, NoLock, nullptr);
  bool made = true;
  for (int i = 0; i < list_length(tables); ++i) made = made && is_heap(list_nth_oid(tables, i));
  return made;
}

/// Which row it is: its address and its table. False where it can't be said. A row that was made of columns
/// has no address and needs none: all of its columns are passed.
bool address_of(Node* lead, List** arguments) {
  if (IsA(lead, RowExpr)) {
    *arguments = lappend(*arguments, makeNullConst(INTERNALOID, -1, InvalidOid));
    *arguments = lappend(*arguments, makeConst(REGCLASSOID, -1, InvalidOid, sizeof(Oid),
                                               ObjectIdGetDatum(InvalidOid), false, true));
    return true;
  }
  const Var* const row = reinterpret_cast<Var*>(lead);
  // narrowable_type() has seen that the type is the relation's.
  if (!has_row_addresses(get_typ_typrelid(row->vartype))) return false;
  *arguments =
      lappend(*arguments, variable_beside(row, SelfItemPointerAttributeNumber, TIDOID, -1, InvalidOid));
  *arguments = lappend(*arguments, variable_beside(row, TableOidAttributeNumber, OIDOID, -1, InvalidOid));
  return true;
}

Oid variant_of(Oid function, bool has_number) {
  Oid* its;  // model, lead, version, activity
  int count;
  (void)get_func_signature(function, &its, &count);
  const Oid arguments[] = {
      TEXTOID, its[3], INTERNALOID, OIDOID, TEXTARRAYOID, has_number ? Oid{INT4OID} : Oid{ANYOID}, ANYOID};
  return columns_variant(function, arguments, has_number ? 7 : 6);
}

/// The columns that the call is to get; nullptr where the row is to stay whole.
RowExpr* columns_for(PlannerInfo* root, const char* model, Node* lead) {
  const Oid type = narrowable_type(root, lead);
  if (!OidIsValid(type)) return nullptr;
  const TupleDesc desc = lookup_rowtype_tupdesc_domain(type, -1, true);
  if (desc == nullptr) return nullptr;
  auto* const read = static_cast<bool*>(palloc0(sizeof(bool) * static_cast<std::size_t>(desc->natts + 1)));
  bool found = is_complete(lead, desc);
  if (found && IsA(lead, RowExpr)) {
    for (int i = 0; i < desc->natts; ++i) read[i] = !TupleDescAttr(desc, i)->attisdropped;
  } else if (found) {
    const RulesetEntry* const rules = rules_in_force(model);
    found = rules != nullptr && find_columns(rules->fields(Purpose::score), desc, read);
  }
  RowExpr* const row = found ? row_of_columns(lead, desc, read) : nullptr;
  ReleaseTupleDesc(desc);
  return row == nullptr || list_length(row->args) > kMostColumns ? nullptr : row;
}

/// (model, lead, version, activity [, number]) as (model, activity, address, table, names [, number],
/// version, columns), or nullptr.
Node* narrowed(PlannerInfo* root, const FuncExpr* call) {
  const int count = list_length(call->args);
  if (count < 4 || count > 5) return nullptr;
  // Rows that a statement is about to write have no address yet.
  if (root == nullptr || root->parse->commandType != CMD_SELECT) return nullptr;
  auto* const model = static_cast<Node*>(linitial(call->args));
  auto* const lead = static_cast<Node*>(lsecond(call->args));
  // Names are compared as bytes, so those of the rule set, UTF-8, must be in the database's encoding. A
  // parallel worker can't take a snapshot of its own to see what is in force.
  if (!IsA(model, Const) || reinterpret_cast<Const*>(model)->constisnull ||
      GetDatabaseEncoding() != PG_UTF8 || IsInParallelMode())
    return nullptr;
  const char* const name = TextDatumGetCString(reinterpret_cast<Const*>(model)->constvalue);
  RowExpr* const row = columns_for(root, name, lead);
  if (row == nullptr) return nullptr;
  List* arguments = list_make2(model, list_nth(call->args, 3));
  if (!address_of(lead, &arguments)) return nullptr;
  arguments = lappend(arguments, names_constant(row));
  if (count == 5) arguments = lappend(arguments, list_nth(call->args, 4));
  arguments = lappend(arguments, list_nth(call->args, 2));
  const Oid variant = variant_of(call->funcid, count == 5);
  if (!OidIsValid(variant)) return nullptr;
  FuncExpr* const made = makeNode(FuncExpr);
  *made = *call;
  made->funcid = variant;
  made->args = list_concat(arguments, row->args);
  return reinterpret_cast<Node*>(made);
}

}  // namespace

LEADSCORE_FUNCTION(live_support) {
  auto* const request = reinterpret_cast<Node*>(PG_GETARG_POINTER(0));
  if (!IsA(request, SupportRequestSimplify)) PG_RETURN_POINTER(nullptr);
  const auto* const simplify = reinterpret_cast<SupportRequestSimplify*>(request);
  PG_RETURN_POINTER(narrowed(simplify->root, simplify->fcall));
}

}  // namespace leadscore
