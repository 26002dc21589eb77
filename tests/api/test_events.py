"""Server-sent events: what happens is told as it happens, and who comes back has missed nothing."""

import signal
import socket
import threading

from resedge_test.events import Events
from resedge_test.fleet import API, cluster, load, stores, target
from resedge_test.wait import until


def test_a_change_is_told_as_the_feed_shows_it(admin):
    stores(admin)
    with Events(admin, "?types=change") as events:
        assert events.answer.headers["Content-Type"] == "text/event-stream"
        admin.patch(f"{API}/clusters/name:east-1", {"description": "one\ntwo"})
        kind, number, data = events.next()
    assert (kind, number) == ("change", "2.1")
    assert [data] == admin.get(f"{API}/changes?since=1")["changes"]
    assert data["doc"]["description"] == "one\ntwo"


def test_who_comes_back_gets_what_it_missed_and_then_what_happens(admin):
    stores(admin)
    with Events(admin, last_id="1.4") as events:
        missed = [events.next("change")[1] for _ in range(6)]
        admin.post(f"{API}/groups", {"name": "new"})
        assert missed == [f"1.{seq}" for seq in range(5, 11)]
        assert events.next("change")[1] == "2.1"


def test_a_revision_can_be_named_instead_of_an_event(admin):
    stores(admin)
    admin.post(f"{API}/groups", {"name": "new"})
    with Events(admin, "?since=1&types=change") as events:
        assert events.next()[1] == "2.1"


def test_thousands_of_changes_come_whole_and_in_order(admin):
    admin.post(f"{API}/targets", target())
    with Events(admin, "?types=change") as early:
        load(admin, clusters=[cluster(f"c-{n}") for n in range(2300)])
        load(admin, clusters=[cluster("last")])
        with Events(admin, "?since=1&types=change") as late:
            for events in (early, late):
                ids = [events.next()[1] for _ in range(2301)]
                assert ids == [f"2.{seq}" for seq in range(1, 2301)] + ["3.1"]


def test_what_is_no_longer_or_not_yet_there_is_gone(admin):
    stores(admin)
    problem = admin.refused(410, "GET", f"{API}/events?since=7")
    assert "snapshot" in problem["hint"]
    for bad in ("x", "1.", "1.2.3", "-1"):
        admin.refused(400, "GET", f"{API}/events?since={bad}")
    admin.refused(400, "GET", f"{API}/events?types=weather")


def test_jobs_are_told_by_their_state(admin, api):
    stores(admin)
    worker = api.client("worker")
    with Events(admin, "?types=job") as events:
        job = worker.post(f"{API}/jobs/claim", {"worker": "w", "address": "http://127.0.0.1:1", "secret": "s" * 32, "leaseSeconds": 30})
        assert events.next()[2]["state"] == "running"
        worker.post(f"{API}/jobs/{job['id']}/renew", {"fence": job["fence"], "progress": {"phase": "render", "files": 5, "ofFiles": 10}})
        until(lambda: events.next()[2]["progress"] == {"phase": "render", "files": 5, "ofFiles": 10}, "progress is told")
    with Events(admin, "?types=job") as again:
        assert again.next()[2]["progress"]["files"] == 5, "who comes back is told the state"
        worker.post(f"{API}/jobs/{job['id']}/fail", {"fence": job["fence"], "error": {"title": "no"}, "retry": False})
        until(lambda: again.next()[2]["state"] == "parked", "the end is told")


def test_draining_ends_the_stream_and_is_not_held_up_by_it(start_api):
    api = start_api()
    admin = api.client("admin")
    with Events(admin) as events:
        api.child.send_signal(signal.SIGTERM)
        assert events.next() is None
        assert api.child.wait(10) == 0


def test_a_client_that_reads_nothing_is_dropped(start_api):
    api = start_api()
    admin = api.client("admin")
    admin.post(f"{API}/targets", target())
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", api.port))
        deaf.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {admin.token}\r\n\r\n".encode())
        assert deaf.recv(100).startswith(b"HTTP/1.1 200")
        for number in range(40):
            load(admin, clusters=[cluster(f"c-{number}-{n}", description="x" * 500) for n in range(500)])
            if "events unread" in api.log():
                break
        until(lambda: "events unread" in api.log(), "it is dropped", deadline=20)


def test_watchers_outlive_the_database(start_api, postgres, database):
    api = start_api()
    admin = api.client("admin")
    stores(admin)
    with Events(admin, "?since=1&types=change") as events:
        postgres.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'resedge-api'")
        until(lambda: admin.request("POST", f"{API}/groups", {"name": "after"}).status in (201, 409), "it works again")
        event = events.next()
        if event is None:
            with Events(admin, "?since=1&types=change") as again:
                event = again.next()
        assert event[1] == "2.1"


def test_every_watcher_is_told(admin):
    stores(admin)
    opened = [Events(admin, "?types=change") for _ in range(30)]
    got = []
    readers = [threading.Thread(target=lambda e=e: got.append(e.next()[1])) for e in opened]
    for reader in readers:
        reader.start()
    admin.post(f"{API}/groups", {"name": "new"})
    for reader in readers:
        reader.join()
    for events in opened:
        events.connection.close()
    assert got == ["2.1"] * 30
