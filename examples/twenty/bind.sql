-- Live scores for a Twenty CRM workspace: what a data engineer runs once, as the owner of the workspace's tables.
--
--   psql -d demo -f examples/twenty/bind.sql         from the root of the repository, which the path of the rule set is relative to
--
-- In an own workspace only the next line changes.
\set workspace workspace_demo

\set ON_ERROR_STOP on
\set rules `cat examples/twenty/rules.json`
SET search_path = :"workspace";

-- Twenty makes and changes the tables of a workspace itself, so what is ours lives in a schema of its own.
CREATE SCHEMA scoring;

-- A lead is a person with what is known of the company, under names that rules can use.
CREATE VIEW scoring.lead AS
SELECT p."id",
       p."createdAt"                                 AS created_at,
       p."nameFirstName"                             AS first_name,
       p."nameLastName"                              AS last_name,
       p."emailsPrimaryEmail"                        AS email,
       p."jobTitle"                                  AS title,
       p."city",
       c."name"                                      AS company,
       c."domainNamePrimaryLinkUrl"                  AS website,
       c."employees",
       c."addressAddressCountry"                     AS country,
       c."idealCustomerProfile"                      AS ideal_customer,
       c."annualRecurringRevenueAmountMicros" / 1e6  AS revenue
FROM "person" p LEFT JOIN "company" c ON c."id" = p."companyId" AND c."deletedAt" IS NULL
WHERE p."deletedAt" IS NULL;

-- What rules read of an activity, whichever table it comes from.
CREATE TYPE scoring.touch AS (subject text, form text, amount float8);

SELECT leadscore.create_model('b2b', :'rules', lead => 'scoring.lead', lead_key => 'id');

-- The tables behind the view, and whose score a row of them may change.
SELECT leadscore.watch('b2b', 'person',  'SELECT person."id"');
SELECT leadscore.watch('b2b', 'company', 'SELECT p."id" FROM "person" p WHERE p."companyId" = company."id"');

-- Mail. The participant says who and in which role; when, about what, and whether a machine answered, says the message.
SELECT leadscore.watch('b2b', 'message', 'SELECT mp."personId" FROM "messageParticipant" mp WHERE mp."messageId" = message."id"');
SELECT leadscore.add_activity('b2b', '"messageParticipant"',
  lead_key => '"personId"',
  kind     => $$(SELECT CASE WHEN m."subject" ILIKE 'automatic reply%' OR m."subject" ILIKE 'out of office%' THEN 'auto_reply'
                        ELSE 'email_' || lower("messageParticipant"."role"::text) END
                 FROM "message" m WHERE m."id" = "messageParticipant"."messageId")$$,
  at       => '(SELECT m."receivedAt" FROM "message" m WHERE m."id" = "messageParticipant"."messageId")',
  filter   => '"deletedAt" IS NULL AND (SELECT m."deletedAt" IS NULL FROM "message" m WHERE m."id" = "messageParticipant"."messageId")',
  fields   => 'ROW((SELECT m."subject" FROM "message" m WHERE m."id" = "messageParticipant"."messageId"), NULL, NULL)::scoring.touch');

-- Meetings: by what the person answered, at the time when they begin. One that is still to come counts from then on.
SELECT leadscore.watch('b2b', '"calendarEvent"',
  'SELECT cp."personId" FROM "calendarEventParticipant" cp WHERE cp."calendarEventId" = "calendarEvent"."id"');
SELECT leadscore.add_activity('b2b', '"calendarEventParticipant"',
  lead_key => '"personId"',
  kind     => $$'meeting_' || lower("responseStatus"::text)$$,
  at       => '(SELECT e."startsAt" FROM "calendarEvent" e WHERE e."id" = "calendarEventParticipant"."calendarEventId")',
  filter   => $$"deletedAt" IS NULL AND (SELECT e."deletedAt" IS NULL AND NOT e."isCanceled" FROM "calendarEvent" e
                                         WHERE e."id" = "calendarEventParticipant"."calendarEventId")$$,
  fields   => 'ROW(NULL, NULL, NULL)::scoring.touch');

-- Deals count for their point of contact, by the stage that they are in.
SELECT leadscore.add_activity('b2b', 'opportunity',
  lead_key => '"pointOfContactId"',
  kind     => $$'deal_' || lower("stage"::text)$$,
  at       => '"createdAt"',
  filter   => '"deletedAt" IS NULL',
  fields   => 'ROW(NULL, NULL, "amountAmountMicros" / 1e6)::scoring.touch');

-- The timeline: of a person, and of a deal for the point of contact. Each target has a column of its own, so each is an activity of its own.
SELECT leadscore.add_activity('b2b', '"timelineActivity"',
  lead_key => '"targetPersonId"',
  kind     => '"name"',
  at       => '"happensAt"',
  filter   => '"deletedAt" IS NULL',
  fields   => $$ROW(NULL, "properties" ->> 'form', NULL)::scoring.touch$$);

SELECT leadscore.watch('b2b', 'opportunity', 'SELECT opportunity."pointOfContactId"');
SELECT leadscore.add_activity('b2b', '"timelineActivity"',
  lead_key => '(SELECT o."pointOfContactId" FROM "opportunity" o WHERE o."id" = "timelineActivity"."targetOpportunityId" AND o."deletedAt" IS NULL)',
  kind     => '"name"',
  at       => '"happensAt"',
  filter   => '"deletedAt" IS NULL AND "targetOpportunityId" IS NOT NULL',
  fields   => 'ROW(NULL, NULL, NULL)::scoring.touch');
