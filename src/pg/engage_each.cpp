// engage_each: the states of all leads that a query of activities is about, in one pass over its rows.
//
// GROUP BY looks up each row's group, somewhere in the memory of all of them, and changes its state there.
// Here what rows do is written down and scattered over partitions by their leads, which writes memory in
// order; then each partition, which fits the processor's cache, is put in order of leads, and each lead's
// state is made at once. Rows beyond hash_mem wait in temporary files.
#include "pg/engage_each.hpp"

#include <unordered_map>

#include "core/engagement_codec.hpp"
#include "core/lead_groups.hpp"
#include "pg/effect_store.hpp"
#include "pg/encoding.hpp"
#include "pg/engagement_object.hpp"
#include "pg/guard.hpp"
#include "pg/ruleset_cache.hpp"
#include "pg/statement.hpp"
#include "pg/unusable.hpp"

namespace leadscore {
namespace {

enum Argument { kRules, kActivities, kAsOf };
/// Columns of the query, from 0; those after them are the activity's fields.
enum Column { kKey, kKind, kAt, kOwnColumns };

// Parts of the memory that a query may use for hashing.
constexpr Size kStorePart = 2, kBatchPart = 8, kKeptPart = 8;

/// A lead whose effects don't come all at once.
struct KeptLead {
  std::string key;                  ///< its bytes
  std::vector<std::uint8_t> state;  ///< flat, with its header
};

/// The parts that are C++.
struct EachCall {
  RulesetArgument rules;
  std::shared_ptr<BoundActivity> bound;
  std::vector<Value> row;
  LeadGroups groups;
  ScratchArena arena;
  EngagementWriter writer;
  Engagement state;
  std::unordered_multimap<std::uint64_t, KeptLead> kept;  ///< by tag
  Size kept_bytes = 0;
  bool kept_full = false;  ///< no further lead is kept: what was left out once is left out to the end
};

/// What receives the query's rows.
struct Receiver {
  DestReceiver base;
  FunctionCallInfo fcinfo;
  EachCall* call;
  TupleDesc result;
  EffectStore* store;
  MemoryContext each;  ///< of one row
  TupleTableSlot* fields;
  int16 key_length;
  bool key_by_value;
  bool has_as_of;
  TimestampTz now;
};

Receiver* receiver_of(DestReceiver* self) { return reinterpret_cast<Receiver*>(self); }

/// Is the type's equality that of its bytes? Some minor releases of the server say so of char, too, of which
/// blanks at the end don't count.
bool is_image_equal(Oid type, Oid collation) {
  if (getBaseType(type) == BPCHAROID) return false;
  const TypeCacheEntry* const entry = lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY);
  if (!OidIsValid(entry->btree_opf)) return false;
  const Oid function =
      get_opfamily_proc(entry->btree_opf, entry->btree_opintype, entry->btree_opintype, BTEQUALIMAGE_PROC);
  return OidIsValid(function) &&
         DatumGetBool(OidFunctionCall1Coll(function, collation, ObjectIdGetDatum(entry->btree_opintype)));
}

}  // namespace

bool can_engage_each(Oid type, Oid collation) {
  return get_typlen(type) >= -1 && is_image_equal(type, collation);
}

namespace {

void check_columns(TupleDesc rows, TupleDesc result) {
  if (rows->natts < kOwnColumns) {
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("the query of activities has %d columns", rows->natts),
                    errhint("Its columns are the lead's key, the kind, the time, and the fields that rules "
                            "read.")));
  }
  const auto type = [&](int column) { return TupleDescAttr(rows, column)->atttypid; };
  const FormData_pg_attribute* const key = TupleDescAttr(result, 0);
  if (type(kKey) != key->atttypid ||
      (key->atttypmod != -1 && key->atttypmod != TupleDescAttr(rows, kKey)->atttypmod)) {
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("the first column of the query of activities is of type %s, not %s",
                           format_type_with_typemod(type(kKey), TupleDescAttr(rows, kKey)->atttypmod),
                           format_type_with_typemod(key->atttypid, key->atttypmod)),
                    errhint("The first column of the result is that of the query: the lead's key.")));
  }
  const Oid kind = getBaseType(type(kKind));
  if (kind != TEXTOID && kind != VARCHAROID) {
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("the second column of the query of activities, the kind, is of type %s",
                           format_type_be(type(kKind))),
                    errhint("Cast it to text.")));
  }
  if (getBaseType(type(kAt)) != TIMESTAMPTZOID) {
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("the third column of the query of activities, the time, is of type %s",
                           format_type_be(type(kAt))),
                    errhint("Cast it to timestamptz.")));
  }
  if (!can_engage_each(key->atttypid, TupleDescAttr(rows, kKey)->attcollation)) {
    ereport(ERROR,
            (errcode(ERRCODE_DATATYPE_MISMATCH),
             errmsg("values of type %s can be equal without being the same", format_type_be(key->atttypid)),
             errhint("Use the aggregate leadscore.engage with GROUP BY, or cast the key to text.")));
  }
}

