#!/usr/bin/env python3
"""What learning from outcomes costs: measures, draft, fit, back-test, baseline. Run by test/bench/run --learning."""
import argparse

from bench import AS_OF, SERIAL, PARALLEL, assert_none, engagement_rules, fit_rules, literal, load, milliseconds, psql, table, take_turns

# Won more often where 30 made-up rules give more points, and where there is a demo request; decided over a year.
OUTCOME = """
DROP TABLE IF EXISTS decided;
CREATE TABLE decided AS
SELECT l.*, timestamptz '2025-11-21' + hashint8(id + 7) %% 15000000 * interval '1 s' AS decided_at,
       hashint8(id) / 4294967296.0 + 0.5 < 1 / (1 + exp(2.2 - leadscore.total(%s, l) / 25 - CASE WHEN EXISTS (
         SELECT FROM activity a WHERE a.lead_id = l.id AND a.type = 'demo_request') THEN 0.7 ELSE 0 END)) AS won
FROM lead l;
ALTER TABLE decided ADD PRIMARY KEY (id);
DROP TABLE IF EXISTS scored;
CREATE TABLE scored AS SELECT leadscore.total(%s, l) AS total, won, l.employees FROM decided l;
VACUUM ANALYZE decided;
VACUUM ANALYZE scored;
"""
# Mann and Whitney's statistic from ranks, ties sharing theirs.
AUC_BY_HAND = """SELECT (sum(won::int * mid) - p * (p + 1) / 2) / (p * n) AS auc
FROM (SELECT won, rank() OVER (ORDER BY total) + (count(*) OVER (PARTITION BY total) - 1) / 2.0::float8 AS mid,
             (count(*) FILTER (WHERE won) OVER ())::float8 AS p, (count(*) FILTER (WHERE NOT won) OVER ())::float8 AS n FROM scored) r GROUP BY p, n"""
ACTIVITY = '"activity": {"source": "activity", "lead_key": "lead_id", "kind": "type", "at": "occurred_at"}'


def measures(options):
    assert_none(f'SELECT count(*) FROM (SELECT leadscore.auc(total, won) FROM scored) a(auc), ({AUC_BY_HAND}) b WHERE abs(a.auc - b.auc) > 1e-9;', 'auc')
    rows = []
    for name, settings in (('serial', SERIAL), ('two workers', PARALLEL)):
        times = take_turns({'hand': (settings, AUC_BY_HAND + ';'), 'auc': (settings, 'SELECT leadscore.auc(total, won) FROM scored;'),
                            'all': (settings, 'SELECT leadscore.auc_ci(total, won), leadscore.ks(total, won), leadscore.average_precision(total, won) FROM scored;')},
                           options.rounds)
        rows.append((name, *(f'{times[side]:,.0f}' for side in ('hand', 'auc', 'all'))))
    table((f'{options.leads:,} leads', 'AUC by SQL (ranks), ms', '`auc`, ms', '`auc_ci`, `ks` and `average_precision`, ms'), rows)


def peak_of(settings, statement):
    """The milliseconds of a statement, and the peak of the session's memory in MB beyond that before it; shared memory is not counted."""
    held = "SELECT leadscore_bench_memory('VmHWM') - leadscore_bench_memory('RssShmem');"
    begun, ended = psql(f"{settings}\nSELECT leadscore_bench_memory('VmRSS') - leadscore_bench_memory('RssShmem');\n\\o /dev/null\n{statement}\n\\o\n{held}").split()
    return milliseconds(settings, statement), (int(ended) - int(begun)) / 1024


