// The backend's models: read from the catalog tables, kept until the state table's relcache entry is
// invalidated.
#include "pg/model.hpp"

#include "pg/acting.hpp"
#include "pg/guard.hpp"
#include "pg/key_cast.hpp"
#include "pg/relevance.hpp"
#include "pg/ruleset_cache.hpp"
#include "pg/statement.hpp"
#include "pg/trigger_names.hpp"

namespace leadscore {
namespace {

/// A model that the backend knows. Its memory may be in use further up the stack when it is found stale, so
/// it stays to the end of the transaction.
struct Known {
  Known* next;
  Model model;
  bool stale;
};

Known* known_models = nullptr;
Known* retired = nullptr;

/// The state table whose model is being read, and whether it was invalidated meanwhile: what has been read by
/// then may be of before.
Oid loading = InvalidOid;
bool changed_while_loading = false;

/// Called at any time: notes, and does no more.
void on_relation_change(Datum, Oid relation) {
  if (relation == InvalidOid || relation == loading) changed_while_loading = true;
  for (Known* known = known_models; known != nullptr; known = known->next) {
    if (relation == InvalidOid || known->model.state == relation) known->stale = true;
  }
}

void on_transaction_end(XactEvent event, void*) {
  if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT && event != XACT_EVENT_PREPARE) return;
  while (retired != nullptr) {
    Known* const gone = retired;
    retired = gone->next;
    drop_plans(gone->model.plans);
    MemoryContextDelete(gone->model.context);
  }
}

/// Stale models go on the way, those that were dropped with them.
Known* find_known(Oid state) {
  Known* found = nullptr;
  for (Known** at = &known_models; *at != nullptr;) {
    Known* const known = *at;
    if (known->stale) {
      *at = known->next;
      known->next = retired;
      retired = known;
      continue;
    }
    if (known->model.state == state) found = known;
    at = &known->next;
  }
  return found;
}

const char* copy_value(MemoryContext context, uint64 row, int column) {
  const char* const value = tuple_text(row, column);
  return value == nullptr ? nullptr : MemoryContextStrdup(context, value);
}

bool bool_value(uint64 row, int column) {
  bool is_null;
  const Datum value = tuple_value(row, column, &is_null);
  return !is_null && DatumGetBool(value);
}

Oid oid_value(uint64 row, int column) {
  bool is_null;
  const Datum value = tuple_value(row, column, &is_null);
  return is_null ? InvalidOid : DatumGetObjectId(value);
}

int int_value(uint64 row, int column) {
  bool is_null;
  const Datum value = tuple_value(row, column, &is_null);
  return is_null ? 0 : DatumGetInt32(value);
}

/// A relation, or InvalidOid where it is gone.
Oid existing(Oid relation) {
  return SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relation)) ? relation : InvalidOid;
}

uint64 look_up(const char* query, std::span<const Parameter> parameters) {
  Oid types[2];
  Datum values[2];
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    types[i] = parameters[i].type;
    values[i] = parameters[i].value;
  }
  const int code =
      SPI_execute_with_args(query, static_cast<int>(parameters.size()), types, values, nullptr, true, 0);
  if (code != SPI_OK_SELECT)
    elog(ERROR, "reading leadscore's tables failed: %s", SPI_result_code_string(code));
  return SPI_processed;
}

void read_versions(Model& model) {
  const Parameter name[] = {text_parameter(model.name)};
  const uint64 count = look_up(
      "SELECT version, activity_hash, CASE WHEN version = (SELECT m.version FROM leadscore.model m WHERE "
      "m.name = v.model) "
      "THEN rules END FROM leadscore.model_version v WHERE model = $1 ORDER BY version",
      name);
  model.versions = static_cast<Version*>(MemoryContextAlloc(model.context, sizeof(Version) * (count + 1)));
  model.version_count = static_cast<int>(count);
  for (uint64 i = 0; i < count; ++i) {
    bool is_null;
    model.versions[i] = {int_value(i, 1), DatumGetInt64(tuple_value(i, 2, &is_null))};
    if (model.versions[i].number != model.version) continue;
    model.activity_hash = model.versions[i].activity_hash;
    const MemoryContext before = MemoryContextSwitchTo(model.context);
    model.rules = cstring_to_text(tuple_text(i, 3));
    MemoryContextSwitchTo(before);
  }
  if (model.rules == nullptr) elog(ERROR, "model \"%s\" has no version %d", model.name, model.version);
}

