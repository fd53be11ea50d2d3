-- Some days in a Chatwoot with two accounts, as the application writes them, and what becomes of the scores.
--
--   psql -d demo -f examples/chatwoot/try.sql         after schema.sql and bind.sql for accounts 1 and 2

\set ON_ERROR_STOP on
\set QUIET on
\encoding UTF8
\pset footer off
\pset null ''
SET search_path = chatwoot;
SET timezone = 'UTC';     -- Rails writes UTC into columns that have no zone

PREPARE scores AS
SELECT 1 AS account, c.name, s.total, s.grade, s.tier, s.fit, round(s.engagement::numeric, 1) AS engagement, s.last_activity_at::timestamp(0)
FROM account_1.score s JOIN contacts c USING (id)
UNION ALL
SELECT 2, c.name, s.total, s.grade, s.tier, s.fit, round(s.engagement::numeric, 1), s.last_activity_at::timestamp(0)
FROM account_2.score s JOIN contacts c USING (id)
ORDER BY account, total DESC, name;

INSERT INTO contacts (id, account_id, name, email, contact_type, additional_attributes, custom_attributes, created_at, updated_at) VALUES
  (101, 1, 'Greta Vogel', 'greta@werk.example',  1, '{"company_name": "Werk AG", "country_code": "DE", "city": "Essen"}', '{"role": "Head of Support", "seats": 60, "plan": "trial"}', now() - interval '9 days', now()),
  (102, 1, 'visitor-102', NULL,                  0, '{"country_code": "FR"}',                                             '{}',                                                       now() - interval '2 days', now()),
  (103, 1, 'Hugo Blanc',  'hugo@acme.com',       1, '{"company_name": "Acme"}',                                           '{"role": "CEO", "seats": "300"}',                          now() - interval '5 days', now()),
  (104, 1, 'Ines Costa',  'ines@loja.example',   2, '{"company_name": "Loja", "country_code": "PT"}',                     '{"role": "Owner", "seats": 12, "plan": "business"}',       now() - interval '1 year', now()),
  (201, 2, 'Jan Kok',     'jan@gmail.com',       1, '{"country_code": "NL"}',                                             '{"role": "manager", "seats": 3, "tags": ["agency"]}',      now() - interval '3 days', now()),
  (202, 2, 'Kim Lund',    'kim@skib.example',    1, '{"company_name": "Skib"}',                                           '{"seats": 80}',                                            now() - interval '3 days', now());
\echo 'New contacts: fit, and nothing else'
EXECUTE scores;

-- Conversations, and what is said in them: 0 comes in, 1 goes out, 2 is a remark of Chatwoot's, private is a note among agents.
INSERT INTO conversations (id, account_id, inbox_id, contact_id, created_at, additional_attributes, priority) VALUES
  (1001, 1, 1, 101, now() - interval '1 day',   '{"referer": "https://chat.example/pricing", "initiated_at": {"timestamp": "…"}}', NULL),
  (1002, 1, 1, 102, now() - interval '2 days',  '{"referer": "https://chat.example/docs/install"}',                                NULL),
  (1003, 1, 2, 104, now() - interval '40 days', '{}',                                                                             3),
  (2001, 2, 7, 201, now() - interval '5 hours', '{"referer": "https://other.example/demo"}',                                      2);
INSERT INTO messages (account_id, inbox_id, conversation_id, message_type, content, created_at, private, sender_type, sender_id) VALUES
  (1, 1, 1001, 0, 'Hallo! Was kostet das, haben Sie eine Preisliste?', now() - interval '1 day',                      false, 'Contact', 101),
  (1, 1, 1001, 1, 'Guten Tag, gerne.',                                 now() - interval '1 day' + interval '2 min',   false, 'User', 5),
  (1, 1, 1001, 0, 'Can I get a quote for 60 seats?',                   now() - interval '1 day' + interval '9 min',   false, 'Contact', 101),
  (1, 1, 1001, 1, 'Big one, give her a discount',                      now() - interval '1 day' + interval '10 min',  true,  'User', 5),
  (1, 1, 1001, 2, 'Assigned to Eva',                                   now() - interval '1 day' + interval '11 min',  false, NULL, NULL),
  (1, 1, 1002, 0, 'the installer fails',                               now() - interval '2 days',                     false, 'Contact', 102),
  (1, 2, 1003, 0, 'We need more seats, what is the price?',            now() - interval '40 days',                    false, 'Contact', 104),
  (2, 7, 2001, 0, 'Is there a demo?',                                  now() - interval '5 hours',                    false, 'Contact', 201);
\echo 'After some chats'
EXECUTE scores;

-- What agents and the application do all day: none of it is the lead's doing, none of it changes a score.
UPDATE messages SET status = 2 WHERE message_type = 1;
UPDATE conversations SET last_activity_at = now(), waiting_since = NULL;
UPDATE contacts SET last_activity_at = now(), updated_at = now();

-- Labels, on a contact and on a conversation.
INSERT INTO tags (id, name) VALUES (1, 'sales-lead'), (2, 'bug'), (3, 'spam');
INSERT INTO taggings (tag_id, taggable_type, taggable_id, context, created_at) VALUES
  (1, 'Contact',      104,  'labels', now()),
  (2, 'Conversation', 1002, 'labels', now()),
  (1, 'Conversation', 2001, 'labels', now());
-- The visitor says who they are, and another one turns out to be the same: Chatwoot merges contacts by re-pointing what they have and deleting one.
UPDATE contacts SET name = 'Luc Petit', email = 'luc@atelier.example', contact_type = 1, custom_attributes = custom_attributes || '{"role": "CTO", "seats": 25}' WHERE id = 102;
BEGIN;
INSERT INTO contacts (id, account_id, name, email, contact_type, created_at, updated_at) VALUES (105, 1, 'visitor-105', NULL, 0, now(), now());
INSERT INTO conversations (id, account_id, inbox_id, contact_id, created_at, additional_attributes) VALUES (1004, 1, 1, 105, now(), '{"referer": "https://chat.example/pricing"}');
INSERT INTO messages (account_id, inbox_id, conversation_id, message_type, content, created_at) VALUES (1, 1, 1004, 0, 'Un devis, s''il vous plaît', now());
COMMIT;
BEGIN;
UPDATE conversations SET contact_id = 102 WHERE contact_id = 105;
UPDATE messages SET sender_id = 102 WHERE sender_type = 'Contact' AND sender_id = 105;
DELETE FROM contacts WHERE id = 105;
COMMIT;
\echo 'Labelled, known, merged'
EXECUTE scores;

-- Somebody is a nuisance; a label was wrong; a label is renamed; a conversation is thrown away.
UPDATE contacts SET blocked = true WHERE id = 201;
DELETE FROM taggings WHERE taggable_id = 104;
UPDATE tags SET name = 'demo' WHERE id = 2;
BEGIN;
DELETE FROM conversations WHERE id = 1003;
DELETE FROM messages WHERE conversation_id = 1003;
COMMIT;
\echo 'In the end'
EXECUTE scores;

\echo 'How they moved between tiers'
SELECT t.model, c.name, t.old_tier, t.new_tier, round(t.new_total) AS total, t.cause, array_to_string(t.rules, ', ') AS because_of
FROM leadscore.transition t JOIN contacts c ON c.id::text = t.lead_key
WHERE t.model LIKE 'account\_%' AND t.old_tier IS NOT NULL
ORDER BY t.id;
DEALLOCATE scores;
