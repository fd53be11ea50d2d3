// What the server calls when it loads the module.
#include "pg/guard.hpp"
#include "pg/problem.hpp"

extern "C" {
#if PG_VERSION_NUM >= 180000
PG_MODULE_MAGIC_EXT(.name = "leadscore", .version = LEADSCORE_VERSION);
#else
PG_MODULE_MAGIC;
#endif
PGDLLEXPORT void _PG_init(void);  // NOLINT(bugprone-reserved-identifier): the server's name for it

void _PG_init(void) {
  leadscore::set_stop_requested(leadscore::stop_requested);
  DefineCustomBoolVariable("leadscore.log_problems", "Logs how many rows of a statement could not be scored.",
                           nullptr, &leadscore::logs_problems, true, PGC_SUSET, 0, nullptr, nullptr, nullptr);
  MarkGUCPrefixReserved("leadscore");
}
}
