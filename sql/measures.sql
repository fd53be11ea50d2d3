-- Measures of scores against plain SQL that follows their definitions, on data with heavy ties.
SET timezone = 'UTC';
CREATE TABLE deal AS
SELECT id, team, score, won, round(((score + 2) / 16)::numeric, 4)::float8 AS probability
FROM (SELECT id, id * 31 % 4 AS team, (h / 16 % 13)::float8 AS score, h / 208 % 100 < 8 + 5 * (h / 16 % 13) AS won
      FROM (SELECT id, abs(hashint4(id)::bigint) AS h FROM generate_series(1, 3000) id) x) y;
CREATE TEMP VIEW pair AS
SELECT team, p.id AS positive, n.id AS negative, CASE WHEN p.score > n.score THEN 1 WHEN p.score = n.score THEN 0.5 ELSE 0 END::float8 AS won
FROM deal p JOIN deal n USING (team) WHERE p.won AND NOT n.won;
CREATE FUNCTION pg_temp.same(a float8, b float8) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$ SELECT abs(a - b) <= 1e-12 * greatest(1, abs(a)) $$;
SELECT count(*), count(DISTINCT score) AS scores, count(*) FILTER (WHERE won) > 500 AS positives FROM deal;

CREATE TEMP TABLE wanted AS
WITH curve AS (
  SELECT team, score, count(*) AS n, count(*) FILTER (WHERE won) AS here, sum(count(*)) OVER w AS above, sum(count(*) FILTER (WHERE won)) OVER w AS found,
         sum(count(*)) OVER t AS rows, sum(count(*) FILTER (WHERE won)) OVER t AS positives
  FROM deal GROUP BY team, score WINDOW w AS (PARTITION BY team ORDER BY score DESC), t AS (PARTITION BY team)
), ranked AS (
  SELECT team, row_number() OVER (PARTITION BY team ORDER BY score DESC) AS place, count(*) OVER (PARTITION BY team) AS rows, avg(won::int) OVER (PARTITION BY team, score) AS share,
         avg(won::int) OVER (PARTITION BY team) AS overall
  FROM deal
)
SELECT * FROM (SELECT team, avg(won) AS auc FROM pair GROUP BY team) a
JOIN (SELECT team, var_samp(v) / count(*) AS v10 FROM (SELECT team, avg(won) AS v FROM pair GROUP BY team, positive) x GROUP BY team) b USING (team)
JOIN (SELECT team, var_samp(v) / count(*) AS v01 FROM (SELECT team, avg(won) AS v FROM pair GROUP BY team, negative) x GROUP BY team) c USING (team)
JOIN (SELECT team, sum(here / positives * (found / above)) AS average_precision, max(abs(found / positives - (above - found) / (rows - positives))) AS ks FROM curve GROUP BY team) d USING (team)
JOIN (SELECT team, avg(-ln(CASE WHEN won THEN probability ELSE 1 - probability END)) AS log_loss, avg((probability - won::int) ^ 2) AS brier FROM deal GROUP BY team) e USING (team)
JOIN (SELECT team, sum(share * least(greatest(0.123 * rows - place + 1, 0), 1)) / max(0.123 * rows) / max(overall) AS lift FROM ranked GROUP BY team) f USING (team);
CREATE TEMP TABLE measured AS
SELECT team, leadscore.auc(score, won) AS auc, leadscore.auc_ci(score, won) AS ci, leadscore.auc_ci(score, won, 0.5) AS ci_half, leadscore.average_precision(score, won) AS average_precision,
       leadscore.ks(score, won) AS ks, leadscore.lift(score, won, 0.123) AS lift, leadscore.log_loss(probability, won) AS log_loss, leadscore.brier(probability, won) AS brier
FROM deal GROUP BY team;
SELECT count(*), bool_and(pg_temp.same(m.auc, w.auc)) AS auc, bool_and(pg_temp.same((ci).auc, w.auc)) AS ci_auc,
       bool_and(pg_temp.same((ci).standard_error, sqrt(v10 + v01))) AS standard_error,
       bool_and(pg_temp.same((ci).low, w.auc - 1.959963984540054 * sqrt(v10 + v01)) AND pg_temp.same((ci).high, w.auc + 1.959963984540054 * sqrt(v10 + v01))) AS ci,
       bool_and(pg_temp.same((ci_half).low, w.auc - 0.6744897501960817 * sqrt(v10 + v01))) AS ci_half,
       bool_and(pg_temp.same(m.average_precision, w.average_precision)) AS average_precision, bool_and(pg_temp.same(m.ks, w.ks)) AS ks, bool_and(pg_temp.same(m.lift, w.lift)) AS lift,
       bool_and(pg_temp.same(m.log_loss, w.log_loss)) AS log_loss, bool_and(pg_temp.same(m.brier, w.brier)) AS brier
