-- Who reads what (docs/security.md): leads and activities that a reader may not see stay unseen, by every way of asking and by functions of the reader's own that are called with rows.
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE ROLE regress_sec_maker;
CREATE ROLE regress_sec_second;
CREATE ROLE regress_sec_reader;
CREATE ROLE regress_sec_chart;
CREATE ROLE regress_sec_stranger;
GRANT CREATE ON DATABASE :"DBNAME" TO regress_sec_maker, regress_sec_second;
CREATE SCHEMA crm AUTHORIZATION regress_sec_maker;
CREATE SCHEMA peek;
GRANT USAGE ON SCHEMA peek TO PUBLIC;
GRANT CREATE ON SCHEMA peek TO regress_sec_reader, regress_sec_chart;
CREATE TABLE peek.seen (what text);
GRANT INSERT, SELECT ON peek.seen TO PUBLIC;
-- Cheap, and keeps what it is called with: the planner puts it before everything else that it may.
CREATE FUNCTION peek.keep(what text) RETURNS void LANGUAGE sql AS $$INSERT INTO peek.seen VALUES (what)$$;
CREATE FUNCTION peek.at(what text) RETURNS boolean STABLE COST 0.0000001 LANGUAGE plpgsql AS $$BEGIN PERFORM peek.keep(what); RETURN true; END $$;
CREATE FUNCTION peek.tries(statement text) RETURNS text LANGUAGE plpgsql AS $$BEGIN EXECUTE statement; RETURN 'done'; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;
CREATE FUNCTION peek.found(pattern text DEFAULT 'secret') RETURNS SETOF text LANGUAGE plpgsql AS $$BEGIN RETURN QUERY SELECT DISTINCT s.what FROM peek.seen s WHERE s.what ~ pattern ORDER BY 1; DELETE FROM peek.seen; END $$;

SET ROLE regress_sec_maker;
CREATE TABLE crm.lead (email text PRIMARY KEY, team text);
CREATE TABLE crm.activity (email text, kind text, at timestamptz, note text);
CREATE INDEX ON crm.activity (email);
INSERT INTO crm.lead VALUES ('mine@x.example', 'reader'), ('secret@y.example', 'other'), ('secret-hidden@z.example', 'gone');
INSERT INTO crm.activity VALUES ('mine@x.example', 'open', '2026-01-01', 'a'), ('mine@x.example', 'secret-kind', '2026-01-02', 'b'), ('secret@y.example', 'open', '2026-01-01', 'c'), ('secret-hidden@z.example', 'open', '2026-01-01', 'd');
SELECT $${"dimensions": [{"name": "d", "rules": [{"id": "open", "on": "open", "points": 1}, {"id": "secretive", "on": "secret-kind", "points": 10}]}], "tiers": [{"name": "hot", "at": 1}, {"name": "cold"}]}$$ AS rules \gset
CREATE VIEW crm.open_lead AS SELECT * FROM crm.lead WHERE team <> 'gone';
SELECT leadscore.create_model('rows', :'rules', 'crm.lead', filter => 'team <> ''gone''');
SELECT leadscore.create_model('shown', :'rules', 'crm.lead', filter => 'team <> ''gone''', security => 'owner');
SELECT leadscore.create_model('shownview', :'rules', 'crm.open_lead', lead_key => 'email', security => 'owner');
SELECT leadscore.create_model('other', :'rules', 'crm.lead');
SELECT leadscore.add_activity(m, 'crm.activity', lead_key => 'email', kind => 'kind', at => 'at') FROM unnest('{rows,shown,shownview,other}'::text[]) m;
ALTER TABLE crm.lead ENABLE ROW LEVEL SECURITY;
ALTER TABLE crm.activity ENABLE ROW LEVEL SECURITY;
CREATE POLICY team ON crm.lead TO regress_sec_reader USING (team = 'reader');
CREATE POLICY kinds ON crm.activity TO regress_sec_reader USING (kind <> 'secret-kind');
GRANT USAGE ON SCHEMA crm, rows, shown, shownview, other TO regress_sec_reader, regress_sec_chart;
GRANT SELECT ON crm.lead, crm.activity TO regress_sec_reader;
GRANT SELECT ON rows.state, rows.score, rows.tiers, rows.distribution, rows.rules TO regress_sec_reader;
GRANT SELECT ON shown.score, shown.tiers, shown.distribution, shown.rules, shown.transitions, shownview.score TO regress_sec_chart;
INSERT INTO leadscore.transition (model, lead_key, new_tier, version, cause, at) VALUES ('other', 'secret@y.example', 'secret-tier', 1, 'activity', '2026-01-01');
INSERT INTO leadscore.transition (model, lead_key, new_tier, version, cause, at) SELECT m, 'mine@x.example', 'hot', 1, 'activity', '2026-01-01' FROM unnest('{rows,shown}'::text[]) m;
INSERT INTO leadscore.problem (model, source, key, message) VALUES ('rows', 'crm.activity', 'secret@y.example', 'secret');
RESET ROLE;

