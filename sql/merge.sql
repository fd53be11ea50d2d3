-- merge and ||: the union of disjoint sets of activities, whatever the partition and the order.
SET timezone = 'UTC';
-- The operator is found without its schema where the path leads there
SET search_path = public, leadscore;
CREATE TEMP TABLE act AS
SELECT i AS id, i * 31 % 17 AS lead, (ARRAY['open', 'click', 'view'])[1 + i * 7 % 3] AS kind, timestamptz '2026-01-01' + (i * 7919 % 6000) * interval '61 minutes' AS at,
       i % 23 AS mail, i % 5 AS part
FROM generate_series(1, 2000) i;
SELECT $${"dimensions": [{"name": "d", "rules": [
  {"id": "open", "on": "open", "points": 1, "half_life": "30 days"},
  {"id": "click", "on": "click", "points": 3, "max_per_day": 1},
  {"id": "last", "on": "view", "points": 2, "half_life": "9 days", "max_events": 5},
  {"id": "mails", "on": "open", "distinct": "mail", "count": {"gte": 5}, "points": 13},
  {"id": "recent", "on": "*", "recency": [{"within": "10 days", "points": 17}]}]}]}$$ AS rules \gset
CREATE TEMP TABLE state AS
SELECT lead, part, leadscore.engage(:'rules', kind, at, a, '2026-09-01') AS e FROM act a GROUP BY lead, part;
CREATE TEMP TABLE whole AS
SELECT lead, leadscore.total(:'rules', NULL::act, leadscore.engage(:'rules', kind, at, a, '2026-09-01'), '2026-09-01') AS total FROM act a GROUP BY lead;
CREATE FUNCTION pg_temp.same(a float8, b float8) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$ SELECT abs(a - b) <= 1e-9 * greatest(1, abs(a)) $$;
SELECT count(*), bool_and(pg_temp.same(total, leadscore.total(:'rules', NULL::act, e, '2026-09-01'))) AS merged
FROM (SELECT lead, leadscore.merge(e) e FROM state GROUP BY lead) x JOIN whole USING (lead);
SELECT bool_and(pg_temp.same(total, leadscore.total(:'rules', NULL::act, e, '2026-09-01'))) AS sorted
FROM (SELECT lead, leadscore.merge(e ORDER BY part DESC) e FROM state GROUP BY lead) x JOIN whole USING (lead);
SELECT bool_and(pg_temp.same(total, leadscore.total(:'rules', NULL::act, ((a.e || b.e) || c.e) || (d.e || f.e), '2026-09-01'))) AS operator,
       bool_and(pg_temp.same(total, leadscore.total(:'rules', NULL::act, f.e || (d.e || (c.e || (b.e || a.e))), '2026-09-01'))) AS backwards
FROM state a JOIN state b USING (lead) JOIN state c USING (lead) JOIN state d USING (lead) JOIN state f USING (lead) JOIN whole USING (lead)
WHERE a.part = 0 AND b.part = 1 AND c.part = 2 AND d.part = 3 AND f.part = 4;
-- The operator leaves its arguments as they are, and works where they are states of a running aggregate
SELECT bool_and(pg_temp.same(leadscore.total(:'rules', NULL::act, m || s, '2026-09-01'), total)) AS added,
       bool_and(m::text = before) AS unchanged
FROM (SELECT lead, m, s, m::text AS before, m || s AS used FROM (SELECT lead, leadscore.merge(e) FILTER (WHERE part < 3) m, leadscore.merge(e) FILTER (WHERE part >= 3) s FROM state GROUP BY lead) x) y JOIN whole USING (lead);
-- As a window function
SELECT bool_and(pg_temp.same(total, leadscore.total(:'rules', NULL::act, e, '2026-09-01'))) AS window
FROM (SELECT lead, part, leadscore.merge(e) OVER (PARTITION BY lead ORDER BY part) e FROM state) x JOIN whole USING (lead) WHERE part = 4;
-- NULL is no activity
SELECT (e || NULL)::text = e::text AS right, (NULL || e)::text = e::text AS left, (NULL::leadscore.engagement || NULL) IS NULL AS both FROM state LIMIT 1;
SELECT leadscore.merge(e) IS NULL AS none FROM state WHERE false;
SELECT leadscore.merge(NULL::leadscore.engagement) IS NULL AS nulls FROM state;
SELECT (e OPERATOR(leadscore.||) NULL::leadscore.engagement) IS NOT NULL AS qualified FROM state LIMIT 1;
SELECT leadscore.merge(CASE WHEN part = 2 THEN e END)::text = min(e::text) FILTER (WHERE part = 2) AS one FROM state WHERE lead = 3;
-- States of other rules do not fit
SELECT min(lead) || '' AS lead, leadscore.merge(e) || leadscore.engage('{"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "x", "points": 1}]}]}', 'x', '2026-01-01') FROM state;
SELECT leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "x", "points": 1}]}]}', NULL::act, e, '2026-09-01') FROM state;
-- Other points, limits on points, tiers and lead rules do fit
SELECT bool_and(pg_temp.same(2 * total, leadscore.total(replace(replace(replace(replace(replace(:'rules', '"points": 1,', '"points": 2,'), '"points": 3,', '"points": 6,'), '"points": 2, "half_life": "9', '"points": 4, "half_life": "9'), '13', '26'), '17', '34')::leadscore.ruleset, NULL::act, e, '2026-09-01'))) AS revalued
FROM (SELECT lead, leadscore.merge(e) e FROM state GROUP BY lead) x JOIN whole USING (lead);
