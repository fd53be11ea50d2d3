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