/// The fields as a row of their own.
TupleDesc describe_fields(TupleDesc rows) {
  const TupleDesc desc = CreateTemplateTupleDesc(rows->natts - kOwnColumns);
  for (int i = 0; i < desc->natts; ++i) {
    TupleDescCopyEntry(desc, static_cast<AttrNumber>(i + 1), rows,
                       static_cast<AttrNumber>(kOwnColumns + i + 1));
  }
  return BlessTupleDesc(desc);
}

void start(DestReceiver* self, int /*operation*/, TupleDesc rows) {
  Receiver* const to = receiver_of(self);
  EachCall& call = *to->call;
  if (to->fields != nullptr) {
    ereport(ERROR,
            (errcode(ERRCODE_SYNTAX_ERROR), errmsg("the query of activities is more than one statement")));
  }
  check_columns(rows, to->result);
  get_typlenbyval(TupleDescAttr(rows, kKey)->atttypid, &to->key_length, &to->key_by_value);
  const TupleDesc desc = describe_fields(rows);
  to->fields = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
  const RowType type{RowType::Form::row, desc->tdtypeid, desc->tdtypmod};
  find_activity(call.rules.entry(), &type, call.bound, call.row);
}

/// A value that is passed as such: what it is narrower than a Datum may be filled up in different ways.
Datum without_filling(Datum value, int16 length) {
  switch (length) {
    case sizeof(char):
      return CharGetDatum(DatumGetChar(value));
    case sizeof(int16):
      return Int16GetDatum(DatumGetInt16(value));
    case sizeof(int32):
      return Int32GetDatum(DatumGetInt32(value));
    default:
      return value;
  }
}

/// The lead's key; its bytes are in the row or in the current memory context.
LeadKey read_key(const Receiver* to, Datum value) {
  if (to->key_by_value) return {without_filling(value, to->key_length)};
  const char* data = DatumGetPointer(value);
  auto size = static_cast<Size>(to->key_length);
  if (to->key_length == -1) {
    const varlena* const flat = PG_DETOAST_DATUM_PACKED(value);
    data = VARDATA_ANY(flat);
    size = VARSIZE_ANY_EXHDR(flat);
  }
  return key_of_bytes({reinterpret_cast<const std::uint8_t*>(data), size});
}

/// Reads the fields `wanted`, which lie behind the columns of our own.
void read_fields(Receiver* to, TupleTableSlot* slot, const std::vector<std::uint32_t>& wanted) {
  slot_getallattrs(slot);
  ExecClearTuple(to->fields);
  const auto count = static_cast<Size>(to->fields->tts_tupleDescriptor->natts);
  std::memcpy(to->fields->tts_values, slot->tts_values + kOwnColumns, count * sizeof(Datum));
  std::memcpy(to->fields->tts_isnull, slot->tts_isnull + kOwnColumns, count * sizeof(bool));
  ExecStoreVirtualTuple(to->fields);
  fetch_slot(*to->call->bound->reader, to->fields, &wanted, to->call->row.data());
}

