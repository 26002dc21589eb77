"""A POST with an Idempotency-Key is done once, however often and wherever it is asked for."""

import concurrent.futures
import http.client
import json

import pytest

from resedge_test.client import Client
from resedge_test.fleet import API, Copy, cluster, stores


def post(client, key, body, path="clusters"):
    return client.request("POST", f"{API}/{path}", body, headers={"Idempotency-Key": key})


def same(answer, first):
    assert (answer.status, answer.body, answer.etag, answer.headers["Location"], answer.revision) == \
        (first.status, first.body, first.etag, first.headers["Location"], first.revision), answer


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
    stores(admin)
    for key in ("", "a b", "x" * 256):
        for query in ("", "?dryRun=true"):
            assert post(admin, key, cluster("c-1"), f"clusters{query}").status == 400
            assert post(admin, key, {"name": "ci", "role": "viewer"}, f"tokens{query}").status == 400
            assert post(admin, key, None, f"targets/1/push{query}").status == 400


@pytest.mark.parametrize("query", ["", "?dryRun=true"])
def test_of_two_keys_none_is_chosen(api, admin, query):
    stores(admin)
    for path, body in (("clusters", cluster("c-1")), ("tokens", {"name": "ci", "role": "viewer"})):
        connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=30)
        connection.putrequest("POST", f"{API}/{path}{query}")
        text = json.dumps(body).encode()
        for name, value in (("Authorization", f"Bearer {admin.token}"), ("Content-Type", "application/json"), ("Content-Length", len(text)),
                            ("Idempotency-Key", "k-1"), ("idempotency-key", "k-2")):
            connection.putheader(name, value)
        connection.endheaders(text)
        answer = connection.getresponse()
        problem = json.loads(answer.read())
        connection.close()
        assert answer.status == 400 and problem["object"] == "header Idempotency-Key" and "more than once" in problem["detail"], problem
    admin.refused(404, "GET", f"{API}/clusters/name:c-1")


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


def dry(path, value="true"):
    return f"{path}{'&' if '?' in path else '?'}dryRun={value}"


def test_a_dry_run_tells_what_the_write_would_under_a_key_that_was_used(api, admin):
    stores(admin)
    writes = [("groups", {"name": "late"}), ("clusters?reason=it%27s+time", cluster("c-1")), ("apply", {"groups": [{"name": "later"}]}),
              ("clusters/bulk", {"expression": "all", "set": {"a": "1"}}), ("groups/name:late/members", {"add": "all"}),
              ("targets/name:west/pause", {"reason": "outage"}), ("targets/1/push", None), (f"jobs/{fail_job(api)['id']}/retry", None),
              ("tokens", {"name": "ci", "role": "viewer"})]
    firsts = [post(admin, f"k-{n}", body, path) for n, (path, body) in enumerate(writes)]
    revision, logged = Copy(admin).revision, admin.get(f"{API}/audit?$count=true")["@odata.count"]
    for n, (path, body) in enumerate(writes):
        for value in ("true", "false"):
            again = post(admin, f"k-{n}", body, dry(path, value))
            same(again, firsts[n])
            assert again.headers["Idempotent-Replayed"] == "true", path
        other = post(admin, f"k-{(n + 1) % len(writes)}", body, dry(path))
        assert other.status == 422 and "another request" in other.json["detail"], (path, other)
    assert (Copy(admin).revision, admin.get(f"{API}/audit?$count=true")["@odata.count"]) == (revision, logged)
    assert post(admin, "k-new", {"name": "late"}, dry("groups")).status == 409


def test_a_dry_run_writes_nothing_of_an_answer_that_is_not_there_yet(api, admin, postgres, database):
    stores(admin)
    path = f"jobs/{fail_job(api)['id']}/retry"
    first = post(admin, "k-1", None, path)
    postgres.sql("update idempotency_keys set body = null", database)
    again = post(admin, "k-1", None, dry(path))
    assert (again.status, again.json, again.headers["Idempotent-Replayed"]) == (200, first.json, "true")
    assert postgres.sql("select body is null from idempotency_keys", database) == "t"


