-- Why a lead has its score, and what it was: compared with the algebra over the raw tables.
SET client_min_messages = error;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
CREATE SCHEMA crm;
CREATE TABLE crm.contact (id int PRIMARY KEY, title text, country text, created_at timestamptz NOT NULL, blocked boolean NOT NULL DEFAULT false);
CREATE TABLE crm.activity (id int PRIMARY KEY, contact_id int, kind text, at timestamptz, url text, amount float8);
CREATE INDEX ON crm.activity (contact_id);
CREATE TABLE crm.call (id int PRIMARY KEY, person int, began timestamptz, url text, amount float8);
CREATE INDEX ON crm.call (person);
INSERT INTO crm.contact SELECT i, (ARRAY['VP Sales', 'Intern', 'Manager, IT', NULL])[1 + i % 4], (ARRAY['DE', 'US', NULL])[1 + i % 3], timestamptz '2020-06-01' + i * interval '1 day', i % 10 = 0
FROM generate_series(1, 24) i;
INSERT INTO crm.activity SELECT i, 1 + i * i % 23, (ARRAY['page', 'page', 'open', 'demo', 'left', 'other'])[1 + i % 6], timestamptz '2020-12-01' + (i * 7919 % 150) * interval '1 day' + i * interval '17 minutes',
  (ARRAY['/pricing', '/about', NULL])[1 + i % 3], i % 5
FROM generate_series(1, 400) i;
INSERT INTO crm.activity VALUES (900, 1, NULL, '2021-02-03'), (901, 1, 'page', NULL), (902, 1, 'demo', '2999-01-01');
INSERT INTO crm.call SELECT i, 1 + i % 24, timestamptz '2020-12-15' + i * interval '2 days 1 hour' FROM generate_series(1, 60) i;
SELECT $${
  "range": {"min": -50, "max": 150}, "decimals": 2,
  "dimensions": [
    {"name": "fit", "weight": 2, "grades": [{"name": "A", "at": 15}, {"name": "B"}], "rules": [
      {"id": "role", "label": "A decision maker", "when": {"title": {"words": ["vp", "manager"]}}, "points": 15},
      {"id": "home", "when": {"country": "DE"}, "points": 5},
      {"id": "fresh", "when": {"created_at": {"newer_than": "200 days"}}, "points": 3},
      {"id": "switched_off", "off": true, "when": {"country": "DE"}, "points": 50},
      {"id": "blocked", "when": {"blocked": true}, "disqualify": true}]},
    {"name": "engagement", "max": 60, "groups": {"web": {"max": 30}},
     "idle": {"on": "*", "after": "30 days", "every": "30 days", "keep": 0.7},
     "rules": [
      {"id": "page", "group": "web", "on": "page", "half_life": "20 days", "cases": [{"where": {"url": "/pricing"}, "points": 8}, {"points": 1}]},
      {"id": "daily", "group": "web", "on": "page", "max_per_day": 1, "max_events": 4, "points": 2},
      {"id": "open", "on": "open", "multiply_by": "amount", "points": 1, "within": "60 days"},
      {"id": "demo", "on": "demo", "count": {"gte": 2}, "points": 12},
      {"id": "call", "on": "call", "when": {"country": ["DE", "US"]}, "points": 4, "fades_over": "90 days"},
      {"id": "recent", "on": "*", "except": "other", "recency": [{"within": "10 days", "points": 5}]},
      {"id": "left", "on": "left", "points": -6, "max_events": 1}]}],
  "tiers": [{"name": "hot", "at": 70}, {"name": "warm", "at": 30}, {"name": "cold"}]
}$$ AS rules \gset
SELECT leadscore.create_model('b2b', :'rules', 'crm.contact');
SELECT leadscore.add_activity('b2b', 'crm.activity', lead_key => 'contact_id', kind => 'kind', at => 'at');
SELECT leadscore.add_activity('b2b', 'crm.call', lead_key => 'person', constant_kind => 'call', at => 'began');

