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
    print(f"  {SIDES['live']:<40} {live * 1000:8.0f} ms   {live / bare:.2f} times", flush=True)


def warm_up():
    """Everything into shared buffers, as it is where people write all day."""
    psql("CREATE EXTENSION IF NOT EXISTS pg_prewarm; SELECT pg_prewarm(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
         "WHERE c.relkind IN ('r', 'i') AND n.nspname IN ('public', 'bench') AND c.relname <> 'activity';")


def single(arguments):
    warm_up()
    rates = {side: [] for side in SIDES}
    for side in SIDES:
        with open(f"/tmp/leadscore-bench-{os.getpid()}-{side}.sql", "w") as script:
            script.write(f"\\set id random(1, {arguments.leads})\nINSERT INTO act_{side} (lead_id, type, asset, occurred_at) "
                         "VALUES (:id, 'email_open', '/x', now());\n")
    try:
        for _ in range(arguments.rounds):
            for side in SIDES:
                seconds = max(2, arguments.seconds // 3) if side == "recalc" else arguments.seconds
                out = subprocess.run(["pgbench", "-n", "-c", str(arguments.clients), "-j", "2", "-T", str(seconds), "-M", "prepared", "-f",
                                      f"/tmp/leadscore-bench-{os.getpid()}-{side}.sql"], check=True, capture_output=True, text=True).stdout
                rates[side].append(float(re.search(r"tps = ([0-9.]+)", out).group(1)))
    finally:
        for side in SIDES:
            os.unlink(f"/tmp/leadscore-bench-{os.getpid()}-{side}.sql")
    wrong = wrong_leads()
    if wrong:
        sys.exit(f"{wrong} leads are wrong after the single rows")
    bare = statistics.median(rates["none"])
    print(f"single rows, {arguments.clients} clients, {arguments.seconds} s each:")
    for side, label in SIDES.items():
        rate = statistics.median(rates[side])
        print(f"  {label:<40} {rate:8.0f} /s   {rate / bare:.2f} of the bare table", flush=True)


def ticks(arguments):
    psql("SELECT leadscore.tick('bench')")
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
    single(arguments)
    ticks(arguments)


main()
