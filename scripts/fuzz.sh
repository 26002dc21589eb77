#!/usr/bin/env bash
# Runs every fuzz target for a while: fuzz.sh BUILD_FOLDER SECONDS. Its corpus in tests/fuzz/corpus/<name>/ is read, not
# written; what is found anew stays in the build folder.
set -euo pipefail
cd "$(dirname "$0")/.."

build=$1
seconds=$2
for program in "$build"/tests/fuzz/fuzz_*; do
    if [[ $program == *.o || $program == *.d ]]; then continue; fi
    name=$(basename "$program")
    mkdir -p "$build/corpus/$name"
    seeds=()
    if [ -d "tests/fuzz/corpus/$name" ]; then seeds=("tests/fuzz/corpus/$name"); fi
    echo "== $name, $seconds s"
    if ! "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=0 -verbosity=0 \
        -artifact_prefix="$build/$name-" "$build/corpus/$name" "${seeds[@]}" 2>"$build/$name.log"; then
        tail -n 40 "$build/$name.log" >&2
        exit 1
    fi
done
