-- What became of the leads of a model, and whether they are still who they were: set_outcome, the views performance and drift, baselines. Every figure beside plain SQL.
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE SCHEMA crm;
CREATE TABLE crm.contact (id int PRIMARY KEY, country text, size int, status text, closed_on date);
CREATE TABLE crm.deal (contact int, stage text, decided_at timestamptz);
CREATE TABLE crm.activity (contact_id int, kind text, at timestamptz NOT NULL);
CREATE INDEX ON crm.activity (contact_id);
INSERT INTO crm.contact SELECT i, (ARRAY['NL', 'DE', 'US'])[1 + i % 3], nullif(i * i % 101, 25), CASE i % 5 WHEN 0 THEN 'won' WHEN 1 THEN 'won' WHEN 2 THEN 'lost' WHEN 3 THEN 'open' END, date '2026-01-10' + i * 7 % 110 FROM generate_series(1, 400) i;
SELECT $${"dimensions": [{"name": "fit", "rules": [
    {"id": "country", "label": "Where", "field": "country", "map": {"NL": 10, "DE": 5}},
    {"id": "size", "field": "size", "bands": [{"below": 20, "points": 2}, {"below": 60, "points": 4}, {"points": 9}]},
    {"id": "big", "when": {"size": {"gt": 90}}, "points": 3},
    {"id": "always", "when": {}, "points": 1},
    {"id": "martian", "when": {"country": "MARS"}, "points": 1},
    {"id": "resting", "off": true, "when": {"country": "NL"}, "points": 50}]},
  {"name": "engagement", "rules": [{"id": "demo", "on": "demo", "points": 6, "max_points": 12}]}],
  "tiers": [{"name": "hot", "at": 15}, {"name": "warm", "at": 6}, {"name": "cold"}]}$$ AS rules \gset
SELECT leadscore.create_model('b2b', :'rules', 'crm.contact');
SELECT leadscore.add_activity('b2b', 'crm.activity', 'contact_id', 'kind', at => 'at');

-- No outcome yet: the view is there
SELECT * FROM b2b.performance;
SELECT leadscore.set_outcome('b2b', $$CASE status WHEN 'won' THEN true WHEN 'lost' THEN false END$$, 'closed_on');
SELECT outcome, decided_at FROM leadscore.model;
SELECT part, ok, detail FROM leadscore.status('b2b') WHERE part = 'outcome';

-- Tiers move twice; when they did is set by hand. A lead's tier at any time, from the transitions as spans of time.
UPDATE crm.contact SET size = 95 WHERE id % 4 = 1;
INSERT INTO crm.activity SELECT id, 'demo', '2021-01-01' FROM crm.contact WHERE id % 6 IN (1, 2);
UPDATE leadscore.transition SET at = CASE cause WHEN 'lead' THEN timestamptz '2026-02-10 12:00' ELSE '2026-03-20' END;
SELECT cause, count(*) FROM leadscore.transition GROUP BY 1 ORDER BY 1;
CREATE VIEW crm.tier_during AS
  SELECT lead_key::int AS id, tstzrange(lag(at) OVER w, at, '[)') AS during, old_tier AS tier FROM leadscore.transition WINDOW w AS (PARTITION BY lead_key ORDER BY at)
  UNION ALL (SELECT DISTINCT ON (lead_key) lead_key::int, tstzrange(at, NULL), new_tier FROM leadscore.transition ORDER BY lead_key, at DESC);
CREATE VIEW crm.outcomes AS
  SELECT c.id, CASE WHEN c.status IN ('won', 'lost') THEN c.status = 'won' END AS won, c.closed_on,
    CASE WHEN c.status IN ('won', 'lost') THEN coalesce((SELECT d.tier FROM crm.tier_during d WHERE d.id = c.id AND d.during @> timestamptz (c.closed_on::text || ' 00:00+00')), s.tier) ELSE s.tier END AS tier
  FROM crm.contact c JOIN b2b.score s USING (id);