/// The whole row, as the type that its table has now: tables are renamed.
const char* whole_row(const Model& model, const Binding& binding) {
  if (binding.role != Role::activity || !OidIsValid(binding.source)) return nullptr;
  const char* const schema = get_namespace_name(get_rel_namespace(binding.source));
  const char* const name = get_rel_name(binding.source);
  if (schema == nullptr || name == nullptr) return nullptr;  // dropped just now
  const char* const type = quote_qualified_identifier(schema, name);
  return MemoryContextStrdup(model.context, psprintf("%s.*::%s", binding.alias, type));
}

bool is_integer(Oid type) { return type == INT2OID || type == INT4OID || type == INT8OID; }

/// The column of the relation that the expression is, or 0. `wrapped`: what the expression may be put into.
AttrNumber plain_column(Oid relation, const char* alias, const char* expression, const char* wrapped = "%s") {
  if (!OidIsValid(relation) || expression == nullptr) return 0;
  // It may be dropped while we wait for it: then the model is read once more.
  const Relation table = try_relation_open(relation, AccessShareLock);
  if (table == nullptr) return 0;
  const TupleDesc desc = RelationGetDescr(table);
  AttrNumber found = 0;
  for (int i = 0; i < desc->natts && found == 0; ++i) {
    const FormData_pg_attribute* const column = TupleDescAttr(desc, i);
    if (column->attisdropped) continue;
    const char* const plain = psprintf("%s.%s", alias, quote_identifier(NameStr(column->attname)));
    if (std::strcmp(expression, plain) == 0 || std::strcmp(expression, psprintf(wrapped, plain)) == 0)
      found = column->attnum;
  }
  relation_close(table, AccessShareLock);
  return found;
}

DirectSource direct_source(const Model& model, const Binding& binding) {
  DirectSource direct{};
  if (!binding.whole_row || binding.filter != nullptr) return direct;
  const std::size_t size = std::strlen(binding.kind);
  if (size > 2 && binding.kind[0] == '\'' && std::strcspn(binding.kind + 1, "'\\") == size - 2) {
    char* const kind = static_cast<char*>(MemoryContextAllocZero(model.context, size));
    std::memcpy(kind, binding.kind + 1, size - 2);
    direct.constant_kind = kind;
  }
  direct.kind = plain_column(binding.source, binding.alias, binding.kind);
  direct.at = plain_column(binding.source, binding.alias, binding.at, "((%s) AT TIME ZONE 'UTC')");
  direct.key = plain_column(binding.source, binding.alias, binding.lead_key);
  return direct;
}

/// In the model's memory.
const char* same_as_lead(const Model& model, const Binding& binding, Oid type) {
  const AttrNumber column = plain_column(binding.source, binding.alias, binding.lead_key);
  int32 typmod = -1;
  if (column != 0) {
    Oid column_type, collation;
    get_atttypetypmodcoll(binding.source, column, &column_type, &typmod, &collation);
  }
  const char* const same = same_as_key(&model, binding.lead_key, type, typmod);
  return same == nullptr ? nullptr : MemoryContextStrdup(model.context, same);
}

