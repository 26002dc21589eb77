"""The same with the repository on a Git host (HTTPS, on loopback): the first push beside `git push` of the same, and a worker that takes over."""

import base64
import contextlib
import os
import shutil
import statistics
import subprocess
import time

from resedge_test import remotes, servers
from resedge_test.wait import until
from service import Connection, Service, SyncedPostgres


class Worker(servers.Worker):
    def __init__(self, folder, api, name):
        super().__init__(folder, api, "--credentials-dir", folder / "credentials", "--remote-idle-timeout", "10m", name=name)
        self.command[self.command.index("--lease") + 1] = "30s"


class RemoteService(Service):
    @contextlib.contextmanager
    def running(self):
        postgres, host_folder = SyncedPostgres(), remotes.scratch()
        self.host = remotes.HttpHost(host_folder)
        self.worker = None
        try:
            database = postgres.create_database()
            servers.migrate(postgres, database)
            self.api = servers.Api(self.work, postgres.url(database)).start()
            self.token = self.api.make_token("admin")
            self.connection = Connection(self.api, self.token)
            self.repository = self.host.root / "fleet.git"
            self.load()
            self.host.credential(self.work / "credentials")
            self.connection.request("PATCH", "/api/v1/targets/name:fleet", {"url": self.host.url("fleet.git"), "credential": "host", "pushIntervalSeconds": 0})
            self.take_over("first")
            yield self
        finally:
            if self.worker is not None:
                self.worker.stop()
            self.api.stop()
            self.host.stop()
            shutil.rmtree(host_folder)
            postgres.remove()

    def take_over(self, name):
        """Another worker, with nothing on its disk."""
        if self.worker is not None:
            self.worker.stop()
        self.worker = Worker(self.work, self.api, name)
        self.worker.start()
        return self.wait_done(900)

    def clone(self):
        """The worker's own."""
        [path] = (self.work / self.worker.name / "clones").iterdir()
        return path

    def reference(self, commit):
        """A repository on the host that has the first job's parent, as the worker found it."""
        path = self.host.root / "reference.git"
        shutil.rmtree(path, ignore_errors=True)
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", path], check=True)
        subprocess.run(["git", "-C", self.clone(), "push", "-q", path, f"{commit}~1:refs/heads/main"], check=True)
        return self.host.url("reference.git")

    def git_push(self, commit):
        """Seconds that git takes to push the first job's commit."""
        url = self.reference(commit)
        login = base64.b64encode(f"{remotes.USER}:{remotes.PASSWORD}".encode()).decode()
        environment = {**os.environ, "GIT_SSL_CAINFO": str(self.host.ca_file), "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_COUNT": "1",
                       "GIT_CONFIG_KEY_0": "http.extraHeader", "GIT_CONFIG_VALUE_0": f"Authorization: Basic {login}"}
        start = time.monotonic()
        subprocess.run(["git", "-C", self.clone(), "push", "-q", url, f"{commit}:refs/heads/main"], check=True, env=environment)
        return time.monotonic() - start

    def our_push(self, commit):
        """The same with the worker's own code."""
        output = self.bench.run("push", self.clone(), self.reference(commit), self.work / "credentials", commit, stdout=subprocess.PIPE, text=True).stdout
        return sum(float(line.split()[1]) for line in output.splitlines())

    def hand_over(self):
        """Seconds from the start of a worker with an empty disk to the branch that moved on the host, with a change that waits for it."""
        self.worker.stop()
        self.connection = Connection(self.api, self.token)  # the old one was idle for too long
        [name] = self.names(1)
        before = self.git_head()
        self.change(self.connection, name, "7.77%")
        start = time.monotonic()
        self.worker = Worker(self.work, self.api, "second")
        self.worker.start()
        until(lambda: self.git_head() != before, "the change is out", 900, 0.01)
        return time.monotonic() - start, self.wait_done(900)

    def git_head(self):
        return (self.repository / "refs/heads/main").read_text()


def rows(bench, report, clusters, repetitions):
    print(f"the repository on a Git host, {clusters} clusters", flush=True)
    with RemoteService(bench, bench.work, clusters).running() as service:
        job = service.first_job()
        assert job["state"] == "pushed", job
        report.note(f"first job: {job['durationMs']} ms, {job['filesAdded']} files; phases {job['phases']}; worker's peak {service.peak_mb():.0f} MB")
        pairs = [(service.our_push(job["commit"]), service.git_push(job["commit"])) for _ in range(repetitions)]
        ours, theirs = statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)
        report.row("automation-first-push-speedup", theirs / ours, "x", ">=", 1, f"git-push={theirs:.2f}s,ours={ours:.2f}s", repetitions)
        seconds, job = service.hand_over()
        report.row("automation-hand-over-empty-clone", seconds, "s", "<=", 60, "start-to-branch-moved", 1)
        subprocess.run(["git", "-C", service.repository, "fsck", "--strict", "--no-dangling"], check=True, capture_output=True)
