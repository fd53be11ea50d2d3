// Plans and snapshots of the statements that keep scores.
#include "pg/statement.hpp"

#include "pg/reading.hpp"

namespace leadscore {

namespace {

/// By text: the number of different statements of a model is small, and the text says everything a plan
/// depends on.
struct PlanEntry {
  uint64 hash;
  char* text;
  SPIPlanPtr plan;
};

constexpr int kMostParameters = 16;

struct Bound {
  Oid types[kMostParameters];
  Datum values[kMostParameters];
  char nulls[kMostParameters];
  int count;
};

void bind_parameters(std::span<const Parameter> parameters, Bound& bound) {
  if (parameters.size() > kMostParameters) elog(ERROR, "too many parameters");
  bound.count = static_cast<int>(parameters.size());
  for (int i = 0; i < bound.count; ++i) {
    bound.types[i] = parameters[i].type;
    bound.values[i] = parameters[i].value;
    bound.nulls[i] = parameters[i].is_null ? 'n' : ' ';
  }
}

SPIPlanPtr prepare(const char* text, Bound& bound, Load load) {
  // A plan that is kept is used for any value of its parameters: they are rule sets and keys, which plans
  // hardly depend on.
  const int options = load == Load::few ? CURSOR_OPT_GENERIC_PLAN : CURSOR_OPT_CUSTOM_PLAN;
  const SPIPlanPtr plan = SPI_prepare_cursor(text, bound.count, bound.types, options);
  if (plan == nullptr) elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
  return plan;
}

/// The plan for the statement; `kept` tells whether it lives on.
SPIPlanPtr plan_for(const Model* model, const char* text, Bound& bound, Load load, bool& kept) {
  kept = load == Load::few;
  if (!kept) return prepare(text, bound, load);
  const uint64 hash = hash_bytes_extended(reinterpret_cast<const unsigned char*>(text),
                                          static_cast<int>(std::strlen(text)), 0);
  if (model->plans->table == nullptr) {
    HASHCTL control{};
    control.keysize = sizeof(uint64);
    control.entrysize = sizeof(PlanEntry);
    control.hcxt = model->context;
    model->plans->table = hash_create("leadscore plans", 16, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
  }
  bool found;
  auto* entry = static_cast<PlanEntry*>(hash_search(model->plans->table, &hash, HASH_FIND, &found));
  if (found && std::strcmp(entry->text, text) == 0) return entry->plan;
  const SPIPlanPtr plan = prepare(text, bound, load);
  if (found) {  // two texts of one hash: the second is planned each time
    kept = false;
    return plan;
  }
  char* const copy = MemoryContextStrdup(model->context, text);
  if (SPI_keepplan(plan) != 0) elog(ERROR, "SPI_keepplan failed");
  entry = static_cast<PlanEntry*>(hash_search(model->plans->table, &hash, HASH_ENTER, &found));
  entry->text = copy;
  entry->plan = plan;
  return plan;
}

/// What is committed by now, and what this transaction has done so far.
void push_latest_snapshot() {
  CommandCounterIncrement();
  PushActiveSnapshot(GetLatestSnapshot());
}

void push_snapshot(Seen seen) {
  switch (seen) {
    case Seen::latest:
      push_latest_snapshot();
      break;
    case Seen::transaction:
      CommandCounterIncrement();
      PushCopiedSnapshot(GetTransactionSnapshot());
      UpdateActiveSnapshotCommandId();
      break;
    case Seen::query:
      PushActiveSnapshot(GetActiveSnapshot());
  }
}

[[noreturn]] void fail(int code, const char* text) {
  elog(ERROR, "statement failed: %s: %s", SPI_result_code_string(code), text);
}

ParamListInfo parameter_list(const Bound& bound) {
  if (bound.count == 0) return nullptr;
  const ParamListInfo list = makeParamList(bound.count);
  for (int i = 0; i < bound.count; ++i) {
    list->params[i].value = bound.values[i];
    list->params[i].isnull = bound.nulls[i] == 'n';
    list->params[i].pflags = PARAM_FLAG_CONST;
    list->params[i].ptype = bound.types[i];
  }
  return list;
}

}  // namespace

void drop_plans(PlanStore* plans) {
  if (plans == nullptr || plans->table == nullptr) return;
  HASH_SEQ_STATUS scan;
  hash_seq_init(&scan, plans->table);
  while (auto* const entry = static_cast<PlanEntry*>(hash_seq_search(&scan))) SPI_freeplan(entry->plan);
  plans->table = nullptr;
}

void publish_rows(const Rows& rows) {
  auto* const relation = static_cast<EphemeralNamedRelation>(palloc0(sizeof(EphemeralNamedRelationData)));
  relation->md.name = pstrdup(rows.name);
  relation->md.reliddesc = InvalidOid;
  relation->md.tupdesc = rows.desc;
  relation->md.enrtype = ENR_NAMED_TUPLESTORE;
  relation->md.enrtuples = static_cast<double>(rows.count);
  relation->reldata = rows.store;
  const int code = SPI_register_relation(relation);
  if (code != SPI_OK_REL_REGISTER)
    elog(ERROR, "SPI_register_relation failed: %s", SPI_result_code_string(code));
}

void withdraw_rows(const char* name) { SPI_unregister_relation(name); }

TupleDesc result_columns(SPIPlanPtr plan) {
  List* const sources = SPI_plan_get_plan_sources(plan);
  const auto* const source = static_cast<const CachedPlanSource*>(linitial(sources));
  return CreateTupleDescCopy(source->resultDesc);
}

Rows new_rows(const char* name) { return {name, nullptr, tuplestore_begin_heap(false, false, work_mem), 0}; }

void move_rows(Rows* from, Rows* to) {
  if (from->count == 0) return;
  TupleTableSlot* const slot = MakeSingleTupleTableSlot(from->desc, &TTSOpsMinimalTuple);
  while (tuplestore_gettupleslot(from->store, true, false, slot)) tuplestore_puttupleslot(to->store, slot);
  ExecDropSingleTupleTableSlot(slot);
  to->count += from->count;
  tuplestore_clear(from->store);
  from->count = 0;
}

namespace {

/// Runs the plan and puts what it gives into `rows`.
void run_select(SPIPlanPtr plan, const Bound& bound, Rows* rows, const char* text, Seen seen) {
  DestReceiver* const receiver = CreateDestReceiver(DestTuplestore);
  SetTuplestoreDestReceiverParams(receiver, rows->store, CurrentMemoryContext, true, nullptr, nullptr);
  SPIExecuteOptions options{};
  options.params = parameter_list(bound);
  options.read_only = true;
  options.dest = receiver;
  push_snapshot(seen);
  const int code = SPI_execute_plan_extended(plan, &options);
  PopActiveSnapshot();
  if (code != SPI_OK_SELECT) fail(code, text);
  rows->count = SPI_processed;
  rows->desc = result_columns(plan);
}

void select_into(const Model* model, Rows* rows, const char* text, std::span<const Parameter> parameters,
                 Load load) {
  Bound bound;
  bind_parameters(parameters, bound);
  bool kept;
  const SPIPlanPtr plan = plan_for(model, text, bound, load, kept);
  run_select(plan, bound, rows, text, Seen::latest);
  if (!kept) SPI_freeplan(plan);
}

/// What a statement left behind before it failed.
ErrorData* without_rows(Rows* rows, ErrorData* error) {
  if (error != nullptr) {
    tuplestore_clear(rows->store);
    rows->count = 0;
  }
  return error;
}

}  // namespace

Rows select_rows(const Model* model, const char* name, const char* text,
                 std::span<const Parameter> parameters, Load load) {
  Rows rows = new_rows(name);
  select_into(model, &rows, text, parameters, load);
  return rows;
}

ErrorData* try_select(const Model* model, Rows* rows, const char* text, std::span<const Parameter> parameters,
                      Load load) {
  return without_rows(rows, try_reading([&] { select_into(model, rows, text, parameters, load); }));
}

SPIPlanPtr prepare_select(const char* text, std::span<const Parameter> parameters) {
  Bound bound;
  bind_parameters(parameters, bound);
  return prepare(text, bound, Load::few);
}

void check_select(SPIPlanPtr plan, std::span<const Parameter> parameters, Seen seen) {
  Bound bound;
  bind_parameters(parameters, bound);
  push_snapshot(seen);
  SPI_cursor_close(SPI_cursor_open(nullptr, plan, bound.values, bound.nulls, true));
  PopActiveSnapshot();
}

ErrorData* try_prepared(SPIPlanPtr plan, Rows* rows, std::span<const Parameter> parameters, Seen seen) {
  return without_rows(rows, try_reading([&] {
                        Bound bound;
                        bind_parameters(parameters, bound);
                        run_select(plan, bound, rows, "prepared", seen);
                      }));
}

Portal open_cursor(SPIPlanPtr plan, Seen seen) {
  push_snapshot(seen);
  const Portal cursor = SPI_cursor_open(nullptr, plan, nullptr, nullptr, true);
  PopActiveSnapshot();
  return cursor;
}

namespace {

/// The statement's result code. What a SELECT gives is in SPI_tuptable.
int execute(const Model* model, const char* text, std::span<const Parameter> parameters, Load load,
            bool read_only, Seen seen) {
  Bound bound;
  bind_parameters(parameters, bound);
  bool kept;
  const SPIPlanPtr plan = plan_for(model, text, bound, load, kept);
  push_snapshot(seen);
  const int code = SPI_execute_snapshot(plan, bound.values, bound.nulls, GetActiveSnapshot(), InvalidSnapshot,
                                        read_only, !read_only, 0);
  PopActiveSnapshot();
  if (!kept) SPI_freeplan(plan);
  return code;
}

}  // namespace

uint64 select_tuples(const Model* model, const char* text, std::span<const Parameter> parameters, Load load,
                     Seen seen) {
  const int code = execute(model, text, parameters, load, true, seen);
  if (code != SPI_OK_SELECT) fail(code, text);
  return SPI_processed;
}

uint64 run_statement(const Model* model, const char* text, std::span<const Parameter> parameters, Load load) {
  const int code = execute(model, text, parameters, load, false, Seen::latest);
  if (code < 0) fail(code, text);
  return SPI_processed;
}

Analyzed analyze(const Model* model, const char* text) {
  Bound none{};
  bool kept;
  const SPIPlanPtr plan = plan_for(model, text, none, Load::few, kept);
  CachedPlan* const cached = SPI_plan_get_cached_plan(plan);
  if (cached == nullptr) elog(ERROR, "statement can't be planned: %s", text);
  ReleaseCachedPlan(cached, kept ? CurrentResourceOwner : nullptr);
  return {static_cast<const CachedPlanSource*>(linitial(SPI_plan_get_plan_sources(plan))), kept};
}

TupleDesc describe(const char* text) {
  Bound none{};
  const SPIPlanPtr plan = prepare(text, none, Load::many);
  const auto* const source = static_cast<const CachedPlanSource*>(linitial(SPI_plan_get_plan_sources(plan)));
  const TupleDesc columns = CreateTupleDescCopy(source->resultDesc);
  SPI_freeplan(plan);
  return columns;
}

Rows lock_rows(const Model* model, const char* name, const char* text, std::span<const Parameter> parameters,
               Load load) {
  // The server locks rows in what may write only, and gives those to SPI's table alone.
  const uint64 count = run_statement(model, text, parameters, load);
  SPITupleTable* const found = SPI_tuptable;
  const Rows rows{name, CreateTupleDescCopy(found->tupdesc), tuplestore_begin_heap(false, false, work_mem),
                  count};
  for (uint64 i = 0; i < count; ++i) tuplestore_puttuple(rows.store, found->vals[i]);
  SPI_freetuptable(found);
  return rows;
}

namespace {

/// A text without the lines on which another one stands.
const char* without_lines(const char* lines, const char* text) {
  const char* const found = std::strstr(lines, text);
  if (found == nullptr) return lines;
  const char* start = found;
  while (start > lines && start[-1] != '\n') --start;
  const char* end = found + std::strlen(text);
  end += std::strcspn(end, "\n");
  if (*end == '\n') {
    ++end;
  } else if (start > lines) {
    --start;
  }
  const char* const rest = psprintf("%.*s%s", static_cast<int>(start - lines), lines, end);
  return rest[0] == '\0' ? nullptr : rest;
}

/// Runs a statement; where it fails, the error says nothing of its text.
template <class Body>
void run_hidden(const char* text, const Body& body) {
  static_assert(std::is_trivially_destructible_v<Body>);
  const MemoryContext context = CurrentMemoryContext;
  PG_TRY();
  { body(); }
  PG_CATCH();
  {
    MemoryContextSwitchTo(context);
    ErrorData* const error = CopyErrorData();
    FlushErrorState();
    hide_statement(error, text);
    ReThrowError(error);
  }
  PG_END_TRY();
}

}  // namespace

void hide_statement(ErrorData* error, const char* text) {
  if (error->internalquery != nullptr && std::strcmp(error->internalquery, text) == 0) {
    error->internalquery = nullptr;
    error->internalpos = 0;
  }
  if (error->context != nullptr) error->context = const_cast<char*>(without_lines(error->context, text));
}

void select_into(const ReturnSetInfo* result, const char* text, std::span<const Parameter> parameters) {
  run_hidden(text, [&] {
    Bound bound;
    bind_parameters(parameters, bound);
    DestReceiver* const receiver = CreateDestReceiver(DestTuplestore);
    SetTuplestoreDestReceiverParams(receiver, result->setResult, CurrentMemoryContext, false, result->setDesc,
                                    "the columns are not those of the function");
    SPIExecuteOptions options{};
    options.params = parameter_list(bound);
    options.read_only = true;
    options.dest = receiver;
    const int code = SPI_execute_extended(text, &options);
    if (code != SPI_OK_SELECT) fail(code, text);
  });
}

void receive_rows(const char* text, DestReceiver* receiver) {
  // In one process: what counts rows on the way (usable_key) counts them in its own.
  const SPIPlanPtr plan = SPI_prepare_cursor(text, 0, nullptr, 0);
  if (plan == nullptr) fail(SPI_result, text);
  SPIExecuteOptions options{};
  options.read_only = true;
  options.must_return_tuples = true;
  options.dest = receiver;
  const int code = SPI_execute_plan_extended(plan, &options);
  if (code < 0) fail(code, text);
}

namespace {

uint64 read(const char* text, std::span<const Parameter> parameters, Tuplestorestate* store,
            TupleDesc* columns) {
  Bound bound;
  bind_parameters(parameters, bound);
  const SPIPlanPtr plan = prepare(text, bound, Load::many);
  SPIExecuteOptions options{};
  options.params = parameter_list(bound);
  options.read_only = true;
  if (store != nullptr) {
    options.dest = CreateDestReceiver(DestTuplestore);
    SetTuplestoreDestReceiverParams(options.dest, store, CurrentMemoryContext, true, nullptr, nullptr);
  }
  const int code = SPI_execute_plan_extended(plan, &options);
  if (code != SPI_OK_SELECT) fail(code, text);
  if (columns != nullptr) *columns = result_columns(plan);
  SPI_freeplan(plan);
  return SPI_processed;
}

}  // namespace

uint64 read_tuples(const char* text, std::span<const Parameter> parameters, Tuplestorestate* store) {
  uint64 count = 0;
  run_hidden(text, [&] { count = read(text, parameters, store, nullptr); });
  return count;
}

Rows read_rows(const char* name, const char* text, std::span<const Parameter> parameters) {
  Rows rows = new_rows(name);
  run_hidden(text, [&] { rows.count = read(text, parameters, rows.store, &rows.desc); });
  return rows;
}

ErrorData* try_read(Rows* rows, const char* text, std::span<const Parameter> parameters) {
  return without_rows(rows,
                      try_reading([&] { rows->count = read(text, parameters, rows->store, &rows->desc); }));
}

Portal open_cursor(const char* text, std::span<const Parameter> parameters) {
  Bound bound;
  bind_parameters(parameters, bound);
  const Portal portal = SPI_cursor_open_with_args(nullptr, text, bound.count, bound.types, bound.values,
                                                  bound.nulls, true, CURSOR_OPT_NO_SCROLL);
  if (portal == nullptr) fail(SPI_result, text);
  return portal;
}

uint64 run_command(const char* text, std::span<const Parameter> parameters) {
  Bound bound;
  bind_parameters(parameters, bound);
  const int code = SPI_execute_with_args(text, bound.count, bound.types, bound.values, bound.nulls, false, 0);
  if (code < 0) fail(code, text);
  return SPI_processed;
}

namespace {

/// With the snapshot that is active.
uint64 read_active(const char* text, std::span<const Parameter> parameters) {
  Bound bound;
  bind_parameters(parameters, bound);
  const int code = SPI_execute_with_args(text, bound.count, bound.types, bound.values, bound.nulls, true, 0);
  if (code != SPI_OK_SELECT) fail(code, text);
  return SPI_processed;
}

}  // namespace

uint64 read_command(const char* text, std::span<const Parameter> parameters) {
  push_latest_snapshot();
  const uint64 count = read_active(text, parameters);
  PopActiveSnapshot();
  return count;
}

uint64 read_before_command(const char* text) {
  const CommandId began = GetActiveSnapshot()->curcid;
  PushCopiedSnapshot(GetLatestSnapshot());
  GetActiveSnapshot()->curcid = began;
  const uint64 count = read_active(text, {});
  PopActiveSnapshot();
  return count;
}

char* tuple_text(uint64 row, int number) {
  return SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, number);
}

Datum tuple_value(uint64 row, int number, bool* is_null) {
  return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, number, is_null);
}

int64 tuple_int8(uint64 row, int number) {
  bool is_null;
  const Datum value = tuple_value(row, number, &is_null);
  return is_null ? 0 : DatumGetInt64(value);
}

namespace {

Oid ruleset_type() {
  return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("ruleset"),
                         ObjectIdGetDatum(get_namespace_oid("leadscore", false)));
}

}  // namespace

Parameter text_list_parameter(const List* values) {
  const int count = list_length(values);
  auto* const elements = static_cast<Datum*>(palloc(sizeof(Datum) * (count + 1)));
  for (int i = 0; i < count; ++i)
    elements[i] = CStringGetTextDatum(static_cast<const char*>(list_nth(values, i)));
  return {TEXTARRAYOID, PointerGetDatum(construct_array(elements, count, TEXTOID, -1, false, TYPALIGN_INT)),
          false};
}

Parameter rules_parameter(const text* rules) { return {ruleset_type(), PointerGetDatum(rules), false}; }
Parameter rules_parameter_null() { return {ruleset_type(), 0, true}; }

}  // namespace leadscore