-- The same without a model: a lead's state at a time
CREATE VIEW crm.touch AS
  SELECT contact_id, kind, at, url, amount, id AS touch, false AS called FROM crm.activity UNION ALL SELECT person, 'call', began, url, amount, id, true FROM crm.call;
CREATE FUNCTION crm.state_at(lead int, as_of timestamptz) RETURNS leadscore.engagement LANGUAGE sql STABLE AS
  $$ SELECT leadscore.engage(leadscore.active('b2b'), t.kind, t.at, t, as_of) FROM crm.touch t WHERE t.contact_id = lead $$;
CREATE TABLE crm.moment AS SELECT c.id, c::crm.contact AS contact, t.at
FROM crm.contact c, (VALUES (timestamptz '2020-11-01'), ('2021-01-04 12:00'), ('2021-03-01'), ('2021-08-01')) t(at);

-- score_at is score by the activities up to then
SELECT count(*) AS moments, count(*) FILTER (WHERE (a.total, a.tier, a.grade, a.disqualified) IS DISTINCT FROM (s.total, s.tier, s.grade, s.disqualified)
  OR (SELECT max(abs(u.a - u.s)) FROM unnest(a.dimensions, s.dimensions) u(a, s)) > 1e-9) AS different, count(DISTINCT s.total) > 20 AS scores_vary, count(DISTINCT s.tier) AS tiers
FROM crm.moment m, leadscore.score(leadscore.active('b2b'), m.contact, crm.state_at(m.id, m.at), m.at) s, leadscore.score_at('b2b', m.id::text, m.at) a;
-- why is explain
SELECT count(*) > 300 AS many, count(*) FILTER (WHERE w.label IS NULL OR e.label IS NULL OR abs(w.points - e.points) > 1e-9 OR w.reason <> e.reason) AS different
FROM (SELECT m.id, m.at, w.* FROM crm.moment m, leadscore.why('b2b', m.id::text, m.at) WITH ORDINALITY w) w
FULL JOIN (SELECT m.id, m.at, e.* FROM crm.moment m, leadscore.explain(leadscore.active('b2b'), m.contact, crm.state_at(m.id, m.at), m.at) WITH ORDINALITY e) e USING (id, at, ordinality);
SELECT dimension, rule, label, points::numeric(9, 4), reason FROM leadscore.why('b2b', '3', '2021-03-01');
-- Now: as of the same time as the view score, from the state
SELECT count(*) AS leads, count(*) FILTER (WHERE abs(s.total - w.points) > 1e-9) AS different
FROM b2b.score s, LATERAL (SELECT sum(points) AS points FROM leadscore.why('b2b', s.id::text)) w;
SELECT count(*) AS different FROM (
  (SELECT c.id, e.label, round(e.points::numeric, 6) FROM crm.contact c, leadscore.explain(leadscore.active('b2b'), c, crm.state_at(c.id, now()), now()) e
   EXCEPT SELECT c.id, w.label, round(w.points::numeric, 6) FROM crm.contact c, leadscore.why('b2b', c.id::text) w)) d;
-- A reader sees an activity that is later than its transaction's now()
BEGIN;
DO 'BEGIN PERFORM pg_sleep(0.01); END';
INSERT INTO crm.activity SELECT 950, 4, 'demo', clock_timestamp();
SELECT s.last_activity_at > now() AS later, abs(s.total - (SELECT sum(points) FROM leadscore.why('b2b', '4'))) < 1e-9 AS same,
  (SELECT rules FROM leadscore.touches('b2b', '4') LIMIT 1) AS rules FROM b2b.score s WHERE id = 4;
ROLLBACK;

-- why_changed adds up to the change of the total, and leaves out what stayed
SELECT count(*) AS pairs, count(*) FILTER (WHERE abs(coalesce(w.delta, 0) - (u.total - s.total)) > 1e-6) AS do_not_add_up,
  count(*) FILTER (WHERE w.unchanged > 0 OR NOT w.in_order) AS wrong, sum(w.lines) > 200 AS many
