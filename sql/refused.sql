-- What create_model, add_activity, watch and the rest refuse, with SQLSTATE and what they say.
SET client_min_messages = error;
CREATE FUNCTION failure(stmt text) RETURNS TABLE (code text, message text, detail text, hint text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE stmt;
  message := 'none';
  RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN NEXT;
END $$;
CREATE SCHEMA crm;
CREATE TABLE crm.company (id int PRIMARY KEY, name text);
CREATE TABLE crm.contact (id int PRIMARY KEY, company int, title text);
CREATE TABLE crm.keyless (id int);
CREATE TABLE crm.deferred (id int PRIMARY KEY DEFERRABLE);
CREATE TABLE crm.act (contact int, kind text, at timestamptz);
CREATE UNLOGGED TABLE crm.fast (contact int, kind text, at timestamptz);
CREATE INDEX ON crm.act (contact);
INSERT INTO crm.contact VALUES (1), (2);
SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "boss", "when": {"title": "boss"}, "points": 1}, {"id": "open", "on": "open", "points": 1}]}]}' AS rules \gset
SELECT leadscore.create_model('b2b', :'rules', 'crm.contact'), leadscore.create_model('other', :'rules', 'crm.contact');
SELECT leadscore.add_activity('b2b', 'crm.fast', 'contact', kind => 'kind', at => 'at');
\x on
-- Tables that can't be followed: those of models, leadscore's own, and such as nobody else sees
SELECT * FROM failure('SELECT leadscore.add_activity(''b2b'', ''b2b.state'', ''id'', constant_kind => ''open'', at => ''scored_at'')');
SELECT * FROM failure('SELECT leadscore.add_activity(''b2b'', ''other.state'', ''id'', constant_kind => ''open'', at => ''scored_at'')');
SELECT * FROM failure('SELECT leadscore.add_activity(''b2b'', ''other.score'', ''id'', constant_kind => ''open'', at => ''last_activity_at'')');
SELECT * FROM failure('SELECT leadscore.add_activity(''b2b'', ''leadscore.transition'', ''lead_key::int'', constant_kind => ''open'', at => ''at'')');
SELECT * FROM failure('SELECT leadscore.watch(''b2b'', ''b2b.state'', ''SELECT state.id'')');
SELECT * FROM failure('SELECT leadscore.watch(''b2b'', ''leadscore.problem'', ''SELECT 1'')');
SELECT * FROM failure(format('SELECT leadscore.create_model(''third'', %L, ''b2b.state'')', :'rules'));
SELECT * FROM failure(format('SELECT leadscore.create_model(''third'', %L, ''b2b.score'', lead_key => ''id'')', :'rules'));
SELECT * FROM failure(format('SELECT leadscore.create_model(''third'', %L, ''leadscore.model'')', :'rules'));
CREATE TEMP TABLE fleeting (id int PRIMARY KEY, title text, at timestamptz);
CREATE TEMP VIEW glimpse AS SELECT * FROM crm.contact;
SELECT * FROM failure(format('SELECT leadscore.create_model(''third'', %L, ''fleeting'')', :'rules'));
SELECT * FROM failure(format('SELECT leadscore.create_model(''third'', %L, ''glimpse'', lead_key => ''id'')', :'rules'));
SELECT * FROM failure('SELECT leadscore.add_activity(''b2b'', ''fleeting'', ''id'', constant_kind => ''open'', at => ''at'')');
SELECT * FROM failure('SELECT leadscore.watch(''b2b'', ''fleeting'', ''SELECT 1'')');
DROP VIEW glimpse;
DROP TABLE fleeting;
-- A table that somebody has put into a model's schema is one like any other.
CREATE TABLE b2b.note (contact int, at timestamptz);
CREATE INDEX ON b2b.note (contact);
SELECT * FROM failure('SELECT leadscore.add_activity(''other'', ''b2b.note'', ''contact'', constant_kind => ''open'', at => ''at'')');
SELECT leadscore.remove_activity('other', 'b2b.note');
DROP TABLE b2b.note;

-- Arguments
SELECT * FROM failure('SELECT leadscore.add_activity(''b2b'', ''crm.act'', ''contact'', at => ''at'')');
SELECT * FROM failure('SELECT leadscore.add_activity(''b2b'', ''crm.act'', ''contact'', kind => ''kind'', constant_kind => ''open'', at => ''at'')');
SELECT * FROM failure('SELECT leadscore.add_activity(''b2b'', ''crm.act'', ''contact'', constant_kind => '''', at => ''at'')');
SELECT * FROM failure('SELECT leadscore.create_model(NULL, NULL, ''crm.contact'')');
SELECT * FROM failure('SELECT leadscore.create_model(''third'', NULL, ''crm.contact'')');
SELECT * FROM failure(format('SELECT leadscore.create_model(''third'', %L, NULL)', :'rules'));
SELECT * FROM failure(format('SELECT leadscore.create_model(''third'', %L, ''crm.contact'', security => NULL)', :'rules'));
SELECT * FROM failure(format('SELECT leadscore.create_model(''third'', %L, ''crm.contact'', notify => NULL)', :'rules'));
SELECT * FROM failure('SELECT leadscore.drop_model(NULL)');
SELECT * FROM failure('SELECT leadscore.rebind(NULL)');
SELECT * FROM failure(format('SELECT leadscore.create_model(''third'', %L, ''crm.keyless'')', replace(:'rules', '"title"', '"id"')));
SELECT * FROM failure(format('SELECT leadscore.create_model(''third'', %L, ''crm.deferred'')', replace(:'rules', '"title"', '"id"')));
SELECT * FROM failure(format('SELECT leadscore.create_model(''third'', %L, ''crm.contact'', filter => ''(SELECT c.name FROM crm.company c WHERE c.id = company) <> ''''x'''''')', :'rules'));
SELECT * FROM failure('SELECT leadscore.add_activity(''b2b'', ''crm.act'', ''contact'', kind => ''kind'', at => ''at'', filter => ''EXISTS (SELECT FROM crm.company)'')');
SELECT * FROM failure('SELECT * FROM leadscore.why(''b2b'', ''nope'')');
SELECT * FROM failure('SELECT * FROM leadscore.touches(''b2b'', ''99999999999'')');

-- What a model reads of its leads
SELECT * FROM failure('ALTER TABLE crm.contact RENAME title TO job');
SELECT * FROM failure('ALTER TABLE crm.contact RENAME id TO number');
SELECT * FROM failure('ALTER TABLE crm.contact DROP title');
\x off

-- One row
INSERT INTO crm.act VALUES (1, NULL, '2026-01-01');
SELECT leadscore.add_activity('b2b', 'crm.act', 'contact', kind => 'kind', at => 'at');
SELECT detail FROM leadscore.status('b2b') WHERE part = 'problems';
INSERT INTO crm.act VALUES (1, 'open', NULL);
SELECT detail FROM leadscore.status('b2b') WHERE part = 'problems';

-- Each column of leadscore's relations and of a model's says what it is.
SELECT a.attrelid::regclass, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace IN ('leadscore'::regnamespace, 'b2b'::regnamespace) AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS NULL ORDER BY 1, a.attnum;

SELECT leadscore.drop_model('b2b'), leadscore.drop_model('other');
DROP FUNCTION failure;
DROP SCHEMA crm CASCADE;
