-- The sample CRM scored with examples/industrial.json, and the same by plain SQL, written from docs/ruleset-language.md: each of its 18 rules, groups,
-- bounds, idling, grades, tiers, promotion and disqualification. Run by test/sql/sample_crm.
\pset footer off
\pset null '(null)'
SET timezone = 'America/New_York';   -- no setting takes part in a score
SET client_min_messages = 'warning';
SET jit = off;

-- The anchor of the sample, and two times that leave out what came later.
CREATE TABLE moment AS SELECT timestamptz '2026-11-21 12:00+00' - d * interval '24 hours' AS as_of FROM unnest('{0,200,400}'::integer[]) d;

CREATE TABLE engaged AS
SELECT m.as_of, a.contact_id, leadscore.engage(:'rules', a.kind, a.occurred_at, a, m.as_of) AS e
FROM moment m CROSS JOIN crm.activity a GROUP BY m.as_of, a.contact_id;
CREATE UNIQUE INDEX ON engaged (contact_id, as_of);
ANALYZE engaged;

-- The rule set as it is, and one with other points and limits: in the first, a request for quotation gives a high total by itself, so that promotion never
-- decides, and some limits are out of reach. States are for both: they hold what happened, not what it is worth.
CREATE TABLE variant AS
SELECT 'industrial' AS variant, 10 AS open_most, 80 AS rfq_points, 25 AS silent_most, -50 AS fit_min, 80 AS engagement_max, 100::float8 AS range_max,
  0 AS decimals, 50 AS mql_at, 30 AS a_at
UNION ALL SELECT 'strict', 2, 8, 15, -20, 60, 85.5, 2, 75, 25;
SELECT jsonb_set(jsonb_set(jsonb_set(jsonb_set(jsonb_set(jsonb_set(jsonb_set(jsonb_set(jsonb_set(:'rules'::jsonb,
         '{dimensions,1,rules,0,max_points}', to_jsonb(open_most)), '{dimensions,1,rules,6,points}', to_jsonb(rfq_points)),
           '{dimensions,1,rules,8,max_points}', to_jsonb(silent_most)),
         '{dimensions,0,min}', to_jsonb(fit_min)), '{dimensions,1,max}', to_jsonb(engagement_max)), '{range,max}', to_jsonb(range_max)), '{decimals}',
           to_jsonb(decimals)),
         '{tiers,2,at}', to_jsonb(mql_at)), '{dimensions,0,grades,0,at}', to_jsonb(a_at)) AS strict
FROM variant WHERE variant = 'strict' \gset

CREATE TABLE scored AS
SELECT 'industrial' AS variant, m.as_of, c.id, s.total, s.tier, s.grade, s.disqualified, leadscore.dimension(:'rules', s, 'fit') AS fit,
  leadscore.dimension(:'rules', s, 'engagement') AS engagement,
       leadscore.total(:'rules', c, g.e, m.as_of) AS by_total, leadscore.tier(:'rules', c, g.e, m.as_of) AS by_tier
FROM moment m CROSS JOIN crm.contact c LEFT JOIN engaged g ON g.as_of = m.as_of AND g.contact_id = c.id, leadscore.score(:'rules', c, g.e, m.as_of) s
UNION ALL
SELECT 'strict', m.as_of, c.id, s.total, s.tier, s.grade, s.disqualified, leadscore.dimension(:'strict', s, 'fit'), leadscore.dimension(:'strict', s, 'engagement'),
       leadscore.total(:'strict', c, g.e, m.as_of), leadscore.tier(:'strict', c, g.e, m.as_of)
FROM moment m CROSS JOIN crm.contact c LEFT JOIN engaged g ON g.as_of = m.as_of AND g.contact_id = c.id, leadscore.score(:'strict', c, g.e, m.as_of) s;

CREATE TABLE explained AS
SELECT 'industrial' AS variant, m.as_of, c.id, x.dimension, x.rule, x.points
FROM moment m CROSS JOIN crm.contact c LEFT JOIN engaged g ON g.as_of = m.as_of AND g.contact_id = c.id, leadscore.explain(:'rules', c, g.e, m.as_of) x
UNION ALL
SELECT 'strict', m.as_of, c.id, x.dimension, x.rule, x.points
FROM moment m CROSS JOIN crm.contact c LEFT JOIN engaged g ON g.as_of = m.as_of AND g.contact_id = c.id, leadscore.explain(:'strict', c, g.e, m.as_of) x;

