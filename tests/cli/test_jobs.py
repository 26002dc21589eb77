"""resedge jobs, status and --wait: the work of Automation, as seen from outside."""

import json
import os
import re
import signal
import subprocess

import pytest
import yaml

from resedge_test import BUILD, SAMPLES
from resedge_test.wait import until
from small import says, start

COMMIT = "5d41402abc4b2a76b9719d911017c592aa28d1f4"
TREE = "7b502c3a1f48c8609ae212cdfb639dee39673f5e"


class Worker:
    """Speaks the worker's part of the API, a step at a time."""

    def __init__(self, api):
        self.client = api.client("worker", "hands")

    def claim(self):
        return until(lambda: self.client.post("/api/v1/jobs/claim", {
            "worker": "hands", "address": "http://127.0.0.1:9", "secret": "secret-of-the-worker", "leaseSeconds": 30}), "a job")

    def complete(self, job, held=(), **more):
        self.client.post(f"/api/v1/jobs/{job['id']}/complete", {
            "fence": job["fence"], "revision": job["revision"], "state": "committed", "commit": COMMIT, "tree": TREE,
            "filesAdded": 4, "filesChanged": 2, "filesRemoved": 1, "clustersChanged": 3, "durationMs": 85, "phases": {},
            "held": list(held), **more})

    def fail(self, job, detail, retry=False):
        self.client.post(f"/api/v1/jobs/{job['id']}/fail", {
            "fence": job["fence"], "retry": retry, "error": {"detail": detail, "code": "unavailable", "hint": "Look there."}})


@pytest.fixture
def hands(api):
    return Worker(api)


HELD = [{"cluster": "east-2", "application": "till", "namespace": "shop",
         "error": {"detail": "apps/till/base/a.yaml:3: rea.cluster.size has no value", "code": "invalid"}}]


def columns(table):
    return [re.split(r" {2,}", line) for line in table.splitlines()]


def test_the_table_of_jobs(fleet, cli, hands):
    result = cli.run("jobs")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "no jobs yet\n")
    hands.complete(hands.claim(), HELD, heldCount=1234)
    assert cli("jobs") == """\
ID   TARGET   STATE       REVISION   CLUSTERS   +   ~   -   HELD   TIME    COMMIT         WHEN
1    edge     committed   1          3          4   2   1   1234   85 ms   5d41402abc4b   now
"""
    assert cli("jobs", "-o", "name") == "1\n"
    assert cli("jobs", "--state", "failed,parked", "-o", "name") == ""
    assert json.loads(cli("jobs", "-o", "json"))["value"] == fleet.get("/api/v1/jobs")["value"]
    says(cli.run("jobs", "--state", "lost"), 2, 'no state "lost"', "parked")


def test_show_has_what_was_held_and_why_it_failed(fleet, cli, hands):
    hands.complete(hands.claim(), HELD)
    assert cli("jobs", "show", "1").splitlines()[2:] == ["held: till on east-2: apps/till/base/a.yaml:3: rea.cluster.size has no value"]
    assert columns(cli("jobs"))[1][8] == "1"
    assert yaml.safe_load(cli("job", "show", "1", "-o", "yaml")) == fleet.get("/api/v1/jobs/1")
    fleet.patch("/api/v1/namespaces/name:shop", {"expression": "all"})
    hands.fail(hands.claim(), "could not push: no route")
    lines = cli("jobs", "show", "2").splitlines()
    assert lines[1].split()[2] == "parked" and lines[2:] == ["could not push: no route", "Look there."]
    says(cli.run("jobs", "show", "99"), 1, "job 99")


def test_retry_and_cancel(fleet, cli, hands):
    hands.fail(hands.claim(), "could not push: no route")
    assert columns(cli("jobs", "retry", "1"))[1][2] == "failed"
    job = hands.claim()
    assert job["id"] == 1
    assert columns(cli("jobs", "cancel", "1"))[1][2] == "running"
    assert hands.client.post("/api/v1/jobs/1/renew", {"fence": job["fence"]})["cancel"] is True
    hands.fail(job, "canceled")
    assert columns(cli("jobs"))[1][2] == "canceled"
    says(cli.run("jobs", "cancel", "1"), 3, "canceled already")
    assert cli("jobs", "retry", "1")
    hands.complete(hands.claim())
    says(cli.run("jobs", "retry", "1"), 3, "nothing to do again")
    says(cli.run("jobs", "retry", "99"), 1, "job 99")


