-- Back-tests and thresholds against plain SQL over the raw tables, which looks at each lead as of its decision.
SET client_min_messages = warning;
SET TimeZone = 'America/New_York';
SET DateStyle = 'ISO, YMD';
SET extra_float_digits = 0;
SET work_mem = '64kB';  -- rows go through files, of which none may stay open
CREATE SCHEMA crm;
CREATE TABLE crm.company (id int PRIMARY KEY, industry text, size int, rival boolean, status text, decided timestamptz, luck int);
CREATE TABLE crm.activity (company_id int, kind text, at timestamptz);
CREATE TABLE crm.call (callee int, began timestamptz, minutes int);
CREATE INDEX ON crm.activity (company_id);
CREATE INDEX ON crm.call (callee);
-- Some were decided at the same time, every seventh is open, and one was won nobody knows when
INSERT INTO crm.company SELECT i, (ARRAY['Retail', 'IT', 'Farming', NULL])[1 + h % 4], h / 8 % 500, i % 40 = 0, CASE WHEN i % 7 = 0 THEN 'open' WHEN h / 64 % 1000 < 120 + 250 * (h % 4 = 1)::int + h / 8 % 500 THEN 'won' ELSE 'lost' END,
  CASE WHEN i % 7 <> 0 AND i <> 500 THEN timestamptz '2024-01-01 00:00+00' + i / 3 * interval '13 hours' END, h / 4096 % 1000
FROM (SELECT i, abs(hashint4(i)::bigint) AS h FROM generate_series(1, 1400) i) x;
INSERT INTO crm.activity SELECT id, (ARRAY['visit', 'visit', 'open'])[1 + k % 3], decided - (id * 31 + k * 977) % 60 * interval '11 hours' + interval '3 days' FROM crm.company, generate_series(1, 6) k
WHERE abs(hashint4(id * 10 + k)::bigint) % 10 < CASE status WHEN 'won' THEN 6 ELSE 3 END;
INSERT INTO crm.call SELECT id, decided - k * interval '4 days', abs(hashint4(id + k)::bigint) % 30 FROM crm.company, generate_series(-1, 2) k WHERE (id + k) % 3 = 0 AND decided IS NOT NULL;
-- What gives the outcome away comes only after it
INSERT INTO crm.activity SELECT id, 'contract', decided + interval '1 microsecond' FROM crm.company WHERE status = 'won' AND decided IS NOT NULL;
SELECT $${"name": "b2b", "dimensions": [
  {"name": "fit", "rules": [
    {"id": "it", "when": {"industry": "IT"}, "points": 15},
    {"id": "size", "field": "size", "bands": [{"below": 100, "points": 0}, {"below": 300, "points": 8}, {"points": 16}]},
    {"id": "rival", "when": {"rival": true}, "disqualify": true}]},
  {"name": "acts", "rules": [
    {"id": "visits", "on": "visit", "within": "10 days", "points": 4},
    {"id": "called", "on": "call", "count": {"gte": 1}, "points": 3},
    {"id": "contract", "on": "contract", "count": {"gte": 1}, "points": 500}]}],
 "tiers": [{"name": "hot", "at": 30}, {"name": "warm", "at": 18}, {"name": "cold"}],
 "probability": {"intercept": -2, "slope": 0.1}}$$ AS rules, 'CASE status WHEN ''won'' THEN true WHEN ''lost'' THEN false END' AS won \gset
CREATE FUNCTION pg_temp.same(a float8, b float8) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$ SELECT a IS NOT DISTINCT FROM b OR abs(a - b) <= 1e-10 * greatest(1, abs(a)) $$;

-- Each lead by hand
CREATE TABLE decided AS
SELECT id, c.status = 'won' AS won, decided AS at, rival, total, 1 / (1 + exp(2 - 0.1 * total)) AS probability
FROM crm.company c, LATERAL (SELECT CASE WHEN industry = 'IT' THEN 15 ELSE 0 END + CASE WHEN size < 100 THEN 0 WHEN size < 300 THEN 8 ELSE 16 END
  + 4 * (SELECT count(*) FROM crm.activity a WHERE a.company_id = c.id AND a.kind = 'visit' AND a.at <= decided AND a.at > decided - interval '10 days')
  + 3 * (EXISTS (SELECT FROM crm.call a WHERE a.callee = c.id AND a.began <= decided))::int AS total) t