def fit(options):
    psql("""CREATE OR REPLACE FUNCTION leadscore_bench_memory(name text) RETURNS bigint LANGUAGE sql AS
            $$ SELECT (regexp_match(pg_read_file('/proc/' || pg_backend_pid() || '/status'), name || ':\\s+(\\d+) kB'))[1]::bigint $$;""")
    engaged = f"(SELECT d, e FROM decided d LEFT JOIN leadscore.engage_each({engagement_rules()}, 'SELECT lead_id, type, occurred_at FROM activity', '{AS_OF}') AS x(lead_id bigint, e leadscore.engagement) ON x.lead_id = d.id) s"
    asked = {
        'learn, 30 rules, ridge given': f"SELECT leadscore.learn({fit_rules(30)}, d, NULL, won, '{{\"ridge\": 1}}') FROM decided d;",
        'learn, 30 rules, ridge chosen by cross-validation': f'SELECT leadscore.learn({fit_rules(30)}, d, NULL, won) FROM decided d;',
        'learn, 19 rules about activities, states included': f"SELECT leadscore.learn({engagement_rules()}, d, e, (d).won, NULL, '{AS_OF}') FROM {engaged};",
        'draft_rules, the columns': "SELECT leadscore.draft_rules('decided', 'won');",
        'draft_rules, columns and activities': f"SELECT leadscore.draft_rules('decided', 'won', '{{\"as_of\": \"decided_at\", {ACTIVITY}}}');",
        'backtest, 30 rules, 6 windows': f"SELECT * FROM leadscore.backtest({fit_rules(30)}::leadscore.ruleset, 'decided', 'won', 'decided_at');",
        'backtest, the same, learned for each window': f"SELECT * FROM leadscore.backtest({fit_rules(30)}::leadscore.ruleset, 'decided', 'won', 'decided_at', '{{\"learn\": true}}');",
        'backtest, 19 rules about activities': f"SELECT * FROM leadscore.backtest({engagement_rules()}::leadscore.ruleset, 'decided', 'won', 'decided_at', '{{{ACTIVITY}}}');",
    }
    rows = []
    for what, statement in asked.items():
        ms, megabytes = peak_of(SERIAL, statement)
        rows.append((what, f'{ms / 1000:,.1f}', f'{megabytes:,.0f}'))
        print(f'{what}: {ms:,.0f} ms, {megabytes:,.0f} MB', flush=True)
    table((f'{options.leads:,} leads, {options.activities:,} activities', 's', 'memory at its peak, MB'), rows)


def watch(options):
    psql(f"SELECT leadscore.create_model('watched', {engagement_rules()}, 'decided'); SELECT leadscore.add_activity('watched', 'activity', 'lead_id', kind => 'type', at => 'occurred_at'); "
         "SELECT leadscore.set_outcome('watched', 'won', 'decided_at');")
    more = literal(psql(f"SELECT jsonb_set({engagement_rules()}::leadscore.ruleset::jsonb, '{{dimensions,0,rules,0,points}}', '7')"))
    first = engagement_rules()
    rows = []
    for what, statement in (('publish other points, with the baseline', f"SELECT leadscore.publish('watched', {more});"), ('publish the first ones again', f"SELECT leadscore.publish('watched', {first});"),
                            ('the baseline alone', "SELECT leadscore.take_baseline('watched');"), ('the view drift', 'SELECT * FROM watched.drift;'), ('the view performance', 'SELECT * FROM watched.performance;')):
        rows.append((what, f'{milliseconds(SERIAL, statement) / 1000:,.1f}'))
    psql("SELECT leadscore.drop_model('watched');")
    table((f'a model of {options.leads:,} leads', 's'), rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--leads', type=int, default=1_000_000)
    parser.add_argument('--activities', type=int, default=2_000_000)
    parser.add_argument('--rounds', type=int, default=3)
    options, _ = parser.parse_known_args()
    psql('CREATE EXTENSION IF NOT EXISTS leadscore;')
    load(options.leads, options.activities)
    psql('CREATE INDEX ON activity (lead_id); ANALYZE activity;')
    psql(OUTCOME % (fit_rules(30), fit_rules(30)))
    measures(options)
    fit(options)
    watch(options)


if __name__ == '__main__':
    main()
