-- The type ruleset: text that was checked, equal by what it says.
SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"x": 1}, "points": 1}]}]}' AS plain,
       e'{\n  "dimensions": [\n    {"rules": [{"points": 1.0, "when": {"x": 1e0}, "id": "a"}], "name": "d"}]\n}' AS spaced,
       '{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"x": 1}, "points": 2}]}]}' AS other \gset
-- Text as it was written
SELECT (:'spaced'::leadscore.ruleset)::text = :'spaced' AS kept;
SELECT leadscore.ruleset_send(:'spaced') = convert_to(:'spaced', 'UTF8') AS sent;
-- Equality, order, hashes. Operators are found without their schema where the path leads there
SET search_path = public, leadscore;
SELECT a = b AS eq, a <> b AS ne, a < b AS lt, a <= b AS le, a > b AS gt, a >= b AS ge
FROM (VALUES (:'plain'::leadscore.ruleset, :'spaced'::leadscore.ruleset), (:'plain', :'other'), (:'other', :'plain')) v(a, b);
SELECT leadscore.ruleset_hash(:'plain') = leadscore.ruleset_hash(:'spaced') AS hash,
       leadscore.ruleset_hash_extended(:'plain', 42) = leadscore.ruleset_hash_extended(:'spaced', 42) AS extended,
       leadscore.ruleset_hash_extended(:'plain', 1) <> leadscore.ruleset_hash_extended(:'plain', 2) AS seeded,
       (leadscore.ruleset_hash_extended(:'plain', 0) & 4294967295) = (leadscore.ruleset_hash(:'plain')::bigint & 4294967295) AS low_bits;
CREATE TEMP TABLE model (id int, rules leadscore.ruleset);
INSERT INTO model VALUES (1, :'plain'), (2, :'spaced'), (3, :'other'), (4, NULL);
SELECT count(DISTINCT rules) FROM model;
SET enable_hashagg = off;
SELECT array_agg(id ORDER BY id) FROM model GROUP BY rules ORDER BY rules;
SET enable_sort = off;
SET enable_hashagg = on;
SELECT array_agg(id ORDER BY id) AS ids FROM model GROUP BY rules ORDER BY 1;
RESET enable_sort;
CREATE UNIQUE INDEX model_rules ON model (rules);
DELETE FROM model WHERE id = 2;
CREATE UNIQUE INDEX model_rules ON model (rules);
INSERT INTO model VALUES (5, :'spaced');
CREATE INDEX model_hash ON model USING hash (rules);
SET enable_seqscan = off;
SELECT id FROM model WHERE rules = :'spaced';
RESET enable_seqscan;
SELECT a.id, b.id FROM model a JOIN model b USING (rules) ORDER BY 1;
-- Casts from and to JSON on assignment; text needs to be cast by hand
INSERT INTO model SELECT 6, '{"dimensions": [{"name": "j", "rules": [{"id": "a", "when": {"x": 1}, "points": 1}]}]}'::json;
INSERT INTO model SELECT 7, '{"dimensions": [{"name": "b", "rules": [{"id": "a", "when": {"x": 1}, "points": 1}]}]}'::jsonb;
INSERT INTO model SELECT 8, '{"dimensions": [{"name": "t", "rules": [{"id": "a", "when": {"x": 1}, "points": 1}]}]}'::text;
CREATE TEMP TABLE document (j json, b jsonb, t text);
INSERT INTO document SELECT rules, rules, rules FROM model WHERE id = 6;
SELECT j::text = t AS json, b = t::jsonb AS jsonb FROM document;
SELECT rules::jsonb #>> '{dimensions,0,name}' AS name FROM model WHERE id IN (6, 7) ORDER BY id;
SELECT ('{"dimensions": [{"name": "j", "name": "k", "rules": []}]}'::json)::leadscore.ruleset;
-- Binary COPY
SELECT current_setting('data_directory') || '/leadscore_regress.bin' AS file \gset
COPY model TO :'file' (FORMAT binary);
CREATE TEMP TABLE copied (LIKE model);
COPY copied FROM :'file' (FORMAT binary);
COPY (SELECT 1) TO :'file';
SELECT count(*) = (SELECT count(*) FROM model) AS all, bool_and(c.rules::text IS NOT DISTINCT FROM m.rules::text) AS same FROM copied c JOIN model m USING (id);
DROP INDEX model_rules;
-- A toasted one, read from the table for each row
INSERT INTO model SELECT 9, format('{"note": %s, "dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"x": 1}, "points": 7}]}]}', to_json(string_agg(md5(i::text), ' ')))::leadscore.ruleset
FROM generate_series(1, 3000) i;
SELECT length(rules::text), pg_column_size(rules) > 2000 AS toasted FROM model WHERE id = 9;
SELECT sum(leadscore.total(m.rules, jsonb_build_object('x', i % 2))) FROM model m, generate_series(1, 100) i WHERE m.id = 9;
-- The first problem is the error, with the number of the rest
SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "wen": {"x": 1}, "points": 1}]}]}'::leadscore.ruleset;
SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "wen": {"x": 1}, "points": "1"}]}], "range": 5}'::leadscore.ruleset;
SELECT '{"dimensions": '::leadscore.ruleset;
SELECT ''::leadscore.ruleset;
SELECT '[]'::leadscore.ruleset;
SELECT '"text"'::jsonb::leadscore.ruleset;

-- jsonb loses the order of members, and segments may use only those before them: they are put in order again
SELECT '{"segments": {"wealthy": {"a": 1}, "poor": {"segment": "wealthy"}}, "dimensions": [{"name": "d", "rules": [{"id": "x", "when": {"segment": "poor"}, "points": 1}]}], "tiers": [{"name": "t"}]}' AS ordered \gset
SELECT * FROM leadscore.lint(:'ordered'::jsonb);
SELECT :'ordered'::jsonb::leadscore.ruleset = :'ordered'::leadscore.ruleset AS same, leadscore.total(:'ordered'::jsonb::leadscore.ruleset, '{"a": 1}'::jsonb) AS total;
