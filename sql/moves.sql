-- Transitions of inserted activities are written without the executor. Two models on the same tables, of which a filter leaves one to statements,
-- must tell the same of every lead.
SET client_min_messages = warning;
SET check_function_bodies = off;
SET datestyle = iso;
SET timezone = 'UTC';
CREATE SCHEMA mv;
CREATE FUNCTION mv.rules() RETURNS leadscore.ruleset LANGUAGE sql AS $$ SELECT '{"dimensions": [{"name": "d", "rules": [
  {"id": "open", "on": "open", "points": 3}, {"id": "twice", "on": "open", "count": {"gte": 2}, "points": 40}, {"id": "page", "on": "page", "points": 20, "half_life": "10 days"}]}],
  "tiers": [{"name": "hot", "at": 50}, {"name": "warm", "at": 5}, {"name": "cold"}]}'::leadscore.ruleset $$;
CREATE PROCEDURE mv.models(key_type text, key_of text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM leadscore.drop_model(name) FROM leadscore.model;
  DROP TABLE IF EXISTS mv.lead, mv.activity;
  EXECUTE format('CREATE TABLE mv.lead AS SELECT (%s)::%s AS id FROM generate_series(1, 2000) n', key_of, key_type);
  ALTER TABLE mv.lead ADD PRIMARY KEY (id);
  EXECUTE format('CREATE TABLE mv.activity (lead %s, kind text, at timestamptz)', key_type);
  CREATE INDEX ON mv.activity (lead);
  PERFORM leadscore.create_model('direct', mv.rules(), 'mv.lead');
  PERFORM leadscore.add_activity('direct', 'mv.activity', 'lead', 'kind', at => 'at');
  PERFORM leadscore.create_model('general', mv.rules(), 'mv.lead', filter => 'true');
  PERFORM leadscore.add_activity('general', 'mv.activity', 'lead', 'kind', at => 'at');
END $$;
-- Rows on which the two don't agree, and what there is at all; within a statement, ids must be in the order of keys.
CREATE FUNCTION mv.compared(OUT moves bigint, OUT leads bigint, OUT differing bigint, OUT disordered bigint) LANGUAGE sql AS $$
  WITH t AS MATERIALIZED (SELECT model, lead_key, old_tier, new_tier, round(old_total::numeric, 3) AS old_total, round(new_total::numeric, 3) AS new_total, version, cause, rules, leads
    FROM leadscore.transition WHERE lead_key IS NOT NULL),
  d AS (SELECT lead_key, old_tier, new_tier, old_total, new_total, version, cause, rules, leads, count(*) FILTER (WHERE model = 'direct') AS ours, count(*) FILTER (WHERE model = 'general') AS theirs
    FROM t GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9),
  o AS (SELECT x.lead_key, row_number() OVER (ORDER BY x.id) AS by_id, row_number() OVER (ORDER BY l.id, x.id) AS by_key
    FROM leadscore.transition x JOIN mv.lead l ON l.id::text = x.lead_key WHERE model = 'direct' AND old_tier = 'cold')
  SELECT (SELECT count(*) FROM t), (SELECT count(DISTINCT lead_key) FROM t), (SELECT count(*) FROM d WHERE ours <> theirs), (SELECT count(*) FROM o WHERE by_id <> by_key) $$;

-- Keys of many types; what a cast to text evaluates is left to statements.
CREATE TEMP TABLE result (type text, moves bigint, leads bigint, differing bigint, disordered bigint);
CREATE DOMAIN mv.code AS varchar(20);
DO $do$
DECLARE
  type text;
  key_of text;
BEGIN
  FOR type, key_of IN VALUES ('smallint', 'n'), ('integer', 'n - 1000'), ('bigint', 'n * 4000000000'), ('numeric', 'n / 8.0'), ('text', $$'k' || n$$), ('varchar(9)', $$'Ключ' || n$$),
    ('uuid', 'md5(n::text)'), ('char(6)', $$'c' || n$$), ('date', $$date '2020-01-01' + n$$), ('float8', 'n / 7.0'), ('mv.code', $$'d' || n$$), ('timestamptz', $$timestamptz '2020-01-01 UTC' + n * interval '1 hour'$$)
  LOOP
    CALL mv.models(type, key_of);
    -- More of them than are written at once, in any order
    INSERT INTO mv.activity SELECT l.id, 'open', now() - n * interval '1 s' FROM mv.lead l, generate_series(1, 2) n ORDER BY md5(l.id::text || n);
    INSERT INTO mv.activity SELECT id, 'page', now() FROM mv.lead ORDER BY id LIMIT 1;
    INSERT INTO result SELECT type, * FROM mv.compared();
  END LOOP;
END $do$;
SELECT * FROM result;

-- In batches, where memory is scarce: leads come in several of them.
CALL mv.models('integer', 'n');
SET maintenance_work_mem = '1MB';
INSERT INTO mv.activity SELECT n % 2000 + 1, CASE WHEN n % 3 = 0 THEN 'page' ELSE 'open' END, now() - n * interval '1 min' FROM generate_series(1, 60000) n;
RESET maintenance_work_mem;
WITH e AS (SELECT a.lead AS id, leadscore.engage(mv.rules(), a.kind, a.at, a) AS engagement FROM mv.activity a GROUP BY 1)
SELECT count(*), count(*) FILTER (WHERE abs(t.raw - t.direct) > 1e-9 OR abs(t.raw - t.general) > 1e-9) AS differing,
  count(*) FILTER (WHERE abs(leadscore.total(mv.rules(), l, e.engagement, d.scored_at) - d.total) > 1e-9) AS wrong
FROM mv.lead l JOIN e USING (id) JOIN direct.state d USING (id) JOIN general.state g USING (id),
  LATERAL (SELECT leadscore.total(mv.rules(), l, e.engagement, '2027-01-01') AS raw, leadscore.total(mv.rules(), l, d.engagement, '2027-01-01') AS direct,
    leadscore.total(mv.rules(), l, g.engagement, '2027-01-01') AS general) t;

-- Who listens at the table itself is told of every row.
CALL mv.models('integer', 'n');
CREATE TABLE mv.queue (model text, lead_key text, new_tier text);
CREATE FUNCTION mv.enqueue() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO mv.queue VALUES (new.model, new.lead_key, new.new_tier); RETURN NULL; END $$;
CREATE TRIGGER enqueue AFTER INSERT ON leadscore.transition FOR EACH ROW WHEN (new.new_tier = 'hot') EXECUTE FUNCTION mv.enqueue();
INSERT INTO mv.activity VALUES (7, 'page', now()), (7, 'page', now()), (7, 'page', now()), (8, 'page', now());
SELECT * FROM mv.queue ORDER BY 1, 2;
DROP TRIGGER enqueue ON leadscore.transition;

-- An index, a condition and a column that somebody else has put there
CREATE INDEX by_length ON leadscore.transition (length(lead_key), new_tier) WHERE new_tier = 'warm';
INSERT INTO mv.activity VALUES (13, 'page', now()), (1300, 'page', now());
SET enable_seqscan = off;
SELECT model, lead_key FROM leadscore.transition WHERE length(lead_key) = 4 AND new_tier = 'warm' ORDER BY 1, 2;
RESET enable_seqscan;
DROP INDEX leadscore.by_length;
CREATE UNIQUE INDEX once ON leadscore.transition (model, lead_key, new_tier) WHERE lead_key IN ('14', '15');
INSERT INTO mv.activity VALUES (14, 'page', now()), (15, 'page', now());
UPDATE mv.activity SET at = now() - interval '1 year' WHERE lead = 15;
-- The error names no statement of leadscore's: there was none.
INSERT INTO mv.activity VALUES (15, 'page', now());
\set VERBOSITY terse
DROP INDEX leadscore.once;
ALTER TABLE leadscore.transition ADD CONSTRAINT no_ninth CHECK (lead_key <> '9');
INSERT INTO mv.activity VALUES (9, 'page', now());
ALTER TABLE leadscore.transition DROP CONSTRAINT no_ninth;
BEGIN;
ALTER TABLE leadscore.transition ADD note text NOT NULL DEFAULT 'new';
INSERT INTO mv.activity VALUES (11, 'page', now());
SELECT model, lead_key, note FROM leadscore.transition WHERE lead_key = '11' ORDER BY 1;
ROLLBACK;
INSERT INTO mv.activity VALUES (10, 'page', now());
SELECT moves, leads, differing FROM mv.compared();

-- Nobody without a right to the table writes to it, even as the owner of a model.
CREATE ROLE moves_owner;
SELECT count(leadscore.drop_model(name)) FROM leadscore.model;
SELECT current_database() AS database \gset
GRANT CREATE ON DATABASE :"database" TO moves_owner;
GRANT USAGE ON SCHEMA mv TO moves_owner;
GRANT SELECT, TRIGGER ON mv.lead, mv.activity TO moves_owner;
SET ROLE moves_owner;
SELECT leadscore.create_model('direct', mv.rules(), 'mv.lead');
SELECT leadscore.add_activity('direct', 'mv.activity', 'lead', 'kind', at => 'at');
RESET ROLE;
INSERT INTO mv.activity VALUES (20, 'page', now());
REVOKE INSERT ON leadscore.transition FROM PUBLIC;
INSERT INTO mv.activity VALUES (21, 'page', now());
GRANT INSERT (model, lead_key, old_tier, new_tier, old_total, new_total, version, cause, rules, leads, at) ON leadscore.transition TO PUBLIC;
CREATE POLICY quiet ON leadscore.transition AS RESTRICTIVE FOR INSERT WITH CHECK (lead_key <> '22');
INSERT INTO mv.activity VALUES (22, 'page', now());
DROP POLICY quiet ON leadscore.transition;
INSERT INTO mv.activity VALUES (23, 'page', now());
SELECT lead_key, old_tier, new_tier, old_total, round(new_total), version, cause, rules, leads FROM leadscore.transition WHERE model = 'direct' ORDER BY id;
SELECT count(leadscore.drop_model(name)) FROM leadscore.model;
REVOKE CREATE ON DATABASE :"database" FROM moves_owner;
DROP SCHEMA mv CASCADE;
DROP ROLE moves_owner;
