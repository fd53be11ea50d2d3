-- The aggregate engage against the same sums in plain SQL.
SET timezone = 'UTC';
CREATE TABLE act (id int PRIMARY KEY, lead int, kind text, at timestamptz, url text, amount numeric, mail int);
INSERT INTO act
SELECT i, i * 31 % 97, (ARRAY['open', 'click', 'view', 'demo', 'other'])[1 + i * 7 % 5],
       timestamptz '2026-01-01' + (i * 7919 % 6000) * interval '61 minutes', '/' || (ARRAY['pricing', 'careers', 'blog'])[1 + i % 3], (i % 13) * 1.5, i % 23
FROM generate_series(1, 5000) i;
ANALYZE act;
SELECT $${"dimensions": [{"name": "d", "rules": [
  {"id": "open", "on": "open", "points": 1, "half_life": "30 days"},
  {"id": "click", "on": "click", "points": 3, "half_life": "14 days"},
  {"id": "view", "on": "view", "cases": [{"where": {"url": {"starts_with": "/pricing"}}, "points": 5}, {"where": {"url": "/careers"}, "points": -2}]},
  {"id": "busy", "on": "*", "within": "60 days", "count": {"gte": 4}, "points": 7},
  {"id": "spent", "on": "demo", "sum": {"field": "amount", "gte": 20}, "points": 11},
  {"id": "mails", "on": "open", "distinct": "mail", "count": {"gte": 5}, "points": 13},
  {"id": "recent", "on": "*", "recency": [{"within": "10 days", "points": 17}]}]}]}$$ AS rules \gset
-- What it should be, as of a time
CREATE FUNCTION expected(of_lead int, as_of timestamptz, since timestamptz DEFAULT '-infinity') RETURNS float8 STABLE LANGUAGE sql AS $$
  SELECT coalesce(sum(power(2, -extract(epoch FROM as_of - at) / 86400 / 30)) FILTER (WHERE kind = 'open'), 0)
       + coalesce(sum(3 * power(2, -extract(epoch FROM as_of - at) / 86400 / 14)) FILTER (WHERE kind = 'click'), 0)
       + coalesce(sum(CASE WHEN url LIKE '/pricing%' THEN 5 WHEN url = '/careers' THEN -2 END) FILTER (WHERE kind = 'view'), 0)
       + CASE WHEN count(*) FILTER (WHERE as_of - at < interval '60 days') >= 4 THEN 7 ELSE 0 END
       + CASE WHEN coalesce(sum(amount) FILTER (WHERE kind = 'demo'), 0) >= 20 THEN 11 ELSE 0 END
       + CASE WHEN count(DISTINCT mail) FILTER (WHERE kind = 'open') >= 5 THEN 13 ELSE 0 END
       + CASE WHEN as_of - max(at) < interval '10 days' THEN 17 ELSE 0 END
  FROM act WHERE lead = of_lead AND at BETWEEN since AND as_of
