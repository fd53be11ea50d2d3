#include "pg/relevance.hpp"

#include "pg/field_columns.hpp"
#include "pg/model_sql.hpp"
#include "pg/reading.hpp"
#include "pg/ruleset_cache.hpp"
#include "pg/statement.hpp"

namespace leadscore {
namespace {

/// In place of a relation: a row of its type that is not read from it.
const char* row_of(Oid relation) { return psprintf("(SELECT (NULL::%s).*)", relation_name(relation)); }

bool is_table(Oid relation) {
  const char kind = get_rel_relkind(relation);
  return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE;
}

/// Everything that looks up rows of watched tables. Rows of activities and leads are their own triggers'
/// concern, and so don't come from their tables here.
const char* lookups(const Model* model, const Binding* binding) {
  StringInfoData sql;
  initStringInfo(&sql);
  appendStringInfo(&sql, "SELECT EXISTS (SELECT %s FROM %s AS %s)", binding->leads,
                   relation_name(binding->source), binding->alias);
  for (int i = 0; i < model->binding_count; ++i) {
    const Binding* const other = &model->bindings[i];
    if (other->role != Role::activity || !OidIsValid(other->source)) continue;
    appendStringInfo(&sql, ", EXISTS (%s)", activity_rows(model, other, row_of(other->source), false));
  }
  appendStringInfo(
      &sql, ", EXISTS (%s)",
      lead_rows(model, is_table(model->lead) ? row_of(model->lead) : relation_name(model->lead)));
  return sql.data;
}

const char* own_row(const Model* model, const Binding* binding) {
  if (binding->role == Role::lead) {
    return psprintf("SELECT FROM %s AS %s WHERE %s (%s) IS NOT NULL", relation_name(binding->source),
                    model->lead_alias, model->filter == nullptr ? "" : psprintf("(%s) AND", model->filter),
                    model->lead_key);
  }
  Binding parts = *binding;
  if (binding->whole_row) parts.fields = "NULL";
  return activity_rows(model, &parts, relation_name(binding->source), false);
}

/// Adds the columns of the row that these rules read.
void add_columns_of(ReadColumns* read, const text* given, const Binding* binding) {
  compile_ruleset({VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given)}, nullptr);
  const RulesetEntry& rules = latest_ruleset();
  const Relation table = table_open(binding->source, AccessShareLock);
  const TupleDesc desc = RelationGetDescr(table);
  auto* const flags = static_cast<bool*>(palloc0(sizeof(bool) * (static_cast<std::size_t>(desc->natts) + 1)));
  if (!find_columns(binding->role == Role::lead ? rules.fields(Purpose::score) : rules.activity_fields, desc,
                    flags)) {
    read->all = true;
  }
  for (int i = 0; i < desc->natts; ++i) {
    if (flags[i]) read->columns = bms_add_member(read->columns, i + 1);
  }
  table_close(table, NoLock);
}

/// Adds the columns of the row that rules read: those of the version in force, and where leads are scored by
/// an earlier one until somebody touches them, of that.
void add_rule_columns(ReadColumns* read, const Model* model, const Binding* binding) {
  constexpr int kMostVersions = 8;
  if (GetDatabaseEncoding() != PG_UTF8) {
    read->all = true;
    return;
  }
  add_columns_of(read, model->rules, binding);
  if (binding->role != Role::lead) return;
  int looked_at = 1;
  // Where no state waits to be rebuilt, rows are of versions with one activity hash.
  for (int i = model->version_count - 2; i >= 0 && !read->all; --i) {
    const Version& version = model->versions[i];
    if (version.activity_hash != model->activity_hash) break;
    text* const rules = version_rules(model, version.number);
    add_columns_of(read, rules, binding);
    pfree(rules);
    read->all |= ++looked_at > kMostVersions;
  }
}

/// Values of such columns are not in the row.
bool has_computed_columns(Oid table, const Bitmapset* columns) {
  for (int number = -1; (number = bms_next_member(columns, number)) >= 0;) {
    if (get_attgenerated(table, static_cast<AttrNumber>(number)) == 'v') return true;
  }
  return false;
}

/// Into the binding's memory of it, unless it is there already.
void find_out(const Model* model, const Binding* binding) {
  Relevance& known = *binding->relevance;
  const char* const text = binding->role == Role::watch ? lookups(model, binding) : own_row(model, binding);
  const auto [statement, kept] = analyze(model, text);
  if (kept && known.statement == statement && known.generation == statement->generation) return;
  known.statement = nullptr;
  bms_free(known.read.columns);
  known.read = {true, false, nullptr};
  const MemoryContext before = MemoryContextSwitchTo(model->context);
  add_read_columns(&known.read, statement->query_list, binding->source);
  if (binding->role == Role::lead || (binding->role == Role::activity && binding->whole_row))
    add_rule_columns(&known.read, model, binding);
  MemoryContextSwitchTo(before);
  if (has_computed_columns(binding->source, known.read.columns)) known.read.all = true;
  known.generation = statement->generation;
  known.statement = statement;
}

}  // namespace

const ReadColumns& relevant_columns(const Model* model, const Binding* binding) {
  static constexpr ReadColumns kNothingKnown = {false, true, nullptr};
  static constexpr ReadColumns kAll = {true, true, nullptr};
  // What an earlier version reads of them nobody looks up.
  if (model->rebuilding && binding->role != Role::watch) return kAll;
  // An expression may name a column that is gone.
  if (try_reading([&] { find_out(model, binding); }) != nullptr) return kNothingKnown;
  return binding->relevance->read;
}

}  // namespace leadscore
