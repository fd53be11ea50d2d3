-- engage_each: all leads of a query at once, state by state what GROUP BY gives.
SET timezone = 'UTC';
CREATE TABLE seen (id int PRIMARY KEY, lead int, kind text, at timestamptz, url text, amount numeric, mail int);
-- Lead 1 has a tenth of it all.
INSERT INTO seen
SELECT i, CASE WHEN i % 10 = 0 THEN 1 ELSE i * 7919 % 3001 END, (ARRAY['view', 'open', 'Order', 'call', 'nothing', ' '])[1 + i % 6],
       timestamptz '2026-01-01' + (i * 7907 % 400000) * interval '1 minute', '/' || (ARRAY['pricing', 'blog', 'Docs'])[1 + i % 3] || '/' || i % 50,
       CASE WHEN i % 5 > 0 THEN i % 1000 * 0.1 END, i % 23
FROM generate_series(1, 60000) i;
-- What counts nowhere
INSERT INTO seen VALUES (-1, NULL, 'view', '2026-02-01'), (-2, 5, NULL, '2026-02-01'), (-3, 5, 'view', NULL), (-4, 5, 'view', 'infinity'),
  (-5, 9999, ' ', '2026-02-01');
ANALYZE seen;
SELECT $${"dimensions": [{"name": "e", "idle": {"on": "*", "after": "30 days", "keep": 0.5}, "rules": [
  {"id": "view", "on": "view", "points": 1, "half_life": "14 days"},
  {"id": "pricing", "on": "view", "where": {"url": {"starts_with": "/pricing"}}, "points": 5, "within": "60 days", "max_per_day": 2},
  {"id": "mails", "on": "open", "distinct": "mail", "count": {"gte": 5}, "points": 13},
  {"id": "orders", "on": "order", "points": 2, "multiply_by": "amount", "half_life": "30 days"},
  {"id": "big", "on": "order", "points": 3, "multiply_by": "amount", "fades_over": "200 days", "max_events": 4},
  {"id": "spent", "on": "order", "sum": {"field": "amount", "gte": 20}, "points": 11},
  {"id": "talk", "on": ["call", "open"], "cases": [{"where": {"amount": {"gte": 50}}, "points": 9}, {"where": {"amount": {"lt": 50}}, "points": 1}], "half_life": "7 days"},
  {"id": "recent", "on": "*", "recency": [{"within": "10 days", "points": 17}]}]}]}$$ AS rules \gset
SELECT $${"dimensions": [{"name": "e", "rules": [
  {"id": "view", "on": "view", "points": 1, "half_life": "14 days"}, {"id": "busy", "on": "*", "within": "60 days", "count": {"gte": 4}, "points": 7}]}]}$$ AS plain \gset
CREATE TABLE each_rules (rules leadscore.ruleset);
INSERT INTO each_rules VALUES (:'rules');
-- The states by GROUP BY and by engage_each, byte by byte: how many there are, and how many differ. Only engage_each has `memory`: what is
-- sorted for GROUP BY comes in another order, and so gives sums with other last bits.
CREATE FUNCTION differences(key_type text, key text, as_of timestamptz DEFAULT NULL, memory text DEFAULT '4MB', of_rules text DEFAULT NULL)
RETURNS TABLE (leads bigint, differ bigint) LANGUAGE plpgsql AS $$
DECLARE
  r text := quote_literal(coalesce(of_rules, (SELECT rules::text FROM each_rules)));
  until text := coalesce(', ' || quote_literal(as_of), '');
BEGIN
  EXECUTE format('CREATE TEMP TABLE grouped AS SELECT %s AS k, leadscore.engage(%s, s.kind, s.at, s%s) AS e FROM seen s GROUP BY 1', key, r, until);
  DELETE FROM grouped g WHERE g.k IS NULL OR g.e IS NULL;
  PERFORM set_config('work_mem', memory, true), set_config('hash_mem_multiplier', '1', true);
  RETURN QUERY EXECUTE format(
    'SELECT count(*), count(*) FILTER (WHERE g.e::text IS DISTINCT FROM x.e::text) '
    'FROM grouped g FULL JOIN leadscore.engage_each(%s, %L%s) AS x(k %s, e leadscore.engagement) ON x.k = g.k',
    r, format('SELECT %s, s.kind, s.at, s.url, s.amount, s.mail FROM seen s', key), until, key_type);
  PERFORM set_config('work_mem', '32MB', true);
  DROP TABLE grouped;
