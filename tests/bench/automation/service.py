"""Measures the real programs: the Data Service on a PostgreSQL that syncs, a worker, and a client in a hurry."""

import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import shutil
import statistics
import subprocess
import time

from resedge_test import servers
from resedge_test.postgres import Postgres
from resedge_test.wait import until

CHANGES, THREADS = 1000, 8


class SyncedPostgres(Postgres):
    """As in production: what is answered is on disk."""
    SETTINGS = ("listen_addresses=''", "unix_socket_permissions=0700", "max_connections=200", "shared_buffers=128MB")


class Worker(servers.Worker):
    def __init__(self, folder, api, name="worker"):
        super().__init__(folder, api, name=name)
        self.command[self.command.index("--lease") + 1] = "30s"


class Connection:
    """Kept open, as a client that sends many requests would."""

    def __init__(self, api, token):
        self.http = http.client.HTTPConnection("127.0.0.1", api.port, timeout=300)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def request(self, method, path, body=None):
        self.http.request(method, path, body=json.dumps(body) if body is not None else None, headers=self.headers)
        answer = self.http.getresponse()
        text = answer.read()
        assert answer.status < 300, f"{method} {path}: {answer.status} {text[:400]!r}"
        return json.loads(text) if text else None


def head_of(repository):
    """Where the branch stands: its file, which the worker renames into place after syncing it."""
    try:
        return (repository / "refs/heads/main").read_text()
    except FileNotFoundError:
        return ""


class Service:
    def __init__(self, bench, work, clusters):
        self.bench, self.work, self.clusters = bench, work, clusters
        self.repository = work / "service.git"

    @contextlib.contextmanager
    def running(self):
        postgres = SyncedPostgres()
        self.worker = None
        try:
            database = postgres.create_database()
            servers.migrate(postgres, database)
            self.api = servers.Api(self.work, postgres.url(database)).start()
            self.token = self.api.make_token("admin")
            self.connection = Connection(self.api, self.token)
            self.load()
            self.worker = Worker(self.work, self.api)
            self.worker.start()
            self.wait_done(900)
            yield self
        finally:
            if self.worker is not None:
                self.worker.stop()
            self.api.stop()
            postgres.remove()

    def load(self):
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", self.repository], check=True)
        checkout = self.work / "checkout"
        subprocess.run(["git", "clone", "-q", self.repository, checkout], check=True, stderr=subprocess.DEVNULL)
        self.bench.run("templates", checkout)
        for command in (["add", "-A"], ["-c", "user.name=Bench", "-c", "user.email=bench@example.com", "commit", "-qm", "Templates"],
                        ["push", "-q", "origin", "HEAD:main"]):
            subprocess.run(["git", "-C", checkout, *command], check=True)
        shutil.rmtree(checkout)
        inventory = self.bench.run("inventory", "--clusters", self.clusters, "--url", self.repository, stdout=subprocess.PIPE).stdout
        client = self.api.client("admin", "loader")
        client.request("POST", "/api/v1/apply", inventory, headers={"Content-Type": "application/json"}, timeout=900)

    def status(self):
        return self.connection.request("GET", "/api/v1/targets/name:fleet/status")

    def wait_done(self, deadline=60):
        def done():
            answer = self.status()
            job = answer["job"]
            assert not job or job["state"] != "parked", job
            return job if job and answer["done"] >= answer["wanted"] else None
        return until(done, "everything wanted is done", deadline, 0.005)

    def names(self, count):
        answer = self.connection.request("GET", f"/api/v1/clusters?$top={count}&$select=name,metadata")
        return [cluster["name"] for cluster in answer["value"]]

    def change(self, connection, name, value):
        connection.request("PATCH", f"/api/v1/clusters/name:{name}", {"metadata": {"taxRate": value}})

    # ---- rows ----

    def first_job(self):
        return self.status()["job"]

    def gain(self):
        """Milliseconds from claim to report, and the clusters that got the application."""
        expression = " or ".join(f"/t/wave-{wave}" for wave in range(5))
        self.connection.request("PATCH", "/api/v1/namespaces/name:promo", {"expression": expression})
        job = self.wait_done()
        assert job["heldCount"] == 0, job
        return job

    def one_change(self, repetitions):
        """Milliseconds from the answer to the branch that moved."""
        times = []
        for i, name in enumerate(self.names(repetitions)):
            before = head_of(self.repository)
            self.change(self.connection, name, f"8.{i:02d}%")
            start = time.monotonic()
            while head_of(self.repository) == before:
                assert time.monotonic() - start < 60, self.worker.log()[-2000:]
                time.sleep(0.0002)
            times.append((time.monotonic() - start) * 1000)
            self.wait_done()
        return times

    def restart(self, repetitions):
        """Seconds from the start of a worker to the branch that moved, with a change that waits for it."""
        times = []
        for i, name in enumerate(self.names(repetitions)):
            self.worker.stop()
            before = head_of(self.repository)
            self.change(self.connection, name, f"7.{i:02d}%")
            start = time.monotonic()
            self.worker.start()
            while head_of(self.repository) == before:
                assert time.monotonic() - start < 300, self.worker.log()[-2000:]
                time.sleep(0.001)
            times.append(time.monotonic() - start)
            self.wait_done()
        return times

    def many_changes(self):
        """Seconds from the last answer to all that was wanted being out; how many commits; how long the sending took."""
        names = self.names(CHANGES)
        before = self.count_commits()
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(self.send_some, range(THREADS), [names[i::THREADS] for i in range(THREADS)]))
        sent = time.monotonic()
        self.wait_done(120)
        out = time.monotonic()
        self.check_all_out(names)
        return {"after": out - sent, "sending": sent - start, "commits": self.count_commits() - before, "changes": len(names)}

    def send_some(self, number, names):
        connection = Connection(self.api, self.token)
        for name in names:
            self.change(connection, name, self.value_of(name))
        assert number >= 0

    @staticmethod
    def value_of(name):
        return f"1.{name[-3:]}%"

    def count_commits(self):
        return int(subprocess.run(["git", "-C", self.repository, "rev-list", "--count", "main"], check=True, capture_output=True, text=True).stdout)

    def check_all_out(self, names):
        """No change was lost: each of these clusters has its own value in its file."""
        files = subprocess.run(["git", "-C", self.repository, "grep", "-h", "-E", "store.name=|^    rate: ", "main", "--", "clusters/*/*/store/pos/base/config.yaml"],
                               check=True, capture_output=True, text=True).stdout.split("\n")
        values = {}
        for line in files:
            key, _, value = line.strip().partition("=" if "=" in line else ": ")
            if key == "store.name":
                name = value
            elif key == "rate":
                values[name] = value
        wrong = [name for name in names if values.get(name) != self.value_of(name)]
        assert not wrong, f"{len(wrong)} changes were lost, {wrong[0]} has {values.get(wrong[0])}"

    def peak_mb(self):
        for line in pathlib.Path(f"/proc/{self.worker.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
        return 0.0


def median(values):
    return statistics.median(values)
