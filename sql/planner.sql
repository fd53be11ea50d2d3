-- The planner passes only the columns that a constant rule set reads. Whatever stands in for the row, the answers are those of the whole row.
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE SCHEMA planner;
SET search_path = planner;

CREATE TYPE firm AS (employees int, industry text);
CREATE TABLE lead (gone text, id int PRIMARY KEY, title text, firm firm, custom jsonb, wide text, "a.b" int, country text);
ALTER TABLE lead DROP COLUMN gone;
INSERT INTO lead (id, title, firm, custom, wide, "a.b", country)
SELECT i, (ARRAY['CEO', 'Buyer', NULL, ' '])[1 + i % 4], ROW(i * 10, (ARRAY['Energy', 'Retail'])[1 + i % 2])::firm,
       jsonb_build_object('plan', (ARRAY['pro', 'free'])[1 + i % 2], 'seats', i), repeat('x', 10000), i % 7, (ARRAY['NL', 'US', NULL])[1 + i % 3]
FROM generate_series(1, 200) i;
CREATE VIEW lead_view AS SELECT * FROM lead WHERE id <= 150;

SELECT $${"segments": {"big": {"firm.employees": {"gte": 500}}},
  "dimensions": [{"name": "fit", "grades": [{"name": "A", "at": 20}, {"name": "B"}], "rules": [
  {"id": "title", "when": {"title": "ceo"}, "points": 10},
  {"id": "none", "when": {"title": {"is_null": true}}, "points": 1},
  {"id": "firm", "when": {"segment": "big", "firm.industry": "energy"}, "points": 20},
  {"id": "plan", "field": "custom.plan", "map": {"pro": 4}},
  {"id": "seats", "field": "custom.seats", "bands": [{"below": 50, "points": 2}, {"points": 3}]},
  {"id": "dot", "field": "a.b", "bands": [{"below": 3, "points": 0.5}, {"points": 0.25}], "missing": -100}]}],
  "tiers": [{"name": "hot", "at": 20}, {"name": "cold"}]}$$ AS rules \gset

