#include "pg/lead_question.hpp"

#include "pg/careful_sql.hpp"
#include "pg/model_sql.hpp"
#include "pg/readable.hpp"
#include "pg/reading.hpp"

namespace leadscore {
namespace {

bool may_read_scores(const Model* model) {
  const Oid schema = get_namespace_oid(model->name, false);
  const Oid view = get_relname_relid("score", schema);
  const Datum privilege = CStringGetTextDatum("SELECT");
  return OidIsValid(view) &&
         DatumGetBool(DirectFunctionCall2(has_schema_privilege_id, ObjectIdGetDatum(schema),
                                          CStringGetTextDatum("USAGE"))) &&
         DatumGetBool(DirectFunctionCall2(has_table_privilege_id, ObjectIdGetDatum(view), privilege));
}

Acting act_for_reader(const Model* model, Tells tells) {
  const bool as_owner = has_privs_of_role(GetUserId(), model->owner) ||
                        (tells == Tells::score && model->by_owner && may_read_scores(model));
  return as_owner ? act_as(model->owner, true) : fix_settings();
}

/// The text as a key. Keys are written out under the same settings: what a transition calls the lead by can
/// be asked for.
Parameter read_key(const Model* model, char* key) {
  Oid type, collation, input, element;
  int32 typmod;
  get_atttypetypmodcoll(model->state, 1, &type, &typmod, &collation);
  getTypeInputInfo(type, &input, &element);
  Parameter made{type, 0};
  const ErrorData* const error =
      try_reading([&] { made.value = OidInputFunctionCall(input, key, element, typmod); });
  if (error == nullptr) return made;
  ereport(ERROR, (errcode(error->sqlerrcode),
                  errmsg("\"%s\" is no key of model \"%s\", whose keys are of type %s", key, model->name,
                         format_type_with_typemod(type, typmod)),
                  errdetail_internal("%s.", error->message)));
}

/// A parameter as a key of this model.
const char* key_parameter(const Model* model, int number) {
  return psprintf("($%d)%s", number, model->key_cast);
}

/// Publishes the one lead as kTouched.
void publish_key(const LeadQuestion* question) {
  const Parameter parameters[] = {question->key};
  publish_rows(
      read_rows(kTouched, psprintf("SELECT %s AS key", key_parameter(question->model, 1)), parameters));
}

Parameter engagement_parameter(uint64 row, int column) {
  Parameter made;
  made.type = SPI_gettypeid(SPI_tuptable->tupdesc, column);
  made.value = tuple_value(row, column, &made.is_null);
  return made;
}

void read_lead(LeadQuestion* question, const char* key) {
  const Model* const model = question->model;
  const Parameter parameters[] = {question->key};
  const uint64 count = read_tuples(
      psprintf("SELECT l.lead FROM (%s) l WHERE l.key %s %s", lead_rows(model, lead_relation(model)),
               model->key_equals, key_parameter(model, 1)),
      parameters, nullptr);
  if (count == 0) {
    ereport(
        ERROR,
        (errcode(ERRCODE_NO_DATA_FOUND), errmsg("model \"%s\" has no lead \"%s\"", model->name, key),
         errhint("SELECT %s FROM %s.score lists those that you may see.", model->key_column, model->schema)));
  }
  question->lead = {get_rel_type_id(model->lead), 0};
  question->lead.value = tuple_value(0, 1, &question->lead.is_null);
}

}  // namespace

LeadQuestion* open_question(FunctionCallInfo fcinfo, Tells tells) {
  const char* const name = text_to_cstring(PG_GETARG_TEXT_PP(0));
  char* const key = text_to_cstring(PG_GETARG_TEXT_PP(1));
  auto* const question = static_cast<LeadQuestion*>(palloc0(sizeof(LeadQuestion)));
  question->model = open_model(name, NoLock);
  SPI_connect();
  question->before = act_for_reader(question->model, tells);
  question->key = read_key(question->model, key);
  read_lead(question, key);
  publish_key(question);
  return question;
}

void close_question(LeadQuestion* question) {
  if (question->traces.store != nullptr) tuplestore_end(question->traces.store);
  stop_acting(question->before);
  SPI_finish();
}

TimestampTz finite_time(FunctionCallInfo fcinfo, int number, const char* name) {
  const TimestampTz at = PG_GETARG_TIMESTAMPTZ(number);
  if (TIMESTAMP_NOT_FINITE(at)) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s must be finite", name)));
  }
  return at;
}

