-- Tables and models for test/sql/live_random, and the check that it makes every few hundred statements: live scores against what the raw tables give.

\set ON_ERROR_STOP 1
SET client_min_messages = error;
\o /dev/null
CREATE EXTENSION citext SCHEMA pg_catalog;
CREATE EXTENSION leadscore;

-- What is expected of each model, by views that know nothing of how the extension does it:
-- leads (key, lead) and activities (key, kind, at, fields).
CREATE SCHEMA expected;
CREATE TABLE expected.model (model text PRIMARY KEY, key_type text NOT NULL, key_column text NOT NULL, leads regclass NOT NULL, activities regclass NOT NULL);

-- What rules read of an activity.
CREATE TYPE expected.fields AS (url text, amount float8);

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

-- A lead table, a table of activities and a partitioned one, for a type of key.
CREATE FUNCTION expected.tables(schema text, key text, options text DEFAULT '') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE SCHEMA %I', schema);
  EXECUTE format('CREATE TABLE %I.lead (id %s PRIMARY KEY %s, name text, employees int, country text, company_id int, deleted boolean NOT NULL DEFAULT false, '
    'note text, created_at timestamptz NOT NULL DEFAULT now())', schema, key, options);
  EXECUTE format('CREATE TABLE %I.activity (id bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, lead %s, kind text, at timestamptz, url text, amount float8, note text)', schema, key);
  EXECUTE format('CREATE TABLE %I.event (lead %s, kind text, at timestamptz, url text, amount float8, note text) PARTITION BY LIST (kind)', schema, key);
  EXECUTE format('CREATE TABLE %1$I.event_mail PARTITION OF %1$I.event FOR VALUES IN (''open'', ''click'')', schema);
  -- Columns in another order, and one that was dropped.
  EXECUTE format('CREATE TABLE %I.event_page (url text, gone int, note text, at timestamptz, amount float8, kind text, lead %s)', schema, key);
  EXECUTE format('ALTER TABLE %I.event_page DROP COLUMN gone', schema);
  EXECUTE format('ALTER TABLE %1$I.event ATTACH PARTITION %1$I.event_page FOR VALUES IN (''page'')', schema);
  EXECUTE format('CREATE TABLE %1$I.event_rest PARTITION OF %1$I.event DEFAULT', schema);
  EXECUTE format('CREATE INDEX ON %I.activity (lead)', schema);
  EXECUTE format('CREATE INDEX ON %I.event (lead)', schema);
END $$;

