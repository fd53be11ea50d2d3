// Roles and settings for a while.
#include "pg/acting.hpp"

namespace leadscore {
namespace {

/// Settings on which the meaning of a statement or an expression depends, or its speed by orders of
/// magnitude.
constexpr struct {
  const char* name;
  const char* value;
} kSettings[] = {
    {"search_path", "pg_catalog, pg_temp"},
    {"TimeZone", "UTC"},
    {"DateStyle", "ISO, MDY"},
    {"IntervalStyle", "postgres"},
    {"row_security", "on"},
    {"standard_conforming_strings", "on"},
    {"extra_float_digits", "1"},
    {"bytea_output", "hex"},
    // The server decides by the plan's cost, which a session's enable_… settings can raise to anything;
    // compiling takes longer than what is compiled.
    {"jit", "off"},
};

}  // namespace

Acting fix_settings() {
  Acting before;
  GetUserIdAndSecContext(&before.user, &before.security);
  before.settings = NewGUCNestLevel();
  for (const auto& setting : kSettings) {
    // Setting costs more than looking: search_path alone makes the server look up schemas again.
    const char* const now = GetConfigOption(setting.name, false, false);
    if (now != nullptr && std::strcmp(now, setting.value) == 0) continue;
    set_config_option(setting.name, setting.value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                      false);
  }
  return before;
}

Acting act_as(Oid role, bool restricted) {
  const Acting before = fix_settings();
  SetUserIdAndSecContext(role, before.security | SECURITY_LOCAL_USERID_CHANGE |
                                   (restricted ? SECURITY_RESTRICTED_OPERATION : 0));
  return before;
}

void stop_acting(const Acting& before) {
  AtEOXact_GUC(false, before.settings);
  SetUserIdAndSecContext(before.user, before.security);
}

Acting take_role(Oid role) {
  Acting before{};
  GetUserIdAndSecContext(&before.user, &before.security);
  SetUserIdAndSecContext(role,
                         before.security | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
  return before;
}

void give_back(const Acting& before) { SetUserIdAndSecContext(before.user, before.security); }

Oid extension_owner() {
  const Oid schema = get_namespace_oid("leadscore", false);
  const HeapTuple tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
  if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for schema leadscore");
  const Oid owner = reinterpret_cast<const FormData_pg_namespace*>(GETSTRUCT(tuple))->nspowner;
  ReleaseSysCache(tuple);
  return owner;
}

}  // namespace leadscore