-- Who they are, by plain SQL. Accents are dropped by decomposition; what is left of these titles is ASCII.
CREATE TABLE person AS
WITH read AS MATERIALIZED (
  SELECT id, created_at, lower(regexp_replace(normalize(title, NFKD), '[\u0300-\u036f]', '', 'g')) AS title, lower(btrim(industry)) AS industry, employees,
         nullif(btrim(country), '') AS country, lower(split_part(email, '@', 2)) AS host
  FROM crm.contact
), host AS MATERIALIZED (   -- a host is in a list if it or one of those above it is
  SELECT host, bool_or(d IN (SELECT name FROM freemail) OR d IN (SELECT name FROM education)) AS personal, bool_or(d IN ('acme.com', 'globex.io')) AS rival
  FROM (SELECT DISTINCT host FROM read) h, generate_series(1, cardinality(string_to_array(host, '.'))) n,
       LATERAL (SELECT array_to_string((string_to_array(host, '.'))[n:], '.') AS d) x GROUP BY host
), told AS MATERIALIZED (
  SELECT *, coalesce(title ~ '(^|[^a-z0-9])((chief|vp|head of|directeur|direktur)([^a-z0-9]|$)|director)', false) AS decides,
         coalesce(title ~ '(^|[^a-z0-9])(manager|buyer)([^a-z0-9]|$)', false) AS manages,
           coalesce(title ~ '(^|[^a-z0-9])(student|intern)([^a-z0-9]|$)', false) AS learns
  FROM read JOIN host USING (host)
)
SELECT id, created_at, decides, rival,
       CASE WHEN decides THEN 20 WHEN manages THEN 10 WHEN learns THEN -15 ELSE 0 END AS role,
       CASE WHEN industry IN ('manufacturing', 'energy') AND employees >= 50 AND employees < 5000 THEN 15 ELSE 0 END AS icp,
       CASE WHEN employees < 10 THEN -10 WHEN employees < 500 THEN 5 WHEN employees >= 500 THEN 15 ELSE 0 END AS size,
       CASE industry WHEN 'manufacturing' THEN 10 WHEN 'retail' THEN -10 ELSE 0 END AS industry,
       CASE WHEN country NOT IN ('ID', 'NL', 'RO', 'FR', 'DE') THEN -20 ELSE 0 END AS outside,
       CASE WHEN personal THEN -15 ELSE 0 END AS personal
FROM told;

-- What they did before each time: ages in seconds, and as days for fading.
CREATE TABLE seen AS
SELECT as_of, contact_id, kind, url, email_id, session_id, asset, age, age::float8 / 86400 AS days, kind NOT IN ('email_sent', 'unsubscribe') AS theirs, page_case,
       CASE WHEN kind = 'page_view' THEN row_number() OVER (PARTITION BY as_of, contact_id, kind, (occurred_at AT TIME ZONE 'UTC')::date
         ORDER BY age, page_case) END AS in_day
FROM (SELECT m.as_of, a.*, extract(epoch FROM m.as_of - a.occurred_at) AS age,
             CASE WHEN url LIKE '/pricing%' THEN 1 WHEN url LIKE '/product%' THEN 2 WHEN url LIKE '/careers%' THEN 3 ELSE 4 END AS page_case
      FROM moment m JOIN crm.activity a ON a.occurred_at <= m.as_of) a;

