-- Keys that are looked up in another table by one of its columns: found by joins, with the same result.
SET timezone = 'UTC';
CREATE SCHEMA crm;
CREATE TABLE crm.lead (id int PRIMARY KEY);
-- Of several rows with one number the query for a key is an error, unless all but one are left out by its condition.
CREATE TABLE crm.visit (id bigint, lead bigint, hidden boolean NOT NULL DEFAULT false, "Note" varchar);
CREATE TABLE crm.page (id int PRIMARY KEY, visit int, path text, at timestamptz NOT NULL DEFAULT '2026-01-01');
SELECT $${"dimensions": [{"name": "d", "rules": [{"id": "page", "on": "page", "points": 1}]}]}$$ AS rules \gset
INSERT INTO crm.lead SELECT generate_series(1, 5);
SELECT leadscore.create_model('m', :'rules', 'crm.lead');
SELECT leadscore.watch('m', 'crm.visit', 'SELECT visit.lead');
SELECT leadscore.add_activity('m', 'crm.page', '(SELECT v.lead FROM crm.visit v WHERE NOT v.hidden AND page.visit = v.id)', constant_kind => 'page', at => 'at', filter => 'path <> ''/''');
SELECT part, ok, detail FROM leadscore.status('m') WHERE part LIKE '%index%';
CREATE INDEX ON crm.page (visit);
SELECT leadscore.remove_activity('m', 'crm.page');
SELECT leadscore.add_activity('m', 'crm.page', '(SELECT v.lead FROM crm.visit v WHERE NOT v.hidden AND page.visit = v.id)', constant_kind => 'page', at => 'at', filter => 'path <> ''/''');
CREATE INDEX ON crm.visit (lead);
SELECT leadscore.remove_activity('m', 'crm.page');
SELECT leadscore.add_activity('m', 'crm.page', '(SELECT v.lead FROM crm.visit v WHERE NOT v.hidden AND page.visit = v.id)', constant_kind => 'page', at => 'at', filter => 'path <> ''/''');
SELECT hop_table, hop_key, hop_from, hop_condition FROM leadscore.binding WHERE model = 'm' AND role = 'activity';

