-- Columns that nothing reads may change without a word: no state is written, nothing is locked. All others count.
SET timezone = 'UTC';
SET client_min_messages = error;
CREATE SCHEMA crm;
CREATE TABLE crm.company (id int PRIMARY KEY, dropped int, employees int, phone text, notes text);
ALTER TABLE crm.company DROP COLUMN dropped;
ALTER TABLE crm.company ALTER COLUMN notes SET STORAGE EXTERNAL;
CREATE TABLE crm.person (id int PRIMARY KEY, company int, email text, seen_at timestamptz, profile jsonb, deleted boolean NOT NULL DEFAULT false);
CREATE TABLE crm.chat (id int PRIMARY KEY, person int, title text, status int) PARTITION BY RANGE (id);
CREATE TABLE crm.chat_1 PARTITION OF crm.chat FOR VALUES FROM (0) TO (100);
CREATE TABLE crm.chat_2 (status int, unused text, title text, person int, id int NOT NULL);
ALTER TABLE crm.chat_2 DROP COLUMN unused;
ALTER TABLE crm.chat ATTACH PARTITION crm.chat_2 FOR VALUES FROM (100) TO (200);
CREATE INDEX ON crm.chat (person);
CREATE TABLE crm.message (id int PRIMARY KEY, chat int, body text, at timestamptz, status int);
CREATE INDEX ON crm.message (chat);
INSERT INTO crm.company SELECT i, 10 * i, i, repeat(i::text, 5000) FROM generate_series(1, 3) i;
INSERT INTO crm.person (id, company, email, profile) SELECT i, i % 3 + 1, i || '@acme.com', '{"seats": 1}' FROM generate_series(1, 6) i;
INSERT INTO crm.chat SELECT i, i % 6 + 1, 'chat', 0 FROM generate_series(1, 130) i WHERE i <= 6 OR i >= 120;
INSERT INTO crm.message SELECT row_number() OVER (), id, 'hello', '2020-01-01' FROM crm.chat;
SELECT $${"dimensions": [
  {"name": "fit", "rules": [{"id": "seats", "when": {"profile.seats": {"gte": 5}}, "points": 7}, {"id": "mail", "when": {"email": {"contains": "acme"}}, "points": 1}]},
  {"name": "engagement", "rules": [{"id": "chat", "on": "chat", "points": 10}, {"id": "price", "on": "message", "where": {"body": {"contains": "price"}}, "points": 100}]}],
  "tiers": [{"name": "hot", "at": 100}, {"name": "cold"}]}$$ AS rules \gset
SELECT leadscore.create_model('m', :'rules', 'crm.person', filter => 'NOT deleted');
SELECT leadscore.watch('m', 'crm.chat', 'SELECT chat.person');
SELECT leadscore.add_activity('m', 'crm.message', '(SELECT c.person FROM crm.chat c WHERE c.id = message.chat)', at => 'at',
  kind => '(SELECT CASE c.title WHEN ''chat'' THEN ''chat'' ELSE ''message'' END FROM crm.chat c WHERE c.id = message.chat)');