void put_row(Receiver* to, TupleTableSlot* slot) {
  EachCall& call = *to->call;
  slot_getsomeattrs(slot, kOwnColumns);
  const Datum* const values = slot->tts_values;
  const bool* const nulls = slot->tts_isnull;
  if (nulls[kKey]) return;
  if (nulls[kKind] || nulls[kAt] || TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(values[kAt]))) {
    ++unusable_activities;
    return;
  }
  const TimestampTz at = DatumGetTimestampTz(values[kAt]);
  if (to->has_as_of && at > to->now) return;
  const std::string_view kind = to_utf8(DatumGetTextPP(values[kKind]));
  ActivityProgram& program = call.bound->program;
  const ActivityProgram::KindClass* kind_class = nullptr;
  std::span<const Effect> effects;
  guarded([&] {
    kind_class = program.classify(kind);
    if (kind_class != nullptr && kind_class->fields.empty())
      effects = program.effects(*kind_class, at, call.row);
  });
  if (kind_class == nullptr) return;
  if (!kind_class->fields.empty()) {
    read_fields(to, slot, kind_class->fields);
    guarded([&] { effects = program.effects(*kind_class, at, call.row); });
  }
  const LeadKey key = read_key(to, values[kKey]);
  for (const Effect& effect : effects) put_effect(to->store, key, effect);
}

/// Runs `body` in memory that is given back after it. May longjmp.
template <class Body>
void for_one(const Receiver* to, const Body& body) {
  static_assert(std::is_trivially_destructible_v<Body>);
  CHECK_FOR_INTERRUPTS();
  const MemoryContext before = MemoryContextSwitchTo(to->each);
  body();
  MemoryContextSwitchTo(before);
  MemoryContextReset(to->each);
}

bool receive(TupleTableSlot* slot, DestReceiver* self) {
  Receiver* const to = receiver_of(self);
  for_one(to, [&] { put_row(to, slot); });
  return true;
}

void shut_down(DestReceiver* /*self*/) {}

/// The lead's key as a value of its type.
Datum key_datum(const Receiver* to, const LeadKey& key) {
  if (to->key_by_value) return static_cast<Datum>(key.tag);
  if (to->key_length != -1) return PointerGetDatum(key.bytes.data());
  return PointerGetDatum(cstring_to_text_with_len(reinterpret_cast<const char*>(key.bytes.data()),
                                                  static_cast<int>(key.bytes.size())));
}

void emit(Receiver* to, const LeadKey& key, Datum state) {
  const auto* const result = reinterpret_cast<const ReturnSetInfo*>(to->fcinfo->resultinfo);
  Datum values[] = {key_datum(to, key), state};
  bool nulls[] = {false, false};
  tuplestore_putvalues(result->setResult, to->result, values, nulls);
}

/// Folds a lead's records into the call's state, from its beginning or from what is `kept` of it.
void fold(Receiver* to, std::size_t lead, const KeptLead* kept) {
  EachCall& call = *to->call;
  const EngagementPlan& plan = call.rules.entry().compiled.plan;
  guarded([&] {
    call.arena.clear();
    call.state = kept == nullptr ? call.bound->program.start()
                                 : decode(std::span(kept->state).subspan(VARHDRSZ), call.arena);
    for (const std::uint64_t* const record : call.groups.records(lead))
      plan.fold(call.writer, call.state, call.arena, EffectRecord(record).effect(), to->now);
  });
}

void group(EachCall& call, EffectBlock* blocks) {
  guarded([&] {
    call.groups.clear();
    for (EffectBlock* block = blocks; block != nullptr; block = block->next)
      call.groups.add({block->words(), block->used});
    call.groups.arrange();
  });
}

/// All of a partition at once.
void finish_leads(Receiver* to) {
  EachCall& call = *to->call;
  for (std::size_t lead = 0; lead < call.groups.size(); ++lead) {
    for_one(to, [&] {
      fold(to, lead, nullptr);
      emit(to, call.groups.key(lead), PointerGetDatum(flat_engagement(call.state, call.arena)));
    });
  }
}

LeadKey key_of(const std::pair<const std::uint64_t, KeptLead>& kept) {
  const std::string& bytes = kept.second.key;
  return {kept.first, {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}};
}

/// Keeps a lead's state until the rest of its partition has come. False: there is no room.
bool keep_lead(Receiver* to, std::size_t lead, Size most) {
  EachCall& call = *to->call;
  const LeadKey key = call.groups.key(lead);
  KeptLead* found = nullptr;
  const auto [begin, end] = call.kept.equal_range(key.tag);
  for (auto at = begin; at != end; ++at) {
    if (key_of(*at) == key) found = &at->second;
  }
  call.kept_full = call.kept_full || call.kept_bytes >= most;
  if (found == nullptr && call.kept_full) return false;
  fold(to, lead, found);
  const bytea* const flat = flat_engagement(call.state, call.arena);
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(flat);
  const Size size = VARSIZE(flat);
  guarded_change([&] {
    if (found == nullptr) {
      KeptLead fresh{{reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()}, {}};
      call.kept_bytes += sizeof(fresh) + key.bytes.size();
      found = &call.kept.emplace(key.tag, std::move(fresh))->second;
    }
    call.kept_bytes += size - found->state.size();
    found->state.assign(bytes, bytes + size);
  });
  return true;
}

