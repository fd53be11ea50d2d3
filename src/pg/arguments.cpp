#include "pg/arguments.hpp"

#include "pg/model.hpp"
#include "pg/model_views.hpp"

namespace leadscore {

const char* optional_text(FunctionCallInfo fcinfo, int number) {
  return PG_ARGISNULL(number) ? nullptr : text_to_cstring(PG_GETARG_TEXT_PP(number));
}

const char* required_text(FunctionCallInfo fcinfo, int number, const char* name) {
  if (PG_ARGISNULL(number)) {
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be NULL", name)));
  }
  return text_to_cstring(PG_GETARG_TEXT_PP(number));
}

void check_is_root(Oid table) {
  if (!has_superclass(table)) return;
  ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                  errmsg("\"%s\" is a partition, or inherits from another table", get_rel_name(table)),
                  errdetail("Rows that are written through the parent fire the parent's triggers alone."),
                  errhint("Bind the parent; filter => '…' chooses rows of it.")));
}

void check_may_be_bound(Oid relation) {
  const char* const name = get_rel_name(relation);
  if (name == nullptr) return;
  const char* const schema = get_namespace_name(get_rel_namespace(relation));
  if (get_rel_persistence(relation) == RELPERSISTENCE_TEMP) {
    ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is temporary", name),
                    errdetail("A model is for all sessions, and stays.")));
  }
  bool own = std::strcmp(schema, "leadscore") == 0;
  bool models = std::strcmp(name, "state") == 0;
  for (const char* const view : kViews) models = models || std::strcmp(name, view) == 0;
  own = own || (models && find_model(schema, NoLock) != nullptr);
  if (!own) return;
  ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                  errmsg("%s is leadscore's own", quote_qualified_identifier(schema, name)),
                  errdetail("It changes with the scores that would follow it.")));
}

Expression parse_filter(Oid relation, const char* source, List* watched, Scope scope) {
  if (source == nullptr) return Expression{};
  const Expression filter = parse_expression(relation, source, "filter", watched, scope);
  if (getBaseType(filter.type) != BOOLOID) {
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("filter is of type %s, not boolean", format_type_be(filter.type))));
  }
  return filter;
}

}  // namespace leadscore
