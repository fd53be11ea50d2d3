#include "pg/model_sql.hpp"

#include "pg/hop.hpp"

namespace leadscore {

const char* is_known(const Model* model, const char* key) {
  return psprintf(type_is_rowtype(model->key_type) ? "%s IS DISTINCT FROM NULL" : "%s IS NOT NULL", key);
}

const char* is_usable(const Model* model, const char* key, const char* same) {
  if (!model->key_may_be_too_long && same == nullptr) return is_known(model, key);
  return psprintf("leadscore.usable_key(%s, %s) IS NOT NULL", key, same == nullptr ? "true" : same);
}

const char* has_key(const Model* model, const Binding* binding) {
  return binding->key_is_integer ? is_known(model, psprintf("(%s)", binding->lead_key))
                                 : is_usable(model, as_key(model, binding->lead_key), binding->same);
}

const char* as_key(const Model* model, const char* expression) {
  return psprintf("(%s)%s", expression, model->key_cast);
}

const char* matches_touched(const Model* model, const Binding* binding) {
  // Integers of different widths are compared as they are, anything else as the key's type.
  return psprintf(
      "leadscore_t.key %s %s", model->key_equals,
      binding->key_is_integer ? psprintf("(%s)", binding->lead_key) : as_key(model, binding->lead_key));
}

const char* relation_name(Oid relation) {
  const char* const name = get_rel_name(relation);
  if (name == nullptr) elog(ERROR, "cache lookup failed for relation %u", relation);
  return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)), name);
}

const char* lead_relation(const Model* model) {
  check_has_leads(model);
  return relation_name(model->lead);
}

const char* activity_columns(const Model* model, const Binding* binding) {
  return psprintf("SELECT %s AS key, (%s)::text AS kind, %s AS at", as_key(model, binding->lead_key),
                  binding->kind, binding->at);
}

const char* counts_anywhere(const Model* model, const Binding* binding) {
  const char* const key = has_key(model, binding);
  // The filter stands first: of conditions that cost the same the first is looked at first, and a filter may
  // be there to keep the key from failing.
  return binding->filter == nullptr ? key : psprintf("(%s) AND %s", binding->filter, key);
}

namespace {

/// The activities of the touched leads, found by joins. What the key is is asked once more, of few rows then:
/// the joins may find what lead_key does not (two rows in the other table are an error there), never less. IS
/// TRUE keeps the planner from joining by that.
const char* activity_rows_by_hop(const Model* model, const Binding* binding, const char* from) {
  const char* const key = as_key(model, binding->hop_key);
  return psprintf(
      "SELECT %s AS key, (%s)::text AS kind, %s AS at, %s AS fields FROM %s leadscore_t JOIN %s AS %s ON "
      "leadscore_t.key %s %s "
      "JOIN %s AS %s ON (%s) WHERE %s%s(%s) IS TRUE",
      key, binding->kind, binding->at, binding->fields, kTouched, binding->hop_table, kHopAlias,
      model->key_equals, binding->key_is_integer ? psprintf("(%s)", binding->hop_key) : key, from,
      binding->alias, binding->hop_condition,
      binding->filter == nullptr ? "" : psprintf("(%s) AND ", binding->filter),
      binding->same == nullptr ? "" : psprintf("%s AND ", binding->same), matches_touched(model, binding));
}

}  // namespace

const char* activity_rows(const Model* model, const Binding* binding, const char* from, bool touched) {
  if (touched && binding->hop_table != nullptr) return activity_rows_by_hop(model, binding, from);
  StringInfoData sql;
  initStringInfo(&sql);
  appendStringInfo(&sql, "%s, %s AS fields FROM %s AS %s", activity_columns(model, binding), binding->fields,
                   from, binding->alias);
  if (!touched) {
    appendStringInfo(&sql, " WHERE %s", counts_anywhere(model, binding));
    return sql.data;
  }
  appendStringInfo(&sql, " JOIN %s leadscore_t ON %s WHERE ", kTouched, matches_touched(model, binding));
  if (binding->filter != nullptr) appendStringInfo(&sql, "(%s) AND ", binding->filter);
  // A key that equals one of a row of state is neither NULL nor too long.
  appendStringInfoString(&sql, binding->same == nullptr ? "true" : binding->same);
  return sql.data;
}

const char* whole_row(const char* alias, Oid relation) {
  return psprintf("%s.*::%s", alias, relation_name(relation));
}

const char* lead_row(const Model* model) {
  check_has_leads(model);
  return whole_row(model->lead_alias, model->lead);
}

