-- What the models of test/sql/dump.sql are made of: the objects that leadscore has put into the database for them.
SELECT 'view', c.oid::regclass, c.reloptions, c.relacl, pg_get_viewdef(c.oid) FROM pg_class c JOIN leadscore.model m ON quote_ident(m.name)::regnamespace = c.relnamespace WHERE c.relkind = 'v' ORDER BY c.oid::regclass::text;
SELECT 'column', a.attrelid::regclass, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attstorage, col_description(a.attrelid, a.attnum)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN leadscore.model m ON quote_ident(m.name)::regnamespace = c.relnamespace WHERE c.relkind IN ('r', 'v') AND a.attnum > 0 ORDER BY a.attrelid::regclass::text, 3;
SELECT 'index', pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN leadscore.model m ON quote_ident(m.name)::regnamespace = c.relnamespace ORDER BY 2;
SELECT 'table', c.oid::regclass, c.reloptions, c.relacl, c.relrowsecurity FROM pg_class c JOIN leadscore.model m ON quote_ident(m.name)::regnamespace = c.relnamespace WHERE c.relkind = 'r' ORDER BY c.oid::regclass::text;
SELECT 'trigger', t.tgrelid::regclass, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled FROM pg_trigger t WHERE t.tgname LIKE 'leadscore%' ORDER BY t.tgrelid::regclass::text, t.tgname;
SELECT 'policy', p.polrelid::regclass, p.polname, p.polcmd, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
JOIN leadscore.model m ON quote_ident(m.name)::regnamespace = c.relnamespace ORDER BY c.oid::regclass::text, 3;
