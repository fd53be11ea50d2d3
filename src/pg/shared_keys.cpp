#include "pg/shared_keys.hpp"

#include "pg/model_sql.hpp"
#include "pg/problem.hpp"
#include "pg/settle.hpp"

namespace leadscore {
namespace {

/// The keys, as text, that several rows have.
const char* shared_keys() {
  return psprintf("SELECT n.key::text FROM %s n GROUP BY n.key HAVING count(*) > 1 ORDER BY n.key",
                  kSettledRows);
}

/// One row a key. It is looked at again when the first of its leads is due.
const char* settled_once() {
  return psprintf(
      "SELECT DISTINCT ON (n.key) n.key, n.place, n.tier_before, n.total_before, n.engagement, n.total, "
      "n.tier, n.grade, n.disqualified, n.dimensions, n.scored_at, min(n.next_change_at) OVER (PARTITION BY "
      "n.key) AS next_change_at, n.moved, n.rules, n.gone FROM %s n "
      "ORDER BY n.key, n.total DESC NULLS LAST, n.tier, n.grade, n.disqualified, n.dimensions",
      kSettledRows);
}

const char* count_moved() { return psprintf("SELECT count(*) FROM %s n WHERE n.moved", kSettledRows); }

}  // namespace

void keep_one_lead(const Model* model, Rows* settled) {
  publish_rows(*settled);
  const uint64 shared = select_tuples(model, shared_keys(), {}, Load::many);
  if (shared > 0) {
    Problems problems{model, model->lead, true};
    for (uint64 i = 0; i < shared; ++i) {
      const char* const key = tuple_text(i, 1);
      note_problem(&problems, key, psprintf("key %s is that of several leads", key));
    }
    SPI_freetuptable(SPI_tuptable);
    const Rows once = select_rows(model, kSettledRows, settled_once(), {}, Load::many);
    withdraw_rows(kSettledRows);
    tuplestore_end(settled->store);
    *settled = once;
    publish_rows(*settled);
    select_tuples(model, count_moved(), {}, Load::many);
    bool is_null;
    settle_counts.moved = static_cast<uint64>(DatumGetInt64(tuple_value(0, 1, &is_null)));
    write_problems(problems);
  }
  withdraw_rows(kSettledRows);
}

const char* duplicate_key(const Model* model) {
  return psprintf(
      "SELECT l.key::text, count(*) FROM (%s) l GROUP BY l.key HAVING count(*) > 1 ORDER BY l.key LIMIT 1",
      lead_rows(model, lead_relation(model)));
}

}  // namespace leadscore
