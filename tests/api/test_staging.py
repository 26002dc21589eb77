"""Big writes: brought to the database in batches, while others write, and stored all at once."""

import contextlib
import threading

import pytest

from resedge_test.fleet import API, Copy, cluster, load, names, stores, target
from resedge_test.psql import Psql
from resedge_test.wait import until

MANY = 2600  # clusters: more than are written in one go


def many(**fields):
    return {"clusters": [cluster(f"c-{n}", "/g", metadata={"n": str(n)}, **fields) for n in range(MANY)]}


def base(client):
    load(client, targets=[target()], groups=[{"name": "g"}, {"name": "h"}], clusters=[cluster("busy", "/h")])


def left_behind(postgres, database):
    return postgres.sql("select count(*) from staged_clusters", database)


def test_a_big_write_is_stored_whole(admin, postgres, database):
    base(admin)
    start = Copy(admin)
    answer = admin.post(f"{API}/apply", many())
    assert (answer["created"], answer["revision"]) == ({"clusters": MANY}, start.revision + 1)
    start.follow(admin)
    assert (start.revision, start.docs) == (Copy(admin).revision, Copy(admin).docs)
    assert admin.get(f"{API}/groups/name:%2Fg/clusters")["@odata.count"] == MANY
    assert names(admin.get(f"{API}/clusters?$filter=name eq 'c-77'".replace(" ", "%20"))) == ["c-77"]
    one = admin.request("GET", f"{API}/clusters/name:c-2599")
    assert one.json["metadata"] == [{"key": "n", "value": "2599"}]
    assert postgres.sql("select count(*) from cluster_groups", database) == str(MANY + 1)

    moved = {"clusters": [cluster(f"c-{n}", "/h") for n in range(MANY)]}
    assert admin.post(f"{API}/apply", moved)["updated"] == {"clusters": MANY}
    assert admin.get(f"{API}/groups/name:%2Fg/clusters")["@odata.count"] == 0
    assert postgres.sql("select count(*), count(distinct group_id) from cluster_groups", database) == f"{MANY + 1}|1"
    assert admin.post(f"{API}/apply", moved)["unchanged"] == MANY
    made = admin.post(f"{API}/clusters", cluster("last"))
    assert made["id"] == MANY + 2
    until(lambda: left_behind(postgres, database) == "0", "what was staged is forgotten")


def test_a_big_write_refused_leaves_nothing(admin, postgres, database):
    base(admin)
    before = Copy(admin)
    bad = many()
    bad["clusters"][-1]["groups"] = ["/nowhere"]
    assert admin.refused(422, "POST", f"{API}/apply", bad)["field"] == f"/clusters/{MANY - 1}/groups/0"
    assert admin.post(f"{API}/apply?dryRun=true", many())["created"] == {"clusters": MANY}
    assert Copy(admin).docs == before.docs
    assert left_behind(postgres, database) == "0"


def test_others_write_while_a_big_write_is_under_way(admin, start_api):
    base(admin)
    others = [admin, start_api().client("admin", "second")]
    start = Copy(admin)
    answers, stop = [], threading.Event()

    def patch(client, n):
        while not stop.is_set():
            answers.append(client.request("PATCH", f"{API}/clusters/name:busy", {"description": f"{n} {len(answers)}"}))

    threads = [threading.Thread(target=patch, args=(client, n)) for n, client in enumerate(others)]
    for thread in threads:
        thread.start()
    big = admin.request("POST", f"{API}/apply", many(), headers={"Idempotency-Key": "big"})
    stop.set()
    for thread in threads:
        thread.join()
    assert big.status == 200 and big.json["created"] == {"clusters": MANY}, big
    assert {answer.status for answer in answers} == {200}
    start.follow(admin)
    fresh = Copy(admin)
    assert (start.revision, start.docs) == (fresh.revision, fresh.docs)
    assert start.revision == 2 + len({answer.revision for answer in answers})
    assert admin.request("POST", f"{API}/apply", many(), headers={"Idempotency-Key": "big"}).body == big.body


