"""What lists cost: the first byte of a filtered page, a stream of all clusters, and point reads meanwhile.

    python3 tests/bench/api_lists.py [CLUSTERS]
"""

import http.client
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse

from api_fleet import CLUSTERS, loaded, report

PAGES = {
    "list_indexed": "environment eq 'Test'",
    "list_store": "store eq '04711'",
    "list_metadata": "metadata/any(m: m/key eq 'region' and m/value eq 'region-3')",
    "list_group": "groups/any(g: startswith(g,'/stores/region-3/state-4'))",
    "list_tag": "tags/any(t: t eq 'wave-42')",
}


class Connection:
    """Kept alive, as clients do."""

    def __init__(self, bench):
        self.http = http.client.HTTPConnection("127.0.0.1", bench.api.port)
        self.headers = {"Authorization": f"Bearer {bench.token}"}

    def first_byte_ms(self, path):
        begin = time.perf_counter()
        self.http.request("GET", path, headers=self.headers)
        answer = self.http.getresponse()
        answer.read(1)
        elapsed = (time.perf_counter() - begin) * 1000
        assert answer.status == 200, answer.read()
        answer.read()
        return elapsed


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def pages(bench, repetitions=200):
    """The first byte comes when the page is complete: the count stands behind the objects."""
    connection = Connection(bench)
    point = statistics.median(connection.first_byte_ms("/api/v1/clusters/4711") for _ in range(repetitions))
    for name, text in PAGES.items():
        path = "/api/v1/clusters?" + urllib.parse.urlencode({"$top": 100, "$filter": text})
        report(name, statistics.median(connection.first_byte_ms(path) for _ in range(repetitions)), "ms", "<=", 10, point, repetitions)


def copy_s(bench):
    begin = time.perf_counter()
    subprocess.run([bench.postgres.bin / "psql", "-X", "-q", "-d", bench.postgres.url(bench.database, "postgres"), "-c",
                    "COPY (SELECT row_to_json(c) FROM clusters c) TO STDOUT"], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def stream_s(bench, accept="application/x-ndjson"):
    begin = time.perf_counter()
    subprocess.run(["curl", "-sf", "-o", "/dev/null", "-H", f"Accept: {accept}", "-H", f"Authorization: Bearer {bench.token}", f"{bench.api.url}/api/v1/clusters"],
                   check=True)
    return time.perf_counter() - begin


def streams(bench, repetitions=7):
    for name, accept in (("list_ndjson_to_copy", "application/x-ndjson"), ("list_csv_to_copy", "text/csv")):
        pairs = [(copy_s(bench), stream_s(bench, accept)) for _ in range(repetitions)]
        reference = statistics.median(copy for copy, _ in pairs)
        # The bar is for NDJSON; a table costs more, and has none of its own.
        bar = 2 if accept == "application/x-ndjson" else 10
        report(name, statistics.median(stream for _, stream in pairs) / reference, "x", "<=", bar, reference, repetitions)


def reads_while_streaming(bench, seconds=10):
    stop = threading.Event()

    def stream():
        while not stop.is_set():
            stream_s(bench)

    threads = [threading.Thread(target=stream) for _ in range(2)]
    connection = Connection(bench)
    alone = [connection.first_byte_ms(f"/api/v1/clusters/{1 + number % 1000}") for number in range(1000)]
    before = bench.memory_mb()
    for thread in threads:
        thread.start()
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        times.append(connection.first_byte_ms(f"/api/v1/clusters/{1 + len(times) % 1000}"))
    stop.set()
    for thread in threads:
        thread.join()
    report("read_p99_while_lists_stream", percentile(times, 0.99), "ms", "<=", 10, percentile(alone, 0.99), len(times))
    report("list_stream_memory_growth", max(0.0, bench.memory_mb() - before), "MB", "<=", 10, before, len(times))


def main():
    with loaded(int(sys.argv[1]) if len(sys.argv) > 1 else CLUSTERS) as bench:
        print(f"# {bench.applied_s:.1f} s to apply, peak {bench.memory_mb('VmHWM'):.0f} MB", flush=True)
        pages(bench)
        streams(bench)
        reads_while_streaming(bench)


if __name__ == "__main__":
    main()
