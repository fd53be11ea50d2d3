-- What commands that were stopped half-way could leave behind: part of a model, or a part of no model. Included by schema.sql.

CREATE FUNCTION expected.leftovers() RETURNS SETOF text LANGUAGE sql AS $$
  -- Of each model all or nothing: its schema, its state table and views, its record, a version in force.
  SELECT format('model %s without schema, state or views', m.name) FROM leadscore.model m
  WHERE (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = m.name AND c.relname IN ('state', 'score', 'tiers', 'distribution', 'rules', 'transitions', 'performance', 'drift')) <> 8
  UNION ALL
  SELECT format('schema %s of a model that is not recorded', n.nspname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relname = 'state' AND n.nspname NOT IN (SELECT name FROM leadscore.model)
  UNION ALL
  SELECT format('schema %s holds nothing', n.nspname) FROM pg_namespace n
  WHERE n.nspname NOT IN ('public', 'leadscore', 'crm', 'expected') AND n.nspname !~ '^(pg_|information_schema$)' AND n.nspname NOT IN (SELECT name FROM leadscore.model)
  UNION ALL
  SELECT format('model %s is at version %s, which is not recorded', m.name, m.version) FROM leadscore.model m
  WHERE NOT EXISTS (SELECT FROM leadscore.model_version v WHERE v.model = m.name AND v.version = m.version)
  UNION ALL
  SELECT format('model %s has version %s beside the one in force, %s', m.name, v.version, m.version) FROM leadscore.model m JOIN leadscore.model_version v ON v.model = m.name
  WHERE v.version > m.version
  UNION ALL
  SELECT format('%s rows of %s for %s, which is no model', count(*), t.kind, t.model)
  FROM (SELECT 'version', model FROM leadscore.model_version UNION ALL SELECT 'binding', model FROM leadscore.binding UNION ALL SELECT 'problem', model FROM leadscore.problem
        UNION ALL SELECT 'transition', model FROM leadscore.transition UNION ALL SELECT 'rescore_run', model FROM leadscore.rescore_run
        UNION ALL SELECT 'baseline', model FROM leadscore.baseline) t(kind, model)
  WHERE t.model NOT IN (SELECT name FROM leadscore.model) GROUP BY t.kind, t.model
  UNION ALL
  -- Four triggers for each binding on its table and on each partition, and no others.
  SELECT format('trigger %s on %s: %s', coalesce(w.name, h.name), coalesce(w.relation, h.relation), CASE WHEN h.name IS NULL THEN 'missing' ELSE 'left over' END)
  FROM (SELECT format('leadscore_%s_%s_%s', lpad(m.id::text, 10, '0'), lpad(b.id::text, 10, '0'), event) AS name, t.relid::regclass AS relation
        FROM leadscore.binding b JOIN leadscore.model m ON m.name = b.model JOIN pg_class c ON c.oid = b.source AND c.relkind IN ('r', 'p')
        CROSS JOIN LATERAL (SELECT c.oid AS relid WHERE c.relkind = 'r' UNION ALL SELECT relid FROM pg_partition_tree(c.oid) WHERE c.relkind = 'p') t
        CROSS JOIN unnest(ARRAY['insert', 'update', 'delete', 'truncate']) event) w
  FULL JOIN (SELECT tgname AS name, tgrelid::regclass AS relation FROM pg_trigger WHERE tgname ~ '^leadscore_' OR tgfoid = 'leadscore.on_change'::regproc) h USING (name, relation)
  WHERE w.name IS NULL OR h.name IS NULL
  UNION ALL
  SELECT format('temporary relation %s', c.relname) FROM pg_class c WHERE c.relpersistence = 't'
  UNION ALL
  -- All sessions are idle when this is asked.
  SELECT format('%s on %s is locked by %s', l.mode, coalesce(l.relation::regclass::text, l.objid::text), l.pid) FROM pg_locks l
  WHERE l.pid <> pg_backend_pid() AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.pid IN (SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND state = 'idle') $$;
