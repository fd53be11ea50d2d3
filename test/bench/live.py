"""The measurements of test/bench/live: bulk inserts, single rows by several clients, ticks."""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = json.load(open(os.path.join(HERE, "engagement_rules.json")))
# Tiers make a model find out, at each write, until when the lead's tier stays.
RULES["tiers"] = [{"name": "SQL", "at": 60}, {"name": "MQL", "at": 25}, {"name": "warm", "at": 5}, {"name": "cold"}]
# With --fit: what makes a model read each lead's row, as most do.
FIT = {"name": "fit", "rules": [
    {"id": "title", "cases": [
        {"when": {"title": {"words": ["chief", "cto", "ceo", "vp", "vice president", "director*", "head of", "founder*"]}}, "points": 4},
        {"when": {"title": {"words": ["manager", "consultant"]}}, "points": 2},
        {"when": {"title": {"words": ["student", "intern"]}}, "points": -2}]},
    {"id": "country", "when": {"country": {"in": ["US", "DE", "GB", "FR", "NL"]}}, "points": 1},
    {"id": "size", "when": {"employees": {"between": [200, 5000]}}, "points": 2},
    {"id": "industry", "when": {"industry": {"in": ["Software", "Financial Services", "Telecommunications"]}}, "points": 1},
    {"id": "freemail", "when": {"email": {"domain": "@freemail"}}, "points": -2},
    {"id": "opt_out", "when": {"opt_out": True}, "disqualify": True}]}
NEW_ROWS = "SELECT * FROM activity ORDER BY occurred_at DESC LIMIT {rows}"
# After a statement that put rows on the bare table, the same on the live one; each bare table is what people do today.
SIDES = {
    "none": "bare table",
    "row": "counter by a row trigger (no fading)",
    "recalc": "recompute by a row trigger",
    "stmt": "one upsert a statement (fading only)",
    "live": "leadscore",
}