-- What a plan has of the lead: its columns, not the whole row
CREATE FUNCTION arguments(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE plan text := ''; line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP plan := plan || line; END LOOP;
  RETURN regexp_replace((regexp_match(split_part(plan, '  Filter', 1), 'Output: (leadscore\.\w+\(.*?\)) *(->|$)'))[1], '''\{"segments.*''::leadscore\.ruleset', '…');
END $$;
SELECT arguments(format('SELECT leadscore.total(%L, l, NULL, %L) FROM lead l', :'rules', '2026-11-21'));
SELECT arguments(format('SELECT leadscore.segments(%L, l, %L) FROM lead l', :'rules', '2026-11-21'));
SELECT arguments(format('SELECT leadscore.tier(%L, v, NULL, %L) FROM lead_view v', :'rules', '2026-11-21'));
-- not where the rule set is no constant
CREATE TABLE stored (rules leadscore.ruleset);
INSERT INTO stored VALUES (:'rules');
SELECT arguments('SELECT leadscore.total(s.rules, l, NULL, now()) FROM stored s, lead l');

-- The same answers from the whole row (a rule set from a table is no constant), from the columns, from a view, and from jsonb
SELECT count(*) AS leads, count(DISTINCT w) AS different,
       count(*) FILTER (WHERE w IS DISTINCT FROM leadscore.score(:'rules', l, NULL, '2026-11-21')) AS by_columns,
       count(*) FILTER (WHERE (w).total IS DISTINCT FROM leadscore.total(:'rules', l, NULL, '2026-11-21')) AS total,
       count(*) FILTER (WHERE (w).tier IS DISTINCT FROM leadscore.tier(:'rules', l, NULL, '2026-11-21')) AS tier,
       count(*) FILTER (WHERE (w).total IS DISTINCT FROM leadscore.total(:'rules', to_jsonb(l), NULL, '2026-11-21')) AS by_jsonb,
       count(*) FILTER (WHERE leadscore.segments(s.rules, l, '2026-11-21') IS DISTINCT FROM leadscore.segments(:'rules', l, '2026-11-21')) AS segments
FROM stored s, lead l, leadscore.score(s.rules, l, NULL, '2026-11-21') w;
SELECT count(*) AS leads, count(*) FILTER (WHERE leadscore.total(:'rules', v, NULL, '2026-11-21') IS DISTINCT FROM leadscore.total(s.rules, v, NULL, '2026-11-21')) AS wrong
FROM stored s, lead_view v;

-- The nullable side of an outer join is a row of NULLs either way
SELECT n, leadscore.total(:'rules', l, NULL, '2026-11-21') AS by_columns, leadscore.total(s.rules, l, NULL, '2026-11-21') AS whole,
       leadscore.tier(:'rules', v, NULL, '2026-11-21') AS view_by_columns, leadscore.tier(s.rules, v, NULL, '2026-11-21') AS view_whole
FROM stored s, generate_series(199, 202) n LEFT JOIN lead l ON l.id = n LEFT JOIN lead_view v ON v.id = n
ORDER BY n;

-- Lateral, whole rows of subqueries, join aliases, functions, data-modifying statements
SELECT sum(x.total) = (SELECT sum(leadscore.total(s.rules, l, NULL, '2026-11-21')) FROM stored s, lead l) AS lateral
FROM lead l, LATERAL leadscore.score(:'rules', l, NULL, '2026-11-21') x;
SELECT sum(leadscore.total(:'rules', q, NULL, '2026-11-21')) = (SELECT sum(leadscore.total(s.rules, l, NULL, '2026-11-21')) FROM stored s, lead l) AS subquery
FROM (SELECT * FROM lead ORDER BY id LIMIT 1000) q;
SELECT sum(leadscore.total(:'rules', j, NULL, '2026-11-21')) = (SELECT sum(leadscore.total(s.rules, l, NULL, '2026-11-21')) FROM stored s, lead l) AS join_alias
FROM (lead NATURAL JOIN (SELECT id, 1 AS more FROM lead) m) j;
CREATE FUNCTION some_leads() RETURNS SETOF lead LANGUAGE sql STABLE AS 'SELECT * FROM lead WHERE id < 50';
SELECT sum(leadscore.total(:'rules', f, NULL, '2026-11-21')) = (SELECT sum(leadscore.total(s.rules, l, NULL, '2026-11-21')) FROM stored s, lead l WHERE id < 50) AS from_function
FROM some_leads() f;
BEGIN;
UPDATE lead l SET country = 'XX' WHERE id = 7 RETURNING leadscore.total(:'rules', l, NULL, '2026-11-21') AS updated;
DELETE FROM lead l WHERE id = 7 RETURNING leadscore.total(:'rules', l, NULL, '2026-11-21') AS deleted;
ROLLBACK;

-- Partitions with columns in another order, and a check constraint, whose expression is planned without a query
CREATE TABLE parted (id int, title text, firm firm, custom jsonb, "a.b" int) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF parted FOR VALUES FROM (0) TO (100);
CREATE TABLE part_2 ("a.b" int, custom jsonb, junk int, firm firm, title text, id int);
ALTER TABLE part_2 DROP COLUMN junk;
ALTER TABLE parted ATTACH PARTITION part_2 FOR VALUES FROM (100) TO (1000);
INSERT INTO parted SELECT id, title, firm, custom, "a.b" FROM lead;
SELECT sum(leadscore.total(:'rules', p, NULL, '2026-11-21')) = (SELECT sum(leadscore.total(s.rules, l, NULL, '2026-11-21')) FROM stored s, lead l) AS partitions
FROM parted p;
CREATE TABLE only_ceos (title text, CHECK (leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "t", "when": {"title": "ceo"}, "points": 1}]}]}', only_ceos, NULL, '2026-11-21') = 1));
INSERT INTO only_ceos VALUES ('CEO');
INSERT INTO only_ceos VALUES ('Buyer');

-- Row types that have been given an attribute since a view of their functions was made: the functions' rows lack it or have it, as the server sees fit
CREATE TYPE grown AS (a int);
CREATE TABLE grown_table (a int);
INSERT INTO grown_table VALUES (1);
CREATE FUNCTION one_grown() RETURNS grown LANGUAGE plpgsql STABLE AS 'DECLARE x grown; BEGIN x.a = 1; RETURN x; END';
CREATE FUNCTION table_of_grown() RETURNS SETOF grown_table LANGUAGE sql STABLE AS 'SELECT * FROM grown_table';
SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "x", "field": "b", "bands": [{"below": 10, "points": 3}, {"points": 7}], "missing": 1}]}]}' AS late \gset
CREATE VIEW of_one AS SELECT leadscore.total(:'late', g) FROM one_grown() g;
CREATE VIEW of_table AS SELECT leadscore.total(:'late', g) FROM table_of_grown() g;
CREATE VIEW of_rows AS SELECT leadscore.total(:'late', g) FROM unnest(ARRAY[ROW(1)::grown, ROW(2)::grown]) g;
CREATE VIEW of_json AS SELECT leadscore.total(:'late', g) FROM json_populate_recordset(NULL::grown, '[{"a": 1, "b": 50}]') g;
CREATE VIEW of_relation AS SELECT leadscore.total(:'late', g) FROM grown_table g;
ALTER TYPE grown ADD ATTRIBUTE b int;
ALTER TABLE grown_table ADD COLUMN b int DEFAULT 50;
SELECT * FROM of_one;
SELECT * FROM of_rows;
SELECT * FROM of_json;
SELECT * FROM of_relation;
-- PostgreSQL 17 and later refuse any view that takes this function's whole rows
DO $$
BEGIN
  IF (SELECT total FROM of_table) <> 1 THEN RAISE 'not what is missing'; END IF;
EXCEPTION WHEN internal_error THEN
  IF SQLERRM <> 'too few column names for subquery g' THEN RAISE; END IF;
END $$;

-- … and rows cast to a type, in views and in plans that are kept, whose attributes come, go and change their names
CREATE TYPE swapped AS (a int);
CREATE VIEW of_cast AS SELECT leadscore.total(:'late', ROW(x)::swapped) FROM generate_series(1, 2) x;
ALTER TYPE swapped ADD ATTRIBUTE b int;
SELECT * FROM of_cast;
PREPARE of_swapped AS SELECT leadscore.total(:'late', ROW(50, g)::swapped) FROM generate_series(5, 5) g;
EXECUTE of_swapped;
DROP VIEW of_cast;
ALTER TYPE swapped RENAME ATTRIBUTE a TO c;
ALTER TYPE swapped RENAME ATTRIBUTE b TO a;
ALTER TYPE swapped RENAME ATTRIBUTE c TO b;
EXECUTE of_swapped;
CREATE FUNCTION rows_grown() RETURNS SETOF grown_table LANGUAGE plpgsql STABLE AS 'BEGIN RETURN QUERY SELECT * FROM grown_table; END';
PREPARE of_plan(leadscore.ruleset) AS SELECT leadscore.total($1, l) FROM rows_grown() l JOIN generate_series(1, 2) g ON true;
EXECUTE of_plan(:'late');
ALTER TABLE grown_table ADD COLUMN c int DEFAULT 4;
EXECUTE of_plan(replace(:'late', '"b"', '"c"')::leadscore.ruleset);

-- A view that has been given a column since another view was made of it
CREATE VIEW inner_view AS SELECT id, title FROM lead;
CREATE VIEW outer_view AS SELECT v.id, leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "t", "when": {"title": "ceo"}, "points": 1}, {"id": "c", "when": {"country": "nl"}, "points": 2}]}]}', v, NULL, '2026-11-21') AS total
FROM inner_view v;
SELECT * FROM outer_view WHERE id = 3;
CREATE OR REPLACE VIEW inner_view AS SELECT id, title, country FROM lead;
SELECT * FROM outer_view WHERE id = 3;

-- A rule set that reads nothing, and one that reads what is not there
SELECT leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "n", "on": "x", "count": {"lt": 1}, "points": 3}]}]}', l, NULL, '2026-11-21') FROM lead l WHERE id = 1;
SELECT leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "t", "when": {"titel": "ceo"}, "points": 1}]}]}', l, NULL, '2026-11-21') FROM lead l WHERE id = 1;
SELECT leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "t", "when": {"title": {"gte": 5}}, "points": 1}]}]}', l, NULL, '2026-11-21') FROM lead l WHERE id = 1;
-- A cached plan after the table has changed
PREPARE scored AS SELECT leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "t", "field": "country", "map": {"NL": 1, "5": 5}}]}]}', l, NULL, '2026-11-21') FROM lead l WHERE id = 3;
EXECUTE scored;
-- EXISTS is simplified with the query around it at hand, in which other relations, or none, have the numbers of its own
SELECT $${"dimensions": [{"name": "d", "rules": [{"id": "c", "when": {"country": "nl"}, "points": 2}]}]}$$ AS dutch \gset
CREATE TABLE ordered (lead int, title text, country text);
INSERT INTO ordered SELECT id, 'x', 'NL' FROM lead UNION ALL VALUES (9999, 'x', 'NL');
CREATE VIEW wanted AS SELECT o.lead FROM ordered o WHERE o.lead IN (SELECT l.id FROM lead l WHERE lower(l.country) = 'nl');
SELECT (SELECT count(*) FROM wanted) AS wanted,
  (SELECT count(*) FROM (SELECT EXISTS (SELECT FROM (VALUES (1)) v(n) JOIN lead l ON true WHERE l.id = o.lead AND leadscore.total(:'dutch', l, NULL, '2026-11-21') > 1) AS found FROM ordered o) x WHERE found) AS second,
  (SELECT count(*) FROM ordered o WHERE o.lead < 0 OR EXISTS (SELECT FROM lead l WHERE l.id = o.lead AND leadscore.total(:'dutch', l, NULL, '2026-11-21') > 1)) AS first,
  (SELECT count(*) FROM ordered o WHERE o.lead < 0 OR EXISTS (SELECT FROM ordered p, ordered q, lead l WHERE p.lead = q.lead AND q.lead = l.id AND l.id = o.lead AND (leadscore.score(:'dutch', l, NULL, '2026-11-21')).total > 1)) AS third;
DROP VIEW wanted;
DROP TABLE ordered;
DROP VIEW lead_view, outer_view, inner_view;
ALTER TABLE lead ALTER country TYPE int USING 5;
EXECUTE scored;

-- Every numeric is the double that PostgreSQL itself makes of it
SELECT count(*) AS numerics, count(*) FILTER (WHERE t IS DISTINCT FROM x::float8) AS wrong
FROM (SELECT x, (leadscore.total('{"dimensions": [{"name": "a", "rules": [{"id": "r", "on": "k", "points": 1, "multiply_by": "x"}]}]}', '{}'::jsonb,
        leadscore.engage('{"dimensions": [{"name": "a", "rules": [{"id": "r", "on": "k", "points": 1, "multiply_by": "x"}]}]}', 'k', '2020-01-01', v, '2021-01-01'), '2021-01-01')) AS t
      FROM (SELECT (sin(i) * 10 ^ (i % 21))::numeric(40, 6) AS x FROM generate_series(1, 20000) i
            UNION SELECT (cos(i) * 10 ^ -(i % 18))::numeric FROM generate_series(1, 20000) i
            UNION SELECT unnest('{0, 1, -1, 9999, 10000, 100000000, 12345678.9, 9007199254740991, 9007199254740992, 9007199254740993, 0.0001, 0.1, 1e22, 1e23, 1e-22, 1e-80, 1e80, 99999999.9999, 0.30000000000000004}'::numeric[])) v
      GROUP BY x) q;
