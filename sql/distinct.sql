-- "distinct" goes by a field's text form, which is the same whatever the session's settings.
CREATE TYPE hue AS ENUM ('red', 'green');
CREATE TYPE pair AS (a int, b text);
CREATE TABLE seen (i int, b boolean, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric, t text, c char(5), e hue, u uuid, d date, ts timestamp, tz timestamptz, iv interval, by bytea, r tstzrange, mo money, p pair, l int[], j json, jb jsonb, ip inet, reg regtype);
INSERT INTO seen SELECT i, i % 2 = 0, i % 3, i % 4, i % 5, (i % 6) / 10.0, (i % 7) / 10.0, (i % 8) / 10.0, 't' || i % 9, 'c' || i % 4, (ARRAY['red', 'green'])[1 + i % 2]::hue, md5((i % 11)::text)::uuid,
  date '2026-01-01' + i % 12, timestamp '2026-01-01' + (i % 13) * interval '1.5 hours', timestamptz '2026-01-01 00:00+00' + (i % 14) * interval '1.5 hours', (i % 15) * interval '36 hours', decode(md5((i % 16)::text), 'hex'),
  tstzrange('2026-01-01 00:00+00', timestamptz '2026-01-01 00:00+00' + (1 + i % 17) * interval '1 hour'), (i % 18)::numeric::money, ROW(i % 19, 'x')::pair, ARRAY[i % 20, 1], json_build_object('a', i % 21), jsonb_build_object('a', i % 22), ('10.0.0.' || i % 23)::inet, (ARRAY['int4', 'text'])[1 + i % 2]::regtype
FROM generate_series(1, 500) i;
CREATE FUNCTION state(field text) RETURNS leadscore.engagement LANGUAGE sql AS $$
  SELECT leadscore.engage(format('{"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "x", "points": 1, "distinct": "%s"}]}]}', field)::leadscore.ruleset, 'x', timestamptz '2026-01-01 00:00+00' + i * interval '1 second', s, '2026-11-01 00:00+00') FROM seen s
$$;
CREATE TEMP TABLE before AS SELECT attname, state(attname::text) AS e FROM pg_attribute WHERE attrelid = 'seen'::regclass AND attnum > 1;
SET timezone = 'America/New_York';
SET datestyle = 'SQL, DMY';
SET intervalstyle = 'iso_8601';
SET bytea_output = 'escape';
SET extra_float_digits = -3;
CREATE FUNCTION counted(field text, e leadscore.engagement) RETURNS float8 LANGUAGE sql AS $$
  SELECT leadscore.total(format('{"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "x", "points": 1, "distinct": "%s"}]}]}', field)::leadscore.ruleset, '{}'::jsonb, e, '2026-11-01 00:00+00')
$$;
SELECT attname, counted(attname::text, e) AS values, state(attname::text)::text = e::text AS same FROM before ORDER BY attname;
SHOW timezone;
SHOW intervalstyle;
-- Over jsonb: strings without quotation marks, numbers as they are written, objects as jsonb writes them
SELECT leadscore.total(r, '{}'::jsonb, leadscore.engage(r, 'x', timestamptz '2026-01-01' + i * interval '1 s', s, '2026-11-01'), '2026-11-01') AS values
FROM (SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "x", "points": 1, "distinct": "v.k"}]}]}'::leadscore.ruleset r) r,
     (VALUES (1, jsonb '{"k": 1}'), (2, '{"k": "1"}'), (3, '{"k": true}'), (4, '{"k": "true"}'), (5, '{"k": [1, 2]}'), (6, '{"k": [1,2]}'), (7, '{"k": null}'), (8, '{}'), (9, '{"k": " "}')) s(i, v) GROUP BY r;
DROP FUNCTION state, counted;
DROP TABLE seen;
DROP TYPE hue, pair;
