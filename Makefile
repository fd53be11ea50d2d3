# The server module and its SQL (PGXS): make, make install, make installcheck.
# The core's tests, benchmarks and fuzzers are CMakeLists.txt's.
# LEADSCORE_CXXFLAGS and LEADSCORE_LDFLAGS come after all others: make LEADSCORE_CXXFLAGS=-Werror.

EXTENSION = leadscore
TOP := $(patsubst %/,%,$(dir $(realpath $(lastword $(MAKEFILE_LIST)))))
VERSION := $(shell sed -n "s/^default_version *= *'\([^']*\)'.*/\1/p" $(TOP)/leadscore.control)
INSTALL_SQL := $(CURDIR)/leadscore--$(VERSION).sql

MODULE_big = leadscore
SOURCES := $(sort $(wildcard $(TOP)/src/core/*.cpp) $(wildcard $(TOP)/src/pg/*.cpp))
# Whole paths: in a build elsewhere (make -f .../Makefile VPATH=...) make would take what lies in the source folder, built for who knows
# which server, for what it is to build here.
OBJS := $(patsubst $(TOP)/%.cpp,$(CURDIR)/%.o,$(SOURCES))
$(shell mkdir -p $(sort $(dir $(OBJS))))

DATA = $(patsubst $(TOP)/%,%,$(wildcard $(TOP)/sql/upgrade/leadscore--*--*.sql))
DATA_built = $(INSTALL_SQL)
EXTRA_CLEAN = $(OBJS:.o=.d)

REGRESS = $(sort $(patsubst $(TOP)/sql/%.sql,%,$(wildcard $(TOP)/sql/*.sql)))
REGRESS_OPTS = --inputdir=$(TOP) --load-extension=leadscore --encoding=UTF8

# Now, not when it is used: PGXS has a VERSION too, the server's.
PG_CPPFLAGS := -I$(TOP)/src -isystem /usr/include/eigen3 '-DLEADSCORE_DATA_DIR="$(TOP)/data"' '-DLEADSCORE_VERSION="$(VERSION)"'
PG_CXXFLAGS = -std=c++20 -fvisibility=hidden -O2 -Wall -Wextra -MMD -MP $(LEADSCORE_CXXFLAGS)
SHLIB_LINK = -lre2 -lutf8proc -lstdc++ $(LEADSCORE_LDFLAGS)

# PGXS does not hand PG_CXXFLAGS to the bitcode compiler.
override with_llvm := no

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

-include $(OBJS:.o=.d)

# The lists come in by the assembler's .incbin, which -MMD does not see.
$(CURDIR)/src/core/builtin_lists.o: $(wildcard $(TOP)/data/lists/*.txt)

$(INSTALL_SQL): $(sort $(wildcard $(TOP)/sql/install/*.sql)) $(TOP)/leadscore.control
	cat $(filter %.sql,$^) > $@

$(CURDIR)/%.o: $(TOP)/%.cpp
	$(CXX) $(CXXFLAGS) $(CPPFLAGS) -c -o $@ $<

# A change of the flags above changes every object.
$(OBJS): $(TOP)/Makefile