-- A reader, by the rights of their own: one lead of three, by whatever way
SET ROLE regress_sec_reader;
SELECT email, total FROM rows.score;
SELECT email, total FROM rows.state;
SELECT tier, leads FROM rows.tiers;
SELECT sum(leads) AS leads FROM rows.distribution;
SELECT rule, leads, fired FROM rows.rules;
SELECT count(*) FROM rows.score WHERE peek.at(email) AND peek.at(total::text);
SELECT count(*) FROM rows.state WHERE peek.at(email);
SELECT count(*) FROM rows.state s JOIN crm.lead l USING (email) WHERE peek.at(s.email) AND peek.at(l.email);
SELECT count(*) FROM leadscore.transition WHERE peek.at(lead_key) AND peek.at(new_tier);
SELECT count(*) FROM leadscore.problem WHERE peek.at(key) AND peek.at(message);
SELECT * FROM leadscore.why('rows', 'secret@y.example');
SELECT * FROM leadscore.why('rows', 'nobody@y.example');
SELECT * FROM leadscore.touches('rows', 'secret@y.example');
SELECT * FROM leadscore.why_changed('rows', 'secret@y.example', '2025-01-01', '2026-02-01');
SELECT * FROM leadscore.score_at('rows', 'secret@y.example', now());
SELECT * FROM leadscore.timeline('rows', 'secret@y.example', '2026-01-01', '2026-01-02');
-- Activities that policies hide are in nothing that is told of a lead's past
SELECT kind, points FROM leadscore.touches('rows', 'mine@x.example');
SELECT rule, points FROM leadscore.why('rows', 'mine@x.example', '2026-02-01') WHERE rule IS NOT NULL;
SELECT total FROM leadscore.score_at('rows', 'mine@x.example', '2026-02-01');
SELECT max(total) AS total FROM leadscore.timeline('rows', 'mine@x.example', '2026-01-01', '2026-02-01');
-- … but what the lead's state has counted is the model's, and shown with the lead
SELECT total FROM rows.score;
SELECT total FROM leadscore.score_at('shown', 'mine@x.example', '2026-02-01');
SELECT count(*) AS leads FROM leadscore.engage_each(:'rules', 'SELECT email, kind, at FROM crm.activity WHERE peek.at(kind)') e (key text, state leadscore.engagement);
SELECT * FROM leadscore.simulate('rows', :'rules');
SELECT * FROM leadscore.compare('rows', :'rules');
RESET ROLE;
SELECT * FROM peek.found();

-- A reader of the owner's views: every lead, no row that is none, nothing of another model
SET ROLE regress_sec_chart;
SELECT email, total FROM shown.score ORDER BY 1;
SELECT count(*) FROM shown.score WHERE peek.at(email);
SELECT count(*) FROM shownview.score WHERE peek.at(email);
SELECT count(*) FROM shown.score WHERE email = 'secret@y.example' AND peek.at('asked');
SELECT count(*) FROM shown.tiers WHERE peek.at(tier);
SELECT count(*) FROM shown.rules WHERE peek.at(label);
SELECT * FROM shown.transitions WHERE peek.at(new_tier);
SELECT count(*) FROM crm.lead;
SELECT count(*) FROM shown.state;
SELECT count(*) FROM other.score;
SELECT count(*) FROM leadscore.why('shown', 'mine@x.example');
SELECT count(*) FROM leadscore.touches('shown', 'mine@x.example');
-- Where a lead is none, its past is none either
SELECT * FROM leadscore.score_at('shown', 'secret-hidden@z.example', now());
RESET ROLE;
SELECT * FROM peek.found('hidden|secret-tier');
-- … as it would without the barrier
BEGIN;
ALTER VIEW shown.score SET (security_barrier = false);
SET LOCAL ROLE regress_sec_chart;
SELECT count(*) FROM shown.score WHERE peek.at(email);
RESET ROLE;
SELECT * FROM peek.found('hidden|secret-tier');
ALTER VIEW shownview.score SET (security_barrier = false);
SET LOCAL ROLE regress_sec_chart;
SELECT count(*) FROM shownview.score WHERE peek.at(email);
RESET ROLE;
SELECT * FROM peek.found('hidden|secret-tier');
ROLLBACK;

