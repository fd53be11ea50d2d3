-- Is every live score of examples/twenty what plain SQL over the raw tables says? Called by test/sql/crm_twenty, after schema.sql and bind.sql.
-- The joins here are written by hand and share nothing with the statements that leadscore makes from bind.sql.

\set ON_ERROR_STOP on
\set QUIET on
SET search_path = workspace_demo;

CREATE SCHEMA checks;

-- The activities of one person, each table by an explicit join.
CREATE FUNCTION checks.touches(person uuid) RETURNS TABLE (kind text, at timestamptz, fields scoring.touch)
LANGUAGE sql STABLE SET search_path = workspace_demo AS $$
  SELECT CASE WHEN m."subject" ILIKE 'automatic reply%' OR m."subject" ILIKE 'out of office%' THEN 'auto_reply'
              WHEN mp."role" = 'FROM' THEN 'email_from' WHEN mp."role" = 'TO' THEN 'email_to' WHEN mp."role" = 'CC' THEN 'email_cc' ELSE 'email_bcc' END,
         m."receivedAt", ROW(m."subject", NULL, NULL)::scoring.touch
  FROM "messageParticipant" mp JOIN "message" m ON m."id" = mp."messageId"
  WHERE mp."personId" = person AND mp."deletedAt" IS NULL AND m."deletedAt" IS NULL
  UNION ALL
  SELECT 'meeting_' || lower(cp."responseStatus"::text), e."startsAt", ROW(NULL, NULL, NULL)::scoring.touch
  FROM "calendarEventParticipant" cp JOIN "calendarEvent" e ON e."id" = cp."calendarEventId"
  WHERE cp."personId" = person AND cp."deletedAt" IS NULL AND e."deletedAt" IS NULL AND NOT e."isCanceled"
  UNION ALL
  SELECT 'deal_' || lower(o."stage"::text), o."createdAt", ROW(NULL, NULL, o."amountAmountMicros" / 1000000)::scoring.touch
  FROM "opportunity" o WHERE o."pointOfContactId" = person AND o."deletedAt" IS NULL
  UNION ALL
  SELECT t."name", t."happensAt", ROW(NULL, t."properties" ->> 'form', NULL)::scoring.touch
  FROM "timelineActivity" t WHERE t."targetPersonId" = person AND t."deletedAt" IS NULL
  UNION ALL
  SELECT t."name", t."happensAt", ROW(NULL, NULL, NULL)::scoring.touch
  FROM "timelineActivity" t JOIN "opportunity" o ON o."id" = t."targetOpportunityId"
  WHERE o."pointOfContactId" = person AND o."deletedAt" IS NULL AND t."deletedAt" IS NULL
$$;

-- The row of one person that rules read.
CREATE FUNCTION checks.people() RETURNS TABLE (id uuid, created_at timestamptz, email text, title text, employees float8, country text, website text, ideal_customer boolean, revenue numeric)
LANGUAGE sql STABLE SET search_path = workspace_demo AS $$
  SELECT p."id", p."createdAt", p."emailsPrimaryEmail", p."jobTitle", c."employees", c."addressAddressCountry", c."domainNamePrimaryLinkUrl",
         c."idealCustomerProfile", c."annualRecurringRevenueAmountMicros" / 1e6
  FROM "person" p LEFT JOIN (SELECT * FROM "company" WHERE "deletedAt" IS NULL) c ON c."id" = p."companyId"
  WHERE p."deletedAt" IS NULL
$$;
\ir live.sql
SELECT checks.make('b2b', 'id', 'checks.people()') \g /dev/null

-- do STATEMENT …: one change, then the comparison.
\set verify 'SELECT checks.verify_b2b(:''step'') \\g /dev/null'

\set ana    '22222222-0000-4000-8000-000000000001'
\set ben    '22222222-0000-4000-8000-000000000002'
\set cleo   '22222222-0000-4000-8000-000000000003'
\set anna   '22222222-0000-4000-8000-000000000005'
\set uzina  '11111111-0000-4000-8000-000000000001'
\set mail   '33333333-0000-4000-8000-000000000001'
\set visit  '44444444-0000-4000-8000-000000000001'
\set pumps  '55555555-0000-4000-8000-000000000001'

\set step 'as try.sql left it'
:verify;

