#include "pg/activity_source.hpp"

#include "pg/arguments.hpp"
#include "pg/encoding.hpp"

namespace leadscore {
namespace {

/// An option as the server reads it.
const char* copied(const std::string& option) {
  const std::string_view text = to_server(option);
  return pnstrdup(text.data(), text.size());
}

const char* expression(Oid relation, const std::string& source, const char* argument) {
  return parse_expression(relation, copied(source), argument, NIL, Scope::row).text;
}

}  // namespace

ActivitySource read_source(Oid leads, const char* alias, const ActivityOptions& activity) {
  ActivitySource source{};
  source.relation =
      DatumGetObjectId(DirectFunctionCall1(regclassin, CStringGetDatum(copied(activity.source))));
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
