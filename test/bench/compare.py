#!/usr/bin/env python3
"""The comparisons of test/bench/run with SQL written by hand; needs a running server with leadscore installed."""
import argparse
import statistics

from bench import (AS_OF, HERE, PARALLEL, SERIAL, assert_none, each_time, engagement_rules, fit_rules, literal, load, make_rules, milliseconds, psql, table,
                   take_turns)

HAND = (HERE / 'engagement_baseline.sql').read_text().split('\n', 2)[2].strip().rstrip(';')
ROWS = []


def note(work, hand, ours, at_least):
    """A line of the result: milliseconds by hand and of leadscore, and what the ratio should reach."""
    ROWS.append((work, f'{hand:,.0f}', f'{ours:,.0f}' if ours >= 10 else f'{ours:.2f}', f'{hand / ours:.1f}', at_least))
    print(f'{work}: {hand:,.1f} ms by hand, {ours:,.1f} ms', flush=True)


def fit(options, n, at_least):
    rules, case = fit_rules(n), make_rules(n, 'sql')
    assert_none(f'SELECT count(*) FROM lead l WHERE {case} IS DISTINCT FROM leadscore.total({rules}, l);', f'{n} rules')
    hand, ours = f'SELECT sum({case}) FROM lead;', f'SELECT sum(leadscore.total({rules}, l)) FROM lead l;'
    for name, settings in (('serial', SERIAL), ('two workers', PARALLEL)):
        # Compiling to machine code takes the CASE longer than it saves, from some size on: it may choose.
        times = take_turns({'hand': (settings, hand), 'hand without jit': (settings + 'SET jit = off;', hand), 'leadscore': (settings, ours),
                            'leadscore without jit': (settings + 'SET jit = off;', ours)}, options.rounds)
        note(f'fit score, {n} rules, {options.leads:,} leads, {name}', min(times['hand'], times['hand without jit']), times['leadscore'], at_least)
        print(f'  leadscore without jit: {times["leadscore without jit"]:,.0f} ms', flush=True)


