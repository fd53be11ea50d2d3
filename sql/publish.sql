-- A new version comes into force: publish, simulate and compare, rescore, tick.
\set VERBOSITY terse
CREATE SCHEMA crm;
CREATE TABLE crm.contact (id int PRIMARY KEY, title text);
CREATE TABLE crm.activity (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, contact_id int, kind text, at timestamptz, url text);
CREATE INDEX ON crm.activity (contact_id);
INSERT INTO crm.contact SELECT i, CASE WHEN i % 4 = 0 THEN 'VP' END FROM generate_series(1, 40) i;
-- Every kind in turn; contact 41 is to come
INSERT INTO crm.activity (contact_id, kind, at, url)
  SELECT 1 + i % 40, (ARRAY['open', 'demo', 'visit'])[1 + i % 3], now() - i * interval '11 hours', CASE WHEN i % 2 = 0 THEN '/pricing' END FROM generate_series(1, 160) i;
INSERT INTO crm.activity (contact_id, kind, at) SELECT 41, 'visit', now() - i * interval '1 day' FROM generate_series(1, 3) i;

CREATE TABLE crm.rules (name text PRIMARY KEY, rules leadscore.ruleset);
INSERT INTO crm.rules VALUES
('first', '{"dimensions": [
  {"name": "fit", "rules": [{"id": "vp", "when": {"title": "VP"}, "points": 20}]},
  {"name": "interest", "rules": [{"id": "open", "on": "open", "points": 4, "half_life": "30 days"}, {"id": "demo", "on": "demo", "points": 15, "half_life": "60 days"}]}],
  "tiers": [{"name": "hot", "at": 40}, {"name": "warm", "at": 15}, {"name": "cold"}]}'),
-- What is remembered of activities is the same: only points differ
('points', '{"dimensions": [
  {"name": "fit", "rules": [{"id": "vp", "when": {"title": "VP"}, "points": 5}]},
  {"name": "interest", "rules": [{"id": "open", "on": "open", "points": 8, "half_life": "30 days"}, {"id": "demo", "on": "demo", "points": 30, "half_life": "60 days"}]}],
  "tiers": [{"name": "top", "at": 60}, {"name": "warm", "at": 15}, {"name": "cold"}]}'),
-- Visits count, too, in a new dimension
('visits', '{"dimensions": [
  {"name": "fit", "rules": [{"id": "vp", "when": {"title": "VP"}, "points": 20}]},
  {"name": "intent", "rules": [{"id": "pricing", "on": "visit", "where": {"url": {"starts_with": "/pricing"}}, "points": 11, "half_life": "30 days"}, {"id": "visit", "on": "visit", "points": 1}]},
  {"name": "interest", "rules": [{"id": "open", "on": "open", "points": 4, "half_life": "30 days"}, {"id": "demo", "on": "demo", "points": 15, "half_life": "60 days"}]}],
  "tiers": [{"name": "hot", "at": 40}, {"name": "warm", "at": 15}, {"name": "cold"}]}'),
('brief', '{"dimensions": [{"name": "interest", "rules": [{"id": "open", "on": "open", "points": 4, "half_life": "2 days"}]}], "tiers": [{"name": "warm", "at": 4}, {"name": "cold"}]}');
CREATE FUNCTION crm.rules(name text) RETURNS leadscore.ruleset STABLE LANGUAGE sql AS $$SELECT r.rules FROM crm.rules r WHERE r.name = $1$$;

SELECT leadscore.create_model('b2b', crm.rules('first'), 'crm.contact');
SELECT leadscore.add_activity('b2b', 'crm.activity', 'contact_id', kind => 'kind', at => 'at');

-- Independently: every lead's score from its activities, by the rule set of a name, as of now() and as of when the state was written
CREATE FUNCTION crm.expected(name text) RETURNS TABLE (id int, total float8, tier text, dimensions float8[], stored_total float8, stored_tier text) LANGUAGE sql AS $$
  SELECT c.id, s.total, s.tier, s.dimensions, o.total, o.tier
  FROM crm.contact c
    LEFT JOIN (SELECT a.contact_id, leadscore.engage(crm.rules($1), a.kind, a.at, a) AS e FROM crm.activity a GROUP BY 1) x ON x.contact_id = c.id
    LEFT JOIN b2b.state t ON t.id = c.id
    CROSS JOIN LATERAL leadscore.score(crm.rules($1), c, e) s
    CROSS JOIN LATERAL leadscore.score(crm.rules($1), c, e, coalesce(t.scored_at, now())) o