CREATE FUNCTION differing(model text DEFAULT 'm') RETURNS TABLE (id int, stored float8, counted bigint) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format('SELECT l.id, s.total, n.count FROM crm.lead l LEFT JOIN %I.state s ON s.id = l.id,
    LATERAL (SELECT count(*) FROM crm.page p JOIN crm.visit v ON v.id = p.visit WHERE v.lead = l.id AND NOT v.hidden AND p.path <> ''/'') n
    WHERE s.total IS DISTINCT FROM n.count ORDER BY l.id', model);
END $$;
INSERT INTO crm.visit SELECT i, 1 + i % 5 FROM generate_series(1, 20) i;
INSERT INTO crm.visit SELECT i, 1 + i % 3, true FROM generate_series(1, 20) i;
INSERT INTO crm.page SELECT i, 1 + i % 25, CASE WHEN i % 7 = 0 THEN '/' ELSE '/x' END FROM generate_series(1, 200) i;
SELECT * FROM differing();
UPDATE crm.page SET path = '/y' WHERE id % 3 = 0;
SELECT * FROM differing();
UPDATE crm.page SET visit = visit + 1 WHERE id % 5 = 0;
SELECT * FROM differing();
DELETE FROM crm.page WHERE id % 11 = 0;
SELECT * FROM differing();
UPDATE crm.visit SET lead = 6 - lead WHERE id < 5;
SELECT * FROM differing();
UPDATE crm.visit SET hidden = NOT hidden WHERE id > 15;
SELECT * FROM differing();
UPDATE crm.visit SET lead = NULL WHERE id = 7;
SELECT * FROM differing();
DELETE FROM crm.visit WHERE id IN (8, 9);
SELECT * FROM differing();
INSERT INTO crm.visit VALUES (8, 1), (21, 2);
SELECT * FROM differing();

-- The way by joins is taken: of two visits that go by one number only the touched lead's is met, and then lead_key itself is asked.
INSERT INTO crm.visit VALUES (10, 5);
SELECT id, stored FROM differing();
SELECT DISTINCT model, source, message FROM leadscore.problem;
DELETE FROM crm.visit WHERE id = 10 AND lead = 5 AND NOT hidden;
UPDATE crm.visit SET lead = 5 WHERE id = 11;
SELECT * FROM differing();
SELECT leadscore.drop_model('m');

-- What is one, and what is none.
CREATE FUNCTION hop(key text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE found text;
BEGIN
  PERFORM leadscore.create_model('h', '{"dimensions": [{"name": "d", "rules": []}]}', 'crm.lead'), leadscore.watch('h', 'crm.visit', 'SELECT visit.lead');
  PERFORM leadscore.add_activity('h', 'crm.page', key, constant_kind => 'page', at => 'at');
  SELECT format('%s of %s by %s WHERE %s', b.hop_key, b.hop_table, b.hop_from, b.hop_condition) INTO found FROM leadscore.binding b WHERE b.model = 'h' AND b.hop_table IS NOT NULL;
  PERFORM leadscore.drop_model('h');
  RETURN coalesce(found, '-');
END $$;
SET client_min_messages = error;
SELECT key, hop(key) FROM unnest(ARRAY[
  'visit',
  '(SELECT v.lead FROM crm.visit v WHERE v.id = page.visit)',
  '(SELECT lead FROM crm.visit WHERE visit.id = page.visit AND (hidden OR path = ''/''))',
  '(SELECT lead FROM ONLY crm.visit WHERE visit.id = page.visit)',
  '(SELECT v.lead::int FROM crm.visit v WHERE v.id = page.visit)',
  '(SELECT v.lead FROM crm.visit v WHERE v.id = page.visit)::int',
  '(SELECT v.lead FROM crm.visit v WHERE v.id = page.visit LIMIT 1)',
  '(SELECT max(v.lead) FROM crm.visit v WHERE v.id = page.visit)',
  '(SELECT v.lead FROM crm.visit v WHERE v.id = page.visit OR v.id = 0)',
  '(SELECT v.lead FROM crm.visit v WHERE v.id = page.visit + 1)',
  '(SELECT v.lead FROM crm.visit v WHERE v.id >= page.visit)',
  '(SELECT v.lead FROM crm.visit v WHERE v.id = v.lead)',
  '(SELECT v.lead FROM crm.visit v, crm.visit w WHERE v.id = page.visit AND w.id = v.id)',
  '(SELECT v.lead FROM crm.visit v WHERE v.id = page.visit AND EXISTS (SELECT FROM crm.visit w WHERE w.id = 1))']) AS key;
RESET client_min_messages;
DROP FUNCTION hop(text);

-- Tables with names as short as an alias.
CREATE TABLE crm.t (id int PRIMARY KEY, "leadscore_hop" int, at timestamptz NOT NULL DEFAULT '2026-01-01');
CREATE TABLE crm.u (id int PRIMARY KEY, l int);
CREATE INDEX ON crm.u (l);
CREATE INDEX ON crm.t (leadscore_hop);
CREATE VIEW crm.s AS SELECT id, 1 / id AS inverse FROM crm.lead;
SELECT leadscore.create_model('t', :'rules', 'crm.s', lead_key => 'id');
SELECT leadscore.watch('t', 'crm.lead', 'SELECT lead.id'), leadscore.watch('t', 'crm.u', 'SELECT u.l');
SELECT leadscore.add_activity('t', 'crm.t', '(SELECT t.l FROM crm.u t WHERE t.id = leadscore_hop)', constant_kind => 'page', at => 'at');
INSERT INTO crm.u SELECT i, i FROM generate_series(1, 5) i;
INSERT INTO crm.t SELECT i, 1 + i % 5 FROM generate_series(1, 20) i;
DELETE FROM crm.t WHERE id = 4;
UPDATE crm.u SET l = 4 WHERE id = 3;
INSERT INTO crm.lead VALUES (0);  -- can't be scored
DELETE FROM crm.t WHERE id = 5;
SELECT id, total FROM t.state ORDER BY id;
SELECT source, key, message FROM leadscore.problem WHERE model = 't';

SET client_min_messages = warning;
SELECT leadscore.drop_model('t');
DROP SCHEMA crm CASCADE;
DROP FUNCTION differing(text);
