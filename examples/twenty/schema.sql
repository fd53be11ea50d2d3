-- The part of a Twenty CRM workspace that scoring reads, for trying the binding on: people, companies, opportunities, mail, meetings, timeline.
--
--   psql -d demo -f examples/twenty/schema.sql
--
-- Not needed where there is a Twenty: it has these tables, each workspace in a schema of its own (workspace_ and some letters), with more columns.
-- Names are in camelCase and need quotation marks, keys are uuid, nothing is deleted at first: "deletedAt" is set, and cleared again on restore.

\set ON_ERROR_STOP on

CREATE SCHEMA workspace_demo;
SET search_path = workspace_demo;

CREATE TYPE "opportunity_stage_enum" AS ENUM ('NEW', 'SCREENING', 'MEETING', 'PROPOSAL', 'CUSTOMER');
CREATE TYPE "messageParticipant_role_enum" AS ENUM ('FROM', 'TO', 'CC', 'BCC');
CREATE TYPE "calendarEventParticipant_responseStatus_enum" AS ENUM ('NEEDS_ACTION', 'DECLINED', 'TENTATIVE', 'ACCEPTED');

CREATE TABLE "company" (
    "id"                                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    "createdAt"                          timestamptz NOT NULL DEFAULT now(),
    "updatedAt"                          timestamptz NOT NULL DEFAULT now(),
    "deletedAt"                          timestamptz,
    "name"                               text,
    "domainNamePrimaryLinkUrl"           text,
    "employees"                          float8,
    "annualRecurringRevenueAmountMicros" numeric,
    "annualRecurringRevenueCurrencyCode" text,
    "addressAddressCity"                 text,
    "addressAddressCountry"              text,
    "idealCustomerProfile"               boolean NOT NULL DEFAULT false,
    "position"                           float8 NOT NULL DEFAULT 0,
    "searchVector"                       tsvector GENERATED ALWAYS AS (to_tsvector('simple', coalesce("name", ''))) STORED
);

CREATE TABLE "person" (
    "id"                       uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    "createdAt"                timestamptz NOT NULL DEFAULT now(),
    "updatedAt"                timestamptz NOT NULL DEFAULT now(),
    "deletedAt"                timestamptz,
    "nameFirstName"            text,
    "nameLastName"             text,
    "emailsPrimaryEmail"       text,
    "emailsAdditionalEmails"   jsonb,
    "jobTitle"                 text,
    "phonesPrimaryPhoneNumber" text,
    "city"                     text,
    "position"                 float8 NOT NULL DEFAULT 0,
    "companyId"                uuid REFERENCES "company" ON DELETE SET NULL,
    "searchVector"             tsvector GENERATED ALWAYS AS (to_tsvector('simple', coalesce("emailsPrimaryEmail", ''))) STORED
);
CREATE INDEX ON "person" ("companyId");

CREATE TABLE "opportunity" (
    "id"                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    "createdAt"          timestamptz NOT NULL DEFAULT now(),
    "updatedAt"          timestamptz NOT NULL DEFAULT now(),
    "deletedAt"          timestamptz,
    "name"               text,
    "amountAmountMicros" numeric,
    "amountCurrencyCode" text,
    "closeDate"          timestamptz,
    "stage"              "opportunity_stage_enum" NOT NULL DEFAULT 'NEW',
    "position"           float8 NOT NULL DEFAULT 0,
    "pointOfContactId"   uuid REFERENCES "person" ON DELETE SET NULL,
    "companyId"          uuid REFERENCES "company" ON DELETE SET NULL
);
CREATE INDEX ON "opportunity" ("pointOfContactId");

-- What happened to which record: one column for each kind of target, all but one NULL.
CREATE TABLE "timelineActivity" (
    "id"                     uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    "createdAt"              timestamptz NOT NULL DEFAULT now(),
    "deletedAt"              timestamptz,
    "happensAt"              timestamptz NOT NULL DEFAULT now(),
    "name"                   text,
    "properties"             jsonb,
    "linkedRecordCachedName" text,
    "linkedRecordId"         uuid,
    "workspaceMemberId"      uuid,
    "targetPersonId"         uuid REFERENCES "person" ON DELETE CASCADE,
    "targetCompanyId"        uuid REFERENCES "company" ON DELETE CASCADE,
    "targetOpportunityId"    uuid REFERENCES "opportunity" ON DELETE CASCADE
);
CREATE INDEX ON "timelineActivity" ("targetPersonId");
CREATE INDEX ON "timelineActivity" ("targetOpportunityId");

CREATE TABLE "message" (
    "id"              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    "createdAt"       timestamptz NOT NULL DEFAULT now(),
    "deletedAt"       timestamptz,
    "headerMessageId" text,
    "subject"         text,
    "text"            text,
    "receivedAt"      timestamptz,
    "messageThreadId" uuid
);

CREATE TABLE "messageParticipant" (
    "id"                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    "createdAt"         timestamptz NOT NULL DEFAULT now(),
    "deletedAt"         timestamptz,
    "role"              "messageParticipant_role_enum" NOT NULL DEFAULT 'FROM',
    "handle"            text,
    "displayName"       text,
    "messageId"         uuid NOT NULL REFERENCES "message" ON DELETE CASCADE,
    "personId"          uuid REFERENCES "person" ON DELETE SET NULL,
    "workspaceMemberId" uuid
);
CREATE INDEX ON "messageParticipant" ("messageId");
CREATE INDEX ON "messageParticipant" ("personId");

CREATE TABLE "calendarEvent" (
    "id"         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    "createdAt"  timestamptz NOT NULL DEFAULT now(),
    "deletedAt"  timestamptz,
    "title"      text,
    "isCanceled" boolean NOT NULL DEFAULT false,
    "startsAt"   timestamptz,
    "endsAt"     timestamptz
);

CREATE TABLE "calendarEventParticipant" (
    "id"                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    "createdAt"         timestamptz NOT NULL DEFAULT now(),
    "deletedAt"         timestamptz,
    "handle"            text,
    "isOrganizer"       boolean NOT NULL DEFAULT false,
    "responseStatus"    "calendarEventParticipant_responseStatus_enum" NOT NULL DEFAULT 'NEEDS_ACTION',
    "calendarEventId"   uuid NOT NULL REFERENCES "calendarEvent" ON DELETE CASCADE,
    "personId"          uuid REFERENCES "person" ON DELETE SET NULL,
    "workspaceMemberId" uuid
);
CREATE INDEX ON "calendarEventParticipant" ("calendarEventId");
CREATE INDEX ON "calendarEventParticipant" ("personId");
