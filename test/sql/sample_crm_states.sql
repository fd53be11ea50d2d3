-- What must not change a score: how activities are partitioned and merged, that a state was text for a while, how many processes aggregated. And that
-- next_change tells the time of the next change. Run by test/sql/sample_crm after sample_crm.sql, with whose results all is compared.
\pset footer off
\pset null '(null)'
SET timezone = 'UTC';
SET client_min_messages = 'warning';
SET jit = off;
\set anchor '2026-11-21 12:00+00'

-- States made in another way: each must give the scores of the whole. Sums in another order may differ in the last bits.
CREATE TABLE other (way text, as_of timestamptz, contact_id bigint, e leadscore.engagement);

INSERT INTO other
WITH part AS (
  SELECT m.as_of, contact_id, date_trunc('month', occurred_at), leadscore.engage(:'rules', kind, occurred_at, a, m.as_of) AS e
  FROM moment m CROSS JOIN crm.activity a GROUP BY 1, 2, 3)
SELECT 'merged months', as_of, contact_id, leadscore.merge(e ORDER BY md5(contact_id::text || e::text)) FROM part GROUP BY 2, 3;

-- Each activity a state of its own, merged in the order of chance, for some contacts.
INSERT INTO other
SELECT 'merged activities', as_of, contact_id, leadscore.merge(e ORDER BY md5(id::text))
FROM (SELECT m.as_of, contact_id, id, leadscore.engage(:'rules', kind, occurred_at, a, m.as_of) AS e FROM moment m CROSS JOIN crm.activity a
  WHERE contact_id % 8 = 0 GROUP BY 1, 2, 3) s
GROUP BY 2, 3;

-- A state without an activity is NULL, or empty where all of its activities were later. Either way round, and in both orders of three.
CREATE TEMP TABLE third AS
SELECT m.as_of, contact_id, leadscore.engage(:'rules', kind, occurred_at, a, m.as_of) FILTER (WHERE id % 3 = 0) AS a,
  leadscore.engage(:'rules', kind, occurred_at, a, m.as_of) FILTER (WHERE id % 3 = 1) AS b,
       leadscore.engage(:'rules', kind, occurred_at, a, m.as_of) FILTER (WHERE id % 3 = 2) AS c
FROM moment m CROSS JOIN crm.activity a GROUP BY 1, 2;
INSERT INTO other
SELECT '(a || b) || c', as_of, contact_id, (a OPERATOR(leadscore.||) b) OPERATOR(leadscore.||) c FROM third
UNION ALL SELECT 'c || (b || a)', as_of, contact_id, c OPERATOR(leadscore.||) (b OPERATOR(leadscore.||) a) FROM third;

-- Merged first as of an early time, and only then with what came later, as a nightly job would.
INSERT INTO other
SELECT 'early || later', l.as_of, l.contact_id, e.e OPERATOR(leadscore.||) l.e
FROM (SELECT m.as_of, a.contact_id, leadscore.engage(:'rules', a.kind, a.occurred_at, a, m.as_of)
      FILTER (WHERE a.occurred_at > :'anchor'::timestamptz - interval '400 days') AS e
      FROM moment m CROSS JOIN crm.activity a GROUP BY 1, 2) l
LEFT JOIN engaged e ON e.contact_id = l.contact_id AND e.as_of = :'anchor'::timestamptz - interval '9600 hours';

CREATE TABLE dumped AS SELECT as_of, contact_id, e::text AS e FROM engaged;
INSERT INTO other SELECT 'text', as_of, contact_id, e::leadscore.engagement FROM dumped;
SELECT count(*) > 0 AS failed FROM other JOIN dumped d USING (as_of, contact_id) WHERE way = 'text' AND other.e::text <> d.e \gset
\if :failed
  DO $$ BEGIN RAISE EXCEPTION 'states differ after a dump as text'; END $$;
\endif

-- Aggregated by several processes, each with a part of the rows; some get none of a contact, or nothing at all.
SET max_parallel_workers_per_gather = 4;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
ALTER TABLE crm.activity SET (parallel_workers = 4);
CREATE VIEW by_contact AS
SELECT timestamptz :'anchor' AS as_of, contact_id, leadscore.engage(:'rules', kind, occurred_at, a, :'anchor') AS e FROM crm.activity a GROUP BY contact_id;
CREATE FUNCTION pg_temp.plan() RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) TABLE by_contact'; END $$;
-- By hashing, then by sorting.
SET enable_sort = off;
SELECT string_agg(plan, E'\n') AS hashed, bool_or(plan ~ 'Partial HashAggregate') AND bool_or(plan ~ 'Workers Launched: [1-9]') AS hashes
  FROM pg_temp.plan() plan \gset