\set step 'message: received at another time, another subject'
UPDATE "message" SET "receivedAt" = "receivedAt" - interval '20 days', "subject" = 'Hello' WHERE "id" = :'mail';
:verify;
\set step 'message: became an automatic reply'
UPDATE "message" SET "subject" = 'Out of office' WHERE "id" = :'mail';
:verify;
\set step 'message: not received yet'
UPDATE "message" SET "receivedAt" = NULL WHERE "id" = :'mail';
:verify;
\set step 'message: received, in the future'
UPDATE "message" SET "receivedAt" = now() + interval '1 hour', "subject" = 'Quote' WHERE "id" = :'mail';
:verify;
\set step 'message: received, all'
UPDATE "message" SET "receivedAt" = now() - interval '1 hour';
:verify;
\set step 'participant: re-pointed to somebody else'
UPDATE "messageParticipant" SET "personId" = :'ben' WHERE "personId" = :'cleo';
:verify;
\set step 'participant: re-pointed to nobody'
UPDATE "messageParticipant" SET "personId" = NULL WHERE "personId" = :'ben';
:verify;
\set step 'participant: moved to another message'
UPDATE "messageParticipant" SET "messageId" = '33333333-0000-4000-8000-000000000003' WHERE "messageId" = :'mail';
:verify;
\set step 'participant: role changed'
UPDATE "messageParticipant" SET "role" = 'TO' WHERE "role" = 'FROM';
:verify;
\set step 'participant: swapped in one statement'
UPDATE "messageParticipant" SET "personId" = CASE "personId" WHEN :'ana' THEN :'cleo'::uuid ELSE :'ana'::uuid END WHERE "personId" IN (:'ana', :'cleo');
:verify;
\set step 'meeting: cancelled'
UPDATE "calendarEvent" SET "isCanceled" = true WHERE "id" = :'visit';
:verify;
\set step 'meeting: takes place after all, tomorrow'
UPDATE "calendarEvent" SET "isCanceled" = false, "startsAt" = now() + interval '1 day' WHERE "id" = :'visit';
:verify;
\set step 'meeting: was last year'
UPDATE "calendarEvent" SET "startsAt" = now() - interval '1 year' WHERE "id" = :'visit';
:verify;
\set step 'meeting: everybody accepts'
UPDATE "calendarEventParticipant" SET "responseStatus" = 'ACCEPTED', "deletedAt" = NULL;
:verify;
\set step 'deal: another point of contact'
UPDATE "opportunity" SET "pointOfContactId" = :'cleo' WHERE "id" = :'pumps';
:verify;
\set step 'deal: another amount'
UPDATE "opportunity" SET "amountAmountMicros" = 5e9 WHERE "id" = :'pumps';
:verify;
\set step 'deal: soft deleted, its timeline with it'
UPDATE "opportunity" SET "deletedAt" = now() WHERE "id" = :'pumps';
:verify;
\set step 'deal: restored'
UPDATE "opportunity" SET "deletedAt" = NULL WHERE "id" = :'pumps';
:verify;
\set step 'timeline: an entry goes from a person to a deal'
UPDATE "timelineActivity" SET "targetPersonId" = NULL, "targetOpportunityId" = :'pumps' WHERE "targetPersonId" = :'cleo' AND "name" = 'person.updated';
:verify;
\set step 'timeline: an entry of a person and a deal'
UPDATE "timelineActivity" SET "targetPersonId" = :'ben', "name" = 'opportunity.updated' WHERE "targetOpportunityId" = :'pumps';
:verify;
\set step 'timeline: properties changed'
UPDATE "timelineActivity" SET "properties" = jsonb_set("properties", '{form}', '"unsubscribe"') WHERE "name" = 'form.submitted';
:verify;
\set step 'person: another title'
UPDATE "person" SET "jobTitle" = 'Head of purchasing' WHERE "id" = :'ben';
:verify;
\set step 'person: another company'
UPDATE "person" SET "companyId" = :'uzina' WHERE "companyId" IS NULL;
:verify;
\set step 'person: restored'
UPDATE "person" SET "deletedAt" = NULL;
:verify;
\set step 'company: a new owner, a new country'
UPDATE "company" SET "addressAddressCountry" = 'Peru', "domainNamePrimaryLinkUrl" = 'https://www.acme.com/uzina' WHERE "id" = :'uzina';
:verify;
\set step 'company: soft deleted'
UPDATE "company" SET "deletedAt" = now();
:verify;
\set step 'company: restored, grown'
UPDATE "company" SET "deletedAt" = NULL, "employees" = 12000, "domainNamePrimaryLinkUrl" = NULL, "addressAddressCountry" = 'France';
:verify;

