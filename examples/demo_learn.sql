-- From points that somebody guessed to points that won and lost deals have proven: examples/industrial.json with points learned from crm.deal.
--
--   psql -d demo -f examples/sample_crm.sql -f examples/sample_deals.sql
--   psql -d demo -c 'CREATE EXTENSION leadscore'
--   psql -d demo -f examples/demo_learn.sql        from the root of the repository, which the path of the rule set is relative to
--
-- Makes the table crm.learned. Where the model b2b of demo_live.sql is there, publishes what was learned in it.

\set ON_ERROR_STOP on
\set QUIET on
\encoding UTF8
\set rules `cat examples/industrial.json`
\pset border 1
\pset footer off
\pset null ''
SET timezone = 'UTC';

-- Each deal as it could be seen on the day it was decided: activities that came later don't count.
CREATE TEMP TABLE seen AS
SELECT d.id, c.contact, d.decided_at, d.won,
       (SELECT leadscore.engage(:'rules', a.kind, a.occurred_at, a, d.decided_at) FROM crm.activity a WHERE a.contact_id = d.contact_id) AS engagement,
       percent_rank() OVER (ORDER BY d.decided_at) < 0.7 AS is_past
FROM crm.deal d JOIN (SELECT contact, contact.id FROM crm.contact) c ON c.id = d.contact_id;

\echo
\echo 'The first 70% of the deals are learned from, the rest is for the proof'
SELECT CASE WHEN is_past THEN 'learned from' ELSE 'tried on' END AS deals, count(*), count(*) FILTER (WHERE won) AS won,
       min(decided_at)::date AS first, max(decided_at)::date AS last
FROM seen GROUP BY is_past ORDER BY is_past DESC;

CREATE TABLE crm.learned AS
SELECT leadscore.learn(:'rules', contact, engagement, won, NULL, decided_at) AS rules FROM seen WHERE is_past;

\echo 'Points by hand and points learned'
WITH points AS (
  SELECT which, r ->> 'id' AS rule, coalesce(r ->> 'label', r ->> 'id') AS label, ord, p
  FROM (VALUES ('hand', :'rules'::jsonb), ('learned', (SELECT rules::jsonb FROM crm.learned))) v (which, rules),
       jsonb_path_query(v.rules, '$.dimensions[*].rules[*]') WITH ORDINALITY AS q (r, ord),
       LATERAL (SELECT coalesce(r -> 'map', jsonb_agg(x)) AS p FROM jsonb_path_query(r, 'strict $.**.points') x) AS a
)
SELECT label AS rule, max(p::text) FILTER (WHERE which = 'hand') AS by_hand, max(p::text) FILTER (WHERE which = 'learned') AS learned
FROM points GROUP BY rule, label ORDER BY min(ord) FILTER (WHERE which = 'learned');

\echo 'On deals that were decided later: which of the two tells better who was won?'
SELECT v.which AS points, round((a).auc::numeric, 3) AS auc, round((a).low::numeric, 3) AS low, round((a).high::numeric, 3) AS high, round(lift::numeric, 2) AS lift_10
FROM (SELECT 'by hand' AS which, leadscore.auc_ci(leadscore.total(:'rules', contact, engagement, decided_at), won) AS a,
             leadscore.lift(leadscore.total(:'rules', contact, engagement, decided_at), won, 0.1) AS lift FROM seen WHERE NOT is_past
      UNION ALL
      SELECT 'learned', leadscore.auc_ci(leadscore.total(l.rules, contact, engagement, decided_at), won),
             leadscore.lift(leadscore.total(l.rules, contact, engagement, decided_at), won, 0.1) FROM seen, crm.learned l WHERE NOT is_past) v
ORDER BY auc;

\echo 'A tenth of the leads after the other, by learned points: how many buy'
SELECT bucket, lowest, n AS leads, positives AS won, round(rate::numeric, 3) AS rate, round(lift::numeric, 2) AS lift, round(gain::numeric, 2) AS of_all_won
FROM (SELECT leadscore.lift_table(leadscore.total(l.rules, contact, engagement, decided_at), won, 10) AS t FROM seen, crm.learned l WHERE NOT is_past) x, unnest(t);

\echo 'Does the probability keep its word?'
SELECT bucket, n AS leads, round(predicted::numeric, 3) AS promised, round(observed::numeric, 3) AS kept, round(low::numeric, 3) AS low, round(high::numeric, 3) AS high
FROM (SELECT leadscore.calibration_table(leadscore.probability(l.rules, contact, engagement, decided_at), won, 5) AS t FROM seen, crm.learned l WHERE NOT is_past) x, unnest(t);

SELECT EXISTS (SELECT FROM leadscore.model WHERE name = 'b2b') AS has_model \gset
\if :has_model
\echo 'Published: the same model, the same states, proven points. Version'
SELECT leadscore.publish('b2b', (SELECT rules FROM crm.learned), note => 'points learned from won and lost deals') AS version;
SELECT tier, disqualified, leads, round(mean_score::numeric, 1) AS mean FROM b2b.tiers;
\endif
