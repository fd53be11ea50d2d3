-- How live models are checked by test/sql/live_random and test/concurrency: what the raw tables give against what the extension keeps. Included by
-- their scripts.

-- What is expected of each model, by views that know nothing of how the extension does it:
-- leads (key, lead) and activities (key, kind, at, fields).
CREATE SCHEMA expected;
CREATE TABLE expected.model (model text PRIMARY KEY, key_type text NOT NULL, key_column text NOT NULL, leads regclass NOT NULL, activities regclass NOT NULL);

-- What rules read of an activity.
CREATE TYPE expected.fields AS (url text, amount float8);

-- The check

CREATE FUNCTION expected.close(a float8, b float8) RETURNS boolean LANGUAGE sql IMMUTABLE
  AS $$ SELECT a IS NOT DISTINCT FROM b OR coalesce(abs(a - b) <= 1e-9 * greatest(1, abs(a), abs(b)), false) $$;

CREATE FUNCTION expected.close(a float8[], b float8[]) RETURNS boolean LANGUAGE sql IMMUTABLE
  AS $$ SELECT a IS NOT DISTINCT FROM b OR (cardinality(a) = cardinality(b) AND NOT EXISTS (SELECT FROM unnest(a, b) u(x, y) WHERE NOT expected.close(x, y))) $$;

