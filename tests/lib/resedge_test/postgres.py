"""A private PostgreSQL: one server for a run of tests, a database of its own for each, with the roles that an installation has."""

import contextlib
import getpass
import itertools
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile


def _programs():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    path = found[-1] if found else shutil.which("initdb")
    assert path, "PostgreSQL's server programs are missing: scripts/deps.sh check"
    return pathlib.Path(path).parent


class Postgres:
    """Everything is in one folder of its own; there is a Unix socket there and no port. What a test commits is lost with
    the machine's power, so nothing is synced to disk."""

    OWNER, SERVE_ROLE = "resedge_owner", "resedge_serve"
    SETTINGS = ("listen_addresses=''", "fsync=off", "full_page_writes=off", "unix_socket_permissions=0700", "max_connections=200", "shared_buffers=32MB")

    def __init__(self, *settings, port=5432):
        """port names the socket too; nothing listens on it unless the settings say so."""
        self.port = port
        self.settings = (*self.SETTINGS, *settings, f"port={port}")
        self.bin = _programs()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="resedge-pg-", dir="/tmp"))
        self.numbers = itertools.count(1)
        self.owner = None
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            for name in ("postgres", "nobody"):
                try:
                    self.owner = pwd.getpwnam(name)
                    break
                except KeyError:
                    continue
            os.chown(self.folder, self.owner.pw_uid, self.owner.pw_gid)
        self._run("initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.start()
        self.sql(f"create role {self.OWNER} login createrole")

    @property
    def data(self):
        return str(self.folder / "data")

    def _run(self, program, *args):
        switch = {}
        if self.owner:
            switch = {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}
        result = subprocess.run([self.bin / program, *args], cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                stdin=subprocess.DEVNULL, text=True, check=False,
                                env={**os.environ, "HOME": str(self.folder), "USER": self.owner.pw_name if self.owner else getpass.getuser()},
                                **switch)
        assert result.returncode == 0, f"{program}: {result.stdout}"
        return result.stdout

    def start(self):
        options = " ".join(f"-c {setting}" for setting in (*self.settings, f"unix_socket_directories={self.folder}"))
        self._run("pg_ctl", "-D", self.data, "-w", "-t", "60", "-o", options, "-l", str(self.folder / "log"), "start")

    def stop(self, mode="fast"):
        self._run("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop")

    def restart(self, mode="fast"):
        self.stop(mode)
        self.start()

    @contextlib.contextmanager
    def frozen(self):
        """Nobody takes new connections meanwhile, but the system holds the door open: they hang."""
        postmaster = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(postmaster, signal.SIGCONT)

    def remove(self):
        if (self.folder / "data" / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder)

    def url(self, database, role=SERVE_ROLE):
        """For the program that serves, by default; OWNER is the one that migrates, and "postgres" may everything."""
        return f"host={self.folder} port={self.port} user={role} dbname={database}"

    def owner_url(self, database):
        return self.url(database, self.OWNER)

    def create_database(self, template=None):
        name = f"test_{next(self.numbers)}"
        self.sql(f"create database {name} owner {self.OWNER}" + (f" template {template}" if template else ""))
        return name

    def drop_database(self, name):
        self.sql(f"drop database if exists {name} with (force)")

    def sql(self, text, database="postgres"):
        """What psql prints, unaligned, without headers."""
        return self._run("psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", self.url(database, "postgres"), "-c", text).strip()
