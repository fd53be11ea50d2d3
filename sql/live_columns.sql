-- The columns of the view score: a function for each. Whatever columns a query asks for, and in whatever form the lead comes to them, they are what one look at the whole row
-- gives (leadscore.live_score). And what comes to them stays right, however the rule set changes under a plan.
\set VERBOSITY terse
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE SCHEMA crm;
CREATE TYPE crm.firm AS (employees int, industry text);
CREATE TABLE crm.lead (gone text, id int PRIMARY KEY, title text, firm crm.firm, custom jsonb, wide text, "a.b" int, country text, note text);
ALTER TABLE crm.lead DROP COLUMN gone;
ALTER TABLE crm.lead ALTER wide SET STORAGE EXTERNAL;
INSERT INTO crm.lead (id, title, firm, custom, wide, "a.b", country)
SELECT i, (ARRAY['CEO', 'Buyer', NULL, ' '])[1 + i % 4], ROW(i * 10, (ARRAY['Energy', 'Retail'])[1 + i % 2])::crm.firm,
       jsonb_build_object('plan', (ARRAY['pro', 'free'])[1 + i % 2], 'seats', i), repeat((ARRAY['x', 'y'])[1 + i % 2], 3000), i % 7, (ARRAY['NL', 'US', NULL])[1 + i % 3]
FROM generate_series(1, 300) i;
CREATE TABLE crm.activity (lead int, kind text, at timestamptz);
CREATE INDEX ON crm.activity (lead);
INSERT INTO crm.activity SELECT 1 + i * i % 250, (ARRAY['open', 'demo', 'visit'])[1 + i % 3], now() - i * interval '3 hours' FROM generate_series(1, 900) i;
-- One of the future
INSERT INTO crm.activity VALUES (7, 'demo', now() + interval '1 hour');

-- Rule sets by what they read of a lead
CREATE TABLE crm.rules (name text PRIMARY KEY, rules leadscore.ruleset);
INSERT INTO crm.rules SELECT name, format($${"dimensions": [
    {"name": "%s", "grades": [{"name": "A", "at": 10}, {"name": "B"}], "rules": [%s {"id": "%s_all", "when": {}, "points": 0.5}]},
    {"name": "interest", "grades": [{"name": "1", "at": 5}, {"name": "2"}], "rules": [
      {"id": "open", "on": "open", "points": 4, "half_life": "30 days"}, {"id": "demo", "on": "%s", "points": 15, "half_life": "60 days"},
      {"id": "no_demo", "on": "%s", "count": {"lt": 1}, "points": -3}]}],
  "tiers": [{"name": "hot", "at": 25}, {"name": "warm", "at": 10}, {"name": "cold", "at": 1}]}$$, dimension, rules, name, kind, kind)::leadscore.ruleset
FROM (VALUES
  ('none', 'fit', 'demo', ''),
  ('title', 'fit', 'demo', '{"id": "title", "when": {"title": "ceo"}, "points": 10}, {"id": "out", "when": {"title": {"is_null": true}}, "disqualify": true},'),
  ('nested', 'fit', 'demo', '{"id": "firm", "when": {"firm.industry": "energy"}, "points": 20}, {"id": "plan", "field": "custom.plan", "map": {"pro": 4}}, {"id": "dot", "field": "a.b", "bands": [{"below": 3, "points": 0.5}, {"points": 0.25}]},'),
  ('wide', 'size', 'demo', '{"id": "wide", "when": {"wide": {"starts_with": "x"}}, "points": 12},'),
  ('country', 'fit', 'visit', '{"id": "country", "field": "country", "map": {"NL": 8, "US": 2}},')) r (name, dimension, kind, rules);
CREATE FUNCTION crm.rules(name text) RETURNS leadscore.ruleset STABLE LANGUAGE sql AS $$SELECT r.rules FROM crm.rules r WHERE r.name = $1$$;