WHERE status <> 'open' AND decided IS NOT NULL;
-- What a contender should be told of, given a row for each lead with what ranks it
CREATE FUNCTION pg_temp.expected(each text) RETURNS TABLE (part int, first_at timestamptz, last_at timestamptz, leads bigint, won bigint, rate float8, auc float8, lift float8, log_loss float8, predicted float8, calibration_error float8) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY EXECUTE format($q$
    WITH l AS (%s), g AS (SELECT part, min(at) AS first_at, max(at) AS last_at, count(*) AS n, count(*) FILTER (WHERE won) AS positives,
        CASE WHEN count(*) FILTER (WHERE probability IS NULL) = 0 THEN avg(-ln(CASE WHEN won THEN probability ELSE 1 - probability END)) END AS log_loss, avg(probability) AS predicted,
        leadscore.calibration_table(probability, won, 10) AS calibration FROM l GROUP BY part),
      p AS (SELECT a.part, avg(CASE WHEN a.score > b.score THEN 1 WHEN a.score = b.score THEN 0.5 ELSE 0 END)::float8 AS auc FROM l a JOIN l b ON coalesce(a.part, 0) = coalesce(b.part, 0) WHERE a.won AND NOT b.won GROUP BY a.part),
      r AS (SELECT part, won, score, (row_number() OVER (PARTITION BY part ORDER BY score DESC))::float8 AS place, count(*) OVER (PARTITION BY part) AS n, avg(won::int::float8) OVER (PARTITION BY part, score) AS share FROM l),
      f AS (SELECT part, sum(share * least(greatest(0.1 * n - place + 1, 0), 1)) / max(0.1 * n) AS top FROM r GROUP BY part)
    SELECT g.part::int, g.first_at, g.last_at, g.n, g.positives, g.positives::float8 / g.n, p.auc, (f.top / (g.positives::float8 / g.n))::float8, g.log_loss::float8, g.predicted::float8,
      (SELECT sum(abs(c.positives - c.predicted * c.n)) / g.n FROM unnest(g.calibration) c)::float8
    FROM g JOIN p ON p.part IS NOT DISTINCT FROM g.part JOIN f ON f.part IS NOT DISTINCT FROM g.part$q$, each);
