-- Activities that can't be read count nowhere: neither in live scores nor in what is told of the past.
SET timezone = 'UTC';
SET client_min_messages = error;  -- no index serves these keys
CREATE SCHEMA crm;
CREATE TABLE crm.contact (id int PRIMARY KEY);
CREATE TABLE crm.visit (contact text, kind text, at text, v text);
CREATE TABLE crm.call (contact int, at timestamptz);
CREATE INDEX ON crm.call (contact);
INSERT INTO crm.contact SELECT generate_series(1, 5);
SELECT $${"dimensions": [{"name": "d", "rules": [{"id": "view", "on": "page_view", "points": 10, "half_life": "20 days"}, {"id": "call", "on": "call", "points": 3}]}],
  "tiers": [{"name": "hot", "at": 15}, {"name": "cold"}]}$$ AS rules \gset
SELECT $${"dimensions": [{"name": "d", "rules": [{"id": "view", "on": "page_view", "points": 1, "within": "9999 days"}, {"id": "call", "on": "call", "points": 30, "max_events": 2}]}],
  "tiers": [{"name": "hot", "at": 60}, {"name": "cold"}]}$$ AS others \gset
SELECT leadscore.create_model('b2b', :'rules', 'crm.contact');
SELECT leadscore.add_activity('b2b', 'crm.visit', lead_key => 'contact::int', kind => 'kind', at => 'at::timestamptz', filter => 'v::int > 0');
SELECT leadscore.add_activity('b2b', 'crm.call', lead_key => 'contact', constant_kind => 'call', at => 'at');
INSERT INTO crm.visit SELECT 1 + i % 5, 'page_view', '2026-01-0' || 1 + i % 9, i % 4 FROM generate_series(1, 600) i;
INSERT INTO crm.call SELECT 1 + i % 3, '2026-02-01' FROM generate_series(1, 7) i;

-- What the raw rows that can be read say
CREATE VIEW good AS
  SELECT v.contact::int AS contact, v.kind, v.at::timestamptz AS at FROM (SELECT * FROM crm.visit WHERE contact ~ '^\d+$' AND at !~ '-13-' AND v ~ '^\d+$' OFFSET 0) v WHERE v.v::int > 0
  UNION ALL SELECT contact, 'call', at FROM crm.call;
CREATE FUNCTION state_at(rules leadscore.ruleset, lead int, as_of timestamptz) RETURNS leadscore.engagement LANGUAGE sql STABLE AS
  $$ SELECT leadscore.engage(rules, g.kind, g.at, g, as_of) FROM good g WHERE g.contact = lead $$;
