-- The transition functions of engage, called as Citus calls them (see transitions.c): by rows of all kinds, states small and large.
\ir settings.sql
CREATE FUNCTION here.step(internal, oid, leadscore.ruleset, text, timestamptz, record, timestamptz) RETURNS internal AS :'module', 'transition' LANGUAGE C;
CREATE FUNCTION here.step(internal, oid, leadscore.engagement) RETURNS internal AS :'module', 'transition' LANGUAGE C;
CREATE FUNCTION here.result(internal) RETURNS leadscore.engagement AS :'module', 'result' LANGUAGE C;
CREATE AGGREGATE here.partial(oid, leadscore.ruleset, text, timestamptz, record, timestamptz) (SFUNC = here.step, STYPE = internal, FINALFUNC = here.result);
CREATE AGGREGATE here.united(oid, leadscore.engagement) (SFUNC = here.step, STYPE = internal, FINALFUNC = here.result);
SELECT a.aggtransfn::oid AS step, a.aggcombinefn::oid AS combine
FROM pg_aggregate a WHERE a.aggfnoid = 'leadscore.engage(leadscore.ruleset, text, timestamptz, record, timestamptz)'::regprocedure \gset
-- Many newest events, so that states outgrow the flat form
SELECT $$ {"dimensions": [{"name": "d", "rules": [
  {"id": "all", "on": "*", "points": 1, "within": "400 days", "max_events": 500}, {"id": "urls", "on": "*", "points": 1, "within": "300 days", "distinct": "url"}]}]} $$ AS large \gset
CREATE TEMP TABLE expected AS
SELECT r.name AS rules, a.lead_id % d AS part, leadscore.engage(r.rules::leadscore.ruleset, a.kind, a.at, a, :'as_of' ORDER BY a.id) AS state
FROM (VALUES ('exact', :'exact', 1000), ('fields', :'fields', 1000), ('large', :'large', 1000), ('large', :'large', 3)) r(name, rules, d), here.activity a GROUP BY r.name, d, 2;
CREATE TEMP TABLE made AS
SELECT r.name AS rules, a.lead_id % d AS part, here.partial(:step, r.rules::leadscore.ruleset, a.kind, a.at, a, :'as_of' ORDER BY a.id) AS state
FROM (VALUES ('exact', :'exact', 1000), ('fields', :'fields', 1000), ('large', :'large', 1000), ('large', :'large', 3)) r(name, rules, d), here.activity a GROUP BY r.name, d, 2;
SELECT pg_temp.claim('some states are large', max(length(state::text)) > 5000) FROM expected;
SELECT pg_temp.claim('transitions by calls of their own make the same states', (SELECT count(*) FROM expected) > 1000
  AND (SELECT count(*) FROM (SELECT e::text FROM expected e EXCEPT ALL SELECT m::text FROM made m) x) = 0 AND (SELECT count(*) FROM (SELECT m::text FROM made m EXCEPT ALL SELECT e::text FROM expected e) x) = 0);
SELECT pg_temp.claim('and so do combinations', bool_and(a.state::text = b.state::text))
FROM (SELECT rules, part % 3 AS third, here.united(:combine, state ORDER BY part) AS state FROM made WHERE part >= 3 GROUP BY 1, 2) a
JOIN (SELECT rules, part % 3 AS third, leadscore.merge(state ORDER BY part) AS state FROM expected WHERE part >= 3 GROUP BY 1, 2) b USING (rules, third);
SELECT 'calls of their own hold';