def test_a_viewer_may_look_and_not_touch(fleet, cli, api, hands):
    hands.fail(hands.claim(), "no")
    cli.env["RESEDGE_TOKEN"] = api.make_token("viewer")
    assert cli("jobs") and cli("status")
    says(cli.run("jobs", "retry", "1"), 3, "the role viewer does not allow that", "It takes the role")


def test_watch_tells_each_state_once_until_it_is_interrupted(fleet, cli, hands):
    child = start(cli, "jobs", "--watch")
    try:
        job = hands.claim()
        assert child.stdout.readline() == "job 1  edge  running  revision 1  0 clusters  +0 ~0 -0  \n"
        hands.complete(job)
        assert child.stdout.readline() == "job 1  edge  committed  revision 1  3 clusters  +4 ~2 -1  5d41402abc4b\n"
        fleet.patch("/api/v1/namespaces/name:shop", {"expression": "all"})
        hands.fail(hands.claim(), "could not push: no route")
        news = iter(child.stdout.readline, "")
        assert next(line for line in news if "parked" in line).startswith("job 2  edge  parked  revision 2")
        assert next(news) == "  could not push: no route\n"
        child.send_signal(signal.SIGINT)
        assert child.wait(60) == -signal.SIGINT
        assert (child.stdout.read(), child.stderr.read()) == ("", "")
    finally:
        child.kill()
        child.communicate()
    says(cli.run("jobs", "--watch", "-o", "json"), 2, "--watch prints lines")


def test_status_shows_the_fleet_in_numbers_and_each_target(fleet, cli, hands):
    assert cli("status") == """\
revision 1: 3 clusters (1 planned, 2 active), 4 groups, 2 namespaces, 2 applications
queue: 1 of 1 target with open work, 0 parked, 0 paused

TARGET   STATE    WANTED   DONE   LAG   LAST JOB   HELD   COMMIT   WORKER
edge     behind   1        0      1     -          0      -        -
"""
    hands.complete(hands.claim(), HELD)
    assert cli("status").splitlines()[1:] == [
        "queue: 0 of 1 target with open work, 0 parked, 0 paused", "",
        "TARGET   STATE     WANTED   DONE   LAG   LAST JOB    HELD   COMMIT         WORKER",
        "edge     current   1        1      0     committed   1      5d41402abc4b   hands"]
    status = json.loads(cli("status", "-o", "json"))
    assert status["revision"] == 1 and status["targets"]["edge"]["lastCommit"] == COMMIT
    assert status["fleet"] == {"clusters": 3, "groups": 4, "namespaces": 2, "applications": 2,
                               "clusterStates": {"planned": 1, "active": 2}}
    assert "secret-of-the-worker" not in cli("status", "-o", "json") + cli("jobs", "-o", "json")


def test_status_tells_what_is_parked_and_what_is_paused(fleet, cli, hands):
    hands.fail(hands.claim(), "could not push: no route")
    lines = cli("status").splitlines()
    assert lines[1].endswith("1 parked, 0 paused") and lines[4].split()[1] == "parked"
    fleet.patch("/api/v1/targets/name:edge", {"paused": True})
    lines = cli("status").splitlines()
    assert lines[1].endswith("1 paused") and lines[4].split()[1] == "paused"


def test_status_of_no_targets(cli):
    result = cli.run("status")
    assert (result.returncode, result.stderr) == (0, "no targets yet: `resedge apply -f` one\n")
    assert result.stdout.startswith("revision 0: 0 clusters, 0 groups, 0 namespaces, 0 applications\n")


# ---- what a person does for a target ----

