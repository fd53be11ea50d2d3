// create_model, drop_model.
#include "pg/acting.hpp"
#include "pg/arguments.hpp"
#include "pg/baseline.hpp"
#include "pg/fit.hpp"
#include "pg/guard.hpp"
#include "pg/key_index.hpp"
#include "pg/live.hpp"
#include "pg/may_read.hpp"
#include "pg/model_views.hpp"
#include "pg/ownership.hpp"
#include "pg/records.hpp"
#include "pg/shared_keys.hpp"
#include "pg/state_columns.hpp"
#include "pg/summary_views.hpp"
#include "pg/trigger_names.hpp"

namespace leadscore {
namespace {

enum Argument { kName, kRules, kLead, kLeadKey, kFilter, kSecurity, kNotify };
constexpr struct {
  Argument number;
  const char* name;
} kRequired[] = {
    {kName, "model"}, {kRules, "rules"}, {kLead, "lead"}, {kSecurity, "security"}, {kNotify, "notify"}};

/// The name of a model is that of its schema.
const char* new_name(FunctionCallInfo fcinfo) {
  const char* const name = text_to_cstring(PG_GETARG_TEXT_PP(kName));
  if (name[0] == '\0') ereport(ERROR, (errcode(ERRCODE_INVALID_NAME), errmsg("a model needs a name")));
  if (std::strlen(name) >= NAMEDATALEN) {
    ereport(ERROR, (errcode(ERRCODE_NAME_TOO_LONG), errmsg("the name of model \"%s\" is too long", name),
                    errdetail("A model's name is that of its schema, which has at most %d bytes.",
                              NAMEDATALEN - 1)));
  }
  if (find_model(name, NoLock) != nullptr) {
    ereport(ERROR, (errcode(ERRCODE_DUPLICATE_OBJECT), errmsg("model \"%s\" already exists", name),
                    errhint("A new rule set for it is published with leadscore.publish.")));
  }
  if (OidIsValid(get_namespace_oid(name, true))) {
    ereport(ERROR, (errcode(ERRCODE_DUPLICATE_SCHEMA), errmsg("schema \"%s\" already exists", name),
                    errdetail("A model makes a schema of its own name."),
                    errhint("Choose another name for the model.")));
  }
  return name;
}

/// What the key is called in the state table and the views: as its column in the leads' relation, where it is
/// one and the state table has no column of the name anyway.
const char* key_column(const Expression& key) {
  constexpr const char* kOwn = "lead_key";
  if (key.column == nullptr || SystemAttributeByName(key.column) != nullptr ||
      std::strcmp(key.column, "last_activity_at") == 0)
    return kOwn;
  for (const char* const column : kColumns)
    if (std::strcmp(key.column, column) == 0) return kOwn;
  return key.column;
}

void comment_state(const char* schema, const char* key) {
  const CommentedColumn columns[] = {
      {key, "the lead's key"},
      {"version", "the version of the model by which it was scored"},
      {"engagement", "what its activities amount to; NULL for nothing"},
      {"total", "its total as of scored_at; NULL where there is no such lead"},
      {"tier", "its tier; NULL for none"},
      {"grade", "the grades of the dimensions, joined in their order; NULL where the rule set has none"},
      {"disqualified", "whether a rule disqualifies it"},
      {"dimensions", "the dimensions, in the order of the rule set"},
      {"scored_at", "as of when it was scored"},
      {"next_change_at", "a time before which the tier stays as it is, if nothing happens"},
  };
  comment_relation("TABLE", schema, "state",
                   "what each lead's activities amount to, and its score when it was last written", columns);
}

/// The state table. Its first column is the key, with the key's own type.
void create_state(const char* schema, const Expression& key, const char* column) {
  if (get_typtype(getBaseType(key.type)) == TYPTYPE_PSEUDO) {
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("lead_key is of type %s, which a column can't have", format_type_be(key.type))));
  }
  const TypeCacheEntry* const type = lookup_type_cache(key.type, TYPECACHE_BTREE_OPFAMILY | TYPECACHE_EQ_OPR);
  if (!OidIsValid(type->btree_opf) || !OidIsValid(type->eq_opr)) {
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("lead_key is of type %s, which has no order", format_type_be(key.type)),
                    errhint("Cast it to text.")));
  }
  const char* collation = "";
  if (OidIsValid(key.collation) && key.collation != get_typcollation(key.type)) {
    const HeapTuple tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(key.collation));
    if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for collation %u", key.collation);
    const auto* const row = reinterpret_cast<const FormData_pg_collation*>(GETSTRUCT(tuple));
    collation = psprintf(" COLLATE %s", quote_qualified_identifier(get_namespace_name(row->collnamespace),
                                                                   NameStr(row->collname)));
    ReleaseSysCache(tuple);
  }
  // Half of each page is left free: rows grow with the first activities, and updates that stay on their page
  // spare the indexes.
  run_command(psprintf(
      "CREATE TABLE %s.state (%s %s%s PRIMARY KEY, version integer NOT NULL, engagement "
      "leadscore.engagement, total double precision, "
      "tier text, grade text, disqualified boolean, dimensions double precision[], scored_at timestamptz, "
      "next_change_at timestamptz NOT NULL DEFAULT 'infinity') WITH (fillfactor = "
      "50)",
      schema, column,
      format_type_extended(key.type, key.typmod, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY),
      collation));
  run_command(psprintf(
      "CREATE INDEX state_next_change_at_idx ON %s.state (next_change_at) WHERE next_change_at < 'infinity'",
      schema));
  comment_state(schema, column);
}

}  // namespace

