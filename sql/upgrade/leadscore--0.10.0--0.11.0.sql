\echo Use "ALTER EXTENSION leadscore UPDATE TO '0.11.0'" to load this file. \quit

-- Models are no members of the extension: SELECT leadscore.rebind(name) FROM leadscore.model makes them as new ones are, and gives their owners the right to tidy up.

CREATE FUNCTION leadscore.fields(names text[], VARIADIC "values" "any") RETURNS record
  AS 'MODULE_PATHNAME', 'leadscore_fields' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION leadscore.fields(text[], "any") IS 'the values as a row of these names, for rules to read; can be sent to other servers';
-- In ASCII, as databases of any encoding can read it.
COMMENT ON FUNCTION leadscore.engage_each(leadscore.ruleset, text) IS 'each lead of a query (key, kind, time, fields, ...) with what its activities amount to; those later than now() wait in the state';
COMMENT ON FUNCTION leadscore.engage_each(leadscore.ruleset, text, timestamptz) IS 'each lead of a query (key, kind, time, fields, ...) with what its activities until as_of amount to';

REVOKE SELECT ON leadscore.rescore_run FROM PUBLIC;
GRANT SELECT (model, version, batch, done, total, started_at, resumed_at, resumed_done, updated_at, finished_at) ON leadscore.rescore_run TO PUBLIC;
REVOKE INSERT, DELETE ON leadscore.transition FROM PUBLIC;
GRANT INSERT (model, lead_key, old_tier, new_tier, old_total, new_total, version, cause, rules, leads, at) ON leadscore.transition TO PUBLIC;
REVOKE INSERT, DELETE ON leadscore.problem FROM PUBLIC;
GRANT INSERT (model, source, key, message, at) ON leadscore.problem TO PUBLIC;

-- How good scores are: aggregates over a score, or a probability, and what became of the lead. A set can't be the result of an aggregate, so tables
-- are arrays of a composite type: SELECT t.* FROM (SELECT leadscore.lift_table(score, won, 10) AS rows FROM deal) d, unnest(d.rows) t

CREATE TYPE leadscore.auc_interval AS (
  auc float8,
  low float8,
  high float8,
  standard_error float8,
  positives bigint,
  negatives bigint,
  ignored bigint
);
COMMENT ON TYPE leadscore.auc_interval IS 'the area under a ROC curve with its confidence interval';
COMMENT ON COLUMN leadscore.auc_interval.standard_error IS 'DeLong''s; NULL with fewer than two positives or negatives, as low and high';
COMMENT ON COLUMN leadscore.auc_interval.ignored IS 'rows whose score or outcome is NULL';

CREATE TYPE leadscore.lift_bucket AS (
  bucket integer,
  lowest float8,
  highest float8,
  n bigint,
  positives bigint,
  rate float8,
  lift float8,
  share float8,
  gain float8,
  total_lift float8
);
COMMENT ON TYPE leadscore.lift_bucket IS 'some of the rows with neighbouring scores, the highest first, and how many of them were positive';
COMMENT ON COLUMN leadscore.lift_bucket.bucket IS 'its number from 1, the highest scores; where rows of one score fill several, numbers are left out';
COMMENT ON COLUMN leadscore.lift_bucket.rate IS 'share of positives';
COMMENT ON COLUMN leadscore.lift_bucket.lift IS 'rate by the share of positives in all rows';
COMMENT ON COLUMN leadscore.lift_bucket.share IS 'of all rows, in this bucket and those before';
COMMENT ON COLUMN leadscore.lift_bucket.gain IS 'of all positives, in this bucket and those before';
COMMENT ON COLUMN leadscore.lift_bucket.total_lift IS 'lift of this bucket and those before';

