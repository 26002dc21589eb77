"""The queue of work, as a worker and a person meet it."""

import threading
import time

import pytest

from resedge_test.wait import until

COMMIT = "a" * 40
CLAIM = {"worker": "w1", "address": "http://127.0.0.1:4711", "secret": "made up", "leaseSeconds": 30}


@pytest.fixture
def queue(postgres, database, api):
    return Queue(postgres, database, api)


class Queue:
    """A fleet whose targets are put there by the database's own function, and a worker's client."""

    def __init__(self, postgres, database, api):
        self.postgres, self.database, self.api = postgres, database, api
        self.revision = 0
        self.worker = api.client("worker")
        self.platform = api.client("platform")

    def sql(self, text):
        return self.postgres.sql(text, self.database)

    def target(self, id=1, name="west", paused=False):
        """Puts a target: the next revision, and so work for all."""
        doc = ('{"id":%d,"name":"%s","tags":[],"metadata":[],"version":1,"createdAt":"2026-01-01T00:00:00Z",'
               '"updatedAt":"2026-01-01T00:00:00Z","url":"file:///%s","branch":"main","paused":%s}'
               % (id, name, name, "true" if paused else "false"))
        self.sql(f"select fleet_write({self.revision}, (select change_id from fleet), 'ann', null, array['target'], array['put'], array[{id}]::bigint[], "
                 f"array['0123456789abcdef'], '{doc}')")
        self.revision += 1

    def claim(self, **changes):
        return self.worker.request("POST", "/api/v1/jobs/claim", {**CLAIM, **changes})

    def act(self, job, verb, **body):
        return self.worker.request("POST", f"/api/v1/jobs/{job['id']}/{verb}", {"fence": job["fence"], **body})

    def complete(self, job, **body):
        return self.act(job, "complete", **{"revision": job["revision"], "state": "committed", "commit": COMMIT, **body})

    def show(self, job):
        return self.platform.get(f"/api/v1/jobs/{job['id']}")

    def expire(self):
        """As if the time of all leases and pauses had come."""
        self.sql("update target_queue set lease_until = now() - interval '1 s' where lease_until is not null;"
                 "update target_queue set not_before = null")


def test_nothing_to_claim_is_no_content(queue):
    answer = queue.claim()
    assert (answer.status, answer.body) == (204, b"")


def test_a_claim_says_all_that_the_commit_needs(queue):
    queue.target()
    job = queue.claim().json
    assert job["target"]["name"] == "west"
    assert (job["revision"], job["doneRevision"], job["attempt"]) == (1, 0, 1)
    assert job["author"] == {"name": "ann", "email": "ann@resedge"}
    assert len(job["changeId"]) == 36 and job["time"].endswith("Z") and job["leaseUntil"] > job["time"]


def test_a_target_is_held_by_one_worker_at_a_time(queue):
    queue.target()
    assert queue.claim().status == 200
    assert queue.claim(worker="w2").status == 204


def test_renewing_shows_the_progress_and_keeps_the_lease(queue):
    queue.target()
    job = queue.claim().json
    answer = queue.act(job, "renew", progress={"phase": "plan", "files": 3, "ofFiles": 10, "bytes": 700})
    assert answer.status == 200 and answer.json["cancel"] is False and answer.json["leaseUntil"] >= job["leaseUntil"]
    assert queue.show(job)["progress"] == {"phase": "plan", "files": 3, "ofFiles": 10, "bytes": 700}


