-- The views of a model, which anyone can chart: compared with plain SQL over the algebra.
SET client_min_messages = warning;
CREATE SCHEMA crm;
CREATE TABLE crm.contact (id uuid PRIMARY KEY, n int NOT NULL, title text, country text, opt_out boolean NOT NULL);
CREATE TABLE crm.activity (contact_id uuid, kind text, at timestamptz NOT NULL);
CREATE INDEX ON crm.activity (contact_id);
INSERT INTO crm.contact SELECT md5(i::text)::uuid, i, (ARRAY['VP Sales', 'Intern', 'Manager', NULL])[1 + i % 4], (ARRAY['DE', 'US', NULL])[1 + i % 3], i % 9 = 0 FROM generate_series(1, 500) i;
INSERT INTO crm.activity SELECT md5((1 + i * i % 613)::text)::uuid, (ARRAY['page', 'open', 'demo', 'other'])[1 + i % 4], timestamptz '2021-01-01' + i * interval '1 hour' FROM generate_series(1, 3000) i;
SELECT $${
  "range": {"min": 0, "max": 100},
  "dimensions": [
    {"name": "fit", "rules": [
      {"id": "role", "label": "A decision maker", "cases": [{"when": {"title": {"words": "vp"}}, "points": 20}, {"when": {"title": {"words": "intern"}}, "points": -15}]},
      {"id": "home", "when": {"country": "DE"}, "points": 7.5},
      {"id": "switched_off", "off": true, "when": {"country": "DE"}, "points": 50},
      {"id": "martian", "when": {"country": "MARS"}, "points": 1},
      {"id": "opted_out", "when": {"opt_out": true}, "disqualify": true}]},
    {"name": "engage", "max": 80, "rules": [
      {"id": "page", "on": "page", "points": 2, "max_points": 12},
      {"id": "open", "on": "open", "points": 1.25},
      {"id": "demo", "on": "demo", "count": {"gte": 3}, "points": 25}]}],
  "tiers": [{"name": "never", "at": 99, "when": {"country": "MARS"}}, {"name": "hot", "at": 60}, {"name": "warm", "when": {"title": {"is_null": true}}}, {"name": "warm", "at": 25}, {"name": "cold", "at": 1}]
}$$ AS rules \gset
SELECT leadscore.create_model('b2b', :'rules', 'crm.contact');
SELECT leadscore.add_activity('b2b', 'crm.activity', lead_key => 'contact_id', kind => 'kind', at => 'at');
CREATE VIEW crm.scored AS
  SELECT c.id, c.n, c.country, s.*, a.e FROM crm.contact c
  LEFT JOIN (SELECT contact_id, leadscore.engage(leadscore.active('b2b'), kind, at, a) AS e FROM crm.activity a GROUP BY 1) a ON a.contact_id = c.id,
  leadscore.score(leadscore.active('b2b'), c, a.e) s;

-- Nothing but the server's own types, and a word on every view and column
SELECT c.relname, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relnamespace = 'b2b'::regnamespace AND c.relkind = 'v' GROUP BY 1 ORDER BY 1;
SELECT count(*) FILTER (WHERE n.nspname <> 'pg_catalog') AS own_types, count(*) FILTER (WHERE col_description(c.oid, a.attnum) IS NULL) AS columns_without,
  count(*) FILTER (WHERE obj_description(c.oid, 'pg_class') IS NULL) AS views_without
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE c.relnamespace = 'b2b'::regnamespace AND c.relkind = 'v';

-- score
SELECT count(*) AS leads, count(*) FILTER (WHERE (v.tier, v.grade, v.disqualified) IS DISTINCT FROM (s.tier, s.grade, s.disqualified)
  OR abs(v.total - s.total) > 1e-9 OR abs(v.fit - s.dimensions[1]) > 1e-9 OR abs(v.engage - s.dimensions[2]) > 1e-9) AS different
FROM b2b.score v FULL JOIN crm.scored s USING (id);

