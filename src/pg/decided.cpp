#include "pg/decided.hpp"

#include "pg/acting.hpp"
#include "pg/arguments.hpp"
#include "pg/fit.hpp"
#include "pg/guard.hpp"
#include "pg/model_sql.hpp"
#include "pg/outcome.hpp"
#include "pg/readable.hpp"
#include "pg/ruleset_cache.hpp"

namespace leadscore {
namespace {

/// `SELECT key, lead, won, at` of all leads.
const char* source_rows(const Decided* decided) {
  if (decided->model != nullptr) return decided_rows(decided->model, decided->won, decided->at);
  return psprintf("SELECT (%s)::text AS key, %s AS lead, (%s)::boolean AS won, %s AS at FROM %s AS %s",
                  decided->source.key == nullptr ? "NULL" : decided->source.key,
                  whole_row(decided->alias, decided->relation), decided->won, decided->at,
                  relation_name(decided->relation), decided->alias);
}

/// The column of a table's primary key, or nullptr where no one column is one.
const char* key_of(Oid relation, const char* alias) {
  Oid constraint;
  const bool single = bms_num_members(get_primary_key_attnos(relation, false, &constraint)) == 1;
  return single ? psprintf("%s.%s", alias, primary_key(relation, "\"key\": \"…\"")) : nullptr;
}

/// The part of a lead d, whose outcome is known.
const char* part_of(const Decided* decided, Split split) {
  switch (split.by) {
    case Split::By::nothing:
      return "1";
    case Split::By::time:
      // Who was decided at one time is in one window.
      return psprintf(
          "1 + %d * (rank() OVER (PARTITION BY d.known ORDER BY d.at) - 1) / count(*) OVER (PARTITION BY "
          "d.known)",
          split.parts);
    case Split::By::chance:
      break;
  }
  const bool has_key = decided->model != nullptr || decided->source.key != nullptr;
  return psprintf(
      "(SELECT 1 + (65536 * get_byte(f.hash, 0) + 256 * get_byte(f.hash, 1) + get_byte(f.hash, 2)) %% %d "
      "FROM "
      "sha256(convert_to(%s, getdatabaseencoding())) AS f(hash))",
      split.parts, has_key ? "coalesce(d.key::text, '')" : "d.lead::text");
}

const char* numbered_rows(const Decided* decided, Split split) {
  return psprintf(
      "SELECT row_number() OVER () AS n, d.key, CASE WHEN d.known THEN d.lead END AS lead, d.won, d.at, CASE "
      "WHEN d.known THEN (%s)::integer END AS part FROM (SELECT s.*, (s.won IS NOT NULL AND isfinite(s.at)) "
      "IS "
      "TRUE AS known FROM (%s OFFSET 0) s) d",
      part_of(decided, split), source_rows(decided));
}

[[noreturn]] void raise_one_sided(const Decided* decided) {
  const unsigned long long leads = decided->leads, passed_over = decided->passed_over;
  ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                  leads == 0 ? errmsg("there is no lead with an outcome and a time of decision")
                  : decided->positives == 0 ? errmsg("of %llu leads none was won", leads)
                                            : errmsg("of %llu leads all were won", leads),
                  passed_over == 0 ? 0
                                   : errdetail("%llu leads whose outcome or time of decision is not known "
                                               "were passed over.",
                                               passed_over),
                  errhint("Rules can be judged by leads that were won and leads that were lost.")));
}

}  // namespace

Decided decided_leads(const Model* model, const char* outcome, const char* decided_at) {
  check_owns(model);
  check_has_leads(model);
  Decided decided{};
  decided.model = model;
  decided.relation = model->lead;
  decided.alias = model->lead_alias;
  decided.won = outcome == nullptr ? model->outcome : parse_outcome(model->lead, decided.alias, outcome);
  // The time that is bound belongs to the outcome that is bound, but may well fit another one.
  decided.at =
      decided_at == nullptr ? model->decided_at : parse_decided_at(model->lead, decided.alias, decided_at);
  if (decided.won == nullptr || decided.at == nullptr) {
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                    decided.won == nullptr
                        ? errmsg("model \"%s\" does not know what became of its leads", model->name)
                        : errmsg("model \"%s\" does not know when its leads were won or lost", model->name),
                    errhint("Bind that with leadscore.set_outcome(model, outcome, decided_at), or give %s.",
                            decided.won == nullptr ? "outcome and decided_at" : "decided_at")));
  }
  return decided;
}

