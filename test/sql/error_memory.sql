-- Errors of many kinds, one after another in one session, and what they leave behind in it: nothing. Run by test/sql/error_memory.
--
-- An exception that is raised past live C++ objects leaks them, some hundred bytes an error; 100,000 errors show it. Memory is what the kernel says
-- (resident set and its peak), read by psql's shell on the same machine, after the first tenth: by then all that is allocated once has been.
\pset footer off
\pset null '(null)'
\pset format aligned
SET client_min_messages = 'warning';
SET jit = off;
SET timezone = 'UTC';

CREATE TYPE person AS (id integer, title text, employees integer, born date, company jsonb);
CREATE TYPE stranger AS (id integer, titel text, employees text, born boolean);
CREATE TYPE act AS (url text, seconds float8);
CREATE TYPE odd_act AS (url boolean, second text);

CREATE TEMP TABLE prospect AS SELECT i AS id, 'title ' || i % 3 AS title, i AS employees FROM generate_series(1, 8) i;

-- What a statement raises, and how often it did. $1: a good rule set, $2: a state of it, $3: another rule set, $4: a state of that.
CREATE TEMP TABLE trial (kind integer GENERATED ALWAYS AS IDENTITY, what text, statement text, state text, message text, raised bigint DEFAULT 0,
  every integer DEFAULT 1);
