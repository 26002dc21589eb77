"""A worker goes on where it, or another one, stopped; what people edit by hand is put right."""

import os
import random
import signal
import subprocess

import pytest
import shop

from resedge_test import servers
from resedge_test.wait import until


def push(repository, application, value):
    """Pushes a template, again where Automation was quicker."""
    def attempt():
        try:
            repository.push(lambda checkout: shop.write(checkout, application, value))
        except subprocess.CalledProcessError:
            return False
        return True
    until(attempt, "the push goes through")


def test_a_worker_that_starts_builds_only_what_changed_meanwhile(rendered, admin, worker, start_worker, wait_done):
    worker.stop()
    shop.set_expression(admin, "shop", "/g/east")
    again = start_worker(name="again")
    job, = wait_done()
    assert job["clustersChanged"] == 2
    assert "going on from the last commit" in again.log()
    assert shop.value_at(rendered, "east-1", "shop") == "east"


def test_a_change_and_its_undoing_around_a_restart_leave_nothing_behind(rendered, admin, worker, start_worker, wait_done):
    shop.set_expression(admin, "shop", "/g/east")
    wait_done()
    worker.stop()
    shop.set_expression(admin, "shop", "none")
    admin.patch("/api/v1/clusters/name:west-1", {"metadata": {"region": "far"}})
    start_worker(name="again")
    wait_done()
    assert shop.value_at(rendered, "east-1", "shop") is None


def forget(postgres, database):
    result = servers.forget_changes(postgres.owner_url(database), "--before", "2999-01-01")
    assert result.returncode == 0 and " changes forgotten" in result.stdout, result


def test_a_worker_goes_on_from_a_commit_of_a_change_that_is_forgotten(rendered, admin, worker, start_worker, wait_done, postgres, database):
    for name in ("a", "b", "c"):
        admin.post("/api/v1/groups", {"name": name})
        admin.patch(f"/api/v1/groups/name:%2F{name}", {"description": "Of nobody"})
    wait_done()
    worker.stop()
    forget(postgres, database)
    assert admin.refused(410, "GET", f"/api/v1/changes?since={rendered.commits_of_ours()[0]['trailers']['Resedge-Revision']}")
    shop.set_expression(admin, "shop", "/g/east")
    again = start_worker(name="again")
    job, = wait_done()
    assert job["clustersChanged"] == 2 and "going on from the last commit" in again.log()
    assert shop.value_at(rendered, "east-1", "shop") == "east"


def test_a_worker_that_missed_what_is_forgotten_takes_a_snapshot(rendered, admin, worker, wait_done, postgres, database):
    os.kill(worker.pid, signal.SIGSTOP)
    for name in ("a", "b", "c"):
        admin.post("/api/v1/groups", {"name": name})
        admin.patch(f"/api/v1/groups/name:%2F{name}", {"description": "Of nobody"})
    forget(postgres, database)
    os.kill(worker.pid, signal.SIGCONT)
    shop.set_expression(admin, "shop", "/g/east")
    wait_done()
    assert shop.value_at(rendered, "east-1", "shop") == "east"


def test_parts_that_failed_before_a_restart_are_known_after_it(rendered, admin, worker, start_worker, wait_done):
    rendered.push(lambda checkout: shop.write(checkout, "heartbeat", "rea.cluster.nothing"))
    until(lambda: admin.get("/api/v1/targets/name:edge/status")["job"]["heldCount"] == 4, "the broken template is held")
    assert len(admin.get("/api/v1/targets/name:edge/failures")["value"]) == 4
    worker.stop()
    admin.patch("/api/v1/clusters/name:west-1", {"metadata": {"region": "far"}})
    start_worker(name="again")
    job, = wait_done()
    assert job["heldCount"] == 4
    rendered.push(lambda checkout: shop.write(checkout, "heartbeat", "well"))
    until(lambda: shop.value_at(rendered, "west-2", "heartbeat") == "well", "the cured template is out")
    until(lambda: admin.get("/api/v1/targets/name:edge/failures")["value"] == [], "nothing failed any more")


