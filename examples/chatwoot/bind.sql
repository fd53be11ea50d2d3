-- Live scores for the contacts of one account of a Chatwoot: what a data engineer runs once for each account that wants scores.
--
--   psql -d demo -v account=1 -f examples/chatwoot/bind.sql         from the root of the repository, which the path of the rule set is relative to
--   psql -d demo -v account=2 -f examples/chatwoot/bind.sql         another account has a model of its own, with its own rules if need be
--
-- In an own Chatwoot the schema is public.
\if :{?workspace}
\else
  \set workspace chatwoot
\endif
\if :{?account}
\else
  \set account 1
\endif

\set ON_ERROR_STOP on
\set rules `cat examples/chatwoot/rules.json`
\set model account_:account
SET search_path = :"workspace";

-- What rules read of an activity, whichever table it comes from. One type serves the models of all accounts.
SELECT to_regtype('scoring.chat') IS NULL AS first \gset
\if :first
  CREATE SCHEMA IF NOT EXISTS scoring;
  CREATE TYPE scoring.chat AS (content text, referer text, priority integer);
\endif

-- The conditions below name the account as a number, so they are put together here.
SELECT format('account_id = %s', :account) AS tenant \gset

SELECT leadscore.create_model(:'model', :'rules', lead => 'contacts', filter => :'tenant' || ' AND NOT blocked');

-- Conversations belong to a contact.
SELECT leadscore.add_activity(:'model', 'conversations',
  lead_key      => 'contact_id',
  constant_kind => 'conversation',
  at            => 'created_at',
  filter        => :'tenant',
  fields        => $$ROW(NULL, additional_attributes ->> 'referer', priority)::scoring.chat$$);

-- Messages belong to a conversation, which says whose they are; notes among agents and what Chatwoot itself remarks don't count.
SELECT leadscore.watch(:'model', 'conversations', 'SELECT conversations.contact_id');
SELECT leadscore.add_activity(:'model', 'messages',
  lead_key => '(SELECT c.contact_id FROM conversations c WHERE c.id = messages.conversation_id)',
  kind     => $$CASE WHEN message_type = 0 THEN 'message_in' ELSE 'message_out' END$$,
  at       => 'created_at',
  filter   => :'tenant' || ' AND message_type IN (0, 1) AND NOT private',
  fields   => 'ROW(content, NULL, NULL)::scoring.chat');

-- Labels: on the contact, or on one of its conversations. A tag does not know its account; whose tagging it is says what it is put on.
SELECT leadscore.watch(:'model', 'contacts', 'SELECT contacts.id');
SELECT leadscore.watch(:'model', 'tags',
  $$SELECT CASE WHEN g.taggable_type = 'Contact' THEN g.taggable_id ELSE (SELECT c.contact_id FROM conversations c WHERE c.id = g.taggable_id) END
    FROM taggings g WHERE g.tag_id = tags.id$$);
SELECT leadscore.add_activity(:'model', 'taggings',
  lead_key => 'taggable_id',
  kind     => $$(SELECT 'label_' || t.name FROM tags t WHERE t.id = taggings.tag_id)$$,
  at       => 'created_at',
  filter   => $$taggable_type = 'Contact' AND EXISTS (SELECT FROM contacts c WHERE c.id = taggings.taggable_id AND $$ || :'tenant' || ')',
  fields   => 'ROW(NULL, NULL, NULL)::scoring.chat');
SELECT leadscore.add_activity(:'model', 'taggings',
  lead_key => '(SELECT c.contact_id FROM conversations c WHERE c.id = taggings.taggable_id AND c.' || :'tenant' || ')',
  kind     => $$(SELECT 'label_' || t.name FROM tags t WHERE t.id = taggings.tag_id)$$,
  at       => 'created_at',
  filter   => $$taggable_type = 'Conversation'$$,
  fields   => 'ROW(NULL, NULL, NULL)::scoring.chat');