CREATE TABLE wanted AS
WITH did AS MATERIALIZED (
  SELECT as_of, contact_id AS id,
    sum(2 ^ (-days / 30)) FILTER (WHERE kind = 'email_open') AS open, sum(3 * 2 ^ (-days / 30)) FILTER (WHERE kind = 'email_click') AS click,
    count(DISTINCT email_id) FILTER (WHERE kind = 'email_open') + count(*) FILTER (WHERE kind = 'email_open' AND email_id IS NULL) AS mailings,
    sum((ARRAY[10, 3, -10, 1])[page_case] * 2 ^ (-days / 14)) FILTER (WHERE in_day <= 5) AS page,
    count(DISTINCT session_id) FILTER (WHERE kind = 'page_view' AND age < 30 * 86400)
      + count(*) FILTER (WHERE kind = 'page_view' AND age < 30 * 86400 AND session_id IS NULL) AS visits,
    sum(CASE lower(asset) WHEN 'calculator' THEN 20 WHEN 'old white paper' THEN 2 ELSE 5 END) FILTER (WHERE kind = 'download' AND asset IS NOT NULL
      AND age < 365 * 86400) AS asset,
    count(*) FILTER (WHERE kind IN ('rfq', 'consultation') AND age < 90 * 86400) AS rfqs,
    count(*) FILTER (WHERE kind = 'demo') AS demos, count(*) FILTER (WHERE kind = 'unsubscribe') AS goodbyes,
    min(age) FILTER (WHERE theirs) AS latest
  FROM seen GROUP BY as_of, contact_id
), rules AS MATERIALIZED (   -- each rule's contribution
  SELECT v.*, m.as_of, p.*, latest, least(coalesce(open, 0), open_most) AS open, coalesce(click, 0) AS click, CASE WHEN mailings >= 5 THEN 25 ELSE 0 END AS opens5,
    coalesce(page, 0) AS page, CASE WHEN visits > 2 THEN 10 ELSE 0 END AS visits, coalesce(asset, 0) AS asset, CASE WHEN rfqs > 0 THEN rfq_points ELSE 0 END AS rfq,
    CASE WHEN latest < 7 * 86400 THEN 10 WHEN latest < 30 * 86400 THEN 5 ELSE 0 END AS recent,
    greatest(-silent_most, CASE WHEN quiet >= 60 * 86400 THEN -5 * (1 + floor((quiet - 60 * 86400) / (30 * 86400))) ELSE 0 END) AS silent,
    CASE WHEN decides THEN 30 * coalesce(demos, 0) ELSE 0 END AS demo_dm, CASE WHEN goodbyes > 0 THEN -40 ELSE 0 END AS goodbye
  FROM variant v CROSS JOIN moment m CROSS JOIN person p LEFT JOIN did d ON d.as_of = m.as_of AND d.id = p.id,
       LATERAL (SELECT coalesce(latest, extract(epoch FROM m.as_of - p.created_at)) AS quiet) q
), summed AS MATERIALIZED (
  SELECT *, least(greatest(role + icp + size + industry + outside + personal, fit_min), 50)::float8 AS fit,
    least(open + click + opens5, 30) + least(page + visits, 40) + asset + rfq + recent + silent + demo_dm + goodbye AS engagement_sum,
    CASE WHEN latest >= 90 * 86400 THEN 1 + floor((latest - 90 * 86400) / (90 * 86400)) ELSE 0 END::float8 AS idle
  FROM rules
), bounded AS MATERIALIZED (
  SELECT *, least(CASE WHEN engagement_sum > 0 THEN engagement_sum * 0.7 ^ idle ELSE engagement_sum END, engagement_max)::float8 AS engagement FROM summed
), totalled AS MATERIALIZED (
  SELECT *, round(round(least(greatest(fit + engagement, 0), range_max)::numeric, 9), decimals)::float8 AS total,
         CASE WHEN fit >= a_at THEN 'A' WHEN fit >= 15 THEN 'B' ELSE 'C' END
           || CASE WHEN round(engagement::numeric, 9) >= 50 THEN '1' WHEN round(engagement::numeric, 9) >= 20 THEN '2' ELSE '3' END AS grade
  FROM bounded
)
SELECT *, CASE WHEN rival THEN 'disqualified' WHEN fit >= 10 AND (total >= 80 OR rfq > 0) THEN 'SQL' WHEN grade IN ('A1', 'A2', 'B1') OR total >= mql_at THEN 'MQL'
               WHEN total >= 20 THEN 'warm' ELSE 'cold' END AS tier
FROM totalled;

CREATE TABLE different AS
SELECT variant, as_of, id, s.total, w.total AS wanted_total, s.tier, w.tier AS wanted_tier, s.grade, w.grade AS wanted_grade, s.disqualified, s.fit,
  w.fit AS wanted_fit,
       s.engagement, w.engagement AS wanted_engagement, by_total, by_tier
FROM wanted w FULL JOIN scored s USING (variant, as_of, id)
WHERE (s.total = w.total AND s.tier = w.tier AND s.grade = w.grade AND s.disqualified = w.rival AND s.fit = w.fit AND abs(s.engagement - w.engagement) <= 1e-9
       AND by_total = s.total AND by_tier = s.tier) IS NOT TRUE;
SELECT count(*) AS differ, count(*) > 0 OR (SELECT count(*) FROM scored) <> 2 * 3 * (SELECT count(*) FROM crm.contact) AS failed,
  (SELECT count(*) FROM scored) AS scores FROM different \gset
