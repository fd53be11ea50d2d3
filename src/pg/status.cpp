// status: is each part of a model as it should be, and what is to be done where it is not?
#include "pg/acting.hpp"
#include "pg/arguments.hpp"
#include "pg/faults.hpp"
#include "pg/guard.hpp"
#include "pg/key_index.hpp"
#include "pg/may_read.hpp"
#include "pg/model_sql.hpp"
#include "pg/model_views.hpp"
#include "pg/ownership.hpp"
#include "pg/reading.hpp"
#include "pg/shared_keys.hpp"
#include "pg/statement.hpp"

namespace leadscore {
namespace {

/// What a look at a part has found.
struct Finding {
  bool ok;
  const char* detail;
};

/// A part of a model. The body that looks at it may fail; that is a finding, too.
struct Part {
  const Model* model;
  const Binding* binding;  ///< nullptr where the part is not one of a table
  bool own;                ///< may the reader act as the model's owner? Others are told nothing of any row
  Finding (*look)(const Part& part);
  Finding found;
};

void look_at(void* argument) {
  auto* const part = static_cast<Part*>(argument);
  part->found = part->look(*part);
}

const char* call(const Model* model, const char* function) {
  return psprintf("SELECT leadscore.%s(%s)", function, quote_literal_cstr(model->name));
}

/// The name by which a relation was bound, where another has it now; nullptr else.
const char* taken_name(const Model* model, const Binding* binding) {
  const Parameter of[] = {text_parameter(model->name), int_parameter(binding == nullptr ? 0 : binding->id)};
  const uint64 count = read_command(
      binding == nullptr ? "SELECT m.lead_name FROM leadscore.model m WHERE m.name = $1 AND $2 = 0 "
                           "AND to_regclass(m.lead_name) <> m.lead"
                         : "SELECT b.source_name FROM leadscore.binding b WHERE b.model = $1 AND b.id = $2 "
                           "AND to_regclass(b.source_name) <> b.source",
      of);
  return count == 0 ? nullptr : tuple_text(0, 1);
}

/// Where a binding's triggers are not as they should be.
Finding triggers(const Part& part) {
  const Parameter of[] = {
      {OIDOID, ObjectIdGetDatum(part.binding->source)},
      text_parameter(psprintf("leadscore_%010d_%010d_", part.model->id, part.binding->id))};
  read_command(
      "WITH RECURSIVE below (relation) AS (SELECT $1 UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i "
      "JOIN below b ON i.inhparent = b.relation WHERE NOT i.inhdetachpending) "
      "SELECT count(DISTINCT b.relation), string_agg(format('%s on %s', CASE WHEN t.oid IS NULL THEN "
      "'missing: ' "
      "ELSE 'disabled: ' END || $2 || e.event, b.relation::regclass), ', ' ORDER BY "
      "b.relation::regclass::text, "
      "e.event) FILTER (WHERE t.oid IS NULL OR t.tgenabled IN ('D', 'R')) "
      "FROM below b CROSS JOIN (VALUES ('insert'), ('update'), ('delete'), ('truncate')) e (event) "
      "LEFT JOIN pg_catalog.pg_trigger t ON t.tgrelid = b.relation AND t.tgname = $2 || e.event",
      of);
  const char* const wrong = tuple_text(0, 2);
  if (wrong != nullptr) {
    return {false, psprintf("%s. %s makes triggers and recomputes.", wrong, call(part.model, "rebind"))};
  }
  const int64 tables = pg_strtoint64(tuple_text(0, 1));
  return {true, tables == 1 ? "followed by triggers"
                            : psprintf("followed by triggers on " INT64_FORMAT " tables", tables)};
}

/// What is to be said of leads that share a key; nullptr where none do.
const char* shared_key(const Part& part) {
  const Model* const model = part.model;
  if (key_is_unique(model)) return nullptr;
  const Acting before = act_as(model->owner, true);
  const char* shared = nullptr;
  if (select_tuples(model, duplicate_key(model), {}, Load::many) > 0) {
    shared = part.own ? psprintf("Key %s is that of %s leads, one of which is scored. A lead is one row.",
                                 tuple_text(0, 1), tuple_text(0, 2))
                      : "Several leads have one key, and one of them is scored. A lead is one row.";
  }
  stop_acting(before);
  return shared;
}

/// Triggers work with the owner's rights: without the role nothing is scored.
Finding owner(const Part& part) {
  const Oid schema = schema_owner(part.model->name);
  const char* const now = role_name(schema);
  const char* const recorded = role_name(part.model->owner);
  if (schema == part.model->owner && recorded != nullptr) return {true, "the owner of the schema"};
  return {false, psprintf("%s. Schema %s belongs to %s. %s lets the model work with that role's rights.",
                          recorded == nullptr ? "The role that owned the model is gone: nothing is scored"
                                              : psprintf("The model works with the rights of %s", recorded),
                          part.model->schema, now == nullptr ? "a role that is gone" : now,
                          call(part.model, "rebind"))};
}

Finding lead(const Part& part) {
  const Model* const model = part.model;
  const char* const taken = taken_name(model, nullptr);
  if (taken != nullptr)
    return {false, psprintf("%s is another relation than the one that was bound. %s takes it.", taken,
                            call(model, "rebind"))};
  if (!has_lead(model)) {
    return {false, psprintf("The relation was dropped. Make it again and %s, or %s.", call(model, "rebind"),
                            call(model, "drop_model"))};
  }
  const char* fault = lead_fault(model);
  if (fault == nullptr) fault = reading_fault(model, nullptr);
  if (fault != nullptr) return {false, fault};
  const char* const shared = shared_key(part);
  if (shared != nullptr) return {false, shared};
  if (part.binding != nullptr) {
    Finding found = triggers(part);
    const char* const statement = missing_unique_index(model);
    if (found.ok && statement != nullptr)
      found.detail = psprintf("%s. No unique index serves lead_key. %s;", found.detail, statement);
    return found;
  }
  return {true, "a view: changes are followed on the tables that are watched"};
}

Finding source(const Part& part) {
  const char* const taken = taken_name(part.model, part.binding);
  if (taken != nullptr)
    return {false, psprintf("%s is another relation than the one that was bound. %s takes it.", taken,
                            call(part.model, "rebind"))};
  if (!OidIsValid(part.binding->source)) {
    return {false, psprintf("The table was dropped. Make it again and %s.", call(part.model, "rebind"))};
  }
  const char* fault = binding_fault(part.model, part.binding);
  if (fault == nullptr && part.binding->role == Role::activity)
    fault = reading_fault(part.model, part.binding);
  if (fault != nullptr) return {false, fault};
  return triggers(part);
}

Finding index(const Part& part) {
  const char* const statement = missing_key_index(part.binding);
  if (statement == nullptr) return {true, "serves lead_key"};
  return {false,
          psprintf("No index serves lead_key: each UPDATE or DELETE reads the whole table. %s;", statement)};
}

/// Logical replication applies rows without firing statement triggers.
Finding replication(const Part& part) {
  const Parameter of[] = {{OIDOID, ObjectIdGetDatum(part.binding->source)}};
  const uint64 count = read_command(
      "WITH RECURSIVE below (relation) AS (SELECT $1 UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i "
      "JOIN below b ON i.inhparent = b.relation) "
      "SELECT FROM pg_catalog.pg_subscription_rel s JOIN below b ON b.relation = s.srrelid LIMIT 1",
      of);
  if (count == 0) return {true, nullptr};
  return {false, psprintf("A subscription writes this table, and what it writes fires no statement trigger. "
                          "%s recomputes.",
                          call(part.model, "rebind"))};
}

Finding views(const Part& part) {
  const Oid schema = get_namespace_oid(part.model->name, false);
  StringInfoData missing;
  initStringInfo(&missing);
  for (const char* const view : kViews) {
    if (OidIsValid(get_relname_relid(view, schema))) continue;
    appendStringInfo(&missing, "%s%s.%s", missing.len == 0 ? "" : ", ", part.model->schema, view);
  }
  if (missing.len == 0) return {true, "all there"};
  return {false, psprintf("missing: %s. %s makes them.", missing.data, call(part.model, "rebind"))};
}

/// "1 row", "2 rows"
const char* counted(const char* count, const char* noun) {
  return psprintf("%s %s%s", count, noun, std::strcmp(count, "1") == 0 ? "" : "s");
}

/// How many rows state has: counted where that reads little, else as the server estimates.
const char* state_rows(const Model* model) {
  constexpr BlockNumber kFewPages = 1000;
  const Relation table = relation_open(model->state, AccessShareLock);
  const bool few = RelationGetNumberOfBlocks(table) <= kFewPages;
  const float4 estimate = table->rd_rel->reltuples;
  relation_close(table, AccessShareLock);
  if (!few) {
    return estimate < 0 ? "many rows, never counted by ANALYZE"
                        : psprintf("about " INT64_FORMAT " rows", static_cast<int64>(estimate));
  }
  select_tuples(model, psprintf("SELECT count(*) FROM %s.state", model->schema), {}, Load::many);
  return counted(tuple_text(0, 1), "row");
}

Finding state(const Part& part) {
  const Model* const model = part.model;
  const Acting before = act_as(model->owner, true);
  select_tuples(model,
                psprintf("SELECT s.%s, s.engagement, s.total, s.tier, s.grade, s.disqualified, s.dimensions, "
                         "s.scored_at, s.next_change_at, s.version FROM %s.state s LIMIT 0",
                         model->key_column, model->schema),
                {}, Load::many);
  const char* const rows = state_rows(model);
  stop_acting(before);
  if (!model->by_owner && !OidIsValid(get_relation_policy_oid(model->state, "readers", true))) {
    return {false, psprintf("The policy that says who sees which rows is gone: nobody does but the owner. %s "
                            "makes it.",
                            call(model, "rebind"))};
  }
  return {true, psprintf("readable: %s", rows)};
}

Finding rules(const Part& part) {
  const char* const fault = rules_fault(part.model->rules);
  if (fault != nullptr)
    return {false,
            psprintf("Version %d can't be read: %s. Publish one that can.", part.model->version, fault)};
  return {true, psprintf("version %d in force", part.model->version)};
}

Finding outcome(const Part& part) {
  const Model* const model = part.model;
  if (model->outcome == nullptr || !has_lead(model)) return {true, nullptr};
  const char* const fault = outcome_fault(model);
  if (fault != nullptr) return {false, psprintf("%s. leadscore.set_outcome binds another.", fault)};
  const Acting before = act_as(model->owner, true);
  const ErrorData* const error =
      try_reading([&] { check_select(prepare_select(outcome_rows(model), {}), {}, Seen::latest); });
  stop_acting(before);
  if (error != nullptr) return {false, psprintf("The model's owner can't read it: %s.", error->message)};
  return {true, model->decided_at == nullptr ? "bound, without the time of the decision" : "bound"};
}

Finding rebuilding(const Part& part) {
  if (!part.model->rebuilding) return {true, "no state waits"};
  return {false, psprintf("States of an earlier version wait to be rebuilt. CALL leadscore.rescore(%s).",
                          quote_literal_cstr(part.model->name))};
}

Finding problems(const Part& part) {
  const Parameter of[] = {text_parameter(part.model->name)};
  read_command("SELECT count(*) FROM leadscore.problem p WHERE p.model = $1", of);
  const char* const count = tuple_text(0, 1);
  if (std::strcmp(count, "0") == 0) return {true, "none recorded"};
  return {false, psprintf("%s could not be scored. SELECT * FROM leadscore.problem WHERE model = %s.",
                          counted(count, "row"), quote_literal_cstr(part.model->name))};
}

/// A tier may be late by what lies between two ticks; after that, nobody ticks.
Finding due(const Part& part) {
  const Acting before = act_as(part.model->owner, true);
  select_tuples(
      part.model,
      psprintf("SELECT count(*), min(s.next_change_at) < clock_timestamp() - interval '10 minutes', "
               "date_trunc('second', clock_timestamp() - min(s.next_change_at)) "
               "FROM %s.state s WHERE s.next_change_at <= clock_timestamp()",
               part.model->schema),
      {}, Load::many);
  stop_acting(before);
  const char* const count = tuple_text(0, 1);
  const char* const late = tuple_text(0, 2);
  if (late == nullptr) return {true, psprintf("%s due", counted(count, "lead"))};
  const char* const lag =
      psprintf("%s due, the first of them for %s", counted(count, "lead"), tuple_text(0, 3));
  if (late[0] != 't') return {true, lag};
  return {false, psprintf("%s. %s.", lag, call(part.model, "tick"))};
}

void put_row(const ReturnSetInfo* results, const char* model, const char* part, Finding found) {
  Datum values[] = {model == nullptr ? 0 : CStringGetTextDatum(model), CStringGetTextDatum(part),
                    BoolGetDatum(found.ok), CStringGetTextDatum(found.detail)};
  bool nulls[] = {model == nullptr, false, false, false};
  tuplestore_putvalues(results->setResult, results->setDesc, values, nulls);
}

/// A model, as it is told of.
struct Shown {
  const ReturnSetInfo* results;
  const Model* model;
  bool own;
};

/// A part that is as it should be and has nothing to say is left out.
void put_part(const Shown& shown, const Binding* binding, const char* name,
              Finding (*look)(const Part& part)) {
  Part part{shown.model, binding, shown.own, look, {}};
  const char* const fault = fault_of(look_at, &part);
  // Messages may quote values.
  if (fault != nullptr)
    part.found = {false, shown.own ? fault : "Looking at it fails; the model's owner is told how."};
  if (part.found.detail != nullptr) put_row(shown.results, shown.model->name, name, part.found);
}

const char* name_of(const Model* model, const Binding* binding) {
  const Oid relation = binding == nullptr ? model->lead : binding->source;
  if (OidIsValid(relation) && get_rel_name(relation) != nullptr) return relation_name(relation);
  const Parameter of[] = {text_parameter(model->name), int_parameter(binding == nullptr ? 0 : binding->id)};
  read_command(binding == nullptr
                   ? "SELECT m.lead_name FROM leadscore.model m WHERE m.name = $1 AND $2 = 0"
                   : "SELECT b.source_name FROM leadscore.binding b WHERE b.model = $1 AND b.id = $2",
               of);
  return tuple_text(0, 1);
}

void put_model(const Shown& shown) {
  const Model* const model = shown.model;
  const Binding* leads = nullptr;
  for (int i = 0; i < model->binding_count; ++i) {
    if (model->bindings[i].role == Role::lead) leads = &model->bindings[i];
  }
  put_part(shown, nullptr, "owner", owner);
  put_part(shown, leads, psprintf("lead %s", name_of(model, nullptr)), lead);
  for (int i = 0; i < model->binding_count; ++i) {
    const Binding* const binding = &model->bindings[i];
    const char* const name = name_of(model, binding);
    if (binding->role != Role::lead) {
      put_part(shown, binding, psprintf("%s %s", binding->role == Role::watch ? "watch" : "activity", name),
               source);
    }
    if (!OidIsValid(binding->source)) continue;
    if (binding->role == Role::activity) put_part(shown, binding, psprintf("index on %s", name), index);
    put_part(shown, binding, psprintf("replication of %s", name), replication);
  }
  put_part(shown, nullptr, "rules", rules);
  put_part(shown, nullptr, "state", state);
  put_part(shown, nullptr, "views", views);
  put_part(shown, nullptr, "outcome", outcome);
  put_part(shown, nullptr, "rebuilding", rebuilding);
  put_part(shown, nullptr, "problems", problems);
  put_part(shown, nullptr, "clock", due);
}

/// The extension itself, which belongs to no model: a new module needs its new declarations.
void put_version(const ReturnSetInfo* results) {
  read_command("SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'leadscore'", {});
  const char* const declared = tuple_text(0, 1);
  const bool same = std::strcmp(declared, LEADSCORE_VERSION) == 0;
  put_row(
      results, nullptr, "extension",
      {same, same ? psprintf("version %s", declared)
                  : psprintf("The module is of version %s, what this database declares of it of %s. ALTER "
                             "EXTENSION leadscore UPDATE;",
                             LEADSCORE_VERSION, declared)});
}

struct Named {
  const char* name;
  const Model* model;
};

void find_named(void* argument) {
  auto* const named = static_cast<Named*>(argument);
  named->model = find_model(named->name, NoLock);
}

}  // namespace

/// status(model) -> table (model, part, ok, detail)
LEADSCORE_FUNCTION(status) {
  const char* const name = optional_text(fcinfo, 0);
  InitMaterializedSRF(fcinfo, 0);
  const auto* const results = reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo);
  SPI_connect();
  // What is said is how things are, not what anybody's rows hold: no right is needed.
  const Oid reader = GetUserId();
  const Acting before = act_as(extension_owner(), false);
  if (name == nullptr) put_version(results);
  const Parameter of[] = {text_parameter(name)};
  const uint64 count = read_command(
      "SELECT m.name FROM leadscore.model m WHERE $1 IS NULL OR m.name = $1 ORDER BY m.name", of);
  const SPITupleTable* const found = SPI_tuptable;
  if (count == 0 && name != nullptr) open_model(name, NoLock);
  for (uint64 i = 0; i < count; ++i) {
    Named named{SPI_getvalue(found->vals[i], found->tupdesc, 1), nullptr};
    const char* const fault = fault_of(find_named, &named);
    if (named.model != nullptr && fault == nullptr) {
      put_model({results, named.model, has_privs_of_role(reader, named.model->owner)});
      continue;
    }
    put_row(results, named.name, "model",
            {false, fault != nullptr ? fault
                                     : psprintf("Its schema or its table state is gone. SELECT "
                                                "leadscore.drop_model(%s).",
                                                quote_literal_cstr(named.name))});
  }
  stop_acting(before);
  SPI_finish();
  PG_RETURN_NULL();
}

}  // namespace leadscore
