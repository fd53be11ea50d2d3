#include "pg/live_query.hpp"

#include "pg/encoding.hpp"
#include "pg/field_columns.hpp"
#include "pg/guard.hpp"
#include "pg/lead_call.hpp"
#include "pg/ruleset_cache.hpp"

namespace leadscore {
namespace {

LiveQuery* queries = nullptr;  ///< of the backend, that are under way

/// The query whose expressions are in this memory: all of an executor's are made in the same.
LiveQuery* find_query(MemoryContext memory, const text* model) {
  for (LiveQuery* query = queries; query != nullptr; query = query->next) {
    if (query->memory == memory && is_about(query->live, model)) return query;
  }
  auto* const made = new_in<LiveQuery>(memory);
  made->memory = memory;
  made->next = queries;
  queries = made;
  return made;
}

/// The columns that the call gets, by their types and names.
void describe_columns(FunctionCallInfo fcinfo, const LiveArguments& at, LiveCall& call) {
  const bool whole = at.names < 0;
  call.column_count = whole ? 1 : PG_NARGS() - at.first;
  const auto room = static_cast<std::size_t>(call.column_count) + 1;
  const MemoryContext before = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
  call.lengths = static_cast<std::int16_t*>(palloc0(sizeof(std::int16_t) * room));
  call.by_value = static_cast<bool*>(palloc0(sizeof(bool) * room));
  MemoryContextSwitchTo(before);
  if (whole) {
    call.lengths[0] = -1;
    return;
  }
  call.columns = type_of_columns(fcinfo, PG_GETARG_ARRAYTYPE_P(at.names), at.first);
  for (int i = 0; i < call.column_count; ++i)
    get_typlenbyval(get_fn_expr_argtype(fcinfo->flinfo, at.first + i), &call.lengths[i], &call.by_value[i]);
}

/// Finds the query that the call belongs to.
void join_query(FunctionCallInfo fcinfo, const LiveArguments& at, LiveCall& call) {
  if (call.stays) return;
  const text* const model = PG_GETARG_TEXT_PP(0);
  if (call.query == nullptr) {
    describe_columns(fcinfo, at, call);
  } else if (is_about(call.query->live, model)) {
    return;
  }
  call.fitting = call.unfitting = 0;
  LiveQuery* const query = find_query(fcinfo->flinfo->fn_mcxt, model);
  if (call.query != query) ++query->calls;
  call.query = query;
  call.stays = is_constant(fcinfo, 0);
}

SnapshotMark mark_of(const SnapshotData& snapshot) {
  return {snapshot.xmin, snapshot.xmax, snapshot.xcnt, snapshot.curcid, snapshot.snapXactCompletionCount};
}

LiveCall& begin(FunctionCallInfo fcinfo, const LiveArguments& at) {
  LiveCall& call = call_state<LiveCall>(fcinfo);
  join_query(fcinfo, at, call);
  LiveQuery& query = *call.query;
  const SnapshotMark seen = mark_of(*GetActiveSnapshot());
  if (!(query.seen == seen)) {
    query.live.lead.reset();
    query.live.versions.clear();
    query.memo.valid = false;
    ++query.generation;
    (void)version_in_force(fcinfo, query.live, PG_GETARG_TEXT_PP(0));
    query.seen = seen;
  }
  if (call.generation != query.generation) call.fitting = call.unfitting = 0;
  call.generation = query.generation;
  return call;
}

bool is_null(FunctionCallInfo fcinfo, const LiveArguments& at) {
  if (PG_ARGISNULL(0)) return true;
  if (at.names < 0) return PG_ARGISNULL(at.first);
  if (PG_ARGISNULL(at.table) || PG_ARGISNULL(at.names)) return true;
  return PG_ARGISNULL(at.address) && OidIsValid(PG_GETARG_OID(at.table));
}

/// Are the columns that the version reads among those that the planner has chosen, as the table itself would
/// say?
bool reads_just(const RulesetEntry& rules, Oid table, const LiveCall& call) {
  const std::vector<FieldRequest>& fields = rules.fields(Purpose::score);
  const TupleDesc desc = lookup_rowtype_tupdesc(get_rel_type_id(table), -1);
  const TupleDesc passed = lookup_rowtype_tupdesc(call.columns.oid, call.columns.typmod);
  auto* const read = static_cast<bool*>(palloc0(sizeof(bool) * static_cast<std::size_t>(desc->natts + 1)));
  bool covered = find_columns(fields, desc, read);
  for (int i = 0; i < desc->natts; ++i) {
    if (!read[i]) continue;
    bool found = false;
    for (int c = 0; c < passed->natts; ++c)
      found = found ||
              namestrcmp(&TupleDescAttr(desc, i)->attname, NameStr(TupleDescAttr(passed, c)->attname)) == 0;
    covered = covered && found;
  }
  ReleaseTupleDesc(passed);
  ReleaseTupleDesc(desc);
  return covered;
}

/// The same, remembered.
bool fits(FunctionCallInfo fcinfo, const LiveArguments& at, LiveCall& call, const LiveVersion& version) {
  if (call.fitting == version.number) return true;
  const Oid table = PG_GETARG_OID(at.table);
  if (!OidIsValid(table)) return true;
  if (call.unfitting == version.number) return false;
  const bool made = reads_just(*version.rules, table, call);
  (made ? call.fitting : call.unfitting) = version.number;
  return made;
}

/// The lead's row where the planner has chosen other columns, looked up. Any version of it that this query
/// has come upon is still there.
struct LookedUp {
  Relation table = nullptr;
  TupleTableSlot* slot = nullptr;
};

LookedUp look_up(FunctionCallInfo fcinfo, const LiveArguments& at) {
  LookedUp row;
  row.table = table_open(PG_GETARG_OID(at.table), AccessShareLock);
  if (row.table->rd_tableam == nullptr)
    elog(ERROR, "\"%s\" has no rows that could be looked up", RelationGetRelationName(row.table));
  row.slot = table_slot_create(row.table, nullptr);
  auto* const address = reinterpret_cast<ItemPointer>(PG_GETARG_POINTER(at.address));
  if (!table_tuple_fetch_row_version(row.table, address, SnapshotAny, row.slot))
    elog(ERROR, "a lead's row has vanished from \"%s\"", RelationGetRelationName(row.table));
  return row;
}

void give_back(const LookedUp& row) {
  if (row.table == nullptr) return;
  ExecDropSingleTupleTableSlot(row.slot);
  table_close(row.table, AccessShareLock);
}

/// Binds the lead at hand and reads it; the row is to be given back when it has been evaluated.
LookedUp read_lead(FunctionCallInfo fcinfo, const LiveArguments& at, LiveCall& call,
                   const LiveVersion& version) {
  LeadSide& lead = call.query->live.lead;
  LookedUp row;
  if (at.names < 0) {
    lead.bind(*version.rules, Purpose::score, fcinfo, at.first);
  } else if (fits(fcinfo, at, call, version)) {
    lead.bind(*version.rules, Purpose::score, call.columns, fcinfo->args + at.first, call.column_count);
  } else {
    row = look_up(fcinfo, at);
    lead.bind(*version.rules, Purpose::score, {RowType::Form::row, row.table->rd_rel->reltype, -1}, row.slot);
  }
  return row;
}

/// A value as it lies in memory; nullptr where that does not say what it is.
const char* value_bytes(Datum value, std::int16_t length, std::size_t* size) {
  const char* const data = reinterpret_cast<const char*>(DatumGetPointer(value));
  if (length == -2) {
    *size = std::strlen(data) + 1;
  } else if (length == -1) {
    if (VARATT_IS_EXTERNAL(data) && !VARATT_IS_EXTERNAL_ONDISK(data)) return nullptr;
    *size = VARSIZE_ANY(data);
  } else {
    *size = static_cast<std::size_t>(length);
  }
  return data;
}

/// Calls `with` for each piece of what a score is made of, in order, until it says false. A row that has an
/// address need not be looked at: as long as the query runs, no other row can be there.
template <class With>
bool each_piece(FunctionCallInfo fcinfo, const LiveArguments& at, const LiveCall& call, const With& with) {
  const auto piece = [&](const NullableDatum& value, std::int16_t length, bool by_value) {
    const char kind = value.isnull ? 'n' : 'v';
    if (!with(&kind, 1)) return false;
    if (value.isnull) return true;
    if (by_value) return with(reinterpret_cast<const char*>(&value.value), sizeof(Datum));
    std::size_t size = 0;
    const char* const data = value_bytes(value.value, length, &size);
    return data != nullptr && with(data, size);
  };
  if (!piece(fcinfo->args[at.activity], -1, false)) return false;
  if (at.names >= 0 && OidIsValid(PG_GETARG_OID(at.table)))
    return piece(fcinfo->args[at.table], sizeof(Oid), true) &&
           piece(fcinfo->args[at.address], sizeof(ItemPointerData), false);
  for (int i = 0; i < call.column_count; ++i) {
    if (!piece(fcinfo->args[at.first + i], call.lengths[i], call.by_value[i])) return false;
  }
  return true;
}

/// Is the score that was computed last the one that is asked for?
bool is_known(FunctionCallInfo fcinfo, const LiveArguments& at, const LiveCall& call,
              const LiveVersion& version) {
  const LiveMemo& memo = call.query->memo;
  if (!memo.valid || memo.version != version.number || !(memo.columns == call.columns)) return false;
  const char* known = memo.bytes.data();
  const char* const end = known + memo.bytes.size();
  return each_piece(fcinfo, at, call,
                    [&](const char* data, std::size_t size) {
                      if (static_cast<std::size_t>(end - known) < size || std::memcmp(known, data, size) != 0)
                        return false;
                      known += size;
                      return true;
                    }) &&
         known == end;
}

/// May throw, does not longjmp.
void keep(FunctionCallInfo fcinfo, const LiveArguments& at, const LiveCall& call,
          const LiveVersion& version) {
  LiveMemo& memo = call.query->memo;
  memo.bytes.clear();
  memo.valid = each_piece(fcinfo, at, call, [&](const char* data, std::size_t size) {
    memo.bytes.insert(memo.bytes.end(), data, data + size);
    return true;
  });
  memo.version = version.number;
  memo.columns = call.columns;
}

/// Reads the lead at hand, and runs `body` with its state, nullptr for none, and the time to score it at.
/// `body` may throw and does not longjmp.
template <class Body>
void with_lead(FunctionCallInfo fcinfo, const LiveArguments& at, LiveCall& call, const LiveVersion& version,
               const Body& body) {
  const LookedUp row = read_lead(fcinfo, at, call, version);
  const EngagementArgument activity = engagement_argument(fcinfo, at.activity);
  const TimestampTz now = GetCurrentTransactionStartTimestamp();
  guarded([&] {
    Micros as_of = now;
    const Engagement* const state = decode_live(call.query->live, version, activity, as_of);
    body(state, as_of);
  });
  give_back(row);
}

const LiveVersion& version_of(FunctionCallInfo fcinfo, const LiveArguments& at, LiveQuery& query) {
  if (PG_ARGISNULL(at.version)) return query.live.versions.front();
  return version_of_state(query.live, PG_GETARG_INT32(at.version));
}

}  // namespace

LiveQuery::~LiveQuery() {
  LiveQuery** at = &queries;
  while (*at != nullptr && *at != this) at = &(*at)->next;
  if (*at != nullptr) *at = next;
}

LiveQuery* score_live(FunctionCallInfo fcinfo, const LiveArguments& at, const LiveVersion** by) {
  if (is_null(fcinfo, at)) return nullptr;
  LiveCall& call = begin(fcinfo, at);
  LiveQuery& query = *call.query;
  const LiveVersion& version = version_of(fcinfo, at, query);
  *by = &version;
  const bool shared = query.calls > 1;  // else nobody asks for the same again
  if (shared && is_known(fcinfo, at, call, version)) return &query;
  query.memo.valid = false;
  with_lead(fcinfo, at, call, version, [&](const Engagement* state, Micros as_of) {
    query.live.lead.evaluate(state, as_of);
    if (shared) keep(fcinfo, at, call, version);
  });
  return &query;
}

const LiveVersion* live_version(FunctionCallInfo fcinfo, const LiveArguments& at) {
  if (is_null(fcinfo, at)) return nullptr;
  return &version_of(fcinfo, at, *begin(fcinfo, at).query);
}

bool next_live_change(FunctionCallInfo fcinfo, const LiveArguments& at, Micros* change) {
  if (is_null(fcinfo, at)) return false;
  LiveCall& call = begin(fcinfo, at);
  LiveLead& live = call.query->live;
  const LiveVersion& version = version_of(fcinfo, at, *call.query);
  with_lead(fcinfo, at, call, version, [&](const Engagement* state, Micros as_of) {
    *change = live.lead.bound->program.next_change(live.lead.row, state, as_of);
  });
  return true;
}

}  // namespace leadscore
