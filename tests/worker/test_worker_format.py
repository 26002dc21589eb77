"""A target stays on its format of what is generated until somebody moves it, having seen the difference."""

import pytest
import yaml

import shop

TARGET = "/api/v1/targets/name:edge"
LISTENER = "clusters/{}/flux-system/listeners/heartbeat.yaml"


def labels(repository, store="east-1"):
    return yaml.safe_load(repository.read(LISTENER.format(store)))["metadata"]["labels"]


def old_format(admin, repository, clusters=0):
    """A target of before, with as many clusters more."""
    shop.seed(repository)
    inventory = shop.inventory(repository.path, format=1)
    inventory["clusters"] += [{"name": f"more-{i}", "target": "edge"} for i in range(clusters)]
    admin.post("/api/v1/apply", inventory)


def test_a_target_stays_on_its_format_whatever_inventories_leave_out(admin, repository, worker, wait_done):
    assert worker.alive()
    old_format(admin, repository)
    wait_done()
    assert labels(repository) == {"app.kubernetes.io/managed-by": "res-edge"}
    admin.post("/api/v1/apply", shop.inventory(repository.path))
    assert admin.get(TARGET)["format"] == 1
    shop.set_expression(admin, "shop", "all")
    wait_done()
    assert labels(repository) == {"app.kubernetes.io/managed-by": "res-edge"}


def test_a_new_target_begins_with_the_newest_format(rendered, admin):
    preview = admin.get(f"{TARGET}/format")
    assert admin.get(TARGET)["format"] == preview["current"] == preview["newest"] == 2
    assert (preview["clusters"], preview["clustersChanged"], preview["differences"]) == (4, 0, [])
    assert labels(rendered)["app.kubernetes.io/part-of"] == "heartbeat"


def test_what_another_format_changes_is_seen_before_it_is_moved(admin, repository, worker, wait_done):
    assert worker.alive()
    old_format(admin, repository)
    shop.set_expression(admin, "shop", "/g/east")
    wait_done()
    head = repository.head()
    preview = admin.get(f"{TARGET}/format")
    assert (preview["current"], preview["to"], preview["templates"]) == (1, 2, head)
    assert (preview["clusters"], preview["clustersChanged"], preview["failed"]) == (4, 4, 0)
    assert preview["files"] == {"added": 0, "changed": 6, "removed": 0}
    # Each distinct difference once: the heartbeat's on four clusters, the shop's on two.
    assert [(d["op"], d["clusters"], d["files"]) for d in preview["differences"]] == [("changed", 4, 4), ("changed", 2, 2)]
    example = preview["differences"][0]["example"]
    assert example["path"] == "flux-system/listeners/heartbeat.yaml"
    assert "+    app.kubernetes.io/part-of: heartbeat\n" in example["diff"]
    # Looking changes nothing, and moving it needs the number.
    assert repository.head() == head
    refused = admin.refused(409, "PATCH", TARGET, {"format": 2})
    assert "resedge target format edge" in refused["hint"]
    admin.refused(409, "PATCH", f"{TARGET}?confirm=5", {"format": 2})
    admin.refused(422, "PATCH", f"{TARGET}?confirm=4", {"format": 3})
    admin.patch(f"{TARGET}?confirm=4", {"format": 2})
    [job] = wait_done()
    assert (job["state"], job["clustersChanged"], job["filesChanged"]) == ("committed", 4, 6)
    assert labels(repository, "west-1")["app.kubernetes.io/name"] == "heartbeat"
    # And back again.
    assert admin.get(f"{TARGET}/format?to=1")["clustersChanged"] == 4
    problem = admin.refused(400, "GET", f"{TARGET}/format?to=7")
    assert problem["object"] == 'query parameter "to"' and problem["requestId"] and "field" not in problem
    repository.fsck()


@pytest.mark.parametrize(("number", "goes_out"), [(30, True), (7, False)])
def test_a_move_goes_out_where_its_number_is_what_is_planned_and_waits_where_not(admin, repository, worker, wait_done, number, goes_out):
    assert worker.alive()
    old_format(admin, repository, clusters=26)
    wait_done()
    head = repository.head()
    admin.patch(f"{TARGET}?confirm={number}", {"format": 2})
    [job] = wait_done()
    if not goes_out:
        assert (job["state"], [entry["kind"] for entry in job["held"]]) == ("unchanged", ["clustersChanged"])
        assert repository.head() == head
        admin.post(f"/api/v1/jobs/{job['id']}/approve", {"reason": "Seen"})
        [job] = wait_done()
    assert (job["state"], job["clustersChanged"], job["held"]) == ("committed", 30, [])


def test_the_command_shows_the_difference_and_moves_the_target(admin, cli, repository, worker, wait_done):
    assert worker.alive()
    old_format(admin, repository)
    wait_done()
    shown = cli("target", "format", "edge")
    assert shown.startswith("target \"edge\": format 1, newest 2\n4 of 4 clusters would change: 0 files added, 4 changed, 0 removed")
    assert "+    app.kubernetes.io/part-of: heartbeat" in shown
    assert admin.get(TARGET)["format"] == 1
    moved = cli("target", "format", "edge", "2", "--yes", "--wait")
    assert "target \"edge\" moved to format 2" in moved
    assert labels(repository)["app.kubernetes.io/name"] == "heartbeat"
    assert "nothing would change" in cli("target", "format", "edge")