def psql(sql, **variables):
    command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
    for name, value in variables.items():
        command += ["-v", f"{name}={value}"]
    run = subprocess.run(command, input=sql, capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(run.stderr)
    return run.stdout.strip()


def timed(sql):
    start = time.monotonic()
    psql(sql)
    return time.monotonic() - start


def make_model():
    """Tables and a model of their own for each round: the state as it is when a model is new."""
    psql("SELECT leadscore.drop_model(name) FROM leadscore.model;")
    for side in ("none", "live"):
        psql(f"DROP TABLE IF EXISTS act_{side}; CREATE TABLE act_{side} (LIKE activity); CREATE INDEX ON act_{side} (lead_id, occurred_at);")
    psql("SELECT leadscore.create_model('bench', :'rules', 'lead');"
         "SELECT leadscore.add_activity('bench', 'act_live', 'lead_id', kind => 'type', at => 'occurred_at');"
         "VACUUM ANALYZE bench.state; CHECKPOINT;", rules=json.dumps(RULES))


def wrong_leads():
    """Leads whose live score is not what their activities give."""
    return int(psql(
        "WITH r AS MATERIALIZED (SELECT leadscore.active('bench') AS rules), "
        "e AS (SELECT a.lead_id, leadscore.engage(r.rules, a.type, a.occurred_at, a) AS engagement FROM r, act_live a GROUP BY 1) "
        "SELECT count(*) FROM r, lead l LEFT JOIN e ON e.lead_id = l.id LEFT JOIN bench.state s ON s.id = l.id, "
        "LATERAL (SELECT leadscore.total(r.rules, l, e.engagement, '2027-01-01') AS raw, leadscore.total(r.rules, l, s.engagement, '2027-01-01') AS live) t "
        "WHERE s.id IS NULL OR abs(t.raw - t.live) > 1e-9"))


def bulk(arguments):
    times = {"none": [], "live": []}
    insert = "INSERT INTO act_{side} " + NEW_ROWS.format(rows=arguments.rows)
    counter = timed(insert.format(side="row"))
    for round_number in range(arguments.rounds):
        make_model()
        # Who comes first is sometimes faster, sometimes slower.
        for side in sorted(times, reverse=round_number % 2 == 0):
            psql("CHECKPOINT")
            times[side].append(timed(insert.format(side=side)))
    wrong = wrong_leads()
    if wrong:
        sys.exit(f"{wrong} leads are wrong after the bulk insert")
    bare, live = (statistics.median(times[side]) for side in ("none", "live"))
    print(f"{arguments.rows} activities in one INSERT, {arguments.leads} leads:")
    print(f"  {SIDES['none']:<40} {bare * 1000:8.0f} ms")
    print(f"  {SIDES['row']:<40} {counter * 1000:8.0f} ms   {counter / bare:.2f} times (once)")
    print(f"  {SIDES['live']:<40} {live * 1000:8.0f} ms   {live / bare:.2f} times", flush=True)


def warm_up():
    """Everything into shared buffers, as it is where people write all day."""
    psql("CREATE EXTENSION IF NOT EXISTS pg_prewarm; SELECT pg_prewarm(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
         "WHERE c.relkind IN ('r', 'i') AND n.nspname IN ('public', 'bench') AND c.relname <> 'activity';")


def script_of(name):
    return os.path.join(os.environ.get("TMPDIR", "/tmp"), f"leadscore-bench-{os.getpid()}-{name}.sql")


def pgbench(name, clients, seconds):
    """Runs the script of this name, with prepared statements."""
    try:
        return subprocess.run(["pgbench", "-n", "-c", str(clients), "-j", str(min(clients, 2)), "-T", str(seconds), "-M", "prepared", "-f", script_of(name)],
                              check=True, capture_output=True, text=True).stdout
    finally:
        os.unlink(script_of(name))


def single(arguments, lead, what):
    """Clients that insert one activity at a time; `lead` is what pgbench draws leads by."""
    rates = {side: [] for side in SIDES if side != "recalc" or lead != "1"}  # one lead's growing history again and again
    for _ in range(arguments.rounds):
        for side in rates:
            with open(script_of(side), "w") as script:
                script.write(f"\\set id {lead}\nINSERT INTO act_{side} (lead_id, type, asset, occurred_at) "
                             "VALUES (:id, 'email_open', '/x', now());\n")
            out = pgbench(side, arguments.clients, max(2, arguments.seconds // 3) if side == "recalc" else arguments.seconds)
            rates[side].append(float(re.search(r"tps = ([0-9.]+)", out).group(1)))
    wrong = wrong_leads()
    if wrong:
        sys.exit(f"{wrong} leads are wrong after the single rows")
    bare = statistics.median(rates["none"])
    print(f"single rows, {arguments.clients} clients, {arguments.seconds} s each, {what}:")
    for side in rates:
        rate = statistics.median(rates[side])
        print(f"  {SIDES[side]:<40} {rate:8.0f} /s   {rate / bare:.2f} of the bare table", flush=True)


def one_lead():
    """A lead's live score, whatever its history."""
    def latency(statement):
        with open(script_of("lead"), "w") as script:
            script.write(statement)
        return float(re.search(r"latency average = ([0-9.]+) ms", pgbench("lead", 1, 5)).group(1))

    print("one lead's live score by a prepared statement, by the activities that it has; its total and tier, and all of its row:")
    print(f"  its row in the leads' table alone, for comparison {latency('SELECT country FROM lead WHERE id = 1;'):8.3f} ms", flush=True)
    for lead, history in ((-1, 10), (-2, 1000), (-3, 200_000)):
        psql(f"INSERT INTO lead SELECT ({lead}), email, title, country, industry, employees, annual_revenue, source, created_at, opt_out, company "
             f"FROM lead WHERE id = 1; "
             f"INSERT INTO act_live SELECT {lead}, CASE WHEN n % 3 = 0 THEN 'pricing_view' ELSE 'email_open' END, '/x', now() - n * interval '1 min' "
             f"FROM generate_series(1, {history}) n;")
        few, all_columns = (latency(f"SELECT {columns} FROM bench.score WHERE id = {lead};") for columns in ("total, tier", "*"))
        print(f"  {history:>7} {few:8.3f} ms {all_columns:8.3f} ms", flush=True)


def view(arguments):
    """All scores from the state, beside all scores from the activities."""
    recompute = ("WITH r AS MATERIALIZED (SELECT leadscore.active('bench') AS rules), "
                 "e AS (SELECT a.lead_id, leadscore.engage(r.rules, a.type, a.occurred_at, a) AS engagement FROM r, act_live a GROUP BY 1) "
                 "SELECT sum(leadscore.total(r.rules, l, e.engagement)) FROM r, lead l LEFT JOIN e ON e.lead_id = l.id")
    statements = {"recomputed from activities": recompute, "view score": "SELECT sum(total) FROM bench.score"}
    times = {name: [] for name in statements}
    for _ in range(arguments.rounds):
        for name, statement in statements.items():
            times[name].append(timed("SET max_parallel_workers_per_gather = 2; SET work_mem = '1GB';" + statement))
    print(f"scores of all leads, two workers, {psql('SELECT count(*) FROM act_live')} activities:")
    for name in statements:
        print(f"  {name:<40} {statistics.median(times[name]) * 1000:8.0f} ms", flush=True)


def ticks(arguments):
    psql("SELECT leadscore.tick('bench')")
    # An early time is a right one: these are looked at and stay as they are.
    due = psql("WITH due AS (UPDATE bench.state SET next_change_at = clock_timestamp() - interval '1 s' WHERE id % 100 = 1 RETURNING 1) SELECT count(*) FROM due")
    start = time.monotonic()
    touched = psql("SELECT leadscore.tick('bench')")
    print(f"tick, {due} due of {arguments.leads}: {touched} touched in {(time.monotonic() - start) * 1000:.0f} ms")
    print(f"ticks, one a minute in life, here every 15 s ({arguments.leads} leads):")
    for _ in range(3):
        time.sleep(15)
        due, touched, written, wrong, ms = psql(
            "CREATE TEMP TABLE before AS SELECT id, xmin AS version, next_change_at FROM bench.state; "
            "SELECT count(*) AS due FROM before WHERE next_change_at <= clock_timestamp() \\gset\n"
            "SELECT clock_timestamp() AS start \\gset\nSELECT leadscore.tick('bench') AS touched \\gset\n"
            "SELECT extract(epoch FROM clock_timestamp() - :'start') * 1000 AS ms \\gset\n"
            "SELECT :due, :touched, (SELECT count(*) FROM before b JOIN bench.state s USING (id) WHERE s.xmin <> b.version), "
            "(SELECT count(*) FROM bench.score v JOIN bench.state s USING (id) WHERE v.tier IS DISTINCT FROM s.tier), round(:ms, 1)").split("|")
        print(f"  {due} due, {touched} touched, {written} rows written in {ms} ms; {wrong} stored tiers wrong just after", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--durable", action="store_true")
    arguments = parser.parse_args()
    if arguments.fit:
        RULES["dimensions"].insert(0, FIT)
    print("loading", flush=True)
    psql("CREATE EXTENSION leadscore")
    psql(open(os.path.join(HERE, "dataset.sql")).read(), nlead=arguments.leads, nact=2 * arguments.rows)
    psql(open(os.path.join(HERE, "trigger_baselines.sql")).read())
    bulk(arguments)
    warm_up()
    single(arguments, f"random(1, {arguments.leads})", "any lead")
    single(arguments, "1", "one hot lead")
    ticks(arguments)
    view(arguments)
    one_lead()


main()