$$;
CREATE FUNCTION same(a float8, b float8) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$ SELECT abs(a - b) <= 1e-9 * greatest(1, abs(a)) $$;
-- Hashed and sorted
SET enable_sort = off;
SELECT count(*), bool_and(same(leadscore.total(:'rules', NULL::act, e, '2026-09-01'), expected(lead, '2026-09-01'))) AS hashed
FROM (SELECT lead, leadscore.engage(:'rules', kind, at, a, '2026-09-01') e FROM act a GROUP BY lead) x;
RESET enable_sort;
SET enable_hashagg = off;
SELECT count(*), bool_and(same(leadscore.total(:'rules', NULL::act, e, '2026-09-01'), expected(lead, '2026-09-01'))) AS sorted
FROM (SELECT lead, leadscore.engage(:'rules', kind, at, a, '2026-09-01') e FROM act a GROUP BY lead) x;
RESET enable_hashagg;
-- As of an earlier time later activities are left out
SELECT count(*), bool_and(same(leadscore.total(:'rules', NULL::act, e, '2026-03-01'), expected(lead, '2026-03-01'))) AS earlier
FROM (SELECT lead, leadscore.engage(:'rules', kind, at, a, '2026-03-01') e FROM act a GROUP BY lead) x;
-- A HashAggregate that spills
SET work_mem = '64kB';
SET enable_sort = off;
SELECT count(*), bool_and(same(leadscore.total(:'rules', NULL::act, e, '2026-09-01'), expected(lead, '2026-09-01'))) AS spilled
FROM (SELECT lead, leadscore.engage(:'rules', kind, at, a, '2026-09-01') e FROM (SELECT a.* FROM act a ORDER BY id) a GROUP BY lead) x;
RESET work_mem;
RESET enable_sort;
-- Grouping sets keep several states at a time, sorted and hashed
CREATE FUNCTION engaged(of_lead int, of_kind text, rules leadscore.ruleset) RETURNS float8 STABLE LANGUAGE sql AS $$
  SELECT leadscore.total(rules, NULL::act, leadscore.engage(rules, kind, at, a, '2026-09-01'), '2026-09-01') FROM act a
  WHERE (of_lead IS NULL OR lead = of_lead) AND (of_kind IS NULL OR kind = of_kind)
$$;
SELECT g, count(*), bool_and(same(leadscore.total(:'rules', NULL::act, e, '2026-09-01'), engaged(lead, kind, :'rules'))) AS rolled_up
FROM (SELECT grouping(lead, kind) g, lead, kind, leadscore.engage(:'rules', kind, at, a, '2026-09-01') e FROM act a WHERE lead < 20 GROUP BY ROLLUP (lead, kind)) x
WHERE lead IS NOT NULL GROUP BY g ORDER BY g;
SET enable_sort = off;
SELECT g, count(*), bool_and(same(leadscore.total(:'rules', NULL::act, e, '2026-09-01'), engaged(lead, kind, :'rules'))) AS cubed
FROM (SELECT grouping(lead, kind) g, lead, kind, leadscore.engage(:'rules', kind, at, a, '2026-09-01') e FROM act a GROUP BY CUBE (lead, kind)) x
GROUP BY g ORDER BY g;
RESET enable_sort;
-- In parallel, with more workers than rows for some of them
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
ALTER TABLE act SET (parallel_workers = 4);
EXPLAIN (COSTS off) SELECT leadscore.engage(:'rules', kind, at, a, '2026-09-01') FROM act a GROUP BY lead \g (format=unaligned tuples_only=on) | grep -o 'Partial [A-Z][A-Za-z]*'
SELECT count(*), bool_and(same(leadscore.total(:'rules', NULL::act, e, '2026-09-01'), expected(lead, '2026-09-01'))) AS parallel
FROM (SELECT lead, leadscore.engage(:'rules', kind, at, a, '2026-09-01') e FROM act a GROUP BY lead) x;
SELECT same(leadscore.total(:'rules', NULL::act, leadscore.engage(:'rules', kind, at, a, '2026-09-01'), '2026-09-01'), engaged(NULL, NULL, :'rules')) AS parallel_whole FROM act a;
SELECT leadscore.engage(:'rules', kind, at, a, '2026-09-01') IS NULL AS parallel_none FROM act a WHERE lead < 0;
SELECT same(leadscore.total(:'rules', NULL::act, leadscore.engage(:'rules', kind, at, a, '2026-09-01'), '2026-09-01'), expected(0, '2026-09-01')) AS parallel_few FROM act a WHERE lead = 0;
RESET max_parallel_workers_per_gather;
RESET min_parallel_table_scan_size;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
-- Partition by partition
CREATE TABLE part (LIKE act) PARTITION BY HASH (id);
CREATE TABLE part0 PARTITION OF part FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE part1 PARTITION OF part FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE part2 PARTITION OF part FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO part SELECT * FROM act;
ANALYZE part;
SET enable_partitionwise_aggregate = on;
SELECT count(*), bool_and(same(leadscore.total(:'rules', NULL::act, e, '2026-09-01'), expected(lead, '2026-09-01'))) AS partitionwise
FROM (SELECT lead, leadscore.engage(:'rules', kind, at, a, '2026-09-01') e FROM part a GROUP BY lead) x;
RESET enable_partitionwise_aggregate;
-- FILTER, ORDER BY and DISTINCT
SELECT same(leadscore.total(:'rules', NULL::act, leadscore.engage(:'rules', kind, at, a, '2026-09-01') FILTER (WHERE lead = 7), '2026-09-01'), expected(7, '2026-09-01')) AS filter,
       leadscore.engage(:'rules', kind, at, a, '2026-09-01') FILTER (WHERE false) IS NULL AS none FROM act a;