FROM crm.contact c CROSS JOIN (VALUES (timestamptz '2021-01-04 12:00', timestamptz '2021-03-01'), ('2021-03-01', '2021-01-04 12:00'), ('2020-12-20', '2021-08-01')) t(since, until)
CROSS JOIN LATERAL leadscore.score_at('b2b', c.id::text, since) s CROSS JOIN LATERAL leadscore.score_at('b2b', c.id::text, until) u
CROSS JOIN LATERAL (SELECT sum(w.delta) AS delta, count(*) AS lines, count(*) FILTER (WHERE abs(w.delta) < 1e-9 OR w.delta <> w.after - w.before) AS unchanged,
  coalesce(bool_and(w.in_order), true) AS in_order
  FROM (SELECT *, abs(delta) <= coalesce(lag(abs(delta)) OVER (ORDER BY ordinality), 'Infinity') AS in_order FROM leadscore.why_changed('b2b', c.id::text, since, until) WITH ORDINALITY) w) w;
SELECT dimension, rule, label, before::numeric(9, 4), after::numeric(9, 4), delta::numeric(9, 4) FROM leadscore.why_changed('b2b', '3', '2021-01-04 12:00', '2021-03-01');
SELECT count(*) FROM leadscore.why_changed('b2b', '3', '2021-03-01', '2021-03-01');

-- timeline is score_at, step by step
SELECT count(*) AS points, count(*) FILTER (WHERE (t.total, t.tier, t.grade, t.disqualified) IS DISTINCT FROM (s.total, s.tier, s.grade, s.disqualified)) AS different
FROM generate_series(1, 24, 5) id, leadscore.timeline('b2b', id::text, '2020-11-20', '2021-06-01', '37 hours') t, leadscore.score_at('b2b', id::text, t.at) s;
SELECT at, total, tier, grade, disqualified FROM leadscore.timeline('b2b', '3', '2021-01-01', '2021-01-04');
SELECT at FROM leadscore.timeline('b2b', '3', '2021-01-31', '2021-05-01', '1 month');
-- Days begin where the session's do
SET TimeZone = 'Europe/Berlin';
SELECT at FROM leadscore.timeline('b2b', '3', '2021-03-28', '2021-03-30');
SHOW TimeZone;
SET TimeZone = 'UTC';
SELECT count(*) FROM leadscore.timeline('b2b', '3', '2021-05-01', '2021-01-31');
SELECT max(at) <= now() AND max(at) > now() - interval '1 day' AS until_now FROM leadscore.timeline('b2b', '3', '2021-01-31');
\set VERBOSITY terse
SELECT * FROM leadscore.timeline('b2b', '3', '2021-01-31', '2021-05-01', '0');
SELECT * FROM leadscore.timeline('b2b', '3', '2021-01-31', '2021-05-01', '1 day -1 hour');
SELECT * FROM leadscore.timeline('b2b', '3', '2021-01-31', '2021-05-01', '1 second');
SELECT * FROM leadscore.timeline('b2b', '3', '-infinity', '2021-05-01');
\set VERBOSITY default

-- touches: what the rules' points would lose without each
CREATE FUNCTION crm.rule_points(lead crm.contact, as_of timestamptz, without int, called boolean) RETURNS float8 LANGUAGE sql STABLE AS
  $$ SELECT sum(e.points) FROM leadscore.explain(leadscore.active('b2b'), lead,
       (SELECT leadscore.engage(leadscore.active('b2b'), t.kind, t.at, t, as_of) FROM crm.touch t WHERE t.contact_id = lead.id AND (t.touch, t.called) IS DISTINCT FROM (without, $4)), as_of) e
     WHERE e.rule IS NOT NULL $$;
