#!/usr/bin/env python3
"""How costs grow: with rules, with activities of a lead, with leads. Run by test/bench/run --growth."""
import argparse

from bench import AS_OF, SERIAL, again, engagement_rules, fit_rules, load, milliseconds, psql, table, take_turns


def rules(options):
    sides = {n: (SERIAL + 'SET jit = off;', f'SELECT sum(leadscore.total({fit_rules(n)}, l)) FROM lead l;') for n in (10, 30, 100, 300, 1000)}
    times = take_turns(sides, options.rounds)
    scan = take_turns({'scan': (SERIAL + 'SET jit = off;', 'SELECT sum(employees), count(email) FROM lead;')}, options.rounds)['scan']
    table(('rules', f'fit score of {options.leads:,} leads, ms', 'a lead, ns'),
          [('none: a scan of the table', f'{scan:,.0f}', f'{scan / options.leads * 1e6:,.0f}')] +
          [(f'{n:,}', f'{ms:,.0f}', f'{ms / options.leads * 1e6:,.0f}') for n, ms in times.items()])


def activities(options):
    """Histories of one length, as many leads as make a million activities."""
    total = 1_000_000
    rows = []
    for each in (10, 100, 1000, 10_000, 200_000):
        leads = max(1, total // each)
        psql(f"DROP TABLE IF EXISTS history; CREATE TABLE history AS SELECT n % {leads} AS lead_id, k.type, timestamptz '2024-11-21' + n * interval '60 s' AS occurred_at "
             f"FROM generate_series(1, {leads * each}) n, LATERAL (SELECT (ARRAY['page_view', 'email_open', 'email_click', 'pricing_view', 'demo_request'])[1 + n / {leads} % 5]) k(type); "
             'VACUUM ANALYZE history;')
        engage = f"leadscore.engage({engagement_rules()}, type, occurred_at, NULL::record, '{AS_OF}')"
        psql(f'DROP TABLE IF EXISTS made; CREATE TABLE made AS SELECT lead_id, {engage} AS e FROM history GROUP BY 1;')
        fold = take_turns({'group': (SERIAL, f'SELECT count(e) FROM (SELECT {engage} AS e FROM history GROUP BY lead_id) x;'),
                           'each': (SERIAL, f"SELECT count(e) FROM leadscore.engage_each({engagement_rules()}, 'SELECT lead_id, type, occurred_at FROM history', '{AS_OF}') "
                                            'AS x(lead_id int, e leadscore.engagement);')}, options.rounds)
        score = milliseconds(SERIAL + 'SET jit = off;', f"SELECT count(leadscore.total({engagement_rules()}, '{{}}'::jsonb, (SELECT e FROM made LIMIT 1), '{AS_OF}')) FROM generate_series(1, 100000);")
        size = psql('SELECT round(avg(octet_length(leadscore.engagement_send(e)))) FROM made')
        rows.append((f'{each:,}', f'{fold["group"] / (leads * each) * 1e6:,.0f}', f'{fold["each"] / (leads * each) * 1e6:,.0f}', size, f'{score * 10:,.0f}'))
    psql('DROP TABLE history, made')
    table(('activities a lead', '`engage`, ns an activity', '`engage_each`, ns an activity', 'bytes of state', 'a score from the state, ns'), rows)


def leads(options):
    rows = []
    for n in (10_000, 100_000, 1_000_000):
        if n > options.leads:
            continue
        load(n, 2 * n)
        create = milliseconds(SERIAL, f"SELECT leadscore.create_model('growing', {engagement_rules()}, 'lead');")
        add = milliseconds(SERIAL, "SELECT leadscore.add_activity('growing', 'activity', 'lead_id', kind => 'type', at => 'occurred_at');")
        psql('VACUUM ANALYZE growing.state;')
        everyone = take_turns({'sum': (SERIAL, 'SELECT sum(total) FROM growing.score;')}, options.rounds)['sum']
        one = again(SERIAL, 'SELECT total FROM growing.score WHERE id = 77;')
        insert = again(SERIAL, "INSERT INTO activity VALUES (77, 'page_view', '/', now());")
        tick = again(SERIAL, "SELECT leadscore.tick('growing');")
        size = psql("SELECT pg_size_pretty(pg_total_relation_size('growing.state'))")
        rows.append((f'{n:,}', f'{create:,.0f}', f'{add:,.0f}', f'{everyone:,.0f}', f'{one:.2f}', f'{insert:.2f}', f'{tick:.1f}', size))
        psql("SELECT leadscore.drop_model('growing');")
    table(('leads', 'create_model, ms', 'add_activity (2 a lead), ms', 'all of the view score, ms', 'one lead of it, ms', 'an insert, ms', 'tick with nothing due, ms', 'size of state'), rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--leads', type=int, default=1_000_000)
    parser.add_argument('--rounds', type=int, default=3)
    options, _ = parser.parse_known_args()
    psql('CREATE EXTENSION IF NOT EXISTS leadscore;')
    load(options.leads, 1000)
    rules(options)
    activities(options)
    leads(options)


if __name__ == '__main__':
    main()
