// add_activity, watch, remove_activity: which tables a model follows.
#include "pg/acting.hpp"
#include "pg/arguments.hpp"
#include "pg/baseline.hpp"
#include "pg/careful.hpp"
#include "pg/careful_sql.hpp"
#include "pg/fit.hpp"
#include "pg/guard.hpp"
#include "pg/key_index.hpp"
#include "pg/live.hpp"
#include "pg/may_read.hpp"
#include "pg/model_views.hpp"
#include "pg/records.hpp"
#include "pg/trigger_names.hpp"
#include "pg/unusable.hpp"

namespace leadscore {
namespace {

Oid required_table(FunctionCallInfo fcinfo, int number) {
  if (PG_ARGISNULL(number))
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("source must not be NULL")));
  const Oid table = PG_GETARG_OID(number);
  const char kind = get_rel_relkind(table);
  check_may_be_bound(table);
  if (kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE) {
    check_is_root(table);
    return table;
  }
  if (kind == '\0')
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("there is no table with OID %u", table)));
  ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is not a table", get_rel_name(table)),
                  errdetail("Only tables tell when their rows change."),
                  errhint("Bind the tables that a view reads, or declare them with leadscore.watch.")));
}

/// Locks the table as CREATE TRIGGER will, before anything of the model: who writes it now is waited for.
void lock_source(const Model* model, Oid table) {
  check_may_follow(model->owner, table);
  LockRelationOid(table, ShareRowExclusiveLock);
}

List* watched_tables(const Model* model) {
  List* tables = NIL;
  for (int i = 0; i < model->binding_count; ++i) {
    if (model->bindings[i].role == Role::watch) tables = lappend_oid(tables, model->bindings[i].source);
  }
  return tables;
}

void check_castable(const Expression& key, const Model* model) {
  Oid function;
  if (key.type == model->key_type ||
      find_coercion_pathway(model->key_type, key.type, COERCION_EXPLICIT, &function) != COERCION_PATH_NONE)
    return;
  ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                  errmsg("lead_key is of type %s, which can't be cast to the key of model \"%s\", %s",
                         format_type_be(key.type), model->name, format_type_be(model->key_type))));
}

/// A recompute looks for the activities of a few leads: without an index it reads the whole table.
void warn_without_index(const Expression& key, const Binding* binding) {
  const char* const statement = missing_key_index(binding);
  if (statement == nullptr) return;
  const char* const table = relation_name(binding->source);
  if (key.hop != nullptr) {
    ereport(WARNING, (errmsg("no index serves lead_key, which is looked up in %s", key.hop->table),
                      errdetail("Each UPDATE or DELETE of activities will read the whole table."),
                      errhint("%s;", statement)));
    return;
  }
  if (key.reads_tables) {
    ereport(WARNING, (errmsg("lead_key looks into another table, which no index on %s can serve", table),
                      errdetail("Each UPDATE or DELETE of activities will read the whole table.")));
    return;
  }
  ereport(WARNING, (errmsg("no index on %s serves lead_key", table),
                    errdetail("Each UPDATE or DELETE of activities will read the whole table."),
                    errhint("%s;", statement)));
}

void add_binding(const Model* model, const char* role, Oid source, const Expression* key, const char* kind,
                 const char* at, const char* filter, const char* fields, const char* leads,
                 bool reads_tables) {
  const Hop* const hop = key == nullptr ? nullptr : key->hop;
  const Acting before = act_as(extension_owner(), false);
  const Parameter row[] = {
      text_parameter(model->name),
      text_parameter(role),
      {OIDOID, ObjectIdGetDatum(source)},
      text_parameter(quote_identifier(get_rel_name(source))),
      text_parameter(key == nullptr ? nullptr : key->text),
      {OIDOID, ObjectIdGetDatum(key == nullptr ? InvalidOid : key->type), key == nullptr},
      text_parameter(kind),
      text_parameter(at),
      text_parameter(filter),
      text_parameter(fields),
      text_parameter(leads),
      {BOOLOID, BoolGetDatum(reads_tables)},
      text_parameter(hop == nullptr ? nullptr : hop->table),
      text_parameter(hop == nullptr ? nullptr : hop->key),
      text_parameter(hop == nullptr ? nullptr : hop->from),
      text_parameter(hop == nullptr ? nullptr : hop->condition)};
  run_command(
      "INSERT INTO leadscore.binding (model, role, source, alias, lead_key, lead_key_type, kind, at, filter, "
      "fields, leads, reads_tables, source_name, hop_table, hop_key, hop_from, hop_condition) "
      "VALUES ($1, $2, $3::regclass, $4, $5, $6::regtype, $7, $8, $9, $10, $11, $12, $3::regclass::text, "
      "$13, $14, $15, $16)",
      row);
  stop_acting(before);
}