SELECT month, tier, leads, open, decided, won, conversion::numeric(6, 4), low::numeric(6, 4), high::numeric(6, 4) FROM b2b.performance;
SELECT count(*) AS different FROM (
  SELECT CASE WHEN won IS NOT NULL THEN to_char(closed_on, 'YYYY-MM-01')::date END AS month, tier, count(*) AS leads, count(*) FILTER (WHERE won IS NULL) AS open, count(won) AS decided,
    sum(won::int) FILTER (WHERE won IS NOT NULL) AS won FROM crm.outcomes GROUP BY 1, 2) e
FULL JOIN b2b.performance p ON p.month IS NOT DISTINCT FROM e.month AND p.tier = e.tier AND (p.leads, p.open, p.decided, p.won) = (e.leads, e.open, e.decided, coalesce(e.won, 0))
WHERE p.tier IS NULL OR e.tier IS NULL;
-- Had all tiers been taken as they are now, it would be another table.
SELECT count(*) > 20 AS moved_since FROM crm.outcomes o JOIN b2b.state s USING (id) WHERE o.tier <> s.tier;
-- The interval is that of calibration_table; conversion is plain.
SELECT max(abs(p.low - c.low)) < 1e-12 AS low, max(abs(p.high - c.high)) < 1e-12 AS high, bool_and(p.conversion = p.won::float8 / p.decided) AS conversion, count(*) AS rows
FROM b2b.performance p, LATERAL (SELECT (leadscore.calibration_table(0.5::float8, i <= p.won, 1))[1].* FROM generate_series(1, p.decided) i) c WHERE p.decided > 0;
-- All lost, all won
BEGIN;
SELECT leadscore.set_outcome('b2b', 'false');
SELECT month, tier, open, conversion, low, round(high::numeric, 4) AS high FROM b2b.performance;
SELECT leadscore.set_outcome('b2b', 'true', 'timestamp ''2026-04-01 01:00''');
SELECT month, sum(decided) AS decided, min(conversion) AS conversion, min(high) AS high FROM b2b.performance GROUP BY 1;
ROLLBACK;

-- An outcome may look into any table; the time may be one with a zone.
SELECT leadscore.set_outcome('b2b', $$(SELECT bool_or(deal.stage = 'won') FROM crm.deal WHERE deal.contact = contact.id AND deal.stage <> 'open')$$, '(SELECT max(d.decided_at) FROM crm.deal d WHERE d.contact = contact.id)');
INSERT INTO crm.deal VALUES (1, 'won', '2026-01-31 23:30-01'), (2, 'lost', '2026-02-01'), (3, 'open', '2026-02-01'), (4, 'won', NULL), (5, 'lost', '2026-02-03'), (5, 'won', '2026-02-05');
SELECT month, sum(leads) AS leads, sum(open) AS open, sum(won) AS won FROM b2b.performance GROUP BY 1 ORDER BY 1;
\set VERBOSITY default
ALTER TABLE crm.deal RENAME TO opportunity;
ALTER TABLE crm.deal RENAME stage TO phase;
ALTER TABLE crm.deal DROP COLUMN stage CASCADE;
SET client_min_messages = notice;
DROP TABLE crm.deal;
DROP TABLE crm.deal CASCADE;
SET client_min_messages = warning;
SELECT outcome, decided_at FROM leadscore.model;
SELECT * FROM b2b.performance;

-- What can't be bound
SELECT leadscore.set_outcome('nobody', 'true');
SELECT leadscore.set_outcome(NULL, 'true');
SELECT leadscore.set_outcome('b2b', 'status');
SELECT leadscore.set_outcome('b2b', 'closed_on < now()');
SELECT leadscore.set_outcome('b2b', 'count(*) > 1');
SELECT leadscore.set_outcome('b2b', 'EXISTS (SELECT FROM crm.deals)');
SELECT leadscore.set_outcome('b2b', 'true', 'status');
SELECT leadscore.set_outcome('b2b', NULL, 'closed_on');

