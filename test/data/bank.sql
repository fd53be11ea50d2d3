-- Contacts of a bank scored with test/data/bank.json, and the same by plain SQL, written from docs/ruleset-language.md. Run by test/data/bank.
\pset footer off
\pset null '(null)'
SET timezone = 'Asia/Jakarta';   -- no setting takes part in a score
SET datestyle = 'German';
SET client_min_messages = 'warning';
SET jit = off;
CREATE EXTENSION leadscore;

-- Of warnings there may be one: that low totals have no tier, which is meant.
SELECT count(*) <> 1 OR bool_or(severity <> 'warning' OR path <> '$.tiers') AS failed FROM leadscore.lint(:'rules'::jsonb) \gset
\if :failed
  SELECT * FROM leadscore.lint(:'rules');
  DO $$ BEGIN RAISE EXCEPTION 'lint finds something else than low totals without a tier'; END $$;
\endif
\set as_of '2010-12-31 00:00+00'

-- A row type with more than texts and numbers: booleans, an enum, a domain, dates, an array (empty: no debts), jsonb, a field called all, and a
-- dropped column. The campaign took place in some year that nobody has written down: here it is 2010.
CREATE TYPE month AS ENUM ('jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec');
CREATE DOMAIN years AS integer CHECK (VALUE > 0);
CREATE TABLE contact AS
SELECT row_number() OVER () AS id, 1 AS dropped, age::years, job, marital::varchar(20), education, "default", balance, housing, contact, month::month,
  campaign, previous, poutcome,
       campaign + previous AS "all", array_remove(ARRAY[CASE WHEN housing THEN 'Housing' END, CASE WHEN loan THEN 'Loan' END], NULL) AS debts,
       date '2010-01-01' + (array_position(enum_range(NULL::month), month::month) - 1) * 30 + day_of_week AS contacted,
       CASE WHEN pdays >= 0 THEN timestamp '2010-12-31 00:00' - pdays * interval '1 day' END AS last_contact,
       jsonb_build_object('day', day_of_week, 'kept', CASE WHEN y THEN 'Yes' WHEN age > 40 THEN 'no' END) AS extra
FROM train;
ALTER TABLE contact DROP COLUMN dropped;
-- The view's columns are in another order, and computed, so that no whole row of it exists anywhere. Unknown texts are blank, as CRMs write them.
CREATE VIEW contact_view AS
SELECT extra, coalesce(debts, '{}') AS debts, previous + 0 AS previous, coalesce(poutcome, ' ') AS poutcome, coalesce(contact, '') AS contact,
  coalesce(job, E' \t') AS job,
       coalesce(education, U&'\00A0\2003') AS education, "default", balance::float8 AS balance, housing, month::text AS month, campaign::bigint AS campaign,
         "all", marital::text AS marital,
       contacted::timestamp AS contacted, last_contact AT TIME ZONE 'UTC' AS last_contact, id, age
FROM contact;
ANALYZE contact;

CREATE TABLE scored AS
SELECT c.id, s.*, leadscore.segments(:'rules', c, :'as_of') AS segments, leadscore.total(:'rules', c, NULL, :'as_of') AS by_total,
  leadscore.tier(:'rules', c, NULL, :'as_of') AS by_tier
FROM contact c, leadscore.score(:'rules', c, as_of => :'as_of') s;
-- jsonb does not keep the order of segments; the rule set is the same all the same.
SELECT count(*) > 0 AS failed FROM contact c JOIN scored s USING (id)
WHERE leadscore.total(:'rules'::jsonb::leadscore.ruleset, c, NULL, :'as_of') IS DISTINCT FROM s.total \gset
\if :failed
  DO $$ BEGIN RAISE EXCEPTION 'a rule set of jsonb scores otherwise'; END $$;
\endif
CREATE TABLE by_view AS SELECT v.id, s.*, leadscore.segments(:'rules', v, :'as_of') AS segments FROM contact_view v,
  leadscore.score(:'rules', v, as_of => :'as_of') s;
CREATE TABLE by_jsonb AS SELECT c.id, s.*, leadscore.segments(:'rules', to_jsonb(c), :'as_of') AS segments FROM contact c,
  leadscore.score(:'rules', to_jsonb(c), as_of => :'as_of') s;
CREATE TABLE by_json AS SELECT v.id, s.*, leadscore.segments(:'rules', row_to_json(v), :'as_of') AS segments FROM contact_view v,
  leadscore.score(:'rules', row_to_json(v), as_of => :'as_of') s;

