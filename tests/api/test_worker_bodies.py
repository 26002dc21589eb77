"""What workers and people send beside the nouns: every fault of a body is told at once, and nothing unknown is passed over."""

import json

import pytest

from resedge_test.fleet import API, cluster, load, target

CLAIM = {"worker": "w1", "address": "http://127.0.0.1:4711", "secret": "made up", "leaseSeconds": 30}
TREE, COMMIT = "b" * 40, "a" * 40


@pytest.fixture
def worker(admin, api):
    load(admin, targets=[target()], clusters=[cluster("c-1")])
    return api.client("worker")


@pytest.fixture
def job(worker):
    return worker.post(f"{API}/jobs/claim", CLAIM)


def pointers(answer):
    assert answer.status == 422, answer
    return [error["pointer"] for error in answer.json["errors"]]


def send(worker, job, verb, **body):
    return worker.request("POST", f"{API}/jobs/{job['id']}/{verb}", {"fence": job["fence"], **body})


def tell(worker, job, *lines):
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    headers = {"Resedge-Fence": str(job["fence"]), "Content-Type": "application/x-ndjson"}
    return worker.request("POST", f"{API}/jobs/{job['id']}/deployments", text, headers=headers)


def test_a_claim_is_told_all_its_faults(worker):
    answer = worker.request("POST", f"{API}/jobs/claim", {"worker": 7, "address": "ftp://x", "secret": "", "leaseSeconds": 0, "z": 1})
    assert pointers(answer) == ["/z", "/worker", "/address", "/secret", "/leaseSeconds"]
    assert pointers(worker.request("POST", f"{API}/jobs/claim", {})) == ["/worker", "/address", "/secret"]
    assert pointers(worker.request("POST", f"{API}/jobs/claim", {**CLAIM, "lease": 5})) == ["/lease"]
    assert worker.request("POST", f"{API}/jobs/claim", []).status == 422
    assert worker.request("POST", f"{API}/jobs/claim", "{").status == 400
    assert worker.request("POST", f"{API}/jobs/claim", CLAIM).status == 200


def test_a_worker_that_registers_is_told_all_its_faults(worker):
    answer = worker.request("POST", f"{API}/workers", {"worker": "", "address": "x", "secret": 1, "targets": [1, "2"], "zz": 1})
    assert pointers(answer) == ["/zz", "/worker", "/address", "/secret", "/targets/1"]
    assert pointers(worker.request("POST", f"{API}/workers", {**CLAIM, "targets": [1.5]})) == ["/leaseSeconds", "/targets/0"]


@pytest.mark.parametrize("body, wrong", [
    ({"zz": 1}, ["/zz"]),
    ({"fence": "x", "progress": {"phase": 5, "zz": [1], "files": -1, "ofFiles": 1.5, "bytes": "1"}},
     ["/fence", "/progress/zz", "/progress/phase", "/progress/files", "/progress/ofFiles", "/progress/bytes"]),
    ({"progress": []}, ["/progress"]),
])
def test_a_renewal_is_told_all_its_faults_and_nothing_of_it_is_shown(worker, admin, job, body, wrong):
    assert pointers(send(worker, job, "renew", **body)) == wrong
    assert admin.get(f"{API}/jobs/{job['id']}")["progress"] is None
    assert send(worker, job, "renew", progress={"phase": "plan", "files": 1}).status == 200


HELD = {"cluster": "c-1", "namespace": None, "application": "shop", "error": {"detail": "no value"}}
GUARD = {"cause": "guard", "key": "revision/1", "change": "namespace \"a\"", "actor": "ann", "cluster": None, "namespace": None, "application": None,
         "kind": "files", "revision": 1, "counted": 5, "limit": 2.5, "of": 9, "losing": 0, "changed": 1, "files": 5, "parts": ["a/b"],
         "clusters": ["c-1"], "error": {"detail": "held"}}
HOLD = {"key": "revision/1", "kind": "files", "state": "held", "revision": 1, "losing": 0, "changed": 1, "files": 5,
        "doc": {"change": "a", "actor": "ann", "parts": ["a/b"], "clusters": ["c-1"]}}
DONE = {"revision": 1, "state": "committed", "commit": COMMIT, "tree": TREE, "phases": {"plan": 3}, "held": [HELD, GUARD], "holds": [HOLD],
        "drift": {"files": 1, "paths": [{"path": "a", "op": "changed"}]}}


@pytest.mark.parametrize("body, wrong", [
    ({"z": 1, "state": "done", "revision": None, "tree": "x", "heldCount": -1}, ["/z", "/revision", "/state", "/heldCount", "/tree"]),
    ({"phases": {"plan": "3", "push": -1}}, ["/phases/plan", "/phases/push"]),
    ({"held": [HELD, {**HELD, "cluster": 1, "zz": 1, "error": {"detail": 5}}, 7]},
     ["/held/1/zz", "/held/1/cluster", "/held/1/error/detail", "/held/2"]),
    ({"held": [{**GUARD, "limit": "x", "parts": ["a", 1], "clusters": {}}]}, ["/held/0/limit", "/held/0/parts/1", "/held/0/clusters"]),
    ({"holds": [{**HOLD, "kind": "x", "state": 1, "files": None, "doc": {"zz": 1}}, {}]},
     ["/holds/0/doc/zz", "/holds/0/kind", "/holds/0/state", "/holds/0/files", "/holds/1/doc", "/holds/1/key", "/holds/1/kind", "/holds/1/state",
      "/holds/1/revision", "/holds/1/losing", "/holds/1/changed", "/holds/1/files"]),
    ({"drift": {"files": "1", "paths": [{"path": 1, "op": "moved", "zz": 1}]}},
     ["/drift/files", "/drift/paths/0/zz", "/drift/paths/0/path", "/drift/paths/0/op"]),
])
def test_a_completion_is_told_all_its_faults_and_the_job_goes_on(worker, admin, job, body, wrong):
    assert pointers(send(worker, job, "complete", **{**DONE, **body})) == wrong
    assert admin.get(f"{API}/jobs/{job['id']}")["state"] == "running"
    assert send(worker, job, "complete", **DONE).status == 200
    assert admin.get(f"{API}/jobs/{job['id']}")["drift"] == DONE["drift"]