Decided decided_leads(Oid relation, const char* outcome, const char* decided_at,
                      const ActivityOptions& activity) {
  check_relation(relation);
  Decided decided{};
  decided.relation = relation;
  decided.alias = pstrdup(quote_identifier(get_rel_name(relation)));
  decided.won = parse_outcome(relation, decided.alias, outcome);
  decided.at = parse_decided_at(relation, decided.alias, decided_at);
  if (activity.source.empty()) {
    decided.source.key = key_of(relation, decided.alias);
  } else {
    decided.source = read_source(relation, decided.alias, activity);
  }
  return decided;
}

void open_decided(Decided* decided, Split split) {
  SPI_connect();
  decided->before = decided->model == nullptr ? fix_settings() : act_as(decided->model->owner, true);
  decided->rows = read_rows(kDecided, numbered_rows(decided, split), {});
  publish_rows(decided->rows);
  (void)read_tuples(psprintf("SELECT count(d.part), count(*) FILTER (WHERE d.won AND d.part IS NOT NULL), "
                             "count(*) FROM %s d",
                             kDecided),
                    {}, nullptr);
  decided->leads = static_cast<uint64>(tuple_int8(0, 1));
  decided->positives = static_cast<uint64>(tuple_int8(0, 2));
  decided->passed_over = static_cast<uint64>(tuple_int8(0, 3)) - decided->leads;
  if (decided->positives == 0 || decided->positives == decided->leads) raise_one_sided(decided);
}

void check_decided_fit(const Decided* decided, const text* rules) {
  if (decided->model != nullptr) {
    check_model_fits(decided->model, rules);
    return;
  }
  check_lead_fits(rules, decided->relation);
  if (OidIsValid(decided->source.relation)) {
    check_activity_fits(rules, get_rel_type_id(decided->source.relation), -1);
    return;
  }
  compile_ruleset({VARDATA_ANY(rules), VARSIZE_ANY_EXHDR(rules)}, nullptr);
  if (latest_ruleset().compiled.plan.trackers().empty()) return;
  ereport(WARNING, (errmsg("the rules count activities, and none are given"),
                    errhint("The option \"activity\" says where they are.")));
}

namespace {

/// Takes the rows away, and the file that they may be in.
void end_rows(const Rows& rows) {
  withdraw_rows(rows.name);
  tuplestore_end(rows.store);
}

}  // namespace

void engage_decided(Decided* decided, const text* rules) {
  const int64 hash = activity_hash(rules);
  if (decided->is_engaged) {
    if (decided->activity_hash == hash) return;
    end_rows(decided->engaged);
  }
  const Parameter parameter = rules_parameter(rules);
  const ActivitySource& source = decided->source;
  if (decided->model != nullptr) {
    decided->engaged = readable_until_decided(decided->model, kEngaged, parameter);
  } else if (OidIsValid(source.relation)) {
    const char* const activities = psprintf(
        "SELECT (%s)::text AS key, (%s)::text AS kind, (%s)::timestamptz AS at, %s AS fields FROM %s AS %s",
        source.lead_key, source.kind, source.at, whole_row(source.alias, source.relation),
        relation_name(source.relation), source.alias);
    decided->engaged = read_rows(kEngaged, added_until_decided(activities, "="), {&parameter, 1});
  } else {
    decided->engaged = read_rows(kEngaged, no_history_until_decided(), {});
  }
  publish_rows(decided->engaged);
  decided->is_engaged = true;
  decided->activity_hash = hash;
}

void close_decided(Decided* decided) {
  end_rows(decided->rows);
  if (decided->is_engaged) end_rows(decided->engaged);
  stop_acting(decided->before);
  SPI_finish();
}

}  // namespace leadscore