def test_push_and_accept_history_name_the_target_and_what_is_wrong(fleet, cli, hands):
    assert cli("push", "edge") == 'target "edge": what waits is pushed now\n'
    assert cli("accept-history", "edge", COMMIT) == f'target "edge": {COMMIT} is accepted; its job runs again\n'
    assert fleet.get("/api/v1/targets/name:edge/status")["acceptedHistory"] == COMMIT
    assert "that the branch is gone" in cli("accept-history", "edge", "--deleted")
    says(cli.run("accept-history", "edge"), 2, "--deleted")
    says(cli.run("accept-history", "edge", COMMIT, "--deleted"), 2, "--deleted")
    says(cli.run("accept-history", "edge", "HEAD"), 2, "commit")
    says(cli.run("push", "egde"), 1, "egde")


def test_adopt_refuses_a_folder_that_does_not_wait_for_it(fleet, cli):
    says(cli.run("adopt", "edge", "east-1", "--yes"), 3, '"east-1" does not wait for being adopted')
    says(cli.run("adopt", "egde", "east-1", "--yes"), 1, "egde")


def test_approve_and_discard_want_a_job_that_stands_still_and_a_reason(fleet, cli, hands):
    hands.complete(hands.claim())
    for verb in ("approve", "discard"):
        says(cli.run("jobs", verb, "1", "--reason", "seen"), 3, "job 1")
        says(cli.run("jobs", verb, "99", "--reason", "seen"), 1, "job 99")
        says(cli.run("jobs", verb, "1"), 2, "no reason is given", "--reason")
        says(cli.run("jobs", verb, "one"), 2, "is not the id of a job")


# ---- --wait ----

def waiting(cli, *args):
    """The command, once it is past storing and waits."""
    child = start(cli, *args, "--wait", "-v")
    for line in child.stderr:
        if "/status -> 200" in line:
            return child
    raise AssertionError(f"it did not wait: {child.communicate()}")


def ended(child):
    out, err = child.communicate(timeout=60)
    return child.returncode, out, "".join(line for line in err.splitlines(True) if " -> " not in line)


def test_wait_returns_after_the_commit_and_prints_what_was_held(fleet, cli, hands):
    child = waiting(cli, "set", "expression", "shop", "/g/beta", "--yes")
    job = hands.claim()
    assert job["revision"] == 2 and child.poll() is None
    hands.complete(job, HELD)
    status, out, err = ended(child)
    assert status == 0
    assert out.splitlines()[-2:] == ["stored (revision 2)",
                                     "edge: commit 5d41402abc4b, 3 clusters changed (4 files added, 2 changed, 1 removed) in 85 ms"]
    assert err == "held: till on east-2: apps/till/base/a.yaml:3: rea.cluster.size has no value\n"


def test_a_bar_shows_how_far_the_job_is_on_a_terminal_and_is_gone_in_the_end(fleet, cli, hands):
    hands.complete(hands.claim())
    ours, theirs = os.openpty()
    child = subprocess.Popen([BUILD / "resedge", "set", "expression", "shop", "/g/beta", "--yes", "--wait"], env=cli.env, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=theirs, text=True)
    os.close(theirs)
    screen = b""
    job = hands.claim()
    hands.client.post(f"/api/v1/jobs/{job['id']}/renew", {"fence": job["fence"], "progress": {"files": 400, "ofFiles": 1000}})
    while b"400 of 1000 files" not in screen:
        screen += os.read(ours, 4096)
    hands.complete(job)
    out, _ = child.communicate(timeout=60)
    try:
        while chunk := os.read(ours, 4096):
            screen += chunk
    except OSError:
        pass  # the end of a terminal whose other side is closed
    os.close(ours)
    assert b"edge: working [########............] 400 of 1000 files" in screen and screen.endswith(b"\r\x1b[K")
    assert child.returncode == 0 and "commit 5d41402abc4b" in out and "\r" not in out


def test_of_many_held_parts_wait_prints_the_first_and_show_all(fleet, cli, hands):
    child = waiting(cli, "set", "expression", "shop", "/g/beta", "--yes")
    hands.complete(hands.claim(), HELD * 30, heldCount=1234)
    status, _, err = ended(child)
    assert status == 0 and err.count("held: till on east-2") == 10 and err.endswith("held: 1224 more (job 1)\n")
    out = cli("jobs", "show", "1")
    assert out.count("held: till on east-2") == 30 and out.endswith("held: 1204 more (job 1)\n")