-- A column that it reads
SELECT leadscore.set_outcome('b2b', 'status = ''won''', 'closed_on');
ALTER TABLE crm.contact RENAME status TO state;
ALTER TABLE crm.contact DROP COLUMN closed_on;
ALTER TABLE crm.contact DROP COLUMN closed_on CASCADE;
ALTER TABLE crm.contact RENAME TO person;
SELECT sum(decided) AS decided FROM b2b.performance;
-- By the name that the table has now
SELECT leadscore.set_outcome('b2b', 'person.status = ''won''', 'closed_on');
SELECT outcome FROM leadscore.model;
SELECT sum(decided) AS decided FROM b2b.performance;
ALTER TABLE crm.person RENAME TO contact;
SELECT leadscore.set_outcome('b2b', NULL);
ALTER TABLE crm.contact DROP COLUMN closed_on;
ALTER TABLE crm.contact RENAME status TO state;
SELECT leadscore.set_outcome('b2b', 'state = ''won''');
SELECT leadscore.rebind('b2b');
SELECT month, sum(decided) AS decided FROM b2b.performance GROUP BY 1;

-- drift: what it says of each rule and of the total, beside what explain and the score of each lead say. The baseline is of when activities were bound last.
SELECT rule, label, leads_then, leads_now, share_then, share_now, round(psi::numeric, 6) AS psi, verdict, since > now() - interval '1 hour' AS since FROM b2b.drift;
SELECT leadscore.take_baseline('b2b');
SELECT rule, leads_then, leads_now, round(share_then::numeric, 4) AS share_then, share_then = share_now AS same, psi, verdict FROM b2b.drift;
CREATE VIEW crm.firing AS SELECT r.rule, c.id, EXISTS (SELECT FROM leadscore.explain(leadscore.active('b2b'), c, s.engagement) e WHERE e.rule = r.rule) AS fires
  FROM crm.contact c LEFT JOIN b2b.state s USING (id) CROSS JOIN b2b.rules r;
CREATE TABLE crm.firing_then AS TABLE crm.firing;
CREATE TABLE crm.total_then AS SELECT total FROM b2b.score;
SELECT count(DISTINCT total) AS totals FROM crm.total_then;
CREATE FUNCTION crm.plain_psi(expected bigint[], actual bigint[]) RETURNS float8 LANGUAGE sql AS $$
  SELECT sum((a.share - e.share) * ln(a.share / e.share)) FROM unnest(expected, actual) u(e, a),
    LATERAL (SELECT (u.e + CASE WHEN u.e = 0 OR u.a = 0 THEN 0.5 ELSE 0 END)::float8 / (SELECT sum(x) FROM unnest(expected) x) AS share) e,
    LATERAL (SELECT (u.a + CASE WHEN u.e = 0 OR u.a = 0 THEN 0.5 ELSE 0 END)::float8 / (SELECT sum(x) FROM unnest(actual) x) AS share) a
  WHERE u.e + u.a > 0 $$;