SELECT leadscore.create_model('b2b', crm.rules('none'), 'crm.lead');
SELECT leadscore.add_activity('b2b', 'crm.activity', 'lead', 'kind', at => 'at');

-- Leads for whom a column is not what live_score says: all columns at once, each alone, and below other nodes of a plan
CREATE FUNCTION crm.wrong(of_leads regclass DEFAULT 'crm.lead') RETURNS TABLE (leads bigint, together bigint, apart bigint, sorted bigint, filtered bigint, grouped bigint) LANGUAGE plpgsql AS $f$
BEGIN
  RETURN QUERY EXECUTE format($$
    WITH one AS MATERIALIZED (
      SELECT l.id, x.*, d.dimensions AS names FROM %s l LEFT JOIN b2b.state s ON s.id = l.id CROSS JOIN LATERAL leadscore.live_score('b2b', l, s.version, s.engagement) x
      JOIN leadscore.model d ON d.name = 'b2b'),
    wanted AS MATERIALIZED (
      SELECT o.id, jsonb_build_object('id', o.id, 'total', o.total, 'tier', o.tier, 'grade', o.grade, 'disqualified', o.disqualified, 'version', o.version)
        || (SELECT jsonb_object_agg(n.name, o.dimensions[n.place]) FROM unnest(o.names) WITH ORDINALITY n(name, place)) AS score, o.total, o.tier FROM one o)
    SELECT (SELECT count(*) FROM wanted),
      (SELECT count(*) FROM wanted w FULL JOIN b2b.score v USING (id) WHERE w.score IS DISTINCT FROM to_jsonb(v) - 'last_activity_at' - 'next_change_at'),
      (SELECT count(*) FROM wanted w WHERE w.total IS DISTINCT FROM (SELECT v.total FROM b2b.score v WHERE v.id = w.id) OR w.tier IS DISTINCT FROM (SELECT v.tier FROM b2b.score v WHERE v.id = w.id)
        OR w.score->'grade' IS DISTINCT FROM (SELECT to_jsonb(v.grade) FROM b2b.score v WHERE v.id = w.id AND v.grade IS NOT NULL)
        OR w.score->'interest' IS DISTINCT FROM (SELECT to_jsonb(v.interest) FROM b2b.score v WHERE v.id = w.id)),
      (SELECT count(*) FROM (SELECT id, total, row_number() OVER () AS place FROM (SELECT id, total FROM b2b.score ORDER BY total DESC, id LIMIT 50) v) v
        FULL JOIN (SELECT id, total, row_number() OVER (ORDER BY total DESC, id) AS place FROM wanted) w USING (place) WHERE place <= 50 AND (v.id, v.total) IS DISTINCT FROM (w.id, w.total)),
      (SELECT count(*) FROM (SELECT id, tier FROM b2b.score WHERE total > 3 AND tier <> 'cold') v FULL JOIN (SELECT id, tier FROM wanted WHERE total > 3 AND tier <> 'cold') w USING (id) WHERE v.tier IS DISTINCT FROM w.tier),
      (SELECT count(*) FROM (SELECT coalesce(tier, '') AS tier, sum(total ORDER BY id) AS total FROM b2b.score GROUP BY 1) v
        FULL JOIN (SELECT coalesce(tier, '') AS tier, sum(total ORDER BY id) AS total FROM wanted GROUP BY 1) w USING (tier) WHERE v.total IS DISTINCT FROM w.total)
  $$, of_leads);
END $f$;
-- … and what is told of the time to come
CREATE FUNCTION crm.wrong_times(name text) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM crm.lead l LEFT JOIN b2b.state s USING (id) JOIN b2b.score v USING (id)
  WHERE v.next_change_at IS DISTINCT FROM leadscore.next_change(crm.rules(name), l, s.engagement) OR v.last_activity_at IS DISTINCT FROM leadscore.last_activity_at(s.engagement) $$;
