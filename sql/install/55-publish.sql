-- Models: new versions, and keeping up with the clock

CREATE FUNCTION leadscore.publish(model text, rules leadscore.ruleset, note text DEFAULT NULL, rebuild text DEFAULT 'now') RETURNS integer
  AS 'MODULE_PATHNAME', 'leadscore_publish' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE;
COMMENT ON FUNCTION leadscore.publish(text, leadscore.ruleset, text, text) IS 'puts a rule set into force and returns its version; states that must be rebuilt are rebuilt now, or later by rescore';

CREATE FUNCTION leadscore.compare(model text, rules leadscore.ruleset, OUT lead_key text, OUT old_total float8, OUT new_total float8, OUT old_tier text, OUT new_tier text)
  RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_compare' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 1000000 ROWS 10000;
COMMENT ON FUNCTION leadscore.compare(text, leadscore.ruleset) IS 'each lead''s score now, and what it would be by another rule set';

CREATE FUNCTION leadscore.simulate(model text, rules leadscore.ruleset, OUT old_tier text, OUT new_tier text, OUT leads bigint)
  RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_simulate' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 1000000 ROWS 20;
COMMENT ON FUNCTION leadscore.simulate(text, leadscore.ruleset) IS 'how many leads would move from which tier to which by another rule set';

CREATE PROCEDURE leadscore.rescore(model text, batch integer DEFAULT 10000)
  AS 'MODULE_PATHNAME', 'leadscore_rescore' LANGUAGE C;
COMMENT ON PROCEDURE leadscore.rescore(text, integer) IS 'recomputes every lead from its activities, batch by batch; can be stopped and called again';

CREATE FUNCTION leadscore.tick(model text) RETURNS bigint
  AS 'MODULE_PATHNAME', 'leadscore_tick' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE;
COMMENT ON FUNCTION leadscore.tick(text) IS 'brings the stored scores of the leads whose next change has come up to the clock; returns their number';