\if :failed
  SELECT * FROM different ORDER BY variant, as_of, id LIMIT 20;
  SELECT :differ AS differ, :scores AS of;
  DO $$ BEGIN RAISE EXCEPTION 'scores differ from plain SQL'; END $$;
\endif

-- A rule's line in explain is its contribution; no line is none. All lines together are the total.
CREATE TABLE different_rule AS
SELECT variant, as_of, id, rule, x.points, w.points AS wanted_points
FROM (SELECT variant, as_of, id, rule, points
      FROM wanted, LATERAL (VALUES ('role', role), ('icp', icp), ('size', size), ('industry', industry), ('outside', outside), ('personal', personal),
        ('rival', CASE WHEN rival THEN 0 END), ('open', open), ('click', click),
                                   ('opens5', opens5), ('page', page), ('visits', visits), ('asset', asset), ('rfq', rfq), ('recent', recent),
                                     ('silent', silent), ('demo_dm', demo_dm), ('goodbye', goodbye)) v(rule, points)) w
FULL JOIN (SELECT variant, as_of, id, rule, sum(points) AS points, count(*) AS lines FROM explained WHERE rule IS NOT NULL GROUP BY 1, 2, 3, 4) x USING (variant, as_of, id, rule)
WHERE (CASE WHEN x.points IS NULL THEN coalesce(w.points, 0) = 0 AND (rule <> 'rival' OR w.points IS NULL) ELSE lines = 1
  AND abs(x.points - w.points) <= 1e-9 * greatest(1, abs(w.points)) END) IS NOT TRUE;
CREATE TABLE different_sum AS
SELECT variant, as_of, id, s.total, x.points FROM scored s FULL JOIN (SELECT variant, as_of, id, sum(points) AS points FROM explained GROUP BY 1, 2, 3) x USING (variant, as_of, id)
WHERE (abs(x.points - s.total) <= 1e-9) IS NOT TRUE;
SELECT (SELECT count(*) FROM different_rule) + (SELECT count(*) FROM different_sum) > 0 AS failed, (SELECT count(*) FROM explained) AS lines \gset
\if :failed
  SELECT * FROM different_rule ORDER BY variant, as_of, id, rule LIMIT 20;
  SELECT * FROM different_sum ORDER BY variant, as_of, id LIMIT 20;
  DO $$ BEGIN RAISE EXCEPTION 'explain differs from the scores'; END $$;
\endif

-- A comparison of nothing with nothing passes too: every rule, bound, tier, grade and promotion must occur.
SELECT count(DISTINCT tier) = 5 AND count(DISTINCT grade) = 9 AND bool_or(tier = 'SQL' AND total < 80) AND bool_or(tier = 'MQL' AND total < mql_at)
  AND bool_or(rfq > 0 AND tier NOT IN ('SQL', 'disqualified'))
       AND max(fit) = 50 AND min(fit) = -50 AND bool_or(role + icp + size + industry + outside + personal > 50)
         AND bool_or(fit > role + icp + size + industry + outside + personal)
       AND max(engagement) = 80 AND max(engagement_sum) > 80 AND min(total) = 0 AND max(total) = 100 AND max(idle) >= 3 AND bool_or(open = open_most)
         AND max(open + click + opens5) > 30
       AND max(page + visits) > 40 AND min(page) < 0 AND max(visits) > 0 AND max(asset) > 0 AND max(recent) = 10 AND min(silent) = -25 AND max(demo_dm) > 0
         AND min(goodbye) < 0 AND min(role) < 0
       AND max(icp) > 0 AND min(size) < 0 AND min(industry) < 0 AND min(outside) < 0 AND min(personal) < 0 AND bool_or(latest IS NULL) AS all_tried FROM wanted \gset
\if :all_tried
\else
  SELECT array_agg(DISTINCT tier) AS tiers, array_agg(DISTINCT grade) AS grades, max(fit) AS fit, max(engagement_sum) AS engagement_sum, min(total) AS least,
    max(total) AS most, max(idle) AS idle, max(open) AS open,
         max(click) AS click, max(page) AS page, min(page) AS least_page, max(asset) AS asset, min(silent) AS silent, max(demo_dm) AS demo_dm,
           min(goodbye) AS goodbye FROM wanted;
  DO $$ BEGIN RAISE EXCEPTION 'the sample does not try every rule, bound, tier and grade'; END $$;
\endif
\echo :scores scores and :lines lines of explain equal plain SQL
