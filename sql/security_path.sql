-- search_path (docs/security.md): functions, operators, casts, types and tables planted where a session looks first are never leadscore's. Each of them raises when it is used, or
-- holds what should not be there.
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE ROLE regress_sec_careless;
GRANT CREATE ON DATABASE :"DBNAME" TO regress_sec_careless;
CREATE SCHEMA trap;
GRANT USAGE ON SCHEMA trap TO PUBLIC;
-- Every operator of these names, and every function of these, with just the arguments that the server's own have
CREATE FUNCTION trap.fill() RETURNS void LANGUAGE plpgsql AS $fill$
DECLARE o record; body text;
BEGIN
  FOR o IN SELECT DISTINCT p.oprname, p.oprleft::regtype::text AS a, p.oprright::regtype::text AS b, p.oprresult::regtype::text AS r FROM pg_operator p
    WHERE p.oprname IN ('=', '<>', '<', '<=', '>', '>=', '||', '~', '!~', '+', '-', '*', '/', '*<>', '*=', '->', '->>', '@>', '^', '%', '~~')
      AND p.oprnamespace = 'pg_catalog'::regnamespace AND p.oprleft <> 0 AND p.oprright <> 0 AND p.oprresult <> 0
      AND NOT EXISTS (SELECT FROM unnest(ARRAY[p.oprleft, p.oprright, p.oprresult]) t (oid) WHERE t.oid IN ('internal'::regtype, 'cstring'::regtype, '"any"'::regtype)
        OR (SELECT y.typtype FROM pg_type y WHERE y.oid = t.oid) = 'p' AND t.oid NOT IN ('anyelement'::regtype, 'anyarray'::regtype, 'record'::regtype))
      AND (SELECT y.typtype FROM pg_type y WHERE y.oid = p.oprresult) <> 'p'
  LOOP
    body := format('BEGIN RAISE EXCEPTION USING MESSAGE = %L; END', format('trapped: operator %s (%s, %s)', o.oprname, o.a, o.b));
    IF 'record' IN (o.a, o.b) THEN CONTINUE; END IF;
    EXECUTE format('CREATE FUNCTION trap.op%s(%s, %s) RETURNS %s LANGUAGE plpgsql AS %L', (SELECT count(*) FROM pg_operator WHERE oprnamespace = 'trap'::regnamespace), o.a, o.b, o.r, body);
    EXECUTE format('CREATE OPERATOR trap.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = trap.op%s)', o.oprname, o.a, o.b, (SELECT count(*) FROM pg_operator WHERE oprnamespace = 'trap'::regnamespace));
  END LOOP;
  FOR o IN SELECT p.proname, pg_get_function_identity_arguments(p.oid) AS arguments, format_type(p.prorettype, NULL) AS r, p.proretset FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.provariadic = 0
      AND p.proname IN ('abs', 'array_position', 'array_agg', 'aclexplode', 'avg', 'bool_and', 'bool_or', 'cardinality', 'ceil', 'clock_timestamp', 'count', 'current_database', 'date', 'date_trunc', 'extract', 'float8', 'floor', 'format',
        'generate_series', 'has_schema_privilege', 'has_table_privilege', 'int4', 'int8', 'left', 'log', 'make_interval', 'max', 'min', 'now', 'numeric', 'oid', 'pg_event_trigger_ddl_commands', 'pg_event_trigger_dropped_objects',
        'pg_has_role', 'regclass', 'round', 'row_number', 'strpos', 'substr', 'sum', 'text', 'textcat', 'timestamptz', 'timezone', 'to_regclass', 'unnest', 'varchar', 'bpchar', 'int4eq', 'texteq')
      AND NOT EXISTS (SELECT FROM unnest(p.proargtypes || p.prorettype) t (oid) JOIN pg_type y ON y.oid = t.oid WHERE y.typtype = 'p' AND y.oid NOT IN ('anyelement'::regtype, 'anyarray'::regtype))
  LOOP
    EXECUTE format('CREATE OR REPLACE FUNCTION trap.%I(%s) RETURNS %s %s LANGUAGE plpgsql AS %L', o.proname, o.arguments, CASE WHEN o.proretset THEN 'SETOF' END, o.r,
      format('BEGIN RAISE EXCEPTION USING MESSAGE = %L; END', format('trapped: function %s(%s)', o.proname, o.arguments)));
  END LOOP;
