-- The part of a Chatwoot database that scoring reads, for trying the binding on: contacts, conversations, messages, labels.
--
--   psql -d demo -f examples/chatwoot/schema.sql
--
-- Not needed where there is a Chatwoot: it has these tables in schema public, with more columns. Here they get a schema of their own, so that the example
-- can share a database with others.
-- All customers of an installation ("accounts") share the tables and are told apart by account_id; times are without a zone, in UTC; what kind of
-- message or contact a row is, is an integer; there are no foreign keys.

\set ON_ERROR_STOP on

CREATE SCHEMA chatwoot;
SET search_path = chatwoot;

CREATE TABLE contacts (
    id                    serial PRIMARY KEY,
    name                  varchar DEFAULT '',
    email                 varchar,
    phone_number          varchar,
    account_id            integer NOT NULL,
    created_at            timestamp(6) NOT NULL,
    updated_at            timestamp(6) NOT NULL,
    additional_attributes jsonb DEFAULT '{}',        -- what Chatwoot found out: company_name, country, country_code, city, …
    identifier            varchar,
    custom_attributes     jsonb DEFAULT '{}',        -- what the account has defined
    last_activity_at      timestamp(6),
    contact_type          integer DEFAULT 0,         -- 0 visitor, 1 lead, 2 customer
    country_code          varchar DEFAULT '',
    blocked               boolean NOT NULL DEFAULT false
);
CREATE INDEX ON contacts (account_id);

CREATE TABLE conversations (
    id                    serial PRIMARY KEY,
    account_id            integer NOT NULL,
    inbox_id              integer NOT NULL,
    status                integer NOT NULL DEFAULT 0,   -- 0 open, 1 resolved, 2 pending, 3 snoozed
    created_at            timestamp(6) NOT NULL,
    contact_id            bigint,
    additional_attributes jsonb DEFAULT '{}',           -- referer: the page on which the chat was opened; browser, …
    uuid                  uuid NOT NULL DEFAULT gen_random_uuid(),
    last_activity_at      timestamp(6) NOT NULL DEFAULT current_timestamp,
    campaign_id           bigint,
    custom_attributes     jsonb DEFAULT '{}',
    priority              integer,                      -- 0 low, 1 medium, 2 high, 3 urgent
    waiting_since         timestamp(6)
);
CREATE INDEX ON conversations (account_id);
CREATE INDEX ON conversations (contact_id);

CREATE TABLE messages (
    id                    serial PRIMARY KEY,
    content               text,
    account_id            integer NOT NULL,
    inbox_id              integer NOT NULL,
    conversation_id       integer NOT NULL,
    message_type          integer NOT NULL,             -- 0 incoming, 1 outgoing, 2 activity, 3 template
    created_at            timestamp(6) NOT NULL,
    private               boolean NOT NULL DEFAULT false,
    status                integer DEFAULT 0,            -- 0 sent, 1 delivered, 2 read, 3 failed
    content_type          integer NOT NULL DEFAULT 0,
    content_attributes    json DEFAULT '{}',
    sender_type           varchar,                      -- Contact, User, AgentBot
    sender_id             bigint,
    additional_attributes jsonb DEFAULT '{}',
    sentiment             jsonb DEFAULT '{}'
);
CREATE INDEX ON messages (conversation_id);

-- Labels: a tag, and what it is put on.
CREATE TABLE tags (
    id   serial PRIMARY KEY,
    name varchar UNIQUE
);

CREATE TABLE taggings (
    id            serial PRIMARY KEY,
    tag_id        integer,
    taggable_type varchar,                              -- Contact or Conversation
    taggable_id   integer,
    context       varchar(128),
    created_at    timestamp(6)
);
CREATE INDEX ON taggings (taggable_id);
CREATE INDEX ON taggings (tag_id);