void read_bindings(Model& model) {
  const Parameter name[] = {text_parameter(model.name)};
  const uint64 count = look_up(
      "SELECT id, role, source::oid, alias, lead_key, kind, at, filter, fields, leads, reads_tables, "
      "lead_key_type::oid, hop_table, hop_key, hop_from, hop_condition "
      "FROM leadscore.binding WHERE model = $1 ORDER BY id",
      name);
  model.bindings = static_cast<Binding*>(MemoryContextAlloc(model.context, sizeof(Binding) * (count + 1)));
  model.binding_count = static_cast<int>(count);
  for (uint64 i = 0; i < count; ++i) {
    Binding& binding = model.bindings[i];
    const char* const role = tuple_text(i, 2);
    binding.id = int_value(i, 1);
    binding.same = nullptr;
    binding.trigger_prefix = MemoryContextStrdup(model.context, trigger_name(model.id, binding.id, ""));
    binding.role = role[0] == 'l' ? Role::lead : role[0] == 'a' ? Role::activity : Role::watch;
    binding.source = existing(oid_value(i, 3));
    binding.alias = copy_value(model.context, i, 4);
    binding.lead_key = copy_value(model.context, i, 5);
    binding.kind = copy_value(model.context, i, 6);
    binding.at = copy_value(model.context, i, 7);
    binding.filter = copy_value(model.context, i, 8);
    binding.fields = copy_value(model.context, i, 9);
    binding.leads = copy_value(model.context, i, 10);
    binding.reads_tables = bool_value(i, 11);
    binding.hop_table = copy_value(model.context, i, 13);
    binding.hop_key = copy_value(model.context, i, 14);
    binding.hop_from = copy_value(model.context, i, 15);
    binding.hop_condition = copy_value(model.context, i, 16);
    binding.key_is_integer = is_integer(oid_value(i, 12)) && is_integer(model.key_type);
    if (binding.role == Role::activity) binding.same = same_as_lead(model, binding, oid_value(i, 12));
    const char* const row = whole_row(model, binding);
    if (binding.fields == nullptr) binding.fields = row;
    binding.whole_row = row != nullptr && std::strcmp(binding.fields, row) == 0;
    binding.direct = direct_source(model, binding);
    binding.relevance = static_cast<Relevance*>(MemoryContextAllocZero(model.context, sizeof(Relevance)));
  }
}

/// An operator by its qualified name, in the model's memory.
const char* operator_name(const Model& model, Oid oid) {
  return MemoryContextStrdup(model.context, qualified_operator(oid));
}