def test_a_completed_job_has_its_numbers_and_there_is_nothing_left_to_do(queue):
    queue.target()
    job = queue.claim().json
    held = [{"cluster": "c1", "application": "imdb", "namespace": "imdb", "error": {"detail": "no value"}}]
    answer = queue.complete(job, tree="b" * 40, parent=None, filesAdded=5, filesChanged=1, filesRemoved=2, clustersChanged=3,
                            filesRendered=9, bytesRendered=4000, bytesWritten=900, durationMs=120, phases={"plan": 20}, held=held, heldCount=1)
    assert answer.status == 200
    shown = queue.show(job)
    assert [shown[n] for n in ("filesRendered", "bytesRendered", "bytesWritten")] == [9, 4000, 900]
    assert shown["state"] == "committed" and shown["commit"] == COMMIT and shown["tree"] == "b" * 40
    assert [shown[n] for n in ("filesAdded", "filesChanged", "filesRemoved", "clustersChanged", "durationMs")] == [5, 1, 2, 3, 120]
    assert shown["held"] == held and shown["heldCount"] == 1 and shown["phases"] == {"plan": 20}
    assert shown["finishedAt"] and shown["error"] is None
    assert queue.claim().status == 204
    status = queue.platform.get("/api/v1/targets/1/status")
    assert (status["wanted"], status["done"], status["lag"], status["lastCommit"]) == (1, 1, 0, COMMIT)
    assert status["worker"]["name"] == "w1" and status["job"]["id"] == job["id"]


def test_a_completion_that_is_sent_twice_is_taken_once(queue):
    queue.target()
    job = queue.claim().json
    assert queue.complete(job, tree="b" * 40, durationMs=7).status == 200
    assert queue.complete(job, tree="b" * 40, durationMs=8).status == 200


@pytest.mark.parametrize("other", [
    {"commit": "c" * 40}, {"tree": "c" * 40}, {"parent": "c" * 40}, {"commit": None}, {"state": "pushed"},
    {"state": "unchanged", "commit": None, "tree": None},
])
def test_a_second_completion_that_says_something_else_is_a_conflict_and_the_first_stands(queue, other):
    queue.target()
    job = queue.claim().json
    assert queue.complete(job, tree="b" * 40).status == 200
    before = queue.show(job)
    answer = queue.complete(job, **{"tree": "b" * 40, **other})
    assert (answer.status, answer.json["code"]) == (409, "conflict")
    assert queue.show(job) == before
    assert queue.complete(job, tree="b" * 40).status == 200


def test_a_job_that_is_over_takes_no_more_news(queue):
    queue.target()
    job = queue.claim().json
    queue.complete(job)
    assert queue.act(job, "renew").status == 409
    assert queue.act(job, "fail", error={"detail": "no"}, retry=True).status == 409
    headers = {"Resedge-Fence": str(job["fence"]), "Content-Type": "application/x-ndjson"}
    assert queue.worker.request("POST", f"/api/v1/jobs/{job['id']}/deployments", "", headers=headers).status == 409


def test_a_second_failure_that_says_something_else_is_a_conflict_and_the_first_stands(queue):
    queue.target()
    job = queue.claim().json
    error = {"detail": "the remote is away", "hint": "Wait."}
    assert queue.act(job, "fail", error=error, retry=True).status == 200
    answer = queue.act(job, "fail", error={"detail": "the disk is full"}, retry=True)
    assert (answer.status, answer.json["code"]) == (409, "conflict")
    assert queue.show(job)["error"] == error
    assert queue.act(job, "fail", error=dict(reversed(error.items())), retry=True).status == 200


def test_a_change_during_the_work_makes_the_next_job(queue):
    queue.target()
    job = queue.claim().json
    queue.target(name="west")
    assert queue.claim().status == 204, "the target is still held"
    assert queue.complete(job).status == 200
    following = queue.claim().json
    assert following["id"] != job["id"] and (following["revision"], following["doneRevision"]) == (2, 1)


def test_a_worker_that_planned_at_a_later_revision_has_done_that_too(queue):
    queue.target()
    job = queue.claim().json
    queue.target()
    assert queue.complete(job, revision=2).status == 200
    assert queue.claim().status == 204
    assert queue.show(job)["revision"] == 2


def test_a_completion_at_an_earlier_revision_is_refused(queue):
    queue.target()
    job = queue.claim().json
    assert queue.complete(job, revision=0).status == 400


def test_what_the_database_never_had_is_not_done(queue):
    """As after a restore of an older state."""
    queue.target()
    job = queue.claim().json
    answer = queue.complete(job, revision=2)
    assert answer.status == 409 and "snapshot" in answer.json["hint"]
    queue.target()
    status = queue.platform.get("/api/v1/targets/1/status")
    assert (status["wanted"], status["done"]) == (2, 0)


