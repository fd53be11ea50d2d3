-- checks.make(model, key, leads [, touches]): makes checks.verify_MODEL(step), which raises an error where the model's live scores, stored scores, scores of the past or transitions
-- are not what the rule set in force says of `leads` (rows with column `key`) and of checks.touches(key) (kind, at, fields), both of which the caller wrote by hand.
-- Included by the scripts of test/sql that try bindings.

CREATE TABLE checks.verified (model text, step text, leads bigint, tiers bigint, totals bigint);

CREATE FUNCTION checks.make(model text, key text, leads text, touches text DEFAULT 'checks.touches') RETURNS void LANGUAGE plpgsql AS $make$
BEGIN
  EXECUTE format($def$
CREATE FUNCTION checks.%5$I(step text) RETURNS void LANGUAGE plpgsql AS $f$
DECLARE
  bad text;
BEGIN
  -- What a reader sees now.
  SELECT string_agg(format('%%s: live %%s %%s %%s %%s, by hand %%s %%s %%s %%s', coalesce(l.key, h.key), l.total, l.tier, l.grade, l.dimensions, h.total, h.tier, h.grade, h.dimensions), E'\n') INTO bad
  FROM (SELECT s.%2$I AS key, s.total, s.tier, s.grade, s.disqualified, ARRAY[s.fit, s.engagement] AS dimensions FROM %1$I.score s) l
  FULL JOIN (SELECT p.%2$I AS key, x.* FROM %3$s p
             LEFT JOIN LATERAL (SELECT leadscore.engage(leadscore.active(%6$L), t.kind, t.at, t.fields, now()) AS e FROM %4$s(p.%2$I) t) a ON true,
                  leadscore.score(leadscore.active(%6$L), p, a.e, now()) x) h ON h.key = l.key
  WHERE (l.key IS NULL) OR (h.key IS NULL) OR l.tier IS DISTINCT FROM h.tier OR l.grade IS DISTINCT FROM h.grade OR l.disqualified IS DISTINCT FROM h.disqualified
     OR abs(l.total - h.total) > 1e-9 * greatest(1, abs(h.total))
     OR EXISTS (SELECT FROM unnest(l.dimensions, h.dimensions) AS d(l, h) WHERE d.l IS NULL OR d.h IS NULL OR abs(d.l - d.h) > 1e-9 * greatest(1, abs(d.h)));
  IF bad IS NOT NULL THEN RAISE EXCEPTION E'%% (%%): live scores differ\n%%', %6$L, step, bad; END IF;

  -- What was stored, as of the time at which it was: each activity and change since then has left it as it is.
  SELECT string_agg(format('%%s: stored %%s %%s at %%s, by hand %%s %%s', coalesce(s.%2$I, h.key), s.total, s.tier, s.scored_at, h.total, h.tier), E'\n') INTO bad
  FROM %1$I.state s
  FULL JOIN (SELECT p.%2$I AS key, x.* FROM %3$s p JOIN %1$I.state k ON k.%2$I = p.%2$I
             LEFT JOIN LATERAL (SELECT leadscore.engage(leadscore.active(%6$L), t.kind, t.at, t.fields, k.scored_at) AS e FROM %4$s(p.%2$I) t) a ON true,
                  leadscore.score(leadscore.active(%6$L), p, a.e, k.scored_at) x) h ON h.key = s.%2$I
  WHERE s.%2$I IS NULL OR s.tier IS DISTINCT FROM h.tier OR s.grade IS DISTINCT FROM h.grade OR s.disqualified IS DISTINCT FROM h.disqualified
     OR (s.total IS NULL) <> (h.total IS NULL) OR abs(s.total - h.total) > 1e-9 * greatest(1, abs(h.total));
  IF bad IS NOT NULL THEN RAISE EXCEPTION E'%% (%%): stored scores differ\n%%', %6$L, step, bad; END IF;

  -- Everybody who is a lead has a state.
  SELECT string_agg(p.%2$I::text, ', ') INTO bad FROM %3$s p WHERE NOT EXISTS (SELECT FROM %1$I.state s WHERE s.%2$I = p.%2$I);
  IF bad IS NOT NULL THEN RAISE EXCEPTION '%% (%%): leads without a state: %%', %6$L, step, bad; END IF;

  -- What is asked of one lead: now, and ten days ago by the activities up to then. The lines of why add up to the total.
  SELECT string_agg(format('%%s: score_at %%s %%s %%s, by hand %%s %%s', h.key, h.at, a.total, a.tier, h.total, h.tier), E'\n') INTO bad
  FROM (SELECT p.%2$I AS key, g.at, x.total, x.tier FROM %3$s p CROSS JOIN (VALUES (now()), (now() - interval '10 days')) g(at)
        LEFT JOIN LATERAL (SELECT leadscore.engage(leadscore.active(%6$L), t.kind, t.at, t.fields, g.at) AS e FROM %4$s(p.%2$I) t) a ON true,
             leadscore.score(leadscore.active(%6$L), p, a.e, g.at) x) h,
       LATERAL leadscore.score_at(%6$L, h.key::text, h.at) a
  WHERE a.total IS NULL OR a.tier IS DISTINCT FROM h.tier OR abs(a.total - h.total) > 1e-9 * greatest(1, abs(h.total));
  IF bad IS NOT NULL THEN RAISE EXCEPTION E'%% (%%): score_at differs\n%%', %6$L, step, bad; END IF;
  SELECT string_agg(format('%%s: why %%s, score %%s', s.%2$I, w.points, s.total), E'\n') INTO bad
  FROM %1$I.score s, LATERAL (SELECT coalesce(sum(y.points), 0) AS points FROM leadscore.why(%6$L, s.%2$I::text) y) w
  WHERE abs(w.points - s.total) > 1e-9 * greatest(1, abs(s.total));
  IF bad IS NOT NULL THEN RAISE EXCEPTION E'%% (%%): why does not add up\n%%', %6$L, step, bad; END IF;

  -- Each transition goes on from the one before it, and the last one leads to the tier that is stored. A summary, which publish writes, says that anybody may have moved.
  CREATE TEMP TABLE moves ON COMMIT DROP AS
  SELECT t.*, count(*) FILTER (WHERE t.lead_key IS NULL) OVER (ORDER BY t.id) AS span, count(*) FILTER (WHERE t.lead_key IS NULL) OVER () AS spans
  FROM leadscore.transition t WHERE t.model = %6$L;
  SELECT string_agg(format('%%s: transition %%s from %%s after %%s', t.lead_key, t.id, t.old_tier, t.before), E'\n') INTO bad
  FROM (SELECT m.*, lag(m.new_tier) OVER w AS before, row_number() OVER w AS n FROM moves m WHERE m.lead_key IS NOT NULL WINDOW w AS (PARTITION BY m.lead_key, m.span ORDER BY m.id)) t
  WHERE t.n > 1 AND t.old_tier IS DISTINCT FROM t.before OR t.old_tier IS NOT DISTINCT FROM t.new_tier;
  IF bad IS NOT NULL THEN RAISE EXCEPTION E'%% (%%): transitions do not follow\n%%', %6$L, step, bad; END IF;
  SELECT string_agg(format('%%s: stored %%s, last transition to %%s', s.%2$I, s.tier, t.new_tier), E'\n') INTO bad
  FROM (SELECT DISTINCT ON (m.lead_key) m.lead_key, m.new_tier FROM moves m WHERE m.lead_key IS NOT NULL AND m.span = m.spans ORDER BY m.lead_key, m.id DESC) t
  LEFT JOIN %1$I.state s ON s.%2$I::text = t.lead_key WHERE s.tier IS DISTINCT FROM t.new_tier;
  IF bad IS NOT NULL THEN RAISE EXCEPTION E'%% (%%): stored tiers and transitions differ\n%%', %6$L, step, bad; END IF;
  DROP TABLE moves;

  INSERT INTO checks.verified SELECT %6$L, step, count(*), count(DISTINCT s.tier), count(DISTINCT s.total) FROM %1$I.score s;
END $f$
$def$, model, key, leads, touches, 'verify_' || model, model);
END $make$;