SELECT bool_and(same(leadscore.total(:'rules', NULL::act, e1, '2026-09-01'), expected(lead, '2026-09-01')) AND same(leadscore.total(:'rules', NULL::act, e2, '2026-09-01'), expected(lead, '2026-09-01'))) AS ordered
FROM (SELECT lead, leadscore.engage(:'rules', kind, at, a, '2026-09-01' ORDER BY at DESC) e1, leadscore.engage(:'rules', kind, at, a, '2026-09-01' ORDER BY mail, id) e2 FROM act a GROUP BY lead) x;
SELECT same(leadscore.total(:'rules', NULL::act, leadscore.engage(DISTINCT :'rules'::leadscore.ruleset, kind, at, a, timestamptz '2026-09-01'), '2026-09-01'), expected(7, '2026-09-01')) AS distinct
FROM (SELECT act FROM act WHERE lead = 7 UNION ALL SELECT act FROM act WHERE lead = 7) x(a), LATERAL (SELECT (a).kind, (a).at) y;
-- As a window function: what is handed out stays as it is while later rows come in
SELECT count(*), bool_and(same(leadscore.total(:'rules', NULL::act, e, '2026-09-01'),
         (SELECT leadscore.total(:'rules', NULL::act, leadscore.engage(:'rules', b.kind, b.at, b, '2026-09-01'), '2026-09-01') FROM act b WHERE b.lead = x.lead AND b.id <= x.id))) AS running
FROM (SELECT id, lead, leadscore.engage(:'rules', kind, at, a, '2026-09-01') OVER (PARTITION BY lead ORDER BY id) e FROM act a WHERE lead < 5) x;
SELECT count(*), bool_and(same(leadscore.total(:'rules', NULL::act, e, '2026-09-01'),
         (SELECT leadscore.total(:'rules', NULL::act, leadscore.engage(:'rules', b.kind, b.at, b, '2026-09-01'), '2026-09-01')
          FROM (SELECT *, row_number() OVER (PARTITION BY lead ORDER BY id) r FROM act WHERE lead < 5) b
          WHERE b.lead = x.lead AND b.r BETWEEN x.r - 3 AND x.r + 1))) AS moving
FROM (SELECT r, lead, leadscore.engage(:'rules', kind, at, a, '2026-09-01') OVER (PARTITION BY lead ORDER BY r ROWS BETWEEN 3 PRECEDING AND 1 FOLLOWING) e
      FROM (SELECT *, row_number() OVER (PARTITION BY lead ORDER BY id) r FROM act WHERE lead < 5) a) x;
DO $do$
DECLARE rec record; kept leadscore.engagement; kept_text text; changed int := 0;
BEGIN
  FOR rec IN SELECT leadscore.engage($r${"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "*", "points": 1}]}]}$r$, kind, at) OVER (ORDER BY id) e FROM act WHERE lead = 3 LOOP
    IF kept IS NOT NULL AND kept::text <> kept_text THEN changed := changed + 1; END IF;
    kept := rec.e;
    kept_text := rec.e::text;
  END LOOP;
  RAISE NOTICE '% changed', changed;
END $do$;
-- States of sums alone grow where they lie: hashed, sorted and as a window they are the same, and those handed out stay as they are
SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "open", "points": 1, "half_life": "30 days"}, {"id": "b", "on": "click", "points": 1, "half_life": "3 days"},
  {"id": "c", "on": "view", "points": 1, "half_life": "7 days"}, {"id": "d", "on": "demo", "points": 1, "half_life": "9 days"}, {"id": "e", "on": "call", "points": 1, "half_life": "90 days"}]}]}' AS sums \gset