FROM measured m JOIN wanted w USING (team);
-- Hanley and McNeil (1982), table 1, and what roctab of Stata gives for it
SELECT round(auc::numeric, 4) AS auc, round(standard_error::numeric, 4) AS se, round(low::numeric, 5) AS low, round(high::numeric, 5) AS high, positives, negatives
FROM (SELECT leadscore.auc_ci(rating, abnormal) AS ci
      FROM (VALUES (1, 33, 3), (2, 6, 2), (3, 6, 2), (4, 11, 11), (5, 2, 33)) t(rating, normal, abnormal_n), generate_series(1, normal + abnormal_n) i, LATERAL (SELECT i > normal AS abnormal) a) x, LATERAL (SELECT (ci).*) c;

-- Tables. Rows of one score stay together, in the bucket where the middle of them lies.
CREATE TEMP VIEW level AS
SELECT team, score, n, positives, floor((sum(n) OVER (PARTITION BY team ORDER BY score DESC) - n / 2.0) * 5 / sum(n) OVER (PARTITION BY team)) + 1 AS bucket,
       floor((sum(n) OVER (PARTITION BY team ORDER BY score) - n / 2.0) * 5 / sum(n) OVER (PARTITION BY team)) + 1 AS from_below
FROM (SELECT team, score, count(*) AS n, count(*) FILTER (WHERE won) AS positives FROM deal GROUP BY team, score) x;
WITH wanted AS (
  SELECT team, bucket::int, min(score) AS lowest, max(score) AS highest, sum(n)::bigint AS n, sum(positives)::bigint AS positives, sum(positives)::float8 / sum(n)::float8 AS rate,
         sum(sum(n)) OVER t AS rows, sum(sum(positives)) OVER t AS all_positives, sum(sum(n)) OVER w AS above, sum(sum(positives)) OVER w AS found
  FROM level GROUP BY team, bucket WINDOW t AS (PARTITION BY team), w AS (PARTITION BY team ORDER BY bucket)
), found AS (
  SELECT team, t.* FROM (SELECT team, leadscore.lift_table(score, won, 5) AS rows FROM deal GROUP BY team) d, unnest(d.rows) t
)
SELECT count(*), bool_and((f.lowest, f.highest, f.n, f.positives, f.rate) = (w.lowest, w.highest, w.n, w.positives, w.rate)) AS counts,
       bool_and(pg_temp.same(f.lift, w.rate * rows / all_positives) AND pg_temp.same(f.share, above / rows) AND pg_temp.same(f.gain, found / all_positives)
                AND pg_temp.same(f.total_lift, (found / all_positives) / (above / rows))) AS rates
FROM found f FULL JOIN wanted w USING (team, bucket);
WITH wanted AS (
  SELECT team, from_below::int AS bucket, sum(n)::bigint AS n, sum(positives)::bigint AS positives, sum(positives)::float8 / sum(n)::float8 AS observed,
         sum(n * round(((score + 2) / 16)::numeric, 4)) / sum(n) AS predicted
  FROM level GROUP BY team, from_below
), found AS (
  SELECT team, t.* FROM (SELECT team, leadscore.calibration_table(probability, won, 5) AS rows FROM deal GROUP BY team) d, unnest(d.rows) t
)
SELECT count(*), bool_and((f.n, f.positives, f.observed) = (w.n, w.positives, w.observed) AND pg_temp.same(f.predicted, w.predicted)) AS means,
       -- Wilson's bounds are where the share is just z standard errors away
       bool_and(pg_temp.same(abs(f.observed - f.low), 1.959963984540054 * sqrt(f.low * (1 - f.low) / f.n)) AND f.low < f.observed) AS low,
       bool_and(pg_temp.same(abs(f.observed - f.high), 1.959963984540054 * sqrt(f.high * (1 - f.high) / f.n)) AND f.high > f.observed) AS high
