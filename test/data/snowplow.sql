-- Visitors of a web site scored with examples/web.json, and the same by plain SQL, written from docs/ruleset-language.md. Run by test/data/snowplow.
--
-- Events are taken as they come: an event that was delivered twice counts twice, unless a rule says distinct. Visitors are the values of
-- domain_userid; the events without one are a visitor of their own, as GROUP BY has it. Each network (user_ipaddress) is scored as well: most
-- visitors here did next to nothing, and their networks together did enough to reach the limits.
\pset footer off
\pset null '(null)'
SET timezone = 'Australia/Sydney';   -- no setting takes part in a score
SET client_min_messages = 'warning';
SET jit = off;
CREATE EXTENSION leadscore;

SELECT 'lint: ' || count(*) || ' problems' AS lint, count(*) = 0 AS clean FROM leadscore.lint(:'rules'::jsonb) \gset
\if :clean
\else
  SELECT * FROM leadscore.lint(:'rules'::jsonb);
  DO $$ BEGIN RAISE EXCEPTION 'lint has something to say about the rule set'; END $$;
\endif

-- The rule set as it is, and one for the pages, referrers and volumes of this very site, so that every rule gives something here; days begin
-- in Sydney. The columns are what plain SQL must know of each. NULL for sought: refr_medium.
CREATE TABLE variant AS
SELECT 'web' AS variant, :'rules'::jsonb AS rules, 0 AS offset_hours, '{6,30,90}'::float8[] AS ping_bands, 10 AS depth_per_day, 4 AS key_per_day,
       '{/pricing,/preise,/tarifs,/prijzen,/preturi,/harga}'::text[] AS pricing, '{/demo,/trial}'::text[] AS trying,
       '{/careers,/karriere,/jobs}'::text[] AS jobs, '{/compare,/references,/case-stud}'::text[] AS compare, NULL::text[] AS sought,
       60 AS hot_at, '{15,45,20,12,6,25,40,70}'::float8[] AS most;   -- of depth, key_page, key_click, campaign, searched, job, attention, intent
INSERT INTO variant
SELECT 'site', rules || '{"utc_offset": "+10:00"}', 10, '{1,2,4}', 2, 1, '{/resources/,/DATA-structures}', '{/getting-started}', '{/jobs,/users}',
  '{/data-models,/why}',
       '{google.com,google.co.uk}', 35, '{3,16,6,1,6,4,14,24}' FROM variant;
UPDATE variant SET rules = jsonb_set(jsonb_set(jsonb_set(jsonb_set(rules, '{tiers,0,at}', to_jsonb(hot_at)), '{dimensions,0,max}', '14'), '{dimensions,1,max}',
  '24'),
  '{lists}', rules->'lists' || jsonb_build_object('pricing', pricing, 'trying', trying, 'jobs', jobs)) WHERE variant = 'site';
DO $$
  DECLARE change record;
  BEGIN
    FOR change IN SELECT * FROM (VALUES
      ('engaged',   '{bands}',                        '[{"below": 1, "points": 0}, {"below": 2, "points": 5}, {"below": 4, "points": 10}, {"points": 15}]'::jsonb),
      ('depth',     '{max_per_day}',                  '2'),
      ('key_page',  '{max_per_day}',                  '1'),
      ('key_page',  '{cases,2,where,page_urlpath}',   '{"contains": ["/data-models", "/why"]}'),
      ('searched',  '{where}',                        '{"refr_urlhost": {"domain": ["google.com", "google.co.uk"]}}'),
      ('depth',     '{max_points}',                  '3'),
      ('key_page',  '{max_points}',                  '16'),
      ('key_click', '{max_points}',                  '6'),
      ('campaign',  '{max_points}',                  '1'),
      ('job',       '{max_points}',                  '4')) v(id, path, value)
    LOOP
      UPDATE variant SET rules = jsonb_set(rules, ('{dimensions,' || d - 1 || ',rules,' || r - 1 || '}')::text[] || change.path::text[], change.value)
      FROM jsonb_array_elements((SELECT rules->'dimensions' FROM variant WHERE variant = 'site')) WITH ORDINALITY x(dimension, d),
           jsonb_array_elements(dimension->'rules') WITH ORDINALITY y(rule, r)
      WHERE variant = 'site' AND rule->>'id' = change.id;
    END LOOP;
  END $$;
ALTER TABLE variant ALTER rules TYPE leadscore.ruleset USING rules::leadscore.ruleset;

-- Windows of 1, 7, 30, 60 and 90 days end between these; late March is in the middle of nothing, so that only fading tells.
CREATE TABLE moment AS SELECT unnest('{2021-03-02 16:00+00,2021-03-03 12:00+00,2021-03-05 00:00+00,2021-03-12 00:00+00,2021-03-30 00:00+00,
  2021-04-02 00:00+00,2021-05-01 12:00+00,2021-06-01 00:00+00,2021-12-01 00:00+00}'::timestamptz[]) AS as_of;

