"""GET of one object: from memory or from the database, nobody can tell."""

import concurrent.futures
import contextlib
import hashlib
import os
import signal
import threading

from resedge_test.fleet import API, cluster, load, stores, target
from resedge_test.wait import until


def read(client, name="east-1"):
    answer = client.request("GET", f"{API}/clusters/name:{name}")
    assert answer.status == 200, answer
    return answer


def test_what_another_server_stored_is_seen_at_once(admin, start_api):
    stores(admin)
    second = start_api().client("admin", "second")
    for n in range(200):
        writer, reader = (admin, second) if n % 2 else (second, admin)
        written = writer.request("PATCH", f"{API}/clusters/name:east-1", {"description": f"number {n}"})
        found = read(reader)
        assert (found.json["description"], found.headers["ETag"]) == (f"number {n}", written.headers["ETag"])
        assert found.revision == written.revision


def test_the_answer_is_the_stored_document_and_its_etag(admin, postgres, database):
    stores(admin)
    for noun, name in (("clusters", "east-1"), ("groups", "/stores/east"), ("targets", "west")):
        found = admin.request("GET", f"{API}/{noun}/name:{name.replace('/', '%2F')}")
        stored = postgres.sql(f"select doc from {noun} where id = {found.json['id']}", database)
        assert found.body.decode() == stored
        assert found.headers["ETag"] == f'"{hashlib.sha256(stored.encode()).hexdigest()[:16]}"'


def test_a_document_that_another_version_wrote_is_answered_as_it_was_stored(admin, postgres, database, start_api):
    stores(admin)
    found = read(admin).json
    other = postgres.sql(f"select doc from clusters where id = {found['id']}", database)[:-1] + ',"ofAnotherVersion":true}'
    etag = hashlib.sha256(other.encode()).hexdigest()[:16]
    postgres.sql(f"update clusters set doc = '{other}', etag = '{etag}' where id = {found['id']}", database)
    second = start_api().client("admin", "second")
    second.checked = False  # it is described there
    answer = read(second)
    assert (answer.body.decode(), answer.headers["ETag"]) == (other, f'"{etag}"')
    changed = second.request("PATCH", f"{API}/clusters/{found['id']}", {"description": "written anew"}, headers={"If-Match": answer.headers["ETag"]})
    assert changed.status == 200 and read(second).json["description"] == "written anew"


def test_many_readers_beside_writers_see_every_object_whole(admin, api):
    load(admin, targets=[target()], clusters=[cluster(f"c-{n}", description="0") for n in range(20)])
    stop = threading.Event()

    def write():
        n = 0
        while not stop.is_set():
            n += 1
            admin.patch(f"{API}/clusters/name:c-{n % 20}", {"description": str(n), "metadata": {"n": str(n)}})

    def check(client):
        last = 0
        for n in range(150):
            answer = read(client, f"c-{n % 20}")
            doc = answer.json
            assert doc["description"] == "0" or doc["metadata"] == [{"key": "n", "value": doc["description"]}]
            assert answer.headers["ETag"] == f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
            assert answer.revision >= last
            last = answer.revision
    writer = threading.Thread(target=write)
    writer.start()
    try:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(check, [api.client("viewer", f"reader-{n}") for n in range(8)]))
    finally:
        stop.set()
        writer.join()


def test_what_is_gone_is_gone_at_once(admin, start_api):
    stores(admin)
    second = start_api().client("admin", "second")
    for n in range(20):
        made = admin.post(f"{API}/groups", {"name": f"g-{n}"})["id"]
        assert second.request("GET", f"{API}/groups/{made}").status == 200
        admin.delete(f"{API}/groups/{made}")
        assert second.request("GET", f"{API}/groups/{made}").status == 404


@contextlib.contextmanager
def hanging(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_connection_that_hangs_holds_up_only_those_who_asked_over_it(admin, api, postgres, database):
    stores(admin)
    unlucky = api.client("viewer", "unlucky")
    read(unlucky)

    def somebody_hangs():
        """Over which connection the next question goes is not ours to say; mostly over the one of the question before."""
        read(admin)
        asked = int(postgres.sql("select pid from pg_stat_activity where query like 'select f.revision, case when%' "
                                 f"and datname = '{database}' order by state_change desc limit 1", database))
        with concurrent.futures.ThreadPoolExecutor(1) as pool, hanging(asked):
            first = pool.submit(read, unlucky)
            if not concurrent.futures.wait([first], timeout=0.5).not_done:
                return False
            for _ in range(5):
                read(admin)
            return not first.done()
    until(somebody_hangs, "one asks over it, and is overtaken")
