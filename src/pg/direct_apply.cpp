// The direct way, second part: the rows of state of leads with new activities.
#include "pg/careful.hpp"
#include "pg/direct_moves.hpp"
#include "pg/encoding.hpp"
#include "pg/float_array.hpp"
#include "pg/guard.hpp"
#include "pg/settlement.hpp"
#include "pg/text_array.hpp"

namespace leadscore {
namespace {

/// So many leads are left to a statement each; all that come after them to one.
constexpr int kMostLeft = 32;

/// From so many effects on leads are looked up in order; and so many entries are stepped over before the
/// index is searched again.
constexpr int kManyEffects = 256;
constexpr int kMostSteps = 24;

/// A page of rows of state is pruned when less of it is free. The server prunes as soon as what is free is
/// less than fillfactor leaves, here half: at nearly every visit of a page that has been written to.
constexpr Size kShortOfRoom = BLCKSZ / 4;

void take_snapshot(DirectLeads* leads) {
  CommandCounterIncrement();
  leads->snapshot = RegisterSnapshot(GetLatestSnapshot());
  PushActiveSnapshot(leads->snapshot);
  AcceptInvalidationMessages();
}

void begin_scan(const DirectLeads* leads, Keyed& keyed) {
  if (keyed.index == nullptr) keyed.index = index_open(keyed.index_id, keyed.lock);
#if PG_VERSION_NUM >= 180000
  keyed.scan = index_beginscan(keyed.table, keyed.index, leads->snapshot, nullptr, 1, 0);
#else
  keyed.scan = index_beginscan(keyed.table, keyed.index, leads->snapshot, 1, 0);
#endif
  // Of some types an index holds something else than the value itself, and some stand in descending order.
  keyed.in_order = leads->many && (keyed.index->rd_indoption[0] & INDOPTION_DESC) == 0 &&
                   TupleDescAttr(RelationGetDescr(keyed.index), 0)->atttypid == leads->model->key_type;
  keyed.scan->xs_want_itup = keyed.in_order;
  keyed.positioned = keyed.exhausted = false;
}

void end_scans(DirectLeads* leads) {
  for (Keyed* const keyed : {&leads->state, &leads->leads}) {
    ExecClearTuple(keyed->slot);
    if (keyed->scan != nullptr) index_endscan(keyed->scan);
    keyed->scan = nullptr;
  }
  PopActiveSnapshot();
  UnregisterSnapshot(leads->snapshot);
}

void search(DirectLeads* leads, Keyed& keyed, Datum key, StrategyNumber strategy) {
  const DirectCache& cache = *leads->cache;
  ScanKeyData scan_key = strategy == BTEqualStrategyNumber ? cache.equal : cache.not_less;
  scan_key.sk_argument = key;
  // What a comparison keeps for its next call goes with the scan.
  scan_key.sk_func.fn_mcxt = CurrentMemoryContext;
  index_rescan(keyed.scan, &scan_key, 1, nullptr, 0);
}

/// The next entry of the index; false at its end.
bool step(Keyed& keyed) {
  keyed.positioned = index_getnext_tid(keyed.scan, ForwardScanDirection) != nullptr;
  keyed.exhausted = !keyed.positioned;
  if (keyed.exhausted) return false;
  bool is_null;
  keyed.at = index_getattr(keyed.scan->xs_itup, 1, keyed.scan->xs_itupdesc, &is_null);
  return true;
}

/// The version of the row that the snapshot sees, of those that the entry stands for.
bool fetch(const DirectLeads* leads, Keyed& keyed) {
  if (&keyed == &leads->state) {
    // Who finds the page there already does not prune it.
    auto* const heap = reinterpret_cast<IndexFetchHeapData*>(keyed.scan->xs_heapfetch);
    const Buffer buffer =
        ReleaseAndReadBuffer(heap->xs_cbuf, keyed.table, ItemPointerGetBlockNumber(&keyed.scan->xs_heaptid));
    if (buffer != heap->xs_cbuf) {
      const Page page = BufferGetPage(buffer);
      // Looked at without a lock: at worst the page is pruned sooner or later.
      if (PageIsFull(page) || PageGetHeapFreeSpace(page) < kShortOfRoom)
        heap_page_prune_opt(keyed.table, buffer);
    }
    heap->xs_cbuf = buffer;
  }
  return index_fetch_heap(keyed.scan, keyed.slot);
}

/// Like a merge join's inner side: most keys are a few entries on from the one before, and a search from the
/// root costs as much as many steps.
bool find_in_order(DirectLeads* leads, Keyed& keyed, Datum key) {
  if (keyed.exhausted) return false;
  int steps = 0;
  while (!keyed.positioned || compare_keys(leads, keyed.at, key) < 0) {
    if (!keyed.positioned || ++steps > kMostSteps) search(leads, keyed, key, BTGreaterEqualStrategyNumber);
    if (!step(keyed)) return false;
  }
  // Entries of older versions of the row may stand beside it.
  while (compare_keys(leads, keyed.at, key) == 0) {
    if (fetch(leads, keyed)) return true;
    if (!step(keyed)) return false;
  }
  return false;
}

bool find_row(DirectLeads* leads, Keyed& keyed, Datum key) {
  // What the scan notes of dead rows must live as long as the scan, longer than the lead at hand.
  const MemoryContext before = MemoryContextSwitchTo(GetMemoryChunkContext(leads));
  if (keyed.scan == nullptr) begin_scan(leads, keyed);
  bool found = false;
  if (keyed.in_order) {
    found = find_in_order(leads, keyed, key);
  } else {
    search(leads, keyed, key, BTEqualStrategyNumber);
    while (!found && index_getnext_tid(keyed.scan, ForwardScanDirection) != nullptr)
      found = fetch(leads, keyed);
  }
  MemoryContextSwitchTo(before);
  return found;
}

Datum state_value(const DirectLeads* leads, Column column, bool* is_null) {
  return slot_getattr(leads->state.slot, static_cast<AttrNumber>(column + 1), is_null);
}

/// What was there before, as an engagement; its bytes live as long as the lead is at hand.
EngagementArgument engagement_before(const DirectLeads* leads) {
  bool is_null;
  const Datum value = state_value(leads, kEngagement, &is_null);
  EngagementArgument argument;
  if (is_null) return argument;
  const varlena* const flat = PG_DETOAST_DATUM_PACKED(value);
  argument.bytes = reinterpret_cast<const std::uint8_t*>(VARDATA_ANY(flat));
  argument.size = VARSIZE_ANY_EXHDR(flat);
  return argument;
}

bool same_tier(const DirectLeads* leads, const text* tier) {
  bool is_null;
  const Datum before = state_value(leads, kTier, &is_null);
  if (is_null || tier == nullptr) return is_null == (tier == nullptr);
  const text* const earlier = DatumGetTextPP(before);
  return VARSIZE_ANY_EXHDR(earlier) == VARSIZE_ANY_EXHDR(tier) &&
         std::memcmp(VARDATA_ANY(earlier), VARDATA_ANY(tier), VARSIZE_ANY_EXHDR(tier)) == 0;
}

/// The lead's tier is another one now.
void note_move(DirectLeads* leads, Datum key, const text* tier, const EngagementArgument& before,
               bool has_lead) {
  Settlement& lead = leads->cache->lead;
  RulesetEntry& entry = *leads->cache->rules;
  Datum values[kMoveColumns] = {};
  bool nulls[kMoveColumns] = {};
  values[kMoveKey] = key;
  values[kTierBefore] = state_value(leads, kTier, &nulls[kTierBefore]);
  values[kTotalBefore] = state_value(leads, kTotal, &nulls[kTotalBefore]);
  values[kTierNow] = PointerGetDatum(tier);
  nulls[kTierNow] = tier == nullptr;
  values[kTotalNow] = has_lead ? Float8GetDatum(lead.score.evaluation.total) : 0;
  nulls[kTotalNow] = !has_lead;
  nulls[kRules] = !has_lead;
  if (has_lead) {
    const bool never = nulls[kTotalBefore];
    bool is_null;
    const Datum scored_at = state_value(leads, kScoredAt, &is_null);
    lead.explained.bind(entry, Purpose::explain, leads->lead_type, leads->leads.slot);
    if (!never) lead.explained_before.bind(entry, Purpose::explain, leads->lead_type, leads->leads.slot);
    guarded([&] {
      lead.find_moved(entry.compiled.rules, never ? nullptr : &entry.compiled, &before,
                      never ? 0 : DatumGetTimestampTz(scored_at));
    });
    values[kRules] = text_array(lead.moved);
  }
  values[kAt] = TimestampTzGetDatum(lead.as_of);
  keep_move(leads, values, nulls);
}

/// When the tier was to change, as far as was known before; kInfinity: never, or nothing is known.
Micros next_change_before(const DirectLeads* leads) {
  bool is_null;
  const Micros stored = DatumGetTimestampTz(state_value(leads, kNextChangeAt, &is_null));
  return is_null ? kInfinity : stored;
}

void open_indexes(DirectLeads* leads) {
  if (leads->indexes != nullptr) return;
  // Not in the memory of the lead at hand.
  const MemoryContext before = MemoryContextSwitchTo(GetMemoryChunkContext(leads));
  leads->estate = CreateExecutorState();
  leads->indexes = makeNode(ResultRelInfo);
  // No range table: nothing is asked of permissions or of which columns a statement names.
  InitResultRelInfo(leads->indexes, leads->state.table, 0, nullptr, 0);
  ExecOpenIndices(leads->indexes, false);
  MemoryContextSwitchTo(before);
}

/// Is there such a lead? Its row is looked up where the rules read it. Where they don't, a row of state that
/// was scored tells: who deletes a lead sees to that before committing. Unless the lead could not be scored
/// then: such rows are left for the clock to try again within kTryAgain.
bool find_lead(DirectLeads* leads, Datum key, Micros clock) {
  if (!leads->cache->reads_lead && next_change_before(leads) > clock + kTryAgain) {
    bool never;
    (void)state_value(leads, kTotal, &never);
    if (!never) return true;
  }
  return find_row(leads, leads->leads, key);
}

/// Does the transaction see the row of state that it is about to change? See live.hpp.
bool is_seen(const DirectLeads* leads) {
  if (!IsolationUsesXactSnapshot()) return true;
  const auto* const slot = reinterpret_cast<const BufferHeapTupleTableSlot*>(leads->state.slot);
  const TransactionId writer = HeapTupleHeaderGetXmin(slot->base.tuple->t_data);
  return !TransactionIdIsNormal(writer) || TransactionIdIsCurrentTransactionId(writer) ||
         !XidInMVCCSnapshot(writer, GetTransactionSnapshot());
}

/// The effects of one lead's activities.
struct Own {
  Datum key;
  const Addition *begin, *end;
};

Own next_lead(const DirectLeads* leads, const Additions& additions, const Addition* begin) {
  const Addition* const all = additions.list + additions.count;
  const Addition* end = begin + 1;
  while (end < all && compare_keys(leads, begin->key, end->key) == 0) ++end;
  return {begin->key, begin, end};
}

/// Folds them into the state of the lead at hand. May throw.
void fold(DirectLeads* leads, const Effect* effects, const Own& own, Micros clock) {
  const EngagementPlan& plan = leads->cache->rules->compiled.plan;
  for (const Addition* addition = own.begin; addition != own.end; ++addition)
    leads->cache->lead.fold(plan, effects[addition->effect], clock);
}

enum class Fate : char {
  written,
  left,    ///< to statements
  changed  ///< since it was read
};

/// The row of state of this lead as it was found becomes what it is with what is added.
Fate settle_row(DirectLeads* leads, const Own& own, const Effect* effects) {
  if (!find_row(leads, leads->state, own.key)) return Fate::left;
  if (!is_seen(leads)) fail_unseen();
  // Which rules moved most is a question of two rule sets where the row is of an earlier version.
  bool is_null;
  if (DatumGetInt32(state_value(leads, kVersion, &is_null)) != leads->model->version) return Fate::left;
  const Micros clock = GetCurrentTimestamp();
  const bool has_lead = find_lead(leads, own.key, clock);
  // The table of leads may have got a child meanwhile, which statements look into.
  if (!has_lead && has_subclass(leads->model->lead)) return Fate::left;
  Settlement& lead = leads->cache->lead;
  RulesetEntry& entry = *leads->cache->rules;
  const EngagementArgument before = engagement_before(leads);
  if (has_lead) lead.score.bind(entry, Purpose::score, leads->lead_type, leads->leads.slot);
  const Micros change_before = next_change_before(leads);
  Micros next_change = kInfinity;
  guarded([&] {
    lead.merge(entry.compiled.plan, &before, nullptr);
    fold(leads, effects, own, clock);
    lead.choose_time(clock);
    if (has_lead) next_change = lead.evaluate(change_before);
  });
  // One that is still to come and not too late stays: see write_settled().
  if (change_before > lead.as_of && change_before <= next_change) next_change = change_before;

  const TupleDesc desc = RelationGetDescr(leads->state.table);
  slot_getallattrs(leads->state.slot);
  ExecClearTuple(leads->written);
  Datum* const values = leads->written->tts_values;
  bool* const nulls = leads->written->tts_isnull;
  std::memcpy(values, leads->state.slot->tts_values, sizeof(Datum) * static_cast<Size>(desc->natts));
  std::memcpy(nulls, leads->state.slot->tts_isnull, sizeof(bool) * static_cast<Size>(desc->natts));
  const auto put = [&](Column column, bool none, Datum value) {
    values[column] = value;
    nulls[column] = none;
  };
  const Evaluation& made = lead.score.evaluation;
  const text* tier = nullptr;
  if (has_lead) {
    if (const auto name = made.tier_name(entry.compiled.rules)) tier = to_server_text(*name);
  }
  const bool has_grade = has_lead && made.has_grade;
  put(kEngagement, false, PointerGetDatum(flat_engagement(lead.now, lead.arena)));
  put(kTotal, !has_lead, has_lead ? Float8GetDatum(made.total) : 0);
  put(kTier, tier == nullptr, PointerGetDatum(tier));
  put(kGrade, !has_grade, has_grade ? PointerGetDatum(to_server_text(made.grade)) : 0);
  put(kDisqualified, !has_lead, has_lead ? BoolGetDatum(made.disqualified) : 0);
  put(kDimensions, !has_lead, has_lead ? float_array(made.dimensions) : 0);
  put(kScoredAt, false, TimestampTzGetDatum(lead.as_of));
  put(kNextChangeAt, false, TimestampTzGetDatum(next_change));
  put(kVersion, false, Int32GetDatum(leads->model->version));
  ExecStoreVirtualTuple(leads->written);

  TM_FailureData failure;
  LockTupleMode lock;
#if PG_VERSION_NUM >= 160000
  TU_UpdateIndexes indexes = TU_None;
#else
  bool indexes = false;
#endif
  const TM_Result result = table_tuple_update(leads->state.table, &leads->state.slot->tts_tid, leads->written,
                                              GetCurrentCommandId(true), leads->snapshot, InvalidSnapshot,
                                              true, &failure, &lock, &indexes);
  if (result == TM_Updated || result == TM_Deleted) return Fate::changed;
  if (result != TM_Ok)
    elog(ERROR, "unexpected result of updating a row of state: %d", static_cast<int>(result));
  if (!same_tier(leads, tier)) note_move(leads, own.key, tier, before, has_lead);
#if PG_VERSION_NUM >= 160000
  if (indexes != TU_None) {
    open_indexes(leads);
    ExecInsertIndexTuples(leads->indexes, leads->written, leads->estate, true, false, nullptr, NIL,
                          indexes == TU_Summarizing);
  }
#else
  if (indexes) {
    open_indexes(leads);
    ExecInsertIndexTuples(leads->indexes, leads->written, leads->estate, true, false, nullptr, NIL);
  }
#endif
  return Fate::written;
}

/// Leaves these leads to statements, which make what is missing.
void apply_by_statement(DirectLeads* leads, const Additions& additions, const Addition* begin,
                        const Addition* end) {
  const TupleDesc desc = CreateTemplateTupleDesc(3);
  TupleDescInitEntry(desc, 1, "key", leads->model->key_type, -1, 0);
  TupleDescInitEntryCollation(desc, 1, leads->model->key_collation);
  TupleDescInitEntry(desc, 2, "added", engagement_type(), -1, 0);
  TupleDescInitEntry(desc, 3, "lead_before", get_rel_type_id(leads->model->lead), -1, 0);
  Rows touched{kTouched, desc, tuplestore_begin_heap(false, false, work_mem), 0};
  Settlement& lead = leads->cache->lead;
  while (begin < end) {
    CHECK_FOR_INTERRUPTS();
    const MemoryContext before = MemoryContextSwitchTo(leads->each);
    const Own own = next_lead(leads, additions, begin);
    guarded([&] {
      lead.merge(leads->cache->rules->compiled.plan, nullptr, nullptr);
      fold(leads, additions.effects, own, GetCurrentTransactionStartTimestamp());
    });
    Datum values[] = {own.key, PointerGetDatum(flat_engagement(lead.now, lead.arena)), 0};
    bool nulls[] = {false, false, true};
    tuplestore_putvalues(touched.store, desc, values, nulls);
    MemoryContextSwitchTo(before);
    MemoryContextReset(leads->each);
    ++touched.count;
    begin = own.end;
  }
  const Statements statements = begin_statements(leads->model);
  refresh_touched(leads->model, touched, Refresh::merge, "activity");
  end_statements(statements);
  tuplestore_end(touched.store);
}

}  // namespace

void apply_additions(DirectLeads* leads, const Additions& additions) {
  // In the order of keys the effects lie anywhere in memory: they are asked for some ahead.
  constexpr int kAhead = 16;
  const Addition* const all = additions.list + additions.count;
  int left = 0;
  leads->many = additions.count >= kManyEffects;
  take_snapshot(leads);
  for (const Addition* at = additions.list; at < all;) {
    CHECK_FOR_INTERRUPTS();
    const Own own = next_lead(leads, additions, at);
    for (const Addition* next = own.begin + kAhead; next < std::min(own.end + kAhead, all); ++next)
      __builtin_prefetch(&additions.effects[next->effect]);
    const MemoryContext before = MemoryContextSwitchTo(leads->each);
    Fate outcome = settle_row(leads, own, additions.effects);
    while (outcome == Fate::changed) {
      CHECK_FOR_INTERRUPTS();
      MemoryContextSwitchTo(before);
      end_scans(leads);
      take_snapshot(leads);
      MemoryContextSwitchTo(leads->each);
      outcome = settle_row(leads, own, additions.effects);
    }
    MemoryContextSwitchTo(before);
    MemoryContextReset(leads->each);
    if (leads->estate != nullptr) ResetPerTupleExprContext(leads->estate);
    at = own.end;
    if (outcome == Fate::written) continue;
    // Statements see what has been written so far, and go on in the order of keys.
    end_scans(leads);
    const bool rest = ++left > kMostLeft;
    if (rest) at = all;
    apply_by_statement(leads, additions, own.begin, at);
    take_snapshot(leads);
  }
  end_scans(leads);
  write_kept_moves(leads);
}

}  // namespace leadscore
