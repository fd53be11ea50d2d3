-- woe_table over the German credit data, positive being a bad loan. Run by test/data/german.
\t on
\a
CREATE EXTENSION leadscore;
CREATE FUNCTION claim(what text, holds boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF holds IS NOT TRUE THEN RAISE EXCEPTION 'not so: %', what; END IF;
END $$;
CREATE VIEW rated AS SELECT *, creditability = 'bad' AS bad FROM loan;
SELECT claim('1000 loans, 300 of them bad', (count(*), count(*) FILTER (WHERE bad)) = (1000::bigint, 300::bigint)) FROM rated;

-- The checking account as it is, and with its two lowest values as one, which is how the R package scorecard bins it
SELECT claim('information value of the checking account, 0.6660', round((leadscore.woe_table(status_of_existing_checking_account, bad))[1].total_iv::numeric, 4) = 0.6660) FROM rated;
CREATE TABLE binned AS
SELECT t.* FROM (SELECT leadscore.woe_table(CASE WHEN status_of_existing_checking_account IN ('... < 0 DM', '0 <= ... < 200 DM') THEN 'below 200 DM' ELSE status_of_existing_checking_account END, bad) AS rows
                 FROM rated) d, unnest(d.rows) t;
SELECT claim('its published weights of evidence', count(*) = 3 AND bool_and(round(b.woe::numeric, 4) = w.woe AND round(b.total_iv::numeric, 4) = 0.6394 AND NOT adjusted))
FROM binned b JOIN (VALUES ('below 200 DM', 0.6142), ('... >= 200 DM / salary assignments for at least 1 year', -0.4055), ('no checking account', -1.1763)) w(value, woe) USING (value);
SELECT claim('nothing else', count(*) = 3) FROM binned;

-- Every column by plain SQL
CREATE TABLE cell AS SELECT key AS col, value, bad FROM rated, jsonb_each_text(to_jsonb(rated) - 'bad' - 'creditability');
CREATE TABLE wanted AS
SELECT col, value, n, bad, CASE WHEN bad BETWEEN 1 AND n - 1 THEN ln((bad / 300.0) / ((n - bad) / 700.0)) ELSE ln(((bad + 0.5) / 300) / ((n - bad + 0.5) / 700)) END::float8 AS woe
FROM (SELECT col, value, count(*) AS n, count(*) FILTER (WHERE bad) AS bad FROM cell GROUP BY col, value) x;
CREATE TABLE found AS SELECT col, t.* FROM (SELECT col, leadscore.woe_table(value, bad) AS rows FROM cell GROUP BY col) d, unnest(d.rows) t;
SELECT claim('weights of evidence of 20 columns', count(*) > 1000 AND count(DISTINCT f.col) = 20 AND count(*) FILTER (WHERE adjusted) > 100 AND bool_and(f.n = w.n AND f.positives = w.bad AND abs(f.woe - w.woe) < 1e-12))
FROM found f FULL JOIN wanted w USING (col, value);

-- Of a number, the auc by comparing each pair
SELECT claim('auc of the duration, and its interval', abs(leadscore.auc(duration_in_month::int, bad) - (SELECT avg(CASE WHEN a.duration_in_month::int > b.duration_in_month::int THEN 1 WHEN a.duration_in_month = b.duration_in_month THEN 0.5 ELSE 0 END)
  FROM rated a, rated b WHERE a.bad AND NOT b.bad)) < 1e-12 AND (leadscore.auc_ci(duration_in_month::int, bad)).low > 0.5) FROM rated;
SELECT format('%s columns, %s values; the checking account tells most: %s', count(DISTINCT col), count(*), bool_and(total_iv <= (SELECT max(total_iv) FROM found WHERE col = 'status_of_existing_checking_account'))
  FILTER (WHERE col NOT IN ('credit_amount', 'duration_in_month', 'age_in_years'))) AS german FROM found;
