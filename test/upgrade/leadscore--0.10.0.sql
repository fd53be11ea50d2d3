\echo Use "CREATE EXTENSION leadscore" to load this file. \quit

CREATE SCHEMA leadscore;
COMMENT ON SCHEMA leadscore IS 'B2B lead scoring: rule sets, engagement states, scores';
GRANT USAGE ON SCHEMA leadscore TO PUBLIC;

-- The type ruleset

CREATE TYPE leadscore.ruleset;

CREATE FUNCTION leadscore.ruleset_in(cstring) RETURNS leadscore.ruleset
  AS 'MODULE_PATHNAME', 'leadscore_ruleset_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.ruleset_out(leadscore.ruleset) RETURNS cstring
  AS 'MODULE_PATHNAME', 'leadscore_ruleset_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION leadscore.ruleset_recv(internal) RETURNS leadscore.ruleset
  AS 'MODULE_PATHNAME', 'leadscore_ruleset_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.ruleset_send(leadscore.ruleset) RETURNS bytea
  AS 'MODULE_PATHNAME', 'leadscore_ruleset_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leadscore.ruleset_in(cstring) IS 'I/O';
COMMENT ON FUNCTION leadscore.ruleset_out(leadscore.ruleset) IS 'I/O';
COMMENT ON FUNCTION leadscore.ruleset_recv(internal) IS 'I/O';
COMMENT ON FUNCTION leadscore.ruleset_send(leadscore.ruleset) IS 'I/O';

CREATE TYPE leadscore.ruleset (
  INPUT = leadscore.ruleset_in,
  OUTPUT = leadscore.ruleset_out,
  RECEIVE = leadscore.ruleset_recv,
  SEND = leadscore.ruleset_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = int4,
  STORAGE = extended
);
COMMENT ON TYPE leadscore.ruleset IS 'a checked rule set: how leads are scored, as JSON';

-- Casts. A rule set is JSON as it stands; JSON becomes a rule set by being checked.

CREATE FUNCTION leadscore.ruleset(json) RETURNS leadscore.ruleset
  AS 'MODULE_PATHNAME', 'leadscore_ruleset_from_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.ruleset(jsonb) RETURNS leadscore.ruleset
  AS 'MODULE_PATHNAME', 'leadscore_ruleset_from_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.jsonb(leadscore.ruleset) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'leadscore_ruleset_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION leadscore.ruleset(json) IS 'checks a rule set; keeps its text as written';
COMMENT ON FUNCTION leadscore.ruleset(jsonb) IS 'checks a rule set';
COMMENT ON FUNCTION leadscore.jsonb(leadscore.ruleset) IS 'a rule set as jsonb';

CREATE CAST (json AS leadscore.ruleset) WITH FUNCTION leadscore.ruleset(json) AS ASSIGNMENT;
CREATE CAST (jsonb AS leadscore.ruleset) WITH FUNCTION leadscore.ruleset(jsonb) AS ASSIGNMENT;
CREATE CAST (leadscore.ruleset AS json) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (leadscore.ruleset AS jsonb) WITH FUNCTION leadscore.jsonb(leadscore.ruleset) AS ASSIGNMENT;
COMMENT ON CAST (json AS leadscore.ruleset) IS 'checks a rule set; keeps its text as written';
COMMENT ON CAST (jsonb AS leadscore.ruleset) IS 'checks a rule set';
COMMENT ON CAST (leadscore.ruleset AS json) IS 'a rule set as json, as written';
COMMENT ON CAST (leadscore.ruleset AS jsonb) IS 'a rule set as jsonb';

-- Comparison: by canonical JSON

CREATE FUNCTION leadscore.ruleset_eq(leadscore.ruleset, leadscore.ruleset) RETURNS boolean
  AS 'MODULE_PATHNAME', 'leadscore_ruleset_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.ruleset_ne(leadscore.ruleset, leadscore.ruleset) RETURNS boolean
  AS 'MODULE_PATHNAME', 'leadscore_ruleset_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.ruleset_lt(leadscore.ruleset, leadscore.ruleset) RETURNS boolean
  AS 'MODULE_PATHNAME', 'leadscore_ruleset_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.ruleset_le(leadscore.ruleset, leadscore.ruleset) RETURNS boolean
  AS 'MODULE_PATHNAME', 'leadscore_ruleset_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.ruleset_gt(leadscore.ruleset, leadscore.ruleset) RETURNS boolean
  AS 'MODULE_PATHNAME', 'leadscore_ruleset_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.ruleset_ge(leadscore.ruleset, leadscore.ruleset) RETURNS boolean
  AS 'MODULE_PATHNAME', 'leadscore_ruleset_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.ruleset_cmp(leadscore.ruleset, leadscore.ruleset) RETURNS integer
  AS 'MODULE_PATHNAME', 'leadscore_ruleset_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.ruleset_hash(leadscore.ruleset) RETURNS integer
  AS 'MODULE_PATHNAME', 'leadscore_ruleset_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.ruleset_hash_extended(leadscore.ruleset, bigint) RETURNS bigint
  AS 'MODULE_PATHNAME', 'leadscore_ruleset_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION leadscore.ruleset_eq(leadscore.ruleset, leadscore.ruleset) IS 'implementation of = operator';
