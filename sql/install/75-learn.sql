
-- Learning points from outcomes

CREATE FUNCTION leadscore.learn_step(internal, leadscore.ruleset, record, leadscore.engagement, boolean) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_learn_step' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100;
CREATE FUNCTION leadscore.learn_step(internal, leadscore.ruleset, record, leadscore.engagement, boolean, jsonb) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_learn_step' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100;
CREATE FUNCTION leadscore.learn_step(internal, leadscore.ruleset, record, leadscore.engagement, boolean, jsonb, timestamptz) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_learn_step' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100;
CREATE FUNCTION leadscore.learn_step(internal, leadscore.ruleset, jsonb, leadscore.engagement, boolean) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_learn_step' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100;
CREATE FUNCTION leadscore.learn_step(internal, leadscore.ruleset, jsonb, leadscore.engagement, boolean, jsonb) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_learn_step' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100;
CREATE FUNCTION leadscore.learn_step(internal, leadscore.ruleset, jsonb, leadscore.engagement, boolean, jsonb, timestamptz) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_learn_step' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100;
CREATE FUNCTION leadscore.learn_step(internal, leadscore.ruleset, json, leadscore.engagement, boolean) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_learn_step' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100;
CREATE FUNCTION leadscore.learn_step(internal, leadscore.ruleset, json, leadscore.engagement, boolean, jsonb) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_learn_step' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100;
CREATE FUNCTION leadscore.learn_step(internal, leadscore.ruleset, json, leadscore.engagement, boolean, jsonb, timestamptz) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_learn_step' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100;
CREATE FUNCTION leadscore.learn_final(internal) RETURNS leadscore.ruleset
  AS 'MODULE_PATHNAME', 'leadscore_learn_final' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION leadscore.learn_step(internal, leadscore.ruleset, record, leadscore.engagement, boolean) IS 'transition function of learn';
COMMENT ON FUNCTION leadscore.learn_step(internal, leadscore.ruleset, record, leadscore.engagement, boolean, jsonb) IS 'transition function of learn';
COMMENT ON FUNCTION leadscore.learn_step(internal, leadscore.ruleset, record, leadscore.engagement, boolean, jsonb, timestamptz) IS 'transition function of learn';
COMMENT ON FUNCTION leadscore.learn_step(internal, leadscore.ruleset, jsonb, leadscore.engagement, boolean) IS 'transition function of learn';
COMMENT ON FUNCTION leadscore.learn_step(internal, leadscore.ruleset, jsonb, leadscore.engagement, boolean, jsonb) IS 'transition function of learn';
COMMENT ON FUNCTION leadscore.learn_step(internal, leadscore.ruleset, jsonb, leadscore.engagement, boolean, jsonb, timestamptz) IS 'transition function of learn';
COMMENT ON FUNCTION leadscore.learn_step(internal, leadscore.ruleset, json, leadscore.engagement, boolean) IS 'transition function of learn';
COMMENT ON FUNCTION leadscore.learn_step(internal, leadscore.ruleset, json, leadscore.engagement, boolean, jsonb) IS 'transition function of learn';
COMMENT ON FUNCTION leadscore.learn_step(internal, leadscore.ruleset, json, leadscore.engagement, boolean, jsonb, timestamptz) IS 'transition function of learn';
COMMENT ON FUNCTION leadscore.learn_final(internal) IS 'final function of learn';

