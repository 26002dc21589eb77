"""Whatever ends a worker, and wherever: one commit, with what was wanted, and everybody knows of it."""

import datetime
import fcntl
import json
import os
import signal
import threading
from pathlib import Path

import pytest

import shop
from resedge_test.git import Repository
from resedge_test.wait import until

CRASH_POINTS = ("before-objects", "before-pack", "between-pack-and-index", "before-ref", "after-ref", "before-deployments", "before-complete")


@pytest.mark.parametrize("point", CRASH_POINTS)
def test_a_worker_that_is_killed_leaves_one_commit_once_it_is_back(seeded, admin, start_worker, wait_done, point):
    doomed = start_worker(crash=point)
    until(lambda: not doomed.alive(), f"the worker dies at {point}")
    start_worker()
    [job] = wait_done()
    [commit] = seeded.commits_of_ours()
    assert (job["state"], job["commit"], job["attempts"]) == ("committed", commit["id"], 2)
    assert (job["clustersChanged"], job["filesAdded"]) == (4, len(seeded.files("clusters")))
    assert commit["trailers"]["Resedge-Job"] == str(job["id"])
    for store in shop.STORES:
        assert shop.states(admin, store) == {"heartbeat": "current"}
    seeded.fsck()


@pytest.mark.parametrize("point", ("after-ref", "before-complete"))
def test_a_change_while_the_worker_is_dead_is_not_lost(seeded, admin, start_worker, wait_done, point):
    doomed = start_worker(crash=point)
    until(lambda: not doomed.alive(), f"the worker dies at {point}")
    shop.set_expression(admin, "shop", "/g/east")
    start_worker()
    wait_done()
    assert shop.value_at(seeded, "east-1", "shop") == "east"
    assert len(seeded.commits_of_ours()) == 2
    for store in ("east-1", "east-2"):
        assert shop.states(admin, store) == {"heartbeat": "current", "shop": "current"}


@pytest.fixture
def lock(seeded):
    """Holds the repository's lock until release() is called, so that a job can't go on."""
    path = (seeded.path / "resedge.lock").resolve()

    class Lock:
        def __init__(self):
            self.fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            fcntl.flock(self.fd, fcntl.LOCK_EX)

        def awaited_by(self, worker):
            """Whether the worker has read all that it needs for its job and waits for the repository only."""
            try:
                return any(os.path.realpath(fd) == os.fspath(path) for fd in Path(f"/proc/{worker.pid}/fd").iterdir())
            except FileNotFoundError:  # closed while we looked
                return False

        def release(self):
            if self.fd is not None:
                os.close(self.fd)
            self.fd = None
    held = Lock()
    yield held
    held.release()


def test_an_answer_that_comes_too_late_is_dropped(seeded, admin, start_worker, lock, wait_done):
    slow = start_worker(name="slow")
    until(lambda: lock.awaited_by(slow), "the slow one has the job, and waits for the repository")
    os.kill(slow.pid, signal.SIGSTOP)
    lock.release()
    start_worker(name="quick")
    [job] = wait_done()
    assert job["worker"] == "quick"
    os.kill(slow.pid, signal.SIGCONT)
    until(lambda: "job dropped" in slow.log(), "the slow one's answer is refused")
    assert len(seeded.commits_of_ours()) == 1
    assert admin.get(f"/api/v1/jobs/{job['id']}")["worker"] == "quick"
    # It goes on as a worker.
    shop.set_expression(admin, "shop", "all")
    wait_done()
    seeded.fsck()


def test_sigterm_lets_a_job_under_way_finish(seeded, admin, start_worker, lock, wait_done):
    worker = start_worker()
    until(lambda: lock.awaited_by(worker), "the worker has the job, and waits for the repository")
    os.kill(worker.pid, signal.SIGTERM)
    lock.release()
    until(lambda: not worker.alive(), "the worker ends when its job has ended")
    assert worker.stop() == 0
    [job] = wait_done()
    assert (job["state"], job["attempts"]) == ("committed", 1)
    assert len(seeded.commits_of_ours()) == 1