END $$;
SET work_mem = '32MB';
SET enable_sort = off;
SELECT * FROM differences('int', 's.lead');
SELECT * FROM differences('int', 's.lead', '2026-06-01');
-- With nothing later than now, and with much
SELECT * FROM differences('int', 's.lead', 'infinity');
-- Keys of other types
SELECT t.type, d.* FROM (VALUES ('bigint', 's.lead::bigint'), ('smallint', '(s.lead % 3000)::smallint'), ('text', 's.lead::text'), ('varchar(6)', 's.lead::varchar(6)'),
  ('text', 'repeat(''k'', s.lead % 200) || s.lead'), ('text', 'nullif(repeat(''long'', s.lead % 7 * 300), ''x'')'), ('uuid', 'md5(s.lead::text)::uuid'),
  ('date', '(date ''2020-01-01'' + s.lead)'), ('text COLLATE "C"', '(s.lead::text COLLATE "C")'), ('name', 's.lead::text::name'), ('boolean', '(s.lead > 1000)')) t (type, key),
  LATERAL differences(t.type, t.key, '2026-08-01') d;
-- Narrow values come with different fillings: of a hash function, of a table, of a sort
CREATE TEMP TABLE hashes AS SELECT i, hashtext(i::text) AS h FROM generate_series(1, 50) i;
SELECT count(*), count(DISTINCT k), bool_and(leadscore.total(:'plain', NULL::seen, e, '2026-02-01') > 0) AS counted
FROM leadscore.engage_each(:'plain', 'SELECT CASE WHEN n = 1 THEN h ELSE hashtext(i::text) END, ''view'', ''2026-01-31''::timestamptz FROM hashes, generate_series(1, 2) n ORDER BY 1', '2026-02-01')
  AS x(k int, e leadscore.engagement);
-- Keys of any length, none among them; with little memory those that are longer than a block wait in files like all others
SET work_mem = '64kB';
SELECT count(*), min(length(k)), max(length(k)), sum(leadscore.total(:'plain', NULL::seen, e, '2026-01-01')::numeric(20, 6))
FROM leadscore.engage_each(:'plain', 'SELECT repeat(''k'', i % 7 * 5000), ''view'', ''2026-01-01''::timestamptz FROM generate_series(1, 7000) i', '2026-01-01')
  AS x(k text, e leadscore.engagement);
