-- Every error that the functions raise for what a user gives, with its SQLSTATE; those of the types are in ruleset_type and engagement_type.
CREATE FUNCTION failure(stmt text) RETURNS TABLE (code text, message text, detail text, hint text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE stmt;
  message := 'none';
  RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN NEXT;
END $$;
CREATE TABLE lead (id int, email text, created_at timestamptz);
INSERT INTO lead VALUES (1, 'a@b.c', '2026-01-01');
CREATE TABLE act (kind text, at timestamptz, amount text);
INSERT INTO act VALUES ('open', '2026-01-01', '5');
SELECT '{"dimensions": [{"name": "fit", "rules": [{"id": "mail", "when": {"email": {"domain": "b.c"}}, "points": 1}]}, {"name": "engagement", "rules": [{"id": "open", "on": "open", "points": 1}]}]}' AS rules \gset
\x on
SELECT * FROM failure(format('SELECT leadscore.total(%L, l) FROM lead l', replace(:'rules', '"email"', '"e_mail"')));
SELECT * FROM failure(format('SELECT leadscore.total(%L, l) FROM lead l', replace(:'rules', '{"domain": "b.c"}', '{"gte": 5}')));
SELECT * FROM failure(format('SELECT leadscore.total(%L, l) FROM lead l', replace(:'rules', '"email": {"domain": "b.c"}', '"created_at": {"contains": "2026"}')));
SELECT * FROM failure(format('SELECT leadscore.total(%L, l, NULL, ''infinity'') FROM lead l', :'rules'));
SELECT * FROM failure(format('SELECT leadscore.next_change(%L, l, NULL, ''-infinity'') FROM lead l', :'rules'));
SELECT * FROM failure(format('SELECT * FROM lead l, leadscore.explain(%L, l, NULL, ''infinity'')', :'rules'));
SELECT * FROM failure(format('SELECT leadscore.total(%L, l, ''2026-01-01'') FROM lead l', :'rules'));
SELECT * FROM failure(format('SELECT leadscore.total(%L, jsonb ''[]'') FROM lead l', :'rules'));
SELECT * FROM failure(format('SELECT leadscore.total(%L, json ''{'') FROM lead l', :'rules'));
SELECT * FROM failure(format('SELECT leadscore.dimension(%L, s, ''engagment'') FROM lead l, leadscore.score(%L, l) s', :'rules', :'rules'));
SELECT * FROM failure(format('SELECT leadscore.dimension(%L, s, ''zzz'') FROM lead l, leadscore.score(%L, l) s', :'rules', :'rules'));
SELECT * FROM failure(format('SELECT leadscore.dimension(%L, s, ''fit'') FROM lead l, leadscore.score(''{"dimensions": [{"name": "fit", "rules": []}]}'', l) s', :'rules'));
SELECT * FROM failure(format('SELECT leadscore.total(%L, l, leadscore.engage(%L, ''open'', ''2026-01-01''), ''2025-01-01'') FROM lead l GROUP BY l', :'rules', :'rules'));
SELECT * FROM failure(format('SELECT leadscore.total(%L, l, leadscore.engage(%L, ''click'', ''2026-01-01''), ''2026-01-01'') FROM lead l GROUP BY l', :'rules', replace(:'rules', '"on": "open"', '"on": "click"')));
SELECT * FROM failure(format('SELECT leadscore.engage(%L, kind, at) FROM act', replace(:'rules', '"on": "open"', '"on": "open", "multiply_by": "amount"')));
SELECT * FROM failure(format('SELECT leadscore.engage(%L, kind, at, a) FROM act a', replace(:'rules', '"on": "open"', '"on": "open", "multiply_by": "amount"')));
SELECT * FROM failure(format('SELECT leadscore.engage(%L, kind, at, a) FROM act a', replace(:'rules', '"on": "open"', '"on": "open", "where": {"amnt": "5"}')));
SELECT * FROM failure(format('SELECT leadscore.merge(e) FROM (SELECT leadscore.engage(%L, kind, at) e FROM act UNION ALL SELECT leadscore.engage(%L, kind, at) FROM act) x', :'rules', replace(:'rules', '"on": "open"', '"on": "click"')));
SELECT * FROM failure('SELECT leadscore.engage_step(NULL, NULL, NULL, NULL)');
SELECT * FROM failure(format('SELECT leadscore.total_columns(%L, NULL, now(), ARRAY[''a'', ''b''], 1)', :'rules'));
\x off
-- After an error the same call works again, and the same expression goes on with other rows
CREATE FUNCTION pg_temp.total_or_null(r leadscore.ruleset, l anyelement) RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN
  RETURN leadscore.total(r, l);
EXCEPTION WHEN undefined_column THEN
  RETURN NULL;
END $$;
SELECT i, pg_temp.total_or_null(CASE WHEN i % 2 = 0 THEN :'rules' ELSE replace(:'rules', '"email"', '"e_mail"') END::leadscore.ruleset, l) FROM lead l, generate_series(1, 4) i ORDER BY i;
DROP FUNCTION failure;
DROP TABLE lead, act;