$$;
-- Leads whose score is not that, where people look and where it is stored
CREATE FUNCTION crm.wrong(name text) RETURNS TABLE (leads bigint, wrong_to_see bigint, wrong_in_store bigint, versions int[]) LANGUAGE sql AS $$
  SELECT count(*),
    count(*) FILTER (WHERE v.total IS NULL OR abs(v.total - x.total) > 1e-9 OR v.tier IS DISTINCT FROM x.tier),
    count(*) FILTER (WHERE t.total IS NULL OR abs(t.total - x.stored_total) > 1e-9 OR t.tier IS DISTINCT FROM x.stored_tier),
    array_agg(DISTINCT t.version)
  FROM crm.expected($1) x LEFT JOIN b2b.score v ON v.id = x.id LEFT JOIN b2b.state t ON t.id = x.id
$$;
SELECT * FROM crm.wrong('first');

-- Simulate: nothing is written, and it comes true. Tiers are in the order of their rule sets
SELECT old_tier, new_tier FROM leadscore.simulate('b2b', crm.rules('points'));
SELECT sum(leads) AS leads, sum(leads) FILTER (WHERE old_tier = new_tier) AS unmoved FROM leadscore.simulate('b2b', crm.rules('first'));
SELECT r.name, count(*) AS leads,
  count(*) FILTER (WHERE abs(c.old_total - o.total) > 1e-9 OR c.old_tier <> o.tier) AS old_wrong,
  count(*) FILTER (WHERE abs(c.new_total - n.total) > 1e-9 OR c.new_tier <> n.tier) AS new_wrong
FROM crm.rules r, LATERAL leadscore.compare('b2b', r.rules) c, LATERAL crm.expected('first') o, LATERAL crm.expected(r.name) n
WHERE o.id = c.lead_key::int AND n.id = c.lead_key::int GROUP BY 1 ORDER BY 1;
SELECT bool_and(s.leads = c.leads) AS same, count(*) = count(c.leads) AS complete
FROM leadscore.simulate('b2b', crm.rules('visits')) s
FULL JOIN (SELECT old_tier, new_tier, count(*) AS leads FROM leadscore.compare('b2b', crm.rules('visits')) GROUP BY 1, 2) c USING (old_tier, new_tier);
SELECT version, rebuilding FROM leadscore.model;

-- Only points: states stay as they are. One summary tells of it
CREATE TEMP TABLE before AS SELECT id, engagement::text, tier FROM b2b.state;
SELECT leadscore.publish('b2b', crm.rules('points'), 'other points');
SELECT * FROM crm.wrong('points');
SELECT bool_and(b.engagement IS NOT DISTINCT FROM s.engagement::text) AS kept FROM before b JOIN b2b.state s USING (id);
SELECT t.lead_key, t.cause, t.version, t.leads = (SELECT count(*) FROM before b JOIN b2b.state s USING (id) WHERE b.tier IS DISTINCT FROM s.tier) AS leads FROM leadscore.transition t;
SELECT version, note, published_by = session_user AS by_me FROM leadscore.model_version ORDER BY version;
-- The same once more is a version, too
SELECT leadscore.publish('b2b', crm.rules('points'));
SELECT * FROM crm.wrong('points');
SELECT version, leads FROM leadscore.transition ORDER BY id;

-- More is remembered: states are rebuilt, and made where they are missing; the dimension has its column at the end
DELETE FROM b2b.state WHERE id IN (1, 41);
SELECT leadscore.publish('b2b', crm.rules('visits'));
SELECT * FROM crm.wrong('visits');
SELECT string_agg(column_name, ', ' ORDER BY ordinal_position) FROM information_schema.columns WHERE (table_schema, table_name) = ('b2b', 'score');
SELECT count(*) FILTER (WHERE abs(v.fit - x.dimensions[1]) > 1e-9 OR abs(v.intent - x.dimensions[2]) > 1e-9 OR abs(v.interest - x.dimensions[3]) > 1e-9) AS wrong FROM b2b.score v JOIN crm.expected('visits') x USING (id);
INSERT INTO crm.contact VALUES (41, 'VP');
SELECT * FROM crm.wrong('visits');
-- A dimension that is dropped reads NULL
SELECT leadscore.publish('b2b', crm.rules('brief'));
SELECT * FROM crm.wrong('brief');
SELECT count(fit) AS fit, count(interest) AS interest, count(intent) AS intent FROM b2b.score;

