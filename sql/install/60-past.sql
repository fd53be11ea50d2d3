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