CREATE AGGREGATE leadscore.learn(rules leadscore.ruleset, lead record, activity leadscore.engagement, outcome boolean) (
  SFUNC = leadscore.learn_step, STYPE = internal, FINALFUNC = leadscore.learn_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.learn(rules leadscore.ruleset, lead record, activity leadscore.engagement, outcome boolean, options jsonb) (
  SFUNC = leadscore.learn_step, STYPE = internal, FINALFUNC = leadscore.learn_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.learn(rules leadscore.ruleset, lead record, activity leadscore.engagement, outcome boolean, options jsonb, as_of timestamptz) (
  SFUNC = leadscore.learn_step, STYPE = internal, FINALFUNC = leadscore.learn_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.learn(rules leadscore.ruleset, lead jsonb, activity leadscore.engagement, outcome boolean) (
  SFUNC = leadscore.learn_step, STYPE = internal, FINALFUNC = leadscore.learn_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.learn(rules leadscore.ruleset, lead jsonb, activity leadscore.engagement, outcome boolean, options jsonb) (
  SFUNC = leadscore.learn_step, STYPE = internal, FINALFUNC = leadscore.learn_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.learn(rules leadscore.ruleset, lead jsonb, activity leadscore.engagement, outcome boolean, options jsonb, as_of timestamptz) (
  SFUNC = leadscore.learn_step, STYPE = internal, FINALFUNC = leadscore.learn_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.learn(rules leadscore.ruleset, lead json, activity leadscore.engagement, outcome boolean) (
  SFUNC = leadscore.learn_step, STYPE = internal, FINALFUNC = leadscore.learn_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.learn(rules leadscore.ruleset, lead json, activity leadscore.engagement, outcome boolean, options jsonb) (
  SFUNC = leadscore.learn_step, STYPE = internal, FINALFUNC = leadscore.learn_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.learn(rules leadscore.ruleset, lead json, activity leadscore.engagement, outcome boolean, options jsonb, as_of timestamptz) (
  SFUNC = leadscore.learn_step, STYPE = internal, FINALFUNC = leadscore.learn_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON AGGREGATE leadscore.learn(leadscore.ruleset, record, leadscore.engagement, boolean) IS 'the rule set with the points that tell best who was won, as of now';
COMMENT ON AGGREGATE leadscore.learn(leadscore.ruleset, record, leadscore.engagement, boolean, jsonb) IS 'the rule set with the points that tell best who was won, as of now; options: ridge, range, double_odds, base_odds, base_score';
COMMENT ON AGGREGATE leadscore.learn(leadscore.ruleset, record, leadscore.engagement, boolean, jsonb, timestamptz) IS 'the rule set with the points that tell best who was won, each lead as of its own time; options: ridge, range, double_odds, base_odds, base_score';
COMMENT ON AGGREGATE leadscore.learn(leadscore.ruleset, jsonb, leadscore.engagement, boolean) IS 'the rule set with the points that tell best who was won, as of now';
COMMENT ON AGGREGATE leadscore.learn(leadscore.ruleset, jsonb, leadscore.engagement, boolean, jsonb) IS 'the rule set with the points that tell best who was won, as of now; options: ridge, range, double_odds, base_odds, base_score';
COMMENT ON AGGREGATE leadscore.learn(leadscore.ruleset, jsonb, leadscore.engagement, boolean, jsonb, timestamptz) IS 'the rule set with the points that tell best who was won, each lead as of its own time; options: ridge, range, double_odds, base_odds, base_score';
COMMENT ON AGGREGATE leadscore.learn(leadscore.ruleset, json, leadscore.engagement, boolean) IS 'the rule set with the points that tell best who was won, as of now';
COMMENT ON AGGREGATE leadscore.learn(leadscore.ruleset, json, leadscore.engagement, boolean, jsonb) IS 'the rule set with the points that tell best who was won, as of now; options: ridge, range, double_odds, base_odds, base_score';
COMMENT ON AGGREGATE leadscore.learn(leadscore.ruleset, json, leadscore.engagement, boolean, jsonb, timestamptz) IS 'the rule set with the points that tell best who was won, each lead as of its own time; options: ridge, range, double_odds, base_odds, base_score';

CREATE FUNCTION leadscore.draft_rules(relation regclass, outcome text, options jsonb DEFAULT NULL) RETURNS leadscore.ruleset
  AS 'MODULE_PATHNAME', 'leadscore_draft_rules' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000;
COMMENT ON FUNCTION leadscore.draft_rules(regclass, text, jsonb) IS 'a first rule set from the columns of a table: which values go with the outcome, an expression over a row; options: as_of, activity, leave_out, max_rules';
