-- On a part: the states of its activities as text, a line each, for COPY.
\ir settings.sql
COPY (
  SELECT r.name, :number, a.lead_id, leadscore.engagement_out(leadscore.engage(r.rules::leadscore.ruleset, a.kind, a.at, a, :'as_of' ORDER BY a.id))
  FROM (VALUES ('plain', :'plain'), ('fields', :'fields'), ('exact', :'exact')) r(name, rules), crm.loose a GROUP BY r.name, a.lead_id
) TO STDOUT;
