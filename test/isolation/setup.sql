-- What the specs begin with: tables, a model and the check. (A spec can't hold JSON: its blocks end at the first brace.)

\set ON_ERROR_STOP 1
-- crm is made by the specs.
SET check_function_bodies = off;
CREATE EXTENSION leadscore;
CREATE SCHEMA iso;

-- Nothing fades: the same totals at any time.
CREATE FUNCTION iso.rules(open int, measured text DEFAULT 'open') RETURNS leadscore.ruleset LANGUAGE sql AS $$
  SELECT format($rules${
    "dimensions": [{"name": "d", "rules": [
      {"id": "open", "on": "%s", "points": %s},
      {"id": "country", "field": "country", "map": {"NL": 1000, "RO": 2000}, "else": 0}]}],
    "tiers": [{"name": "hot", "at": 2000}, {"name": "warm", "at": 1000}, {"name": "cold"}]}$rules$, measured, open)::leadscore.ruleset $$;

-- Rules that read another column of the lead, and may count other activities.
CREATE FUNCTION iso.rules_reading(field text, measured text DEFAULT 'open') RETURNS leadscore.ruleset LANGUAGE sql AS $$
  SELECT format($rules${
    "dimensions": [{"name": "d", "rules": [
      {"id": "open", "on": "%s", "points": 1},
      {"id": "field", "field": "%s", "map": {"NL": 1000, "RO": 2000, "noted": 5000}, "else": 0}]}],
    "tiers": [{"name": "hot", "at": 2000}, {"name": "warm", "at": 1000}, {"name": "cold"}]}$rules$, measured, field)::leadscore.ruleset $$;

CREATE PROCEDURE iso.tables() LANGUAGE plpgsql AS $$
BEGIN
  SET LOCAL client_min_messages = warning;
  IF EXISTS (SELECT FROM leadscore.model WHERE name = 'm') THEN
    PERFORM leadscore.drop_model('m');
  END IF;
  DROP SCHEMA IF EXISTS crm CASCADE;
  CREATE SCHEMA crm;
  CREATE TABLE crm.lead (id int PRIMARY KEY, country text, note text);
  CREATE TABLE crm.activity (id int PRIMARY KEY, lead int, kind text DEFAULT 'open', at timestamptz DEFAULT '2026-01-01', note text);
  CREATE INDEX ON crm.activity (lead);
  -- Whose visits these are, another table knows.
  CREATE TABLE crm.visit (id int PRIMARY KEY, visitor text, at timestamptz DEFAULT '2026-01-01');
  CREATE INDEX ON crm.visit (visitor);
  CREATE TABLE crm.visitor (visitor text PRIMARY KEY, lead int);
  INSERT INTO crm.lead VALUES (1, 'NL');
  INSERT INTO crm.activity (id, lead) VALUES (1, 1), (2, 1);
END $$;

CREATE PROCEDURE iso.model(visits boolean DEFAULT false) LANGUAGE plpgsql AS $$
BEGIN
  CALL iso.tables();
  SET LOCAL client_min_messages = error;
  PERFORM leadscore.create_model('m', iso.rules(1), 'crm.lead');
  PERFORM leadscore.add_activity('m', 'crm.activity', 'lead', 'kind', at => 'at');
  IF visits THEN
    PERFORM leadscore.watch('m', 'crm.visitor', 'SELECT visitor.lead');
    PERFORM leadscore.add_activity('m', 'crm.visit', '(SELECT v.lead FROM crm.visitor v WHERE v.visitor = visit.visitor)', constant_kind => 'open', at => 'at');
  END IF;
END $$;

-- Each lead and each row of state: the total that is shown, the one that is stored, and whether they are what the raw tables give.
CREATE FUNCTION iso.verify(OUT lead int, OUT shown float8, OUT stored float8, OUT opens int, OUT "right" boolean) RETURNS SETOF record LANGUAGE sql AS $$
  SELECT k.id, v.total, s.total, e.opens,
    v.total IS NOT DISTINCT FROM w.total AND v.tier IS NOT DISTINCT FROM w.tier
      AND s.total IS NOT DISTINCT FROM by_own.total AND s.tier IS NOT DISTINCT FROM by_own.tier
      AND (s.engagement IS NULL) = (by_own.e IS NULL)
      AND leadscore.total(own.rules::leadscore.ruleset, '{}'::jsonb, s.engagement) IS NOT DISTINCT FROM leadscore.total(own.rules::leadscore.ruleset, '{}'::jsonb, by_own.e)
  FROM (SELECT l.id FROM crm.lead l UNION SELECT s.id FROM m.state s UNION SELECT a.lead FROM crm.activity a) k
    LEFT JOIN crm.lead l USING (id) LEFT JOIN m.score v USING (id) LEFT JOIN m.state s USING (id)
    JOIN leadscore.model model ON model.name = 'm'
    JOIN leadscore.model_version active ON active.model = 'm' AND active.version = model.version
    LEFT JOIN leadscore.model_version own ON own.model = 'm' AND own.version = s.version
    CROSS JOIN LATERAL (SELECT CASE WHEN own.activity_hash <> active.activity_hash THEN own.rules ELSE active.rules END::leadscore.ruleset AS rules) r
    CROSS JOIN LATERAL (
      SELECT count(*) AS opens, leadscore.engage(r.rules, a.kind, a.at) AS e, leadscore.engage(own.rules::leadscore.ruleset, a.kind, a.at) AS e_own
      FROM (SELECT x.kind, x.at FROM crm.activity x WHERE x.lead = k.id
            UNION ALL SELECT 'open', y.at FROM crm.visit y JOIN crm.visitor z USING (visitor) WHERE z.lead = k.id) a) e
    LEFT JOIN LATERAL leadscore.score(r.rules, l, e.e) w ON l.id IS NOT NULL
    CROSS JOIN LATERAL (SELECT e.e_own AS e, x.total, x.tier FROM (SELECT) o LEFT JOIN LATERAL leadscore.score(own.rules::leadscore.ruleset, l, e.e_own) x ON l.id IS NOT NULL) by_own
  ORDER BY k.id
$$;
