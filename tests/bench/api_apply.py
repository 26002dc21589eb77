#!/usr/bin/env python3
"""POST /apply of a whole fleet into an empty database, beside COPY of the same rows: time, the fleet lock, writes meanwhile, memory.

  RESEDGE_BUILD=build tests/bench/api_apply.py [--clusters 60000] [--groups 2000] [--runs 3]
"""

import argparse
import json
import pathlib
import random
import re
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from api_fleet import report  # noqa: E402
from resedge_test import servers  # noqa: E402
from resedge_test.postgres import Postgres  # noqa: E402

API = "/api/v1"
TABLES = ("targets", "metadata_keys", "groups", "clusters", "cluster_groups")


def inventory(clusters, groups):
    """Regions, districts and rings; each cluster in three groups with six metadata values. The same for the same numbers."""
    rng = random.Random(4711)
    regions = [f"region-{n}" for n in range(20)]
    districts = [(f"district-{n}", regions[n % len(regions)]) for n in range(groups - len(regions) - 12)]
    rings = [f"ring-{n}" for n in range(10)]
    tree = [{"name": "stores"}, {"name": "rings"}]
    tree += [{"name": name, "parent": "/stores"} for name in regions]
    tree += [{"name": name, "parent": f"/stores/{parent}"} for name, parent in districts]
    tree += [{"name": name, "parent": "/rings"} for name in rings]
    paths = [f"/stores/{parent}/{name}" for name, parent in districts]
    return {
        "targets": [{"name": "fleet", "url": "/srv/git/fleet.git"}],
        "groups": tree,
        "clusters": [{
            "name": f"store-{n:05}", "store": f"{n:05}", "environment": "production", "timeZone": "America/Chicago",
            "tags": ["kiosk"] if n % 3 else ["fuel", "kiosk"],
            "groups": [rng.choice(paths), rng.choice(paths), f"/rings/{rings[n % len(rings)]}"],
            "metadata": {"lanes": str(rng.randrange(1, 30)), "size": rng.choice("SML"), "manager": f"person-{rng.randrange(5000)}",
                         "opened": f"20{rng.randrange(10, 26)}-0{rng.randrange(1, 10)}-01", "phone": f"+1-555-{rng.randrange(10**7):07}",
                         "terminal": rng.choice(("ab-1", "ab-2", "cd-7"))},
        } for n in range(clusters)],
    }


def copy_seconds(postgres, source, folder):
    """How long COPY takes into empty tables with the same indexes and constraints."""
    name = postgres.create_database()
    servers.migrate(postgres, name)
    for table in TABLES:
        postgres.sql(f"copy {table} to '{folder}/{table}.copy'", source)
    postgres.sql("delete from metadata_keys", name)
    start = time.monotonic()
    postgres.sql("begin; " + "; ".join(f"copy {table} from '{folder}/{table}.copy'" for table in TABLES) + "; commit", name)
    seconds = time.monotonic() - start
    postgres.drop_database(name)
    return seconds


class Patcher(threading.Thread):
    """Writes to one cluster all the time, and notes how long each takes."""

    def __init__(self, client, path):
        super().__init__()
        self.client, self.path, self.spans, self.stopped = client, path, [], threading.Event()

    def run(self):
        n = 0
        while not self.stopped.is_set():
            n += 1
            start = time.monotonic()
            answer = self.client.request("PATCH", self.path, {"description": str(n)})
            assert answer.status == 200, answer
            self.spans.append((start, time.monotonic()))
            self.stopped.wait(0.01)


