-- Published scoring models with their published answers. Run by test/data/published_models.
--
--   1  marketing automation defaults (Pardot, 2016)   examples/marketing_automation.json
--   2  seven-row model (Marketing Skills)             examples/decaying_intent.json, which adds two rules of fit
--   3  threshold model (eTrigue)                      published/threshold.json, published/threshold_columns.json
--   4  agency model (m3)                              published/agency.json
--   5  industrial model                               published/industrial.json
\pset footer off
\pset null '(null)'
SET timezone = 'UTC';
SET client_min_messages = 'warning';
SET jit = off;
CREATE EXTENSION leadscore;
\set as_of '2026-03-01 12:00+00'

CREATE TABLE model (model text PRIMARY KEY, rules leadscore.ruleset);
INSERT INTO model VALUES ('1 defaults', :'defaults'), ('2 seven rows', :'seven'), ('3 threshold', :'threshold'), ('3 columns', :'columns'),
  ('4 agency', :'agency'), ('5 industrial', :'industrial');

-- Clean, but for one line: that an open gives no points is what model 1 wants to say.
CREATE TABLE problem AS
SELECT model, l.* FROM model, leadscore.lint(rules::jsonb) l
WHERE NOT (model = '1 defaults' AND severity = 'warning' AND problem LIKE '%"email_open"%points are 0%');
SELECT count(*) > 0 AS failed FROM problem \gset
\if :failed
  SELECT * FROM problem;
  DO $$ BEGIN RAISE EXCEPTION 'lint finds problems in a published model'; END $$;
\endif

-- Who did what, and what it is worth. Each lead has its activities written as kind:days ago[:url, mailing or visit[:seconds]] and, before them, the columns
-- that differ from a neutral lead.
CREATE TYPE activity AS (kind text, url text, asset text);
CREATE TYPE lead AS (title text, email text, industry text, employees integer, country text, created_at timestamptz, pages integer, seconds integer, visits integer);
CREATE TABLE question (model text, lead jsonb, activities text, total float8, tier text);

INSERT INTO question
SELECT '1 defaults', '{}', kind || ':3', points, 'known' FROM (VALUES ('form_error', 0), ('file_access', 3), ('tracked_link', 3), ('site_search', 3),
  ('visit', 3), ('page_view', 1), ('email_open', 0)) v(kind, points);
INSERT INTO question VALUES
  ('1 defaults', '{}', '', 0, 'known'),
  ('1 defaults', '{}', 'form_success:900', 50, 'engaged'),     -- fixed points: nothing fades
  ('1 defaults', '{}', 'form_success:1 form_error:1', 45, 'known'),
  ('1 defaults', '{}', 'form_success:1 form_success:2 form_error:4', 95, 'engaged'),
  ('1 defaults', '{}', 'form_success:1 form_success:2', 100, 'MQL'),
  ('1 defaults', '{}', 'form_success:1 visit:1 page_view:1 page_view:1 page_view:1 file_access:1 site_search:1 tracked_link:1 email_open:1 form_error:1', 60,
    'engaged');

