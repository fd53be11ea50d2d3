-- Is every live score of examples/chatwoot what plain SQL over the raw tables says, for both accounts? Called by test/sql/crm_chatwoot, after schema.sql, bind.sql
-- and try.sql. The joins here are written by hand and share nothing with the statements that leadscore makes from bind.sql.

\set ON_ERROR_STOP on
\set QUIET on
SET search_path = chatwoot;

CREATE SCHEMA checks;

-- The activities of one contact, each table by an explicit join.
CREATE FUNCTION checks.touches(account integer, contact bigint) RETURNS TABLE (kind text, at timestamptz, fields scoring.chat)
LANGUAGE sql STABLE SET search_path = chatwoot AS $$
  SELECT 'conversation', v.created_at AT TIME ZONE 'UTC', ROW(NULL, v.additional_attributes ->> 'referer', v.priority)::scoring.chat
  FROM conversations v WHERE v.contact_id = contact AND v.account_id = account
  UNION ALL
  SELECT CASE m.message_type WHEN 0 THEN 'message_in' ELSE 'message_out' END, m.created_at AT TIME ZONE 'UTC', ROW(m.content, NULL, NULL)::scoring.chat
  FROM messages m JOIN conversations v ON v.id = m.conversation_id
  WHERE v.contact_id = contact AND m.account_id = account AND m.message_type <= 1 AND NOT m.private
  UNION ALL
  SELECT 'label_' || t.name, g.created_at AT TIME ZONE 'UTC', ROW(NULL, NULL, NULL)::scoring.chat
  FROM taggings g JOIN tags t ON t.id = g.tag_id WHERE g.taggable_type = 'Contact' AND g.taggable_id = contact
  UNION ALL
  SELECT 'label_' || t.name, g.created_at AT TIME ZONE 'UTC', ROW(NULL, NULL, NULL)::scoring.chat
  FROM taggings g JOIN tags t ON t.id = g.tag_id JOIN conversations v ON v.id = g.taggable_id
  WHERE g.taggable_type = 'Conversation' AND v.contact_id = contact AND v.account_id = account
$$;
CREATE FUNCTION checks.touches_1(contact integer) RETURNS TABLE (kind text, at timestamptz, fields scoring.chat) LANGUAGE sql STABLE AS 'SELECT * FROM checks.touches(1, contact)';
CREATE FUNCTION checks.touches_2(contact integer) RETURNS TABLE (kind text, at timestamptz, fields scoring.chat) LANGUAGE sql STABLE AS 'SELECT * FROM checks.touches(2, contact)';
CREATE VIEW checks.contacts_1 AS SELECT id, email, contact_type, additional_attributes, custom_attributes, created_at FROM contacts WHERE account_id = 1 AND NOT blocked;
CREATE VIEW checks.contacts_2 AS SELECT id, email, contact_type, additional_attributes, custom_attributes, created_at FROM contacts WHERE account_id = 2 AND NOT blocked;
\ir live.sql
SELECT checks.make('account_1', 'id', 'checks.contacts_1', 'checks.touches_1'), checks.make('account_2', 'id', 'checks.contacts_2', 'checks.touches_2') \g /dev/null
CREATE FUNCTION checks.verify(step text) RETURNS void LANGUAGE sql AS 'SELECT checks.verify_account_1(step), checks.verify_account_2(step)';

-- One change, then the comparison.
\set verify 'SELECT checks.verify(:''step'') \\g /dev/null'

