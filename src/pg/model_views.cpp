#include "pg/model_views.hpp"

#include "pg/model_sql.hpp"
#include "pg/statement.hpp"

namespace leadscore {
namespace {

/// Columns of the view score before the dimensions, and after them.
constexpr const char* kFirstColumns[] = {"total", "tier", "grade", "disqualified"};
constexpr const char* kLastColumns[] = {"last_activity_at", "next_change_at", "version"};

const char* options(const Model* model) {
  return model->by_owner ? "security_invoker = false" : "security_invoker = true";
}

void put_dimensions(StringInfo sql, const Model* model, int from, int to) {
  for (int i = from; i < to; ++i) {
    appendStringInfo(sql, ", x.dimensions[%d] AS %s", i + 1,
                     quote_identifier(static_cast<const char*>(list_nth(model->dimensions, i))));
  }
}

/// `between`: how many of the dimensions stand before last_activity_at. Later ones stand at the end: columns
/// of a view can only be appended.
const char* score_view(const Model* model, int between) {
  StringInfoData sql;
  initStringInfo(&sql);
  const char* const name = quote_literal_cstr(model->name);
  appendStringInfo(&sql,
                   "CREATE OR REPLACE VIEW %s.score WITH (%s) AS SELECT l.key AS %s, x.total, x.tier, "
                   "x.grade, x.disqualified",
                   model->schema, options(model), model->key_column);
  put_dimensions(&sql, model, 0, between);
  appendStringInfo(
      &sql,
      ", leadscore.last_activity_at(s.engagement) AS last_activity_at, "
      "leadscore.live_next_change(%s, l.lead, s.version, s.engagement) AS next_change_at, x.version",
      name);
  put_dimensions(&sql, model, between, list_length(model->dimensions));
  appendStringInfo(&sql,
                   " FROM (%s) l LEFT JOIN %s.state s ON s.%s %s l.key "
                   "CROSS JOIN LATERAL leadscore.live_score(%s, l.lead, s.version, s.engagement) x",
                   lead_rows(model, relation_name(model->lead)), model->schema, model->key_column,
                   model->key_equals, name);
  return sql.data;
}

void create_view(const Model* model, const char* name, const char* query, const char* comment) {
  run_command(psprintf("CREATE VIEW %s.%s WITH (%s) AS %s", model->schema, name, options(model), query));
  run_command(psprintf("COMMENT ON VIEW %s.%s IS %s", model->schema, name, quote_literal_cstr(comment)));
}

}  // namespace

void create_views(const Model* model) {
  run_command(score_view(model, list_length(model->dimensions)));
  run_command(psprintf("COMMENT ON VIEW %s.score IS 'each lead''s score as of now'", model->schema));
  create_view(
      model, "tiers",
      psprintf("SELECT s.tier, s.disqualified, count(*) AS leads, avg(s.total) AS mean_score, "
               "percentile_cont(0.5) WITHIN GROUP (ORDER BY s.total) AS median_score "
               "FROM %s.score s GROUP BY s.tier, s.disqualified ORDER BY s.disqualified, avg(s.total) DESC",
               model->schema),
      "leads, mean and median score of each tier");
  create_view(
      model, "distribution",
      psprintf(
          "SELECT b.from_score, b.from_score + 10 AS to_score, count(*) AS leads "
          "FROM (SELECT floor(s.total / 10) * 10 AS from_score FROM %s.score s WHERE NOT s.disqualified) b "
          "GROUP BY b.from_score ORDER BY b.from_score",
          model->schema),
      "histogram of scores, disqualified leads left out");
  create_view(
      model, "transitions",
      psprintf("SELECT (t.at AT TIME ZONE 'UTC')::date AS day, t.old_tier, t.new_tier, t.cause, "
               "sum(t.leads)::bigint AS leads "
               "FROM leadscore.transition t WHERE t.model = %s GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
               quote_literal_cstr(model->name)),
      "moves between tiers, by day (UTC)");
}

void add_dimension_columns(const Model* model) {
  const Oid view = get_relname_relid("score", get_namespace_oid(model->name, false));
  const int between = get_attnum(view, "last_activity_at") - 2 - static_cast<int>(std::size(kFirstColumns));
  if (!OidIsValid(view) || between < 0) {
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("model \"%s\" has no view score", model->name),
                    errhint("SELECT leadscore.rebind(%s) makes it anew.", quote_literal_cstr(model->name))));
  }
  run_command(score_view(model, between));
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
  run_command(psprintf(
      "CREATE POLICY readers ON %s.state FOR SELECT USING (EXISTS (SELECT FROM (%s) l WHERE l.key %s "
      "state.%s))",
      model->schema, lead_rows(model, relation_name(model->lead)), model->key_equals, model->key_column));
}

}  // namespace leadscore
