-- Leads that share a key: the CRM's statements go on, one row of state stands for them, and leadscore.problem names the key.
SET timezone = 'UTC';
\set VERBOSITY default
CREATE SCHEMA crm;
CREATE TABLE crm.lead (id int, country text);
CREATE TABLE crm.activity (id int PRIMARY KEY, lead int, kind text, at timestamptz DEFAULT '2026-01-01');
CREATE INDEX ON crm.activity (lead);
SELECT $${"dimensions": [{"name": "d", "rules": [
  {"id": "open", "on": "open", "points": 1},
  {"id": "country", "field": "country", "map": {"NL": 1000, "RO": 2000}, "else": 0}]}],
  "tiers": [{"name": "hot", "at": 2000}, {"name": "warm", "at": 1000}, {"name": "cold"}]}$$ AS rules \gset
INSERT INTO crm.lead VALUES (1, 'NL');
SELECT leadscore.create_model('shared', :'rules', lead => 'crm.lead', lead_key => 'id');
SELECT leadscore.add_activity('shared', 'crm.activity', 'lead', 'kind', at => 'at');
SELECT part, ok, detail FROM leadscore.status('shared') WHERE part LIKE 'lead%';

-- What is stored against the raw tables: of the leads that share a key the one that scores highest. Rows: keys that differ, and keys that are there twice.
CREATE VIEW wrong AS
WITH should AS (
  SELECT k.id, (SELECT max(CASE l.country WHEN 'NL' THEN 1000 WHEN 'RO' THEN 2000 ELSE 0 END) FROM crm.lead l WHERE l.id = k.id)
    + (SELECT count(*) FROM crm.activity a WHERE a.lead = k.id AND a.kind = 'open') AS total
  FROM (SELECT id FROM crm.lead UNION SELECT lead FROM crm.activity) k WHERE k.id IS NOT NULL)
SELECT id, w.total, s.total AS stored FROM should w FULL JOIN shared.state s USING (id) WHERE w.total IS DISTINCT FROM s.total;

-- In one statement, new and known
INSERT INTO crm.lead VALUES (2, 'NL'), (2, 'RO'), (3, 'NL');
SELECT * FROM wrong;
INSERT INTO crm.lead VALUES (1, 'RO'), (1, 'BE'), (4, 'NL'), (4, 'NL');
SELECT * FROM wrong;
INSERT INTO crm.activity VALUES (1, 1, 'open'), (2, 2, 'open'), (3, 2, 'open'), (4, 5, 'open');
SELECT * FROM wrong;
SELECT source, key, message FROM leadscore.problem WHERE model = 'shared' ORDER BY id;
SELECT part, ok, detail FROM leadscore.status('shared') WHERE part LIKE 'lead%';
-- One transition a key and statement
SELECT lead_key, old_tier, new_tier, cause FROM leadscore.transition WHERE model = 'shared' ORDER BY id;
UPDATE crm.lead SET country = 'BE' WHERE country = 'RO';
SELECT * FROM wrong;
UPDATE crm.lead SET id = 6 WHERE id IN (2, 3);
SELECT * FROM wrong;
UPDATE crm.activity SET lead = 6 WHERE id = 2;
DELETE FROM crm.activity WHERE id = 1;
SELECT * FROM wrong;
SELECT id, total FROM shared.score ORDER BY 1, 2;
SELECT leadscore.publish('shared', replace(:'rules', '"open"', '"close"')::leadscore.ruleset, rebuild => 'now');
SELECT leadscore.publish('shared', :'rules');
SELECT * FROM wrong;
SELECT leadscore.publish('shared', :'rules', rebuild => 'later');
CALL leadscore.rescore('shared');
SELECT * FROM wrong;
SELECT leadscore.tick('shared');
-- They go one by one, and all at once.
DELETE FROM crm.lead WHERE id = 4 AND ctid = (SELECT min(ctid) FROM crm.lead WHERE id = 4);
DELETE FROM crm.lead WHERE id = 1;
SELECT * FROM wrong;
DELETE FROM crm.lead WHERE id = 6;
SELECT * FROM wrong;
SELECT lead_key, old_tier, new_tier, cause FROM leadscore.transition WHERE model = 'shared' AND lead_key IN ('1', '6') ORDER BY id;
TRUNCATE crm.lead;
SELECT * FROM wrong;
SELECT key, count(*) FROM leadscore.problem WHERE model = 'shared' GROUP BY key ORDER BY key;
SELECT part, ok, detail FROM leadscore.status('shared') WHERE part LIKE 'lead%';
CREATE UNIQUE INDEX ON crm.lead (id);
SELECT part, ok, detail FROM leadscore.status('shared') WHERE part LIKE 'lead%';
INSERT INTO crm.lead VALUES (1, 'NL'), (2, 'RO');
SELECT * FROM wrong;

-- A child that repeats its parent's key
CREATE TABLE crm.partner () INHERITS (crm.lead);
INSERT INTO crm.partner VALUES (1, 'RO'), (7, 'RO'), (7, 'NL');
SELECT * FROM wrong;
INSERT INTO crm.activity VALUES (5, 1, 'open'), (6, 7, 'open');
SELECT * FROM wrong;
UPDATE crm.lead SET country = 'NL';
SELECT * FROM wrong;
SELECT key, count(*) FROM leadscore.problem WHERE model = 'shared' GROUP BY key ORDER BY key;
SELECT leadscore.create_model('other', :'rules', lead => 'crm.lead', lead_key => 'id');
ALTER TABLE crm.partner NO INHERIT crm.lead;
SELECT * FROM wrong;
DROP TABLE crm.partner;
DROP VIEW wrong;
SELECT leadscore.drop_model('shared');

-- A key that is doubled until the transaction ends
DROP TABLE crm.lead;
CREATE TABLE crm.lead (id int UNIQUE DEFERRABLE INITIALLY DEFERRED, country text);
SELECT leadscore.create_model('shared', :'rules', lead => 'crm.lead', lead_key => 'id');
BEGIN;
INSERT INTO crm.lead VALUES (1, 'NL'), (1, 'RO');
SELECT id, total FROM shared.state;
UPDATE crm.lead SET id = 2 WHERE country = 'NL';
COMMIT;
SELECT id, total FROM shared.state ORDER BY id;
SELECT key, message FROM leadscore.problem WHERE model = 'shared';

-- A view that has a lead twice
CREATE TABLE crm.person (id int, lead int);
CREATE VIEW crm.both AS SELECT l.id, l.country FROM crm.lead l LEFT JOIN crm.person p ON p.lead = l.id;
SELECT leadscore.create_model('viewed', :'rules', lead => 'crm.both', lead_key => 'id');
SELECT leadscore.watch('viewed', 'crm.person', 'SELECT person.lead');
INSERT INTO crm.person VALUES (1, 1), (2, 1);
SELECT id, total FROM viewed.state ORDER BY id;
SELECT key, message FROM leadscore.problem WHERE model = 'viewed';
SELECT part, ok, detail FROM leadscore.status('viewed') WHERE part LIKE 'lead%';

SELECT leadscore.drop_model('viewed');
SELECT leadscore.drop_model('shared');
DROP SCHEMA crm CASCADE;