SELECT count(*) AS touches, count(*) FILTER (WHERE x.n IS DISTINCT FROM y.n OR abs(x.points - y.points) > 1e-6) AS different, count(*) FILTER (WHERE x.points <> 0) > 50 AS many_give
FROM (SELECT m.id, m.at AS as_of, w.source = 'crm.call'::regclass AS called, w.kind, w.at, count(*) AS n, sum(w.points) AS points FROM crm.moment m, leadscore.touches('b2b', m.id::text, m.at) w WHERE m.id < 9 GROUP BY 1, 2, 3, 4, 5) x
FULL JOIN (SELECT m.id, m.at AS as_of, t.called, t.kind, t.at, count(*) AS n, sum(CASE WHEN t.kind IS NULL OR t.at IS NULL THEN 0
    ELSE coalesce(crm.rule_points(m.contact, m.at, NULL, NULL), 0) - coalesce(crm.rule_points(m.contact, m.at, t.touch, t.called), 0) END) AS points
  FROM crm.moment m JOIN crm.touch t ON t.contact_id = m.id AND (t.at <= m.at OR t.at IS NULL) WHERE m.id < 9 GROUP BY 1, 2, 3, 4, 5) y
ON (x.id, x.as_of, x.called) = (y.id, y.as_of, y.called) AND x.kind IS NOT DISTINCT FROM y.kind AND x.at IS NOT DISTINCT FROM y.at;
SELECT at, kind, source, rules, points::numeric(9, 4) FROM leadscore.touches('b2b', '1', '2021-02-04') WHERE at > '2021-01-20' OR at IS NULL;
-- Without as_of, those too whose time is to come
SELECT at, kind, source, rules, points FROM leadscore.touches('b2b', '1') LIMIT 1;
SELECT count(*) AS activities FROM leadscore.touches('b2b', '24', '2020-01-01');

-- Versions; while states wait to be rebuilt, why reads as the view does; for any given time by the version in force
SELECT leadscore.publish('b2b', '{"dimensions": [{"name": "calls", "rules": [{"id": "call", "on": "call", "points": 1}, {"id": "home", "when": {"country": "DE"}, "points": 7}]}]}', 'calls only', 'later');
SELECT v.version, a.total, a.tier, a.grade FROM (VALUES (1), (2), (NULL)) v(version), leadscore.score_at('b2b', '3', '2021-03-01', version) a;
SELECT leadscore.score_at('b2b', '3', '2021-03-01', 3);
SELECT s.version, abs(s.total - w.points) < 1e-9 AS same, dimensions FROM b2b.score s, LATERAL (SELECT sum(points) AS points, array_agg(DISTINCT dimension) AS dimensions FROM leadscore.why('b2b', '3')) w WHERE id = 3;
SELECT rule, points FROM leadscore.why('b2b', '3', '2021-03-01') WHERE rule IS NOT NULL;
CALL leadscore.rescore('b2b');
SELECT s.version, abs(s.total - w.points) < 1e-9 AS same, dimensions FROM b2b.score s, LATERAL (SELECT sum(points) AS points, array_agg(DISTINCT dimension) AS dimensions FROM leadscore.why('b2b', '3')) w WHERE id = 3;

-- What is asked wrongly
SELECT * FROM leadscore.why('b2c', '1');
SELECT * FROM leadscore.why('b2b', '4711');
SELECT * FROM leadscore.why('b2b', 'Ann');
SELECT * FROM leadscore.why_changed('b2b', '4711', '2021-01-01');
SELECT * FROM leadscore.touches('b2b', '4711');
SELECT * FROM leadscore.timeline('b2b', '4711', '2021-01-01');
SELECT leadscore.score_at('b2b', '4711', '2021-01-01');
SELECT leadscore.score_at('b2b', '3', 'infinity');
SELECT * FROM leadscore.why('b2b', '3', 'infinity');
SELECT * FROM leadscore.why_changed('b2b', '3', '-infinity');
SELECT * FROM leadscore.touches('b2b', '3', '-infinity');
SELECT (SELECT count(*) FROM leadscore.why(NULL, '1')) + (SELECT count(*) FROM leadscore.why('b2b', NULL)) + (SELECT count(*) FROM leadscore.touches('b2b', NULL))
  + (SELECT count(*) FROM leadscore.why_changed('b2b', '1', NULL)) + (SELECT count(*) FROM leadscore.timeline('b2b', '1', NULL)) AS rows;
