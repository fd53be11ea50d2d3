-- For test/sql/held: what is as large as it can be, and the statements that are to end in time.
SET client_min_messages = warning;
CREATE EXTENSION leadscore;
CREATE SCHEMA held;
CREATE TABLE held.big (name text PRIMARY KEY, t text);
ALTER TABLE held.big ALTER t SET STORAGE EXTERNAL;
CREATE FUNCTION held.big(wanted text) RETURNS text STABLE LANGUAGE sql AS $$SELECT t FROM held.big WHERE name = wanted$$;
CREATE FUNCTION held.rules(rule text) RETURNS text LANGUAGE sql AS $$SELECT '{"dimensions": [{"name": "d", "rules": [' || rule || ']}], "tiers": [{"name": "hot", "at": 50}, {"name": "warm", "at": 20}, {"name": "cold"}]}'$$;
CREATE FUNCTION held.many(n int, rule text) RETURNS text LANGUAGE sql AS $$SELECT held.rules(string_agg(replace(rule, '#', i::text), ',')) FROM generate_series(1, n) i$$;

-- Texts of rule sets: as many rules as may be, patterns that grow when they are compiled, lists, nesting, JSON that is none
INSERT INTO held.big VALUES
  ('many rules', held.many(10000, '{"id":"r#","when":{"a":{"gte":#}},"points":1}')),
  ('many texts', held.many(9000, '{"id":"r#","when":{"a":{"contains":"needle # in hay"}},"points":1}')),
  ('many fields', held.many(9000, '{"id":"r#","when":{"f#":{"contains":"a"}},"points":1}')),
  ('many patterns', held.many(8000, '{"id":"r#","when":{"a":{"matches":"x#(a|b)*c.*d#"}},"points":1}')),
  ('growing patterns', held.many(8000, '{"id":"r#","when":{"a":{"matches":"((x#){0,20}a){0,20}.*y"}},"points":1}')),
  ('unicode patterns', held.many(8000, '{"id":"r#","when":{"a":{"matches":"(\\p{L}+\\p{N}*){9}#.*\\p{Lu}{9}$"}},"points":1}')),
  ('large pattern', held.rules('{"id":"r","when":{"a":{"matches":"' || repeat('(a|b)*', 150000) || '"}},"points":1}')),
  ('alternatives', held.rules('{"id":"r","when":{"a":{"matches":"' || (SELECT string_agg(md5(i::text), '|') FROM generate_series(1, 30000) i) || '"}},"points":1}')),
  ('repeated pattern', held.rules('{"id":"r","when":{"a":{"matches":"((((a{9}){9}){9}b{9}){9}[^c]*)"}},"points":1}')),
  ('long list', held.rules('{"id":"r","when":{"a":{"in":[' || (SELECT string_agg('"' || i || '"', ',') FROM generate_series(1, 100000) i) || ']}},"points":1}')),
  ('similar names', '{"dimensions": [{"name": "d", "rules": [' || (SELECT string_agg('{"id":"abcdefghij' || i || '","whem":{"a":1},"poinst":1}', ',') FROM generate_series(1, 9000) i) || ']}]}'),
  ('all of', held.rules('{"id":"r","when":{"all":[' || (SELECT string_agg('{"any":[{"a":{"gte":' || i || '}},{"b":"' || i || '"}]}', ',') FROM generate_series(1, 20000) i) || ']},"points":1}')),
  ('nested', repeat('{"a":', 500000)), ('brackets', repeat('[', 5000000)), ('closed brackets', repeat('[', 400000) || repeat(']', 400000)),
  ('escapes', '{"a": "' || repeat('\u0041', 1000000) || '"}'), ('digits', '{"a": ' || repeat('9', 5000000) || '}'),
  ('many activities', held.many(2000, '{"id":"r#","on":"k#","points":1,"half_life":"# days"}')),
  ('many within', held.many(300, '{"id":"r#","on":"k","points":1,"within":"# days"}')),
  ('text', repeat('hay ', 4000000)), ('wide', repeat('ﬁ ß Å ', 1000000)), ('letters', repeat('a', 15000000)), ('address', repeat('a.', 3000000) || '@' || repeat('b.', 3000000) || 'example'),
  ('object', (SELECT '{' || string_agg('"k' || i || '":' || i, ',') || '}' FROM generate_series(1, 100000) i));
