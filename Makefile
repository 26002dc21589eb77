# Res-Edge: one GNU make for everything; each folder describes itself in its module.mk.
#
#   make            libraries and programs          make demo     a running fleet in minutes
#   make check      all tests, installs their needs make help     everything else
#
# Only relative paths are used, so a checkout may live under a path with spaces.

VERSION := 0.1.0
ABI := 0

PREFIX ?= /usr/local
DESTDIR ?=
bindir = $(PREFIX)/bin
libdir = $(PREFIX)/lib
includedir = $(PREFIX)/include
datadir = $(PREFIX)/share

# SANITIZE=address,undefined builds everything that way, in a folder of its own; WERROR=1 is what CI uses.
SANITIZE ?=
WERROR ?=
CC ?= cc
AR ?= ar
comma := ,
BUILD ?= build$(if $(SANITIZE),/$(subst $(comma),-,$(SANITIZE)))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:

PACKAGES := libevent libevent_pthreads libpq libcjson libgit2 libcurl openssl yaml-0.1 zlib libdeflate
pkg = $(shell pkg-config --$(1) $(2) 2>/dev/null)

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wundef -Wvla \
	-Wformat=2 -Wconversion -Wno-sign-conversion -Wwrite-strings -Wimplicit-fallthrough
# Nobody replaces a function of ours when a program is loaded; else -fPIC would keep the compiler from inlining any.
GENERATED := -fno-semantic-interposition
HARDENING := -fstack-protector-strong -fPIC $(if $(SANITIZE),,-D_FORTIFY_SOURCE=2)
OPTIMIZE ?= $(if $(SANITIZE),-O1,-O2)
CFLAGS ?= -g $(OPTIMIZE)
ALL_CPPFLAGS = -D_GNU_SOURCE -DRSE_VERSION='"$(VERSION)"' -Ilibresedge/include -I. $(CPPFLAGS)
ALL_CFLAGS = -std=gnu11 -fvisibility=hidden -pthread $(WARNINGS) $(HARDENING) $(GENERATED) $(CFLAGS) $(if $(WERROR),-Werror) \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all -DRSE_ARENA_MALLOC) \
	$(if $(FUZZING),-fsanitize=fuzzer-no-link)
ALL_LDFLAGS = -pthread -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS) $(if $(SANITIZE),-fsanitize=$(SANITIZE))

# Filled by the module.mk files.
PROGRAMS :=
OBJECTS :=
UNIT_TESTS :=

