#include "pg/direct_moves.hpp"

namespace leadscore {
namespace {

/// The columns of leadscore.transition, in their order, from 0.
enum Transition {
  kId,
  kModel,
  kLeadKey,
  kOldTier,
  kNewTier,
  kOldTotal,
  kNewTotal,
  kByVersion,
  kCause,
  kMovedRules,
  kLeads,
  kWhen,
  kTransitionColumns
};

/// The extension's own constraints and policies of the table.
constexpr int kOwnChecks = 1;
constexpr int kOwnPolicies = 3;

/// So many rows are written at once.
constexpr int kMostRows = 500;

enum class KeyText : char {
  unknown,  ///< a cast that evaluates something, or depends on settings
  same,     ///< the key's bytes are a text's
  output
};

KeyText key_text(Oid key) {
  switch (getBaseType(key)) {
    case INT2OID:
    case INT4OID:
    case INT8OID:
    case NUMERICOID:
    case UUIDOID:
      return KeyText::output;
    default: {
      Oid function;
      return find_coercion_pathway(TEXTOID, key, COERCION_EXPLICIT, &function) == COERCION_PATH_RELABELTYPE
                 ? KeyText::same
                 : KeyText::unknown;
    }
  }
}

/// May the role write all columns but the number?
bool may_insert(Oid table, Oid role) {
  if (pg_class_aclcheck(table, role, ACL_INSERT) == ACLCHECK_OK) return true;
  for (int column = kId + 1; column < kTransitionColumns; ++column) {
    if (pg_attribute_aclcheck(table, static_cast<AttrNumber>(column + 1), role, ACL_INSERT) != ACLCHECK_OK)
      return false;
  }
  return true;
}

/// Is the table as the extension made it, and may the model's owner write to it? Others may have added
/// indexes; triggers, conditions and columns of theirs are left to the executor.
bool is_plain(Relation table, Oid owner) {
  const TupleDesc desc = RelationGetDescr(table);
  const TupleConstr* const constraints = desc->constr;
  return table->rd_rel->relkind == RELKIND_RELATION && table->trigdesc == nullptr &&
         table->rd_rules == nullptr && desc->natts == kTransitionColumns && constraints != nullptr &&
         constraints->num_check == kOwnChecks && !constraints->has_generated_stored &&
         (table->rd_rsdesc == nullptr || list_length(table->rd_rsdesc->policies) == kOwnPolicies) &&
         may_insert(RelationGetRelid(table), owner);
}

/// Does the executor have to see to one of its indexes?
bool has_deferred_index(const ResultRelInfo* indexes) {
  for (int i = 0; i < indexes->ri_NumIndices; ++i) {
    if (!indexes->ri_IndexRelationDescs[i]->rd_index->indimmediate) return true;
  }
  return false;
}

}  // namespace

struct Moves {
  MemoryContext context;
  int64 first, last;  ///< ids
  int count;

  // Where they are written directly:
  Relation table;  ///< nullptr: they are not
  ResultRelInfo* indexes;
  EState* estate;
  Oid sequence;
  KeyText key_text;
  FmgrInfo output;
  Datum model, cause;
  TupleTableSlot* slots[kMostRows];
  int made, used;