def test_a_target_that_waits_long_comes_before_one_that_the_worker_knows(queue):
    queue.target(1, "west")
    queue.complete(queue.claim().json)
    queue.target(2, "east")
    job = queue.claim().json
    assert job["target"]["name"] == "west", "the worker has its repository at hand"
    queue.target(1, "west")
    assert queue.complete(job).status == 200
    queue.sql("update target_queue set wanted_since = wanted_since - interval '1 min' where target_id = 2")
    assert queue.claim().json["target"]["name"] == "east"


def test_a_lease_that_ran_out_gives_the_same_job_to_the_next(queue):
    queue.target()
    first = queue.claim().json
    queue.expire()
    second = queue.claim(worker="w2").json
    assert (second["id"], second["time"], second["author"]) == (first["id"], first["time"], first["author"])
    assert second["fence"] > first["fence"] and second["attempt"] == 2


def test_an_old_fence_is_refused_everywhere(queue):
    queue.target()
    first = queue.claim().json
    queue.expire()
    second = queue.claim(worker="w2").json
    for verb, body in [("renew", {}), ("complete", {"revision": 1, "state": "committed"}),
                       ("fail", {"error": {"detail": "late"}, "retry": True})]:
        answer = queue.act(first, verb, **body)
        assert answer.status == 409 and answer.json["code"] == "conflict", (verb, answer)
    headers = {"Resedge-Fence": str(first["fence"]), "Content-Type": "application/x-ndjson"}
    assert queue.worker.request("POST", f"/api/v1/jobs/{first['id']}/deployments", "", headers=headers).status == 409
    assert queue.complete(second).status == 200


def test_a_claim_ends_with_its_failure(queue):
    queue.target()
    job = queue.claim().json
    for _ in range(2):  # the answer to the first may get lost
        assert queue.act(job, "fail", error={"detail": "the remote is away"}, retry=True).status == 200
    assert queue.sql("select attempts from target_queue") == "1"
    assert queue.act(job, "renew").status == 409
    assert queue.complete(job).status == 409
    assert queue.show(job)["state"] == "failed"


def test_a_late_answer_does_not_count_when_the_job_is_tried_again(queue):
    queue.target()
    job = queue.claim().json
    queue.platform.post(f"/api/v1/jobs/{job['id']}/cancel")
    queue.expire()
    assert queue.claim(worker="w2").status == 204
    assert queue.platform.post(f"/api/v1/jobs/{job['id']}/retry")["state"] == "failed"
    assert queue.complete(job).status == 409
    assert queue.claim(worker="w2").json["id"] == job["id"]


def test_a_failed_job_is_tried_again_after_a_pause(queue):
    queue.target()
    job = queue.claim().json
    assert queue.act(job, "fail", error={"detail": "the remote is away"}, retry=True).status == 200
    shown = queue.show(job)
    assert shown["state"] == "failed" and shown["error"] == {"detail": "the remote is away"}
    assert queue.claim().status == 204, "the pause"
    started = time.monotonic()
    assert queue.worker.get("/api/v1/jobs/wait?wait=20") == {"ready": True}
    assert time.monotonic() - started < 10
    again = queue.claim().json
    assert again["id"] == job["id"] and again["attempt"] == 2


def test_five_failures_in_a_row_park_the_job_and_a_new_change_gives_it_another_chance(queue):
    queue.target()
    for attempt in range(5):
        job = queue.claim().json
        assert job["attempt"] == attempt + 1
        queue.act(job, "fail", error={"detail": "no"}, retry=True)
        queue.expire()
    assert queue.show(job)["state"] == "parked"
    assert queue.claim().status == 204
    queue.target()
    assert queue.claim().json["id"] != job["id"]