-- Model 2 in its 30/70 weighting with 60 for sales. 20 for prices fade by 5 a week, 10 for a paper by 5 a month, a demo does not; all but the first are seen
-- at a page less than 90 days ago.
INSERT INTO question
SELECT '2 seven rows', lead::jsonb || '{"created_at": "2020-01-01"}', activities, round(least(100, greatest(0, 0.3 * fit + 0.7 * engagement))::numeric, 1), tier
FROM (VALUES
  ('{}', '', 0, -15, 'wait'),                                                         -- never been here, and known for years
  ('{}', 'page_view:89', 0, 0, 'wait'), ('{}', 'page_view:90', 0, -15, 'wait'),
  ('{}', 'page_view:0:/pricing', 0, 20, 'wait'), ('{}', 'page_view:7:/pricing', 0, 15, 'wait'), ('{}', 'page_view:14:/pricing/list', 0, 10, 'wait'),
  ('{}', 'page_view:21:/pricing', 0, 5, 'wait'), ('{}', 'page_view:28:/pricing', 0, 0, 'wait'),
  ('{}', 'page_view:0 demo:1000', 0, 30, 'nurture'), ('{}', 'page_view:0 trial:500', 0, 25, 'wait'),
  ('{}', 'page_view:0 download:0:white_paper', 0, 10, 'wait'), ('{}', 'page_view:0 download:30:white_paper', 0, 5, 'wait'),
    ('{}', 'page_view:0 download:60:white_paper', 0, 0, 'wait'),
  ('{}', 'page_view:0 email_open:1 email_open:400', 0, 2, 'wait'),
  ('{"email": "a@acme.com"}',   'page_view:7:/pricing demo:1 trial:1', -50, 70, 'nurture'),
  ('{"email": "a@gmail.com"}',  'page_view:7:/pricing demo:1 trial:1', -10, 70, 'nurture'),
  ('{"email": "a@harvard.edu"}','page_view:7:/pricing demo:1 trial:1', -30, 70, 'nurture'),
  ('{"title": "VP, Sales", "employees": 800}', 'page_view:7:/pricing demo:1 trial:1 download:30:white_paper', 100, 75, 'sales')) v(lead, activities, fit,
    engagement, tier);

-- Model 3: pages, seconds and visits around the thresholds; the published lead is the first.
INSERT INTO question VALUES ('3 columns', '{"pages": 7, "seconds": 45, "visits": 3}', '', 30, 'cold'), ('3 columns', '{}', '', 0, 'cold'),
  ('3 threshold', '{}', 'page_view:9:a:9 page_view:9:a:9 page_view:9:a:5 page_view:7:b:5 page_view:7:b:7 page_view:1:c:0 page_view:1:c:10', 30, 'cold');
INSERT INTO question
SELECT model, jsonb_build_object('pages', pages, 'seconds', seconds, 'visits', visits),
       CASE model WHEN '3 columns' THEN '' ELSE (
         SELECT string_agg('page_view:' || n || ':' || 'v' || n % visits || ':' || CASE n WHEN 0 THEN seconds ELSE 0 END, ' ')
           FROM generate_series(0, pages - 1) n) END,
       points, CASE WHEN points >= 90 THEN 'hot' WHEN points >= 33 THEN 'warm' ELSE 'cold' END
FROM unnest('{3,4,5,7}'::integer[]) pages, unnest('{45,89,90,91}'::integer[]) seconds, unnest('{1,2,3}'::integer[]) visits,
  (VALUES ('3 columns'), ('3 threshold')) m(model),
     LATERAL (SELECT CASE WHEN pages >= 5 THEN 20 ELSE 0 END + CASE WHEN seconds >= 90 THEN 70 ELSE 0 END + CASE WHEN visits >= 2 THEN 10 ELSE 0 END) p(points);

INSERT INTO question VALUES
  ('4 agency', '{}', '', 0, 'lead'),
  ('4 agency', '{}', 'consultation_form:20', 80, 'SQL'),
  ('4 agency', '{}', 'Evaluation_Form:20 consultation_form:10', 80, 'SQL'),
  ('4 agency', '{}', 'evaluation_form:20 unsubscribe:1', 60, 'MQL'),
  ('4 agency', '{}', 'email_open:1:a email_open:2:b email_open:3:c email_open:300:d', 0, 'lead'),
  ('4 agency', '{}', 'email_open:1:a email_open:2:b email_open:3:c email_open:300:d email_open:4:a', 0, 'lead'),      -- the same mailing again
  ('4 agency', '{}', 'email_open:1:a email_open:2:b email_open:3:c email_open:300:d email_open:4:e', 25, 'lead'),
  ('4 agency', '{}', 'newsletter:50 visit:1 visit:2', 15, 'lead'),
  ('4 agency', '{}', 'newsletter:50 visit:1 visit:2 visit:29', 25, 'lead'),
  ('4 agency', '{}', 'newsletter:50 visit:1 visit:2 visit:30', 15, 'lead'),
  ('4 agency', '{}', 'newsletter:50 visit:1 visit:2 visit:3 email_open:1:a email_open:2:b email_open:3:c email_open:4:d email_open:5:e', 50, 'MQL'),
  ('4 agency', '{}', 'newsletter:50 visit:1 visit:2 visit:3 email_open:1:a email_open:2:b email_open:3:c email_open:4:d email_open:5:e unsubscribe:0', 30, 'lead'),
  ('4 agency', '{}', 'evaluation_form:200 visit:59', 80, 'SQL'),
  ('4 agency', '{}', 'evaluation_form:200 visit:60', 75, 'MQL'),
  ('4 agency', '{}', 'evaluation_form:200 visit:90', 70, 'MQL'),
  ('4 agency', '{}', 'evaluation_form:200 visit:900', 50, 'MQL'),
  ('4 agency', '{}', 'unsubscribe:1', 0, 'lead');

