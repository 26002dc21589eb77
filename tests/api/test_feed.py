"""The change feed: a snapshot and the changes behind it are the fleet."""

import json
import threading
import time

import pytest

from resedge_test.fleet import API, Copy, cluster, load, stores, target
from resedge_test.wait import until


def test_a_snapshot_is_the_whole_fleet_at_one_revision(admin):
    stores(admin)
    answer = admin.request("GET", f"{API}/snapshot")
    copy = Copy(admin)

    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert copy.revision == 1
    assert copy.last_ids == {"target": 1, "metadataKey": 0, "group": 4, "policy": 0, "namespace": 1, "application": 1, "cluster": 3}
    assert copy.docs["cluster", 1] == admin.get(f"{API}/clusters/1")
    assert len(copy.docs) == 10


def test_an_empty_fleet_has_a_snapshot_too(admin):
    copy = Copy(admin)
    assert (copy.revision, copy.docs) == (0, {})
    assert admin.get(f"{API}/changes?since=0") == {"revision": 0, "next": "0", "changes": [], "more": False}


def test_following_the_feed_gives_the_same_as_a_snapshot(admin):
    copy = Copy(admin)
    stores(admin)
    admin.patch(f"{API}/groups/name:/stores", {"name": "shops", "metadata": {"a": "1"}})
    admin.delete(f"{API}/clusters/name:east-2?confirm=1")
    admin.patch(f"{API}/namespaces/name:web", {"expression": None})
    load(admin, clusters=[cluster("new-1", "/shops/west"), {"name": "west-1", "description": "changed"}])

    copy.follow(admin)
    fresh = Copy(admin)
    assert (copy.revision, copy.change_id, copy.docs) == (fresh.revision, fresh.change_id, fresh.docs)
    assert fresh.revision == 5


def test_a_change_says_who_did_what_and_when(admin, api):
    admin.post(f"{API}/targets", target())
    platform = api.client("platform", "jane")
    platform.post(f"{API}/clusters?reason=a%20new%20store", {"name": "c-1"})

    [change] = admin.get(f"{API}/changes?since=1")["changes"]
    assert (change["actor"], change["op"], change["noun"], change["id"], change["seq"]) == ("jane", "put", "cluster", 1, 1)
    assert change["doc"]["createdBy"] == "jane"
    revision = admin.get(f"{API}/revisions/2")
    assert (revision["actor"], revision["reason"], revision["changeId"]) == ("jane", "a new store", change["changeId"])
    assert (revision["confirm"], change["confirm"]) == (None, None)
    assert revision["at"] == change["at"]
    admin.refused(404, "GET", f"{API}/revisions/3")
    admin.delete(f"{API}/clusters/1?confirm=1")
    [change] = admin.get(f"{API}/changes?since=2")["changes"]
    assert (change["op"], change["name"], change["doc"]) == ("delete", "c-1", None)


def test_a_deletion_says_what_was_deleted_as_it_was_called_last(admin):
    stores(admin)
    admin.post(f"{API}/groups", {"name": "late", "parent": "/stores"})
    admin.patch(f"{API}/groups/name:%2Fstores%2Flate", {"name": "later"})
    paths = {"groups/name:%2Fstores%2Flater": ("group", "/stores/later"), "applications/name:pricing%2Fbook": ("application", "pricing/book"),
             "namespaces/name:pricing": ("namespace", "pricing")}
    admin.post(f"{API}/apply", {"namespaces": [{"name": "pricing"}], "applications": [{"name": "book", "namespace": "pricing", "path": "apps/book"}]})
    since = Copy(admin).revision
    for path in paths:
        admin.delete(f"{API}/{path}")
    changes = admin.get(f"{API}/changes?since={since}")["changes"]
    assert [(change["noun"], change["name"], change["doc"]) for change in changes] == [(*told, None) for told in paths.values()]
    assert not any("name" in change for change in admin.get(f"{API}/changes?since=0&until={since}")["changes"])


