-- Inserts of activities into plain tables are followed without the executor. Whatever that can't do is left to statements, which a filter asks for:
-- two models on the same tables, one each way.
SET client_min_messages = warning;
SET check_function_bodies = off;
CREATE SCHEMA d;
CREATE TABLE d.lead (id int PRIMARY KEY, country text, extra json);
CREATE TABLE d.activity (id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY, lead int, kind text, at timestamptz DEFAULT now(), body json);
CREATE INDEX ON d.activity (lead);
CREATE FUNCTION d.rules(click float8, lead text DEFAULT 'vip', body boolean DEFAULT false) RETURNS leadscore.ruleset LANGUAGE sql AS $$
  SELECT jsonb_build_object('dimensions', jsonb_build_array(jsonb_build_object('name', 'd', 'rules', '[{"id": "open", "on": "open", "points": 3}]'
      || jsonb_build_array(jsonb_build_object('id', 'click', 'on', 'click', 'points', click))
      || CASE lead WHEN 'vip' THEN '[{"id": "vip", "when": {"extra.vip": "yes"}, "points": 100}]'
                   WHEN 'country' THEN '[{"id": "country", "when": {"country": "NL"}, "points": 100}]' ELSE '[]' END::jsonb
      || CASE WHEN body THEN '[{"id": "price", "on": "page", "where": {"body.url": {"starts_with": "/price"}}, "points": 7}]' ELSE '[]' END::jsonb)),
    'tiers', '[{"name": "hot", "at": 50}, {"name": "warm", "at": 5}, {"name": "cold"}]'::jsonb)::text::leadscore.ruleset $$;
CREATE PROCEDURE d.models(rules leadscore.ruleset) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM leadscore.drop_model(name) FROM leadscore.model;
  DELETE FROM leadscore.problem;
  TRUNCATE d.lead, d.activity;
  INSERT INTO d.lead VALUES (1, 'NL', '{"vip": "yes"}'), (2, 'RO', '{}'), (3, 'NL', NULL);
  PERFORM leadscore.create_model('direct', rules, 'd.lead');
  PERFORM leadscore.add_activity('direct', 'd.activity', 'lead', 'kind', at => 'at');
  PERFORM leadscore.create_model('general', rules, 'd.lead', filter => 'true');
  PERFORM leadscore.add_activity('general', 'd.activity', 'lead', 'kind', at => 'at');
END $$;
-- What the two ways say of leads, transitions and problems; each row that they don't agree on is one too many.
CREATE FUNCTION d.both(scores boolean DEFAULT true, OUT what text, OUT key text, OUT detail text, OUT ways bigint) RETURNS SETOF record LANGUAGE sql AS $$
  SELECT what, key, detail, count(*) FROM (
    SELECT 'state' AS what, id::text AS key, format('%s %s %s', total, tier, next_change_at < 'infinity') AS detail FROM direct.state
    UNION ALL SELECT 'state', id::text, format('%s %s %s', total, tier, next_change_at < 'infinity') FROM general.state
    UNION ALL SELECT 'score', id::text, format('%s %s', total, tier) FROM direct.score WHERE scores
    UNION ALL SELECT 'score', id::text, format('%s %s', total, tier) FROM general.score WHERE scores
    UNION ALL SELECT 'move', lead_key, format('%s→%s %s→%s %s', old_tier, new_tier, old_total, new_total, rules) FROM leadscore.transition WHERE model IN ('direct', 'general') AND lead_key IS NOT NULL
    UNION ALL SELECT 'problem', p.key, p.message FROM leadscore.problem p) x GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 $$;

