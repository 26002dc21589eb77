#!/usr/bin/env bash
# The demo: demo.sh start|stop|clean
#
# start: builds, starts a private PostgreSQL, the Data Service and Automation, loads the sample fleet and deploys an
# application to it. Everything it makes is in .demo/ (and PostgreSQL's data, see scripts/postgres.sh). Start again resumes.
set -euo pipefail
cd "$(dirname "$0")/.."

state=.demo
build=${BUILD:-build}
samples=examples/retailer

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
if [ ! -t 1 ] || [ -n "${NO_COLOR:-}" ]; then say() { printf '\n%s\n' "$*"; }; fi

# Whether the program that we started, and no other, still has this process id.
alive() {
    local pid_file=$state/$1.pid pid
    [ -f "$pid_file" ] || return 1
    pid=$(cat "$pid_file")
    [ "$(readlink "/proc/$pid/exe" 2>/dev/null)" = "$(readlink -f "$build/$1")" ] ||
        [ "$(readlink "/proc/$pid/exe" 2>/dev/null)" = "$(readlink -f "$build/$1") (deleted)" ]
}

end() {
    alive "$1" || { rm -f "$state/$1.pid"; return 0; }
    local pid
    pid=$(cat "$state/$1.pid")
    kill "$pid"
    for _ in $(seq 100); do
        if ! kill -0 "$pid" 2>/dev/null; then break; fi
        sleep 0.1
    done
    if kill -0 "$pid" 2>/dev/null; then kill -KILL "$pid"; fi
    rm -f "$state/$1.pid"
}

# Ends a program that was built anew while it ran.
end_outdated() {
    if alive "$1" && [[ $(readlink "/proc/$(cat "$state/$1.pid")/exe") == *' (deleted)' ]]; then end "$1"; fi
}

# Starts a program in the background, apart from this terminal, logging to .demo/.
launch() {
    local program=$1
    shift
    setsid "$build/$program" "$@" </dev/null >>"$state/$program.log" 2>&1 &
    echo $! >"$state/$program.pid"
}

ready() {
    for _ in $(seq 300); do
        if [ -s "$state/api.port" ] && curl -fsS -o /dev/null "http://127.0.0.1:$(cat "$state/api.port")/readyz" 2>/dev/null; then
            return 0
        fi
        alive resedge-api || break
        sleep 0.1
    done
    echo "The Data Service did not get ready; the end of $state/resedge-api.log:" >&2
    tail -n 20 "$state/resedge-api.log" >&2
    exit 1
}

make_token() {
    local name=$1 role=$2 file=$state/$1.token
    [ -s "$file" ] && return 0
    (umask 077 && "$build/resedge-api" token create "$name" --role "$role" >"$file.new")
    mv "$file.new" "$file"
}

start_services() {
    end_outdated resedge-worker
    end_outdated resedge-api
    scripts/postgres.sh start "$state"
    RESEDGE_DATABASE_URL=$(scripts/postgres.sh owner-url "$state") "$build/resedge-api" migrate --serve-role resedge_serve \
        >"$state/migrate.log" 2>&1 || { cat "$state/migrate.log" >&2; exit 1; }
    RESEDGE_DATABASE_URL=$(scripts/postgres.sh url "$state")
    export RESEDGE_DATABASE_URL
    make_token admin admin
    make_token worker worker
    if ! alive resedge-api; then
        local port=0
        # The same port as last time, where it is still free, so that an open page goes on working.
        if [ -s "$state/api.port" ] && ! (exec 3<>"/dev/tcp/127.0.0.1/$(cat "$state/api.port")") 2>/dev/null; then
            port=$(cat "$state/api.port")
        fi
        rm -f "$state/api.port"
        launch resedge-api serve --listen "127.0.0.1:$port" --port-file "$state/api.port" --migrations migrations
    fi
    ready
    url=http://127.0.0.1:$(cat "$state/api.port")
    if ! alive resedge-worker; then
        launch resedge-worker --api-url "$url" --token-file "$state/worker.token" --data-dir "$state/worker" --name demo
    fi
    # Quoted, because the folders above may be called anything.
    cat >"$state/env" <<END
export RESEDGE_URL=$url
export RESEDGE_TOKEN_FILE=$(printf %q "$PWD/$state/admin.token")
export PATH=$(printf %q "$PWD/$build"):\$PATH
END
}

