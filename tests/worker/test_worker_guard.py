"""What one change may do to many stores is bounded: above the limit it waits for a person, and nothing else does."""

import json

import pytest

import shop
from resedge_test.wait import until

NAMES = [f"{side}-{number:02}" for side in ("east", "west") for number in range(30)]
WEST = [name for name in NAMES if name.startswith("west")]
TARGET = "/api/v1/targets/name:edge"


@pytest.fixture
def fleet(admin, repository, worker, wait_done):
    """Sixty stores; the shop runs in the west."""
    assert worker.alive()
    shop.seed(repository)
    inventory = shop.inventory(repository.path)
    inventory["clusters"] = [{"name": name, "target": "edge", "groups": ["/" + name[:4]],
                              "metadata": [{"key": "region", "value": name[:4]}]} for name in NAMES]
    inventory["namespaces"][1]["expression"] = "/g/west"
    admin.post("/api/v1/apply", inventory)
    [job] = wait_done()
    assert (job["clustersChanged"], job["held"]) == (60, []), "a first render holds nothing"
    return repository


def having(repository, application="shop"):
    return {path.split("/")[1] for path in repository.files("clusters") if f"/{application}/{application}/" in path}


def guard_of(job):
    return [entry for entry in job["held"] if entry["cause"] == "guard"]


def decide(admin, job, decision, reason="Seen"):
    return admin.post(f"/api/v1/jobs/{job['id']}/{decision}", {"reason": reason})


def test_a_change_that_takes_an_application_from_many_is_held_and_everything_else_goes_out(fleet, admin, cli, wait_done):
    shop.set_expression(admin, "shop", "none")
    [job] = wait_done()
    [entry] = guard_of(job)
    assert (entry["kind"], entry["counted"], entry["of"], entry["limit"]) == ("clustersLosing", 30, 60, 1)
    assert entry["change"] == 'namespace "shop"'
    assert set(entry["parts"]) == {"shop/shop", "namespaces/shop.yaml"}
    assert entry["clusters"] == WEST
    assert "30 of 60 clusters" in entry["error"]["detail"]
    assert (job["state"], job["heldCount"]) == ("unchanged", 60)
    assert having(fleet) == set(WEST)
    assert shop.states(admin, "west-00") == {"heartbeat": "current", "shop": "held"}
    # Others go out meanwhile, and what is held stays so.
    admin.post("/api/v1/clusters", {"name": "west-99", "groups": ["/west"], "metadata": {"region": "west"}})
    [job] = wait_done()
    assert job["state"] == "committed"
    assert shop.value_at(fleet, "west-99", "heartbeat") == "alive"
    assert having(fleet) == set(WEST)
    for path in ("flux-system/listeners/kustomization.yaml", "namespaces/kustomization.yaml"):
        assert "  - shop.yaml" in fleet.read(f"clusters/west-00/{path}")
    [hold] = admin.get(f"{TARGET}/holds")["value"]
    assert (hold["job"], hold["state"], hold["clusters"]) == (job["id"], "held", WEST)
    # A person lets it out.
    decided = json.loads(cli("jobs", "approve", job["id"], "--reason", "The shop moves to the cloud", "-o", "json"))
    assert [(d["decision"], d["reason"], d["clustersLosing"]) for d in decided["decisions"]] == [
        ("approved", "The shop moves to the cloud", 30)]
    [job] = wait_done()
    assert (job["state"], job["clustersChanged"], job["held"]) == ("committed", 30, [])
    assert having(fleet) == set()
    assert admin.get(f"{TARGET}/holds")["value"] == []
    fleet.fsck()