def test_what_others_write_of_the_same_clusters_meanwhile_is_not_lost(admin):
    """The inventory says nothing of descriptions, so the last one that was stored must stand."""
    base(admin)
    admin.post(f"{API}/apply", many())
    again, name = many(), many()["clusters"][MANY // 2]["name"]
    for item in again["clusters"]:
        item["environment"] = "changed"
    said, stop = [], threading.Event()

    def describe():
        while not stop.is_set():
            said.append(admin.patch(f"{API}/clusters/name:{name}", {"description": f"number {len(said)}"})["description"])

    thread = threading.Thread(target=describe)
    thread.start()
    answer = admin.post(f"{API}/apply", again)
    stop.set()
    thread.join()
    assert answer["updated"] == {"clusters": MANY}
    found = admin.get(f"{API}/clusters/name:{name}")
    assert (found["environment"], found["description"]) == ("changed", said[-1])


def test_new_clusters_of_others_meanwhile_take_no_ids_of_a_big_write(admin):
    stores(admin)
    load(admin, groups=[{"name": "g"}])
    made, stop = [], threading.Event()

    def create():
        while not stop.is_set():
            made.append(admin.post(f"{API}/clusters", cluster(f"new-{len(made)}"))["id"])

    thread = threading.Thread(target=create)
    thread.start()
    answer = admin.post(f"{API}/apply", many())
    stop.set()
    thread.join()
    assert answer["created"] == {"clusters": MANY}
    docs = {key: doc["name"] for key, doc in Copy(admin).docs.items() if key[0] == "cluster"}
    assert len(docs) == len(set(docs.values())) == 3 + MANY + len(made)


@pytest.fixture
def fleet_lock(admin, postgres, database):
    """Holds the fleet's lock until it is released: whoever stores a write waits. The connection for big writes is there already."""
    until(lambda: b'resedge_db_connections_ready{lane="bulk"} 1' in admin.request("GET", "/metrics").body, "big writes have a connection")
    session = Psql(postgres, database)
    session.run("select pg_advisory_lock(fleet_turn_key())")
    yield session
    session.close()


def bulk_session(postgres, database, statement, state):
    """The backend in whose transaction the rows of a big write are, if it is there."""
    return postgres.sql(f"select pid from pg_stat_activity where application_name = 'resedge-api' and datname = '{database}' "
                        f"and query ~ '{statement}' and state = '{state}' and (query ~ 'fleet_prepare' or backend_xid is not null)", database)


def sessions(postgres, database):
    return set(postgres.sql(f"select pid from pg_stat_activity where application_name = 'resedge-api' and datname = '{database}'", database).split())


def in_background(call, *args):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(call(*args)))
    thread.start()

    def answer():
        thread.join()
        return answers[0]
    return answer


def test_a_big_write_is_put_before_its_turn_and_seen_after_it(admin, postgres, database, fleet_lock):
    base_without_lock = Copy(admin).revision
    answer = in_background(admin.request, "POST", f"{API}/apply", {"targets": [target()], "groups": [{"name": "g"}], **many()})
    until(lambda: bulk_session(postgres, database, "fleet_write", "active"), "its rows are put and it waits for the lock only")
    assert Copy(admin).revision == base_without_lock
    assert admin.get(f"{API}/clusters?$top=0&$count=true")["@odata.count"] == 0
    fleet_lock.run("select pg_advisory_unlock_all()")
    assert answer().json["created"] == {"targets": 1, "groups": 1, "clusters": MANY}
    assert admin.get(f"{API}/clusters?$top=0&$count=true")["@odata.count"] == MANY


