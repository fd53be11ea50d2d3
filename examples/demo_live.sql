-- What sales and marketing get from a model: the sample CRM scored live with examples/industrial.json.
--
--   psql -d demo -f examples/sample_crm.sql
--   psql -d demo -c 'CREATE EXTENSION leadscore'
--   psql -d demo -f examples/demo_live.sql        from the root of the repository, which the path of the rule set is relative to
--
-- Unlike demo.sql it changes the CRM: it moves its activities to the present, makes the model b2b, adds a contact and some activities. It runs once; to run
-- it again, SELECT leadscore.drop_model('b2b') and load the sample CRM anew.

\set ON_ERROR_STOP on
\set QUIET on
\encoding UTF8
\set rules `cat examples/industrial.json`
\pset border 1
\pset footer off
\pset null ''
\pset format wrapped
\pset columns 125
SET timezone = 'UTC';

-- Live scores are as of now, so the newest activity becomes one of this moment.
BEGIN;
SELECT now() - max(occurred_at) AS shift FROM crm.activity \gset
UPDATE crm.activity SET occurred_at = occurred_at + :'shift';
UPDATE crm.contact SET created_at = created_at + :'shift';
COMMIT;
ANALYZE crm.activity, crm.contact;

-- Two statements: the model, and the table of activities that it follows.
SELECT leadscore.create_model('b2b', :'rules', lead => 'crm.contact') \g /dev/null
SELECT leadscore.add_activity('b2b', source => 'crm.activity', lead_key => 'contact_id', kind => 'kind', at => 'occurred_at') \g /dev/null

\echo
\echo 'A model b2b is bound to crm.contact and crm.activity. Its leads, by tier'
SELECT tier, disqualified, leads, round(mean_score::numeric, 1) AS mean, median_score AS median FROM b2b.tiers;

\echo 'From now on this session hears of every change of a tier: LISTEN leadscore'
LISTEN leadscore;

\echo
\echo 'A new contact: Mara Lind, buyer at a manufacturer'
INSERT INTO crm.contact (first_name, last_name, email, title, country, industry, employees)
VALUES ('Mara', 'Lind', 'mara.lind@werk.example', 'Buyer', 'DE', 'Manufacturing', 120) RETURNING id AS lead \gset
\echo
\echo 'She looks at the prices'
INSERT INTO crm.activity (contact_id, kind, occurred_at, url, session_id)
VALUES (:lead, 'page_view', now(), '/pricing', 1), (:lead, 'page_view', now(), '/product/pumps', 1);
\echo
\echo 'She asks for a quotation'
INSERT INTO crm.activity (contact_id, kind, occurred_at, url, amount) VALUES (:lead, 'rfq', now(), '/contact', 18500);
\echo
\echo 'Somebody takes a request back: a transaction that is rolled back leaves nothing, and tells nobody'
BEGIN;
DELETE FROM crm.activity WHERE contact_id = :lead AND kind = 'rfq';
ROLLBACK;
\echo
\echo 'One contact in five clicks in a mailing: one statement, one message'
INSERT INTO crm.activity (contact_id, kind, occurred_at, email_id) SELECT id, 'email_click', now(), 'autumn' FROM crm.contact WHERE id % 5 = 0;

\echo
\echo 'What a listener reads: how Mara Lind got to sales, and by which rules'
SELECT id, old_tier, new_tier, old_total AS old, new_total AS new, cause, rules
FROM leadscore.transition WHERE model = 'b2b' AND lead_key = :'lead' ORDER BY id;

\echo 'Why she is worth a call'
SELECT dimension, label AS what, round(points::numeric, 1) AS points, reason FROM leadscore.why('b2b', :'lead');

\echo 'What she did, and what it is worth'
SELECT kind, rules, round(points::numeric, 1) AS points FROM leadscore.touches('b2b', :'lead');

\echo 'What the mailing moved'
SELECT old_tier, new_tier, rules[1] AS by_rule, count(*) AS leads
FROM leadscore.transition WHERE model = 'b2b' AND cause = 'activity' AND lead_key <> :'lead'
GROUP BY 1, 2, 3 ORDER BY leads DESC, 1, 2, 3 LIMIT 8;

\echo 'She moves to a competitor: the next call would be a mistake'
UPDATE crm.contact SET email = 'mara.lind@acme.com' WHERE id = :lead;
SELECT total, tier, grade, disqualified FROM b2b.score WHERE id = :lead;

\echo 'Views for BI tools: the histogram of totals (b2b.distribution)'
SELECT from_score AS "from", to_score AS "to", leads, repeat('#', ceil(60.0 * leads / max(leads) OVER ())::integer) AS share FROM b2b.distribution;

\echo 'How often each rule fires, and what it gives (b2b.rules)'
SELECT dimension, label AS rule, fired, round(mean_points::numeric, 1) AS mean_points FROM b2b.rules ORDER BY fired DESC LIMIT 8;

\echo 'Before the rules change: whom would it move, if a request for quotation counted for 30 days instead of 90?'
SELECT replace(:'rules', '"points": 80, "within": "90 days"', '"points": 80, "within": "30 days"') AS candidate \gset
SELECT * FROM leadscore.simulate('b2b', :'candidate') WHERE old_tier <> new_tier;

\echo 'Published. Its states are rebuilt from the activities; the next version of the model is'
SELECT leadscore.publish('b2b', :'candidate', note => 'requests for quotation count for 30 days') AS version;
SELECT tier, disqualified, leads FROM b2b.tiers;
UNLISTEN leadscore;
