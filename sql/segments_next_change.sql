-- segments: who a lead is; next_change: until when its tier stays as it is.
SET timezone = 'UTC';
SELECT $${"segments": {"leader": {"title": {"words": ["chief", "vp"]}}, "icp": {"industry": "Energy"}, "both": {"all": [{"segment": "leader"}, {"segment": "icp"}]}, "new": {"created": {"newer_than": "10 days"}}},
  "dimensions": [{"name": "d", "rules": [{"id": "view", "on": "view", "points": 40, "half_life": "10 days"}, {"id": "fresh", "when": {"segment": "new"}, "points": 5}]}],
  "tiers": [{"name": "hot", "at": 20}, {"name": "warm", "at": 10}, {"name": "cold"}]}$$ AS rules \gset
CREATE TEMP TABLE lead (id int, title text, industry text, created timestamptz);
INSERT INTO lead VALUES (1, 'VP', 'Energy', '2026-10-30'), (2, 'Chief Buyer', 'Retail', '2026-01-01'), (3, NULL, 'energy', NULL), (4, NULL, NULL, NULL);
SELECT id, leadscore.segments(:'rules', l, '2026-11-01') FROM lead l ORDER BY id;
SELECT bool_and(leadscore.segments(:'rules', l, '2026-11-01') = leadscore.segments(:'rules', to_jsonb(l), '2026-11-01') AND leadscore.segments(:'rules', l, '2026-11-01') = leadscore.segments(:'rules', to_json(l), '2026-11-01')) AS json FROM lead l;
SELECT leadscore.segments(NULL, l) IS NULL AS rules, leadscore.segments(:'rules', l, NULL) IS NULL AS as_of, leadscore.segments('{"dimensions": [{"name": "d", "rules": []}]}', l) = '{}' AS none FROM lead l WHERE id = 1;
-- The segments are named in the order in which they are written
SELECT leadscore.segments('{"segments": {"z": {"x": 1}, "a": {"x": 1}}, "dimensions": [{"name": "d", "rules": []}]}', '{"x": 1}'::jsonb);
-- 40 points that halve every 10 days fall below 20 after 10 days and below 10 after 20
SELECT leadscore.engage(:'rules', 'view', '2026-11-01', NULL::lead, '2026-11-01') AS e \gset
SELECT leadscore.next_change(:'rules', NULL::lead, :'e', '2026-11-01') BETWEEN '2026-11-11 00:00' AND '2026-11-11 00:01' AS hot,
       leadscore.next_change(:'rules', NULL::lead, :'e', '2026-11-11 00:00:01') BETWEEN '2026-11-21 00:00' AND '2026-11-21 00:01' AS warm,
       leadscore.next_change(:'rules', NULL::lead, :'e', '2026-11-22') AS cold;
-- Nothing happens before it: the tier at a hundred times until then is the tier of now
SELECT bool_and(leadscore.tier(:'rules', l, :'e', t) = leadscore.tier(:'rules', l, :'e', '2026-11-01')) AS stays
FROM lead l, LATERAL (SELECT timestamptz '2026-11-01' + i / 100.0 * (leadscore.next_change(:'rules', l, :'e', '2026-11-01') - timestamptz '2026-11-01') - interval '1 microsecond' * i AS t FROM generate_series(0, 99) i) x;
SELECT leadscore.next_change(:'rules', '{}'::jsonb) AS no_activity, leadscore.next_change(NULL, '{}'::jsonb) IS NULL AS rules, leadscore.next_change(:'rules', '{}'::jsonb, NULL, NULL) IS NULL AS as_of,
       leadscore.next_change(:'rules', '{}'::json, :'e', '2026-11-01') = leadscore.next_change(:'rules', NULL::lead, :'e', '2026-11-01') AS json;
