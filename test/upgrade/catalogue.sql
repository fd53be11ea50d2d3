-- The extension as the catalogues have it, a line for each fact: whatever way it came to be what it is, the lines are the same. Names instead of OIDs.
SET search_path = pg_catalog;
CREATE TEMP VIEW member AS
SELECT classid, objid FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'leadscore') AND deptype = 'e';
CREATE TEMP VIEW relation AS
SELECT c.* FROM pg_class c JOIN member ON classid = 'pg_class'::regclass AND objid = c.oid
  -- Of a composite type it is the type that is a member.
  OR classid = 'pg_type'::regclass AND objid = c.reltype AND c.relkind = 'c';
SELECT * FROM (
  SELECT 'member' AS what, i.type || ' ' || i.identity AS name, ARRAY[obj_description(objid, classid::regclass::name)] AS facts
  FROM member, LATERAL pg_identify_object(classid, objid, 0) i
UNION ALL SELECT 'extension', extname, ARRAY[extversion, extrelocatable::text, extnamespace::regnamespace::text, (SELECT string_agg(t::regclass::text, ' ' ORDER BY t::regclass::text) FROM unnest(extconfig) t), extcondition::text]
  FROM pg_extension WHERE extname = 'leadscore'
UNION ALL SELECT 'function', objid::regprocedure::text, ARRAY[pg_get_functiondef(objid), p.proacl::text, p.proowner::regrole::text]
  FROM member JOIN pg_proc p ON classid = 'pg_proc'::regclass AND objid = p.oid WHERE prokind <> 'a'
UNION ALL SELECT 'aggregate', objid::regprocedure::text, ARRAY[p.proacl::text, pg_get_function_arguments(p.oid), p.provolatile::text, p.proparallel::text, to_jsonb(a)::text]
  FROM member JOIN pg_proc p ON classid = 'pg_proc'::regclass AND objid = p.oid,
  LATERAL (SELECT a.aggkind, a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggfinalextra, a.aggfinalmodify, a.aggtranstype::regtype, a.aggtransspace, a.agginitval
           FROM pg_aggregate a WHERE a.aggfnoid = p.oid) a
UNION ALL SELECT 'type', objid::regtype::text, ARRAY[to_jsonb(t)::text]
  FROM member, LATERAL (SELECT y.typlen, y.typbyval, y.typtype, y.typcategory, y.typispreferred, y.typdelim, y.typinput, y.typoutput, y.typreceive, y.typsend, y.typmodin, y.typanalyze, y.typalign, y.typstorage, y.typnotnull,
                               y.typcollation::regcollation, y.typacl::text, y.typowner::regrole
                        FROM pg_type y WHERE y.oid = objid) t WHERE classid = 'pg_type'::regclass
UNION ALL SELECT 'operator', objid::regoperator::text, ARRAY[to_jsonb(o)::text]
  FROM member, LATERAL (SELECT o.oprcode, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprrest, o.oprjoin, o.oprcanmerge, o.oprcanhash FROM pg_operator o WHERE o.oid = objid) o WHERE classid = 'pg_operator'::regclass
UNION ALL SELECT 'cast', c.castsource::regtype || ' to ' || c.casttarget::regtype, ARRAY[c.castfunc::regprocedure::text, c.castcontext::text, c.castmethod::text]
  FROM member JOIN pg_cast c ON classid = 'pg_cast'::regclass AND objid = c.oid
UNION ALL SELECT 'family', f.opfname, ARRAY[(SELECT string_agg(format('%s %s', amopstrategy, amopopr::regoperator), ', ' ORDER BY amopstrategy) FROM pg_amop WHERE amopfamily = f.oid),
                                            (SELECT string_agg(format('%s %s', amprocnum, amproc), ', ' ORDER BY amprocnum) FROM pg_amproc WHERE amprocfamily = f.oid)]
  FROM member JOIN pg_opfamily f ON classid = 'pg_opfamily'::regclass AND objid = f.oid
UNION ALL SELECT 'class', c.opcname, ARRAY[c.opcintype::regtype::text, c.opcdefault::text, c.opckeytype::regtype::text] FROM member JOIN pg_opclass c ON classid = 'pg_opclass'::regclass AND objid = c.oid
UNION ALL SELECT 'relation', c.oid::regclass::text, ARRAY[c.relkind::text, c.relpersistence::text, c.relrowsecurity::text, c.relforcerowsecurity::text, c.reloptions::text, coalesce(c.relacl, by_default)::text, c.relowner::regrole::text,
                                                          CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) END]
  FROM relation c, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner) by_default
UNION ALL SELECT 'column', format('%s.%s', c.oid::regclass, a.attname),
    ARRAY[row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum)::text, format_type(a.atttypid, a.atttypmod), a.attnotnull::text, a.attidentity::text, a.attgenerated::text, a.attstorage::text,
          a.attcollation::regcollation::text, a.attacl::text, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)]
  FROM relation c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
UNION ALL SELECT 'constraint', format('%s %s', c.oid::regclass, n.conname), ARRAY[pg_get_constraintdef(n.oid), obj_description(n.oid, 'pg_constraint')] FROM relation c JOIN pg_constraint n ON n.conrelid = c.oid
UNION ALL SELECT 'index', i.indexrelid::regclass::text, ARRAY[pg_get_indexdef(i.indexrelid)] FROM relation c JOIN pg_index i ON i.indrelid = c.oid
UNION ALL SELECT 'policy', format('%s %s', c.oid::regclass, p.polname), ARRAY[p.polcmd::text, p.polpermissive::text, p.polroles::text, pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid)]
  FROM relation c JOIN pg_policy p ON p.polrelid = c.oid
UNION ALL SELECT 'trigger', format('%s %s', c.oid::regclass, g.tgname), ARRAY[pg_get_triggerdef(g.oid), g.tgenabled::text] FROM relation c JOIN pg_trigger g ON g.tgrelid = c.oid AND NOT g.tgisinternal
UNION ALL SELECT 'rule', format('%s %s', c.oid::regclass, r.rulename), ARRAY[pg_get_ruledef(r.oid)] FROM relation c JOIN pg_rewrite r ON r.ev_class = c.oid
UNION ALL SELECT 'sequence', c.oid::regclass::text, ARRAY[to_jsonb(s)::text] FROM relation c, LATERAL (SELECT s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle FROM pg_sequence s WHERE s.seqrelid = c.oid) s
UNION ALL SELECT 'event trigger', e.evtname, ARRAY[e.evtevent, e.evtfoid::regprocedure::text, e.evtenabled::text, e.evttags::text, e.evtowner::regrole::text]
  FROM member JOIN pg_event_trigger e ON classid = 'pg_event_trigger'::regclass AND objid = e.oid
UNION ALL SELECT 'schema', n.nspname, ARRAY[n.nspacl::text, n.nspowner::regrole::text] FROM member JOIN pg_namespace n ON classid = 'pg_namespace'::regclass AND objid = n.oid
UNION ALL SELECT 'initial rights', (pg_identify_object(p.classoid, p.objoid, p.objsubid)).identity, ARRAY[p.initprivs::text] FROM pg_init_privs p JOIN member m ON p.classoid = m.classid AND p.objoid = m.objid
  -- What an object has anyway is written down or not, as its rights came about.
  WHERE NOT EXISTS (SELECT FROM relation c WHERE p.classoid = 'pg_class'::regclass AND c.oid = p.objoid AND p.objsubid = 0 AND p.initprivs = acldefault('r', c.relowner))
) fact ORDER BY what, name, facts;
