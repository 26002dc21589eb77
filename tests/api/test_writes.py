"""Many writers, several servers, a database that goes away: every write is one revision, and none is lost or doubled."""

import concurrent.futures
import random
import threading

from resedge_test.fleet import API, Copy, cluster, load, names, stores, target
from resedge_test.wait import until


def run(workers, job, items):
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        return list(pool.map(job, items))


def check_history(client, start):
    """Follows the feed from the copy `start` to now; it must be the fleet, without gaps."""
    start.follow(client)
    fresh = Copy(client)
    assert (start.revision, start.docs) == (fresh.revision, fresh.docs)
    return fresh


def test_concurrent_writers_make_one_revision_each(admin, api):
    stores(admin)
    start = Copy(admin)
    clients = [api.client("platform", f"writer-{n}") for n in range(6)]

    answers = run(6, lambda n: clients[n % 6].request("POST", f"{API}/clusters", cluster(f"c-{n}", "/beta")), range(60))
    assert [answer.status for answer in answers] == [201] * 60
    assert sorted(answer.revision for answer in answers) == list(range(start.revision + 1, start.revision + 61))
    assert len({answer.json["id"] for answer in answers}) == 60
    fresh = check_history(admin, start)
    assert fresh.revision == start.revision


def test_of_writers_with_the_same_etag_exactly_one_wins(admin, api):
    stores(admin)
    path = f"{API}/clusters/name:east-1"
    etag = admin.request("GET", path).etag
    clients = [api.client("platform", f"writer-{n}") for n in range(8)]

    answers = run(8, lambda n: clients[n].request("PATCH", path, {"description": f"by {n}"}, headers={"If-Match": etag}), range(8))
    assert sorted(answer.status for answer in answers) == [200] + [412] * 7
    [winner] = [answer for answer in answers if answer.status == 200]
    assert admin.request("GET", path).etag == winner.etag


def test_of_creators_of_the_same_name_exactly_one_wins(admin, api):
    stores(admin)
    clients = [api.client("platform", f"writer-{n}") for n in range(8)]
    answers = run(8, lambda n: clients[n].request("POST", f"{API}/clusters", cluster("wanted")), range(8))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7


def test_two_servers_on_one_database_stay_in_step(admin, start_api):
    stores(admin)
    second = start_api().client("admin", "second")
    start = Copy(second)

    answers = run(8, lambda n: (admin, second)[n % 2].request("POST", f"{API}/clusters", cluster(f"c-{n}", "/stores/west")), range(60))
    assert [answer.status for answer in answers] == [201] * 60
    assert sorted(answer.revision for answer in answers) == list(range(start.revision + 1, start.revision + 61))
    until(lambda: len(names(second.get(f"{API}/groups/name:%2Fstores%2Fwest/clusters"))) == 61, "the second server has them all")
    until(lambda: len(names(admin.get(f"{API}/groups/name:%2Fstores%2Fwest/clusters"))) == 61, "the first server has them all")
    check_history(second, start)


def test_a_write_on_one_server_is_seen_by_expressions_on_the_other(admin, start_api):
    stores(admin)
    second = start_api().client("admin", "second")

    admin.patch(f"{API}/groups/name:/beta", {"expression": "/c/west-1"})
    until(lambda: names(second.get(f"{API}/namespaces/name:web/clusters")) == ["east-1", "west-1"], "the second server knows")
    admin.patch(f"{API}/groups/name:/beta", {"name": "ring"})
    until(lambda: second.request("GET", f"{API}/groups/name:/ring").status == 200, "the second server knows the new name")
    second.patch(f"{API}/namespaces/name:web", {"expression": "/g/ring and /g/stores/west"})
    until(lambda: names(admin.get(f"{API}/namespaces/name:web/clusters")) == ["west-1"], "the first server knows")


def test_a_big_revision_of_another_server_comes_whole(admin, start_api):
    load(admin, targets=[target()], groups=[{"name": "g"}])
    second = start_api().client("admin", "second")
    load(admin, clusters=[cluster(f"c-{n}", "/g") for n in range(2500)])
    counts = set()

    def seen():
        counts.add(second.get(f"{API}/groups/1/clusters")["@odata.count"])
        return 2500 in counts
    until(seen, "the second server has them all")
    assert counts <= {0, 2500}


def test_a_server_that_starts_later_has_the_same_fleet(admin, start_api):
    stores(admin)
    admin.patch(f"{API}/groups/name:/stores", {"name": "shops"})
    second = start_api().client("admin", "second")
    assert names(second.get(f"{API}/groups/name:%2Fshops/clusters")) == ["east-1", "east-2", "west-1"]
    assert second.request("GET", f"{API}/clusters").revision == 2


