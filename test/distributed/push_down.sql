-- What is computed where the rows are, and that it is the same.
\ir settings.sql
SELECT format('lead_id, leadscore.engage(%L, kind, at) AS state', :'plain') AS engaged \gset
SELECT format('lead_id, leadscore.engage(%L, kind, at, NULL, %L) AS state', :'plain', :'as_of') AS engaged_then \gset
SELECT format('lead_id, leadscore.engage(%L, kind, at, leadscore.fields(''{amount,url}'', amount, url), %L) AS state', :'fields', :'as_of') AS engaged_fields \gset
SELECT format('lead_id, leadscore.engage(%L, kind, at, a, %L) AS state', :'fields', :'as_of') AS engaged_row \gset

-- engage … GROUP BY: an aggregate on each server, no row of activities travels.
SELECT pg_temp.claim('engage is computed by the three servers', pg_temp.sent(format('SELECT %s FROM crm.activity a GROUP BY 1', q), 'leadscore\.engage\(.*GROUP BY') = 3
  AND pg_temp.done_here(format('SELECT %s FROM crm.activity a GROUP BY 1', q)) = 0)
FROM unnest(ARRAY[:'engaged', :'engaged_then', :'engaged_fields']) q;
SELECT pg_temp.claim('with a condition, a FILTER and HAVING, too', pg_temp.sent(format(
  'SELECT lead_id, leadscore.engage(%L, kind, at, NULL, %L) FILTER (WHERE amount > 3) FROM crm.activity a WHERE at > ''2026-02-01Z'' GROUP BY 1 HAVING count(*) > 2', :'plain', :'as_of'),
  'leadscore\.engage\(.*FILTER \(.*WHERE .*GROUP BY 1 HAVING') = 3);
SELECT pg_temp.claim('states made there are those made here', pg_temp.differences(format('SELECT %s FROM crm.activity a GROUP BY 1', q), format('SELECT %s FROM here.activity a GROUP BY 1', q)) = 0)
FROM unnest(ARRAY[:'engaged', :'engaged_then', :'engaged_fields']) q;
SELECT pg_temp.claim('fields makes the state that the row makes',
  pg_temp.differences(format('SELECT %s FROM crm.activity a GROUP BY 1', :'engaged_fields'), format('SELECT %s FROM here.activity a GROUP BY 1', :'engaged_row')) = 0);
SELECT pg_temp.claim('there is something to compare', count(*) > 300 AND count(DISTINCT state::text) > 300)
FROM (SELECT lead_id, leadscore.engage(:'fields', kind, at, a, :'as_of') AS state FROM here.activity a GROUP BY 1) s;

-- A whole row can't be sent: the rows are fetched, and the state is the same.
SELECT pg_temp.claim('a whole row is not sent', pg_temp.sent(format('SELECT %s FROM crm.activity a GROUP BY 1', :'engaged_row'), 'engage') = 0
  AND pg_temp.done_here(format('SELECT %s FROM crm.activity a GROUP BY 1', :'engaged_row')) > 0);
SELECT pg_temp.claim('and right all the same',
  pg_temp.differences(format('SELECT %s FROM crm.activity a GROUP BY 1', :'engaged_row'), format('SELECT %s FROM here.activity a GROUP BY 1', :'engaged_row')) = 0);

-- Stored states, some for each lead: merge there. The states of groups that span servers are merged here, from states made there.
INSERT INTO crm.state SELECT lead_id, extract(month FROM at)::int, leadscore.engage(:'exact', kind, at, a, :'as_of') FROM here.activity a GROUP BY 1, 2;
ANALYZE crm.state;
SELECT pg_temp.claim('merge is computed by the three servers', pg_temp.sent('SELECT lead_id, leadscore.merge(engagement) FROM crm.state GROUP BY 1', 'leadscore\.merge\(engagement\).*GROUP BY') = 3);
SELECT pg_temp.claim('stored states come back as they went', pg_temp.differences('SELECT lead_id, leadscore.merge(engagement) AS state FROM crm.state GROUP BY 1',
  format('SELECT lead_id, leadscore.engage(%L, kind, at, a, %L) AS state FROM here.activity a GROUP BY 1', :'exact', :'as_of')) = 0);