-- An activity that can't be read: the insert goes through and the row is recorded. Nor may what is wrong with a lead be told to who inserts its activities.
CALL d.models(d.rules(10, 'vip', true));
CREATE ROLE direct_inserter;
GRANT USAGE ON SCHEMA d TO direct_inserter;
GRANT INSERT ON d.activity TO direct_inserter;
INSERT INTO d.activity (lead, kind, body) VALUES (1, 'page', '{"url": "/price/1"}'), (2, 'page', '{"url": "\u0000"}'), (2, 'click', '{"url": 1e200000}'), (3, 'click', NULL);
UPDATE d.lead SET extra = '{"vip": "\u0000", "salary": "secret"}' WHERE id = 2;
SET ROLE direct_inserter;
INSERT INTO d.activity (lead, kind) VALUES (2, 'click'), (3, 'click');
RESET ROLE;
SELECT * FROM d.both(scores => false);
-- … and counts as soon as it can.
UPDATE d.lead SET extra = '{"vip": "yes"}' WHERE id = 2;
SELECT * FROM d.both() WHERE what <> 'problem';

-- A lead whose deletion could not be followed, under rules that ask nothing of it
CALL d.models(d.rules(10, 'none'));
CREATE ROLE direct_owner;
GRANT USAGE ON SCHEMA d TO direct_owner;
GRANT SELECT, TRIGGER ON d.lead, d.activity TO direct_owner;
SELECT count(leadscore.drop_model(name)) FROM leadscore.model;
SELECT current_database() AS database \gset
GRANT CREATE ON DATABASE :"database" TO direct_owner;
SET ROLE direct_owner;
SELECT leadscore.create_model('direct', d.rules(10, 'none'), 'd.lead');
SELECT leadscore.add_activity('direct', 'd.activity', 'lead', 'kind', at => 'at');
SELECT leadscore.create_model('general', d.rules(10, 'none'), 'd.lead', filter => 'true');
SELECT leadscore.add_activity('general', 'd.activity', 'lead', 'kind', at => 'at');
RESET ROLE;
INSERT INTO d.activity (lead, kind) VALUES (1, 'click'), (2, 'click');
REVOKE SELECT ON d.lead FROM direct_owner;
DELETE FROM d.lead WHERE id = 1;
GRANT SELECT ON d.lead TO direct_owner;
INSERT INTO d.activity (lead, kind) VALUES (1, 'open'), (2, 'open');
SELECT * FROM d.both() WHERE what <> 'problem';
SELECT count(leadscore.drop_model(name)) FROM leadscore.model;
REVOKE CREATE ON DATABASE :"database" FROM direct_owner;
REVOKE ALL ON SCHEMA d FROM direct_owner;
REVOKE ALL ON d.lead, d.activity FROM direct_owner;
DROP ROLE direct_owner;

-- Which rules have moved most is found by the rules of before.
CALL d.models(d.rules(10, 'country'));
INSERT INTO d.activity (lead, kind) VALUES (2, 'click');
SELECT leadscore.publish('direct', d.rules(100, 'country'), rebuild => 'later'), leadscore.publish('general', d.rules(100, 'country'), rebuild => 'later');
INSERT INTO d.activity (lead, kind) VALUES (2, 'open');
SELECT * FROM d.both();

-- The rule that a lead's own change has moved, beside an activity that fades
CALL d.models(leadscore.active('direct'));
SELECT count(leadscore.publish(name, $${"dimensions": [{"name": "d", "rules": [{"id": "open", "on": "open", "points": 3, "half_life": "10 days"},
  {"id": "country", "when": {"country": "NL"}, "points": 100}]}], "tiers": [{"name": "hot", "at": 50}, {"name": "cold"}]}$$)) FROM leadscore.model;
INSERT INTO d.activity (lead, kind) VALUES (1, 'open'), (2, 'open');
UPDATE d.lead SET country = CASE country WHEN 'NL' THEN 'RO' ELSE 'NL' END WHERE id < 3;
SELECT model, lead_key, old_tier, new_tier, rules FROM leadscore.transition WHERE lead_key IS NOT NULL ORDER BY 1, 2;

-- Two tables of one name in other orders of columns: what can't be counted is recorded for each.
CALL d.models(d.rules(10, 'country'));
CREATE SCHEMA d2;
CREATE TABLE d2.activity (at timestamptz DEFAULT now(), kind text, note text, lead int);
CREATE INDEX ON d2.activity (lead);
SELECT count(leadscore.add_activity(name, 'd2.activity', 'lead', 'kind', at => 'at')) FROM leadscore.model;
INSERT INTO d.activity (lead, kind) VALUES (1, NULL), (1, 'open');
INSERT INTO d2.activity (lead, kind) VALUES (2, NULL), (2, 'open');
INSERT INTO d.activity (lead, kind, at) VALUES (3, 'open', 'infinity');
SELECT model, source, message, count(*) FROM leadscore.problem GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT * FROM d.both() WHERE what <> 'problem';

