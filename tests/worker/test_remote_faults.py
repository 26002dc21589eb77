"""Whatever goes wrong with a remote, and whenever: nothing is lost, nothing is done twice, and it goes on by itself."""

import signal
import subprocess

import pytest

import shop
from resedge_test.git import ENV_NAMES, Repository
from resedge_test.wait import until

SHORT = ("--remote-connect-timeout", "1s", "--remote-idle-timeout", "5s")


@pytest.fixture
def remote(http_host, proxy, admin, tmp_path):
    """The small fleet on a host behind a proxy, with nothing rendered yet."""
    repository = http_host.repository()
    shop.seed(repository)
    http_host.credential(tmp_path / "credentials")
    admin.post("/api/v1/apply", shop.inventory(http_host.url(port=proxy.port), credential="host", pushIntervalSeconds=0))
    return repository


@pytest.fixture
def start(start_worker, tmp_path):
    def start(*args, **kwargs):
        return start_worker("--credentials-dir", tmp_path / "credentials", "--remote-poll", "300ms", *SHORT, *args, **kwargs)
    return start


def check_one_commit(repository, admin, expected=1):
    commits = repository.commits_of_ours()
    assert len(commits) == expected
    jobs = [commit["trailers"]["Resedge-Job"] for commit in commits]
    assert len(jobs) == len(set(jobs))
    for store in shop.STORES:
        assert shop.value_at(repository, store, "heartbeat") == "alive"
        assert shop.states(admin, store)["heartbeat"] == "current"
    repository.fsck()


@pytest.mark.parametrize("point", ("after-ref", "before-push", "after-push", "before-complete"))
def test_a_worker_that_is_killed_around_a_push_leaves_one_commit(remote, admin, start, wait_done, point):
    doomed = start(crash=point, name="worker")
    until(lambda: not doomed.alive(), f"the worker dies at {point}")
    start(name="worker")
    [job] = wait_done()
    assert (job["state"], job["commit"], job["attempts"]) == ("pushed", remote.head(), 2)
    check_one_commit(remote, admin)


@pytest.mark.parametrize("point", ("before-push", "after-push"))
def test_another_worker_with_an_empty_clone_takes_over(remote, admin, start, wait_done, point):
    doomed = start(crash=point)
    until(lambda: not doomed.alive(), f"the worker dies at {point}")
    start()
    wait_done()
    check_one_commit(remote, admin)


def test_what_was_committed_and_not_pushed_goes_out_with_what_came_since(remote, admin, start, wait_done):
    doomed = start(crash="before-push", name="worker")
    until(lambda: not doomed.alive(), "the worker dies")
    shop.set_expression(admin, "shop", "/g/east")
    start(name="worker")
    wait_done()
    assert shop.value_at(remote, "east-1", "shop") == "east"
    commits = remote.commits_of_ours()
    assert len(commits) in (1, 2) and len({commit["trailers"]["Resedge-Revision"] for commit in commits}) == len(commits)
    remote.fsck()


@pytest.mark.parametrize("mode", ("hang", "refuse"))
def test_a_remote_that_does_not_answer_is_tried_again_until_it_does(remote, proxy, admin, start, wait_done, mode):
    proxy.mode = mode
    worker = start()
    [job] = until(lambda: admin.get("/api/v1/jobs?state=failed")["value"], "the job fails")
    assert job["error"]["code"] in ("timeout", "unavailable"), job["error"]
    assert worker.alive()
    proxy.mode = "pass"
    [job] = wait_done()
    assert (job["state"], job["commit"]) == ("pushed", remote.head())
    check_one_commit(remote, admin)


def test_a_remote_that_closes_in_the_middle_of_a_push_gets_it_again(remote, proxy, admin, start, wait_done):
    start()
    wait_done()
    # More than the requests of a fetch, less than the pack.
    proxy.cut_after = 12000
    proxy.mode = "cut"
    value = "x" * 100
    remote.push(lambda checkout: [shop.write(checkout, f"app-{i}", value) for i in range(30)] and None)
    admin.post("/api/v1/apply", {"namespaces": [{"name": f"app-{i}", "expression": "all"} for i in range(30)],
                                 "applications": [{"name": f"app-{i}", "namespace": f"app-{i}", "path": f"apps/app-{i}"} for i in range(30)]})
    until(lambda: proxy.cuts > 0, "a push is cut short")
    proxy.mode = "pass"
    wait_done()
    until(lambda: shop.value_at(remote, "east-1", "app-29") == value, "it is out")
    wait_done()
    jobs = [commit["trailers"]["Resedge-Job"] for commit in remote.commits_of_ours()]
    assert len(jobs) == len(set(jobs))
    remote.fsck()


def test_a_remote_that_moves_between_fetch_and_push_is_planned_on_top_of(remote, http_host, admin, start, wait_done):
    bare = remote.path
    tree = remote.tree()
    http_host.before_push(f"cd {bare} && c=$(git -c user.name=P -c user.email=p@example.com commit-tree -p main -m Note {tree}) && git update-ref refs/heads/main $c")
    start()
    [job] = wait_done()
    assert job["state"] == "pushed"
    log = remote.log()
    assert [commit["subject"] for commit in log if "Resedge-Job" not in commit["trailers"]] == ["Note", "Templates"]
    assert "Resedge-Job" in log[0]["trailers"]
    check_one_commit(remote, admin)


