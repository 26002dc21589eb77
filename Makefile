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

PACKAGES := libevent libevent_pthreads libpq libcjson libgit2 libcurl openssl yaml-0.1 zlib
pkg = $(shell pkg-config --$(1) $(2) 2>/dev/null)

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wundef -Wvla \
	-Wformat=2 -Wconversion -Wno-sign-conversion -Wwrite-strings -Wimplicit-fallthrough
HARDENING := -fstack-protector-strong -fPIC $(if $(SANITIZE),,-D_FORTIFY_SOURCE=2)
OPTIMIZE ?= $(if $(SANITIZE),-O1,-O2)
CFLAGS ?= -g $(OPTIMIZE)
ALL_CPPFLAGS = -D_GNU_SOURCE -DRSE_VERSION='"$(VERSION)"' -Ilibresedge/include -I. $(CPPFLAGS)
ALL_CFLAGS = -std=gnu11 -fvisibility=hidden -pthread $(WARNINGS) $(HARDENING) $(CFLAGS) $(if $(WERROR),-Werror) \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all -DRSE_ARENA_MALLOC)
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
	$$(LINK) -pie -o $$@ $(2) $$(BUILD)/libresedge.a $$(ALL_LDFLAGS) $$(call pkg,libs,$(3))
endef

LINK = $(CC) $(ALL_CFLAGS)

include libresedge/module.mk
include api-server/module.mk
include automation-worker/module.mk
include cli/module.mk
include tests/module.mk

all: $(BUILD)/libresedge.a $(BUILD)/libresedge.so $(BUILD)/resedge.pc $(PROGRAMS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(call pkg,cflags,$(PACKAGES)) -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d)

clean:
	rm -rf build

.PHONY: all clean