-- Later: a lead that is not rebuilt yet is read by its own version, one that something happens to is rebuilt
SELECT leadscore.publish('b2b', crm.rules('visits'), rebuild => 'later');
SELECT rebuilding FROM leadscore.model;
SELECT version, count(*) FROM b2b.score GROUP BY 1;
SELECT wrong_to_see, versions FROM crm.wrong('brief');
INSERT INTO crm.activity (contact_id, kind, at, url) VALUES (1, 'visit', now(), '/pricing'), (2, 'nothing', now(), NULL);
UPDATE crm.activity SET kind = 'demo' WHERE contact_id = 3;
DELETE FROM crm.activity WHERE contact_id = 4;
UPDATE crm.contact SET title = 'VP' WHERE id = 5;
INSERT INTO crm.contact VALUES (42, 'VP');
SELECT v.id, v.version, abs(v.total - x.total) < 1e-9 AS right FROM b2b.score v JOIN crm.expected('visits') x USING (id) WHERE v.id IN (1, 2, 3, 4, 5, 42) ORDER BY 1;
SELECT v.version, count(*), bool_and(abs(v.total - CASE v.version WHEN 5 THEN b.total ELSE x.total END) < 1e-9) AS right
FROM b2b.score v JOIN crm.expected('visits') x USING (id) JOIN crm.expected('brief') b USING (id) GROUP BY 1 ORDER BY 1;
-- What would come of it is told of the mixture
SELECT count(*) FILTER (WHERE abs(c.old_total - v.total) > 1e-9) AS old_wrong, count(*) FILTER (WHERE abs(c.new_total - n.total) > 1e-9) AS new_wrong
FROM leadscore.compare('b2b', crm.rules('first')) c JOIN b2b.score v ON v.id = c.lead_key::int JOIN crm.expected('first') n ON n.id = v.id;
CALL leadscore.rescore('b2b', 7);
SELECT * FROM crm.wrong('visits');
SELECT m.version, m.rebuilding, p.version, p.done, p.total, p.percent, p.running, p.finished_at IS NOT NULL AS finished FROM leadscore.model m JOIN leadscore.progress p ON p.model = m.name;
-- Each lead that moved has a transition, whichever way it was rebuilt
SELECT count(*) = count(DISTINCT lead_key) AS once_each, bool_and(version = 6), array_agg(DISTINCT cause ORDER BY cause) FROM leadscore.transition WHERE version = 6 AND cause <> 'publish';

-- Three versions at a time, and back to what old states were made for
SELECT leadscore.publish('b2b', crm.rules('first'), rebuild => 'later');
INSERT INTO crm.activity (contact_id, kind, at) SELECT i, 'open', now() FROM generate_series(1, 20) i;
SELECT leadscore.publish('b2b', crm.rules('brief'), rebuild => 'later');
INSERT INTO crm.activity (contact_id, kind, at) SELECT i, 'open', now() FROM generate_series(10, 15) i;
SELECT leadscore.publish('b2b', crm.rules('visits'), rebuild => 'later');
SELECT rebuilding FROM leadscore.model;
INSERT INTO crm.activity (contact_id, kind, at) SELECT i, 'demo', now() FROM generate_series(14, 17) i;
SELECT version, count(*) FROM b2b.state GROUP BY 1 ORDER BY 1;
SELECT v.version, count(*), bool_and(abs(v.total - CASE v.version WHEN 7 THEN f.total WHEN 8 THEN b.total ELSE x.total END) < 1e-9) AS right
FROM b2b.score v JOIN crm.expected('visits') x USING (id) JOIN crm.expected('brief') b USING (id) JOIN crm.expected('first') f USING (id) GROUP BY 1 ORDER BY 1;
BEGIN;
-- Now does all that was put off
SELECT leadscore.publish('b2b', crm.rules('visits'), rebuild => 'now');
SELECT rebuilding FROM leadscore.model;
SELECT * FROM crm.wrong('visits');
ROLLBACK;
SELECT version, rebuilding FROM leadscore.model;
CALL leadscore.rescore('b2b');
SELECT * FROM crm.wrong('visits');
SELECT rebuilding FROM leadscore.model;
-- Later, where states fit: only stored scores trail
SELECT leadscore.publish('b2b', crm.rules('visits'), rebuild => 'later');
SELECT rebuilding FROM leadscore.model;
INSERT INTO crm.activity (contact_id, kind, at) VALUES (1, 'demo', now());
SELECT * FROM crm.wrong('visits');