class LockWatcher(threading.Thread):
    """The longest time in which the lock of the fleet was held: one session looks every few milliseconds, so as not to be in the way."""

    LOOK = """
        do $$
        declare longest float := 0; holder int; before int; since timestamptz;
        begin
            while not exists (select from watch) loop
                holder := (select min(pid) from pg_locks where locktype = 'advisory' and granted
                           and objid = (7271993002 & 4294967295)::bigint::oid
                           and database = (select oid from pg_database where datname = current_database()));
                if holder is distinct from before then
                    since := clock_timestamp();
                    before := holder;
                elsif holder is not null then
                    longest := greatest(longest, extract(epoch from clock_timestamp() - since));
                end if;
                perform pg_sleep(0.005);
            end loop;
            raise exception 'held %', longest;
        end $$"""

    def __init__(self, postgres, database):
        super().__init__()
        self.postgres, self.database, self.longest, self.stopped = postgres, database, 0.0, self
        postgres.sql("create table watch (stop boolean)", database)

    def set(self):
        self.postgres.sql("insert into watch values (true)", self.database)

    def run(self):
        try:
            self.postgres.sql(self.LOOK, self.database)
        except AssertionError as told:
            held = re.search(r"held ([0-9.]+)", str(told))
            self.longest = float(held.group(1)) if held else float("nan")


def memory_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0


def measure(postgres, database, api, body, busy):
    """Seconds of the apply, p99 of a PATCH meanwhile, seconds of the lock, MiB of memory."""
    admin = api.client("admin")
    watchers = [LockWatcher(postgres, database)]
    if busy:
        admin.post(f"{API}/targets", {"name": "fleet", "url": "/srv/git/fleet.git"})
        admin.post(f"{API}/clusters", {"name": "busy"})
        watchers.append(Patcher(api.client("admin", "patcher"), f"{API}/clusters/name:busy"))
    for watcher in watchers:
        watcher.start()
    start = time.monotonic()
    try:
        answer = admin.request("POST", f"{API}/apply", body, headers={"Content-Type": "application/json"}, timeout=600)
        seconds = time.monotonic() - start
    finally:
        for watcher in watchers:
            watcher.stopped.set()
            watcher.join()
    assert answer.status == 200, answer
    meanwhile = [end - begin for begin, end in (watchers[1].spans if busy else ()) if begin < start + seconds]
    patches = sorted(meanwhile) or [0]
    if busy:
        print(f"# {len(patches)} PATCHes meanwhile, the longest {patches[-1]:.2f} s")
    return seconds, patches[int(len(patches) * 0.99)], watchers[0].longest, memory_mib(api.pid)


def run(postgres, body, folder, busy):
    """What measure() gives, and the seconds of COPY."""
    database = postgres.create_database()
    servers.migrate(postgres, database)
    api = servers.Api(folder, postgres.url(database), name=f"api-{database}")
    api.start()
    try:
        measured = measure(postgres, database, api, body, busy)
    finally:
        api.stop()
    reference = copy_seconds(postgres, database, folder) if not busy else None
    postgres.drop_database(database)
    return (*measured, reference)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clusters", type=int, default=60000)
    parser.add_argument("--groups", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    body = json.dumps(inventory(options.clusters, options.groups)).encode()
    postgres = Postgres("shared_buffers=256MB", "max_wal_size=4GB")
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            folder.chmod(0o777)
            quiet = [run(postgres, body, folder, busy=False) for _ in range(options.runs)]
            busy = [run(postgres, body, folder, busy=True) for _ in range(options.runs)]
    finally:
        postgres.remove()

    def median(rows, i):
        return statistics.median(row[i] for row in rows)
    copied = median(quiet, 4)
    print(f"# {options.clusters} clusters, a body of {len(body) / 2**20:.1f} MiB: apply {median(quiet, 0):.2f} s, COPY {copied:.2f} s")
    report("apply_seconds", median(quiet, 0), "s", "<=", 4 * copied, copied, options.runs)
    report("apply_lock_seconds", median(busy, 2), "s", "<=", 2, copied, options.runs)
    report("apply_patch_p99_seconds", median(busy, 1), "s", "<=", 2.5, copied, options.runs)
    report("apply_memory", max(row[3] for row in quiet + busy), "MiB", "<=", 150, len(body) / 2**20, options.runs)


if __name__ == "__main__":
    main()