/// The key is what the state table's first column is. False where the table has gone meanwhile: who reads a
/// model without a lock may have waited for one that drops it.
bool read_key(Model& model) {
  const HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(model.state), Int16GetDatum(1));
  if (!HeapTupleIsValid(tuple) && !SearchSysCacheExists1(RELOID, ObjectIdGetDatum(model.state))) return false;
  if (!HeapTupleIsValid(tuple)) elog(ERROR, "table state of model \"%s\" has no first column", model.name);
  const auto* const column = reinterpret_cast<const FormData_pg_attribute*>(GETSTRUCT(tuple));
  model.key_type = column->atttypid;
  model.key_typmod = column->atttypmod;
  model.key_collation = column->attcollation;
  model.key_column = MemoryContextStrdup(model.context, quote_identifier(NameStr(column->attname)));
  const char* cast =
      psprintf("::%s", format_type_extended(column->atttypid, column->atttypmod,
                                            FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
  if (OidIsValid(column->attcollation)) {
    const char* const name = get_collation_name(column->attcollation);
    const HeapTuple collation = SearchSysCache1(COLLOID, ObjectIdGetDatum(column->attcollation));
    if (!HeapTupleIsValid(collation))
      elog(ERROR, "cache lookup failed for collation %u", column->attcollation);
    const char* const schema = get_namespace_name(
        reinterpret_cast<const FormData_pg_collation*>(GETSTRUCT(collation))->collnamespace);
    ReleaseSysCache(collation);
    cast = psprintf("%s COLLATE %s", cast, quote_qualified_identifier(schema, name));
  }
  ReleaseSysCache(tuple);
  model.key_cast = MemoryContextStrdup(model.context, cast);
  const TypeCacheEntry* const type =
      lookup_type_cache(model.key_type, TYPECACHE_EQ_OPR | TYPECACHE_GT_OPR | TYPECACHE_BTREE_OPFAMILY);
  if (!OidIsValid(type->eq_opr) || !OidIsValid(type->gt_opr))
    elog(ERROR, "type %s has no order", format_type_be(model.key_type));
  model.key_may_be_too_long = may_be_too_long(model.key_type, model.key_typmod);
  model.key_equals = operator_name(model, type->eq_opr);
  model.key_after = operator_name(model, type->gt_opr);
  model.key_until =
      operator_name(model, get_opfamily_member(type->btree_opf, type->btree_opintype, type->btree_opintype,
                                               BTLessEqualStrategyNumber));
  return true;
}

/// Fills in what the catalog tables say; false where they know no such model. What version 0.11 has added is
/// NULL until ALTER EXTENSION UPDATE has been there: until then the CRM's statements must go on.
bool read_model(Model& model) {
  const Parameter name[] = {text_parameter(model.name)};
  if (look_up("SELECT id, owner::oid, lead::oid, lead_alias, lead_key, filter, security = 'owner', notify, "
              "rebuilding, version, dimensions, to_jsonb(m) ->> 'outcome', to_jsonb(m) ->> 'decided_at' "
              "FROM leadscore.model m WHERE name = $1",
              name) == 0) {
    return false;
  }
  model.id = int_value(0, 1);
  model.owner = oid_value(0, 2);
  model.lead = existing(oid_value(0, 3));
  model.lead_alias = copy_value(model.context, 0, 4);
  model.lead_key = copy_value(model.context, 0, 5);
  model.filter = copy_value(model.context, 0, 6);
  model.by_owner = bool_value(0, 7);
  model.notify = bool_value(0, 8);
  model.rebuilding = bool_value(0, 9);
  model.version = int_value(0, 10);
  model.outcome = copy_value(model.context, 0, 12);
  model.decided_at = copy_value(model.context, 0, 13);
  bool is_null;
  Datum* names;
  int count;
  deconstruct_array(DatumGetArrayTypeP(tuple_value(0, 11, &is_null)), TEXTOID, -1, false, TYPALIGN_INT,
                    &names, nullptr, &count);
  const MemoryContext before = MemoryContextSwitchTo(model.context);
  for (int i = 0; i < count; ++i) model.dimensions = lappend(model.dimensions, TextDatumGetCString(names[i]));
  MemoryContextSwitchTo(before);
  model.lead_attribute = plain_column(model.lead, model.lead_alias, model.lead_key);
  read_versions(model);
  if (!read_key(model)) return false;
  read_bindings(model);
  return true;
}

/// Reads the model whose state table this is, once. nullptr: leadscore knows none of that name.
Known* load_once(const char* name, Oid state) {
  const MemoryContext context =
      AllocSetContextCreate(CurrentMemoryContext, "leadscore model", ALLOCSET_SMALL_SIZES);
  auto* const known = static_cast<Known*>(MemoryContextAllocZero(context, sizeof(Known)));
  Model& model = known->model;
  model.context = context;
  model.name = MemoryContextStrdup(context, name);
  model.schema = MemoryContextStrdup(context, quote_identifier(name));
  model.state = state;
  model.plans = static_cast<PlanStore*>(MemoryContextAllocZero(context, sizeof(PlanStore)));
  model.direct = static_cast<DirectCache**>(MemoryContextAllocZero(context, sizeof(void*)));
  const Acting before = fix_settings();
  SPI_connect();
  CommandCounterIncrement();
  PushActiveSnapshot(GetLatestSnapshot());
  const bool exists = read_model(model);
  PopActiveSnapshot();
  SPI_finish();
  stop_acting(before);
  if (!exists) {
    MemoryContextDelete(context);
    return nullptr;
  }
  return known;
}

/// Reads the model whose state table this is. nullptr: leadscore knows none of that name.
Known* load(const char* name, Oid state) {
  static bool registered = false;
  if (!registered) {
    CacheRegisterRelcacheCallback(on_relation_change, 0);
    RegisterXactCallback(on_transaction_end, nullptr);
    registered = true;
  }
  // Somebody may forget all caches all the time (debug_discard_caches).
  for (int attempts = 8;; --attempts) {
    loading = state;
    changed_while_loading = false;
    Known* const known = load_once(name, state);
    loading = InvalidOid;
    if (changed_while_loading && attempts > 0) {
      CHECK_FOR_INTERRUPTS();
      if (known != nullptr) MemoryContextDelete(known->model.context);
      continue;
    }
    if (known == nullptr) return nullptr;
    known->stale = changed_while_loading;
    // Only a model that was read to its end outlives an error.
    MemoryContextSetParent(known->model.context, CacheMemoryContext);
    known->next = known_models;
    known_models = known;
    return known;
  }
}

Oid state_table(const char* name) {
  const Oid schema = get_namespace_oid(name, true);
  return OidIsValid(schema) ? get_relname_relid("state", schema) : InvalidOid;
}

/// `state`: the state table, as far as is known.
const Model* find_by_table(const char* name, Oid state, LOCKMODE lock) {
  if (lock != NoLock) {
    // The name may come to stand for another table while we wait for the lock.
    while (OidIsValid(state)) {
      LockRelationOid(state, lock);
      const Oid now = state_table(name);
      if (now == state) break;
      UnlockRelationOid(state, lock);
      state = now;
    }
  }
  if (!OidIsValid(state)) return nullptr;
  Known* known = find_known(state);
  if (known == nullptr) known = load(name, state);
  return known == nullptr ? nullptr : &known->model;
}

}  // namespace