-- Activities of a kind that no version has counted so far, and their lead comes in between
INSERT INTO crm.activity (contact_id, kind, at) SELECT i, 'webinar', now() FROM generate_series(50, 52) i;
SELECT count(*) FROM b2b.state WHERE id >= 50;
UPDATE crm.rules SET rules = '{"dimensions": [{"name": "interest", "rules": [{"id": "webinar", "on": "webinar", "points": 9, "half_life": "2 days"}]}], "tiers": [{"name": "warm", "at": 4}, {"name": "cold"}]}' WHERE name = 'brief';
SELECT leadscore.publish('b2b', crm.rules('brief'), rebuild => 'later');
INSERT INTO crm.contact VALUES (50, 'VP');
CALL leadscore.rescore('b2b', 10);
INSERT INTO crm.contact VALUES (51, 'VP');
INSERT INTO crm.activity (contact_id, kind, at) VALUES (52, 'webinar', now());
INSERT INTO crm.contact VALUES (52, 'VP');
SELECT * FROM crm.wrong('brief');

-- One statement that writes and publishes, or ticks, counts once
WITH written AS (INSERT INTO crm.activity (contact_id, kind, at) VALUES (1, 'demo', now()) RETURNING id)
SELECT leadscore.publish('b2b', crm.rules('first')) FROM written;
SELECT * FROM crm.wrong('first');
SELECT leadscore.publish('b2b', crm.rules('visits'), rebuild => 'later');
UPDATE b2b.state SET next_change_at = '-infinity' WHERE id = 2;
WITH written AS (INSERT INTO crm.activity (contact_id, kind, at) VALUES (2, 'demo', now()) RETURNING id)
SELECT leadscore.tick('b2b') FROM written;
SELECT v.version, abs(v.total - x.total) < 1e-9 AS right FROM b2b.score v JOIN crm.expected('visits') x USING (id) WHERE id = 2;

-- Rescore repairs what was damaged, in any number of batches
CALL leadscore.rescore('b2b', 1000);
DELETE FROM b2b.state WHERE id IN (1, 20, 41);
UPDATE b2b.state SET engagement = NULL, total = -1, tier = 'lukewarm' WHERE id IN (2, 21, 42);
SELECT wrong_to_see FROM crm.wrong('visits');
CALL leadscore.rescore('b2b', 1);
SELECT * FROM crm.wrong('visits');
SELECT done, total FROM leadscore.progress;
-- Stopped after lead 20, it goes on from there
UPDATE b2b.state SET engagement = NULL WHERE id IN (10, 30);
UPDATE leadscore.rescore_run SET finished_at = NULL, position = '20', done = 20;
CALL leadscore.rescore('b2b', 4);
SELECT id FROM b2b.score v JOIN crm.expected('visits') x USING (id) WHERE abs(v.total - x.total) > 1e-9;
SELECT done = total AS complete, running, finished_at IS NOT NULL AS finished FROM leadscore.progress;
-- but from the beginning where a state has come to be missing before it, or where another version was meant
UPDATE leadscore.rescore_run SET finished_at = NULL, position = '20', done = 20;
DELETE FROM b2b.state WHERE id = 3;
CALL leadscore.rescore('b2b', 4);
SELECT * FROM crm.wrong('visits');
UPDATE b2b.state SET engagement = NULL WHERE id = 10;
UPDATE leadscore.rescore_run SET finished_at = NULL, position = '20', done = 20, version = version - 1;
CALL leadscore.rescore('b2b', 4);
SELECT * FROM crm.wrong('visits');
-- From PL/pgSQL that may commit
DO $$ BEGIN CALL leadscore.rescore('b2b', 20); END $$;