CREATE TABLE lead_event AS SELECT domain_userid AS lead, e.* FROM events e UNION ALL SELECT 'network ' || user_ipaddress, e.* FROM events e;
CREATE TABLE visitor AS SELECT lead, min(derived_tstamp) AS first_seen FROM lead_event GROUP BY 1;

CREATE TABLE scored AS
SELECT v.variant, m.as_of, l.lead, s.total, s.tier, s.disqualified, s.dimensions,
       leadscore.score(v.rules, '{}'::jsonb, x.e, m.as_of) AS by_json,
       leadscore.total(v.rules, l, x.e, m.as_of) AS by_total, leadscore.tier(v.rules, l, x.e, m.as_of) AS by_tier
FROM variant v CROSS JOIN moment m CROSS JOIN visitor l
LEFT JOIN (SELECT v.variant, m.as_of, e.lead, leadscore.engage(v.rules, e.event_name, e.derived_tstamp AT TIME ZONE 'UTC', e, m.as_of) AS e
           FROM variant v CROSS JOIN moment m CROSS JOIN lead_event e GROUP BY 1, 2, 3) x
       ON x.variant = v.variant AND x.as_of = m.as_of AND x.lead IS NOT DISTINCT FROM l.lead,
     leadscore.score(v.rules, l, x.e, m.as_of) s;

-- The same by plain SQL. Every event of before as_of beside each variant and moment; ages in days.
CREATE TABLE seen AS
SELECT v.variant, m.as_of, e.lead, e.event_name AS kind, e.domain_sessionid AS session, e.derived_tstamp AS at, e.mkt_campaign, e.mkt_medium,
       e.refr_medium, e.refr_urlhost, lower(e.page_urlpath) AS path,
       extract(epoch FROM m.as_of - e.derived_tstamp AT TIME ZONE 'UTC')::float8 / 86400 AS age,
       (e.derived_tstamp + v.offset_hours * interval '1 hour')::date AS day
FROM variant v CROSS JOIN moment m JOIN lead_event e ON e.derived_tstamp AT TIME ZONE 'UTC' <= m.as_of WHERE e.event_name IS NOT NULL;