def test_what_was_confirmed_stays_with_the_revision(admin):
    stores(admin)
    admin.delete(f"{API}/clusters/name:west-1?confirm=1")
    [change] = admin.get(f"{API}/changes?since=1")["changes"]
    assert (change["op"], change["confirm"]) == ("delete", 1)
    assert admin.get(f"{API}/revisions/2")["confirm"] == 1


def test_waiting_ends_when_something_changes(admin, api):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(api.client("viewer").get(f"{API}/changes?since=0&wait=50")))
    thread.start()
    while not answers and thread.is_alive() and not admin.get(f"{API}/changes?since=0")["changes"]:
        admin.post(f"{API}/targets", target())
    thread.join(20)
    assert [c["noun"] for c in answers[0]["changes"]] == ["target"]


def test_waiting_for_nothing_ends_after_the_time_given(admin):
    start = time.monotonic()
    assert admin.get(f"{API}/changes?since=0&wait=1") == {"revision": 0, "next": "0", "changes": [], "more": False}
    assert 0.9 < time.monotonic() - start < 10
    admin.refused(400, "GET", f"{API}/changes?wait=3600")


def test_a_stopping_server_answers_those_who_wait(api):
    client = api.client("viewer")
    answers = []
    thread = threading.Thread(target=lambda: answers.append(client.get(f"{API}/changes?since=0&wait=50")))
    thread.start()
    until(lambda: b"resedge_http_requests_in_flight 2" in client.request("GET", "/metrics").body, "it waits besides this question")
    start = time.monotonic()
    api.stop()
    thread.join(10)
    assert answers and answers[0]["changes"] == []
    assert time.monotonic() - start < 15


def test_asking_for_the_head_of_a_big_answer_holds_nothing(admin):
    load(admin, targets=[target()])
    load(admin, clusters=[cluster(f"c-{i}") for i in range(2500)])
    for path in ("snapshot", "changes?since=0", "export"):
        for _ in range(3):
            answer = admin.request("HEAD", f"{API}/{path}")
            assert (answer.status, answer.body) == (200, b"")
    assert len(Copy(admin).docs) == 2501


def test_pages_hold_whole_revisions(admin):
    load(admin, targets=[target()], groups=[{"name": "g"}])
    for n in range(3):
        load(admin, clusters=[cluster(f"c-{n}-{i}") for i in range(600)])

    first = admin.get(f"{API}/changes?since=0")
    assert (first["revision"], len(first["changes"]), first["more"]) == (2, 602, True)
    second = admin.get(f"{API}/changes?since=2")
    assert (second["revision"], len(second["changes"]), second["more"]) == (3, 600, True)
    third = admin.get(f"{API}/changes?since=3")
    assert (third["revision"], len(third["changes"]), third["more"]) == (4, 600, False)


def places(page):
    return [f"{change['revision']}.{change['seq']}" for change in page["changes"]]


def test_a_limit_cuts_a_revision_and_next_goes_on_amid_it(admin):
    load(admin, targets=[target()], groups=[{"name": "g"}])
    load(admin, clusters=[cluster(f"c-{i}") for i in range(5)])
    admin.post(f"{API}/groups", {"name": "h"})

    pages, since = [], "0"
    for _ in range(4):
        page = admin.get(f"{API}/changes?since={since}&limit=3")
        pages.append((places(page), page["next"], page["revision"], page["more"]))
        since = page["next"]
    assert pages == [(["1.1", "1.2", "2.1"], "2.1", 1, True), (["2.2", "2.3", "2.4"], "2.4", 1, True),
                     (["2.5", "3.1"], "3", 3, False), ([], "3", 3, False)]
    assert places(admin.get(f"{API}/changes?since=1&limit=5")) == ["2.1", "2.2", "2.3", "2.4", "2.5"]
    assert admin.get(f"{API}/changes?since=1&limit=5")["next"] == "2"


