-- What both parts of the test share: rule sets, and how a fault is told.
\set QUIET on
SET client_min_messages = warning;
SET timezone = 'UTC';
SET enable_partitionwise_aggregate = on;
\set as_of 2026-08-01Z
-- Reads no field of activities
SELECT $$ {"decimals": 2, "ignore_accents": true,
  "dimensions": [
    {"name": "fit", "rules": [
      {"id": "role", "cases": [{"when": {"title": {"words": ["directeur*", "vp"]}}, "points": 20}]},
      {"id": "size", "field": "employees", "bands": [{"below": 50, "points": 0}, {"below": 500, "points": 10}, {"points": 15}]}]},
    {"name": "engagement", "rules": [
      {"id": "open", "on": "email_öffnen", "points": 2, "half_life": "30 days"},
      {"id": "rfq", "on": "rfq", "points": 20, "within": "150 days", "max_events": 3},
      {"id": "recent", "on": "*", "recency": [{"within": "20 days", "points": 5}]}]}],
  "tiers": [{"name": "heiß", "at": 60}, {"name": "warm", "at": 30}, {"name": "cold"}]} $$ AS plain \gset
-- Reads some
SELECT $$ {"decimals": 2,
  "dimensions": [
    {"name": "fit", "rules": [{"id": "role", "when": {"title": "VP"}, "points": 20}]},
    {"name": "engagement", "rules": [
      {"id": "page", "on": "page_view", "half_life": "14 days", "max_per_day": 5, "cases": [
         {"where": {"url": {"starts_with": "/pricing"}}, "points": 10}, {"where": {"url": {"starts_with": "/carrière"}}, "points": -10}, {"points": 4}]},
      {"id": "pages", "on": "page_view", "points": 3, "within": "90 days", "distinct": "url"},
      {"id": "worth", "on": "rfq", "points": 0.01, "multiply_by": "amount", "half_life": "60 days"}]}],
  "tiers": [{"name": "hot", "at": 40}, {"name": "cold"}]} $$ AS fields \gset
-- Sums of whole numbers, lists and sets: exact in any order
SELECT $$ {"decimals": 2,
  "dimensions": [
    {"name": "engagement", "rules": [
      {"id": "rfq", "on": "rfq", "points": 20, "within": "150 days", "max_events": 3},
      {"id": "page", "on": "page_view", "points": 1, "max_per_day": 1, "within": "100 days"},
      {"id": "pages", "on": "page_view", "points": 3, "within": "90 days", "distinct": "url"},
      {"id": "mail", "on": "email_öffnen", "points": 1},
      {"id": "recent", "on": "*", "recency": [{"within": "20 days", "points": 5}]}]}]} $$ AS exact \gset
CREATE OR REPLACE FUNCTION pg_temp.claim(what text, holds boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF holds IS DISTINCT FROM true THEN RAISE EXCEPTION 'it does not hold that %', what; END IF;
END $$;
CREATE OR REPLACE FUNCTION pg_temp.plan(query text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  result json;
BEGIN
  EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) ' || query INTO result;
  RETURN result;
END $$;
-- How many servers are asked by statements that match the pattern.
CREATE OR REPLACE FUNCTION pg_temp.sent(query text, pattern text) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM jsonb_path_query(pg_temp.plan(query), 'strict $.**."Remote SQL"') remote WHERE remote #>> '{}' ~ pattern
$$;
-- How many nodes of the plan do something to rows here: aggregate them, or filter them.
CREATE OR REPLACE FUNCTION pg_temp.done_here(query text) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM jsonb_path_query(pg_temp.plan(query), 'strict $.** ? (@.type() == "object" && (@."Node Type" == "Aggregate" || exists(@."Filter")))')
$$;
-- How many rows of one query are not in the other, or not as often.
CREATE OR REPLACE FUNCTION pg_temp.differences(a text, b text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  result bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM ((SELECT x::text FROM (%1$s) x EXCEPT ALL SELECT y::text FROM (%2$s) y) UNION ALL (SELECT y::text FROM (%2$s) y EXCEPT ALL SELECT x::text FROM (%1$s) x)) d', a, b) INTO result;
  RETURN result;
END $$;
-- Is the text no state?
CREATE OR REPLACE FUNCTION pg_temp.refused(state text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM state::leadscore.engagement;
  RETURN false;
EXCEPTION WHEN invalid_binary_representation OR invalid_text_representation THEN
  RETURN true;
END $$;
