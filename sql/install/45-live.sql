-- What the statements of a model are made of. Views and triggers call these; people need not.

CREATE TYPE leadscore.settled AS (
  engagement leadscore.engagement,
  total float8,
  tier text,
  grade text,
  disqualified boolean,
  dimensions float8[],
  scored_at timestamptz,
  next_change_at timestamptz,
  moved boolean,
  rules text[],
  gone boolean
);
COMMENT ON TYPE leadscore.settled IS 'what a row of a model''s state table becomes';
COMMENT ON COLUMN leadscore.settled.moved IS 'whether the tier is another one than before';
COMMENT ON COLUMN leadscore.settled.rules IS 'where it moved: the rules that moved most';
COMMENT ON COLUMN leadscore.settled.gone IS 'whether there is neither lead nor activity any more';

CREATE FUNCTION leadscore.settle(rules leadscore.ruleset, lead record, lead_before record, before leadscore.engagement, added leadscore.engagement, replace boolean, tier_before text, scored_before timestamptz, rules_before leadscore.ruleset) RETURNS leadscore.settled
  AS 'MODULE_PATHNAME', 'leadscore_settle' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 200;
COMMENT ON FUNCTION leadscore.settle(leadscore.ruleset, record, record, leadscore.engagement, leadscore.engagement, boolean, text, timestamptz, leadscore.ruleset)
  IS 'scores a lead as of now, or as of what its state has seen, if that is later';

CREATE FUNCTION leadscore.usable_key(key anyelement, same boolean) RETURNS boolean
  AS 'MODULE_PATHNAME', 'leadscore_usable_key' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION leadscore.usable_key(anyelement, boolean) IS 'true, or NULL for a key that is too long, or not the same as before a cast';

CREATE FUNCTION leadscore.activity_trace(rules leadscore.ruleset, kind text, at timestamptz, activity record) RETURNS bytea
  AS 'MODULE_PATHNAME', 'leadscore_activity_trace' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION leadscore.activity_trace(leadscore.ruleset, text, timestamptz, record) IS 'what one activity leaves behind; equal for two that count the same, NULL for one that counts nowhere';

CREATE TYPE leadscore.live AS (
  total float8,
  tier text,
  grade text,
  disqualified boolean,
  dimensions float8[],
  version integer
);
COMMENT ON TYPE leadscore.live IS 'a lead''s score as the views of a model show it';
COMMENT ON COLUMN leadscore.live.dimensions IS 'in the order of leadscore.model.dimensions';

CREATE FUNCTION leadscore.live_score(model text, lead record, version integer, activity leadscore.engagement, as_of timestamptz DEFAULT now()) RETURNS leadscore.live
  AS 'MODULE_PATHNAME', 'leadscore_live_score' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 60;
COMMENT ON FUNCTION leadscore.live_score(text, record, integer, leadscore.engagement, timestamptz) IS 'a lead''s score by the version in force or, where its state waits to be rebuilt, by the version of the state';

-- The columns of the view score. In place of the whole row the planner passes the columns that the rule set in force reads (..._columns); "lead_row", where it is, is of type
-- internal so that nobody else can.
CREATE FUNCTION leadscore.live_support(internal) RETURNS internal AS 'MODULE_PATHNAME', 'leadscore_live_support' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leadscore.live_support(internal) IS 'planner support for the functions of which the view score is made';

CREATE FUNCTION leadscore.live_total(model text, lead record, version integer, activity leadscore.engagement) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_live_total' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE SUPPORT leadscore.live_support COST 40;
CREATE FUNCTION leadscore.live_total_columns(model text, activity leadscore.engagement, lead_row internal, lead_table oid, names text[], VARIADIC version_and_columns "any") RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_live_total_columns' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION leadscore.live_total(text, record, integer, leadscore.engagement) IS 'the total of a lead''s score';
COMMENT ON FUNCTION leadscore.live_total_columns(text, leadscore.engagement, internal, oid, text[], "any") IS 'live_total with the columns that the rules read as arguments; the planner calls it';

