-- Rows of every kind as leads: column types, domains, composites, jsonb paths, dropped columns, views, subqueries, outer joins, odd names.
SET timezone = 'Asia/Jakarta';
SET datestyle = 'German';
CREATE TYPE stage AS ENUM ('new', 'won');
CREATE DOMAIN score_domain AS int CHECK (value < 1000);
CREATE DOMAIN deeper AS score_domain;
CREATE DOMAIN mail AS text;
CREATE DOMAIN document AS jsonb;
CREATE TYPE city AS (name text, zip varchar(9));
CREATE TYPE address AS (street text, city city, extra jsonb);
CREATE DOMAIN checked_address AS address;
-- hits(condition, row): does a rule with that condition fire
CREATE FUNCTION rules_for(condition text) RETURNS leadscore.ruleset IMMUTABLE LANGUAGE sql AS $$
  SELECT format('{"dimensions": [{"name": "d", "rules": [{"id": "rule", "when": %s, "points": 1}]}]}', condition)::leadscore.ruleset
$$;
CREATE FUNCTION hits(condition text, lead anyelement) RETURNS boolean LANGUAGE sql AS $$
  SELECT leadscore.total(rules_for(condition), lead, NULL, '2026-11-01 00:00+00') = 1
$$;
CREATE TABLE typed (
  b boolean, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric, o oid, t text, v varchar(20), c char(10), na name, ch "char", u uuid, e stage,
  d date, ts timestamp, tz timestamptz, dom deeper, m mail, j json, jb jsonb, doc document, ip inet, x xml, by bytea, iv interval, ti time, mo money, pt point, r int4range,
  ab boolean[], ai int[], an numeric[], at text[], ac char(5)[], ae stage[], ad date[], atz timestamptz[], am mail[], aj jsonb[], ap point[], a checked_address);
INSERT INTO typed VALUES (
  true, -2, 40000, 5000000000, 0.5, 1e300, 12.5, 4000000000, 'Text', 'Var', 'Chars', 'Name', 'Q', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'won',
  '2026-10-31', '2026-10-31 23:00', '2026-10-31 23:00+00', 7, 'Ann@Acme.com', '{"k": {"l": "deep"}, "n": 5}', '{"k": {"l": "deep"}, "n": 5, "list": ["a", null, 3, {"x": 1}], "a.b": 1, "a": {"b": 2, "c.d": 3}, "t": true, "nil": null, "when": "2026-10-31"}',
  '{"k": 1}', '10.0.0.1', '<a/>', '\x00', '1 day', '12:00', '5', '(1,2)', '[1,2)',
  '{true,NULL}', '{1,NULL,3}', '{1.5,2.5}', '{a,NULL,"B c"}', '{ab}', '{won,NULL}', '{2026-10-31}', '{2026-10-31 23:00+00,infinity}', '{x@y.z}', '{"{}"}', '{"(1,2)"}', ROW('Main', ROW('Oslo', '0150'), '{"floor": 3}'));
SELECT c.condition FROM typed whole, LATERAL (VALUES
  ('{"b": true}'), ('{"i2": -2}'), ('{"i4": {"gt": 39999, "lte": 40000}}'), ('{"i8": 5000000000}'), ('{"f4": 0.5}'), ('{"f8": 1e300}'), ('{"n": {"between": [12.5, 12.5]}}'), ('{"o": 4000000000}'),
  ('{"t": "TEXT"}'), ('{"v": ["other", "var"]}'), ('{"c": "chars"}'), ('{"na": {"starts_with": "na"}}'), ('{"ch": "q"}'), ('{"u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}'), ('{"e": "won"}'),
  -- a date is midnight UTC, a timestamp is UTC, whatever the session says
  ('{"d": "2026-10-31"}'), ('{"d": {"gte": "2026-10-31T00:00:00Z", "lt": "2026-10-31T00:00:01Z"}}'), ('{"ts": "2026-10-31T23:00:00Z"}'), ('{"tz": {"older_than": "1 hour", "newer_than": "2 hours"}}'),
  ('{"dom": {"lt": 8}}'), ('{"m": {"domain": "acme.com"}}'), ('{"j.k.l": "deep"}'), ('{"jb.k.l": "deep"}'), ('{"jb.n": {"gte": 5}}'), ('{"doc.k": 1}'), ('{"jb.list": {"has": "a"}}'), ('{"jb.list": {"has": 3}}'),
  -- the name as a whole comes before the path
  ('{"jb.a.b": 1}'), ('{"jb.a.c.d": 3}'), ('{"jb.t": true}'), ('{"jb.nil": {"is_null": true}}'), ('{"jb.none.at.all": {"is_null": true}}'), ('{"jb.k": {"is_null": false}}'), ('{"jb.when": {"lt": "2026-11-01"}}'),
  ('{"jb": {"is_null": false}}'), ('{"ip": "10.0.0.1"}'), ('{"by": {"is_null": false}}'), ('{"iv": {"is_null": false}}'), ('{"pt": {"is_null": false}}'), ('{"a": {"is_null": false}}'),
  ('{"ab": {"has": true}}'), ('{"ai": {"has": 3}}'), ('{"an": {"has": [9, 2.5]}}'), ('{"at": {"has": "b C"}}'), ('{"ac": {"has": "ab"}}'), ('{"ae": {"has": "won"}}'), ('{"ad": {"has": "2026-10-31"}}'), ('{"atz": {"has": "2026-10-31T23:00:00Z"}}'),
  ('{"am": {"domain": "y.z"}}'), ('{"aj": {"is_null": false}}'),
  ('{"a.street": "main"}'), ('{"a.city.name": "OSLO"}'), ('{"a.city.zip": "0150"}'), ('{"a.extra.floor": 3}')) c(condition)
