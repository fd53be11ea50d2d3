-- What nobody should write, at the size in which somebody does: each a clear error, or simply right, and the session goes on.
CREATE FUNCTION refused(rules text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE code text; message text; detail text; hint text;
BEGIN
  PERFORM rules::leadscore.ruleset;
  RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN code || ': ' || left(message, 150) || coalesce(' | ' || nullif(detail, ''), '') || coalesce(' | ' || nullif(left(hint, 150), ''), '');
END $$;
CREATE FUNCTION around(rule text) RETURNS text LANGUAGE sql AS $$SELECT '{"dimensions": [{"name": "d", "rules": [' || rule || ']}]}'$$;
CREATE FUNCTION many(n int) RETURNS text LANGUAGE sql AS $$
  SELECT around(string_agg(format('{"id":"r%s","when":{"a":{"gte":%s}},"points":1}', i, i), ',')) FROM generate_series(1, n) i
$$;

-- 10,000 rules are fine and give 10,000 answers; one more is one too many
SELECT leadscore.total(many(10000)::leadscore.ruleset, '{"a": 7000}'::jsonb) AS ten_thousand;
SELECT refused(many(10001));
-- 1 MiB of text, nesting of 32
SELECT refused(around('{"id": "r", "when": {"a": "' || repeat('x', 1048000) || '"}, "points": 1}')) AS long, refused(around('{"id": "r", "note": "' || repeat('x', 1048576) || '", "points": 1}')) AS too_long;
SELECT n, refused(around('{"id": "r", "when": ' || repeat('{"not": ', n) || '{"a": 1}' || repeat('}', n) || ', "points": 1}')) FROM unnest('{25, 26, 27, 33, 100000}'::int[]) n;
-- Numbers
SELECT n, refused(around('{"id": "r", "when": {"a": 1}, "points": ' || n || '}')) FROM unnest('{1e9, 1000000001, 1e308, 1e309, -1e999, NaN, Infinity, 0x10, 01, +1, .5, 1., 1e}'::text[]) n;
SELECT leadscore.total(around('{"id": "r", "when": {"a": {"gte": 1e308}}, "points": 1e9}')::leadscore.ruleset, jsonb_build_object('a', x::numeric)) FROM unnest('{1e308, 1e307, 1e309, -1e400}'::text[]) x;
-- Patterns; RE2 words its reasons otherwise in each release
SELECT p, split_part(refused(around(format('{"id": "r", "when": {"a": {"matches": %s}}, "points": 1}', to_json(p)))), 'valid:', 1) AS refused FROM unnest(ARRAY['(', 'a{1001}', '(?=b)', '\1', '[z-a]', '((a{100}){100}){100}', '*', '(?P<n']) p;
SELECT leadscore.total(around('{"id": "r", "when": {"a": {"matches": "(a+)+$"}}, "points": 1}')::leadscore.ruleset, jsonb_build_object('a', repeat('a', 100000) || 'b')) AS linear_time;
-- Bytes that are no text
SELECT refused(E'{"dimensions": [{"name": "\\ud800", "rules": []}]}') AS half_a_surrogate, refused(E'{"dimensions": [{"name": "a\\u0000b", "rules": []}]}') AS nul;
SELECT convert_from('\x7b22ff227d', 'UTF8')::leadscore.ruleset;
-- Huge values
SELECT leadscore.total(around('{"id": "r", "when": {"a": {"contains": "needle"}}, "points": 1}')::leadscore.ruleset, jsonb_build_object('a', repeat('hay ', 1000000) || 'NEEDLE')) AS in_a_haystack;
SELECT leadscore.total(around('{"id": "r", "when": {"a": {"has": 99999}}, "points": 1}')::leadscore.ruleset, jsonb_build_object('a', (SELECT jsonb_agg(i) FROM generate_series(1, 99999) i))) AS in_an_array;
-- NULL in every place
SELECT leadscore.total(NULL, '{}'::jsonb) AS rules, leadscore.total(around('{"id": "r", "when": {"a": {"is_null": true}}, "points": 1}')::leadscore.ruleset, NULL::jsonb) AS lead,
       leadscore.total(around('{"id": "r", "when": {"a": {"is_null": true}}, "points": 1}')::leadscore.ruleset, '{}'::jsonb, NULL, NULL) AS as_of,
       leadscore.tier(NULL, '{}'::json) AS tier, leadscore.next_change(NULL, '{}'::jsonb) AS next_change, leadscore.segments(NULL, '{}'::jsonb) AS segments,
       (leadscore.score(NULL, '{}'::jsonb)) IS NULL AS score, leadscore.dimension(NULL, NULL, NULL) AS dimension;
SELECT count(*) AS explain FROM leadscore.explain(NULL, '{}'::jsonb);
SELECT count(*) AS lint FROM leadscore.lint(NULL::jsonb);
