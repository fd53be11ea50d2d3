-- fields: named values as a row that rules read, where a row itself can't be passed.
SET timezone = 'UTC';
SELECT $${"dimensions": [{"name": "d", "rules": [
  {"id": "page", "on": "view", "cases": [{"where": {"url": {"starts_with": "/pricing"}}, "points": 10}, {"points": 1}]},
  {"id": "worth", "on": "order", "points": 1, "multiply_by": "amount"}]}]}$$ AS rules \gset
CREATE TABLE done (id int, lead int, kind text, at timestamptz, url varchar(40), amount numeric);
INSERT INTO done SELECT i, i % 7, (ARRAY['view', 'order'])[1 + i % 2], timestamptz '2026-01-01' + i * interval '1 hour',
  (ARRAY['/pricing', '/about', NULL])[1 + i % 3], i / 8.0 FROM generate_series(1, 200) i;
-- The state that the row gives, in any order of names, with values that are expressions
SELECT count(*), bool_and(a::text = row::text) AS a, bool_and(b::text = row::text) AS b, bool_and(c::text = row::text) AS c
FROM (SELECT leadscore.engage(:'rules', kind, at, d) AS row,
             leadscore.engage(:'rules', kind, at, leadscore.fields('{url,amount}', url, amount)) AS a,
             leadscore.engage(:'rules', kind, at, leadscore.fields('{amount,url,id}', amount::float8, url::text, id)) AS b,
             leadscore.engage(:'rules', kind, at, leadscore.fields(ARRAY['amount', 'url'], i, u)) AS c
      FROM done d, LATERAL (SELECT amount * 1, '/' || substr(url, 2)) x(i, u) GROUP BY lead) s;
-- And the score that it gives
SELECT leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "t", "when": {"title": "vp", "size": {"gt": 3}}, "points": 7}]}]}', leadscore.fields('{title,size}', 'VP', 4)) AS total,
       leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "t", "when": {"title": {"is_null": true}}, "points": 5}]}]}', leadscore.fields('{title,size}', NULL, 4)) AS of_null;
SELECT row_to_json(leadscore.fields('{a,"b c",c}', 1, 'x', ARRAY[1, 2])), leadscore.fields('{a}', NULL::int) IS NULL AS all_null;
-- Names that differ from row to row
SELECT row_to_json(leadscore.fields(names, 1, 2)) FROM (VALUES ('{a,b}'::text[]), ('{b,a}'), ('{b,a}'), ('{a,b}')) v(names);
-- What is wrong
SELECT leadscore.fields('{a}', 1, 2);
SELECT leadscore.fields('{{a,b}}', 1, 2);
SELECT leadscore.fields('{a,a}', 1, 2);
SELECT leadscore.fields('{a,NULL}', 1, 2);
SELECT leadscore.fields(NULL, 1, 2);
SELECT leadscore.fields(ARRAY[repeat('long', 16)], 1);
SELECT leadscore.fields('{a,b}', VARIADIC ARRAY[1, 2]);
-- A rule set that reads no column of the leads takes none: no constant row stands in the plan, which no other server could read
CREATE TABLE lead (id int, title text);
EXPLAIN (VERBOSE, COSTS OFF) SELECT leadscore.total('{"dimensions": [{"name": "d", "rules": []}]}', l, NULL, '2026-01-01'), leadscore.next_change('{"dimensions": [{"name": "d", "rules": []}]}', l, NULL, '2026-01-01') FROM lead l;
INSERT INTO lead VALUES (1, 'a');
SELECT leadscore.total('{"dimensions": [{"name": "d", "rules": []}]}', l, NULL, '2026-01-01'), leadscore.next_change('{"dimensions": [{"name": "d", "rules": []}]}', l, NULL, '2026-01-01'), leadscore.segments('{"dimensions": [{"name": "d", "rules": []}]}', l) FROM lead l;
DROP TABLE done, lead;