FROM found f FULL JOIN wanted w USING (team, bucket);
WITH wanted AS (
  SELECT team, score AS threshold, sum(positives) OVER w AS tp, sum(n - positives) OVER w AS fp, sum(positives) OVER t AS p, sum(n - positives) OVER t AS nn
  FROM level WINDOW w AS (PARTITION BY team ORDER BY score DESC), t AS (PARTITION BY team)
), found AS (
  SELECT team, t.* FROM (SELECT team, leadscore.roc_curve(score, won) AS rows FROM deal GROUP BY team) d, unnest(d.rows) t
)
SELECT count(*), count(w.tp) AS thresholds, bool_and((true_positives, false_positives) = (coalesce(tp, 0), coalesce(fp, 0))) AS counts, bool_and(pg_temp.same(true_positive_rate, tp / p)
       AND pg_temp.same(false_positive_rate, fp / nn) AND pg_temp.same("precision", tp / (tp + fp))) AS rates
FROM found f FULL JOIN wanted w ON (f.team, f.threshold) = (w.team, w.threshold);
SELECT t.* FROM (SELECT leadscore.roc_curve(score, won) AS rows FROM (VALUES (0.1, false), (0.4, false), (0.35, true), (0.8, true)) v(score, won)) d, unnest(d.rows) t;

-- Weight of evidence; a value without a positive has half a row more of each kind
CREATE TEMP TABLE source AS SELECT id, won, CASE score WHEN 0 THEN NULL ELSE 'src ' || score END AS source, score::int AS number FROM deal UNION ALL SELECT -i, false, 'never', 99 FROM generate_series(1, 7) i;
WITH wanted AS (
  SELECT source, count(*) AS n, count(*) FILTER (WHERE won) AS positives, sum(count(*)) OVER () AS rows, sum(count(*) FILTER (WHERE won)) OVER () AS all_positives FROM source GROUP BY source
), share AS (
  SELECT *, (positives + CASE WHEN positives IN (0, n) THEN 0.5 ELSE 0 END) / all_positives::float8 AS p, (n - positives + CASE WHEN positives IN (0, n) THEN 0.5 ELSE 0 END) / (rows - all_positives)::float8 AS q FROM wanted
), found AS (
  SELECT t.* FROM (SELECT leadscore.woe_table(source, won) AS rows FROM source) d, unnest(d.rows) WITH ORDINALITY t
)
SELECT count(*), bool_and((f.n, f.positives, f.negatives) = (s.n, s.positives, s.n - s.positives)) AS counts, bool_and(pg_temp.same(woe, ln(p / q))) AS woe, bool_and(pg_temp.same(iv, (p - q) * ln(p / q))) AS iv,
       pg_temp.same(sum((p - q) * ln(p / q)), max(total_iv)) AND min(total_iv) = max(total_iv) AS total_iv, string_agg(f.value, ', ') FILTER (WHERE adjusted) AS adjusted,
       string_agg(coalesce(f.value, '(null)'), ',' ORDER BY ordinality) AS in_order
FROM found f FULL JOIN share s ON coalesce(f.value, 'no value') = coalesce(s.source, 'no value');
-- Values of any type; numbers are in their own order
CREATE TYPE pg_temp.mood AS ENUM ('sad', 'glad');
SELECT pg_typeof(v[1]), (SELECT string_agg(format('%s=%s', t.value, t.n), ' ') FROM unnest(rows) t) AS levels
FROM (SELECT array_agg(number) AS v, leadscore.woe_table(number, won) AS rows FROM source) x;
SELECT (SELECT string_agg(t.value, ' ') FROM unnest(a) t) AS boolean, (SELECT string_agg(t.value, ' ') FROM unnest(b) t) AS enum, (SELECT string_agg('<' || t.value || '>', ' ') FROM unnest(c) t) AS char,
       (SELECT string_agg(t.value, ' ') FROM unnest(d) t) AS date, (SELECT string_agg(t.value, ' ') FROM unnest(e) t) AS "array"
FROM (SELECT leadscore.woe_table(number > 5, won) a, leadscore.woe_table(CASE WHEN number > 5 THEN 'glad' ELSE 'sad' END::pg_temp.mood, won) b, leadscore.woe_table(left(source, 3)::char(8), won) c,
             leadscore.woe_table(date '2026-01-01' + number % 2, won) d, leadscore.woe_table(ARRAY[number % 2], won) e FROM source) x;

