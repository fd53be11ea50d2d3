-- Triggers see every row that is written, so a model is for owners who see every row, too. With some rows out of sight, what is recomputed would depend on history.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
CREATE ROLE regress_leadscore_owner;
CREATE ROLE regress_leadscore_crm;
GRANT CREATE ON DATABASE :"DBNAME" TO regress_leadscore_owner;
CREATE SCHEMA crm;
GRANT USAGE ON SCHEMA crm TO regress_leadscore_owner, regress_leadscore_crm;
CREATE TABLE crm.lead (id int PRIMARY KEY, hidden boolean DEFAULT false);
CREATE TABLE crm.activity (id int PRIMARY KEY, lead int, kind text, at timestamptz DEFAULT '2026-01-01', hidden boolean DEFAULT false);
CREATE INDEX ON crm.activity (lead);
CREATE POLICY seen ON crm.lead USING (NOT hidden);
CREATE POLICY seen ON crm.activity USING (NOT hidden);
ALTER TABLE crm.lead OWNER TO regress_leadscore_crm;
ALTER TABLE crm.activity OWNER TO regress_leadscore_crm;
GRANT SELECT, TRIGGER ON crm.lead TO regress_leadscore_owner;
GRANT TRIGGER ON crm.activity TO regress_leadscore_owner;
SELECT $${"dimensions": [{"name": "d", "rules": [{"id": "open", "on": "open", "points": 1}]}], "tiers": [{"name": "cold"}]}$$ AS rules \gset

-- Leads that the owner doesn't see all of
ALTER TABLE crm.lead ENABLE ROW LEVEL SECURITY;
SET ROLE regress_leadscore_owner;
SELECT leadscore.create_model('rls', :'rules', lead => 'crm.lead');
RESET ROLE;
ALTER TABLE crm.lead DISABLE ROW LEVEL SECURITY;
INSERT INTO crm.lead VALUES (1, false), (2, true);
SET ROLE regress_leadscore_owner;
SELECT leadscore.create_model('rls', :'rules', lead => 'crm.lead');

-- Activities that they may not read, or not all of
SELECT leadscore.add_activity('rls', 'crm.activity', 'lead', 'kind', at => 'at');
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
GRANT SELECT ON crm.activity TO regress_leadscore_owner;
ALTER TABLE crm.activity ENABLE ROW LEVEL SECURITY;
SET ROLE regress_leadscore_owner;
SELECT leadscore.add_activity('rls', 'crm.activity', 'lead', 'kind', at => 'at');
\echo :LAST_ERROR_SQLSTATE
SELECT source FROM leadscore.binding WHERE model = 'rls' AND role = 'activity';
-- A right to the columns that are read is enough.
RESET ROLE;
ALTER TABLE crm.activity DISABLE ROW LEVEL SECURITY;
REVOKE SELECT ON crm.activity FROM regress_leadscore_owner;
GRANT SELECT (id, lead, kind, at) ON crm.activity TO regress_leadscore_owner;
CREATE TYPE crm.fields AS (kind text);
SET ROLE regress_leadscore_owner;
SELECT leadscore.add_activity('rls', 'crm.activity', 'lead', 'kind', at => 'at', fields => 'ROW(kind)::crm.fields');
SELECT leadscore.remove_activity('rls', 'crm.activity');
RESET ROLE;
GRANT SELECT ON crm.activity TO regress_leadscore_owner;
SET ROLE regress_leadscore_owner;
SELECT leadscore.add_activity('rls', 'crm.activity', 'lead', 'kind', at => 'at');
SELECT part, detail FROM leadscore.status('rls') WHERE NOT ok;

-- What has become so later, status tells.
RESET ROLE;
INSERT INTO crm.activity VALUES (1, 1, 'open', '2026-01-01', false), (2, 1, 'open', '2026-01-01', true);
ALTER TABLE crm.activity ENABLE ROW LEVEL SECURITY;
SELECT part, detail FROM leadscore.status('rls') WHERE NOT ok;
SET ROLE regress_leadscore_owner;
SELECT leadscore.rebind('rls');
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
ALTER TABLE crm.lead ENABLE ROW LEVEL SECURITY;
SELECT part, detail FROM leadscore.status('rls') WHERE NOT ok;
-- Who may see all rows whatever the policies say
ALTER ROLE regress_leadscore_owner BYPASSRLS;
SELECT part, detail FROM leadscore.status('rls') WHERE NOT ok;
SET ROLE regress_leadscore_owner;
SELECT leadscore.rebind('rls');
RESET ROLE;
SELECT id, total FROM rls.state ORDER BY id;
INSERT INTO crm.activity VALUES (3, 1, 'open', '2026-01-01', true), (4, 2, 'open', '2026-01-01', true);
SELECT id, total FROM rls.state ORDER BY id;
DELETE FROM crm.activity WHERE id = 1;
SELECT id, total FROM rls.state ORDER BY id;
ALTER ROLE regress_leadscore_owner NOBYPASSRLS;
REVOKE SELECT ON crm.activity FROM regress_leadscore_owner;
ALTER TABLE crm.activity DISABLE ROW LEVEL SECURITY;
ALTER TABLE crm.lead DISABLE ROW LEVEL SECURITY;
SELECT part, detail FROM leadscore.status('rls') WHERE NOT ok;
SELECT leadscore.drop_model('rls');

-- The owner of the tables sees all rows, unless they force the policies on themselves.
GRANT CREATE ON DATABASE :"DBNAME" TO regress_leadscore_crm;
ALTER TABLE crm.lead ENABLE ROW LEVEL SECURITY;
ALTER TABLE crm.activity ENABLE ROW LEVEL SECURITY;
SET ROLE regress_leadscore_crm;
SELECT leadscore.create_model('rls', :'rules', lead => 'crm.lead');
ALTER TABLE crm.activity FORCE ROW LEVEL SECURITY;
SELECT leadscore.add_activity('rls', 'crm.activity', 'lead', 'kind', at => 'at');
ALTER TABLE crm.activity NO FORCE ROW LEVEL SECURITY;
SELECT leadscore.add_activity('rls', 'crm.activity', 'lead', 'kind', at => 'at');
SELECT id, total FROM rls.state ORDER BY id;
SELECT part, detail FROM leadscore.status('rls') WHERE NOT ok;
SELECT leadscore.drop_model('rls');
RESET ROLE;

DROP SCHEMA crm CASCADE;
DROP OWNED BY regress_leadscore_owner, regress_leadscore_crm;
DROP ROLE regress_leadscore_owner, regress_leadscore_crm;