def test_without_grace_a_job_is_handed_over_at_once(seeded, admin, start_worker, lock, wait_done):
    hurried = start_worker("--grace", "0", name="hurried")
    until(lambda: lock.awaited_by(hurried), "the worker has the job, and waits for the repository")
    os.kill(hurried.pid, signal.SIGTERM)
    lock.release()
    until(lambda: not hurried.alive(), "the worker ends")
    assert hurried.stop() == 0
    [job] = admin.get("/api/v1/jobs")["value"]
    assert job["state"] == "failed" and "shutting down" in job["error"]["detail"]
    assert seeded.commits_of_ours() == []
    start_worker()
    wait_done()
    assert len(seeded.commits_of_ours()) == 1


def test_pushes_of_people_while_jobs_run_are_all_kept(rendered, admin, wait_done):
    stop, pushed = threading.Event(), []

    def push():
        while not stop.is_set():
            number = len(pushed)
            try:
                rendered.push(lambda checkout: (checkout / f"note-{number}").write_text("x\n"), f"Note {number}")
                pushed.append(f"note-{number}")
            except Exception:  # noqa: BLE001 - Automation was faster: clone and try again
                continue
    person = threading.Thread(target=push)
    person.start()
    for expression in ("/g/east", "/g/west", "all", "none", "/g/east"):
        before = len(pushed)
        shop.set_expression(admin, "shop", expression)
        until(lambda: len(pushed) > before, "somebody pushes meanwhile")  # noqa: B023 - called at once
    stop.set()
    person.join()
    wait_done()
    assert set(pushed) <= set(rendered.files())
    assert shop.value_at(rendered, "east-1", "shop") == "east"
    assert shop.value_at(rendered, "west-1", "shop") is None
    assert rendered.git("rev-list", "--min-parents=2", "--count", "main").strip() == "0"
    rendered.fsck()


def test_two_workers_share_the_targets_and_one_takes_over_from_the_other(admin, tmp_path, start_worker, wait_done):
    repositories = [Repository(tmp_path / f"target-{i}.git") for i in range(4)]
    workers = [start_worker(name=name) for name in ("one", "two")]
    for i, repository in enumerate(repositories):
        shop.seed(repository)
        inventory = shop.inventory(repository.path, target=f"target-{i}")
        for cluster in inventory["clusters"]:
            cluster["name"] = f"{cluster['name']}-{i}"
        admin.post("/api/v1/apply", inventory)
    wait_done()
    workers[0].kill()
    for expression in ("/g/east", "all", "/g/west"):
        shop.set_expression(admin, "shop", expression)
        wait_done()
    for i, repository in enumerate(repositories):
        assert shop.value_at(repository, f"west-1-{i}", "shop") == "west"
        assert shop.value_at(repository, f"east-1-{i}", "shop") is None
        jobs = [commit["trailers"]["Resedge-Job"] for commit in repository.commits_of_ours()]
        assert len(jobs) == len(set(jobs))
        repository.fsck()
    assert workers[1].alive()


def test_a_repository_that_can_t_be_made_fails_the_job_until_it_can(admin, start_worker, tmp_path, wait_done):
    start_worker()
    folder = tmp_path / "not" / "there"
    admin.post("/api/v1/apply", shop.inventory(folder / "stores.git"))
    [job] = until(lambda: admin.get("/api/v1/jobs?state=failed")["value"], "the job fails")
    assert str(folder) in job["error"]["object"]
    folder.mkdir(parents=True)
    [job] = wait_done()
    assert job["state"] == "committed"


def test_a_damaged_repository_fails_the_job_and_names_the_object(rendered, admin, worker, wait_done):
    tree = rendered.tree("clusters")
    rendered.git("repack", "-adq")
    packs = list((rendered.path / "objects" / "pack").glob("*.pack"))
    assert packs and worker.alive()
    for pack in packs:
        pack.rename(pack.with_suffix(".away"))
    shop.set_expression(admin, "shop", "all")
    [job] = until(lambda: admin.get("/api/v1/jobs?state=failed")["value"], "the job fails")
    assert job["error"]["detail"]
    for pack in packs:
        pack.with_suffix(".away").rename(pack)
    wait_done()
    assert shop.value_at(rendered, "east-1", "shop") == "east"
    assert rendered.tree("clusters") != tree
    rendered.fsck()