SELECT format('SELECT c.country, leadscore.merge(s.state) FROM (SELECT %s FROM crm.activity a GROUP BY 1) s JOIN crm.contact c ON c.id = s.lead_id GROUP BY 1', :'engaged_then') AS by_country \gset
SELECT pg_temp.claim('states of countries are merged from states made there', pg_temp.sent(:'by_country', 'leadscore\.engage\(') = 3);
SELECT pg_temp.claim('and are those of all their activities', pg_temp.differences(format('SELECT country, leadscore.total(%L, NULL::here.contact, merge, %L) FROM (%s) x', :'plain', :'as_of', :'by_country'),
  format('SELECT c.country, leadscore.total(%L, NULL::here.contact, leadscore.engage(%1$L, kind, at, NULL, %2$L), %2$L) FROM here.activity a JOIN here.contact c ON c.id = a.lead_id GROUP BY 1', :'plain', :'as_of')) = 0);

-- Leads: conditions and orders that call score's relatives are sent, with the columns that the rules read.
SELECT pg_temp.claim(format('%s is computed there', call), pg_temp.sent(format('SELECT id FROM crm.contact c WHERE %s', call), 'WHERE .*leadscore\.') = 3
  AND pg_temp.done_here(format('SELECT id FROM crm.contact c WHERE %s', call)) = 0)
FROM unnest(ARRAY[
  format('leadscore.total(%L, c, NULL, %L) > 20', :'plain', :'as_of'),
  format('leadscore.tier(%L, c, NULL, %L) = ''cold''', :'plain', :'as_of'),
  format('leadscore.total(%L, leadscore.fields(''{title,employees}'', title, employees), NULL, %L) > 20', :'plain', :'as_of')]) call;
SELECT pg_temp.claim(format('%s is the same here and there', list), pg_temp.differences(format('SELECT id, %s FROM crm.contact c', list), format('SELECT id, %s FROM here.contact c', list)) = 0
  AND pg_temp.differences(format('SELECT id FROM crm.contact c WHERE (%s)::text < ''3''', list), format('SELECT id FROM here.contact c WHERE (%s)::text < ''3''', list)) = 0)
FROM unnest(ARRAY[
  format('leadscore.total(%L, c, NULL, %L)', :'plain', :'as_of'),
  format('leadscore.tier(%L, c, NULL, %L)', :'plain', :'as_of'),
  format('leadscore.score(%L, c, NULL, %L)', :'plain', :'as_of'),
  format('leadscore.tier(%L, leadscore.fields(''{title,employees}'', title, employees), NULL, %L)', :'plain', :'as_of'),
  format('leadscore.segments(%L, c, %L)', :'plain', :'as_of'),
  format('leadscore.next_change(%L, c, NULL, %L)', :'plain', :'as_of')]) list;

-- Leads beside their states, of one server each: the join is made there, and the condition is tested there.
SET enable_partitionwise_join = on;
SELECT format('FROM crm.contact c JOIN crm.state s ON s.lead_id = c.id WHERE s.month = 7 AND leadscore.total(%L, c, s.engagement, %L) > 40', :'exact', :'as_of') AS hot \gset
SELECT pg_temp.claim('the best leads are found there', pg_temp.sent('SELECT c.id ' || :'hot', 'JOIN.*leadscore\.total\(') = 3 AND pg_temp.done_here('SELECT c.id ' || :'hot') = 0);
SELECT pg_temp.claim('and are those found here', pg_temp.differences('SELECT c.id ' || :'hot', format('SELECT c.id FROM here.contact c JOIN (SELECT lead_id, leadscore.engage(%L, kind, at, a, %L) AS state FROM here.activity a '
  'WHERE extract(month FROM at) = 7 GROUP BY 1) s ON s.lead_id = c.id WHERE leadscore.total(%1$L, c, s.state, %2$L) > 40', :'exact', :'as_of')) = 0);
SELECT pg_temp.claim('and there are some', count(*) BETWEEN 20 AND 300) FROM (SELECT c.id :hot) x;
SELECT 'push-down holds';