CREATE TABLE wanted AS
WITH held AS MATERIALIZED (
  SELECT c.*, (marital IN ('married', 'divorced') AND age >= 35 AND age < 60 AND NOT "default") IS TRUE AS settled, balance > 3000 AS wealthy FROM contact c
), rules AS MATERIALIZED (
  SELECT id, age, contact, "default",
    -- profile
    CASE lower(job) WHEN 'management' THEN 12 WHEN 'admin.' THEN 6 WHEN 'blue-collar' THEN -3 WHEN 'retired' THEN 8 WHEN 'student' THEN 5
      ELSE CASE WHEN job IS NULL THEN -2 ELSE 1 END END::float8 AS job,
    CASE WHEN job ~* '(^|[^a-z0-9])(self|blue)([^a-z0-9]|$)' THEN 3 WHEN job ~* '(^|[^a-z0-9])(entre|tech)' THEN 4 WHEN job ~ 'ed$' THEN 2
      ELSE 0.5 END::float8 AS words,
    CASE WHEN job IN ('management', 'technician', 'services', 'admin.', 'blue-collar') AND age < 65 THEN 1.25 ELSE 0 END::float8 AS wage,
    CASE WHEN education IN ('secondary', 'tertiary') THEN 4 ELSE 0 END + CASE education WHEN 'tertiary' THEN 0.375 ELSE 0 END
      + CASE WHEN education IS NULL THEN -1.5 ELSE 0 END::float8 AS schooling,
    CASE WHEN age < 25 THEN 2 WHEN age < 35 THEN 7.25 WHEN age < 60 THEN 3 ELSE -4 END::float8 AS age_points,
    CASE WHEN balance < -500 THEN -12 WHEN balance < 0 THEN -4 WHEN balance < 1500 THEN 2 WHEN balance < 10000 THEN 9.5 ELSE 15 END
      + CASE WHEN 'Loan' = ANY (debts) THEN -5 ELSE 0 END + CASE WHEN debts = '{}' THEN 0.7 ELSE 0 END + CASE WHEN housing THEN -2 ELSE 3.3 END::float8 AS money,
    CASE WHEN "default" THEN -7 ELSE 0 END + CASE WHEN marital <> 'married' THEN 1.125 ELSE 0 END
      + CASE WHEN wealthy OR (settled AND education = 'tertiary') THEN 6 ELSE 0 END + CASE WHEN settled THEN 0 ELSE 0.25 END::float8 AS rest,
    array_remove(ARRAY[CASE WHEN settled THEN 'settled' END, CASE WHEN wealthy THEN 'wealthy' END,
      CASE WHEN wealthy OR (settled AND education = 'tertiary') THEN 'target' END], NULL) AS segments,
    -- response
    CASE poutcome WHEN 'success' THEN 30 WHEN 'failure' THEN -3 WHEN 'other' THEN 2 ELSE 0 END
      + CASE WHEN previous < 1 THEN 0 WHEN previous < 3 THEN 4 WHEN previous < 8 THEN 6 ELSE 0 END
      + CASE WHEN campaign <= 1 THEN 6 WHEN campaign <= 4 THEN 2 WHEN campaign > 10 THEN -8 ELSE 0 END
      + CASE contact WHEN 'cellular' THEN 5 WHEN 'telephone' THEN -2 ELSE 0 END + CASE contact WHEN 'telephone' THEN 0 ELSE -0.3 END
      + CASE WHEN month IN ('mar', 'sep', 'oct', 'dec') THEN 8 WHEN month = 'may' THEN -4 ELSE 0.75 END
      + CASE WHEN contacted BETWEEN '2010-04-01' AND '2010-06-15' THEN 1 ELSE 0 END
      + CASE WHEN timestamp '2010-12-31' - last_contact < interval '100 days' THEN 7 ELSE 0 END
        + CASE WHEN timestamp '2010-12-31' - last_contact >= interval '365 days' THEN -3 ELSE 0 END
      + CASE WHEN campaign + previous >= 9 THEN -2.2 ELSE 0 END + CASE WHEN (extra->>'day')::integer <= 10 THEN 1.5 ELSE 0 END
        + CASE WHEN extra->>'kept' = 'Yes' THEN 1 ELSE 0 END
      + CASE WHEN poutcome = 'success' AND previous >= 3 THEN 1 ELSE 0 END + CASE WHEN previous >= 12 THEN 0.5 ELSE 0 END::float8 AS response_sum,
    coalesce(poutcome = 'success', false) AND previous >= 3 AS to_call, previous >= 12 AS to_mail,
    -- effort
    CASE WHEN campaign < 5 THEN 0 WHEN campaign < 20 THEN 3 ELSE 7 END + CASE WHEN contact IS NULL OR campaign >= 15 THEN 2 ELSE 0 END::float8 AS effort
  FROM held
), dimensions AS MATERIALIZED (
  SELECT *, greatest(least(least(job + words + wage, 13) + schooling + age_points + greatest(least(money, 11), -10) + rest, 32), -20) AS profile,
         greatest(least(response_sum, 45), -12) AS response
  FROM rules
), totalled AS MATERIALIZED (
  SELECT *, round(round(greatest(least(profile + 1.5 * response - 0.5 * effort, 100), -25)::numeric, 9), 2)::float8 AS total,
         CASE WHEN round(profile::numeric, 9) >= 22 THEN 'A' WHEN round(profile::numeric, 9) >= 10 THEN 'B' ELSE 'C' END
           || CASE WHEN round(response::numeric, 9) >= 30 THEN '1' WHEN round(response::numeric, 9) >= 8 THEN '2' ELSE '3' END AS grade
  FROM dimensions
), placed AS MATERIALIZED (   -- the number of the tier, and the best number that a promotion gives
  SELECT *, CASE WHEN total >= 60 AND profile >= 12 - 5e-10 THEN 1 WHEN grade IN ('A1', 'A2') AND NOT "default" AND age < 70 THEN 2
                 WHEN total >= 25 AND contact IS NOT NULL THEN 3 WHEN total >= 40 THEN 4 WHEN total >= 10 THEN 5 ELSE 6 END AS place,
         CASE WHEN to_call AND (profile >= 12 - 5e-10 OR grade IN ('A1', 'A2') AND NOT "default" AND age < 70) THEN 1 WHEN to_mail THEN 3 ELSE 6 END AS promoted
  FROM totalled
)
SELECT *, "default" AS disqualified, CASE WHEN "default" THEN 'blocked' ELSE ('{call,call,mail,mail,wait,NULL}'::text[])[least(place, promoted)] END AS tier
  FROM placed;