WHERE NOT hits(c.condition, whole);
-- NULL everywhere: only is_null sees it
SELECT count(*), count(*) FILTER (WHERE hits(format('{"%s": {"is_null": true}}', attname), n)) AS is_null, count(*) FILTER (WHERE hits(format('{"%s": {"is_null": false}}', attname), n)) AS is_not_null
FROM (SELECT NULL::typed) x(n), pg_attribute WHERE attrelid = 'typed'::regclass AND attnum > 0;
SELECT count(*) FILTER (WHERE hits(format('{"%s": {"is_null": true}}', attname), n)) AS is_null FROM (SELECT ROW((NULL::typed).*)::typed) x(n), pg_attribute WHERE attrelid = 'typed'::regclass AND attnum > 0;
-- Infinite times, dates beyond the calendar of timestamps, NaN
CREATE TABLE extreme (d date, tz timestamptz, f float8, n numeric);
INSERT INTO extreme VALUES ('infinity', 'infinity', 'Infinity', '1e400'), ('-infinity', '-infinity', '-Infinity', '-1e400'), ('5874897-12-31', '294276-12-31', 'NaN', 'NaN');
SELECT row_number() OVER () AS row, hits('{"d": {"gt": "2026-01-01"}}', x) AS date_after, hits('{"tz": {"gt": "2026-01-01"}}', x) AS after, hits('{"f": {"gt": 0}}', x) AS positive, hits('{"n": {"gt": 0}}', x) AS n_positive,
       hits('{"f": {"lte": 0}}', x) AS not_positive, hits('{"f": {"is_null": true}}', x) AS f_null
FROM extreme x;
-- Dropped columns, columns added later with a default, wide rows
CREATE TABLE changing (a int, b text, c int);
INSERT INTO changing VALUES (1, 'x', 3);
PREPARE by_c AS SELECT leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "rule", "field": "c", "map": {"3": 30, "4": 40}}]}]}', x) FROM changing x;
EXECUTE by_c;
ALTER TABLE changing DROP COLUMN b;
EXECUTE by_c;
ALTER TABLE changing ADD COLUMN later text DEFAULT 'late';
SELECT hits('{"later": "late"}', x) AS later, hits('{"c": 3}', x) AS c FROM changing x;
ALTER TABLE changing RENAME COLUMN c TO was_c;
ALTER TABLE changing ADD COLUMN c int DEFAULT 4;
EXECUTE by_c;
ALTER TABLE changing DROP COLUMN c;
EXECUTE by_c;
SELECT hits('{"b": "x"}', x) FROM changing x;
-- A composite column whose type changes under it
CREATE TABLE held (id int, h changing);
INSERT INTO held SELECT 1, x FROM changing x;
SELECT hits('{"h.later": "late"}', x) AS before FROM held x;
ALTER TABLE changing RENAME COLUMN later TO latest;
SELECT hits('{"h.latest": "late"}', x) AS after FROM held x;
ALTER TABLE changing ADD COLUMN more int;
SELECT hits('{"h.more": {"is_null": true}}', x) AS added FROM held x;
SELECT hits('{"h.later": "late"}', x) FROM held x;
-- Composite values from outside a table: rows, subqueries, views, function results, NULL rows of outer joins
CREATE TABLE lead (id int PRIMARY KEY, "Company Name" text, "all" text, "a.b" int, ".dot" int, naïve text, company city);
INSERT INTO lead VALUES (1, 'Acme', 'every', 5, 6, 'oui', ROW('Oslo', '0150')), (2, 'Globex', 'none', 7, 8, 'non', NULL);
CREATE VIEW lead_view AS SELECT id, upper("Company Name") AS "Company Name" FROM lead;
SELECT id, hits('{"Company Name": "acme"}', l) AS quoted, hits('{".all": "every"}', l) AS reserved, hits('{"a.b": 5}', l) AS dotted, hits('{"naïve": "OUI"}', l) AS unicode, hits('{"company.name": "oslo"}', l) AS nested
FROM lead l ORDER BY id;
SELECT rules_for('{"Company Name": "acme"}') AS acme \gset
SELECT id, leadscore.total(:'acme', v) FROM lead_view v ORDER BY id;
SELECT leadscore.total(:'acme', q) FROM (SELECT 1 AS x, 'Acme' AS "Company Name" OFFSET 0) q;
SELECT leadscore.total(:'acme', q) FROM (SELECT l.*, 1 AS extra FROM lead l WHERE id = 1) q;
SELECT leadscore.total(:'acme', j) FROM lead l JOIN lead_view v USING (id), LATERAL (SELECT l."Company Name", v.id) j ORDER BY 1;
SELECT leadscore.total(:'acme', ROW(1, 'Acme', NULL, NULL, NULL, NULL, NULL)::lead);
SELECT leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "rule", "when": {"f1": 1}, "points": 1}]}]}', ROW(1, 'Acme'));
SELECT n, leadscore.total(:'acme', l) AS total, leadscore.tier(:'acme', l) AS tier FROM generate_series(1, 3) n LEFT JOIN lead l ON l.id = n ORDER BY n;
SELECT n, leadscore.total(:'acme', q) FROM generate_series(1, 3) n LEFT JOIN (SELECT id, "Company Name" || '' AS "Company Name" FROM lead OFFSET 0) q ON q.id = n ORDER BY n;
SELECT n, leadscore.total(:'acme', l) FROM lead l RIGHT JOIN generate_series(1, 3) n ON l.id = n ORDER BY n;
SELECT leadscore.total(:'acme', NULL::record) AS null_record, leadscore.total(:'acme', NULL::lead) AS null_lead;
-- Inheritance and partitions: rows of a child are rows of the parent
CREATE TABLE parent (id int, plan text) PARTITION BY LIST (id);
CREATE TABLE child (junk text, plan text, id int);
ALTER TABLE child DROP COLUMN junk;
ALTER TABLE parent ATTACH PARTITION child FOR VALUES IN (1);
INSERT INTO parent VALUES (1, 'pro');
SELECT hits('{"plan": "pro"}', p) FROM parent p;
SELECT hits('{"plan": "pro"}', p) FROM child p;
-- One call that meets rows of more than one type
SELECT leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "rule", "when": {"x": 5}, "points": 1}]}]}', r)
FROM (VALUES (1), (2), (3), (4)) v(n), LATERAL (SELECT q FROM (SELECT 5 AS x) q WHERE n % 2 = 0 UNION ALL SELECT q FROM (SELECT 5 AS x) q WHERE n % 2 = 1) u(r);
CREATE FUNCTION either(n int) RETURNS record LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
  IF n % 3 = 0 THEN SELECT 5 AS x, 'a' AS y INTO r; ELSIF n % 3 = 1 THEN SELECT 'b' AS y, 5::numeric AS x INTO r; ELSE RETURN NULL; END IF;
  RETURN r;