CREATE TABLE wanted AS
WITH told AS (   -- what each event is to the rules; 0 for no case
  SELECT s.*, EXISTS (SELECT FROM unnest(v.pricing) p WHERE strpos(path, lower(p)) > 0) AS prices,
         EXISTS (SELECT FROM unnest(v.trying) p WHERE strpos(path, lower(p)) > 0) AS tries,
         EXISTS (SELECT FROM unnest(v.compare) p WHERE strpos(path, lower(p)) > 0) AS compares,
         EXISTS (SELECT FROM unnest(v.jobs) p WHERE strpos(path, lower(p)) > 0) AS job,
         CASE WHEN v.sought IS NULL THEN coalesce(lower(s.refr_medium) = 'search', false)
              ELSE EXISTS (SELECT FROM unnest(v.sought) h WHERE s.refr_urlhost = h OR s.refr_urlhost LIKE '%.' || h) END AS searched
  FROM seen s JOIN variant v USING (variant)
), sorted AS (
  SELECT *, CASE WHEN tries THEN 1 WHEN prices THEN 2 WHEN compares THEN 3 ELSE 0 END AS key_case,
         CASE WHEN nullif(btrim(mkt_campaign), '') IS NULL THEN 0 WHEN lower(mkt_medium) = 'email' THEN 1
           WHEN lower(mkt_medium) IN ('cpc', 'ppc', 'paid', 'display') THEN 2 ELSE 3 END AS campaign_case
  FROM told
), ranked AS (   -- max_per_day: a rank in the day, the newest first; of a tie the earlier case
  SELECT *, row_number() OVER (PARTITION BY variant, as_of, lead, kind, day ORDER BY at DESC) AS in_day,
         row_number() OVER (PARTITION BY variant, as_of, lead, kind, day, key_case = 0 ORDER BY at DESC, key_case) AS key_in_day,
         row_number() OVER (PARTITION BY variant, as_of, lead, kind, day, tries OR prices ORDER BY at DESC) AS click_in_day,
         row_number() OVER (PARTITION BY variant, as_of, lead, kind, day, job ORDER BY at DESC) AS job_in_day,
         -- distinct: the newest of a session; without a session each is the newest of its own
         CASE WHEN session IS NULL THEN 1 ELSE row_number() OVER (PARTITION BY variant, as_of, lead, kind, session, campaign_case = 0
           ORDER BY at DESC, campaign_case) END AS in_campaign
  FROM sorted
), rules AS (
  SELECT variant, as_of, lead,
    count(*) FILTER (WHERE kind = 'page_ping' AND age < 30) AS pings,
    coalesce(sum(2 ^ (-age / 14)) FILTER (WHERE kind = 'page_view' AND in_day <= depth_per_day), 0) AS depth,
    count(DISTINCT session) FILTER (WHERE kind = 'page_view' AND age < 30) + count(*) FILTER (WHERE kind = 'page_view' AND age < 30 AND session IS NULL) AS sessions,
    coalesce(sum((ARRAY[15, 10, 4])[key_case] * 2 ^ (-age / 14)) FILTER (WHERE kind = 'page_view' AND key_case > 0 AND key_in_day <= key_per_day), 0) AS key_page,
    coalesce(sum(5 * 2 ^ (-age / 14)) FILTER (WHERE kind = 'link_click' AND (tries OR prices) AND click_in_day <= 3), 0) AS key_click,
    count(DISTINCT session) FILTER (WHERE kind = 'page_view' AND prices AND age < 60)
      + count(*) FILTER (WHERE kind = 'page_view' AND prices AND age < 60 AND session IS NULL) AS came_back,
    coalesce(sum((ARRAY[4, 2, 1])[campaign_case]) FILTER (WHERE kind = 'page_view' AND campaign_case > 0 AND age < 90 AND in_campaign = 1), 0) AS campaign,
    2 * (count(DISTINCT session) FILTER (WHERE kind = 'page_view' AND searched AND age < 90)
      + count(*) FILTER (WHERE kind = 'page_view' AND searched AND age < 90 AND session IS NULL)) AS searched,
    coalesce(sum(-5 * 2 ^ (-age / 30)) FILTER (WHERE kind = 'page_view' AND job AND job_in_day <= 3), 0) AS job,
    min(age) AS latest, min(age) FILTER (WHERE kind IN ('page_view', 'link_click')) AS latest_view
  FROM ranked JOIN variant USING (variant) GROUP BY variant, as_of, lead
), every AS (   -- a visitor of whom nothing has been seen yet has zero of everything
  SELECT v.variant, v.ping_bands, v.hot_at, v.most, m.as_of, l.lead, coalesce(pings, 0) AS pings, coalesce(depth, 0) AS depth,
    coalesce(sessions, 0) AS sessions, coalesce(key_page, 0) AS key_page,
    coalesce(key_click, 0) AS key_click, coalesce(came_back, 0) AS came_back, coalesce(campaign, 0) AS campaign, coalesce(searched, 0) AS searched,
      coalesce(job, 0) AS job, latest,
    CASE WHEN latest_view >= 30 THEN floor(latest_view / 30) ELSE 0 END AS idle
  FROM variant v CROSS JOIN moment m CROSS JOIN visitor l
  LEFT JOIN rules r ON r.variant = v.variant AND r.as_of = m.as_of AND r.lead IS NOT DISTINCT FROM l.lead
), summed AS (
  SELECT *, (CASE WHEN pings < ping_bands[1] THEN 0 WHEN pings < ping_bands[2] THEN 5 WHEN pings < ping_bands[3] THEN 10 ELSE 15 END)::float8
            + least(depth, most[1]) + CASE WHEN sessions < 2 THEN 0 WHEN sessions < 4 THEN 5 ELSE 10 END AS attention_sum,
    least(key_page, most[2]) + least(key_click, most[3]) + CASE WHEN came_back >= 2 THEN 10 ELSE 0 END + least(campaign, most[4]) + least(searched, most[5])
    + greatest(job, -most[6])
    + CASE WHEN latest < 1 THEN 10 WHEN latest < 7 THEN 5 ELSE 0 END AS intent_sum
  FROM every
), bounded AS (
  SELECT *, least(attention_sum, most[7]) AS attention, greatest(least(CASE WHEN intent_sum > 0 THEN intent_sum * 0.5 ^ idle ELSE intent_sum END, most[8]),
    -20) AS intent FROM summed
), totalled AS (
  SELECT *, round(round(least(greatest(attention + intent, 0), 100)::numeric, 9)) AS total FROM bounded
)
SELECT *, CASE WHEN total >= hot_at THEN 'hot' WHEN total >= 30 AND round(intent::numeric, 9) >= 10 THEN 'engaged' WHEN total >= 10 THEN 'visitor'
  ELSE 'passing' END AS tier
FROM totalled;

CREATE TABLE different AS
SELECT variant, as_of, coalesce(s.lead, w.lead) AS lead, s.total, w.total AS wanted_total, s.tier, w.tier AS wanted_tier,
       s.dimensions, ARRAY[w.attention, w.intent] AS wanted_dimensions, by_json, by_total, by_tier
