"""Inventories: all of it or nothing, by name, in any order; and back again."""

import json

import pytest

from resedge_test import FIXTURE
from resedge_test.fleet import API, Copy, cluster, load, names, stores, target

labs = pytest.mark.skipif(not FIXTURE.exists(), reason="the labs' data is not beside this checkout")


def test_references_are_found_in_any_order(admin):
    answer = load(admin, clusters=[cluster("c-1", "/a/b/c")], groups=[{"name": "c", "parent": "/a/b"}, {"name": "b", "parent": "/a"},
                                                                     {"name": "a", "expression": "/g/z"}, {"name": "z"}],
                  applications=[{"name": "shop", "namespace": "web", "path": "/apps/shop"}],
                  namespaces=[{"name": "web", "expression": "/g/a/b", "policies": ["quiet"]}], policies=[{"name": "quiet", "path": "p"}],
                  targets=[target()])

    assert answer["created"] == {"targets": 1, "groups": 4, "policies": 1, "namespaces": 1, "applications": 1, "clusters": 1}
    assert (answer["updated"], answer["unchanged"]) == ({}, 0)
    assert {"noun": "group", "name": "/a/b/c", "op": "create"} in answer["changes"]
    assert names(admin.get(f"{API}/applications/name:web/shop/clusters".replace("web/shop", "web%2Fshop"))) == ["c-1"]
    assert admin.get(f"{API}/applications/name:web/shop")["path"] == "apps/shop"


def test_an_inventory_twice_changes_nothing_the_second_time(admin):
    stores(admin)
    before = Copy(admin)
    answer = stores(admin)

    assert (answer["created"], answer["updated"], answer["changes"], answer["revision"]) == ({}, {}, [], before.revision)
    assert answer["unchanged"] == len(before.docs)
    assert Copy(admin).docs == before.docs


def test_what_an_inventory_does_not_say_stays_as_it_is(admin):
    stores(admin)
    admin.patch(f"{API}/clusters/name:east-1", {"description": "By the sea", "metadata": {"a": "1"}, "capacity": {"memoryLimit": 5}})

    answer = load(admin, clusters=[{"name": "east-1", "tags": ["new"]}])
    assert answer["updated"] == {"clusters": 1}
    assert answer["changes"] == [{"noun": "cluster", "name": "east-1", "op": "update"}]
    document = admin.get(f"{API}/clusters/name:east-1")
    assert (document["description"], document["tags"], document["groups"]) == ("By the sea", ["new"], ["/beta", "/stores/east"])
    assert document["metadata"] == [{"key": "a", "value": "1"}]
    load(admin, clusters=[{"name": "east-1", "description": None, "groups": []}])
    document = admin.get(f"{API}/clusters/name:east-1")
    assert (document["description"], document["groups"], document["tags"]) == (None, [], ["new"])


def test_what_is_required_need_not_be_said_again(admin):
    load(admin, namespaces=[{"name": "web"}], applications=[{"name": "shop", "namespace": "web", "path": "apps/shop"}],
         metadataKeys=[{"name": "size", "type": "enum", "values": ["small", "large"]}])

    answer = load(admin, applications=[{"name": "shop", "namespace": "web", "releases": [{"version": "2.0.0", "expression": "all"}]}],
                  metadataKeys=[{"name": "size", "values": ["small", "medium", "large"]}])
    assert answer["updated"] == {"applications": 1, "metadataKeys": 1}
    assert admin.get(f"{API}/applications/name:web/shop")["path"] == "apps/shop"
    assert admin.get(f"{API}/metadataKeys/name:size")["type"] == "enum"

    problem = admin.refused(422, "POST", f"{API}/apply", {"applications": [{"name": "till", "namespace": "web"}]})
    assert (problem["field"], problem["object"], problem["detail"]) == ("/applications/0/path", 'application "till"', '"path" is missing')
    problem = admin.refused(422, "POST", f"{API}/apply", {"metadataKeys": [{"name": "size", "type": "string"}]})
    assert problem["field"].startswith("/metadataKeys/0/"), problem


def test_a_dry_run_tells_and_writes_nothing(admin):
    stores(admin)
    before = Copy(admin)
    answer = admin.post(f"{API}/apply?dryRun=true", {"clusters": [cluster("new-1"), {"name": "east-1", "tags": ["x"]}]})

    assert (answer["created"], answer["updated"]) == ({"clusters": 1}, {"clusters": 1})
    assert Copy(admin).docs == before.docs
    assert Copy(admin).revision == before.revision