CREATE FUNCTION held.lead(name text) RETURNS json STABLE LANGUAGE sql AS $$SELECT ('{"a": "' || held.big(name) || '"}')::json$$;

-- Rule sets that pass are kept as such; some of the texts above are refused.
CREATE TABLE held.ruleset (name text PRIMARY KEY, rules leadscore.ruleset);
CREATE FUNCTION held.ruleset(wanted text) RETURNS leadscore.ruleset STABLE LANGUAGE sql AS $$SELECT rules FROM held.ruleset WHERE name = wanted$$;
DO $$
DECLARE b record;
BEGIN
  FOR b IN SELECT name, t FROM held.big WHERE t LIKE '{"dimensions%' LOOP
    BEGIN
      INSERT INTO held.ruleset VALUES (b.name, b.t::leadscore.ruleset);
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
  END LOOP;
END $$;
INSERT INTO held.ruleset VALUES
  ('patterns', held.rules('{"id":"r","when":{"a":{"matches":"(h|a)+(y|z)* .*(needle|h.*z)$"}},"points":1},{"id":"s","when":{"a":{"contains":"needle"}},"points":1}')::leadscore.ruleset),
  ('mail', held.rules('{"id":"r","when":{"a":{"matches":"x"}},"points":1},{"id":"f","when":{"a":{"domain":"@freemail"}},"points":1}')::leadscore.ruleset)
  ON CONFLICT DO NOTHING;

-- States: one that has seen much
CREATE TABLE held.state AS SELECT r.name, leadscore.engage(r.rules, 'k' || (i % 2000 + 1), now() - i * interval '1 minute', NULL::record) AS state
FROM held.ruleset r, generate_series(1, 20000) i WHERE r.name IN ('many activities') GROUP BY 1;
INSERT INTO held.state SELECT r.name, leadscore.engage(r.rules, 'k', now() - i * interval '1 hour', NULL::record) FROM held.ruleset r, generate_series(1, 4000) i WHERE r.name = 'many within' GROUP BY 1;
CREATE FUNCTION held.state(wanted text) RETURNS leadscore.engagement STABLE LANGUAGE sql AS $$SELECT state FROM held.state WHERE name = wanted$$;

-- JSON as it is stored: reading it is the server's
CREATE TABLE held.document (j jsonb);
ALTER TABLE held.document ALTER j SET STORAGE EXTERNAL;
INSERT INTO held.document SELECT jsonb_build_object('a', jsonb_agg(i)) FROM generate_series(1, 6000000) i;
CREATE TABLE held.numbers AS SELECT array_agg(i) AS a FROM generate_series(1, 4000000) i;

-- A model
CREATE TABLE held.lead_table (id int PRIMARY KEY, a text);
INSERT INTO held.lead_table SELECT i, 'hay' FROM generate_series(1, 50000) i;
CREATE TABLE held.activity (lead int, kind text, at timestamptz);
INSERT INTO held.activity SELECT CASE WHEN i % 2 = 0 THEN 1 ELSE i END, 'open', now() - i * interval '1 minute' FROM generate_series(1, 100000) i;
CREATE INDEX ON held.activity (lead);
ANALYZE held.lead_table, held.activity;
SELECT leadscore.create_model('live', held.rules('{"id":"o","on":"open","points":1,"half_life":"10 days"},{"id":"w","on":"open","points":1,"within":"30 days"},{"id":"h","when":{"a":{"contains":"hay"}},"points":1}')::leadscore.ruleset, 'held.lead_table');
SELECT leadscore.add_activity('live', 'held.activity', 'lead', 'kind', at => 'at');