@pytest.mark.parametrize("limit", [1, 2, 499, 500, 501, 1000])
def test_pages_of_any_size_are_the_fleet(admin, limit):
    copy = Copy(admin)
    load(admin, targets=[target()], groups=[{"name": "g"}])
    load(admin, clusters=[cluster(f"c-{i}") for i in range(1200 if limit > 2 else 9)])
    admin.post(f"{API}/groups", {"name": "h"})

    since, more = "0", True
    while more:
        page = admin.get(f"{API}/changes?since={since}&limit={limit}")
        assert len(page["changes"]) == limit or not page["more"]
        for change in page["changes"]:
            copy.put(change)
        since, more = page["next"], page["more"]
    fresh = Copy(admin)
    assert (copy.revision, copy.docs) == (fresh.revision, fresh.docs)


def test_who_goes_on_from_the_revision_of_a_cut_page_misses_nothing(admin):
    load(admin, targets=[target()])
    load(admin, clusters=[cluster(f"c-{i}") for i in range(5)])

    page = admin.get(f"{API}/changes?since=1&limit=3")
    assert (page["revision"], page["next"], page["more"]) == (1, "2.3", True)
    assert places(admin.get(f"{API}/changes?since={page['revision']}"))[3:] == ["2.4", "2.5"]


def test_the_rest_of_a_revision_comes_whole_without_a_limit(admin):
    load(admin, targets=[target()])
    load(admin, clusters=[cluster(f"c-{i}") for i in range(1500)])
    admin.post(f"{API}/groups", {"name": "h"})

    page = admin.get(f"{API}/changes?since=2.100")
    assert (len(page["changes"]), page["next"], page["more"]) == (1400, "2", True)
    page = admin.get(f"{API}/changes?since=2.1000")
    assert (len(page["changes"]), page["next"], page["more"]) == (501, "3", False)


def test_a_limit_has_bounds(admin):
    for limit in ("0", "10001", "x"):
        admin.refused(400, "GET", f"{API}/changes?limit={limit}")
    assert admin.get(f"{API}/changes?limit=10000")["next"] == "0"


def test_waiting_behind_the_end_of_a_revision_ends_with_the_next(admin, api):
    stores(admin)
    answers, waiting = [], api.client("viewer")
    thread = threading.Thread(target=lambda: answers.append(waiting.get(f"{API}/changes?since=1.10&limit=1&wait=50")))
    thread.start()
    until(lambda: b"resedge_http_requests_in_flight 2" in waiting.request("GET", "/metrics").body, "it waits besides this question")
    admin.post(f"{API}/groups", {"name": "h"})
    thread.join(20)
    assert places(answers[0]) == ["2.1"]


def test_what_is_no_longer_kept_or_was_never_there_is_gone(admin, postgres, database):
    stores(admin)
    for n in range(3):
        admin.post(f"{API}/groups", {"name": f"g-{n}"})
    postgres.sql("delete from changes where revision <= 2", database)

    admin.refused(410, "GET", f"{API}/changes?since=0")
    admin.refused(410, "GET", f"{API}/changes?since=1")
    admin.refused(410, "GET", f"{API}/changes?since=2.1&limit=1")  # amid what is gone
    assert admin.get(f"{API}/changes?since=2")["revision"] == 4
    problem = admin.refused(410, "GET", f"{API}/changes?since=99")
    assert "snapshot" in problem["hint"].lower()


@pytest.mark.parametrize("since", ["-1", "x", "1.", "1.x", "1.2.3", "1.-2", ".5"])
def test_a_bad_revision_is_refused(admin, since):
    admin.refused(400, "GET", f"{API}/changes?since={since}")


def test_a_reader_may_follow_and_a_stranger_may_not(admin, api):
    assert api.client("viewer").get(f"{API}/changes?since=0")["changes"] == []
    assert api.client("worker").request("GET", f"{API}/snapshot").status == 200
    api.client().refused(401, "GET", f"{API}/snapshot")


