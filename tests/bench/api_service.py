"""What the service costs as a whole: expressions over HTTP, the start with a fleet, memory, and whether it stays flat while it is used.

    python3 tests/bench/api_service.py [CLUSTERS] [SOAK_SECONDS]

The soak reads, lists, evaluates and writes all the time; its figure is how much memory grew between the first tenth and the end.
"""

import http.client
import itertools
import json
import statistics
import sys
import threading
import time

from api_fleet import CLUSTERS, loaded, report

EXPRESSION = "/g/stores/region-3 or /t/ring-1 and not /m/size/3 or /g/franchise-7 and /m/region/region-2"


class Connection:
    """Kept alive, as clients do."""

    def __init__(self, bench):
        self.http = http.client.HTTPConnection("127.0.0.1", bench.api.port)
        self.headers = {"Authorization": f"Bearer {bench.token}", "Content-Type": "application/json"}

    def ms(self, method, path, body=None):
        begin = time.perf_counter()
        self.http.request(method, path, body=json.dumps(body) if body is not None else None, headers=self.headers)
        answer = self.http.getresponse()
        answer.read()
        elapsed = (time.perf_counter() - begin) * 1000
        assert answer.status == 200, answer.status
        return elapsed


def expressions(bench, repetitions=200):
    connection = Connection(bench)
    point = statistics.median(connection.ms("GET", "/api/v1/clusters/4711") for _ in range(repetitions))
    times = [connection.ms("POST", "/api/v1/expressions/evaluate", {"expression": EXPRESSION, "limit": 100}) for _ in range(repetitions)]
    report("evaluate_over_http", statistics.median(times), "ms", "<=", 5, point, repetitions)


def starts(bench, repetitions=5):
    """From the start of the process to the first 200 of /readyz; the reference is the same with no fleet to load."""
    def start_ms(api):
        begin = time.perf_counter()
        api.start()
        return (time.perf_counter() - begin) * 1000
    times = []
    for _ in range(repetitions):
        assert bench.api.stop() == 0
        times.append(start_ms(bench.api))
    empty = bench.empty_api()
    reference = []
    for _ in range(repetitions):
        reference.append(start_ms(empty))
        assert empty.stop() == 0
    report("start_to_ready", statistics.median(times), "ms", "<=", 500, statistics.median(reference), repetitions)
    report("memory_after_start", bench.memory_mb(), "MB", "<=", 150, 0, 1)


def use(bench, kind, stop):
    connection = Connection(bench)
    for number in itertools.count():
        if stop.is_set():
            return
        cluster = f"/api/v1/clusters/{1 + number * 7919 % 1000}"
        if kind == "read":
            connection.ms("GET", cluster)
        elif kind == "list":
            connection.ms("GET", "/api/v1/clusters?$top=1000&$filter=environment%20eq%20'Test'")
        elif kind == "evaluate":
            connection.ms("POST", "/api/v1/expressions/evaluate", {"expression": EXPRESSION})
        else:
            connection.ms("PATCH", cluster, {"description": f"number {number}"})


def soak(bench, seconds):
    stop = threading.Event()
    threads = [threading.Thread(target=use, args=(bench, kind, stop)) for kind in ("read", "list", "evaluate", "write")]
    for thread in threads:
        thread.start()
    time.sleep(seconds / 10)
    early = bench.memory_mb()
    time.sleep(seconds - seconds / 10)
    late = bench.memory_mb()
    stop.set()
    for thread in threads:
        thread.join()
    report("soak_memory_growth", max(0.0, late - early), "MB", "<=", 5, early, 1)
    report("peak_memory_in_use", bench.memory_mb("VmHWM"), "MB", "<=", 150, early, 1)


def main():
    with loaded(int(sys.argv[1]) if len(sys.argv) > 1 else CLUSTERS) as bench:
        expressions(bench)
        starts(bench)
        soak(bench, int(sys.argv[2]) if len(sys.argv) > 2 else 600)


if __name__ == "__main__":
    main()