SELECT leadscore.score_at('b2b', '1', NULL) IS NULL AS as_of, leadscore.score_at(NULL, '1', '2021-01-01') IS NULL AS model;

-- Keys of other types, found by how they are written
CREATE TABLE crm.person (mail varchar(12) COLLATE "C", born date, PRIMARY KEY (mail));
INSERT INTO crm.person VALUES ('o''hara', '1990-01-31'), ('ann@x.io', '1990-02-01');
CREATE TABLE crm.mail (who text, at timestamp);
INSERT INTO crm.mail VALUES ('ann@x.io', '2021-01-01'), ('ann@x.io', '2021-01-02'), ('o''hara', '2021-01-03');
SELECT '{"dimensions": [{"name": "d", "rules": [{"id": "mail", "on": "mail", "points": 1}]}]}' AS small \gset
SELECT leadscore.create_model('by mail', :'small', 'crm.person');
SELECT leadscore.create_model('by date', :'small', 'crm.person', lead_key => 'born');
CREATE INDEX ON crm.mail (who);
SELECT leadscore.add_activity('by mail', 'crm.mail', lead_key => 'who', constant_kind => 'mail', at => 'at');
SELECT (leadscore.score_at('by mail', p.mail, '2021-06-01')).total, (leadscore.score_at('by date', p.born::text, '2021-06-01')).total AS by_date FROM crm.person p ORDER BY mail;
SELECT at, rules FROM leadscore.touches('by mail', 'ann@x.io');
SET DateStyle = 'German';
SELECT (leadscore.score_at('by date', '1990-01-31', '01.06.2021')).total;
SET DateStyle = 'ISO, YMD';
SELECT * FROM leadscore.why('by mail', 'ann@example.com');
SELECT * FROM leadscore.why('by date', 'yesterday or so');

-- Rights
\set SHOW_CONTEXT never
CREATE ROLE regress_leadscore_maker;
CREATE ROLE regress_leadscore_team;
CREATE ROLE regress_leadscore_reader;
CREATE ROLE regress_leadscore_chart;
GRANT regress_leadscore_maker TO regress_leadscore_team;
GRANT CREATE ON DATABASE :DBNAME TO regress_leadscore_maker;
GRANT USAGE ON SCHEMA crm TO PUBLIC;
ALTER TABLE crm.contact OWNER TO regress_leadscore_maker;
ALTER TABLE crm.activity OWNER TO regress_leadscore_maker;
SELECT leadscore.drop_model('b2b');
SET ROLE regress_leadscore_maker;
SELECT leadscore.create_model('b2b', :'rules', 'crm.contact');
SELECT leadscore.add_activity('b2b', 'crm.activity', lead_key => 'contact_id', kind => 'kind', at => 'at');
SELECT leadscore.create_model('shown', :'rules', 'crm.contact', security => 'owner');
SELECT leadscore.add_activity('shown', 'crm.activity', lead_key => 'contact_id', kind => 'kind', at => 'at');
GRANT USAGE ON SCHEMA b2b, shown TO regress_leadscore_reader, regress_leadscore_chart;
GRANT SELECT ON shown.score TO regress_leadscore_chart;
GRANT SELECT ON b2b.score TO regress_leadscore_chart;
-- Members of the owner ask as the owner
SET ROLE regress_leadscore_team;
SELECT count(*) > 0 AS member FROM leadscore.why('b2b', '3');
-- A reader of an owner's view sees scores, and not what leads are and do
SET ROLE regress_leadscore_chart;
SELECT count(*) > 0 AS by_view FROM leadscore.why('shown', '3');
SELECT count(*) FROM leadscore.touches('shown', '3');
SELECT count(*) FROM leadscore.why_changed('shown', '3', '2021-01-01', '2021-03-01');
SELECT (leadscore.score_at('shown', '3', '2021-03-01')).tier IS NOT NULL AS by_view, (SELECT count(*) > 3 FROM leadscore.timeline('shown', '3', '2021-01-01', '2021-03-01')) AS timeline;
SELECT current_user;
SELECT id FROM crm.contact;
-- … and of another model's view neither
SELECT count(*) FROM leadscore.why('b2b', '3');
-- A reader with rights of their own sees what row-level security lets them see
SET ROLE regress_leadscore_maker;
ALTER TABLE crm.contact ENABLE ROW LEVEL SECURITY;
CREATE POLICY home ON crm.contact FOR SELECT TO regress_leadscore_reader USING (country = 'DE');
GRANT SELECT ON crm.contact, b2b.state TO regress_leadscore_reader;
SET ROLE regress_leadscore_reader;
SELECT count(*) > 0 AS seen FROM leadscore.why('b2b', '3');
SELECT count(*) FROM leadscore.why('b2b', '4');
SELECT count(*) FROM leadscore.why('shown', '4');
-- … but needs them for the activities, too
SELECT leadscore.score_at('b2b', '3', '2021-03-01');
SET ROLE regress_leadscore_maker;
GRANT SELECT ON crm.activity TO regress_leadscore_reader;
SET ROLE regress_leadscore_reader;
SELECT (leadscore.score_at('b2b', '3', '2021-03-01')).tier IS NOT NULL AS seen, (SELECT count(*) > 0 FROM leadscore.timeline('b2b', '3', '2021-03-01')) AS timeline;
-- Roles and settings are given back, after an error too
SET search_path = crm, public;
SET TimeZone = 'Asia/Jakarta';
SET client_min_messages = warning;
DO $$ BEGIN PERFORM leadscore.why('shown', '4711'); EXCEPTION WHEN no_data_found THEN RAISE WARNING '%', sqlerrm; END $$;
SELECT current_user, current_setting('search_path') AS search_path, current_setting('TimeZone') AS timezone;
RESET search_path;
SET client_min_messages = error;
RESET ROLE;