const char* no_lead(const Model* model) {
  return has_lead(model) ? psprintf("NULL::%s", relation_name(model->lead)) : "NULL::record";
}

namespace {

/// `SELECT key, columns` of the leads in `from`.
const char* columns_of_leads(const Model* model, const char* from, const char* columns) {
  StringInfoData sql;
  initStringInfo(&sql);
  appendStringInfo(&sql, "SELECT %s AS key, %s FROM %s AS %s WHERE ", as_key(model, model->lead_key), columns,
                   from, model->lead_alias);
  if (model->filter != nullptr) appendStringInfo(&sql, "(%s) AND ", model->filter);
  appendStringInfoString(&sql, is_usable(model, as_key(model, model->lead_key)));
  return sql.data;
}

}  // namespace

const char* lead_rows(const Model* model, const char* from) {
  return columns_of_leads(model, from, psprintf("%s AS lead", lead_row(model)));
}

const char* decided_rows(const Model* model, const char* outcome, const char* decided_at) {
  return columns_of_leads(model, lead_relation(model),
                          psprintf("%s AS lead, (%s)::boolean AS won, (%s)::timestamp with time zone AS at",
                                   lead_row(model), outcome, decided_at));
}

const char* outcome_rows(const Model* model) {
  return columns_of_leads(
      model, lead_relation(model),
      psprintf("(%s)::boolean AS won, (%s)::timestamp with time zone AS decided_at", model->outcome,
               model->decided_at == nullptr ? "NULL" : model->decided_at));
}

const char* no_traces() {
  return "SELECT NULL::timestamptz AS at, NULL::text AS kind, NULL::regclass AS source, NULL::bytea AS trace "
         "WHERE false";
}

const char* traces_of(const Binding* binding, const char* activities) {
  return psprintf(
      "SELECT a.at, a.kind, '%u'::regclass AS source, leadscore.activity_trace($1, a.kind, a.at, a.fields) "
      "AS "
      "trace FROM (%s) a",
      binding->source, activities);
}

const char* traces_of_touched(const Model* model) {
  StringInfoData sql;
  initStringInfo(&sql);
  appendStringInfoString(&sql, no_traces());
  for (int i = 0; i < model->binding_count; ++i) {
    const Binding* const binding = &model->bindings[i];
    if (binding->role != Role::activity || !OidIsValid(binding->source)) continue;
    appendStringInfo(&sql, " UNION ALL %s",
                     traces_of(binding, activity_rows(model, binding, relation_name(binding->source), true)));
  }
  return sql.data;
}

const char* fill_state(const Model* model) {
  return psprintf(
      "INSERT INTO %s.state (%s, engagement, total, tier, grade, disqualified, dimensions, scored_at, "
      "next_change_at, version) "
      "SELECT coalesce(l.key, f.key), x.engagement, x.total, x.tier, x.grade, x.disqualified, x.dimensions, "
      "x.scored_at, "
      "x.next_change_at, $2 FROM (%s) l FULL JOIN (%s) f ON f.key %s l.key "
      "CROSS JOIN LATERAL leadscore.settle($1, l.lead, NULL, NULL, f.added, true, NULL, NULL, NULL) x",
      model->schema, model->key_column, lead_rows(model, lead_relation(model)),
      bulk_history(model, model->rules), model->key_equals);
}

const char* added_of(Refresh refresh) {
  switch (refresh) {
    case Refresh::fold:
      return "f.added";
    case Refresh::keep:
      return "NULL::leadscore.engagement";
    default:
      return "leadscore_t.added";
  }
}

const char* is_replaced(Refresh refresh) {
  return refresh == Refresh::fold || refresh == Refresh::replace ? "true" : "false";
}

const char* settled_rows(const Model* model, Refresh refresh, const char* leads, bool compare) {
  const char* const rules_before =
      compare ? psprintf(
                    "CASE WHEN s.version = $2 THEN $1 ELSE (SELECT v.rules::leadscore.ruleset FROM "
                    "leadscore.model_version v WHERE v.model = %s AND v.version = s.version) END",
                    quote_literal_cstr(model->name))
              : "NULL";
  return psprintf(
      "SELECT s.%s AS key, s.ctid AS place, s.tier AS tier_before, s.total AS total_before, x.* "
      "FROM %s leadscore_t JOIN %s.state s ON s.%s %s leadscore_t.key LEFT JOIN %s%s "
      "CROSS JOIN LATERAL leadscore.settle($1, l.lead, %s, s.engagement, %s, %s, s.tier, "
      "CASE WHEN s.total IS NOT NULL THEN s.scored_at END, %s) x",
      model->key_column, kTouched, model->schema, model->key_column, model->key_equals, leads,
      refresh == Refresh::fold ? psprintf(" LEFT JOIN (%s) f ON f.key %s leadscore_t.key",
                                          history(model, true, nullptr), model->key_equals)
                               : "",
      compare ? "leadscore_t.lead_before" : "NULL::record", added_of(refresh), is_replaced(refresh),
      rules_before);
}

