-- The database that asks: partitioned tables for the parts elsewhere, and tables of its own with all rows to compare with.
CREATE EXTENSION leadscore;
CREATE EXTENSION postgres_fdw;
CREATE SCHEMA crm;
CREATE TABLE crm.activity (id int, lead_id int, kind text, at timestamptz, url text, amount float8) PARTITION BY HASH (lead_id);
CREATE TABLE crm.contact (id int, title text, employees int, country text) PARTITION BY HASH (id);
CREATE TABLE crm.state (lead_id int, month int, engagement leadscore.engagement) PARTITION BY HASH (lead_id);
CREATE SCHEMA here;
CREATE TABLE here.activity (id int, lead_id int, kind text, at timestamptz, url text, amount float8);
CREATE TABLE here.contact (id int, title text, employees int, country text);
-- States as text, as the parts give them.
CREATE TABLE here.partial (rules text, part int, lead_id int, state text);