FROM scored s FULL JOIN wanted w USING (variant, as_of)
WHERE coalesce(s.lead, '') = coalesce(w.lead, '')
  AND (abs(s.total - w.total) <= 1e-9 AND s.tier = w.tier AND NOT s.disqualified AND abs(s.dimensions[1] - w.attention) <= 1e-9
    AND abs(s.dimensions[2] - w.intent) <= 1e-9
       AND cardinality(s.dimensions) = 2 AND (by_json).total = s.total AND (by_json).tier = s.tier AND (by_json).dimensions = s.dimensions
       AND by_total = s.total AND by_tier = s.tier) IS NOT TRUE;

SELECT (SELECT count(*) FROM different) AS differ,
       (SELECT count(*) FROM different) > 0 OR (SELECT count(*) FROM scored) <> (SELECT count(*) FROM wanted) OR (SELECT count(*) FROM scored) = 0 AS failed,
       (SELECT count(*) FROM events) AS events,
       (SELECT count(*) FROM visitor) AS visitors, (SELECT count(*) FROM moment) AS moments,
       (SELECT count(*) FROM scored) AS scores, (SELECT count(*) FROM scored WHERE total > 0) AS above_zero \gset
\if :failed
  SELECT * FROM different ORDER BY variant, as_of, lead LIMIT 20;
  SELECT :differ AS differ, :scores AS of;
  DO $$ BEGIN RAISE EXCEPTION 'scores differ from plain SQL'; END $$;
\endif

-- A comparison of nothing with nothing passes too: every rule must have given something somewhere, and every tier must occur.
SELECT count(*) FILTER (WHERE pings > 0) > 0 AND max(depth) > 1 AND max(sessions) > 1 AND max(key_page) > 0 AND max(key_click) > 0 AND max(came_back) > 1
       AND max(campaign) > 0 AND max(searched) > 0 AND min(job) < 0 AND max(idle) > 1 AND count(DISTINCT tier) = 4 AS all_tried FROM wanted \gset
\if :all_tried
\else
  SELECT max(pings) AS pings, max(depth) AS depth, max(sessions) AS sessions, max(key_page) AS key_page, max(key_click) AS key_click, max(came_back) AS came_back,
         max(campaign) AS campaign, max(searched) AS searched, min(job) AS job, max(idle) AS idle, array_agg(DISTINCT tier) AS tiers FROM wanted;
  DO $$ BEGIN RAISE EXCEPTION 'the events do not try every rule'; END $$;
\endif

-- Page views and visits per user as the tracker's own models have them (dbt-snowplow-web). They drop events without a page or session, and
-- second deliveries of an event; close a session three days after its first event; give a session to the visitor of its first event; and take
-- a ping for a view in its session whose own event was lost. What is left to the rules is to count: distinct pages and distinct sessions.
CREATE TABLE delivered AS
SELECT first_value(domain_userid) OVER (PARTITION BY domain_sessionid ORDER BY derived_tstamp) AS visitor, *
FROM (SELECT DISTINCT ON (event_id) contexts_com_snowplowanalytics_snowplow_web_page_1_0_0->0->>'id' || ' ' || domain_sessionid AS page_view,
                              min(derived_tstamp) OVER (PARTITION BY domain_sessionid) AS begun, e.*
      FROM events e WHERE domain_sessionid IS NOT NULL ORDER BY event_id, collector_tstamp) d
WHERE derived_tstamp < begun + interval '3 days';

SELECT '{"dimensions": [
  {"name": "views",  "rules": [{"id": "view",  "on": ["page_view", "page_ping"], "distinct": "page_view",        "points": 1}]},
  {"name": "visits", "rules": [{"id": "visit", "on": "*",                        "distinct": "domain_sessionid", "points": 1}]}]}' AS counting \gset
CREATE TABLE different_user AS
SELECT user_id, u.domain_userid, s.dimensions AS counted, ARRAY[page_views, sessions] AS expected
FROM expected_user u
LEFT JOIN (SELECT visitor, leadscore.engage(:'counting', event_name, derived_tstamp AT TIME ZONE 'UTC', d, '2021-12-31') AS e FROM delivered d
  GROUP BY 1) x ON visitor = u.domain_userid,
     leadscore.score(:'counting', '{}'::jsonb, e, '2021-12-31') s
WHERE s.dimensions IS DISTINCT FROM ARRAY[page_views, sessions]::float8[];
SELECT count(*) > 0 OR (SELECT count(*) FROM expected_user) = 0 AS failed, (SELECT count(*) FROM expected_user) AS users FROM different_user \gset
\if :failed
  SELECT * FROM different_user;
  DO $$ BEGIN RAISE EXCEPTION 'page views or sessions differ from those expected'; END $$;
\endif
\echo :events events, :visitors visitors and networks at :moments times under 2 rule sets: :scores scores equal plain SQL, :above_zero of them above zero; page views and sessions of :users users as expected