void read_live_state(LeadQuestion* question) {
  const Model* const model = question->model;
  const Parameter parameters[] = {text_parameter(model->name), question->key};
  const uint64 count = read_tuples(
      psprintf("SELECT CASE WHEN o.activity_hash <> c.activity_hash THEN o.rules ELSE c.rules END, "
               "s.engagement, greatest(now(), leadscore.last_activity_at(s.engagement, '-infinity')) "
               "FROM leadscore.model m "
               "JOIN leadscore.model_version c ON c.model = m.name AND c.version = m.version "
               "LEFT JOIN %s.state s ON s.%s %s %s "
               "LEFT JOIN leadscore.model_version o ON o.model = m.name AND o.version = s.version "
               "WHERE m.name = $1",
               model->schema, model->key_column, model->key_equals, key_parameter(model, 2)),
      parameters, nullptr);
  if (count == 0) {  // it is newer than the snapshot
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("model \"%s\" does not exist", model->name)));
  }
  bool is_null;
  question->rules = rules_parameter(DatumGetTextPP(tuple_value(0, 1, &is_null)));
  question->state = engagement_parameter(0, 2);
  question->as_of = DatumGetTimestampTz(tuple_value(0, 3, &is_null));
}

void read_rules(LeadQuestion* question, const int* version) {
  const Model* const model = question->model;
  const Parameter parameters[] = {
      text_parameter(model->name),
      {INT4OID, Int32GetDatum(version == nullptr ? 0 : *version), version == nullptr}};
  const uint64 count = read_tuples(
      "SELECT v.rules FROM leadscore.model m JOIN leadscore.model_version v ON v.model = m.name AND "
      "v.version = "
      "coalesce($2, m.version) WHERE m.name = $1",
      parameters, nullptr);
  if (count == 0 && version != nullptr) {
    ereport(
        ERROR,
        (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("model \"%s\" has no version %d", model->name, *version),
         errhint(
             "SELECT version, published_at, note FROM leadscore.model_version lists those that it has.")));
  }
  if (count == 0) {  // it is newer than the snapshot
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("model \"%s\" does not exist", model->name)));
  }
  bool is_null;
  question->rules = rules_parameter(DatumGetTextPP(tuple_value(0, 1, &is_null)));
}

Parameter state_at(const LeadQuestion* question, TimestampTz as_of) {
  const Parameter at{TIMESTAMPTZOID, TimestampTzGetDatum(as_of)};
  const Rows found = readable_history(question->model, kGathered, true, question->rules, &at);
  publish_rows(found);
  read_tuples(psprintf("SELECT (SELECT h.added FROM %s h)", kGathered), {}, nullptr);
  const Parameter state = engagement_parameter(0, 1);
  withdraw_rows(kGathered);
  tuplestore_end(found.store);
  return state;
}

void bind_lead(const LeadQuestion* question, Purpose purpose, RulesetPin& rules, LeadSide& lead) {
  const text* const stored = DatumGetTextPP(question->rules.value);
  lead.reset();
  compile_ruleset({VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored)}, &rules);
  const HeapTupleHeader row = DatumGetHeapTupleHeader(question->lead.value);
  lead.bind(*rules, purpose,
            {RowType::Form::row, HeapTupleHeaderGetTypeId(row), HeapTupleHeaderGetTypMod(row)},
            {HeapTupleHeaderGetDatum(row), false});
}

void publish_traces(LeadQuestion* question) {
  question->traces = readable_traces(question->model, kTraces, question->rules);
  publish_rows(question->traces);
}

}  // namespace leadscore