NOTE = """cd {bare} && c=$(git -c user.name=P -c user.email=p@example.com commit-tree -p main -m Note $(git rev-parse main^{{tree}})) &&
git update-ref refs/heads/main $c"""


def test_a_small_change_is_not_lost_when_the_remote_moves_before_its_push(remote, http_host, admin, start, wait_done):
    start()
    wait_done()
    shop.set_expression(admin, "shop", "/g/west")
    wait_done()
    http_host.before_push(NOTE.format(bare=remote.path))
    shop.set_expression(admin, "shop", "/g/east")
    [job] = wait_done()
    assert (job["state"], job["commit"]) == ("pushed", remote.head())
    assert [commit["subject"] for commit in remote.log()[:3]].index("Note") == 1
    for store in shop.STORES:
        assert shop.value_at(remote, store, "shop") == ("east" if store.startswith("east") else None)
    check_one_commit(remote, admin, 3)


def test_a_small_change_is_not_lost_when_its_push_fails(remote, admin, start, wait_done):
    start()
    wait_done()
    hook = remote.path / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    shop.set_expression(admin, "shop", "/g/east")
    [job] = until(lambda: admin.get("/api/v1/jobs?state=parked")["value"], "the push is refused")
    hook.unlink()
    # Another change wakes it, and both go out.
    admin.patch("/api/v1/clusters/name:west-1", {"metadata": [{"key": "region", "value": "far-west"}]})
    shop.set_expression(admin, "shop", "/g/east or /c/west-1")
    until(lambda: shop.value_at(remote, "west-1", "shop") == "far-west", "the change is out")
    assert shop.value_at(remote, "east-1", "shop") == "east"
    until(lambda: all(admin.get(f"/api/v1/targets/{target['id']}/status")["lag"] == 0 for target in admin.get("/api/v1/targets")["value"]), "all is done")
    remote.fsck()


def test_a_fetch_waits_for_the_ref_that_another_one_moves(remote, admin, start, tmp_path, wait_done):
    start(name="keeper")
    wait_done()
    [clone] = (tmp_path / "keeper" / "clones").iterdir()
    lock = clone / "refs" / "resedge" / "fetched" / "main.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    commit = remote.push(lambda checkout: (checkout / "README").write_text("a person was here\n"), "Say hello")
    shop.set_expression(admin, "shop", "/g/east")
    until(lambda: subprocess.run(["git", "-C", str(clone), "cat-file", "-e", commit], capture_output=True, check=False).returncode == 0, "it is fetched")
    lock.unlink()
    jobs = wait_done()
    assert {(job["state"], job["attempts"]) for job in jobs} == {("pushed", 1)}
    check_one_commit(remote, admin, 2)


def test_a_branch_that_hooks_protect_is_said_so_with_their_words(remote, admin, start, wait_done):
    hook = remote.path / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'GH006: Protected branch update failed.' >&2\nexit 1\n")
    hook.chmod(0o755)
    start()
    [job] = until(lambda: admin.get("/api/v1/jobs?state=parked")["value"], "the job is parked")
    assert job["attempts"] == 1
    assert "pre-receive hook declined" in job["error"]["detail"] and "GH006" in job["error"]["detail"]
    hook.unlink()
    admin.post(f"/api/v1/jobs/{job['id']}/retry")
    [job] = wait_done()
    assert job["state"] == "pushed"
    check_one_commit(remote, admin)


def rewrite(repository):
    """Puts another root commit in place of the branch, as a forced push does."""
    tree = repository.tree()
    commit = subprocess.run(["git", "-C", str(repository.path), *ENV_NAMES, "commit-tree", "-m", "Squashed", tree], check=True, capture_output=True, text=True).stdout.strip()
    repository.git("update-ref", "refs/heads/main", commit)
    return commit


@pytest.mark.parametrize("cache", ("kept", "empty"))
def test_rewritten_history_is_taken_only_when_a_person_says_so(remote, admin, start, wait_done, cache):
    first = start(name="worker")
    wait_done()
    first.stop()
    head = rewrite(remote)
    shop.set_expression(admin, "shop", "/g/east")
    start(name="worker" if cache == "kept" else "other")
    [job] = until(lambda: admin.get("/api/v1/jobs?state=parked")["value"], "the job is parked")
    assert "rewritten" in job["error"]["detail"] and head in job["error"]["hint"]
    assert remote.head() == head
    target = admin.get("/api/v1/targets/name:edge")["id"]
    admin.post(f"/api/v1/targets/{target}/accept-history", {"commit": head})
    [job] = wait_done()
    assert job["state"] == "pushed" and remote.git("rev-parse", "main~1").strip() == head
    assert shop.value_at(remote, "east-1", "shop") == "east"
    # That was for once.
    assert admin.get(f"/api/v1/targets/{target}/status")["acceptedHistory"] is None
    rewrite(remote)
    shop.set_expression(admin, "shop", "all")
    until(lambda: admin.get("/api/v1/jobs?state=parked")["value"], "it is refused again")
    remote.fsck()