def many_rules(options):
    """1,000 rules: the CASE on a sample, since it takes minutes; and beside 100 rules."""
    sample = max(1, options.leads // 200)
    rules, case = fit_rules(1000), make_rules(1000, 'sql')
    some = f'(SELECT * FROM lead WHERE id <= {sample} OFFSET 0)'
    assert_none(f'SELECT count(*) FROM {some} l WHERE {case} IS DISTINCT FROM leadscore.total({rules}, l);', '1000 rules')
    by_hand = min(milliseconds(f'{SERIAL} SET jit = {jit};', f'SELECT sum({case}) FROM {some} lead;') for jit in ('on', 'off')) * options.leads / sample
    times = take_turns({str(n): (SERIAL, f'SELECT sum(leadscore.total({fit_rules(n)}, l)) FROM lead l;') for n in (100, 1000)}, options.rounds)
    note(f'fit score, 1,000 rules, {options.leads:,} leads, serial (by hand: {sample:,} leads, scaled up)', by_hand, times['1000'], '400')
    note('the same, beside 100 rules', times['100'], times['1000'], '0.67')


def wide(options):
    """A column that no rule reads and that is stored out of line."""
    leads = min(options.leads, 200_000)
    rules = fit_rules(30)
    psql(f'DROP TABLE IF EXISTS wide; CREATE TABLE wide AS SELECT l.*, NULL::text AS notes FROM lead l LIMIT {leads}; '
         "ALTER TABLE wide ALTER notes SET STORAGE EXTERNAL; UPDATE wide SET notes = repeat(md5(id::text), 150); VACUUM (FULL, ANALYZE) wide;")
    columns = ', '.join(psql("SELECT attname FROM pg_attribute WHERE attrelid = 'lead'::regclass AND attnum > 0 ORDER BY attnum").split())
    times = take_turns({'whole': (SERIAL, f'SELECT sum(leadscore.total({rules}, w)) FROM wide w;'),
                        'columns': (SERIAL, f'SELECT sum(leadscore.total({rules}, x)) FROM (SELECT {columns} FROM wide) x;')}, options.rounds)
    note(f'a whole row with a wide column that no rule reads, beside separate columns, {leads:,} leads', times['columns'], times['whole'], '0.87')
    psql('DROP TABLE wide')


def assert_as_by_hand(query, what):
    assert_none(f'SELECT count(*) FROM ({HAND}) h FULL JOIN ({query}) o USING (lead_id) '
                'WHERE h.total IS NULL OR o.total IS NULL OR abs(h.total - o.total) > 1e-6 * greatest(1, abs(h.total));', what)


def engagement(options):
    rules = engagement_rules()
    ours = (f"SELECT lead_id, leadscore.total({rules}, '{{}}'::jsonb, leadscore.engage({rules}, type, occurred_at, NULL::record, '{AS_OF}'), "
            f"'{AS_OF}') AS total FROM activity GROUP BY lead_id")
    each = (f"SELECT lead_id, leadscore.total({rules}, '{{}}'::jsonb, e, '{AS_OF}') AS total FROM leadscore.engage_each({rules}, "
            f"'SELECT lead_id, type, occurred_at FROM activity', '{AS_OF}') AS x(lead_id bigint, e leadscore.engagement)")
    for what, query in (('engage', ours), ('engage_each', each)):
        assert_as_by_hand(query, what)
    states = (f"SELECT count(e) FROM leadscore.engage_each({rules}, 'SELECT lead_id, type, occurred_at FROM activity', '{AS_OF}') "
              "AS x(lead_id bigint, e leadscore.engagement);")
    sides = {'scan': (SERIAL, 'SELECT count(lead_id) FROM activity;'), 'each': (SERIAL, f'SELECT sum(total) FROM ({each}) x;'),
             'states': (SERIAL, states)}
    for name, settings in (('serial', SERIAL), ('two workers', PARALLEL)):
        sides[f'hand, {name}'] = (settings, f'SELECT sum(total) FROM ({HAND}) x;')
        sides[f'engage, {name}'] = (settings, f'SELECT sum(total) FROM ({ours}) x;')
    times = take_turns(sides, options.rounds)
    work = f'{options.activities:,} activities of {options.leads:,} leads, 19 rules'
    for name in ('serial', 'two workers'):
        note(f'engage … GROUP BY, {work}, {name}', times[f'hand, {name}'], times[f'engage, {name}'], '1.3')
    best = min(times['hand, serial'], times['hand, two workers'])
    note(f'engage_each, states of all leads, {work}; by hand at its best', best, times['states'], '3')
    note('the same with their totals', best, times['each'], '')
    note('the same, states, beside the bare scan', times['scan'], times['states'], '0.29')


def view(options):
    """All live scores, beside computing them from the activities; and what the server needs for the view's join alone."""
    psql(f"SELECT leadscore.create_model('compared', {engagement_rules()}, 'lead'); "
         "SELECT leadscore.add_activity('compared', 'activity', 'lead_id', kind => 'type', at => 'occurred_at');")
    psql('VACUUM ANALYZE compared.state;')
    assert_as_by_hand(f"SELECT id AS lead_id, leadscore.total({engagement_rules()}, '{{}}'::jsonb, engagement, '{AS_OF}') AS total "
                      'FROM compared.state WHERE engagement IS NOT NULL', 'view')
    times = take_turns({'hand': (PARALLEL, f'SELECT sum(total) FROM ({HAND}) x;'), 'view': (PARALLEL, 'SELECT sum(total) FROM compared.score;'),
                        'join': (PARALLEL, 'SELECT count(s.engagement) FROM lead l LEFT JOIN compared.state s ON s.id = l.id;')}, options.rounds)
    note(f'the view score, all of {options.leads:,} leads, beside their {options.activities:,} activities, two workers', times['hand'], times['view'], '50')
    print(f'  the join of leads and states alone: {times["join"]:,.0f} ms', flush=True)


def compiling(options):
    """The first use of a rule set in a session, and the second; the module is loaded before."""
    first, second = [], []
    statement = f'SELECT leadscore.total({fit_rules(300)}, l) FROM lead l WHERE id = 1;'
    warm = 'SELECT leadscore.total(' + literal('{"dimensions": [{"name": "d", "rules": [{"id": "r", "when": {"country": "US"}, "points": 1}]}]}') + ', l) FROM lead l WHERE id = 2;'
    for _ in range(max(options.rounds, 9)):
        times = each_time(f'SET jit = off;\n{warm}\n\\o /dev/null\n\\timing on\n{statement}\n{statement}\n')
        first.append(times[0])
        second.append(times[1])
    a, b = statistics.median(first), statistics.median(second)
    print(f'one lead by 300 rules: {a:.1f} ms for the first query of a session, {b:.1f} ms for the second', flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--leads', type=int, default=1_000_000)
    parser.add_argument('--activities', type=int, default=2_000_000)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--parts', default='fit,many,wide,engagement,view,compiling')
    options = parser.parse_args()
    psql('CREATE EXTENSION leadscore;')
    load(options.leads, options.activities)
    parts = options.parts.split(',')
    if 'fit' in parts:
        fit(options, 30, '10')
        fit(options, 300, '60')
    if 'many' in parts:
        many_rules(options)
    if 'wide' in parts:
        wide(options)
    if 'engagement' in parts:
        engagement(options)
    if 'view' in parts:
        view(options)
    if 'compiling' in parts:
        compiling(options)
    table(('work', 'beside, ms', 'leadscore, ms', 'times faster', 'aim'), ROWS)


if __name__ == '__main__':
    main()