/// The binding added last.
const Binding* newest_binding(const Model* model) { return &model->bindings[model->binding_count - 1]; }

/// Brings up to date whoever has activities in a source that has just been bound. What can't be scored there
/// is recorded as it is where such a row is written.
void fill_from(const Model* model, const Binding* binding) {
  const TimestampTz start = GetCurrentTimestamp();
  const Changed all = {nullptr, relation_name(binding->source)};
  unusable_activities = 0;
  if (!add_new_source(model, binding)) {
    unusable_activities = 0;
    Rows touched = new_rows(kTouched);
    if (try_select(model, &touched, touched_by_source(model, binding), {}, Load::many) != nullptr) {
      touch_with_care(model, binding, all, Refresh::fold, &touched);
      unusable_activities = 0;
    }
    refresh_touched(model, touched, Refresh::fold, nullptr);
    tuplestore_end(touched.store);
  }
  if (unusable_activities > 0) note_unusable(model, binding, all, Load::many);
  const Parameter parameters[] = {text_parameter(model->name),
                                  {OIDOID, ObjectIdGetDatum(binding->source)},
                                  {TIMESTAMPTZOID, TimestampTzGetDatum(start)}};
  if (select_tuples(model,
                    "SELECT FROM leadscore.problem WHERE model = $1 AND source = $2::regclass AND at >= $3",
                    parameters, Load::many) > 0) {
    ereport(WARNING,
            (errmsg("some rows of %s can't be scored", relation_name(binding->source)),
             errdetail("They count nowhere."),
             errhint("SELECT key, message FROM leadscore.problem WHERE model = %s says which and why.",
                     quote_literal_cstr(model->name))));
  }
}

/// What counts is another thing now: the leads that rules are watched against are those of today.
void renew_baseline(const Model* model) {
  if (!model->rebuilding) record_baseline(model);
}

}  // namespace

/// add_activity(model, source, lead_key, kind, constant_kind, at, filter, fields)
LEADSCORE_FUNCTION(add_activity) {
  enum Argument { kModel, kSource, kLeadKey, kKind, kConstantKind, kAt, kFilter, kFields };
  const Model* model = open_model(required_text(fcinfo, kModel, "model"), NoLock);
  check_owns(model);
  const Oid source = required_table(fcinfo, kSource);
  const char* const given_key = required_text(fcinfo, kLeadKey, "lead_key");
  const char* const given_at = required_text(fcinfo, kAt, "at");
  const char* const given_kind = optional_text(fcinfo, kKind);
  const char* const constant_kind = optional_text(fcinfo, kConstantKind);
  if ((given_kind == nullptr) == (constant_kind == nullptr)) {
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
             given_kind == nullptr ? errmsg("either kind or constant_kind is needed")
                                   : errmsg("give kind or constant_kind, not both"),
             errhint("kind is an expression over a row; constant_kind is the kind itself, where all rows are "
                     "of one.")));
  }
  if (constant_kind != nullptr && constant_kind[0] == '\0')
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("constant_kind must not be empty")));
  lock_source(model, source);
  check_sees_rows(source, model->owner);
  model = open_model(model->name, ShareRowExclusiveLock);
  check_has_leads(model);

  List* const watched = watched_tables(model);
  const Expression key = parse_expression(source, given_key, "lead_key", watched);
  check_castable(key, model);
  const Expression at = parse_expression(source, given_at, "at", watched);
  const Expression kind =
      given_kind == nullptr
          ? Expression{quote_literal_cstr(constant_kind), TEXTOID, -1, InvalidOid, false, nullptr}
          : parse_expression(source, given_kind, "kind", watched);
  const Expression filter = parse_filter(source, optional_text(fcinfo, kFilter), watched);
  const char* const given_fields = optional_text(fcinfo, kFields);
  const Expression fields = parse_expression(
      source,
      given_fields != nullptr ? given_fields : whole_row(quote_identifier(get_rel_name(source)), source),
      "fields", watched);
  if (!type_is_rowtype(fields.type) || fields.type == RECORDOID) {
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("fields is of type %s, not a row with named columns", format_type_be(fields.type)),
                    errhint("Without fields, rules see the whole row of the source.")));
  }
  check_activity_fits(model->rules, fields.type, fields.typmod);

  SPI_connect();
  const Acting before = act_as(model->owner, true);
  add_binding(
      model, "activity", source, &key, kind.text, as_instant(at, "at"), filter.text,
      given_fields == nullptr ? nullptr : fields.text, nullptr,
      key.reads_tables || at.reads_tables || kind.reads_tables || filter.reads_tables || fields.reads_tables);
  model = read_anew(model);
  const Binding* const binding = newest_binding(model);
  check_may_read(model, binding);
  create_triggers(model, binding);
  warn_without_index(key, binding);
  if (has_watches(model)) lock_watched(model, false);
  fill_from(model, binding);
  renew_baseline(model);
  stop_acting(before);
  SPI_finish();
  PG_RETURN_VOID();
}

