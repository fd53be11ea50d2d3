-- A row that can't be scored is written all the same, and stands in leadscore.problem.
SET timezone = 'UTC';
SET client_min_messages = error;  -- no index serves a key that some rows don't have
CREATE SCHEMA crm;
CREATE TABLE crm.contact (id int PRIMARY KEY, employees int, divisor int NOT NULL DEFAULT 1, name text);
CREATE VIEW crm.lead AS SELECT c.id, c.employees / c.divisor AS size, c.name FROM crm.contact c;
-- The key is a text, and kind, at and filter divide: 0 makes them fail.
CREATE TABLE crm.activity (id bigint PRIMARY KEY, contact text, kind text, at timestamptz, k int DEFAULT 1, t int DEFAULT 1, f int DEFAULT 1);
SELECT $${"dimensions": [{"name": "d", "rules": [
  {"id": "big", "when": {"size": {"gte": 100}}, "points": 1000},
  {"id": "view", "on": "view", "points": 1},
  {"id": "demo", "on": "demo", "points": 100}]}],
  "tiers": [{"name": "hot", "at": 100}, {"name": "cold"}]}$$ AS rules \gset
INSERT INTO crm.contact SELECT i, 10, 1, 'c' || i FROM generate_series(1, 20) i;
SELECT leadscore.create_model('b2b', :'rules', lead => 'crm.lead', lead_key => 'id');
SELECT leadscore.watch('b2b', 'crm.contact', 'SELECT contact.id');
SELECT leadscore.add_activity('b2b', 'crm.activity', lead_key => 'contact::int', kind => 'substr(kind, 1 / k)', at => 'at + 1 / t * interval ''0''', filter => '1 / f > 0');

-- What is in force against what the good rows amount to. Rows: leads that differ.
CREATE VIEW wrong AS
WITH good AS MATERIALIZED (SELECT * FROM crm.activity WHERE contact ~ '^[0-9]{1,9}$' AND k <> 0 AND t <> 0 AND f = 1),
  should AS (SELECT c.id, leadscore.total($${"dimensions": [{"name": "d", "rules": [
  {"id": "big", "when": {"size": {"gte": 100}}, "points": 1000},
  {"id": "view", "on": "view", "points": 1},
  {"id": "demo", "on": "demo", "points": 100}]}]}$$, jsonb_build_object('size', c.employees / c.divisor),
      (SELECT leadscore.engage($${"dimensions": [{"name": "d", "rules": [
  {"id": "big", "when": {"size": {"gte": 100}}, "points": 1000},
  {"id": "view", "on": "view", "points": 1},
  {"id": "demo", "on": "demo", "points": 100}]}]}$$, g.kind, g.at) FROM good g WHERE g.contact::int = c.id)) AS total
    FROM crm.contact c WHERE c.divisor <> 0)
SELECT w.id, w.total, s.total AS stored, (SELECT v.total FROM b2b.score v WHERE v.id = w.id) AS shown
FROM should w LEFT JOIN b2b.state s USING (id)
WHERE s.total IS DISTINCT FROM w.total OR (SELECT v.total FROM b2b.score v WHERE v.id = w.id) IS DISTINCT FROM w.total;
-- What has been recorded since the last look
CREATE TABLE looked (upto bigint);
INSERT INTO looked VALUES (0);
CREATE FUNCTION problems(OUT source regclass, OUT key text, OUT message text) RETURNS SETOF record LANGUAGE sql AS $$
  WITH seen AS (SELECT upto FROM looked), move AS (UPDATE looked SET upto = coalesce((SELECT max(id) FROM leadscore.problem), 0))
  SELECT p.source, p.key, p.message FROM leadscore.problem p WHERE p.id > (SELECT upto FROM seen) ORDER BY p.id
$$;

-- One row
INSERT INTO crm.activity VALUES (1, '1', 'view', '2026-01-01'), (2, '2', 'view', '2026-01-01');
INSERT INTO crm.activity VALUES (3, 'garbage', 'view', '2026-01-01');
INSERT INTO crm.activity VALUES (4, '99999999999', 'view', '2026-01-01');
-- Some among others
INSERT INTO crm.activity VALUES (5, '1', 'view', '2026-01-02', 1, 1, 1), (6, '1', 'view', '2026-01-02', 0, 1, 1), (7, '2', 'demo', '2026-01-02', 1, 0, 1),
  (8, '3', 'demo', '2026-01-02', 1, 1, 0), (9, '3', 'demo', '2026-01-03', 1, 1, 1), (10, 'x', 'view', '2026-01-02', 1, 1, 1);
