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