/// watch(model, source, leads)
LEADSCORE_FUNCTION(watch) {
  enum Argument { kModel, kSource, kLeads };
  const Model* model = open_model(required_text(fcinfo, kModel, "model"), NoLock);
  check_owns(model);
  const Oid source = required_table(fcinfo, kSource);
  const char* const given = required_text(fcinfo, kLeads, "leads");
  lock_source(model, source);
  model = open_model(model->name, ShareRowExclusiveLock);
  check_has_leads(model);
  const Expression leads = parse_query(source, given, "leads");
  check_castable(leads, model);
  SPI_connect();
  const Acting before = act_as(model->owner, true);
  add_binding(model, "watch", source, nullptr, nullptr, nullptr, nullptr, nullptr, leads.text, true);
  model = read_anew(model);
  create_triggers(model, newest_binding(model));
  // Rows of the table may have changed since the leads that look into it were scored.
  const Rows touched = select_rows(model, kTouched, touched_all(model), {}, Load::many);
  refresh_touched(model, touched, Refresh::fold, nullptr);
  tuplestore_end(touched.store);
  stop_acting(before);
  SPI_finish();
  PG_RETURN_VOID();
}

/// remove_activity(model, source)
LEADSCORE_FUNCTION(remove_activity) {
  enum Argument { kModel, kSource };
  const Model* model = open_model(required_text(fcinfo, kModel, "model"), NoLock);
  check_owns(model);
  if (PG_ARGISNULL(kSource))
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("source must not be NULL")));
  const Oid source = PG_GETARG_OID(kSource);
  if (OidIsValid(get_rel_type_id(source))) LockRelationOid(source, ShareRowExclusiveLock);
  model = open_model(model->name, ShareRowExclusiveLock);
  SPI_connect();
  const Acting before = act_as(model->owner, true);
  // As recorded: of a table that was dropped, the model knows no more than that.
  const Parameter row[] = {text_parameter(model->name), {OIDOID, ObjectIdGetDatum(source)}};
  const uint64 count = read_command(
      "SELECT b.id FROM leadscore.binding b WHERE b.model = $1 AND b.role = 'activity' AND b.source::oid = "
      "$2",
      row);
  if (count == 0) {
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
                    errmsg("\"%s\" is no source of activities of model \"%s\"",
                           get_rel_name(source) == nullptr ? "-" : get_rel_name(source), model->name)));
  }
  List* removed = NIL;
  for (uint64 i = 0; i < count; ++i) {
    bool is_null;
    removed = lappend_int(removed, DatumGetInt32(tuple_value(i, 1, &is_null)));
  }
  // Without leads there is nothing to recompute; rebind will.
  const bool recompute = has_lead(model);
  Rows touched = new_rows(kTouched);
  if (recompute &&
      try_select(model, &touched, touched_by_bindings(model, removed), {}, Load::many) != nullptr) {
    tuplestore_end(touched.store);
    touched = select_rows(model, kTouched, touched_states(model), {}, Load::many);
  }
  for (uint64 i = 0; i < count; ++i)
    forget_binding(model, find_binding(model, list_nth_int(removed, static_cast<int>(i))));
  model = read_anew(model);
  if (recompute) refresh_touched(model, touched, Refresh::fold, "rescore");
  if (recompute) renew_baseline(model);
  tuplestore_end(touched.store);
  stop_acting(before);
  SPI_finish();
  PG_RETURN_VOID();
}

}  // namespace leadscore
