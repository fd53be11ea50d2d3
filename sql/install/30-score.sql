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

CREATE FUNCTION leadscore.probability(rules leadscore.ruleset, lead record, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_probability' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE SUPPORT leadscore.score_support COST 40;
CREATE FUNCTION leadscore.probability(rules leadscore.ruleset, lead jsonb, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_probability' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 80;
CREATE FUNCTION leadscore.probability(rules leadscore.ruleset, lead json, activity leadscore.engagement DEFAULT NULL, as_of timestamptz DEFAULT now()) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_probability' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 80;
CREATE FUNCTION leadscore.probability(rules leadscore.ruleset, total float8) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_probability_of_total' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 4;
COMMENT ON FUNCTION leadscore.probability(leadscore.ruleset, record, leadscore.engagement, timestamptz) IS 'the probability that a lead is won, as the rule set''s "probability" says; NULL where it has none';
COMMENT ON FUNCTION leadscore.probability(leadscore.ruleset, jsonb, leadscore.engagement, timestamptz) IS 'the probability that a lead is won, as the rule set''s "probability" says; NULL where it has none';
COMMENT ON FUNCTION leadscore.probability(leadscore.ruleset, json, leadscore.engagement, timestamptz) IS 'the probability that a lead is won, as the rule set''s "probability" says; NULL where it has none';
COMMENT ON FUNCTION leadscore.probability(leadscore.ruleset, float8) IS 'the probability that a lead with that total is won, as the rule set''s "probability" says; NULL where it has none';

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

-- What the planner makes of score, total, probability and tier of a whole row: the columns come as arguments. With 30 rules a call takes as long as scanning four
-- rows (250 and 60 ns), that is 16 to 20 of the planner's operators; a higher COST makes it compile queries that don't gain from it.
CREATE FUNCTION leadscore.score_columns(rules leadscore.ruleset, activity leadscore.engagement, as_of timestamptz, names text[], VARIADIC columns "any") RETURNS leadscore.scored
  AS 'MODULE_PATHNAME', 'leadscore_score_columns' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 30;
CREATE FUNCTION leadscore.total_columns(rules leadscore.ruleset, activity leadscore.engagement, as_of timestamptz, names text[], VARIADIC columns "any") RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_total_columns' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20;
CREATE FUNCTION leadscore.probability_columns(rules leadscore.ruleset, activity leadscore.engagement, as_of timestamptz, names text[], VARIADIC columns "any") RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_probability_columns' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20;
CREATE FUNCTION leadscore.tier_columns(rules leadscore.ruleset, activity leadscore.engagement, as_of timestamptz, names text[], VARIADIC columns "any") RETURNS text
  AS 'MODULE_PATHNAME', 'leadscore_tier_columns' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION leadscore.score_columns(leadscore.ruleset, leadscore.engagement, timestamptz, text[], "any") IS 'score with the columns that the rules read as arguments; the planner calls it';
COMMENT ON FUNCTION leadscore.total_columns(leadscore.ruleset, leadscore.engagement, timestamptz, text[], "any") IS 'total with the columns that the rules read as arguments; the planner calls it';
COMMENT ON FUNCTION leadscore.probability_columns(leadscore.ruleset, leadscore.engagement, timestamptz, text[], "any") IS 'probability with the columns that the rules read as arguments; the planner calls it';
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