END $$;
CREATE FUNCTION pg_temp.compare(backtest text, who text, each text) RETURNS TABLE (rows bigint, matched bigint, different text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY EXECUTE format($q$
    SELECT count(*), count(*) FILTER (WHERE e.leads IS NOT NULL AND b.leads IS NOT NULL), nullif(concat_ws(', ', CASE WHEN NOT bool_and((b.first_at, b.last_at, b.leads, b.won) IS NOT DISTINCT FROM (e.first_at, e.last_at, e.leads, e.won)) THEN 'leads' END,
      CASE WHEN NOT bool_and(pg_temp.same(b.rate, e.rate)) THEN 'rate' END, CASE WHEN NOT bool_and(pg_temp.same(b.auc, e.auc)) THEN 'auc' END, CASE WHEN NOT bool_and(pg_temp.same(b.lift, e.lift)) THEN 'lift' END,
      CASE WHEN NOT bool_and(pg_temp.same(b.log_loss, e.log_loss)) THEN 'log_loss' END, CASE WHEN NOT bool_and(pg_temp.same(b.predicted, e.predicted)) THEN 'predicted' END,
      CASE WHEN NOT bool_and(pg_temp.same(b.calibration_error, e.calibration_error)) THEN 'calibration_error' END), '')
    FROM (SELECT * FROM (%1$s) b WHERE contender = %2$L) b FULL JOIN pg_temp.expected(%3$L) e ON coalesce(e.part, 0) = coalesce(b.part, 0)$q$, backtest, who, each);
END $$;

-- Windows of as many leads each, who were decided at one time together; the first is only looked back at
CREATE TABLE windowed AS SELECT d.*, 1 + 6 * (SELECT count(*) FROM decided e WHERE e.at < d.at) / (SELECT count(*) FROM decided) AS part FROM decided d;
SELECT part, count(*) FROM windowed GROUP BY part ORDER BY part;
CREATE TABLE chance AS SELECT w.*, (SELECT avg(e.won::int)::float8 FROM windowed e WHERE e.part < w.part) AS base FROM windowed w WHERE part > 1;

SELECT '{"activity": {"source": "crm.touch", "lead_key": "company_id", "kind": "kind", "at": "at"}}' AS activity \gset
CREATE VIEW crm.touch AS SELECT company_id, kind, at FROM crm.activity UNION ALL SELECT callee, 'call', began FROM crm.call;
SELECT format('SELECT * FROM leadscore.backtest(%L::leadscore.ruleset, ''crm.company'', %L, ''decided'', %L)', :'rules', :'won', :'activity') AS backtest \gset
CREATE TABLE first AS :backtest;
SELECT contender, part, trained_on, passed_over, auc_low < auc AND auc < auc_high AS interval, auc_low = 0.5 AND auc_high = 0.5 AS none FROM first ORDER BY part, contender;
SELECT (SELECT count(*) FROM crm.company) - (SELECT count(*) FROM decided) AS passed_over;
SELECT * FROM pg_temp.compare('TABLE first', 'candidate', 'SELECT part, at, won, CASE WHEN rival THEN float8 ''-Infinity'' ELSE total END AS score, probability FROM windowed WHERE part > 1 UNION ALL SELECT NULL, at, won, CASE WHEN rival THEN float8 ''-Infinity'' ELSE total END, probability FROM windowed WHERE part > 1');
SELECT * FROM pg_temp.compare('TABLE first', 'chance', 'SELECT part, at, won, 0 AS score, base AS probability FROM chance UNION ALL SELECT NULL, at, won, 0, base FROM chance');
-- The interval is that of auc_ci
SELECT count(*), bool_and(pg_temp.same(f.auc_low, (c.ci).low) AND pg_temp.same(f.auc_high, (c.ci).high)) AS same
FROM first f JOIN (SELECT part, leadscore.auc_ci(CASE WHEN rival THEN float8 '-Infinity' ELSE total END, won) AS ci FROM windowed GROUP BY part) c USING (part) WHERE contender = 'candidate';
-- What comes after the decision tells nothing, though it would tell everything
SELECT '{"dimensions": [{"name": "acts", "rules": [{"id": "contract", "on": "contract", "count": {"gte": 1}, "points": 500}]}]}' AS contract \gset
SELECT contender, count(*), min(auc), max(auc), count(log_loss) AS log_losses, count(predicted) AS predicted FROM leadscore.backtest(:'contract'::leadscore.ruleset, 'crm.company', :'won', 'decided', :'activity') GROUP BY contender ORDER BY contender;
SELECT leadscore.auc(leadscore.total(:'contract'::leadscore.ruleset, c, a.added), c.status = 'won') FROM crm.company c LEFT JOIN (SELECT company_id, leadscore.engage(:'contract', kind, at, t) AS added FROM crm.touch t GROUP BY company_id) a ON a.company_id = c.id WHERE c.decided IS NOT NULL;
-- What comes with it counts
SELECT DISTINCT auc FROM leadscore.backtest(:'contract'::leadscore.ruleset, 'crm.company', :'won', 'decided + interval ''1 microsecond''', :'activity') WHERE contender = 'candidate';

-- Learned for each window from what was decided before it, each lead as of its own decision
CREATE TABLE engaged AS SELECT d.id, leadscore.engage(:'rules', t.kind, t.at, t, d.at) AS activity FROM decided d JOIN crm.touch t ON t.company_id = d.id GROUP BY d.id;
CREATE TABLE learned AS SELECT p.part, leadscore.learn(:'rules', c, e.activity, d.won, '{"ridge": 2}', d.at) AS rules, count(*) AS trained_on
FROM generate_series(2, 4) p(part) JOIN (SELECT w.*, 1 + 4 * (SELECT count(*) FROM decided e WHERE e.at < w.at) / (SELECT count(*) FROM decided) AS own FROM decided w) d ON d.own < p.part JOIN crm.company c USING (id) LEFT JOIN engaged e USING (id) GROUP BY p.part;
CREATE TABLE relearned AS SELECT d.own AS part, d.at, d.won, d.rival, leadscore.total(l.rules, c, e.activity, d.at) AS total, leadscore.probability(l.rules, c, e.activity, d.at) AS probability
FROM (SELECT w.*, 1 + 4 * (SELECT count(*) FROM decided e WHERE e.at < w.at) / (SELECT count(*) FROM decided) AS own FROM decided w) d JOIN learned l ON l.part = d.own JOIN crm.company c USING (id) LEFT JOIN engaged e USING (id);
SELECT :'activity'::jsonb || '{"learn": {"ridge": 2}, "windows": 4}' AS learn, :'activity'::jsonb || '{"learn": true, "split": "random", "folds": 3}' AS folds \gset
SELECT format('SELECT * FROM leadscore.backtest(%L::leadscore.ruleset, ''crm.company'', %L, ''decided'', %L)', :'rules', :'won', :'learn') AS backtest \gset
CREATE TABLE second AS :backtest;
SELECT contender, part, leads, s.trained_on, l.trained_on AS expected, passed_over FROM second s LEFT JOIN learned l USING (part) ORDER BY part, contender;
SELECT * FROM pg_temp.compare('TABLE second', 'candidate', 'SELECT part, at, won, CASE WHEN rival THEN float8 ''-Infinity'' ELSE total END AS score, probability FROM relearned UNION ALL SELECT NULL, at, won, CASE WHEN rival THEN float8 ''-Infinity'' ELSE probability END, probability FROM relearned');
SELECT c.part, c.log_loss < n.log_loss AS better_than_chance, c.auc > 0.6 AS tells, g.log_loss > c.log_loss AS better_than_given FROM second c JOIN second n USING (part) JOIN second g USING (part) WHERE c.contender = 'candidate' AND n.contender = 'chance' AND g.contender = 'as given' ORDER BY part;

-- Or from the window before it alone, and so is chance
CREATE TABLE rolled AS SELECT w.*, 1 + 4 * (SELECT count(*) FROM decided e WHERE e.at < w.at) / (SELECT count(*) FROM decided) AS part FROM decided w;
CREATE TABLE learned_from_last AS SELECT p.part, leadscore.learn(:'rules', c, e.activity, d.won, '{"ridge": 2}', d.at) AS rules, count(*) AS trained_on, avg(d.won::int)::float8 AS base
FROM generate_series(2, 4) p(part) JOIN rolled d ON d.part = p.part - 1 JOIN crm.company c USING (id) LEFT JOIN engaged e USING (id) GROUP BY p.part;
CREATE TABLE rolling AS SELECT * FROM leadscore.backtest(:'rules'::leadscore.ruleset, 'crm.company', :'won', 'decided', :'learn'::jsonb || '{"train_windows": 1}');
SELECT contender, part, b.trained_on, l.trained_on AS expected FROM rolling b JOIN learned_from_last l USING (part) ORDER BY part, contender;
SELECT * FROM pg_temp.compare('SELECT * FROM rolling WHERE part IS NOT NULL', 'candidate', 'SELECT d.part, d.at, d.won, CASE WHEN d.rival THEN float8 ''-Infinity'' ELSE leadscore.total(l.rules, c, e.activity, d.at) END AS score, leadscore.probability(l.rules, c, e.activity, d.at) AS probability FROM rolled d JOIN learned_from_last l USING (part) JOIN crm.company c USING (id) LEFT JOIN engaged e USING (id)');
SELECT * FROM pg_temp.compare('SELECT * FROM rolling WHERE part IS NOT NULL', 'chance', 'SELECT d.part, d.at, d.won, 0 AS score, l.base AS probability FROM rolled d JOIN learned_from_last l USING (part)');
SELECT count(*), bool_and((a.leads, a.won, a.auc, a.log_loss, a.trained_on) IS NOT DISTINCT FROM (b.leads, b.won, b.auc, b.log_loss, b.trained_on)) AS same
FROM leadscore.backtest(:'rules'::leadscore.ruleset, 'crm.company', :'won', 'decided', :'learn'::jsonb || '{"train_windows": 3}') a FULL JOIN second b ON a.contender = b.contender AND coalesce(a.part, 0) = coalesce(b.part, 0);
SELECT * FROM leadscore.backtest(:'rules'::leadscore.ruleset, 'crm.company', :'won', 'decided', :'learn'::jsonb || '{"train_windows": 1, "min_train": 1000}');

-- Folds go by the lead's key alone, whatever the order of rows, and each is judged by what the others tell
CREATE TABLE crm.shuffled (LIKE crm.company INCLUDING ALL);
INSERT INTO crm.shuffled SELECT * FROM crm.company ORDER BY luck, id DESC;
SELECT format('SELECT * FROM leadscore.backtest(%L::leadscore.ruleset, ''crm.company'', %L, ''decided'', %L)', :'rules', :'won', :'folds') AS backtest,
  format('SELECT * FROM leadscore.backtest(%L::leadscore.ruleset, ''crm.shuffled'', %L, ''decided'', %L)', :'rules', :'won', :'folds') AS shuffled \gset
CREATE TABLE third AS :backtest;
CREATE TABLE fourth AS :shuffled;
SELECT count(*), bool_and((a.leads, a.won, a.auc, a.lift, a.trained_on) IS NOT DISTINCT FROM (b.leads, b.won, b.auc, b.lift, b.trained_on) AND pg_temp.same(a.log_loss, b.log_loss)) AS same
FROM third a FULL JOIN fourth b ON a.contender = b.contender AND coalesce(a.part, 0) = coalesce(b.part, 0);
SELECT contender, count(*), sum(leads) FILTER (WHERE part IS NOT NULL) AS leads, sum(leads) FILTER (WHERE part IS NULL) AS pooled, bool_and(leads > 300) FILTER (WHERE part IS NOT NULL) AS even, bool_and(leads + trained_on = 1199) AS others FROM third GROUP BY contender ORDER BY contender;
-- Without a key they go by the row
CREATE VIEW crm.keyless AS SELECT industry, size, status, decided FROM crm.company;
SELECT contender, part, leads > 300 AS even FROM leadscore.backtest('{"dimensions": [{"name": "fit", "rules": [{"id": "it", "when": {"industry": "IT"}, "points": 15}]}]}'::leadscore.ruleset, 'crm.keyless', :'won', 'decided', '{"split": "random", "folds": 3}') WHERE contender = 'candidate' ORDER BY part;

-- An outcome of chance is not foretold
SELECT contender, auc_low <= 0.5 AND auc_high >= 0.5 AS by_chance FROM leadscore.backtest(:'rules'::leadscore.ruleset, 'crm.company', 'luck % 2 = 0', 'decided', :'learn') WHERE part IS NULL ORDER BY contender;

-- Of a model: by its own sources, as what is bound says, beside the rules in force
SELECT leadscore.create_model('b2b', :'rules', 'crm.company');
SELECT leadscore.add_activity('b2b', 'crm.activity', lead_key => 'company_id', kind => 'kind', at => 'at');
SELECT leadscore.add_activity('b2b', 'crm.call', lead_key => 'callee', constant_kind => 'call', at => 'began', filter => '100 / minutes >= 0');
SELECT leadscore.add_activity('b2b', 'crm.call', lead_key => 'callee', constant_kind => 'call', at => 'began', filter => 'minutes = 0');
SELECT * FROM leadscore.backtest('b2b');
SELECT leadscore.set_outcome('b2b', :'won');
SELECT * FROM leadscore.backtest('b2b');
SELECT leadscore.set_outcome('b2b', :'won', 'decided');
-- Activities that can't be read (the filter divides by 0) count nowhere, and the second source has them
SELECT count(*) AS unreadable FROM crm.call WHERE minutes = 0;
SELECT count(*), bool_and((m.leads, m.won, m.auc, m.auc_low, m.lift, m.trained_on, m.passed_over) IS NOT DISTINCT FROM (f.leads, f.won, f.auc, f.auc_low, f.lift, f.trained_on, f.passed_over) AND pg_temp.same(m.log_loss, f.log_loss)) AS same
FROM leadscore.backtest('b2b') m FULL JOIN first f ON CASE m.contender WHEN 'in force' THEN 'candidate' ELSE m.contender END = f.contender AND coalesce(m.part, 0) = coalesce(f.part, 0);
SELECT count(*), bool_and((m.leads, m.won, m.auc, m.auc_low, m.lift, m.trained_on, m.passed_over) IS NOT DISTINCT FROM (f.leads, f.won, f.auc, f.auc_low, f.lift, f.trained_on, f.passed_over) AND pg_temp.same(m.log_loss, f.log_loss)) AS same
FROM leadscore.backtest('b2b', options => '{"learn": {"ridge": 2}, "windows": 4}') m FULL JOIN second f ON CASE m.contender WHEN 'in force' THEN 'as given' ELSE m.contender END = f.contender AND coalesce(m.part, 0) = coalesce(f.part, 0);
SELECT contender, part, auc = 0.5 AS chance, log_loss IS NULL AS no_log_loss FROM leadscore.backtest('b2b', :'contract', options => '{"windows": 2}') ORDER BY part, contender;
SELECT contender, part, leads, trained_on IS NULL AS not_learned FROM leadscore.backtest('b2b', :'rules', options => '{"windows": 2, "learn": true}') WHERE part IS NULL ORDER BY contender;
-- What is given takes the place of what is bound, and may look into other tables
SELECT DISTINCT leads, won FROM leadscore.backtest('b2b', outcome => 'EXISTS (SELECT FROM crm.activity a WHERE a.company_id = company.id AND a.kind = ''contract'')', decided_at => 'decided::date', options => '{"windows": 2}') WHERE part IS NULL;
SELECT count(*), count(*) FILTER (WHERE status = 'won') AS won FROM crm.company WHERE (decided AT TIME ZONE 'UTC')::date >= (SELECT min(day) FROM (SELECT (decided AT TIME ZONE 'UTC')::date AS day, 1 + 2 * (rank() OVER (ORDER BY (decided AT TIME ZONE 'UTC')::date) - 1) / count(*) OVER () AS part FROM crm.company WHERE decided IS NOT NULL) x WHERE part = 2);

-- Whose rights: who may act as the owner
CREATE ROLE regress_backtest_other;
GRANT USAGE ON SCHEMA crm TO regress_backtest_other;
GRANT SELECT ON crm.company TO regress_backtest_other;
SET ROLE regress_backtest_other;
SELECT * FROM leadscore.backtest('b2b');
SELECT * FROM leadscore.thresholds('b2b', '{"hot": 1}');
SELECT count(*) FROM leadscore.backtest(:'rules'::leadscore.ruleset, 'crm.company', :'won', 'decided');
SELECT count(*) FROM leadscore.backtest(:'rules'::leadscore.ruleset, 'crm.company', :'won', 'decided', :'activity');
SELECT count(*) FROM leadscore.backtest(:'rules'::leadscore.ruleset, 'crm.shuffled', :'won', 'decided');
RESET ROLE;

-- Thresholds: tier by tier no more than it can take of what those above leave
CREATE FUNCTION pg_temp.tiers(per_week numeric[]) RETURNS TABLE (at float8, leads bigint, won bigint, above bigint, above_won bigint) LANGUAGE plpgsql AS $$
DECLARE top float8 := 'Infinity'; bound float8; most numeric;
BEGIN
  FOREACH most IN ARRAY per_week LOOP
    SELECT min(t.total) INTO bound FROM decided t WHERE t.total < top
      AND (SELECT count(*) FROM decided d WHERE d.total >= t.total AND d.total < top AND NOT d.rival) BETWEEN 1 AND most * (SELECT extract(epoch FROM max(d.at) - min(d.at)) / 604800 FROM decided d);
    at := bound;
    SELECT count(*), count(*) FILTER (WHERE d.won) INTO leads, won FROM decided d WHERE NOT d.rival AND d.total >= bound AND d.total < top;
    top := coalesce(bound, top);
    SELECT count(*), count(*) FILTER (WHERE d.won) INTO above, above_won FROM decided d WHERE NOT d.rival AND d.total >= top;
    RETURN NEXT;
  END LOOP;
END $$;
CREATE TEMP VIEW weeks AS SELECT extract(epoch FROM max(at) - min(at)) / 604800 AS n FROM decided;
SELECT count(*), bool_and(t.at IS NOT DISTINCT FROM x.at AND (t.leads, t.won) = (x.leads, x.won) AND pg_temp.same(t.leads_per_week, x.leads / n) AND pg_temp.same(t.conversion, x.won::float8 / nullif(x.leads, 0))
  AND pg_temp.same(t.total_leads_per_week, above / n) AND pg_temp.same(t.total_conversion, above_won::float8 / nullif(above, 0)) AND (t.leads = 0 OR t.low < t.conversion AND t.conversion < t.high)) AS same
FROM leadscore.thresholds('b2b', '{"warm": 4.5, "hot": 2, "cold": 3}') WITH ORDINALITY t(tier, at, leads_per_week, leads, won, conversion, low, high, total_leads_per_week, total_conversion, place)
JOIN pg_temp.tiers('{2, 4.5, 3}') WITH ORDINALITY x(at, leads, won, above, above_won, place) USING (place), weeks;
SELECT tier, at, leads, won, conversion::numeric(5, 3), low::numeric(5, 3), high::numeric(5, 3), leads_per_week::numeric(6, 2), total_leads_per_week::numeric(6, 2), total_conversion::numeric(5, 3)
FROM leadscore.thresholds('b2b', '{"warm": 4.5, "hot": 2, "cold": 1000}');
SELECT tier, at, leads, conversion::numeric(5, 3), low::numeric(5, 3), high::numeric(5, 3) FROM leadscore.thresholds(:'rules'::leadscore.ruleset, 'crm.company', :'won', 'decided', '[{"tier": "A", "per_week": 0}, {"tier": "B", "per_week": 2}, {"tier": "C", "per_week": 0.001}, {"tier": "D", "per_week": 1}]', :'activity');
SELECT t.at, x.at, t.leads = x.leads AS same FROM leadscore.thresholds('b2b', '{"any": 3}', :'contract') t, LATERAL (SELECT NULL::float8 AS at, 0 AS leads) x;
-- Wilson's interval of 10 in 10, and of none
CREATE TABLE crm.ten AS SELECT i AS id, i <= 10 AS won, timestamptz '2024-01-01' + i * interval '7 days' AS at, CASE WHEN i <= 10 THEN 5 ELSE 1 END AS x FROM generate_series(1, 20) i;
SELECT tier, at, leads, won, low::numeric(6, 4), high::numeric(6, 4) FROM leadscore.thresholds('{"dimensions": [{"name": "x", "rules": [{"id": "x", "field": "x", "bands": [{"below": 3, "points": 1}, {"points": 5}]}]}]}'::leadscore.ruleset, 'crm.ten', 'won', 'at', '[{"tier": "A", "per_week": 0.6}, {"tier": "B", "per_week": 1}]');

-- Errors
SELECT '{"dimensions": [{"name": "fit", "rules": [{"id": "it", "when": {"industry": "IT"}, "points": 15}]}]}' AS plain \gset
SELECT * FROM leadscore.backtest(NULL::text);
SELECT * FROM leadscore.backtest('none');
SELECT * FROM leadscore.backtest('b2b', '{"dimensions": [{"name": "fit", "rules": [{"id": "it", "when": {"trade": "IT"}, "points": 15}]}]}');
SELECT * FROM leadscore.backtest('b2b', options => '{"activity": {}}');
SELECT * FROM leadscore.backtest(NULL::leadscore.ruleset, 'crm.company', 'true', 'decided');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', NULL, 'decided');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', :'won', NULL);
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', 'won', 'decided');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', 'status', 'decided');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', :'won', 'size');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', :'won', 'now()');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', 'status = ''won'') FROM crm.company; DROP TABLE crm.company; --', 'decided');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', 'status = ''won'' OR status IS NOT NULL', 'decided');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', 'status = ''x''', 'decided');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', 'NULL::boolean', 'decided');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', :'won', 'timestamptz ''infinity''');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', :'won', 'date ''2024-01-01''');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.ten', 'won', 'at');
SELECT contender, part, auc FROM leadscore.backtest('{"dimensions": [{"name": "x", "rules": [{"id": "x", "when": {"x": 5}, "points": 1}]}]}'::leadscore.ruleset, 'crm.ten', 'id % 2 = 0', 'at', '{"windows": 20}') WHERE contender = 'candidate' AND (part IS NULL OR part < 5);
SELECT * FROM leadscore.backtest('{"dimensions": [{"name": "x", "rules": [{"id": "x", "when": {"x": 5}, "points": 1}]}]}'::leadscore.ruleset, 'crm.ten', 'id % 2 = 0', 'at', '{"learn": true}');
SELECT * FROM leadscore.backtest('{"dimensions": [{"name": "x", "rules": [{"id": "x", "when": {"x": 5}, "points": 1}]}]}'::leadscore.ruleset, 'crm.ten', 'won', 'at');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', :'won', 'decided', '{"window": 3}');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', :'won', 'decided', '{"windows": 1}');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', :'won', 'decided', '{"folds": 3}');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', :'won', 'decided', '{"split": "random", "windows": 3}');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', :'won', 'decided', '{"split": "luck"}');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', :'won', 'decided', '{"min_train": 3}');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', :'won', 'decided', '{"learn": 3}');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', :'won', 'decided', '{"learn": {"rigde": 3}}');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', :'won', 'decided', '{"activity": {"source": "crm.touch"}}');
SELECT * FROM leadscore.backtest(:'plain'::leadscore.ruleset, 'crm.company', :'won', 'decided', '[]');
SELECT count(*) FROM leadscore.backtest(:'contract'::leadscore.ruleset, 'crm.company', :'won', 'decided');
SELECT * FROM leadscore.thresholds('b2b', NULL);
SELECT * FROM leadscore.thresholds('b2b', '{}');
SELECT * FROM leadscore.thresholds('b2b', '3');
SELECT * FROM leadscore.thresholds('b2b', '{"hot": -1}');
SELECT * FROM leadscore.thresholds('b2b', '{"hot": "many"}');
SELECT * FROM leadscore.thresholds('b2b', '{"hot": 1, "SQL": 2}');
SELECT * FROM leadscore.thresholds('b2b', '[{"tier": "SQL", "per_week": 2}, {"tier": "SQL", "per_week": 3}]');
SELECT * FROM leadscore.thresholds('b2b', '[{"tier": "SQL"}, 3]');
SELECT * FROM leadscore.thresholds('b2b', '{"hot": 3}', decided_at => 'date ''2024-01-01''');
SELECT * FROM leadscore.thresholds(:'plain'::leadscore.ruleset, 'crm.company', :'won', 'decided', '{"hot": 3}', '{"windows": 3}');

SELECT leadscore.drop_model('b2b');
DROP OWNED BY regress_backtest_other;
DROP ROLE regress_backtest_other;
DROP SCHEMA crm CASCADE;
DROP TABLE decided, windowed, chance, first, engaged, learned, relearned, second, third, fourth CASCADE;