-- A stranger's trigger that calls leadscore's function locks nothing of a model.
CALL d.models(d.rules(10, 'none'));
CREATE SCHEMA d3;
SELECT id AS binding FROM leadscore.binding WHERE model = 'direct' AND source = 'd.activity'::regclass \gset
GRANT CREATE, USAGE ON SCHEMA d3 TO direct_inserter;
SET ROLE direct_inserter;
CREATE TABLE d3.own (n int);
CREATE TRIGGER other AFTER INSERT ON d3.own FOR EACH STATEMENT EXECUTE FUNCTION leadscore.on_change('direct', '999');
CREATE TABLE d3.named (n int);
CREATE TRIGGER other AFTER INSERT ON d3.named FOR EACH STATEMENT EXECUTE FUNCTION leadscore.on_change('direct', :'binding');
BEGIN;
INSERT INTO d3.own VALUES (1);
SELECT count(*) AS locks FROM pg_locks WHERE relation = (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'direct' AND relname = 'state') AND mode <> 'AccessShareLock';
SAVEPOINT s;
INSERT INTO d3.named VALUES (1);
ROLLBACK TO s;
SELECT count(*) AS locks FROM pg_locks WHERE relation = (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'direct' AND relname = 'state') AND mode <> 'AccessShareLock';
COMMIT;
RESET ROLE;
DROP SCHEMA d3 CASCADE;

-- What updates leave behind on a page of the state table is tidied up in time: many small inserts don't make the table longer.
CALL d.models(d.rules(10, 'country'));
DO $$ BEGIN
  FOR i IN 1..500 LOOP
    INSERT INTO d.activity (lead, kind) VALUES (1, 'open');
    COMMIT;
  END LOOP;
END $$;
SELECT pg_relation_size('direct.state') <= 8192 AS tidy;

-- Leads whose only unique index stands in descending order: many at once are looked up all the same.
CREATE TABLE d.descending (id int NOT NULL, country text);
INSERT INTO d.descending SELECT i, 'NL' FROM generate_series(1, 300) i;
CREATE UNIQUE INDEX ON d.descending (id DESC);
CREATE TABLE d.much (lead int, kind text, at timestamptz);
SELECT leadscore.create_model('descending', d.rules(10, 'country'), 'd.descending', 'id');
SELECT leadscore.add_activity('descending', 'd.much', 'lead', 'kind', at => 'at');
INSERT INTO d.much SELECT 1 + i % 300, 'open', '2026-01-01' FROM generate_series(1, 1000) i;
SELECT count(*) AS leads, count(*) FILTER (WHERE s.total IS DISTINCT FROM v.total OR s.total IS NULL OR s.tier IS DISTINCT FROM v.tier) AS wrong
FROM descending.state s JOIN descending.score v USING (id);
SELECT leadscore.drop_model('descending');

-- A type that rules no longer fit, where nobody has kept it from happening: the insert goes through.
CALL d.models(d.rules(10, 'country'));
ALTER EVENT TRIGGER leadscore_before_ddl DISABLE;
ALTER EVENT TRIGGER leadscore_after_ddl DISABLE;
ALTER TABLE d.lead ALTER country TYPE int USING 1;
ALTER EVENT TRIGGER leadscore_before_ddl ENABLE;
ALTER EVENT TRIGGER leadscore_after_ddl ENABLE;
INSERT INTO d.activity (lead, kind) VALUES (1, 'open');
SELECT model, message FROM leadscore.problem ORDER BY 1;

SELECT count(leadscore.drop_model(name)) FROM leadscore.model;
DROP SCHEMA d, d2 CASCADE;
DROP ROLE direct_inserter;
