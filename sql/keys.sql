-- Keys that can be the key of no row of state: too long ones, and those that a cast to the leads' type makes another one of. The rows are written, count nowhere, live or
-- recomputed, and stand in leadscore.problem.
SET timezone = 'UTC';
SET client_min_messages = error;
SET check_function_bodies = off;
CREATE SCHEMA crm;
SELECT $${"dimensions": [{"name": "d", "rules": [{"id": "open", "on": "open", "points": 1}]}], "tiers": [{"name": "cold"}]}$$ AS rules \gset

-- Makes a model over crm.lead and crm.activity with keys of these types, once with plain columns and once with a filter, which inserts take another way for.
CREATE PROCEDURE model(lead_type text, activity_type text, rules leadscore.ruleset) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM leadscore.drop_model(name) FROM leadscore.model;
  DROP TABLE IF EXISTS crm.lead, crm.activity;
  EXECUTE format('CREATE TABLE crm.lead (id %s PRIMARY KEY)', lead_type);
  EXECUTE format('CREATE TABLE crm.activity (n int PRIMARY KEY, lead %s, kind text DEFAULT ''open'', at timestamptz DEFAULT ''2026-01-01'')', activity_type);
  PERFORM leadscore.create_model('k', rules, lead => 'crm.lead');
  PERFORM leadscore.create_model('f', rules, lead => 'crm.lead', filter => 'id IS NOT NULL');
  PERFORM leadscore.add_activity('k', 'crm.activity', 'lead', 'kind', at => 'at');
  PERFORM leadscore.add_activity('f', 'crm.activity', 'lead', 'kind', at => 'at', filter => 'n > 0');
END $$;
-- What is stored, live and recomputed, and what was recorded
CREATE FUNCTION live(OUT key text, OUT total float8, OUT filtered float8) RETURNS SETOF record LANGUAGE sql AS $$
  SELECT left(coalesce(k.id, f.id)::text, 10), k.total, f.total FROM k.state k FULL JOIN f.state f ON f.id::text = k.id::text ORDER BY 1
$$;
CREATE PROCEDURE recompute() LANGUAGE sql AS $$
  SELECT leadscore.rebind('k'), leadscore.rebind('f')
$$;
CREATE FUNCTION problems(OUT source regclass, OUT key text, OUT message text, OUT models bigint) RETURNS SETOF record LANGUAGE sql AS $$
  SELECT p.source, p.key, p.message, count(*) FROM leadscore.problem p GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
$$;

-- Long texts. One that an index can't hold, one that it can, and one that is short when it is compressed.
CALL model('text', 'text', :'rules');
INSERT INTO crm.lead VALUES ('a'), (repeat('b', 2000));
SELECT string_agg(md5(i::text), '') AS long FROM generate_series(1, 1000) i \gset
INSERT INTO crm.activity VALUES (1, 'a'), (2, :'long'), (3, repeat('b', 2000)), (4, repeat('c', 2001)), (5, 'c');
SELECT * FROM live();
SELECT * FROM problems();
INSERT INTO crm.activity VALUES (6, :'long');
UPDATE crm.activity SET lead = :'long' WHERE n = 1;
DELETE FROM crm.activity WHERE n IN (2, 5);
SELECT * FROM live();
SELECT * FROM problems();
CALL recompute();
SELECT * FROM live();
UPDATE crm.activity SET lead = 'a' WHERE n IN (1, 4);
SELECT * FROM live();
-- Among others that fail, and where the table had them before
DELETE FROM leadscore.problem;
SELECT leadscore.remove_activity('f', 'crm.activity');
SELECT leadscore.add_activity('f', 'crm.activity', 'lead', 'kind', at => 'at', filter => '1 / (n - 20) < 2');
INSERT INTO crm.activity VALUES (20, 'a'), (21, :'long'), (22, 'a');
SELECT * FROM live();
SELECT * FROM problems();
CALL recompute();
SELECT * FROM live();
-- A lead's own key
DELETE FROM leadscore.problem;
SELECT leadscore.drop_model('k');
SELECT leadscore.drop_model('f');
ALTER TABLE crm.lead DROP CONSTRAINT lead_pkey;
SELECT leadscore.create_model('k', :'rules', lead => 'crm.lead', lead_key => 'id');
SELECT leadscore.create_model('f', :'rules', lead => 'crm.lead', lead_key => 'upper(id)');
INSERT INTO crm.lead VALUES (:'long'), ('d');
UPDATE crm.lead SET id = :'long' WHERE id = 'a';
CREATE TABLE crm.other (id text);
SELECT leadscore.watch('k', 'crm.other', 'SELECT other.id');
INSERT INTO crm.other VALUES (:'long'), ('d'), ('e');
SELECT left(id, 10), total FROM k.state ORDER BY id;
SELECT left(lead_key, 10), total FROM f.state ORDER BY lead_key;
SELECT left(id, 10), total FROM k.score ORDER BY id;
SELECT source, left(key, 10) AS key, message, models FROM problems();
CALL recompute();
SELECT left(id, 10), total FROM k.state ORDER BY id;
DROP TABLE crm.other CASCADE;

