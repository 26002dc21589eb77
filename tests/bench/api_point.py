"""How fast one object is read: GET /clusters/{id} with token, log and metrics on, beside `pgbench -S -M prepared` on the same PostgreSQL.

    python3 tests/bench/api_point.py [CLUSTERS] [SECONDS] [REPETITIONS]

Needs wrk and pgbench. All run on the same machine, so each takes the other's time: it should do nothing else meanwhile.
"""

import re
import statistics
import subprocess
import sys
import threading

from api_fleet import CLUSTERS, loaded, report

CONNECTIONS = 16

# The requests are made before the clock runs: making one takes wrk as long as sending it, on processors that it shares with the server.
LUA = """
local requests = {{}}
function init()
    math.randomseed(os.time())
    for id = 1, {count} do
        requests[id] = wrk.format("GET", "/api/v1/clusters/" .. id, {{ Authorization = "Bearer {token}" }})
    end
end
function request()
    return requests[math.random(#requests)]
end
function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("RESULT %f %f %f %d\\n", summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000,
                           latency:percentile(99) / 1000, errors.status + errors.connect + errors.read + errors.timeout))
end
"""


def wrk(url, script, seconds):
    """Requests a second, the median and the 99th percentile in ms."""
    out = subprocess.run(["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", script, url], capture_output=True, text=True, check=True).stdout
    rate, median, p99, errors = re.search(r"RESULT (\S+) (\S+) (\S+) (\S+)", out).groups()
    assert errors == "0", out
    return float(rate), float(median), float(p99)


class Pgbench:
    """The reference: its own tables, on the same server."""

    def __init__(self, postgres):
        self.postgres, self.database = postgres, postgres.create_database()
        self.run("-i", "-q", "-s", "1")

    def run(self, *args):
        return subprocess.run([self.postgres.bin / "pgbench", *args, self.postgres.url(self.database, "postgres")], capture_output=True, text=True, check=True).stdout

    def tps(self, seconds):
        out = self.run("-n", "-S", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2", "-T", str(seconds))
        return float(re.search(r"tps = ([0-9.]+)", out).group(1))


class Lists:
    """A client that streams all clusters, again and again."""

    def __init__(self, admin):
        self.admin, self.ended, self.count = admin, threading.Event(), 0
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.ended.is_set():
            self.admin.request("GET", "/api/v1/clusters", headers={"Accept": "application/x-ndjson"}, timeout=120)
            self.count += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def measure(bench, clusters, seconds, repetitions):
    script, url, pgbench = bench.folder / "point.lua", f"http://127.0.0.1:{bench.api.port}", Pgbench(bench.postgres)
    script.write_text(LUA.format(count=clusters, token=bench.token))
    wrk(url, script, 2)
    ratios, references, p99s, busy_p99s = [], [], [], []
    for _ in range(repetitions):
        reference = pgbench.tps(seconds)
        rate, median, p99 = wrk(url, script, seconds)
        with Lists(bench.admin) as lists:
            busy_rate, _, busy_p99 = wrk(url, script, seconds)
        print(f"{rate:.0f}/s (median {median:.2f} ms, p99 {p99:.2f} ms), pgbench {reference:.0f}/s; beside {lists.count} lists {busy_rate:.0f}/s, p99 {busy_p99:.2f} ms", flush=True)
        ratios.append(rate / reference)
        references.append(reference)
        p99s.append(p99)
        busy_p99s.append(busy_p99)
    reference = statistics.median(references)
    report("point_read_rate", statistics.median(ratios), "x", ">=", 0.5, reference, repetitions)
    report("point_read_p99", statistics.median(p99s), "ms", "<=", 10, reference, repetitions)
    report("point_read_p99_beside_lists", statistics.median(busy_p99s), "ms", "<=", 10, reference, repetitions)


def main():
    clusters, seconds, repetitions = (int(value) for value in (sys.argv[1:] + [CLUSTERS, 10, 3][len(sys.argv) - 1:]))
    with loaded(clusters) as bench:
        measure(bench, clusters, seconds, repetitions)


if __name__ == "__main__":
    main()
