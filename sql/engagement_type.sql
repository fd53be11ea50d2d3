-- The type engagement: text, binary, and bytes that nobody wrote.
SET timezone = 'UTC';
SELECT $${"dimensions": [{"name": "d", "rules": [
  {"id": "open", "on": "open", "points": 1, "half_life": "30 days"},
  {"id": "last", "on": "view", "points": 2, "within": "90 days", "distinct": "page", "multiply_by": "seconds"},
  {"id": "recent", "on": "*", "recency": [{"within": "10 days", "points": 17}]}]}]}$$ AS rules \gset
CREATE TABLE state AS
SELECT n, leadscore.engage(:'rules', kind, at, a) AS e
FROM (VALUES (1), (10), (100), (1000)) v(n),
     LATERAL (SELECT (ARRAY['open', 'view'])[1 + i % 2] AS kind, timestamptz '2026-01-01' + i * interval '1 hour' AS at, i % 40 AS page, i / 7.0 AS seconds FROM generate_series(1, n) i
              UNION ALL SELECT 'open', '9999-01-01', 1, 1 UNION ALL SELECT 'view', '9999-01-02', 2, 2.5) a
GROUP BY n;
INSERT INTO state VALUES (0, NULL);
-- Text comes back as it went
SELECT n, e::text ~ '^\\x([0-9a-f]{2})+$' AS form, e::text::leadscore.engagement::text = e::text AS text,
       leadscore.total(:'rules', '{}'::jsonb, e, '2026-04-01') = leadscore.total(:'rules', '{}'::jsonb, ('\x' || upper(substr(e::text, 3)))::leadscore.engagement, '2026-04-01') AS upper
