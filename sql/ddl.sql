-- What changes to tables mean for the models that follow them. After each, every lead is as the raw tables say.
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE SCHEMA crm;
SELECT $${"dimensions": [
  {"name": "fit", "rules": [{"id": "boss", "when": {"title": "boss"}, "points": 5}]},
  {"name": "interest", "rules": [
    {"id": "open", "on": "open", "points": 1},
    {"id": "view", "on": "view", "cases": [{"where": {"url": {"starts_with": "/pricing"}}, "points": 100}, {"points": 10}]},
    {"id": "mail", "on": "mail", "points": 1000}]}],
  "tiers": [{"name": "hot", "at": 50}, {"name": "cold"}]}$$ AS rules \gset

CREATE TABLE crm.contact (id int PRIMARY KEY, title text, company int, note text);
INSERT INTO crm.contact SELECT i, CASE WHEN i % 3 = 0 THEN 'boss' END, i % 4, 'x' FROM generate_series(1, 9) i;
CREATE TABLE crm.activity (gone int, contact_id int, kind text, occurred_at timestamptz, url text, spare int) PARTITION BY RANGE (occurred_at);
ALTER TABLE crm.activity DROP COLUMN gone;
CREATE TABLE crm.activity_1 PARTITION OF crm.activity FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE INDEX ON crm.activity (contact_id);
INSERT INTO crm.activity SELECT 1 + i % 10, (ARRAY['open', 'view'])[1 + i % 2], '2024-01-10', '/pricing' FROM generate_series(1, 20) i;
CREATE TABLE crm.mail (contact_id int, at timestamptz, url text);
CREATE INDEX ON crm.mail (contact_id);

SELECT leadscore.create_model('b2b', :'rules', lead => 'crm.contact');
SELECT leadscore.add_activity('b2b', 'crm.activity', lead_key => 'contact_id', kind => 'kind', at => 'occurred_at');
SELECT leadscore.add_activity('b2b', 'crm.mail', lead_key => 'contact_id', constant_kind => 'mail', at => 'at');

-- The check: what is shown and what is stored, against the activities themselves.
CREATE VIEW crm.everything AS SELECT contact_id, kind, occurred_at, url FROM crm.activity UNION ALL SELECT contact_id, 'mail', at, url FROM crm.mail;
CREATE TABLE crm.scoring AS SELECT :'rules'::leadscore.ruleset AS rules;
CREATE FUNCTION wrong(OUT leads int, OUT sum_of_totals float8, OUT wrong int) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'SELECT count(*), sum(x.total), count(*) FILTER (WHERE s.total IS DISTINCT FROM x.total OR t.total IS DISTINCT FROM x.total OR t.tier IS DISTINCT FROM x.tier)
    FROM crm.contact c LEFT JOIN (SELECT contact_id, leadscore.engage(rules, kind, occurred_at, a) AS e FROM crm.everything a, crm.scoring GROUP BY 1) a ON a.contact_id = c.id
    CROSS JOIN crm.scoring CROSS JOIN LATERAL leadscore.score(rules, c, a.e) x
    LEFT JOIN b2b.score s ON s.id = c.id LEFT JOIN b2b.state t ON t.id = c.id' INTO leads, sum_of_totals, wrong;
END $$;
CREATE VIEW crm.triggers AS
  SELECT tgrelid::regclass AS relation, string_agg(regexp_replace(tgname, '.*_', ''), ' ' ORDER BY tgname) AS events
  FROM pg_trigger WHERE tgfoid = 'leadscore.on_change()'::regprocedure AND NOT tgisinternal GROUP BY tgrelid ORDER BY tgrelid::regclass::text COLLATE "C";
SELECT * FROM wrong();
SET client_min_messages = notice;

-- A new partition has triggers: rows come by the parent, straight in, and by COPY.
CREATE TABLE crm.activity_2 PARTITION OF crm.activity FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
INSERT INTO crm.activity VALUES (1, 'view', '2024-02-02', '/pricing');
INSERT INTO crm.activity_2 VALUES (2, 'view', '2024-02-02', '/pricing/now');
COPY crm.activity_2 FROM stdin;
3	view	2024-02-03	/blog	\N
4	view	2024-02-03	/pricing	\N
\.
SELECT * FROM wrong();