CREATE TYPE leadscore.calibration_bucket AS (
  bucket integer,
  lowest float8,
  highest float8,
  n bigint,
  positives bigint,
  predicted float8,
  observed float8,
  low float8,
  high float8
);
COMMENT ON TYPE leadscore.calibration_bucket IS 'some of the rows with neighbouring probabilities, the lowest first, and how many of them were positive';
COMMENT ON COLUMN leadscore.calibration_bucket.bucket IS 'its number from 1, the lowest probabilities; where rows of one probability fill several, numbers are left out';
COMMENT ON COLUMN leadscore.calibration_bucket.predicted IS 'mean probability';
COMMENT ON COLUMN leadscore.calibration_bucket.observed IS 'share of positives';
COMMENT ON COLUMN leadscore.calibration_bucket.low IS 'lower bound of Wilson''s 95 % interval of observed';
COMMENT ON COLUMN leadscore.calibration_bucket.high IS 'its upper bound';

CREATE TYPE leadscore.roc_point AS (
  threshold float8,
  true_positives bigint,
  false_positives bigint,
  true_positive_rate float8,
  false_positive_rate float8,
  "precision" float8
);
COMMENT ON TYPE leadscore.roc_point IS 'what is above a threshold';
COMMENT ON COLUMN leadscore.roc_point.threshold IS 'scores of at least that; NULL: none, where the curve begins';
COMMENT ON COLUMN leadscore.roc_point.true_positives IS 'positives among them';
COMMENT ON COLUMN leadscore.roc_point.false_positives IS 'negatives among them';
COMMENT ON COLUMN leadscore.roc_point.true_positive_rate IS 'share of all positives that is among them; also called sensitivity, or recall';
COMMENT ON COLUMN leadscore.roc_point.false_positive_rate IS 'share of all negatives that is among them; also 1 - specificity';
COMMENT ON COLUMN leadscore.roc_point."precision" IS 'share of positives among them';

CREATE TYPE leadscore.woe_level AS (
  value text,
  n bigint,
  positives bigint,
  negatives bigint,
  woe float8,
  iv float8,
  total_iv float8,
  adjusted boolean
);
COMMENT ON TYPE leadscore.woe_level IS 'a value of a column with its weight of evidence';
COMMENT ON COLUMN leadscore.woe_level.woe IS 'ln(share of all positives / share of all negatives)';
COMMENT ON COLUMN leadscore.woe_level.iv IS 'what it adds to the information value';
COMMENT ON COLUMN leadscore.woe_level.total_iv IS 'the information value of the column';
COMMENT ON COLUMN leadscore.woe_level.adjusted IS 'it has only positives or only negatives, and counts as if it had half a row more of each';

-- The state of all aggregates over a score. PostgreSQL keeps one for all of them that have the same arguments.