/// create_model(model, rules, lead, lead_key, filter, security, notify)
LEADSCORE_FUNCTION(create_model) {
  for (const auto& [number, argument] : kRequired) {
    if (PG_ARGISNULL(number))
      ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be NULL", argument)));
  }
  const char* const name = new_name(fcinfo);
  const char* const schema = quote_identifier(name);
  const text* const rules = PG_GETARG_TEXT_PP(kRules);
  const Oid lead = PG_GETARG_OID(kLead);
  const char* const security = text_to_cstring(PG_GETARG_TEXT_PP(kSecurity));
  if (std::strcmp(security, "invoker") != 0 && std::strcmp(security, "owner") != 0) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("security must be 'invoker' or 'owner', not '%s'", security)));
  }
  check_relation(lead);
  check_may_be_bound(lead);
  check_is_root(lead);
  check_sees_rows(lead, GetUserId());
  const char* const given_key = optional_text(fcinfo, kLeadKey);
  const Expression key =
      parse_expression(lead, given_key != nullptr ? given_key : primary_key(lead, "lead_key => '…'"),
                       "lead_key", NIL, Scope::row);
  const char* const filter = parse_filter(lead, optional_text(fcinfo, kFilter), NIL, Scope::row).text;
  const char* const column = key_column(key);
  List* const dimensions = dimension_names(rules);
  check_dimension_names(column, dimensions);
  check_lead_fits(rules, lead);

  const Oid owner = GetUserId();
  SPI_connect();
  run_command(psprintf("CREATE SCHEMA %s", schema));
  run_command(psprintf("COMMENT ON SCHEMA %s IS %s", schema,
                       quote_literal_cstr(psprintf("leadscore: model %s", name))));
  const Acting before = fix_settings();
  create_state(schema, key, quote_identifier(column));

  const char kind = get_rel_relkind(lead);
  const bool has_triggers = kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE;
  const char* const alias = quote_identifier(get_rel_name(lead));
  const Acting as_owner = act_as(extension_owner(), false);
  const Parameter model_row[] = {text_parameter(name),
                                 {OIDOID, ObjectIdGetDatum(owner)},
                                 {OIDOID, ObjectIdGetDatum(lead)},
                                 text_parameter(alias),
                                 text_parameter(key.text),
                                 text_parameter(filter),
                                 text_parameter(security),
                                 {BOOLOID, PG_GETARG_DATUM(kNotify)},
                                 text_list_parameter(dimensions)};
  run_command(
      "INSERT INTO leadscore.model (name, owner, lead, lead_name, lead_alias, lead_key, filter, security, "
      "notify, version, dimensions) "
      "VALUES ($1, $2::regrole, $3::regclass, $3::regclass::text, $4, $5, $6, $7, $8, 1, $9)",
      model_row);
  const Parameter version_row[] = {text_parameter(name),
                                   {TEXTOID, PointerGetDatum(rules)},
                                   {INT8OID, Int64GetDatum(activity_hash(rules))}};
  run_command(
      "INSERT INTO leadscore.model_version (model, version, rules, activity_hash) VALUES ($1, 1, $2, $3)",
      version_row);
  if (has_triggers) {
    const Parameter binding_row[] = {
        text_parameter(name), {OIDOID, ObjectIdGetDatum(lead)}, text_parameter(alias)};
    run_command(
        "INSERT INTO leadscore.binding (model, role, source, source_name, alias) "
        "VALUES ($1, 'lead', $2::regclass, $2::regclass::text, $3)",
        binding_row);
  }
  stop_acting(as_owner);

  // The triggers' lock on the table waits for whoever is writing leads: the fill sees them all.
  const Model* const model = open_model(name, NoLock);
  for (int i = 0; i < model->binding_count; ++i) create_triggers(model, &model->bindings[i]);
  create_views(model);
  if (!model->by_owner) protect_state(model);
  const Acting reading = take_role(owner);
  if (!key_is_unique(model) && select_tuples(model, duplicate_key(model), {}, Load::many) > 0) {
    ereport(ERROR,
            (errcode(ERRCODE_UNIQUE_VIOLATION),
             errmsg("lead_key is not unique: %s is the key of %s leads", tuple_text(0, 1), tuple_text(0, 2)),
             errhint("A lead is one row. Choose another key, or a view that has one row a lead.")));
  }
  const char* const index = missing_unique_index(model);
  if (index != nullptr) {
    ereport(WARNING, (errmsg("no unique index on %s serves lead_key", relation_name(model->lead)),
                      errdetail("Of leads that share a key one is scored."), errhint("%s;", index)));
  }
  const Parameter fill[] = {rules_parameter(model->rules), int_parameter(model->version)};
  run_statement(model, fill_state(model), fill, Load::many);
  give_back(reading);
  const Acting looking = act_as(owner, true);
  record_baseline(model);
  stop_acting(looking);
  // Last: nothing is waited for under the lock that this takes.
  const Acting granting = act_as(extension_owner(), false);
  allow_tidying(owner);
  stop_acting(granting);
  stop_acting(before);
  SPI_finish();
  PG_RETURN_VOID();
}

namespace {

/// The owner of a model that has lost its schema or its state table; raises 42704 where there is none.
Oid owner_on_record(const char* name) {
  const Parameter parameters[] = {text_parameter(name)};
  if (read_command("SELECT m.owner::oid FROM leadscore.model m WHERE m.name = $1", parameters) == 0)
    open_model(name, NoLock);
  bool is_null;
  return DatumGetObjectId(tuple_value(0, 1, &is_null));
}

}  // namespace

/// drop_model(model)
LEADSCORE_FUNCTION(drop_model) {
  const char* const name = required_text(fcinfo, 0, "model");
  SPI_connect();
  const Acting settings = fix_settings();
  const Model* const model = find_model(name, AccessExclusiveLock);
  const Oid owner = model != nullptr ? schema_owner(name) : owner_on_record(name);
  check_owner(owner, name);
  // Where the recorded owner is gone, a superuser it is.
  const Acting before = act_as(role_name(owner) == nullptr ? GetUserId() : owner, false);
  // First, so that whoever looks at the dropped schema finds a schema like any other.
  forget_model(name);
  drop_relations(name);
  stop_acting(before);
  stop_acting(settings);
  SPI_finish();
  PG_RETURN_VOID();
}

}  // namespace leadscore