FROM state ORDER BY n;
-- COPY, binary and text
SELECT current_setting('data_directory') || '/leadscore_regress.bin' AS file \gset
COPY state TO :'file' (FORMAT binary);
CREATE TABLE copied (LIKE state);
COPY copied FROM :'file' (FORMAT binary);
COPY state TO :'file';
COPY copied FROM :'file';
SELECT n, count(*), bool_and(c.e::text IS NOT DISTINCT FROM s.e::text) AS same, bool_and(leadscore.engagement_send(c.e) = leadscore.engagement_send(s.e)) AS sent
FROM copied c JOIN state s USING (n) GROUP BY n ORDER BY n;
SELECT leadscore.engagement_send(e) = decode(substr(e::text, 3), 'hex') AS bytes FROM state WHERE n = 10;
-- States of any size: in the row, compressed, out of line
SELECT n, pg_column_size(e) < 200 AS small, leadscore.total(:'rules', '{}'::jsonb, e, '2026-04-01') > 0 AS scores FROM state WHERE n > 0 ORDER BY n;
ALTER TABLE copied ALTER e SET STORAGE external;
INSERT INTO copied SELECT 5, leadscore.engage('{"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "*", "points": 1, "within": "365 days", "max_events": 5000}]}]}', 'x', timestamptz '2026-01-01' + i * i * interval '1 microsecond', NULL::state, '2026-09-01')
FROM generate_series(1, 5000) i;
SELECT pg_column_size(e) > 8000 AS large, leadscore.total('{"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "*", "points": 1, "within": "365 days", "max_events": 5000}]}]}', '{}'::jsonb, e, '2026-09-01')
FROM copied WHERE n = 5;
-- What is no state
SELECT ''::leadscore.engagement;
SELECT '\x'::leadscore.engagement;
SELECT '\x0'::leadscore.engagement;
SELECT '\x0g'::leadscore.engagement;
SELECT '\x01 '::leadscore.engagement;
SELECT '2026-11-01'::leadscore.engagement;
SELECT ' 2026-11-01 12:00:00+07 '::leadscore.engagement;
SELECT repeat('many words ', 20)::leadscore.engagement;
SELECT leadscore.total('{"dimensions": [{"name": "d", "rules": []}]}', '{}'::jsonb, '2026-11-01');
-- Bytes that nobody wrote. A state is: version, reserved, fingerprint (8), time of the newest activity (8), number of cells, cells, number of
-- those that wait, those
CREATE FUNCTION problem(bytes text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ('\x' || replace(bytes, ' ', ''))::leadscore.engagement;
  RETURN 'none';
EXCEPTION WHEN invalid_binary_representation THEN
  RETURN sqlerrm;
END $$;
SELECT what, problem(bytes) FROM (VALUES
  ('empty state',                        '01 00 1122334455667788 0000000000000080 00 00'),
  ('unknown version',                    '02 00 1122334455667788 0000000000000080 00 00'),
  ('reserved byte',                      '01 01 1122334455667788 0000000000000080 00 00'),
  ('cut off',                            '01 00 1122334455667788 00000000000000'),
  ('a byte too many',                    '01 00 1122334455667788 0000000000000080 00 00 00'),
  ('more cells than bytes',              '01 00 1122334455667788 0040a4b44dfd0200 ffffffff0f 00'),
  ('integer not in its shortest form',   '01 00 1122334455667788 0040a4b44dfd0200 8000 00'),
  ('integer without an end',             '01 00 1122334455667788 0040a4b44dfd0200 ffffffffffffffffffff 00'),
  ('time beyond the calendar',           '01 00 1122334455667788 ffffffffffffff7f 00 00'),
  ('a count of 3 in slot 0',             '01 00 1122334455667788 0040a4b44dfd0200 01 00 03 00'),
  ('a count of nothing',                 '01 00 1122334455667788 0040a4b44dfd0200 01 00 00 00'),
  ('a sum: count 1, block 0, 2.5',       '01 00 1122334455667788 0040a4b44dfd0200 01 01 01 00 0000000000000440 00'),
  ('a sum that is no number',            '01 00 1122334455667788 0040a4b44dfd0200 01 01 01 00 000000000000f87f 00'),
  ('a sum out of range',                 '01 00 1122334455667788 0040a4b44dfd0200 01 01 01 00 000000000000f07f 00'),
  ('latest: count 1, an instant earlier', '01 00 1122334455667788 0040a4b44dfd0200 01 02 01 01 00'),
  ('latest before all time',             '01 00 1122334455667788 0040a4b44dfd0200 01 02 01 ffffffffffffffff7f 00'),
  ('a list: keep 2, one event',          '01 00 1122334455667788 0040a4b44dfd0200 01 03 00 02 01 00 00'),
  ('a list with more than it keeps',     '01 00 1122334455667788 0040a4b44dfd0200 01 03 00 01 02 00 00 00'),
  ('a list that keeps nothing',          '01 00 1122334455667788 0040a4b44dfd0200 01 03 00 00 01 00 00'),
  ('a list with unknown flags',          '01 00 1122334455667788 0040a4b44dfd0200 01 03 20 02 01 00 00'),
  ('a list with more events than bytes', '01 00 1122334455667788 0040a4b44dfd0200 01 03 00 c0843d c0843d 00'),
  ('one that waits',                     '01 00 1122334455667788 0040a4b44dfd0200 00 01 01 01 01'),
  ('one that waits, of unknown type',    '01 00 1122334455667788 0040a4b44dfd0200 00 01 01 01 03'),
  ('one that waits for nothing',         '01 00 1122334455667788 0040a4b44dfd0200 00 01 00 01 01')) v(what, bytes);
-- Every cut and every flipped bit of a good state: read as a state, or refused, and never worse
SELECT count(*) > 1000 AS tried, count(*) FILTER (WHERE p LIKE 'invalid engagement state: %' OR p LIKE 'engagement state has version %' OR p = 'none') = count(*) AS survived
FROM state, generate_series(0, length(e::text) * 4 - 9) bit, LATERAL (SELECT problem(substr(set_bit(decode(substr(e::text, 3), 'hex'), bit, 1 - get_bit(decode(substr(e::text, 3), 'hex'), bit))::text, 3)) p) x WHERE n = 10;
SELECT count(*) FILTER (WHERE problem(left(substr(e::text, 3), 2 * cut)) = 'none') AS accepted, count(*) > 100 AS tried
FROM state, generate_series(0, length(e::text) / 2 - 2) cut WHERE n = 10;
-- The same by the binary door
COPY (SELECT decode('0102', 'hex')) TO :'file' (FORMAT binary);
CREATE TABLE refused (e leadscore.engagement);
COPY refused FROM :'file' (FORMAT binary);
-- A state whose cells are not such as its rule set writes is refused where it is used
SELECT leadscore.total(:'rules', '{}'::jsonb, ('\x0100' || substr(e::text, 7, 16) || '0040a4b44dfd0200' || '01' || '02' || '01' || '01' || '00')::leadscore.engagement, '2026-11-01') FROM state WHERE n = 1;
DROP FUNCTION problem;
DROP TABLE copied, refused, state;
COPY (SELECT 1) TO :'file';
