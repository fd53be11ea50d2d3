// What the server calls when it loads the module.
#include "pg/guard.hpp"

extern "C" {
PG_MODULE_MAGIC;
PGDLLEXPORT void _PG_init(void);

void _PG_init(void) { leadscore::set_stop_requested(leadscore::stop_requested); }
}
