#include "pg/outcome.hpp"

#include "pg/acting.hpp"
#include "pg/arguments.hpp"
#include "pg/guard.hpp"
#include "pg/model_sql.hpp"
#include "pg/statement.hpp"
#include "pg/watch_views.hpp"

namespace leadscore {
namespace {

/// An expression over a lead, by the name that it is given.
Expression parse_over_lead(Oid relation, const char* alias, const char* given, const char* argument) {
  const List* const name = textToQualifiedNameList(cstring_to_text(alias));
  return parse_expression(relation, given, argument, NIL, Scope::anywhere, strVal(linitial(name)));
}

}  // namespace

const char* parse_outcome(Oid relation, const char* alias, const char* given) {
  const Expression outcome = parse_over_lead(relation, alias, given, "outcome");
  if (getBaseType(outcome.type) != BOOLOID) {
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("outcome is of type %s, not boolean", format_type_be(outcome.type)),
                    errhint("It is true for a lead that was won, false for one that was lost, NULL for one "
                            "that is still open.")));
  }
  return outcome.text;
}

const char* parse_decided_at(Oid relation, const char* alias, const char* given) {
  return as_instant(parse_over_lead(relation, alias, given, "decided_at"), "decided_at");
}

namespace {

/// With the view that shows it.
void record(const Model* model, const char* outcome, const char* decided_at) {
  const Acting before = act_as(extension_owner(), false);
  const Parameter row[] = {text_parameter(model->name), text_parameter(outcome), text_parameter(decided_at)};
  run_command("UPDATE leadscore.model SET outcome = $2, decided_at = $3 WHERE name = $1", row);
  stop_acting(before);
  const Model* const now = read_anew(model);
  const Acting as_owner = act_as(now->owner, true);
  if (outcome != nullptr) check_select(prepare_select(outcome_rows(now), {}), {}, Seen::latest);
  create_performance(now);
  stop_acting(as_owner);
}

}  // namespace

void forget_outcome(const Model* model) { record(model, nullptr, nullptr); }

/// set_outcome(model, outcome, decided_at)
LEADSCORE_FUNCTION(set_outcome) {
  enum Argument { kModel, kOutcome, kDecidedAt };
  const Model* model = open_model(required_text(fcinfo, kModel, "model"), NoLock);
  check_owns(model);
  const char* const given = optional_text(fcinfo, kOutcome);
  const char* const given_at = optional_text(fcinfo, kDecidedAt);
  if (given == nullptr && given_at != nullptr) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("decided_at needs an outcome")));
  }
  if (given != nullptr) check_has_leads(model);
  const Oid lead = model->lead;
  const char* const outcome = given == nullptr ? nullptr : parse_outcome(lead, model->lead_alias, given);
  const char* const decided_at =
      given_at == nullptr ? nullptr : parse_decided_at(lead, model->lead_alias, given_at);
  // No score depends on it: who writes leads and activities is not held up.
  model = open_model(model->name, ShareUpdateExclusiveLock);
  if (given != nullptr && model->lead != lead) raise_changed(model);

  SPI_connect();
  record(model, outcome, decided_at);
  SPI_finish();
  PG_RETURN_VOID();
}

}  // namespace leadscore