-- Rows: what is told otherwise.
CREATE FUNCTION wrong(rules leadscore.ruleset, others leadscore.ruleset) RETURNS TABLE (what text, lead int) LANGUAGE sql AS $$
  WITH lead AS (SELECT c, c.id, t.at FROM crm.contact c, (VALUES (timestamptz '2026-01-05'), ('2026-03-01'), ('2026-05-05')) t (at)),
    should AS (SELECT l.id, l.at, state_at(rules, l.id, l.at) AS state, leadscore.score(rules, l.c, state_at(rules, l.id, l.at), l.at) AS score FROM lead l)
  SELECT 'score_at', s.id FROM should s, leadscore.score_at('b2b', s.id::text, s.at) a WHERE abs(a.total - (s.score).total) > 1e-9
  UNION ALL SELECT 'why', s.id FROM should s WHERE abs((s.score).total - (SELECT coalesce(sum(points), 0) FROM leadscore.why('b2b', s.id::text, s.at))) > 1e-9
  UNION ALL SELECT 'timeline', s.id FROM should s, leadscore.timeline('b2b', s.id::text, s.at, s.at) t WHERE abs(t.total - (s.score).total) > 1e-9
  UNION ALL SELECT 'why_changed', s.id FROM should s JOIN should u ON u.id = s.id AND u.at = '2026-03-01'
    WHERE s.at = '2026-01-05' AND abs((u.score).total - (s.score).total - (SELECT coalesce(sum(delta), 0) FROM leadscore.why_changed('b2b', s.id::text, s.at, u.at))) > 1e-9
  UNION ALL SELECT 'touches', s.id FROM should s
    WHERE (SELECT count(*) FROM good g WHERE g.contact = s.id AND g.at <= s.at) <> (SELECT count(*) FROM leadscore.touches('b2b', s.id::text, s.at))
  UNION ALL SELECT 'touches now', s.id FROM should s WHERE (SELECT count(*) FROM good g WHERE g.contact = s.id) <> (SELECT count(*) FROM leadscore.touches('b2b', s.id::text))
  UNION ALL SELECT 'live', c.id FROM crm.contact c, b2b.score l, leadscore.score_at('b2b', c.id::text, now()) a
    WHERE l.id = c.id AND (abs(l.total - a.total) > 1e-9 OR abs(l.total - (leadscore.score(rules, c, state_at(rules, c.id, now()), now())).total) > 1e-9)
  UNION ALL SELECT 'compare', c.id FROM crm.contact c LEFT JOIN leadscore.compare('b2b', others) x ON x.lead_key = c.id::text
    WHERE x.new_total IS DISTINCT FROM (leadscore.score(others, c, state_at(others, c.id, now()), now())).total
  UNION ALL SELECT 'simulate', NULL WHERE (SELECT sum(leads) FROM leadscore.simulate('b2b', others) WHERE new_tier = 'hot')
    IS DISTINCT FROM (SELECT count(*) FROM crm.contact c WHERE (leadscore.score(others, c, state_at(others, c.id, now()), now())).tier = 'hot')
$$;
SELECT * FROM wrong(:'rules', :'others');
-- A time that is none, a lead that is none, a filter that fails
INSERT INTO crm.visit VALUES ('1', 'page_view', '2026-13-01', '1'), ('abc', 'page_view', '2026-01-01', '1'), ('2', 'page_view', '2026-01-01', 'x'), ('3', 'page_view', '2026-01-02', '1');
SELECT key, message FROM leadscore.problem ORDER BY key;
SELECT * FROM wrong(:'rules', :'others');
-- The lead's own rows alone make it fail, where an index finds them.
CREATE INDEX ON crm.visit (contact);
SELECT leadscore.create_model('byindex', :'rules', 'crm.contact', lead_key => 'id::text');
SELECT leadscore.add_activity('byindex', 'crm.visit', lead_key => 'contact', kind => 'kind', at => 'at::timestamptz', filter => 'v::int > 0');
SELECT b.lead_key, abs(b.total - (leadscore.score_at('byindex', b.lead_key, now())).total) > 1e-9 AS wrong FROM byindex.score b ORDER BY 1;

-- Who may not read a table is told so, and errors don't quote statements of leadscore's.
CREATE ROLE regress_reader;
GRANT USAGE ON SCHEMA crm, b2b TO regress_reader;
GRANT SELECT ON crm.contact, crm.call, b2b.score, b2b.state TO regress_reader;
SET ROLE regress_reader;
SELECT total FROM leadscore.score_at('b2b', '1', '2026-03-01');
SELECT count(*) FROM leadscore.touches('b2b', '1');
RESET ROLE;
CREATE FUNCTION asks() RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT w.reason FROM leadscore.why('div', '1') w; END $$;
CREATE TABLE crm.divided (id int, d int);
INSERT INTO crm.divided VALUES (1, 1);
SELECT leadscore.create_model('div', :'rules', 'crm.divided', lead_key => 'id / d');
UPDATE crm.divided SET d = 0;
SELECT * FROM leadscore.why('div', '1');
SELECT * FROM leadscore.compare('div', :'others');
SELECT * FROM asks();

SELECT leadscore.drop_model(m) FROM unnest(ARRAY['b2b', 'byindex', 'div']) m;
DROP FUNCTION wrong, asks;
DROP FUNCTION state_at;
DROP VIEW good;
DROP SCHEMA crm CASCADE;
DROP ROLE regress_reader;
