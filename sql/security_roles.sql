-- Whose rights count (docs/security.md). The owner of a model is out for the rights of whoever calls, writes or alters: all that is the model's logs as whom it runs.
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE ROLE regress_sec_owner;
CREATE ROLE regress_sec_member IN ROLE regress_sec_owner;
CREATE ROLE regress_sec_crm;
CREATE ROLE regress_sec_writer;
CREATE ROLE regress_sec_stranger;
GRANT CREATE ON DATABASE :"DBNAME" TO regress_sec_owner, regress_sec_crm;
CREATE SCHEMA seen;
GRANT USAGE ON SCHEMA seen TO PUBLIC;
CREATE TABLE seen.ran (who name, what text);
GRANT INSERT ON seen.ran TO PUBLIC;
-- Rows: who ran what of the model's since the last look, other than its owner. None is right.
CREATE FUNCTION seen.others() RETURNS TABLE (who name, what text) LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM seen.ran) THEN RETURN QUERY SELECT 'nobody'::name, 'nothing has run'; END IF;
  RETURN QUERY SELECT DISTINCT r.who, r.what FROM seen.ran r WHERE r.who <> 'regress_sec_owner' OR r.what LIKE 'did:%' ORDER BY 1, 2;
  DELETE FROM seen.ran;
END $$;