  // Where a statement does it:
  Rows rows;
};

namespace {

/// False where a statement must do it.
bool open_table(const DirectLeads* leads, Moves* moves) {
  const Model* const model = leads->model;
  const Oid schema = get_namespace_oid("leadscore", false);
  const Oid table = get_relname_relid("transition", schema);
  moves->sequence = get_relname_relid("transition_id_seq", schema);
  moves->key_text = key_text(model->key_type);
  if (!OidIsValid(table) || !OidIsValid(moves->sequence) || moves->key_text == KeyText::unknown) return false;
  moves->table = table_open(table, RowExclusiveLock);
  bool plain = is_plain(moves->table, model->owner);
  if (plain) {
    moves->estate = CreateExecutorState();
    moves->indexes = makeNode(ResultRelInfo);
    InitResultRelInfo(moves->indexes, moves->table, 0, nullptr, 0);
    ExecOpenIndices(moves->indexes, false);
    plain = !has_deferred_index(moves->indexes);
    if (!plain) {
      ExecCloseIndices(moves->indexes);
      FreeExecutorState(moves->estate);
    }
  }
  if (!plain) {
    table_close(moves->table, RowExclusiveLock);
    moves->table = nullptr;
    return false;
  }
  if (moves->key_text == KeyText::output) {
    Oid function;
    bool is_varlena;
    getTypeOutputInfo(model->key_type, &function, &is_varlena);
    fmgr_info_cxt(function, &moves->output, moves->context);
  }
  moves->model = CStringGetTextDatum(model->name);
  moves->cause = CStringGetTextDatum("activity");
  return true;
}

void open_rows(const DirectLeads* leads, Moves* moves) {
  const Model* const model = leads->model;
  const TupleDesc desc = CreateTemplateTupleDesc(kMoveColumns);
  TupleDescInitEntry(desc, kMoveKey + 1, "key", model->key_type, -1, 0);
  TupleDescInitEntryCollation(desc, kMoveKey + 1, model->key_collation);
  TupleDescInitEntry(desc, kTierBefore + 1, "tier_before", TEXTOID, -1, 0);
  TupleDescInitEntry(desc, kTotalBefore + 1, "total_before", FLOAT8OID, -1, 0);
  TupleDescInitEntry(desc, kTierNow + 1, "tier", TEXTOID, -1, 0);
  TupleDescInitEntry(desc, kTotalNow + 1, "total", FLOAT8OID, -1, 0);
  TupleDescInitEntry(desc, kRules + 1, "rules", TEXTARRAYOID, -1, 0);
  TupleDescInitEntry(desc, kAt + 1, "scored_at", TIMESTAMPTZOID, -1, 0);
  moves->rows = {"leadscore_moved", desc, tuplestore_begin_heap(false, false, work_mem), 0};
}

Moves* open_moves(DirectLeads* leads) {
  if (leads->moves != nullptr) return leads->moves;
  // Not in the memory of the lead at hand.
  const MemoryContext before = MemoryContextSwitchTo(GetMemoryChunkContext(leads));
  auto* const moves = static_cast<Moves*>(palloc0(sizeof(Moves)));
  moves->context = CurrentMemoryContext;
  if (!open_table(leads, moves)) open_rows(leads, moves);
  leads->moves = moves;
  MemoryContextSwitchTo(before);
  return moves;
}

void insert_kept(Moves* moves) {
  if (moves->used == 1) {
    table_tuple_insert(moves->table, moves->slots[0], GetCurrentCommandId(true), 0, nullptr);
  } else {
    table_multi_insert(moves->table, moves->slots, moves->used, GetCurrentCommandId(true), 0, nullptr);
  }
  for (int i = 0; i < moves->used; ++i) {
#if PG_VERSION_NUM >= 160000
    ExecInsertIndexTuples(moves->indexes, moves->slots[i], moves->estate, false, false, nullptr, NIL, false);
#else
    ExecInsertIndexTuples(moves->indexes, moves->slots[i], moves->estate, false, false, nullptr, NIL);
#endif
    ResetPerTupleExprContext(moves->estate);
    ExecClearTuple(moves->slots[i]);
  }
  moves->used = 0;
}

Datum text_of_key(Moves* moves, Datum key) {
  return moves->key_text == KeyText::same ? key
                                          : CStringGetTextDatum(OutputFunctionCall(&moves->output, key));
}

TupleTableSlot* next_slot(Moves* moves) {
  if (moves->used == moves->made) {
    const MemoryContext before = MemoryContextSwitchTo(moves->context);
    moves->slots[moves->made++] = table_slot_create(moves->table, nullptr);
    MemoryContextSwitchTo(before);
  }
  return moves->slots[moves->used];
}

void keep_slot(const DirectLeads* leads, Moves* moves, const Datum* values, const bool* nulls) {
  if (moves->used == kMostRows) insert_kept(moves);
  TupleTableSlot* const slot = next_slot(moves);
  const auto put = [&](Transition column, Datum value, bool is_null = false) {
    slot->tts_values[column] = value;
    slot->tts_isnull[column] = is_null;
  };
  ExecClearTuple(slot);
  moves->last = nextval_internal(moves->sequence, false);
  if (moves->count == 0) moves->first = moves->last;
  put(kId, Int64GetDatum(moves->last));
  put(kModel, moves->model);
  put(kLeadKey, text_of_key(moves, values[kMoveKey]));
  put(kOldTier, values[kTierBefore], nulls[kTierBefore]);
  put(kNewTier, values[kTierNow], nulls[kTierNow]);
  put(kOldTotal, values[kTotalBefore], nulls[kTotalBefore]);
  put(kNewTotal, values[kTotalNow], nulls[kTotalNow]);
  put(kByVersion, Int32GetDatum(leads->model->version));
  put(kCause, moves->cause);
  put(kMovedRules, values[kRules], nulls[kRules]);
  put(kLeads, Int64GetDatum(1));
  put(kWhen, values[kAt]);
  ExecStoreVirtualTuple(slot);
  ExecMaterializeSlot(slot);
  ++moves->used;
}

}  // namespace

void keep_move(DirectLeads* leads, Datum* values, bool* nulls) {
  Moves* const moves = open_moves(leads);
  if (moves->table != nullptr) {
    keep_slot(leads, moves, values, nulls);
  } else {
    tuplestore_putvalues(moves->rows.store, moves->rows.desc, values, nulls);
    ++moves->rows.count;
  }
  ++moves->count;
}

void write_kept_moves(DirectLeads* leads) {
  Moves* const moves = leads->moves;
  if (moves == nullptr || moves->count == 0) return;
  if (moves->table != nullptr) {
    insert_kept(moves);
    notify_transitions(leads->model, moves->first, moves->last);
  } else {
    const Statements statements = begin_statements(leads->model);
    write_moves(leads->model, moves->rows, "activity");
    end_statements(statements);
    tuplestore_clear(moves->rows.store);
    moves->rows.count = 0;
  }
  moves->count = 0;
}

void close_moves(DirectLeads* leads) {
  Moves* const moves = leads->moves;
  if (moves == nullptr) return;
  if (moves->table != nullptr) {
    for (int i = 0; i < moves->made; ++i) ExecDropSingleTupleTableSlot(moves->slots[i]);
    ExecCloseIndices(moves->indexes);
    FreeExecutorState(moves->estate);
    table_close(moves->table, NoLock);
  } else {
    tuplestore_end(moves->rows.store);
  }
  leads->moves = nullptr;
}

}  // namespace leadscore