-- A table with its columns in another order, and partitions of its own, comes with rows.
CREATE TABLE crm.activity_3 (url text, x int, spare int, occurred_at timestamptz, kind text, contact_id int) PARTITION BY LIST (kind);
ALTER TABLE crm.activity_3 DROP COLUMN x;
CREATE TABLE crm.activity_3_view (kind text, contact_id int, y text, url text, occurred_at timestamptz, spare int);
ALTER TABLE crm.activity_3_view DROP COLUMN y;
INSERT INTO crm.activity_3_view SELECT 'view', i, '/pricing', '2024-03-03' FROM generate_series(1, 12) i;
ALTER TABLE crm.activity_3 ATTACH PARTITION crm.activity_3_view FOR VALUES IN ('view');
CREATE TABLE crm.activity_3_rest PARTITION OF crm.activity_3 DEFAULT;
ALTER TABLE crm.activity ATTACH PARTITION crm.activity_3 FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
SELECT * FROM wrong();
SELECT * FROM crm.triggers;
INSERT INTO crm.activity_3_view (kind, contact_id, url, occurred_at) VALUES ('view', 5, '/pricing', '2024-03-04'), ('view', 6, '/blog', '2024-03-04');
SELECT * FROM wrong();
INSERT INTO crm.activity_3 (kind, contact_id, url, occurred_at) VALUES ('view', 5, '/pricing', '2024-03-04'), ('open', 6, '/pricing', '2024-03-04');
SELECT * FROM wrong();
UPDATE crm.activity_3_view SET url = '/blog', contact_id = contact_id + 1 WHERE contact_id < 4;
UPDATE crm.activity SET occurred_at = '2024-02-05' WHERE contact_id = 7;
DELETE FROM crm.activity_3_view WHERE contact_id = 8;
SELECT * FROM wrong();
COPY crm.activity_3_view (kind, contact_id, url, occurred_at) FROM stdin;
view	9	/pricing	2024-03-05
\.
SELECT * FROM wrong();
-- Deeper down
CREATE TABLE crm.activity_3_open (LIKE crm.activity_3);
INSERT INTO crm.activity_3_open VALUES ('/x', NULL, '2024-03-06', 'click', 1);
ALTER TABLE crm.activity_3 DETACH PARTITION crm.activity_3_rest;
SELECT * FROM wrong();
SELECT * FROM crm.triggers WHERE relation = 'crm.activity_3_rest'::regclass;
INSERT INTO crm.activity_3_rest (kind, contact_id, url, occurred_at) VALUES ('open', 6, '/pricing', '2024-03-04');
ALTER TABLE crm.activity_3 ATTACH PARTITION crm.activity_3_rest DEFAULT;
SELECT * FROM wrong();

-- TRUNCATE of a partition and of all
BEGIN;
TRUNCATE crm.activity_2;
SELECT * FROM wrong();
TRUNCATE crm.activity;
SELECT * FROM wrong();
ROLLBACK;
SELECT * FROM wrong();

-- Detached, by itself and with partitions of its own
ALTER TABLE crm.activity DETACH PARTITION crm.activity_2 CONCURRENTLY;
SELECT * FROM wrong();
INSERT INTO crm.activity_2 VALUES (1, 'view', '2024-02-02', '/pricing');
ALTER TABLE crm.activity DETACH PARTITION crm.activity_3;
SELECT * FROM wrong();
SELECT * FROM crm.triggers;
ALTER TABLE crm.activity ATTACH PARTITION crm.activity_3 FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
ALTER TABLE crm.activity ATTACH PARTITION crm.activity_2 FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
SELECT * FROM wrong();

-- Dropped
BEGIN;
DROP TABLE crm.activity_2, crm.activity_3_rest;
SELECT * FROM wrong();
DROP TABLE crm.activity_3;
SELECT * FROM wrong();
ROLLBACK;
CREATE SCHEMA old;
ALTER TABLE crm.activity_2 SET SCHEMA old;
DROP SCHEMA old CASCADE;
SELECT * FROM wrong();
-- A drop that fails leaves nothing behind.
BEGIN;
CREATE VIEW crm.march AS SELECT FROM crm.activity_3;
SAVEPOINT a;
DROP TABLE crm.activity_3;
ROLLBACK TO a;
INSERT INTO crm.activity_3 (kind, contact_id, url, occurred_at) VALUES ('view', 1, '/pricing', '2024-03-04');
SET LOCAL client_min_messages = warning;
DROP TABLE crm.activity_3 CASCADE;
SELECT * FROM wrong();
ROLLBACK;
SELECT * FROM wrong();

