-- What status tells an operator: versions, counts, how late the clock is, problems; and the line of the log.
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE TABLE lead (id int PRIMARY KEY, title text);
CREATE TABLE act (id int PRIMARY KEY, lead_id int, kind text, at timestamptz, n int);
CREATE INDEX ON act (lead_id);
INSERT INTO lead SELECT i, 'vp' FROM generate_series(1, 5) i;
INSERT INTO act SELECT i, i, 'view', now() - interval '10 days', 1 FROM generate_series(1, 3) i;
SELECT leadscore.create_model('ops', $${"dimensions": [{"name": "d", "rules": [{"id": "v", "on": "view", "points": 10, "within": "30 days"}]}],
  "tiers": [{"name": "warm", "at": 5}, {"name": "cold"}]}$$, lead => 'lead');
SELECT leadscore.add_activity('ops', 'act', lead_key => 'lead_id', kind => 'kind', at => $$at + interval '1 second' * (0 / n)$$);
SELECT part, ok, detail FROM leadscore.status('ops');
-- The extension's own row comes without an argument, and tells the version that the catalogue has
SELECT model, ok, detail = 'version ' || (SELECT extversion FROM pg_extension WHERE extname = 'leadscore') AS detail FROM leadscore.status() WHERE part = 'extension';
SELECT count(*) FROM leadscore.status('ops') WHERE part = 'extension';
BEGIN;
UPDATE pg_extension SET extversion = '0.0.1' WHERE extname = 'leadscore';
SELECT ok, regexp_replace(detail, 'version [0-9.]+,', 'version N,') AS detail FROM leadscore.status() WHERE part = 'extension';
ROLLBACK;
-- As many rows as state has; it also has keys without a lead
INSERT INTO act VALUES (4, 77, 'view', now(), 1);
SELECT detail, (SELECT count(*) FROM ops.state) FROM leadscore.status('ops') WHERE part = 'state';
-- Due, but not for long; then for too long; then ticked
BEGIN;
ALTER TABLE ops.state DISABLE TRIGGER USER;
UPDATE ops.state SET next_change_at = clock_timestamp() - interval '2 minutes' WHERE id = 1;
SELECT ok, regexp_replace(detail, '00:02:\d\d', '00:02:SS') AS detail FROM leadscore.status('ops') WHERE part = 'clock';
UPDATE ops.state SET next_change_at = clock_timestamp() - interval '1 day 02:03:04' WHERE id = 2;
SELECT ok, regexp_replace(detail, '02:03:\d\d', '02:03:SS') AS detail FROM leadscore.status('ops') WHERE part = 'clock';
SELECT leadscore.tick('ops');
SELECT ok, detail FROM leadscore.status('ops') WHERE part = 'clock';
ROLLBACK;
-- Rows that can't be scored: recorded, counted, and logged with their number but without their values
SET client_min_messages = log;
INSERT INTO act VALUES (10, 1, 'view', now(), 0), (11, 2, NULL, now(), 1), (12, 3, 'view', now(), 1);
SET leadscore.log_problems = off;
INSERT INTO act VALUES (13, 1, 'view', now(), 0);
RESET leadscore.log_problems;
INSERT INTO act VALUES (14, 1, 'view', now(), 1);
SET client_min_messages = warning;
SELECT ok, detail FROM leadscore.status('ops') WHERE part = 'problems';
-- Only who may set what a superuser may
CREATE ROLE leadscore_ops;
SET ROLE leadscore_ops;
SET leadscore.log_problems = off;
SET leadscore.no_such_setting = 1;
RESET ROLE;
DROP ROLE leadscore_ops;
SELECT leadscore.drop_model('ops');
DROP TABLE act, lead;

-- An outcome that the owner of the model may not read any more
CREATE ROLE regress_leadscore_outcome;
CREATE SCHEMA won AUTHORIZATION regress_leadscore_outcome;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_leadscore_outcome', current_database()) \gexec
CREATE TABLE won.deal (lead int, closed boolean);
GRANT SELECT ON won.deal TO regress_leadscore_outcome;
SET ROLE regress_leadscore_outcome;
CREATE TABLE won.lead (id int PRIMARY KEY, size int);
SELECT leadscore.create_model('owned', '{"dimensions": [{"name": "d", "rules": [{"id": "size", "when": {"size": 1}, "points": 1}]}]}', 'won.lead');
SELECT leadscore.set_outcome('owned', '(SELECT bool_or(d.closed) FROM won.deal d WHERE d.lead = lead.id)');
SELECT ok, detail FROM leadscore.status('owned') WHERE part = 'outcome';
RESET ROLE;
REVOKE SELECT ON won.deal FROM regress_leadscore_outcome;
SELECT ok, detail FROM leadscore.status('owned') WHERE part = 'outcome';
SELECT leadscore.drop_model('owned');
DROP SCHEMA won CASCADE;
DROP OWNED BY regress_leadscore_outcome;
DROP ROLE regress_leadscore_outcome;
