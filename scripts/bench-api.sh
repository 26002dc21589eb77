#!/usr/bin/env bash
# The Data Service at full size: bench-api.sh BUILD_FOLDER. About half an hour, most of it the soak (SOAK_SECONDS, 600).
# The lines that count (BENCH ...) come together at the end; the exit status is 0 though some be short of their bar.
set -euo pipefail
cd "$(dirname "$0")/.."

build=$1
RESEDGE_BUILD=$PWD/$build
export RESEDGE_BUILD
results=$(mktemp)
trap 'rm -f "$results"' EXIT

"$build/tests/bench/bench_expr" | tee -a "$results"
for part in 'api_point.py' 'api_lists.py' 'api_apply.py' "api_service.py 60000 ${SOAK_SECONDS:-600}"; do
    echo "== $part"
    # shellcheck disable=SC2086
    /usr/bin/python3 tests/bench/$part | tee -a "$results"
done
echo "== results"
grep '^BENCH ' "$results"
