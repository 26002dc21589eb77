"""The database goes away and comes back, or is slow, while the server works."""

import pathlib
import shutil
import signal
import socket
import threading
import time

import pytest

from resedge_test import servers
from resedge_test.certificate import Certificate
from resedge_test.client import Client
from resedge_test.postgres import Postgres
from resedge_test.psql import Psql
from resedge_test.wait import until


@pytest.fixture(scope="module")
def postgres():
    """One of our own, to be stopped and started."""
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def template_database(postgres):
    name = postgres.create_database()
    servers.migrate(postgres, name)
    return name


@pytest.fixture
def session(postgres, database):
    opened = Psql(postgres, database)
    yield opened
    opened.close()


def in_flight(client, number):
    return f"resedge_http_requests_in_flight {number + 1}\n" in client.request("GET", "/metrics").body.decode()


def test_the_database_restarted_under_it_is_found_again(api, admin, postgres):
    for mode in ("fast", "immediate"):
        assert admin.get("/api/v1/jobs")["value"] == []
        postgres.restart(mode)
        until(lambda: admin.request("GET", "/readyz").status == 200, "it is ready again")
        until(lambda: admin.request("GET", "/api/v1/jobs").status == 200, "all connections are there again")
        made = admin.post("/api/v1/targets", {"name": mode, "url": f"file:///{mode}", "branch": "main"})
        assert made["name"] == mode


def test_without_the_database_it_says_so_and_nothing_hangs(api, admin, postgres):
    admin.get("/api/v1/jobs")
    postgres.stop()
    try:
        until(lambda: admin.request("GET", "/readyz").status == 503, "it is not ready")
        assert admin.request("GET", "/healthz").status == 200
        started = time.monotonic()
        answer = admin.request("GET", "/api/v1/jobs")
        assert answer.status == 503 and answer.json["code"] == "unavailable" and answer.headers["Retry-After"]
        assert time.monotonic() - started < 15
    finally:
        postgres.start()
    until(lambda: admin.request("GET", "/api/v1/jobs").status == 200, "it works again")


def test_who_asked_in_vain_while_it_was_gone_is_not_taken_for_one_who_guesses(api, admin, postgres):
    admin.get("/api/v1/jobs")
    new = api.client("viewer")
    postgres.stop()
    try:
        assert {new.request("GET", "/api/v1/jobs").status for _ in range(25)} == {503}
    finally:
        postgres.start()
    until(lambda: admin.request("GET", "/api/v1/jobs").status == 200, "it works again")
    assert new.request("GET", "/api/v1/jobs").status in (200, 503)


def test_while_it_is_gone_for_long_nobody_is_kept_waiting_for_it(start_api, postgres):
    api = start_api("--query-timeout", "2s")
    admin = api.client("admin")
    admin.get("/api/v1/jobs")
    postgres.stop()
    try:
        assert admin.request("GET", "/api/v1/jobs").status == 503, "it might have come back within the time of a query"
        started = time.monotonic()
        assert {admin.request("GET", "/api/v1/jobs").status for _ in range(20)} == {503}
        assert time.monotonic() - started < 20
    finally:
        postgres.start()
    until(lambda: admin.request("GET", "/api/v1/jobs").status == 200, "it works again")


def test_it_may_be_started_before_the_database(postgres, database, tmp_path):
    postgres.stop()
    try:
        api = servers.Api(tmp_path, postgres.url(database))
        api.start(wait=False)
        assert Client(api.port).request("GET", "/readyz").status == 503
    finally:
        postgres.start()
    api.wait_ready()
    assert api.stop() == 0


def test_a_server_that_does_not_answer_a_cancel_does_not_keep_it_from_ending(start_api, postgres, session):
    api = start_api("--query-timeout", "300ms")
    admin = api.client("admin")
    session.run("begin; lock table jobs")
    # Who takes new connections, and so cancels, stands still; the open connections go on.
    with postgres.frozen():
        assert admin.request("GET", "/api/v1/jobs").status == 504
        assert admin.request("GET", "/healthz").status == 200
        assert api.stop(signal.SIGTERM, deadline=15) == 0


def test_those_who_wait_for_work_hear_of_it_after_a_restart_of_the_database(api, admin, postgres):
    worker = api.client("worker")
    worker.get("/api/v1/jobs/wait?wait=0")
    answers = []

    def wait():
        while not answers or answers[-1].status == 503:
            answers.append(worker.request("GET", "/api/v1/jobs/wait?wait=50"))
    waiter = threading.Thread(target=wait)
    waiter.start()
    until(lambda: in_flight(admin, 1), "it waits")
    postgres.restart()

    def made():
        return admin.request("POST", "/api/v1/targets", {"name": "west", "url": "file:///w", "branch": "main"}).status in (201, 409)
    until(made, "a target is made")
    waiter.join(30)
    assert answers[-1].status == 200 and answers[-1].json == {"ready": True}