def test_a_decision_can_be_tried_and_what_is_discarded_stays_as_it_was(fleet, admin, cli, wait_done):
    shop.set_expression(admin, "shop", "none")
    [job] = wait_done()
    holds = admin.get(f"{TARGET}/holds")
    for verb in ("approve", "discard"):
        assert f"dry run: {verb} would be accepted for job {job['id']}" in cli("jobs", verb, job["id"], "--reason", "seen", "--dry-run")
    assert admin.get(f"{TARGET}/holds") == holds
    assert admin.get(f"/api/v1/jobs/{job['id']}")["decisions"] == []
    decided = json.loads(cli("jobs", "discard", job["id"], "--reason", "A slip", "-o", "json"))
    assert [(d["decision"], d["reason"]) for d in decided["decisions"]] == [("discarded", "A slip")]
    assert [hold["state"] for hold in admin.get(f"{TARGET}/holds")["value"]] == ["discarded"]
    assert having(fleet) == set(WEST)


def test_the_command_line_waits_for_what_follows_from_a_decision(fleet, admin, cli, wait_done):
    shop.set_expression(admin, "shop", "none")
    [job] = wait_done()
    assert "30 clusters changed" in cli("jobs", "approve", job["id"], "--reason", "Seen", "--wait")
    assert having(fleet) == set(), "it has been committed"
    assert cli("push", "edge", "--wait").startswith('target "edge": what waits is pushed now')


def test_what_the_writer_confirmed_by_its_number_is_not_held(fleet, admin, wait_done):
    admin.patch("/api/v1/namespaces/name:shop?confirm=30", {"expression": "none"})
    [job] = wait_done()
    assert (job["state"], job["held"]) == ("committed", [])
    assert having(fleet) == set()
    # Another number than the one that is planned confirms nothing.
    admin.patch("/api/v1/namespaces/name:shop?confirm=20", {"expression": "/g/east"})
    [job] = wait_done()
    assert [entry["kind"] for entry in guard_of(job)] == ["clustersChanged"]
    assert having(fleet) == set()


def test_what_a_deletion_would_do_is_held_under_the_name_of_what_was_deleted(fleet, admin, wait_done):
    admin.delete("/api/v1/applications/name:shop%2Fshop")
    [job] = wait_done()
    [entry] = guard_of(job)
    [hold] = admin.get(f"{TARGET}/holds")["value"]
    assert entry["change"] == hold["change"] == 'deleting application "shop/shop"'
    assert entry["change"] in str(entry["error"])
    assert having(fleet) == set(WEST)


def test_of_two_deletions_each_is_told_of_what_it_deleted(fleet, admin, wait_done):
    admin.post(f"{TARGET}/pause", {"reason": "together"})
    for name in ("shop%2Fshop", "heartbeat%2Fheartbeat"):
        admin.delete(f"/api/v1/applications/name:{name}")
    admin.post(f"{TARGET}/resume", {"reason": "both"})
    [job] = wait_done()
    assert {entry["change"]: entry["parts"] for entry in guard_of(job)} == {
        'deleting application "shop/shop"': ["shop/shop"], 'deleting application "heartbeat/heartbeat"': ["heartbeat/heartbeat"]}


def test_fewer_than_twenty_clusters_are_let_through(fleet, admin, wait_done):
    keep = " or ".join(f"/c/{name}" for name in WEST[19:])
    shop.set_expression(admin, "shop", keep)
    [job] = wait_done()
    assert (job["clustersChanged"], job["held"]) == (19, [])


def test_a_push_to_the_templates_that_changes_many_is_held_and_new_clusters_get_it(fleet, admin, wait_done):
    fleet.push(lambda checkout: shop.write(checkout, "heartbeat", "louder"), "Louder")
    until(lambda: guard_of(wait_done()[0]), "the push is held")
    [job] = wait_done()
    [entry] = guard_of(job)
    assert (entry["kind"], entry["counted"], entry["change"]) == ("clustersChanged", 60, "a push to the templates")
    assert (entry["namespace"], entry["application"]) == ("heartbeat", "heartbeat")
    assert shop.value_at(fleet, "east-00", "heartbeat") == "alive"
    admin.post("/api/v1/clusters", {"name": "east-99", "groups": ["/east"], "metadata": {"region": "east"}})
    [job] = wait_done()
    assert shop.value_at(fleet, "east-99", "heartbeat") == "louder"
    assert shop.value_at(fleet, "east-00", "heartbeat") == "alive"
    decide(admin, job, "approve")
    wait_done()
    assert shop.value_at(fleet, "east-00", "heartbeat") == "louder"