CREATE TEMP TABLE mixed AS
SELECT i AS id, i * 7 % 11 AS lead, (ARRAY['view', 'open', 'demo', 'click', 'call', 'none'])[1 + i * i % 41 % 6] AS kind, timestamptz '2026-01-01 UTC' + i * 37 % 700 * interval '5 hours' AS at
FROM generate_series(1, 600) i;
SET enable_sort = off;
CREATE TEMP TABLE hashed AS SELECT lead, leadscore.engage(:'sums', kind, at, NULL::record, '2027-01-01') e FROM mixed GROUP BY lead;
RESET enable_sort;
SET enable_hashagg = off;
SELECT count(*), bool_and(h.e::text = s.e::text) AS sorted
FROM hashed h JOIN (SELECT lead, leadscore.engage(:'sums', kind, at, NULL::record, '2027-01-01') e FROM (SELECT * FROM mixed ORDER BY lead, id) x GROUP BY lead) s USING (lead);
RESET enable_hashagg;
SELECT count(*), bool_and(leadscore.total(:'sums', '{}'::jsonb, e, '2027-01-01') BETWEEN total - 1e-9 AND total + 1e-9) AS by_hand
FROM hashed JOIN (SELECT lead, sum(power(2::float8, -extract(epoch FROM timestamptz '2027-01-01' - at)::float8 / 86400 / d)) total
                  FROM mixed JOIN (VALUES ('open', 30), ('click', 3), ('view', 7), ('demo', 9), ('call', 90)) p(kind, d) USING (kind) GROUP BY lead) t USING (lead);
WITH kept AS MATERIALIZED (SELECT lead, array_agg(e ORDER BY id) states, array_agg(e::text ORDER BY id) texts
  FROM (SELECT lead, id, leadscore.engage(:'sums', kind, at, NULL::record, '2027-01-01') OVER (PARTITION BY lead ORDER BY id) e FROM mixed) x GROUP BY lead)
SELECT count(*), bool_and(states::text[] = texts AND texts[cardinality(texts)] = e::text) AS running FROM kept JOIN hashed USING (lead);
-- Without a row, where no rule reads a field of it
SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "open", "points": 1}]}]}' AS plain \gset
SELECT leadscore.total(:'plain', NULL::act, leadscore.engage(:'plain', kind, at), '2027-01-01') = count(*) FILTER (WHERE kind = 'open') AS plain FROM act;
-- A row as a record, from a subquery, a view and ROW()
CREATE VIEW act_view AS SELECT lead, kind, at, url, amount, mail FROM act;
SELECT same(leadscore.total(:'rules', NULL::act, leadscore.engage(:'rules', kind, at, v, '2026-09-01'), '2026-09-01'), expected(7, '2026-09-01')) AS view FROM act_view v WHERE lead = 7;
SELECT same(leadscore.total(:'rules', NULL::act, leadscore.engage(:'rules', kind, at, q, '2026-09-01'), '2026-09-01'), expected(7, '2026-09-01')) AS subquery
FROM (SELECT kind, at, url || '' AS url, amount + 0 AS amount, mail FROM act WHERE lead = 7 OFFSET 0) q;
-- Rows that count nowhere: of no kind, of a blank kind, of no time or an infinite one, of no rules, as of no time
SELECT leadscore.engage(:'rules', NULL, at, a, '2026-09-01') IS NULL AS kind, leadscore.engage(:'rules', ' ', at, a, '2026-09-01') IS NULL AS blank,
       leadscore.engage(:'rules', kind, NULL, a, '2026-09-01') IS NULL AS at, leadscore.engage(:'rules', kind, 'infinity', a, 'infinity') IS NULL AS infinite,
       leadscore.engage(NULL, kind, at, a, '2026-09-01') IS NULL AS rules, leadscore.engage(:'rules', kind, at, a, NULL) IS NULL AS as_of,
       leadscore.engage(:'rules', kind, at, a, '2025-01-01') IS NULL AS later
