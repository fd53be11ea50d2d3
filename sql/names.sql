-- Names that could be taken for others: columns called like their table, and like columns of the table state.
SET timezone = 'UTC';
SET client_min_messages = error;
CREATE SCHEMA crm;
CREATE TABLE crm.lead (gone int, id int PRIMARY KEY, title text);
CREATE TABLE crm.act (gone text, contact_id int, kind text, at timestamptz, url text);
ALTER TABLE crm.lead DROP COLUMN gone;
ALTER TABLE crm.act DROP COLUMN gone;
CREATE INDEX ON crm.act (contact_id);
INSERT INTO crm.lead SELECT i, CASE WHEN i % 2 = 0 THEN 'boss' END FROM generate_series(1, 4) i;
INSERT INTO crm.act SELECT 1 + i % 4, 'view', '2026-01-01', (ARRAY['/pricing', '/'])[1 + i % 2] FROM generate_series(1, 9) i;
SELECT $${"dimensions": [{"name": "d", "rules": [{"id": "boss", "when": {"title": "boss"}, "points": 100},
  {"id": "view", "on": "view", "cases": [{"where": {"url": "/pricing"}, "points": 10}, {"points": 1}]}]}],
  "tiers": [{"name": "hot", "at": 100}, {"name": "cold"}]}$$ AS rules \gset
-- Rows: leads whose stored or shown score, or what is told of the past, is not what the raw tables say.
CREATE FUNCTION wrong(model text, OUT id int, OUT should float8, OUT stored float8, OUT shown float8) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format('SELECT c.id, x.should, t.total, s.total FROM crm.lead c
    CROSS JOIN LATERAL (SELECT CASE WHEN c.title = ''boss'' THEN 100 ELSE 0 END
      + coalesce((SELECT sum(CASE WHEN a.url = ''/pricing'' THEN 10 ELSE 1 END) FROM crm.act a WHERE a.contact_id = c.id), 0)::float8 AS should) x
    LEFT JOIN %1$I.state t ON t.id = c.id LEFT JOIN %1$I.score s ON s.id = c.id
    WHERE t.total IS DISTINCT FROM x.should OR s.total IS DISTINCT FROM x.should OR (leadscore.score_at(%1$L, c.id::text, now())).total IS DISTINCT FROM x.should ORDER BY c.id', model);
END $$;
CREATE FUNCTION change() RETURNS void LANGUAGE sql AS $$
  INSERT INTO crm.act (contact_id, kind, at, url) SELECT 1 + i % 5, 'view', '2026-02-01', (ARRAY['/pricing', '/'])[1 + i % 2] FROM generate_series(1, 9) i;
  UPDATE crm.act SET url = '/' WHERE contact_id = 2;
  DELETE FROM crm.act WHERE contact_id = 3 AND url = '/';
  UPDATE crm.lead SET title = 'boss' WHERE id IN (1, 3);
  INSERT INTO crm.lead (id, title) VALUES ((SELECT max(id) + 1 FROM crm.lead), 'boss');
$$;
SELECT leadscore.create_model('b2b', :'rules', 'crm.lead');
SELECT leadscore.add_activity('b2b', 'crm.act', lead_key => 'contact_id', kind => 'kind', at => 'at');
SELECT * FROM wrong('b2b');
-- The columns come later
ALTER TABLE crm.lead ADD COLUMN lead text DEFAULT 'x';
ALTER TABLE crm.act ADD COLUMN act text DEFAULT 'y';
SELECT * FROM wrong('b2b');
SELECT change();
SELECT * FROM wrong('b2b');
SELECT leadscore.rebind('b2b');
SELECT leadscore.publish('b2b', replace(:'rules', '"view"', '"seen"')::leadscore.ruleset), leadscore.publish('b2b', :'rules');
SELECT * FROM wrong('b2b');
-- They are there already, also in a view
SELECT leadscore.create_model('late', :'rules', 'crm.lead', filter => 'lead = ''x''');
SELECT leadscore.add_activity('late', 'crm.act', lead_key => 'contact_id', kind => 'kind', at => 'at', filter => 'act <> ''z''');
CREATE VIEW crm.person AS SELECT l.id, l.title, 'p' AS person FROM crm.lead l;
SELECT leadscore.create_model('viewed', :'rules', 'crm.person', lead_key => 'id');
SELECT leadscore.watch('viewed', 'crm.lead', 'SELECT lead.id');
SELECT leadscore.add_activity('viewed', 'crm.act', lead_key => 'contact_id', kind => 'kind', at => 'at');
SELECT change();
SELECT * FROM wrong('b2b');
SELECT * FROM wrong('late');
SELECT * FROM wrong('viewed');
SELECT count(*) FROM leadscore.problem;
SELECT part, detail FROM leadscore.status() WHERE NOT ok AND part NOT LIKE 'index%';
-- Bad rows, read one by one
ALTER TABLE crm.act ADD COLUMN d int DEFAULT 1;
SELECT leadscore.add_activity('viewed', 'crm.act', lead_key => 'contact_id / d', constant_kind => 'none', at => 'at');
INSERT INTO crm.act (contact_id, kind, at, url, d) VALUES (1, 'view', '2026-02-02', '/', 1), (2, 'view', '2026-02-02', '/', 0);
UPDATE crm.act SET url = '/pricing' WHERE contact_id = 2;
SELECT * FROM wrong('b2b');
SELECT * FROM wrong('viewed');
SELECT leadscore.drop_model(m) FROM unnest(ARRAY['b2b', 'late', 'viewed']) m;

-- A key called like a column of state
CREATE TABLE crm.total (total int PRIMARY KEY, version text);
INSERT INTO crm.total VALUES (1, 'boss'), (2, NULL);
SELECT leadscore.create_model('t', replace(:'rules', '"title"', '"version"')::leadscore.ruleset, 'crm.total');
SELECT leadscore.create_model('v', replace(:'rules', '"title"', '"version"')::leadscore.ruleset, 'crm.total', lead_key => 'version', filter => 'version IS NOT NULL');
SELECT leadscore.add_activity('t', 'crm.act', lead_key => 'contact_id', kind => 'kind', at => 'at', filter => 'd <> 0 AND contact_id < 3');
INSERT INTO crm.total VALUES (3, 'chief');
SELECT s.lead_key, s.total = t.total AND s.total = CASE WHEN c.version = 'boss' THEN 100 ELSE 0 END
  + coalesce((SELECT sum(CASE WHEN a.url = '/pricing' THEN 10 ELSE 1 END) FROM crm.act a WHERE a.contact_id = c.total AND c.total < 3 AND a.d <> 0), 0) AS right
FROM t.score s JOIN t.state t USING (lead_key) JOIN crm.total c ON c.total = s.lead_key ORDER BY 1;
SELECT lead_key, total FROM v.score ORDER BY 1;
SELECT leadscore.drop_model(m) FROM unnest(ARRAY['t', 'v']) m;

DROP FUNCTION wrong, change;
DROP SCHEMA crm CASCADE;