def test_wait_with_json_prints_json_and_nothing_else(fleet, cli, hands, tmp_path):
    path = tmp_path / "more.yaml"
    path.write_text("groups: [{name: north, parent: /stores}]")
    child = waiting(cli, "apply", "-f", path, "-o", "json")
    hands.complete(hands.claim(), HELD)
    status, out, err = ended(child)
    assert status == 0 and json.loads(out)["revision"] == 2 and err.startswith("held: till")


def test_wait_for_what_changes_no_file(fleet, cli, hands):
    child = waiting(cli, "set", "expression", "shop", "/g/beta", "--yes")
    hands.complete(hands.claim(), state="unchanged", commit=None, filesAdded=0, filesChanged=0, filesRemoved=0, clustersChanged=0)
    status, out, _ = ended(child)
    assert status == 0 and out.splitlines()[-1] == "edge: nothing to commit"


def test_wait_outlives_a_try_that_fails(fleet, cli, hands):
    child = waiting(cli, "set", "expression", "shop", "/g/beta", "--yes")
    hands.fail(hands.claim(), "could not push: somebody was faster", retry=True)
    hands.complete(hands.claim())
    status, out, _ = ended(child)
    assert status == 0 and "edge: commit 5d41402abc4b" in out


def test_wait_tells_of_the_job_that_reached_the_revision_and_not_of_the_next(fleet, cli, hands):
    child = waiting(cli, "set", "expression", "shop", "/g/beta", "--yes")
    job = hands.claim()
    fleet.patch("/api/v1/namespaces/name:shop", {"expression": "none"})
    hands.complete(job)
    assert hands.claim()["revision"] == 3
    status, out, _ = ended(child)
    assert status == 0 and out.splitlines()[-1].startswith("edge: commit 5d41402abc4b, 3 clusters changed")


def test_wait_ends_with_status_3_where_the_job_is_parked_or_canceled(fleet, cli, hands):
    child = waiting(cli, "set", "expression", "shop", "/g/beta", "--yes")
    hands.fail(hands.claim(), "could not push: no route")
    status, _, err = ended(child)
    assert status == 3
    for part in ("the change is stored", "could not push: no route", "job 1", "edge", "Look there."):
        assert part in err
    # Another change gives the target another chance: what is over and done is not taken for its end.
    child = waiting(cli, "set", "expression", "shop", "/g/stores", "--yes")
    job = hands.claim()
    assert job["id"] == 2
    cli("jobs", "cancel", job["id"])
    hands.fail(job, "canceled")
    status, _, err = ended(child)
    assert status == 3 and "was canceled" in err and "job 2" in err
    child = waiting(cli, "set", "expression", "shop", "/g/beta", "--yes")
    hands.complete(hands.claim())
    assert ended(child)[0] == 0


def test_a_paused_target_is_not_waited_for(fleet, cli):
    fleet.patch("/api/v1/targets/name:edge", {"paused": True})
    result = cli.run("set", "expression", "shop", "/g/beta", "--yes", "--wait")
    assert result.returncode == 0 and result.stdout.endswith("stored (revision 3)\n")
    assert result.stderr == "edge is paused: the change waits there\n"


def test_wait_with_the_real_worker_returns_when_the_commit_is_there(cli, worker, repository, tmp_path):
    assert worker.alive()
    repository.seed(SAMPLES / "apps", SAMPLES / "policies")
    target = {"targets": [{"name": "tidewater", "url": str(repository.path), "branch": repository.branch}]}
    cli("apply", "-f", "-", stdin=json.dumps(target))
    out = cli("apply", "-f", SAMPLES / "fleet.yaml", "--wait")
    line = out.splitlines()[-1]
    assert line.startswith("tidewater: commit ") and ", 32 clusters changed " in line
    [commit] = [c for c in repository.commits_of_ours() if c["id"].startswith(line.split()[2].strip(","))]
    job = commit["trailers"]["Resedge-Job"]
    assert job in cli("jobs", "-o", "name").split()
    assert json.loads(cli("jobs", "show", job, "-o", "json"))["commit"] == commit["id"]
