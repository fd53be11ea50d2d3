-- What R 4.2.2 says: glm(low ~ race==2 + race==3 + smoke==1 + ht==1 + ui==1 + ptl>=1 + age<20 + lwt<110, binomial)
CREATE EXTENSION leadscore;
CREATE TABLE expected (rule text, coefficient float8);
INSERT INTO expected VALUES ('base', -2.2780113397), ('race2', 1.1862804871), ('race3', 0.8784186752), ('smoke', 0.8287162367), ('ht', 1.4430703252),
  ('ui', 0.7228734808), ('ptl', 1.1344101800), ('age', -0.1559370932), ('lwt', 0.8895380698);

-- Ten million points for each unit of log odds: whole points then have seven decimals of the coefficients.
CREATE TABLE learned AS
SELECT leadscore.learn('{"dimensions": [{"name": "risk", "rules": [
    {"id": "race2", "when": {"race": 2}, "points": 0}, {"id": "race3", "when": {"race": 3}, "points": 0}, {"id": "smoke", "when": {"smoke": 1}, "points": 0},
    {"id": "ht", "when": {"ht": 1}, "points": 0}, {"id": "ui", "when": {"ui": 1}, "points": 0}, {"id": "ptl", "when": {"ptl": {"gte": 1}}, "points": 0},
    {"id": "age", "when": {"age": {"lt": 20}}, "points": 0}, {"id": "lwt", "when": {"lwt": {"lt": 110}}, "points": 0}]}]}',
  birth, NULL, low = 1, jsonb_build_object('ridge', 0, 'double_odds', 1e7 * ln(2::float8))) AS rules
FROM birth;

DO $$
DECLARE
  wrong text;
  deviance float8;
BEGIN
  SELECT string_agg(format('%s: %s, R has %s', e.rule, r.points / 1e7, e.coefficient), '; ') INTO wrong
  FROM expected e LEFT JOIN (SELECT r ->> 'id' AS id, (r ->> 'points')::float8 AS points FROM learned, jsonb_path_query(rules::jsonb, '$.dimensions[0].rules[*]') r) r ON r.id = e.rule
  WHERE r.id IS NULL OR NOT abs(r.points / 1e7 - e.coefficient) < 1e-6;
  ASSERT wrong IS NULL, wrong;
  SELECT 2 * count(*) * leadscore.log_loss(leadscore.probability(rules, birth), low = 1) INTO deviance FROM learned, birth;
  ASSERT abs(deviance - 198.9920217) < 1e-6, format('deviance %s, R has 198.9920217', deviance);
END $$;
