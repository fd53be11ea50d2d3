-- A constant rule set reads the columns themselves, any other the whole row: both must see the same values, of every type and in every form that
-- they are stored in.
\set VERBOSITY terse
\t on
\pset format unaligned
CREATE TYPE cv_stage AS ENUM ('new', 'won');
CREATE DOMAIN cv_name AS text;
CREATE DOMAIN cv_amount AS numeric;
CREATE TYPE cv_address AS (city text, zip int);
CREATE TABLE cv_lead (
  gone int, id int, short text, plain text, packed text, domain cv_name, padded char(8), limited varchar(20), name name,
  flag bool, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, amount numeric, dom_amount cv_amount,
  day date, at timestamp, at_zone timestamptz, stage cv_stage, key uuid, tags text[], doc jsonb, address cv_address,
  doubled numeric GENERATED ALWAYS AS (amount * 2) STORED);
ALTER TABLE cv_lead DROP COLUMN gone;
ALTER TABLE cv_lead ALTER plain SET STORAGE EXTERNAL, ALTER packed SET STORAGE EXTENDED;
INSERT INTO cv_lead
SELECT i, CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'Größe' ELSE 'needle' END,
  CASE WHEN i % 3 = 0 THEN 'needle' WHEN i % 3 = 1 THEN repeat('hay', 5000) || ' needle' END,
  CASE WHEN i % 3 = 0 THEN repeat('x', 200) || 'needle' WHEN i % 3 = 1 THEN repeat('hay', 50000) || ' needle' END,
  CASE WHEN i % 2 = 0 THEN 'needle' END, CASE WHEN i % 2 = 0 THEN 'needle' ELSE '' END, CASE WHEN i % 5 = 0 THEN 'a needle' END, 'needle',
  CASE i % 3 WHEN 0 THEN NULL ELSE i % 3 = 1 END, i - 10, -i, i * 10000000000, i / 8.0, i / 7.0,
  (ARRAY[NULL, 0, 1, -1, 0.1, -12345.678, 9999999999999999, 99999999999999999999, 1e-20, 1e-30, 1e30, 123456789.123456789,
         9007199254740993, 0.30000000000000004, 'NaN', 'Infinity', '-Infinity', 10000, 100000000, 1e16])[1 + i]::numeric,
  CASE WHEN i % 4 > 0 THEN i * 1e15 + 0.5 END,
  CASE i % 4 WHEN 0 THEN 'infinity' WHEN 1 THEN '-infinity' WHEN 2 THEN NULL ELSE date '2026-01-01' + i END,
  timestamp '2026-01-01' + i * interval '1 day', timestamptz '2026-01-01 00:00+00' + i * interval '1 day',
  CASE WHEN i % 2 = 0 THEN 'won' ELSE 'new' END::cv_stage, '00000000-0000-0000-0000-000000000001'::uuid,
  CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN ARRAY['needle', NULL] ELSE '{}' END,
  CASE i % 3 WHEN 0 THEN NULL ELSE jsonb_build_object('a', jsonb_build_object('b', i)) END,
  CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN ROW('needle', i)::cv_address ELSE ROW(NULL, -i)::cv_address END
FROM generate_series(0, 19) i;
-- Older rows lack a column that was added later.
ALTER TABLE cv_lead ADD late text DEFAULT 'needle', ADD late_number numeric DEFAULT 12.5;
INSERT INTO cv_lead(id, late, late_number) VALUES (20, NULL, NULL), (21, 'other', 1.0000000000000001);

-- One rule for each column and kind of test, so that a difference has a name.
CREATE TABLE cv_test (field text, rule text);
INSERT INTO cv_test
SELECT f, format('"when": {"%s": {"contains": "needle"}}, "points": 3', f)
FROM unnest('{short,plain,packed,domain,padded,limited,name,late,address.city,tags,stage,key}'::text[]) f WHERE f <> 'tags'
UNION ALL
SELECT f, format('"when": {"%s": {"is_null": true}}, "points": 5', f)
FROM unnest('{short,plain,packed,domain,padded,limited,name,late,address,address.city,address.zip,tags,stage,key,flag,i4,amount,doubled,day,at,doc,doc.a.b}'::text[]) f
UNION ALL
SELECT f, format('"field": "%s", "missing": 7, "bands": [%s, {"points": 100}]', f, bands)
FROM unnest('{i2,i4,i8,f4,f8,amount,dom_amount,doubled,late_number,address.zip,doc.a.b}'::text[]) f,
  (SELECT string_agg(format('{"below": %s, "points": %s}', below, n), ', ')
   FROM unnest('{-12345.6,-1,0,1e-25,0.1,0.30000000000000004,1,12.5,123456789.123,9007199254740993,1e16,1e29}'::text[]) WITH ORDINALITY u(below, n)) b(bands)
UNION ALL
SELECT f, format('"when": {"%s": {"eq": true}}, "points": 2', f) FROM unnest('{flag}'::text[]) f
UNION ALL
SELECT f, format('"when": {"%s": {"gt": "2026-01-05"}}, "points": 2', f) FROM unnest('{day,at,at_zone}'::text[]) f;
CREATE TABLE cv_rules AS
SELECT field, format('{"dimensions": [{"name": "d", "rules": [{"id": "r", %s}]}]}', rule)::leadscore.ruleset AS rules FROM cv_test
UNION ALL
SELECT 'all', format('{"dimensions": [{"name": "d", "rules": [%s]}]}', string_agg(format('{"id": "r%s", %s}', n, rule), ', '))::leadscore.ruleset
FROM (SELECT rule, row_number() OVER () AS n FROM cv_test) x;

SELECT count(*) AS rules FROM cv_rules;
-- How many leads each finds the same both ways, and what the points add up to.
\set ECHO none
SELECT format('SELECT %L AS field, count(*) FILTER (WHERE leadscore.total(%L::leadscore.ruleset, l, NULL, ''2026-02-01'') = '
    'leadscore.total(r.rules, l, NULL, ''2026-02-01'')) AS same, sum(leadscore.total(%2$L::leadscore.ruleset, l, NULL, ''2026-02-01'')) AS points '
    'FROM cv_lead l, cv_rules r WHERE r.field = %1$L AND r.rules::text = %2$L', field, rules)
FROM cv_rules ORDER BY field COLLATE "C", rules::text COLLATE "C"
\gexec
\set ECHO all

DROP TABLE cv_lead, cv_rules, cv_test;
DROP TYPE cv_stage, cv_name, cv_amount, cv_address;
