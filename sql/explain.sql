-- explain: the points add up to the total, whatever made it.
SET timezone = 'UTC';
SELECT $${
  "range": {"min": 0, "max": 100}, "decimals": 1, "ignore_accents": true,
  "segments": {"leader": {"title": {"words": ["chief", "vp", "director*"]}}},
  "dimensions": [
    {"name": "fit", "max": 40, "grades": [{"name": "A", "at": 20}, {"name": "B"}], "rules": [
      {"id": "role", "label": "Role", "cases": [{"when": {"segment": "leader"}, "points": 20}, {"when": {"title": {"words": "manager"}}, "points": 10}]},
      {"id": "size", "field": "employees", "bands": [{"below": 10, "points": -10}, {"below": 500, "points": 5}, {"points": 15}]},
      {"id": "industry", "field": "industry", "map": {"Energy": 10}, "else": -1.5},
      {"id": "free", "when": {"email": {"domain": "@freemail"}}, "disqualify": true}]},
    {"name": "engagement", "weight": 1.5, "groups": {"web": {"max": 12}}, "idle": {"on": "*", "after": "30 days", "every": "10 days", "keep": 0.5},
     "grades": [{"name": "1", "at": 10}, {"name": "2"}], "rules": [
      {"id": "view", "group": "web", "on": "view", "points": 3, "half_life": "30 days"},
      {"id": "rfq", "on": "rfq", "points": 30, "within": "90 days", "promote_to": "hot"},
      {"id": "opens", "on": "open", "count": {"gte": 2}, "points": 4, "max_points": 3}]}
  ],
  "tiers": [{"name": "hot", "at": 60, "dimensions": {"fit": 5}}, {"name": "warm", "at": 20}, {"name": "cold"}]
}$$ AS rules \gset
CREATE TEMP TABLE lead AS
SELECT i AS id, (ARRAY['VP Sales', 'Buyer', 'Plant Manager', 'Directeur général'])[1 + i % 4] AS title, CASE WHEN i % 5 > 0 THEN i * 37 % 900 END AS employees, (ARRAY['Energy', 'Retail', NULL])[1 + i % 3] AS industry,
       'u' || i || (ARRAY['@gmail.com', '@acme.com', '@globex.io'])[1 + i % 3] AS email
FROM generate_series(1, 200) i;
CREATE TEMP TABLE act AS
SELECT i % 190 AS lead, (ARRAY['view', 'open', 'rfq', 'view'])[1 + i % 4] AS kind, timestamptz '2026-11-01' - (i * 7919 % 4000) * interval '1 hour' AS at FROM generate_series(1, 1200) i;
CREATE TEMP TABLE scored AS
SELECT l, e, leadscore.score(:'rules', l, e, '2026-11-01') AS s FROM lead l LEFT JOIN (SELECT lead, leadscore.engage(:'rules', kind, at, a, '2026-11-01') e FROM act a WHERE lead % 3 > 0 GROUP BY 1) x ON x.lead = l.id;
SELECT count(*), count(DISTINCT (s).total) > 50 AS various, count(DISTINCT (s).tier) AS tiers,
       bool_and(abs((SELECT sum(points) FROM leadscore.explain(:'rules', l, e, '2026-11-01')) - (s).total) < 1e-9) AS adds_up,
       bool_and((SELECT count(*) FROM leadscore.explain(:'rules', l, e, '2026-11-01') WHERE label LIKE 'tier %' AND points = 0) = 1) AS tier_row
FROM scored;
-- As jsonb it says the same
SELECT bool_and((SELECT array_agg(x) FROM leadscore.explain(:'rules', l, e, '2026-11-01') x) = (SELECT array_agg(x) FROM leadscore.explain(:'rules', to_jsonb(l), e, '2026-11-01') x)) AS jsonb,
       bool_and((SELECT array_agg(x) FROM leadscore.explain(:'rules', l, e, '2026-11-01') x) = (SELECT array_agg(x) FROM leadscore.explain(:'rules', to_json(l), e, '2026-11-01') x)) AS json
FROM scored WHERE (l).id <= 30;
\pset format wrapped
\pset columns 120
SELECT x.* FROM scored, leadscore.explain(:'rules', l, e, '2026-11-01') x WHERE (l).id = 8;
SELECT x.* FROM scored, leadscore.explain(:'rules', l, e, '2026-11-01') x WHERE (l).id = 12;
SELECT * FROM leadscore.explain(:'rules', '{}'::jsonb, as_of => '2026-11-01');
\pset format aligned
-- NULL rules or time: no rows
SELECT count(*) FROM leadscore.explain(NULL, '{}'::jsonb);
SELECT count(*) FROM leadscore.explain(:'rules', '{}'::jsonb, NULL, NULL);
-- In the select list
SELECT count(*) FROM (SELECT (leadscore.explain(:'rules', l, e, '2026-11-01')).rule FROM scored) x;