def test_a_failure_without_retry_parks_at_once_and_a_person_can_retry_it(queue):
    queue.target()
    job = queue.claim().json
    queue.act(job, "fail", error={"detail": "no"}, retry=False)
    assert queue.show(job)["state"] == "parked"
    assert queue.platform.get("/api/v1/jobs?state=parked")["value"][0]["id"] == job["id"]
    assert queue.platform.post(f"/api/v1/jobs/{job['id']}/retry")["state"] == "failed"
    assert queue.claim().json["id"] == job["id"]


def test_there_is_nothing_to_retry_in_a_job_that_went_well(queue):
    queue.target()
    job = queue.claim().json
    queue.complete(job)
    problem = queue.platform.refused(409, "POST", f"/api/v1/jobs/{job['id']}/retry")
    assert "committed" in problem["detail"]


def test_a_running_job_hears_of_a_cancel_when_it_renews(queue):
    queue.target()
    job = queue.claim().json
    queue.platform.post(f"/api/v1/jobs/{job['id']}/cancel")
    assert queue.act(job, "renew").json["cancel"] is True
    queue.act(job, "fail", error={"detail": "canceled"}, retry=True)
    assert queue.show(job)["state"] == "canceled"
    assert queue.claim().status == 204


def test_a_canceled_job_whose_worker_died_does_not_run_again(queue):
    queue.target()
    job = queue.claim().json
    queue.platform.post(f"/api/v1/jobs/{job['id']}/cancel")
    queue.expire()
    assert queue.claim(worker="w2").status == 204
    assert queue.show(job)["state"] == "canceled"


def test_a_paused_target_gives_no_work(queue):
    queue.target(paused=True)
    assert queue.claim().status == 204
    assert queue.worker.get("/api/v1/jobs/wait?wait=0") == {"ready": False}
    queue.target(paused=False)
    assert queue.claim().status == 200


def test_waiting_ends_at_once_when_there_is_work(queue):
    queue.target()
    assert queue.worker.get("/api/v1/jobs/wait?wait=30") == {"ready": True}


def test_waiting_ends_when_work_comes(queue):
    queue.worker.get("/api/v1/jobs/wait?wait=0")
    answers = []
    waiters = [threading.Thread(target=lambda: answers.append((queue.worker.get("/api/v1/jobs/wait?wait=50"), time.monotonic())))
               for _ in range(5)]
    for waiter in waiters:
        waiter.start()
    until(lambda: "resedge_http_requests_in_flight 6\n" in queue.worker.request("GET", "/metrics").body.decode(), "all wait")
    queue.target()
    put_at = time.monotonic()
    for waiter in waiters:
        waiter.join()
    assert [ready for ready, _ in answers] == [{"ready": True}] * 5
    assert max(at for _, at in answers) - put_at < 5


def test_waiting_ends_when_a_lease_runs_out(queue):
    queue.target()
    assert queue.claim(leaseSeconds=1).status == 200
    assert queue.worker.get("/api/v1/jobs/wait?wait=50") == {"ready": True}


