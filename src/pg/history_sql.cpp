// The statements that make states out of activities: of a few leads by an aggregate, of all by engage_each.
#include "pg/decided.hpp"
#include "pg/engage_each.hpp"
#include "pg/field_columns.hpp"
#include "pg/model_sql.hpp"
#include "pg/ruleset_cache.hpp"

namespace leadscore {

const char* added_by(const char* activities, const char* as_of) {
  return psprintf(
      "SELECT a.key, leadscore.engage($1, a.kind, a.at, a.fields%s) AS added FROM (%s) a GROUP BY a.key",
      as_of == nullptr ? "" : psprintf(", %s", as_of), activities);
}

const char* history_of(const Model* model, const Binding* binding, bool touched, const char* as_of) {
  return added_by(activity_rows(model, binding, relation_name(binding->source), touched), as_of);
}

namespace {

/// The columns that rules read of a source's row, each led by a comma; all of them where a rule reads one
/// that is not there, which somebody else has to say.
const char* field_columns(const Binding* binding, const std::vector<FieldRequest>& fields) {
  const Relation table = table_open(binding->source, AccessShareLock);
  const TupleDesc desc = RelationGetDescr(table);
  auto* const read = static_cast<bool*>(palloc0(static_cast<Size>(desc->natts) + 1));
  const bool all = !find_columns(fields, desc, read);
  StringInfoData columns;
  initStringInfo(&columns);
  for (int i = 0; i < desc->natts; ++i) {
    const FormData_pg_attribute* const column = TupleDescAttr(desc, i);
    if (!column->attisdropped && (all || read[i]))
      appendStringInfo(&columns, ", %s.%s", binding->alias, quote_identifier(NameStr(column->attname)));
  }
  table_close(table, NoLock);
  return columns.data;
}

/// The query of activities for engage_each.
const char* activities_for_each(const Model* model, const Binding* binding, const text* rules) {
  compile_ruleset({VARDATA_ANY(rules), VARSIZE_ANY_EXHDR(rules)}, nullptr);
  const std::vector<FieldRequest>& fields = latest_ruleset().activity_fields;
  const char* const source = relation_name(binding->source);
  if (!fields.empty() && !binding->whole_row) {
    return psprintf("SELECT a.key, a.kind, a.at, (a.fields).* FROM (%s OFFSET 0) a",
                    activity_rows(model, binding, source, false));
  }
  return psprintf("%s%s FROM %s AS %s WHERE %s", activity_columns(model, binding),
                  fields.empty() ? "" : field_columns(binding, fields), source, binding->alias,
                  counts_anywhere(model, binding));
}

/// What follows "::" in a cast.
const char* key_type_of(const Model* model) { return model->key_cast + std::strlen("::"); }

}  // namespace

const char* bulk_history_of(const Model* model, const Binding* binding, const text* rules) {
  if (!can_engage_each(model->key_type, model->key_collation)) return nullptr;
  return psprintf(
      "SELECT h.key, h.added FROM leadscore.engage_each($1, %s) AS h(key %s, added leadscore.engagement)",
      quote_literal_cstr(activities_for_each(model, binding, rules)), key_type_of(model));
}

const char* no_history(const Model* model) {
  return psprintf("SELECT NULL%s AS key, NULL::leadscore.engagement AS added WHERE false", model->key_cast);
}

namespace {

/// What `of` says of each binding with activities, together; `none` where there is no such binding.
template <class Of>
const char* all_histories(const Model* model, const char* none, const Of& of) {
  static_assert(std::is_trivially_destructible_v<Of>);
  StringInfoData sql;
  initStringInfo(&sql);
  int sources = 0;
  for (int i = 0; i < model->binding_count; ++i) {
    const Binding* const binding = &model->bindings[i];
    if (binding->role != Role::activity || !OidIsValid(binding->source)) continue;
    appendStringInfo(&sql, "%s%s", sources == 0 ? "" : " UNION ALL ", of(binding));
    ++sources;
  }
  if (sources == 0) return none;
  if (sources == 1) return sql.data;
  return psprintf("SELECT h.key, leadscore.merge(h.added) AS added FROM (%s) h GROUP BY h.key", sql.data);
}

}  // namespace

const char* history(const Model* model, bool touched, const char* as_of) {
  return all_histories(model, no_history(model),
                       [&](const Binding* binding) { return history_of(model, binding, touched, as_of); });
}

const char* bulk_history(const Model* model, const text* rules) {
  return all_histories(model, no_history(model), [&](const Binding* binding) {
    const char* const sql = bulk_history_of(model, binding, rules);
    return sql != nullptr ? sql : history_of(model, binding, false, nullptr);
  });
}

const char* added_until_decided(const char* activities, const char* equals) {
  return psprintf(
      "SELECT d.n AS key, leadscore.engage($1, a.kind, a.at, a.fields, d.at) AS added FROM (%s) a JOIN %s d "
      "ON "
      "d.key %s a.key WHERE d.part IS NOT NULL GROUP BY d.n",
      activities, kDecided, equals);
}

const char* history_until_decided(const Model* model) {
  return all_histories(model, no_history_until_decided(), [&](const Binding* binding) {
    return added_until_decided(activity_rows(model, binding, relation_name(binding->source), false),
                               model->key_equals);
  });
}

const char* no_history_until_decided() {
  return "SELECT NULL::bigint AS key, NULL::leadscore.engagement AS added WHERE false";
}

}  // namespace leadscore