FROM act a;
SELECT same(leadscore.total(:'rules', NULL::act, leadscore.engage(:'rules', k, at, a, '2026-09-01'), '2026-09-01'), expected(7, '2026-09-01')) AS ignored
FROM act a, LATERAL (VALUES (kind), (NULL), ('  ')) v(k) WHERE lead = 7;
-- An outer join's NULL row
SELECT l, leadscore.engage(:'rules', a.kind, a.at, a, '2026-09-01') IS NULL AS none, leadscore.total(:'rules', NULL::act, leadscore.engage(:'rules', a.kind, a.at, a, '2026-09-01'), '2026-09-01') AS total
FROM (VALUES (-1), (-2)) v(l) LEFT JOIN act a ON a.lead = l GROUP BY l ORDER BY l DESC;
-- A NULL row has no fields, but its kind and time count
SELECT leadscore.total(:'rules', NULL::act, leadscore.engage(:'rules', 'open', '2026-09-01', NULL::act, '2026-09-01'), '2026-09-01') AS typed,
       leadscore.total(:'rules', NULL::act, leadscore.engage(:'rules', 'open', '2026-09-01', NULL::record, '2026-09-01'), '2026-09-01') AS untyped;
-- Without as_of, what is later than now() waits
SELECT leadscore.total(:'plain', NULL::act, leadscore.engage(:'plain', 'open', t, NULL::act), now() + '30 days') AS later,
       leadscore.total(:'plain', NULL::act, leadscore.engage(:'plain', 'open', t, NULL::act), now()) AS today
FROM (VALUES (now() - interval '1 day'), (now() + interval '1 day'), (now() + interval '60 days')) v(t);
-- Rules from a column, which change from group to group
CREATE TABLE model (name text, rules leadscore.ruleset);
INSERT INTO model VALUES ('rules', :'rules'), ('plain', :'plain');
SELECT name, bool_and(same(leadscore.total(rules, NULL::act, e, '2026-09-01'), CASE name WHEN 'rules' THEN expected(lead, '2026-09-01') ELSE (SELECT count(*) FROM act b WHERE b.lead = x.lead AND kind = 'open' AND at <= '2026-09-01') END)) AS ok
FROM (SELECT name, rules, lead, leadscore.engage(rules, kind, at, a, '2026-09-01') e FROM model, act a WHERE lead < 10 GROUP BY 1, 2, 3) x GROUP BY 1 ORDER BY 1;
SELECT leadscore.engage(rules, kind, at, a, '2026-09-01') FROM model, act a;
-- A row is needed where a rule reads it, and must have its fields
SELECT leadscore.engage(:'rules', kind, at) FROM act;
SELECT leadscore.engage(:'rules', kind, at, q) FROM (SELECT kind, at, url, amount, mail AS mial FROM act) q;
SELECT leadscore.engage_step(NULL, :'rules', 'open', now());
-- A state that has seen more than the time it is asked for
SELECT leadscore.total(:'rules', NULL::act, leadscore.engage(:'rules', kind, at, a, '2026-09-01'), '2026-03-01') FROM act a;
-- A group with a state goes on while another one ends in an error
DO $do$
BEGIN
  FOR i IN 1..20 LOOP
    BEGIN
      PERFORM leadscore.engage($r${"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "*", "points": 1}]}]}$r$, kind, at + (1 / nullif(id - 40 * i, 0)) * interval '1 s') FROM act GROUP BY lead, 1 / (id - 200 * i);
    EXCEPTION WHEN division_by_zero THEN NULL;
    END;
  END LOOP;
END $do$;
DROP VIEW act_view;
DROP FUNCTION expected, engaged, same;
DROP TABLE act, part, model;
