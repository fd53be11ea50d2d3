-- States that the parts have made, combined from their text as Citus does it: worker_partial_agg gives the output of the state's type for what engage's
-- transition function has made of a shard, coord_combine_agg gives the type's input of each to engage's combine function, beginning with none.
\ir settings.sql
SELECT pg_temp.claim('states travel by a type of their own and are combined, with nothing to do at the end', count(*) = 4
  AND bool_and(aggtranstype = 'leadscore.engagement'::regtype AND aggcombinefn = 'leadscore.engagement_merge'::regproc AND aggfinalfn = 0 AND agginitval IS NULL))
FROM pg_aggregate WHERE aggfnoid::regproc::text IN ('leadscore.engage', 'leadscore.merge');
SELECT pg_temp.claim('most leads have activities in all parts', count(*) FILTER (WHERE parts = 3) > 300)
FROM (SELECT lead_id, count(*) AS parts FROM here.partial WHERE rules = 'exact' GROUP BY 1) x;

-- What the parts made, made here: in the same order, so that sums that fade are the same to the last bit.
CREATE TEMP TABLE made AS
SELECT r.name AS rules, 1 + abs(hashint4(a.id)) % 3 AS part, a.lead_id, leadscore.engage(r.rules::leadscore.ruleset, a.kind, a.at, a, :'as_of' ORDER BY a.id) AS state
FROM (VALUES ('plain', :'plain'), ('fields', :'fields'), ('exact', :'exact')) r(name, rules), here.activity a GROUP BY 1, 2, 3;
SELECT pg_temp.claim('a state is the same bytes wherever it is made', count(*) > 3000 AND bool_and(p.state IS NOT DISTINCT FROM m.state::text))
FROM made m FULL JOIN here.partial p USING (rules, part, lead_id);

-- Combined from text, by the combine function and by merge, in this order and that.
CREATE AGGREGATE pg_temp.combined(leadscore.engagement) (SFUNC = leadscore.engagement_merge, STYPE = leadscore.engagement);
CREATE TEMP TABLE united AS
SELECT rules, lead_id, pg_temp.combined(state::leadscore.engagement ORDER BY part) AS combined, leadscore.merge(state::leadscore.engagement ORDER BY part DESC) AS merged
FROM here.partial GROUP BY 1, 2;
SELECT pg_temp.claim('text loses no bit on the way', bool_and(u.combined::text = d.state::text))
FROM united u JOIN (SELECT rules, lead_id, leadscore.merge(state ORDER BY part) AS state FROM made GROUP BY 1, 2) d USING (rules, lead_id);

-- All activities at once. Sums that fade may differ in the last bits by the order of addition; all else is the same bytes.
CREATE TEMP TABLE whole AS
SELECT r.name AS rules, r.rules::leadscore.ruleset AS by, a.lead_id, leadscore.engage(r.rules::leadscore.ruleset, a.kind, a.at, a, :'as_of') AS state
FROM (VALUES ('plain', :'plain'), ('fields', :'fields'), ('exact', :'exact')) r(name, rules), here.activity a GROUP BY 1, 2::text, 3, r.rules;
SELECT pg_temp.claim(format('%s: states of all activities at once', rules), count(*) > 300
  AND (rules <> 'exact' OR bool_and(w.state::text = u.combined::text AND w.state::text = u.merged::text))
  AND bool_and(abs(leadscore.total(w.by, '{"title": "VP", "employees": 60}'::jsonb, w.state, :'as_of') - leadscore.total(w.by, '{"title": "VP", "employees": 60}'::jsonb, u.combined, :'as_of')) <= 0.01)
  AND bool_and(w.state IS NOT NULL AND u.combined IS NOT NULL))
FROM whole w FULL JOIN united u USING (rules, lead_id) GROUP BY rules;
SELECT pg_temp.claim('|| does the same, and takes none for no activity', bool_and((a.state::leadscore.engagement OPERATOR(leadscore.||) b.state::leadscore.engagement OPERATOR(leadscore.||) NULL
  OPERATOR(leadscore.||) c.state::leadscore.engagement)::text = w.state::text))
FROM whole w LEFT JOIN here.partial a ON (a.rules, a.lead_id, a.part) = (w.rules, w.lead_id, 1) LEFT JOIN here.partial b ON (b.rules, b.lead_id, b.part) = (w.rules, w.lead_id, 2)
  LEFT JOIN here.partial c ON (c.rules, c.lead_id, c.part) = (w.rules, w.lead_id, 3) WHERE w.rules = 'exact';
-- A damaged line is an error, not a state.
SELECT pg_temp.claim('what was cut off on the way is noticed', pg_temp.refused(left(state, length(state) - 2))) FROM here.partial LIMIT 1;
SELECT 'transport holds';
