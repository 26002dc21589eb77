"""What people do to targets, applications and jobs, apart from writing them: one set of rules for all of it."""

import pytest

from resedge_test.fleet import stores

API = "/api/v1"
SECRET = {"secret": "a-secret-of-the-git-host"}
HEAD = {"commit": "1234567890" * 4}


@pytest.mark.parametrize("path", ["targets/name:west", "applications/1"])
@pytest.mark.parametrize("op", ["pause", "resume"])
def test_pausing_takes_what_other_writes_take(admin, path, op):
    stores(admin)
    admin.post(f"{API}/{path}/{'resume' if op == 'pause' else 'pause'}", {"reason": "before"})
    revision = admin.request("GET", f"{API}/{path}").revision
    admin.refused(412, "POST", f"{API}/{path}/{op}?ifRevision={revision - 1}", {"reason": "outage"})
    admin.refused(412, "POST", f"{API}/{path}/{op}?ifRevision={revision - 1}&dryRun=true", {"reason": "outage"})
    assert admin.post(f"{API}/{path}/{op}?ifRevision={revision}&urgent=true", {"reason": "outage"})["paused"] is (op == "pause")


def test_a_reason_is_said_once_and_is_more_than_blanks(admin):
    stores(admin)
    told = admin.refused(400, "POST", f"{API}/targets/1/pause?reason=other", {"reason": "outage"})
    assert (told["object"], told["detail"]) == ('query parameter "reason"', "the body gives another reason")
    assert admin.post(f"{API}/targets/1/pause?reason=outage", {"reason": "outage"})["pausedReason"] == "outage"
    for path in ("targets/1/pause", "applications/1/resume", "jobs/1/approve", "jobs/1/discard"):
        told = admin.refused(422, "POST", f"{API}/{path}", {"reason": "   "})
        assert told["errors"] == [{"pointer": "/reason", "detail": "blanks are no reason"}]
    assert admin.refused(422, "POST", f"{API}/targets/1/adopt", {"clusters": ["c-1"], "reason": " "})["field"] == "/reason"
    for blank in ("", "%20", "%09%0A"):
        told = admin.refused(400, "PATCH", f"{API}/targets/1?reason={blank}", {"description": "x"})
        assert (told["object"], told["detail"]) == ('query parameter "reason"', "blanks are no reason")
    assert admin.patch(f"{API}/targets/1?reason=why", {"description": "x"})["description"] == "x"


def test_a_webhook_can_be_tried(api, admin):
    stores(admin)
    path = f"{API}/targets/name:west/webhook"
    assert admin.request("PUT", f"{path}?dryRun=true", SECRET).status == 204
    admin.refused(404, "DELETE", path)
    admin.refused(404, "DELETE", f"{path}?dryRun=true")
    admin.refused(404, "PUT", f"{API}/targets/name:nobody/webhook?dryRun=true", SECRET)
    admin.refused(422, "PUT", f"{path}?dryRun=true", {"secret": "short"})
    assert admin.request("PUT", path, SECRET).status == 204
    admin.delete(f"{path}?dryRun=true")
    admin.delete(path)
    assert [entry["op"] for entry in admin.get(f"{API}/audit?$filter=contains(op,'Webhook')")["value"]] == ["deleteWebhook", "setWebhook"]


@pytest.mark.parametrize("act", ["push", "refresh"])
def test_pushing_and_refreshing_have_the_same_rules(admin, act):
    stores(admin)
    for target in ("1", "name:west"):
        for query in ("", "?dryRun=true"):
            for body in (None, {}):
                answer = admin.request("POST", f"{API}/targets/{target}/{act}{query}", body)
                assert (answer.status, answer.body) == (204, b"")
    assert admin.refused(422, "POST", f"{API}/targets/1/{act}", {"now": True})["field"] == "/now"
    admin.refused(400, "POST", f"{API}/targets/1/{act}?now=true")
    for wrong in ("99", "abc", "name:nobody"):
        admin.refused(404, "POST", f"{API}/targets/{wrong}/{act}?dryRun=true")
        admin.refused(404, "POST", f"{API}/targets/{wrong}/{act}")


def test_a_dry_run_of_a_refresh_gives_no_work(api, admin):
    stores(admin)
    def ready():
        return api.client("worker").get(f"{API}/jobs/wait?wait=0")["ready"]
    worker = api.client("worker")
    job = worker.post(f"{API}/jobs/claim", {"worker": "w", "address": "http://127.0.0.1:1", "secret": "s" * 16})
    worker.post(f"{API}/jobs/{job['id']}/complete", {"fence": job["fence"], "revision": job["revision"], "state": "unchanged"})
    assert not ready()
    admin.post(f"{API}/targets/1/refresh?dryRun=true")
    assert not ready()
    admin.post(f"{API}/targets/1/refresh")
    assert ready()


def test_a_history_is_accepted_of_a_target_by_name(admin):
    stores(admin)
    admin.post(f"{API}/targets/name:west/accept-history?dryRun=true", HEAD)
    assert admin.get(f"{API}/targets/1/status")["acceptedHistory"] is None
    admin.post(f"{API}/targets/name:west/accept-history", HEAD)
    assert admin.get(f"{API}/targets/name:west/status")["acceptedHistory"] == HEAD["commit"]
    admin.refused(404, "POST", f"{API}/targets/name:nobody/accept-history", HEAD)


@pytest.mark.parametrize("query, hint", [
    ("dryRun=true&dryRun=true", "Say it once."), ("$dryRun=true&$dryRun=true", "Say it once."), ("dryRun=true&$dryRun=true", "Say it once, with or without the $.")])
def test_a_parameter_that_is_there_twice_is_to_be_said_once(admin, query, hint):
    told = admin.refused(400, "PATCH", f"{API}/targets/1?{query}", {})
    assert (told["object"], told["hint"]) == ('query parameter "dryRun"', hint)


@pytest.mark.parametrize("method, path", [
    ("GET", "clusters/{}"), ("GET", "clusters/{}/values"), ("GET", "jobs/{}"), ("POST", "jobs/{}/retry"), ("GET", "tokens/{}"), ("DELETE", "tokens/{}"),
    ("GET", "revisions/{}"), ("GET", "targets/{}/status"), ("POST", "targets/{}/accept-history"), ("POST", "targets/{}/push")])
def test_nothing_has_an_id_that_is_none(admin, method, path):
    for wrong in ("abc", "0", "01", "1.5", "-1", "99999999999999999999"):
        body = HEAD if path.endswith("accept-history") else None
        admin.refused(404, method, f"{API}/{path.format(wrong)}", body)