-- What the last statements have written: the leads whose row of state is another one than at the call before.
CREATE TABLE before (model text, id int, place text, PRIMARY KEY (model, id));
CREATE FUNCTION written(model text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE found text;
BEGIN
  EXECUTE format('SELECT string_agg(s.id::text, '' '' ORDER BY s.id) FROM %I.state s LEFT JOIN before b ON b.model = $1 AND b.id = s.id WHERE b.place IS DISTINCT FROM s.ctid || '' '' || s.xmin', model)
    INTO found USING model;
  DELETE FROM before b WHERE b.model = written.model;
  EXECUTE format('INSERT INTO before SELECT $1, s.id, s.ctid || '' '' || s.xmin FROM %I.state s', model) USING model;
  RETURN coalesce(found, '-');
END $$;
SELECT written('m');

-- A table of leads: its key, the filter, and what rules read.
UPDATE crm.person SET seen_at = now();
SELECT written('m') AS seen_at;
UPDATE crm.person SET company = company, email = email;
SELECT written('m') AS nothing;
UPDATE crm.person SET profile = jsonb_set(profile, '{seats}', to_jsonb(id)) WHERE id > 1;
SELECT written('m') AS profile;
UPDATE crm.person SET profile = '{"seats": 6}', seen_at = now();
SELECT written('m') AS profile_of_some;
UPDATE crm.person SET deleted = id = 2 WHERE id < 4;
SELECT written('m') AS filter;
UPDATE crm.person SET id = 7 WHERE id = 6;
SELECT written('m') AS key;
UPDATE crm.person SET email = NULL WHERE id = 7;
SELECT written('m') AS rule;

-- Activities that look up others.
UPDATE crm.message SET status = 1;
SELECT written('m') AS status;
UPDATE crm.message SET body = 'price' WHERE chat = 1;
SELECT written('m') AS body;
UPDATE crm.message SET body = 'price', status = 2 WHERE chat < 4;
SELECT written('m') AS body_of_some;
UPDATE crm.message SET chat = 7 - chat WHERE chat < 7;
SELECT written('m') AS key;

-- A watched table, with partitions whose columns stand in another order.
UPDATE crm.chat SET status = 2;
SELECT written('m') AS status;
UPDATE crm.chat SET title = 'price' WHERE id IN (1, 120);
SELECT written('m') AS title;
UPDATE crm.chat_2 SET status = 3, person = CASE id WHEN 121 THEN 4 ELSE person END;
SELECT written('m') AS person;
UPDATE crm.chat SET id = CASE id WHEN 1 THEN 131 WHEN 131 THEN 1 ELSE id END, status = 4;
SELECT written('m') AS moved;
BEGIN;
UPDATE crm.chat SET status = 5;
SELECT count(*) AS locks FROM pg_locks WHERE classid = 'pg_class'::regclass AND objid = 'm.state'::regclass AND objsubid = 1;
UPDATE crm.chat SET title = 'x' WHERE id = 2;
SELECT count(*) AS locks FROM pg_locks WHERE classid = 'pg_class'::regclass AND objid = 'm.state'::regclass AND objsubid = 1;
ROLLBACK;
SELECT written('m') AS rolled_back;

-- A lead's view, with another below: another definition counts from then on. (What it changes at once is for leadscore.rebind.)
SELECT $${"dimensions": [{"name": "fit", "rules": [{"id": "big", "when": {"size": {"gte": 25}}, "points": 7}]}]}$$ AS fit \gset
CREATE VIEW crm.firm AS SELECT id, employees AS size FROM crm.company;
CREATE VIEW crm.lead AS SELECT p.id, f.size FROM crm.person p JOIN crm.firm f ON f.id = p.company;
SELECT leadscore.create_model('v', :'fit', 'crm.lead', lead_key => 'id');
SELECT leadscore.watch('v', 'crm.company', 'SELECT p.id FROM crm.person p WHERE p.company = company.id');
SELECT leadscore.watch('v', 'crm.person', 'SELECT person.id');
SELECT written('v');
UPDATE crm.company SET phone = '2', notes = notes || '.';
SELECT written('v') AS phone;
UPDATE crm.person SET profile = '{}', seen_at = now();
SELECT written('v') AS profile;
UPDATE crm.company SET employees = 20 WHERE id = 1;
SELECT written('v') AS employees;
UPDATE crm.person SET company = 3 WHERE id = 4;
SELECT written('v') AS company;
CREATE OR REPLACE VIEW crm.firm AS SELECT id, length(notes) / 1000 AS size FROM crm.company;
UPDATE crm.company SET employees = 22, phone = '';
SELECT written('v') AS employees;
UPDATE crm.company SET notes = repeat('n', 30000), phone = '3' WHERE id = 1;
SELECT written('v') AS notes;
UPDATE crm.company SET notes = notes, phone = '4';
SELECT written('v') AS same_notes;
UPDATE crm.company SET notes = left(notes, -1) || CASE id WHEN 2 THEN '!' ELSE right(notes, 1) END;
SELECT written('v') AS other_notes;
UPDATE crm.company SET notes = notes || '.';
SELECT s.id FROM v.state s JOIN v.score n USING (id) WHERE s.total IS DISTINCT FROM n.total;

-- What can't be seen may read anything: functions that are not immutable, policies, places of rows.
CREATE FUNCTION crm.size_of(company int) RETURNS int STABLE LANGUAGE sql AS 'SELECT c.phone::int FROM crm.company c WHERE c.id = $1';
CREATE OR REPLACE VIEW crm.firm AS SELECT id, crm.size_of(id) AS size FROM crm.company;
UPDATE crm.company SET phone = '50' WHERE id = 1;
SELECT written('v') AS by_function;
UPDATE crm.company SET phone = '50' WHERE id = 1;
SELECT written('v') AS nothing;
CREATE OR REPLACE VIEW crm.firm AS SELECT id, xmin::text::int AS size FROM crm.company;
UPDATE crm.company SET phone = '50' WHERE id = 1;
SELECT written('v') AS by_system_column;

-- A column that is no longer there (where event triggers are off, nobody keeps it from going): nothing is skipped.
ALTER EVENT TRIGGER leadscore_after_ddl DISABLE;
CREATE OR REPLACE VIEW crm.firm AS SELECT id, employees AS size FROM crm.company;
ALTER TABLE crm.chat RENAME COLUMN title TO subject;
SELECT written('m') IS NOT NULL AS until_now;
UPDATE crm.chat SET status = 6 WHERE id = 2;
SELECT written('m') AS broken;
ALTER TABLE crm.chat RENAME COLUMN subject TO title;
ALTER EVENT TRIGGER leadscore_after_ddl ENABLE;
UPDATE crm.chat SET status = 7 WHERE id = 2;
SELECT written('m') AS status;

-- While states wait to be rebuilt, whatever is written is rebuilt.
SELECT leadscore.publish('m', replace(:'rules', '"chat", "points": 10', '"chat", "points": 10, "half_life": "30 days"')::leadscore.ruleset, rebuild => 'later');
SELECT written('m') IS NOT NULL AS published;
UPDATE crm.person SET seen_at = '2026-02-01' WHERE id = 1;
UPDATE crm.message SET status = 3 WHERE chat = 2;
SELECT written('m') AS rebuilt;
CALL leadscore.rescore('m');
SELECT written('m') IS NOT NULL AS rescored;
UPDATE crm.person SET seen_at = '2026-02-02' WHERE id = 1;
SELECT written('m') AS seen_at;

-- Where rows may still be of an earlier version, what that one reads counts, too.
SELECT leadscore.publish('m', replace(replace(:'rules', '"chat", "points": 10', '"chat", "points": 10, "half_life": "30 days"'), ', {"id": "mail", "when": {"email": {"contains": "acme"}}, "points": 1}', '')::leadscore.ruleset, rebuild => 'later');
SELECT written('m') IS NOT NULL AS published;
UPDATE crm.person SET seen_at = '2026-02-03' WHERE id = 1;
SELECT written('m') AS seen_at;
UPDATE crm.person SET email = 'x@example.org' WHERE id = 1;
SELECT written('m') AS email;
CALL leadscore.rescore('m');

-- Nor did any of it go wrong.
SELECT s.id FROM m.state s JOIN m.score n USING (id) WHERE abs(s.total - n.total) > 1e-6;
SELECT count(*) FROM m.score WHERE total > 100;

-- Rows of an update that matter go through files where they are many, of which none may stay open: that would be a warning.
CREATE TABLE crm.many (id int PRIMARY KEY, size int);
INSERT INTO crm.many SELECT i, i % 50 FROM generate_series(1, 3000) i;
SELECT leadscore.create_model('many', '{"dimensions": [{"name": "d", "rules": [{"id": "size", "when": {"size": {"gte": 10}}, "points": 20}]}]}', 'crm.many');
SET client_min_messages = warning;
SET work_mem = '64kB';
UPDATE crm.many SET size = 60 - size;
RESET work_mem;
SELECT count(*) AS wrong FROM many.state s JOIN crm.many m USING (id) WHERE s.total <> CASE WHEN m.size >= 10 THEN 20 ELSE 0 END;
SELECT leadscore.drop_model('many');

SET client_min_messages = warning;
SELECT leadscore.drop_model('m'), leadscore.drop_model('v');
DROP SCHEMA crm CASCADE;
DROP TABLE before;
DROP FUNCTION written(text);