const char* settle_touched(const Model* model, Refresh refresh) {
  return settled_rows(model, refresh,
                      psprintf("(%s) l ON l.key %s leadscore_t.key", lead_rows(model, lead_relation(model)),
                               model->key_equals));
}

const char* settle_all(const Model* model, Refresh refresh) {
  const char* const leads = lead_rows(model, lead_relation(model));
  constexpr const char* kColumns =
      "s.ctid AS place, s.tier AS tier_before, s.total AS total_before, x.* FROM";
  if (refresh == Refresh::keep) {
    return psprintf(
        "SELECT s.%s AS key, %s %s.state s LEFT JOIN (%s) l ON l.key %s s.%s CROSS JOIN LATERAL "
        "leadscore.settle($1, l.lead, NULL, s.engagement, NULL, false, s.tier, NULL, NULL) x",
        model->key_column, kColumns, model->schema, leads, model->key_equals, model->key_column);
  }
  return psprintf(
      "SELECT coalesce(s.%s, l.key, f.key) AS key, %s %s.state s FULL JOIN (%s) l ON l.key %s s.%s "
      "FULL JOIN (%s) f ON f.key %s coalesce(s.%s, l.key) CROSS JOIN LATERAL "
      "leadscore.settle($1, l.lead, NULL, NULL, f.added, true, s.tier, NULL, NULL) x",
      model->key_column, kColumns, model->schema, leads, model->key_equals, model->key_column,
      bulk_history(model, model->rules), model->key_equals, model->key_column);
}

const char* settle_new_source(const Model* model, const char* added) {
  return psprintf(
      "SELECT f.key, s.ctid AS place, s.tier AS tier_before, s.total AS total_before, x.* FROM (%s) f LEFT "
      "JOIN %s.state s ON s.%s %s f.key LEFT JOIN (%s) l ON l.key %s f.key CROSS JOIN LATERAL "
      "leadscore.settle($1, l.lead, NULL, s.engagement, f.added, false, s.tier, NULL, NULL) x",
      added, model->schema, model->key_column, model->key_equals, lead_rows(model, lead_relation(model)),
      model->key_equals);
}

const char* write_settled(const Model* model) {
  // A time that is still to come and not too late stays: without a change to an indexed column the new row
  // can stay on the old one's page (HOT).
  return psprintf(
      "UPDATE %s.state AS s SET engagement = n.engagement, total = n.total, tier = n.tier, grade = n.grade, "
      "disqualified = n.disqualified, dimensions = n.dimensions, scored_at = n.scored_at, version = $1, "
      "next_change_at = CASE WHEN s.next_change_at > n.scored_at AND s.next_change_at <= n.next_change_at "
      "THEN s.next_change_at ELSE n.next_change_at END "
      "FROM %s n WHERE s.ctid = n.place AND NOT n.gone",
      model->schema, kSettledRows);
}

const char* insert_settled(const Model* model) {
  return psprintf(
      "INSERT INTO %s.state (%s, engagement, total, tier, grade, disqualified, dimensions, scored_at, "
      "next_change_at, version) "
      "SELECT n.key, n.engagement, n.total, n.tier, n.grade, n.disqualified, n.dimensions, n.scored_at, "
      "n.next_change_at, $1 FROM %s n WHERE n.place IS NULL AND NOT n.gone ON CONFLICT DO NOTHING",
      model->schema, model->key_column, kSettledRows);
}

const char* delete_gone(const Model* model) {
  return psprintf("DELETE FROM %s.state AS s USING %s n WHERE s.ctid = n.place AND n.gone", model->schema,
                  kSettledRows);
}

const char* write_transitions(const char* moved) {
  return psprintf(
      "INSERT INTO leadscore.transition (model, lead_key, old_tier, new_tier, old_total, new_total, version, "
      "cause, rules, at) "
      "SELECT $1, n.key::text, n.tier_before, n.tier, n.total_before, n.total, $2, $3, CASE WHEN $4 THEN "
      "n.rules END, n.scored_at "
      "FROM %s n WHERE n.tier IS DISTINCT FROM n.tier_before ORDER BY n.key RETURNING id",
      moved);
}

}  // namespace leadscore
