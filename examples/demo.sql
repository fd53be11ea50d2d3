-- What marketing and sales see: the sample CRM scored with examples/industrial.json.
--
--   psql -d demo -f examples/sample_crm.sql
--   psql -d demo -c 'CREATE EXTENSION leadscore'
--   psql -d demo -f examples/demo.sql        from the root of the repository, which the path of the rule set is relative to
--
-- Another time: the same -v anchor=... for both scripts. Another rule set with dimensions fit and engagement and tiers
-- SQL, MQL and warm: -v rules="$(cat my.json)".
-- Changes nothing that stays: its tables are temporary, its one insert is rolled back.

\set ON_ERROR_STOP on
\set QUIET on
\encoding UTF8
\if :{?anchor}
\else
  \set anchor '2026-11-21 12:00+00'
\endif
\if :{?rules}
\else
  \set rules `cat examples/industrial.json`
\endif
\pset border 1
\pset footer off
\pset null ''
\pset format wrapped
\pset columns 110
SET timezone = 'UTC';

-- What everyone's activities amount to, and what that is worth at the anchor. Those without any activity are leads too.
CREATE TEMP TABLE demo_engagement AS
SELECT a.contact_id, leadscore.engage(:'rules', a.kind, a.occurred_at, a, :'anchor') AS e
FROM crm.activity a
GROUP BY a.contact_id;

CREATE TEMP TABLE demo_score AS
SELECT c.id AS contact_id, s.total, s.tier, s.grade, s.disqualified,
       leadscore.dimension(:'rules', s, 'fit') AS fit, leadscore.dimension(:'rules', s, 'engagement') AS engagement
FROM crm.contact c
LEFT JOIN demo_engagement d ON d.contact_id = c.id,
     leadscore.score(:'rules', c, d.e, :'anchor') s;

-- A name and a company to show beside each score.
CREATE TEMP VIEW demo_lead AS
SELECT s.*, c.first_name || ' ' || c.last_name AS name, left(c.title, 26) AS title, left(o.name, 28) AS company, c.country, c.created_at
FROM demo_score s JOIN crm.contact c ON c.id = s.contact_id LEFT JOIN crm.company o ON o.id = c.company_id;

\echo
\echo 'Whom to call first'
SELECT name, title, company, country, total, grade, tier
FROM demo_lead
WHERE NOT disqualified
ORDER BY total DESC, fit + engagement DESC, contact_id
LIMIT 15;

\echo 'How many leads are in each tier'
SELECT tier, count(*) AS leads, round(avg(total)::numeric, 1) AS mean, round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS percent,
       repeat('#', ceil(50.0 * count(*) / sum(count(*)) OVER ())::integer) AS share
FROM demo_score
GROUP BY tier, disqualified
ORDER BY disqualified, avg(total) DESC;

-- Of the best leads that we have known for a year and whose total isn't just the cap, the one with the most to explain.
SELECT l.contact_id AS lead_id, l.name AS lead_name, concat_ws(', ', nullif(btrim(l.title), ''), l.company) AS lead_is, l.total AS lead_total
FROM (SELECT * FROM demo_lead
      WHERE NOT disqualified AND total < 100 AND created_at < timestamptz :'anchor' - interval '1 year'
      ORDER BY total DESC, fit + engagement DESC, contact_id LIMIT 25) l
JOIN crm.contact c ON c.id = l.contact_id
JOIN demo_engagement d ON d.contact_id = l.contact_id,
     LATERAL (SELECT count(*) AS lines FROM leadscore.explain(:'rules', c, d.e, :'anchor') x WHERE x.points <> 0) x
ORDER BY x.lines DESC, l.total DESC, l.contact_id
LIMIT 1 \gset

\echo 'Why' :lead_name '(':lead_is') has' :lead_total 'points'
SELECT x.dimension, coalesce(x.label, x.rule) AS what, round(x.points::numeric, 1) AS points, x.reason
FROM crm.contact c
JOIN demo_engagement d ON d.contact_id = c.id,
     leadscore.explain(:'rules', c, d.e, :'anchor') WITH ORDINALITY AS x(dimension, rule, label, points, reason, line)
WHERE c.id = :lead_id
ORDER BY x.line;

\echo 'How' :lead_name 'got there: each month of the last year, as it was then'
SELECT to_char(m.at, 'YYYY-MM-DD') AS day, s.total, s.grade, s.tier, repeat('#', (s.total / 2)::integer) AS score
FROM (SELECT timestamptz :'anchor' - make_interval(months => n) AS at FROM generate_series(0, 12) n) m
JOIN crm.contact c ON c.id = :lead_id,
     LATERAL (SELECT leadscore.engage(:'rules', a.kind, a.occurred_at, a, m.at) AS e FROM crm.activity a WHERE a.contact_id = c.id) x,
     leadscore.score(:'rules', c, x.e, m.at) s
ORDER BY m.at;

-- A warm lead that fits, and nothing more: what would a request for quotation do?
SELECT contact_id AS warm_id, name AS warm_name, coalesce(company, 'no company') AS warm_company
FROM demo_lead
WHERE tier = 'warm' AND fit >= 10
ORDER BY total DESC, contact_id
LIMIT 1 \gset

PREPARE score_from_activities (text, bigint) AS
SELECT $1 AS "when", s.total, s.grade, s.tier
FROM crm.contact c,
     LATERAL (SELECT leadscore.engage(:'rules', a.kind, a.occurred_at, a, :'anchor') AS e FROM crm.activity a WHERE a.contact_id = c.id) x,
     leadscore.score(:'rules', c, x.e, :'anchor') s
WHERE c.id = $2;

\echo 'What a request for quotation does to' :warm_name '(':warm_company')'
BEGIN;
EXECUTE score_from_activities ('before', :warm_id);
INSERT INTO crm.activity (contact_id, kind, occurred_at, url, amount) VALUES (:warm_id, 'rfq', :'anchor', '/contact', 18500);
EXECUTE score_from_activities ('after', :warm_id);
ROLLBACK;
DEALLOCATE score_from_activities;

\echo 'Who is in which segment, and what comes of them'
SELECT coalesce(nullif(array_to_string(g.names, ' + '), ''), 'none') AS segments, count(*) AS leads,
       round(avg(s.total)::numeric, 1) AS mean, count(*) FILTER (WHERE s.tier = 'MQL') AS mql, count(*) FILTER (WHERE s.tier = 'SQL') AS sql
FROM demo_score s
JOIN crm.contact c ON c.id = s.contact_id,
     leadscore.segments(:'rules', c, :'anchor') AS g(names)
WHERE NOT s.disqualified
GROUP BY g.names
ORDER BY mean DESC;

\echo 'Whom to call before it is too late: the tier may change on that day, if they do nothing more'
SELECT l.name, l.company, l.total, l.tier, to_char(n.at, 'YYYY-MM-DD HH24:MI') AS may_change, leadscore.tier(:'rules', c, d.e, n.at) AS tier_then
FROM demo_lead l
JOIN crm.contact c ON c.id = l.contact_id
JOIN demo_engagement d ON d.contact_id = l.contact_id,
     leadscore.next_change(:'rules', c, d.e, :'anchor') AS n(at)
WHERE l.tier IN ('SQL', 'MQL') AND n.at < 'infinity'
ORDER BY n.at, l.contact_id
LIMIT 10;
