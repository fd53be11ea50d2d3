// What the server calls when it loads the module.
#include "pg/guard.hpp"

extern "C" {
#if PG_VERSION_NUM >= 180000
PG_MODULE_MAGIC_EXT(.name = "leadscore", .version = LEADSCORE_VERSION);
#else
PG_MODULE_MAGIC;
#endif
PGDLLEXPORT void _PG_init(void);

void _PG_init(void) { leadscore::set_stop_requested(leadscore::stop_requested); }
}
