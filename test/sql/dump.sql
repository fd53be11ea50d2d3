-- Models of several kinds on a small CRM, for test/sql/dump.

\set ON_ERROR_STOP on
\set QUIET on
CREATE SCHEMA crm;
CREATE TYPE crm.industry AS ENUM ('energy', 'retail');
CREATE TABLE crm.company (id int PRIMARY KEY, name text, industry crm.industry, employees int);
CREATE TABLE crm.contact (id int PRIMARY KEY, company_id int REFERENCES crm.company, title text, email text, deleted_at timestamptz);
-- Activities in partitions by time, the later ones in partitions of partitions.
CREATE TABLE crm.activity (id bigserial, contact_id int, kind text, at timestamptz NOT NULL, url text) PARTITION BY RANGE (at);
CREATE INDEX ON crm.activity (contact_id);
CREATE TABLE crm.activity_old PARTITION OF crm.activity FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
CREATE TABLE crm.activity_new PARTITION OF crm.activity FOR VALUES FROM ('2020-01-01') TO (MAXVALUE) PARTITION BY HASH (contact_id);
CREATE TABLE crm.activity_new_0 PARTITION OF crm.activity_new FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE crm.activity_new_1 PARTITION OF crm.activity_new FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE crm."Order Line" ("Contact" int, "Paid At" timestamp, "Amount" numeric(10, 2));
CREATE INDEX ON crm."Order Line" ("Contact");

INSERT INTO crm.company SELECT g, 'Company ' || g, (ARRAY['energy', 'retail'])[1 + g % 2]::crm.industry, g * 50 FROM generate_series(1, 20) g;
INSERT INTO crm.contact SELECT g, 1 + g % 20, (ARRAY['Directeur général', 'buyer', 'student', NULL])[1 + g % 4], 'c' || g || (ARRAY['@gmail.com', '@firm.example', '@acme.com'])[1 + g % 3],
  CASE WHEN g % 17 = 0 THEN now() END FROM generate_series(1, 200) g;
INSERT INTO crm.activity (contact_id, kind, at, url)
SELECT 1 + g * 7 % 190, CASE WHEN g % 40 = 0 THEN 'rfq' WHEN g % 3 = 0 THEN 'page_view' ELSE 'email_open' END, now() - interval '1 hour' * (g % 2500), (ARRAY['/pricing', '/docs', NULL])[1 + g % 3 * 2 % 3] FROM generate_series(1, 3000) g;
INSERT INTO crm.activity (contact_id, kind, at) SELECT g, 'page_view', '2019-05-05' FROM generate_series(1, 50) g;
INSERT INTO crm.activity (contact_id, kind, at) SELECT g, 'rfq', now() + interval '3 days' FROM generate_series(60, 70) g;
INSERT INTO crm."Order Line" SELECT 1 + g % 100, now() - interval '1 day' * g, g FROM generate_series(1, 300) g;

\set rules '{"dimensions": [{"name": "fit", "grades": [{"name": "A", "at": 10}, {"name": "B"}], "rules": [{"id": "role", "when": {"title": {"words": ["directeur", "buyer"]}}, "points": 20}, {"id": "rival", "when": {"email": {"domain": "acme.com"}}, "disqualify": true}]}, {"name": "engagement", "grades": [{"name": "1", "at": 20}, {"name": "2"}], "rules": [{"id": "page", "on": "page_view", "points": 3, "half_life": "14 days"}, {"id": "days", "on": "*", "distinct": "kind", "within": "60 days", "count": {"gte": 2}, "points": 5}, {"id": "rfq", "on": "rfq", "points": 30, "within": "30 days", "max_events": 2, "promote_to": "hot"}]}], "tiers": [{"name": "hot", "at": 50}, {"name": "warm", "at": 15}, {"name": "cold"}]}'
SELECT leadscore.create_model('b2b', :'rules', lead => 'crm.contact', filter => 'deleted_at IS NULL') \g /dev/null
SELECT leadscore.add_activity('b2b', 'crm.activity', 'contact_id', kind => 'kind', at => 'at') \g /dev/null

