-- active() remembers what it has read for as long as nobody can have changed it: neither later statements nor what was rolled back.
CREATE TABLE person (id int PRIMARY KEY, size int);
SELECT leadscore.create_model('m', '{"dimensions": [{"name": "d", "rules": []}], "tiers": [{"name": "one"}]}', 'person');
SELECT leadscore.create_model('n', '{"dimensions": [{"name": "d", "rules": []}], "tiers": [{"name": "other"}]}', 'person');
CREATE FUNCTION label(model text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE rules leadscore.ruleset;
BEGIN
  rules := leadscore.active(model);
  RETURN rules::jsonb #>> '{tiers,0,name}';
END $$;
CREATE FUNCTION publish(label text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  RETURN leadscore.publish('m', jsonb_set(leadscore.active('m')::jsonb, '{tiers,0,name}', to_jsonb(label))::leadscore.ruleset);
END $$;
SELECT i, leadscore.active(CASE WHEN i % 3 = 0 THEN 'n' ELSE 'm' END)::jsonb #>> '{tiers,0,name}' AS label FROM generate_series(1, 7) i;
DO $$
BEGIN
  RAISE NOTICE '%', label('m');
  PERFORM publish('two');
  RAISE NOTICE '%', label('m');
  BEGIN
    PERFORM publish('three');
    RAISE NOTICE '%', label('m');
    RAISE division_by_zero;
  EXCEPTION WHEN division_by_zero THEN
    RAISE NOTICE '% again', label('m');
  END;
  FOR i IN 1 .. 3 LOOP
    RAISE NOTICE '% %', label('m'), label('n');
    PERFORM publish(i::text);
  END LOOP;
END $$;
BEGIN;
SELECT label('m');
SAVEPOINT s;
SELECT publish('four');
SELECT label('m');
ROLLBACK TO s;
SELECT label('m');
ROLLBACK;
SELECT leadscore.active('nobody');
SELECT leadscore.drop_model('m'), leadscore.drop_model('n');
DROP TABLE person;
DROP FUNCTION label(text), publish(text);