SELECT * FROM problems();
SELECT * FROM wrong;
-- No kind, no time, no finite time. Without a key, or filtered out, a row is no activity, whatever else it is.
INSERT INTO crm.activity VALUES (11, '1', NULL, '2026-01-01'), (12, '1', 'view', NULL), (13, '1', 'view', 'infinity'), (14, '1', 'other', '-infinity'), (15, '1', 'view', '2026-01-04');
INSERT INTO crm.activity VALUES (16, NULL, NULL, '2026-01-01', 1, 1, 1), (17, NULL, 'view', '2026-01-01', 0, 1, 1), (18, 'x', NULL, NULL, 0, 0, -1);
SELECT * FROM problems();
SELECT * FROM wrong;
-- A lead that is still to come is no problem.
INSERT INTO crm.activity VALUES (19, '21', 'demo', '2026-01-01');
INSERT INTO crm.contact VALUES (21, 10);
SELECT * FROM problems();
SELECT * FROM wrong;

-- A lead's activities are read again while bad ones are among them, its own or others'.
UPDATE crm.activity SET kind = 'demo' WHERE id = 1;
DELETE FROM crm.activity WHERE id = 5;
SELECT * FROM problems();
SELECT * FROM wrong;
-- A bad row goes, gets better, another one gets worse; nothing is recorded twice.
DELETE FROM crm.activity WHERE id IN (3, 6);
UPDATE crm.activity SET contact = '4' WHERE id = 4;
UPDATE crm.activity SET t = 1 WHERE id = 7;
UPDATE crm.activity SET contact = '5' WHERE id IN (9, 10);
SELECT * FROM problems();
SELECT * FROM wrong;
UPDATE crm.activity SET contact = 'bad' WHERE id = 9;
UPDATE crm.activity SET k = 0 WHERE id = 10;
UPDATE crm.activity SET at = NULL WHERE id = 19;
UPDATE crm.activity SET f = 1, k = 1, t = 1, kind = 'view' WHERE id <= 19;
UPDATE crm.activity SET kind = 'demo';
SELECT * FROM problems();
SELECT * FROM wrong;
TRUNCATE crm.activity;
SELECT * FROM problems();
SELECT * FROM wrong;

-- Many rows with few bad ones
INSERT INTO crm.activity SELECT i, CASE WHEN i = 5000 THEN 'no number' ELSE (1 + i % 20)::text END, CASE i % 3 WHEN 0 THEN 'view' WHEN 1 THEN 'demo' ELSE 'other' END,
  timestamptz '2026-01-01' + i * interval '1 minute', CASE i WHEN 1 THEN 0 ELSE 1 END, CASE i WHEN 10000 THEN 0 ELSE 1 END FROM generate_series(1, 10000) i;
SELECT * FROM problems();
SELECT * FROM wrong;
UPDATE crm.activity SET kind = 'view' WHERE kind = 'demo';
DELETE FROM crm.activity WHERE id % 7 = 0;
SELECT * FROM problems();
SELECT * FROM wrong;
-- Many bad rows: the last problem tells of the rest.
INSERT INTO crm.activity SELECT 20000 + i, 'x' || i, 'view', '2026-01-01' FROM generate_series(1, 250) i;
INSERT INTO crm.activity SELECT 30000 + i, '1', NULL, '2026-01-01' FROM generate_series(1, 250) i;
SELECT count(*), min(key), max(message) FILTER (WHERE key IS NULL) FROM problems() GROUP BY message ~ 'kind|150|151' ORDER BY 2;
SELECT * FROM wrong;

-- INSERT … ON CONFLICT DO UPDATE recomputes what it inserts.
TRUNCATE crm.activity;
INSERT INTO crm.activity VALUES (1, '1', 'view', '2026-01-01'), (2, 'bad', 'view', '2026-01-01');
INSERT INTO crm.activity VALUES (1, '2', 'view', '2026-01-01', 1), (2, '2', 'view', '2026-01-01', 1), (3, '3', 'demo', '2026-01-01', 0), (4, '3', 'demo', '2026-01-01', 1), (5, 'worse', 'demo', '2026-01-01', 1)
  ON CONFLICT (id) DO UPDATE SET contact = excluded.contact;
SELECT * FROM problems();
SELECT * FROM wrong;
-- So do data-modifying queries.
WITH gone AS (DELETE FROM crm.activity WHERE id = 4) INSERT INTO crm.activity VALUES (6, '3', 'view', '2026-01-01'), (7, 'worst', 'view', '2026-01-01');
SELECT * FROM problems();
SELECT * FROM wrong;