-- To learn from, and to draft from
INSERT INTO held.ruleset VALUES
  ('learned', held.rules((SELECT string_agg(format('{"id":"r%s","when":{"f%s":{"gte":%s}},"points":1}', i, 1 + i % 3, i % 6), ',') FROM generate_series(1, 60) i))::leadscore.ruleset),
  ('learned many', held.many(1000, '{"id":"r#","when":{"a":{"gte":#}},"points":1}')::leadscore.ruleset);
DO $$ BEGIN
  EXECUTE (SELECT 'CREATE TABLE held.wide AS SELECT ' || string_agg(format('i %% %s AS c%s', 2 + c, c), ', ') || ' FROM generate_series(1, 500) i' FROM generate_series(1, 1000) c);
END $$;
CREATE TABLE held.long AS SELECT i AS n, repeat(md5(i::text), 3000) AS t FROM generate_series(1, 2000) i;

CREATE TABLE held.sample AS SELECT array_agg(sqrt(i * 7919 % 5000011)) AS numbers FROM generate_series(1, 5000000::bigint) i;

CREATE TABLE held.statement (n int GENERATED ALWAYS AS IDENTITY, statement text);
INSERT INTO held.statement (statement)
SELECT format('SELECT leadscore.lint(held.big(%L))', name) FROM held.big
UNION ALL SELECT format('SELECT held.big(%L)::leadscore.ruleset', name) FROM held.big
UNION ALL SELECT format('SELECT leadscore.total(held.ruleset(%L), held.lead(%L))', r.name, b.name) FROM held.ruleset r, held.big b WHERE b.name IN ('text', 'wide', 'letters', 'address') AND r.name IN ('patterns', 'mail', 'many patterns', 'many texts', 'long list')
UNION ALL SELECT format('SELECT count(*) FROM leadscore.explain(held.ruleset(%L), held.lead(''letters''))', r.name) FROM held.ruleset r WHERE r.name IN ('patterns', 'many texts')
UNION ALL SELECT format('SELECT leadscore.total(held.ruleset(%L), (''{"a": '' || held.big(%L) || ''}'')::%s)', r.name, b.name, type) FROM held.ruleset r, held.big b, unnest('{json,jsonb}'::text[]) type
  WHERE r.name IN ('patterns', 'many rules') AND b.name IN ('object', 'closed brackets', 'nested')
UNION ALL SELECT format('SELECT leadscore.total(held.ruleset(%L), x) FROM %s x', r.name, t) FROM held.ruleset r, unnest('{held.numbers}'::text[]) t
UNION ALL SELECT format('SELECT leadscore.total(held.ruleset(%L), j) FROM held.document', r.name) FROM held.ruleset r
UNION ALL SELECT format('SELECT %s', s) FROM held.ruleset r, unnest(ARRAY[format('held.ruleset(%L) OPERATOR(leadscore.=) held.ruleset(%L)', r.name, 'many rules'), format('leadscore.jsonb(held.ruleset(%L))', r.name), format('leadscore.ruleset_hash(held.ruleset(%L))', r.name)]) s
UNION ALL SELECT format(s, name) FROM held.state, unnest(ARRAY['SELECT leadscore.total(held.ruleset(%1$L), ''{}''::json, held.state(%1$L))', 'SELECT leadscore.next_change(held.ruleset(%1$L), ''{}''::json, held.state(%1$L))',
  'SELECT count(*) FROM leadscore.explain(held.ruleset(%1$L), ''{}''::json, held.state(%1$L))', 'SELECT held.state(%1$L) OPERATOR(leadscore.||) held.state(%1$L)', 'SELECT leadscore.merge(held.state(%1$L)) FROM generate_series(1, 100000)',
  'SELECT leadscore.last_activity_at(held.state(%1$L))', 'SELECT leadscore.engage(held.ruleset(%1$L), ''k'', now() - i * interval ''1 second'', NULL::record) FROM generate_series(1, 10000000) i']) s
