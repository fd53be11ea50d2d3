#include "pg/watch_views.hpp"

#include "pg/model_sql.hpp"
#include "pg/statement.hpp"
#include "pg/summary_views.hpp"

namespace leadscore {
namespace {

/// `SELECT month, tier, won` of all leads. A decided lead has the tier that it had then: the one that its
/// last transition before the decision has brought about, or the next one has ended. Where there is neither,
/// its tier has not moved since the model was made, or only as a publish moved it. Texts of keys are
/// written under fixed settings, so they are read as keys: the reader's settings may write a key otherwise.
/// Whoever may not read transitions would be told other numbers, and so is told none.
const char* outcomes(const Model* model) {
  return psprintf(
      "WITH o AS MATERIALIZED (%s), m AS (SELECT DISTINCT ON (o.key, o.decided_at) o.key, o.decided_at, true "
      "AS known, CASE WHEN t.at <= o.decided_at THEN t.new_tier ELSE t.old_tier END AS tier FROM o JOIN "
      "leadscore.transition t ON t.model = %s AND (t.lead_key)%s %s o.key WHERE o.won IS NOT NULL AND "
      "o.decided_at IS NOT NULL ORDER BY o.key, o.decided_at, t.at > o.decided_at, CASE WHEN t.at <= "
      "o.decided_at THEN t.at END DESC, CASE WHEN t.at <= o.decided_at THEN t.id END DESC, t.at, t.id) "
      "SELECT CASE WHEN o.won IS NOT NULL THEN date_trunc('month', o.decided_at AT TIME ZONE 'UTC')::date "
      "END AS month, CASE WHEN o.won IS NOT NULL AND m.known THEN m.tier ELSE s.tier END AS tier, o.won FROM "
      "o LEFT JOIN %s.state s ON s.%s %s o.key LEFT JOIN m ON m.key %s o.key AND m.decided_at = "
      "o.decided_at WHERE has_table_privilege(%s::regclass, 'SELECT')",
      outcome_rows(model), quote_literal_cstr(model->name), model->key_cast, model->key_equals, model->schema,
      model->key_column, model->key_equals, model->key_equals,
      quote_literal_cstr(psprintf("%s.transitions", model->schema)));
}

/// `SELECT` of a bound of Wilson's interval of p = won / n at 95 %, as calibration_table has it.
const char* wilson(const char* sign) {
  return psprintf(
      "(p.won + 1.9207294103470616 %s 1.959963984540054 * sqrt(p.won * (p.decided - p.won) / "
      "p.decided::float8 + 0.9603647051735308)) / (p.decided + 3.8414588206941232)",
      sign);
}

}  // namespace

void create_performance(const Model* model) {
  const CommentedColumn columns[] = {
      {"month",
       "first day of the month of the decision (UTC); NULL for open leads, and where no time is known"},
      {"tier", "the tier of decided leads when they were decided, of open ones now; NULL for none"},
      {"leads", "how many leads there are"},
      {"open", "how many of them are not decided"},
      {"decided", "how many are: won or lost"},
      {"won", "how many were won"},
      {"conversion", "won by decided; NULL where none is decided"},
      {"low", "where the rate of such leads may lie, at 95 % (Wilson's interval): from"},
      {"high", "to"},
  };
  const char* const leads =
      model->outcome == nullptr
          ? "SELECT NULL::date AS month, NULL::text AS tier, NULL::boolean AS won WHERE false"
          : outcomes(model);
  create_view(
      model, "performance",
      psprintf("SELECT p.month, p.tier, p.leads, p.leads - p.decided AS open, p.decided, p.won, "
               "p.won / nullif(p.decided, 0)::double precision AS conversion, "
               "CASE WHEN p.decided > 0 THEN CASE WHEN p.won > 0 THEN %s ELSE 0 END END AS low, "
               "CASE WHEN p.decided > 0 THEN CASE WHEN p.won < p.decided THEN %s ELSE 1 END END AS high "
               "FROM (SELECT o.month, o.tier, count(*) AS leads, count(o.won) AS decided, "
               "count(*) FILTER (WHERE o.won) AS won FROM (%s) o GROUP BY o.month, o.tier) p "
               "LEFT JOIN (SELECT t.tier, min(t.place) AS place FROM leadscore.tiers(%s) WITH ORDINALITY "
               "t(tier, disqualified, place) GROUP BY t.tier) t ON t.tier = p.tier ORDER BY p.month, "
               "t.place, p.tier",
               wilson("-"), wilson("+"), leads, quote_literal_cstr(model->name)),
      "what became of the leads of each tier, by the month of the decision", columns, true);
}

/// Totals are counted in the bins of the baseline: the first whose highest total is not below, or the last.
/// width_bucket takes bounds as the lowest of a bin, so all signs are turned.
void create_drift(const Model* model) {
  const CommentedColumn columns[] = {
      {"rule", "the rule's id; NULL in the first row, which is about the total"},
      {"label", "the words shown to people: the rule's label, or its id"},
      {"leads_then", "how many leads there were when the baseline was taken"},
      {"leads_now", "how many leads there are"},
      {"share_then", "for which part of the leads the rule fired then"},
      {"share_now", "for which part of them it fires now"},
      {"psi",
       "population stability index between then and now: of firing or not, or of the total in ten bins"},
      {"verdict",
       "stable (psi below 0.1), moving (up to 0.25), shifted; switched off; fires for nobody; fires for "
       "everybody; no leads; no baseline"},
      {"since", "when the baseline was taken; NULL: there is none"},
  };
  const char* const name = quote_literal_cstr(model->name);
  create_view(
      model, "drift",
      psprintf(
          "WITH b AS MATERIALIZED (SELECT b.leads, b.rules, b.fired, b.counts, b.taken_at, "
          "cardinality(b.counts) AS bins, ARRAY(SELECT - u.bound FROM "
          "unnest(b.bounds[:cardinality(b.bounds) - 1]) u(bound) ORDER BY 1) AS bounds FROM "
          "leadscore.baseline b JOIN leadscore.model m ON m.name = b.model AND m.version = b.version WHERE "
          "b.model = %s), t AS (SELECT b.bins - width_bucket(- s.total, b.bounds) AS bin, count(*) AS "
          "leads FROM %s.score s LEFT JOIN b ON true GROUP BY 1), d AS (SELECT 0::bigint AS place, "
          "NULL::text AS rule, 'total' AS label, b.leads AS leads_then, (SELECT coalesce(sum(t.leads), "
          "0)::bigint FROM t) AS leads_now, NULL::bigint AS fired_then, NULL::bigint AS fired_now, false "
          "AS off, b.counts AS counts_then, ARRAY(SELECT coalesce(t.leads, 0) FROM generate_series(1, "
          "b.bins) g(bin) LEFT JOIN t ON t.bin = g.bin ORDER BY g.bin) AS counts_now, b.taken_at FROM "
          "(SELECT) o LEFT JOIN b ON true UNION ALL SELECT r.place, r.rule, r.label, CASE WHEN f.fired IS "
          "NOT NULL THEN b.leads END, r.leads, f.fired, r.fired, r.off, ARRAY[f.fired, b.leads - f.fired], "
          "ARRAY[r.fired, r.leads - r.fired], CASE WHEN f.fired IS NOT NULL THEN b.taken_at END FROM "
          "(SELECT row_number() OVER () AS place, r.rule, r.label, r.off, r.leads, r.fired FROM %s.rules "
          "r) r LEFT JOIN b ON true LEFT JOIN LATERAL (SELECT u.fired FROM unnest(b.rules, b.fired) "
          "u(rule, fired) WHERE u.rule = r.rule) f ON true), p AS (SELECT d.*, CASE WHEN d.leads_then IS "
          "NOT NULL THEN leadscore.psi_of_counts(d.counts_then, d.counts_now) END AS psi FROM d) SELECT "
          "p.rule, p.label, p.leads_then, p.leads_now, p.fired_then / nullif(p.leads_then, 0)::double "
          "precision AS share_then, p.fired_now / nullif(p.leads_now, 0)::double precision AS share_now, "
          "p.psi, CASE WHEN p.leads_now = 0 THEN 'no leads' WHEN p.off THEN 'switched off' WHEN "
          "p.fired_now = 0 THEN 'fires for nobody' WHEN p.fired_now = p.leads_now THEN 'fires for "
          "everybody' WHEN p.psi IS NULL THEN 'no baseline' WHEN p.psi < 0.1 THEN 'stable' WHEN p.psi <= "
          "0.25 THEN 'moving' ELSE 'shifted' END AS verdict, p.taken_at AS since FROM p ORDER BY p.place",
          name, model->schema, model->schema),
      "how far rules and totals have moved since the rules came into force", columns, true);
}

}  // namespace leadscore
