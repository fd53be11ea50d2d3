-- States as version 0.10.0 wrote them. Every later version reads them, scores them as that one did, to the last digit, and makes the same ones of the same activities.
SET timezone = 'UTC';
SET extra_float_digits = 1;
CREATE TABLE activity (of text, kind text, at timestamptz, page text, seconds float8);
INSERT INTO activity SELECT 'sums', (ARRAY['open', 'click', 'visit'])[1 + i % 3], timestamptz '2026-01-01' + i * interval '7 hours 13 minutes', NULL, i / 7.0 FROM generate_series(1, 40) i;
INSERT INTO activity SELECT 'lists', (ARRAY['view', 'download'])[1 + i % 2], timestamptz '2026-02-01' + i * interval '5 hours', '/page/' || i % 5, i FROM generate_series(1, 24) i;
INSERT INTO activity SELECT 'latest', 'login', timestamptz '2026-03-01' + i * interval '1 day', NULL, NULL FROM generate_series(1, 9) i;
INSERT INTO activity VALUES ('waiting', 'open', '2026-01-05', NULL, NULL), ('waiting', 'open', '9999-04-05', NULL, NULL), ('waiting', 'rfq', '9999-05-01', NULL, NULL);
INSERT INTO activity SELECT 'far', 'open', timestamptz '1970-01-01' + i * interval '9 years', NULL, NULL FROM generate_series(1, 6) i;
CREATE TABLE golden (of text, rules leadscore.ruleset, as_of timestamptz, state leadscore.engagement, total float8);
\copy golden FROM stdin
sums	{"dimensions": [{"name": "d", "rules": [{"id": "open", "on": "open", "points": 1, "half_life": "30 days"}, {"id": "click", "on": "click", "points": 3, "fades_over": "90 days"}, {"id": "visit", "on": "visit", "points": 0.25, "multiply_by": "seconds", "half_life": "14 days"}, {"id": "any", "on": "*", "points": 0.1}]}]}	2026-02-03 12:00:00+00	\\x0100959cb95ffbca644600f80d0039eb0200040028010d08afa40b1bb458f643010d144c0a1be537c2b1420310e8078080dfeda7e2010e00808ad8aca202808ad8aca202808ad8aca202808ad8aca202808ad8aca202808ad8aca202808ad8aca202808ad8aca202808ad8aca202808ad8aca202808ad8aca202808ad8aca202808ad8aca20200	42.84101102361349
lists	{"dimensions": [{"name": "d", "rules": [{"id": "pages", "on": "view", "distinct": "page", "within": "30 days", "points": 2}, {"id": "daily", "on": "*", "max_per_day": 2, "points": 1, "within": "20 days"}, {"id": "long", "on": "view", "multiply_by": "seconds", "within": "10 days", "max_events": 5, "points": 0.5}, {"id": "three", "on": "download", "count": {"gte": 3}, "within": "7 days", "points": 11}]}]}	2026-02-12 01:02:03.456789+00	\\x01002936fa67ca1259eb00e0313d1bed0200040318e80702008080cea6a5320b0080e888874380e888874380b89a95c90180e888874380a0a39c8c0280e888874380a0a39c8c0280e888874380a0a39c8c0280e88887430312e8078080f5f9b74b050077a9ddc7e3871eae80d0918e8601bb2f37c1d130b8df80d0918e86015e787d7034b4cd7280d0918e8601c9e4a57ba4d1928a80d0918e860160ae517285ca8a2b0311058080a7d392190500000000000000384080d0918e8601000000000000364080d0918e8601000000000000344080d0918e8601000000000000324080d0918e8601000000000000304003100380c08e87cd110380e888874380d0918e860180d0918e860100	71
latest	{"dimensions": [{"name": "d", "rules": [{"id": "recent", "on": "login", "recency": [{"within": "7 days", "points": 20}, {"within": "30 days", "points": 7}]}]}]}	2026-03-25 00:00:00+00	\\x01008cbc4eb9b1fd6f7a00e01df89eef02000102090000	7
waiting	{"dimensions": [{"name": "d", "rules": [{"id": "open", "on": "open", "points": 1, "half_life": "30 days"}, {"id": "rfq", "on": "rfq", "points": 30, "within": "30 days"}]}]}	9999-05-10 00:00:00+00	\\x0100f367529093d3b87500e0458297ea0200010101084c53cebcf8fdb943028080dcbf87e5f9be030100e217e3556cfbe444bf428080dbfeb7a6fabe03020210e8078080f5f9b74b	30.44544935907017
far	{"dimensions": [{"name": "d", "rules": [{"id": "open", "on": "open", "points": 1, "half_life": "1 day"}]}]}	2024-01-02 00:00:00+00	\\x0100f0ea30c0f1ad5d4c0040e9d4d5b002000101069002000000000000d04300	0.5
\.
SELECT of, octet_length(leadscore.engagement_send(state)) AS bytes, total, leadscore.total(rules, '{}'::jsonb, state, as_of) = total AS scores_as_then,
       (SELECT leadscore.engage(g.rules, a.kind, a.at, a) FROM activity a WHERE a.of = g.of)::text = state::text AS made_as_then
FROM golden g ORDER BY of;
DROP TABLE golden, activity;
