-- The first thing anyone does: score a table.
CREATE TEMP TABLE contact (id int PRIMARY KEY, name text, title text, industry text, employees int, email text);
INSERT INTO contact VALUES
  (1, 'Ann',  'VP, Sales',         'Energy',  120,  'ann@acme.com'),
  (2, 'Bob',  'Intern',            'Retail',  5,    'bob@gmail.com'),
  (3, 'Cleo', 'Purchasing Manager', 'Energy', NULL, 'cleo@mail.rival.io'),
  (4, NULL,   NULL,                NULL,      NULL, NULL);
SELECT $${
  "range": {"min": 0, "max": 100},
  "lists": {"rivals": ["rival.io"]},
  "segments": {"leader": {"title": {"words": ["vp", "chief"]}}},
  "dimensions": [
    {"name": "person", "grades": [{"name": "A", "at": 15}, {"name": "B"}], "rules": [
      {"id": "role", "cases": [{"when": {"segment": "leader"}, "points": 20}, {"when": {"title": {"words": "manager"}}, "points": 10}]},
      {"id": "free", "when": {"email": {"domain": "@freemail"}}, "points": -5},
      {"id": "rival", "when": {"email": {"domain": "@rivals"}}, "disqualify": true}]},
    {"name": "company", "weight": 2, "grades": [{"name": "1", "at": 10}, {"name": "2"}], "rules": [
      {"id": "industry", "field": "industry", "map": {"Energy": 10}},
      {"id": "size", "field": "employees", "bands": [{"below": 10, "points": -10}, {"points": 5}]}]}
  ],
  "tiers": [{"name": "hot", "at": 30}, {"name": "warm", "at": 10}, {"name": "cold"}]
}$$ AS rules \gset
SELECT c.id, s.* FROM contact c, leadscore.score(:'rules', c) s ORDER BY id;
-- total and tier are the same without the composite
SELECT c.id, leadscore.total(:'rules', c) = s.total AS total, leadscore.tier(:'rules', c) = s.tier AS tier
FROM contact c, leadscore.score(:'rules', c) s ORDER BY id;
-- dimension reads one by name
SELECT c.id, leadscore.dimension(:'rules', s, 'company') = s.dimensions[2] AS company
FROM contact c, leadscore.score(:'rules', c) s ORDER BY id;
-- Named arguments and defaults
SELECT leadscore.total(rules => :'rules', lead => c, as_of => '2026-11-01') = leadscore.total(:'rules', c, NULL, '2026-11-01') AS named FROM contact c WHERE id = 1;
-- NULL where there are no rules or there is no time; a NULL row is a row of NULLs
SELECT leadscore.score(NULL, c) IS NULL AS rules, leadscore.score(:'rules', c, NULL, NULL) IS NULL AS as_of,
       leadscore.total(:'rules', NULL::contact) = leadscore.total(:'rules', ROW(NULL, NULL, NULL, NULL, NULL, NULL)::contact) AS lead
FROM contact c WHERE id = 1;
-- With rules from a table, which need not be the same in each row
CREATE TEMP TABLE model (name text, rules leadscore.ruleset);
INSERT INTO model VALUES ('full', :'rules'),
  ('size only', '{"dimensions": [{"name": "d", "rules": [{"id": "size", "field": "employees", "bands": [{"below": 10, "points": 1}, {"points": 2}]}]}]}');
SELECT m.name, c.id, s.total, s.tier FROM model m, contact c, leadscore.score(m.rules, c) s ORDER BY 1, 2;
SELECT bool_and(s.total = CASE m.name WHEN 'full' THEN leadscore.total(:'rules', c) ELSE CASE WHEN c.employees < 10 THEN 1 WHEN c.employees >= 10 THEN 2 ELSE 0 END END) AS ok
FROM contact c, model m, leadscore.score(m.rules, c) s;
-- In PL/pgSQL an expression stays while its parameters change
DO $do$
DECLARE r leadscore.ruleset; total float8;
BEGIN
  FOR i IN 1..3 LOOP
    r := format('{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"x": 1}, "points": %s}]}]}', i);
    total := leadscore.total(r, '{"x": 1}'::jsonb);
    RAISE NOTICE '% gives %', i, total;
  END LOOP;
END $do$;
-- Prepared, with a custom and with a generic plan
PREPARE scored(leadscore.ruleset) AS SELECT sum(leadscore.total($1, c)) FROM contact c;
SET plan_cache_mode = force_custom_plan;
EXECUTE scored(:'rules');
SET plan_cache_mode = force_generic_plan;
EXECUTE scored(:'rules');
EXECUTE scored('{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"id": {"gte": 1}}, "points": 1}]}]}');
RESET plan_cache_mode;
-- In an index and in a generated column: a score depends on its arguments alone
CREATE TEMP TABLE document (lead jsonb,
  total float8 GENERATED ALWAYS AS (leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"plan": "pro"}, "points": 5}]}]}', lead, NULL, '2026-11-01')) STORED);
INSERT INTO document VALUES ('{"plan": "pro"}'), ('{"plan": "free"}');
CREATE INDEX ON document (leadscore.tier('{"dimensions": [{"name": "d", "rules": []}], "tiers": [{"name": "all"}]}', lead, NULL, '2026-11-01'));
SELECT * FROM document ORDER BY total;
SELECT provolatile, proparallel, count(*) FROM pg_proc WHERE pronamespace = 'leadscore'::regnamespace
  AND proname IN ('score', 'total', 'tier', 'dimension', 'explain', 'segments', 'next_change', 'lint') GROUP BY 1, 2;