-- A lead that can't be read: what it did still counts, once it can be read again.
UPDATE crm.contact SET employees = 1000 WHERE id = 7;
INSERT INTO crm.activity VALUES (100, '7', 'view', '2026-01-01'), (101, '8', 'view', '2026-01-01');
UPDATE crm.contact SET divisor = 0, name = 'broken' WHERE id = 7;
INSERT INTO crm.activity VALUES (102, '7', 'demo', '2026-01-01'), (103, '8', 'demo', '2026-01-01');
DELETE FROM crm.activity WHERE id IN (100, 101);
UPDATE crm.contact SET name = 'all';
SELECT * FROM problems();
SELECT total, tier, next_change_at BETWEEN now() AND now() + interval '1 hour' AS again FROM b2b.state WHERE id = 7;
SELECT * FROM wrong;
SELECT total FROM b2b.score WHERE id = 7;
UPDATE crm.contact SET divisor = 1 WHERE id = 7;
SELECT total, tier FROM b2b.state WHERE id = 7;
SELECT * FROM problems();
SELECT * FROM wrong;

-- A model that is wrong as a whole
CREATE FUNCTION crm.kind_of(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RETURN $1; END$$;
CREATE TABLE crm.mail (contact int, kind text, at timestamptz);
CREATE INDEX ON crm.mail (contact);
SELECT leadscore.add_activity('b2b', 'crm.mail', 'contact', kind => 'crm.kind_of(kind)', at => 'at');
-- Where event triggers are off, nobody keeps an expression's function from going.
ALTER EVENT TRIGGER leadscore_after_ddl DISABLE;
ALTER FUNCTION crm.kind_of(text) RENAME TO kind_was;
INSERT INTO crm.mail SELECT 9, 'demo', '2026-01-01' FROM generate_series(1, 3);
UPDATE crm.mail SET kind = 'view';
DELETE FROM crm.mail;
SELECT * FROM problems();
SELECT total FROM b2b.score WHERE id = 9;
ALTER FUNCTION crm.kind_was(text) RENAME TO kind_of;
ALTER EVENT TRIGGER leadscore_after_ddl ENABLE;
-- Without a primary key the row itself is named.
CREATE OR REPLACE FUNCTION crm.kind_of(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$BEGIN IF $1 = 'boom' THEN RAISE 'no such kind: %', $1 USING ERRCODE = 'UE001'; END IF; RETURN $1; END$$;
INSERT INTO crm.mail VALUES (9, 'demo', '2026-01-01'), (9, 'boom', '2026-01-01');
SELECT * FROM problems();
SELECT total FROM b2b.score WHERE id = 9;

-- What the inserter can mend by trying again is raised: cancel, serialization failure, lock timeout. So is a bug.
CREATE OR REPLACE FUNCTION crm.kind_of(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RAISE 'raised' USING ERRCODE = $1; END$$;
\set VERBOSITY sqlstate
INSERT INTO crm.mail VALUES (9, '57014', '2026-01-01');
INSERT INTO crm.mail VALUES (9, '40001', '2026-01-01');
INSERT INTO crm.mail VALUES (9, '40P01', '2026-01-01');
INSERT INTO crm.mail VALUES (9, '55P03', '2026-01-01');
INSERT INTO crm.mail VALUES (9, '53200', '2026-01-01');
INSERT INTO crm.mail VALUES (9, 'XX000', '2026-01-01');
CREATE OR REPLACE FUNCTION crm.kind_of(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(10); RETURN $1; END$$;
SET statement_timeout = '300ms';
INSERT INTO crm.mail VALUES (9, 'demo', '2026-01-01');
RESET statement_timeout;
\set VERBOSITY default
SELECT * FROM problems();
SELECT leadscore.remove_activity('b2b', 'crm.mail');

-- Rolled back with what caused it, wholly or in part
BEGIN;
INSERT INTO crm.activity VALUES (200, '10', 'demo', '2026-01-01'), (201, 'rolled back', 'view', '2026-01-01');
ROLLBACK;
BEGIN;
INSERT INTO crm.activity VALUES (202, '10', 'view', '2026-01-01');
SAVEPOINT s;
INSERT INTO crm.activity VALUES (203, '10', 'demo', '2026-01-01'), (204, 'to savepoint', 'view', '2026-01-01');
ROLLBACK TO s;
INSERT INTO crm.activity VALUES (205, '10', 'view', '2026-01-01'), (206, 'kept', 'view', '2026-01-01');
COMMIT;
DO $$BEGIN
  INSERT INTO crm.activity VALUES (207, '10', 'view', '2026-01-01'), (208, 'in a block', 'view', '2026-01-01');
  BEGIN
    INSERT INTO crm.activity VALUES (209, '10', 'view', '2026-01-01'), (210, 'in a block that fails', 'view', '2026-01-01');
    RAISE 'no';
  EXCEPTION WHEN raise_exception THEN NULL;
  END;
END$$;
SELECT * FROM problems();
SELECT * FROM wrong;

-- Who inserts need have no right but that; who owns the model sees the problems.
CREATE ROLE regress_leadscore_inserter;
CREATE ROLE regress_leadscore_owner;
GRANT USAGE ON SCHEMA crm TO regress_leadscore_inserter, regress_leadscore_owner;
GRANT INSERT ON crm.activity TO regress_leadscore_inserter;
ALTER TABLE crm.activity OWNER TO regress_leadscore_owner;
GRANT SELECT ON ALL TABLES IN SCHEMA crm TO regress_leadscore_owner;
GRANT CREATE ON DATABASE :"DBNAME" TO regress_leadscore_owner;
SET ROLE regress_leadscore_owner;
SELECT leadscore.create_model('theirs', :'rules', lead => 'crm.lead', lead_key => 'id');
SELECT leadscore.add_activity('theirs', 'crm.activity', lead_key => 'CASE WHEN contact ~ ''^\d+$'' THEN contact::int END', kind => 'substr(kind, 1 / k)', at => 'at');
SET ROLE regress_leadscore_inserter;
INSERT INTO crm.activity VALUES (300, '11', 'demo', '2026-01-01', 1), (301, '11', 'view', '2026-01-01', 0), (302, 'alone', 'view', '2026-01-01', 1);
SELECT count(*) FROM leadscore.problem;
SET ROLE regress_leadscore_owner;
SELECT model, source, key, message FROM leadscore.problem;
RESET ROLE;
SELECT model, source, key, message FROM leadscore.problem WHERE id > (SELECT upto FROM looked) ORDER BY model, key;
SELECT count(*) FROM problems();
SELECT * FROM wrong;
SELECT total FROM theirs.state WHERE id = 11;

-- What a table has before it is bound; a key that fails keeps nobody from unbinding it.
CREATE TABLE crm.call (id int PRIMARY KEY, contact text, at date);
INSERT INTO crm.call VALUES (1, '12', '2026-01-01'), (2, 'twelve', '2026-01-01'), (3, '12', NULL);
SET client_min_messages = warning;
\set SHOW_CONTEXT never
SELECT leadscore.add_activity('b2b', 'crm.call', 'contact::int', constant_kind => 'demo', at => 'at');
SELECT * FROM problems();
SELECT total FROM b2b.state WHERE id = 12;
SELECT leadscore.remove_activity('b2b', 'crm.call');
SET client_min_messages = error;
SELECT * FROM wrong;

-- A table of leads whose filter fails for some: the others are none the worse.
CREATE TABLE crm.person (id int PRIMARY KEY, size int, divisor int);
INSERT INTO crm.person SELECT i, 10, 1 FROM generate_series(1, 5) i;
SELECT leadscore.create_model('persons', :'rules', lead => 'crm.person', filter => '1 / divisor > 0');
SELECT leadscore.add_activity('persons', 'crm.activity', 'nullif(contact, ''kept'')::int', 'kind', at => 'at', filter => 'contact ~ ''^[1-7]$''');
INSERT INTO crm.person VALUES (6, 10, 1), (7, 10, 0);
UPDATE crm.person SET divisor = 0 WHERE id = 2;
UPDATE crm.person SET size = 1000;
INSERT INTO crm.activity VALUES (400, '7', 'demo', '2026-01-01'), (401, '6', 'demo', '2026-01-01'), (402, '2', 'demo', '2026-01-01');
SELECT * FROM problems();
SELECT id, total, tier, next_change_at < 'infinity' AS again FROM persons.state ORDER BY 1;
UPDATE crm.person SET divisor = 1 WHERE divisor = 0;
SELECT id, s.total, s.total = v.total AS same FROM crm.person LEFT JOIN persons.state s USING (id) LEFT JOIN persons.score v USING (id) ORDER BY 1;
SELECT * FROM problems();
-- Another table takes its place.
CREATE TABLE crm.person_new (id int PRIMARY KEY, size int, divisor int);
INSERT INTO crm.person_new VALUES (1, 10, 1), (2, 10, 0), (8, 1000, 1);
ALTER TABLE crm.person RENAME TO person_backup;
ALTER TABLE crm.person_new RENAME TO person;
SELECT leadscore.rebind('persons');
SELECT * FROM problems();
SELECT id, total, tier FROM persons.state ORDER BY 1;
SELECT leadscore.drop_model('persons');

-- A partition
CREATE TABLE crm.log (contact text, day date, kind text, PRIMARY KEY (contact, day)) PARTITION BY RANGE (day);
CREATE TABLE crm.log_2026 (kind text, day date NOT NULL, contact text NOT NULL);
ALTER TABLE crm.log ATTACH PARTITION crm.log_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
TRUNCATE crm.activity;
SELECT leadscore.add_activity('b2b', 'crm.log', 'contact::int', 'kind', at => 'day');
INSERT INTO crm.log_2026 VALUES ('demo', '2026-01-01', '12'), ('demo', '2026-01-01', 'n/a'), (NULL, '2026-01-02', '12');
INSERT INTO crm.log VALUES ('13', '2026-01-01', 'demo'), ('a "b"', '2026-01-01', 'demo');
UPDATE crm.log_2026 SET kind = 'view' WHERE contact IN ('12', 'n/a');
SELECT * FROM problems();
SELECT id, total FROM b2b.state WHERE id IN (12, 13) ORDER BY id;

-- Tables come and go with rows that can't be read, and keep nobody from it.
CREATE TABLE crm.log_2025 (contact text NOT NULL, day date NOT NULL, kind text);
INSERT INTO crm.log_2025 VALUES ('14', '2025-01-01', 'demo'), ('n/a', '2025-01-01', 'demo'), ('14', '2025-01-02', NULL), ('77', '2025-01-01', 'demo');
ALTER TABLE crm.log ATTACH PARTITION crm.log_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
SELECT * FROM problems();
SELECT id, total, leadscore.last_activity_at(engagement) FROM b2b.state WHERE id IN (13, 14, 77) ORDER BY id;
ALTER TABLE crm.log DETACH PARTITION crm.log_2025;
SELECT id, total, leadscore.last_activity_at(engagement) FROM b2b.state WHERE id IN (13, 14, 77) ORDER BY id;
DELETE FROM crm.log_2025 WHERE contact = 'n/a';
ALTER TABLE crm.log ATTACH PARTITION crm.log_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
SELECT * FROM problems();
INSERT INTO crm.log VALUES ('n/a', '2025-02-01', 'demo');
SELECT * FROM problems();
DROP TABLE crm.log_2025;
SELECT id, total, leadscore.last_activity_at(engagement) FROM b2b.state WHERE id IN (13, 14, 77) ORDER BY id;
SELECT * FROM problems();
-- So does what is made anew.
CREATE TABLE crm.log_new (day date, contact text, kind text);
INSERT INTO crm.log_new VALUES ('2026-01-01', '12', 'view'), ('2026-01-01', '13', NULL), ('2026-01-01', 'n/a', 'demo'), ('2026-01-01', '78', 'demo');
UPDATE crm.contact SET divisor = 0 WHERE id = 19;
SELECT * FROM problems();
ALTER TABLE crm.log RENAME TO log_backup;
ALTER TABLE crm.log_new RENAME TO log;
SELECT leadscore.rebind('b2b');
SELECT * FROM problems();
SELECT id, total, leadscore.last_activity_at(engagement) FROM b2b.state WHERE id IN (12, 13, 14, 77, 78) ORDER BY id;
INSERT INTO crm.log VALUES ('2026-01-01', '12', 'view');
SELECT id, total FROM b2b.state WHERE id = 12;
SELECT part, detail FROM leadscore.status('b2b') WHERE NOT ok AND part NOT LIKE 'index%';
-- What is recorded of a table goes with it.
SELECT DISTINCT source FROM leadscore.problem WHERE model = 'b2b' ORDER BY source;
DROP TABLE crm.log_backup, crm.log CASCADE;
SELECT DISTINCT source FROM leadscore.problem WHERE model = 'b2b' ORDER BY source;
SELECT id, total, leadscore.last_activity_at(engagement) FROM b2b.state WHERE id IN (12, 13, 14, 77, 78) ORDER BY id;

SELECT leadscore.drop_model('theirs');
DROP VIEW wrong;
SELECT leadscore.drop_model('b2b');
SELECT count(*) FROM leadscore.problem;
DROP SCHEMA crm CASCADE;
DROP FUNCTION problems();
DROP TABLE looked;
DROP OWNED BY regress_leadscore_inserter, regress_leadscore_owner;
DROP ROLE regress_leadscore_inserter, regress_leadscore_owner;