-- tiers: each of the rule set, best first, and what has none
SELECT * FROM leadscore.tiers('b2b');
SELECT tier, disqualified, leads FROM b2b.tiers;
SELECT count(*) AS different FROM (
  (SELECT tier, disqualified, leads, mean_score::numeric(12, 6), median_score::numeric(12, 6) FROM b2b.tiers WHERE leads > 0 EXCEPT ALL
   SELECT tier, disqualified, count(*), avg(total)::numeric(12, 6), percentile_cont(0.5) WITHIN GROUP (ORDER BY total)::numeric(12, 6) FROM crm.scored GROUP BY 1, 2)
  UNION ALL (SELECT tier, disqualified, count(*), 0, 0 FROM crm.scored GROUP BY 1, 2 EXCEPT ALL SELECT tier, disqualified, leads, 0, 0 FROM b2b.tiers)) d;

-- distribution
SELECT * FROM b2b.distribution;
SELECT (SELECT sum(leads) FROM b2b.distribution) = (SELECT count(*) FROM crm.scored WHERE NOT disqualified) AS complete,
  (SELECT count(*) FROM b2b.distribution d WHERE d.leads <> (SELECT count(*) FROM crm.scored s WHERE NOT disqualified AND total >= from_score AND (total < to_score OR (total = to_score AND NOT EXISTS (SELECT FROM b2b.distribution n WHERE n.from_score = d.to_score))))) AS wrong;
-- … whatever the range
CREATE TABLE crm.deal (id int PRIMARY KEY, worth float8);
SELECT leadscore.create_model('deals', '{"dimensions": [{"name": "worth", "rules": [{"id": "below", "field": "worth", "bands": [{"below": -1, "points": -7}, {"below": 0, "points": 0.003}, {"below": 1, "points": 0.0041}, {"below": 2, "points": 100}, {"points": 123456}]}]}]}', 'crm.deal');
SELECT count(*) AS bins FROM deals.distribution;
CREATE FUNCTION crm.bins(worths float8[]) RETURNS TABLE (bins bigint, first float8, width float8, last float8, leads numeric) LANGUAGE plpgsql AS $$
BEGIN
  TRUNCATE crm.deal;
  INSERT INTO crm.deal SELECT i, w FROM unnest(worths) WITH ORDINALITY u(w, i);
  RETURN QUERY SELECT count(*), min(d.from_score), min(round((d.to_score - d.from_score)::numeric, 9))::float8, max(d.to_score), sum(d.leads) FROM deals.distribution d;
END $$;
SELECT * FROM crm.bins('{1.5}');
SELECT * FROM crm.bins('{1.5,1.5}');
SELECT * FROM crm.bins('{1.5,-2}');
SELECT * FROM crm.bins('{-0.5,0.5}');
SELECT * FROM crm.bins('{-0.5,9}');
SELECT * FROM crm.bins('{-2,1.5,9}');

-- rules: what explain says of each lead, summed up
SELECT dimension, rule, label, off, leads, fired, points::numeric(12, 4), mean_points::numeric(12, 4) FROM b2b.rules;
SELECT count(*) AS different FROM (
  SELECT dimension, rule, fired, points::numeric(12, 6) FROM b2b.rules WHERE fired > 0 EXCEPT ALL
  SELECT e.dimension, e.rule, count(*), sum(e.points)::numeric(12, 6) FROM crm.contact c JOIN crm.scored s USING (id), leadscore.explain(leadscore.active('b2b'), c, s.e) e WHERE e.rule IS NOT NULL GROUP BY 1, 2) d;
-- Over some of the leads, and many groups
SELECT r.country, u.rule, u.leads, u.fired FROM (SELECT c.country, leadscore.rule_use('b2b', c, s.version, s.engagement, '2022-01-01') AS used FROM crm.contact c LEFT JOIN b2b.state s USING (id) GROUP BY 1) r, unnest(r.used) u
WHERE u.rule IN ('role', 'home') ORDER BY 1, 2;
SELECT count(*) AS groups, sum(u.leads) AS leads FROM (SELECT leadscore.rule_use('b2b', c, s.version, s.engagement, '2022-01-01') AS used FROM crm.contact c LEFT JOIN b2b.state s USING (id) GROUP BY c.n / 2) r, unnest(r.used) u WHERE u.rule = 'role';
-- Models that are mixed up do no harm
SELECT leadscore.create_model('other', '{"dimensions": [{"name": "fit", "rules": [{"id": "any", "when": {}, "points": 1}]}]}', 'crm.contact');
SELECT u.rule, u.leads, u.fired FROM unnest((SELECT leadscore.rule_use(CASE c.n % 2 WHEN 1 THEN 'other' ELSE 'b2b' END, c, NULL, NULL, '2022-01-01' ORDER BY c.n) FROM crm.contact c)) u WHERE u.fired > 0 ORDER BY 1;
SELECT leadscore.rule_use('nobody', NULL, NULL, NULL, NULL);
SELECT leadscore.rule_use(NULL, NULL, NULL, NULL, NULL) IS NULL AS none;