CREATE TABLE different AS
SELECT w.id, s.total, w.total AS wanted_total, s.tier, w.tier AS wanted_tier, s.grade, w.grade AS wanted_grade, s.disqualified, s.dimensions,
       ARRAY[w.profile, w.response, w.effort] AS wanted_dimensions, s.segments, w.segments AS wanted_segments,
       (v.total, v.tier, v.grade, v.disqualified, v.dimensions)::text AS by_view, (b.total, b.tier, b.grade, b.disqualified, b.dimensions)::text AS by_jsonb,
       (j.total, j.tier, j.grade, j.disqualified, j.dimensions)::text AS by_json
FROM wanted w LEFT JOIN scored s USING (id) LEFT JOIN by_view v USING (id) LEFT JOIN by_jsonb b USING (id) LEFT JOIN by_json j USING (id)
WHERE (abs(s.total - w.total) <= 1e-9 AND s.tier IS NOT DISTINCT FROM w.tier AND s.grade = w.grade AND s.disqualified = w.disqualified AND s.segments = w.segments
       AND cardinality(s.dimensions) = 3 AND abs(s.dimensions[1] - w.profile) <= 1e-9 AND abs(s.dimensions[2] - w.response) <= 1e-9
         AND abs(s.dimensions[3] - w.effort) <= 1e-9
       AND by_total = s.total AND by_tier IS NOT DISTINCT FROM s.tier
       -- equal to the last bit: it is the same computation
       AND (v.total, v.grade, v.disqualified, v.dimensions, v.segments) = (s.total, s.grade, s.disqualified, s.dimensions, s.segments)
         AND v.tier IS NOT DISTINCT FROM s.tier
       AND (b.total, b.grade, b.disqualified, b.dimensions, b.segments) = (s.total, s.grade, s.disqualified, s.dimensions, s.segments)
         AND b.tier IS NOT DISTINCT FROM s.tier
       AND (j.total, j.grade, j.disqualified, j.dimensions, j.segments) = (s.total, s.grade, s.disqualified, s.dimensions, s.segments)
         AND j.tier IS NOT DISTINCT FROM s.tier) IS NOT TRUE;
SELECT count(*) AS differ, count(*) > 0 OR (SELECT count(*) FROM train) = 0 OR (SELECT count(*) FROM scored) <> (SELECT count(*) FROM train) AS failed,
       (SELECT count(*) FROM train) AS contacts, (SELECT count(DISTINCT total) FROM wanted) AS totals FROM different \gset
\if :failed
  SELECT * FROM different ORDER BY id LIMIT 10;
  SELECT :differ AS differ, :contacts AS of;
  DO $$ BEGIN RAISE EXCEPTION 'scores differ from plain SQL, or rows from jsonb'; END $$;
\endif

-- A comparison of nothing with nothing passes too: all tiers, grades and promotions must occur.
SELECT count(DISTINCT tier) = 4 AND bool_or(tier IS NULL) AND count(DISTINCT grade) = 9 AND bool_or(promoted < place AND promoted = 1)
  AND bool_or(promoted < place AND promoted = 3)
       AND count(DISTINCT place) = 6 AND min(total) = -25 AND max(total) > 90 AND bool_or(disqualified) AND bool_or(profile = 32) AND bool_or(response = 45)
         AND bool_or(response = -12) AS all_tried FROM wanted \gset
\if :all_tried
\else
  SELECT tier, place, promoted, count(*), min(total), max(total), array_agg(DISTINCT grade ORDER BY grade) AS grades, max(profile) AS profile,
    max(response) AS response, min(response) AS least FROM wanted GROUP BY 1, 2, 3 ORDER BY 2, 3;
  DO $$ BEGIN RAISE EXCEPTION 'the contacts do not try every tier, grade and bound'; END $$;
\endif
\echo :contacts contacts as table, view, jsonb and json equal plain SQL: :totals different totals