-- psi: buckets of what was expected, the upper bounds of which belong to them; rows without a value are a bin of their own
CREATE TEMP VIEW moved AS SELECT id > 1000 AS actual, CASE WHEN id % 17 > 0 THEN score + CASE WHEN id > 1000 THEN id % 3 - 0.5 ELSE 0 END END AS value FROM deal;
WITH expected AS (
  SELECT value, floor((sum(n) OVER (ORDER BY value) - n / 2.0) * 4 / sum(n) OVER ()) AS bin FROM (SELECT value, count(*) AS n FROM moved WHERE NOT actual AND value IS NOT NULL GROUP BY value) x
), bound AS (
  SELECT bin, CASE WHEN bin < max(bin) OVER () THEN max(value) ELSE 'infinity' END AS high FROM expected GROUP BY bin
), binned AS (
  SELECT actual, CASE WHEN value IS NOT NULL THEN (SELECT min(bin) FROM bound WHERE value <= high) END AS bin FROM moved
), share AS (
  SELECT count(*) FILTER (WHERE NOT actual) / sum(count(*) FILTER (WHERE NOT actual)) OVER () AS e, count(*) FILTER (WHERE actual) / sum(count(*) FILTER (WHERE actual)) OVER () AS a FROM binned GROUP BY bin
)
SELECT count(*) AS bins, pg_temp.same(sum((a - e) * ln(a / e)), (SELECT leadscore.psi(value, actual, 4) FROM moved)) AS psi,
       (SELECT leadscore.psi(value, actual, 4) = leadscore.psi(array_agg(value) FILTER (WHERE NOT actual), array_agg(value) FILTER (WHERE actual), 4) FROM moved) AS arrays,
       (SELECT leadscore.psi(value, actual) = leadscore.psi(array_agg(value) FILTER (WHERE NOT actual), array_agg(value) FILTER (WHERE actual)) FROM moved) AS ten
FROM share;
-- Of categories; a value on one side only has half a row more on both
WITH category AS (
  SELECT count(*) FILTER (WHERE NOT actual) AS e, count(*) FILTER (WHERE actual) AS a FROM moved GROUP BY value
), share AS (
  SELECT (e + CASE WHEN e * a = 0 THEN 0.5 ELSE 0 END) / sum(e) OVER () AS e, (a + CASE WHEN e * a = 0 THEN 0.5 ELSE 0 END) / sum(a) OVER () AS a, e * a = 0 AS one_sided FROM category
)
SELECT count(*) AS categories, count(*) FILTER (WHERE one_sided) > 10 AS one_sided, pg_temp.same(sum((a - e) * ln(a / e)), (SELECT leadscore.psi(value::text, actual) FROM moved)) AS psi,
       (SELECT leadscore.psi(value::text, actual) = leadscore.psi(array_agg(value::text) FILTER (WHERE NOT actual), array_agg(value::text) FILTER (WHERE actual)) FROM moved) AS arrays,
       (SELECT leadscore.psi(value::text, actual) = (leadscore.woe_table(value, actual))[1].total_iv FROM moved) AS iv FROM share;
SELECT leadscore.psi(ARRAY[1, 2, 3], ARRAY[3, 2, 1]) AS same, leadscore.psi(ARRAY[1, 2, 3], '{}'::int[]) AS nothing, leadscore.psi(NULL, ARRAY['a']) AS unknown,
       round(leadscore.psi(ARRAY['a', 'b'], ARRAY['b', 'c'])::numeric, 6) AS other, round((2 * (1.5 - 0.5) / 2 * ln(3))::numeric, 6) AS by_hand, leadscore.psi('{}'::text[], '{}') AS none, leadscore.psi(ARRAY[[1.5, 2], [NULL, 4]], ARRAY[1.5, 2, NULL, 4]) AS matrix;

-- One state for all aggregates of the same arguments: these are computed once a row
CREATE SEQUENCE evaluated;
CREATE FUNCTION counted(value float8) RETURNS float8 STABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('evaluated'); RETURN value; END $$;
SELECT leadscore.auc(counted(probability), won) > 0 AND leadscore.ks(counted(probability), won) > 0 AND leadscore.average_precision(counted(probability), won) > 0 AND leadscore.brier(counted(probability), won) > 0
       AND leadscore.log_loss(counted(probability), won) > 0 AND (leadscore.auc_ci(counted(probability), won)).low > 0 AND cardinality(leadscore.roc_curve(counted(probability), won)) = 14 AS measured FROM deal;
