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

-- What a statement raises, and how often it did. $1: a good rule set, $2: a state of it, $3: another rule set, $4: a state of that.
CREATE TEMP TABLE trial (kind integer GENERATED ALWAYS AS IDENTITY, what text, statement text, state text, message text, raised bigint DEFAULT 0, every integer DEFAULT 1);
INSERT INTO trial (what, statement, state, message) VALUES
  ('no JSON',              $$SELECT '{"dimensions": ['::leadscore.ruleset$$, '22P02', '%JSON%'),
  ('a number too large',   $$SELECT '{"decimals": 1e999}'::leadscore.ruleset$$, '22P02', '%decimals%'),
  ('no object',            $$SELECT '[1, 2]'::jsonb::leadscore.ruleset$$, '22023', '%object%'),
  ('an unknown member',    $$SELECT '{"dimension": []}'::leadscore.ruleset$$, '22023', '%"dimension"%'),
  ('many problems',        $$SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "wen": {}, "points": "x"}, {"id": "a", "on": "@no", "half_live": 3}]}], "tiers": 5}'::leadscore.ruleset$$, '22023', '%'),
  ('an unknown list',      $$SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"x": "@lost"}, "points": 1}]}]}'::leadscore.ruleset$$, '22023', '%@lost%'),
  ('an unknown segment',   $$SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"segment": "s"}, "points": 1}]}]}'::leadscore.ruleset$$, '22023', '%segment%'),
  ('a bad pattern',        $$SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"x": {"matches": "(a"}}, "points": 1}]}]}'::leadscore.ruleset$$, '22023', '%matches%'),
  ('a bad duration',       $$SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "x", "points": 1, "half_life": "3 fortnights"}]}]}'::leadscore.ruleset$$, '22023', '%half_life%'),
  ('a double member',      $$SELECT '{"dimensions": [], "dimensions": []}'::leadscore.ruleset$$, '22023', '%'),
  ('deep nesting',         $$SELECT (repeat('[', 100) || repeat(']', 100))::leadscore.ruleset$$, '54000', '%'),
  ('a bad member in jsonb',$$SELECT '{"tiers": [{"name": 1}]}'::jsonb::leadscore.ruleset$$, '22023', '%'),
  ('a missing column',     $$SELECT leadscore.total($1, '(1,a,3,true)'::stranger)$$, '42703', '%title%'),
  ('a missing column, explained', $$SELECT * FROM leadscore.explain($1, '(1,a,3,true)'::stranger)$$, '42703', '%title%'),
  ('a missing column of a state', $$SELECT leadscore.engage($1, 'view', '2026-01-01', '(true,x)'::odd_act)$$, '42703', '%seconds%'),
  ('a column of a wrong type', $$SELECT leadscore.tier($3, '(1,a,3,true)'::stranger)$$, '42804', '%employees%'),
  ('segments of a wrong type', $$SELECT leadscore.segments($3, '(1,a,3,true)'::stranger)$$, '42804', '%employees%'),
  ('an activity missing',  $$SELECT leadscore.engage($1, 'view', '2026-01-01')$$, '22023', '%'),
  ('state: no text of one',$$SELECT 'zz'::leadscore.engagement$$, '22P02', '%engagement%'),
  ('state: empty',         $$SELECT ''::leadscore.engagement$$, '22P02', '%engagement%'),
  ('state: cut off',       $$SELECT left($2::text, length($2::text) - 5)::leadscore.engagement$$, '22P02', '%engagement%'),
  ('state: too long',      $$SELECT ($2::text || $2::text)::leadscore.engagement$$, '22P02', '%engagement%'),
  ('state: of another rule set', $$SELECT leadscore.score($3, '{}'::jsonb, $2, '2026-06-01')$$, '22023', '%'),
  ('state: two rule sets merged', $$SELECT $2 OPERATOR(leadscore.||) $4$$, '22023', '%'),
  ('state: two rule sets aggregated', $$SELECT leadscore.merge(e) FROM (VALUES ($2), ($4)) v(e)$$, '22023', '%'),
  ('too early',            $$SELECT leadscore.total($1, '{}'::jsonb, $2, '2025-06-01')$$, '22023', '%'),
  ('too early, forecast',  $$SELECT leadscore.next_change($1, '{}'::jsonb, $2, '2025-06-01')$$, '22023', '%'),
  ('a time for a state',   $$SELECT leadscore.total($1, '{}'::jsonb, '2026-06-01')$$, '22P02', '%engagement%'),
  ('no lead',              $$SELECT leadscore.total($1, '[1]'::json)$$, '22023', '%'),
  ('no dimension',         $$SELECT leadscore.dimension($1, leadscore.score($1, '{}'::jsonb), 'fitt')$$, '22023', '%fitt%'),
  ('two rule sets at once',$$SELECT leadscore.engage(r, k, '2026-01-01', '(/a,1)'::act, '2026-06-01') FROM (VALUES ($1, 'view'), ($3, 'open')) v(r, k)$$, '22023', '%');
