"""Fixtures: a PostgreSQL for the run, and for each test what it asks for, on a database of its own."""

import shutil

import pytest

from resedge_test import remotes, servers
from resedge_test.git import Repository
from resedge_test.postgres import Postgres
from resedge_test.wait import until


@pytest.fixture(scope="session")
def postgres():
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def template_database(postgres):
    """A migrated, empty database to copy from."""
    name = postgres.create_database()
    servers.migrate(postgres, name)
    return name


@pytest.fixture
def database(postgres, template_database):
    name = postgres.create_database(template_database)
    yield name
    postgres.drop_database(name)


@pytest.fixture
def start_api(postgres, database, tmp_path):
    """start_api(*args, name=..., tls=...): an API server on the test's database; all are ended, and have to end well."""
    started = []

    def start(*args, name=None, env=None, tls=None):
        api = servers.Api(tmp_path, postgres.url(database), *args, name=name or f"resedge-api-{len(started) + 1}", env=env)
        api.tls = tls
        started.append(api)
        return api.start()

    yield start
    for api in started:
        api.check_ended_well()


@pytest.fixture
def api(start_api):
    return start_api()


@pytest.fixture
def admin(api):
    """A client that may do everything."""
    return api.client("admin")


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "gitops.git")


@pytest.fixture
def start_worker(api, tmp_path):
    """start_worker(*args, name=..., crash=...): a worker for the test's API."""
    started = []

    def start(*args, name=None, crash=None, env=None):
        worker = servers.Worker(tmp_path, api, *args, name=name or f"worker-{len(started) + 1}", crash=crash, env=env)
        started.append(worker)
        worker.start()
        return worker

    yield start
    for worker in started:
        if worker.child is not None and worker.child.poll() == -9:
            worker.child = None  # it was killed, by the test or by itself
        worker.check_ended_well()


@pytest.fixture
def worker(start_worker):
    return start_worker()


@pytest.fixture
def cli(api):
    return servers.Cli(api, api.make_token("admin", "cli"))


@pytest.fixture
def wait_done(admin):
    """wait_done(): returns the last job of each target when all that is wanted is done."""
    def wait():
        def done():
            answers = [admin.get(f"/api/v1/targets/{target['id']}/status") for target in admin.get("/api/v1/targets")["value"]]
            for answer in answers:
                assert not answer["job"] or answer["job"]["state"] != "parked", answer["job"]
            return answers if all(answer["done"] >= answer["wanted"] for answer in answers) else None
        return [answer["job"] for answer in until(done, "everything wanted is done")]
    return wait


@pytest.fixture
def http_host():
    """A Git host over HTTPS, with a private CA and Basic auth."""
    folder = remotes.scratch()
    host = remotes.HttpHost(folder)
    yield host
    host.stop()
    shutil.rmtree(folder)


@pytest.fixture
def ssh_host():
    """A Git host over SSH."""
    folder = remotes.scratch()
    host = remotes.SshHost(folder)
    yield host
    host.stop()
    shutil.rmtree(folder)


@pytest.fixture
def proxy(http_host):
    """What goes wrong on the way to http_host."""
    proxy = remotes.Proxy(http_host.port)
    yield proxy
    proxy.close()