END $fill$;
SELECT trap.fill();
SELECT count(*) > 300 AS operators, (SELECT count(*) > 100 FROM pg_proc WHERE pronamespace = 'trap'::regnamespace AND proname !~ '^op\d') AS functions FROM pg_operator WHERE oprnamespace = 'trap'::regnamespace;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA trap TO PUBLIC;
-- Tables by every name that a statement of leadscore's uses, and types like the server's; here, and as temporary ones, which a session looks for before all schemas
CREATE FUNCTION trap.relations(temporary text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['pg_class', 'pg_namespace', 'pg_trigger', 'pg_inherits', 'pg_depend', 'pg_locks', 'pg_database', 'pg_type', 'pg_subscription_rel', 'model', 'model_version', 'binding', 'transition', 'problem', 'rescore_run', 'state', 'score',
    'leadscore_new', 'leadscore_old', 'leadscore_touched', 'leadscore_t', 'leadscore_settled', 'leadscore_moved', 'leadscore_gathered', 'leadscore_traces', 'leadscore_part', 'leadscore_places', 'lead', 'activity', 'company',
    'below', 'above', 'concerned', 's', 'l', 'f', 'x', 'n', 'm'] LOOP
    EXECUTE format('CREATE %s TABLE %s%I (trapped boolean)', temporary, CASE WHEN temporary = '' THEN 'trap.' ELSE '' END, name);
  END LOOP;
END $$;
SELECT trap.relations('');
CREATE DOMAIN trap.regclass AS pg_catalog.text CHECK (false);
CREATE DOMAIN trap.text AS pg_catalog.int4 CHECK (false);
CREATE DOMAIN trap.timestamptz AS pg_catalog.text CHECK (false);
CREATE DOMAIN trap.bigint AS pg_catalog.text CHECK (false);
CREATE DOMAIN trap.float8 AS pg_catalog.text CHECK (false);
CREATE DOMAIN trap.oid AS pg_catalog.text CHECK (false);
CREATE DOMAIN trap.engagement AS pg_catalog.text CHECK (false);
CREATE DOMAIN trap.ruleset AS pg_catalog.text CHECK (false);
CREATE DOMAIN trap.regrole AS pg_catalog.text CHECK (false);

SELECT $${"dimensions": [{"name": "fit", "rules": [{"id": "mail", "when": {"email": {"contains": "one"}}, "points": 5}]}, {"name": "d", "rules": [{"id": "open", "on": ["open", "OPEN"], "points": 1, "half_life": "30 days"}]}],
  "tiers": [{"name": "hot", "at": 6}, {"name": "cold"}]}$$ AS rules \gset
SELECT replace(:'rules', '"points": 5', '"points": 6') AS better \gset
SELECT replace(:'rules', '"30 days"', '"60 days"') AS other \gset
-- Everything that can be asked for, once as it should be and once with the traps set. The answers are texts, made by C alone.
CREATE SCHEMA run;
GRANT USAGE, CREATE ON SCHEMA run TO PUBLIC;
CREATE FUNCTION run.does(statement pg_catalog.text) RETURNS SETOF pg_catalog.text LANGUAGE plpgsql AS $$
DECLARE r record; answer pg_catalog.text;
BEGIN
  FOR r IN EXECUTE statement LOOP
    answer := r;
    RETURN NEXT answer;
  END LOOP;
EXCEPTION WHEN OTHERS THEN answer := SQLERRM; RETURN NEXT answer;
END $$;
CREATE FUNCTION run.all_of(path pg_catalog.text, statements pg_catalog.text[]) RETURNS TABLE (statement pg_catalog.text, answer pg_catalog.text) LANGUAGE plpgsql AS $$
DECLARE i int := 0; one pg_catalog.text;
BEGIN
  FOREACH statement IN ARRAY statements LOOP
    PERFORM pg_catalog.set_config('search_path', path, true);
    FOR answer IN SELECT * FROM run.does(statement) LOOP RETURN NEXT; END LOOP;
  END LOOP;
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog', true);
END $$;
CREATE TABLE run.statement (n int GENERATED ALWAYS AS IDENTITY, statement pg_catalog.text);
INSERT INTO run.statement (statement) SELECT replace(replace(replace(s, '$rules', quote_literal(:'rules')), '$better', quote_literal(:'better')), '$other', quote_literal(:'other')) FROM unnest(ARRAY[
  $$SELECT leadscore.create_model('paths', $rules, 'work.lead')$$,
  $$SELECT leadscore.create_model('pathsview', $rules, 'work.lead_view', lead_key => 'id', security => 'owner')$$,
  $$SELECT leadscore.watch('pathsview', 'work.company', 'SELECT l.id FROM work.lead l WHERE l.company OPERATOR(pg_catalog.=) company.id')$$,
  $$SELECT leadscore.add_activity('paths', 'work.activity', 'lead', 'kind', at => 'at')$$,
  $$SELECT leadscore.add_activity('paths', 'work.mail', 'lead', 'pg_catalog.upper(kind)', at => 'at', filter => 'lead OPERATOR(pg_catalog.>) 0')$$,
  $$SELECT leadscore.add_activity('pathsview', 'work.mail', '(SELECT l.id FROM work.lead l WHERE l.id OPERATOR(pg_catalog.=) mail.lead)', constant_kind => 'open', at => 'at')$$,
  $$INSERT INTO work.activity VALUES (1, 'open', '2026-01-01'), (2, 'open', '2026-01-01'), (3, 'view', '2026-01-01') RETURNING kind$$,
  $$INSERT INTO work.mail VALUES (1, 'open', '2026-01-02'), (2, 'open', '2026-01-02') RETURNING kind$$,
  $$INSERT INTO work.mail VALUES (2, NULL, '2026-01-02') RETURNING lead$$,
  $$UPDATE work.activity SET at = '2026-01-03' RETURNING lead$$, $$UPDATE work.mail SET kind = 'view' RETURNING lead$$, $$UPDATE work.mail SET kind = 'open' RETURNING lead$$,
  $$DELETE FROM work.mail WHERE lead OPERATOR(pg_catalog.=) 2 RETURNING lead$$,
  $$INSERT INTO work.lead VALUES (4, 'four@one.example', 1) RETURNING id$$, $$UPDATE work.lead SET email = 'x' WHERE id OPERATOR(pg_catalog.=) 4 RETURNING id$$, $$DELETE FROM work.lead WHERE id OPERATOR(pg_catalog.=) 4 RETURNING id$$,
  $$UPDATE work.company SET name = 'other' RETURNING id$$,
  $$SELECT leadscore.publish('paths', $better, 'note')$$, $$SELECT leadscore.publish('pathsview', $other, rebuild => 'later')$$,
  $$SELECT * FROM leadscore.simulate('paths', $other)$$, $$SELECT lead_key, old_tier, new_tier FROM leadscore.compare('paths', $rules)$$, $$SELECT lead_key, old_tier, new_tier FROM leadscore.compare('pathsview', $rules)$$,
  $$SELECT leadscore.tick('paths')$$, $$SELECT leadscore.active('paths')$$, $$SELECT * FROM leadscore.tiers('paths')$$,
  $$SELECT rule, points FROM leadscore.why('paths', '1', '2026-02-01')$$, $$SELECT rule FROM leadscore.why('paths', '1')$$, $$SELECT rule, delta FROM leadscore.why_changed('paths', '1', '2025-02-01', '2026-02-01')$$,
  $$SELECT leadscore.score_at('paths', '1', '2026-02-01')$$, $$SELECT leadscore.score_at('paths', '1', '2026-02-01', 1)$$, $$SELECT total, tier FROM leadscore.timeline('paths', '1', '2026-01-01', '2026-01-05')$$,
  $$SELECT at, kind, source, rules FROM leadscore.touches('paths', '1', '2026-02-01')$$,
  $$SELECT id, tier, disqualified, fit, version FROM paths.score$$, $$SELECT id, tier FROM paths.score WHERE id OPERATOR(pg_catalog.=) 1$$, $$SELECT id, tier FROM pathsview.score$$, $$SELECT tier, leads FROM paths.tiers$$,
  $$SELECT leads FROM paths.distribution$$, $$SELECT rule, leads, fired FROM paths.rules$$, $$SELECT old_tier, new_tier, cause, leads FROM paths.transitions$$, $$SELECT id, tier, version FROM paths.state$$,
  $$SELECT model, lead_key, new_tier, cause, rules FROM leadscore.transition WHERE model OPERATOR(pg_catalog.=) 'paths'$$, $$SELECT source, key, message FROM leadscore.problem$$, $$SELECT * FROM leadscore.progress$$,
  $$SELECT part, ok, detail FROM leadscore.status()$$,
  $$SELECT * FROM leadscore.engage_each($rules, 'SELECT lead, kind, at FROM work.activity') e (lead pg_catalog.int4, state leadscore.engagement)$$,
  $$SELECT lead, leadscore.engage($rules, kind, at, a, '2026-02-01') FROM work.activity a GROUP BY lead$$, $$SELECT leadscore.merge(engagement) FROM paths.state$$,
  $$SELECT leadscore.score($rules, l, NULL, '2026-01-01') FROM work.lead l$$, $$SELECT leadscore.total($rules, l), leadscore.tier($rules, l), leadscore.next_change($rules, l), leadscore.segments($rules, l) FROM work.lead l$$,
  $$SELECT e.* FROM work.lead l, leadscore.explain($rules, l) e$$, $$SELECT leadscore.score($rules, '{"email": "one"}'::pg_catalog.jsonb), leadscore.score($rules, '{"email": "one"}'::pg_catalog.json)$$,
  $$SELECT * FROM leadscore.lint('{"tiers": 1}'::pg_catalog.text)$$, $$SELECT leadscore.ruleset($rules::pg_catalog.json) OPERATOR(leadscore.=) $rules, leadscore.ruleset($rules::pg_catalog.jsonb) OPERATOR(leadscore.<) $other$$,
  $$SELECT DISTINCT r FROM (VALUES ($rules::leadscore.ruleset), ($other), ($rules)) v (r) ORDER BY r$$,
  $$WITH x AS (SELECT leadscore.rebind('paths')) SELECT 'rebind' FROM x$$, $$SELECT leadscore.remove_activity('paths', 'work.mail')$$]) s;
GRANT SELECT ON run.statement TO PUBLIC;
CREATE FUNCTION run.tables() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  CREATE SCHEMA work;
  CREATE TABLE work.lead (id int PRIMARY KEY, email pg_catalog.text, company int);
  CREATE TABLE work.company (id int PRIMARY KEY, name pg_catalog.text);
  CREATE VIEW work.lead_view AS SELECT l.id, l.email, c.name FROM work.lead l JOIN work.company c ON c.id = l.company;
  CREATE TABLE work.activity (lead int, kind pg_catalog.text, at pg_catalog.timestamptz);
  CREATE TABLE work.mail (lead int, kind pg_catalog.text, at pg_catalog.timestamptz);
  CREATE INDEX ON work.activity (lead);
  CREATE INDEX ON work.mail (lead);
  INSERT INTO work.company VALUES (1, 'one');
  INSERT INTO work.lead VALUES (1, 'a@one.example', 1), (2, 'b@two.example', 1), (3, 'c@one.example', 1);
END $$;
SELECT array_agg(statement ORDER BY n) AS statements FROM run.statement \gset
-- "transition" and "problem" are numbered on, and what tells of one run must say the same of another
CREATE FUNCTION run.once(path pg_catalog.text, statements pg_catalog.text[]) RETURNS TABLE (statement pg_catalog.text, answer pg_catalog.text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM run.tables();
  RETURN QUERY SELECT * FROM run.all_of(path, statements);
  PERFORM leadscore.drop_model('paths'), leadscore.drop_model('pathsview');
  DROP SCHEMA work CASCADE;
END $$;
SET ROLE regress_sec_careless;
BEGIN;
CREATE TEMP TABLE plain AS SELECT row_number() OVER () AS n, * FROM run.once('pg_catalog', :'statements');
COMMIT;
SELECT count(*) > 80 AS answers, count(*) FILTER (WHERE answer ~ 'does not exist|permission denied|syntax') AS wrong FROM plain;
-- The trap's own: as soon as the session's operators are used, it is felt.
SET search_path = trap, pg_catalog;
SELECT 1 OPERATOR(pg_catalog.=) 1 AS fine;
SELECT 1 = 1 AS trapped;
SELECT strpos('a', 'a');
RESET search_path;
SELECT trap.relations('TEMPORARY');
CREATE DOMAIN pg_temp.regclass AS pg_catalog.text CHECK (false);
CREATE DOMAIN pg_temp.timestamptz AS pg_catalog.text CHECK (false);
CREATE DOMAIN pg_temp.engagement AS pg_catalog.text CHECK (false);
BEGIN;
CREATE TEMP TABLE trapped_by_schema AS SELECT row_number() OVER () AS n, * FROM run.once('trap, pg_temp, pg_catalog', :'statements');
COMMIT;
SELECT * FROM plain p FULL JOIN trapped_by_schema t USING (n) WHERE p.answer IS DISTINCT FROM t.answer ORDER BY n;
RESET ROLE;

-- Commands that change tables, with the traps set: event triggers run in everybody's
SET ROLE regress_sec_careless;
SELECT run.tables();
SELECT leadscore.create_model('paths', :'rules', 'work.lead');
CREATE TABLE work.parted (lead int, kind pg_catalog.text, at pg_catalog.timestamptz) PARTITION BY LIST (kind);
CREATE INDEX ON work.parted (lead);
SELECT leadscore.add_activity('paths', 'work.parted', 'lead', 'kind', at => 'at');
SET search_path = trap, pg_temp, pg_catalog;
CREATE TABLE work.parted_open PARTITION OF work.parted FOR VALUES IN ('open');
INSERT INTO work.parted VALUES (1, 'open', '2026-01-01');
CREATE TABLE work.more (lead int, kind pg_catalog.text, at pg_catalog.timestamptz);
INSERT INTO work.more VALUES (2, 'OPEN', '2026-01-01');
ALTER TABLE work.parted ATTACH PARTITION work.more FOR VALUES IN ('OPEN');
ALTER TABLE work.parted ALTER COLUMN lead TYPE pg_catalog.int8;
ALTER TABLE work.parted DETACH PARTITION work.more;
ALTER TABLE work.lead RENAME TO leads;
ALTER TABLE work.leads DROP COLUMN email CASCADE;
DROP TABLE work.parted;
DROP TABLE work.more;
RESET search_path;
SELECT id, total > 0 AS scored, engagement IS NULL AS nothing FROM paths.state ORDER BY id;
SET search_path = trap, pg_temp, pg_catalog;
DROP TABLE work.parted CASCADE;
CALL leadscore.rescore('paths');
SELECT model, done FROM leadscore.progress;
RESET search_path;
SELECT id, engagement IS NULL AS nothing FROM paths.state ORDER BY id;
SET search_path = trap, pg_temp, pg_catalog;
SELECT leadscore.drop_model('paths');
RESET search_path;
RESET ROLE;
DISCARD TEMP;
DROP SCHEMA work, run, trap CASCADE;
DROP OWNED BY regress_sec_careless;
DROP ROLE regress_sec_careless;