def test_a_deleted_branch_waits_for_a_person(remote, admin, start, wait_done):
    start()
    wait_done()
    before = remote.head()
    remote.git("update-ref", "-d", "refs/heads/main")
    shop.set_expression(admin, "shop", "/g/east")
    [job] = until(lambda: admin.get("/api/v1/jobs?state=parked")["value"], "the job is parked")
    assert "is gone" in job["error"]["detail"]
    # Without its templates there would be nothing to put there but empty folders.
    target = admin.get("/api/v1/targets/name:edge")["id"]
    admin.post(f"/api/v1/targets/{target}/accept-history", {"commit": None})
    until(lambda: admin.get(f"/api/v1/jobs/{job['id']}")["attempts"] == 2 and admin.get("/api/v1/jobs?state=parked")["value"], "it is refused again")
    assert remote.git("for-each-ref") == ""
    remote.git("update-ref", "refs/heads/main", before)
    admin.post(f"/api/v1/jobs/{job['id']}/retry")
    wait_done()
    assert shop.value_at(remote, "east-1", "shop") == "east"
    remote.fsck()


def test_a_deleted_branch_is_made_anew_from_templates_elsewhere_when_a_person_says_so(remote, http_host, admin, start, wait_done):
    shop.seed(http_host.repository("templates.git"))
    admin.patch("/api/v1/targets/name:edge", {"templateUrl": http_host.url("templates.git"), "templateCredential": "host"})
    start()
    wait_done()
    remote.git("update-ref", "-d", "refs/heads/main")
    shop.set_expression(admin, "shop", "/g/east")
    [job] = until(lambda: admin.get("/api/v1/jobs?state=parked")["value"], "the job is parked")
    assert "accept-history" in job["error"]["hint"]
    target = admin.get("/api/v1/targets/name:edge")["id"]
    admin.post(f"/api/v1/targets/{target}/accept-history", {"commit": None})
    [job] = wait_done()
    assert (job["state"], job["commit"]) == ("pushed", remote.head())
    assert shop.value_at(remote, "east-1", "shop") == "east"
    check_one_commit(remote, admin)


def test_a_job_that_hangs_is_canceled_when_a_person_says_so(remote, proxy, admin, start_worker, tmp_path, wait_done):
    start_worker("--credentials-dir", tmp_path / "credentials", "--remote-poll", "1h", "--remote-connect-timeout", "60s")
    wait_done()
    proxy.mode = "hang"
    shop.set_expression(admin, "shop", "/g/east")
    [job] = until(lambda: proxy.held and admin.get("/api/v1/jobs?state=running")["value"], "the job waits for the host")
    admin.post(f"/api/v1/jobs/{job['id']}/cancel")
    until(lambda: admin.get(f"/api/v1/jobs/{job['id']}")["state"] == "canceled", "the job ends", deadline=20)
    proxy.mode = "pass"
    admin.post(f"/api/v1/jobs/{job['id']}/retry")
    wait_done()
    assert shop.value_at(remote, "east-1", "shop") == "east"
    check_one_commit(remote, admin, 2)


def test_sigterm_ends_a_push_that_hangs_within_the_grace(remote, proxy, admin, start, wait_done):
    proxy.mode = "hang"
    worker = start("--remote-connect-timeout", "60s", "--grace", "1s")
    until(lambda: proxy.held, "the worker waits for the host")
    worker.child.send_signal(signal.SIGTERM)
    assert worker.stop(deadline=20) == 0
    proxy.mode = "pass"
    start()
    wait_done()
    check_one_commit(remote, admin)


def test_a_remote_that_hangs_when_it_is_looked_at_keeps_no_other_target_waiting(remote, proxy, admin, start_worker, tmp_path, wait_done):
    worker = start_worker("--credentials-dir", tmp_path / "credentials", "--remote-poll", "100ms", "--remote-connect-timeout", "60s")
    wait_done()
    local = Repository(tmp_path / "local.git")
    shop.seed(local)
    inventory = shop.inventory(local.path, target="local")
    inventory["clusters"] = [{"name": "here-1", "target": "local", "metadata": [{"key": "region", "value": "here"}]}]
    proxy.mode = "hang"
    until(lambda: proxy.held, "the worker looks at the remote")
    admin.post("/api/v1/apply", {key: inventory[key] for key in ("targets", "clusters")})
    def out():
        status = admin.get("/api/v1/targets/name:local/status")
        return status["job"] and status["done"] >= status["wanted"]
    until(out, "the other target's job is done", deadline=30)
    local.push(lambda checkout: shop.write(checkout, "heartbeat", "louder"), "Louder")
    until(lambda: shop.value_at(local, "here-1", "heartbeat") == "louder", "a push to it is rendered", deadline=30)
    assert proxy.held, "the look has ended meanwhile"
    proxy.mode = "pass"
    assert worker.stop() == 0
