#!/usr/bin/env python3
"""The comparisons of test/bench/run; needs a running server with leadscore installed."""
import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
AS_OF = '2026-11-21'


def psql(script, *arguments):
    result = subprocess.run(['psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', *arguments, '-f', '-'], input=script, text=True,
                            capture_output=True)
    if result.returncode != 0:
        sys.exit(f'failed: {script[:400]}\n{result.stderr}')
    return result.stdout.strip()


def milliseconds(settings, statement):
    """One statement in a session of its own, settings and connection not counted."""
    out = psql(f'{settings}\n\\o /dev/null\n\\timing on\n{statement}\n')
    return float(re.findall(r'Time: ([0-9.]+) ms', out)[-1])


def literal(text):
    return '$rules$' + text + '$rules$'


def make_rules(n, form):
    return subprocess.run([sys.executable, HERE / 'make_rules.py', str(n), form], text=True, capture_output=True, check=True).stdout.strip()


def take_turns(sides, rounds):
    """{name: (settings, statement)} -> {name: median ms}, the sides one after the other in each round."""
    times = {name: [] for name in sides}
    for _ in range(rounds):
        for name, (settings, statement) in sides.items():
            times[name].append(milliseconds(settings, statement))
    return {name: statistics.median(values) for name, values in times.items()}


def assert_none(query, what):
    wrong = psql(query)
    if wrong != '0':
        sys.exit(f'{what}: {wrong} results differ')


def fit(n, rounds):
    rules = literal(make_rules(n, 'ruleset'))
    case = make_rules(n, 'sql')
    assert_none(f'SELECT count(*) FROM lead l WHERE {case} IS DISTINCT FROM leadscore.total({rules}, l);', f'{n} rules')
    times = take_turns({
        'jit': ('SET jit = on;', f'SELECT sum({case}) FROM lead;'),
        'no jit': ('SET jit = off;', f'SELECT sum({case}) FROM lead;'),
        'leadscore': ('', f'SELECT sum(leadscore.total({rules}, l)) FROM lead l;'),
    }, rounds)
    return min(times['jit'], times['no jit']), times['leadscore']


def engagement(rounds):
    rules = literal(json.dumps(json.loads((HERE / 'engagement_rules.json').read_text())))
    hand = (HERE / 'engagement_baseline.sql').read_text().split('\n', 2)[2].strip().rstrip(';')
    ours = (f"SELECT lead_id, leadscore.total({rules}, '{{}}'::jsonb, leadscore.engage({rules}, type, occurred_at, NULL::record, '{AS_OF}'), "
            f"'{AS_OF}') AS total FROM activity GROUP BY lead_id")
    assert_none(f'SELECT count(*) FROM ({hand}) h FULL JOIN ({ours}) o USING (lead_id) '
                'WHERE h.total IS NULL OR o.total IS NULL OR abs(h.total - o.total) > 1e-6 * greatest(1, abs(h.total));', 'engagement')
    times = take_turns({
        'hand': ('', f'SELECT sum(total) FROM ({hand}) x;'),
        'leadscore': ('', f'SELECT sum(total) FROM ({ours}) x;'),
    }, rounds)
    return times['hand'], times['leadscore']


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--leads', type=int, default=1_000_000)
    parser.add_argument('--activities', type=int, default=2_000_000)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--rules', default='30,300')
    options = parser.parse_args()
    print(f'loading {options.leads:,} leads and {options.activities:,} activities', flush=True)
    psql((HERE / 'dataset.sql').read_text(), '-v', f'nlead={options.leads}', '-v', f'nact={options.activities}')
    psql('CREATE EXTENSION leadscore;')
    # Into memory before anything is timed.
    psql('SELECT count(*) FROM lead; SELECT count(*) FROM activity;')
    rows = []
    for n in [int(n) for n in options.rules.split(',') if n]:
        rows.append((f'fit score, {n} rules, {options.leads:,} leads, serial', *fit(n, options.rounds)))
        print('.', end='', flush=True)
    if options.activities:
        rows.append((f'engagement, 19 rules, {options.activities:,} activities, serial', *engagement(options.rounds)))
    print(f'\n\n| work | SQL by hand, ms | leadscore, ms | times faster |\n| --- | ---: | ---: | ---: |')
    for work, hand, ours in rows:
        print(f'| {work} | {hand:,.0f} | {ours:,.0f} | {hand / ours:.1f} |')


if __name__ == '__main__':
    main()