RESET work_mem;
-- With little memory all of it waits in files, and is divided more than once
SELECT * FROM differences('int', 's.lead', NULL, '64kB');
SELECT * FROM differences('text', 'repeat(''k'', s.lead % 200) || s.lead', '2026-06-01', '64kB');
SELECT * FROM differences('bigint', '(s.id::bigint * 7)', '2026-06-01', '64kB');
SELECT * FROM differences('int', '1', '2026-06-01', '64kB');
SELECT * FROM differences('text', 'repeat(''long'', 300) || s.lead % 2', '2026-06-01', '64kB', :'plain');
RESET enable_sort;
RESET work_mem;
-- Rules that read no field need none, and what no rule counts gives no state
SELECT count(*) FROM leadscore.engage_each(:'plain', 'SELECT lead, kind, at FROM seen WHERE lead < 10') AS x(k int, e leadscore.engagement);
SELECT * FROM leadscore.engage_each(:'plain', 'SELECT lead, kind, at FROM seen WHERE lead = 9999') AS x(k int, e leadscore.engagement);
SELECT * FROM leadscore.engage_each(:'plain', 'SELECT lead, kind, at FROM seen WHERE false') AS x(k int, e leadscore.engagement);
-- NULL of anything is nothing
SELECT count(*) FROM leadscore.engage_each(NULL, 'SELECT 1') AS x(k int, e leadscore.engagement);
SELECT count(*) FROM leadscore.engage_each(:'plain', NULL) AS x(k int, e leadscore.engagement);
-- A field may be jsonb, and rules look into it
SELECT replace(:'plain', '"on": "view"', '"on": "view", "where": {"doc.page": "/pricing/2"}') AS doc \gset
SELECT count(*) FILTER (WHERE leadscore.total(:'doc', NULL::seen, e, '2026-08-01') > 0) AS some
FROM leadscore.engage_each(:'doc', 'SELECT lead, kind, at, jsonb_build_object(''page'', url) AS doc FROM seen WHERE kind = ''view'' AND at < ''2026-03-01''', '2026-08-01') AS x(k int, e leadscore.engagement);
SELECT count(DISTINCT lead) AS some FROM seen WHERE kind = 'view' AND at < '2026-03-01' AND url = '/pricing/2' AND lead IS NOT NULL;
-- The query runs with the rights of whoever asks, and sees what they see
CREATE ROLE regress_each;
GRANT USAGE ON SCHEMA leadscore TO regress_each;
SET ROLE regress_each;
SELECT count(*) FROM leadscore.engage_each(:'plain', 'SELECT lead, kind, at FROM seen') AS x(k int, e leadscore.engagement);
RESET ROLE;
GRANT SELECT ON seen TO regress_each;
ALTER TABLE seen ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON seen TO regress_each USING (lead < 3);
SET ROLE regress_each;
SELECT k FROM leadscore.engage_each(:'plain', 'SELECT lead, kind, at FROM seen') AS x(k int, e leadscore.engagement) ORDER BY k;
RESET ROLE;
-- What can't be done
SELECT * FROM leadscore.engage_each(:'plain', 'SELECT lead, kind FROM seen') AS x(k int, e leadscore.engagement);
SELECT * FROM leadscore.engage_each(:'plain', 'SELECT lead, kind, at FROM seen') AS x(k bigint, e leadscore.engagement);
SELECT * FROM leadscore.engage_each(:'plain', 'SELECT lead::varchar(3), kind, at FROM seen') AS x(k varchar(2), e leadscore.engagement);
SELECT * FROM leadscore.engage_each(:'plain', 'SELECT lead, kind, at FROM seen') AS x(k int, e text);
SELECT * FROM leadscore.engage_each(:'plain', 'SELECT lead, lead, at FROM seen') AS x(k int, e leadscore.engagement);
SELECT * FROM leadscore.engage_each(:'plain', 'SELECT lead, kind, at::date FROM seen') AS x(k int, e leadscore.engagement);
SELECT * FROM leadscore.engage_each(:'plain', 'SELECT lead::numeric, kind, at FROM seen') AS x(k numeric, e leadscore.engagement);
SELECT * FROM leadscore.engage_each(:'plain', 'SELECT lead::char(9), kind, at FROM seen') AS x(k char(9), e leadscore.engagement);
SELECT * FROM leadscore.engage_each(:'plain', 'SELECT point(1, 2), kind, at FROM seen') AS x(k point, e leadscore.engagement);
SELECT * FROM leadscore.engage_each(:'rules', 'SELECT lead, kind, at FROM seen') AS x(k int, e leadscore.engagement);
SELECT * FROM leadscore.engage_each(:'plain', 'SELECT lead, kind, at FROM seen; SELECT lead, kind, at FROM seen') AS x(k int, e leadscore.engagement);
SELECT * FROM leadscore.engage_each(:'plain', 'DELETE FROM seen RETURNING lead, kind, at') AS x(k int, e leadscore.engagement);
SELECT * FROM leadscore.engage_each(:'plain', '') AS x(k int, e leadscore.engagement);
SELECT * FROM leadscore.engage_each(:'plain', 'SELECT nothing') AS x(k int, e leadscore.engagement);
SELECT * FROM leadscore.engage_each(:'plain', 'SELECT lead / 0, kind, at FROM seen') AS x(k int, e leadscore.engagement);
SELECT * FROM leadscore.engage_each(:'plain', 'SELECT lead, kind, at FROM seen');
SELECT leadscore.engage_each(:'plain', 'SELECT lead, kind, at FROM seen');
-- Beside itself, and again after errors
SELECT count(*) FROM leadscore.engage_each(:'plain',
  'SELECT k, ''view'', ''2026-01-01''::timestamptz FROM leadscore.engage_each((SELECT rules FROM each_rules), ''SELECT lead, kind, at, url, amount, mail FROM seen'') AS x(k int, e leadscore.engagement)') AS x(k int, e leadscore.engagement);
DROP TABLE seen, each_rules;
DROP FUNCTION differences;
REVOKE USAGE ON SCHEMA leadscore FROM regress_each;
DROP ROLE regress_each;
