-- Models: making, binding, dropping

CREATE FUNCTION leadscore.create_model(model text, rules leadscore.ruleset, lead regclass, lead_key text DEFAULT NULL, filter text DEFAULT NULL, security text DEFAULT 'invoker', notify boolean DEFAULT true) RETURNS void
  AS 'MODULE_PATHNAME', 'leadscore_create_model' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE;
COMMENT ON FUNCTION leadscore.create_model(text, leadscore.ruleset, regclass, text, text, text, boolean) IS 'binds a rule set to a table or view of leads and keeps every lead''s score in a schema of the model''s name';

CREATE FUNCTION leadscore.add_activity(model text, source regclass, lead_key text, kind text DEFAULT NULL, constant_kind text DEFAULT NULL, at text DEFAULT NULL, filter text DEFAULT NULL, fields text DEFAULT NULL) RETURNS void
  AS 'MODULE_PATHNAME', 'leadscore_add_activity' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE;
COMMENT ON FUNCTION leadscore.add_activity(text, regclass, text, text, text, text, text, text) IS 'lets a model follow a table of activities';

CREATE FUNCTION leadscore.watch(model text, source regclass, leads text) RETURNS void
  AS 'MODULE_PATHNAME', 'leadscore_watch' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE;
COMMENT ON FUNCTION leadscore.watch(text, regclass, text) IS 'recomputes the leads that a query names for a row of this table whenever the row changes';

CREATE FUNCTION leadscore.remove_activity(model text, source regclass) RETURNS void
  AS 'MODULE_PATHNAME', 'leadscore_remove_activity' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE;
COMMENT ON FUNCTION leadscore.remove_activity(text, regclass) IS 'lets a model forget a table of activities';

CREATE FUNCTION leadscore.drop_model(model text) RETURNS void
  AS 'MODULE_PATHNAME', 'leadscore_drop_model' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE;
COMMENT ON FUNCTION leadscore.drop_model(text) IS 'drops a model with its schema, its triggers and everything recorded of it';

CREATE FUNCTION leadscore.active(model text) RETURNS leadscore.ruleset
  AS 'MODULE_PATHNAME', 'leadscore_active' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION leadscore.active(text) IS 'the rule set in force';