-- A number that is rounded
CALL model('int', 'numeric', :'rules');
INSERT INTO crm.lead VALUES (1), (2);
INSERT INTO crm.activity VALUES (1, 1), (2, 1.4), (3, 2.00), (4, 1.6), (5, NULL), (6, 1e20);
SELECT * FROM live();
SELECT * FROM problems();
UPDATE crm.activity SET lead = 1.5 WHERE n = 1;
DELETE FROM crm.activity WHERE n = 4;
SELECT * FROM live();
CALL recompute();
SELECT * FROM live();
UPDATE crm.activity SET lead = 2 WHERE n = 1;
SELECT * FROM live();
CALL model('int', 'float8', :'rules');
INSERT INTO crm.lead VALUES (1), (2);
INSERT INTO crm.activity VALUES (1, 1), (2, 1.4), (3, 'nan');
SELECT * FROM live();
SELECT * FROM problems();
CALL model('date', 'timestamp', :'rules');
INSERT INTO crm.lead VALUES ('2026-01-01');
INSERT INTO crm.activity VALUES (1, '2026-01-01'), (2, '2026-01-01 12:00');
SELECT * FROM live();
SELECT * FROM problems();
CALL model('numeric(6,1)', 'numeric', :'rules');
INSERT INTO crm.lead VALUES (1.4), (2);
INSERT INTO crm.activity VALUES (1, 1.4), (2, 1.44), (3, 2);
SELECT * FROM live();
SELECT * FROM problems();
CALL model('int', 'jsonb', :'rules');
INSERT INTO crm.lead VALUES (1);
INSERT INTO crm.activity VALUES (1, '1'), (2, '1.4'), (3, '"x"');
SELECT * FROM live();
SELECT * FROM problems();

-- A text that is cut off
CALL model('char(3)', 'text', :'rules');
INSERT INTO crm.lead VALUES ('abc'), ('ab');
INSERT INTO crm.activity VALUES (1, 'abc'), (2, 'abcd'), (3, 'ab'), (4, 'ab ');
SELECT * FROM live();
SELECT * FROM problems();
CALL recompute();
SELECT * FROM live();
CALL model('varchar(3)', 'varchar(10)', :'rules');
INSERT INTO crm.lead VALUES ('abc'), ('ab');
INSERT INTO crm.activity VALUES (1, 'abc'), (2, 'abcd'), (3, 'ab');
UPDATE crm.activity SET lead = 'abx' WHERE n = 3;
SELECT * FROM live();
SELECT * FROM problems();
CALL recompute();
SELECT * FROM live();
CALL model('name', 'text', :'rules');
INSERT INTO crm.lead VALUES (repeat('n', 63));
INSERT INTO crm.activity VALUES (1, repeat('n', 63)), (2, repeat('n', 64));
SELECT * FROM live();
SELECT * FROM problems();
-- Types that lose nothing
CALL model('bigint', 'int', :'rules');
INSERT INTO crm.lead VALUES (1);
INSERT INTO crm.activity VALUES (1, 1);
SELECT * FROM live();
CALL model('int', 'text', :'rules');
INSERT INTO crm.lead VALUES (1);
INSERT INTO crm.activity VALUES (1, '1'), (2, ' 01'), (3, '1.4');
SELECT * FROM live();
SELECT * FROM problems();

SELECT leadscore.drop_model('k');
SELECT leadscore.drop_model('f');
DROP SCHEMA crm CASCADE;
DROP PROCEDURE model, recompute;
DROP FUNCTION live, problems;