-- A model on them, and what is expected of it.
CREATE FUNCTION expected.bind(schema text, model_name text, rule_set text, key_type text, filter text DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  raw name := 'activities of ' || model_name;
  leads name := 'leads of ' || model_name;
BEGIN
  PERFORM leadscore.create_model(model_name, (SELECT rules::leadscore.ruleset FROM expected.rules WHERE name = rule_set), format('%I.lead', schema)::regclass, lead_key => CASE WHEN key_type = 'public.short_key' THEN 'id' END, filter => filter);
  PERFORM leadscore.add_activity(model_name, format('%I.activity', schema)::regclass, 'lead', 'kind', at => 'at');
  PERFORM leadscore.add_activity(model_name, format('%I.event', schema)::regclass, 'lead', 'kind', at => 'at');
  EXECUTE format('CREATE VIEW expected.%I AS SELECT l.id AS key, l AS lead FROM %I.lead l WHERE %s', leads, schema, coalesce(filter, 'true'));
  EXECUTE format('CREATE VIEW expected.%1$I AS SELECT lead AS key, kind, at, (url, amount)::expected.fields AS fields FROM %2$I.activity '
    'UNION ALL SELECT lead, kind, at, (url, amount)::expected.fields FROM %2$I.event', raw, schema);
  INSERT INTO expected.model VALUES (model_name, key_type, 'id', format('expected.%I', leads)::regclass, format('expected.%I', raw)::regclass);
END $$;

-- int, with everything around it: two models on the same tables, a model on a view of leads and companies, visitors that become known

SELECT expected.tables('i', 'int');
SELECT expected.bind('i', 'int plain', 'plain', 'int', 'NOT deleted');
SELECT expected.bind('i', 'int fading', 'fading', 'int');

CREATE TABLE i.company (id int PRIMARY KEY, size int, industry text, note text);
CREATE VIEW i.lead_company AS SELECT l.id, l.name, l.country, c.size AS company_size, c.industry FROM i.lead l LEFT JOIN i.company c ON c.id = l.company_id WHERE NOT l.deleted;
CREATE INDEX ON i.lead (company_id);
SELECT leadscore.create_model('int view', (SELECT rules::leadscore.ruleset FROM expected.rules WHERE name = 'company'), 'i.lead_company', lead_key => 'id');
SELECT leadscore.watch('int view', 'i.lead', 'SELECT lead.id');
SELECT leadscore.watch('int view', 'i.company', 'SELECT l.id FROM i.lead l WHERE l.company_id = company.id');
CREATE TABLE i.visitor (visitor text PRIMARY KEY, lead int, note text);
CREATE TABLE i.visit (visitor text, at timestamp, url text, amount float8);
CREATE INDEX ON i.visit (visitor);
SELECT leadscore.watch('int view', 'i.visitor', 'SELECT visitor.lead');
CREATE FUNCTION i.lead_of(text) RETURNS int LANGUAGE sql STABLE AS 'SELECT v.lead FROM i.visitor v WHERE v.visitor = $1';
SELECT leadscore.add_activity('int view', 'i.activity', 'lead', 'kind', at => 'at', filter => 'note IS DISTINCT FROM ''spam''');
SELECT leadscore.add_activity('int view', 'i.visit', '(SELECT v.lead FROM i.visitor v WHERE v.visitor = visit.visitor)', constant_kind => 'page', at => 'at');
CREATE VIEW expected."leads of int view" AS SELECT l.id AS key, l AS lead FROM i.lead_company l;
CREATE VIEW expected."activities of int view" AS
  SELECT lead AS key, kind, at, (url, amount)::expected.fields AS fields FROM i.activity WHERE coalesce(note, '') <> 'spam'
  UNION ALL SELECT m.lead, 'page', v.at AT TIME ZONE 'UTC', (v.url, v.amount)::expected.fields FROM i.visit v JOIN i.visitor m USING (visitor);
INSERT INTO expected.model VALUES ('int view', 'int', 'id', 'expected."leads of int view"', 'expected."activities of int view"');

-- bigint, names that need quotes, foreign keys that cascade

SELECT expected.tables('Big "Int"', 'bigint');
ALTER TABLE "Big ""Int""".activity ADD FOREIGN KEY (lead) REFERENCES "Big ""Int""".lead ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Big ""Int""".event ADD FOREIGN KEY (lead) REFERENCES "Big ""Int""".lead ON DELETE CASCADE ON UPDATE CASCADE;
SELECT expected.bind('Big "Int"', 'Big "Int" model', 'plain', 'bigint');

-- uuid, foreign keys that set NULL

SELECT expected.tables('u', 'uuid');
ALTER TABLE u.activity ADD FOREIGN KEY (lead) REFERENCES u.lead ON DELETE SET NULL ON UPDATE CASCADE;
SELECT expected.bind('u', 'uuid', 'fading', 'uuid');

-- Text under a collation by which texts of different bytes are equal; the activities' column has another collation in one source

CREATE COLLATION public.any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
SELECT expected.tables('t', 'text COLLATE public.any_case');
SELECT expected.bind('t', 'text', 'plain', 'text COLLATE public.any_case');

SELECT expected.tables('c', 'citext');
SELECT expected.bind('c', 'citext', 'plain', 'citext');

CREATE TYPE public.tier_key AS ENUM ('zeta', 'alpha', 'mid', 'Omega', 'nu', 'xi', 'pi', 'rho', 'tau', 'chi');
SELECT expected.tables('e', 'public.tier_key');
SELECT expected.bind('e', 'enum', 'plain', 'public.tier_key');

-- A domain; keys may swap within a statement
CREATE DOMAIN public.short_key AS varchar(4) CHECK (VALUE ~ '^[a-z]+$');
SELECT expected.tables('d', 'public.short_key', 'DEFERRABLE');
SELECT expected.bind('d', 'domain', 'fading', 'public.short_key');

SELECT expected.tables('b', 'char(3)');
SELECT expected.bind('b', 'bpchar', 'plain', 'char(3)');

SELECT expected.tables('n', 'numeric(8,2)');
SELECT expected.bind('n', 'numeric', 'plain', 'numeric(8,2)');

-- A pair of columns
CREATE TYPE public.pair AS (tenant int, number int);
SELECT expected.tables('p', 'public.pair');
SELECT expected.bind('p', 'pair', 'plain', 'public.pair');

-- The check

CREATE FUNCTION expected.close(a float8, b float8) RETURNS boolean LANGUAGE sql IMMUTABLE
  AS $$ SELECT a IS NOT DISTINCT FROM b OR coalesce(abs(a - b) <= 1e-9 * greatest(1, abs(a), abs(b)), false) $$;

CREATE FUNCTION expected.close(a float8[], b float8[]) RETURNS boolean LANGUAGE sql IMMUTABLE
  AS $$ SELECT a IS NOT DISTINCT FROM b OR (cardinality(a) = cardinality(b) AND NOT EXISTS (SELECT FROM unnest(a, b) u(x, y) WHERE NOT expected.close(x, y))) $$;

CREATE FUNCTION expected.wrong(model_name text) RETURNS SETOF text LANGUAGE plpgsql SET jit = off AS $$
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
      CROSS JOIN LATERAL (SELECT (CASE WHEN own.activity_hash <> active.activity_hash THEN own.rules ELSE active.rules END)::leadscore.ruleset AS rules) r
      CROSS JOIN LATERAL leadscore.score(r.rules, l.lead,
        (SELECT leadscore.engage(r.rules, a.kind, a.at, a.fields, now()) FROM %4$s a WHERE a.key = l.key), now()) w)
    SELECT format('%%s: live score of %%s: %%s, wanted %%s', %1$L, coalesce(w.key, v.%3$I), to_jsonb(v), to_jsonb(w) - 'rules' - 'lead')
    FROM wanted w FULL JOIN %1$I.score v ON v.%3$I = w.key
    WHERE v.%3$I IS NULL OR w.key IS NULL OR NOT expected.close(v.total, w.total) OR v.tier IS DISTINCT FROM w.tier OR v.grade IS DISTINCT FROM w.grade
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
      CROSS JOIN LATERAL leadscore.score(o.rules, NULL::%5$s, o.engagement, now() + later) have
      CROSS JOIN LATERAL leadscore.score(o.rules, NULL::%5$s, o.wanted, now() + later) want
    WHERE (o.engagement IS NULL) <> (o.wanted IS NULL) OR (o.key IS NULL AND o.wanted IS NULL)
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
        (SELECT leadscore.engage(v.rules::leadscore.ruleset, a.kind, a.at, a.fields, s.scored_at) FROM %4$s a WHERE a.key = s.%3$I), s.scored_at) w ON l.key IS NOT NULL
    WHERE NOT expected.close(s.total, w.total) OR s.tier IS DISTINCT FROM w.tier OR s.grade IS DISTINCT FROM w.grade
      OR s.disqualified IS DISTINCT FROM w.disqualified OR NOT expected.close(s.dimensions, w.dimensions) OR (s.scored_at IS NULL)
    UNION ALL
    SELECT format('%%s: %%s was to stay %%s until %%s and is %%s', %1$L, s.%3$I, s.tier, s.next_change_at, v.tier)
    FROM %1$I.state s JOIN %1$I.score v USING (%3$I) JOIN leadscore.model m ON m.name = %1$L
    WHERE s.version = m.version AND s.next_change_at > now() AND s.tier IS DISTINCT FROM v.tier
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

-- All that is wrong, as one text; NULL where nothing is.
CREATE FUNCTION expected.all_wrong() RETURNS text LANGUAGE sql AS
  $$ SELECT string_agg(w, E'\n') FROM (SELECT w FROM expected.model m, expected.wrong(m.model) w LIMIT 20) x $$;
\o