-- transitions
UPDATE crm.contact SET title = 'VP' WHERE n <= 100;
DELETE FROM crm.activity;
SELECT old_tier, new_tier, cause, sum(leads) AS leads, count(*) AS days FROM b2b.transitions GROUP BY 1, 2, 3 HAVING sum(leads) > 5 ORDER BY 1, 2, 3;
SELECT (SELECT sum(leads) FROM b2b.transitions) = (SELECT count(*) FROM leadscore.transition WHERE model = 'b2b') AS complete;
-- Without leads
TRUNCATE crm.contact;
SELECT tier, disqualified, leads, mean_score FROM b2b.tiers;
SELECT * FROM b2b.distribution;
SELECT rule, off, leads, fired, points, mean_points FROM b2b.rules;

-- While states wait to be rebuilt, leads are read by an earlier version, whose rules are then shown too
INSERT INTO crm.contact SELECT md5(i::text)::uuid, i, 'VP', 'DE', false FROM generate_series(1, 3) i;
BEGIN;
SELECT leadscore.publish('b2b', '{"dimensions": [{"name": "fit", "rules": [{"id": "lead", "when": {}, "points": 1}, {"id": "home", "when": {"country": "DE"}, "points": 2}]}], "tiers": [{"name": "only"}]}', rebuild => 'later');
SELECT tier, disqualified, leads FROM b2b.tiers;
SELECT dimension, rule, leads, fired, points FROM b2b.rules;
UPDATE b2b.state SET version = 2, engagement = NULL WHERE id = md5('1')::uuid;
SELECT tier, disqualified, leads FROM b2b.tiers;
SELECT dimension, rule, leads, fired, points FROM b2b.rules;
ROLLBACK;

-- Each reader sees what they may see; by an owner's views, all
CREATE ROLE regress_leadscore_chart;
SELECT leadscore.create_model('shown', :'rules', 'crm.contact', security => 'owner');
GRANT USAGE ON SCHEMA crm, b2b, shown TO regress_leadscore_chart;
GRANT SELECT ON ALL TABLES IN SCHEMA b2b TO regress_leadscore_chart;
GRANT SELECT ON shown.score, shown.tiers, shown.distribution, shown.rules, shown.transitions TO regress_leadscore_chart;
SET ROLE regress_leadscore_chart;
\set VERBOSITY terse
SELECT * FROM b2b.tiers;
SELECT * FROM b2b.rules;
SELECT (SELECT sum(leads) FROM shown.tiers) AS tiers, (SELECT sum(leads) FROM shown.distribution) AS distribution, (SELECT max(leads) FROM shown.rules) AS rules, (SELECT count(*) FROM shown.transitions) AS transitions;
RESET ROLE;
GRANT SELECT ON crm.contact TO regress_leadscore_chart;
ALTER TABLE crm.contact ENABLE ROW LEVEL SECURITY;
CREATE POLICY two ON crm.contact FOR SELECT USING (n <= 2);
SET ROLE regress_leadscore_chart;
SELECT (SELECT sum(leads) FROM b2b.tiers) AS tiers, (SELECT sum(leads) FROM b2b.distribution) AS distribution, (SELECT max(leads) FROM b2b.rules) AS rules, (SELECT count(*) FROM b2b.state) AS states;
RESET ROLE;

SELECT leadscore.drop_model(name) FROM leadscore.model ORDER BY name;
DROP SCHEMA crm CASCADE;
DROP ROLE regress_leadscore_chart;