SELECT * FROM crm.wrong();
SELECT crm.wrong_times('none');

-- What a plan has of the lead: nothing that the rules don't read
CREATE FUNCTION crm.passed(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE plan text := ''; line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP plan := plan || line; END LOOP;
  RETURN QUERY SELECT m[1] FROM regexp_matches(split_part(plan, '->', 1), 'leadscore\.live_\w+\([^()]*\)', 'g') m;
END $$;
SELECT crm.passed('SELECT total FROM b2b.score');
SELECT leadscore.publish('b2b', crm.rules('title'));
SELECT crm.passed('SELECT total, tier, grade, disqualified, fit, interest, version, next_change_at FROM b2b.score');
-- a query that asks for no score gets along without
SELECT crm.passed('SELECT id, last_activity_at FROM b2b.score');
-- a lead that is looked for is looked up
CREATE FUNCTION crm.has_node(query text, node text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text; found boolean := false;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP found := found OR line ~ node; END LOOP;
  RETURN found;
END $$;
ANALYZE crm.lead, b2b.state;
SELECT crm.has_node('SELECT total FROM b2b.score WHERE id = 42', 'Seq Scan') AS lead_by_scan, crm.has_node('SELECT sum(total) FROM b2b.score', 'Seq Scan') AS all_by_scan;

-- Each publish changes what is read, under plans that are kept
SET plan_cache_mode = force_generic_plan;
PREPARE every AS SELECT count(*) AS leads, count(*) FILTER (WHERE v.total IS DISTINCT FROM x.total OR v.tier IS DISTINCT FROM x.tier OR v.interest IS DISTINCT FROM x.dimensions[2]) AS wrong
  FROM b2b.score v JOIN crm.lead l USING (id) LEFT JOIN b2b.state s USING (id) CROSS JOIN LATERAL leadscore.live_score('b2b', l, s.version, s.engagement) x;
PREPARE two AS SELECT id, round(total::numeric, 1) AS total FROM b2b.score WHERE id IN (1, 4, 9) ORDER BY id;
EXECUTE every;
EXECUTE two;
SELECT leadscore.publish('b2b', crm.rules('nested'));
EXECUTE every;
EXECUTE two;
SELECT * FROM crm.wrong();
SELECT crm.wrong_times('nested');
BEGIN;
EXECUTE two;
SELECT leadscore.publish('b2b', crm.rules('wide'));
EXECUTE every;
EXECUTE two;
SELECT * FROM crm.wrong();
SAVEPOINT a;
SELECT leadscore.publish('b2b', crm.rules('country'));
EXECUTE every;
ROLLBACK TO a;
EXECUTE every;
EXECUTE two;
COMMIT;
-- a dimension that is gone is NULL, and one that has come stands at the end
SELECT count(*) AS leads, count(fit) AS fit, count(size) AS size FROM b2b.score;
-- While states wait to be rebuilt, leads are read by two versions
SELECT leadscore.publish('b2b', crm.rules('country'), rebuild => 'later');
UPDATE crm.lead SET note = 'seen' WHERE id % 3 = 0;
INSERT INTO crm.activity SELECT i, 'visit', now() FROM generate_series(10, 20) i;
SELECT version, count(*), count(fit) AS fit, count(size) AS size FROM b2b.score GROUP BY 1 ORDER BY 1;
EXECUTE every;
SELECT * FROM crm.wrong();
CALL leadscore.rescore('b2b');
SELECT version, count(*), count(fit) AS fit, count(size) AS size FROM b2b.score GROUP BY 1 ORDER BY 1;
EXECUTE every;
SELECT * FROM crm.wrong();
SELECT crm.passed('SELECT total FROM b2b.score');
-- A column gets another type
SELECT leadscore.publish('b2b', '{"dimensions": [{"name": "interest", "rules": [{"id": "note", "field": "note", "map": {"5": 5, "seen": 1}}]}]}');
EXECUTE two;
BEGIN;
ALTER TABLE crm.lead ALTER note TYPE numeric USING 5;
EXECUTE two;
ROLLBACK;
DEALLOCATE ALL;
RESET plan_cache_mode;
SELECT leadscore.publish('b2b', crm.rules('nested'));

-- By several processes
BEGIN;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT crm.has_node('SELECT tier, count(*), sum(total) FROM b2b.score GROUP BY 1', 'Gather') AS parallel;
SELECT * FROM crm.wrong();
ROLLBACK;

-- No row: NULL. Nor where a row of the view is missing in an outer join
SELECT n, v.total, v.tier, v.interest, v.version, v.next_change_at FROM generate_series(300, 301) n LEFT JOIN b2b.score v ON v.id = n AND v.version > 0 ORDER BY n;
SELECT count(*) AS rows, count(v) AS leads, count(v.total) AS totals FROM crm.lead l LEFT JOIN b2b.score v ON v.id = l.id + 200;
SELECT leadscore.live_total('b2b', NULL::crm.lead, NULL, NULL), leadscore.live_total(NULL, l, NULL, NULL) FROM crm.lead l WHERE id = 1;
-- Nobody but the planner says which row it is
SELECT leadscore.live_total_columns('b2b'::text, NULL::leadscore.engagement, ctid, tableoid, '{}'::text[], NULL::int) FROM crm.lead WHERE id = 1;
-- (Releases of the server differ in how they refuse a literal.)
CREATE FUNCTION crm.is_refused(query text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE query;
  RETURN false;
EXCEPTION WHEN undefined_function OR feature_not_supported THEN
  RETURN true;
END $$;
SELECT crm.is_refused($$SELECT leadscore.live_total_columns('b2b'::text, NULL::leadscore.engagement, '(0,1)', tableoid, '{}'::text[], NULL::int) FROM crm.lead WHERE id = 1$$);
SELECT leadscore.live_total('nobody', l, NULL, NULL) FROM crm.lead l WHERE id = 1;
-- Rows that the same statement changes
WITH changed AS (UPDATE crm.lead SET title = 'CEO' WHERE id = 2 RETURNING id) SELECT c.id, v.total = (SELECT v.total FROM b2b.score v WHERE v.id = 2) AS as_it_was FROM changed c JOIN b2b.score v USING (id);
SELECT * FROM crm.wrong();
SELECT leadscore.drop_model('b2b');

-- Leads in partitions, of which one has its columns in another order; in a table with children; in views, plain and not
CREATE TABLE crm.parted (id int PRIMARY KEY, title text, firm crm.firm, custom jsonb, wide text, "a.b" int, country text) PARTITION BY RANGE (id);
CREATE TABLE crm.part_1 PARTITION OF crm.parted FOR VALUES FROM (0) TO (100);
CREATE TABLE crm.part_2 (country text, "a.b" int, junk int, wide text, custom jsonb, firm crm.firm, title text, id int NOT NULL);
ALTER TABLE crm.part_2 DROP COLUMN junk;
ALTER TABLE crm.parted ATTACH PARTITION crm.part_2 FOR VALUES FROM (100) TO (1000);
INSERT INTO crm.parted SELECT id, title, firm, custom, wide, "a.b", country FROM crm.lead;
CREATE TABLE crm.family (LIKE crm.lead INCLUDING ALL);
CREATE TABLE crm.child (more int) INHERITS (crm.family);
INSERT INTO crm.family SELECT * FROM crm.lead WHERE id < 100;
INSERT INTO crm.child SELECT *, 1 FROM crm.lead WHERE id >= 100;
CREATE VIEW crm.plain AS SELECT country, "a.b", wide, custom, firm, title, id FROM crm.lead;
CREATE VIEW crm.grouped AS SELECT DISTINCT ON (id) * FROM crm.lead ORDER BY id;
CREATE FUNCTION crm.try(leads regclass) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE name text; r record;
BEGIN
  PERFORM leadscore.create_model('b2b', crm.rules('none'), leads, 'id');
  PERFORM leadscore.add_activity('b2b', 'crm.activity', 'lead', 'kind', at => 'at');
  FOR name IN SELECT unnest('{none,title,nested,wide}'::text[]) LOOP
    PERFORM leadscore.publish('b2b', crm.rules(name));
    FOR r IN SELECT * FROM crm.wrong(leads) LOOP
      RETURN NEXT format('%s %s %s', leads, name, r);
    END LOOP;
  END LOOP;
  PERFORM leadscore.drop_model('b2b');
END $$;
SELECT crm.try(leads) FROM unnest('{crm.parted,crm.family,crm.plain,crm.grouped}'::regclass[]) leads;

-- EXISTS is simplified with the query around it at hand
SELECT leadscore.create_model('b2b', crm.rules('country'), 'crm.lead');
SELECT leadscore.add_activity('b2b', 'crm.activity', 'lead', 'kind', at => 'at');
CREATE TABLE crm.orders (country text, lead int);
INSERT INTO crm.orders SELECT 'none', i FROM generate_series(200, 400) i;
SELECT count(*) FILTER (WHERE found IS DISTINCT FROM expected) AS wrong, count(*) FILTER (WHERE found) > 0 AS found, count(*) FILTER (WHERE NOT found) > 0 AS others FROM (
  SELECT EXISTS (SELECT FROM crm.lead l WHERE l.id = o.lead AND leadscore.live_total('b2b', l, NULL, NULL) >= 4) AS found,
         EXISTS (SELECT FROM (VALUES (1)) v(n), crm.lead l WHERE l.id = o.lead AND l.country = 'NL') AS expected FROM crm.orders o) x;
SELECT count(*) AS wrong FROM crm.orders o WHERE (o.lead < 0 OR EXISTS (SELECT FROM crm.lead l WHERE l.id = o.lead AND leadscore.live_total('b2b', l, NULL, NULL) >= 4))
  <> coalesce((SELECT l.country = 'NL' FROM crm.lead l WHERE l.id = o.lead), false);

-- PL/pgSQL keeps an expression from one evaluation to the next: another model, and another version, are seen
SELECT leadscore.create_model('other', crm.rules('none'), 'crm.lead');
CREATE FUNCTION crm.each_model() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE model text; lead crm.lead; total float8; used int;
BEGIN
  SELECT * INTO lead FROM crm.lead WHERE country = 'NL' ORDER BY id LIMIT 1;
  FOR i IN 1..4 LOOP
    IF i = 3 THEN PERFORM leadscore.publish('b2b', crm.rules('none')); END IF;
    BEGIN
      IF i = 4 THEN PERFORM leadscore.publish('b2b', crm.rules('country')); END IF;
      FOREACH model IN ARRAY ARRAY['b2b', 'other'] LOOP
        total := leadscore.live_total(model, lead, NULL, NULL);
        used := leadscore.live_version(model, lead, NULL, NULL);
        RETURN NEXT format('%s %s by %s: %s', i, model, used, total IS NOT DISTINCT FROM (SELECT (leadscore.live_score(model, lead, NULL, NULL)).total));
      END LOOP;
      IF i = 4 THEN RAISE EXCEPTION 'undone'; END IF;
    EXCEPTION WHEN raise_exception THEN
      total := leadscore.live_total('b2b', lead, NULL, NULL);
      used := leadscore.live_version('b2b', lead, NULL, NULL);
      RETURN NEXT format('%s b2b by %s: %s', i, used, total IS NOT DISTINCT FROM (SELECT (leadscore.live_score('b2b', lead, NULL, NULL)).total));
    END;
  END LOOP;
END $$;
SELECT * FROM crm.each_model();
SELECT count(leadscore.drop_model(name)) FROM leadscore.model;

DROP SCHEMA crm CASCADE;