def test_what_is_discarded_stays_as_it_is_until_somebody_writes_it_again(fleet, admin, wait_done):
    shop.set_expression(admin, "shop", "none")
    [job] = wait_done()
    decide(admin, job, "discard", "A slip")
    [job] = wait_done()
    assert (guard_of(job), job["heldCount"]) == ([], 0)
    assert having(fleet) == set(WEST)
    admin.patch("/api/v1/clusters/name:west-00", {"description": "By the sea"})
    wait_done()
    assert having(fleet) == set(WEST)
    assert [hold["state"] for hold in admin.get(f"{TARGET}/holds")["value"]] == ["discarded"]
    shop.set_expression(admin, "shop", " or ".join(f"/c/{name}" for name in WEST[5:]))
    [job] = wait_done()
    assert job["held"] == []
    assert having(fleet) == set(WEST[5:])


def test_what_is_held_outlives_the_worker(fleet, admin, worker, start_worker, wait_done):
    shop.set_expression(admin, "shop", "none")
    [held] = wait_done()
    worker.stop()
    assert start_worker().alive()
    admin.patch("/api/v1/clusters/name:west-00", {"metadata": {"region": "far west"}})
    [job] = wait_done()
    assert [entry["counted"] for entry in guard_of(job)] == [30]
    assert having(fleet) == set(WEST)
    # The older job will do: no more was counted since.
    decide(admin, held, "approve")
    wait_done()
    assert having(fleet) == set()


def test_undoing_the_change_ends_what_was_held(fleet, admin, wait_done):
    shop.set_expression(admin, "shop", "none")
    wait_done()
    shop.set_expression(admin, "shop", "/g/west")
    [job] = wait_done()
    assert job["held"] == []
    assert admin.get(f"{TARGET}/holds")["value"] == []
    admin.refused(409, "POST", f"/api/v1/jobs/{job['id']}/approve", {"reason": "Nothing is there"})


def test_clusters_that_vanish_in_one_write_are_held(fleet, admin, wait_done):
    admin.post("/api/v1/apply", {"clusters": [{"name": name, "state": "closed"} for name in WEST]})
    [job] = wait_done()
    [entry] = guard_of(job)
    assert (entry["kind"], entry["counted"], entry["change"]) == ("clustersLosing", 30, "a write of 30 objects")
    assert having(fleet, "heartbeat") == set(NAMES)
    decide(admin, job, "approve")
    wait_done()
    assert having(fleet, "heartbeat") == set(NAMES) - set(WEST)


def test_the_limits_are_the_targets(fleet, admin, wait_done):
    admin.patch(TARGET, {"guard": {"clustersLosing": 50}})
    shop.set_expression(admin, "shop", "none")
    [job] = wait_done()
    assert [entry["kind"] for entry in guard_of(job)] == ["clustersChanged"]
    admin.patch(TARGET, {"guard": {"clustersChanged": 100}})
    [job] = wait_done()
    assert job["held"] == []
    assert having(fleet) == set()
    admin.patch(TARGET, {"guard": {"files": 40}})
    shop.set_expression(admin, "shop", "/g/west")
    [job] = wait_done()
    assert [(entry["kind"], entry["limit"]) for entry in guard_of(job)] == [("files", 40)]


def test_deciding_needs_the_role_and_a_reason(fleet, api, admin, wait_done):
    shop.set_expression(admin, "shop", "none")
    [job] = wait_done()
    path = f"/api/v1/jobs/{job['id']}/approve"
    api.client("viewer").refused(403, "POST", path, {"reason": "Mine"})
    assert "reason" in str(api.client("platform").request("POST", path, {}).json)
    admin.refused(404, "POST", "/api/v1/jobs/999999/approve", {"reason": "Mine"})