def test_other_templates_are_a_change_and_the_same_ones_are_none(admin, api):
    target_id = admin.post(f"{API}/targets", target())["id"]
    worker = api.client("worker")
    path = f"{API}/targets/{target_id}/templates"
    report = {"commit": "a" * 40, "tree": "b" * 40, "catalogue": [{"path": "apps/shop", "versions": [], "keys": [], "files": 1, "error": None}]}

    assert worker.post(path, report) == {"revision": 2, "changed": True}
    assert worker.post(path, {**report, "commit": "c" * 40}) == {"revision": 2, "changed": False}
    [change] = admin.get(f"{API}/changes?since=1")["changes"]
    assert (change["noun"], change["id"], change["op"], change["actor"]) == ("template", target_id, "put", "worker")
    assert change["doc"] == {"target": "west", "commit": "a" * 40, "tree": "b" * 40}
    assert admin.get(path)["value"] == report["catalogue"]
    assert [(known["target"], known["value"]) for known in admin.get(f"{API}/templates")["value"]] == [("west", report["catalogue"])]
    assert worker.post(path, {**report, "tree": "d" * 40}) == {"revision": 3, "changed": True}
    assert admin.get(f"{API}/targets/{target_id}/status")["wanted"] == 3
    admin.post(f"{API}/clusters", {"name": "c-1"})  # the fleet goes on behind it

    api.client("platform").refused(403, "POST", path, report)
    worker.refused(422, "POST", path, {**report, "tree": "main"})
    worker.refused(404, "POST", f"{API}/targets/99/templates", report)


def test_what_a_cluster_should_have_is_pending_until_a_worker_reports_it(admin, api):
    stores(admin)
    worker = api.client("worker")
    [shop] = admin.get(f"{API}/clusters/name:east-1/applications")["value"]
    assert shop["state"] == "pending"

    job = worker.post(f"{API}/jobs/claim", {"worker": "w", "address": "http://127.0.0.1:1", "secret": "s" * 32, "leaseSeconds": 30})
    error = {"code": "invalid", "detail": "no value for region"}
    for reported, state in (({"state": "current", "version": None}, "current"), ({"state": "current", "version": "9.9.9"}, "pending"),
                            ({"state": "held", "version": None, "error": error}, "held")):
        line = {"cluster": 1, "tree": "a" * 40, "applications": [{"application": 1, **reported}]}
        worker.post(f"{API}/jobs/{job['id']}/deployments", json.dumps(line), headers={"Resedge-Fence": str(job["fence"])})
        [shop] = admin.get(f"{API}/clusters/name:east-1/applications")["value"]
        assert (shop["state"], shop.get("error")) == (state, reported.get("error"))


def test_a_snapshot_of_the_past_is_the_fleet_as_it_was(admin):
    stores(admin)
    before = admin.request("GET", f"{API}/snapshot").body.splitlines()
    at = json.loads(before[0])
    admin.patch(f"{API}/groups/name:/stores", {"name": "shops", "metadata": {"a": "1"}})
    admin.delete(f"{API}/clusters/name:east-2?confirm=1")
    load(admin, clusters=[cluster("new-1", "/shops/west")])

    past = admin.request("GET", f"{API}/snapshot?revision={at['revision']}").body.splitlines()
    head = json.loads(past[0])
    assert (head["revision"], head["changeId"]) == (at["revision"], at["changeId"])
    assert sorted(past[1:]) == sorted(before[1:])
    assert admin.request("GET", f"{API}/snapshot?revision=99").status == 410


def test_the_feed_stops_where_it_is_told_to(admin):
    stores(admin)
    for text in ("a", "b", "c"):
        admin.patch(f"{API}/clusters/1", {"description": text})
    page = admin.get(f"{API}/changes?since=1&until=2")
    assert (page["revision"], page["more"], [change["revision"] for change in page["changes"]]) == (2, False, [2])
    page = admin.get(f"{API}/changes?since=1.9&until=3&limit=1")
    assert (places(page), page["next"], page["more"]) == (["1.10"], "1", True)
    start = time.monotonic()
    assert admin.get(f"{API}/changes?since=2&until=2&wait=50") == {"revision": 2, "next": "2", "changes": [], "more": False}
    assert time.monotonic() - start < 10, "it waited for what can't come"
    assert admin.get(f"{API}/changes?since=4&until=4")["changes"] == []
    assert admin.request("GET", f"{API}/changes?since=3&until=2").status == 400
