-- A model's owner is the owner of its schema: where that becomes another role, rebind lets the model follow.
SET timezone = 'UTC';
SET client_min_messages = error;
CREATE SCHEMA crm;
CREATE TABLE crm.contact (id int PRIMARY KEY, title text);
CREATE TABLE crm.activity (contact_id int, kind text, at timestamptz);
CREATE INDEX ON crm.activity (contact_id);
INSERT INTO crm.contact SELECT i, CASE WHEN i % 2 = 0 THEN 'boss' END FROM generate_series(1, 4) i;
INSERT INTO crm.activity SELECT 1 + i % 4, 'view', '2026-01-01' FROM generate_series(1, 6) i;
SELECT $${"dimensions": [{"name": "d", "rules": [{"id": "boss", "when": {"title": "boss"}, "points": 100}, {"id": "view", "on": "view", "points": 1}]}],
  "tiers": [{"name": "hot", "at": 100}, {"name": "cold"}]}$$ AS rules \gset
-- Rows: leads whose stored or shown score is not what the raw tables say.
CREATE FUNCTION wrong(model text, OUT id int, OUT should float8, OUT stored float8, OUT shown float8) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format('SELECT c.id, x.should, t.total, s.total FROM crm.contact c
    CROSS JOIN LATERAL (SELECT (CASE WHEN c.title = ''boss'' THEN 100 ELSE 0 END + (SELECT count(*) FROM crm.activity a WHERE a.contact_id = c.id))::float8 AS should) x
    LEFT JOIN %1$I.state t ON t.id = c.id LEFT JOIN %1$I.score s ON s.id = c.id
    WHERE t.total IS DISTINCT FROM x.should OR s.total IS DISTINCT FROM x.should ORDER BY c.id', model);
END $$;
CREATE VIEW owners AS
SELECT n.nspname AS model, n.nspowner::regrole AS schema, m.owner AS recorded,
  (SELECT string_agg(DISTINCT c.relowner::regrole::text, ' ') FROM pg_class c WHERE c.relnamespace = n.oid) AS relations
FROM pg_namespace n JOIN leadscore.model m ON m.name = n.nspname ORDER BY 1;

CREATE ROLE regress_first;
CREATE ROLE regress_next;
CREATE ROLE regress_stranger;
GRANT CREATE ON DATABASE :DBNAME TO regress_first, regress_next;
GRANT USAGE ON SCHEMA crm TO regress_first, regress_next;
GRANT SELECT, TRIGGER ON ALL TABLES IN SCHEMA crm TO regress_first, regress_next;
SET ROLE regress_first;
SELECT leadscore.create_model('own', :'rules', 'crm.contact'), leadscore.create_model('shown', :'rules', 'crm.contact', security => 'owner');
SELECT leadscore.add_activity(m, 'crm.activity', lead_key => 'contact_id', kind => 'kind', at => 'at') FROM unnest(ARRAY['own', 'shown']) m;
RESET ROLE;
SELECT part, detail FROM leadscore.status('own') WHERE part = 'owner';

-- While the schema is the role's, the role can't go.
\set VERBOSITY terse
DROP ROLE regress_first;
-- The role is gone: nothing is scored, and status says what to do.
BEGIN;
REASSIGN OWNED BY regress_first TO regress_next;
DROP OWNED BY regress_first;
SELECT part, detail FROM leadscore.status('own') WHERE part = 'owner';
DROP ROLE regress_first;
SELECT model, part, detail FROM leadscore.status() WHERE part = 'owner';
INSERT INTO crm.activity VALUES (1, 'view', '2026-01-02');
SELECT count(*) > 0 AS wrong FROM wrong('own');
SAVEPOINT here;
SELECT leadscore.publish('own', :'rules');
ROLLBACK TO here;
-- Whoever is not the new owner can't take it.
SET ROLE regress_stranger;
SELECT leadscore.rebind('own');
ROLLBACK TO here;
SET ROLE regress_stranger;
SELECT leadscore.drop_model('own');
ROLLBACK TO here;
-- A superuser mends one, the new owner the other.
SELECT leadscore.rebind('own');
SET ROLE regress_next;
SELECT leadscore.rebind('shown');
RESET ROLE;
SELECT * FROM owners;
SELECT * FROM leadscore.status() WHERE NOT ok AND part <> 'problems';
SELECT * FROM wrong('own');
SELECT * FROM wrong('shown');
INSERT INTO crm.activity VALUES (2, 'view', '2026-01-02');
UPDATE crm.contact SET title = 'boss' WHERE id = 3;
SELECT * FROM wrong('own');
SELECT * FROM wrong('shown');
SET ROLE regress_next;
SELECT leadscore.publish('own', :'rules');
SELECT leadscore.drop_model('own');
RESET ROLE;
SELECT leadscore.drop_model('shown');
SELECT count(*) FROM leadscore.binding;
ROLLBACK;

-- Gone, it can be dropped as well as mended.
BEGIN;
REASSIGN OWNED BY regress_first TO regress_next;
DROP OWNED BY regress_first;
DROP ROLE regress_first;
SELECT leadscore.drop_model('own');
SET ROLE regress_next;
SELECT leadscore.drop_model('shown');
RESET ROLE;
SELECT count(*) FROM leadscore.binding;
SELECT nspname FROM pg_namespace WHERE nspname IN ('own', 'shown');
SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'leadscore%';
ROLLBACK;

-- The schema alone changes hands: its relations follow with rebind. Who has given it away has no say any more.
BEGIN;
ALTER SCHEMA own OWNER TO regress_next;
SELECT * FROM owners;
SELECT part, detail FROM leadscore.status('own') WHERE part = 'owner';
SAVEPOINT here;
SET ROLE regress_first;
SELECT leadscore.rebind('own');
ROLLBACK TO here;
SET ROLE regress_first;
SELECT leadscore.drop_model('own');
ROLLBACK TO here;
SET ROLE regress_next;
SELECT leadscore.rebind('own');
RESET ROLE;
SELECT * FROM owners;
INSERT INTO crm.activity VALUES (2, 'view', '2026-01-02');
SELECT * FROM wrong('own');
SET ROLE regress_next;
SELECT leadscore.drop_model('own');
RESET ROLE;
ROLLBACK;

-- The new owner needs what the first one had.
BEGIN;
REVOKE TRIGGER ON crm.contact FROM regress_next;
ALTER SCHEMA own OWNER TO regress_next;
SELECT leadscore.rebind('own');
ROLLBACK;

SELECT leadscore.drop_model('own'), leadscore.drop_model('shown');
DROP VIEW owners;
DROP FUNCTION wrong;
DROP SCHEMA crm CASCADE;
DROP OWNED BY regress_first, regress_next;
DROP ROLE regress_first, regress_next, regress_stranger;