CREATE VIEW crm.drift_expected AS
  SELECT n.rule, t.leads AS leads_then, n.leads AS leads_now, t.fired::float8 / t.leads AS share_then, n.fired::float8 / n.leads AS share_now,
    crm.plain_psi(ARRAY[t.fired, t.leads - t.fired], ARRAY[n.fired, n.leads - n.fired]) AS plain,
    leadscore.psi((SELECT array_agg(fires::text) FROM crm.firing_then x WHERE x.rule = n.rule), (SELECT array_agg(fires::text) FROM crm.firing x WHERE x.rule = n.rule)) AS psi
  FROM (SELECT rule, count(*) AS leads, count(*) FILTER (WHERE fires) AS fired FROM crm.firing GROUP BY 1) n JOIN (SELECT rule, count(*) AS leads, count(*) FILTER (WHERE fires) AS fired FROM crm.firing_then GROUP BY 1) t USING (rule)
  UNION ALL SELECT NULL, (SELECT count(*) FROM crm.total_then), (SELECT count(*) FROM b2b.score), NULL, NULL,
    -- Bins by plain SQL: equal totals together, each where the middle of its ranks is.
    (WITH levels AS (SELECT total, floor((rank() OVER (ORDER BY total) - 1 + count(*) OVER (PARTITION BY total) / 2.0) * 10 / count(*) OVER ()) AS bin FROM crm.total_then),
      bins AS (SELECT bin, max(total) AS highest, count(*) AS leads FROM levels GROUP BY 1),
      placed AS (SELECT coalesce((SELECT min(b.bin) FROM bins b WHERE b.highest >= s.total), (SELECT max(b.bin) FROM bins b)) AS bin FROM b2b.score s)
     SELECT crm.plain_psi(array_agg(b.leads ORDER BY b.bin), array_agg((SELECT count(*) FROM placed p WHERE p.bin = b.bin) ORDER BY b.bin)) FROM bins b),
    leadscore.psi((SELECT array_agg(total) FROM crm.total_then), (SELECT array_agg(total) FROM b2b.score));
CREATE FUNCTION crm.drift_faults() RETURNS TABLE (rule text, fault text) LANGUAGE sql AS $$
  SELECT coalesce(d.rule, 'total'), CASE WHEN e.leads_now IS NULL THEN 'not expected' WHEN d.leads_now IS NULL THEN 'missing' ELSE format('%s instead of %s', d, e) END
  FROM b2b.drift d FULL JOIN crm.drift_expected e ON coalesce(d.rule, 'total') = coalesce(e.rule, 'total')
  WHERE (d.leads_then, d.leads_now, d.share_then, d.share_now, d.psi) IS DISTINCT FROM (e.leads_then, e.leads_now, e.share_then, e.share_now, e.psi) OR abs(d.psi - e.plain) > 1e-12
    OR d.verdict <> CASE WHEN d.rule = 'resting' THEN 'switched off' WHEN d.share_now = 0 THEN 'fires for nobody' WHEN d.share_now = 1 THEN 'fires for everybody' WHEN e.plain < 0.1 THEN 'stable' WHEN e.plain <= 0.25 THEN 'moving' ELSE 'shifted' END $$;
SELECT * FROM crm.drift_faults();
-- The population changes: a few more leads of one country; many; other sizes; activities
INSERT INTO crm.contact SELECT i, 'NL', i % 101 FROM generate_series(401, 480) i;
SELECT * FROM crm.drift_faults();
SELECT rule, leads_then, leads_now, round(share_then::numeric, 4) AS share_then, round(share_now::numeric, 4) AS share_now, round(psi::numeric, 4) AS psi, verdict FROM b2b.drift;
INSERT INTO crm.contact SELECT i, 'US', i % 40 FROM generate_series(481, 1000) i;
SELECT * FROM crm.drift_faults();
SELECT rule, round(psi::numeric, 4) AS psi, verdict FROM b2b.drift;
INSERT INTO crm.activity SELECT i, 'demo', '2021-05-05' FROM generate_series(300, 900) i;
DELETE FROM crm.contact WHERE size > 90;
SELECT * FROM crm.drift_faults();
SELECT rule, round(psi::numeric, 4) AS psi, verdict FROM b2b.drift;
UPDATE crm.contact SET country = 'NL', size = 30;
SELECT * FROM crm.drift_faults();
SELECT rule, round(psi::numeric, 4) AS psi, verdict FROM b2b.drift;