def test_keys_are_forgotten_after_a_day(admin, postgres, database):
    stores(admin)
    post(admin, "k-1", cluster("c-1"))
    postgres.sql("update idempotency_keys set created_at = now() - interval '25 hours'", database)
    assert post(admin, "k-1", cluster("c-1")).status == 409
    assert post(admin, "k-2", cluster("c-2")).status == 201
    assert postgres.sql("select string_agg(key, ',') from idempotency_keys", database) == "k-2"


# ---- what people do to jobs, targets and applications ----

def fail_job(api, retry=False):
    """A job of west that failed, for now (retry) or for good."""
    worker = api.client("worker")
    job = worker.post(f"{API}/jobs/claim", {"worker": "w", "address": "http://127.0.0.1:9", "secret": "secret-of-the-worker", "leaseSeconds": 30})
    worker.post(f"{API}/jobs/{job['id']}/fail", {"fence": job["fence"], "retry": retry, "error": {"detail": "no route", "code": "unavailable"}})
    return job


def acts(admin, noun):
    return [entry["op"] for entry in admin.get(f"{API}/audit?noun={noun}")["value"]]


@pytest.mark.parametrize("path, op", [("targets/name:west", "pause"), ("targets/name:west", "resume"), ("applications/1", "pause")])
def test_a_retry_of_a_pause_pauses_nothing_that_was_resumed_since(admin, path, op):
    stores(admin)
    if op == "resume":
        admin.post(f"{API}/{path}/pause", {"reason": "before"})
    before = Copy(admin).revision
    first = post(admin, "k-1", {"reason": "outage"}, f"{path}/{op}")
    assert (first.status, first.json["paused"], first.revision) == (200, op == "pause", before + 1)
    admin.post(f"{API}/{path}/{'resume' if op == 'pause' else 'pause'}", {"reason": "since"})
    now = admin.get(f"{API}/{path}")
    again = post(admin, "k-1", {"reason": "outage"}, f"{path}/{op}")
    same(again, first)
    assert again.headers["Idempotent-Replayed"] == "true" and admin.get(f"{API}/{path}") == now
    assert post(admin, "k-1", {"reason": "another"}, f"{path}/{op}").status == 422


def test_a_pause_of_what_is_paused_already_has_its_answer_too(admin):
    stores(admin)
    path = f"{API}/targets/name:west"
    admin.post(f"{path}/pause", {"reason": "outage"})
    paused = admin.request("GET", path)
    for key in ("k-1", "k-1", "k-2"):
        answer = post(admin, key, {"reason": "outage"}, "targets/name:west/pause")
        assert (answer.status, answer.json, answer.etag) == (200, paused.json, paused.etag)
    admin.post(f"{path}/resume", {"reason": "over"})
    assert post(admin, "k-1", {"reason": "outage"}, "targets/name:west/pause").json == paused.json
    assert admin.get(path)["paused"] is False


@pytest.mark.parametrize("retry, act, state", [(False, "retry", "failed"), (True, "cancel", "canceled")])
def test_a_retry_of_what_was_done_to_a_job_gets_the_job_as_it_was_then(api, admin, start_api, retry, act, state):
    stores(admin)
    path = f"jobs/{fail_job(api, retry)['id']}/{act}"
    assert post(admin, "k-1", None, f"{path}?dryRun=true").status == 200
    first = post(admin, "k-1", None, path)
    assert (first.status, first.json["state"]) == (200, state)
    if act == "cancel":
        admin.refused(409, "POST", f"{API}/{path}")
        admin.post(f"{API}/{path.replace('cancel', 'retry')}")
    else:
        api.client("worker", "w2").post(f"{API}/jobs/claim", {"worker": "w", "address": "http://127.0.0.1:9", "secret": "secret-of-the-worker",
                                                              "leaseSeconds": 30})
        admin.refused(409, "POST", f"{API}/{path}")
    for client in (admin, Client(start_api().port, admin.token)):
        again = post(client, "k-1", None, path)
        same(again, first)
        assert again.headers["Idempotent-Replayed"] == "true"
    assert acts(admin, "job").count(act) == 1


