\echo Use "ALTER EXTENSION leadscore UPDATE TO '0.11.0'" to load this file. \quit

-- Models are no members of the extension: SELECT leadscore.rebind(name) FROM leadscore.model makes them as new ones are, and gives their owners the right to tidy up.

CREATE FUNCTION leadscore.fields(names text[], VARIADIC "values" "any") RETURNS record
  AS 'MODULE_PATHNAME', 'leadscore_fields' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION leadscore.fields(text[], "any") IS 'the values as a row of these names, for rules to read; can be sent to other servers';

REVOKE SELECT ON leadscore.rescore_run FROM PUBLIC;
GRANT SELECT (model, version, batch, done, total, started_at, resumed_at, resumed_done, updated_at, finished_at) ON leadscore.rescore_run TO PUBLIC;
REVOKE INSERT, DELETE ON leadscore.transition FROM PUBLIC;
GRANT INSERT (model, lead_key, old_tier, new_tier, old_total, new_total, version, cause, rules, leads, at) ON leadscore.transition TO PUBLIC;
REVOKE INSERT, DELETE ON leadscore.problem FROM PUBLIC;
GRANT INSERT (model, source, key, message, at) ON leadscore.problem TO PUBLIC;
