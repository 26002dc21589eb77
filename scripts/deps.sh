#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that a task needs and that are missing: deps.sh build|demo|check|bench|clang|lint
# Says what and why first; asks for sudo only when there is something to install and you are not root.
set -euo pipefail

build='gcc make pkg-config libevent-dev libpq-dev libcjson-dev libgit2-dev libcurl4-openssl-dev libssl-dev libyaml-dev
       zlib1g-dev libdeflate-dev'
case "${1:-build}" in
build) packages=$build why='to compile Res-Edge' ;;
demo) packages="$build curl git postgresql tzdata util-linux" why='to build and run the demo' ;;
check) packages="$build git postgresql tzdata util-linux libcmocka-dev python3 python3-pytest python3-pytest-xdist python3-yaml
       bash curl zsh fish groff-base python3-jsonschema python3-venv
       nginx-light fcgiwrap openssh-server openssh-client openssl"
       why='to build Res-Edge and run its tests' ;;
bench) packages="$build postgresql tzdata util-linux python3 openssl curl wrk" why='to measure the Data Service' ;;
clang) packages="clang libclang-rt-dev llvm" why='to build with clang and its sanitizers' ;;
lint) packages="$build clang clang-format clang-tidy shellcheck libcmocka-dev" why='to check the style of the sources' ;;
*) echo "usage: $0 build|demo|check|bench|clang|lint" >&2; exit 2 ;;
esac
# The tests also need npm, for the real kubectl and helm; any npm will do.
if [ "${1:-}" = check ] && ! command -v npm >/dev/null; then packages="$packages npm"; fi
if [ "${1:-}" = check ] && ! command -v unzip >/dev/null; then packages="$packages unzip"; fi

missing=()
for package in $packages; do
    # A tool that is there by other means is as good as its package.
    case $package in
    gcc | make | git | npm | unzip | clang | clang-format | clang-tidy | shellcheck)
        if command -v "$package" >/dev/null; then continue; fi ;;
    pkg-config) if command -v pkg-config >/dev/null; then continue; fi ;;
    postgresql) if compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then continue; fi ;;
    esac
    if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" != installed ]; then
        missing+=("$package")
    fi
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

if ! command -v apt-get >/dev/null; then
    echo "These packages are needed $why, and this is no Debian or Ubuntu; install their like by hand:" >&2
    echo "  ${missing[*]}" >&2
    exit 1
fi
echo "Installing $why: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "Neither root nor sudo: ask an administrator to run  apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
# Only the server's programs are wanted, not a database service of the system's.
if [[ " ${missing[*]} " == *" postgresql "* ]] && [ ! -e /etc/postgresql-common/createcluster.d/no-main-cluster.conf ]; then
    "${as_root[@]}" mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' |
        "${as_root[@]}" tee /etc/postgresql-common/createcluster.d/no-main-cluster.conf >/dev/null
fi
install() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! install >"$log" 2>&1; then
    # Often just an old list of packages.
    if ! { "${as_root[@]}" apt-get update -q && install; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        echo "apt-get could not install the packages; what it said last is above." >&2
        exit 1
    fi
fi