-- Inheritance: children can have more columns.
CREATE TABLE crm.mail_old (extra text, at timestamptz, url text, contact_id int);
INSERT INTO crm.mail_old VALUES ('x', '2023-01-01', 'hello', 1), ('x', '2023-01-01', 'hello', 2);
ALTER TABLE crm.mail_old INHERIT crm.mail;
SELECT * FROM wrong();
CREATE TABLE crm.mail_new (more text) INHERITS (crm.mail);
INSERT INTO crm.mail_new VALUES (3, '2024-01-01', 'hello', 'more');
INSERT INTO crm.mail_old VALUES ('x', '2023-01-01', 'hello', 3);
SELECT * FROM wrong();
UPDATE crm.mail SET contact_id = 4 WHERE contact_id = 3;
DELETE FROM crm.mail_old WHERE contact_id = 1;
SELECT * FROM wrong();
ALTER TABLE crm.mail_old NO INHERIT crm.mail;
SELECT * FROM wrong();
SELECT * FROM crm.triggers;
DROP TABLE crm.mail_old, crm.mail_new;
SELECT * FROM wrong();
-- Leads, too
CREATE TABLE crm.partner (since date) INHERITS (crm.contact);
INSERT INTO crm.partner VALUES (50, 'boss', 1, 'x', '2024-01-01');
INSERT INTO crm.activity (contact_id, kind, occurred_at, url) VALUES (50, 'view', '2024-01-02', '/pricing'), (1, 'open', '2024-01-02', '/x');
UPDATE crm.contact SET title = 'boss' WHERE id IN (1, 50);
SELECT * FROM wrong();
DROP TABLE crm.partner;
SELECT * FROM wrong();

-- A key that wants the row to be of its table's own type finds it through the parent.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE TABLE crm.call (contact_id int, at timestamptz, url text) PARTITION BY RANGE (at);
CREATE FUNCTION crm.caller(crm.call) RETURNS int LANGUAGE sql IMMUTABLE RETURN ($1).contact_id;
SELECT leadscore.add_activity('b2b', 'crm.call', lead_key => 'crm.caller(call)', constant_kind => 'open', at => 'at');
CREATE TABLE crm.call_1 (contact_id int, at timestamptz, url text);
INSERT INTO crm.call_1 VALUES (1, '2024-01-01'), (2, '2024-01-01');
SELECT sum(total) FROM b2b.state;
ALTER TABLE crm.call ATTACH PARTITION crm.call_1 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
SELECT sum(total) FROM b2b.state;
ALTER TABLE crm.call DETACH PARTITION crm.call_1;
SELECT sum(total) FROM b2b.state;
ROLLBACK;

-- Columns that nobody reads go, and come; those that somebody reads stay.
ALTER TABLE crm.activity DROP COLUMN spare;
ALTER TABLE crm.activity ADD COLUMN spare2 int DEFAULT 4;
ALTER TABLE crm.contact DROP COLUMN note;
INSERT INTO crm.activity (contact_id, kind, occurred_at, url) VALUES (5, 'view', '2024-01-02', '/pricing');
SELECT * FROM wrong();
\set VERBOSITY default
ALTER TABLE crm.mail DROP COLUMN at CASCADE;
ALTER TABLE crm.mail RENAME COLUMN at TO happened_at;
ALTER TABLE crm.activity RENAME COLUMN url TO link;
ALTER TABLE crm.contact RENAME COLUMN title TO job;
ALTER TABLE crm.contact ALTER COLUMN title TYPE int USING 1;
DROP VIEW crm.everything;
ALTER TABLE crm.mail ALTER COLUMN at TYPE int USING 1;
ALTER TABLE crm.mail ALTER COLUMN contact_id TYPE text USING (contact_id + 1)::text;
ALTER TABLE crm.activity ALTER COLUMN contact_id TYPE bigint USING 10 - contact_id;
CREATE VIEW crm.everything AS SELECT contact_id, kind, occurred_at, url FROM crm.activity UNION ALL SELECT contact_id::bigint, 'mail', at, url FROM crm.mail;
INSERT INTO crm.mail VALUES ('1', '2024-01-01', 'hello'), ('2', '2024-01-01', 'hello');
DELETE FROM crm.mail WHERE contact_id = '2';
SELECT * FROM wrong();

