#include "pg/activity_source.hpp"

#include "pg/arguments.hpp"
#include "pg/encoding.hpp"

namespace leadscore {
namespace {

const char* expression(Oid relation, const std::string& source, const char* argument) {
  return parse_expression(relation, to_server_copy(source), argument, NIL, Scope::row).text;
}

}  // namespace

ActivitySource read_source(Oid leads, const char* alias, const ActivityOptions& activity) {
  ActivitySource source{};
  source.relation =
      DatumGetObjectId(DirectFunctionCall1(regclassin, CStringGetDatum(to_server_copy(activity.source))));
  check_relation(source.relation);
  source.alias = pstrdup(quote_identifier(get_rel_name(source.relation)));
  source.lead_key = expression(source.relation, activity.lead_key, "lead_key");
  source.kind = expression(source.relation, activity.kind, "kind");
  source.at = expression(source.relation, activity.at, "at");
  source.key = activity.key.empty() ? psprintf("%s.%s", alias, primary_key(leads, "\"key\": \"…\""))
                                    : expression(leads, activity.key, "key");
  return source;
}

}  // namespace leadscore
