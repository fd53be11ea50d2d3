-- Models: what became of their leads

CREATE FUNCTION leadscore.set_outcome(model text, outcome text, decided_at text DEFAULT NULL) RETURNS void
  AS 'MODULE_PATHNAME', 'leadscore_set_outcome' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE;
COMMENT ON FUNCTION leadscore.set_outcome(text, text, text) IS 'tells a model what became of its leads: an expression over a lead that is true for won, false for lost and NULL for open, and one for the time of the decision; NULL takes it back';