INSERT INTO trial (what, statement, state, message) VALUES
  ('no JSON',              $$SELECT '{"dimensions": ['::leadscore.ruleset$$, '22P02', '%JSON%'),
  ('a number too large',   $$SELECT '{"decimals": 1e999}'::leadscore.ruleset$$, '22P02', '%decimals%'),
  ('no object',            $$SELECT '[1, 2]'::jsonb::leadscore.ruleset$$, '22023', '%object%'),
  ('an unknown member',    $$SELECT '{"dimension": []}'::leadscore.ruleset$$, '22023', '%"dimension"%'),
  ('many problems',        $$SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "wen": {}, "points": "x"}, {"id": "a", "on": "@no", "half_live": 3}]}], "tiers": 5}'::leadscore.ruleset$$, '22023', '%"wen"%'),
  ('an unknown list',      $$SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"x": "@lost"}, "points": 1}]}]}'::leadscore.ruleset$$,
    '22023', '%@lost%'),
  ('an unknown segment',   $$SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"segment": "s"}, "points": 1}]}]}'::leadscore.ruleset$$,
    '22023', '%segment%'),
  ('a bad pattern',        $$SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"x": {"matches": "(a"}}, "points": 1}]}]}'::leadscore.ruleset$$, '22023', '%matches%'),
  ('a bad duration',       $$SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "x", "points": 1, "half_life": "3 fortnights"}]}]}'::leadscore.ruleset$$, '22023', '%half_life%'),
  ('a double member',      $$SELECT '{"dimensions": [], "dimensions": []}'::leadscore.ruleset$$, '22023', '%duplicate%'),
  ('deep nesting',         $$SELECT (repeat('[', 100) || repeat(']', 100))::leadscore.ruleset$$, '54000', '%nested%'),
  ('a bad member in jsonb',$$SELECT '{"tiers": [{"name": 1}]}'::jsonb::leadscore.ruleset$$, '22023', '%"dimensions" is missing%'),
  ('a missing column',     $$SELECT leadscore.total($1, '(1,a,3,true)'::stranger)$$, '42703', '%title%'),
  ('a missing column, explained', $$SELECT * FROM leadscore.explain($1, '(1,a,3,true)'::stranger)$$, '42703', '%title%'),
  ('a missing column of a state', $$SELECT leadscore.engage($1, 'view', '2026-01-01', '(true,x)'::odd_act)$$, '42703', '%seconds%'),
  ('a column of a wrong type', $$SELECT leadscore.tier($3, '(1,a,3,true)'::stranger)$$, '42804', '%employees%'),
  ('segments of a wrong type', $$SELECT leadscore.segments($3, '(1,a,3,true)'::stranger)$$, '42804', '%employees%'),
  ('an activity missing',  $$SELECT leadscore.engage($1, 'view', '2026-01-01')$$, '22023', '%no activity row%'),
  ('state: no text of one',$$SELECT 'zz'::leadscore.engagement$$, '22P02', '%engagement%'),
  ('state: empty',         $$SELECT ''::leadscore.engagement$$, '22P02', '%engagement%'),
  ('state: cut off',       $$SELECT left($2::text, length($2::text) - 5)::leadscore.engagement$$, '22P02', '%engagement%'),
  ('state: too long',      $$SELECT ($2::text || $2::text)::leadscore.engagement$$, '22P02', '%engagement%'),
  ('state: of another rule set', $$SELECT leadscore.score($3, '{}'::jsonb, $2, '2026-06-01')$$, '55000', '%other activity rules%'),
  ('state: two rule sets merged', $$SELECT $2 OPERATOR(leadscore.||) $4$$, '55000', '%cannot be merged%'),
  ('state: two rule sets aggregated', $$SELECT leadscore.merge(e) FROM (VALUES ($2), ($4)) v(e)$$, '55000', '%cannot be merged%'),
  ('too early',            $$SELECT leadscore.total($1, '{}'::jsonb, $2, '2025-06-01')$$, '22023', '%lies before%'),
  ('too early, forecast',  $$SELECT leadscore.next_change($1, '{}'::jsonb, $2, '2025-06-01')$$, '22023', '%lies before%'),
  ('a time for a state',   $$SELECT leadscore.total($1, '{}'::jsonb, '2026-06-01')$$, '22P02', '%engagement%'),
  ('no lead',              $$SELECT leadscore.total($1, '[1]'::json)$$, '22023', '%must be an object%'),
  ('no dimension',         $$SELECT leadscore.dimension($1, leadscore.score($1, '{}'::jsonb), 'fitt')$$, '22023', '%fitt%'),
  ('two rule sets at once',$$SELECT leadscore.engage(r, k, '2026-01-01', '(/a,1)'::act, '2026-06-01') FROM (VALUES ($1, 'view'), ($3, 'open')) v(r, k)$$,
    '55000', '%other activity rules%'),
  ('a measure of NaN',     $$SELECT leadscore.auc(s, true) FROM (VALUES (1), ('NaN'::float8)) v(s)$$, '22023', '%NaN in 1 row%'),
  ('no probability',       $$SELECT leadscore.calibration_table(s, true, 3) FROM generate_series(0, 20) s$$, '22023', '%no probability%'),
  ('a bad fraction',       $$SELECT leadscore.lift(1, true, 7)$$, '22023', '%fraction%'),
  ('two fractions',        $$SELECT leadscore.lift(1, true, f) FROM (VALUES (0.1), (0.2)) v(f)$$, '22023', '%all rows%'),
  ('a bad number of buckets', $$SELECT leadscore.psi(ARRAY[1, 2], ARRAY[2, 3], 0)$$, '22023', '%buckets%'),
  ('nobody won',           $$SELECT leadscore.learn($3, '{"employees": 100}'::jsonb, $4, false, NULL, '2026-06-01') FROM generate_series(1, 3)$$, '22023', '%none was won%'),
  ('nothing to learn',     $$SELECT leadscore.learn('{"dimensions": [{"name": "d", "rules": []}]}', '{}'::jsonb, NULL, true)$$, '22023', '%no points%'),
  ('learning: options',    $$SELECT leadscore.learn($3, '{}'::jsonb, $4, true, '{"rigde": 1, "range": {"min": 5}}', '2026-06-01')$$, '22023', '%rigde%'),
  ('learning: a wrong column', $$SELECT leadscore.learn($3, '(1,a,3,true)'::stranger, $4, true, NULL, '2026-06-01')$$, '42804', '%employees%'),
  ('learning: another state', $$SELECT leadscore.learn($3, '{}'::jsonb, CASE i WHEN 3 THEN $2 ELSE $4 END, i = 1, NULL, '2026-06-01') FROM generate_series(1, 3) i$$, '55000', '%other activity rules%'),
  ('learning: two rule sets', $$SELECT leadscore.learn(CASE i WHEN 1 THEN $1 ELSE $3 END, '{}'::jsonb, NULL, true) FROM generate_series(1, 2) i$$, '22023', '%more than one rule set%'),
  ('learning: points too large', $$SELECT leadscore.learn($3, jsonb_build_object('employees', i), NULL, i % 150 > 90, '{"double_odds": 1000000000}') FROM generate_series(1, 300) i$$, '22023', '%1e9%'),
  ('a draft of one value', $$SELECT leadscore.draft_rules('prospect', 'true')$$, '22023', '%all were won%'),
  ('a draft of nothing',   $$SELECT leadscore.draft_rules('prospect', 'id % 2 = 0')$$, '22023', '%tells who was won%'),
  ('a draft: options',     $$SELECT leadscore.draft_rules('prospect', 'id > 3', '{"max_rule": 3}')$$, '22023', '%max_rule%'),
  ('a draft: the outcome fails', $$SELECT leadscore.draft_rules('prospect', '1 / (id - 4) > 0')$$, '22012', '%zero%'),
  ('a draft: no expression', $$SELECT leadscore.draft_rules('prospect', 'id >')$$, '42601', '%syntax%');