CREATE FUNCTION expected.wrong(model_name text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  m expected.model;
BEGIN
  SELECT * INTO STRICT m FROM expected.model WHERE model = model_name;
  -- Live scores: by the version in force, or by the state's own where its state waits to be rebuilt.
  RETURN QUERY EXECUTE format($q$
    WITH wanted AS MATERIALIZED (
      SELECT l.key, l.lead, w.*, r.rules
      FROM %2$s l
      LEFT JOIN %1$I.state s ON s.%3$I = l.key
      JOIN leadscore.model m ON m.name = %1$L
      JOIN leadscore.model_version active ON active.model = m.name AND active.version = m.version
      LEFT JOIN leadscore.model_version own ON own.model = m.name AND own.version = s.version
      -- Another session may have written after this transaction has begun.
      CROSS JOIN LATERAL (SELECT greatest(now(), leadscore.last_activity_at(s.engagement)) AS as_of) t
      CROSS JOIN LATERAL (SELECT (CASE WHEN own.activity_hash <> active.activity_hash THEN own.rules ELSE active.rules END)::leadscore.ruleset AS rules) r
      CROSS JOIN LATERAL leadscore.score(r.rules, l.lead,
        (SELECT leadscore.engage(r.rules, a.kind, a.at, a.fields, t.as_of) FROM %4$s a WHERE a.key = l.key), t.as_of) w)
    SELECT format('%%s: live score of %%s: %%s, wanted %%s', %1$L, coalesce(w.key, v.%3$I), to_jsonb(v), to_jsonb(w) - 'rules' - 'lead')
    FROM wanted w FULL JOIN %1$I.score v ON v.%3$I = w.key
    WHERE v.%3$I IS NOT DISTINCT FROM NULL OR w.key IS NOT DISTINCT FROM NULL OR NOT expected.close(v.total, w.total) OR v.tier IS DISTINCT FROM w.tier OR v.grade IS DISTINCT FROM w.grade
      OR v.disqualified IS DISTINCT FROM w.disqualified
      OR EXISTS (SELECT FROM jsonb_array_elements(w.rules::jsonb->'dimensions') WITH ORDINALITY d(dimension, place)
                 WHERE NOT expected.close((to_jsonb(v)->>(d.dimension->>'name'))::float8, w.dimensions[d.place]))
    $q$, m.model, m.leads, m.key_column, m.activities);
  -- States, of leads and of activities without a lead: what they give now and in the time to come.
  RETURN QUERY EXECUTE format($q$
    WITH keys AS (SELECT key FROM %2$s UNION SELECT key FROM %4$s WHERE key IS DISTINCT FROM NULL),
    one AS (SELECT k.key, s.*, own.rules::leadscore.ruleset AS rules,
        (SELECT leadscore.engage(coalesce(own.rules::leadscore.ruleset, leadscore.active(%1$L)), a.kind, a.at, a.fields) FROM %4$s a WHERE a.key = k.key) AS wanted
      FROM keys k FULL JOIN %1$I.state s ON s.%3$I = k.key LEFT JOIN leadscore.model_version own ON own.model = %1$L AND own.version = s.version)
    SELECT DISTINCT format('%%s: state of %%s in %%s: %%s, wanted %%s', %1$L, coalesce(o.key, o.%3$I), later, o.engagement, o.wanted)
    FROM one o CROSS JOIN unnest('{0,3 seconds,30 seconds,1 day,40 days}'::interval[]) later
      CROSS JOIN LATERAL (SELECT greatest(now(), leadscore.last_activity_at(o.engagement)) + later AS as_of) t
      CROSS JOIN LATERAL leadscore.score(o.rules, NULL::%5$s, o.engagement, t.as_of) have
      CROSS JOIN LATERAL leadscore.score(o.rules, NULL::%5$s, o.wanted, t.as_of) want
    WHERE (o.engagement IS NULL) <> (o.wanted IS NULL) OR (o.key IS NOT DISTINCT FROM NULL AND o.wanted IS NULL)
      OR NOT expected.close(have.total, want.total) OR NOT expected.close(have.dimensions, want.dimensions)
      OR have.tier IS DISTINCT FROM want.tier
    $q$, m.model, m.leads, m.key_column, m.activities,
    (SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = m.leads AND attname = 'lead'));
  -- Stored scores: as they were at their own time; and tiers stay until the time that is stored.
  RETURN QUERY EXECUTE format($q$
    SELECT format('%%s: stored score of %%s: %%s, wanted %%s', %1$L, s.%3$I, to_jsonb(s) - 'engagement', to_jsonb(w))
    FROM %1$I.state s LEFT JOIN %2$s l ON l.key = s.%3$I
      JOIN leadscore.model_version v ON v.model = %1$L AND v.version = s.version
      LEFT JOIN LATERAL leadscore.score(v.rules::leadscore.ruleset, l.lead,
        (SELECT leadscore.engage(v.rules::leadscore.ruleset, a.kind, a.at, a.fields, s.scored_at) FROM %4$s a WHERE a.key = s.%3$I), s.scored_at) w ON l.key IS DISTINCT FROM NULL
    WHERE NOT expected.close(s.total, w.total) OR s.tier IS DISTINCT FROM w.tier OR s.grade IS DISTINCT FROM w.grade
      OR s.disqualified IS DISTINCT FROM w.disqualified OR NOT expected.close(s.dimensions, w.dimensions) OR (s.scored_at IS NULL)
    UNION ALL
    SELECT format('%%s: %%s was to stay %%s until %%s and is %%s', %1$L, s.%3$I, s.tier, s.next_change_at, v.tier)
    FROM %1$I.state s JOIN %1$I.score v USING (%3$I) JOIN leadscore.model m ON m.name = %1$L
    WHERE s.version = m.version AND s.scored_at <= now() AND s.next_change_at > now() AND s.tier IS DISTINCT FROM v.tier
    UNION ALL
    SELECT format('%%s: lead %%s has no state', %1$L, l.key) FROM %2$s l WHERE NOT EXISTS (SELECT FROM %1$I.state s WHERE s.%3$I = l.key)
    $q$, m.model, m.leads, m.key_column, m.activities);
  -- Transitions: each begins where the one before has ended, the last one in the stored tier.
  RETURN QUERY EXECUTE format($q$
    WITH moves AS (SELECT t.id, t.lead_key::%5$s AS key, t.old_tier, t.new_tier FROM leadscore.transition t WHERE t.model = %1$L AND t.lead_key IS NOT NULL
      AND t.id > coalesce((SELECT max(p.id) FROM leadscore.transition p WHERE p.model = %1$L AND p.lead_key IS NULL), 0)),
    chain AS (SELECT *, lag(new_tier) OVER w AS before, row_number() OVER w = 1 AS first, lead(id) OVER w IS NULL AS last FROM moves WINDOW w AS (PARTITION BY key ORDER BY id))
    SELECT format('%%s: transition %%s of %%s from %%s comes after one to %%s', %1$L, c.id, c.key, c.old_tier, c.before)
    FROM chain c WHERE NOT c.first AND c.old_tier IS DISTINCT FROM c.before
    UNION ALL
    SELECT format('%%s: transition %%s of %%s changes nothing: %%s', %1$L, c.id, c.key, c.old_tier) FROM chain c WHERE c.old_tier IS NOT DISTINCT FROM c.new_tier
    UNION ALL
    SELECT format('%%s: the last transition of %%s goes to %%s, but its tier is %%s', %1$L, c.key, c.new_tier, s.tier)
    FROM chain c LEFT JOIN %1$I.state s ON s.%3$I = c.key WHERE c.last AND c.new_tier IS DISTINCT FROM s.tier
    $q$, m.model, m.leads, m.key_column, m.activities, m.key_type);
END $$;

-- Rows that could not be scored: those that nobody can, and no others.
CREATE FUNCTION expected.wrong_problems() RETURNS SETOF text LANGUAGE sql AS $$
  SELECT format('%s: problem with %s of %s: %s', p.model, p.key, p.source, p.message) FROM leadscore.problem p
  WHERE p.message NOT IN ('kind is NULL', 'at is NULL', 'at is infinite', 'division by zero',
    'more than one row returned by a subquery used as an expression') AND p.message !~ '^[0-9]+ more rows could not be scored$' $$;

-- All that is wrong, as one text; NULL where nothing is.
CREATE FUNCTION expected.all_wrong() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(w, E'\n') FROM (SELECT w FROM expected.model m, expected.wrong(m.model) w UNION ALL SELECT w FROM expected.wrong_problems() w LIMIT 20) x $$;

-- Rule sets

CREATE TABLE expected.rules (name text PRIMARY KEY, rules text NOT NULL);
INSERT INTO expected.rules VALUES
('plain', $${
  "dimensions": [
    {"name": "fit", "rules": [
      {"id": "size", "field": "employees", "bands": [{"below": 10, "points": -3}, {"below": 500, "points": 5}, {"points": 11}], "missing": 1},
      {"id": "land", "field": "country", "map": {"NL": 2, "RO": 3}, "else": 0.5}]},
    {"name": "doing", "rules": [
      {"id": "open", "on": "open", "points": 1},
      {"id": "click", "on": "click", "points": 3, "when": {"country": "NL"}},
      {"id": "page", "on": "page", "cases": [{"where": {"url": {"starts_with": "/price"}}, "points": 7}, {"points": 0.25}]},
      {"id": "rfq", "on": ["rfq", "download"], "points": 5, "max_events": 2},
      {"id": "value", "on": "deal", "points": 0.01, "multiply_by": "amount"}]}],
  "tiers": [{"name": "hot", "at": 40}, {"name": "warm", "at": 15}, {"name": "cold", "at": 0}]}$$),
-- Other points only: states serve both.
('plain points', $${
  "dimensions": [
    {"name": "fit", "rules": [
      {"id": "size", "field": "employees", "bands": [{"below": 100, "points": 1}, {"points": 12}], "missing": 1}]},
    {"name": "doing", "rules": [
      {"id": "open", "on": "open", "points": 2},
      {"id": "click", "on": "click", "points": 2, "when": {"country": "NL"}},
      {"id": "page", "on": "page", "cases": [{"where": {"url": {"starts_with": "/price"}}, "points": 9}, {"points": 0.5}]},
      {"id": "rfq", "on": ["rfq", "download"], "points": 6, "max_events": 2},
      {"id": "value", "on": "deal", "points": 0.02, "multiply_by": "amount"}]},
    {"name": "extra", "rules": [{"id": "named", "when": {"name": {"contains": "a"}}, "points": 1}]}],
  "tiers": [{"name": "hot", "at": 50}, {"name": "warm", "at": 12}, {"name": "cold", "at": 0}]}$$),
('fading', $${
  "range": {"min": 0, "max": 100}, "decimals": 2,
  "dimensions": [
    {"name": "fit", "max": 20, "rules": [
      {"id": "size", "field": "employees", "bands": [{"below": 10, "points": -3}, {"below": 500, "points": 5}, {"points": 11}], "missing": 1},
      {"id": "rival", "when": {"country": "XX"}, "disqualify": true}]},
    {"name": "doing", "max": 90, "groups": {"web": {"max": 25}},
     "idle": {"on": "*", "after": "20 seconds", "every": "20 seconds", "keep": 0.9},
     "rules": [
      {"id": "open", "on": "open", "points": 4, "half_life": "30 seconds"},
      {"id": "click", "on": "click", "points": 5, "fades_over": "40 seconds"},
      {"id": "page", "group": "web", "on": "page", "max_per_day": 3, "points": 4, "half_life": "10 days"},
      {"id": "visits", "group": "web", "on": "page", "distinct": "url", "within": "15 seconds", "count": {"gt": 2}, "points": 10},
      {"id": "steps", "on": ["rfq", "download"], "points": 9, "steps": [{"after": "5 seconds", "keep": 0.5}, {"after": "1 minute", "keep": 0}]},
      {"id": "deal", "on": "deal", "sum": {"field": "amount", "gte": 200}, "points": 20, "promote_to": "hot"},
      {"id": "recent", "on": "*", "recency": [{"within": "6 seconds", "points": 10}, {"within": "1 hour", "points": 5}]},
      {"id": "silent", "on": "*", "idle": {"after": "8 seconds", "every": "4 seconds", "points": -1, "since": "created_at"}, "max_points": 5}]}],
  "tiers": [{"name": "hot", "at": 45}, {"name": "warm", "at": 20}, {"name": "cold"}]}$$),
('fading points', $${
  "range": {"min": 0, "max": 100}, "decimals": 2,
  "dimensions": [
    {"name": "fit", "max": 20, "rules": [
      {"id": "size", "field": "employees", "bands": [{"below": 10, "points": 3}, {"points": 8}], "missing": 1}]},
    {"name": "doing", "max": 95, "groups": {"web": {"max": 30}},
     "idle": {"on": "*", "after": "20 seconds", "every": "20 seconds", "keep": 0.8},
     "rules": [
      {"id": "open", "on": "open", "points": 3, "half_life": "30 seconds"},
      {"id": "click", "on": "click", "points": 6, "fades_over": "40 seconds"},
      {"id": "page", "group": "web", "on": "page", "max_per_day": 3, "points": 4, "half_life": "10 days"},
      {"id": "visits", "group": "web", "on": "page", "distinct": "url", "within": "15 seconds", "count": {"gt": 2}, "points": 12},
      {"id": "steps", "on": ["rfq", "download"], "points": 7, "steps": [{"after": "5 seconds", "keep": 0.5}, {"after": "1 minute", "keep": 0}]},
      {"id": "deal", "on": "deal", "sum": {"field": "amount", "gte": 200}, "points": 20, "promote_to": "hot"},
      {"id": "recent", "on": "*", "recency": [{"within": "6 seconds", "points": 8}, {"within": "1 hour", "points": 6}]},
      {"id": "silent", "on": "*", "idle": {"after": "8 seconds", "every": "4 seconds", "points": -1, "since": "created_at"}, "max_points": 5}]}],
  "tiers": [{"name": "hot", "at": 40}, {"name": "warm", "at": 25}, {"name": "cold"}]}$$),
-- Rules that ask nothing of a lead but that it is there
('deeds', $${
  "dimensions": [
    {"name": "doing", "rules": [
      {"id": "open", "on": "open", "points": 4, "half_life": "30 seconds"},
      {"id": "page", "on": "page", "distinct": "url", "points": 2},
      {"id": "deal", "on": "deal", "points": 0.02, "multiply_by": "amount"},
      {"id": "recent", "on": "*", "recency": [{"within": "6 seconds", "points": 10}, {"within": "1 hour", "points": 5}]}]}],
  "tiers": [{"name": "hot", "at": 25}, {"name": "warm", "at": 8}, {"name": "cold"}]}$$),
('company', $${
  "dimensions": [
    {"name": "fit", "rules": [
      {"id": "size", "field": "company_size", "bands": [{"below": 10, "points": -3}, {"points": 4}], "missing": 1},
      {"id": "trade", "field": "industry", "map": {"Energy": 10}}]},
    {"name": "doing", "rules": [
      {"id": "open", "on": "open", "points": 1.5},
      {"id": "page", "on": "page", "distinct": "url", "points": 2},
      {"id": "value", "on": "deal", "bands": [{"below": 2, "points": 1}, {"points": 4}], "promote_to": "hot"}]}],
  "tiers": [{"name": "hot", "at": 20, "when": {"industry": "Energy"}}, {"name": "warm", "at": 8}, {"name": "cold"}]}$$);