# The objects of the C files in the given folders.
objects-in = $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard $(addsuffix /*.c,$(1)))))

# $(call program,NAME,OBJECTS,PKG-CONFIG PACKAGES): a program that links libresedge.a.
define program
PROGRAMS += $$(BUILD)/$(1)
OBJECTS += $(2)
$$(BUILD)/$(1): $(2) $$(BUILD)/libresedge.a
	@mkdir -p $$(@D)
	$$(LINK) -pie -o $$@ $(2) $$(BUILD)/libresedge.a $$(ALL_LDFLAGS) $$(call pkg,libs,$(3)) -lm
endef

LINK = $(CC) $(ALL_CFLAGS)

C_FILES = $(shell git ls-files '*.c' '*.h')

include libresedge/module.mk
include api-server/module.mk
include automation-worker/module.mk
include cli/module.mk
include tests/module.mk

all: $(BUILD)/libresedge.a $(BUILD)/libresedge.so $(PROGRAMS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(call pkg,cflags,$(PACKAGES)) -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d)

# The viewer of the page at /docs; needs npm.
docs-page:
	@scripts/docs-page.sh build/docs-page

deps:
	@scripts/deps.sh build

demo:
	@BUILD='$(BUILD)' scripts/demo.sh start
demo-stop:
	@BUILD='$(BUILD)' scripts/demo.sh stop
demo-clean:
	@BUILD='$(BUILD)' scripts/demo.sh clean

# Installing comes first and in a make of its own, because pkg-config is asked while the Makefile is read.
check:
	@scripts/deps.sh check
	@+$(MAKE) --no-print-directory -j$(shell nproc) all unit-tests fuzz-programs
	@BUILD='$(BUILD)' scripts/check.sh

# The same tests on a build of clang's that ends at the first bad access, leak or undefined behaviour.
check-sanitized:
	@scripts/deps.sh clang
	@+$(MAKE) --no-print-directory check BUILD=build/sanitized CC=clang SANITIZE=address,undefined

# What takes longer: the tests again on a sanitized build, a few minutes of fuzzing, the style, the benchmarks.
check-all: check
	@+$(MAKE) --no-print-directory check-sanitized
	@+$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=60
	@+$(MAKE) --no-print-directory lint
	@+$(MAKE) --no-print-directory bench

# Coverage-guided fuzzing of everything that parses what strangers send; a crash leaves its input in build/fuzz/.
FUZZ_SECONDS ?= 10
fuzz:
	@scripts/deps.sh clang
	@+$(MAKE) --no-print-directory -j$(shell nproc) BUILD=build/fuzz CC=clang SANITIZE=address,undefined FUZZING=1 fuzz-programs
	@scripts/fuzz.sh build/fuzz $(FUZZ_SECONDS)

bench:
	@+$(MAKE) --no-print-directory -j$(shell nproc) all bench-programs
	@scripts/bench.sh '$(BUILD)'

# The Data Service at full size, half an hour; SOAK_SECONDS=60 makes it shorter.
bench-api:
	@scripts/deps.sh bench
	@+$(MAKE) --no-print-directory -j$(shell nproc) all bench-programs
	@scripts/bench-api.sh '$(BUILD)'

# Automation at full size, a quarter of an hour; CLUSTERS=6000 is a quick one. Draws its charts into docs/ at full size.
CLUSTERS ?= 60000
bench-automation:
	@scripts/deps.sh check
	@+$(MAKE) --no-print-directory -j$(shell nproc) all '$(BUILD)/tests/bench/automation/automation'
	@RESEDGE_BUILD='$(abspath $(BUILD))' /usr/bin/python3 tests/bench/automation/run.py --build '$(BUILD)' --clusters $(CLUSTERS) \
		$(if $(filter 60000,$(CLUSTERS)),--charts docs)

# The command line beside curl, and a list of 60,000 clusters.
bench-cli:
	@+$(MAKE) --no-print-directory -j$(shell nproc) all
	@RESEDGE_BUILD='$(CURDIR)/$(BUILD)' /usr/bin/python3 tests/bench/cli.py

lint:
	@scripts/deps.sh lint
	@+BUILD='$(BUILD)' scripts/lint.sh
format:
	@scripts/deps.sh lint
	clang-format -i $(C_FILES)

install: all
	install -d '$(DESTDIR)$(bindir)' '$(DESTDIR)$(libdir)/pkgconfig' '$(DESTDIR)$(includedir)/resedge' \
		'$(DESTDIR)$(datadir)/resedge/migrations' '$(DESTDIR)$(datadir)/man/man1' \
		'$(DESTDIR)$(datadir)/bash-completion/completions' '$(DESTDIR)$(datadir)/zsh/site-functions' \
		'$(DESTDIR)$(datadir)/fish/vendor_completions.d'
	install -m 755 $(PROGRAMS) '$(DESTDIR)$(bindir)'
	install -m 644 $(BUILD)/libresedge.a '$(DESTDIR)$(libdir)'
	install -m 755 $(BUILD)/libresedge.so '$(DESTDIR)$(libdir)/libresedge.so.$(VERSION)'
	ln -sf libresedge.so.$(VERSION) '$(DESTDIR)$(libdir)/libresedge.so.$(ABI)'
	ln -sf libresedge.so.$(ABI) '$(DESTDIR)$(libdir)/libresedge.so'
	sed -e 's|@prefix@|$(PREFIX)|' -e 's|@version@|$(VERSION)|' libresedge/resedge.pc.in > '$(DESTDIR)$(libdir)/pkgconfig/resedge.pc'
	install -m 644 libresedge/include/resedge/*.h '$(DESTDIR)$(includedir)/resedge'
	install -m 644 migrations/*.sql '$(DESTDIR)$(datadir)/resedge/migrations'
	$(BUILD)/resedge manual '$(BUILD)/man'
	install -m 644 $(BUILD)/man/*.1 '$(DESTDIR)$(datadir)/man/man1'
	$(BUILD)/resedge completion bash > '$(DESTDIR)$(datadir)/bash-completion/completions/resedge'
	$(BUILD)/resedge completion zsh > '$(DESTDIR)$(datadir)/zsh/site-functions/_resedge'
	$(BUILD)/resedge completion fish > '$(DESTDIR)$(datadir)/fish/vendor_completions.d/resedge.fish'
	if [ -d build/docs-page ]; then install -d '$(DESTDIR)$(datadir)/resedge/docs-page' && \
		install -m 644 build/docs-page/* '$(DESTDIR)$(datadir)/resedge/docs-page'; fi

clean:
	rm -rf build

help:
	@echo 'make              build the library and the programs into build/'
	@echo 'make demo         a running fleet: installs what is missing, builds, starts, loads, deploys'
	@echo 'make demo-stop    stop it; make demo again resumes'
	@echo 'make demo-clean   stop it and remove all it made'
	@echo 'make check        all tests (installs what they need)'
	@echo '                  SANITIZE=address,undefined checks a sanitized build, WERROR=1 makes warnings errors'
	@echo 'make check-sanitized   all tests on a build with clang, address and undefined behaviour sanitizers'
	@echo 'make check-all    also sanitizers, fuzzing, style, benchmarks: what takes longer'
	@echo 'make fuzz         fuzz every parser for FUZZ_SECONDS (10) each'
	@echo 'make bench        the benchmarks'
	@echo 'make bench-api    the Data Service with 60,000 clusters, beside PostgreSQL itself; SOAK_SECONDS=60 for a shorter one'
	@echo 'make bench-automation   a fleet of 60,000 clusters from plan to commit; CLUSTERS=6000 for a quick one'
	@echo 'make bench-cli    the command line beside curl'
	@echo 'make unit         the unit tests only'
	@echo 'make lint         formatting, clang-tidy, shellcheck, the chart; make format puts the formatting right'
	@echo 'make docs-page    fetch the viewer of the page at /docs (needs npm)'
	@echo 'make deps         install what a build needs'
	@echo 'make install      PREFIX (/usr/local) and DESTDIR are honoured'
	@echo 'make clean        remove build/'

.PHONY: all deps docs-page demo demo-stop demo-clean check check-sanitized check-all fuzz bench bench-api bench-automation bench-cli lint format install clean help