INSERT INTO question VALUES
  ('5 industrial', '{}', 'rfq:1', 60, 'intent'),
  ('5 industrial', '{}', 'page_view:1:/pricing page_view:2:/pricing/x page_view:3:/product/a email_click:4 email_open:5 page_view:5:/about', 28, 'known'),
  ('5 industrial', '{"title": "Studentin"}', 'rfq:1', 40, 'known'), ('5 industrial', '{"title": "Prasident"}', 'rfq:1', 40, 'known');

CREATE TABLE answer AS
WITH asked AS (
  SELECT row_number() OVER () AS no, q.*, jsonb_populate_record('("Head of Purchasing",buyer@customer.example,Manufacturing,40,DE,"2026-02-28 12:00+00",,,)'::lead,
         CASE model WHEN '2 seven rows' THEN '{"title": "Clerk"}' ELSE '{}'::jsonb END || lead) AS l
  FROM question q
), done AS (
  SELECT no, model, split_part(a, ':', 1) AS kind, timestamptz :'as_of' - split_part(a, ':', 2)::integer * interval '24 hours' AS at,
         split_part(a, ':', 3) AS url, replace(split_part(a, ':', 3), '_', ' ') AS asset, split_part(a, ':', 3) AS email_id, split_part(a, ':', 3) AS visit,
         nullif(split_part(a, ':', 4), '')::float8 AS seconds
  FROM asked, string_to_table(activities, ' ') a WHERE a <> ''
)
SELECT q.no, q.model, q.lead, q.activities, q.total AS wanted_total, q.tier AS wanted_tier, s.total, s.tier
FROM asked q JOIN model m USING (model) LEFT JOIN (SELECT no, leadscore.engage(m.rules, kind, at, d, :'as_of') AS e FROM done d JOIN model m USING (model)
  GROUP BY 1) x USING (no),
     leadscore.score(m.rules, q.l, x.e, :'as_of') s;

SELECT count(*) FILTER (WHERE (abs(total - wanted_total) <= 1e-9 AND tier = wanted_tier) IS NOT TRUE) > 0
  OR count(*) <> (SELECT count(*) FROM question) AS failed, count(*) AS answers FROM answer \gset
\if :failed
  SELECT * FROM answer WHERE (abs(total - wanted_total) <= 1e-9 AND tier = wanted_tier) IS NOT TRUE ORDER BY no LIMIT 30;
  DO $$ BEGIN RAISE EXCEPTION 'answers differ from the published ones'; END $$;
\endif

-- Model 2's three weightings of fit and engagement with their thresholds, for leads of each kind.
CREATE TABLE weighting AS
SELECT fit_weight, threshold, fit, engagement, least(100, fit_weight * fit + (1 - fit_weight) * engagement) AS wanted,
       leadscore.score(jsonb_set(jsonb_set(jsonb_set(:'seven', '{dimensions,0,weight}', to_jsonb(fit_weight)), '{dimensions,1,weight}', to_jsonb(1 - fit_weight)),
                                 '{tiers,0,at}', to_jsonb(threshold))::leadscore.ruleset, lead,
                       (SELECT leadscore.engage(:'seven', kind, '2026-02-22 12:00+00', (kind, '/pricing', NULL)::activity, :'as_of') FROM unnest(kinds) kind),
                         :'as_of') AS s