def test_many_workers_share_the_targets_and_none_gets_two_of_one(queue):
    for number in range(1, 9):
        queue.target(number, f"t{number}")
    claims = []
    threads = [threading.Thread(target=lambda n=n: claims.append(queue.claim(worker=f"w{n}"))) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got = [claim.json["target"]["id"] for claim in claims if claim.status == 200]
    # A row that is locked for a moment is skipped: who got nothing asks again.
    while len(got) < 8:
        claim = queue.claim()
        assert claim.status == 200, got
        got.append(claim.json["target"]["id"])
    assert sorted(got) == list(range(1, 9))
    assert queue.claim().status == 204


def test_deployments_are_kept_for_clusters_that_are_there(queue):
    queue.target()
    queue.sql("""insert into clusters (id, name, version, created_at, updated_at, etag, doc, state, target_id)
                 values (7, 'c7', 1, now(), now(), '0123456789abcdef', '{}', 'active', 1)""")
    job = queue.claim().json
    lines = "\n".join(['{"cluster": 7, "tree": "%s", "applications": [{"application": 3, "version": "1.0", "state": "current"}]}' % ("c" * 40),
                       '{"cluster": 8, "tree": "%s", "applications": []}' % ("d" * 40), ""])
    headers = {"Resedge-Fence": str(job["fence"]), "Content-Type": "application/x-ndjson"}
    path = f"/api/v1/jobs/{job['id']}/deployments"
    assert queue.worker.post(path, lines, headers=headers) == {"kept": 1}
    assert queue.sql("select cluster_id, revision, job_id from deployments") == f"7|1|{job['id']}"
    assert queue.worker.post(path, lines.split("\n")[0] + "\n" + lines, headers=headers) == {"kept": 1}
    assert queue.worker.request("POST", path, '{"cluster": 7', headers=headers).status == 400
    assert queue.worker.request("POST", path, '{"cluster": 7, "applications": []}', headers=headers).status == 422
    assert queue.worker.request("POST", path, "", headers={}).status == 400


@pytest.mark.parametrize("body, field", [
    ({"worker": ""}, "/worker"), ({"worker": "a\nb"}, "/worker"), ({"worker": 7}, "/worker"),
    ({"address": "ftp://x:1"}, "/address"), ({"address": "http://x"}, "/address"), ({"address": "http://u:p@x:1"}, "/address"),
    ({"secret": ""}, "/secret"), ({"leaseSeconds": 0}, "/leaseSeconds"), ({"leaseSeconds": 1.5}, "/leaseSeconds"),
])
def test_a_wrong_claim_is_told_which_member_is_wrong(queue, body, field):
    answer = queue.claim(**body)
    assert answer.status == 422 and answer.json["field"] == field


@pytest.mark.parametrize("body, field", [
    ({"state": "done"}, "/state"), ({"revision": -1}, "/revision"), ({"commit": "xyz"}, "/commit"), ({"held": {}}, "/held"),
    ({"phases": []}, "/phases"), ({"filesAdded": "many"}, "/filesAdded"), ({"fence": None}, "/fence"),
])
def test_a_wrong_completion_is_told_which_member_is_wrong(queue, body, field):
    queue.target()
    answer = queue.complete(queue.claim().json, **body)
    assert answer.status == 422 and answer.json["field"] == field


def test_a_job_that_is_not_there_is_not_found(queue):
    queue.platform.refused(404, "GET", "/api/v1/jobs/99")
    queue.platform.refused(404, "POST", "/api/v1/jobs/99/retry")
    queue.platform.refused(404, "POST", "/api/v1/jobs/99/cancel")
    queue.platform.refused(404, "GET", "/api/v1/jobs/x")
    queue.platform.refused(400, "GET", "/api/v1/jobs?state=odd")
    assert queue.act({"id": 99, "fence": 1}, "renew").status == 404


def test_only_workers_work_and_only_editors_retry(queue):
    queue.target()
    assert queue.platform.request("POST", "/api/v1/jobs/claim", CLAIM).status == 403
    job = queue.claim().json
    assert queue.worker.request("POST", f"/api/v1/jobs/{job['id']}/cancel").status == 403
    viewer = queue.api.client("viewer")
    assert viewer.request("POST", f"/api/v1/jobs/{job['id']}/cancel").status == 403
    assert viewer.get(f"/api/v1/jobs/{job['id']}")["state"] == "running"


def test_the_list_can_be_narrowed_and_paged(queue):
    queue.target(1, "west")
    queue.target(2, "east")
    jobs = [queue.claim().json, queue.claim().json]
    listed = queue.platform.get("/api/v1/jobs")
    assert [job["id"] for job in listed["value"]] == [jobs[1]["id"], jobs[0]["id"]] and listed["@odata.count"] == 2
    assert [job["target"] for job in queue.platform.get("/api/v1/jobs?target=west")["value"]] == ["west"]
    assert [job["target"] for job in queue.platform.get("/api/v1/jobs?target=2")["value"]] == ["east"]
    assert [job["id"] for job in queue.platform.get("/api/v1/jobs?$top=1&$skip=1")["value"]] == [jobs[0]["id"]]
    assert queue.platform.get("/api/v1/jobs?state=failed,parked")["value"] == []