\set step 'one statement that writes three tables'
WITH m AS (INSERT INTO "message" ("subject", "receivedAt") VALUES ('Offer?', now() - interval '1 minute') RETURNING "id"),
     p AS (UPDATE "person" SET "jobTitle" = 'CEO' WHERE "id" = :'ben')
INSERT INTO "messageParticipant" ("messageId", "role", "personId") SELECT m."id", 'FROM', :'ben' FROM m;
:verify;
\set step 'one statement that deletes and inserts'
WITH d AS (DELETE FROM "messageParticipant" WHERE "personId" = :'ben' RETURNING *)
INSERT INTO "messageParticipant" ("messageId", "role", "personId") SELECT d."messageId", 'CC', :'ben' FROM d;
:verify;
\set step 'one statement that moves a message and who took part in it'
WITH m AS (UPDATE "message" SET "subject" = 'Automatic reply: price', "receivedAt" = now() - interval '3 days' WHERE "id" = :'mail')
UPDATE "messageParticipant" SET "messageId" = '33333333-0000-4000-8000-000000000002' WHERE "messageId" = :'mail';
:verify;
\set step 'one statement that moves them back'
WITH m AS (UPDATE "message" SET "subject" = 'Quote', "receivedAt" = now() - interval '9 days' WHERE "id" = '33333333-0000-4000-8000-000000000002')
UPDATE "messageParticipant" SET "messageId" = :'mail' WHERE "messageId" = '33333333-0000-4000-8000-000000000002';
:verify;
\set step 'upsert'
INSERT INTO "messageParticipant" ("id", "messageId", "role", "personId") SELECT "id", "messageId", 'FROM'::"messageParticipant_role_enum", "personId" FROM "messageParticipant"
UNION ALL SELECT gen_random_uuid(), :'mail', 'FROM', :'ben'
ON CONFLICT ("id") DO UPDATE SET "role" = excluded."role";
:verify;
\set step 'merge'
MERGE INTO "calendarEventParticipant" c USING (SELECT "id" FROM "calendarEventParticipant" UNION ALL SELECT gen_random_uuid()) s ON c."id" = s."id"
WHEN MATCHED AND c."personId" = :'ana' THEN DELETE
WHEN MATCHED THEN UPDATE SET "responseStatus" = 'TENTATIVE'
WHEN NOT MATCHED THEN INSERT ("calendarEventId", "personId", "responseStatus") VALUES (:'visit', :'ben', 'ACCEPTED');
:verify;
\set step 'rolled back'
BEGIN;
DELETE FROM "message";
DELETE FROM "person" WHERE "id" = :'ana';
ROLLBACK;
:verify;
\set step 'a part rolled back'
BEGIN;
UPDATE "person" SET "jobTitle" = 'Intern' WHERE "id" = :'ana';
SAVEPOINT before;
UPDATE "person" SET "deletedAt" = now();
INSERT INTO "opportunity" ("stage", "pointOfContactId") VALUES ('PROPOSAL', :'ana');
ROLLBACK TO before;
INSERT INTO "opportunity" ("stage", "pointOfContactId") VALUES ('SCREENING', :'anna');
COMMIT;
:verify;

\set step 'hard delete: a participant'
DELETE FROM "messageParticipant" WHERE "messageId" = :'mail';
:verify;
\set step 'hard delete: messages, their participants with them'
DELETE FROM "message" WHERE "subject" <> 'Offer?';
:verify;
\set step 'hard delete: a meeting, its participants with it'
DELETE FROM "calendarEvent" WHERE "id" = :'visit';
:verify;
\set step 'hard delete: a deal, its timeline with it'
DELETE FROM "opportunity" WHERE "id" = :'pumps';
:verify;
\set step 'hard delete: a company, its people stay'
DELETE FROM "company" WHERE "id" = :'uzina';
:verify;
\set step 'hard delete: a person'
DELETE FROM "person" WHERE "id" = :'anna';
:verify;
\set step 'a person comes back under the same key, and what was theirs does not'
INSERT INTO "person" ("id", "nameFirstName", "jobTitle") VALUES (:'anna', 'Anna', 'Founder');
:verify;
\set step 'truncated'
TRUNCATE "timelineActivity";
:verify;