COMMENT ON FUNCTION leadscore.ruleset_ne(leadscore.ruleset, leadscore.ruleset) IS 'implementation of <> operator';
COMMENT ON FUNCTION leadscore.ruleset_lt(leadscore.ruleset, leadscore.ruleset) IS 'implementation of < operator';
COMMENT ON FUNCTION leadscore.ruleset_le(leadscore.ruleset, leadscore.ruleset) IS 'implementation of <= operator';
COMMENT ON FUNCTION leadscore.ruleset_gt(leadscore.ruleset, leadscore.ruleset) IS 'implementation of > operator';
COMMENT ON FUNCTION leadscore.ruleset_ge(leadscore.ruleset, leadscore.ruleset) IS 'implementation of >= operator';
COMMENT ON FUNCTION leadscore.ruleset_cmp(leadscore.ruleset, leadscore.ruleset) IS 'less-equal-greater';
COMMENT ON FUNCTION leadscore.ruleset_hash(leadscore.ruleset) IS 'hash';
COMMENT ON FUNCTION leadscore.ruleset_hash_extended(leadscore.ruleset, bigint) IS 'hash with a seed';

CREATE OPERATOR leadscore.= (
  LEFTARG = leadscore.ruleset, RIGHTARG = leadscore.ruleset, FUNCTION = leadscore.ruleset_eq,
  COMMUTATOR = OPERATOR(leadscore.=), NEGATOR = OPERATOR(leadscore.<>),
  RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR leadscore.<> (
  LEFTARG = leadscore.ruleset, RIGHTARG = leadscore.ruleset, FUNCTION = leadscore.ruleset_ne,
  COMMUTATOR = OPERATOR(leadscore.<>), NEGATOR = OPERATOR(leadscore.=),
  RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR leadscore.< (
  LEFTARG = leadscore.ruleset, RIGHTARG = leadscore.ruleset, FUNCTION = leadscore.ruleset_lt,
  COMMUTATOR = OPERATOR(leadscore.>), NEGATOR = OPERATOR(leadscore.>=),
  RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR leadscore.<= (
  LEFTARG = leadscore.ruleset, RIGHTARG = leadscore.ruleset, FUNCTION = leadscore.ruleset_le,
  COMMUTATOR = OPERATOR(leadscore.>=), NEGATOR = OPERATOR(leadscore.>),
  RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR leadscore.> (
  LEFTARG = leadscore.ruleset, RIGHTARG = leadscore.ruleset, FUNCTION = leadscore.ruleset_gt,
  COMMUTATOR = OPERATOR(leadscore.<), NEGATOR = OPERATOR(leadscore.<=),
  RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR leadscore.>= (
  LEFTARG = leadscore.ruleset, RIGHTARG = leadscore.ruleset, FUNCTION = leadscore.ruleset_ge,
  COMMUTATOR = OPERATOR(leadscore.<=), NEGATOR = OPERATOR(leadscore.<),
  RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR leadscore.= (leadscore.ruleset, leadscore.ruleset) IS 'the same rules, however they are written down';
COMMENT ON OPERATOR leadscore.<> (leadscore.ruleset, leadscore.ruleset) IS 'other rules';
COMMENT ON OPERATOR leadscore.< (leadscore.ruleset, leadscore.ruleset) IS 'less than, in an order without further meaning';
COMMENT ON OPERATOR leadscore.<= (leadscore.ruleset, leadscore.ruleset) IS 'less than or equal, in an order without further meaning';
COMMENT ON OPERATOR leadscore.> (leadscore.ruleset, leadscore.ruleset) IS 'greater than, in an order without further meaning';
COMMENT ON OPERATOR leadscore.>= (leadscore.ruleset, leadscore.ruleset) IS 'greater than or equal, in an order without further meaning';

CREATE OPERATOR FAMILY leadscore.ruleset_ops USING btree;
CREATE OPERATOR FAMILY leadscore.ruleset_ops USING hash;
COMMENT ON OPERATOR FAMILY leadscore.ruleset_ops USING btree IS 'rule sets by canonical JSON';
COMMENT ON OPERATOR FAMILY leadscore.ruleset_ops USING hash IS 'rule sets by canonical JSON';

CREATE OPERATOR CLASS leadscore.ruleset_ops DEFAULT FOR TYPE leadscore.ruleset USING btree FAMILY leadscore.ruleset_ops AS
  OPERATOR 1 leadscore.<,
  OPERATOR 2 leadscore.<=,
  OPERATOR 3 leadscore.=,
  OPERATOR 4 leadscore.>=,
  OPERATOR 5 leadscore.>,
  FUNCTION 1 leadscore.ruleset_cmp(leadscore.ruleset, leadscore.ruleset);
CREATE OPERATOR CLASS leadscore.ruleset_ops DEFAULT FOR TYPE leadscore.ruleset USING hash FAMILY leadscore.ruleset_ops AS
  OPERATOR 1 leadscore.=,
  FUNCTION 1 leadscore.ruleset_hash(leadscore.ruleset),
  FUNCTION 2 leadscore.ruleset_hash_extended(leadscore.ruleset, bigint);
COMMENT ON OPERATOR CLASS leadscore.ruleset_ops USING btree IS 'rule sets by canonical JSON';
COMMENT ON OPERATOR CLASS leadscore.ruleset_ops USING hash IS 'rule sets by canonical JSON';

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


-- All leads of a query at once. The query is run with the rights of the caller; it may call what no parallel plan may.

CREATE FUNCTION leadscore.engage_each(rules leadscore.ruleset, activities text) RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_engage_each' LANGUAGE C STABLE STRICT PARALLEL UNSAFE COST 1000 ROWS 100000;
CREATE FUNCTION leadscore.engage_each(rules leadscore.ruleset, activities text, as_of timestamptz) RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_engage_each' LANGUAGE C STABLE STRICT PARALLEL UNSAFE COST 1000 ROWS 100000;
COMMENT ON FUNCTION leadscore.engage_each(leadscore.ruleset, text) IS 'each lead of a query (key, kind, time, fields …) with what its activities amount to; those later than now() wait in the state';
COMMENT ON FUNCTION leadscore.engage_each(leadscore.ruleset, text, timestamptz) IS 'each lead of a query (key, kind, time, fields …) with what its activities until as_of amount to';
-- Scores of a lead. A default of now() is expanded at the call, so all of these depend on their arguments alone.

CREATE TYPE leadscore.scored AS (
  total float8,
  tier text,
  grade text,
  disqualified boolean,
  dimensions float8[]
);
COMMENT ON TYPE leadscore.scored IS 'a lead''s score';
COMMENT ON COLUMN leadscore.scored.total IS 'weighted sum of the dimensions, within the rule set''s range';
COMMENT ON COLUMN leadscore.scored.tier IS 'the first tier of which all that it states holds, or the one that a rule promotes to; NULL for none';
COMMENT ON COLUMN leadscore.scored.grade IS 'the grades of the dimensions, joined in their order; NULL where the rule set has none';
COMMENT ON COLUMN leadscore.scored.disqualified IS 'whether a rule disqualifies the lead';
COMMENT ON COLUMN leadscore.scored.dimensions IS 'the dimensions in the rule set''s order; dimension(rules, scored, name) reads one by name';

CREATE FUNCTION leadscore.dimension(rules leadscore.ruleset, scored leadscore.scored, name text) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_dimension' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION leadscore.dimension(leadscore.ruleset, leadscore.scored, text) IS 'a dimension of a scored lead, by name';

-- A whole row as the lead is narrowed to the columns that a constant rule set reads.
CREATE FUNCTION leadscore.score_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_score_support' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION leadscore.segments_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_segments_support' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leadscore.score_support(internal) IS 'planner support for functions that score a row';
COMMENT ON FUNCTION leadscore.segments_support(internal) IS 'planner support for segments';

CREATE FUNCTION leadscore.score(rules leadscore.ruleset, lead record, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS leadscore.scored
  AS 'MODULE_PATHNAME', 'leadscore_score' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE SUPPORT leadscore.score_support COST 50;
CREATE FUNCTION leadscore.score(rules leadscore.ruleset, lead jsonb, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS leadscore.scored
  AS 'MODULE_PATHNAME', 'leadscore_score' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100;
CREATE FUNCTION leadscore.score(rules leadscore.ruleset, lead json, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS leadscore.scored
  AS 'MODULE_PATHNAME', 'leadscore_score' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION leadscore.score(leadscore.ruleset, record, leadscore.engagement, timestamptz) IS 'a lead''s score: total, tier, grade, disqualified, dimensions';
COMMENT ON FUNCTION leadscore.score(leadscore.ruleset, jsonb, leadscore.engagement, timestamptz) IS 'a lead''s score: total, tier, grade, disqualified, dimensions';
COMMENT ON FUNCTION leadscore.score(leadscore.ruleset, json, leadscore.engagement, timestamptz) IS 'a lead''s score: total, tier, grade, disqualified, dimensions';

CREATE FUNCTION leadscore.total(rules leadscore.ruleset, lead record, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_total' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE SUPPORT leadscore.score_support COST 40;
CREATE FUNCTION leadscore.total(rules leadscore.ruleset, lead jsonb, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_total' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 80;
CREATE FUNCTION leadscore.total(rules leadscore.ruleset, lead json, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_total' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 80;
COMMENT ON FUNCTION leadscore.total(leadscore.ruleset, record, leadscore.engagement, timestamptz) IS 'the total of a lead''s score';
COMMENT ON FUNCTION leadscore.total(leadscore.ruleset, jsonb, leadscore.engagement, timestamptz) IS 'the total of a lead''s score';
COMMENT ON FUNCTION leadscore.total(leadscore.ruleset, json, leadscore.engagement, timestamptz) IS 'the total of a lead''s score';

CREATE FUNCTION leadscore.tier(rules leadscore.ruleset, lead record, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS text
  AS 'MODULE_PATHNAME', 'leadscore_tier' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE SUPPORT leadscore.score_support COST 40;
CREATE FUNCTION leadscore.tier(rules leadscore.ruleset, lead jsonb, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS text
  AS 'MODULE_PATHNAME', 'leadscore_tier' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 80;
CREATE FUNCTION leadscore.tier(rules leadscore.ruleset, lead json, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS text
  AS 'MODULE_PATHNAME', 'leadscore_tier' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 80;
COMMENT ON FUNCTION leadscore.tier(leadscore.ruleset, record, leadscore.engagement, timestamptz) IS 'the tier of a lead';
COMMENT ON FUNCTION leadscore.tier(leadscore.ruleset, jsonb, leadscore.engagement, timestamptz) IS 'the tier of a lead';
COMMENT ON FUNCTION leadscore.tier(leadscore.ruleset, json, leadscore.engagement, timestamptz) IS 'the tier of a lead';

CREATE FUNCTION leadscore.explain(rules leadscore.ruleset, lead record, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now(), OUT dimension text, OUT rule text, OUT label text, OUT points float8, OUT reason text)
  RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_explain' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE SUPPORT leadscore.score_support COST 1000 ROWS 20;
CREATE FUNCTION leadscore.explain(rules leadscore.ruleset, lead jsonb, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now(), OUT dimension text, OUT rule text, OUT label text, OUT points float8, OUT reason text)
  RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_explain' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 2000 ROWS 20;
CREATE FUNCTION leadscore.explain(rules leadscore.ruleset, lead json, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now(), OUT dimension text, OUT rule text, OUT label text, OUT points float8, OUT reason text)
  RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_explain' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 2000 ROWS 20;
COMMENT ON FUNCTION leadscore.explain(leadscore.ruleset, record, leadscore.engagement, timestamptz) IS 'a row for each thing that gave or took points; they add up to the total';
COMMENT ON FUNCTION leadscore.explain(leadscore.ruleset, jsonb, leadscore.engagement, timestamptz) IS 'a row for each thing that gave or took points; they add up to the total';
COMMENT ON FUNCTION leadscore.explain(leadscore.ruleset, json, leadscore.engagement, timestamptz) IS 'a row for each thing that gave or took points; they add up to the total';

-- What the planner makes of score, total and tier of a whole row: the columns come as arguments. With 30 rules a call takes as long as scanning four
-- rows (250 and 60 ns), that is 16 to 20 of the planner's operators; a higher COST makes it compile queries that don't gain from it.
CREATE FUNCTION leadscore.score_columns(rules leadscore.ruleset, activity leadscore.engagement, as_of timestamptz, names text[], VARIADIC columns "any") RETURNS leadscore.scored
  AS 'MODULE_PATHNAME', 'leadscore_score_columns' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 30;
CREATE FUNCTION leadscore.total_columns(rules leadscore.ruleset, activity leadscore.engagement, as_of timestamptz, names text[], VARIADIC columns "any") RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_total_columns' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20;
CREATE FUNCTION leadscore.tier_columns(rules leadscore.ruleset, activity leadscore.engagement, as_of timestamptz, names text[], VARIADIC columns "any") RETURNS text
  AS 'MODULE_PATHNAME', 'leadscore_tier_columns' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION leadscore.score_columns(leadscore.ruleset, leadscore.engagement, timestamptz, text[], "any") IS 'score with the columns that the rules read as arguments; the planner calls it';
COMMENT ON FUNCTION leadscore.total_columns(leadscore.ruleset, leadscore.engagement, timestamptz, text[], "any") IS 'total with the columns that the rules read as arguments; the planner calls it';
COMMENT ON FUNCTION leadscore.tier_columns(leadscore.ruleset, leadscore.engagement, timestamptz, text[], "any") IS 'tier with the columns that the rules read as arguments; the planner calls it';

CREATE FUNCTION leadscore.segments(rules leadscore.ruleset, lead record, as_of timestamptz DEFAULT now()) RETURNS text[]
  AS 'MODULE_PATHNAME', 'leadscore_segments' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE SUPPORT leadscore.segments_support COST 40;
CREATE FUNCTION leadscore.segments(rules leadscore.ruleset, lead jsonb, as_of timestamptz DEFAULT now()) RETURNS text[]
  AS 'MODULE_PATHNAME', 'leadscore_segments' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 80;
CREATE FUNCTION leadscore.segments(rules leadscore.ruleset, lead json, as_of timestamptz DEFAULT now()) RETURNS text[]
  AS 'MODULE_PATHNAME', 'leadscore_segments' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 80;
COMMENT ON FUNCTION leadscore.segments(leadscore.ruleset, record, timestamptz) IS 'the segments that hold for a lead, in the rule set''s order';
COMMENT ON FUNCTION leadscore.segments(leadscore.ruleset, jsonb, timestamptz) IS 'the segments that hold for a lead, in the rule set''s order';
COMMENT ON FUNCTION leadscore.segments(leadscore.ruleset, json, timestamptz) IS 'the segments that hold for a lead, in the rule set''s order';

CREATE FUNCTION leadscore.next_change(rules leadscore.ruleset, lead record, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS timestamptz
  AS 'MODULE_PATHNAME', 'leadscore_next_change' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE SUPPORT leadscore.score_support COST 500;
CREATE FUNCTION leadscore.next_change(rules leadscore.ruleset, lead jsonb, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS timestamptz
  AS 'MODULE_PATHNAME', 'leadscore_next_change' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.next_change(rules leadscore.ruleset, lead json, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS timestamptz
  AS 'MODULE_PATHNAME', 'leadscore_next_change' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION leadscore.next_change(leadscore.ruleset, record, leadscore.engagement, timestamptz) IS 'a time before which the tier stays as it is, if nothing new happens; infinity: for ever';
COMMENT ON FUNCTION leadscore.next_change(leadscore.ruleset, jsonb, leadscore.engagement, timestamptz) IS 'a time before which the tier stays as it is, if nothing new happens; infinity: for ever';
COMMENT ON FUNCTION leadscore.next_change(leadscore.ruleset, json, leadscore.engagement, timestamptz) IS 'a time before which the tier stays as it is, if nothing new happens; infinity: for ever';

-- Models: what is recorded of them. Everybody may read how scores come about, as everybody may read pg_class; rows that name leads are
-- seen by those who may see the model's own relations.

CREATE TABLE leadscore.model (
  name text PRIMARY KEY,
  id integer NOT NULL UNIQUE GENERATED BY DEFAULT AS IDENTITY,
  owner regrole NOT NULL,
  lead regclass NOT NULL,
  lead_name text NOT NULL,
  lead_alias text NOT NULL,
  lead_key text NOT NULL,
  filter text,
  security text NOT NULL CHECK (security IN ('invoker', 'owner')),
  notify boolean NOT NULL DEFAULT true,
  version integer NOT NULL,
  rebuilding boolean NOT NULL DEFAULT false,
  dimensions text[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE leadscore.model IS 'models: a rule set in force, bound to tables';
COMMENT ON COLUMN leadscore.model.name IS 'its name, and that of its schema';
COMMENT ON COLUMN leadscore.model.id IS 'its number, which the names of its triggers begin with';
COMMENT ON COLUMN leadscore.model.owner IS 'the role with whose rights its triggers read and write';
COMMENT ON COLUMN leadscore.model.lead IS 'the table or view with a row a lead';
COMMENT ON COLUMN leadscore.model.lead_name IS 'its name when it was bound: rebind looks there for what has taken its place';
COMMENT ON COLUMN leadscore.model.lead_alias IS 'the name by which expressions speak of a row of it';
COMMENT ON COLUMN leadscore.model.lead_key IS 'expression: the lead''s unique key';
COMMENT ON COLUMN leadscore.model.filter IS 'expression: which rows are leads; NULL for all';
COMMENT ON COLUMN leadscore.model.security IS 'whose rights count when the relations of the model are read: the reader''s (invoker) or the owner''s';
COMMENT ON COLUMN leadscore.model.notify IS 'whether changes of tiers are notified on the channel leadscore';
COMMENT ON COLUMN leadscore.model.version IS 'the version in force';
COMMENT ON COLUMN leadscore.model.rebuilding IS 'whether states of an earlier version are still waiting for rescore';
COMMENT ON COLUMN leadscore.model.dimensions IS 'the dimensions that have a column in the view score, in the columns'' order';
COMMENT ON COLUMN leadscore.model.created_at IS 'when it was made';

CREATE TABLE leadscore.model_version (
  model text NOT NULL,
  version integer NOT NULL,
  rules text NOT NULL,
  activity_hash bigint NOT NULL,
  note text,
  published_at timestamptz NOT NULL DEFAULT now(),
  published_by text NOT NULL DEFAULT session_user,
  PRIMARY KEY (model, version)
);
COMMENT ON TABLE leadscore.model_version IS 'every rule set that was ever published, never edited';
COMMENT ON COLUMN leadscore.model_version.model IS 'name of the model';
COMMENT ON COLUMN leadscore.model_version.version IS 'number of the version, from 1';
COMMENT ON COLUMN leadscore.model_version.rules IS 'the rule set, as JSON';
COMMENT ON COLUMN leadscore.model_version.activity_hash IS 'hash of what its rules select, measure and keep of activities: versions with one hash share states';
COMMENT ON COLUMN leadscore.model_version.note IS 'what publish was told';
COMMENT ON COLUMN leadscore.model_version.published_at IS 'when it was published';
COMMENT ON COLUMN leadscore.model_version.published_by IS 'by which session user';

CREATE TABLE leadscore.binding (
  id integer PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
  model text NOT NULL,
  role text NOT NULL CHECK (role IN ('lead', 'activity', 'watch')),
  source regclass NOT NULL,
  source_name text NOT NULL,
  alias text NOT NULL,
  lead_key text,
  lead_key_type regtype,
  kind text,
  at text,
  filter text,
  fields text,
  leads text,
  reads_tables boolean NOT NULL DEFAULT false,
  hop_table text,
  hop_key text,
  hop_from text,
  hop_condition text
);
CREATE INDEX ON leadscore.binding (model);
CREATE INDEX ON leadscore.binding (source);
COMMENT ON TABLE leadscore.binding IS 'the tables whose changes a model follows';
COMMENT ON COLUMN leadscore.binding.id IS 'its number, which the names of its triggers have after that of the model';
COMMENT ON COLUMN leadscore.binding.model IS 'name of the model';
COMMENT ON COLUMN leadscore.binding.role IS 'what its rows are: leads, activities, or something that these look into (watch)';
COMMENT ON COLUMN leadscore.binding.source IS 'the table';
COMMENT ON COLUMN leadscore.binding.source_name IS 'its name when it was bound: rebind looks there for what has taken its place';
COMMENT ON COLUMN leadscore.binding.alias IS 'the name by which expressions speak of a row of it';
COMMENT ON COLUMN leadscore.binding.lead_key IS 'activity: expression, the key of the lead that it belongs to';
COMMENT ON COLUMN leadscore.binding.lead_key_type IS 'activity: type of that expression';
COMMENT ON COLUMN leadscore.binding.kind IS 'activity: expression, text';
COMMENT ON COLUMN leadscore.binding.at IS 'activity: expression, timestamptz';
COMMENT ON COLUMN leadscore.binding.filter IS 'activity: expression, which rows count; NULL for all';
COMMENT ON COLUMN leadscore.binding.fields IS 'activity: expression, the row that rules read; NULL for the whole row';
COMMENT ON COLUMN leadscore.binding.leads IS 'watch: expression, an array of the keys of the leads that a row concerns';
COMMENT ON COLUMN leadscore.binding.reads_tables IS 'whether an expression looks into watched tables';
COMMENT ON COLUMN leadscore.binding.hop_table IS 'activity: where lead_key is looked up in one other table by a column, that table';
COMMENT ON COLUMN leadscore.binding.hop_key IS 'activity: the column there that holds the key';
COMMENT ON COLUMN leadscore.binding.hop_from IS 'activity: the column of the source by which the row there is found';
COMMENT ON COLUMN leadscore.binding.hop_condition IS 'activity: which row there it is';

CREATE TABLE leadscore.transition (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  model text NOT NULL,
  lead_key text,
  old_tier text,
  new_tier text,
  old_total float8,
  new_total float8,
  version integer NOT NULL,
  cause text NOT NULL CHECK (cause IN ('activity', 'lead', 'clock', 'publish', 'rescore')),
  rules text[],
  leads bigint NOT NULL DEFAULT 1,
  at timestamptz NOT NULL
);
-- What tells rows apart comes first, so that inserts compare one column.
CREATE INDEX ON leadscore.transition (at, model);
CREATE INDEX ON leadscore.transition (lead_key, model);
COMMENT ON TABLE leadscore.transition IS 'changes of tiers, each written in the transaction that caused it';
COMMENT ON COLUMN leadscore.transition.id IS 'number of the row; notifications name it';
COMMENT ON COLUMN leadscore.transition.model IS 'name of the model';
COMMENT ON COLUMN leadscore.transition.lead_key IS 'the lead; NULL in the summary that publish writes';
COMMENT ON COLUMN leadscore.transition.old_tier IS 'the tier before; NULL for none';
COMMENT ON COLUMN leadscore.transition.new_tier IS 'the tier after; NULL for none';
COMMENT ON COLUMN leadscore.transition.old_total IS 'the total when the old tier was written';
COMMENT ON COLUMN leadscore.transition.new_total IS 'the total now';
COMMENT ON COLUMN leadscore.transition.version IS 'the version by which the lead is scored now';
COMMENT ON COLUMN leadscore.transition.cause IS 'what brought it about: activity, lead, clock, publish, rescore';
COMMENT ON COLUMN leadscore.transition.rules IS 'the rules that moved most, at most three';
COMMENT ON COLUMN leadscore.transition.leads IS 'how many leads the row speaks of: 1, or in a summary those that changed';
COMMENT ON COLUMN leadscore.transition.at IS 'as of when it is scored';

CREATE TABLE leadscore.problem (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  model text NOT NULL,
  source regclass,
  key text,
  message text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON leadscore.problem (model, at);
CREATE INDEX ON leadscore.problem (model, source, key);
COMMENT ON TABLE leadscore.problem IS 'rows that could not be scored while they were written';
COMMENT ON COLUMN leadscore.problem.id IS 'number of the row';
COMMENT ON COLUMN leadscore.problem.model IS 'name of the model';
COMMENT ON COLUMN leadscore.problem.source IS 'the table or view that the row is of';
COMMENT ON COLUMN leadscore.problem.key IS 'the primary key of the row, or the row itself where it has none';
COMMENT ON COLUMN leadscore.problem.message IS 'what is wrong with it';
COMMENT ON COLUMN leadscore.problem.at IS 'when it was met';

CREATE TABLE leadscore.rescore_run (
  model text PRIMARY KEY,
  version integer NOT NULL,
  batch integer NOT NULL,
  done bigint NOT NULL DEFAULT 0,
  total bigint NOT NULL,
  position text,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  resumed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  resumed_done bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz
);
COMMENT ON TABLE leadscore.rescore_run IS 'where the latest rescore of each model stands; leadscore.progress is for people';
COMMENT ON COLUMN leadscore.rescore_run.model IS 'name of the model';
COMMENT ON COLUMN leadscore.rescore_run.version IS 'the version that was in force when it began';
COMMENT ON COLUMN leadscore.rescore_run.batch IS 'how many leads a transaction takes';
COMMENT ON COLUMN leadscore.rescore_run.done IS 'how many leads are done';
COMMENT ON COLUMN leadscore.rescore_run.total IS 'how many there were to do';
COMMENT ON COLUMN leadscore.rescore_run.position IS 'the last key that was done; a run that was stopped goes on from there';
COMMENT ON COLUMN leadscore.rescore_run.started_at IS 'when it began';
COMMENT ON COLUMN leadscore.rescore_run.resumed_at IS 'when it was called the last time, having been stopped';
COMMENT ON COLUMN leadscore.rescore_run.resumed_done IS 'what was done by then';
COMMENT ON COLUMN leadscore.rescore_run.updated_at IS 'when the latest batch was done';
COMMENT ON COLUMN leadscore.rescore_run.finished_at IS 'when it came to its end; NULL before';

CREATE VIEW leadscore.progress AS
  SELECT r.model, r.version, r.done, r.total,
    round(100.0 * r.done / greatest(r.total, 1), 1) AS percent,
    p.running,
    round(p.rate::numeric) AS leads_per_second,
    CASE WHEN p.running AND p.rate > 0
      THEN date_trunc('second', make_interval(secs => greatest(r.total - r.done, 0) / p.rate)) END AS time_left,
    r.started_at, r.updated_at, r.finished_at
  FROM leadscore.rescore_run r,
    LATERAL (
      SELECT
        (r.done - r.resumed_done) / nullif(extract(epoch FROM r.updated_at - r.resumed_at)::float8, 0) AS rate,
        r.finished_at IS NULL AND EXISTS (
          SELECT FROM pg_catalog.pg_locks l
          WHERE l.locktype = 'object' AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())
            AND l.classid = 'pg_catalog.pg_class'::regclass AND l.objid = to_regclass(format('%I.state', r.model)) AND l.objsubid = 2
        ) AS running
    ) p;
COMMENT ON VIEW leadscore.progress IS 'how far the latest rescore of each model is';
COMMENT ON COLUMN leadscore.progress.model IS 'name of the model';
COMMENT ON COLUMN leadscore.progress.version IS 'the version that was in force when it began';
COMMENT ON COLUMN leadscore.progress.done IS 'how many leads are done';
COMMENT ON COLUMN leadscore.progress.total IS 'how many there were to do';
COMMENT ON COLUMN leadscore.progress.percent IS 'the part that is done';
COMMENT ON COLUMN leadscore.progress.running IS 'whether a session is at it';
COMMENT ON COLUMN leadscore.progress.leads_per_second IS 'since it was called the last time';
COMMENT ON COLUMN leadscore.progress.time_left IS 'by that; NULL where it is not running';
COMMENT ON COLUMN leadscore.progress.started_at IS 'when it began';
COMMENT ON COLUMN leadscore.progress.updated_at IS 'when the latest batch was done';
COMMENT ON COLUMN leadscore.progress.finished_at IS 'when it came to its end; NULL before';

-- Who sees what. Owners of models write these rows themselves: triggers work with the owner's rights.

GRANT SELECT ON leadscore.model, leadscore.model_version, leadscore.binding, leadscore.rescore_run, leadscore.progress TO PUBLIC;

ALTER TABLE leadscore.transition ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON leadscore.transition TO PUBLIC;
CREATE POLICY readers ON leadscore.transition FOR SELECT
  USING (model IN (SELECT m.name FROM leadscore.model m
    JOIN pg_catalog.pg_namespace n ON n.nspname = m.name JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'transitions'
    WHERE has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')));
CREATE POLICY owners_write ON leadscore.transition FOR INSERT
  WITH CHECK (model IN (SELECT m.name FROM leadscore.model m WHERE pg_has_role(m.owner, 'USAGE')));
CREATE POLICY owners_delete ON leadscore.transition FOR DELETE
  USING (model IN (SELECT m.name FROM leadscore.model m WHERE pg_has_role(m.owner, 'USAGE')));

ALTER TABLE leadscore.problem ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON leadscore.problem TO PUBLIC;
CREATE POLICY owners ON leadscore.problem
  USING (model IN (SELECT m.name FROM leadscore.model m WHERE pg_has_role(m.owner, 'USAGE')));

-- A dump takes the rows along: models live on in the database that it is restored into.

SELECT pg_catalog.pg_extension_config_dump('leadscore.model', '');
SELECT pg_catalog.pg_extension_config_dump('leadscore.model_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('leadscore.model_version', '');
SELECT pg_catalog.pg_extension_config_dump('leadscore.binding', '');
SELECT pg_catalog.pg_extension_config_dump('leadscore.binding_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('leadscore.transition', '');
SELECT pg_catalog.pg_extension_config_dump('leadscore.transition_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('leadscore.problem', '');
SELECT pg_catalog.pg_extension_config_dump('leadscore.problem_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('leadscore.rescore_run', '');
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

-- The columns of the view score. In place of the whole row the planner passes the columns that the rule set in force reads (…_columns); "lead_row", where it is, is of type
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
-- Why a lead has its score, and what it was. All of these read with the reader's own rights, unless the reader may act as the model's
-- owner or, where the model has security => 'owner', may read its view score. Activities are read in subtransactions, which
-- parallel plans can't have.

CREATE FUNCTION leadscore.why(model text, lead_key text, as_of timestamptz DEFAULT NULL, OUT dimension text, OUT rule text, OUT label text, OUT points float8, OUT reason text) RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_why' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 10000 ROWS 20;
COMMENT ON FUNCTION leadscore.why(text, text, timestamptz) IS 'why a lead has its score: a row for each thing that gave or took points; with as_of, by its activities up to then';

CREATE FUNCTION leadscore.why_changed(model text, lead_key text, since timestamptz, until timestamptz DEFAULT now(), OUT dimension text, OUT rule text, OUT label text, OUT before float8, OUT after float8, OUT delta float8) RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_why_changed' LANGUAGE C STABLE STRICT PARALLEL UNSAFE COST 20000 ROWS 10;
COMMENT ON FUNCTION leadscore.why_changed(text, text, timestamptz, timestamptz) IS 'what gave a lead other points at one time than at another, the largest change first; the deltas add up to the change of the total';

CREATE FUNCTION leadscore.score_at(model text, lead_key text, as_of timestamptz, version integer DEFAULT NULL) RETURNS leadscore.scored
  AS 'MODULE_PATHNAME', 'leadscore_score_at' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 10000;
COMMENT ON FUNCTION leadscore.score_at(text, text, timestamptz, integer) IS 'a lead''s score at any time, from its activities up to then and its row of today, by the version in force or another';

CREATE FUNCTION leadscore.timeline(model text, lead_key text, since timestamptz, until timestamptz DEFAULT now(), step interval DEFAULT '1 day', OUT at timestamptz, OUT total float8, OUT tier text, OUT grade text, OUT disqualified boolean) RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_timeline' LANGUAGE C STABLE STRICT PARALLEL UNSAFE COST 10000 ROWS 100;
COMMENT ON FUNCTION leadscore.timeline(text, text, timestamptz, timestamptz, interval) IS 'a lead''s score at since and every step later up to until, from its activities up to then and its row of today';

CREATE FUNCTION leadscore.touches(model text, lead_key text, as_of timestamptz DEFAULT NULL, OUT at timestamptz, OUT kind text, OUT source regclass, OUT rules text[], OUT points float8) RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_touches' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 10000 ROWS 100;
COMMENT ON FUNCTION leadscore.touches(text, text, timestamptz) IS 'a lead''s activities, the newest first (100,000 at most), each with the rules that count it and what their points would lose without it; with as_of, those up to then';
-- What changes to tables mean for the models that follow them

CREATE FUNCTION leadscore.on_ddl() RETURNS event_trigger
  AS 'MODULE_PATHNAME', 'leadscore_on_ddl' LANGUAGE C;
COMMENT ON FUNCTION leadscore.on_ddl() IS 'keeps models right when tables that they follow are changed, attached, detached or dropped';

CREATE EVENT TRIGGER leadscore_before_ddl ON ddl_command_start
  WHEN TAG IN ('ALTER FOREIGN TABLE', 'ALTER INDEX', 'ALTER MATERIALIZED VIEW', 'ALTER SCHEMA', 'ALTER TABLE', 'ALTER VIEW', 'CREATE RULE', 'CREATE TRIGGER', 'DROP TABLE')
  EXECUTE FUNCTION leadscore.on_ddl();
COMMENT ON EVENT TRIGGER leadscore_before_ddl IS 'notes whose rows go with a table, keeps a model''s schema under its name, and its table state as the model needs it';

CREATE EVENT TRIGGER leadscore_after_ddl ON ddl_command_end
  WHEN TAG IN ('ALTER AGGREGATE', 'ALTER COLLATION', 'ALTER DOMAIN', 'ALTER FOREIGN TABLE', 'ALTER FUNCTION', 'ALTER MATERIALIZED VIEW', 'ALTER OPERATOR',
    'ALTER ROUTINE', 'ALTER SCHEMA', 'ALTER TABLE', 'ALTER TYPE', 'ALTER VIEW', 'CREATE FOREIGN TABLE', 'CREATE SCHEMA', 'CREATE TABLE', 'CREATE VIEW')
  EXECUTE FUNCTION leadscore.on_ddl();
COMMENT ON EVENT TRIGGER leadscore_after_ddl IS 'puts triggers on new partitions, takes them off detached ones, recomputes their leads, and refuses what a model could not live with';

CREATE EVENT TRIGGER leadscore_after_drop ON sql_drop
  EXECUTE FUNCTION leadscore.on_ddl();
COMMENT ON EVENT TRIGGER leadscore_after_drop IS 'takes what was dropped out of the models that followed it';

CREATE FUNCTION leadscore.rebind(model text) RETURNS void
  AS 'MODULE_PATHNAME', 'leadscore_rebind' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE;
COMMENT ON FUNCTION leadscore.rebind(text) IS 'makes the views and triggers of a model anew after a relation was replaced by another of its name, and recomputes every lead';

CREATE FUNCTION leadscore.status(model text DEFAULT NULL) RETURNS TABLE (model text, part text, ok boolean, detail text)
  AS 'MODULE_PATHNAME', 'leadscore_status' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 20;
COMMENT ON FUNCTION leadscore.status(text) IS 'each part of a model: is it as it should be, and what to do where not; of all models without an argument';