\set step 'as try.sql left it'
:verify;
\set step 'contact: attributes changed'
UPDATE contacts SET custom_attributes = jsonb_set(custom_attributes, '{seats}', '7'), additional_attributes = additional_attributes || '{"country_code": "DE"}';
:verify;
\set step 'contact: an attribute of another type'
UPDATE contacts SET custom_attributes = '{"seats": "many", "role": ["CEO"], "tags": "reseller", "plan": 3}' WHERE id IN (101, 202);
:verify;
\set step 'contact: attributes gone'
UPDATE contacts SET custom_attributes = NULL, additional_attributes = '[]' WHERE id = 202;
:verify;
\set step 'contact: became a customer'
UPDATE contacts SET contact_type = 2 WHERE id IN (101, 201);
:verify;
\set step 'contact: blocked and unblocked'
UPDATE contacts SET blocked = NOT blocked;
:verify;
\set step 'contact: back'
UPDATE contacts SET blocked = NOT blocked;
:verify;
\set step 'contact: to the other account'
UPDATE contacts SET account_id = 2 WHERE id = 102;
:verify;
\set step 'conversations: to the other account, too'
UPDATE conversations SET account_id = 2 WHERE contact_id = 102;
:verify;
\set step 'messages: to the other account, too'
UPDATE messages SET account_id = 2 WHERE conversation_id IN (SELECT id FROM conversations WHERE account_id = 2);
:verify;
\set step 'conversation: another referer, priority, time'
UPDATE conversations SET additional_attributes = '{"referer": "/demo"}', priority = 3, created_at = created_at - interval '10 days';
:verify;
\set step 'conversation: re-pointed to another contact, with all its messages and labels'
UPDATE conversations SET contact_id = 101 WHERE id = 2001;
:verify;
\set step 'conversation: re-pointed to nobody'
UPDATE conversations SET contact_id = NULL WHERE id = 1001;
:verify;
\set step 'conversation: and back'
UPDATE conversations SET contact_id = CASE id WHEN 1001 THEN 101 ELSE 201 END WHERE id IN (1001, 2001);
:verify;
\set step 'message: edited'
UPDATE messages SET content = 'nothing' WHERE content LIKE '%quote%';
:verify;
\set step 'message: from incoming to a note'
UPDATE messages SET private = true WHERE message_type = 0 AND conversation_id = 1001;
:verify;
\set step 'message: from a remark to outgoing'
UPDATE messages SET message_type = 1 WHERE message_type = 2;
:verify;
\set step 'message: in another conversation'
UPDATE messages SET conversation_id = 2001 WHERE conversation_id = 1001;
:verify;
\set step 'message: in no conversation'
UPDATE messages SET conversation_id = 9 WHERE id % 3 = 0;
:verify;
\set step 'label: renamed'
UPDATE tags SET name = 'spam2' WHERE id = 3;
UPDATE tags SET name = 'spam' WHERE id = 1;
:verify;
\set step 'label: on a conversation instead of a contact'
UPDATE taggings SET taggable_type = 'Contact', taggable_id = 101 WHERE taggable_id = 2001;
:verify;
\set step 'label: renamed, and another put in its place, in one statement'
INSERT INTO taggings (tag_id, taggable_type, taggable_id, created_at) VALUES (1, 'Contact', 104, now()), (2, 'Conversation', 1002, now());
WITH u AS (UPDATE tags SET name = name || '-old') UPDATE taggings SET tag_id = 3 - tag_id WHERE tag_id < 3;
:verify;
\set step 'label: deleted with its taggings in one statement'
WITH d AS (DELETE FROM tags WHERE id = 2) DELETE FROM taggings WHERE tag_id = 2;
:verify;
\set step 'label: deleted, its taggings stay'
DELETE FROM tags WHERE id = 1;
:verify;
\set step 'label: made again'
INSERT INTO tags VALUES (1, 'sales-lead');
:verify;
\set step 'a conversation that was not there when its messages came'
INSERT INTO messages (account_id, inbox_id, conversation_id, message_type, content, created_at) VALUES (1, 1, 3001, 0, 'price?', now() AT TIME ZONE 'UTC');
INSERT INTO conversations (id, account_id, inbox_id, contact_id, created_at) VALUES (3001, 1, 1, 103, now() AT TIME ZONE 'UTC');
:verify;
-- What Chatwoot writes for every message, and nothing reads: no row of state is written.
CREATE TABLE checks.states AS SELECT 1 AS account, s.id, s.xmin::text AS made, s.ctid AS place FROM account_1.state s UNION ALL SELECT 2, s.id, s.xmin::text AS made, s.ctid AS place FROM account_2.state s;
UPDATE conversations SET last_activity_at = now(), waiting_since = now(), status = 1, custom_attributes = '{"a": 1}';
UPDATE contacts SET last_activity_at = now(), name = 'somebody', phone_number = '1', updated_at = now();
UPDATE messages SET status = status + 1, sentiment = '{"score": 1}';
UPDATE taggings SET context = 'labels';
DO $$
BEGIN
  IF EXISTS (TABLE checks.states EXCEPT (SELECT 1, s.id, s.xmin::text AS made, s.ctid AS place FROM account_1.state s UNION ALL SELECT 2, s.id, s.xmin::text AS made, s.ctid AS place FROM account_2.state s)) THEN
    RAISE 'states were written though nothing that is read has changed';
  END IF;
END $$;
\set step 'conversation: deleted, its messages stay'
DELETE FROM conversations WHERE id IN (1001, 2001);
:verify;
\set step 'messages: deleted after it'
DELETE FROM messages WHERE conversation_id NOT IN (SELECT id FROM conversations);
:verify;
\set step 'in one transaction: messages first'
BEGIN;
DELETE FROM messages WHERE conversation_id = 1004;
DELETE FROM conversations WHERE id = 1004;
COMMIT;
:verify;
\set step 'in one statement'
WITH a AS (DELETE FROM messages WHERE conversation_id = 3001), b AS (DELETE FROM taggings WHERE taggable_id = 101) DELETE FROM conversations WHERE id = 3001;
:verify;
\set step 'contact: deleted, what they did stays'
DELETE FROM contacts WHERE id = 102;
:verify;
\set step 'contact: made again, in the other account'
INSERT INTO contacts (id, account_id, created_at, updated_at) VALUES (102, 1, now(), now());
:verify;
\set step 'truncated'
TRUNCATE messages;
:verify;

-- Random changes, in transactions of one to three.
CREATE FUNCTION checks.any_id(source regclass) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE found integer;
BEGIN
  EXECUTE format('SELECT id FROM %s ORDER BY id OFFSET (SELECT floor(random() * count(*)) FROM %1$s) LIMIT 1', source) INTO found;
  RETURN found;
END $$;

