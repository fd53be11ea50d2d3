-- A first rule set from a table: each column's points against weights of evidence in plain SQL, what is left out and why.
SET timezone = 'UTC';
CREATE SCHEMA drafting;
SET search_path = drafting, public;
\pset format unaligned
CREATE TYPE stage AS ENUM ('seed', 'growth', 'listed');

-- 3,000 leads, nothing random. The outcome goes with size, country and how long ago somebody signed up.
CREATE TABLE contact (id int PRIMARY KEY, company_id int, email text, country text, "Job title" text, stage stage, size int, revenue numeric, score real,
                      newsletter boolean, signed_up timestamptz, birthday date, "all" text, "a.b" text, blank text, tags text[], extra jsonb, phone text,
                      nothing text, reference regclass, noise int, closed_as text, status text, decided_at timestamptz);
INSERT INTO contact
SELECT i, i % 300, 'person' || i || '@' || (ARRAY['gmail.com', 'acme-' || i || '.com', 'uni.edu', 'mailinator.com', 'corp' || i || '.de'])[1 + i * 7 % 5],
       (ARRAY['NL', 'nl', 'DE', 'FR', NULL, ' ', 'XX' || i])[1 + i % 7], (ARRAY['CEO', 'Intern', 'Buyer'])[1 + i % 3], (ARRAY['seed', 'growth', 'listed'])[1 + i % 3]::stage,
       i * 31 % 500, CASE i % 10 WHEN 0 THEN 'NaN' WHEN 1 THEN NULL ELSE (i * 17 % 1000)::numeric END, i % 2, i % 4 = 0,
       timestamptz '2026-06-01' - i * 13 % 400 * interval '1 day', CASE WHEN i % 50 = 0 THEN 'infinity' ELSE date '1980-01-01' + i END, CASE WHEN i * 31 % 500 > 250 THEN 'yes' ELSE 'no' END,
       'x', '  ', ARRAY['a'], '{}', '+31 6 ' || i, NULL, 'pg_class', i * 7919 % 101,
       CASE WHEN w THEN 'signed' ELSE 'rejected' END, CASE WHEN i % 20 = 3 THEN 'open' WHEN w THEN 'won' ELSE 'lost' END, timestamptz '2026-06-01'
FROM (SELECT i, ('x' || left(md5(i::text), 6))::bit(24)::int % 100 < 10 + i * 31 % 500 / 10 + CASE WHEN i % 7 < 2 THEN 25 ELSE 0 END + CASE WHEN i * 13 % 400 < 60 THEN 15 ELSE 0 END AS w FROM generate_series(1, 3000) i) x;
ANALYZE contact;

CREATE TABLE drafted AS SELECT leadscore.draft_rules('contact', 'CASE status WHEN ''open'' THEN NULL ELSE status = ''won'' END', '{"as_of": "decided_at"}') AS rules;
SELECT rules FROM drafted;

-- Points: ten double the odds, by the weight of evidence, half a lead added to each count.
CREATE FUNCTION points(won bigint, lost bigint, all_won bigint, all_lost bigint) RETURNS numeric LANGUAGE sql
RETURN round((10 / ln(2) * (ln((won + 0.5) / (all_won + 0.5)) - ln((lost + 0.5) / (all_lost + 0.5))))::numeric);
CREATE VIEW decided AS SELECT *, status = 'won' AS won FROM contact WHERE status <> 'open';
WITH a AS (SELECT count(*) FILTER (WHERE won) AS won, count(*) FILTER (WHERE NOT won) AS lost FROM decided),
g AS (SELECT CASE WHEN country ~ '^\s*$' OR country IS NULL THEN 'missing' WHEN country ~ '^XX' THEN 'else' ELSE upper(country) END AS value,
             count(*) FILTER (WHERE won) AS won, count(*) FILTER (WHERE NOT won) AS lost FROM decided GROUP BY 1),