FROM (VALUES (0.3, 60), (0.6, 75), (0.5, 65)) w(fit_weight, threshold),
     (VALUES ('{"title": "VP", "employees": 800}'::jsonb, 100), ('{"title": "VP", "employees": 20}', 50),
       ('{"title": "Buyer", "employees": 60, "email": "x@gmx.de"}', 45)) f(lead, fit),
     (VALUES ('{page_view,demo,trial}'::text[], 70), ('{page_view}', 15), ('{page_view,demo,trial,demo}', 100)) e(kinds, engagement);
SELECT count(*) FILTER (WHERE (abs((s).total - round(wanted::numeric, 1)) <= 1e-9 AND (s).tier = CASE WHEN wanted >= threshold THEN 'sales'
  WHEN wanted >= 20 THEN 'nurture' ELSE 'wait' END) IS NOT TRUE) > 0 AS failed,
       count(*) AS weightings FROM weighting \gset
\if :failed
  SELECT fit_weight, threshold, fit, engagement, wanted, (s).total, (s).tier, (s).dimensions FROM weighting;
  DO $$ BEGIN RAISE EXCEPTION 'weightings of the seven-row model differ'; END $$;
\endif

-- Model 5 publishes an order, and what is minus: whatever the numbers are, this must hold.
CREATE TABLE worth AS
SELECT what, leadscore.total(:'industrial', '{}'::jsonb, leadscore.engage(:'industrial', kind, '2026-02-22 12:00+00', (kind, url, NULL)::activity, :'as_of'),
  :'as_of') AS points
FROM (VALUES ('open', 'email_open', NULL), ('click', 'email_click', NULL), ('product', 'page_view', '/product/pumps'), ('pricing', 'page_view', '/pricing'),
  ('rfq', 'rfq', NULL)) v(what, kind, url)
GROUP BY what;
CREATE TABLE minus AS
SELECT what, leadscore.total(:'industrial', lead) - leadscore.total(:'industrial', '{}'::jsonb) AS points
FROM (VALUES ('own staff', '{"email": "a@mail.supplier.example"}'::jsonb), ('competitor', '{"email": "A@ACME.com"}'), ('unrelated', '{"industry": "retail"}'),
  ('educational', '{"email": "a@harvard.edu"}'),
             ('personal', '{"email": "a@gmail.com"}'), ('too small', '{"employees": 9}'), ('outside', '{"country": "US"}'),
               ('unlikely', '{"title": "Summer intern"}'),
             ('large', '{"employees": 10}'), ('related', '{"industry": "Manufacturing"}'), ('inside', '{"country": "DE"}'),
               ('likely', '{"title": "Internal Sales"}')) v(what, lead);
SELECT (SELECT points FROM worth WHERE what = 'open') < (SELECT points FROM worth WHERE what = 'click')
  AND (SELECT points FROM worth WHERE what = 'product') < (SELECT points FROM worth WHERE what = 'pricing')
       AND (SELECT points FROM worth WHERE what = 'pricing') < (SELECT points FROM worth WHERE what = 'rfq') AND (SELECT min(points) > 0 FROM worth)
       AND (SELECT bool_and(CASE WHEN what IN ('large', 'related', 'inside', 'likely') THEN points = 0 ELSE points < 0 END) FROM minus) AS in_order \gset
\if :in_order
\else
  SELECT * FROM worth UNION ALL SELECT * FROM minus;
  DO $$ BEGIN RAISE EXCEPTION 'the industrial model has lost its order'; END $$;
\endif
\echo 6 rule sets of 5 published models are clean; :answers leads and :weightings weightings score as published
