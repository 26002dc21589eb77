"""What can't change once it was used."""

import pytest

from resedge_test.fleet import API, cluster, stores

CLAIM = {"worker": "w1", "address": "http://127.0.0.1:4711", "secret": "made up", "leaseSeconds": 30}
WEST = f"{API}/targets/name:west"


@pytest.fixture
def fleet(admin):
    stores(admin)
    return admin


def claim(api):
    return api.client("worker").post(f"{API}/jobs/claim", CLAIM)


def complete(api, job, state):
    api.client("worker").post(f"{API}/jobs/{job['id']}/complete",
                              {"fence": job["fence"], "revision": job["revision"], "state": state, "commit": "a" * 40})


def refused(client, method, path, body):
    problem = client.refused(409, method, path, body)
    assert "new" not in problem["detail"] and "another target" in problem["hint"]
    assert problem["object"] == 'target "west"'
    return [error["pointer"] for error in problem["errors"]]


def test_the_folder_pattern_of_a_target_may_change_until_folders_were_written(fleet, api):
    assert fleet.patch(WEST, {"folderPattern": "flat"})["folderPattern"] == "flat"
    complete(api, claim(api), "unchanged")
    assert fleet.patch(WEST, {"folderPattern": "sharded"})["folderPattern"] == "sharded"


@pytest.mark.parametrize("state", ["running", "committed", "pushed"])
def test_the_folder_pattern_of_a_target_that_was_used_is_fixed(fleet, api, state):
    job = claim(api)
    if state != "running":
        complete(api, job, state)
    before = fleet.get(WEST)

    for query in ("", "?dryRun=true", "?confirm=2"):
        assert refused(fleet, "PATCH", WEST + query, {"folderPattern": "flat"}) == ["/folderPattern"]
        assert refused(fleet, "PUT", WEST + query, {**before, "folderPattern": "flat"}) == ["/folderPattern"]
        assert refused(fleet, "POST", f"{API}/apply{query}",
                       {"targets": [{"name": "west", "folderPattern": "flat"}]}) == ["/targets/0/folderPattern"]
    assert fleet.get(WEST) == before
    assert fleet.patch(WEST, {"description": "Stores of the west", "folderPattern": "sharded"})["version"] == before["version"] + 1


def test_a_folder_that_was_reported_is_use_whatever_became_of_the_job(fleet, api):
    job = claim(api)
    store = fleet.get(f"{API}/clusters/name:east-1")["id"]
    api.client("worker").post(f"{API}/jobs/{job['id']}/deployments",
                              f'{{"cluster":{store},"tree":"{"b" * 40}","applications":[]}}\n',
                              headers={"Content-Type": "application/x-ndjson", "Resedge-Fence": str(job["fence"])})
    api.client("worker").post(f"{API}/jobs/{job['id']}/fail",
                              {"fence": job["fence"], "error": {"code": "internal", "detail": "no room"}, "retry": False})

    assert refused(fleet, "PATCH", WEST, {"folderPattern": "flat"}) == ["/folderPattern"]


def test_the_database_keeps_the_folder_pattern_too(fleet, api, postgres, database):
    complete(api, claim(api), "committed")

    with pytest.raises(Exception, match="folder pattern"):
        postgres.sql("update targets set doc = replace(doc, 'sharded', 'flat')", database)
    fleet.post(f"{API}/clusters", cluster("west-9", target="west"))
