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

echo "== unit tests"
failed=0
passed=0
for test in "$build"/tests/unit/*/test_*; do
    if [ ! -x "$test" ] || [ -d "$test" ] || [[ $test == *.o || $test == *.d ]]; then continue; fi
    if output=$("$test" 2>&1); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s\n' "$output"
        echo "FAILED: $test"
    fi
done
echo "$passed unit test programs passed, $failed failed"
if [ "$failed" -gt 0 ]; then exit 1; fi

echo "== integration tests"
# Two at a time whatever the machine: each has servers of its own.
exec /usr/bin/python3 -m pytest -q -n "${JOBS:-2}" -p no:cacheprovider tests