@pytest.mark.parametrize("point", ("after-ref", "before-complete"))
def test_a_commit_that_was_not_reported_is_the_only_one_of_its_job(seeded, admin, start_worker, wait_done, point):
    doomed = start_worker(crash=point)
    until(lambda: not doomed.alive(), f"the worker dies at {point}")
    shop.set_expression(admin, "shop", "/g/east")
    start_worker()
    wait_done()
    jobs = [commit["trailers"]["Resedge-Job"] for commit in seeded.commits_of_ours()]
    assert len(jobs) == len(set(jobs)) == 2
    ended = {job["id"]: job for job in admin.get("/api/v1/jobs")["value"]}
    assert [ended[int(job)]["state"] for job in jobs] == ["committed", "committed"]


def restart_where_it_was(api):
    """At the address that workers know."""
    api.command = [f"127.0.0.1:{api.port}" if part == "127.0.0.1:0" else part for part in api.command]
    api.start()


@pytest.mark.parametrize("back_within_the_lease", (True, False))
def test_a_data_service_that_is_gone_in_the_middle_of_a_job_finds_it_done_once(seeded, api, admin, start_worker, lock, wait_done, back_within_the_lease):
    worker = start_worker("--lease", "30s" if back_within_the_lease else "2s")
    until(lambda: lock.awaited_by(worker), "the worker has the job, and waits for the repository")
    api.kill()
    if back_within_the_lease:
        lock.release()
        until(lambda: seeded.head() is not None and seeded.commits_of_ours(), "the commit is made without it")
    else:
        until(lambda: "lease" in worker.log().split("job claimed")[1], "the worker can't keep its lease")
        lock.release()
    restart_where_it_was(api)
    [job] = wait_done()
    [commit] = seeded.commits_of_ours()
    assert (job["state"], job["commit"]) == ("committed", commit["id"])
    assert worker.alive()
    # And on it goes.
    shop.set_expression(admin, "shop", "/g/east")
    wait_done()
    assert shop.value_at(seeded, "east-1", "shop") == "east"
    assert len(seeded.commits_of_ours()) == 2
    seeded.fsck()


def log_times(worker, message):
    lines = [json.loads(line) for line in worker.log().splitlines() if line.startswith("{")]
    return [datetime.datetime.fromisoformat(line["time"].replace("Z", "+00:00")) for line in lines if line.get("message", line.get("event")) == message]


LEASE_S, SLACK_S = 4, 8  # how long a claim holds, and what a busy machine takes to notice


def test_a_worker_that_is_killed_hands_its_targets_over_within_the_lease(admin, tmp_path, start_worker, wait_done):
    repositories = [Repository(tmp_path / f"target-{i}.git") for i in range(3)]
    for i, repository in enumerate(repositories):
        shop.seed(repository)
        inventory = shop.inventory(repository.path, target=f"target-{i}")
        for cluster in inventory["clusters"]:
            cluster["name"] = f"{cluster['name']}-{i}"
        admin.post("/api/v1/apply", inventory)
    doomed = start_worker("--lease", f"{LEASE_S}s", name="doomed", crash="before-ref")
    until(lambda: not doomed.alive(), "it dies with a job in its hands")
    heir = start_worker("--lease", f"{LEASE_S}s", name="heir")
    wait_done()
    jobs = admin.get("/api/v1/jobs")["value"]
    [taken] = [job for job in jobs if job["attempts"] == 2]
    assert {job["worker"] for job in jobs} == {"heir"}
    last_claim = max(log_times(heir, "job claimed"))
    assert (last_claim - log_times(doomed, "job claimed")[0]).total_seconds() < LEASE_S + SLACK_S, taken
    for expression in ("/g/east", "/g/west"):
        shop.set_expression(admin, "shop", expression)
        wait_done()
    for repository in repositories:
        revisions = [int(commit["trailers"]["Resedge-Revision"]) for commit in repository.commits_of_ours()]
        assert revisions == sorted(set(revisions), reverse=True) and len(revisions) == 3
        assert repository.git("rev-list", "--min-parents=2", "--count", "main").strip() == "0"
        repository.fsck()
