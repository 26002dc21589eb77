"""resedge-api, resedge-worker and resedge, the real ones."""

import collections
import os
import subprocess

from . import BUILD, ROOT
from .client import Client
from .process import Process
from .wait import until


class Api(Process):
    """The Data Service on a database. start() returns when it is ready."""

    _tokens = collections.Counter()  # without a name of their own, of all servers of a database

    def __init__(self, folder, database_url, *args, name="resedge-api", env=None):
        self.port_file = folder / f"{name}.port"
        self.database_env = {**os.environ, "RESEDGE_DATABASE_URL": database_url, **(env or {})}
        self.tls = None  # an ssl.SSLContext for its clients, where it speaks TLS
        super().__init__(folder, "resedge-api", ["serve", "--listen", "127.0.0.1:0", "--port-file", self.port_file,
                                                 "--migrations", ROOT / "migrations", "--log-format", "json", *args],
                         env=self.database_env, name=name)
        self.port = None

    def start(self, wait=True):
        self.port_file.unlink(missing_ok=True)
        super().start()
        until(lambda: (self.port_file.exists() and self.port_file.read_text().strip()) or not self.alive(),
              f"{self.name} opens its port")
        assert self.alive(), self.log()
        self.port = int(self.port_file.read_text())
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self):
        def ready():
            assert self.alive(), self.log()
            try:
                return Client(self.port, tls=self.tls).request("GET", "/readyz").status == 200
            except OSError:
                return False
        until(ready, f"{self.name} is ready")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def make_token(self, role, name=None, *args):
        """Without a name it is named after its role, and numbered from the second on: of one name there is one token."""
        if name is None:
            counted = (self.database_env["RESEDGE_DATABASE_URL"], role)
            self._tokens[counted] += 1
            name = role if self._tokens[counted] == 1 else f"{role}-{self._tokens[counted]}"
        result = subprocess.run([BUILD / "resedge-api", "token", "create", name, "--role", role, *args],
                                env=self.database_env, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def client(self, role=None, name=None, *args):
        """A client with a new token of a role, or without a token. args are further options of `token create`."""
        return Client(self.port, self.make_token(role, name, *args) if role else None, self.tls)


def migrate(postgres, database):
    """As the owner, for the role that serves."""
    result = subprocess.run([BUILD / "resedge-api", "migrate", "--migrations", ROOT / "migrations", "--serve-role", postgres.SERVE_ROLE],
                            check=False, env={**os.environ, "RESEDGE_DATABASE_URL": postgres.owner_url(database)}, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def forget_changes(url, *args):
    return subprocess.run([BUILD / "resedge-api", "forget-changes", *args], check=False, env={**os.environ, "RESEDGE_DATABASE_URL": url},
                          capture_output=True, text=True)


class Worker(Process):
    """Automation, working for an API. args are further options; crash names a point at which it kills itself."""

    def __init__(self, folder, api, *args, name="worker", crash=None, env=None):
        token_file = folder / f"{name}.token"
        if not token_file.exists():  # one that comes back keeps its own
            token_file.touch(0o600)
            token_file.write_text(api.make_token("worker", name))
        env = {**os.environ, **(env or {})}
        if crash:
            env.update(RESEDGE_TEST="1", RESEDGE_TEST_CRASH=crash)
        super().__init__(folder, "resedge-worker", ["--api-url", api.url, "--token-file", token_file, "--data-dir", folder / name,
                                                    "--name", name, "--poll", "100ms", "--lease", "2s", "--log-format", "json", *args],
                         env=env, name=name)


class Cli:
    """The command line, as a user would call it."""

    def __init__(self, api, token=None):
        self.env = {**os.environ, "RESEDGE_URL": api.url, "NO_COLOR": "1"}
        self.env.pop("RESEDGE_TOKEN_FILE", None)
        if token:
            self.env["RESEDGE_TOKEN"] = token

    def run(self, *args, stdin=None, timeout=120):
        return subprocess.run([BUILD / "resedge", *map(str, args)], env=self.env, input=stdin, capture_output=True, text=True,
                              timeout=timeout, check=False)

    def __call__(self, *args, stdin=None):
        result = self.run(*args, stdin=stdin)
        assert result.returncode == 0, f"resedge {' '.join(map(str, args))}: {result.returncode}\n{result.stdout}{result.stderr}"
        return result.stdout