-- Not C++'s error, but one raised while its objects are alive: the value of a row that does not convert. And a rule set beyond its limit, now and then, for it takes its time.
INSERT INTO trial (what, statement, state, message, every) VALUES
  ('a very long rule set', $$SELECT ('{"note": "' || repeat('x', 1100000) || '"}')::leadscore.ruleset$$, '54000', '%', 1000);

\set good '{"segments": {"boss": {"title": {"words": "chief"}}}, "dimensions": [{"name": "fit", "rules": [{"id": "boss", "when": {"segment": "boss"}, "points": 5}, {"id": "view", "on": "view", "half_life": "30 days", "points": 1, "multiply_by": "seconds", "where": {"url": {"starts_with": "/"}}}, {"id": "late", "on": "*", "idle": {"after": "9 days", "points": -1}}]}], "tiers": [{"name": "hot", "at": 5}, {"name": "cold"}]}'
\set other '{"segments": {"large": {"employees": {"gte": 100}}}, "dimensions": [{"name": "fit", "rules": [{"id": "large", "when": {"segment": "large"}, "points": 5}, {"id": "open", "on": "open", "points": 1}]}], "tiers": [{"name": "hot", "at": 5}, {"name": "cold"}]}'
SELECT leadscore.engage(:'good', 'view', '2026-01-01', '(/a,3)'::act, '2026-05-01') AS state, leadscore.engage(:'other', 'open', '2026-01-01', '(/a,3)'::act, '2026-05-01') AS other_state \gset
CREATE TEMP TABLE subject AS
SELECT :'good'::leadscore.ruleset AS good, :'state'::leadscore.engagement AS state, :'other'::leadscore.ruleset AS other, :'other_state'::leadscore.engagement AS other_state;

-- Raises n errors, in turn, and counts them; each has to be the error that it is meant to be.
CREATE PROCEDURE pg_temp.raise_errors(n integer) LANGUAGE plpgsql AS $$
  DECLARE
    s record;
    t trial[];
    raised bigint[];
    i integer := 0;
    turn integer := 0;
    k integer;
  BEGIN
    SELECT * INTO s FROM subject;
    SELECT array_agg(x ORDER BY kind) INTO t FROM trial x;
    raised := array_fill(0, ARRAY[cardinality(t)]);
    WHILE i < n LOOP
      turn := turn + 1;
      FOR k IN 1 .. cardinality(t) LOOP
        CONTINUE WHEN turn % t[k].every <> 0;
        BEGIN
          EXECUTE t[k].statement USING s.good, s.state, s.other, s.other_state;
          RAISE 'no error of "%"', t[k].what USING ERRCODE = 'XX999';
        EXCEPTION WHEN OTHERS THEN
          IF SQLSTATE <> t[k].state OR SQLERRM NOT LIKE t[k].message THEN
            RAISE 'wrong error of "%": % %', t[k].what, SQLSTATE, SQLERRM;
          END IF;
          raised[k] := raised[k] + 1;
        END;
        i := i + 1;
        EXIT WHEN i >= n;
      END LOOP;
    END LOOP;
    UPDATE trial SET raised = trial.raised + x.n FROM unnest(raised) WITH ORDINALITY x(n, k) WHERE kind = k;
  END
$$;
CALL pg_temp.raise_errors(100);
SELECT what, state, message, raised from trial;