-- A rule set beyond its limit, now and then, for it takes its time.
INSERT INTO trial (what, statement, state, message, every) VALUES
  ('a very long rule set', $$SELECT ('{"note": "' || repeat('x', 1100000) || '"}')::leadscore.ruleset$$, '54000', '%too long%', 1000);

\set good '{"segments": {"boss": {"title": {"words": "chief"}}}, "dimensions": [{"name": "fit", "rules": [{"id": "boss", "when": {"segment": "boss"}, "points": 5}, {"id": "view", "on": "view", "half_life": "30 days", "points": 1, "multiply_by": "seconds", "where": {"url": {"starts_with": "/"}}}, {"id": "late", "on": "*", "idle": {"after": "9 days", "points": -1}}]}], "tiers": [{"name": "hot", "at": 5}, {"name": "cold"}]}'
\set other '{"segments": {"large": {"employees": {"gte": 100}}}, "dimensions": [{"name": "fit", "rules": [{"id": "large", "when": {"segment": "large"}, "points": 5}, {"id": "open", "on": "open", "points": 1}]}], "tiers": [{"name": "hot", "at": 5}, {"name": "cold"}]}'
SELECT leadscore.engage(:'good', 'view', '2026-01-01', '(/a,3)'::act, '2026-05-01') AS state,
  leadscore.engage(:'other', 'open', '2026-01-01', '(/a,3)'::act, '2026-05-01') AS other_state \gset
CREATE TEMP TABLE subject AS
SELECT :'good'::leadscore.ruleset AS good, :'state'::leadscore.engagement AS state, :'other'::leadscore.ruleset AS other,
  :'other_state'::leadscore.engagement AS other_state;

-- Raises n errors, in turn, and counts them; each has to be the error that it is meant to be.
CREATE PROCEDURE pg_temp.raise_errors(n integer) LANGUAGE plpgsql AS $$
  DECLARE
    s record;
    t trial[];
    counts bigint[];
    i integer := 0;
    turn integer := 0;
    k integer;
  BEGIN
    SELECT * INTO s FROM subject;
    SELECT array_agg(x ORDER BY kind), array_agg(0) INTO t, counts FROM trial x;
    WHILE i < n LOOP
      turn := turn + 1;
      FOR k IN 1 .. cardinality(t) LOOP
        CONTINUE WHEN turn % t[k].every <> 0;
        EXIT WHEN i >= n;
        i := i + 1;
        BEGIN
          EXECUTE t[k].statement USING s.good, s.state, s.other, s.other_state;
          RAISE 'none' USING ERRCODE = 'XX999';
        EXCEPTION WHEN OTHERS THEN
          IF SQLSTATE <> t[k].state OR SQLERRM NOT LIKE t[k].message THEN
            RAISE 'another error of "%": % %', t[k].what, SQLSTATE, SQLERRM;
          END IF;
          counts[k] := counts[k] + 1;
        END;
      END LOOP;
    END LOOP;
    UPDATE trial x SET raised = x.raised + c.n FROM unnest(counts) WITH ORDINALITY c(n, k) WHERE x.kind = c.k;
  END
$$;

-- The same four expressions again and again: what they keep from one call to the next must live through an error, or go with it.
CREATE PROCEDURE pg_temp.raise_in_place(n integer) LANGUAGE plpgsql AS $$
  DECLARE
    s record;
    p person := '(1,a,3,2000-01-01,)'::person;
    x stranger := '(1,a,3,true)'::stranger;
    raised integer := 0;
  BEGIN
    SELECT * INTO s FROM subject;
    FOR i IN 1 .. n LOOP
      BEGIN
        CASE i % 4
          WHEN 0 THEN PERFORM leadscore.total(s.good, x);
          WHEN 1 THEN PERFORM leadscore.total(s.good, p, CASE WHEN i % 8 > 4 THEN s.state ELSE s.other_state END, '2025-06-01');
          WHEN 2 THEN PERFORM leadscore.merge(e) FROM unnest(ARRAY[s.state, s.state, s.other_state]) e;
          WHEN 3 THEN PERFORM leadscore.engage(s.good, 'view', '2026-01-01', x);
        END CASE;
        RAISE 'no error of %', i % 4 USING ERRCODE = 'XX999';
      EXCEPTION WHEN undefined_column OR invalid_parameter_value OR object_not_in_prerequisite_state THEN
        raised := raised + 1;
      END;
    END LOOP;
    ASSERT raised = n;
  END
