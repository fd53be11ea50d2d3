#include "pg/faults.hpp"

#include "pg/acting.hpp"
#include "pg/fit.hpp"
#include "pg/guard.hpp"
#include "pg/model_sql.hpp"
#include "pg/reading.hpp"
#include "pg/ruleset_cache.hpp"
#include "pg/statement.hpp"

namespace leadscore {
namespace {

struct Query {
  const char* text;
  int parameters;  ///< 1: $1 is a rule set
  Oid type;        ///< of its first column, once parsed
  int32 typmod;
};

/// Parses a query; its first column's type is left in it.
void parse_query_of(void* argument) {
  auto* const query = static_cast<Query*>(argument);
  Oid types[] = {rules_parameter_null().type};
  const SPIPlanPtr plan = SPI_prepare(query->text, query->parameters, types);
  if (plan == nullptr) elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
  const auto* const source = static_cast<const CachedPlanSource*>(linitial(SPI_plan_get_plan_sources(plan)));
  const FormData_pg_attribute* const first = TupleDescAttr(source->resultDesc, 0);
  query->type = first->atttypid;
  query->typmod = first->atttypmod;
  SPI_freeplan(plan);
}

struct Fit {
  const text* rules;
  Oid relation;
  Oid row_type;
  int32 typmod;
};

void fit_lead(void* argument) {
  const auto* const fit = static_cast<const Fit*>(argument);
  check_lead_fits(fit->rules, fit->relation);
}

void fit_activity(void* argument) {
  const auto* const fit = static_cast<const Fit*>(argument);
  check_activity_fits(fit->rules, fit->row_type, fit->typmod);
}

void read_rules(void* argument) {
  const auto* const rules = static_cast<const text*>(argument);
  compile_ruleset({VARDATA_ANY(rules), VARSIZE_ANY_EXHDR(rules)}, nullptr);
}

struct Argument {
  const char* name;
  const char* text;
};

/// The first of the expressions over a row that doesn't parse.
const char* argument_fault(std::span<const Argument> arguments, Oid relation, const char* alias) {
  for (const Argument& argument : arguments) {
    if (argument.text == nullptr) continue;
    Query query{psprintf("SELECT (%s) FROM %s AS %s", argument.text, relation_name(relation), alias), 0,
                InvalidOid, -1};
    const char* const fault = fault_of(parse_query_of, &query);
    if (fault != nullptr)
      return psprintf("argument \"%s\" over %s: %s", argument.name, relation_name(relation), fault);
  }
  return nullptr;
}

/// What the single expressions don't show: types that don't go together.
const char* whole_fault(const char* text, int parameters, Oid relation) {
  Query query{text, parameters, InvalidOid, -1};
  const char* const fault = fault_of(parse_query_of, &query);
  return fault == nullptr ? nullptr : psprintf("rows of %s: %s", relation_name(relation), fault);
}

const char* activity_fault(const Model* model, const Binding* binding) {
  const Argument arguments[] = {{"lead_key", binding->lead_key},
                                {"kind", binding->kind},
                                {"at", binding->at},
                                {"filter", binding->filter},
                                {"fields", binding->fields}};
  const char* fault = argument_fault(arguments, binding->source, binding->alias);
  if (fault != nullptr) return fault;
  const char* const from = relation_name(binding->source);
  fault = whole_fault(psprintf("SELECT leadscore.engage($1, a.kind, a.at, a.fields) FROM (%s) a",
                               activity_rows(model, binding, from, false)),
                      1, binding->source);
  if (fault != nullptr) return fault;
  Query fields{psprintf("SELECT %s FROM %s AS %s", binding->fields, from, binding->alias), 0, InvalidOid, -1};
  parse_query_of(&fields);
  Fit fit{model->rules, InvalidOid, fields.type, fields.typmod};
  fault = fault_of(fit_activity, &fit);
  return fault == nullptr ? nullptr : psprintf("the rule set in force over %s: %s", from, fault);
}

}  // namespace

const char* fault_of(void (*body)(void* argument), void* argument) {
  const ErrorData* const error = try_reading(body, argument);
  return error == nullptr ? nullptr : error->message;
}

const char* lead_key_fault(const Model* model) {
  const Acting before = act_as(model->owner, true);
  const Argument arguments[] = {{"lead_key", model->lead_key}, {"filter", model->filter}};
  const char* fault = argument_fault(arguments, model->lead, model->lead_alias);
  if (fault == nullptr) fault = whole_fault(lead_rows(model, lead_relation(model)), 0, model->lead);
  stop_acting(before);
  return fault;
}

const char* lead_rules_fault(const Model* model) {
  const Acting before = act_as(model->owner, true);
  Fit fit{model->rules, model->lead, InvalidOid, -1};
  const char* const fault = fault_of(fit_lead, &fit);
  stop_acting(before);
  return fault == nullptr ? nullptr
                          : psprintf("the rule set in force over %s: %s", lead_relation(model), fault);
}

const char* outcome_fault(const Model* model) {
  const Acting before = act_as(model->owner, true);
  const Argument arguments[] = {{"outcome", model->outcome}, {"decided_at", model->decided_at}};
  const char* fault = argument_fault(arguments, model->lead, model->lead_alias);
  if (fault == nullptr && model->outcome != nullptr) fault = whole_fault(outcome_rows(model), 0, model->lead);
  stop_acting(before);
  return fault;
}

const char* lead_fault(const Model* model) {
  const char* const fault = lead_key_fault(model);
  return fault != nullptr ? fault : lead_rules_fault(model);
}

const char* binding_fault(const Model* model, const Binding* binding) {
  if (binding->role == Role::lead) return nullptr;  // lead_fault() tells
  const Acting before = act_as(model->owner, true);
  const char* fault = nullptr;
  if (binding->role == Role::activity) {
    fault = activity_fault(model, binding);
  } else {
    const Argument arguments[] = {{"leads", binding->leads}};
    fault = argument_fault(arguments, binding->source, binding->alias);
    if (fault == nullptr) {
      fault =
          whole_fault(touched_by_rows(model, binding, relation_name(binding->source)), 0, binding->source);
    }
  }
  stop_acting(before);
  return fault;
}

const char* rules_fault(const text* rules) { return fault_of(read_rules, const_cast<text*>(rules)); }

}  // namespace leadscore
