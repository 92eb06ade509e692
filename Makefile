# make            the library and the command, in $(B)
# make demo       the five programs on every machine there is, against numpy
# make test       all tests that need no special machine; make test-all: the slow ones too
# make help       the other targets

B       ?= build
CC      ?= cc
OBJCOPY ?= objcopy
PYTHON  ?= python3
PREFIX  ?= /usr/local
OPT     ?= -O2 -g
WARN    := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Werror
FLAGS   := -std=gnu11 -fPIC -fvisibility=hidden $(WARN) -Isrc -Iinclude $(CPPFLAGS) $(OPT) $(CFLAGS)
LIBS    := -lm -lpthread -ldl

ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif
MAKEFLAGS += --no-builtin-rules

# sources by wildcard; what is below src/cli goes into the command alone
SRC     := $(sort $(wildcard src/*/*.c src/*/*/*.c))
CLI_SRC := $(filter src/cli/%,$(SRC))
LIB_SRC := $(filter-out src/cli/%,$(SRC))

# texts that the library carries: src/target/cuda/prelude.cuh becomes `const char target_cuda_prelude_cuh[]`, a folder becomes a table
# of names and texts: `const Embedded target_metalium_mock[]`, `const Embedded lib[]` (base/base.h)
ONE     := $(sort $(wildcard src/target/*/prelude.*))
MOCK    := $(sort $(shell find src/target/metalium/mock -type f 2>/dev/null))
LIBRARY := $(sort $(wildcard lib/*.py))
PRELUDE := $(sort $(wildcard src/lang/prelude/*.py))
symbol   = $(subst -,_,$(subst .,_,$(subst /,_,$(patsubst src/%,%,$1))))
TEXTS   := $(ONE) $(MOCK) $(LIBRARY) $(PRELUDE)
TABLES  := target_metalium_mock lib lang_prelude
GEN     := $(foreach t,$(TEXTS),$(B)/gen/$(call symbol,$t).c) $(TABLES:%=$(B)/gen/%.c)

OBJ     := $(LIB_SRC:src/%.c=$(B)/obj/%.o) $(GEN:$(B)/gen/%.c=$(B)/obj/gen/%.o)
CLI_OBJ := $(CLI_SRC:src/%.c=$(B)/obj/%.o)
# objects whose source is gone would still be linked by tests
STALE   := $(filter-out $(OBJ) $(CLI_OBJ) $(B)/obj/libkiln.o,$(shell find $(B)/obj -name '*.o' 2>/dev/null))
$(if $(STALE),$(shell rm -f $(STALE)))
BINARY  := $(if $(CLI_SRC),$(B)/kiln)

.PHONY: all objects demo test test-all conformance schedules check-asan fuzz coverage bench-compile clean install uninstall help
.DELETE_ON_ERROR:

all: $(B)/libkiln.a $(B)/libkiln.so $(BINARY)

# objects whose source is gone: tests link whatever lies there
sweep = printf '%s\n' $(OBJ) $(CLI_OBJ) > $(B)/objects && find $(B)/obj -name '*.o' | grep -vxFf $(B)/objects | xargs -r rm -f

# for tests that link them in a way of their own
objects: $(OBJ)
	@$(sweep)

# one object in which only the names of kiln.h are left visible: a static library that clashes with nobody's names
$(B)/obj/libkiln.o: $(OBJ)
	@$(sweep)
	@$(CC) -r -nostdlib -o $@ $^
	@$(OBJCOPY) --localize-hidden $@

$(B)/libkiln.a: $(B)/obj/libkiln.o
	@echo "  lib    $@"
	@rm -f $@ && $(AR) rcs $@ $^

$(B)/libkiln.so: $(OBJ)
	@echo "  lib    $@"
	@$(CC) -shared $(OPT) $(LDFLAGS) -Wl,-soname,libkiln.so.0 -o $@ $^ $(LIBS)
	@ln -sf libkiln.so $@.0

$(B)/kiln: $(CLI_OBJ) $(B)/libkiln.a
	@echo "  link   $@"
	@$(CC) $(OPT) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/obj/gen/%.o: $(B)/gen/%.c
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -fPIC -fvisibility=hidden -Isrc -c -o $@ $<

$(B)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	@echo "  cc     $<"
	@$(CC) $(FLAGS) -MMD -MP -c -o $@ $<

# one text -> one array of bytes, with a final 0
define embed
$(B)/gen/$(call symbol,$1).c: $1
	@mkdir -p $$(@D)
	@{ echo 'extern const char $(call symbol,$1)[];'; echo 'const char $(call symbol,$1)[] = {'; \
	   od -An -v -tu1 $$< | sed 's/\([0-9][0-9]*\)/(char)\1,/g'; echo '0};'; } > $$@
endef
$(foreach t,$(TEXTS),$(eval $(call embed,$t)))

# a folder -> a table; $(B)/gen/*.list changes only when its contents do, so that new and removed files are noticed
define table
$(B)/gen/$1.list: force
	@mkdir -p $$(@D)
	@printf '%s\n' $3 | cmp -s - $$@ || printf '%s\n' $3 > $$@
$(B)/gen/$1.c: $(B)/gen/$1.list
	@{ echo '#include "base/base.h"'; $(foreach t,$3,echo 'extern const char $(call symbol,$t)[];';) \
	   echo 'extern const Embedded $1[];'; echo 'const Embedded $1[] = {'; \
	   $(foreach t,$3,echo '    {"$(patsubst $2%,%,$t)", $(call symbol,$t)},';) echo '    {0, 0}};'; } > $$@
endef
$(eval $(call table,target_metalium_mock,src/target/metalium/mock/,$(MOCK)))
$(eval $(call table,lib,lib/,$(LIBRARY)))
$(eval $(call table,lang_prelude,src/lang/prelude/,$(PRELUDE)))
.PHONY: force
force:

# set-up first (it says which python to use), then the library, then the work
demo:
	@python=$$(B=$(B) PYTHON=$(PYTHON) sh tools/setup.sh) && $(MAKE) --no-print-directory all && \
	KILN=$(abspath $(B))/kiln PYTHONDONTWRITEBYTECODE=1 $$python tools/demo.py

test:
	@python=$$(B=$(B) PYTHON=$(PYTHON) sh tools/setup.sh) && $(MAKE) --no-print-directory all && B=$(B) PYTHON=$$python sh tests/run.sh

test-all:
	@python=$$(B=$(B) PYTHON=$(PYTHON) sh tools/setup.sh) && $(MAKE) --no-print-directory all && B=$(B) PYTHON=$$python ALL=1 sh tests/run.sh

# the public example kernels: accepted, run, judged; the table is kept
conformance:
	@python=$$(B=$(B) PYTHON=$(PYTHON) sh tools/setup.sh) && $(MAKE) --no-print-directory all && \
	KILN=$(abspath $(B))/kiln PYTHONDONTWRITEBYTECODE=1 $$python tests/conformance/run.py --json bench/results/conformance.json

# the same kernels as schedules for every target, run by the interpreter
schedules:
	@python=$$(B=$(B) PYTHON=$(PYTHON) sh tools/setup.sh) && $(MAKE) --no-print-directory all && \
	KILN=$(abspath $(B))/kiln PYTHONDONTWRITEBYTECODE=1 $$python tests/conformance/schedules.py --all --json bench/results/schedules.json

# the same tests on a build that finds memory errors and undefined behaviour
check-asan:
	@$(MAKE) B=$(B)/asan OPT="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer" all
	@B=$(B)/asan PYTHON=$(PYTHON) ASAN=1 sh tests/run.sh

# inputs that nobody wrote, to the parser and the front end: SECONDS=600 says how long; counted in tests/fuzz/executions.txt
fuzz:
	@B=$(B)/fuzz PYTHON=$(PYTHON) $(PYTHON) tests/fuzz/run.py

# the lines that the tests run, by folder and file
coverage:
	@B=$(B)/coverage PYTHON=$(PYTHON) $(PYTHON) tests/coverage.py

# what compiling a kernel takes, kernel by kernel
bench-compile: all
	@B=$(B) PYTHON=$(PYTHON) $(PYTHON) bench/compile.py

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(B)/kiln $(DESTDIR)$(PREFIX)/bin/kiln
	install -m 644 $(B)/libkiln.a $(DESTDIR)$(PREFIX)/lib/libkiln.a
	install -m 755 $(B)/libkiln.so $(DESTDIR)$(PREFIX)/lib/libkiln.so.0
	ln -sf libkiln.so.0 $(DESTDIR)$(PREFIX)/lib/libkiln.so
	install -m 644 include/kiln.h $(DESTDIR)$(PREFIX)/include/kiln.h
	install -m 644 docs/kiln.1 $(DESTDIR)$(PREFIX)/share/man/man1/kiln.1

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/kiln $(DESTDIR)$(PREFIX)/include/kiln.h $(DESTDIR)$(PREFIX)/share/man/man1/kiln.1
	rm -f $(DESTDIR)$(PREFIX)/lib/libkiln.a $(DESTDIR)$(PREFIX)/lib/libkiln.so $(DESTDIR)$(PREFIX)/lib/libkiln.so.0

clean:
	rm -rf $(B)

help:
	@echo 'all (default)  libkiln.a, libkiln.so and the command, in B=$(B)'
	@echo 'demo           the five programs of lib/ on every machine there is, against numpy'
	@echo 'test           the tests; test-all: the slow ones too; UPDATE=1 rewrites goldens; ONLY=name runs one group'
	@echo 'conformance    the kernels of the public example set, each against a float64 reference; a table'
	@echo 'schedules      the same kernels as schedules for every target: roles, pipes, or why they are one sequence'
	@echo 'check-asan     the tests under the address and undefined-behaviour sanitizers'
	@echo 'fuzz           random programs to the front end, SECONDS=600; coverage: the lines that the tests run'
	@echo 'bench-compile  what compiling takes, kernel by kernel'
	@echo 'install        into PREFIX=$(PREFIX); uninstall removes it'
	@echo 'clean          removes B=$(B)'

-include $(OBJ:.o=.d) $(CLI_OBJ:.o=.d)
