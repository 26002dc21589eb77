# Unit tests: tests/unit/<folder>/test_<file>.c, one cmocka program each, linked with libresedge.a.
# (Tests may use the library's private symbols: the archive has them all.)

UNIT_SOURCES := $(sort $(wildcard tests/unit/*/test_*.c))
UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(UNIT_SOURCES))
OBJECTS += $(patsubst %.c,$(BUILD)/%.o,$(UNIT_SOURCES))

# Objects of programs that unit tests link besides the library (no main among them).
UNIT_EXTRA_OBJECTS ?=

$(UNIT_TESTS): $(BUILD)/%: $(BUILD)/%.o $(BUILD)/libresedge.a
	$(LINK) -o $@ $< $(UNIT_EXTRA_OBJECTS) $(BUILD)/libresedge.a $(ALL_LDFLAGS) $(call pkg,libs,cmocka $(LIB_PACKAGES)) -lm

unit-tests: $(UNIT_TESTS)

unit: $(UNIT_TESTS)
	@failed=0; for t in $(UNIT_TESTS); do \
		echo "== $$t"; "$$t" || failed=1; \
	done; exit $$failed

.PHONY: unit unit-tests