def test_a_failure_is_told_all_its_faults(worker, admin, job):
    assert pointers(send(worker, job, "fail", zz=1, error={"detail": 5}, retry="no")) == ["/zz", "/retry", "/error/detail"]
    assert pointers(send(worker, job, "fail", error=None)) == ["/error"]
    assert admin.get(f"{API}/jobs/{job['id']}")["state"] == "running"


def test_each_line_of_deployments_is_told_all_its_faults_and_none_is_kept(worker, postgres, database, job):
    right = {"cluster": 1, "tree": TREE, "applications": [{"application": 1, "version": None, "state": "current"}], "failed": [{}, {"namespace": 1}]}
    answer = tell(worker, job, right, "", {"cluster": 1, "tree": "x", "applications": [], "zz": 1},
                  {"tree": TREE, "applications": [{"application": "1", "version": 2, "state": "gone", "error": "no", "q": 1}], "failed": [{"cluster": 1}]}, [])
    assert answer.status == 422
    assert [(error.get("line"), error.get("pointer", "")) for error in answer.json["errors"]] == [
        (3, "/zz"), (3, "/tree"), (4, "/cluster"), (4, "/applications/0/q"), (4, "/applications/0/application"), (4, "/applications/0/version"),
        (4, "/applications/0/state"), (4, "/applications/0/error"), (4, "/failed/0/cluster"), (5, "")]
    answer = tell(worker, job, {"cluster": 0}, '{"cluster": ')
    assert (answer.status, [error["line"] for error in answer.json["errors"]]) == (400, [1, 1, 1, 2])
    assert postgres.sql("select count(*) from deployments", database) == "0"
    assert tell(worker, job, right, "", right).json == {"kept": 1}


def test_deployments_are_taken_as_lines_of_json_and_as_nothing_else(worker, postgres, database, job):
    path, line = f"{API}/jobs/{job['id']}/deployments", json.dumps({"cluster": 1, "tree": TREE, "applications": []})
    for media_type in ("text/csv", "application/json", "application/yaml", "application/x-www-form-urlencoded"):
        answer = worker.request("POST", path, line, headers={"Resedge-Fence": str(job["fence"]), "Content-Type": media_type})
        assert answer.status == 415 and "application/x-ndjson" in answer.json["hint"], answer
    assert postgres.sql("select count(*) from deployments", database) == "0"
    for media_type in ({"Content-Type": "Application/X-NDJSON; charset=utf-8"}, {}):
        assert worker.post(path, line, headers={"Resedge-Fence": str(job["fence"]), **media_type}) == {"kept": 1}


def test_a_report_of_templates_is_told_all_its_faults(worker, admin):
    path = f"{API}/targets/1/templates"
    templates = {"path": "apps/a", "versions": [], "keys": [], "files": 1, "error": None}
    report = {"commit": COMMIT, "tree": TREE, "catalogue": [templates], "author": {"name": "Ann", "email": "ann@example.com"}}
    answer = worker.request("POST", path, {"commit": "x", "catalogue": [{**templates, "keys": ["a", 1], "zz": 1}, {"path": 1}], "author": {"name": "", "z": 1}, "y": 1})
    assert pointers(answer) == ["/y", "/commit", "/tree", "/catalogue/0/zz", "/catalogue/0/keys/1", "/catalogue/1/path", "/catalogue/1/versions",
                                "/catalogue/1/keys", "/catalogue/1/files", "/author/z", "/author/name"]
    assert worker.post(path, report)["changed"] is True


def test_people_are_told_all_faults_of_what_they_send(admin, worker, job):
    for verb in ("retry", "cancel", "approve", "discard"):
        assert "/zz" in pointers(admin.request("POST", f"{API}/jobs/{job['id']}/{verb}", {"zz": 1}))
    assert pointers(admin.request("POST", f"{API}/targets/1/push", {"zz": 1})) == ["/zz"]
    assert pointers(admin.request("POST", f"{API}/targets/1/push", [])) == [""]
    assert pointers(admin.request("POST", f"{API}/targets/1/adopt", {"clusters": ["a,b", 1], "reason": 1, "z": 1})) == ["/z", "/clusters/1", "/clusters/0", "/reason"]
    assert pointers(admin.request("POST", f"{API}/targets/1/pause", {"reason": "", "z": 1})) == ["/z", "/reason"]
    assert pointers(admin.request("PUT", f"{API}/targets/1/webhook", {"secret": "short", "z": 1})) == ["/z", "/secret"]
    assert pointers(admin.request("POST", f"{API}/targets/1/accept-history", {"commit": "x", "z": 1})) == ["/z", "/commit"]
    assert admin.get(f"{API}/jobs/{job['id']}")["cancel"] is False
    for body in (None, {}):
        assert admin.request("POST", f"{API}/targets/1/push", body).status == 204


def test_a_token_is_told_all_its_faults(admin):
    answer = admin.request("POST", f"{API}/tokens", {"name": "a\nb", "role": "king", "expiresAt": "soon", "businessUnits": [1], "owners": "me", "zz": 1})
    assert pointers(answer) == ["/zz", "/name", "/role", "/expiresAt", "/businessUnits/0", "/owners"]
