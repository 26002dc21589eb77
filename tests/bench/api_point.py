"""How fast one object is read: GET /clusters/{id} with token, log and metrics, beside `pgbench -S -M prepared` on the same PostgreSQL.

    python3 tests/bench/api_point.py [--clusters N] [--seconds S] [--repetitions R] [--tls]

Needs wrk and pgbench. Ends with lines BENCH <name> <value> <unit> <<=|>=> <bar> <reference value> <repetitions> <ok|short>.
"""

import argparse
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from resedge_test import servers  # noqa: E402
from resedge_test.certificate import Certificate  # noqa: E402
from resedge_test.postgres import Postgres  # noqa: E402

CONNECTIONS = 16
METADATA = 6
GROUPS = 2000

LUA = """
math.randomseed(os.time())
function request()
    return wrk.format("GET", "/api/v1/clusters/" .. math.random(1, {count}), {{ Authorization = "Bearer {token}" }})
end
function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("RESULT %f %f %f %d\\n", summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000,
                           latency:percentile(99) / 1000, errors.status + errors.connect + errors.read + errors.timeout))
end
"""


def fleet(count):
    """An inventory: clusters with metadata and three groups each."""
    groups = [{"name": f"g{n}"} for n in range(GROUPS)]
    clusters = [{"name": f"store-{n:05d}", "groups": [f"/g{n % GROUPS}", f"/g{n * 7 % GROUPS}", f"/g{n * 13 % GROUPS}"], "environment": "prod",
                 "metadata": [{"key": f"key{k}", "value": f"value-{n * k % 97}"} for k in range(METADATA)], "tags": ["bench"]} for n in range(count)]
    return {"targets": [{"name": "west", "url": "/srv/git/west.git"}], "groups": groups, "clusters": clusters}


def load(admin, count):
    inventory = fleet(count)
    first = {"targets": inventory["targets"], "groups": inventory["groups"]}
    admin.post("/api/v1/apply", first, timeout=600)
    for start in range(0, count, 20000):
        admin.post("/api/v1/apply", {"clusters": inventory["clusters"][start:start + 20000]}, timeout=600)


def wrk(url, script, seconds):
    """Requests a second, the median and the 99th percentile in ms."""
    out = subprocess.run(["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", script, url], capture_output=True, text=True, check=True).stdout
    rate, median, p99, errors = re.search(r"RESULT (\S+) (\S+) (\S+) (\S+)", out).groups()
    assert errors == "0", out
    return float(rate), float(median), float(p99)


def pgbench(postgres, database, seconds):
    out = postgres._run("pgbench", "-n", "-S", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2", "-T", str(seconds),
                        "-h", str(postgres.folder), "-U", "postgres", database)
    return float(re.search(r"tps = ([0-9.]+)", out).group(1))


class Lists:
    """A client that reads all clusters, again and again."""

    def __init__(self, admin):
        self.admin, self.ended, self.count = admin, threading.Event(), 0
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.ended.is_set():
            self.admin.request("GET", "/api/v1/clusters?$top=1000", headers={"Accept": "application/json"}, timeout=120)
            self.count += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def report(name, value, unit, operator, bar, reference, repetitions):
    good = value >= bar if operator == ">=" else value <= bar
    print(f"BENCH {name} {value:.3f} {unit} {operator} {bar:g} {reference:.1f} {repetitions} {'ok' if good else 'short'}", flush=True)


def measure(api, admin, postgres, pg_database, folder, options):
    script = folder / "point.lua"
    script.write_text(LUA.format(count=options.clusters, token=admin.token))
    url = f"{'https' if options.tls else 'http'}://127.0.0.1:{api.port}"
    wrk(url, script, 2)
    ratios, references, p99s, streaming = [], [], [], []
    for _ in range(options.repetitions):
        reference = pgbench(postgres, pg_database, options.seconds)
        rate, median, p99 = wrk(url, script, options.seconds)
        with Lists(admin) as lists:
            busy_rate, _, busy_p99 = wrk(url, script, options.seconds)
        print(f"{rate:.0f}/s (median {median:.2f} ms, p99 {p99:.2f} ms), pgbench {reference:.0f}/s; beside {lists.count} lists {busy_rate:.0f}/s, p99 {busy_p99:.2f} ms",
              flush=True)
        ratios.append(rate / reference)
        references.append(reference)
        p99s.append(p99)
        streaming.append(busy_p99)
    reference = statistics.median(references)
    report("api-point-rate", statistics.median(ratios), "x", ">=", 0.5, reference, options.repetitions)
    report("api-point-p99", statistics.median(p99s), "ms", "<=", 10, reference, options.repetitions)
    report("api-point-p99-beside-lists", statistics.median(streaming), "ms", "<=", 10, reference, options.repetitions)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clusters", type=int, default=60000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--tls", action="store_true")
    options = parser.parse_args()
    postgres = Postgres("shared_buffers=256MB")
    try:
        with tempfile.TemporaryDirectory(prefix="resedge-bench-") as name:
            folder = pathlib.Path(name)
            database, pg_database = postgres.create_database(), postgres.create_database()
            servers.migrate(postgres, database)
            postgres._run("pgbench", "-i", "-q", "-s", "1", "-h", str(postgres.folder), "-U", "postgres", pg_database)
            certificate = Certificate(folder)
            api = servers.Api(folder, postgres.url(database), *(certificate.args if options.tls else ()))
            api.tls = certificate.trust() if options.tls else None
            admin = api.start().client("admin")
            load(admin, options.clusters)
            postgres.sql("vacuum analyze", database)
            measure(api, admin, postgres, pg_database, folder, options)
            assert api.stop() == 0
    finally:
        postgres.remove()


if __name__ == "__main__":
    main()