-- What the owner has prepared: functions that say stable and are not, which try to become somebody else or to leave something behind for them
SET ROLE regress_sec_owner;
CREATE SCHEMA own;
GRANT USAGE ON SCHEMA own TO PUBLIC;
CREATE TABLE own.bomb (i int);
CREATE FUNCTION own.boom() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO seen.ran VALUES (current_user, 'did: at commit'); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER boom AFTER INSERT ON own.bomb DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION own.boom();
CREATE FUNCTION own.tries(what text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE attempt text;
BEGIN
  INSERT INTO seen.ran VALUES (current_user, what);
  FOREACH attempt IN ARRAY ARRAY['INSERT INTO own.bomb VALUES (1)', 'RESET ROLE', 'SET ROLE NONE', 'SET SESSION AUTHORIZATION DEFAULT', 'SET search_path = own', 'CREATE TEMP TABLE mine (i int)',
    'DECLARE mine CURSOR WITH HOLD FOR SELECT 1', 'PREPARE mine AS SELECT 1', 'LISTEN leadscore'] LOOP
    BEGIN
      EXECUTE attempt;
      -- That ends with the function, or the operation; it is about what stays.
      IF attempt NOT LIKE 'SET search_path%' THEN INSERT INTO seen.ran VALUES (current_user, 'did: ' || attempt); END IF;
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
  END LOOP;
END $$;
CREATE FUNCTION own.as_is(value anyelement, what text) RETURNS anyelement STABLE LANGUAGE plpgsql AS $$BEGIN PERFORM own.tries(what); RETURN value; END $$;
CREATE FUNCTION own.index_it(value anyelement, what text) RETURNS anyelement IMMUTABLE LANGUAGE plpgsql AS $$BEGIN PERFORM own.tries(what); RETURN value; END $$;
-- The literal of an array of these calls it as soon as it is parsed.
CREATE FUNCTION own.checked() RETURNS boolean LANGUAGE plpgsql AS $$BEGIN PERFORM own.tries('domain'); RETURN true; END $$;
CREATE DOMAIN own.checked AS text CHECK (own.checked());
RESET ROLE;

CREATE SCHEMA crm AUTHORIZATION regress_sec_crm;
SET ROLE regress_sec_crm;
GRANT USAGE ON SCHEMA crm TO PUBLIC;
CREATE TABLE crm.lead (id int PRIMARY KEY, email text, company int);
CREATE TABLE crm.activity (lead int, kind text, at timestamptz) PARTITION BY LIST (kind);
CREATE TABLE crm.activity_open PARTITION OF crm.activity FOR VALUES IN ('open');
CREATE TABLE crm.activity_rest PARTITION OF crm.activity DEFAULT;
CREATE INDEX ON crm.activity (lead);
CREATE TABLE crm.plain (lead int, kind text, at timestamptz);
CREATE INDEX ON crm.plain (lead);
CREATE TABLE crm.company (id int PRIMARY KEY, name text);
INSERT INTO crm.company VALUES (1, 'one');
INSERT INTO crm.lead VALUES (1, 'a@one.example', 1), (2, 'b@one.example', 1);
INSERT INTO crm.activity VALUES (1, 'open', '2026-01-01'), (2, 'view', '2026-01-01');
GRANT SELECT, TRIGGER ON ALL TABLES IN SCHEMA crm TO regress_sec_owner;
GRANT INSERT, UPDATE, DELETE, SELECT ON crm.lead, crm.activity, crm.plain, crm.company TO regress_sec_writer;
RESET ROLE;

SELECT $${"dimensions": [{"name": "d", "rules": [{"id": "open", "on": ["open", "OPEN"], "points": 1, "half_life": "30 days"}, {"id": "mail", "when": {"email": {"contains": "one"}}, "points": 1}]}], "tiers": [{"name": "hot", "at": 2}, {"name": "cold"}]}$$ AS rules \gset
SET ROLE regress_sec_owner;
CREATE VIEW own.lead AS SELECT own.as_is(l.id, 'view') AS id, l.email, l.company FROM crm.lead l;
SELECT leadscore.create_model('sec', :'rules', 'crm.lead', lead_key => 'id', filter => $$own.as_is(true, 'filter')$$);
SELECT leadscore.create_model('secview', :'rules', 'own.lead', lead_key => 'own.as_is(id, ''key'')', security => 'owner');
SELECT leadscore.watch(m, 'crm.company', 'SELECT own.as_is(l.id, ''watch'') FROM crm.lead l WHERE l.company = company.id') FROM unnest('{sec,secview}'::text[]) m;
SELECT leadscore.add_activity(m, 'crm.activity', lead_key => $$own.as_is(lead, 'lead_key')$$, kind => $$CASE WHEN '{x}'::own.checked[] IS NOT NULL THEN own.as_is(kind, 'kind') END$$,
  at => $$own.as_is(at, 'at')$$, filter => $$own.as_is(true, 'activity')$$) FROM unnest('{sec,secview}'::text[]) m;
SELECT leadscore.add_activity('sec', 'crm.plain', 'lead', 'kind', at => 'at');
-- The table of states is the owner's, with what they put there
CREATE INDEX ON sec.state (own.index_it(total, 'index'));
CREATE INDEX ON secview.state (own.index_it(tier, 'index'));
DROP INDEX sec.state_next_change_at_idx;
CREATE INDEX state_next_change_at_idx ON sec.state (next_change_at) WHERE own.index_it(next_change_at < 'infinity', 'predicate');
ALTER TABLE sec.state ADD CHECK (own.as_is(true, 'check'));
CREATE FUNCTION own.on_state() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM own.tries('trigger'); RETURN NEW; END $$;
CREATE TRIGGER mine BEFORE INSERT OR UPDATE ON sec.state FOR EACH ROW EXECUTE FUNCTION own.on_state();
RESET ROLE;
UNLISTEN *;
TRUNCATE seen.ran;

-- Somebody else writes
SET ROLE regress_sec_writer;
INSERT INTO crm.activity VALUES (1, 'open', '2026-01-02'), (2, 'open', '2026-01-02'), (2, 'view', '2026-01-02');
INSERT INTO crm.plain VALUES (1, 'open', '2026-01-02');
UPDATE crm.activity SET at = '2026-01-03' WHERE lead = 1;
INSERT INTO crm.lead VALUES (3, 'c@two.example', 1);
UPDATE crm.lead SET email = 'c@one.example' WHERE id = 3;
UPDATE crm.company SET name = 'two';
DELETE FROM crm.activity WHERE kind = 'view';
RESET ROLE;
SELECT * FROM seen.others();
INSERT INTO crm.activity VALUES (3, 'open', '2026-01-02');
TRUNCATE crm.plain;
SELECT * FROM seen.others();
-- A superuser keeps the model
SELECT leadscore.publish('sec', leadscore.active('sec')), leadscore.publish('secview', leadscore.active('secview'), rebuild => 'later');
SELECT * FROM seen.others();
CALL leadscore.rescore('sec');
CALL leadscore.rescore('secview', 1);
SELECT * FROM seen.others();
SET ROLE regress_sec_owner;
UPDATE sec.state SET next_change_at = '2026-01-01', scored_at = '2026-01-01';
UPDATE secview.state SET next_change_at = '2026-01-01', scored_at = '2026-01-01';
UNLISTEN *;
RESET ROLE;
TRUNCATE seen.ran;
SELECT leadscore.tick('sec'), leadscore.tick('secview');
SELECT * FROM seen.others();
SELECT leads FROM leadscore.simulate('sec', leadscore.active('sec')) UNION ALL SELECT leads FROM leadscore.simulate('secview', leadscore.active('secview'));
SELECT count(*) FROM leadscore.compare('sec', leadscore.active('sec')) a, leadscore.compare('secview', leadscore.active('secview')) b;
SELECT * FROM seen.others();
SELECT leadscore.rebind('sec');
SELECT leadscore.rebind('secview');
SELECT * FROM seen.others();
SELECT leadscore.remove_activity('sec', 'crm.plain');
SELECT leadscore.add_activity('sec', 'crm.plain', 'lead', 'kind', at => 'at', filter => $$own.as_is(true, 'activity')$$);
SELECT leadscore.watch('sec', 'crm.plain', 'SELECT own.as_is(lead, ''watch'') FROM crm.activity WHERE kind = plain.kind');
SELECT * FROM seen.others();
-- … asks
SELECT count(*) > 0 AS why FROM leadscore.why('sec', '1');
SELECT count(*) > 0 AS why FROM leadscore.why('secview', '1', '2026-01-02');
SELECT count(*) > 0 AS why_changed FROM leadscore.why_changed('sec', '1', '2025-12-01', '2026-02-01');
SELECT count(*) > 0 AS touches FROM leadscore.touches('sec', '1');
SELECT count(*) AS timeline FROM leadscore.timeline('secview', '1', '2026-01-01', '2026-01-03');
SELECT (leadscore.score_at('sec', '1', '2026-01-02')).tier;
SELECT * FROM seen.others();
-- … or a member of the owner's role, who need not be trusted with more
SET ROLE regress_sec_member;
SELECT leadscore.publish('sec', leadscore.active('sec'));
SELECT count(*) > 0 AS why FROM leadscore.why('sec', '1');
SELECT leadscore.rebind('secview');
RESET ROLE;
SELECT * FROM seen.others();
-- … or anybody, of the status
SET ROLE regress_sec_stranger;
SELECT count(*) > 0 AS told FROM leadscore.status('sec');
RESET ROLE;
SELECT * FROM seen.others();
-- Tables change under the model
ALTER TABLE crm.activity ALTER COLUMN lead TYPE bigint;
ALTER TABLE crm.company ALTER COLUMN name TYPE varchar;
ALTER TABLE crm.company RENAME COLUMN name TO title;
SELECT * FROM seen.others();
SET ROLE regress_sec_crm;
CREATE TABLE crm.activity_view (lead bigint, kind text, at timestamptz);
INSERT INTO crm.activity_view VALUES (1, 'view', '2026-01-05');
ALTER TABLE crm.activity ATTACH PARTITION crm.activity_view FOR VALUES IN ('view');
ALTER TABLE crm.activity DETACH PARTITION crm.activity_view;
DROP TABLE crm.activity_open;
RESET ROLE;
SELECT * FROM seen.others();
DROP TABLE crm.plain CASCADE;
SELECT * FROM seen.others();
SELECT leadscore.drop_model('sec'), leadscore.drop_model('secview');

-- Triggers: who may make some on a table that is followed can fail its writers, and no more. They give statements of the model's other rows to read.
SET ROLE regress_sec_owner;
SELECT leadscore.create_model('sec', :'rules', 'crm.lead');
SELECT leadscore.add_activity('sec', 'crm.activity', 'lead', $$upper(kind)$$, at => 'at');
RESET ROLE;
SELECT format('leadscore_%s_%s_', lpad(m.id::text, 10, '0'), lpad(b.id::text, 10, '0')) AS prefix, b.id AS binding
FROM leadscore.model m JOIN leadscore.binding b ON b.model = m.name AND b.role = 'activity' WHERE m.name = 'sec' \gset
INSERT INTO crm.activity VALUES (1, 'sent', '2026-01-01');
SET ROLE regress_sec_crm;
CREATE FUNCTION crm.reads() RETURNS int LANGUAGE plpgsql AS $$BEGIN INSERT INTO seen.ran VALUES (current_user, 'did: read what a trigger names'); RETURN 1; END $$;
CREATE TEMP VIEW leadscore_new AS SELECT crm.reads() AS lead, 'open' AS kind, now() AS at;
CREATE TEMP VIEW leadscore_old AS SELECT * FROM leadscore_new;
GRANT SELECT ON leadscore_new, leadscore_old TO PUBLIC;
-- One of its four triggers made anew by another definition: what the next statement says of it, and what has run
CREATE FUNCTION crm.forge(prefix text, binding int, event text, referencing text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('DROP TRIGGER %s%s ON crm.activity', prefix, event);
  EXECUTE format('CREATE TRIGGER %s%s AFTER %s ON crm.activity %s FOR EACH STATEMENT EXECUTE FUNCTION leadscore.on_change(''sec'', %L)', prefix, event, event, referencing, binding);
  EXECUTE CASE event WHEN 'insert' THEN 'INSERT INTO crm.activity VALUES (1, ''mail'', now())' WHEN 'update' THEN 'UPDATE crm.activity SET at = now()'
    WHEN 'delete' THEN 'DELETE FROM crm.activity' ELSE 'TRUNCATE crm.activity' END;
  RAISE EXCEPTION 'accepted';
EXCEPTION WHEN OTHERS THEN RETURN replace(SQLERRM, prefix, '…');
END $$;
SELECT event, referencing, crm.forge(:'prefix', :binding, event, referencing)
FROM (VALUES ('insert', 'REFERENCING NEW TABLE AS leadscore_new'), ('insert', 'REFERENCING NEW TABLE AS other'), ('insert', ''), ('update', ''), ('update', 'REFERENCING OLD TABLE AS leadscore_old'),
  ('update', 'REFERENCING NEW TABLE AS leadscore_new'), ('update', 'REFERENCING OLD TABLE AS leadscore_new NEW TABLE AS leadscore_old'), ('update', 'REFERENCING OLD TABLE AS leadscore_old NEW TABLE AS leadscore_new'),
  ('delete', ''), ('delete', 'REFERENCING OLD TABLE AS leadscore_new'), ('delete', 'REFERENCING OLD TABLE AS leadscore_old')) v (event, referencing);
DROP VIEW leadscore_old, leadscore_new;
RESET ROLE;
SELECT * FROM seen.ran;

-- A stranger's table with triggers of such names
CREATE SCHEMA hers AUTHORIZATION regress_sec_stranger;
SET ROLE regress_sec_stranger;
CREATE TABLE hers.fake (lead int, kind text, at timestamptz);
CREATE TABLE hers.below () INHERITS (hers.fake);
\set insert :prefix insert
CREATE TRIGGER :"insert" AFTER INSERT ON hers.fake REFERENCING NEW TABLE AS leadscore_new FOR EACH STATEMENT EXECUTE FUNCTION leadscore.on_change('sec', :'binding');
CREATE TRIGGER :"insert" AFTER INSERT ON hers.below REFERENCING NEW TABLE AS leadscore_new FOR EACH STATEMENT EXECUTE FUNCTION leadscore.on_change('sec', :'binding');
\set VERBOSITY sqlstate
INSERT INTO hers.fake VALUES (1, 'open', '2026-01-01');
\set VERBOSITY terse
-- … does nothing to the model when it goes, by any way: no row of state is written or locked
RESET ROLE;
BEGIN;
SET LOCAL ROLE regress_sec_stranger;
DROP TABLE hers.below;
DROP SCHEMA hers CASCADE;
RESET ROLE;
SELECT count(*) AS leads, count(*) FILTER (WHERE pg_current_xact_id()::xid IN (s.xmin, s.xmax)) AS touched FROM sec.state s;
SELECT count(*) AS locks FROM pg_locks WHERE pid = pg_backend_pid() AND relation = 'sec.state'::regclass AND mode <> 'AccessShareLock';
ROLLBACK;
DROP SCHEMA hers CASCADE;
-- A partition of the bound table still is followed when it goes with its schema
CREATE SCHEMA part AUTHORIZATION regress_sec_crm;
SET ROLE regress_sec_crm;
CREATE TABLE part.mail PARTITION OF crm.activity FOR VALUES IN ('open');
INSERT INTO crm.activity VALUES (2, 'open', '2026-01-01');
RESET ROLE;
SELECT s.id, s.engagement IS NULL AS nothing FROM sec.state s WHERE id = 2;
DROP SCHEMA part CASCADE;
SELECT s.id, s.engagement IS NULL AS nothing FROM sec.state s WHERE id = 2;
SELECT leadscore.drop_model('sec');

DROP SCHEMA crm, own, seen CASCADE;
DROP OWNED BY regress_sec_owner, regress_sec_member, regress_sec_crm, regress_sec_writer, regress_sec_stranger;
DROP ROLE regress_sec_owner, regress_sec_member, regress_sec_crm, regress_sec_writer, regress_sec_stranger;
