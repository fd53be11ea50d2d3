-- Nothing that fails or comes again and again grows the backend: errors by the hundred thousand, twenty thousand rule sets, a long computation
-- that is stopped.
CREATE FUNCTION resident_kb() RETURNS bigint LANGUAGE sql AS $$
  SELECT coalesce(substring(pg_read_file('/proc/' || pg_backend_pid() || '/status', 0, 100000, true) FROM 'VmRSS:\s*(\d+) kB')::bigint, 0)
$$;
CREATE TABLE lead (id int, name text);
INSERT INTO lead VALUES (1, 'Ann');
CREATE FUNCTION repeat_it(what text, times int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r leadscore.ruleset := '{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"absent": 5}, "points": 20}]}]}';
  e leadscore.engagement;
  failed int := 0;
BEGIN
  FOR i IN 1..times LOOP
    BEGIN
      CASE what
        WHEN 'rule set' THEN PERFORM ('{"dimensions": [{"name": "d", "rules": [{"id": "a' || i || '", "wen": {"x": 5}, "points": 20}]}]}')::leadscore.ruleset;
        WHEN 'column' THEN PERFORM leadscore.total(r, l) FROM lead l;
        WHEN 'anonymous row' THEN PERFORM leadscore.total(r, ROW(1));
        WHEN 'time' THEN e := '2026-11-01';
        WHEN 'bytes' THEN e := '\x0102';
        WHEN 'as_of' THEN PERFORM leadscore.total(r, '{}'::jsonb, as_of => 'infinity');
        WHEN 'new rule sets' THEN PERFORM leadscore.total(('{"dimensions": [{"name": "d", "rules": [{"id": "a' || i || '", "when": {"x": {"matches": "x"}}, "points": 20}]}]}')::leadscore.ruleset, '{}'::jsonb);
        WHEN 'states' THEN PERFORM leadscore.engage('{"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "x", "points": 1, "within": "9 days"}]}]}', 'x', now() - k * interval '1 hour') FROM generate_series(1, 20) k;
      END CASE;
    EXCEPTION WHEN OTHERS THEN
      failed := failed + 1;
    END;
  END LOOP;
  RETURN failed || ' errors';
END $$;
CREATE FUNCTION growth_of(what text, times int) RETURNS TABLE (errors text, growth text) LANGUAGE plpgsql AS $$
DECLARE
  before bigint;
  grown bigint;
BEGIN
  PERFORM repeat_it(what, times / 20);
  before := resident_kb();
  errors := repeat_it(what, times);
  grown := resident_kb() - before;
  growth := CASE WHEN grown < 4096 THEN 'none to speak of' ELSE grown || ' kB' END;
  RETURN NEXT;
END $$;
SELECT what, g.* FROM (VALUES ('rule set', 100000), ('column', 100000), ('anonymous row', 20000), ('time', 20000), ('bytes', 20000), ('as_of', 20000), ('new rule sets', 20000), ('states', 20000)) v(what, times), growth_of(what, times) g;
-- A large rule set, compiled for a row type that asks much of the compiler, against the clock
SELECT format('{"dimensions": [{"name": "d", "rules": [%s]}]}', string_agg(format('{"id": "r%s", "when": {"name": {"matches": "%s.*%s"}}, "points": 1}', i, md5(i::text), md5((-i)::text)), ','))::leadscore.ruleset AS many
FROM generate_series(1, 1500) i \gset
SET statement_timeout = '20ms';
\set VERBOSITY terse
SELECT count(leadscore.total(:'many', l, NULL, '2026-11-01')) FROM lead l, generate_series(1, 1000000);
RESET statement_timeout;
SELECT leadscore.total(:'many', l, NULL, '2026-11-01') FROM lead l;
DROP FUNCTION growth_of, repeat_it, resident_kb;
DROP TABLE lead;
