// The direct way, first half: the rows of a transition table, folded by lead.
#include "pg/careful.hpp"
#include "pg/direct.hpp"
#include "pg/encoding.hpp"
#include "pg/engagement_object.hpp"
#include "pg/guard.hpp"
#include "pg/key_cast.hpp"
#include "pg/reading.hpp"
#include "pg/ruleset_cache.hpp"

namespace leadscore {
namespace {

/// Room is made at once for so many leads at most.
constexpr int kMostExpected = 1 << 18;

/// Leads found so far: an open hash table of indexes into `additions`.
struct Intake {
  const Model* model;
  MemoryContext context;  ///< of everything below
  MemoryContext states;   ///< of the engagements and keys
  FmgrInfo hash, equals;
  Oid collation;
  int16 key_length;
  bool key_by_value;
  Addition* additions;
  int count, room;
  uint32* hashes;
  int* table;  ///< index + 1; 0: free
  uint32 mask;
  int unusable;  ///< activities without a kind or a finite time, or with too long a key
};

void allocate_table(Intake& intake, uint32 size) {
  intake.mask = size - 1;
  intake.table = static_cast<int*>(
      MemoryContextAllocExtended(intake.context, sizeof(int) * size, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO));
}

void grow(Intake& intake) {
  intake.room *= 2;
  intake.additions = static_cast<Addition*>(
      repalloc_huge(intake.additions, sizeof(Addition) * static_cast<Size>(intake.room)));
  intake.hashes =
      static_cast<uint32*>(repalloc_huge(intake.hashes, sizeof(uint32) * static_cast<Size>(intake.room)));
  pfree(intake.table);
  allocate_table(intake, static_cast<uint32>(intake.room) * 2);
  for (int i = 0; i < intake.count; ++i) {
    uint32 at = intake.hashes[i] & intake.mask;
    while (intake.table[at] != 0) at = (at + 1) & intake.mask;
    intake.table[at] = i + 1;
  }
}

/// The lead's engagement, made where the lead is new.
ExpandedEngagement* find_lead_state(Intake& intake, Datum key) {
  const uint32 hash = DatumGetUInt32(FunctionCall1Coll(&intake.hash, intake.collation, key));
  uint32 at = hash & intake.mask;
  for (; intake.table[at] != 0; at = (at + 1) & intake.mask) {
    const int index = intake.table[at] - 1;
    if (intake.hashes[index] == hash &&
        DatumGetBool(FunctionCall2Coll(&intake.equals, intake.collation, intake.additions[index].key, key)))
      return intake.additions[index].added;
  }
  if (intake.count == intake.room) {
    grow(intake);
    at = hash & intake.mask;
    while (intake.table[at] != 0) at = (at + 1) & intake.mask;
  }
  const MemoryContext before = MemoryContextSwitchTo(intake.states);
  key = datumCopy(key, intake.key_by_value, intake.key_length);
  MemoryContextSwitchTo(before);
  intake.additions[intake.count] = {key, make_expanded(intake.states)};
  intake.hashes[intake.count] = hash;
  intake.table[at] = ++intake.count;
  return intake.additions[intake.count - 1].added;
}

/// False where keys of this type can't be hashed. `rows`: so many activities will come at most.
bool start(Intake& intake, const Model* model, int64 rows) {
  const TypeCacheEntry* const type =
      lookup_type_cache(model->key_type, TYPECACHE_HASH_PROC_FINFO | TYPECACHE_EQ_OPR_FINFO);
  if (!OidIsValid(type->hash_proc_finfo.fn_oid) || !OidIsValid(type->eq_opr_finfo.fn_oid)) return false;
  intake.model = model;
  intake.context = AllocSetContextCreate(CurrentMemoryContext, "leadscore intake", ALLOCSET_DEFAULT_SIZES);
  intake.states = AllocSetContextCreate(intake.context, "leadscore states", ALLOCSET_DEFAULT_SIZES);
  fmgr_info_copy(&intake.hash, const_cast<FmgrInfo*>(&type->hash_proc_finfo), intake.context);
  fmgr_info_copy(&intake.equals, const_cast<FmgrInfo*>(&type->eq_opr_finfo), intake.context);
  intake.collation = model->key_collation;
  get_typlenbyval(model->key_type, &intake.key_length, &intake.key_by_value);
  intake.count = 0;
  intake.unusable = 0;
  intake.room = 16;
  while (intake.room < rows && intake.room < kMostExpected) intake.room *= 2;
  const auto room = static_cast<Size>(intake.room);
  intake.additions = static_cast<Addition*>(MemoryContextAlloc(intake.context, sizeof(Addition) * room));
  intake.hashes = static_cast<uint32*>(MemoryContextAlloc(intake.context, sizeof(uint32) * room));
  allocate_table(intake, static_cast<uint32>(intake.room) * 2);
  return true;
}

/// Forgets the leads, keeps the memory of the table.
void restart(Intake& intake) {
  MemoryContextReset(intake.states);
  intake.count = 0;
  std::memset(intake.table, 0, sizeof(int) * (static_cast<Size>(intake.mask) + 1));
}

int width(Oid type) { return type == INT2OID ? 2 : type == INT4OID ? 4 : type == INT8OID ? 8 : 0; }

/// A value of the source's key as one of the model's, which is as wide an integer or wider where the types
/// differ.
Datum as_key(Oid from, Oid to, Datum value) {
  if (from == to) return value;
  const int32 number = from == INT2OID ? DatumGetInt16(value) : DatumGetInt32(value);
  return to == INT8OID ? Int64GetDatum(number) : Int32GetDatum(number);
}

/// Sorts by key and hands over what has been taken in so far.
void hand_over(Intake& intake, DirectLeads* leads) {
  qsort_arg(
      intake.additions, static_cast<size_t>(intake.count), sizeof(Addition),
      [](const void* a, const void* b, void* order) {
        return compare_keys(static_cast<const DirectLeads*>(order), static_cast<const Addition*>(a)->key,
                            static_cast<const Addition*>(b)->key);
      },
      leads);
  apply_additions(leads, intake.additions, intake.count);
  restart(intake);
}

/// Can the columns be read as they are?
bool columns_fit(const Model* model, const DirectSource& source, TupleDesc desc) {
  const auto type = [&](AttrNumber number) {
    const FormData_pg_attribute* const column = TupleDescAttr(desc, number - 1);
    return column->attisdropped ? InvalidOid : column->atttypid;
  };
  if (source.key == 0 || source.at == 0 || std::max({source.key, source.at, source.kind}) > desc->natts)
    return false;
  // A cast would cut it off.
  if (model->key_typmod >= 0 && TupleDescAttr(desc, source.key - 1)->atttypmod != model->key_typmod)
    return false;
  const Oid key = type(source.key), at = type(source.at);
  if (key != model->key_type && !(width(key) > 0 && width(key) < width(model->key_type))) return false;
  // A timestamp is the same number as the timestamptz that it is in UTC.
  if (at != TIMESTAMPTZOID && at != TIMESTAMPOID) return false;
  if (source.constant_kind != nullptr) return true;
  return source.kind != 0 && (type(source.kind) == TEXTOID || type(source.kind) == VARCHAROID);
}

/// Takes in one activity.
void take_in(Intake& intake, DirectCache& cache, const Binding* binding, TupleTableSlot* slot, Micros now) {
  const DirectSource& source = binding->direct;
  BoundActivity& bound = *cache.bound;
  bool is_null;
  Datum key = slot_getattr(slot, source.key, &is_null);
  if (is_null) return;
  key =
      as_key(TupleDescAttr(slot->tts_tupleDescriptor, source.key - 1)->atttypid, intake.model->key_type, key);
  if (intake.key_length == -1 && is_too_long(key)) {
    ++intake.unusable;
    return;
  }
  std::string_view kind;
  if (source.constant_kind != nullptr) {
    kind = to_utf8(source.constant_kind);
  } else {
    const Datum value = slot_getattr(slot, source.kind, &is_null);
    if (is_null) {
      ++intake.unusable;
      return;
    }
    kind = to_utf8(DatumGetTextPP(value));
  }
  const TimestampTz at = DatumGetTimestampTz(slot_getattr(slot, source.at, &is_null));
  if (is_null || TIMESTAMP_NOT_FINITE(at)) {
    ++intake.unusable;
    return;
  }
  ActivityProgram& program = bound.program;
  const ActivityProgram::KindClass* kind_class = nullptr;
  guarded([&] { kind_class = program.classify(kind); });
  if (kind_class == nullptr) return;
  fetch_slot(*bound.reader, slot, &kind_class->fields, cache.activity.data());
  ExpandedEngagement* const object = find_lead_state(intake, key);
  guarded_change([&] {
    object->state.fingerprint = cache.rules->compiled.plan.fingerprint();
    ContextArena arena(*object);
    program.record(object->state, arena, *kind_class, at, cache.activity, now);
  });
}

void find_activity_program(DirectCache& cache, const RowType& type) {
  std::shared_ptr<BoundActivity>& bound = cache.bound;
  bound.reset();
  if (!find_activity(*cache.rules, &type, bound)) {
    bind_activity(*cache.rules, resolve_row(type, cache.rules->activity_fields), bound);
  }
  guarded([&] { cache.activity.resize(cache.rules->activity_fields.size()); });
}

/// Sees to the program for rows of this type, which the rule set keeps as the one used last. False where the
/// rules don't fit the type, or a row may not be readable.
bool prepare_activity(DirectCache& cache, const RowType& type) {
  const std::shared_ptr<BoundActivity>& bound = cache.bound;
  if ((bound == nullptr || row_type(*bound->reader) != type || !is_current(*bound->reader)) &&
      try_reading([&] { find_activity_program(cache, type); }) != nullptr)
    return false;
  return always_readable(*bound->reader);
}

}  // namespace

bool insert_directly(const Model* model, const Binding* binding, const TriggerData* data) {
  const TupleDesc desc = RelationGetDescr(data->tg_relation);
  if (RelationGetRelid(data->tg_relation) != binding->source || model->rebuilding ||
      !columns_fit(model, binding->direct, desc))
    return false;
  const Acting caller = take_role(model->owner);
  DirectLeads* const leads = open_leads(model);
  Intake intake;
  const RowType type{RowType::Form::row, desc->tdtypeid, -1};
  if (leads == nullptr || !prepare_activity(direct_cache(model), type) ||
      !start(intake, model, tuplestore_tuple_count(data->tg_newtable))) {
    if (leads != nullptr) close_leads(leads);
    give_back(caller);
    return false;
  }
  DirectCache& cache = direct_cache(model);

  const Micros now = GetCurrentTransactionStartTimestamp();
  const Size most = static_cast<Size>(maintenance_work_mem) * 1024;
  const MemoryContext each =
      AllocSetContextCreate(CurrentMemoryContext, "leadscore activity", ALLOCSET_SMALL_SIZES);
  TupleTableSlot* const slot = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
  Tuplestorestate* const rows = data->tg_newtable;
  tuplestore_select_read_pointer(rows, tuplestore_alloc_read_pointer(rows, EXEC_FLAG_REWIND));
  tuplestore_rescan(rows);
  int taken = 0;
  while (tuplestore_gettupleslot(rows, true, false, slot)) {
    CHECK_FOR_INTERRUPTS();
    const MemoryContext before = MemoryContextSwitchTo(each);
    take_in(intake, cache, binding, slot, now);
    MemoryContextSwitchTo(before);
    MemoryContextReset(each);
    // In batches that fit into memory: merging twice is as good as once.
    if (++taken % 1024 == 0 && MemoryContextMemAllocated(intake.states, true) > most) {
      hand_over(intake, leads);
      // A trigger on what was written there may have come back to this place with rows of another type.
      if (!prepare_activity(cache, type)) elog(ERROR, "rows of activities can't be read any more");
    }
  }
  ExecDropSingleTupleTableSlot(slot);
  if (intake.count > 0) hand_over(intake, leads);
  close_leads(leads);
  MemoryContextDelete(each);
  MemoryContextDelete(intake.context);
  if (intake.unusable > 0) {
    const Statements statements = begin_statements(model);
    if (SPI_register_trigger_data(const_cast<TriggerData*>(data)) != SPI_OK_TD_REGISTER)
      elog(ERROR, "could not register transition tables");
    const Changed changed{nullptr, transition_rows(binding, RelationGetRelid(data->tg_relation), kNewRows)};
    note_unusable(model, binding, changed, load_of(taken));
    end_statements(statements);
  }
  give_back(caller);
  return true;
}

}  // namespace leadscore
