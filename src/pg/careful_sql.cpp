#include "pg/careful_sql.hpp"

#include "pg/careful.hpp"
#include "pg/problem.hpp"

namespace leadscore {
namespace {

constexpr const char* kNothing = "NULL::leadscore.engagement AS added";

/// Is the row one that passes the filter, with a key? The key is looked at only where it does.
const char* is_one(const char* filter, const char* has_key) {
  return filter == nullptr ? has_key : psprintf("CASE WHEN (%s) THEN %s ELSE false END", filter, has_key);
}

}  // namespace

const char* part_activities(const Model* model, const Binding* binding, bool touched) {
  const char* const key = as_key(model, binding->lead_key);
  return psprintf(
      "SELECT %s AS key, (%s)::text AS kind, %s AS at, %s AS fields FROM %s AS %s%s WHERE %s", key,
      binding->kind, binding->at, binding->fields, kPart, binding->alias,
      touched ? psprintf(" JOIN %s leadscore_t ON %s", kTouched, matches_touched(model, binding)) : "",
      is_one(binding->filter, has_key(model, binding)));
}

const char* part_added(const Model* model, const Binding* binding, bool touched) {
  return psprintf(
      "SELECT a.key, leadscore.engage($1, a.kind, a.at, a.fields) AS added FROM (%s) a GROUP BY a.key HAVING "
      "leadscore.engage($1, a.kind, a.at, a.fields) IS NOT NULL",
      part_activities(model, binding, touched));
}

const char* part_keys(const Model* model, const Binding* binding, bool all) {
  return psprintf(
      "SELECT a.key, %s FROM (%s) a WHERE num_nulls(leadscore.activity_trace($1, a.kind, a.at, "
      "a.fields)) <= %d",
      kNothing, part_activities(model, binding, false), all ? 1 : 0);
}

const char* part_old_keys(const Model* model, const Binding* binding) {
  const bool lead = binding->role == Role::lead;
  const char* const key = as_key(model, lead ? model->lead_key : binding->lead_key);
  return psprintf("SELECT %s AS key, %s FROM %s AS %s WHERE %s", key, kNothing, kPart, binding->alias,
                  lead ? is_usable(model, key) : has_key(model, binding));
}

const char* part_lead_keys(const Model* model) {
  const char* const key = as_key(model, model->lead_key);
  return psprintf("SELECT %s AS key, %s FROM %s AS %s WHERE %s", key, kNothing, kPart, model->lead_alias,
                  is_one(model->filter, is_usable(model, key)));
}

const char* part_watch_keys(const Model* model, const Binding* binding) {
  return psprintf(
      "SELECT leadscore_u.key%s AS key, %s FROM %s AS %s, unnest(%s) AS leadscore_u(key) WHERE %s",
      model->key_cast, kNothing, kPart, binding->alias, binding->leads,
      is_usable(model, as_key(model, "leadscore_u.key")));
}

const char* all_states(const Model* model) {
  return psprintf("SELECT s.%s AS key, %s FROM %s.state s", model->key_column, kNothing, model->schema);
}

const char* all_lead_keys(const Model* model) {
  return psprintf("SELECT l.key, %s FROM (%s) l", kNothing, lead_rows(model, lead_relation(model)));
}

const char* touched_by_gathered(const Model* model) {
  return psprintf(
      "SELECT g.key, leadscore.merge(g.added) AS added, %s AS lead_before FROM %s g GROUP BY g.key",
      no_lead(model), kGathered);
}

const char* touched_with_gathered(const Model* model) {
  return psprintf(
      "SELECT t.key, h.added, t.lead_before FROM %s t LEFT JOIN (SELECT g.key, "
      "leadscore.merge(g.added) AS added FROM %s g GROUP BY g.key) h ON h.key %s t.key",
      kTouched, kGathered, model->key_equals);
}

const char* touched_states(const Model* model) {
  return psprintf("SELECT s.%s AS key, %s, %s AS lead_before FROM %s.state s", model->key_column, kNothing,
                  no_lead(model), model->schema);
}

const char* names_of_rows(const Binding* binding, const char* rows) {
  return psprintf("SELECT %s FROM %s AS %s", row_name(binding->source, binding->alias), rows, binding->alias);
}

const char* unusable_rows(const Model* model, const Binding* binding, const char* rows, int limit) {
  const bool lead = binding->role == Role::lead;
  const char* const key = as_key(model, lead ? model->lead_key : binding->lead_key);
  const char* const usable = lead ? is_usable(model, key) : has_key(model, binding);
  const char* problem = "'key is too long'";
  if (binding->same != nullptr) {
    problem = psprintf(
        "CASE WHEN %s THEN %s ELSE format('key %%s is none of the lead''s type %%s', (%s)::text, %s) END",
        binding->same, problem, binding->lead_key,
        quote_literal_cstr(format_type_with_typemod(model->key_type, model->key_typmod)));
  }
  problem = psprintf("WHEN NOT (%s) THEN %s ", usable, problem);
  const char* wrong = psprintf("NOT (%s)", usable);
  if (!lead) {
    problem = psprintf(
        "%sWHEN (%s) IS NULL THEN 'kind is NULL' WHEN (%s) IS NULL THEN 'at is NULL' ELSE 'at is infinite' ",
        problem, binding->kind, binding->at);
    wrong = psprintf("%s OR (%s) IS NULL OR (%s) IS NULL OR NOT isfinite(%s)", wrong, binding->kind,
                     binding->at, binding->at);
  }
  return psprintf(
      "SELECT %s, CASE %sEND, count(*) OVER () FROM %s AS %s WHERE CASE WHEN (%s) THEN %s END LIMIT %d",
      row_name(binding->source, binding->alias), problem, rows, binding->alias,
      is_one(lead ? model->filter : binding->filter, is_known(model, key)), wrong, limit);
}

namespace {

/// Settles with the leads whose key equals `key`; filter and row of others are not looked at.
const char* settle_by_key(const Model* model, Refresh refresh, const char* key, bool compare = true) {
  const char* const is_it = psprintf("%s %s %s", as_key(model, model->lead_key), model->key_equals, key);
  const char* const filter =
      model->filter == nullptr ? ""
                               : psprintf(" AND CASE WHEN %s THEN (%s) ELSE false END", is_it, model->filter);
  return settled_rows(
      model, refresh,
      psprintf("LATERAL (SELECT CASE WHEN %s THEN %s END AS lead FROM %s AS %s WHERE %s%s) l ON true", is_it,
               lead_row(model), lead_relation(model), model->lead_alias, is_it, filter),
      compare);
}

}  // namespace

const char* settle_part(const Model* model, Refresh refresh) {
  return settle_by_key(model, refresh, "leadscore_t.key");
}

const char* settle_one(const Model* model, Refresh refresh, bool compare) {
  return settle_by_key(model, refresh, "$3", compare);
}

const char* settle_unscored(const Model* model, Refresh refresh) {
  // The clock is not to come back at once: a tick takes the leads that have waited longest, and many that
  // fail each time would keep it from all others. The direct way knows such leads by this time.
  return psprintf(
      "SELECT s.%s AS key, s.ctid AS place, s.tier AS tier_before, s.total AS total_before, x.engagement, "
      "s.total, s.tier, s.grade, s.disqualified, s.dimensions, s.scored_at, clock_timestamp() + interval "
      "'%d seconds' AS next_change_at, false AS moved, NULL::text[] AS rules, false AS gone "
      "FROM %s leadscore_t JOIN %s.state s ON s.%s %s leadscore_t.key CROSS JOIN LATERAL "
      "leadscore.settle($1, NULL::record, "
      "NULL::record, s.engagement, %s, %s, s.tier, s.scored_at, NULL) x",
      model->key_column, static_cast<int>(kTryAgain / kSecond), kTouched, model->schema, model->key_column,
      model->key_equals, added_of(refresh), is_replaced(refresh));
}

}  // namespace leadscore