-- Random changes of a few rows each, in transactions of one to three.
CREATE FUNCTION checks.any_id(source regclass) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE found uuid;
BEGIN
  EXECUTE format('SELECT id FROM %s ORDER BY id OFFSET (SELECT floor(random() * count(*)) FROM %1$s) LIMIT 1', source) INTO found;
  RETURN found;
END $$;

CREATE FUNCTION checks.change() RETURNS text LANGUAGE plpgsql SET search_path = workspace_demo AS $$
DECLARE
  n int := floor(random() * 28);
  -- Deleted now, or restored.
  deleted timestamptz := CASE WHEN random() < 0.4 THEN now() END;
  past timestamptz := now() - random() * interval '120 days';
  who uuid := CASE WHEN random() < 0.95 THEN checks.any_id('person') END;
BEGIN
  CASE n
    WHEN 0, 26, 27 THEN INSERT INTO "person" ("jobTitle", "emailsPrimaryEmail", "companyId", "createdAt")
      VALUES ((ARRAY['CEO', 'Buyer', 'Student', NULL])[1 + floor(random() * 4)], (ARRAY['x@gmail.com', 'x@acme.com', 'x@uzina.example'])[1 + floor(random() * 3)], checks.any_id('company'), past);
    WHEN 1 THEN INSERT INTO "company" ("name", "employees", "addressAddressCountry", "idealCustomerProfile") VALUES ('C', floor(random() * 2000), 'France', random() < 0.5);
    WHEN 2, 3, 4 THEN
      WITH m AS (INSERT INTO "message" ("subject", "receivedAt") VALUES ((ARRAY['Quote?', 'Hello', 'Out of office: x'])[1 + floor(random() * 3)], past) RETURNING "id")
      INSERT INTO "messageParticipant" ("messageId", "role", "personId") SELECT "id", 'FROM'::"messageParticipant_role_enum", who FROM m UNION ALL SELECT "id", 'TO', checks.any_id('person') FROM m;
    WHEN 5, 6 THEN INSERT INTO "messageParticipant" ("messageId", "role", "personId") SELECT "id", 'CC', who FROM "message" ORDER BY random() LIMIT 2;
    WHEN 7, 8 THEN
      WITH e AS (INSERT INTO "calendarEvent" ("startsAt") VALUES (past + interval '20 days') RETURNING "id")
      INSERT INTO "calendarEventParticipant" ("calendarEventId", "responseStatus", "personId")
      SELECT "id", ((ARRAY['ACCEPTED', 'DECLINED', 'NEEDS_ACTION'])[1 + floor(random() * 3)])::"calendarEventParticipant_responseStatus_enum", who FROM e;
    WHEN 9 THEN INSERT INTO "opportunity" ("stage", "amountAmountMicros", "pointOfContactId", "createdAt")
      VALUES (((ARRAY['NEW', 'MEETING', 'PROPOSAL', 'CUSTOMER'])[1 + floor(random() * 4)])::"opportunity_stage_enum", floor(random() * 1e11), who, past);
    WHEN 10, 11 THEN INSERT INTO "timelineActivity" ("name", "happensAt", "properties", "targetPersonId", "targetOpportunityId")
      VALUES ((ARRAY['form.submitted', 'opportunity.updated', 'note.created'])[1 + floor(random() * 3)], past,
              jsonb_build_object('form', (ARRAY['quote', 'news', 'unsubscribe'])[1 + floor(random() * 3)]), who, CASE WHEN random() < 0.5 THEN checks.any_id('opportunity') END);
    WHEN 12 THEN UPDATE "person" SET "deletedAt" = deleted WHERE "id" = who;
    WHEN 13 THEN UPDATE "company" SET "deletedAt" = deleted WHERE "id" = checks.any_id('company');
    WHEN 14 THEN UPDATE "message" SET "deletedAt" = deleted WHERE "id" = checks.any_id('message');
    WHEN 15 THEN UPDATE "calendarEvent" SET "deletedAt" = deleted, "isCanceled" = random() < 0.2 WHERE "id" = checks.any_id('"calendarEvent"');
    WHEN 16 THEN UPDATE "opportunity" SET "deletedAt" = deleted, "pointOfContactId" = who WHERE "id" = checks.any_id('opportunity');
    WHEN 17 THEN UPDATE "messageParticipant" SET "deletedAt" = deleted, "personId" = who WHERE "id" = checks.any_id('"messageParticipant"');
    WHEN 18 THEN UPDATE "calendarEventParticipant" SET "personId" = who, "calendarEventId" = checks.any_id('"calendarEvent"') WHERE "id" = checks.any_id('"calendarEventParticipant"');
    WHEN 19 THEN UPDATE "timelineActivity" SET "targetOpportunityId" = checks.any_id('opportunity'), "targetPersonId" = NULL WHERE "id" = checks.any_id('"timelineActivity"');
    WHEN 20 THEN UPDATE "message" SET "receivedAt" = past, "subject" = 'Price' WHERE "id" = checks.any_id('message');
    WHEN 21 THEN UPDATE "person" SET "companyId" = checks.any_id('company'), "jobTitle" = 'Director' WHERE "id" = who;
    WHEN 22 THEN UPDATE "company" SET "employees" = floor(random() * 2000), "idealCustomerProfile" = NOT "idealCustomerProfile" WHERE random() < 0.5;
    WHEN 23 THEN  -- two become one
      UPDATE "messageParticipant" SET "personId" = who WHERE "personId" = checks.any_id('person');
      UPDATE "opportunity" SET "pointOfContactId" = who WHERE "pointOfContactId" = checks.any_id('person');
    WHEN 24 THEN DELETE FROM "message" WHERE "id" = checks.any_id('message');
    ELSE
      CASE floor(random() * 4)::int
        WHEN 0 THEN DELETE FROM "person" WHERE "id" = who AND random() < 0.5;
        WHEN 1 THEN DELETE FROM "company" WHERE "id" = checks.any_id('company');
        WHEN 2 THEN DELETE FROM "calendarEvent" WHERE "id" = checks.any_id('"calendarEvent"');
        ELSE DELETE FROM "opportunity" WHERE "id" = checks.any_id('opportunity');
      END CASE;
  END CASE;
  RETURN n;
