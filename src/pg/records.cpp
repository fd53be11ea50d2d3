#include "pg/records.hpp"

#include "pg/acting.hpp"
#include "pg/baseline.hpp"
#include "pg/model_sql.hpp"
#include "pg/model_views.hpp"
#include "pg/ownership.hpp"
#include "pg/statement.hpp"
#include "pg/trigger_names.hpp"

namespace leadscore {

void forget_model(const char* name) {
  const Acting before = act_as(extension_owner(), false);
  const Parameter parameters[] = {text_parameter(name)};
  bool is_null;
  const Oid owner =
      read_command("SELECT m.owner::oid FROM leadscore.model m WHERE m.name = $1", parameters) == 0
          ? InvalidOid
          : DatumGetObjectId(tuple_value(0, 1, &is_null));
  const uint64 count = run_command(
      "SELECT m.id, b.id FROM leadscore.model m JOIN leadscore.binding b ON b.model = m.name WHERE m.name = "
      "$1",
      parameters);
  const SPITupleTable* const found = SPI_tuptable;
  for (uint64 i = 0; i < count; ++i) {
    drop_triggers(DatumGetInt32(SPI_getbinval(found->vals[i], found->tupdesc, 1, &is_null)),
                  DatumGetInt32(SPI_getbinval(found->vals[i], found->tupdesc, 2, &is_null)));
  }
  for (const char* const table :
       {"model", "model_version", "binding", "rescore_run", "problem", "transition", "baseline"}) {
    if (std::strcmp(table, "baseline") == 0 && !has_baselines()) continue;
    run_command(psprintf("DELETE FROM leadscore.%s WHERE %s = $1", table,
                         std::strcmp(table, "model") == 0 ? "name" : "model"),
                parameters);
  }
  forbid_tidying(owner);
  stop_acting(before);
}

void forget_binding(const Model* model, const Binding* binding) {
  const Acting before = act_as(extension_owner(), false);
  drop_triggers(model->id, binding->id);
  const Parameter parameters[] = {int_parameter(binding->id)};
  run_command("DELETE FROM leadscore.binding WHERE id = $1", parameters);
  stop_acting(before);
}

void drop_relations(const char* model) {
  const Oid schema = get_namespace_oid(model, true);
  if (!OidIsValid(schema)) return;
  const char* const name = quote_identifier(model);
  for (std::size_t i = std::size(kViews); i > 0; --i) {
    if (OidIsValid(get_relname_relid(kViews[i - 1], schema)))
      run_command(psprintf("DROP VIEW %s.%s", name, kViews[i - 1]));
  }
  if (OidIsValid(get_relname_relid("state", schema))) run_command(psprintf("DROP TABLE %s.state", name));
  run_command(psprintf("DROP SCHEMA %s", name));
}

void record_key_type(const Model* model, const Binding* binding) {
  const Acting as_owner = act_as(model->owner, true);
  const SPIPlanPtr plan = SPI_prepare(
      psprintf("SELECT %s FROM %s AS %s", binding->lead_key, relation_name(binding->source), binding->alias),
      0, nullptr);
  if (plan == nullptr) elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
  const auto* const source = static_cast<const CachedPlanSource*>(linitial(SPI_plan_get_plan_sources(plan)));
  const Oid type = TupleDescAttr(source->resultDesc, 0)->atttypid;
  SPI_freeplan(plan);
  stop_acting(as_owner);
  const Acting before = act_as(extension_owner(), false);
  const Parameter parameters[] = {int_parameter(binding->id), {OIDOID, ObjectIdGetDatum(type)}};
  run_command(
      "UPDATE leadscore.binding SET lead_key_type = $2::regtype WHERE id = $1 AND lead_key_type <> $2",
      parameters);
  stop_acting(before);
}

}  // namespace leadscore
