// The direct way: may it be taken, and the tables that it reads and writes.
#include "pg/direct_moves.hpp"

#include "pg/guard.hpp"
#include "pg/key_index.hpp"
#include "pg/reading.hpp"

namespace leadscore {
namespace {

/// May the owner read all of the table's rows?
bool readable(Relation table, Oid owner) {
  const Oid id = RelationGetRelid(table);
  return pg_class_aclcheck(id, owner, ACL_SELECT) == ACLCHECK_OK &&
         (!table->rd_rel->relrowsecurity || check_enable_rls(id, owner, true) == RLS_NONE);
}

/// Is the state table as create_model made it? Owners may add columns and indexes; what must be evaluated is
/// left to the executor.
bool is_plain_state(Relation table) {
  const TupleDesc desc = RelationGetDescr(table);
  if (table->trigdesc != nullptr || desc->natts < kColumnCount ||
      table->rd_rel->relkind != RELKIND_RELATION || table->rd_tableam != GetHeapamTableAmRoutine())
    return false;
  if (desc->constr != nullptr && (desc->constr->num_check > 0 || desc->constr->has_generated_stored))
    return false;
  for (int i = 1; i < kColumnCount; ++i) {
    if (std::strcmp(NameStr(TupleDescAttr(desc, i)->attname), kColumns[i]) != 0) return false;
  }
  return true;
}

/// Do the table's indexes evaluate nothing but what create_model has put there?
bool indexes_are_plain(Relation table) {
  List* const indexes = RelationGetIndexList(table);
  bool plain = true;
  for (int i = 0; i < list_length(indexes) && plain; ++i) {
    const Relation index = index_open(list_nth_oid(indexes, i), AccessShareLock);
    plain = RelationGetIndexExpressions(index) == NIL &&
            (RelationGetIndexPredicate(index) == NIL ||
             std::strcmp(RelationGetRelationName(index), "state_next_change_at_idx") == 0);
    index_close(index, AccessShareLock);
  }
  list_free(indexes);
  return plain;
}

/// How keys compare, and how they are searched for.
void look_at_keys(const Model* model, const TypeCacheEntry* type, DirectCache& cache) {
  const MemoryContext before = MemoryContextSwitchTo(model->context);
  fmgr_info_copy(&cache.compare, const_cast<FmgrInfo*>(&type->cmp_proc_finfo), model->context);
  const auto prepare = [&](ScanKeyData& key, StrategyNumber strategy) {
    const Oid comparison =
        get_opfamily_member(type->btree_opf, type->btree_opintype, type->btree_opintype, strategy);
    ScanKeyEntryInitialize(&key, 0, 1, strategy, InvalidOid, model->key_collation, get_opcode(comparison), 0);
  };
  prepare(cache.equal, BTEqualStrategyNumber);
  prepare(cache.not_less, BTGreaterEqualStrategyNumber);
  MemoryContextSwitchTo(before);
}

void look_at_tables(const Model* model, DirectCache& cache) {
  const Relation state = table_open(model->state, AccessShareLock);
  const Relation lead = table_open(model->lead, AccessShareLock);
  const TypeCacheEntry* const type =
      lookup_type_cache(model->key_type, TYPECACHE_CMP_PROC_FINFO | TYPECACHE_BTREE_OPFAMILY);
  cache.state_index = unique_index(state, 1, model->key_collation);
  if (TupleDescAttr(RelationGetDescr(lead), model->lead_attribute - 1)->atttypid == model->key_type)
    cache.lead_index = unique_index(lead, model->lead_attribute, model->key_collation);
  cache.allowed = OidIsValid(cache.state_index) && OidIsValid(cache.lead_index) && is_plain_state(state) &&
                  indexes_are_plain(state) && OidIsValid(type->cmp_proc_finfo.fn_oid);
  if (cache.allowed) look_at_keys(model, type, cache);
  table_close(lead, NoLock);
  table_close(state, NoLock);
}

/// The model is read anew when the state table changes, not when the leads' table does.
bool still_there(Oid index, Oid table) {
  const HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
  if (!HeapTupleIsValid(tuple)) return false;
  const auto* const row = reinterpret_cast<const FormData_pg_index*>(GETSTRUCT(tuple));
  const bool there = row->indrelid == table && row->indisvalid && row->indisunique;
  ReleaseSysCache(tuple);
  return there;
}

}  // namespace

DirectCache& direct_cache(const Model* model) {
  if (*model->direct != nullptr) return **model->direct;
  auto* const cache = new_in<DirectCache>(model->context);
  compile_ruleset({VARDATA_ANY(model->rules), VARSIZE_ANY_EXHDR(model->rules)}, &cache->rules);
  cache->reads_lead = !cache->rules->fields(Purpose::explain).empty();
  look_at_tables(model, *cache);
  *model->direct = cache;
  return *cache;
}

Statements begin_statements(const Model* model) {
  const Statements statements{act_as(model->owner, true)};
  SPI_connect();
  return statements;
}

void end_statements(const Statements& statements) {
  SPI_finish();
  stop_acting(statements.before);
}

namespace {

/// Sees to the programs for rows of leads. False where the rules don't fit the type, or a row may not be
/// readable.
bool prepare_leads(DirectCache& cache, const RowType& type) {
  RulesetEntry& rules = *cache.rules;
  LeadSide &score = cache.lead.score, &explained = cache.lead.explained;
  if ((!score.is_bound(rules, Purpose::score, type) || !explained.is_bound(rules, Purpose::explain, type)) &&
      try_reading([&] {
        score.find_program(rules, Purpose::score, type);
        explained.find_program(rules, Purpose::explain, type);
      }) != nullptr)
    return false;
  return always_readable(*score.bound->reader) && always_readable(*explained.bound->reader);
}

}  // namespace

DirectLeads* open_leads(const Model* model) {
  if (!OidIsValid(model->lead) || model->lead_attribute == 0 || model->filter != nullptr ||
      get_rel_relkind(model->lead) != RELKIND_RELATION)
    return nullptr;
  DirectCache& cache = direct_cache(model);
  if (!cache.allowed) return nullptr;
  const Relation lead = table_open(model->lead, AccessShareLock);
  const RowType lead_type{RowType::Form::row, RelationGetDescr(lead)->tdtypeid, -1};
  if (lead->rd_rel->relhassubclass || !readable(lead, model->owner) ||
      !still_there(cache.lead_index, model->lead) || !prepare_leads(cache, lead_type)) {
    table_close(lead, NoLock);
    return nullptr;
  }
  auto* const leads = static_cast<DirectLeads*>(palloc0(sizeof(DirectLeads)));
  leads->model = model;
  leads->cache = &cache;
  leads->lead_type = lead_type;
  leads->leads.table = lead;
  leads->leads.index_id = cache.lead_index;
  leads->leads.lock = AccessShareLock;
  leads->state.table = table_open(model->state, RowExclusiveLock);
  leads->state.index_id = cache.state_index;
  leads->state.lock = RowExclusiveLock;
  leads->state.slot = table_slot_create(leads->state.table, nullptr);
  leads->leads.slot = table_slot_create(leads->leads.table, nullptr);
  leads->each = AllocSetContextCreate(CurrentMemoryContext, "leadscore lead", ALLOCSET_SMALL_SIZES);
  // One that forms the row where it keeps it; others copy its values first.
  leads->written = MakeSingleTupleTableSlot(RelationGetDescr(leads->state.table), &TTSOpsHeapTuple);
  return leads;
}

void close_leads(DirectLeads* leads) {
  if (leads->indexes != nullptr) {
    ExecCloseIndices(leads->indexes);
    FreeExecutorState(leads->estate);
  }
  close_moves(leads);
  ExecDropSingleTupleTableSlot(leads->written);
  for (Keyed* const keyed : {&leads->state, &leads->leads}) {
    ExecDropSingleTupleTableSlot(keyed->slot);
    if (keyed->index != nullptr) index_close(keyed->index, NoLock);
    table_close(keyed->table, NoLock);
  }
  MemoryContextDelete(leads->each);
}

int compare_keys(const DirectLeads* leads, Datum a, Datum b) {
  return DatumGetInt32(FunctionCall2Coll(&leads->cache->compare, leads->model->key_collation, a, b));
}

}  // namespace leadscore