SELECT last_value FROM evaluated;

-- In any order, and in parallel, the last bit is the same
\set everything 'ROW(leadscore.auc(score, won), leadscore.auc_ci(score, won), leadscore.auc_ci(score, won, 0.9), leadscore.average_precision(score, won), leadscore.ks(score, won), leadscore.lift(score, won, 0.1), leadscore.log_loss(probability, won), leadscore.brier(probability, won), leadscore.lift_table(score, won, 7), leadscore.calibration_table(probability, won, 7), leadscore.roc_curve(score, won), leadscore.woe_table(score, won), leadscore.woe_table(score::text, won), leadscore.psi(score, won), leadscore.psi(score, won, 3), leadscore.psi(score::text, won))::text'
CREATE FUNCTION plan_has(query text, what text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    IF line LIKE '%' || what || '%' THEN RETURN true; END IF;
  END LOOP;
  RETURN false;
END $$;
-- 60,000 further rows, NULLs among them, scores of many digits
CREATE TABLE deals AS
SELECT team, score, won, probability FROM deal
UNION ALL SELECT i % 4, CASE WHEN i % 50 > 0 THEN CASE WHEN i % 3 = 0 THEN abs(hashint4(i)::bigint) % 1000 ELSE sqrt(i) END END, CASE WHEN i % 70 > 0 THEN hashint4(-i) % 3 = 0 END, abs(hashint4(i)::bigint) % 100000 / 100000.0 FROM generate_series(1, 60000) i;
ALTER TABLE deals SET (parallel_workers = 4);
ANALYZE deals;
SET max_parallel_workers_per_gather = 0;
CREATE TEMP TABLE serial AS SELECT team, :everything AS measures FROM deals GROUP BY ROLLUP (team);
CREATE TEMP TABLE ascending AS SELECT team, :everything AS measures FROM (SELECT * FROM deals ORDER BY score, won OFFSET 0) d GROUP BY ROLLUP (team);
CREATE TEMP TABLE descending AS SELECT team, :everything AS measures FROM (SELECT * FROM deals ORDER BY won DESC, score DESC OFFSET 0) d GROUP BY ROLLUP (team);
CREATE TEMP TABLE shuffled AS SELECT team, :everything AS measures FROM (SELECT * FROM deals ORDER BY md5(deals::text) OFFSET 0) d GROUP BY ROLLUP (team);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
SELECT plan_has('SELECT ' || :'everything' || ' FROM deals', 'Partial Aggregate') AS partial, plan_has('SELECT team, ' || :'everything' || ' FROM deals GROUP BY team', 'Partial%Aggregate') AS partial_groups;
CREATE TEMP TABLE parallel AS SELECT team, :everything AS measures FROM deals GROUP BY team;
CREATE TEMP TABLE parallel_whole AS SELECT NULL::int AS team, :everything AS measures FROM deals;
SELECT name, count(*), bool_and(s.measures = x.measures) AS same
FROM serial s JOIN (SELECT 'ascending' AS name, * FROM ascending UNION ALL SELECT 'descending', * FROM descending UNION ALL SELECT 'shuffled', * FROM shuffled UNION ALL SELECT 'in parallel', * FROM parallel
                    UNION ALL SELECT 'the whole in parallel', * FROM parallel_whole) x ON s.team IS NOT DISTINCT FROM x.team GROUP BY name ORDER BY name;
SELECT leadscore.auc(score, won) AS no_row, leadscore.woe_table(score, won) AS no_value FROM deals WHERE team = 77;
SELECT leadscore.lift(score, won, CASE WHEN score > 5 THEN 0.5 ELSE 0.25 END) FROM deals;
RESET max_parallel_workers_per_gather;
RESET min_parallel_table_scan_size;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;

-- In a window, which goes on after each result
SELECT count(*), bool_and(running IS NOT DISTINCT FROM (SELECT leadscore.auc(score, won) FROM deal d WHERE d.id <= x.id)) AS running
FROM (SELECT id, leadscore.auc(score, won) OVER (ORDER BY id) AS running FROM deal WHERE id <= 200) x;

-- NULL: the row is ignored, and auc_ci says how many. One kind of outcome alone: what can be said is said.
SELECT leadscore.auc_ci(score, won), leadscore.auc(score, won), leadscore.brier(score, won)
FROM (VALUES (1.0, true), (NULL, true), (0, NULL), (NULL, NULL), (0.5, false), (0.25, false), (1, true)) v(score, won);
SET extra_float_digits = 0;
SELECT kind, leadscore.auc(score, won), leadscore.auc_ci(score, won), leadscore.ks(score, won), leadscore.average_precision(score, won) AS ap, leadscore.lift(score, won, 0.5), leadscore.brier(score, won), leadscore.log_loss(score, won) AS loss,
       leadscore.roc_curve(score, won) AS roc, leadscore.lift_table(score, won, 1), leadscore.calibration_table(score, won, 1) AS calibration, leadscore.woe_table(score, won) AS woe, leadscore.psi(score, won), leadscore.psi(score::text, won) AS psi_text
FROM (VALUES ('none', NULL, true), ('none', 0.5, NULL), ('positive', 0.5, true), ('positive', 0.5, true), ('negative', 0.5, false), ('one each', 0.5, true), ('one each', 0.25, false)) v(kind, score, won) GROUP BY kind ORDER BY kind;
RESET extra_float_digits;
SELECT leadscore.auc(score, won), leadscore.auc_ci(score, won), leadscore.lift_table(score, won, 5), leadscore.woe_table(score, won), leadscore.psi(score, won) FROM deal WHERE false;
SELECT leadscore.log_loss(p, won) AS impossible, leadscore.auc(CASE p WHEN 1 THEN 'infinity' ELSE '-infinity' END::float8, won) AS infinite FROM (VALUES (0.0, true), (1, true), (0, false)) v(p, won);
SELECT leadscore.auc(s, won) AS zeros FROM (VALUES ('-0'::float8, true), ('0', false)) v(s, won);

-- A score that says nothing lifts nothing, to the last digit.
SELECT count(*) AS constants, count(*) FILTER (WHERE lift <> 1) AS lifted
FROM (SELECT n, f, leadscore.lift(7, i % 3 = 0, f / 97.0) AS lift FROM generate_series(1, 60, 7) n, generate_series(1, 97) f, generate_series(0, n) i GROUP BY n, f) x;

-- Wrong input
SELECT leadscore.auc(score, won), leadscore.ks(score, won) FROM (VALUES ('NaN'::float8, true), ('NaN', false), (1, true)) v(score, won);
SELECT leadscore.lift_table(score, won, 10) FROM (VALUES ('NaN'::float8, true)) v(score, won);
SELECT leadscore.log_loss(score, won) FROM deal;
SELECT leadscore.brier(-0.01, won) FROM deal;
SELECT leadscore.calibration_table(score, won, 10) FROM deal;
SELECT leadscore.lift(score, won, 0) FROM deal;
SELECT leadscore.lift(score, won, 'NaN') FROM deal;
SELECT leadscore.lift(score, won, NULL) FROM deal;
SELECT leadscore.auc_ci(score, won, 95) FROM deal;
SELECT leadscore.lift_table(score, won, 0) FROM deal;
SELECT leadscore.calibration_table(probability, won, 10001) FROM deal;
SELECT leadscore.lift_table(score, won, team::int + 1) FROM deal;
SELECT leadscore.psi(ARRAY[1, 2], ARRAY['NaN'::float8, 1]);
SELECT leadscore.psi(score, won, -1) FROM deal;
SELECT leadscore.roc_curve(i, i % 2 = 0) FROM generate_series(0, 1000000) i;
SELECT leadscore.woe_table(i, i % 2 = 0) FROM generate_series(0, 100000) i;
-- Nobody can hand a state of his own to what only aggregates call; servers of one major version word it in two ways.
DO $$ BEGIN PERFORM leadscore.outcomes_deserial('', NULL); EXCEPTION WHEN undefined_function OR feature_not_supported THEN RAISE NOTICE 'refused'; END $$;
DO $$ BEGIN PERFORM leadscore.auc_final(NULL); EXCEPTION WHEN undefined_function OR feature_not_supported THEN RAISE NOTICE 'refused'; END $$;
