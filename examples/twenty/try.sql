-- A week in a Twenty CRM, as the application and its workers write it, and what becomes of the scores.
--
--   psql -d demo -f examples/twenty/try.sql         after schema.sql and bind.sql

\set ON_ERROR_STOP on
\set QUIET on
\encoding UTF8
\pset footer off
\pset null ''
SET search_path = workspace_demo;
SET timezone = 'UTC';

\set uzina  '11111111-0000-4000-8000-000000000001'
\set globex '11111111-0000-4000-8000-000000000002'
\set ana    '22222222-0000-4000-8000-000000000001'
\set ben    '22222222-0000-4000-8000-000000000002'
\set cleo   '22222222-0000-4000-8000-000000000003'
\set dirk   '22222222-0000-4000-8000-000000000004'
\set anna   '22222222-0000-4000-8000-000000000005'
\set mail   '33333333-0000-4000-8000-000000000001'
\set visit  '44444444-0000-4000-8000-000000000001'
\set pumps  '55555555-0000-4000-8000-000000000001'

-- What the browser shows beside the list of people.
PREPARE scores AS
SELECT l.first_name || ' ' || l.last_name AS person, l.title, l.company, s.total, s.grade, s.tier, s.fit, round(s.engagement::numeric, 1) AS engagement
FROM b2b.score s JOIN scoring.lead l ON l.id = s.id
ORDER BY s.disqualified, s.total DESC, person;

BEGIN;
INSERT INTO "company" ("id", "name", "domainNamePrimaryLinkUrl", "employees", "addressAddressCountry", "idealCustomerProfile") VALUES
  (:'uzina',  'Uzina de pompe', 'https://uzina.example', 420,  'Romania',     false),
  (:'globex', 'Globex',         'https://globex.io',     9000, 'Netherlands', false);
INSERT INTO "person" ("id", "nameFirstName", "nameLastName", "emailsPrimaryEmail", "jobTitle", "city", "companyId") VALUES
  (:'ana',  'Ana',  'Marin', 'ana@uzina.example',    'Director General',    'Ploiești',  :'uzina'),
  (:'ben',  'Ben',  'Smith', 'ben@gmail.com',        'Student',             'Leeds',     NULL),
  (:'cleo', 'Cléo', 'Roux',  'cleo@usine.example',   'Purchasing manager',  'Lyon',      NULL),
  (:'dirk', 'Dirk', 'Bos',   'dirk@globex.io',       'VP, Sales',           'Utrecht',   :'globex'),
  (:'anna', 'Anna', 'Marin', 'anna.marin@gmail.com', NULL,                  NULL,        NULL);
COMMIT;
\echo 'New people: fit, and nothing else'
EXECUTE scores;

-- The mail synchronisation: a message, then who took part in it. Ana's question, our answer, Cléo in copy; Anna's machine is on holiday.
BEGIN;
INSERT INTO "message" ("id", "subject", "text", "receivedAt") VALUES
  (:'mail',                                'Price list for pumps?',     'Dear all, …', now() - interval '2 days'),
  ('33333333-0000-4000-8000-000000000002', 'Re: Price list for pumps?', 'Dear Ana, …', now() - interval '1 day'),
  ('33333333-0000-4000-8000-000000000003', 'Automatic reply: news',     'I am back …', now() - interval '3 hours');
INSERT INTO "messageParticipant" ("messageId", "role", "handle", "personId") VALUES
  (:'mail',                                'FROM', 'ana@uzina.example',     :'ana'),
  (:'mail',                                'TO',   'sales@pumps.example',   NULL),
  ('33333333-0000-4000-8000-000000000002', 'FROM', 'sales@pumps.example',   NULL),
  ('33333333-0000-4000-8000-000000000002', 'TO',   'ana@uzina.example',     :'ana'),
  ('33333333-0000-4000-8000-000000000002', 'CC',   'cleo@usine.example',    :'cleo'),
  ('33333333-0000-4000-8000-000000000003', 'FROM', 'anna.marin@gmail.com',  :'anna');
COMMIT;

-- A meeting of yesterday and one of next week; then people answer.
BEGIN;
INSERT INTO "calendarEvent" ("id", "title", "startsAt", "endsAt") VALUES
  (:'visit',                               'Visit to the plant', now() - interval '1 day',  now() - interval '22 hours'),
  ('44444444-0000-4000-8000-000000000002', 'Second visit',       now() + interval '7 days', now() + interval '7 days 2 hours');
