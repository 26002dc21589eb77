#!/usr/bin/env python3
"""The command line beside curl making the same request, and a long list: `make bench-cli`, CLUSTERS=6000 for a quick one.

Start to finish of `resedge get cluster NAME` is measured in pairs with curl, so that a busy machine is busy for both.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lib"))

from resedge_test import BUILD, servers  # noqa: E402
from resedge_test.postgres import Postgres  # noqa: E402

PAIRS, LISTS = 200, 5
CLUSTERS = int(os.environ.get("CLUSTERS", "60000"))


def bench(name, value, unit, bar, reference, repetitions):
    verdict = "ok" if value <= bar else "short"
    print(f"BENCH {name} {value:.3g} {unit} <= {bar:g} {reference:.3g} {repetitions} {verdict}", flush=True)
    return value <= bar


def load(client):
    client.post("/api/v1/apply", {"targets": [{"name": "edge", "url": "/srv/git/edge.git"}],
                                  "groups": [{"name": f"g{n}"} for n in range(100)]})
    for first in range(0, CLUSTERS, 10000):
        client.post("/api/v1/apply", {"clusters": [
            {"name": f"store-{n:05}", "target": "edge", "store": f"{n:05}", "groups": [f"/g{n % 100}", f"/g{(n + 7) % 100}"]}
            for n in range(first, min(first + 10000, CLUSTERS))]})


def seconds(command, env):
    began = time.perf_counter()
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def one_object(api, env, config):
    """Both write JSON to /dev/null; curl reads the token from a file too."""
    ours = [BUILD / "resedge", "get", "cluster", "store-00042", "-o", "json"]
    theirs = ["curl", "-sf", "-K", config, f"{api.url}/api/v1/clusters/name:store-00042"]
    pairs = []
    for i in range(PAIRS + 10):
        first, second = (ours, theirs) if i % 2 else (theirs, ours)
        times = {id(first): seconds(first, env), id(second): seconds(second, env)}
        pairs.append((times[id(ours)], times[id(theirs)]))
    pairs = pairs[10:]
    ratio = statistics.median(a / b for a, b in pairs)
    reference = statistics.median(b for _, b in pairs)
    print(f"  get cluster: {statistics.median(a for a, _ in pairs) * 1e3:.1f} ms, curl {reference * 1e3:.1f} ms")
    return bench("cli_get_cluster_over_curl", ratio, "x", 1.5, reference * 1e3, PAIRS)


def long_list(env):
    firsts, wholes, peaks = [], [], []
    for _ in range(LISTS):
        began = time.perf_counter()
        child = subprocess.Popen([BUILD / "resedge", "get", "clusters"], env=env, stdout=subprocess.PIPE)
        child.stdout.readline()
        firsts.append(time.perf_counter() - began)
        lines = sum(1 for _ in child.stdout)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        wholes.append(time.perf_counter() - began)
        peaks.append(usage.ru_maxrss / 1024)
        assert status == 0 and lines == CLUSTERS, (status, lines)
    whole = statistics.median(wholes)
    print(f"  {CLUSTERS} clusters as a table: {whole:.2f} s")
    begins = bench("cli_list_begins", statistics.median(firsts) * 1e3, "ms", 100, whole * 1e3, LISTS)
    return bench("cli_list_memory", max(peaks), "MB", 50, CLUSTERS, LISTS) and begins


def main():
    postgres = Postgres()
    try:
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            database = postgres.create_database()
            servers.migrate(postgres, database)
            api = servers.Api(folder, postgres.url(database)).start()
            token = api.make_token("admin")
            config = folder / "curl.conf"
            config.touch(0o600)
            config.write_text(f'header = "Authorization: Bearer {token}"\n')
            load(api.client("admin"))
            env = {**os.environ, "RESEDGE_URL": api.url, "RESEDGE_TOKEN": token, "HOME": str(folder)}
            ok = one_object(api, env, config)
            ok = long_list(env) and ok
            api.check_ended_well()
    finally:
        postgres.remove()
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