END $$;

SELECT setseed(:seed) \g /dev/null
SELECT set_config('checks.changes', :'changes', false) \g /dev/null
DO $$
DECLARE done text;
BEGIN
  FOR i IN 1 .. current_setting('checks.changes')::int LOOP
    done := 'random';
    FOR j IN 1 .. 1 + floor(random() * random() * 3) LOOP
      done := done || ' ' || checks.change();
    END LOOP;
    COMMIT;
    PERFORM checks.verify_b2b(done);
    COMMIT;
  END LOOP;
END $$;

-- Other rules, for the states that there are and for states that must be made anew.
\set step 'published: other points'
SELECT leadscore.publish('b2b', replace(leadscore.active('b2b')::text, '"points": 20', '"points": 33')::leadscore.ruleset, 'meetings matter') \g /dev/null
:verify;
\set step 'published: another half-life'
SELECT leadscore.publish('b2b', replace(leadscore.active('b2b')::text, '30 days', '21 days')::leadscore.ruleset) \g /dev/null
:verify;
\set step 'published: a rule less, states later'
SELECT leadscore.publish('b2b', replace(leadscore.active('b2b')::text, '"id": "wrote"', '"id": "wrote", "off": true')::leadscore.ruleset, rebuild => 'later') \g /dev/null
UPDATE "message" SET "receivedAt" = now() - interval '2 days' WHERE random() < 0.5;
CALL leadscore.rescore('b2b', 3);
:verify;
\set step 'changes go on'
UPDATE "messageParticipant" SET "personId" = checks.any_id('person') WHERE random() < 0.5;
UPDATE "company" SET "employees" = 5000;
:verify;

SELECT format('%s comparisons of %s scores, %s transitions: all as plain SQL has it', count(*), sum(leads), (SELECT count(*) FROM leadscore.transition))
FROM checks.verified \g (format=unaligned tuples_only=on)
