#!/usr/bin/env bash
# Runs every benchmark program: bench.sh BUILD_FOLDER. Each prints its figures beside those of a named reference.
set -euo pipefail
cd "$(dirname "$0")/.."

for program in "$1"/tests/bench/bench_*; do
    if [[ $program == *.o || $program == *.d ]]; then continue; fi
    echo "== $(basename "$program")"
    "$program"
done
