-- In a database whose encoding is not UTF-8, texts are still compared as Unicode, and messages lose only what they cannot show.
CREATE DATABASE leadscore_latin2 TEMPLATE template0 ENCODING 'LATIN2' LC_COLLATE 'C' LC_CTYPE 'C';
\c leadscore_latin2
SET client_encoding = 'UTF8';
CREATE EXTENSION leadscore;
CREATE TABLE lead (id int, "tytuł" text, city jsonb);
INSERT INTO lead VALUES (1, 'DYREKTOR ŁĄCZNOŚCI', '{"miasto": "ŁÓDŹ"}'), (2, 'inny', '{}');
SELECT '{"dimensions": [{"name": "wymiar", "grades": [{"name": "Ś"}], "rules": [{"id": "łącz", "label": "\u2265 łącznik", "when": {"tytuł": {"words": "łączności"}}, "points": 5}, {"id": "b", "when": {"city.miasto": "łódź"}, "points": 2}]}], "tiers": [{"name": "ciepły", "at": 6}, {"name": "zimny"}]}' AS rules \gset
SELECT l.id, s.* FROM lead l, leadscore.score(:'rules', l) s ORDER BY id;
SELECT leadscore.total(:'rules', to_jsonb(l)) FROM lead l ORDER BY id;
SELECT x.* FROM lead l, leadscore.explain(:'rules', l) x WHERE id = 1;
SELECT leadscore.total(replace(:'rules', 'tytuł', 'tytul')::leadscore.ruleset, l) FROM lead l;
SELECT leadscore.tier(replace(:'rules', 'ciepły', 'ciep\u20acy')::leadscore.ruleset, l) FROM lead l WHERE id = 1;
SELECT leadscore.dimension(:'rules', s, 'wymiar') FROM lead l, leadscore.score(:'rules', l) s ORDER BY id;
SELECT leadscore.total(r, '{}'::jsonb, leadscore.engage(r, 'OTWARCIE Ś', '2026-01-01', NULL::lead, '2026-01-01'), '2026-01-01') FROM (SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "otwarcie ś", "points": 5}]}]}'::leadscore.ruleset r) r GROUP BY r;
SELECT * FROM leadscore.lint('{"dimensions": [{"name": "ś", "rules": [{"id": "ł", "wen": 1}]}]}');
SELECT 'ś'::leadscore.engagement;
-- Options hold expressions, names and columns.
CREATE TABLE "szansa" AS SELECT i AS id, 'ś' || i % 2 AS "źródło", timestamptz '2026-01-01' AS "kończy", i % 7 AS "ilość", i % 2 = 0 AND i % 11 > 1 AS "zdobyta" FROM generate_series(1, 300) i;
CREATE TABLE "działanie" AS SELECT id AS "szansą", 'złożył' AS "czynność", timestamptz '2025-12-31' AS "dnią" FROM "szansa" WHERE "zdobyta" OR id % 3 = 0;
SELECT leadscore.draft_rules('szansa', '"zdobyta"', '{"as_of": "\"kończy\"", "leave_out": ["ilość"], "activity": {"source": "\"działanie\"", "lead_key": "\"szansą\"", "key": "id", "kind": "\"czynność\"", "at": "\"dnią\""}}');
\c contrib_regression
DROP DATABASE leadscore_latin2;
CREATE DATABASE leadscore_ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C';
\c leadscore_ascii
CREATE EXTENSION leadscore;
CREATE TABLE lead (id int, t text);
INSERT INTO lead VALUES (1, E'caf\351'), (2, 'CAFE'), (3, 'café');
SELECT id, leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"t": {"contains": "caf"}}, "points": 1}, {"id": "b", "when": {"t": "CAFÉ"}, "points": 2}, {"id": "c", "when": {"t": {"matches": "^caf"}}, "points": 4}]}]}', l) FROM lead l ORDER BY id;
-- Values that JSON can't hold share "else".
CREATE TABLE deal AS SELECT i AS id, CASE WHEN i % 3 = 0 THEN E'caf\351' ELSE 'bar' END AS place, i % 3 = 0 AND i % 5 > 0 AS won FROM generate_series(1, 300) i;
SELECT leadscore.draft_rules('deal', 'won')::jsonb -> 'dimensions' AS dimensions;
\c contrib_regression
DROP DATABASE leadscore_ascii;
