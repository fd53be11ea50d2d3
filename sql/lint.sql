-- lint: every problem as a row; none for a good rule set.
SELECT * FROM leadscore.lint('{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"x": 1}, "points": 1}]}], "tiers": [{"name": "all"}]}'::jsonb);
\x on
SELECT * FROM leadscore.lint('{"dimensions": [{"name": "d", "rules": [{"id": "a", "wen": {"x": 1}, "points": "1"}, {"id": "a", "when": {"x": {"gt": 1, "like": 2}}, "points": 1}]}], "range": 5}'::jsonb);
-- Warnings
SELECT * FROM leadscore.lint('{"dimensions": [{"name": "d", "rules": [{"id": "a", "when": {"x": 1}, "points": 1}]}], "tiers": [{"name": "hot", "at": 5}]}'::jsonb);
-- Text and json show what jsonb has lost: duplicate members, and where the syntax breaks
SELECT * FROM leadscore.lint('{"dimensions": [{"name": "d", "rules": [{"id": "a", "id": "b", "when": {"x": 1}, "points": 1}]}], "tiers": [{"name": "all"}]}'::json);
SELECT * FROM leadscore.lint('{"dimensions": [}');
\x off
SELECT count(*) FROM leadscore.lint('{"dimensions": [{"name": "d", "rules": [{"id": "a", "id": "b", "when": {"x": 1}, "points": 1}]}], "tiers": [{"name": "all"}]}'::jsonb);
SELECT count(*) FROM leadscore.lint(NULL::jsonb);
-- What lint calls an error is what the type refuses
CREATE FUNCTION pg_temp.accepted(rules text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM rules::leadscore.ruleset;
  RETURN true;
EXCEPTION WHEN invalid_parameter_value OR invalid_text_representation THEN
  RETURN false;
END $$;
SELECT rules, pg_temp.accepted(rules), pg_temp.accepted(rules) <> EXISTS (SELECT FROM leadscore.lint(rules) WHERE severity = 'error') AS agree
FROM (VALUES ('{}'), ('{"dimensions": []}'), ('{"dimensions": [{"name": "d", "rules": []}]}'), ('{"dimensions": [{"name": "d"}]}'), ('5'), ('nonsense')) v(rules);