-- A version has a baseline of its own, of when it was published; that of the one before is kept.
SELECT leadscore.publish('b2b', replace(:'rules', '"points": 4}', '"points": 3}')::leadscore.ruleset);
SELECT count(*) AS rules, max(psi) AS psi FROM b2b.drift;
SELECT version, leads, rules, fired, bounds, counts FROM leadscore.baseline ORDER BY version;
UPDATE crm.contact SET country = 'US' WHERE id < 700;
SELECT rule, round(psi::numeric, 4) AS psi, verdict FROM b2b.drift WHERE psi > 0;
-- Neither rescore nor rebind takes another.
CALL leadscore.rescore('b2b');
SELECT leadscore.rebind('b2b');
SELECT rule, round(psi::numeric, 4) AS psi, verdict FROM b2b.drift WHERE psi > 0;
-- While states wait to be rebuilt there is none: rescore takes it at its end.
SELECT leadscore.publish('b2b', replace(:'rules', '"max_points": 12', '"within": "30 days"')::leadscore.ruleset, rebuild => 'later');
SELECT rule, leads_then, leads_now, share_then, psi, verdict, since FROM b2b.drift WHERE rule IS NULL OR rule IN ('country', 'demo', 'size');
SELECT leadscore.take_baseline('b2b');
CALL leadscore.rescore('b2b');
SELECT rule, leads_then, psi, verdict FROM b2b.drift;
SELECT version FROM leadscore.baseline ORDER BY version;
-- As models have it that were made by an earlier version: rebind takes one.
DELETE FROM leadscore.baseline;
SELECT DISTINCT leads_then, psi, verdict FROM b2b.drift ORDER BY 3;
SELECT leadscore.rebind('b2b');
SELECT version, leads FROM leadscore.baseline;

-- Without leads; then with some; and with one that can't be read
CREATE VIEW crm.few AS SELECT c.id, 10 / c.size AS q FROM crm.contact c WHERE c.id < 0;
SELECT leadscore.create_model('few', '{"dimensions": [{"name": "d", "rules": [{"id": "q", "when": {"q": {"gt": 1}}, "points": 1}]}]}', 'crm.few', lead_key => 'id');
SELECT leadscore.watch('few', 'crm.contact', 'SELECT contact.id');
SELECT rule, leads_then, leads_now, psi, verdict FROM few.drift;
SELECT leadscore.set_outcome('few', 'q > 2');
SELECT * FROM few.performance;
INSERT INTO crm.contact (id, size) VALUES (-1, 1), (-2, 10);
SELECT rule, leads_then, leads_now, psi, verdict FROM few.drift;
SELECT leadscore.take_baseline('few');
SELECT rule, leads_then, leads_now, psi, verdict FROM few.drift;
INSERT INTO crm.contact (id, size) VALUES (-3, 0);
SELECT leadscore.publish('few', leadscore.active('few'));
SELECT version FROM leadscore.baseline WHERE model = 'few';
DELETE FROM crm.contact WHERE id = -3;
SELECT leads_then, leads_now, verdict FROM few.drift WHERE rule IS NULL;

-- Keys that a session may write otherwise: the tiers that leads had are found all the same.
CREATE TABLE crm.visit (began timestamptz PRIMARY KEY, size int, won boolean);
INSERT INTO crm.visit SELECT timestamptz '2026-01-01' + i * interval '7 hours', i, i % 3 = 0 FROM generate_series(1, 30) i;
SELECT leadscore.create_model('visits', '{"dimensions": [{"name": "d", "rules": [{"id": "size", "field": "size", "bands": [{"below": 10, "points": 0}, {"points": 20}]}]}], "tiers": [{"name": "hot", "at": 15}, {"name": "cold"}]}', 'crm.visit');
SELECT leadscore.set_outcome('visits', 'won', 'timestamp ''2026-03-01''');
UPDATE crm.visit SET size = size + 100;
SELECT tier, decided, won FROM visits.performance;
SET timezone = 'Asia/Tokyo';
SET datestyle = 'German';
SELECT tier, decided, won FROM visits.performance;
RESET datestyle;
SET timezone = 'UTC';

