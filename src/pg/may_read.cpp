#include "pg/may_read.hpp"

#include "pg/acting.hpp"
#include "pg/model_sql.hpp"
#include "pg/reading.hpp"
#include "pg/statement.hpp"

namespace leadscore {
namespace {

const char* hidden_rows(Oid table, const char* owner) {
  return psprintf("row-level security of table %s applies to role %s, which owns the model",
                  relation_name(table), quote_identifier(owner));
}

const char* way_out(const char* owner) {
  return psprintf("ALTER ROLE %s BYPASSRLS, or let it own the table without FORCE ROW LEVEL SECURITY.",
                  quote_identifier(owner));
}

bool hides_rows(Oid table, Oid owner) { return check_enable_rls(table, owner, true) == RLS_ENABLED; }

/// The missing right, nullptr for none. Errors of other kinds are for those who read the rows.
ErrorData* missing_right(const Model* model, const Binding* binding) {
  const Acting before = act_as(model->owner, true);
  const Parameter rules[] = {rules_parameter(model->rules)};
  const bool lead = binding == nullptr || binding->role == Role::lead;
  const char* const text =
      lead ? lead_rows(model, lead_relation(model)) : history_of(model, binding, false, nullptr);
  const std::span<const Parameter> parameters(rules, lead ? 0 : 1);
  ErrorData* const error =
      try_reading([&] { check_select(prepare_select(text, parameters), parameters, Seen::latest); });
  stop_acting(before);
  return error != nullptr && error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE ? error : nullptr;
}

}  // namespace

void check_sees_rows(Oid table, Oid owner) {
  if (!hides_rows(table, owner)) return;
  const char* const name = GetUserNameFromId(owner, false);
  ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("%s", hidden_rows(table, name)),
                  errdetail("Triggers see every row that is written: scores would depend on history."),
                  errhint("%s", way_out(name))));
}

void check_may_read(const Model* model, const Binding* binding) {
  ErrorData* const error = missing_right(model, binding);
  if (error != nullptr) ReThrowError(error);
}

const char* reading_fault(const Model* model, const Binding* binding) {
  const Oid table = binding == nullptr ? model->lead : binding->source;
  if (hides_rows(table, model->owner)) {
    const char* const name = GetUserNameFromId(model->owner, false);
    return psprintf("%s. %s", hidden_rows(table, name), way_out(name));
  }
  const ErrorData* const error = missing_right(model, binding);
  return error == nullptr ? nullptr : error->message;
}

}  // namespace leadscore
