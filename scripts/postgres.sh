#!/usr/bin/env bash
# A private PostgreSQL: postgres.sh start|stop|clean|url|owner-url STATE_DIR
#
# No system service, no TCP port: a data folder and a Unix socket of its own, both closed to everybody else. PostgreSQL refuses to
# run as root, so for root an unprivileged user runs it, and the data lives where that user can reach it. STATE_DIR remembers
# where: STATE_DIR/postgres.home.
set -euo pipefail

command=${1:?start, stop, clean, url or owner-url}
state=${2:?the state folder}
home_file=$state/postgres.home

bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
if [ -z "$bin" ] && command -v initdb >/dev/null; then bin=$(dirname "$(command -v initdb)"); fi

as_owner() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups env HOME="$home" "$@")
    else
        "$@"
    fi
}

owner=$(id -un)
if [ "$owner" = root ]; then
    if id postgres >/dev/null 2>&1; then owner=postgres; else owner=nobody; fi
fi
home=
if [ -f "$home_file" ]; then home=$(cat "$home_file"); fi

make_home() {
    # Short, because a Unix socket's path has at most 107 bytes; outside the checkout, because root's may be closed to the owner.
    home=$(mktemp -d /var/tmp/resedge-pg-XXXXXX)
    chmod 700 "$home"
    if [ "$(id -u)" -eq 0 ]; then chown "$owner:$(id -g "$owner")" "$home"; fi
    mkdir -p "$state"
    echo "$home" >"$home_file"
}

running() { [ -n "$home" ] && [ -d "$home/data" ] && as_owner "$bin/pg_ctl" -D "$home/data" status >/dev/null 2>&1; }

case $command in
start)
    [ -n "$bin" ] || { echo "PostgreSQL's server programs are missing: run scripts/deps.sh demo" >&2; exit 1; }
    if [ -z "$home" ] || [ ! -d "$home/data" ]; then
        make_home
        as_owner "$bin/initdb" -D "$home/data" -U resedge --auth=trust -E UTF8 --locale=C.UTF-8 >"$state/postgres-init.log" 2>&1 ||
            { cat "$state/postgres-init.log" >&2; exit 1; }
    fi
    if ! running; then
        as_owner "$bin/pg_ctl" -D "$home/data" -l "$home/log" -w -t 60 \
            -o "-c listen_addresses='' -c unix_socket_directories=$home -c unix_socket_permissions=0700" start >/dev/null ||
            { tail -n 20 "$home/log" >&2; exit 1; }
    fi
    if ! as_owner "$bin/psql" -h "$home" -U resedge -d resedge -Atc 'select 1' >/dev/null 2>&1; then
        as_owner "$bin/createdb" -h "$home" -U resedge resedge
    fi
    ;;
stop)
    if running; then as_owner "$bin/pg_ctl" -D "$home/data" -m fast -w stop >/dev/null; fi
    ;;
clean)
    if running; then as_owner "$bin/pg_ctl" -D "$home/data" -m immediate -w stop >/dev/null; fi
    case $home in
    /var/tmp/resedge-pg-*) rm -rf "$home" ;;
    esac
    rm -f "$home_file"
    ;;
url | owner-url)
    [ -n "$home" ] || { echo "not started yet" >&2; exit 1; }
    if [ "$command" = url ]; then user=resedge_serve; else user=resedge; fi
    echo "host=$home user=$user dbname=resedge"
    ;;
*)
    echo "usage: $0 start|stop|clean|url|owner-url STATE_DIR" >&2
    exit 2
    ;;
esac