-- Under a barrier the server's own comparisons still come first, and by the index.
CREATE FUNCTION peek.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query; END $$;
SET ROLE regress_sec_chart;
SET enable_seqscan = off;
SELECT bool_or(line ~ 'Index Cond.*email = ''mine@x.example''') AS by_index FROM peek.plan($$SELECT total FROM shown.score WHERE email = 'mine@x.example'$$) line;
RESET enable_seqscan;
RESET ROLE;

-- A stranger
SET ROLE regress_sec_stranger;
SELECT * FROM rows.score;
SELECT * FROM shown.score;
SELECT count(*) FROM leadscore.transition WHERE peek.at(lead_key) AND peek.at(new_tier);
SELECT count(*) FROM leadscore.problem WHERE peek.at(message);
SELECT * FROM leadscore.why('rows', 'mine@x.example');
SELECT * FROM leadscore.why('shown', 'mine@x.example');
SELECT * FROM leadscore.why_changed('rows', 'mine@x.example', '2025-01-01', '2026-02-01');
SELECT * FROM leadscore.touches('rows', 'mine@x.example');
SELECT * FROM leadscore.score_at('rows', 'mine@x.example', now());
SELECT * FROM leadscore.score_at('shown', 'mine@x.example', now());
SELECT * FROM leadscore.timeline('shown', 'mine@x.example', '2026-01-01', '2026-01-02');
SELECT count(*) FROM leadscore.status('rows') WHERE peek.at(detail);
SELECT count(*) FROM leadscore.progress p WHERE peek.at(p::text);
SELECT position FROM leadscore.rescore_run;
INSERT INTO leadscore.transition (model, version, cause, at) VALUES ('rows', 1, 'clock', now());
INSERT INTO leadscore.problem (model, message) VALUES ('rows', 'mine');
DELETE FROM leadscore.transition;
DELETE FROM leadscore.problem;
UPDATE leadscore.model SET owner = 'regress_sec_stranger';
UPDATE leadscore.transition SET model = 'mine';
TRUNCATE leadscore.transition;
-- … who may not lock what all models write, in any way that would keep them from it
SELECT statement, peek.tries(statement) FROM unnest(ARRAY['LOCK TABLE leadscore.transition', 'LOCK TABLE leadscore.transition IN ROW EXCLUSIVE MODE', 'LOCK TABLE leadscore.problem', 'LOCK TABLE leadscore.model', 'LOCK TABLE leadscore.model_version',
  'LOCK TABLE leadscore.binding IN SHARE MODE', 'LOCK TABLE leadscore.rescore_run', 'SELECT FROM leadscore.model FOR UPDATE', 'SELECT FROM leadscore.transition FOR SHARE',
  'SELECT nextval(''leadscore.transition_id_seq'')', 'SELECT setval(''leadscore.transition_id_seq'', 1)', 'SELECT last_value FROM leadscore.problem_id_seq',
  'CREATE TABLE leadscore.mine (i int)', 'CREATE INDEX ON leadscore.transition (model)', 'ALTER TABLE leadscore.transition ADD CHECK (false)', 'CREATE TRIGGER mine BEFORE INSERT ON leadscore.transition EXECUTE FUNCTION leadscore.on_change()',
  'ALTER EVENT TRIGGER leadscore_after_ddl DISABLE', 'DROP EVENT TRIGGER leadscore_after_ddl', 'ALTER EXTENSION leadscore UPDATE', 'DROP EXTENSION leadscore CASCADE', 'ALTER TABLE rows.state DISABLE ROW LEVEL SECURITY']) statement;