void finish_partitions(Receiver* to, EffectStore* store, Size memory, int level);

/// A partition that is too large, in batches: leads for which there is room are kept, and what comes of
/// others is divided once more.
void finish_in_batches(Receiver* to, EffectStore* store, int partition, EffectBlock* blocks, Size memory,
                       int level) {
  EachCall& call = *to->call;
  EffectStore* rest = nullptr;
  // Leads that share all bits of their tags can't be divided.
  const Size most = level < kMostLevels ? memory / kKeptPart : SIZE_MAX;
  for (bool more = true; blocks != nullptr;) {
    group(call, blocks);
    for (std::size_t lead = 0; lead < call.groups.size(); ++lead) {
      bool kept = false;
      for_one(to, [&] { kept = keep_lead(to, lead, most); });
      if (kept) continue;
      if (rest == nullptr) rest = begin_effects(memory / kStorePart, level + 1);
      for (const std::uint64_t* const record : call.groups.records(lead))
        put_effect(rest, EffectRecord(record).key(), EffectRecord(record).effect());
    }
    give_back_blocks(store, blocks);
    blocks = more ? take_blocks(store, partition, memory / kBatchPart, &more) : nullptr;
  }
  for (const auto& kept : call.kept) {
    for_one(to, [&] { emit(to, key_of(kept), PointerGetDatum(kept.second.state.data())); });
  }
  guarded_change([&] {
    call.kept.clear();
    call.kept_bytes = 0;
    call.kept_full = false;
  });
  if (rest == nullptr) return;
  finish_partitions(to, rest, memory / 2, level + 1);
  end_effects(rest);
}

void finish_partitions(Receiver* to, EffectStore* store, Size memory, int level) {
  for (int i = 0; i < partition_count(store); ++i) {
    CHECK_FOR_INTERRUPTS();
    bool more = false;
    EffectBlock* const blocks = take_blocks(store, i, memory / kBatchPart, &more);
    if (blocks == nullptr) continue;
    if (more) {
      finish_in_batches(to, store, i, blocks, memory, level);
      continue;
    }
    group(*to->call, blocks);
    finish_leads(to);
    give_back_blocks(store, blocks);
  }
}

void check_result(const ReturnSetInfo* result) {
  const TupleDesc desc = result->setDesc;
  if (desc->natts == 2 && TupleDescAttr(desc, 1)->atttypid == engagement_type()) return;
  ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH), errmsg("engage_each gives a key and an engagement"),
                  errhint("Say so where it is called: FROM leadscore.engage_each(…) AS e (lead_id bigint, "
                          "state leadscore.engagement).")));
}

}  // namespace

/// engage_each(rules, activities [, as_of]) -> (key, engagement) for each lead
LEADSCORE_FUNCTION(engage_each) {
  const char* const activities = text_to_cstring(PG_GETARG_TEXT_PP(kActivities));
  InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
  auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  check_result(result);
  EachCall& call = call_state<EachCall>(fcinfo);
  call.rules.read(fcinfo, kRules);

  const Size memory = get_hash_memory_limit();
  Receiver receiver{};
  receiver.base = {receive, start, shut_down, shut_down, DestNone};
  receiver.fcinfo = fcinfo;
  receiver.call = &call;
  receiver.result = result->setDesc;
  receiver.has_as_of = PG_NARGS() > kAsOf;
  receiver.now = receiver.has_as_of ? PG_GETARG_TIMESTAMPTZ(kAsOf) : GetCurrentTransactionStartTimestamp();
  receiver.each = AllocSetContextCreate(CurrentMemoryContext, "leadscore activity", ALLOCSET_SMALL_SIZES);
  receiver.store = begin_effects(memory / kStorePart, 0);
  SPI_connect();
  receive_rows(activities, &receiver.base);
  SPI_finish();
  finish_partitions(&receiver, receiver.store, memory, 0);
  end_effects(receiver.store);
  PG_RETURN_NULL();
}

}  // namespace leadscore
