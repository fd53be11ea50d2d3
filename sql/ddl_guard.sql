-- Commands that would keep a model from working are refused: on types that its tables have columns of, and on its own table.
SET timezone = 'UTC';
SET client_min_messages = error;
CREATE SCHEMA crm;
CREATE TYPE crm.street AS (name text, number int);
CREATE TYPE crm.addr AS (city text, street crm.street, spare int);
CREATE DOMAIN crm.home AS crm.addr CHECK ((VALUE).city <> '');
CREATE TABLE crm.contact (id int PRIMARY KEY, a crm.addr, h crm.home, note text);
CREATE TABLE crm.activity (contact_id int, kind text, at timestamptz, a crm.addr);
CREATE INDEX ON crm.activity (contact_id);
INSERT INTO crm.contact SELECT i, ROW((ARRAY['Rome', 'Bonn'])[1 + i % 2], ROW('x', i)::crm.street, 0)::crm.addr, ROW('Rome', NULL, 0)::crm.home FROM generate_series(1, 4) i;
SELECT $${"dimensions": [{"name": "d", "rules": [
  {"id": "city", "when": {"a.city": "Rome"}, "points": 1}, {"id": "street", "when": {"a.street.number": {"gte": 3}}, "points": 10}, {"id": "home", "when": {"h.city": "Rome"}, "points": 100},
  {"id": "view", "on": "view", "cases": [{"where": {"a.city": "Rome"}, "points": 1000}]}]}]}$$ AS rules \gset
SELECT leadscore.create_model('b2b', :'rules', 'crm.contact');
SELECT leadscore.add_activity('b2b', 'crm.activity', lead_key => 'contact_id', kind => 'kind', at => 'at');
CREATE VIEW wrong AS
  SELECT c.id, x.should, t.total AS stored, s.total AS shown FROM crm.contact c
  CROSS JOIN LATERAL (SELECT (CASE WHEN (c.a).city = 'Rome' THEN 1 ELSE 0 END + CASE WHEN ((c.a).street).number >= 3 THEN 10 ELSE 0 END + CASE WHEN (c.h).city = 'Rome' THEN 100 ELSE 0 END
    + (SELECT 1000 * count(*) FROM crm.activity a WHERE a.contact_id = c.id AND (a.a).city = 'Rome'))::float8 AS should) x
  LEFT JOIN b2b.state t ON t.id = c.id LEFT JOIN b2b.score s ON s.id = c.id WHERE t.total IS DISTINCT FROM x.should OR s.total IS DISTINCT FROM x.should;
CREATE FUNCTION change() RETURNS void LANGUAGE sql AS $$
  INSERT INTO crm.activity SELECT 1 + i % 5, 'view', '2026-01-01', ROW((ARRAY['Rome', 'Bonn'])[1 + i % 2], NULL, NULL)::crm.addr FROM generate_series(1, 6) i;
  UPDATE crm.contact SET a.city = 'Rome' WHERE id = 1;
$$;
SELECT change();
SELECT * FROM wrong;

-- Types of columns, and types within these
ALTER TYPE crm.addr RENAME ATTRIBUTE city TO town;
ALTER TYPE crm.street RENAME ATTRIBUTE number TO no;
BEGIN;
DROP VIEW wrong;
ALTER TYPE crm.street DROP ATTRIBUTE number;
ROLLBACK;
ALTER TYPE crm.addr RENAME ATTRIBUTE spare TO more;
ALTER TYPE crm.addr RENAME TO address;
ALTER TYPE crm.address RENAME TO addr;
SELECT change();
SELECT * FROM wrong;

-- The table state
ALTER TABLE b2b.state DROP COLUMN tier;
ALTER TABLE b2b.state DROP COLUMN id CASCADE;
ALTER TABLE b2b.state RENAME total TO sum;
ALTER TABLE b2b.state RENAME COLUMN id TO number;
ALTER VIEW b2b.state RENAME COLUMN tier TO level;
ALTER TABLE b2b.state ALTER total TYPE numeric;
ALTER TABLE b2b.state ALTER engagement SET NOT NULL;
ALTER TABLE b2b.state ALTER next_change_at DROP DEFAULT;
ALTER TABLE b2b.state DROP CONSTRAINT state_pkey;
ALTER INDEX b2b.state RENAME TO states;
ALTER TABLE b2b.state DISABLE ROW LEVEL SECURITY;
ALTER TABLE b2b.state FORCE ROW LEVEL SECURITY;
CREATE ROLE regress_guard;
ALTER TABLE b2b.state OWNER TO regress_guard;
SET search_path = b2b, public;
ALTER TABLE state ADD UNIQUE (tier, id) DEFERRABLE;
ALTER TABLE IF EXISTS state ADD COLUMN contact int REFERENCES crm.contact DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE state ADD COLUMN needed text NOT NULL;
RESET search_path;
CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON b2b.state DEFERRABLE FOR EACH ROW EXECUTE FUNCTION noop();
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON leadscore.transition DEFERRABLE FOR EACH ROW EXECUTE FUNCTION noop();
ALTER TABLE leadscore.transition ADD UNIQUE (at, id) DEFERRABLE;
CREATE RULE nothing AS ON UPDATE TO b2b.state DO INSTEAD NOTHING;
SELECT change();
SELECT * FROM wrong;
-- What stays the owner's business
ALTER TABLE b2b.state ADD COLUMN note text, ADD COLUMN seen boolean NOT NULL DEFAULT false, ALTER tier SET STATISTICS 200;
CREATE INDEX ON b2b.state (tier);
ALTER TABLE b2b.state RENAME note TO remark;
ALTER TABLE b2b.state SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE b2b.state ADD CHECK (total >= 0), DISABLE TRIGGER USER, OWNER TO CURRENT_USER;
ALTER TABLE b2b.state DROP remark;
SELECT change();
SELECT * FROM wrong;
-- Tables of the name elsewhere
CREATE TABLE crm.state (id int PRIMARY KEY, total int);
ALTER TABLE crm.state RENAME total TO sum;
ALTER TABLE crm.state DROP CONSTRAINT state_pkey;

DROP VIEW wrong;
SELECT leadscore.drop_model('b2b');
DROP FUNCTION change, noop;
DROP SCHEMA crm CASCADE;
DROP ROLE regress_guard;
