# A database with models (test/sql/dump.sql) before and after something: what must be the same, and that it lives. Sourced by tests, in the root of the
# repository, which set: work, a folder; reader, the role that dump.sql makes; as_of, as of when scores are compared. $pg_bin, if set, is where psql is.

bin=${pg_bin:+$pg_bin/}
sql() { "${bin}psql" -X -q -v ON_ERROR_STOP=1 "$@"; }
value() { sql -At "$@"; }

fail() { echo "FAILED: $*" >&2; exit 1; }
same() { diff -u "$1" "$2" >"$work/diff" || { head -40 "$work/diff" >&2; fail "$3"; }; }

# Everything that must be the same, as text.
facts() {  # DATABASE FILE
  value -d "$1" -v as_of="$as_of" -v reader="$reader" >"$2" <<'SQL'
SET timezone = 'UTC';
SELECT 'model', jsonb_strip_nulls(to_jsonb(m)) FROM leadscore.model m ORDER BY id;
SELECT 'version', v.* FROM leadscore.model_version v ORDER BY model, version;
SELECT 'binding', b.* FROM leadscore.binding b ORDER BY id;
SELECT 'transition', t.* FROM leadscore.transition t ORDER BY id;
SELECT 'problem', p.* FROM leadscore.problem p ORDER BY id;
SELECT 'run', r.* FROM leadscore.rescore_run r ORDER BY model;
SELECT to_regclass('leadscore.baseline') IS NOT NULL AS has_baselines \gset
\if :has_baselines
SELECT 'baseline', b.* FROM leadscore.baseline b ORDER BY model, version;
\endif
SELECT 'state', s.* FROM b2b.state s ORDER BY id;
SELECT 'state', s.* FROM "Größe ""2""".state s ORDER BY 2;
SELECT 'score', l.id, x.*, (SELECT leadscore.next_change(v.rules::leadscore.ruleset, l, s.engagement, :'as_of') FROM leadscore.model_version v WHERE v.model = 'b2b' AND v.version = x.version)
FROM crm.contact l LEFT JOIN b2b.state s ON s.id = l.id, leadscore.live_score('b2b', l, s.version, s.engagement, :'as_of') x ORDER BY l.id;
SELECT 'score', l."Lead Id", x.*, (SELECT leadscore.next_change(v.rules::leadscore.ruleset, l, s.engagement, :'as_of') FROM leadscore.model_version v WHERE v.model = 'Größe "2"' AND v.version = x.version)
FROM crm."Lead" l LEFT JOIN "Größe ""2""".state s ON s."Lead Id" = l."Lead Id", leadscore.live_score('Größe "2"', l, s.version, s.engagement, :'as_of') x ORDER BY l."Lead Id";
SELECT 'view', v.schemaname, v.viewname, c.reloptions, replace(v.definition, E'\n', ' ') FROM pg_views v JOIN pg_class c ON c.oid = format('%I.%I', v.schemaname, v.viewname)::regclass
WHERE v.schemaname IN ('b2b', 'Größe "2"', 'crm') ORDER BY 2, 3;
SELECT 'top', count(*) > 0 FROM crm.top;
SELECT 'trigger', tgrelid::regclass, tgname, pg_get_triggerdef(oid), tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text, tgname;
SELECT 'policy', polrelid::regclass, polname, pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid NOT IN (SELECT oid FROM pg_class WHERE relnamespace = 'leadscore'::regnamespace) ORDER BY polrelid::regclass::text, polname;
SELECT 'comment', c.oid::regclass, d.objsubid, d.description FROM pg_description d JOIN pg_class c ON c.oid = d.objoid WHERE c.relnamespace::regnamespace::text IN ('b2b', '"Größe ""2"""') ORDER BY c.oid::regclass::text, d.objsubid;
SELECT 'grant', r, has_table_privilege(:'reader', r, 'SELECT') FROM unnest(ARRAY['b2b.score', 'b2b.state', 'b2b.transitions']) r;
SQL
}
# Writes in the database move its scores, by all tables; what is numbered anew gets new numbers.
live() {  # DATABASE NAME
  sql -d "$1" -v step="$2" >/dev/null <<'SQL'
CREATE TEMP TABLE before AS SELECT (SELECT max(id) FROM leadscore.transition) AS transition, (SELECT max(id) FROM leadscore.binding) AS binding, (SELECT max(id) FROM leadscore.model) AS model,
  (SELECT total FROM b2b.score WHERE id = 199) AS total, (SELECT total FROM "Größe ""2""".score WHERE "Lead Id" = 199) AS total2;
INSERT INTO crm.activity (contact_id, kind, at) SELECT 199, 'rfq', now() FROM generate_series(1, 2);
INSERT INTO crm.activity_new_0 (contact_id, kind, at) SELECT c.id, 'rfq', now() FROM crm.contact c WHERE satisfies_hash_partition('crm.activity_new'::regclass, 2, 0, c.id) LIMIT 5;
INSERT INTO crm."Order Line" VALUES (199, now() AT TIME ZONE 'UTC', 1000);
UPDATE crm.contact SET title = 'student' WHERE id < 10;
UPDATE crm.company SET industry = 'retail' WHERE id = 7;
DELETE FROM crm.activity WHERE contact_id = 60;
CALL leadscore.rescore('Größe "2"', 50);
SELECT checks.verify_b2b(:'step'), checks."verify_Größe ""2"""(:'step');
INSERT INTO crm.company VALUES (99);
SELECT leadscore.create_model('new', (SELECT rules::leadscore.ruleset FROM leadscore.model_version WHERE model = 'b2b' AND version = 1), 'crm.contact');
SELECT leadscore.add_activity('new', 'crm.activity', 'contact_id', kind => 'kind', at => 'at');
SELECT checks.verify_b2b(:'step'), checks."verify_Größe ""2"""(:'step');
DO $$ BEGIN
  ASSERT (SELECT s.total FROM b2b.score s WHERE id = 199) > (SELECT total FROM before), 'no activity has moved a score';
  ASSERT (SELECT s.total FROM "Größe ""2""".score s WHERE "Lead Id" = 199) > (SELECT total2 FROM before), 'no order has moved a score';
  ASSERT (SELECT count(*) FROM leadscore.transition t, before b WHERE t.id > b.transition) > 5, format('new transitions: %s', (SELECT count(*) FROM leadscore.transition t, before b WHERE t.id > b.transition));
  ASSERT (SELECT m.id > b.model FROM leadscore.model m, before b WHERE m.name = 'new'), 'a model got an old number';
  ASSERT (SELECT min(n.id) > max(b.binding) FROM leadscore.binding n, before b WHERE n.model = 'new'), 'a binding got an old number';
  ASSERT (SELECT NOT rebuilding FROM leadscore.model WHERE name = 'Größe "2"'), 'rescore has not come to its end';
  ASSERT (SELECT count(*) = count(DISTINCT id) FROM leadscore.transition), 'transitions share a number';
END $$;
SELECT leadscore.drop_model('new');
SQL
}