-- Tick: only the leads whose time has come. These fall below a tier in three seconds
UPDATE crm.rules SET rules = '{"dimensions": [{"name": "interest", "rules": [{"id": "demo", "on": "demo", "points": 10, "half_life": "1 minute"}]}], "tiers": [{"name": "hot", "at": 100}, {"name": "warm", "at": 5}, {"name": "cold"}]}' WHERE name = 'brief';
TRUNCATE crm.activity;
SELECT leadscore.publish('b2b', crm.rules('brief'));
INSERT INTO crm.activity (contact_id, kind, at) SELECT i, 'demo', clock_timestamp() - interval '57 seconds' FROM generate_series(1, 5) i;
INSERT INTO crm.activity (contact_id, kind, at) SELECT i, 'demo', clock_timestamp() FROM generate_series(6, 9) i;
SELECT tier, count(*) FROM b2b.state GROUP BY 1 ORDER BY 1;
SELECT leadscore.tick('b2b') AS nothing_due;
SELECT pg_sleep_until(max(at) + interval '60.01 seconds') FROM crm.activity WHERE contact_id <= 5;
CREATE TEMP TABLE places AS SELECT id, ctid AS place, next_change_at <= clock_timestamp() AS due FROM b2b.state;
SELECT array_agg(id ORDER BY id) FILTER (WHERE due) AS due FROM places;
SELECT id FROM b2b.state s JOIN b2b.score v USING (id) WHERE s.tier IS DISTINCT FROM v.tier ORDER BY 1;
SELECT leadscore.tick('b2b');
SELECT count(*) FROM b2b.state s JOIN b2b.score v USING (id) WHERE s.tier IS DISTINCT FROM v.tier;
SELECT p.due, count(*), bool_and(p.place = s.ctid) AS untouched FROM places p JOIN b2b.state s USING (id) GROUP BY 1 ORDER BY 1;
SELECT lead_key, old_tier, new_tier, cause, rules FROM leadscore.transition WHERE cause = 'clock' AND version = (SELECT version FROM leadscore.model) ORDER BY id;
SELECT leadscore.tick('b2b') AS nothing_due;
-- The time of a lead that is gone comes once
UPDATE b2b.state SET next_change_at = '-infinity', scored_at = '2000-01-01' WHERE id IN (6, 20);
SELECT leadscore.tick('b2b');
SELECT leadscore.tick('b2b') AS nothing_due;
SELECT * FROM crm.wrong('brief');

-- Keys of another type, in their own order
CREATE TABLE crm.person (email text COLLATE "C" PRIMARY KEY, title text);
INSERT INTO crm.person SELECT p, 'VP' FROM unnest(ARRAY['b', 'A', 'a', 'B', '', ' ', 'ä', 'a''b', 'a\b', 'aa']) p;
SELECT leadscore.create_model('p2p', crm.rules('first'), 'crm.person');
SELECT leadscore.publish('p2p', crm.rules('points'), rebuild => 'later');
SELECT version, count(*) FROM p2p.state GROUP BY 1;
CALL leadscore.rescore('p2p', 3);
SELECT version, count(*) FROM p2p.state GROUP BY 1;
SELECT done, total, position FROM leadscore.rescore_run WHERE model = 'p2p';
SELECT leadscore.drop_model('p2p');