def test_questions_reach_a_worker_that_was_started_again_without_a_job(rendered, admin, worker, start_worker):
    worker.stop()
    start_worker(name="again")
    until(lambda: admin.request("GET", "/api/v1/targets/name:edge/commits").status == 200, "the new worker is asked")


def test_a_hand_edit_is_noticed_reported_and_put_right(rendered, admin, worker, wait_done):
    path = "clusters/west-1/heartbeat/heartbeat/base/config.yaml"
    before = rendered.read(path)

    def edit(checkout):
        (checkout / path).write_text("by: hand\n")
        (checkout / "clusters/west-1/note.txt").write_text("mine\n")
    rendered.push(edit)
    until(lambda: rendered.read(path) == before, "the edit is put right")
    wait_done()
    job = admin.get("/api/v1/targets/name:edge/status")["job"]
    assert job["drift"] == {"files": 2, "paths": [{"path": path, "op": "changed"}, {"path": "clusters/west-1/note.txt", "op": "added"}]}
    assert "clusters/west-1/note.txt" not in rendered.files("clusters")


def test_a_target_is_looked_at_again_when_asked(rendered, admin, worker, wait_done):
    first = admin.get("/api/v1/targets/name:edge/status")["job"]["id"]
    admin.post("/api/v1/targets/name:edge/refresh")
    until(lambda: admin.get("/api/v1/targets/name:edge/status")["job"]["id"] > first, "another job")
    job, = wait_done()
    assert (job["state"], job["drift"]) == ("unchanged", None)


CHANGES = (
    lambda admin, pick: shop.set_expression(admin, "shop", pick(("/g/east", "/g/west", "all", "none", "/c/west-1"))),
    lambda admin, pick: admin.patch(f"/api/v1/clusters/name:{pick(shop.STORES)}", {"metadata": {"region": pick(("a", "b", None))}}),
    lambda admin, pick: admin.patch(f"/api/v1/clusters/name:{pick(shop.STORES)}", {"state": pick(("active", "suspended"))}),
    lambda admin, pick: admin.patch(f"/api/v1/groups/name:%2F{pick(('east', 'west'))}", {"metadata": {"zone": pick(("x", "y"))}}),
    lambda admin, pick: admin.patch("/api/v1/applications/name:shop", {"description": pick(("one", "two"))}),
)


@pytest.mark.parametrize("seed", (1, 2))
def test_a_series_of_changes_by_one_worker_equals_one_build_by_another(rendered, admin, worker, start_worker, wait_done, tmp_path, seed):
    chance = random.Random(seed)
    for i in range(12):
        if chance.random() < 0.3:
            value = chance.choice(("rea.cluster.region", "rea.cluster.zone", "fixed", "rea.clutser.x"))
            push(rendered, chance.choice(("shop", "heartbeat")), f"{value} {i}")
        chance.choice(CHANGES)(admin, chance.choice)
        if i % 4 == 3:
            wait_done()
            worker.stop()
            worker = start_worker(name=f"w{i}")
    for store in shop.STORES:
        admin.patch(f"/api/v1/clusters/name:{store}", {"state": "active", "metadata": {"region": "r"}})
    push(rendered, "shop", "rea.cluster.region last")
    push(rendered, "heartbeat", "last")
    until(lambda: shop.value_at(rendered, "west-1", "heartbeat") == "last", "the last push is out")
    wait_done()
    worker.stop()
    tree = subprocess.run(["git", "-C", rendered.path, "rev-parse", "main:clusters"], check=True, capture_output=True, text=True).stdout
    # Nothing is known to a worker whose target was never built in this repository.
    other = tmp_path / "other.git"
    subprocess.run(["git", "clone", "-q", "--bare", rendered.path, other], check=True)
    work = tmp_path / "emptied"
    subprocess.run(["git", "clone", "-q", other, work], check=True)
    for command in (["rm", "-rq", "clusters"], ["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "Empty"],
                    ["push", "-q", "origin", "HEAD:main"]):
        subprocess.run(["git", "-C", work, *command], check=True)
    admin.patch("/api/v1/targets/name:edge", {"url": str(other)})
    start_worker(name="fresh")
    wait_done()
    assert subprocess.run(["git", "-C", other, "rev-parse", "main:clusters"], check=True, capture_output=True, text=True).stdout == tree