CREATE FUNCTION checks.change() RETURNS text LANGUAGE plpgsql SET search_path = chatwoot AS $$
DECLARE
  n int := floor(random() * 26);
  past timestamp := (now() - random() * interval '60 days') AT TIME ZONE 'UTC';
  account int := 1 + floor(random() * 2);
  contact int := checks.any_id('contacts');
  conversation int := checks.any_id('conversations');
  said text := (ARRAY['price?', 'hello', 'a demo, please'])[1 + floor(random() * 3)];
BEGIN
  CASE n
    WHEN 0, 19, 20 THEN INSERT INTO contacts (account_id, email, created_at, updated_at, contact_type, additional_attributes, custom_attributes)
      VALUES (account, (ARRAY['a@gmail.com', 'b@acme.com', 'c@d.example', NULL])[1 + floor(random() * 4)], past, past, floor(random() * 3),
              jsonb_build_object('country_code', 'DE'), jsonb_build_object('seats', floor(random() * 100), 'role', 'owner'));
    WHEN 1, 2, 3 THEN INSERT INTO conversations (account_id, inbox_id, contact_id, created_at, additional_attributes, priority)
      SELECT account_id, 1, id, past, '{"referer": "/pricing"}', floor(random() * 4) FROM contacts WHERE id = contact;
    WHEN 4, 5, 6, 7 THEN INSERT INTO messages (account_id, inbox_id, conversation_id, message_type, content, created_at, private)
      SELECT account_id, 1, id, floor(random() * 3), said, past, random() < 0.1 FROM conversations WHERE random() < 0.3;
    WHEN 8 THEN INSERT INTO tags (name) VALUES ((ARRAY['sales-lead', 'spam', 'demo', 'vip'])[1 + floor(random() * 4)]) ON CONFLICT (name) DO UPDATE SET name = excluded.name;
    WHEN 9, 10 THEN INSERT INTO taggings (tag_id, taggable_type, taggable_id, created_at) VALUES (checks.any_id('tags'), 'Contact', contact, past), (checks.any_id('tags'), 'Conversation', conversation, past);
    WHEN 11 THEN UPDATE contacts SET custom_attributes = jsonb_build_object('seats', floor(random() * 100)), blocked = random() < 0.2 WHERE id = contact;
    WHEN 12 THEN UPDATE conversations SET contact_id = contact WHERE id = conversation;
    WHEN 13 THEN UPDATE messages SET conversation_id = conversation WHERE id = checks.any_id('messages');
    WHEN 14 THEN UPDATE messages SET content = said, message_type = floor(random() * 3) WHERE random() < 0.2;
    WHEN 15 THEN UPDATE taggings SET taggable_type = 'Conversation', taggable_id = conversation WHERE id = checks.any_id('taggings');
    WHEN 16 THEN UPDATE tags SET name = left(name, 6) || floor(random() * 1e9) WHERE id = checks.any_id('tags');
    WHEN 17 THEN DELETE FROM contacts WHERE id = contact AND random() < 0.5;
    WHEN 18 THEN
      DELETE FROM conversations WHERE id = conversation;
      IF random() < 0.5 THEN DELETE FROM messages WHERE conversation_id = conversation; END IF;
    -- Columns that nothing reads, in some of the rows with some that count.
    WHEN 22 THEN UPDATE conversations SET last_activity_at = past, status = n, contact_id = CASE WHEN random() < 0.1 THEN contact ELSE contact_id END;
    WHEN 23 THEN UPDATE contacts SET last_activity_at = past, contact_type = CASE WHEN random() < 0.1 THEN 1 ELSE contact_type END, account_id = CASE WHEN random() < 0.05 THEN account ELSE account_id END;
    WHEN 24 THEN UPDATE messages SET status = n, conversation_id = CASE WHEN random() < 0.1 THEN conversation ELSE conversation_id END;
    ELSE
      CASE floor(random() * 3)::int
        WHEN 0 THEN DELETE FROM messages WHERE id = checks.any_id('messages');
        WHEN 1 THEN DELETE FROM taggings WHERE id = checks.any_id('taggings');
        ELSE DELETE FROM tags WHERE id = checks.any_id('tags');
      END CASE;
  END CASE;
  RETURN n;
END $$;

ALTER SEQUENCE contacts_id_seq RESTART 10000;
ALTER SEQUENCE conversations_id_seq RESTART 10000;
ALTER SEQUENCE tags_id_seq RESTART 10000;
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
    PERFORM checks.verify(done);
    COMMIT;
  END LOOP;
END $$;

\set step 'published for one account'
SELECT leadscore.publish('account_2', replace(leadscore.active('account_2')::text, '14 days', '20 days')::leadscore.ruleset) \g /dev/null
:verify;
\set step 'changes go on'
UPDATE messages SET content = 'demo' WHERE random() < 0.5;
UPDATE contacts SET custom_attributes = '{}' WHERE random() < 0.5;
:verify;

SELECT format('%s comparisons of %s scores, %s transitions: all as plain SQL has it', count(*), sum(leads), (SELECT count(*) FROM leadscore.transition))
FROM checks.verified \g (format=unaligned tuples_only=on)
