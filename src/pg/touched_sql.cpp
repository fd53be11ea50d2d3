// The statements that name the leads which something has touched, and find and lock their rows of state.
#include "pg/model_sql.hpp"

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

}  // namespace leadscore
