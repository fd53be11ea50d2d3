// The direct way, first part: from the rows of a transition table to what they do to which lead.
#include "pg/careful.hpp"
#include "pg/direct.hpp"
#include "pg/encoding.hpp"
#include "pg/guard.hpp"
#include "pg/key_cast.hpp"
#include "pg/reading.hpp"
#include "pg/ruleset_cache.hpp"

namespace leadscore {
namespace {

/// So many effects are kept at most, also where there is memory for more: by then most leads of a batch have
/// come more than once.
constexpr Size kMostKept = Size{1} << 21;
constexpr Size kLeastKept = 1024;

/// Effects taken in so far. They are kept as they come and sorted by lead at the end, which asks less of the
/// processor's caches than a table of leads does.
struct Intake {
  const Model* model;
  MemoryContext context;  ///< of everything below
  MemoryContext keys;     ///< of keys passed by reference
  int16 key_length;
  bool key_by_value;
  bool key_is_integer;
  Addition* additions;
  Effect* effects;
  Size count, room, most;
  int unusable;  ///< activities without a kind or a finite time, or with too long a key
};

/// `rows`: so many activities will come.
void start(Intake& intake, const Model* model, int64 rows) {
  intake.model = model;
  intake.context = AllocSetContextCreate(CurrentMemoryContext, "leadscore intake", ALLOCSET_DEFAULT_SIZES);
  intake.keys = AllocSetContextCreate(intake.context, "leadscore keys", ALLOCSET_DEFAULT_SIZES);
  get_typlenbyval(model->key_type, &intake.key_length, &intake.key_by_value);
  intake.key_is_integer =
      model->key_type == INT2OID || model->key_type == INT4OID || model->key_type == INT8OID;
  intake.most =
      std::clamp(static_cast<Size>(maintenance_work_mem) * 1024 / (sizeof(Addition) + sizeof(Effect)),
                 kLeastKept, kMostKept);
  intake.room = std::clamp(static_cast<Size>(rows), Size{16}, intake.most);
  intake.count = 0;
  intake.unusable = 0;
  intake.additions =
      static_cast<Addition*>(MemoryContextAllocHuge(intake.context, sizeof(Addition) * intake.room));
  intake.effects = static_cast<Effect*>(MemoryContextAllocHuge(intake.context, sizeof(Effect) * intake.room));
}

void keep(Intake& intake, Datum key, std::span<const Effect> effects) {
  if (effects.empty()) return;
  if (intake.count + effects.size() > intake.room) {
    intake.room = std::max(intake.room * 2, intake.count + effects.size());
    intake.additions =
        static_cast<Addition*>(repalloc_huge(intake.additions, sizeof(Addition) * intake.room));
    intake.effects = static_cast<Effect*>(repalloc_huge(intake.effects, sizeof(Effect) * intake.room));
  }
  if (!intake.key_by_value) {
    const MemoryContext before = MemoryContextSwitchTo(intake.keys);
    key = datumCopy(key, false, intake.key_length);
    MemoryContextSwitchTo(before);
  }
  for (const Effect& effect : effects) {
    intake.additions[intake.count] = {key, static_cast<uint32>(intake.count)};
    intake.effects[intake.count] = effect;
    ++intake.count;
  }
}

bool is_full(const Intake& intake) {
  return intake.count >= intake.most ||
         MemoryContextMemAllocated(intake.keys, false) > static_cast<Size>(maintenance_work_mem) * 1024;
}

int width(Oid type) { return type == INT2OID ? 2 : type == INT4OID ? 4 : type == INT8OID ? 8 : 0; }

/// A value of the source's key as one of the model's, which is as wide an integer or wider where the types
/// differ.
Datum as_key(Oid from, Oid to, Datum value) {
  if (from == to) return value;
  const int32 number = from == INT2OID ? DatumGetInt16(value) : DatumGetInt32(value);
  // The same where a Datum has 64 bits, which is not said anywhere.
  return to == INT8OID ? Int64GetDatum(number) : Int32GetDatum(number);  // NOLINT(bugprone-branch-clone)
}

/// In runs, which are merged: a cancelled statement must not wait for all of it.
void sort_integers(Addition* begin, Addition* end) {
  constexpr std::ptrdiff_t kRun = 1 << 18;
  // Narrow integers are signed as wide ones in a Datum.
  const auto before = [](const Addition& a, const Addition& b) {
    return a.key != b.key ? static_cast<int64>(a.key) < static_cast<int64>(b.key) : a.effect < b.effect;
  };
  const auto at = [&](std::ptrdiff_t offset) { return begin + std::min(offset, end - begin); };
  for (std::ptrdiff_t i = 0; i < end - begin; i += kRun) {
    CHECK_FOR_INTERRUPTS();
    std::sort(at(i), at(i + kRun), before);
  }
  for (std::ptrdiff_t run = kRun; run < end - begin; run *= 2) {
    for (std::ptrdiff_t i = 0; i + run < end - begin; i += 2 * run) {
      CHECK_FOR_INTERRUPTS();
      std::inplace_merge(at(i), at(i + run), at(i + 2 * run), before);
    }
  }
}

/// By key, and by arrival for each key.
void sort(Intake& intake, DirectLeads* leads) {
  if (intake.key_is_integer) {
    sort_integers(intake.additions, intake.additions + intake.count);
    return;
  }
  qsort_arg(
      intake.additions, intake.count, sizeof(Addition),
      [](const void* left, const void* right, void* order) {
        const Addition& a = *static_cast<const Addition*>(left);
        const Addition& b = *static_cast<const Addition*>(right);
        CHECK_FOR_INTERRUPTS();
        const int compared = compare_keys(static_cast<const DirectLeads*>(order), a.key, b.key);
        return compared != 0 ? compared : a.effect < b.effect ? -1 : 1;
      },
      leads);
}

/// What has been taken in so far becomes part of the leads.
void hand_over(Intake& intake, DirectLeads* leads) {
  sort(intake, leads);
  apply_additions(leads, {intake.additions, intake.effects, static_cast<int>(intake.count)});
  MemoryContextReset(intake.keys);
  intake.count = 0;
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
void take_in(Intake& intake, DirectCache& cache, const Binding* binding, TupleTableSlot* slot) {
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
  std::span<const Effect> effects;
  guarded([&] { effects = program.effects(*kind_class, at, cache.activity); });
  keep(intake, key, effects);
}

/// Sees to the program for rows of this type, which the rule set keeps as the one used last. False where the
/// rules don't fit the type, or a row may not be readable.
bool prepare_activity(DirectCache& cache, const RowType& type) {
  const std::shared_ptr<BoundActivity>& bound = cache.bound;
  if ((bound == nullptr || row_type(*bound->reader) != type || !is_current(*bound->reader)) &&
      try_reading([&] { find_activity(*cache.rules, &type, cache.bound, cache.activity); }) != nullptr)
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
  if (leads == nullptr || !prepare_activity(direct_cache(model), type)) {
    if (leads != nullptr) close_leads(leads);
    give_back(caller);
    return false;
  }
  DirectCache& cache = direct_cache(model);

  start(intake, model, tuplestore_tuple_count(data->tg_newtable));
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
    take_in(intake, cache, binding, slot);
    MemoryContextSwitchTo(before);
    MemoryContextReset(each);
    ++taken;
    // In batches that fit into memory: merging twice is as good as once.
    if (is_full(intake)) {
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
