\echo Use "CREATE EXTENSION leadscore" to load this file. \quit

CREATE SCHEMA leadscore;
COMMENT ON SCHEMA leadscore IS 'B2B lead scoring: rule sets, engagement states, scores';
GRANT USAGE ON SCHEMA leadscore TO PUBLIC;

