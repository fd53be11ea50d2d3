"""What the measurements share: psql, rule sets, and sides that take turns."""
import json
import pathlib
import re
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
AS_OF = '2026-11-21'
SERIAL = 'SET max_parallel_workers_per_gather = 0;'
PARALLEL = 'SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0.01;'


def psql(script, *arguments):
    result = subprocess.run(['psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', *arguments, '-f', '-'], input=script, text=True,
                            capture_output=True)
    if result.returncode != 0:
        sys.exit(f'failed: {script[:400]}\n{result.stderr}')
    return result.stdout.strip()


def each_time(script):
    """The milliseconds of each statement after the script's line \\timing on."""
    return [float(ms) for ms in re.findall(r'Time: ([0-9.]+) ms', psql(script))]


def milliseconds(settings, statement):
    """One statement in a session of its own, settings and connection not counted."""
    return each_time(f'{settings}\n\\o /dev/null\n\\timing on\n{statement}\n')[-1]


def again(settings, statement, times=15):
    """The median where a session says the same again and again; the first ones, which load and plan, are not counted."""
    return statistics.median(each_time(f'{settings}\n\\o /dev/null\n\\timing on\n' + (statement + '\n') * times)[times // 3:])


def take_turns(sides, rounds):
    """{name: (settings, statement)} -> {name: median ms}. In each round all come once, every other one in the opposite order."""
    times = {name: [] for name in sides}
    for number in range(rounds):
        for name in sorted(sides, reverse=number % 2 == 1):
            times[name].append(milliseconds(*sides[name]))
    return {name: statistics.median(values) for name, values in times.items()}


def assert_none(query, what):
    wrong = psql(query)
    if wrong != '0':
        sys.exit(f'{what}: {wrong} results differ')


def literal(text):
    return '$rules$' + text + '$rules$'


def make_rules(n, form):
    return subprocess.run([sys.executable, HERE / 'make_rules.py', str(n), form], text=True, capture_output=True, check=True).stdout.strip()


def fit_rules(n):
    return literal(make_rules(n, 'ruleset'))


def engagement_rules():
    return literal(json.dumps(json.loads((HERE / 'engagement_rules.json').read_text())))


def load(leads, activities):
    print(f'loading {leads:,} leads and {activities:,} activities', flush=True)
    psql((HERE / 'dataset.sql').read_text(), '-v', f'nlead={leads}', '-v', f'nact={activities}')
    # Into memory before anything is timed.
    psql('SELECT count(*) FROM lead; SELECT count(*) FROM activity;')


def table(header, rows):
    print(f'\n| {" | ".join(header)} |\n| --- |{" ---: |" * (len(header) - 1)}')
    for row in rows:
        print(f'| {" | ".join(str(cell) for cell in row)} |', flush=True)