r AS (SELECT r FROM drafted, jsonb_path_query(rules::jsonb, '$.dimensions[*].rules[*] ? (@.id == "country")') AS r)
SELECT g.value, points(g.won, g.lost, a.won, a.lost) = coalesce((r -> 'map' ->> g.value)::numeric, (r -> 'map' ->> lower(g.value))::numeric, (r ->> g.value)::numeric) AS same
FROM a, g, r ORDER BY 1;
-- The same of bands, with the bounds that the draft chose.
WITH a AS (SELECT count(*) FILTER (WHERE won) AS won, count(*) FILTER (WHERE NOT won) AS lost FROM decided),
b AS (SELECT n, (band ->> 'points')::numeric AS points, (band ->> 'below')::numeric AS below, lag((band ->> 'below')::numeric) OVER (ORDER BY n) AS above
      FROM drafted, jsonb_path_query(rules::jsonb, '$.dimensions[*].rules[*] ? (@.id == "size")') AS r, jsonb_array_elements(r -> 'bands') WITH ORDINALITY AS e (band, n))
SELECT n, b.points = points(count(*) FILTER (WHERE d.won), count(*) FILTER (WHERE NOT d.won), min(a.won), min(a.lost)) AS same
FROM a, b JOIN decided d ON (above IS NULL OR size >= above) AND (below IS NULL OR size < below) GROUP BY n, b.points ORDER BY n;
-- And of ages: each lead falls into the case that it was counted in.
WITH a AS (SELECT count(*) FILTER (WHERE won) AS won, count(*) FILTER (WHERE NOT won) AS lost FROM decided),
s AS (SELECT d.won, (SELECT e.points FROM leadscore.explain(x.rules, d::contact, NULL, d.decided_at) e WHERE e.rule = 'signed_up') AS points
      FROM drafted x, (SELECT (contact).*, contact.status = 'won' AS won, contact FROM contact WHERE status <> 'open') AS d (id, company_id, email, country, t, stage, size, revenue, score, newsletter, signed_up, birthday, a, b, blank, tags, extra, phone, nothing, reference, noise, closed_as, status, decided_at, won, d))
SELECT bool_and(p = wanted) AS same, count(*) > 1 AS several
FROM (SELECT coalesce(s.points, 0) AS p, points(count(*) FILTER (WHERE s.won), count(*) FILTER (WHERE NOT s.won), min(a.won), min(a.lost)) AS wanted FROM a, s GROUP BY 1) g;

-- It is a rule set to go on with: learned from, and better than chance; "closed_as" would have told all.
SELECT (leadscore.auc(leadscore.total(l.rules, c, NULL, decided_at), status = 'won') FILTER (WHERE status <> 'open')) > 0.7 AS tells
FROM (SELECT leadscore.learn(x.rules, contact, NULL, status = 'won', NULL, decided_at) AS rules FROM drafted x, contact WHERE status <> 'open') l, contact c;
-- In any order of rows the same.
CREATE TABLE shuffled (LIKE contact INCLUDING ALL);
INSERT INTO shuffled SELECT * FROM contact ORDER BY md5(id::text);
SELECT replace(leadscore.draft_rules('shuffled', 'CASE status WHEN ''open'' THEN NULL ELSE status = ''won'' END', '{"as_of": "decided_at"}')::text, 'shuffled', 'contact') = rules::text AS same FROM drafted;