-- What does not fit is told before anything is stored
SELECT leadscore.publish('b2b', '{"dimensions": [{"name": "fit", "rules": [{"id": "a", "when": {"titel": "VP"}, "points": 1}]}]}');
SELECT leadscore.publish('b2b', '{"dimensions": [{"name": "fit", "rules": [{"id": "a", "on": "open", "where": {"page": "x"}, "points": 1}]}]}');
SELECT leadscore.publish('b2b', '{"dimensions": [{"name": "tier", "rules": [{"id": "a", "when": {"title": "VP"}, "points": 1}]}]}');
SELECT leadscore.publish('b2b', '{"dimensions": [{"name": "id", "rules": [{"id": "a", "when": {"title": "VP"}, "points": 1}]}]}');
SELECT * FROM leadscore.compare('b2b', '{"dimensions": [{"name": "fit", "rules": [{"id": "a", "when": {"titel": "VP"}, "points": 1}]}]}');
SELECT * FROM leadscore.simulate('b2b', '{"dimensions": [{"name": "fit", "rules": [{"id": "a", "on": "open", "where": {"page": "x"}, "points": 1}]}]}');
SELECT leadscore.publish('b2b', crm.rules('first'), rebuild => 'sometime');
SELECT leadscore.publish('b2b', crm.rules('first'), rebuild => NULL);
SELECT leadscore.publish('b2b', NULL);
SELECT leadscore.publish(NULL, crm.rules('first'));
SELECT leadscore.publish('b2c', crm.rules('first'));
SELECT * FROM leadscore.simulate('b2b', NULL);
SELECT * FROM leadscore.compare(NULL, crm.rules('first'));
SELECT leadscore.tick(NULL);
SELECT leadscore.tick('b2c');
CALL leadscore.rescore(NULL);
CALL leadscore.rescore('b2c');
CALL leadscore.rescore('b2b', 0);
CALL leadscore.rescore('b2b', NULL);
\set VERBOSITY default
BEGIN;
CALL leadscore.rescore('b2b');
ROLLBACK;
\set VERBOSITY terse
DO $$ BEGIN CALL leadscore.rescore('b2b'); EXCEPTION WHEN division_by_zero THEN NULL; END $$;

-- Owners only
CREATE ROLE regress_leadscore_stranger;
GRANT USAGE ON SCHEMA crm TO regress_leadscore_stranger;
GRANT SELECT ON crm.rules TO regress_leadscore_stranger;
SET ROLE regress_leadscore_stranger;
SELECT leadscore.publish('b2b', crm.rules('first'));
SELECT * FROM leadscore.simulate('b2b', crm.rules('first'));
SELECT * FROM leadscore.compare('b2b', crm.rules('first'));
SELECT leadscore.tick('b2b');
CALL leadscore.rescore('b2b');
RESET ROLE;
-- The lead relation is gone
SET client_min_messages = warning;
DROP TABLE crm.contact CASCADE;
SELECT leadscore.publish('b2b', crm.rules('first'));
SELECT leadscore.tick('b2b');
CALL leadscore.rescore('b2b');
SELECT leadscore.drop_model('b2b');
SELECT count(*) FROM leadscore.rescore_run;
DROP SCHEMA crm CASCADE;
DROP OWNED BY regress_leadscore_stranger;
DROP ROLE regress_leadscore_stranger;

-- Leads that come and change in turns while states wait to be rebuilt, and plans of either are made anew between: whatever found the leads, the plans that are kept fit.
CREATE SCHEMA crm;
CREATE TABLE crm.lead (id int PRIMARY KEY, country text);
CREATE TABLE crm.activity (id int PRIMARY KEY, lead int, kind text, at timestamptz);
CREATE INDEX ON crm.activity (lead);
SELECT $${"dimensions": [{"name": "d", "rules": [{"id": "event", "on": "open", "points": 1}, {"id": "country", "field": "country", "map": {"NL": 1000, "RO": 2000}, "else": 0}]}],
  "tiers": [{"name": "cold"}]}$$ AS rules \gset
SELECT leadscore.create_model('turns', :'rules', lead => 'crm.lead');
SELECT leadscore.add_activity('turns', 'crm.activity', 'lead', 'kind', at => 'at');
SELECT leadscore.publish('turns', replace(:'rules', '"open"', '"close"')::leadscore.ruleset, rebuild => 'later');
INSERT INTO crm.lead VALUES (1, 'NL');
UPDATE crm.lead SET country = 'RO';
ANALYZE crm.activity;
UPDATE crm.lead SET country = 'NL';
INSERT INTO crm.lead VALUES (2, 'NL');
UPDATE crm.lead SET country = 'RO';
SELECT id, s.total, s.total = 2000 AND l.country = 'RO' AS same FROM turns.state s JOIN crm.lead l USING (id) ORDER BY id;
SELECT leadscore.drop_model('turns');
DROP SCHEMA crm CASCADE;
