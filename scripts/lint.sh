#!/usr/bin/env bash
# Style and likely bugs: formatting, warnings of gcc and clang as errors, clang-tidy, shellcheck, the chart.
# shellcheck disable=SC2317  # the functions are called through check
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0
check() {
    echo "== $1"
    shift
    if ! "$@"; then failed=1; fi
}
c_files() { git ls-files -z '*.c' '*.h'; }
format() { c_files | xargs -0 clang-format --dry-run -Werror; }
# What is released at the end of a scope must be safe to release from its first line on.
initialised() { ! git grep -nE 'RSE_(BUF|BITMAP)_AUTO [^=]*;' -- '*.c' '*.h'; }
shell() { git ls-files -z '*.sh' .ci/run | xargs -0 shellcheck; }
tidy() { # which checks: .clang-tidy
    local flags
    read -ra flags < <(pkg-config --cflags libevent libpq libcjson libgit2 libcurl openssl yaml-0.1 libdeflate)
    git ls-files -z 'libresedge/*.c' 'api-server/*.c' 'automation-worker/*.c' 'cli/*.c' |
        xargs -0 -P "$(nproc)" -I{} clang-tidy --quiet --warnings-as-errors='*' {} -- -std=gnu11 -D_GNU_SOURCE \
            -DRSE_VERSION='"0"' -Ilibresedge/include -I. "${flags[@]}" 2> >(grep -v 'warnings\? generated' >&2)
}
chart() {
    scripts/kube-tools.sh build/tools
    build/tools/helm lint --strict --quiet charts/resedge
}

check 'formatting (make format puts it right)' format
check 'scoped buffers are initialised' initialised
check 'shell scripts' shell
check 'gcc' make -s -j"$(nproc)" BUILD=build/lint-gcc CC=gcc WERROR=1 all unit-tests
check 'clang' make -s -j"$(nproc)" BUILD=build/lint-clang CC=clang WERROR=1 all unit-tests
check 'clang-tidy' tidy
check 'chart' chart
exit $failed
