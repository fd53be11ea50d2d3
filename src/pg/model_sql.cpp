#include "pg/model_sql.hpp"

#include "pg/hop.hpp"

namespace leadscore {
namespace {

/// Keys of activities in a table or transition table. With `all`, of those too that no rule counts.
const char* keys_in(const Model* model, const Binding* binding, const char* rows, bool all) {
  // What an expression finds in another table may not be what it found when the row was written: that row may
  // be gone already, or another by now. Only the key tells then whose the activity was.
  if (binding->reads_tables) {
    const char* const key = as_key(model, binding->lead_key);
    return psprintf("SELECT %s AS key FROM %s AS %s WHERE %s", key, rows, binding->alias,
                    has_key(model, binding));
  }
  return psprintf("SELECT a.key FROM (%s) a%s", activity_rows(model, binding, rows, false),
                  all ? "" : " WHERE leadscore.activity_trace($1, a.kind, a.at, a.fields) IS NOT NULL");
}

}  // namespace

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

namespace {

const char* nothing_added(const Model* model) {
  return psprintf("NULL::leadscore.engagement AS added, %s AS lead_before", no_lead(model));
}

const char* distinct_keys(const Model* model, const char* keys) {
  return psprintf("SELECT k.key, %s FROM (%s) k GROUP BY k.key", nothing_added(model), keys);
}

}  // namespace

const char* transition_rows(const Binding* binding, Oid table, const char* rows) {
  // Plans are kept by text, and depend on the layout of the rows: the comment makes it another text for each
  // table.
  if (table == binding->source) return psprintf("%s /* %u */", rows, table);
  StringInfoData sql;
  initStringInfo(&sql);
  const Relation source = table_open(binding->source, AccessShareLock);
  const TupleDesc desc = RelationGetDescr(source);
  const char* separator = "(SELECT ";
  for (int i = 0; i < desc->natts; ++i) {
    const FormData_pg_attribute* const column = TupleDescAttr(desc, i);
    if (column->attisdropped) continue;
    appendStringInfo(&sql, "%s%s", separator, quote_identifier(NameStr(column->attname)));
    separator = ", ";
  }
  table_close(source, NoLock);
  appendStringInfo(&sql, " FROM %s /* %u */)", rows, table);
  return sql.data;
}

const char* touched_by_insert(const Model* model, const Binding* binding, Changed changed) {
  return psprintf(
      "SELECT a.key, leadscore.engage($1, a.kind, a.at, a.fields) AS added, %s AS lead_before "
      "FROM (%s) a GROUP BY a.key HAVING leadscore.engage($1, a.kind, a.at, a.fields) IS NOT NULL",
      no_lead(model), activity_rows(model, binding, changed.after, false));
}

const char* touched_by_insert_keys(const Model* model, const Binding* binding, Changed changed, bool all) {
  return distinct_keys(model, keys_in(model, binding, changed.after, all));
}

const char* touched_by_update(const Model* model, const Binding* binding, Changed changed, bool all) {
  if (all || binding->reads_tables) {
    return distinct_keys(model, psprintf("%s UNION ALL %s", keys_in(model, binding, changed.before, true),
                                         keys_in(model, binding, changed.after, true)));
  }
  return distinct_keys(
      model,
      psprintf(
          "SELECT b.key FROM (SELECT a.key, leadscore.activity_trace($1, a.kind, a.at, a.fields) AS trace, 1 "
          "AS "
          "n "
          "FROM (%s) a UNION ALL SELECT a.key, leadscore.activity_trace($1, a.kind, a.at, a.fields), -1 FROM "
          "(%s) a) b "
          "WHERE b.trace IS NOT NULL GROUP BY b.key, b.trace HAVING sum(b.n) <> 0",
          activity_rows(model, binding, changed.after, false),
          activity_rows(model, binding, changed.before, false)));
}

const char* touched_by_delete(const Model* model, const Binding* binding, Changed changed, bool all) {
  return distinct_keys(model, keys_in(model, binding, changed.before, all));
}

const char* touched_by_lead(const Model* model, Changed changed, bool unique) {
  constexpr const char* kNothing = "NULL::leadscore.engagement AS added";
  const char* touched;
  if (changed.before == nullptr) {
    touched = psprintf("SELECT n.key, %s, %s AS lead_before FROM (%s) n", kNothing, no_lead(model),
                       lead_rows(model, changed.after));
  } else if (changed.after == nullptr) {
    touched = psprintf("SELECT o.key, %s, o.lead AS lead_before FROM (%s) o", kNothing,
                       lead_rows(model, changed.before));
  } else {
    touched = psprintf(
        "SELECT coalesce(o.key, n.key) AS key, %s, o.lead AS lead_before FROM (%s) o FULL JOIN (%s) n ON "
        "o.key %s n.key WHERE o.key IS NULL OR n.key IS NULL OR o.lead *<> n.lead",
        kNothing, lead_rows(model, changed.before), lead_rows(model, changed.after), model->key_equals);
  }
  if (unique) return touched;
  // Of several leads with one key nobody can say which one it was.
  return psprintf(
      "SELECT k.key, %s, CASE WHEN count(*) = 1 THEN (array_agg(k.lead_before))[1] END AS lead_before FROM "
      "(%s) k GROUP BY k.key",
      kNothing, touched);
}

namespace {

/// Keys of the leads that the query of a watched table names.
const char* watched_keys(const Model* model, const Binding* binding, const char* rows) {
  return psprintf("SELECT leadscore_u.key%s AS key FROM %s AS %s, unnest(%s) AS leadscore_u(key) WHERE %s",
                  model->key_cast, rows, binding->alias, binding->leads,
                  is_usable(model, as_key(model, "leadscore_u.key")));
}

/// Keys of the leads that the rows of a relation concern.
const char* row_keys(const Model* model, const Binding* binding, const char* rows) {
  if (binding->role == Role::watch) return watched_keys(model, binding, rows);
  const bool lead = binding->role == Role::lead;
  const char* const key = as_key(model, lead ? model->lead_key : binding->lead_key);
  // As in keys_in(): what an expression finds elsewhere may not be what it found.
  const char* const filter = lead ? model->filter : binding->reads_tables ? nullptr : binding->filter;
  return psprintf("SELECT %s AS key FROM %s AS %s WHERE %s%s", key, rows,
                  lead ? model->lead_alias : binding->alias,
                  filter == nullptr ? "" : psprintf("(%s) AND ", filter),
                  lead ? is_usable(model, key) : has_key(model, binding));
}

}  // namespace

const char* touched_by_watch(const Model* model, const Binding* binding, Changed changed) {
  const auto keys = [&](const char* rows) { return watched_keys(model, binding, rows); };
  if (changed.before == nullptr) return distinct_keys(model, keys(changed.after));
  if (changed.after == nullptr) return distinct_keys(model, keys(changed.before));
  return distinct_keys(model, psprintf("%s UNION ALL %s", keys(changed.before), keys(changed.after)));
}

const char* touched_by_clock(const Model* model) {
  return psprintf(
      // What is written after $1 waits for a later time, whatever that is. The index has no row of infinity.
      "SELECT s.%s AS key, %s FROM %s.state s WHERE s.next_change_at <= $1 AND s.next_change_at < 'infinity' "
      "AND s.scored_at < $1 ORDER BY s.next_change_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED",
      model->key_column, nothing_added(model), model->schema);
}

const char* touched_all(const Model* model) {
  return distinct_keys(model,
                       psprintf("SELECT l.key FROM (%s) l UNION ALL SELECT s.%s FROM %s.state s",
                                lead_rows(model, lead_relation(model)), model->key_column, model->schema));
}

const char* touched_by_source(const Model* model, const Binding* binding) {
  return distinct_keys(model, keys_in(model, binding, relation_name(binding->source), true));
}

const char* touched_by_bindings(const Model* model, const List* ids) {
  StringInfoData keys;
  initStringInfo(&keys);
  for (int i = 0; i < list_length(ids); ++i) {
    const Binding* const binding = find_binding(model, list_nth_int(ids, i));
    if (!OidIsValid(binding->source)) return touched_all(model);
    appendStringInfo(&keys, "%s%s", i == 0 ? "" : " UNION ALL ",
                     keys_in(model, binding, relation_name(binding->source), true));
  }
  return distinct_keys(model, keys.data);
}

const char* touched_by_key(const Model* model) {
  return psprintf("SELECT %s AS key, %s", as_key(model, "$1"), nothing_added(model));
}

namespace {

const char* until(const Model* model, const char* parameter) {
  return psprintf("s.%s %s %s", model->key_column, model->key_until, as_key(model, parameter));
}

const char* after_key(const Model* model) {
  return psprintf("s.%s %s %s", model->key_column, model->key_after, as_key(model, "$2"));
}

const char* range(const Model* model, bool after) {
  return psprintf("%s.state s WHERE %s%s", model->schema, until(model, "$1"),
                  after ? psprintf(" AND %s", after_key(model)) : "");
}

}  // namespace

const char* touched_by_range(const Model* model, bool after) {
  return psprintf("SELECT s.%s AS key, %s FROM %s ORDER BY s.%s FOR NO KEY UPDATE SKIP LOCKED",
                  model->key_column, nothing_added(model), range(model, after), model->key_column);
}

const char* keys_passed_over(const Model* model, bool after) {
  return psprintf("SELECT s.%s::text FROM %s AND NOT EXISTS (SELECT FROM %s t WHERE t.key %s s.%s)",
                  model->key_column, range(model, after), kTouched, model->key_equals, model->key_column);
}

const char* next_keys(const Model* model, bool after) {
  return psprintf("SELECT s.%s::text FROM %s.state s%s ORDER BY s.%s LIMIT $1", model->key_column,
                  model->schema, after ? psprintf(" WHERE %s", after_key(model)) : "", model->key_column);
}

const char* count_keys(const Model* model, bool after) {
  return psprintf("SELECT count(*) FROM %s.state s%s", model->schema,
                  after ? psprintf(" WHERE %s", after_key(model)) : "");
}

const char* misfit(const Model* model) {
  return psprintf(
      "SELECT FROM %s.state s WHERE s.version NOT IN (SELECT v.version FROM leadscore.model_version v "
      "WHERE v.model = $1 AND v.activity_hash = $2) LIMIT 1",
      model->schema);
}

const char* touched_by_rows(const Model* model, const Binding* binding, const char* relation) {
  return distinct_keys(model, row_keys(model, binding, relation));
}

namespace {

/// Keys of all leads and of the leads of all activities.
const char* keys_everywhere(const Model* model) {
  StringInfoData keys;
  initStringInfo(&keys);
  appendStringInfo(&keys, "SELECT l.key FROM (%s) l", lead_rows(model, lead_relation(model)));
  for (int i = 0; i < model->binding_count; ++i) {
    const Binding* const binding = &model->bindings[i];
    if (binding->role != Role::activity || !OidIsValid(binding->source)) continue;
    appendStringInfo(&keys, " UNION ALL %s", row_keys(model, binding, relation_name(binding->source)));
  }
  return keys.data;
}

const char* has_no_state(const Model* model, const char* key) {
  return psprintf("NOT EXISTS (SELECT FROM %s.state o WHERE o.%s %s %s)", model->schema, model->key_column,
                  model->key_equals, key);
}

}  // namespace

const char* touched_everything(const Model* model) {
  return distinct_keys(model, psprintf("%s UNION ALL SELECT s.%s FROM %s.state s", keys_everywhere(model),
                                       model->key_column, model->schema));
}

const char* touched_missing(const Model* model) {
  return distinct_keys(model, psprintf("SELECT m.key FROM (%s) m WHERE %s", keys_everywhere(model),
                                       has_no_state(model, "m.key")));
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

const char* touched_without_state(const Model* model) {
  return psprintf("SELECT t.* FROM %s t WHERE %s", kTouched, has_no_state(model, "t.key"));
}

const char* add_missing(const Model* model) {
  return psprintf(
      "INSERT INTO %s.state (%s, version) SELECT t.key, $1 FROM %s t ORDER BY t.key "
      "ON CONFLICT (%s) DO NOTHING",
      model->schema, model->key_column, kTouched, model->key_column);
}

const char* lock_touched(const Model* model) {
  return psprintf(
      "INSERT INTO %s.state AS s (%s, version) SELECT t.key, $1 FROM %s t ORDER BY t.key "
      "ON CONFLICT (%s) DO UPDATE SET version = excluded.version WHERE false",
      model->schema, model->key_column, kTouched, model->key_column);
}

const char* places_of_touched(const Model* model) {
  return psprintf("SELECT t.key, s.ctid AS place FROM %s t JOIN %s.state s ON s.%s %s t.key", kTouched,
                  model->schema, model->key_column, model->key_equals);
}

const char* misplaced(const Model* model) {
  return psprintf(
      "SELECT FROM %s p LEFT JOIN %s.state s ON s.%s %s p.key WHERE s.ctid IS DISTINCT FROM p.place LIMIT 1",
      kPlaces, model->schema, model->key_column, model->key_equals);
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
