# Unit tests: tests/unit/<folder>/test_<file>.c, one cmocka program each, linked with libresedge.a.
# (Tests may use the library's private symbols: the archive has them all.)

UNIT_SOURCES := $(sort $(wildcard tests/unit/*/test_*.c))
UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(UNIT_SOURCES))
OBJECTS += $(patsubst %.c,$(BUILD)/%.o,$(UNIT_SOURCES))

# What unit tests of a program link besides the library: UNIT_ARCHIVES and UNIT_PACKAGES, per folder.
UNIT_ARCHIVES :=
UNIT_PACKAGES :=

$(UNIT_TESTS): $(BUILD)/%: $(BUILD)/%.o $(BUILD)/libresedge.a
	$(LINK) -o $@ $< $(UNIT_ARCHIVES) $(BUILD)/libresedge.a $(ALL_LDFLAGS) \
		$(call pkg,libs,cmocka $(LIB_PACKAGES) $(UNIT_PACKAGES)) -lm

# tests/unit/worker: the worker's objects, its main apart.
WORKER_ARCHIVE := $(BUILD)/automation-worker/worker.a
WORKER_UNIT_TESTS := $(filter $(BUILD)/tests/unit/worker/%,$(UNIT_TESTS))

$(WORKER_ARCHIVE): $(filter-out $(BUILD)/automation-worker/main.o,$(WORKER_OBJECTS))
	rm -f $@
	$(AR) rcs $@ $^

$(WORKER_UNIT_TESTS): $(WORKER_ARCHIVE)
$(WORKER_UNIT_TESTS): UNIT_ARCHIVES := $(WORKER_ARCHIVE)
$(WORKER_UNIT_TESTS): UNIT_PACKAGES := libgit2 libdeflate libevent libevent_pthreads

# tests/unit/api: the same for the Data Service.
API_ARCHIVE := $(BUILD)/api-server/api.a
API_UNIT_TESTS := $(filter $(BUILD)/tests/unit/api/%,$(UNIT_TESTS))

$(API_ARCHIVE): $(filter-out $(BUILD)/api-server/main.o,$(API_OBJECTS))
	rm -f $@
	$(AR) rcs $@ $^

$(API_UNIT_TESTS): $(API_ARCHIVE)
$(API_UNIT_TESTS): UNIT_ARCHIVES := $(API_ARCHIVE)
$(API_UNIT_TESTS): UNIT_PACKAGES := libevent libpq libdeflate

# tests/unit/cli: the same for the command line.
CLI_ARCHIVE := $(BUILD)/cli/cli.a
CLI_UNIT_TESTS := $(filter $(BUILD)/tests/unit/cli/%,$(UNIT_TESTS))

$(CLI_ARCHIVE): $(filter-out $(BUILD)/cli/main.o,$(CLI_OBJECTS))
	rm -f $@
	$(AR) rcs $@ $^

$(CLI_UNIT_TESTS): $(CLI_ARCHIVE)
$(CLI_UNIT_TESTS): UNIT_ARCHIVES := $(CLI_ARCHIVE)

# The benchmark of Automation is built as well, so that it keeps up with the code that it drives.
unit-tests: $(UNIT_TESTS) $(BUILD)/tests/bench/automation/automation

unit: $(UNIT_TESTS)
	@failed=0; for t in $(UNIT_TESTS); do \
		echo "== $$t"; "$$t" || failed=1; \
	done; exit $$failed

.PHONY: unit unit-tests

# Fuzz targets (tests/fuzz/fuzz_*.c): with clang's libFuzzer for `make fuzz`, else with what runs their corpora and changes of them
# (replay.c). Benchmarks (tests/bench/bench_*.c).
FUZZ_SOURCES := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(FUZZ_SOURCES))
BENCH_SOURCES := $(sort $(wildcard tests/bench/bench_*.c))
BENCH_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(BENCH_SOURCES))
OBJECTS += $(patsubst %.c,$(BUILD)/%.o,$(FUZZ_SOURCES) $(BENCH_SOURCES))

FUZZ_REPLAY := $(if $(FUZZING),,$(BUILD)/tests/fuzz/replay.o)
OBJECTS += $(FUZZ_REPLAY)

$(FUZZ_PROGRAMS): $(BUILD)/%: $(BUILD)/%.o $(FUZZ_REPLAY) $(BUILD)/libresedge.a
	$(LINK) $(if $(FUZZING),-fsanitize=fuzzer) -o $@ $< $(FUZZ_REPLAY) $(FUZZ_EXTRA_OBJECTS) $(BUILD)/libresedge.a $(ALL_LDFLAGS) $(call pkg,libs,$(LIB_PACKAGES) $(FUZZ_PACKAGES)) -lm

# What the front of the Data Service reads from strangers.
HTTP_PARSERS := $(addprefix $(BUILD)/api-server/http/,head.o body.o forwarded.o address.o)
$(BUILD)/tests/fuzz/fuzz_http_head: $(HTTP_PARSERS)
$(BUILD)/tests/fuzz/fuzz_http_head: FUZZ_EXTRA_OBJECTS := $(HTTP_PARSERS)

# What the worker reads from Git hosts.
$(BUILD)/tests/fuzz/fuzz_git_wire: $(WORKER_ARCHIVE)
$(BUILD)/tests/fuzz/fuzz_git_wire: FUZZ_EXTRA_OBJECTS := $(WORKER_ARCHIVE)
$(BUILD)/tests/fuzz/fuzz_git_wire: FUZZ_PACKAGES := libgit2 libdeflate libevent libevent_pthreads

# What lists are asked for: query strings, filters, and the statements that they become.
LIST_PARSERS := $(call objects-in,api-server/odata) $(BUILD)/api-server/http/query.o $(addprefix $(BUILD)/api-server/store/,list_sql.o list_columns.o \
	list_order.o)
$(BUILD)/tests/fuzz/fuzz_odata: $(LIST_PARSERS)
$(BUILD)/tests/fuzz/fuzz_odata: FUZZ_EXTRA_OBJECTS := $(LIST_PARSERS)

# Inventories in other formats than JSON.
INVENTORY_READERS := $(addprefix $(BUILD)/api-server/handlers/,inventory_csv.o inventory_ndjson.o inventory_lines.o body_members.o csv.o) $(LIST_PARSERS)
INVENTORY_FUZZ := $(addprefix $(BUILD)/tests/fuzz/fuzz_inventory_,csv ndjson)
$(INVENTORY_FUZZ): $(INVENTORY_READERS)
$(INVENTORY_FUZZ): FUZZ_EXTRA_OBJECTS := $(INVENTORY_READERS)

$(BENCH_PROGRAMS): $(BUILD)/%: $(BUILD)/%.o $(BUILD)/libresedge.a
	$(LINK) -o $@ $< $(BUILD)/libresedge.a $(ALL_LDFLAGS) $(call pkg,libs,$(LIB_PACKAGES)) -lm

# The worker's own code on a made-up fleet: see tests/bench/automation/.
BENCH_AUTOMATION := $(BUILD)/tests/bench/automation/automation
BENCH_AUTOMATION_OBJECTS := $(call objects-in,tests/bench/automation)
OBJECTS += $(BENCH_AUTOMATION_OBJECTS)

$(BENCH_AUTOMATION): $(BENCH_AUTOMATION_OBJECTS) $(WORKER_ARCHIVE) $(BUILD)/libresedge.a
	$(LINK) -o $@ $^ $(ALL_LDFLAGS) $(call pkg,libs,$(LIB_PACKAGES) libgit2 libdeflate libevent libevent_pthreads) -lm

fuzz-programs: $(FUZZ_PROGRAMS)
bench-programs: $(BENCH_PROGRAMS)

.PHONY: fuzz-programs bench-programs
