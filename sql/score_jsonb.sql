-- Leads as jsonb and json: values decide one by one.
CREATE FUNCTION hits(condition text, lead jsonb) RETURNS boolean LANGUAGE sql AS $$
  SELECT leadscore.total(format('{"dimensions": [{"name": "d", "rules": [{"id": "rule", "when": %s, "points": 1}]}]}', condition)::leadscore.ruleset, lead, NULL, '2026-11-01') = 1
$$;
SELECT c.condition FROM (VALUES
  ('{"text": "VALUE"}'), ('{"n": 5}'), ('{"n": {"gt": 4.9}}'), ('{"big": {"gte": 1e300}}'), ('{"yes": true}'), ('{"nil": {"is_null": true}}'), ('{"absent": {"is_null": true}}'),
  ('{"blank": {"is_null": true}}'), ('{"none": {"is_null": true}}'), ('{"a.b.c": "deep"}'), ('{"x.y": "flat"}'), ('{"x.z": 1}'), ('{"list": {"has": ["q", "two"]}}'), ('{"list": {"has": 1}}'),
  ('{"list": {"contains": "wo"}}'), ('{"object": {"is_null": false}}'), ('{"day": {"lt": "2026-10-02"}}'), ('{"day": {"older_than": "30 days"}}'), ('{"unicode": "STRASSE"}'), ('{"ключ": "значение"}'),
  -- a test on a value of another type is false
  ('{"not": {"text": {"gt": 4}}}'), ('{"not": {"n": {"contains": "5"}}}'), ('{"not": {"n": "5"}}'), ('{"not": {"object": {"contains": "x"}}}'), ('{"not": {"yes": "true"}}'), ('{"not": {"a.b": "deep"}}'), ('{"not": {"text.more": 1}}'), ('{"not": {"list.0": 1}}')) c(condition)
WHERE NOT hits(c.condition, '{"text": "value", "n": 5, "big": 1e300, "yes": true, "nil": null, "blank": "  ", "none": [], "a": {"b": {"c": "deep"}}, "x.y": "flat", "x": {"y": "nested", "z": 1},
  "list": [1, "two", null, [3], {"four": 4}], "object": {"x": 1}, "day": "2026-10-01", "unicode": "straße", "ключ": "ЗНАЧЕНИЕ"}');
-- map and bands: text forms, and what is missing
SELECT lead, leadscore.total('{"dimensions": [{"name": "d", "rules": [
  {"id": "map", "field": "v", "map": {"5": 1, "true": 2, "five": 3}, "else": 4, "missing": 5},
  {"id": "bands", "field": "v", "bands": [{"below": 5, "points": 10}, {"points": 20}], "missing": 30}]}]}', lead)
FROM (VALUES (jsonb '{"v": 5}'), ('{"v": 5.0}'), ('{"v": true}'), ('{"v": "FIVE"}'), ('{"v": 4}'), ('{"v": null}'), ('{}'), ('{"v": {}}'), ('{"v": [5]}')) v(lead);
-- json is the same, and so is a column of the one or the other
SELECT leadscore.score(r, j) = leadscore.score(r, j::jsonb) AS json, leadscore.total(r, j) = leadscore.total(r, whole) AS row
FROM (SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"x": 1}, "points": 1}, {"id": "b", "when": {"y.z": "q"}, "points": 2}]}]}'::leadscore.ruleset AS r, json '{"x": 1, "y": {"z": "Q"}}' AS j) a,
     (SELECT 1 AS x, jsonb '{"z": "q"}' AS y) whole;
-- NULL and JSON's null are rows of NULLs; other JSON is no row
SELECT leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"x": {"is_null": true}}, "points": 1}]}]}', NULL::jsonb) AS null,
       leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"x": {"is_null": true}}, "points": 1}]}]}', jsonb 'null') AS json_null;
SELECT hits('{"x": 1}', '[1]');
SELECT hits('{"x": 1}', '"x"');
-- Many rows, each with its own members
SELECT sum(leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"k7": {"gte": 5000}}, "points": 1}]}]}', jsonb_build_object('k' || i % 10, i))) FROM generate_series(1, 10000) i;
-- Activities as records that hold jsonb
SELECT leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "view", "where": {"p.url": {"starts_with": "/pricing"}}, "points": 1, "distinct": "p.session"}]}]}', '{}'::jsonb,
         leadscore.engage('{"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "view", "where": {"p.url": {"starts_with": "/pricing"}}, "points": 1, "distinct": "p.session"}]}]}', 'view', timestamptz '2026-01-01' + i * interval '1 hour', x, '2026-11-01'), '2026-11-01')
       = count(DISTINCT i % 7) FILTER (WHERE i % 3 = 0) AS distinct
FROM generate_series(1, 100) i, LATERAL (SELECT jsonb_build_object('url', CASE i % 3 WHEN 0 THEN '/pricing' ELSE '/blog' END, 'session', i % 7) AS p) x;
DROP FUNCTION hits;