RESET ROLE;
SELECT * FROM peek.found();

-- Keys and values stay out of the status that strangers see. Its owner is told.
SET ROLE regress_sec_maker;
DROP POLICY team ON crm.lead;
ALTER TABLE crm.lead DISABLE ROW LEVEL SECURITY;
SELECT leadscore.drop_model('rows'), leadscore.drop_model('shown'), leadscore.drop_model('shownview');
CREATE FUNCTION crm.fails(t text) RETURNS text STABLE LANGUAGE plpgsql AS $$BEGIN IF t ~ 'hidden' AND current_setting('regress.fails', true) = 'yes' THEN RAISE EXCEPTION 'cannot read %', t; END IF; RETURN t; END $$;
SELECT leadscore.create_model('rows', :'rules', 'crm.lead', lead_key => 'crm.fails(email)');
RESET ROLE;
CALL leadscore.rescore('rows');
SET ROLE regress_sec_maker;
ALTER TABLE crm.lead DROP CONSTRAINT lead_pkey;
INSERT INTO crm.lead VALUES ('secret@y.example');
SELECT detail FROM leadscore.status('rows') WHERE NOT ok;
SET ROLE regress_sec_stranger;
SELECT detail FROM leadscore.status('rows') WHERE NOT ok;
SET regress.fails = 'yes';
SELECT part, detail FROM leadscore.status('rows') WHERE NOT ok;
SELECT position FROM leadscore.rescore_run;
SELECT model, done FROM leadscore.progress;
SELECT model, done, finished_at IS NULL AS going FROM leadscore.rescore_run;
SET ROLE regress_sec_maker;
SELECT part, detail FROM leadscore.status('rows') WHERE NOT ok;
RESET regress.fails;

-- Owners: their rows, and no numbers of their choice, which others' next rows would meet
SELECT count(*) FROM leadscore.transition WHERE model = 'other';
INSERT INTO leadscore.transition (id, model, version, cause, at) OVERRIDING SYSTEM VALUE VALUES (1000000, 'other', 1, 'clock', now());
INSERT INTO leadscore.problem (id, model, message) OVERRIDING SYSTEM VALUE VALUES (1000000, 'other', 'mine');
DELETE FROM leadscore.transition WHERE model = 'other';
DELETE FROM leadscore.problem;
-- The right to tidy up comes with the first model, and goes with the last.
SET ROLE regress_sec_second;
DELETE FROM leadscore.problem;
RESET ROLE;
GRANT USAGE ON SCHEMA crm TO regress_sec_second;
GRANT SELECT, TRIGGER ON crm.lead TO regress_sec_second;
SET ROLE regress_sec_second;
SELECT leadscore.create_model('second', :'rules', 'crm.lead', lead_key => 'email || coalesce(team, '''')');
SELECT leadscore.create_model('third', :'rules', 'crm.lead', lead_key => 'email || coalesce(team, '''')');
DELETE FROM leadscore.problem;
SELECT leadscore.drop_model('second');
DELETE FROM leadscore.problem;
RESET ROLE;
-- A model that changes hands takes it along.
ALTER SCHEMA third OWNER TO regress_sec_maker;
SELECT leadscore.rebind('third');
SELECT has_table_privilege('regress_sec_second', 'leadscore.problem', 'DELETE') AS first_owner, has_table_privilege('regress_sec_maker', 'leadscore.problem', 'DELETE') AS second_owner;
SELECT leadscore.drop_model(name) FROM leadscore.model ORDER BY name;
SELECT has_table_privilege('regress_sec_maker', 'leadscore.transition', 'DELETE') AS without_models, has_table_privilege(current_user, 'leadscore.transition', 'DELETE') AS mine;

DROP SCHEMA crm, peek CASCADE;
DROP OWNED BY regress_sec_maker, regress_sec_second, regress_sec_reader, regress_sec_chart, regress_sec_stranger;
DROP ROLE regress_sec_maker, regress_sec_second, regress_sec_reader, regress_sec_chart, regress_sec_stranger;
