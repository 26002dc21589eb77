"""A write gives work to the targets whose clusters see something of it, and to no others."""

import pytest

CLAIM = {"worker": "w1", "address": "http://127.0.0.1:4711", "secret": "made up", "leaseSeconds": 30}

INVENTORY = {
    "targets": [{"name": "north", "url": "/srv/git/north.git"}, {"name": "south", "url": "/srv/git/south.git"}],
    "metadataKeys": [{"name": "size", "type": "string"}],
    "groups": [{"name": "n"}, {"name": "s"}],
    "policies": [{"name": "net", "path": "policies/net"}],
    "clusters": [{"name": "n1", "target": "north", "groups": ["/n"], "metadata": [{"key": "region", "value": "x"}]},
                 {"name": "s1", "target": "south", "groups": ["/s"], "metadata": [{"key": "region", "value": "x"}]}],
    "namespaces": [{"name": "web", "expression": "/g/n", "policies": ["net"]}, {"name": "shop", "expression": "none"}],
    "applications": [{"name": "web", "namespace": "web", "path": "apps/web"}],
}


@pytest.fixture
def fleet(api, admin):
    admin.post("/api/v1/apply", INVENTORY)
    return Fleet(api, admin)


class Fleet:
    def __init__(self, api, admin):
        self.admin, self.worker = admin, api.client("worker")
        self.finish()

    def claim(self):
        answer = self.worker.request("POST", "/api/v1/jobs/claim", CLAIM)
        return answer.json if answer.status == 200 else None

    def complete(self, job):
        self.worker.post(f"/api/v1/jobs/{job['id']}/complete",
                         {"fence": job["fence"], "revision": job["revision"], "state": "unchanged"})

    def finish(self):
        """Does all that is open; returns the targets that had work."""
        names = set()
        while (job := self.claim()) is not None:
            names.add(job["target"]["name"])
            self.complete(job)
        return names

    def status(self, target):
        return self.admin.get(f"/api/v1/targets/name:{target}/status")


@pytest.mark.parametrize("path, patch, expected", [
    ("clusters/name:n1", {"metadata": {"region": "y"}}, {"north"}),
    ("clusters/name:s1?confirm=1", {"state": "closed"}, {"south"}),
    ("clusters/name:s1", {"target": "north"}, {"north", "south"}),
    ("clusters/name:s1", {"metadata": {"brand": "new"}}, {"north", "south"}),
    ("namespaces/name:web", {"expression": "/g/s"}, {"north", "south"}),
    ("namespaces/name:web", {"expression": "/c/n1"}, {"north"}),
    ("namespaces/name:shop", {"description": "nobody has it"}, set()),
    ("applications/name:web", {"releases": [{"version": "1.0.0", "expression": "all"}]}, {"north"}),
    ("policies/name:net", {"path": "policies/other"}, {"north"}),
    ("groups/name:%2Fs", {"metadata": {"region": "z"}}, {"south"}),
    ("groups/name:%2Fs", {"expression": "/c/n1"}, {"north", "south"}),
    ("metadataKeys/name:size", {"default": "big"}, {"north", "south"}),
    ("targets/name:south", {"fluxSource": "other"}, {"south"}),
])
def test_only_targets_that_see_the_change_get_work(fleet, path, patch, expected):
    fleet.admin.patch(f"/api/v1/{path}", patch)
    assert fleet.finish() == expected


def test_a_target_without_work_has_reached_the_revision_as_it_is(fleet):
    before = fleet.status("south")
    fleet.admin.patch("/api/v1/clusters/name:n1", {"metadata": {"region": "y"}})
    north, south = fleet.status("north"), fleet.status("south")
    assert south["done"] == south["wanted"] == north["wanted"] == before["done"] + 1
    assert north["done"] == north["wanted"] - 1


def test_a_target_that_has_work_reaches_later_revisions_with_it(fleet):
    fleet.admin.patch("/api/v1/clusters/name:s1", {"metadata": {"region": "y"}})
    job = fleet.claim()
    fleet.admin.patch("/api/v1/clusters/name:n1", {"metadata": {"region": "y"}})
    fleet.complete(job)
    assert fleet.finish() == {"north", "south"}
    assert fleet.status("south")["done"] == fleet.status("north")["done"]


def test_what_is_parked_stays_so_until_its_own_clusters_change(fleet):
    fleet.admin.patch("/api/v1/clusters/name:s1", {"metadata": {"region": "y"}})
    job = fleet.claim()
    fleet.worker.post(f"/api/v1/jobs/{job['id']}/fail",
                      {"fence": job["fence"], "retry": False, "error": {"code": "invalid", "detail": "broken"}})
    assert fleet.status("south")["parked"]
    fleet.admin.patch("/api/v1/clusters/name:n1", {"metadata": {"region": "y"}})
    assert fleet.status("south")["parked"]
    fleet.admin.patch("/api/v1/clusters/name:s1", {"metadata": {"region": "z"}})
    assert not fleet.status("south")["parked"]