def prepared_behind_another_turn(admin, postgres, database, fleet_lock):
    """A big write that has put its rows, behind a PATCH that waits for the fleet's lock: both answers to come, and the backend that has the rows.
    It gives them up after a second; then it may be in vain that somebody is quick."""
    fleet_lock.run("select pg_advisory_unlock_all()")
    base(admin)
    fleet_lock.run("select pg_advisory_lock(fleet_turn_key())")
    with contextlib.closing(Psql(postgres, database)) as session:
        session.run("begin; lock table cluster_groups in share mode")
        big = in_background(admin.request, "POST", f"{API}/apply", many())
        pid = until(lambda: bulk_session(postgres, database, "fleet_prepare", "active"), "its rows are being put")
        patch = in_background(admin.request, "PATCH", f"{API}/clusters/name:busy", {"description": "first in the queue"})
        until(lambda: postgres.sql("select count(*) from pg_locks where locktype = 'advisory' and not granted", database) == "1", "the turn of another one")
        session.run("rollback")
    until(lambda: postgres.sql(f"select 1 from pg_stat_activity where pid = {pid} and state <> 'active'", database), "it has put them")
    return big, patch, pid


def test_a_big_write_whose_transaction_is_lost_before_its_turn_is_stored_whole(admin, postgres, database, fleet_lock):
    big, patch, pid = prepared_behind_another_turn(admin, postgres, database, fleet_lock)
    before = sessions(postgres, database)
    postgres.sql(f"select pg_terminate_backend({pid})", database)
    until(lambda: len(now := sessions(postgres, database)) >= len(before) and pid not in now, "the server has noticed, and has another session")
    fleet_lock.run("select pg_advisory_unlock_all()")
    assert patch().status == 200
    assert big().json["created"] == {"clusters": MANY}
    assert postgres.sql("select count(*) from changes where noun = 'cluster'", database) == str(MANY + 2)


def test_a_big_write_that_waits_for_its_turn_gives_way_to_another_server(admin, postgres, database, fleet_lock):
    """Its turn comes after a write that waits for the other server, and that one waits for the rows that the big write has put."""
    big, patch, _ = prepared_behind_another_turn(admin, postgres, database, fleet_lock)
    fleet_lock.run("begin; insert into clusters (id, name, version, created_at, updated_at, etag, doc, state, target_id)"
                   " select 2, 'c-0', 1, now(), now(), repeat('0', 16), '{}', 'active', target_id from clusters limit 1; rollback")
    fleet_lock.run("select pg_advisory_unlock_all()")
    assert patch().status == 200
    assert big().json["created"] == {"clusters": MANY}


def test_a_big_write_whose_connection_is_lost_while_it_is_stored_is_all_there_or_not_at_all(admin, postgres, database, fleet_lock):
    before = Copy(admin)
    big = in_background(admin.request, "POST", f"{API}/apply", {"targets": [target()], "groups": [{"name": "g"}], **many()})
    pid = until(lambda: bulk_session(postgres, database, "fleet_write", "active"), "it waits for the lock")
    postgres.sql(f"select pg_terminate_backend({pid})", database)
    assert big().status == 503
    assert Copy(admin).docs == before.docs
    fleet_lock.run("select pg_advisory_unlock_all()")
    again = admin.post(f"{API}/apply", {"targets": [target()], "groups": [{"name": "g"}], **many()})
    assert again["created"]["clusters"] == MANY


def test_what_another_server_creates_meanwhile_stands_in_nobodys_way(admin, start_api):
    """It gets the ids that the big write has taken too: one of them has to yield."""
    base(admin)
    second = start_api().client("admin", "second")
    made, stop = [], threading.Event()

    def create():
        while not stop.is_set():
            made.append(second.post(f"{API}/clusters", cluster(f"new-{len(made)}"), timeout=60)["id"])

    thread = threading.Thread(target=create)
    thread.start()
    answer = admin.post(f"{API}/apply", many(), timeout=120)
    stop.set()
    thread.join()
    assert answer["created"] == {"clusters": MANY}
    docs = {key: doc["name"] for key, doc in Copy(admin).docs.items() if key[0] == "cluster"}
    assert len(docs) == len(set(docs.values())) == 1 + MANY + len(made)
