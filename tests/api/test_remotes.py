"""What people and Git hosts tell the Data Service about remotes: webhooks, and history that was rewritten."""

import hmac

import pytest

from resedge_test.fleet import target

SECRET = "a-secret-of-the-git-host"
BODY = '{"ref":"refs/heads/main"}'


@pytest.fixture
def west(admin):
    return admin.post("/api/v1/targets", target(url="https://git.example.com/west.git", credential="host"))


@pytest.fixture
def hook(admin, west):
    assert admin.request("PUT", f"/api/v1/targets/{west['id']}/webhook", {"secret": SECRET}).status == 204
    return f"/api/v1/webhooks/{west['id']}"


def sign(secret=SECRET, body=BODY):
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body.encode(), "sha256").hexdigest()}


def test_a_signed_webhook_is_heard_by_who_waits_for_work(api, hook, west):
    worker = api.client("worker")
    first = worker.get("/api/v1/jobs/wait?wait=0&pushes=0")
    assert (first["pushed"], first["pushes"]) == ([], 0)
    assert api.client().request("POST", hook, BODY, headers=sign()).status == 202
    heard = worker.get("/api/v1/jobs/wait?wait=30&pushes=0")
    assert heard["pushed"] == [west["id"]] and heard["pushes"] > 0
    assert worker.get(f"/api/v1/jobs/wait?wait=0&pushes={heard['pushes']}")["pushed"] == []
    assert "pushed" not in worker.get("/api/v1/jobs/wait?wait=0")


WRONG = {
    "unsigned": {},
    "another-secret": sign("another-secret-of-16-bytes"),
    "another-body": sign(body="{}"),
    "cut": {"X-Hub-Signature-256": sign()["X-Hub-Signature-256"][:-1]},
    "another-hash": {"X-Hub-Signature-256": "sha1=" + "0" * 64},
}


@pytest.mark.parametrize("case", WRONG)
def test_a_webhook_that_is_not_signed_is_refused(api, hook, case):
    problem = api.client().refused(401, "POST", hook, BODY, headers=WRONG[case])
    assert SECRET not in str(problem)
    assert api.client("worker").get("/api/v1/jobs/wait?wait=0&pushes=0")["pushed"] == []


def test_targets_without_a_webhook_answer_as_with_a_wrong_signature(api, admin, west, hook):
    without = admin.post("/api/v1/targets", target("east"))
    answers = {api.client().request("POST", path, BODY, headers=sign("x" * 20)).json["detail"]
               for path in (hook, f"/api/v1/webhooks/{without['id']}", "/api/v1/webhooks/name:nobody")}
    assert len(answers) == 1


def test_a_host_that_tells_too_often_is_slowed_down(api, hook):
    statuses = [api.client().request("POST", hook, BODY, headers=sign()).status for _ in range(40)]
    assert statuses[:30] == [202] * 30
    assert statuses[-1] == 429


def test_the_secret_is_not_shown_and_only_admins_set_it(api, admin, hook, west):
    assert SECRET not in admin.request("GET", f"/api/v1/targets/{west['id']}").body.decode()
    path = f"/api/v1/targets/{west['id']}/webhook"
    api.client("platform").refused(403, "PUT", path, {"secret": SECRET})
    admin.refused(422, "PUT", path, {"secret": "short"})
    admin.delete(path)
    api.client().refused(401, "POST", hook, BODY, headers=sign())
    admin.refused(404, "DELETE", path)
    admin.refused(404, "PUT", "/api/v1/targets/name:nobody/webhook", {"secret": SECRET})


def test_accepting_history_names_what_is_accepted(api, admin, west):
    path, head = f"/api/v1/targets/{west['id']}/accept-history", "1234567890" * 4
    admin.post(path, {"commit": head})
    assert admin.get(f"/api/v1/targets/{west['id']}/status")["acceptedHistory"] == head
    admin.post(path, {"commit": None})
    assert admin.get(f"/api/v1/targets/{west['id']}/status")["acceptedHistory"] == "deleted"
    for body in ({}, {"commit": "main"}, {"commit": 7}):
        assert admin.request("POST", path, body).status in (400, 422)
    api.client("viewer").refused(403, "POST", path, {"commit": head})
    admin.refused(404, "POST", "/api/v1/targets/99/accept-history", {"commit": head})


@pytest.mark.parametrize("url", ["https://git.example.com/west.git/", "https://GIT.example.com:443/west", "https://git.example.com//x/../west.git",
                                 "ssh://git@git.example.com/west.git", "git@git.example.com:west.git"])
def test_two_targets_never_write_one_branch_however_its_repository_is_spelt(admin, west, url):
    problem = admin.refused(409, "POST", "/api/v1/targets", {"name": "twin", "url": url})
    assert problem["field"] == "/url" and 'the target "west" writes to that repository' in problem["detail"]
    admin.refused(409, "POST", "/api/v1/apply", {"targets": [{"name": "twin", "url": url}]})
    other = admin.post("/api/v1/targets", {"name": "twin", "url": url, "branch": "second"})
    admin.refused(409, "PATCH", f"/api/v1/targets/{other['id']}", {"branch": "main"})
    cluster = admin.post("/api/v1/clusters", {"name": "c-1", "gitOpsRepo": url, "gitOpsBranch": "main"})  # finds its target as well
    assert (cluster["target"], cluster["gitOpsRepo"]) == ("west", west["url"])


@pytest.mark.parametrize("query", ["prune=", "prune", "force=", "dryRun=", "prune=yes"])
def test_a_switch_that_says_neither_true_nor_false_is_refused(admin, west, query):
    """A variable of a script that is empty must not prune."""
    problem = admin.refused(400, "POST", f"/api/v1/apply?{query}", {"clusters": []})
    assert "neither true nor false" in problem["detail"] and query.split("=")[0] in problem["object"]