END $$;
SELECT n, leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "rule", "when": {"x": 5}, "points": 1}]}]}', either(n)) FROM generate_series(1, 6) n;
-- A compressed and an out-of-line column
CREATE TABLE long (id int, body text, other text);
ALTER TABLE long ALTER other SET STORAGE external;
INSERT INTO long VALUES (1, repeat('lorem ipsum ', 1000) || 'needle', repeat('x', 10000) || ' needle');
SELECT hits('{"body": {"words": "needle"}, "other": {"words": "needle"}}', l) AS long FROM long l;
-- citext compares as text; so does a domain over it
CREATE EXTENSION IF NOT EXISTS citext;
CREATE TABLE ci (m citext);
INSERT INTO ci VALUES ('Ann@Acme.COM');
SELECT hits('{"m": {"domain": "acme.com"}}', c) AS citext FROM ci c;
-- In parallel workers, anonymous records too
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE TABLE many AS SELECT i AS id, 'Acme' || i % 10 AS name FROM generate_series(1, 20000) i;
ALTER TABLE many SET (parallel_workers = 3);
SELECT sum(leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "rule", "when": {"name": "acme3"}, "points": 1}]}]}', m)) FROM many m;
SELECT sum(leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "rule", "when": {"f2": "acme3"}, "points": 1}]}]}', ROW(m.id, m.name))) FROM many m;
-- What does not fit is an error that names rule, column and type
SELECT hits('{"Compny Name": "acme"}', l) FROM lead l;
SELECT hits('{"company.nam": "oslo"}', l) FROM lead l;
SELECT hits('{"id.x": 1}', l) FROM lead l;
SELECT hits('{"i4": {"contains": "x"}}', whole) FROM typed whole;
SELECT hits('{"t": {"gte": 5}}', whole) FROM typed whole;
SELECT hits('{"pt": "(1,2)"}', whole) FROM typed whole;
SELECT hits('{"e": "wn"}', whole) FROM typed whole;
SELECT hits('{"a": "x"}', whole) FROM typed whole;
SELECT hits('{"ai": {"contains": "x"}}', whole) FROM typed whole;
DROP FUNCTION hits, rules_for, either;
DROP VIEW lead_view;
DROP TABLE typed, extreme, held, changing, lead, parent, long, ci, many;
DROP DOMAIN checked_address, document, mail, deeper, score_domain;
DROP TYPE address, city, stage;
DROP EXTENSION citext;