-- A rule set without rules
SELECT leadscore.create_model('blank', '{"dimensions": [{"name": "d", "rules": []}]}', 'crm.contact');
SELECT rule, leads_then, leads_now, psi, verdict FROM blank.drift;
SELECT leads, rules, fired, bounds, counts FROM leadscore.baseline WHERE model = 'blank';

-- Who sees what
CREATE ROLE regress_leadscore_reader;
CREATE ROLE regress_leadscore_stranger;
SELECT leadscore.create_model('shown', :'rules', 'crm.contact', security => 'owner');
SELECT leadscore.set_outcome('shown', 'state = ''won''');
GRANT USAGE ON SCHEMA crm, b2b, shown TO regress_leadscore_reader;
SET ROLE regress_leadscore_stranger;
\set VERBOSITY terse
SELECT leadscore.set_outcome('b2b', NULL);
SELECT leadscore.take_baseline('b2b');
SELECT count(*) AS baselines FROM leadscore.baseline;
INSERT INTO leadscore.baseline VALUES ('b2b', 9, 1, '{}', '{}', '{}', '{}');
DELETE FROM leadscore.baseline;
SELECT * FROM shown.drift;
RESET ROLE;
GRANT SELECT ON shown.drift, shown.performance TO regress_leadscore_reader;
SET ROLE regress_leadscore_reader;
SELECT model, leads FROM leadscore.baseline;
SELECT leads_then, verdict FROM shown.drift WHERE rule IS NULL;
-- Which of the views is named depends on the server.
\set VERBOSITY sqlstate
SELECT * FROM b2b.drift;
\set VERBOSITY default
-- Without transitions the tiers would be other ones: nothing is shown.
SELECT * FROM shown.performance;
RESET ROLE;
GRANT SELECT ON shown.transitions TO regress_leadscore_reader;
SET ROLE regress_leadscore_reader;
SELECT sum(leads) AS leads, sum(decided) AS decided FROM shown.performance;
RESET ROLE;
-- With the reader's rights: the leads that they may see
GRANT SELECT ON ALL TABLES IN SCHEMA b2b TO regress_leadscore_reader;
GRANT SELECT ON crm.contact TO regress_leadscore_reader;
ALTER TABLE crm.contact ENABLE ROW LEVEL SECURITY;
CREATE POLICY a_few ON crm.contact FOR SELECT USING (id BETWEEN 1 AND 40);
SET ROLE regress_leadscore_reader;
SELECT sum(leads) AS leads, sum(decided) AS decided FROM b2b.performance;
SELECT leads_then, leads_now FROM b2b.drift WHERE rule IS NULL;
RESET ROLE;
REVOKE SELECT ON b2b.rules FROM regress_leadscore_reader;
SET ROLE regress_leadscore_reader;
SELECT leads_then, leads_now FROM b2b.drift WHERE rule IS NULL;
RESET ROLE;

-- Counts alone
SELECT leadscore.psi_of_counts('{10,20,30}', '{15,20,25}') = crm.plain_psi('{10,20,30}', '{15,20,25}') AS plain, leadscore.psi_of_counts('{0,0}', '{1,1}') AS nothing_expected, leadscore.psi_of_counts('{}', '{}') AS no_bins, leadscore.psi_of_counts(NULL, '{1}') AS none;
SELECT leadscore.psi_of_counts('{1,2}', '{1}');
SELECT leadscore.psi_of_counts('{1,-2}', '{1,1}');
SELECT leadscore.psi_of_counts('{1,NULL}', '{1,1}');
SELECT leadscore.psi_of_counts('{9007199254740993}', '{1}');

DROP VIEW crm.firing, crm.outcomes CASCADE;
SELECT leadscore.drop_model(name) FROM leadscore.model ORDER BY name;
SELECT count(*) AS left_over FROM leadscore.baseline;
DROP SCHEMA crm CASCADE;
DROP ROLE regress_leadscore_reader, regress_leadscore_stranger;