CREATE FUNCTION leadscore.live_tier(model text, lead record, version integer, activity leadscore.engagement) RETURNS text
  AS 'MODULE_PATHNAME', 'leadscore_live_tier' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE SUPPORT leadscore.live_support COST 40;
CREATE FUNCTION leadscore.live_tier_columns(model text, activity leadscore.engagement, lead_row internal, lead_table oid, names text[], VARIADIC version_and_columns "any") RETURNS text
  AS 'MODULE_PATHNAME', 'leadscore_live_tier_columns' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION leadscore.live_tier(text, record, integer, leadscore.engagement) IS 'the tier of a lead';
COMMENT ON FUNCTION leadscore.live_tier_columns(text, leadscore.engagement, internal, oid, text[], "any") IS 'live_tier with the columns that the rules read as arguments; the planner calls it';

CREATE FUNCTION leadscore.live_grade(model text, lead record, version integer, activity leadscore.engagement) RETURNS text
  AS 'MODULE_PATHNAME', 'leadscore_live_grade' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE SUPPORT leadscore.live_support COST 40;
CREATE FUNCTION leadscore.live_grade_columns(model text, activity leadscore.engagement, lead_row internal, lead_table oid, names text[], VARIADIC version_and_columns "any") RETURNS text
  AS 'MODULE_PATHNAME', 'leadscore_live_grade_columns' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION leadscore.live_grade(text, record, integer, leadscore.engagement) IS 'the grade of a lead';
COMMENT ON FUNCTION leadscore.live_grade_columns(text, leadscore.engagement, internal, oid, text[], "any") IS 'live_grade with the columns that the rules read as arguments; the planner calls it';

CREATE FUNCTION leadscore.live_disqualified(model text, lead record, version integer, activity leadscore.engagement) RETURNS boolean
  AS 'MODULE_PATHNAME', 'leadscore_live_disqualified' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE SUPPORT leadscore.live_support COST 40;
CREATE FUNCTION leadscore.live_disqualified_columns(model text, activity leadscore.engagement, lead_row internal, lead_table oid, names text[], VARIADIC version_and_columns "any") RETURNS boolean
  AS 'MODULE_PATHNAME', 'leadscore_live_disqualified_columns' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION leadscore.live_disqualified(text, record, integer, leadscore.engagement) IS 'whether a lead is disqualified';
COMMENT ON FUNCTION leadscore.live_disqualified_columns(text, leadscore.engagement, internal, oid, text[], "any") IS 'live_disqualified with the columns that the rules read as arguments; the planner calls it';

CREATE FUNCTION leadscore.live_dimension(model text, lead record, version integer, activity leadscore.engagement, number integer) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_live_dimension' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE SUPPORT leadscore.live_support COST 40;
CREATE FUNCTION leadscore.live_dimension_columns(model text, activity leadscore.engagement, lead_row internal, lead_table oid, names text[], number integer, VARIADIC version_and_columns "any") RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_live_dimension_columns' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION leadscore.live_dimension(text, record, integer, leadscore.engagement, integer) IS 'a dimension of a lead''s score, by its place in leadscore.model.dimensions; NULL by a version that does not have it';
COMMENT ON FUNCTION leadscore.live_dimension_columns(text, leadscore.engagement, internal, oid, text[], integer, "any") IS 'live_dimension with the columns that the rules read as arguments; the planner calls it';

CREATE FUNCTION leadscore.live_version(model text, lead record, version integer, activity leadscore.engagement) RETURNS integer
  AS 'MODULE_PATHNAME', 'leadscore_live_version' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE SUPPORT leadscore.live_support COST 4;
CREATE FUNCTION leadscore.live_version_columns(model text, activity leadscore.engagement, lead_row internal, lead_table oid, names text[], VARIADIC version_and_columns "any") RETURNS integer
  AS 'MODULE_PATHNAME', 'leadscore_live_version_columns' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION leadscore.live_version(text, record, integer, leadscore.engagement) IS 'the version by which a lead is scored';