def test_work_goes_on_while_the_database_is_restarted(api, admin, postgres):
    """Whatever was acknowledged is there; whatever was not is either there or not."""
    acknowledged, stop = [], threading.Event()
    clients = [api.client("platform", f"platform-{worker}") for worker in range(3)]

    def write(worker):
        client = clients[worker]
        number = 0
        while not stop.is_set():
            name = f"g-{worker}-{number}"
            try:
                answer = client.request("POST", "/api/v1/groups", {"name": name}, timeout=30)
            except OSError:
                continue
            assert answer.status in (201, 409, 503, 504), answer
            if answer.status == 201:
                acknowledged.append(name)
            number += 1
    writers = [threading.Thread(target=write, args=(n,)) for n in range(3)]
    for writer in writers:
        writer.start()
    for mode in ("fast", "immediate"):
        target = len(acknowledged) + 20
        until(lambda: len(acknowledged) >= target, "some are written")
        postgres.restart(mode)
    target = len(acknowledged) + 20
    until(lambda: len(acknowledged) >= target, "writing goes on")
    stop.set()
    for writer in writers:
        writer.join()
    names = {group["name"] for group in admin.get("/api/v1/groups?$top=1000")["value"]}
    missing = [name for name in acknowledged if name not in names]
    assert len(names) < 1000 and not missing


def test_a_query_that_takes_too_long_is_given_up_and_the_connection_lives_on(start_api, session, postgres, database):
    api = start_api("--query-timeout", "400ms", "--read-connections", "1")
    admin = api.client("admin")
    admin.get("/api/v1/jobs")
    backends = "select pid from pg_stat_activity where application_name = 'resedge-api'"
    before = set(postgres.sql(backends, database).split())
    session.run("begin; lock table jobs")
    for _ in range(3):
        assert admin.request("GET", "/api/v1/jobs").status == 504
    session.run("commit")
    until(lambda: admin.request("GET", "/api/v1/jobs").status == 200, "it works again", deadline=10)
    assert before <= set(postgres.sql(backends, database).split())


def test_a_killed_backend_is_replaced(api, admin, postgres, database):
    admin.get("/api/v1/jobs")
    for _ in range(3):
        postgres.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'resedge-api'")
        until(lambda: admin.request("GET", "/api/v1/jobs").status == 200, "it works again", deadline=20)
    admin.post("/api/v1/groups", {"name": "after"})


def test_a_stream_that_is_given_up_hits_no_other(api, admin):
    admin.post("/api/v1/apply", {"targets": [{"name": "west", "url": "file:///w", "branch": "main"}],
                                 "clusters": [{"name": f"c{n}", "target": "west"} for n in range(1500)]})
    failed = []

    def ask(number):
        client = api.client("viewer", f"reader-{number}")
        for _ in range(25):
            client.request("HEAD", "/api/v1/snapshot")
            answer = client.request("GET", "/api/v1/changes?since=0")
            if answer.status != 200 or len(answer.json["changes"]) != 1501:
                failed.append(answer)
    readers = [threading.Thread(target=ask, args=(n,)) for n in range(3)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert not failed


# ---- over TLS ----

@pytest.fixture
def guarded(tmp_path):
    """A PostgreSQL of the test's own that takes connections over TCP with TLS only; and its certificate."""
    certificate = Certificate(tmp_path, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Postgres("listen_addresses=127.0.0.1", port=port)
    folder = pathlib.Path(server.data)
    for source, name in ((certificate.path, "server.crt"), (certificate.key, "server.key")):
        (folder / name).write_bytes(source.read_bytes())
        (folder / name).chmod(0o600)
        shutil.chown(folder / name, (folder / "PG_VERSION").stat().st_uid, (folder / "PG_VERSION").stat().st_gid)
    (folder / "pg_hba.conf").write_text("local all all trust\nhostssl all all 127.0.0.1/32 trust\n")
    (folder / "postgresql.auto.conf").write_text("ssl = on\n")
    server.restart()
    yield server, certificate
    server.remove()


def test_the_database_is_reached_over_tls_and_only_when_it_is_the_right_one(guarded, tmp_path):
    server, certificate = guarded
    database = server.create_database()
    servers.migrate(server, database)

    def url(mode, trusted):
        return f"host=localhost hostaddr=127.0.0.1 port={server.port} user={server.SERVE_ROLE} dbname={database} sslmode={mode} sslrootcert={trusted}"
    api = servers.Api(tmp_path, url("verify-full", certificate.path))
    admin = api.start().client("admin")
    admin.post("/api/v1/groups", {"name": "stores", "description": "x" * 4000})
    assert admin.get("/api/v1/groups/name:%2Fstores")["name"] == "stores"
    assert admin.request("GET", "/api/v1/export").status == 200
    assert server.sql("select bool_and(s.ssl) and count(*) > 5 from pg_stat_activity a join pg_stat_ssl s using (pid) "
                      f"where a.usename = '{server.SERVE_ROLE}'") == "t"
    assert api.stop() == 0

    other = Certificate(tmp_path, "other")
    wrong = servers.Api(tmp_path, url("verify-full", other.path), name="wrong").start(wait=False)
    until(lambda: "certificate verify failed" in wrong.log(), "it says whom it does not trust")
    assert Client(wrong.port).request("GET", "/readyz").status == 503
    assert wrong.stop() == 0