-- What leads have done, in the window that tells most; what they did after they were decided does not count.
CREATE TABLE activity (contact int, kind text, at timestamptz);
INSERT INTO activity
SELECT id, 'demo', decided_at - interval '20 days' FROM contact WHERE size > 300
UNION ALL SELECT id, 'open', decided_at - id % 300 * interval '1 day' FROM contact
UNION ALL SELECT id, 'invoice', decided_at + interval '1 day' FROM contact WHERE status = 'won'
UNION ALL SELECT id, 'rare', decided_at - interval '1 day' FROM contact WHERE id < 5;
SELECT jsonb_pretty(d #> '{dimensions,1}') AS engagement, d ->> 'note' AS note
FROM leadscore.draft_rules('contact', 'CASE status WHEN ''open'' THEN NULL ELSE status = ''won'' END', '{"as_of": "decided_at", "leave_out": ["closed_as", "status", "size", "all"], "activity": {"source": "activity", "lead_key": "contact", "kind": "kind", "at": "at"}}') r, leadscore.jsonb(r) d;
SELECT jsonb_path_query_array(leadscore.draft_rules('contact', 'CASE status WHEN ''open'' THEN NULL ELSE status = ''won'' END', '{"as_of": "decided_at", "max_rules": 2}')::jsonb, '$.dimensions[*].rules[*].id') AS best_two;

-- Kinds that differ by case are one, as rules compare them; what a rule can't name is left out, and ids don't clash with columns.
INSERT INTO activity SELECT contact, k, at FROM activity, unnest('{Demo,*,@freemail," ",""}'::text[]) k WHERE kind = 'demo';
INSERT INTO activity VALUES (1, 'demo', '-infinity'), (2, 'demo', 'infinity'), (3, 'demo', NULL), (4, NULL, '2026-01-01');
INSERT INTO activity SELECT contact, repeat('long ', 100), at FROM activity WHERE kind = 'demo';
ALTER TABLE contact RENAME "all" TO "did Demo";
ALTER TABLE contact RENAME blank TO " ";
SELECT jsonb_path_query_array(d, '$.dimensions[*].rules[*] ? (@.id like_regex "^did")') AS did, d ->> 'note' AS note
FROM leadscore.draft_rules('contact', 'CASE status WHEN ''open'' THEN NULL ELSE status = ''won'' END', '{"as_of": "decided_at", "leave_out": ["closed_as", "status", "size"], "activity": {"source": "activity", "lead_key": "contact", "kind": "kind", "at": "at"}}') r, leadscore.jsonb(r) d;
ALTER TABLE contact RENAME "did Demo" TO "all";
ALTER TABLE contact RENAME " " TO blank;
-- What does not fit float8 or a timestamp counts as without a bound, like infinity. A column that is left out is not even read.
CREATE VIEW odd AS SELECT size, status = 'won' AS won, id / 0 AS broken, CASE WHEN id % 500 = 0 THEN 1e400 ELSE size END AS huge, CASE WHEN id % 500 = 0 THEN date '5874897-12-31' ELSE date '2026-01-01' + size END AS far FROM contact;
SELECT jsonb_path_query_array(leadscore.draft_rules('odd', 'won', '{"leave_out": ["broken"], "as_of": "''2026-06-01''::date"}')::jsonb, '$.dimensions[*].rules[*].id') AS odd;
SELECT leadscore.draft_rules('odd', 'won');
-- Infinite numbers and times are counted in the band, or case, that takes them.
CREATE TABLE endless AS SELECT i AS id, i % 10 AS a, (i * 7919) % 100 < 10 + 8 * (i % 10) AS won, CASE i % 10 WHEN 0 THEN '-infinity' WHEN 9 THEN 'infinity' WHEN 8 THEN NULL ELSE (i % 10)::float8 END AS f,
  CASE i % 10 WHEN 0 THEN -1e400 WHEN 9 THEN 'infinity' WHEN 8 THEN 'NaN' ELSE i % 10 END AS n, CASE i % 10 WHEN 0 THEN '-infinity' WHEN 9 THEN 'infinity' WHEN 8 THEN NULL ELSE date '2026-01-01' + i % 10 * 30 END AS d,
  CASE i % 10 WHEN 0 THEN '-infinity' WHEN 9 THEN 'infinity' ELSE timestamptz '2026-01-01' + i % 10 * interval '30 days' END AS t FROM generate_series(1, 2000) i;
WITH e AS (SELECT l.won, x.rule, x.points, l.a FROM endless l, (SELECT leadscore.draft_rules('endless', 'won', '{"as_of": "''2027-01-01''::date", "leave_out": ["a"]}') AS rules OFFSET 0) r, leadscore.explain(r.rules, l, NULL, '2027-01-01') x WHERE NOT (rule = 'n' AND l.a = 8)),
g AS (SELECT rule, points, array_agg(DISTINCT a) AS of, points(count(*) FILTER (WHERE won), count(*) FILTER (WHERE NOT won), (SELECT count(*) FROM endless WHERE won), (SELECT count(*) FROM endless WHERE NOT won)) AS wanted FROM e WHERE rule IS NOT NULL GROUP BY 1, 2)
SELECT rule, points, of, points = wanted AS same FROM g ORDER BY 1, 2;

-- What is told apart in the draft is told apart by the rule: each value's points are those of the values that it equals.
CREATE TABLE spelled AS SELECT i AS id, (i % 21 > 9) = (i / 21 % (4 + i % 21 % 3) > 0) AS won, (ARRAY[E'\ufb01','fi','FI',E'\u00c5',E'A\u030a',E'\u200b',E'\ufeff',E'\u202eabc',E'a\tb\n',E'\x01',E'\u0130',E'\u00df','SS','ss','@competitors','"',E'\\',' lead','lead ','lead', ''])[1 + i % 21] AS t FROM generate_series(1, 6300) i;
CREATE TEMP TABLE told AS SELECT s.t, s.won, coalesce((SELECT sum(points) FROM leadscore.explain(d.rules, s) WHERE rule = 't'), 0) AS points FROM spelled s, (SELECT leadscore.draft_rules('spelled', 'won') AS rules OFFSET 0) d;
SELECT points, count(DISTINCT t) AS texts, points = points(count(*) FILTER (WHERE won), count(*) FILTER (WHERE NOT won), (SELECT count(*) FROM told WHERE won), (SELECT count(*) FROM told WHERE NOT won)) AS same
FROM told GROUP BY CASE WHEN t IN (E'\ufb01', 'fi', 'FI') THEN 'fi' WHEN t IN (E'\u00df', 'SS', 'ss') THEN 'ss' WHEN t IN (E'\u00c5', E'A\u030a') THEN 'a' WHEN t IN (E'\u200b', E'\ufeff') THEN 'nothing' ELSE t END, points ORDER BY 1, 2;

-- Views, partitioned tables.
SELECT jsonb_path_query_array(leadscore.draft_rules('decided', 'won', '{"as_of": "decided_at"}')::jsonb, '$.dimensions[*].rules[*].id') AS of_view;

-- Who can't read the table can't have it read for him; row-level security counts.
CREATE ROLE regress_drafter;
GRANT USAGE ON SCHEMA drafting TO regress_drafter;
SET ROLE regress_drafter;
SELECT leadscore.draft_rules('contact', 'status = ''won''');
RESET ROLE;
GRANT SELECT ON contact TO regress_drafter;
ALTER TABLE contact ENABLE ROW LEVEL SECURITY;
CREATE POLICY none ON contact USING (id < 0);
SET ROLE regress_drafter;
SELECT leadscore.draft_rules('contact', 'status = ''won''');
RESET ROLE;
ALTER TABLE contact DISABLE ROW LEVEL SECURITY;

-- What is wrong is said.
-- Times without end are no times.
SELECT leadscore.draft_rules('contact', 'status = ''won''', '{"as_of": "CASE WHEN id % 2 = 0 THEN ''infinity'' ELSE decided_at END", "max_rules": 1, "leave_out": ["status", "closed_as"]}')::jsonb #>> '{dimensions,0,rules,0,id}' AS best;
CREATE TABLE empty (a int, won boolean);
SELECT leadscore.draft_rules('empty', 'won');
INSERT INTO empty SELECT i, true FROM generate_series(1, 100) i;
SELECT leadscore.draft_rules('empty', 'won');
SELECT leadscore.draft_rules('empty', 'NOT won');
UPDATE empty SET won = NULL;
SELECT leadscore.draft_rules('empty', 'won');
-- A shuffled outcome: nothing tells it.
UPDATE empty SET won = a * 7919 % 97 < 40;
SELECT leadscore.draft_rules('empty', 'won');
SELECT leadscore.draft_rules('contact', 'size');
SELECT leadscore.draft_rules('contact', 'sise > 3');
SELECT leadscore.draft_rules('contact', 'size > 3; DROP TABLE contact');
SELECT leadscore.draft_rules('contact', 'exists (SELECT FROM empty)');
SELECT leadscore.draft_rules('contact', 'random() < 0.5');
SELECT leadscore.draft_rules('contact', 'status = ''won''', '{"as_off": "decided_at"}');
SELECT leadscore.draft_rules('contact', 'status = ''won''', '{"as_of": "size"}');
SELECT leadscore.draft_rules('contact', 'status = ''won''', '{"leave_out": "size"}');
SELECT leadscore.draft_rules('contact', 'status = ''won''', '{"leave_out": ["size", "closed_a"]}');
SELECT leadscore.draft_rules('contact', 'status = ''won''', '{"activity": {"source": "activity"}}');
SELECT leadscore.draft_rules('contact', 'status = ''won''', '{"activity": {"source": "nowhere", "lead_key": "contact", "kind": "kind", "at": "at"}}');
SELECT leadscore.draft_rules('empty', 'won', '{"activity": {"source": "activity", "lead_key": "contact", "kind": "kind", "at": "at"}}');
SELECT leadscore.draft_rules('contact_pkey', 'true');
SELECT leadscore.draft_rules(NULL, 'true');
SELECT leadscore.draft_rules('contact', NULL);

DROP SCHEMA drafting CASCADE;
DROP ROLE regress_drafter;
