#include "pg/model_views.hpp"

#include "pg/baseline.hpp"
#include "pg/model_sql.hpp"
#include "pg/statement.hpp"
#include "pg/summary_views.hpp"
#include "pg/watch_views.hpp"

namespace leadscore {
namespace {

/// Columns of the view score before the dimensions, and after them.
constexpr const char* kFirstColumns[] = {"total", "tier", "grade", "disqualified"};
constexpr const char* kLastColumns[] = {"last_activity_at", "next_change_at", "version"};

/// A column that a function of this name computes; `more`: further arguments.
void put_column(StringInfo sql, const Model* model, const char* function, const char* more,
                const char* column) {
  appendStringInfo(sql, ", leadscore.live_%s(%s, l.lead, s.version, s.engagement%s) AS %s", function,
                   quote_literal_cstr(model->name), more, column);
}

void put_dimensions(StringInfo sql, const Model* model, int from, int to) {
  for (int i = from; i < to; ++i) {
    put_column(sql, model, "dimension", psprintf(", %d", i + 1),
               quote_identifier(static_cast<const char*>(list_nth(model->dimensions, i))));
  }
}

/// Are there rows that are no leads of the model? Those that a view hides are behind its condition, too.
bool hides_leads(const Model* model) {
  return model->filter != nullptr || get_rel_relkind(model->lead) == RELKIND_VIEW;
}

/// A function for each column, so that a query pays for the columns that it asks for. Those of one query
/// share what they compute (live_query.hpp). `between`: how many of the dimensions stand before
/// last_activity_at. Later ones stand at the end: columns of a view can only be appended.
const char* score_view(const Model* model, int between) {
  StringInfoData sql;
  initStringInfo(&sql);
  appendStringInfo(&sql, "CREATE OR REPLACE VIEW %s.score WITH (%s) AS SELECT l.key AS %s", model->schema,
                   view_options(model, hides_leads(model)), model->key_column);
  for (const char* const column : kFirstColumns) put_column(&sql, model, column, "", column);
  put_dimensions(&sql, model, 0, between);
  appendStringInfoString(&sql, ", leadscore.last_activity_at(s.engagement) AS last_activity_at");
  put_column(&sql, model, "next_change", "", "next_change_at");
  put_column(&sql, model, "version", "", "version");
  put_dimensions(&sql, model, between, list_length(model->dimensions));
  appendStringInfo(&sql, " FROM (%s) l LEFT JOIN %s.state s ON s.%s %s l.key",
                   lead_rows(model, lead_relation(model)), model->schema, model->key_column,
                   model->key_equals);
  return sql.data;
}

void comment_score(const Model* model) {
  const CommentedColumn columns[] = {
      {model->key_column, "the lead's key"},
      {"total", "weighted sum of the dimensions, within the rule set's range"},
      {"tier", "the lead's tier; NULL for none"},
      {"grade", "the grades of the dimensions, joined in their order; NULL where the rule set has none"},
      {"disqualified", "whether a rule disqualifies the lead"},
      {"last_activity_at", "time of the latest activity of a kind that some rule counts"},
      {"next_change_at", "a time before which the tier stays as it is, if nothing happens"},
      {"version", "the version of the model by which the lead is scored"},
  };
  comment_view(model, "score", "each lead's score as of now", columns);
  for (int i = 0; i < list_length(model->dimensions); ++i) {
    const auto* const name = static_cast<const char*>(list_nth(model->dimensions, i));
    run_command(psprintf(
        "COMMENT ON COLUMN %s.score.%s IS %s", model->schema, quote_identifier(name),
        quote_literal_cstr(psprintf("dimension %s; NULL by a version that does not have it", name))));
  }
}

/// How many dimensions stand before last_activity_at in the view that there is; -1 where there is none.
int dimensions_between(const Model* model) {
  const Oid view = get_relname_relid("score", get_namespace_oid(model->name, false));
  if (!OidIsValid(view)) return -1;
  return get_attnum(view, "last_activity_at") - 2 - static_cast<int>(std::size(kFirstColumns));
}

/// Locks the views that there are in the order in which a query that reads one of them does, who else would
/// hold the one that it names and wait for one below, while they are made anew.
void lock_views(const Model* model) {
  const Oid schema = get_namespace_oid(model->name, false);
  for (auto view = std::rbegin(kViews); view != std::rend(kViews); ++view) {
    const Oid relation = get_relname_relid(*view, schema);
    if (OidIsValid(relation)) LockRelationOid(relation, AccessExclusiveLock);
  }
}

}  // namespace

void create_views(const Model* model) {
  lock_views(model);
  const int between = dimensions_between(model);
  run_command(score_view(model, between < 0 ? list_length(model->dimensions) : between));
  comment_score(model);
  create_summary_views(model);
  if (!has_baselines()) return;  // rebind makes the others after ALTER EXTENSION UPDATE
  create_performance(model);
  create_drift(model);
}

void add_dimension_columns(const Model* model) {
  const int between = dimensions_between(model);
  if (between < 0) {
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("model \"%s\" has no view score", model->name),
                    errhint("SELECT leadscore.rebind(%s) makes it anew.", quote_literal_cstr(model->name))));
  }
  run_command(score_view(model, between));
  comment_score(model);
}

void check_dimension_names(const char* key_column, const List* dimensions) {
  for (int i = 0; i < list_length(dimensions); ++i) {
    const auto* const name = static_cast<const char*>(list_nth(dimensions, i));
    bool taken = std::strcmp(name, key_column) == 0;
    for (const char* const column : kFirstColumns) taken = taken || std::strcmp(name, column) == 0;
    for (const char* const column : kLastColumns) taken = taken || std::strcmp(name, column) == 0;
    if (taken) {
      ereport(ERROR, (errcode(ERRCODE_DUPLICATE_OBJECT),
                      errmsg("dimension \"%s\" is called like a column that the view score has anyway", name),
                      errhint("Give the dimension another name.")));
    }
    if (std::strlen(name) >= NAMEDATALEN) {
      ereport(ERROR, (errcode(ERRCODE_NAME_TOO_LONG),
                      errmsg("the name of dimension \"%s\" is too long for a column of the view score", name),
                      errdetail("Names of columns have at most %d bytes.", NAMEDATALEN - 1)));
    }
  }
}

void protect_state(const Model* model) {
  run_command(psprintf("ALTER TABLE %s.state ENABLE ROW LEVEL SECURITY", model->schema));
  if (OidIsValid(get_relation_policy_oid(model->state, "readers", true)))
    run_command(psprintf("DROP POLICY readers ON %s.state", model->schema));
  run_command(psprintf(
      "CREATE POLICY readers ON %s.state FOR SELECT USING (EXISTS (SELECT FROM (%s) l WHERE l.key %s "
      "state.%s))",
      model->schema, lead_rows(model, lead_relation(model)), model->key_equals, model->key_column));
}

}  // namespace leadscore
