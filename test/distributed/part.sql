-- A database that holds a part of the CRM.
CREATE EXTENSION leadscore;
CREATE SCHEMA crm;
CREATE TABLE crm.activity (id int PRIMARY KEY, lead_id int, kind text, at timestamptz, url text, amount float8);
CREATE TABLE crm.contact (id int PRIMARY KEY, title text, employees int, country text);
CREATE TABLE crm.state (lead_id int, month int, engagement leadscore.engagement, PRIMARY KEY (lead_id, month));
-- Activities that nobody has sorted by lead: those of a lead lie in all parts.
CREATE TABLE crm.loose (id int PRIMARY KEY, lead_id int, kind text, at timestamptz, url text, amount float8);
