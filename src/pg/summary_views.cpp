#include "pg/summary_views.hpp"

#include "pg/model_sql.hpp"
#include "pg/statement.hpp"

namespace leadscore {
namespace {

/// Every tier of the rule set in force; then those that leads have got from an earlier version, and none.
/// The median sorts the leads of each tier: OFFSET 0 makes that a sort of scores, not of what they are
/// computed of.
void create_tiers(const Model* model) {
  const CommentedColumn columns[] = {
      {"tier", "name of the tier; NULL: leads for which no tier holds"},
      {"disqualified", "whether these are the disqualified leads, who are counted apart"},
      {"leads", "how many leads are in it"},
      {"mean_score", "the mean of their totals"},
      {"median_score", "the median of their totals"},
  };
  create_view(
      model, "tiers",
      psprintf("SELECT coalesce(t.tier, s.tier) AS tier, coalesce(t.disqualified, s.disqualified) AS "
               "disqualified, coalesce(s.leads, 0) AS leads, s.mean_score, s.median_score "
               "FROM leadscore.tiers(%s) WITH ORDINALITY t(tier, disqualified, place) "
               "FULL JOIN (SELECT s.tier, s.disqualified, count(*) AS leads, avg(s.total) AS mean_score, "
               "percentile_cont(0.5) WITHIN GROUP (ORDER BY s.total) AS median_score "
               "FROM (SELECT v.tier, v.disqualified, v.total FROM %s.score v OFFSET 0) s GROUP BY s.tier, "
               "s.disqualified) s "
               "ON s.tier = t.tier AND s.disqualified = t.disqualified "
               "ORDER BY coalesce(t.disqualified, s.disqualified), t.place, s.tier",
               quote_literal_cstr(model->name), model->schema),
      "leads of each tier, best tier first", columns);
}

/// Bins are 1, 2 or 5 times a power of ten wide: the narrowest that make at most 20, or 21 where the lowest
/// total lies within the first. The last includes its end: 100 of 100 belongs to 95–100. Totals are divided
/// as doubles; 1e-9 makes up for what that loses.
void create_distribution(const Model* model) {
  const CommentedColumn columns[] = {
      {"from_score", "where the bin begins"},
      {"to_score", "where it ends; totals just there are of the next bin, in the last bin of this"},
      {"leads", "how many leads have a total in it"},
  };
  create_view(
      model, "distribution",
      psprintf(
          "WITH s AS MATERIALIZED (SELECT s.total FROM %s.score s WHERE NOT s.disqualified), "
          "r AS (SELECT min(s.total) AS low, max(s.total) AS high, (max(s.total) - min(s.total))::numeric / "
          "20 AS least FROM s), "
          "w AS (SELECT r.low, r.high, CASE WHEN r.least < 0.000001 THEN 1 ELSE (SELECT min(n.n * 10.0 ^ "
          "p.p) "
          "FROM (SELECT floor(log(r.least)) AS p) p, (VALUES (1), (2), (5), (10)) n(n) "
          "WHERE n.n * 10.0 ^ p.p >= r.least) END AS width FROM r), "
          "b AS (SELECT w.width, floor(w.low / w.width::float8 + 1e-9) AS first, "
          "greatest(ceil(w.high / w.width::float8 - 1e-9) - 1, floor(w.low / w.width::float8 + 1e-9)) AS "
          "last "
          "FROM w) "
          "SELECT (g.bin * b.width)::float8 AS from_score, ((g.bin + 1) * b.width)::float8 AS to_score, "
          "coalesce(c.leads, 0) AS leads "
          "FROM b CROSS JOIN LATERAL generate_series(b.first::bigint, b.last::bigint) g(bin) "
          "LEFT JOIN (SELECT least(floor(s.total / b.width::float8 + 1e-9), b.last)::bigint AS bin, count(*) "
          "AS "
          "leads FROM s, b GROUP BY 1) c ON c.bin = g.bin "
          "ORDER BY g.bin",
          model->schema),
      "histogram of totals, disqualified leads left out", columns);
}

void create_rules(const Model* model) {
  const CommentedColumn columns[] = {
      {"dimension", "the rule's dimension"},
      {"rule", "the rule's id"},
      {"label", "the words shown to people: the rule's label, or its id"},
      {"off", "whether the rule is switched off"},
      {"leads", "how many leads there are"},
      {"fired", "for how many of them the rule fired: it applies, whatever it gives"},
      {"points",
       "what it gave all of them together, before limits of groups and dimensions, weights, and so on"},
      {"mean_points", "what it gave a lead for whom it fired, on average"},
  };
  const char* const name = quote_literal_cstr(model->name);
  create_view(
      model, "rules",
      psprintf("SELECT u.dimension, u.rule, u.label, u.off, u.leads, u.fired, u.points, u.points / "
               "nullif(u.fired, 0) AS "
               "mean_points "
               "FROM unnest(coalesce((SELECT leadscore.rule_use(%s, l.lead, s.version, s.engagement, now()) "
               "FROM (%s) l LEFT JOIN %s.state s ON s.%s %s l.key), "
               "(SELECT leadscore.rule_use(%s, NULL, NULL, NULL, NULL)))) "
               "WITH ORDINALITY u(dimension, rule, label, off, leads, fired, points, place) ORDER BY u.place",
               name, lead_rows(model, lead_relation(model)), model->schema, model->key_column,
               model->key_equals, name),
      "how often each rule fires and what it gives, in the order of the rule set", columns);
}

void create_transitions(const Model* model) {
  const CommentedColumn columns[] = {
      {"day", "day of the moves (UTC)"},
      {"old_tier", "the tier before; NULL for none"},
      {"new_tier", "the tier after; NULL for none"},
      {"cause", "what brought them about: activity, lead, clock, publish, rescore"},
      {"leads", "how many moves; a lead counts each time that it moves"},
  };
  create_view(
      model, "transitions",
      psprintf("SELECT (t.at AT TIME ZONE 'UTC')::date AS day, t.old_tier, t.new_tier, t.cause, "
               "sum(t.leads)::bigint AS leads "
               "FROM leadscore.transition t WHERE t.model = %s GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
               quote_literal_cstr(model->name)),
      // Those of other models.
      "moves between tiers, by day", columns, true);
}

}  // namespace

const char* view_options(const Model* model, bool hides_rows) {
  if (!model->by_owner) return "security_invoker = true";
  return hides_rows ? "security_invoker = false, security_barrier = true" : "security_invoker = false";
}

void comment_relation(const char* kind, const char* schema, const char* name, const char* comment,
                      std::span<const CommentedColumn> columns) {
  run_command(psprintf("COMMENT ON %s %s.%s IS %s", kind, schema, name, quote_literal_cstr(comment)));
  for (const CommentedColumn& column : columns) {
    run_command(psprintf("COMMENT ON COLUMN %s.%s.%s IS %s", schema, name, column.name,
                         quote_literal_cstr(column.comment)));
  }
}

void comment_view(const Model* model, const char* view, const char* comment,
                  std::span<const CommentedColumn> columns) {
  comment_relation("VIEW", model->schema, view, comment, columns);
}

void create_view(const Model* model, const char* name, const char* query, const char* comment,
                 std::span<const CommentedColumn> columns, bool hides_rows) {
  run_command(psprintf("CREATE OR REPLACE VIEW %s.%s WITH (%s) AS %s", model->schema, name,
                       view_options(model, hides_rows), query));
  comment_view(model, name, comment, columns);
}

void create_summary_views(const Model* model) {
  create_tiers(model);
  create_distribution(model);
  create_rules(model);
  create_transitions(model);
}

}  // namespace leadscore
