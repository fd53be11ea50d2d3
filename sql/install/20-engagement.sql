-- The type engagement and its aggregates

CREATE TYPE leadscore.engagement;

CREATE FUNCTION leadscore.engagement_in(cstring) RETURNS leadscore.engagement
  AS 'MODULE_PATHNAME', 'leadscore_engagement_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION leadscore.engagement_out(leadscore.engagement) RETURNS cstring
  AS 'MODULE_PATHNAME', 'leadscore_engagement_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION leadscore.engagement_recv(internal) RETURNS leadscore.engagement
  AS 'MODULE_PATHNAME', 'leadscore_engagement_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION leadscore.engagement_send(leadscore.engagement) RETURNS bytea
  AS 'MODULE_PATHNAME', 'leadscore_engagement_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leadscore.engagement_in(cstring) IS 'I/O';
COMMENT ON FUNCTION leadscore.engagement_out(leadscore.engagement) IS 'I/O';
COMMENT ON FUNCTION leadscore.engagement_recv(internal) IS 'I/O';
COMMENT ON FUNCTION leadscore.engagement_send(leadscore.engagement) IS 'I/O';

CREATE TYPE leadscore.engagement (
  INPUT = leadscore.engagement_in,
  OUTPUT = leadscore.engagement_out,
  RECEIVE = leadscore.engagement_recv,
  SEND = leadscore.engagement_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);
COMMENT ON TYPE leadscore.engagement IS 'what a lead''s activities amount to under a rule set; states of disjoint sets of activities can be merged';

-- Union

CREATE FUNCTION leadscore.engagement_merge(leadscore.engagement, leadscore.engagement) RETURNS leadscore.engagement
  AS 'MODULE_PATHNAME', 'leadscore_engagement_merge' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION leadscore.engagement_merge(leadscore.engagement, leadscore.engagement) IS 'implementation of || operator';

CREATE OPERATOR leadscore.|| (
  LEFTARG = leadscore.engagement, RIGHTARG = leadscore.engagement, FUNCTION = leadscore.engagement_merge,
  COMMUTATOR = OPERATOR(leadscore.||)
);
COMMENT ON OPERATOR leadscore.|| (leadscore.engagement, leadscore.engagement) IS 'union of two disjoint sets of activities; NULL is no activity';

CREATE AGGREGATE leadscore.merge(leadscore.engagement) (
  SFUNC = leadscore.engagement_merge,
  STYPE = leadscore.engagement,
  SSPACE = 400,
  COMBINEFUNC = leadscore.engagement_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE leadscore.merge(leadscore.engagement) IS 'union of disjoint sets of activities';

-- Aggregation. STABLE where activities later than now() wait in the state; with as_of nothing depends on the clock.

CREATE FUNCTION leadscore.engage_step(leadscore.engagement, leadscore.ruleset, text, timestamptz) RETURNS leadscore.engagement
  AS 'MODULE_PATHNAME', 'leadscore_engage_step' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10;
CREATE FUNCTION leadscore.engage_step(leadscore.engagement, leadscore.ruleset, text, timestamptz, record) RETURNS leadscore.engagement
  AS 'MODULE_PATHNAME', 'leadscore_engage_step' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20;
CREATE FUNCTION leadscore.engage_step(leadscore.engagement, leadscore.ruleset, text, timestamptz, record, timestamptz) RETURNS leadscore.engagement
  AS 'MODULE_PATHNAME', 'leadscore_engage_step' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION leadscore.engage_step(leadscore.engagement, leadscore.ruleset, text, timestamptz) IS 'transition function of the aggregate engage';
COMMENT ON FUNCTION leadscore.engage_step(leadscore.engagement, leadscore.ruleset, text, timestamptz, record) IS 'transition function of the aggregate engage';
COMMENT ON FUNCTION leadscore.engage_step(leadscore.engagement, leadscore.ruleset, text, timestamptz, record, timestamptz) IS 'transition function of the aggregate engage';

CREATE AGGREGATE leadscore.engage(rules leadscore.ruleset, kind text, at timestamptz) (
  SFUNC = leadscore.engage_step,
  STYPE = leadscore.engagement,
  SSPACE = 400,
  COMBINEFUNC = leadscore.engagement_merge,
  PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.engage(rules leadscore.ruleset, kind text, at timestamptz, activity record) (
  SFUNC = leadscore.engage_step,
  STYPE = leadscore.engagement,
  SSPACE = 400,
  COMBINEFUNC = leadscore.engagement_merge,
  PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.engage(rules leadscore.ruleset, kind text, at timestamptz, activity record, as_of timestamptz) (
  SFUNC = leadscore.engage_step,
  STYPE = leadscore.engagement,
  SSPACE = 400,
  COMBINEFUNC = leadscore.engagement_merge,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE leadscore.engage(leadscore.ruleset, text, timestamptz) IS 'what activities amount to; for rule sets that read no field of them';
COMMENT ON AGGREGATE leadscore.engage(leadscore.ruleset, text, timestamptz, record) IS 'what activities amount to; those later than now() wait in the state';
COMMENT ON AGGREGATE leadscore.engage(leadscore.ruleset, text, timestamptz, record, timestamptz) IS 'what activities until as_of amount to';

-- Named values as a row. Unlike a whole row and ROW(...), a call of it can be sent to another server.

CREATE FUNCTION leadscore.fields(names text[], VARIADIC "values" "any") RETURNS record
  AS 'MODULE_PATHNAME', 'leadscore_fields' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION leadscore.fields(text[], "any") IS 'the values as a row of these names, for rules to read; can be sent to other servers';

-- All leads of a query at once. The query is run with the rights of the caller; it may call what no parallel plan may.

CREATE FUNCTION leadscore.engage_each(rules leadscore.ruleset, activities text) RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_engage_each' LANGUAGE C STABLE STRICT PARALLEL UNSAFE COST 1000 ROWS 100000;
CREATE FUNCTION leadscore.engage_each(rules leadscore.ruleset, activities text, as_of timestamptz) RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_engage_each' LANGUAGE C STABLE STRICT PARALLEL UNSAFE COST 1000 ROWS 100000;
COMMENT ON FUNCTION leadscore.engage_each(leadscore.ruleset, text) IS 'each lead of a query (key, kind, time, fields, ...) with what its activities amount to; those later than now() wait in the state';
COMMENT ON FUNCTION leadscore.engage_each(leadscore.ruleset, text, timestamptz) IS 'each lead of a query (key, kind, time, fields, ...) with what its activities until as_of amount to';