CREATE FUNCTION leadscore.outcomes_step(internal, float8, boolean) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_outcomes_step' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE;
CREATE FUNCTION leadscore.outcomes_step(internal, float8, boolean, float8) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_outcomes_step_number' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE;
CREATE FUNCTION leadscore.outcomes_step(internal, float8, boolean, integer) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_outcomes_step_buckets' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE;
CREATE FUNCTION leadscore.outcomes_combine(internal, internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_outcomes_combine' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.outcomes_serial(internal) RETURNS bytea
  AS 'MODULE_PATHNAME', 'leadscore_outcomes_serial' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.outcomes_deserial(bytea, internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_outcomes_deserial' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION leadscore.outcomes_step(internal, float8, boolean) IS 'transition function of auc and other measures';
COMMENT ON FUNCTION leadscore.outcomes_step(internal, float8, boolean, float8) IS 'transition function of measures that take a number';
COMMENT ON FUNCTION leadscore.outcomes_step(internal, float8, boolean, integer) IS 'transition function of measures that take a number of buckets';
COMMENT ON FUNCTION leadscore.outcomes_combine(internal, internal) IS 'combine function of auc and other measures';
COMMENT ON FUNCTION leadscore.outcomes_serial(internal) IS 'serial function of auc and other measures';
COMMENT ON FUNCTION leadscore.outcomes_deserial(bytea, internal) IS 'deserial function of auc and other measures';

CREATE FUNCTION leadscore.auc_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_auc_final' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.auc_ci_final(internal) RETURNS leadscore.auc_interval
  AS 'MODULE_PATHNAME', 'leadscore_auc_ci_final' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.average_precision_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_average_precision_final' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.log_loss_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_log_loss_final' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.brier_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_brier_final' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.ks_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_ks_final' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.lift_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_lift_final' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.psi_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_psi_final' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.lift_table_final(internal) RETURNS leadscore.lift_bucket[]
  AS 'MODULE_PATHNAME', 'leadscore_lift_table_final' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.calibration_table_final(internal) RETURNS leadscore.calibration_bucket[]
  AS 'MODULE_PATHNAME', 'leadscore_calibration_table_final' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.roc_curve_final(internal) RETURNS leadscore.roc_point[]
  AS 'MODULE_PATHNAME', 'leadscore_roc_curve_final' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION leadscore.auc_final(internal) IS 'final function of auc';
COMMENT ON FUNCTION leadscore.auc_ci_final(internal) IS 'final function of auc_ci';
COMMENT ON FUNCTION leadscore.average_precision_final(internal) IS 'final function of average_precision';
COMMENT ON FUNCTION leadscore.log_loss_final(internal) IS 'final function of log_loss';
COMMENT ON FUNCTION leadscore.brier_final(internal) IS 'final function of brier';
COMMENT ON FUNCTION leadscore.ks_final(internal) IS 'final function of ks';
COMMENT ON FUNCTION leadscore.lift_final(internal) IS 'final function of lift';
COMMENT ON FUNCTION leadscore.psi_final(internal) IS 'final function of psi of numbers';
COMMENT ON FUNCTION leadscore.lift_table_final(internal) IS 'final function of lift_table';
COMMENT ON FUNCTION leadscore.calibration_table_final(internal) IS 'final function of calibration_table';
COMMENT ON FUNCTION leadscore.roc_curve_final(internal) IS 'final function of roc_curve';

CREATE AGGREGATE leadscore.auc(score float8, outcome boolean) (
  SFUNC = leadscore.outcomes_step, STYPE = internal, FINALFUNC = leadscore.auc_final, SSPACE = 1024,
  COMBINEFUNC = leadscore.outcomes_combine, SERIALFUNC = leadscore.outcomes_serial, DESERIALFUNC = leadscore.outcomes_deserial, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.auc_ci(score float8, outcome boolean) (
  SFUNC = leadscore.outcomes_step, STYPE = internal, FINALFUNC = leadscore.auc_ci_final, SSPACE = 1024,
  COMBINEFUNC = leadscore.outcomes_combine, SERIALFUNC = leadscore.outcomes_serial, DESERIALFUNC = leadscore.outcomes_deserial, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.auc_ci(score float8, outcome boolean, level float8) (
  SFUNC = leadscore.outcomes_step, STYPE = internal, FINALFUNC = leadscore.auc_ci_final, SSPACE = 1024,
  COMBINEFUNC = leadscore.outcomes_combine, SERIALFUNC = leadscore.outcomes_serial, DESERIALFUNC = leadscore.outcomes_deserial, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.average_precision(score float8, outcome boolean) (
  SFUNC = leadscore.outcomes_step, STYPE = internal, FINALFUNC = leadscore.average_precision_final, SSPACE = 1024,
  COMBINEFUNC = leadscore.outcomes_combine, SERIALFUNC = leadscore.outcomes_serial, DESERIALFUNC = leadscore.outcomes_deserial, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.log_loss(probability float8, outcome boolean) (
  SFUNC = leadscore.outcomes_step, STYPE = internal, FINALFUNC = leadscore.log_loss_final, SSPACE = 1024,
  COMBINEFUNC = leadscore.outcomes_combine, SERIALFUNC = leadscore.outcomes_serial, DESERIALFUNC = leadscore.outcomes_deserial, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.brier(probability float8, outcome boolean) (
  SFUNC = leadscore.outcomes_step, STYPE = internal, FINALFUNC = leadscore.brier_final, SSPACE = 1024,
  COMBINEFUNC = leadscore.outcomes_combine, SERIALFUNC = leadscore.outcomes_serial, DESERIALFUNC = leadscore.outcomes_deserial, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.ks(score float8, outcome boolean) (
  SFUNC = leadscore.outcomes_step, STYPE = internal, FINALFUNC = leadscore.ks_final, SSPACE = 1024,
  COMBINEFUNC = leadscore.outcomes_combine, SERIALFUNC = leadscore.outcomes_serial, DESERIALFUNC = leadscore.outcomes_deserial, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.lift(score float8, outcome boolean, fraction float8) (
  SFUNC = leadscore.outcomes_step, STYPE = internal, FINALFUNC = leadscore.lift_final, SSPACE = 1024,
  COMBINEFUNC = leadscore.outcomes_combine, SERIALFUNC = leadscore.outcomes_serial, DESERIALFUNC = leadscore.outcomes_deserial, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.lift_table(score float8, outcome boolean, buckets integer) (
  SFUNC = leadscore.outcomes_step, STYPE = internal, FINALFUNC = leadscore.lift_table_final, SSPACE = 1024,
  COMBINEFUNC = leadscore.outcomes_combine, SERIALFUNC = leadscore.outcomes_serial, DESERIALFUNC = leadscore.outcomes_deserial, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.calibration_table(probability float8, outcome boolean, buckets integer) (
  SFUNC = leadscore.outcomes_step, STYPE = internal, FINALFUNC = leadscore.calibration_table_final, SSPACE = 1024,
  COMBINEFUNC = leadscore.outcomes_combine, SERIALFUNC = leadscore.outcomes_serial, DESERIALFUNC = leadscore.outcomes_deserial, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.roc_curve(score float8, outcome boolean) (
  SFUNC = leadscore.outcomes_step, STYPE = internal, FINALFUNC = leadscore.roc_curve_final, SSPACE = 1024,
  COMBINEFUNC = leadscore.outcomes_combine, SERIALFUNC = leadscore.outcomes_serial, DESERIALFUNC = leadscore.outcomes_deserial, PARALLEL = SAFE
);
COMMENT ON AGGREGATE leadscore.auc(float8, boolean) IS 'area under the ROC curve: how probably a positive outcome has a higher score than a negative one; a tie is one half';
COMMENT ON AGGREGATE leadscore.auc_ci(float8, boolean) IS 'auc with DeLong''s 95 % confidence interval';
COMMENT ON AGGREGATE leadscore.auc_ci(float8, boolean, float8) IS 'auc with DeLong''s confidence interval of a level such as 0.99';
COMMENT ON AGGREGATE leadscore.average_precision(float8, boolean) IS 'mean of the precision at each score, weighted by the recall that it adds';
COMMENT ON AGGREGATE leadscore.log_loss(float8, boolean) IS 'mean of -ln of the probability that was given to what came';
COMMENT ON AGGREGATE leadscore.brier(float8, boolean) IS 'mean squared difference of probability and outcome';
COMMENT ON AGGREGATE leadscore.ks(float8, boolean) IS 'greatest difference between the distributions of scores of positive and negative outcomes';
COMMENT ON AGGREGATE leadscore.lift(float8, boolean, float8) IS 'how much more frequent positive outcomes are in this fraction of rows, those with the highest scores, than in all';
COMMENT ON AGGREGATE leadscore.lift_table(float8, boolean, integer) IS 'rows in about equally large buckets by score, the highest first, with the positive outcomes in each';
COMMENT ON AGGREGATE leadscore.calibration_table(float8, boolean, integer) IS 'rows in about equally large buckets by probability, the lowest first: what was predicted, and what came';
COMMENT ON AGGREGATE leadscore.roc_curve(float8, boolean) IS 'the ROC curve: a point for each distinct score, the highest first';

-- What a column tells of an outcome. Values of any type, told apart by their text form, which settings may take part in.

CREATE FUNCTION leadscore.categories_step(internal, anyelement, boolean) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_categories_step' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE;
CREATE FUNCTION leadscore.categories_combine(internal, internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_categories_combine' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.categories_serial(internal) RETURNS bytea
  AS 'MODULE_PATHNAME', 'leadscore_categories_serial' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.categories_deserial(bytea, internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_categories_deserial' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.woe_table_final(internal) RETURNS leadscore.woe_level[]
  AS 'MODULE_PATHNAME', 'leadscore_woe_table_final' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.categories_psi_final(internal) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_categories_psi_final' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION leadscore.categories_step(internal, anyelement, boolean) IS 'transition function of woe_table, and of psi of categories';
COMMENT ON FUNCTION leadscore.categories_combine(internal, internal) IS 'combine function of woe_table, and of psi of categories';
COMMENT ON FUNCTION leadscore.categories_serial(internal) IS 'serial function of woe_table, and of psi of categories';
COMMENT ON FUNCTION leadscore.categories_deserial(bytea, internal) IS 'deserial function of woe_table, and of psi of categories';
COMMENT ON FUNCTION leadscore.woe_table_final(internal) IS 'final function of woe_table';
COMMENT ON FUNCTION leadscore.categories_psi_final(internal) IS 'final function of psi of categories';

CREATE AGGREGATE leadscore.woe_table(value anyelement, outcome boolean) (
  SFUNC = leadscore.categories_step, STYPE = internal, FINALFUNC = leadscore.woe_table_final, SSPACE = 4096,
  COMBINEFUNC = leadscore.categories_combine, SERIALFUNC = leadscore.categories_serial, DESERIALFUNC = leadscore.categories_deserial, PARALLEL = SAFE
);
COMMENT ON AGGREGATE leadscore.woe_table(anyelement, boolean) IS 'each value of a column with its weight of evidence, and the information value of the column';

-- How far a column has moved: aggregates over rows of which some are expected and the others actual, and functions of two arrays.

CREATE AGGREGATE leadscore.psi(value float8, actual boolean) (
  SFUNC = leadscore.outcomes_step, STYPE = internal, FINALFUNC = leadscore.psi_final, SSPACE = 1024,
  COMBINEFUNC = leadscore.outcomes_combine, SERIALFUNC = leadscore.outcomes_serial, DESERIALFUNC = leadscore.outcomes_deserial, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.psi(value float8, actual boolean, buckets integer) (
  SFUNC = leadscore.outcomes_step, STYPE = internal, FINALFUNC = leadscore.psi_final, SSPACE = 1024,
  COMBINEFUNC = leadscore.outcomes_combine, SERIALFUNC = leadscore.outcomes_serial, DESERIALFUNC = leadscore.outcomes_deserial, PARALLEL = SAFE
);
CREATE AGGREGATE leadscore.psi(value anyelement, actual boolean) (
  SFUNC = leadscore.categories_step, STYPE = internal, FINALFUNC = leadscore.categories_psi_final, SSPACE = 4096,
  COMBINEFUNC = leadscore.categories_combine, SERIALFUNC = leadscore.categories_serial, DESERIALFUNC = leadscore.categories_deserial, PARALLEL = SAFE
);
COMMENT ON AGGREGATE leadscore.psi(float8, boolean) IS 'population stability index of numbers: how far rows that are actual have moved from those that are not, over ten buckets of the latter';
COMMENT ON AGGREGATE leadscore.psi(float8, boolean, integer) IS 'population stability index of numbers over so many buckets';
COMMENT ON AGGREGATE leadscore.psi(anyelement, boolean) IS 'population stability index of categories: how far rows that are actual have moved from those that are not';

CREATE FUNCTION leadscore.psi(expected float8[], actual float8[], buckets integer DEFAULT 10) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_psi_numbers' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION leadscore.psi(expected text[], actual text[]) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_psi_texts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION leadscore.psi(float8[], float8[], integer) IS 'population stability index of numbers: how far the actual ones have moved from the expected ones';
COMMENT ON FUNCTION leadscore.psi(text[], text[]) IS 'population stability index of categories: how far the actual ones have moved from the expected ones';

-- The probability that a lead is won

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
CREATE FUNCTION leadscore.probability_columns(rules leadscore.ruleset, activity leadscore.engagement, as_of timestamptz, names text[], VARIADIC columns "any") RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_probability_columns' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION leadscore.probability_columns(leadscore.ruleset, leadscore.engagement, timestamptz, text[], "any") IS 'probability with the columns that the rules read as arguments; the planner calls it';

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

-- What became of leads

CREATE FUNCTION leadscore.psi_of_counts(expected bigint[], actual bigint[]) RETURNS float8
  AS 'MODULE_PATHNAME', 'leadscore_psi_of_counts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leadscore.psi_of_counts(bigint[], bigint[]) IS 'population stability index of bins that are counted already: how many rows were expected in each, and how many there are';

-- What became of leads, and whether these are still who they were

ALTER TABLE leadscore.model ADD COLUMN outcome text, ADD COLUMN decided_at text;
COMMENT ON COLUMN leadscore.model.outcome IS 'expression, boolean: whether a lead was won; NULL where set_outcome has bound none';
COMMENT ON COLUMN leadscore.model.decided_at IS 'expression, timestamptz: when that was decided; NULL where none is bound';

CREATE FUNCTION leadscore.set_outcome(model text, outcome text, decided_at text DEFAULT NULL) RETURNS void
  AS 'MODULE_PATHNAME', 'leadscore_set_outcome' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE;
COMMENT ON FUNCTION leadscore.set_outcome(text, text, text) IS 'tells a model what became of its leads: an expression over a lead that is true for won, false for lost and NULL for open, and one for the time of the decision; NULL takes it back';

CREATE FUNCTION leadscore.take_baseline(model text) RETURNS void
  AS 'MODULE_PATHNAME', 'leadscore_take_baseline' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE;
COMMENT ON FUNCTION leadscore.take_baseline(text) IS 'lets the view drift of a model compare with its leads as they are now';

CREATE TYPE leadscore.census_taken AS (
  leads bigint,
  rules text[],
  fired bigint[],
  bounds float8[],
  counts bigint[]
);
COMMENT ON TYPE leadscore.census_taken IS 'what leads are like: how often rules fire, and how totals are spread';
COMMENT ON COLUMN leadscore.census_taken.leads IS 'how many leads there are';
COMMENT ON COLUMN leadscore.census_taken.rules IS 'the rules, in their order';
COMMENT ON COLUMN leadscore.census_taken.fired IS 'for how many leads each of them fires';
COMMENT ON COLUMN leadscore.census_taken.bounds IS 'the highest total in each of at most ten bins, ascending';
COMMENT ON COLUMN leadscore.census_taken.counts IS 'how many leads are in each of them';

CREATE FUNCTION leadscore.census_step(state internal, model text, lead record, version integer, activity leadscore.engagement, as_of timestamptz) RETURNS internal
  AS 'MODULE_PATHNAME', 'leadscore_census_step' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 80;
COMMENT ON FUNCTION leadscore.census_step(internal, text, record, integer, leadscore.engagement, timestamptz) IS 'transition function of census';

CREATE FUNCTION leadscore.census_final(state internal) RETURNS leadscore.census_taken
  AS 'MODULE_PATHNAME', 'leadscore_census_final' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE;
COMMENT ON FUNCTION leadscore.census_final(internal) IS 'final function of census';

CREATE AGGREGATE leadscore.census(model text, lead record, version integer, activity leadscore.engagement, as_of timestamptz) (
  SFUNC = leadscore.census_step, STYPE = internal, FINALFUNC = leadscore.census_final, FINALFUNC_MODIFY = SHAREABLE, SSPACE = 4096, PARALLEL = SAFE
);
COMMENT ON AGGREGATE leadscore.census(text, record, integer, leadscore.engagement, timestamptz) IS 'what a baseline says of leads: how often each rule of a model fires, and how their totals are spread over ten bins';

CREATE TABLE leadscore.baseline (
  model text NOT NULL,
  version integer NOT NULL,
  leads bigint NOT NULL,
  rules text[] NOT NULL,
  fired bigint[] NOT NULL,
  bounds float8[] NOT NULL,
  counts bigint[] NOT NULL,
  taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (model, version)
);
COMMENT ON TABLE leadscore.baseline IS 'what the leads of each model were like when its rules came into force: what the view drift compares with';
COMMENT ON COLUMN leadscore.baseline.model IS 'name of the model';
COMMENT ON COLUMN leadscore.baseline.version IS 'the version whose rules they were scored by';
COMMENT ON COLUMN leadscore.baseline.leads IS 'how many there were';
COMMENT ON COLUMN leadscore.baseline.rules IS 'the rules, in their order';
COMMENT ON COLUMN leadscore.baseline.fired IS 'for how many leads each of them fired';
COMMENT ON COLUMN leadscore.baseline.bounds IS 'the highest total in each of at most ten bins, ascending';
COMMENT ON COLUMN leadscore.baseline.counts IS 'how many leads were in each of them';
COMMENT ON COLUMN leadscore.baseline.taken_at IS 'when that was';
ALTER TABLE leadscore.baseline ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON leadscore.baseline TO PUBLIC;
CREATE POLICY readers ON leadscore.baseline FOR SELECT
  USING (model IN (SELECT m.name FROM leadscore.model m
    JOIN pg_catalog.pg_namespace n ON n.nspname = m.name JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'drift'
    WHERE has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')));
SELECT pg_catalog.pg_extension_config_dump('leadscore.baseline', '');

-- Honest evaluation: leads of which it is known what became of them, each as it was when that was decided. Of a model with the rights of its
-- owner, for who may act as that; of a table with the caller's. Activities of a model are read in subtransactions, which parallel plans can't have.

CREATE FUNCTION leadscore.backtest(model text, rules leadscore.ruleset DEFAULT NULL, outcome text DEFAULT NULL, decided_at text DEFAULT NULL, options jsonb DEFAULT NULL, OUT contender text, OUT part integer, OUT first_at timestamptz, OUT last_at timestamptz, OUT leads bigint, OUT won bigint, OUT rate float8, OUT auc float8, OUT auc_low float8, OUT auc_high float8, OUT lift float8, OUT log_loss float8, OUT predicted float8, OUT calibration_error float8, OUT trained_on bigint, OUT passed_over bigint) RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_backtest' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 1000000 ROWS 20;
CREATE FUNCTION leadscore.backtest(rules leadscore.ruleset, relation regclass, outcome text, decided_at text, options jsonb DEFAULT NULL, OUT contender text, OUT part integer, OUT first_at timestamptz, OUT last_at timestamptz, OUT leads bigint, OUT won bigint, OUT rate float8, OUT auc float8, OUT auc_low float8, OUT auc_high float8, OUT lift float8, OUT log_loss float8, OUT predicted float8, OUT calibration_error float8, OUT trained_on bigint, OUT passed_over bigint) RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_backtest_rules' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 1000000 ROWS 20;
COMMENT ON FUNCTION leadscore.backtest(text, leadscore.ruleset, text, text, jsonb) IS 'how well rules would have told who is won, window by window, each lead as of its decision: beside the rules in force and beside chance; options: split, windows, train_windows, folds, learn, min_train';
COMMENT ON FUNCTION leadscore.backtest(leadscore.ruleset, regclass, text, text, jsonb) IS 'how well rules would have told which rows of a table are won, window by window, each as of its decision; options: split, windows, train_windows, folds, learn, min_train, activity';

CREATE FUNCTION leadscore.thresholds(model text, capacity jsonb, rules leadscore.ruleset DEFAULT NULL, outcome text DEFAULT NULL, decided_at text DEFAULT NULL, OUT tier text, OUT at float8, OUT leads_per_week float8, OUT leads bigint, OUT won bigint, OUT conversion float8, OUT low float8, OUT high float8, OUT total_leads_per_week float8, OUT total_conversion float8) RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_thresholds' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 1000000 ROWS 5;
CREATE FUNCTION leadscore.thresholds(rules leadscore.ruleset, relation regclass, outcome text, decided_at text, capacity jsonb, options jsonb DEFAULT NULL, OUT tier text, OUT at float8, OUT leads_per_week float8, OUT leads bigint, OUT won bigint, OUT conversion float8, OUT low float8, OUT high float8, OUT total_leads_per_week float8, OUT total_conversion float8) RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'leadscore_thresholds_rules' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 1000000 ROWS 5;
COMMENT ON FUNCTION leadscore.thresholds(text, jsonb, leadscore.ruleset, text, text) IS 'from which total on each tier gets so many leads a week, and how many of them will be won';
COMMENT ON FUNCTION leadscore.thresholds(leadscore.ruleset, regclass, text, text, jsonb, jsonb) IS 'the same for the rows of a table; options: activity';