seed_repository() {
    [ -d "$state/gitops.git" ] && return 0
    rm -rf "$state/gitops.new" "$state/checkout.new"
    git init -q --bare --initial-branch=main "$state/gitops.new"
    git init -q --initial-branch=main "$state/checkout.new"
    cp -R "$samples/apps" "$samples/policies" "$state/checkout.new/"
    git -C "$state/checkout.new" add -A
    git -C "$state/checkout.new" -c user.name='Tidewater platform team' -c user.email=platform@tidewater.example \
        commit -q -m 'Templates of the sample applications'
    git -C "$state/checkout.new" push -q "../gitops.new" main
    rm -rf "$state/checkout.new"
    mv "$state/gitops.new" "$state/gitops.git"
}

# The sample's target, with the place of our repository, which is escaped for YAML.
write_target() {
    local path=$PWD/$state/gitops.git text
    path=${path//\\/\\\\}
    path=${path//\"/\\\"}
    text=$(<"$samples/target.yaml")
    printf '%s\n' "${text//@URL@/"$path"}" >"$state/target.yaml"
}

show() {
    local repository=$state/gitops.git folder
    say "The newest commits of the GitOps repository"
    git -C "$repository" --no-pager log --no-color -4 --format='%h %an: %s'
    say "Where price-book runs now"
    git -C "$repository" ls-tree -r --name-only main | sed -n 's|^clusters/../\([^/]*\)/pricing/price-book/base/deployment.yaml|  \1|p'
    folder=clusters/$(printf %s me-portland-0101 | sha1sum | cut -c1-2)/me-portland-0101
    say "One rendered file: $folder/pricing/price-book/base/deployment.yaml"
    git -C "$repository" show "main:$folder/pricing/price-book/base/deployment.yaml" | sed -n '1,32p'
    say "How to go on"
    cat <<END
  . "$PWD/$state/env"                       # finds the CLI, the server and your token
  resedge get clusters                      # or: groups, namespaces, applications, policies, targets
  resedge set expression pricing '/g/rings/canary or /g/rings/early'
  resedge jobs --watch                      # the work, as it happens
  git -C "$PWD/$repository" log -p main     # what each store is told to run

  API: $url   to read and try: $url/docs   logs: $state/*.log
  stop: make demo-stop   resume: make demo   remove: make demo-clean
END
}

start() {
    scripts/deps.sh demo
    say "Building"
    make -s -j"$(nproc)" BUILD="$build" all
    # Only the page at /docs needs it; everything else works without.
    if command -v npm >/dev/null; then scripts/docs-page.sh build/docs-page || true; fi
    mkdir -p "$state"
    chmod 700 "$state"
    say "Starting PostgreSQL, the Data Service and Automation"
    start_services
    # shellcheck source=/dev/null
    . "$state/env"
    echo "  $url"
    seed_repository
    if [ ! -e "$state/loaded" ]; then
        say "Loading the sample fleet"
        write_target
        resedge apply -f "$state/target.yaml"
        resedge apply -f "$samples/fleet.yaml" --wait
        say "Deploying: namespace pricing to the canary stores"
        resedge set expression pricing '/g/rings/canary' --yes --wait
        touch "$state/loaded"
    fi
    show
}

stop() {
    end resedge-worker
    end resedge-api
    if [ -f "$state/postgres.home" ]; then scripts/postgres.sh stop "$state"; fi
}

case ${1:-start} in
start) start ;;
stop) stop ;;
clean)
    stop
    if [ -f "$state/postgres.home" ]; then scripts/postgres.sh clean "$state"; fi
    rm -rf "$state"
    ;;
*) echo "usage: $0 start|stop|clean" >&2; exit 2 ;;
esac
