"""A Data Service with a made-up retailer: 60,000 clusters with 6 metadata keys each, 2,000 groups. The same every time."""

import contextlib
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))

from resedge_test import servers  # pylint: disable=wrong-import-position
from resedge_test.postgres import Postgres  # pylint: disable=wrong-import-position

CLUSTERS = 60_000
PIECE = 10_000  # clusters in one inventory: what is measured here is not the write
REGIONS, STATES, CITIES, FRANCHISES = 10, 10, 18, 89


class BigPostgres(Postgres):
    """With the memory that a server has; and nothing that comes when it likes."""
    SETTINGS = ("listen_addresses=''", "fsync=off", "full_page_writes=off", "unix_socket_permissions=0700", "max_connections=200", "shared_buffers=512MB",
                "autovacuum=off", "max_wal_size=4GB", "maintenance_work_mem=256MB")


def groups():
    """1 + 10 + 100 + 1,800 groups of places, and 89 franchises: 2,000."""
    yield {"name": "stores"}
    for region in range(REGIONS):
        yield {"name": f"region-{region}", "parent": "/stores"}
        for state in range(STATES):
            yield {"name": f"state-{state}", "parent": f"/stores/region-{region}"}
            for city in range(CITIES):
                yield {"name": f"city-{city}", "parent": f"/stores/region-{region}/state-{state}"}
    for franchise in range(FRANCHISES):
        yield {"name": f"franchise-{franchise}"}


def cluster(number):
    region, state, city = number % REGIONS, number // REGIONS % STATES, number // 100 % CITIES
    return {
        "name": f"region-{region}-state-{state}-{number:05}", "store": f"{number:05}", "environment": "Test" if number % 10 == 7 else "Prod",
        "timeZone": "America/Chicago", "tags": [f"ring-{number % 4}", f"wave-{number % 100}"],
        "groups": [f"/stores/region-{region}/state-{state}/city-{city}", f"/franchise-{number % FRANCHISES}"],
        "metadata": {"address": f"10.{region}.{number // 10}.1", "city": f"city-{city}", "number": str(number), "region": f"region-{region}",
                     "size": str(number % 7), "state": f"state-{state}"},
        "location": {"latitude": 25 + number % 2400 / 100, "longitude": -120 + number % 5000 / 100},
        "capacity": {"memoryLimit": 8192 * (1 + number % 3), "cpuLimit": 4 + number % 3 * 2},
    }


def inventory():
    """All but the clusters."""
    return {"targets": [{"name": "main", "url": "/srv/git/main.git"}], "groups": list(groups()),
            "namespaces": [{"name": f"ns-{number}", "expression": f"/t/ring-{number % 4} and /g/stores/region-{number % REGIONS}"} for number in range(50)],
            "applications": [{"name": f"app-{number}", "namespace": f"ns-{number % 50}", "path": f"apps/app-{number}"} for number in range(100)]}


class Bench:
    """A server that is loaded: api (resedge_test.servers.Api), admin (its client), token, postgres, database, applied_s."""

    def __init__(self, folder, postgres, clusters):
        self.folder, self.postgres = folder, postgres
        self.database = postgres.create_database()
        servers.migrate(postgres, self.database)
        self.api = servers.Api(folder, postgres.url(self.database)).start()
        self.admin = self.api.client("admin")
        self.token = self.admin.token
        begin = time.perf_counter()
        self.admin.post("/api/v1/apply", inventory(), timeout=600)
        for first in range(0, clusters, PIECE):
            self.admin.post("/api/v1/apply", {"clusters": [cluster(number) for number in range(first, min(first + PIECE, clusters))]}, timeout=600)
        self.applied_s = time.perf_counter() - begin
        postgres.sql("vacuum analyze", self.database)

    def empty_api(self):
        """A server on an empty database, not started."""
        database = self.postgres.create_database()
        servers.migrate(self.postgres, database)
        return servers.Api(self.folder, self.postgres.url(database), name="resedge-api-empty")

    def memory_mb(self, what="VmRSS"):
        for line in pathlib.Path(f"/proc/{self.api.child.pid}/status").read_text().splitlines():
            if line.startswith(what + ":"):
                return int(line.split()[1]) / 1024
        raise AssertionError(what)


@contextlib.contextmanager
def loaded(clusters=CLUSTERS):
    postgres = BigPostgres()
    try:
        with tempfile.TemporaryDirectory(prefix="resedge-bench-") as folder:
            bench = Bench(pathlib.Path(folder), postgres, clusters)
            yield bench
            bench.api.check_ended_well()
    finally:
        postgres.remove()


def report(name, value, unit, direction, bar, reference, repetitions):
    """The one line of a row; value and reference as they were measured, the median of the repetitions."""
    ok = value <= bar if direction == "<=" else value >= bar
    print(f"BENCH {name} {value:.3g} {unit} {direction} {bar:g} {reference:.3g} {repetitions} {'ok' if ok else 'short'}", flush=True)