-- Names
ALTER TABLE crm.activity RENAME TO "Event";
ALTER TABLE crm.mail RENAME TO message;
ALTER TABLE crm.contact RENAME TO person;
INSERT INTO crm."Event" (contact_id, kind, occurred_at, url) VALUES (1, 'view', '2024-01-02', '/pricing');
INSERT INTO crm.activity_3_view (kind, contact_id, url, occurred_at) VALUES ('view', 2, '/pricing', '2024-03-04');
DELETE FROM crm.message WHERE contact_id = '1';
UPDATE crm.person SET title = 'boss' WHERE id = 2;
CREATE SCHEMA later;
ALTER TABLE crm.message SET SCHEMA later;
INSERT INTO later.message VALUES ('7', '2024-01-01', 'hello');
ALTER TABLE later.message SET SCHEMA crm;
ALTER SCHEMA crm RENAME TO sales;
INSERT INTO sales."Event" (contact_id, kind, occurred_at, url) VALUES (1, 'view', '2024-01-02', '/pricing');
DELETE FROM sales."Event" WHERE contact_id = 3;
ALTER SCHEMA sales RENAME TO crm;
ALTER TABLE crm.person RENAME TO contact;
SELECT * FROM wrong();
ALTER TABLE crm."Event" RENAME TO activity;
ALTER TABLE crm.message RENAME TO mail;
SELECT * FROM wrong();
ALTER SCHEMA b2b RENAME TO b2c;
ALTER TABLE b2b.state RENAME TO states;
ALTER TABLE b2b.state SET SCHEMA crm;

-- A table that is followed goes only with CASCADE.
DROP TABLE crm.mail;
DROP VIEW crm.everything;
DROP TABLE crm.mail;
DROP TABLE crm.activity, crm.mail;
DROP TABLE crm.contact;
CREATE TABLE crm.above (contact_id text, at timestamptz, url text);
ALTER TABLE crm.mail INHERIT crm.above;
DROP TABLE crm.above;
BEGIN;
DROP TABLE crm.mail CASCADE;
CREATE VIEW crm.everything AS SELECT contact_id, kind, occurred_at, url FROM crm.activity;
SELECT * FROM wrong();
SELECT part, ok, detail FROM leadscore.status('b2b');
ROLLBACK;

-- The lead relation goes: others can still write, and rebind finds what has its name then.
BEGIN;
SET LOCAL client_min_messages = warning;
DROP TABLE crm.contact CASCADE;
INSERT INTO crm.activity (contact_id, kind, occurred_at, url) VALUES (1, 'view', '2024-01-02', '/pricing');
DELETE FROM crm.mail;
SELECT part, ok, detail FROM leadscore.status('b2b');
SAVEPOINT a;
SELECT leadscore.rebind('b2b');
ROLLBACK TO a;
SELECT leadscore.add_activity('b2b', 'crm.activity', lead_key => 'contact_id', kind => 'kind', at => 'occurred_at');
ROLLBACK TO a;
CREATE TABLE crm.contact (title text, id bigint PRIMARY KEY);
INSERT INTO crm.contact SELECT 'boss', i FROM generate_series(1, 5) i;
SELECT leadscore.rebind('b2b');
CREATE VIEW crm.everything AS SELECT contact_id, kind, occurred_at, url FROM crm.activity UNION ALL SELECT contact_id::bigint, 'mail', at, url FROM crm.mail;
SELECT * FROM wrong();
INSERT INTO crm.contact VALUES (NULL, 6);
SELECT * FROM wrong();
SELECT part, ok, detail FROM leadscore.status('b2b') WHERE NOT ok;
ROLLBACK;
-- In pieces, even so
BEGIN;
SET LOCAL client_min_messages = warning;
DROP TABLE crm.contact CASCADE;
SELECT leadscore.remove_activity('b2b', 'crm.mail');
SELECT leadscore.drop_model('b2b');
SELECT * FROM crm.triggers;
ROLLBACK;

