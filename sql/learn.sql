-- Points learned from outcomes: against what logistic regression says in closed form, in any order of rows, and what is
-- said where there is little to learn from.
SET timezone = 'UTC';
CREATE SCHEMA learning;
SET search_path = learning, public;
\pset format unaligned

-- 400 leads whose outcome goes with size and country. Nothing is random.
CREATE TABLE lead AS
SELECT i AS id, (i % 7)::int AS size, (ARRAY['NL', 'DE', NULL, 'FR'])[1 + i % 4] AS country,
       CASE WHEN i % 97 = 5 THEN NULL ELSE (i * 7919) % 100 < 15 + 8 * (i % 7) - CASE WHEN i % 4 = 0 THEN 10 ELSE 0 END END AS won
FROM generate_series(1, 400) AS i;

\set one '{"dimensions": [{"name": "fit", "rules": [{"id": "large", "when": {"size": {"gte": 4}}, "points": 1}]}]}'

-- One rule: the points are the log odds ratio of a table of four counts, the base points the log odds of who does not fit the rule.
WITH c AS (
  SELECT count(*) FILTER (WHERE size >= 4 AND won)::float8 AS a, count(*) FILTER (WHERE size >= 4 AND NOT won)::float8 AS b,
         count(*) FILTER (WHERE size < 4 AND won)::float8 AS c, count(*) FILTER (WHERE size < 4 AND NOT won)::float8 AS d
  FROM lead
), l AS (
  SELECT leadscore.learn(:'one', lead, NULL, won, '{"ridge": 0, "double_odds": 6931471.805599453}')::jsonb AS rules FROM lead
)
SELECT round((ln(a / b) - ln(c / d))::numeric, 5) = round((rules #>> '{dimensions,0,rules,1,points}')::numeric / 10000000, 5) AS points,
       round(ln(c / d)::numeric, 5) = round((rules #>> '{dimensions,0,rules,0,points}')::numeric / 10000000, 5) AS base
FROM c, l;

-- What is learned is a rule set like any other. Here with the scale from 0 to 100, and tiers that as many leads reach as before.
\set candidates '{"name": "b2b", "note": "By hand.", "dimensions": [{"name": "fit", "max": 12, "groups": {"g": {"max": 9}}, "rules": [{"id": "size", "field": "size", "bands": [{"below": 2, "points": 0}, {"below": 4, "points": 4}, {"points": 9}], "group": "g"}, {"id": "country", "field": "country", "map": {"NL": 5, "DE": 3}, "else": 1, "missing": 0}, {"id": "never", "when": {"size": 9}, "points": 3}, {"id": "again", "off": true, "when": {"size": 1}, "points": 3}]}], "tiers": [{"name": "hot", "at": 10}, {"name": "warm", "at": 5, "dimensions": {"fit": 5}}, {"name": "cold"}]}'
SELECT leadscore.learn(:'candidates', lead, NULL, won) FROM lead;

-- In any order of rows, and however often it is said: the same text.
SELECT count(DISTINCT learned::text)
FROM (SELECT leadscore.learn(:'candidates', lead, NULL, won) AS learned FROM lead
      UNION ALL SELECT leadscore.learn(:'candidates', lead, NULL, won ORDER BY id DESC) FROM lead
      UNION ALL SELECT leadscore.learn(:'candidates', lead, NULL, won ORDER BY md5(id::text)) FROM lead) l;
-- As jsonb and json, too.
SELECT leadscore.learn(:'candidates', lead, NULL, won)::text = leadscore.learn(:'candidates', to_jsonb(lead), NULL, won)::text AS jsonb,
       leadscore.learn(:'candidates', lead, NULL, won)::text = leadscore.learn(:'candidates', to_json(lead), NULL, won)::text AS json
FROM lead;

-- The probability foretells as many as were won, by the formula.
CREATE TABLE learned AS SELECT leadscore.learn(:'candidates', lead, NULL, won) AS rules FROM lead;
SELECT abs(sum(p - won::int)) < 0.001 AS whole,
       bool_and(abs(p - 1 / (1 + exp(-((r.rules::jsonb #>> '{probability,intercept}')::float8 + (r.rules::jsonb #>> '{probability,slope}')::float8 * t)))) < 1e-12) AS formula
FROM learned r, lead, leadscore.total(r.rules, lead) AS t, leadscore.probability(r.rules, lead) AS p
WHERE won IS NOT NULL;
-- As many are hot, and warm, as with the points by hand.
SELECT leadscore.tier(:'candidates', lead) AS tier, count(*) AS leads FROM lead WHERE won IS NOT NULL GROUP BY 1 ORDER BY 2;
SELECT leadscore.tier(r.rules, lead) AS tier, count(*) AS leads FROM learned r, lead WHERE won IS NOT NULL GROUP BY 1 ORDER BY 2;
-- Learned once more, base points and all, it is what it was, but for the number of leads that reach each tier.
SELECT leadscore.learn(r.rules, lead, NULL, won)::jsonb #- '{tiers}' = r.rules::jsonb #- '{tiers}' AS same FROM learned r, lead GROUP BY r.rules::text, r.rules;

-- Of a total it says the same, to the last digit.
SELECT count(*), count(DISTINCT t) > 3 AS totals, bool_and(leadscore.probability(r.rules, t) = leadscore.probability(r.rules, lead)) AS same
FROM learned r, lead, leadscore.total(r.rules, lead) AS t;
SELECT leadscore.probability(rules, 'NaN'::float8) FROM learned;
SELECT leadscore.probability(rules, '-Infinity'::float8) FROM learned;
SELECT leadscore.probability(rules, -1e300) AS low, leadscore.probability(rules, 1e300) AS high, leadscore.probability(rules, NULL::float8) AS none FROM learned;
SELECT leadscore.probability(:'one'::leadscore.ruleset, 5) AS none;
-- probability() where the rule set has none.
SELECT leadscore.probability(:'one', lead) FROM lead LIMIT 1;
SELECT leadscore.probability(NULL, lead) FROM lead LIMIT 1;
-- The planner passes it the columns that are read, like the others.
EXPLAIN (VERBOSE, COSTS OFF) SELECT leadscore.probability(:'one', lead) FROM lead;

-- Activities: each lead as of its own time. "signed" only ever happens when a deal is won, a day after: as of the decision nobody has done it.
CREATE TABLE activity AS
SELECT id AS lead_id, 'open' AS kind, timestamptz '2026-01-01' + id * interval '1 hour' - interval '3 days' AS at, 1 AS n FROM lead, generate_series(1, 3) WHERE size >= 3
UNION ALL SELECT id, 'signed', timestamptz '2026-01-01' + id * interval '1 hour' + interval '1 day', 1 FROM lead WHERE won;
\set behaviour '{"dimensions": [{"name": "engagement", "rules": [{"id": "open", "on": "open", "points": 1, "max_points": 2, "half_life": "30 days"}, {"id": "signed", "on": "signed", "points": 1}]}]}'
WITH l AS (
  SELECT lead, timestamptz '2026-01-01' + id * interval '1 hour' AS decided_at,
         (SELECT leadscore.engage(:'behaviour', a.kind, a.at, a, timestamptz '2026-01-01' + id * interval '1 hour') FROM activity a WHERE a.lead_id = lead.id) AS e
  FROM lead
)
SELECT leadscore.learn(:'behaviour', lead, e, (lead).won, NULL, decided_at) FROM l;
-- As of the end it would look like the best rule of all.
WITH l AS (SELECT lead, (SELECT leadscore.engage(:'behaviour', a.kind, a.at, a, '2027-01-01') FROM activity a WHERE a.lead_id = lead.id) AS e FROM lead)
SELECT (leadscore.learn(:'behaviour', lead, e, (lead).won, NULL, '2027-01-01')::jsonb #>> '{dimensions,0,rules,2,points}')::numeric > 50 AS signed FROM l;

-- Little to learn from.
SELECT leadscore.learn(:'one', lead, NULL, won) FROM lead WHERE false;
SELECT leadscore.learn(:'one', lead, NULL, NULL) FROM lead;
SELECT leadscore.learn(:'one', lead, NULL, true) FROM lead;
SELECT leadscore.learn(:'one', lead, NULL, false) FROM lead;
SELECT leadscore.learn(:'one', lead, NULL, size >= 4, '{"ridge": 0}') FROM lead;
SELECT leadscore.learn(:'candidates', lead, NULL, won) FROM lead WHERE id < 8;
SELECT leadscore.learn(NULL, lead, NULL, won) FROM lead;
-- Rules that say the same, and one that all fit: with a ridge they share, without one the first gets it all.
\set same '{"dimensions": [{"name": "fit", "rules": [{"id": "large", "when": {"size": {"gte": 4}}, "points": 1}, {"id": "twice", "when": {"size": {"gt": 3}}, "points": 1}, {"id": "all", "when": {"id": {"gt": 0}}, "points": 1}]}]}'
SELECT leadscore.learn(:'same', lead, NULL, won, '{"ridge": 1}')::jsonb -> 'dimensions' FROM lead;
SELECT leadscore.learn(:'same', lead, NULL, won, '{"ridge": 0}') FROM lead;
-- Disqualified leads take no part; nothing is learned of a rule that only disqualifies.
SELECT leadscore.learn('{"dimensions": [{"name": "fit", "rules": [{"id": "rival", "when": {"country": "DE"}, "disqualify": true}, {"id": "large", "when": {"size": {"gte": 4}}, "points": 1}]}]}', lead, NULL, won)::jsonb -> 'note' AS note FROM lead;

-- A rule that merely happened to hold for all of these leads is not where the base points go: others may come.
SELECT jsonb_path_query_array(leadscore.learn('{"dimensions": [{"name": "fit", "rules": [{"id": "known", "when": {"id": {"gt": 0}}, "points": 5}, {"id": "small", "when": {"size": {"lt": 4}}, "points": 1}]}]}', lead, NULL, won)::jsonb, '$.dimensions[*].rules[*] ? (@.id == "known").points') AS known FROM lead;
-- A dimension that is only shown, with a weight of 0, is not fitted: its limits, grades and what tiers ask of it stay.
\set shown '{"dimensions": [{"name": "fit", "rules": [{"id": "large", "when": {"size": {"gte": 4}}, "points": 1}]}, {"name": "place", "weight": 0, "max": 10, "groups": {"g": {"max": 8}}, "grades": [{"name": "1", "at": 8}, {"name": "2", "at": 4}, {"name": "3"}], "rules": [{"id": "country", "group": "g", "field": "country", "map": {"NL": 9, "DE": 5}}]}], "tiers": [{"name": "hot", "dimensions": {"place": 8}}, {"name": "cold"}]}'
SELECT learned -> 'dimensions' -> 1 = :'shown'::jsonb -> 'dimensions' -> 1 AS same, learned -> 'tiers' = :'shown'::jsonb -> 'tiers' AS tiers
FROM (SELECT leadscore.learn(:'shown', lead, NULL, won)::jsonb AS learned FROM lead) l;
-- Where a dimension counts a hundredfold, points and base points have the decimals that this takes: the total is that of the odds, to half a point.
WITH c AS (SELECT ln(count(*) FILTER (WHERE won)::float8 / count(*) FILTER (WHERE NOT won)) AS odds, min(leadscore.total(r.rules, lead)) AS total
           FROM lead, (SELECT leadscore.learn(replace(:'one', '"rules"', '"weight": 100, "rules"')::leadscore.ruleset, lead, NULL, won, '{"ridge": 0, "double_odds": 20, "base_score": 630}') AS rules FROM lead) r WHERE size < 4)
SELECT abs(total - (630 + odds * 20 / ln(2))) < 0.6 AS exact FROM c;
-- Amounts of money: the points have as many decimals as their size takes.
CREATE TYPE bought AS (amount float8);
\set money '{"dimensions": [{"name": "d", "rules": [{"id": "bought", "on": "bought", "multiply_by": "amount", "points": 1}]}]}'
WITH l AS (SELECT lead, won, (lead.size + 1) * 30e6 AS amount, leadscore.engage(:'money', 'bought', '2026-01-01', ROW((lead.size + 1) * 30e6)::bought, '2026-01-02') AS e FROM lead GROUP BY lead, won, size),
r AS (SELECT leadscore.learn(:'money', lead, e, won, '{"ridge": 0}', '2026-01-02') AS rules FROM l)
SELECT max(leadscore.total(rules, lead, e, '2026-01-02')) - min(leadscore.total(rules, lead, e, '2026-01-02')) BETWEEN 98 AND 100 AS whole_range FROM l, r;
-- One lead far off is no perfect separation: at the maximum the expected number of won leads is that of the won ones, and so is the sum of amounts.
CREATE TABLE far AS SELECT i AS id, CASE WHEN i = 400 THEN 400 ELSE i % 10 END AS x, i = 400 OR (i * 7919) % 1000 < 1000 / (1 + exp(2 - 0.5 * (i % 10))) AS won FROM generate_series(1, 400) i;
WITH l AS (SELECT far, x, won, leadscore.engage(:'money', 'bought', '2026-01-01', ROW(x)::bought, '2026-01-02') AS e FROM far GROUP BY far, x, won),
r AS (SELECT leadscore.learn(:'money', far, e, won, '{"ridge": 0, "double_odds": 6931471.805599453}', '2026-01-02')::jsonb AS rules FROM l),
p AS (SELECT x, won, 1 / (1 + exp(-((rules #>> '{dimensions,0,rules,0,points}')::float8 + (rules #>> '{dimensions,0,rules,1,points}')::float8 * x) / 1e7)) AS p, rules FROM l, r)
SELECT abs(sum(p - won::int)) < 1e-4 AND abs(sum((p - won::int) * x)) < 1e-4 AS maximum, min(rules ->> 'note') AS note FROM p;
-- A limit of so many times the points outlives points of 0: learned again from data that tell more, the rule counts again.
\set limited '{"dimensions": [{"name": "d", "rules": [{"id": "open", "on": "open", "points": 2, "max_points": 6}, {"id": "large", "when": {"size": {"gte": 4}}, "points": 1}]}]}'
WITH l AS (SELECT lead, won, id, leadscore.engage(:'limited', 'open', '2026-01-01', NULL::record, '2026-01-02') AS e FROM lead GROUP BY lead, won, id),
r AS (SELECT leadscore.learn(:'limited', lead, e, won, NULL, '2026-01-02') AS rules FROM l)
SELECT r.rules::jsonb #> '{dimensions,0,rules,1}' AS told_nothing,
       (SELECT leadscore.learn(r.rules, lead, CASE WHEN won THEN e END, won, NULL, '2026-01-02')::jsonb #> '{dimensions,0,rules,1,points}' FROM l) <> '0' AS tells
FROM r;
-- A note of one's own stays, whatever its words.
SELECT leadscore.learn('{"note": "Fitted to the needs of Ann.", "dimensions": [{"name": "fit", "rules": [{"id": "large", "when": {"size": {"gte": 4}}, "points": 1}]}]}', lead, NULL, won)::jsonb -> 'note' AS note FROM lead;

-- What is wrong is said.
SELECT leadscore.learn('{"dimensions": [{"name": "fit", "rules": []}]}', lead, NULL, won) FROM lead;
SELECT leadscore.learn(:'one', lead, NULL, won, '{"rigde": 1}') FROM lead;
SELECT leadscore.learn(:'one', lead, NULL, won, '{"ridge": -1}') FROM lead;
SELECT leadscore.learn(:'one', lead, NULL, won, '{"double_odds": 20, "range": {"min": 0, "max": 10}}') FROM lead;
SELECT leadscore.learn(:'one', lead, NULL, won, '{"base_odds": 20}') FROM lead;
SELECT leadscore.learn(:'one', lead, NULL, won, '{"range": {"min": 0, "max": 0.5}}') FROM lead;
SELECT leadscore.learn(:'one', lead, NULL, won, '[]') FROM lead;
SELECT leadscore.learn(CASE WHEN id < 9 THEN :'one' ELSE :'same' END::leadscore.ruleset, lead, NULL, won) FROM lead;
SELECT leadscore.learn(:'one', lead, NULL, won, jsonb_build_object('ridge', id)) FROM lead;
SELECT leadscore.learn('{"dimensions": [{"name": "fit", "rules": [{"id": "r", "when": {"sise": 1}, "points": 1}]}]}', lead, NULL, won) FROM lead;
SELECT leadscore.learn(:'behaviour', lead, e, won) FROM lead, (SELECT leadscore.engage('{"dimensions": [{"name": "d", "rules": [{"id": "x", "on": "x", "points": 1}]}]}', 'x', now()) AS e) x;
-- Each group learns for itself.
SELECT id % 2 AS half, leadscore.learn(:'one', lead, NULL, won) IS NOT NULL AS learned FROM lead GROUP BY 1 ORDER BY 1;
-- So it does by rule set, with more rule sets than the backend keeps compiled, one after the other in each row.
CREATE TABLE many AS SELECT n, format('{"name": "r%s", "dimensions": [{"name": "fit", "rules": [{"id": "large", "when": {"size": {"gte": %s}}, "points": 1}]}]}', n, n % 5 + 1)::leadscore.ruleset AS rules FROM generate_series(1, 50) n;
SET enable_sort = off;
CREATE TABLE by_turns AS SELECT n, leadscore.learn(rules, lead, NULL, (lead).won, '{"ridge": 1}') AS rules FROM (SELECT lead, many.* FROM lead, many ORDER BY lead.id, n) x GROUP BY n;
RESET enable_sort;
SELECT count(*), count(DISTINCT b.rules::jsonb - 'name') AS different, count(*) FILTER (WHERE b.rules::text = (SELECT leadscore.learn(m.rules, lead, NULL, won, '{"ridge": 1}')::text FROM lead)) AS same
FROM by_turns b JOIN many m USING (n);
-- "probability" as a part of a rule set.
SELECT * FROM leadscore.lint('{"dimensions": [{"name": "d", "rules": []}], "probability": {"intercept": 1}}');
SELECT * FROM leadscore.lint('{"dimensions": [{"name": "d", "rules": []}], "probability": {"intercept": 1, "slope": "a", "scale": 1}}');

DROP SCHEMA learning CASCADE;