COMMENT ON FUNCTION leadscore.live_version_columns(text, leadscore.engagement, internal, oid, text[], "any") IS 'live_version with the columns that the rules read as arguments; the planner calls it';

CREATE FUNCTION leadscore.live_next_change(model text, lead record, version integer, activity leadscore.engagement) RETURNS timestamptz
  AS 'MODULE_PATHNAME', 'leadscore_live_next_change' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE SUPPORT leadscore.live_support COST 1000;
CREATE FUNCTION leadscore.live_next_change_columns(model text, activity leadscore.engagement, lead_row internal, lead_table oid, names text[], VARIADIC version_and_columns "any") RETURNS timestamptz
  AS 'MODULE_PATHNAME', 'leadscore_live_next_change_columns' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION leadscore.live_next_change(text, record, integer, leadscore.engagement) IS 'a time before which the lead''s tier stays as it is, if nothing happens';
COMMENT ON FUNCTION leadscore.live_next_change_columns(text, leadscore.engagement, internal, oid, text[], "any") IS 'live_next_change with the columns that the rules read as arguments; the planner calls it';

CREATE FUNCTION leadscore.last_activity_at(activity leadscore.engagement, as_of timestamptz DEFAULT now()) RETURNS timestamptz
  AS 'MODULE_PATHNAME', 'leadscore_last_activity_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION leadscore.last_activity_at(leadscore.engagement, timestamptz) IS 'time of the latest activity of a kind that some rule counts';

CREATE FUNCTION leadscore.on_change() RETURNS trigger
  AS 'MODULE_PATHNAME', 'leadscore_on_change' LANGUAGE C;
COMMENT ON FUNCTION leadscore.on_change() IS 'keeps a model right when rows of a table change';

CREATE FUNCTION leadscore.tiers(model text, OUT tier text, OUT disqualified boolean) RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_tiers' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100 ROWS 10;
COMMENT ON FUNCTION leadscore.tiers(text) IS 'the tiers of the rule set in force, best first; where rules disqualify, the tier of disqualified leads comes last';

CREATE TYPE leadscore.rule_used AS (
  dimension text,
  rule text,
  label text,
  off boolean,
  leads bigint,
  fired bigint,
  points float8
);
COMMENT ON TYPE leadscore.rule_used IS 'what a rule did over many leads';
COMMENT ON COLUMN leadscore.rule_used.leads IS 'how many leads there were';
COMMENT ON COLUMN leadscore.rule_used.fired IS 'for how many of them the rule fired';
COMMENT ON COLUMN leadscore.rule_used.points IS 'what it gave them';

CREATE FUNCTION leadscore.rule_use_step(state internal, model text, lead record, version integer, activity leadscore.engagement, as_of timestamptz) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_rule_use_step' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 80;
COMMENT ON FUNCTION leadscore.rule_use_step(internal, text, record, integer, leadscore.engagement, timestamptz) IS 'transition function of rule_use';

CREATE FUNCTION leadscore.rule_use_final(state internal) RETURNS leadscore.rule_used[]
  AS 'MODULE_PATHNAME', 'leadscore_rule_use_final' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE;
COMMENT ON FUNCTION leadscore.rule_use_final(internal) IS 'final function of rule_use';

CREATE AGGREGATE leadscore.rule_use(model text, lead record, version integer, activity leadscore.engagement, as_of timestamptz) (
  SFUNC = leadscore.rule_use_step, STYPE = internal, FINALFUNC = leadscore.rule_use_final, SSPACE = 4096, PARALLEL = SAFE
);
COMMENT ON AGGREGATE leadscore.rule_use(text, record, integer, leadscore.engagement, timestamptz) IS 'how often each rule of a model fires over leads, and what it gives, in rule order; rules that never fire included';