INSERT INTO "calendarEventParticipant" ("calendarEventId", "handle", "personId") VALUES
  (:'visit',                               'ana@uzina.example',  :'ana'),
  (:'visit',                               'cleo@usine.example', :'cleo'),
  ('44444444-0000-4000-8000-000000000002', 'cleo@usine.example', :'cleo');
COMMIT;
UPDATE "calendarEventParticipant" SET "responseStatus" = 'ACCEPTED' WHERE "personId" = :'cleo';
UPDATE "calendarEventParticipant" SET "responseStatus" = 'DECLINED' WHERE "personId" = :'ana';

-- A deal, and what the timeline notes of it; a form on the web site, which a workflow writes to the timeline of the person.
INSERT INTO "opportunity" ("id", "name", "amountAmountMicros", "amountCurrencyCode", "stage", "pointOfContactId", "companyId")
VALUES (:'pumps', 'Forty pumps', 120000 * 1e6, 'EUR', 'NEW', :'ana', :'uzina');
INSERT INTO "timelineActivity" ("name", "happensAt", "properties", "targetOpportunityId") VALUES
  ('opportunity.updated', now() - interval '1 minute', '{"diff": {"stage": {"before": "NEW", "after": "SCREENING"}}}', :'pumps');
INSERT INTO "timelineActivity" ("name", "properties", "targetPersonId") VALUES
  ('form.submitted', '{"form": "quote", "page": "/valves"}', :'cleo'),
  ('person.updated', '{"diff": {"city": {"before": "Paris", "after": "Lyon"}}}', :'cleo');
\echo 'Mail, meetings, a deal, a form'
EXECUTE scores;

\echo 'Why Cléo is where she is'
SELECT w.dimension, w.label, round(w.points::numeric, 1) AS points, w.reason FROM leadscore.why('b2b', :'cleo') w;
\echo 'What Ana has done, or what was done about her, and what it is worth'
SELECT t.at::timestamp(0), t.kind, t.rules, round(t.points::numeric, 1) AS points FROM leadscore.touches('b2b', :'ana') t;

-- Sales learns more: of the company, of the deal.
UPDATE "company" SET "idealCustomerProfile" = true, "updatedAt" = now() WHERE "id" = :'uzina';
UPDATE "opportunity" SET "stage" = 'PROPOSAL', "updatedAt" = now() WHERE "id" = :'pumps';
UPDATE "person" SET "companyId" = :'uzina' WHERE "id" = :'cleo';
\echo 'The company is a good one, the deal has a proposal, and Cléo works there, too'
EXECUTE scores;

-- Somebody deletes a mail and the declined visit. Nothing is deleted, in fact.
UPDATE "message" SET "deletedAt" = now() WHERE "id" = :'mail';
UPDATE "calendarEventParticipant" SET "deletedAt" = now() WHERE "calendarEventId" = :'visit' AND "personId" = :'ana';
-- Ben goes, Dirk's company goes: Dirk stays, and nobody knows any more that he is a competitor's but for his address.
UPDATE "person" SET "deletedAt" = now() WHERE "id" = :'ben';
UPDATE "company" SET "deletedAt" = now() WHERE "id" = :'globex';
\echo 'After some deleting'
EXECUTE scores;
UPDATE "message" SET "deletedAt" = NULL WHERE "id" = :'mail';
UPDATE "person" SET "deletedAt" = NULL WHERE "id" = :'ben';

-- Anna is Ana, with her private address: two become one. What is Anna's becomes Ana's, then Anna goes.
BEGIN;
UPDATE "messageParticipant" SET "personId" = :'ana' WHERE "personId" = :'anna';
UPDATE "calendarEventParticipant" SET "personId" = :'ana' WHERE "personId" = :'anna';
UPDATE "timelineActivity" SET "targetPersonId" = :'ana' WHERE "targetPersonId" = :'anna';
UPDATE "opportunity" SET "pointOfContactId" = :'ana' WHERE "pointOfContactId" = :'anna';
UPDATE "person" SET "deletedAt" = now() WHERE "id" = :'anna';
COMMIT;
\echo 'Restored, and Anna merged into Ana'
EXECUTE scores;

\echo 'How they moved between tiers'
SELECT l.first_name || ' ' || l.last_name AS person, t.old_tier, t.new_tier, round(t.new_total) AS total, t.cause, array_to_string(t.rules, ', ') AS because_of
FROM leadscore.transition t JOIN scoring.lead l ON l.id::text = t.lead_key
WHERE t.model = 'b2b' AND t.old_tier IS NOT NULL
ORDER BY t.id;
DEALLOCATE scores;