-- dbt replaces a view by renaming.
SET client_min_messages = warning;
CREATE VIEW crm.person AS SELECT c.id AS person_id, c.title FROM crm.contact c;
SELECT leadscore.create_model('dbt', :'rules', lead => 'crm.person', lead_key => 'person_id');
SELECT leadscore.watch('dbt', 'crm.contact', 'SELECT contact.id');
SELECT leadscore.add_activity('dbt', 'crm.activity', lead_key => 'contact_id', kind => 'kind', at => 'occurred_at');
CREATE ROLE regress_bi;
GRANT SELECT ON dbt.tiers TO regress_bi;
SET client_min_messages = notice;
CREATE VIEW crm.person__tmp AS SELECT c.title, c.id AS person_id, c.company FROM crm.contact c WHERE c.id < 5;
ALTER VIEW crm.person RENAME TO person__backup;
ALTER VIEW crm.person__tmp RENAME TO person;
SELECT part, ok, detail FROM leadscore.status('dbt') WHERE NOT ok;
DROP VIEW crm.person__backup CASCADE;
SELECT part, ok, detail FROM leadscore.status('dbt') WHERE NOT ok;
INSERT INTO crm.activity (contact_id, kind, occurred_at, url) VALUES (2, 'view', '2024-01-02', '/pricing');
SELECT leadscore.rebind('dbt');
SELECT part, ok, detail FROM leadscore.status('dbt');
SELECT person_id, total, tier FROM dbt.score ORDER BY 1;
UPDATE crm.contact SET title = 'boss' WHERE id = 1;
SELECT s.person_id, s.total = t.total AS same FROM dbt.score s JOIN dbt.state t USING (person_id) ORDER BY 1;
-- A table, too, and the views that are there stay.
GRANT SELECT ON ALL TABLES IN SCHEMA dbt TO regress_bi;
CREATE TABLE crm.activity_new (LIKE crm.activity);
INSERT INTO crm.activity_new (contact_id, kind, occurred_at, url) VALUES (1, 'view', '2024-01-02', '/pricing');
BEGIN;
ALTER TABLE crm.activity RENAME TO activity_backup;
ALTER TABLE crm.activity_new RENAME TO activity;
SELECT part, ok, detail FROM leadscore.status('dbt') WHERE NOT ok;
SELECT leadscore.rebind('dbt');
SELECT table_name FROM information_schema.table_privileges WHERE table_schema = 'dbt' AND grantee = 'regress_bi' ORDER BY table_name;
SELECT leadscore.rebind('b2b');
DROP TABLE crm.activity_backup;
INSERT INTO crm.activity (contact_id, kind, occurred_at, url) VALUES (3, 'view', '2024-01-02', '/pricing');
SELECT person_id, total, tier FROM dbt.score ORDER BY 1;
SELECT s.person_id, s.total = t.total AS same FROM dbt.score s JOIN dbt.state t USING (person_id) ORDER BY 1;
ROLLBACK;
BEGIN;
ALTER TABLE crm.activity RENAME TO activity_backup;
ALTER TABLE crm.activity_new RENAME TO activity;
DROP TABLE crm.activity_backup CASCADE;
UPDATE crm.contact SET title = 'boss' WHERE id = 1;
SELECT leadscore.rebind('dbt');
SELECT person_id, total, tier FROM dbt.score ORDER BY 1;
ROLLBACK;
SELECT leadscore.rebind('none');

-- Triggers that somebody has taken off or switched off
ALTER TABLE crm.activity DISABLE TRIGGER ALL;
DO $$ BEGIN EXECUTE (SELECT format('DROP TRIGGER %I ON crm.activity_1', tgname) FROM pg_trigger WHERE tgrelid = 'crm.activity_1'::regclass AND tgname LIKE '%_insert' ORDER BY tgname LIMIT 1); END $$;
INSERT INTO crm.activity_1 (contact_id, kind, occurred_at, url) VALUES (1, 'view', '2024-01-02', '/pricing');
SELECT model, part, ok, regexp_replace(detail, '\d{10}_\d{10}', 'N', 'g') FROM leadscore.status() WHERE NOT ok;
SELECT leadscore.rebind('b2b');
SELECT * FROM leadscore.status() WHERE model = 'b2b' AND NOT ok;
DROP VIEW IF EXISTS crm.everything;
CREATE VIEW crm.everything AS SELECT contact_id, kind, occurred_at, url FROM crm.activity UNION ALL SELECT contact_id::bigint, 'mail', at, url FROM crm.mail;
SELECT * FROM wrong();