def test_lost_connections_lose_nothing_that_was_acknowledged(admin, postgres, database):
    stores(admin)
    start = Copy(admin)
    acknowledged = []

    def write(n):
        answer = admin.request("POST", f"{API}/clusters", cluster(f"c-{n}"))
        assert answer.status in (201, 409, 503, 504), answer
        if answer.status == 201:
            acknowledged.append(f"c-{n}")
        return answer.status

    assert write(0) == 201
    postgres.sql(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'")
    n = 0

    def works():
        nonlocal n
        n += 1
        return write(n) == 201
    until(works, "writes work again")
    fresh = check_history(admin, start)
    stored = {doc["name"] for (noun, _), doc in fresh.docs.items() if noun == "cluster"}
    assert set(acknowledged) <= stored


def writes_again(client, name):
    """Until then nothing may be written."""
    def works():
        answer = client.request("POST", f"{API}/clusters", cluster(name))
        assert answer.status in (201, 503), answer
        return answer.status == 201
    until(works, "writes work again")


def test_an_older_state_of_the_database_is_what_counts(admin, postgres, database):
    """As after a failover to a replica that was behind, without a new connection that would tell."""
    stores(admin)
    admin.post(f"{API}/clusters", cluster("lost-1"))
    postgres.sql("""delete from clusters where name = 'lost-1'; delete from changes where revision = 2;
                    update fleet set revision = 1, change_id = (select change_id from changes where revision = 1 limit 1)""",
                 database)

    writes_again(admin, "new-1")
    admin.refused(404, "GET", f"{API}/clusters/name:lost-1")
    check_history(admin, Copy(admin))


def test_the_same_revision_of_another_history_is_not_written_on(admin, postgres, database):
    stores(admin)
    postgres.sql("""update fleet set change_id = gen_random_uuid();
                    update changes set change_id = (select change_id from fleet);
                    update groups set name = 'gamma', name_path = '/gamma', doc = replace(doc, 'beta', 'gamma') where name = 'beta'""",
                 database)

    admin.refused(503, "POST", f"{API}/clusters", cluster("new-1"))
    writes_again(admin, "new-1")
    assert names(admin.get(f"{API}/groups/name:%2Fgamma/clusters")) == ["east-1"]
    assert admin.get(f"{API}/changes?since=1")["revision"] == 2


def test_another_history_that_is_longer_is_noticed_with_the_next_connection(admin, postgres, database):
    stores(admin)
    postgres.sql("""update changes set change_id = gen_random_uuid();
                    insert into changes select 2, 1, gen_random_uuid(), 'template', 1, 'put', 'x', null, now(), '{}';
                    update fleet set revision = 2, change_id = (select change_id from changes where revision = 2);
                    update groups set name = 'gamma', name_path = '/gamma', doc = replace(doc, 'beta', 'gamma') where name = 'beta'""",
                 database)
    postgres.sql(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'")

    until(lambda: admin.request("GET", f"{API}/groups/name:%2Fgamma/clusters").status == 200, "the fleet is that of the database")


def test_a_feed_that_could_not_be_read_is_read_again(admin, start_api, postgres, database):
    stores(admin)
    second = start_api("--query-timeout", "200ms").client("admin", "second")
    # A revision that is announced while it can't be read, and not again.
    blocked = threading.Thread(target=lambda: postgres.sql("""
        begin;
        lock table changes in access exclusive mode;
        update groups set doc = replace(doc, 'beta', 'gamma') where name = 'beta';
        insert into changes select 2, 1, gen_random_uuid(), 'group', id, 'put', 'x', null, now(), doc from groups where name = 'beta';
        update fleet set revision = 2, change_id = (select change_id from changes where revision = 2);
        select pg_sleep(1.5);
        commit""", database))
    blocked.start()
    until(lambda: postgres.sql("select count(*) from pg_locks where relation = 'changes'::regclass and mode = 'AccessExclusiveLock'",
                               database) == "1", "it is locked")
    postgres.sql("notify resedge_changes, '2'", database)
    blocked.join()
    until(lambda: second.request("GET", f"{API}/groups/name:%2Fgamma/clusters").status == 200, "the second server has read it")


def test_random_writes_keep_every_invariant(admin, start_api):
    stores(admin)
    clients = [admin, start_api().client("admin", "second")]
    start = Copy(admin)
    etags = {}

    def writer(seed):
        rng = random.Random(seed)
        for step in range(25):
            client = rng.choice(clients)
            cluster_id = rng.randrange(1, 12)
            kind = rng.randrange(6)
            if kind == 0:
                client.request("POST", f"{API}/clusters", cluster(f"c-{rng.randrange(20)}", rng.choice(["/beta", "/stores/west"])))
            elif kind == 1:
                client.request("DELETE", f"{API}/clusters/{cluster_id}?confirm=1")
            elif kind == 2:
                client.request("PATCH", f"{API}/clusters/{cluster_id}", {"metadata": {"n": str(rng.randrange(3))}})
            elif kind == 3:
                client.request("PATCH", f"{API}/groups/4", {"name": f"beta-{rng.randrange(3)}"})
            elif kind == 4:
                client.request("PATCH", f"{API}/namespaces/1", {"expression": rng.choice(["/g/stores", "none", "all", "/c/east-1"])})
            else:
                load_status = client.request("POST", f"{API}/apply", {"clusters": [cluster(f"a-{rng.randrange(5)}-{i}") for i in range(3)]})
                assert load_status.status in (200, 503), load_status

    run(4, writer, range(4))
    fresh = check_history(admin, start)
    by_name = {}
    for (noun, _), doc in fresh.docs.items():
        assert by_name.setdefault((noun, doc.get("namePath") or doc["name"]), doc) is doc, "a name is there twice"
    for (noun, object_id), doc in fresh.docs.items():
        if noun == "cluster":
            answer = admin.request("GET", f"{API}/clusters/{object_id}")
            assert answer.json == doc
            assert etags.setdefault(answer.etag, doc) == doc
    expected = names(admin.get(f"{API}/clusters?$top=1000&$orderby=name"))
    assert sorted(doc["name"] for (noun, _), doc in fresh.docs.items() if noun == "cluster") == expected