SELECT leadscore.drop_model(name) FROM leadscore.model ORDER BY name;
DROP SCHEMA crm CASCADE;
DROP OWNED BY regress_leadscore_maker, regress_leadscore_team, regress_leadscore_reader, regress_leadscore_chart;
DROP ROLE regress_leadscore_maker, regress_leadscore_team, regress_leadscore_reader, regress_leadscore_chart;

-- Many activities go through files, of which none may stay open: that would be a warning.
SET client_min_messages = warning;
CREATE TABLE busy_lead (id int PRIMARY KEY);
CREATE TABLE busy (lead int, kind text, at timestamptz);
CREATE INDEX ON busy (lead);
INSERT INTO busy_lead SELECT generate_series(1, 3000);
INSERT INTO busy SELECT CASE WHEN i % 2 = 0 THEN 1 ELSE i / 2 + 1 END, 'visit', timestamptz '2025-01-01' + i * interval '1 minute' FROM generate_series(1, 6000) i;
SELECT $${"dimensions": [{"name": "d", "rules": [{"id": "visit", "on": "visit", "points": 1, "half_life": "9 days"}]}]}$$ AS busy_rules \gset
SELECT leadscore.create_model('busy', :'busy_rules', 'busy_lead');
SELECT leadscore.add_activity('busy', 'busy', 'lead', 'kind', at => 'at');
SET work_mem = '64kB';
SELECT count(*) FROM leadscore.touches('busy', '1');
SELECT count(*) FROM leadscore.timeline('busy', '1', '2025-01-01', '2025-01-05', '1 day');
SELECT count(*) FROM leadscore.compare('busy', replace(:'busy_rules', '9 days', '5 days')::leadscore.ruleset);
SELECT sum(leads) FROM leadscore.simulate('busy', replace(:'busy_rules', '9 days', '5 days')::leadscore.ruleset);
RESET work_mem;
SELECT leadscore.drop_model('busy');
DROP TABLE busy, busy_lead;