-- A watched table, and what expressions need besides
CREATE SCHEMA side;
CREATE TABLE side.alias (visitor text PRIMARY KEY, contact_id int);
CREATE TABLE side.visit (visitor text, at timestamptz, url text);
CREATE FUNCTION side.clean(text) RETURNS text IMMUTABLE LANGUAGE sql RETURN lower($1);
SET client_min_messages = warning;
SELECT leadscore.watch('b2b', 'side.alias', 'SELECT alias.contact_id');
SELECT leadscore.add_activity('b2b', 'side.visit', lead_key => '(SELECT a.contact_id FROM side.alias a WHERE a.visitor = side.clean(visit.visitor))', constant_kind => 'view', at => 'at');
SET client_min_messages = notice;
INSERT INTO side.visit VALUES ('A', '2024-01-01', '/pricing');
INSERT INTO side.alias VALUES ('a', 1);
DROP TABLE crm.scoring CASCADE;
CREATE TABLE crm.scoring AS SELECT :'rules'::leadscore.ruleset AS rules;
CREATE OR REPLACE VIEW crm.everything AS SELECT contact_id, kind, occurred_at, url FROM crm.activity UNION ALL SELECT contact_id::bigint, 'mail', at, url FROM crm.mail
  UNION ALL SELECT contact_id, 'view', at, url FROM side.visit v JOIN side.alias a ON lower(v.visitor) = a.visitor;
SELECT * FROM wrong();
ALTER TABLE side.alias RENAME TO visitor_alias;
ALTER FUNCTION side.clean RENAME TO cleaned;
ALTER SCHEMA side RENAME TO aside;
ALTER TABLE side.alias RENAME COLUMN contact_id TO contact;
DROP FUNCTION side.clean(text);
DROP VIEW crm.everything;
DROP TABLE side.alias;
BEGIN;
DROP FUNCTION side.clean(text) CASCADE;
CREATE VIEW crm.everything AS SELECT contact_id, kind, occurred_at, url FROM crm.activity UNION ALL SELECT contact_id::bigint, 'mail', at, url FROM crm.mail;
SELECT * FROM wrong();
ROLLBACK;
BEGIN;
DROP TABLE side.alias CASCADE;
SELECT part, ok, detail FROM leadscore.status('b2b');
CREATE VIEW crm.everything AS SELECT contact_id, kind, occurred_at, url FROM crm.activity UNION ALL SELECT contact_id::bigint, 'mail', at, url FROM crm.mail;
SELECT * FROM wrong();
INSERT INTO side.visit VALUES ('A', '2024-01-01', '/pricing');
ROLLBACK;
DROP SCHEMA side CASCADE;
CREATE VIEW crm.everything AS SELECT contact_id, kind, occurred_at, url FROM crm.activity UNION ALL SELECT contact_id::bigint, 'mail', at, url FROM crm.mail;
SELECT * FROM wrong();

-- What belongs to a model goes with its schema, and with its table.
CREATE VIEW left_over AS
  SELECT (SELECT count(*) FROM leadscore.model) AS models, (SELECT count(*) FROM leadscore.model_version) AS versions, (SELECT count(*) FROM leadscore.binding) AS bindings,
    (SELECT count(*) FROM leadscore.transition) AS transitions, (SELECT count(*) FROM crm.triggers) AS tables, (SELECT count(*) FROM pg_namespace WHERE nspname IN ('b2b', 'dbt')) AS schemas;
SELECT models, versions, bindings, tables, schemas FROM left_over;
BEGIN;
SET LOCAL client_min_messages = warning;
DROP SCHEMA dbt CASCADE;
SELECT models, versions, bindings, tables, schemas FROM left_over;
RESET client_min_messages;
DROP TABLE b2b.state CASCADE;
SELECT * FROM left_over;
ROLLBACK;
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE TABLE b2b.notes (note text);
DROP TABLE b2b.state CASCADE;
SELECT models, bindings, tables, schemas FROM left_over;
ROLLBACK;
BEGIN;
SET LOCAL client_min_messages = warning;
DROP SCHEMA crm, dbt, b2b CASCADE;
SELECT count(*) FROM leadscore.model;
ROLLBACK;
BEGIN;
SET LOCAL client_min_messages = warning;
DROP SCHEMA crm CASCADE;
SELECT model, part, ok, detail FROM leadscore.status() WHERE NOT ok;
SELECT leadscore.drop_model('dbt');
SELECT leadscore.drop_model('b2b');
SELECT count(*) FROM leadscore.binding;
ROLLBACK;