def test_of_retries_at_the_same_time_one_acts_and_all_get_the_same_answer(api, admin, start_api):
    stores(admin)
    path = f"jobs/{fail_job(api)['id']}/retry"
    clients = [admin, Client(start_api().port, admin.token)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: post(clients[n % 2], "k-1", None, path), range(16)))
    assert {(answer.status, answer.body) for answer in answers} == {(200, answers[0].body)}
    assert acts(admin, "job") == ["retry"]


def test_an_act_whose_server_died_before_it_answered_is_answered_and_not_done_again(api, admin, postgres, database):
    stores(admin)
    path = f"jobs/{fail_job(api)['id']}/retry"
    first = post(admin, "k-1", None, path)
    postgres.sql("update idempotency_keys set body = null", database)
    again = post(admin, "k-1", None, path)
    assert (again.status, again.json, again.headers["Idempotent-Replayed"]) == (200, first.json, "true")
    assert acts(admin, "job") == ["retry"]
    assert postgres.sql("select body is not null from idempotency_keys", database) == "t"


@pytest.mark.parametrize("act, body, op", [("push", None, "push"), ("accept-history", {"commit": "a" * 40}, "acceptHistory")])
def test_what_is_done_to_a_target_is_done_once(admin, act, body, op):
    stores(admin)
    target_id = admin.get(f"{API}/targets/name:west")["id"]
    for n in range(3):
        answer = post(admin, "k-1", body, f"targets/{target_id}/{act}")
        assert (answer.status, answer.body, answer.headers["Idempotent-Replayed"]) == (204, b"", "true" if n else None)
    assert acts(admin, "target") == [op, "create"]
    assert post(admin, "k-2", body, f"targets/{target_id}/{act}").headers["Idempotent-Replayed"] is None
    assert post(admin, "k-3", body, f"targets/99/{act}").status == 404


def test_what_is_held_is_decided_on_once(api, admin, postgres, database):
    stores(admin)
    worker, held = api.client("worker"), {"state": "held", "revision": 1, "losing": 0, "changed": 1, "files": 1, "doc": {"change": None, "actor": None, "parts": [], "clusters": ["west-1"]}}
    job = worker.post(f"{API}/jobs/claim", {"worker": "w", "address": "http://127.0.0.1:9", "secret": "secret-of-the-worker", "leaseSeconds": 30})
    holds = [{"key": "adopt/west-1", "kind": "adopt", **held}, {"key": "files", "kind": "files", **held}]
    entry = {"cause": "guard", "key": "files", "losing": 0, "changed": 1, "files": 1}
    worker.post(f"{API}/jobs/{job['id']}/complete", {"fence": job["fence"], "revision": job["revision"], "state": "unchanged", "held": [entry], "holds": holds})
    for path, body in (("targets/name:west/adopt", {"clusters": ["west-1"], "reason": "ours"}), (f"jobs/{job['id']}/approve", {"reason": "seen"})):
        first = post(admin, path, body, path)
        admin.refused(409, "POST", f"{API}/{path}", body)
        same(post(admin, path, body, path), first)
    assert postgres.sql("select count(*) from hold_decisions", database) == "2"


def test_what_could_not_be_done_to_a_job_may_be_tried_again(api, admin):
    stores(admin)
    job = fail_job(api, retry=True)
    admin.post(f"{API}/jobs/{job['id']}/cancel")
    assert post(admin, "k-1", None, f"jobs/{job['id']}/cancel").status == 409
    admin.post(f"{API}/jobs/{job['id']}/retry")
    assert post(admin, "k-1", None, f"jobs/{job['id']}/cancel").status == 200
    assert post(admin, "k-2", None, "jobs/99/cancel").status == 404


@pytest.mark.parametrize("path, body", [("session", None), ("targets/1/refresh", None), ("expressions/evaluate", {"expression": "/all"})])
def test_where_no_answer_is_kept_a_key_is_refused(admin, path, body):
    for _ in range(2):
        answer = post(admin, "k-1", body, path)
        assert (answer.status, answer.json["object"]) == (400, "header Idempotency-Key")
