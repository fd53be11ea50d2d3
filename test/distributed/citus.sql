-- Tables that Citus keeps in shards are followed by no model. Citus is not there: its catalogue is, as far as it is read.
\ir settings.sql
SET allow_system_table_mods = on;
CREATE TABLE pg_catalog.pg_dist_partition (logicalrelid regclass NOT NULL, partmethod "char" NOT NULL, partkey text, colocationid int NOT NULL, repmodel "char" NOT NULL);
CREATE TABLE here.sharded (id int PRIMARY KEY, kind text, at timestamptz);
CREATE TABLE here.single (id int PRIMARY KEY, kind text, at timestamptz);
INSERT INTO pg_dist_partition VALUES ('here.sharded', 'h', NULL, 1, 's');
CREATE FUNCTION pg_temp.says(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN 'done';
EXCEPTION WHEN wrong_object_type THEN
  RETURN sqlerrm;
END $$;
\set rules '{"dimensions": [{"name": "d", "rules": [{"id": "a", "on": "*", "points": 1}]}]}'
SELECT pg_temp.claim('leads in shards are refused', pg_temp.says(format('SELECT leadscore.create_model(''b2b'', %L, lead => ''here.sharded'')', :'rules')) = 'rows of "sharded" are in shards of Citus');
SELECT pg_temp.claim('leads in a table are not', pg_temp.says(format('SELECT leadscore.create_model(''b2b'', %L, lead => ''here.single'')', :'rules')) = 'done');
SELECT pg_temp.claim('activities in shards are refused', pg_temp.says('SELECT leadscore.add_activity(''b2b'', ''here.sharded'', lead_key => ''id'', kind => ''kind'', at => ''at'')') = 'rows of "sharded" are in shards of Citus');
SELECT pg_temp.claim('and so is to watch them', pg_temp.says('SELECT leadscore.watch(''b2b'', ''here.sharded'', ''SELECT id FROM here.single WHERE single.id = sharded.id'')') = 'rows of "sharded" are in shards of Citus');
DELETE FROM pg_dist_partition;
SELECT pg_temp.claim('elsewhere they are followed', pg_temp.says('SELECT leadscore.add_activity(''b2b'', ''here.sharded'', lead_key => ''id'', kind => ''kind'', at => ''at'')') = 'done');
SELECT 'tables of Citus are refused';
