-- What is wrong with a rule set

CREATE FUNCTION leadscore.lint(rules jsonb, OUT path text, OUT severity text, OUT problem text, OUT hint text)
  RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_lint_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 10;
CREATE FUNCTION leadscore.lint(rules json, OUT path text, OUT severity text, OUT problem text, OUT hint text)
  RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_lint_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 10;
CREATE FUNCTION leadscore.lint(rules text, OUT path text, OUT severity text, OUT problem text, OUT hint text)
  RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_lint_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 10;
COMMENT ON FUNCTION leadscore.lint(jsonb) IS 'every error and warning of a rule set; no row where there is none';
COMMENT ON FUNCTION leadscore.lint(json) IS 'every error and warning of a rule set, duplicate members too; no row where there is none';
COMMENT ON FUNCTION leadscore.lint(text) IS 'every error and warning of a rule set, errors of its JSON too; no row where there is none';

