"""A POST with an Idempotency-Key is done once, however often and wherever it is asked for."""

import concurrent.futures

import pytest

from resedge_test.client import Client
from resedge_test.fleet import API, Copy, cluster, stores


def post(client, key, body, path="clusters"):
    return client.request("POST", f"{API}/{path}", body, headers={"Idempotency-Key": key})


def same(answer, first):
    assert (answer.status, answer.body, answer.etag, answer.headers["Location"], answer.revision) == \
        (first.status, first.body, first.etag, first.headers["Location"], first.revision)


def test_a_retry_gets_the_first_answer(admin, start_api):
    stores(admin)
    first = post(admin, "k-1", cluster("c-1"))
    assert (first.status, first.headers["Idempotent-Replayed"]) == (201, None)
    revision = first.revision
    admin.patch(f"{API}/clusters/name:c-1", {"description": "changed since"})
    for client in (admin, start_api().client("admin", "second")):
        again = post(client, "k-1", cluster("c-1"))
        if client is admin:
            same(again, first)
            assert again.headers["Idempotent-Replayed"] == "true"
        else:
            assert again.status == 409, "another token's keys are its own"
    assert Copy(admin).revision == revision + 1


def test_a_retry_on_another_server_gets_it_too(api, start_api):
    stores(api.client("admin"))
    token = api.client("platform", "jane").token
    here, there = Client(api.port, token), Client(start_api().port, token)
    first = post(here, "k-1", cluster("c-1"))
    same(post(there, "k-1", cluster("c-1")), first)


def test_the_same_key_with_another_request_is_refused(admin):
    stores(admin)
    post(admin, "k-1", cluster("c-1"))
    assert post(admin, "k-1", cluster("c-2")).status == 422
    assert post(admin, "k-1", {"clusters": [cluster("c-1")]}, "apply").status == 422
    assert post(admin, "k-2", cluster("c-2")).status == 201
    admin.refused(404, "GET", f"{API}/clusters/name:nobody")


def test_what_was_refused_may_be_tried_again(admin):
    stores(admin)
    assert post(admin, "k-1", cluster("c-1", "/late")).status == 422
    admin.post(f"{API}/groups", {"name": "late"})
    assert post(admin, "k-1", cluster("c-1", "/late")).status == 201


def test_a_bad_key_is_refused(admin):
    for key in ("", "a b", "x" * 256):
        assert post(admin, key, cluster("c-1")).status == 400


def test_of_retries_at_the_same_time_one_writes_and_all_get_its_answer(api, start_api):
    stores(api.client("admin"))
    token = api.client("platform", "jane").token
    clients = [Client(api.port, token), Client(start_api().port, token)]
    before = Copy(clients[0]).revision
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: post(clients[n % 2], "k-1", cluster("c-1")), range(16)))
    for answer in answers:
        assert answer.status == 201, answer
        same(answer, answers[0])
    assert Copy(clients[0]).revision == before + 1


def test_inventories_and_bulk_changes_are_done_once_too(admin):
    stores(admin)
    before = Copy(admin).revision
    first = post(admin, "k-1", {"clusters": [cluster("c-1")]}, "apply")
    assert first.json["created"] == {"clusters": 1}
    assert post(admin, "k-1", {"clusters": [cluster("c-1")]}, "apply").body == first.body
    bulk = {"expression": "all", "set": {"a": "1"}}
    first = post(admin, "k-2", bulk, "clusters/bulk")
    assert (first.json["changed"], first.json["revision"]) == (4, before + 2)
    assert post(admin, "k-2", bulk, "clusters/bulk").body == first.body
    nothing = post(admin, "k-3", bulk, "clusters/bulk")
    assert (nothing.json["changed"], nothing.json["revision"]) == (0, before + 2)
    admin.post(f"{API}/clusters/bulk", {"expression": "all", "set": {"a": "2"}})
    assert post(admin, "k-3", bulk, "clusters/bulk").body == nothing.body
    assert admin.get(f"{API}/clusters/name:c-1")["metadata"] == [{"key": "a", "value": "2"}]


def test_a_dry_run_keeps_no_key(admin):
    stores(admin)
    assert post(admin, "k-1", cluster("c-1"), "clusters?dryRun=true").status == 200
    assert post(admin, "k-1", cluster("c-1")).status == 201


def test_keys_are_forgotten_after_a_day(admin, postgres, database):
    stores(admin)
    post(admin, "k-1", cluster("c-1"))
    postgres.sql("update idempotency_keys set created_at = now() - interval '25 hours'", database)
    assert post(admin, "k-1", cluster("c-1")).status == 409
    assert post(admin, "k-2", cluster("c-2")).status == 201
    assert postgres.sql("select string_agg(key, ',') from idempotency_keys", database) == "k-2"


@pytest.mark.parametrize("path, body", [
    ("session", None), ("applications/1/pause", {"reason": "x"}), ("targets/1/push", {}),
    ("jobs/1/retry", {}), ("expressions/evaluate", {"expression": "/all"})])
def test_where_no_answer_is_kept_a_key_is_refused_and_nothing_done(admin, path, body):
    before = admin.get(f"{API}/tokens")["value"]
    for _ in range(2):
        answer = post(admin, "k-1", body, path)
        assert (answer.status, answer.json["object"]) == (400, "header Idempotency-Key")
    assert [token["name"] for token in admin.get(f"{API}/tokens")["value"]] == [token["name"] for token in before]