$$;

-- Rule sets that differ, compiled and put to use: each is another one for every cache. Nothing is wrong with any.
CREATE PROCEDURE pg_temp.compile(first integer, last integer) LANGUAGE plpgsql AS $$
  DECLARE
    s record;
    p person := '(1,Chief,3,2000-01-01,)'::person;
    r leadscore.ruleset;
    e leadscore.engagement;
  BEGIN
    SELECT good::text AS good INTO s FROM subject;
    FOR i IN first .. last LOOP
      r := replace(replace(s.good, '"chief"', '["chief", "c' || i || '*"]'), '"points": 5', '"points": ' || i);
      e := (SELECT leadscore.engage(r, 'view', '2026-01-01', '(/a,3)'::act, '2026-05-01'));
      ASSERT (leadscore.score(r, p, e, '2026-06-01')).dimensions[1] BETWEEN i - 1 AND i;
      CASE i % 4
        WHEN 0 THEN PERFORM leadscore.explain(r, p, e, '2026-06-01');
        WHEN 1 THEN PERFORM leadscore.next_change(r, to_jsonb(p), e, '2026-06-01');
        WHEN 2 THEN PERFORM leadscore.segments(r, p);
        WHEN 3 THEN PERFORM leadscore.lint(r::jsonb);
      END CASE;
    END LOOP;
  END
$$;

SELECT :errors / 10 AS tenth, :errors - :errors / 10 AS rest, :errors / 10 + 1 AS next, pg_backend_pid() AS pid \gset
\setenv BACKEND :pid
-- A reading is "resident peak", in kB. The peak sees what a statement lost and its end gave back.
CALL pg_temp.raise_errors(:tenth);
\set errors_before `awk '/^VmHWM/ { peak = $2 } /^VmRSS/ { now = $2 } END { print now, peak }' "/proc/$BACKEND/status"`
CALL pg_temp.raise_errors(:rest);
\set errors_after `awk '/^VmHWM/ { peak = $2 } /^VmRSS/ { now = $2 } END { print now, peak }' "/proc/$BACKEND/status"`
CALL pg_temp.raise_in_place(:tenth);
\set in_place_before `awk '/^VmHWM/ { peak = $2 } /^VmRSS/ { now = $2 } END { print now, peak }' "/proc/$BACKEND/status"`
CALL pg_temp.raise_in_place(:rest);
\set in_place_after `awk '/^VmHWM/ { peak = $2 } /^VmRSS/ { now = $2 } END { print now, peak }' "/proc/$BACKEND/status"`
CALL pg_temp.compile(1, :tenth);
\set compiled_before `awk '/^VmHWM/ { peak = $2 } /^VmRSS/ { now = $2 } END { print now, peak }' "/proc/$BACKEND/status"`
CALL pg_temp.compile(:next, :errors);
\set compiled_after `awk '/^VmHWM/ { peak = $2 } /^VmRSS/ { now = $2 } END { print now, peak }' "/proc/$BACKEND/status"`

SELECT sum(raised) <> :errors OR bool_or(raised = 0) AS missed, count(*) AS kinds FROM trial \gset
\if :missed
  SELECT what, raised FROM trial ORDER BY kind;
  DO $$ BEGIN RAISE EXCEPTION 'not all errors were raised'; END $$;
\endif
-- In kB: what is resident more than before, and how far the peak is above that of before.
CREATE TEMP TABLE growth AS
SELECT what, before, after, split_part(after, ' ', 1)::integer - split_part(before, ' ', 1)::integer AS grown,
  split_part(after, ' ', 2)::integer - split_part(before, ' ', 2)::integer AS peak_grown
FROM (VALUES ('errors', :'errors_before', :'errors_after'), ('errors in place', :'in_place_before', :'in_place_after'),
  ('rule sets', :'compiled_before', :'compiled_after')) v(what, before, after);
SELECT bool_and(grown < 10240 AND peak_grown < 10240) IS NOT TRUE AS failed, string_agg(format('%s %s kB', what, grown), ', ') AS report FROM growth \gset
\if :failed
  SELECT * FROM growth;
  DO $$ BEGIN RAISE EXCEPTION 'the backend has grown by 10 MB or more'; END $$;
\endif
\echo :errors errors of :kinds kinds, as many in place and as many rule sets: the last nine tenths left behind :report