CREATE TABLE hashed AS SELECT 'parallel, hashed' AS way, * FROM by_contact;
SET enable_sort = on;
SET enable_hashagg = off;
SELECT string_agg(plan, E'\n') AS sorted, bool_or(plan ~ 'Partial GroupAggregate') AND bool_or(plan ~ 'Workers Launched: [1-9]') AS sorts
  FROM pg_temp.plan() plan \gset
CREATE TABLE sorted AS SELECT 'parallel, sorted' AS way, * FROM by_contact;
RESET enable_hashagg;
INSERT INTO other TABLE hashed UNION ALL TABLE sorted;
SELECT :'hashes'::boolean AND :'sorts'::boolean AS parallel \gset
\if :parallel
\else
  \echo :hashed
  \echo :sorted
  DO $$ BEGIN RAISE EXCEPTION 'the plans are not parallel'; END $$;
\endif
SET max_parallel_workers_per_gather = 0;

CREATE TABLE different_way AS
SELECT way, as_of, c.id, s.total AS wanted_total, n.total, s.tier AS wanted_tier, n.tier, s.grade AS wanted_grade, n.grade, s.engagement AS wanted_engagement,
  n.dimensions
FROM (SELECT DISTINCT way FROM other) w CROSS JOIN engaged g JOIN crm.contact c ON c.id = g.contact_id JOIN scored s USING (as_of, id)
LEFT JOIN other o USING (way, as_of, contact_id), leadscore.score(:'rules', c, o.e, as_of) n
WHERE s.variant = 'industrial' AND NOT (way LIKE 'parallel%' AND as_of <> :'anchor') AND NOT (way = 'merged activities' AND contact_id % 8 <> 0)
  AND (n.total = s.total AND n.tier = s.tier AND n.grade = s.grade AND n.disqualified = s.disqualified AND n.dimensions[1] = s.fit
       AND abs(n.dimensions[2] - s.engagement) <= 1e-9 * greatest(1, abs(s.engagement))) IS NOT TRUE;
SELECT count(*) > 0 AS failed, (SELECT count(*) FROM other) AS states, (SELECT count(DISTINCT way) FROM other) AS ways FROM different_way \gset
\if :failed
  SELECT way, count(*) FROM different_way GROUP BY 1;
  SELECT * FROM different_way ORDER BY way, as_of, id LIMIT 20;
  DO $$ BEGIN RAISE EXCEPTION 'states made in another way score otherwise'; END $$;
\endif
\echo :states states made in :ways other ways score as the whole

-- next_change: the tier stays until then, and is another one then. Looked at on the way at every 97th of the time, and where it is for ever, for thirty years.
CREATE TABLE forecast AS
SELECT m.as_of, c.id, leadscore.next_change(:'rules', c, g.e, m.as_of) AS at
FROM moment m CROSS JOIN crm.contact c LEFT JOIN engaged g ON g.as_of = m.as_of AND g.contact_id = c.id;
CREATE TABLE different_forecast AS
SELECT f.as_of, f.id, f.at, s.tier, x.looked_at, x.tier AS tier_then
FROM forecast f JOIN crm.contact c USING (id) JOIN scored s ON s.variant = 'industrial' AND s.as_of = f.as_of AND s.id = f.id
  LEFT JOIN engaged g ON g.as_of = f.as_of AND g.contact_id = f.id,
     LATERAL (SELECT CASE WHEN isfinite(f.at) THEN f.at - interval '1 microsecond' ELSE f.as_of + interval '30 years' END AS last) l,
     LATERAL (SELECT f.as_of + (last - f.as_of) * n / 97 AS looked_at, true AS stays FROM generate_series(1, 96) n WHERE f.id % 10 = 0
       UNION ALL SELECT last, true UNION ALL SELECT f.at, false WHERE isfinite(f.at)) t,
     LATERAL (SELECT t.*, leadscore.tier(:'rules', c, g.e, t.looked_at) AS tier) x
WHERE f.at <= f.as_of OR (x.tier = s.tier) <> x.stays;
SELECT (SELECT count(*) FROM different_forecast) > 0 AS failed, count(*) AS forecasts, count(*) FILTER (WHERE isfinite(at)) AS finite,
  count(*) FILTER (WHERE isfinite(at)) = 0 AS idle FROM forecast \gset
\if :failed
  SELECT * FROM different_forecast ORDER BY as_of, id LIMIT 20;
  DO $$ BEGIN RAISE EXCEPTION 'tiers do not change when next_change says'; END $$;
\endif
\if :idle
  DO $$ BEGIN RAISE EXCEPTION 'no tier ever changes'; END $$;
\endif
\echo :forecasts forecasts of next_change hold, :finite of them of a change
