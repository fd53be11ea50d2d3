-- Models: what became of their leads, and whether these are still who they were

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
