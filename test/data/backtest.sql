-- See backtest. Each block raises where something is not as it should be.
CREATE EXTENSION leadscore;
-- The file is in no order of time, so days by row are as good as chance; months are not.
CREATE VIEW by_row AS SELECT c.*, date '2000-01-01' + id AS day, (id * 7919::bigint % 1009)::int AS luck FROM contact c;
CREATE VIEW by_month AS SELECT c.*, to_date('2008 ' || month, 'YYYY Mon') + day_of_week AS day FROM contact c;
CREATE VIEW early AS SELECT age, job, marital, education, "default", balance, housing, loan, contact, campaign, pdays, previous, poutcome, y FROM contact WHERE id <= 6028;
CREATE TABLE rules AS SELECT leadscore.draft_rules('early', 'y') AS draft;
CREATE TABLE windows AS SELECT b.* FROM rules, leadscore.backtest(draft, 'by_row', 'y', 'day', '{"learn": {"ridge": 10}}') b;
CREATE TABLE folds AS SELECT b.* FROM rules, leadscore.backtest(draft, 'by_month', 'y', 'day', '{"learn": {"ridge": 10}, "split": "random"}') b;
CREATE TABLE months AS SELECT b.* FROM rules, leadscore.backtest(draft, 'by_month', 'y', 'day', '{"windows": 4}') b;
CREATE TABLE luck AS SELECT b.* FROM rules, leadscore.backtest(draft, 'by_row', 'luck < 118', 'day', '{"learn": {"ridge": 10}, "windows": 3}') b;

DO $$
DECLARE learned leadscore.ruleset; expected float8; found float8;
BEGIN
  -- The second window, by the points that the first one gives
  SELECT leadscore.learn(draft, r, NULL, y, '{"ridge": 10}', r.day) INTO learned FROM rules, by_row r WHERE id <= 6028;
  SELECT leadscore.auc(leadscore.total(learned, r, NULL, r.day), y) INTO expected FROM by_row r WHERE id BETWEEN 6029 AND 12056;
  SELECT auc INTO found FROM windows WHERE contender = 'candidate' AND part = 2 AND leads = 6028 AND trained_on = 6028;
  IF found IS DISTINCT FROM expected OR found IS NULL THEN RAISE 'the second window has an AUC of %, not %', expected, found; END IF;
  -- Learned points tell who is won, in each window and fold
  IF EXISTS (SELECT FROM windows c JOIN windows n USING (part) WHERE c.contender = 'candidate' AND n.contender = 'chance' AND NOT (c.auc_low > 0.7 AND c.lift > 3 AND c.log_loss < n.log_loss - 0.03 AND c.calibration_error < 0.03))
    THEN RAISE 'a window is not foretold'; END IF;
  IF (SELECT auc FROM windows WHERE contender = 'candidate' AND part IS NULL) NOT BETWEEN 0.74 AND 0.78 THEN RAISE 'the windows have an unexpected AUC'; END IF;
  IF (SELECT abs(w.auc - f.auc) FROM windows w, folds f WHERE w.contender = 'candidate' AND f.contender = 'candidate' AND w.part IS NULL AND f.part IS NULL) > 0.02 THEN RAISE 'windows and folds of rows in no order differ'; END IF;
  -- The rate of those won moves with the month, and not with chance
  IF (SELECT max(rate) - min(rate) FROM folds WHERE part IS NOT NULL) > 0.02 OR (SELECT max(rate) - min(rate) FROM windows WHERE part IS NOT NULL) > 0.02 THEN RAISE 'folds differ'; END IF;
  IF (SELECT max(rate) - min(rate) FROM months WHERE part IS NOT NULL) < 0.05 THEN RAISE 'months do not differ'; END IF;
  -- An outcome of chance
  IF EXISTS (SELECT FROM luck WHERE part IS NULL AND NOT (auc_low <= 0.5 AND auc_high >= 0.5)) THEN RAISE 'chance is foretold'; END IF;
END $$;
SELECT contender, part, leads, rate::numeric(4, 3), auc::numeric(4, 3), auc_low::numeric(4, 3), auc_high::numeric(4, 3), lift::numeric(4, 2), log_loss::numeric(4, 3), calibration_error::numeric(4, 3) FROM windows WHERE part IS NULL;
