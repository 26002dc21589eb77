#!/usr/bin/env bash
# All tests: check.sh. Called by `make check`, which has built everything; BUILD says where.
set -euo pipefail
cd "$(dirname "$0")/.."

build=${BUILD:-build}
scripts/kube-tools.sh build/tools
scripts/docs-page.sh build/docs-page
scripts/api-tools.sh build/tools
RESEDGE_BUILD=$PWD/$build
RESEDGE_TOOLS=$PWD/build/tools
export RESEDGE_BUILD RESEDGE_TOOLS
export PYTHONDONTWRITEBYTECODE=1
# Leaks and undefined behaviour end a program with a status that no test takes for a pass.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0:exitcode=99}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}

failed=0
passed=0
# run PROGRAM [ARGUMENT...]: what it says is shown if it fails.
run() {
    if output=$("$@" 2>&1); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s\n' "$output"
        echo "FAILED: $*"
    fi
}
is_program() { [ -x "$1" ] && [ ! -d "$1" ] && [[ $1 != *.o && $1 != *.d ]]; }

echo "== unit tests"
for test in "$build"/tests/unit/*/test_*; do
    if is_program "$test"; then run "$test"; fi
done
echo "$passed unit test programs passed, $failed failed"

# Their corpora and random changes of them; `make fuzz` looks for more, and longer.
echo "== fuzz targets"
passed=0
for target in "$build"/tests/fuzz/fuzz_*; do
    if is_program "$target"; then run "$target" "tests/fuzz/corpus/$(basename "$target")" 5000; fi
done
echo "$passed fuzz targets passed, $failed programs failed"
if [ "$failed" -gt 0 ]; then exit 1; fi

echo "== integration tests"
# Two at a time whatever the machine: each has servers of its own.
exec /usr/bin/python3 -m pytest -q -n "${JOBS:-2}" -p no:cacheprovider tests