const Model* find_model(const char* name, LOCKMODE lock) {
  return find_by_table(name, state_table(name), lock);
}

const Model* find_again(const Model* model, LOCKMODE lock) {
  return find_by_table(model->name, model->state, lock);
}

const Model* open_model(const char* name, LOCKMODE lock) {
  const Model* const model = find_model(name, lock);
  if (model != nullptr) return model;
  ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("model \"%s\" does not exist", name),
                  errhint("SELECT name FROM leadscore.model lists those that do.")));
}

void check_owner(Oid owner, const char* model) {
  if (has_privs_of_role(GetUserId(), owner)) return;
  ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("must be owner of model \"%s\"", model)));
}

void check_owns(const Model* model) {
  check_owner(model->owner, model->name);
  if (GetUserNameFromId(model->owner, true) != nullptr) return;
  ereport(ERROR,
          (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
           errmsg("the role that owned model \"%s\" is gone", model->name),
           errhint("SELECT leadscore.rebind(%s) lets the model work with the rights of its schema's owner.",
                   quote_literal_cstr(model->name))));
}

const Binding* find_binding(const Model* model, int id) {
  for (int i = 0; i < model->binding_count; ++i) {
    if (model->bindings[i].id == id) return &model->bindings[i];
  }
  return nullptr;
}

bool has_lead(const Model* model) {
  return OidIsValid(model->lead) && SearchSysCacheExists1(RELOID, ObjectIdGetDatum(model->lead));
}

void check_has_leads(const Model* model) {
  if (has_lead(model)) return;
  const char* const name = quote_literal_cstr(model->name);
  ereport(ERROR,
          (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
           errmsg("the relation of the leads of model \"%s\" was dropped", model->name),
           errhint("Make it again and SELECT leadscore.rebind(%s), or SELECT leadscore.drop_model(%s).", name,
                   name)));
}

void model_changed(const Model* model) { CacheInvalidateRelcacheByRelid(model->state); }

const Model* read_anew(const Model* model) {
  model_changed(model);
  CommandCounterIncrement();
  return open_model(model->name, NoLock);
}

const Model* up_to_date(const Model* model) {
  AcceptInvalidationMessages();
  const Model* const now = find_model(model->name, NoLock);
  if (now == nullptr || !has_lead(now)) raise_changed(model);
  return now;
}

void raise_changed(const Model* model) {
  ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                  errmsg("could not serialize access: model \"%s\" has changed meanwhile", model->name),
                  errhint("Run the statement again.")));
}

text* version_rules(const Model* model, int version) {
  if (version == model->version) return model->rules;
  const Acting before = fix_settings();
  SPI_connect();
  PushActiveSnapshot(GetLatestSnapshot());
  const Parameter parameters[] = {text_parameter(model->name), int_parameter(version)};
  if (look_up("SELECT rules FROM leadscore.model_version WHERE model = $1 AND version = $2", parameters) ==
      0) {
    ereport(
        ERROR,
        (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("model \"%s\" has no version %d", model->name, version),
         errhint(
             "SELECT version, published_at, note FROM leadscore.model_version lists those that it has.")));
  }
  const char* const rules = tuple_text(0, 1);
  auto* const copy = static_cast<text*>(SPI_palloc(VARHDRSZ + std::strlen(rules)));
  SET_VARSIZE(copy, VARHDRSZ + std::strlen(rules));
  std::memcpy(VARDATA(copy), rules, std::strlen(rules));
  PopActiveSnapshot();
  SPI_finish();
  stop_acting(before);
  return copy;
}

int64 activity_hash(const text* rules) {
  compile_ruleset({VARDATA_ANY(rules), VARSIZE_ANY_EXHDR(rules)}, nullptr);
  return static_cast<int64>(latest_ruleset().compiled.plan.fingerprint());
}

}  // namespace leadscore