UNION ALL SELECT unnest(ARRAY[
  'SELECT leadscore.psi(numbers, numbers) FROM held.sample', 'SELECT leadscore.auc(sqrt(i * 7919 % 5000011), i % 3 = 0) FROM generate_series(1, 20000000::bigint) i', 'SELECT leadscore.woe_table(held.big(''text'') || i, i % 3 = 0) FROM generate_series(1, 100) i',
  'SELECT cardinality(leadscore.roc_curve(i, i % 3 = 0)) FROM generate_series(1, 1000000) i', 'SELECT cardinality(leadscore.woe_table(i, i % 3 = 0)) FROM generate_series(1, 100000) i',
  'SELECT (''\x'' || repeat(''00'', 50000000))::leadscore.engagement', 'SELECT (''\x01'' || repeat(''ff'', 50000000))::leadscore.engagement', 'SELECT repeat(''x'', 100000000)::leadscore.engagement',
  'SELECT count(*) FROM leadscore.touches(''live'', ''1'')', 'SELECT count(*) FROM leadscore.timeline(''live'', ''1'', now() - interval ''90000 minutes'', now(), ''1 minute'')', 'SELECT count(*) FROM leadscore.why_changed(''live'', ''1'', now() - interval ''90 days'')',
  'SELECT count(*) FROM leadscore.why(''live'', ''1'', now())', 'SELECT leadscore.score_at(''live'', ''1'', now())', 'SELECT * FROM live.rules', 'SELECT * FROM live.tiers', 'SELECT * FROM live.distribution', 'SELECT sum(total) FROM live.score',
  'SELECT leadscore.publish(''live'', held.rules(''{"id":"o","on":"open","points":2}'')::leadscore.ruleset)', 'SELECT * FROM leadscore.simulate(''live'', held.rules(''{"id":"o","on":"open","points":2}'')::leadscore.ruleset)',
  'SELECT count(*) FROM leadscore.compare(''live'', held.rules(''{"id":"o","on":"open","points":2}'')::leadscore.ruleset)', 'CALL leadscore.rescore(''live'')', 'CALL leadscore.rescore(''live'', 1)', 'SELECT leadscore.rebind(''live'')', 'SELECT leadscore.status(''live'')',
  'SELECT leadscore.tick(''live'')', 'INSERT INTO held.activity SELECT i % 100000, ''open'', now() FROM generate_series(1, 200000) i', 'INSERT INTO held.activity SELECT 1, ''open'', now() - i * interval ''1 second'' FROM generate_series(1, 500000) i',
  'UPDATE held.activity SET at = at - interval ''1 day''', 'DELETE FROM held.activity', 'TRUNCATE held.activity', 'UPDATE held.lead_table SET a = ''needle''', 'INSERT INTO held.lead_table SELECT i, ''hay'' FROM generate_series(200000, 400000) i',
  'SELECT count(*) FROM leadscore.engage_each(held.rules(''{"id":"o","on":"open","points":2}'')::leadscore.ruleset, ''SELECT i % 1000000, ''''open'''', now() FROM generate_series(1, 5000000) i'') e (i int, s leadscore.engagement)',
  'SELECT leadscore.learn(held.ruleset(''learned''), x, NULL, x.i % 3 = 0) FROM (SELECT i, i % 7 AS f1, i % 11 AS f2, i % 13 AS f3 FROM generate_series(1, 10000000) i) x',
  'SELECT leadscore.learn(held.ruleset(''learned many''), to_jsonb(x), NULL, x.a % 7 < 3) FROM (SELECT i AS a FROM generate_series(1, 5000) i) x', 'SELECT leadscore.learn(held.ruleset(''many patterns''), held.lead(''text''), NULL, true)',
  'SELECT leadscore.learn(held.ruleset(''many rules''), held.lead(''text''), NULL, true)', 'SELECT leadscore.draft_rules(''held.wide'', ''c1 > 3'')', 'SELECT leadscore.draft_rules(''held.long'', ''n % 3 = 0'')', 'SELECT leadscore.draft_rules(''held.numbers'', ''cardinality(a) > 3'')',
  'SELECT leadscore.create_model(''second'', held.rules(''{"id":"o","on":"open","points":2}'')::leadscore.ruleset, ''held.lead_table'')']);