@pytest.mark.parametrize("bad, status, where", [
    ({"clusters": [cluster("ok-1"), cluster("ok-1")]}, 422, "/clusters/1/name"),
    ({"clusters": [cluster("ok-1"), cluster("No Good")]}, 422, "/clusters/1/name"),
    ({"clusters": [cluster("ok-1"), cluster("bad-1", "/nowhere")]}, 422, "/clusters/1/groups"),
    ({"clusters": [cluster("ok-1"), {"name": "bad-1", "colour": 1}]}, 422, "/clusters/1/colour"),
    ({"clusters": [cluster("ok-1")], "namespaces": [{"name": "n-1", "expression": "/g/nowhere"}]}, 422, None),
    ({"clusters": [cluster("ok-1")], "namespaces": [{"name": "n-1", "expression": "/g/beta or or"}]}, 422, None),
    ({"clusters": [cluster("ok-1")], "namespaces": [{"name": "kube-system"}]}, 422, None),
    ({"clusters": [cluster("ok-1")], "groups": [{"name": "a", "expression": "/g/b"}, {"name": "b", "expression": "/g/a"}]}, 422, None),
    ({"clusters": [cluster("ok-1")], "groups": [{"name": "a", "parent": "/b"}, {"name": "b", "parent": "/a"}]}, 422, None),
    ({"clusters": [cluster("ok-1")], "gruops": []}, 422, "/gruops"),
    ({"clusters": {"name": "ok-1"}}, 422, "/clusters"),
])
def test_one_bad_object_and_nothing_is_written(admin, bad, status, where):
    stores(admin)
    before = Copy(admin)
    problem = admin.refused(status, "POST", f"{API}/apply", bad)

    if where:
        assert problem["field"].startswith(where), problem
    after = Copy(admin)
    assert (after.docs, after.revision, after.last_ids) == (before.docs, before.revision, before.last_ids)
    admin.refused(404, "GET", f"{API}/clusters/name:ok-1")


def test_yaml_is_as_good_as_json(admin):
    body = "targets:\n- name: west\n  url: /srv/git/west.git\nclusters:\n- name: c-1\n  metadata: {size: 007, on: yes}\n"
    admin.post(f"{API}/apply", body, headers={"Content-Type": "application/yaml"})
    assert admin.get(f"{API}/clusters/name:c-1")["metadata"][0] == {"key": "on", "value": "yes"}


def test_an_inventory_without_any_target_says_what_to_do(admin):
    problem = admin.refused(422, "POST", f"{API}/apply", {"clusters": [cluster("c-1")]})
    assert problem["field"] == "/clusters/0/target"
    assert "Create a target first" in problem["hint"]


def test_an_export_loads_into_an_empty_database_and_exports_the_same(admin, postgres, template_database, tmp_path):
    from resedge_test.servers import Api

    stores(admin)
    load(admin, metadataKeys=[{"name": "size", "type": "integer", "default": "3"}],
         groups=[{"name": "odd 'name' ☂", "priority": 0, "metadata": {"k": "v: #"}}],
         namespaces=[{"name": "second", "allowed": "/g/stores", "owners": ["z", "a"], "capacity": {"memoryLimit": 64, "cpuLimit": 0.25}}],
         applications=[{"name": "shop", "namespace": "second", "path": "apps/shop", "releases": [{"version": "1.2.0", "expression": "all"}]},
                       {"name": "loose", "path": "apps/loose"}],
         clusters=[cluster("far", state="suspended", timeZone="America/Chicago", location={"latitude": 1.5, "longitude": -90})])
    exported = admin.request("GET", f"{API}/export")
    assert exported.status == 200

    name = postgres.create_database(template_database)
    other = Api(tmp_path, postgres.url(name), name="second-api").start()
    try:
        client = other.client("admin")
        client.post(f"{API}/apply", exported.body)
        assert client.request("GET", f"{API}/export").body == exported.body
    finally:
        other.check_ended_well()
        postgres.drop_database(name)


def test_an_empty_fleet_exports_as_an_empty_inventory(admin):
    exported = admin.get(f"{API}/export")
    assert all(objects == [] for objects in exported.values()) and len(exported) == 7
    assert admin.post(f"{API}/apply", exported)["revision"] == 0


def test_thousands_of_clusters_are_one_revision(admin):
    load(admin, targets=[target()], groups=[{"name": "all"}])
    answer = load(admin, clusters=[cluster(f"c-{n}", "/all", metadata={"n": str(n)}) for n in range(3000)])

    assert (answer["revision"], answer["created"]) == (2, {"clusters": 3000})
    assert admin.get(f"{API}/groups/name:%2Fall/clusters")["@odata.count"] == 3000
    changes = admin.get(f"{API}/changes?since=1")
    assert (len(changes["changes"]), changes["more"], changes["revision"]) == (3000, False, 2)
    copy = Copy(admin)
    assert len(copy.docs) == 3002


@labs
def test_the_labs_fleet_loads_and_selects_what_it_should(admin):
    inventory = json.loads((FIXTURE / "inventory.json").read_text())
    admin.post(f"{API}/targets", target("labs", folderPattern="flat"))
    answer = admin.post(f"{API}/apply", inventory)
    assert answer["created"] == {"groups": 20, "policies": 1, "namespaces": 6, "applications": 6, "clusters": 13}

    admin.patch(f"{API}/namespaces/name:dogs-cats", {"expression": "/g/beta"})
    beta = ["central-la-nola-2301", "east-ga-atl-2301", "west-ca-sd-2301"]
    assert names(admin.get(f"{API}/namespaces/name:dogs-cats/clusters")) == beta
    assert names(admin.get(f"{API}/applications/name:dogs-cats/clusters")) == beta
    exported = admin.request("GET", f"{API}/export").body
    assert admin.post(f"{API}/apply", exported)["changes"] == []