-- Another on the same tables, under a name that needs quotation marks, for the owner's readers, with a view as lead.
CREATE VIEW crm."Lead" AS SELECT c.id AS "Lead Id", c.title, c.email, o.industry, o.employees FROM crm.contact c LEFT JOIN crm.company o ON o.id = c.company_id WHERE c.deleted_at IS NULL;
\set rules2 '{"dimensions": [{"name": "fit", "rules": [{"id": "industry", "field": "industry", "map": {"energy": 10}}, {"id": "size", "field": "employees", "bands": [{"below": 500, "points": 1}, {"points": 5}]}]}, {"name": "engagement", "rules": [{"id": "paid", "on": "order", "points": 0.1, "multiply_by": "Amount", "fades_over": "200 days"}]}], "tiers": [{"name": "good", "at": 40}, {"name": "other"}]}'
SELECT leadscore.create_model('Größe "2"', :'rules2', lead => 'crm."Lead"', lead_key => '"Lead Id"', security => 'owner', notify => false) \g /dev/null
SELECT leadscore.watch('Größe "2"', 'crm.contact', 'SELECT contact.id') \g /dev/null
SELECT leadscore.watch('Größe "2"', 'crm.company', 'SELECT c.id FROM crm.contact c WHERE c.company_id = company.id') \g /dev/null
SELECT leadscore.add_activity('Größe "2"', 'crm."Order Line"', '"Contact"', constant_kind => 'order', at => '"Paid At"') \g /dev/null

-- Another version, by which some states are still to be rebuilt when the dump is made.
SELECT leadscore.publish('b2b', replace(:'rules', '"points": 20', '"points": 21')::leadscore.ruleset, 'more for the role') \g /dev/null
SELECT leadscore.publish('Größe "2"', replace(:'rules2', '200 days', '100 days')::leadscore.ruleset, 'faster', rebuild => 'later') \g /dev/null

-- People may have things of their own on top.
CREATE ROLE :"reader";
GRANT USAGE ON SCHEMA b2b TO :"reader";
GRANT SELECT ON b2b.score, b2b.transitions TO :"reader";
CREATE MATERIALIZED VIEW crm.top AS SELECT id, total FROM b2b.score WHERE tier = 'hot';

-- What happened while it lived: tiers have moved.
UPDATE crm.contact SET title = 'buyer' WHERE id BETWEEN 1 AND 20;
INSERT INTO crm.activity (contact_id, kind, at) SELECT g, 'rfq', now() FROM generate_series(30, 40) g;
UPDATE crm.company SET employees = 10 WHERE id > 15;
INSERT INTO crm."Order Line" SELECT 150, now(), 500;
DELETE FROM crm.activity WHERE contact_id = 5;

-- The comparison with plain SQL, which goes along.
CREATE SCHEMA checks;
CREATE TYPE checks.touch AS (kind text, url text);
CREATE FUNCTION checks.touches(contact int) RETURNS TABLE (kind text, at timestamptz, fields checks.touch) LANGUAGE sql STABLE AS
  'SELECT a.kind, a.at, ROW(a.kind, a.url)::checks.touch FROM crm.activity a WHERE a.contact_id = contact';
CREATE FUNCTION checks.orders(contact int) RETURNS TABLE (kind text, at timestamptz, fields crm."Order Line") LANGUAGE sql STABLE AS
  $$SELECT 'order', o."Paid At" AT TIME ZONE 'UTC', o FROM crm."Order Line" o WHERE o."Contact" = contact$$;
CREATE VIEW checks.contacts AS SELECT * FROM crm.contact WHERE deleted_at IS NULL;
CREATE VIEW checks.leads AS SELECT c.id AS "Lead Id", o.industry, o.employees FROM crm.contact c, crm.company o WHERE o.id = c.company_id AND c.deleted_at IS NULL;
\ir live.sql
SELECT checks.make('b2b', 'id', 'checks.contacts', 'checks.touches'), checks.make('Größe "2"', 'Lead Id', 'checks.leads', 'checks.orders') \g /dev/null