-- Owners: who owns a partition needs no right on the model, and the owner of the model none on the partition.
CREATE ROLE regress_owner;
CREATE ROLE regress_other;
BEGIN;
SET LOCAL client_min_messages = warning;
GRANT CREATE ON DATABASE :DBNAME TO regress_owner;
GRANT USAGE, CREATE ON SCHEMA crm TO regress_owner, regress_other;
CREATE TABLE crm.lead (id int PRIMARY KEY, title text);
INSERT INTO crm.lead VALUES (1), (2);
CREATE TABLE crm.act (id int, kind text, at timestamptz, url text) PARTITION BY LIST (kind);
GRANT SELECT, TRIGGER ON crm.lead, crm.act TO regress_owner;
ALTER TABLE crm.act OWNER TO regress_other;
SET ROLE regress_owner;
SELECT leadscore.create_model('own', :'rules', 'crm.lead');
SELECT leadscore.add_activity('own', 'crm.act', lead_key => 'id', kind => 'kind', at => 'at');
SET ROLE regress_other;
CREATE TABLE crm.act_open (id int, kind text, at timestamptz, url text);
INSERT INTO crm.act_open VALUES (1, 'open', '2024-01-01');
ALTER TABLE crm.act ATTACH PARTITION crm.act_open FOR VALUES IN ('open');
CREATE TABLE crm.act_rest PARTITION OF crm.act DEFAULT;
INSERT INTO crm.act_rest VALUES (2, 'view', '2024-01-01');
RESET ROLE;
SELECT s.id, s.total, t.total FROM own.score s JOIN own.state t USING (id) ORDER BY 1;
SET ROLE regress_other;
ALTER TABLE crm.act DETACH PARTITION crm.act_open;
DROP TABLE crm.act_rest;
RESET ROLE;
SELECT s.id, s.total, t.total FROM own.score s JOIN own.state t USING (id) ORDER BY 1;
SET ROLE regress_other;
SELECT leadscore.rebind('own');
ROLLBACK;
BEGIN;
SET LOCAL client_min_messages = warning;
GRANT CREATE ON DATABASE :DBNAME TO regress_owner;
GRANT USAGE ON SCHEMA crm TO regress_owner;
GRANT SELECT, TRIGGER ON crm.contact, crm.mail TO regress_owner;
SET ROLE regress_owner;
SELECT leadscore.create_model('own', :'rules', 'crm.contact');
SELECT leadscore.add_activity('own', 'crm.mail', lead_key => 'contact_id', constant_kind => 'mail', at => 'at');
RESET ROLE;
DROP OWNED BY regress_owner;
SELECT model, count(*) FROM leadscore.binding GROUP BY 1 ORDER BY 1;
SELECT events, count(*) FROM crm.triggers WHERE relation IN ('crm.contact'::regclass, 'crm.mail'::regclass) GROUP BY 1 ORDER BY 1;
ROLLBACK;
DROP OWNED BY regress_bi;
DROP ROLE regress_owner, regress_other, regress_bi;

-- The extension goes, and its event triggers with it.
BEGIN;
SET LOCAL client_min_messages = warning;
DROP EXTENSION leadscore CASCADE;
INSERT INTO crm.activity (contact_id, kind, occurred_at, url) VALUES (1, 'view', '2024-01-02', '/pricing');
CREATE TABLE crm.activity_9 PARTITION OF crm.activity DEFAULT;
SELECT evtname FROM pg_event_trigger WHERE evtname LIKE 'leadscore%';
ROLLBACK;
SET client_min_messages = warning;
SELECT leadscore.drop_model('dbt');
SELECT leadscore.drop_model('b2b');
SELECT * FROM left_over;
DROP VIEW left_over;
DROP SCHEMA crm CASCADE;
DROP FUNCTION wrong;
